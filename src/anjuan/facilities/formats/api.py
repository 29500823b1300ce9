from collections.abc import Iterable, Mapping

from django.http import FileResponse, HttpRequest
from ninja import Router, Schema

from anjuan.facilities.formats import serving
from anjuan.facilities.formats.queries import FindingRow
from anjuan.records.rows import ComponentRow

router = Router(tags=["pages"])


class FormatFlagOut(Schema):
    """What a file was flagged for when it came in; a person judges it."""

    component_pk: int
    code: str
    severity: str
    zh: str
    en: str


def flags_out(
    components: Iterable[ComponentRow], findings: Mapping[str, tuple[FindingRow, ...]]
) -> list[dict[str, object]]:
    """The flags of an item's files, in the order of the files."""
    return [
        {
            "component_pk": component.pk,
            "code": row.code,
            "severity": row.severity,
            "zh": row.message("zh"),
            "en": row.message("en"),
        }
        for component in components
        for row in findings.get(component.sha512, ())
    ]


@router.get("/components/{component}/pages/{page}", operation_id="pages_view")
def view(request: HttpRequest, component: int, page: int) -> object:
    """One page as a JPEG. Opening it counts as having looked at it, as on the screen."""
    return serving.open_view(request, component, page)


@router.get("/components/{component}/original", operation_id="pages_original")
def original(request: HttpRequest, component: int) -> FileResponse:
    """The file as it was captured, all its bytes verified."""
    return serving.open_original(request, component)
