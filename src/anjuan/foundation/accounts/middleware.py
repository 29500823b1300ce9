"""Who acts in this request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from anjuan.core.refusals import Refusal
from anjuan.foundation.accounts import occasions, queries


class ActorMiddleware:
    """Sets ``request.actor`` and ``request.agency_name`` from the session or a bearer token; both may be None."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Find the actor, then go on."""
        staff_code: str | None = None
        bearer = request.headers.get("Authorization", "")
        by_token = bearer.startswith("Bearer ")
        # Viewers of others ask for images with a token; our own asks with its session.
        if request.path.startswith("/api/") or (by_token and request.path.startswith("/iiif/")):
            if by_token:
                staff_code = queries.staff_by_token(bearer.removeprefix("Bearer ").strip(), at=timezone.now())
        elif request.path.startswith("/static/"):
            return self.get_response(request)
        elif request.user.is_authenticated:
            staff_code = request.user.get_username()
        request.actor = None  # type: ignore[attr-defined]
        request.agency_name = ""  # type: ignore[attr-defined]
        if staff_code:
            try:
                actor = queries.actor_for(staff_code, on=occasions.today())
            except Refusal:  # enrolled once, no longer active: treated as nobody
                return self.get_response(request)
            request.actor = actor  # type: ignore[attr-defined]
            if not request.path.startswith(("/iiif/", "/api/")):  # their answers have no head that would name it
                request.agency_name = queries.agency(actor.agency_code).name  # type: ignore[attr-defined]
        return self.get_response(request)
