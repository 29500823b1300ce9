import datetime as dt

from django.contrib.auth import authenticate
from django.http import HttpRequest
from ninja import Router, Schema, Status

from anjuan.core.refusals import Refusal
from anjuan.foundation.accounts import actions, occasions, queries

router = Router(tags=["session"])


class CredentialsIn(Schema):
    """Who asks for a token."""

    staff_code: str
    password: str


class TokenOut(Schema):
    """A bearer token; its text is shown this once."""

    token: str
    token_type: str = "Bearer"  # noqa: S105
    expires_at: dt.datetime


@router.post("/session", response={201: TokenOut}, auth=None, operation_id="session_open")
def open_session(request: HttpRequest, body: CredentialsIn) -> Status[dict[str, object]]:
    """Log in for programmes: a bearer token for twelve hours, sent as ``Authorization: Bearer …``."""
    staff_code, terminal = body.staff_code.strip(), str(request.META.get("REMOTE_ADDR", ""))
    # By its own field name: the lock counts failures under the name that the credentials carry.
    user = authenticate(request, staff_code=staff_code, password=body.password)
    if user is None:
        actions.refuse_log_in(occasion=occasions.now(actions.FOUNDER), staff_code=staff_code, terminal=terminal)
        if getattr(request, "axes_locked_out", False):
            request.axes_locked_out = False  # type: ignore[attr-defined]  # answered here, not by a page
            raise Refusal("A-009")
        raise Refusal("A-008")
    actor = queries.actor_for(user.get_username(), on=occasions.today())
    token = actions.issue_token(occasion=occasions.now(actor), terminal=terminal)
    return Status(201, {"token": token.text, "expires_at": token.expires_at})
