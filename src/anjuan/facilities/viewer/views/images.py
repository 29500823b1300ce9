import json

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.urls import reverse

from anjuan.facilities.viewer import queries, serving
from anjuan.facilities.viewer.rules import images
from anjuan.facilities.viewer.views.crossing import crossing

_PROFILE_LINK = f'<http://iiif.io/api/image/3/{images.PROFILE}.json>;rel="profile"'
_JSON_LD = 'application/ld+json;profile="http://iiif.io/api/image/3/context.json"'


@crossing
def base(request: HttpRequest, name: str) -> HttpResponseBase:
    serving.page_named(request, name)
    return HttpResponse(status=303, headers={"Location": _address(request, name) + "/info.json"})


@crossing
def described(request: HttpRequest, name: str) -> HttpResponseBase:
    _, page_id, size = serving.page_named(request, name)
    body = images.described(_address(request, str(page_id)), size, queries.LIMITS)
    return told(request, body, _JSON_LD, _PROFILE_LINK)


@crossing
def image(request: HttpRequest, name: str, asked: str) -> HttpResponseBase:
    row, page_id, size = serving.page_named(request, name)
    plan = images.plan(asked, size, queries.LIMITS)
    # What an identifier shows never changes, so that the request itself is the tag.
    tag = f'"{row.sha512[:24]}-{page_id.page}-{page_id.turn}-{plan.canonical}"'
    headers = {
        "ETag": tag,
        "Link": f'<{_address(request, str(page_id))}/{plan.canonical}>;rel="canonical", {_PROFILE_LINK}',
        # The browser asks each time: rights may have changed, or somebody else may sit at this PC now.
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers=headers)
    octets = (
        b"" if request.method == "HEAD" else serving.region(request, row, page_id, size, plan)
    )  # HEAD shows nothing
    return HttpResponse(octets, content_type=images.FORMATS[plan.format], headers=headers)


def told(request: HttpRequest, body: object, json_ld: str, link: str = "") -> HttpResponse:
    """JSON, called JSON-LD if the asker knows it by that name."""
    likes = "application/ld+json" in request.headers.get("Accept", "")
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        content_type=json_ld if likes else "application/json",
        headers={"Cache-Control": "private, no-cache", "Vary": "Accept"},
    )
    if link:
        response["Link"] = link
    return response


def _address(request: HttpRequest, name: str) -> str:
    return request.build_absolute_uri(reverse("iiif:base", args=[name]))
