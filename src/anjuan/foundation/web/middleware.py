"""The outermost edge: a refusal becomes a page, a fragment or problem details; a fault becomes a reference number."""

import json
import logging
import secrets
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language

from anjuan.core.refusals import Refusal, catalogue
from anjuan.foundation.web.context import actor_of
from anjuan.foundation.web.faults import quotes_a_row, told

log = logging.getLogger(__name__)

View = Callable[..., Any]

# Django turns these into their own pages; they are answers, not faults.
_ANSWERED_ELSEWHERE = (Http404, PermissionDenied, SuspiciousOperation, BadRequest, MultiPartParserError)


def wants_json(request: HttpRequest) -> bool:
    """Whether a programme asks: below ``/api/`` or ``/iiif/``, or JSON liked better than a page."""
    if request.path.startswith(("/api/", "/iiif/")):
        return True
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def is_fragment(request: HttpRequest) -> bool:
    """Whether HTMX asks for a piece of a page (a boosted link asks for a whole one)."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def reference(letter: str) -> str:
    """A number to quote on the telephone: date and eight drawn characters; it names nobody and nothing."""
    return f"{letter}{timezone.localtime():%Y%m%d}-{secrets.token_hex(4).upper()}"


def problem(request: HttpRequest, *, status: int, title: str, kind: str = "about:blank", **more: Any) -> JsonResponse:
    """Problem details (RFC 9457)."""
    body = {"type": kind, "title": title, "status": status, "instance": request.path, **more}
    return JsonResponse(
        body, status=status, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False}
    )


def _kind(code: str) -> str:
    try:
        return reverse("web:refusal", kwargs={"code": code})
    except NoReverseMatch:
        return "about:blank"


def refusal_words(refusal: Refusal) -> dict[str, Any]:
    """A refusal as ``web/_refusal.html`` shows it, in the reader's language."""
    language = get_language() or "zh"
    return {
        "code": refusal.code,
        "message": refusal.message(language),
        "clause": refusal.clause,
        "remedy": refusal.remedy(language),
        "reference": reference("R"),
        "status": refusal.entry.status,
    }


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The answer to a refused act: problem details, a fragment beside the field, or a page."""
    language = get_language() or "zh"
    kind = _kind(refusal.code)
    words = {**refusal_words(refusal), "kind": kind}
    actor = actor_of(request)
    # Codes and people only: the parameters may hold personal data.
    log.info("%s refused %s to %s", words["reference"], refusal.code, actor.staff_code if actor else "nobody")
    if wants_json(request):
        return problem(
            request,
            status=refusal.entry.status,
            title=Refusal(refusal.code).message(
                language
            ),  # the same at every occurrence; the particulars are the detail
            kind=kind,
            detail=words["message"],
            code=refusal.code,
            clause=refusal.clause,
            remedy=words["remedy"],
            reference=words["reference"],
        )
    template = "web/_refusal.html" if is_fragment(request) else "web/refusal.html"
    back = request.headers.get("Referer", "")
    here = f"{request.scheme}://{request.get_host()}/"
    back = back if back.startswith(here) else ""
    response = render(request, template, {"refusal": words, "back": back}, status=refusal.entry.status)
    response["X-Refusal"] = refusal.code
    return response


def at_most(most_bytes: int, refusal: Callable[[], Refusal]) -> Callable[[View], View]:
    """Say of a view how large its requests may be; a larger one is refused before it is read or kept anywhere.

    Args:
        most_bytes: of the whole body; some kilobytes of form stand round a file.
        refusal: what is said of a larger one.
    """

    def mark(view: View) -> View:
        view.at_most = (most_bytes, refusal)  # type: ignore[attr-defined]
        return view

    return mark


class BodyMiddleware:
    """What no view should meet: bodies larger than it takes, and NUL, which not every engine can keep in a text."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Hand the request on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: object, kwargs: object) -> HttpResponse | None:
        """Refuse, once it is known whose request it is and who asks, and before the body is read."""
        if (limit := getattr(view, "at_most", None)) and _length(request) > limit[0]:
            return refused(request, limit[1]())
        if any("\x00" in text for text in _texts(request)):
            raise BadRequest("NUL")
        return None


def _length(request: HttpRequest) -> int:
    declared = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(declared) if declared.isascii() and declared.isdigit() and len(declared) < 19 else 0


def _texts(request: HttpRequest) -> Iterator[str]:
    """Everything a request says: path, query, form with the names of its files, JSON."""
    yield request.path
    yield urllib.parse.unquote(str(request.META.get("QUERY_STRING", "")))
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    if request.content_type not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        if b"\\u0000" in request.body:
            try:
                yield from _strings(json.loads(request.body))
            except (ValueError, RecursionError):  # no JSON: the view says so itself
                return
        return
    try:
        for name, values in request.POST.lists():
            yield name
            yield from (str(value) for value in values)
        yield from request.FILES
        if not request.POST and not request.FILES and not hasattr(request, "_body"):
            request._body = b""  # a form that says nothing: whoever asks for its bytes finds none, as in a bare POST
    except UnreadablePostError:  # the reader has gone; nobody waits for an answer
        return


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)
    elif isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from _strings(part)


class RefusalMiddleware:
    """Maps what a view raises. Faults go on to Django's own handling, so that tests and error mails still see them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Hand the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal; number a fault."""
        if isinstance(exception, Refusal) and exception.code in catalogue():
            return refused(request, exception)
        if not isinstance(exception, _ANSWERED_ELSEWHERE):
            number = reference("F")
            request.fault_reference = number  # type: ignore[attr-defined]
            # A database error quotes the row it stumbled over; only its kind and place are written down.
            if quotes_a_row(exception):
                log.error("%s %s %s\n%s", number, request.method, request.path, told(exception))
            else:
                log.error("%s %s %s", number, request.method, request.path, exc_info=exception)
        return None
