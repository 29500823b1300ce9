import contextlib

from django.http import HttpRequest
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from anjuan.desks.intake import forms, receiving
from anjuan.desks.intake.actions import attaching as actions
from anjuan.desks.intake.panels import attaching as panels
from anjuan.desks.intake.queries import attaching as queries
from anjuan.desks.intake.rules.attaching import Fate
from anjuan.foundation.accounts import occasions

router = Router(tags=["intake"])


class LaidImagesOut(Schema):
    """The receipt of a set of images."""

    uid: str


class ImageFateOut(Schema):
    """What would become of one image."""

    name: str
    code: str
    page: int
    fate: Fate


class ImageReportOut(Schema):
    """What attaching a set would do."""

    uid: str
    name: str
    counts: dict[Fate, int]
    short: list[tuple[str, int, int]]
    images: list[ImageFateOut]


class TwinsOut(Schema):
    """How many pages are sheets of their own although their bytes are equal."""

    twins: int


class AttachJobOut(Schema):
    """The job that attaches a set."""

    job: str


@router.post("/intake/image-sets", response={201: LaidImagesOut}, operation_id="intake_lay_images")
def lay_images(
    request: HttpRequest,
    files: File[list[UploadedFile]] = [],  # noqa: B006 - ninja reads it, nobody writes it
    sendings: Form[list[str]] = [],  # noqa: B006 - ninja reads it, nobody writes it
    name: Form[str] = "",
) -> Status[dict[str, str]]:
    """Lay images down whose names say 档号 and page; nothing is attached yet."""
    actor = occasions.actor_of(request)
    panels.permit(actor)  # nothing is written to our disk for a stranger
    with contextlib.ExitStack() as stack:
        laid = [(stack.enter_context(forms.staged(one)), forms.file_name(one.name or "")) for one in files]
        laid += stack.enter_context(receiving.unpacked(actor, sendings, folders=True))
        uid = actions.lay_images(occasion=occasions.of(request), files=laid, name=name, sendings=sendings)
    return Status(201, {"uid": uid})


@router.get("/intake/image-sets/{uid}", response=ImageReportOut, operation_id="intake_image_set")
def image_set(request: HttpRequest, uid: str) -> dict[str, object]:
    """What attaching would do as things stand now."""
    actor = occasions.actor_of(request)
    row = queries.get_set_for(actor, uid)
    report, _ = queries.report(actor, row)
    return {
        "uid": row.uid,
        "name": row.name,
        "counts": report.counts,
        "short": report.short,
        "images": [
            {"name": one.image.name, "code": one.code, "page": one.page, "fate": one.fate} for one in report.judged
        ],
    }


@router.post("/intake/image-sets/{uid}/twins", response={200: TwinsOut}, operation_id="intake_keep_twins")
def keep_twins(request: HttpRequest, uid: str) -> dict[str, int]:
    """Say that pages with equal bytes are sheets of their own."""
    return {"twins": actions.keep_twins(occasion=occasions.of(request), uid=uid)}


@router.post("/intake/image-sets/{uid}/attach", response={202: AttachJobOut}, operation_id="intake_attach_images")
def attach(request: HttpRequest, uid: str) -> Status[dict[str, str]]:
    """Attach what has its record; the misses stay in the report."""
    return Status(202, {"job": actions.attach_images(occasion=occasions.of(request), uid=uid)})
