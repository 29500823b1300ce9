"""Answers to programs, refusals among them, readable from the origins that the house has named and from no other."""

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

from anjuan.core.refusals import Refusal
from anjuan.facilities.viewer import rules
from anjuan.foundation.web.middleware import refused

View = Callable[..., HttpResponseBase]
_METHODS = "GET, HEAD, OPTIONS"
_PREFLIGHT_SECONDS = 600


def crossing(view: View) -> View:
    """Answer GET, HEAD and OPTIONS, and let named origins read what is answered."""

    @functools.wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase
        if request.method == "OPTIONS":
            response = HttpResponse(status=204, headers={"Allow": _METHODS})
        elif request.method not in ("GET", "HEAD"):
            response = HttpResponse(status=405, headers={"Allow": _METHODS})
        else:
            try:
                response = view(request, *args, **kwargs)
            except Refusal as refusal:
                response = refused(request, refusal)
                response["Cache-Control"] = "no-store"
        return _opened(request, response)

    return answered


def _opened(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    origin = request.headers.get("Origin", "")
    patch_vary_headers(response, ("Origin", "Cookie", "Authorization"))
    if rules.may_cross(origin, settings.ANJUAN_IIIF_ORIGINS):
        response["Access-Control-Allow-Origin"] = origin  # never *: what is behind rights is read by whom we named
        response["Access-Control-Allow-Credentials"] = "true"
        response["Access-Control-Expose-Headers"] = "Link, ETag"
        if request.method == "OPTIONS":
            response["Access-Control-Allow-Methods"] = _METHODS
            response["Access-Control-Allow-Headers"] = "Authorization, Accept, If-None-Match"
            response["Access-Control-Max-Age"] = str(_PREFLIGHT_SECONDS)
    return response
