import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema, Status

from anjuan.desks.intake import forms, receiving
from anjuan.desks.intake import queries as counter
from anjuan.desks.intake.actions import sendings as actions
from anjuan.desks.intake.queries import sendings as queries
from anjuan.foundation.accounts import occasions

router = Router(tags=["intake"])


class SendingIn(Schema):
    """A large file that will come in pieces."""

    name: str
    size_bytes: int


class SendingOut(Schema):
    """A file on its way in, and how much of it is here."""

    uid: str
    name: str
    size_bytes: int
    received: int
    begun_at: dt.datetime
    is_whole: bool


class ReceivedOut(Schema):
    """How much is here: where the next piece begins."""

    received: int


class WholeIn(Schema):
    """What the sender reckoned of the whole file."""

    sha256: str


class WholeOut(Schema):
    """What was reckoned here."""

    sha256: str


@router.get("/intake/sendings", response=list[SendingOut], operation_id="intake_sendings")
def sendings(request: HttpRequest) -> list[queries.SendingRow]:
    """What one has begun to send and not used yet."""
    actor = occasions.actor_of(request)
    counter.permit_registering(actor)
    return queries.sendings_of(actor)


@router.post("/intake/sendings", response={201: SendingOut}, operation_id="intake_begin_sending")
def begin(request: HttpRequest, body: SendingIn) -> Status[queries.SendingRow]:
    """Begin to send a file, or find the same one that was broken off."""
    row = actions.begin_sending(
        occasion=occasions.of(request), name=forms.file_name(body.name), size_bytes=body.size_bytes
    )
    return Status(201, row)


@router.put("/intake/sendings/{uid}/pieces/{int:offset}", response=ReceivedOut, operation_id="intake_add_piece")
def add_piece(request: HttpRequest, uid: str, offset: int) -> dict[str, int]:
    """A piece of at most 8 MiB as the body; one that is here already is passed over."""
    return {"received": receiving.add_piece(occasions.actor_of(request), uid, offset, request.body)}


@router.post("/intake/sendings/{uid}/finish", response=WholeOut, operation_id="intake_finish_sending")
def finish(request: HttpRequest, uid: str, body: WholeIn) -> dict[str, str]:
    """Say that the file is whole; its digest is held against the sender's."""
    return {"sha256": actions.finish_sending(occasion=occasions.of(request), uid=uid, sha256=body.sha256)}


@router.delete("/intake/sendings/{uid}", response={204: None}, operation_id="intake_drop_sending")
def drop(request: HttpRequest, uid: str) -> Status[None]:
    """Take a sending out of the spool."""
    actions.drop_sending(occasion=occasions.of(request), uid=uid)
    return Status(204, None)
