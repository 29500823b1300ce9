"""What the pages of this desk share: files to be downloaded, and who may write."""

from collections.abc import Sequence
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from anjuan.core import workbooks
from anjuan.core.terms import Post
from anjuan.desks.rulebook.actions import REQUIRED
from anjuan.foundation.accounts import occasions

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sheet(found: Sequence[workbooks.Sheet], name: str, kind: str) -> HttpResponse:
    """A workbook; or as CSV the first sheet, or the one that is asked for by its number."""
    if kind.startswith("csv"):
        place = int(kind[3:]) - 1 if kind[3:].isdecimal() and len(kind) < 6 else 0
        chosen = found[place] if 0 <= place < len(found) else found[0]
        answer = HttpResponse(workbooks.write_csv(chosen), content_type="text/csv; charset=utf-8")
        ending = "csv"
    else:
        answer = HttpResponse(workbooks.write_xlsx(found), content_type=XLSX)
        ending = "xlsx"
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.{ending}"
    return answer


def may_write(request: HttpRequest) -> bool:
    """Whether the reader keeps the rules of the whole house: table and steps."""
    return occasions.actor_of(request).holds_for_all(Post.ARCHIVIST)


def consent_required() -> bool:
    """Whether no table comes into force without the archive authority's consent."""
    return bool(settings.ANJUAN_SCHEDULE_CONSENT == REQUIRED)
