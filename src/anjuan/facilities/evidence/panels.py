"""The auditor's door to the log, its numbers, its picture, and what a proof says in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from anjuan.facilities.evidence import queries
from anjuan.facilities.evidence.queries import DayRow, Proof, RecordProof, Standing
from anjuan.facilities.evidence.rules import growth_points
from anjuan.facilities.signing.rules import KeyRow
from anjuan.foundation.web import labels
from anjuan.foundation.web.panels import Panel, RailEntry
from anjuan.foundation.web.shapes import Tile, Tone

RAIL = (
    RailEntry(
        title=gettext_lazy("Evidence log"),
        url_name="evidence:log",
        icon="fingerprint",
        posts=frozenset(queries.READERS),
        group="USE",
        order=70,
    ),
)
PANELS = (Panel(slot="item.aside", title=gettext_lazy("Proof of its story"), url_name="evidence:record", order=70),)
WIDTH, HEIGHT = 720, 150


@dataclass(frozen=True)
class Picture:
    """The growth of the log as a line and the area beneath it."""

    line: str
    area: str
    first: str
    last: str
    most: int


@dataclass(frozen=True)
class KeyLine:
    """One generation of a key as the table draws it."""

    row: KeyRow
    kind: str
    words: str
    tone: Tone
    icon: str


def tiles(standing: Standing, days: Sequence[DayRow]) -> list[Tile]:
    """The numbers at the head of the page."""
    newest = standing.newest
    closed = next((row for row in days if not row.no), None)
    late = standing.behind + standing.waiting > 0
    return [
        Tile(
            _("Entries under the newest checkpoint"),
            newest.size if newest else 0,
            note=f"{timezone.localtime(newest.published_at):%Y-%m-%d %H:%M:%S}" if newest else _("none yet"),
            icon="fingerprint",
        ),
        Tile(
            _("Not under a checkpoint yet"),
            standing.behind + standing.waiting,
            note=_("a checkpoint comes every ten seconds while the log grows") if late else _("all is covered"),
            icon="clock",
        ),
        Tile(_("Checkpoints published"), standing.checkpoints, note=_("every one of them is kept"), icon="stamp"),
        Tile(
            _("Last day written down"),
            closed.day.isoformat() if closed else "—",
            url="#days",
            note=closed.stamp_authority if closed else _("after the first midnight"),
            icon="calendar",
        ),
    ]


def picture(standing: Standing) -> Picture | None:
    """The growth curve; none while there are fewer than two checkpoints."""
    points = growth_points(list(standing.growth), width=WIDTH, height=HEIGHT)
    if not points:
        return None
    line = " ".join(f"{x},{y}" for x, y in points)
    return Picture(
        line=line,
        area=f"0,{HEIGHT} {line} {points[-1][0]},{HEIGHT}",
        first=f"{timezone.localtime(standing.growth[0][0]):%Y-%m-%d}",
        last=f"{timezone.localtime(standing.growth[-1][0]):%Y-%m-%d}",
        most=standing.growth[-1][1],
    )


def key_lines(rows: Sequence[KeyRow]) -> list[KeyLine]:
    """Keys with what is to be said of each."""
    lines = []
    for row in rows:
        words, tone, icon = (_("signs now"), "good", "circle-check") if row.is_current else (_("rests"), "", "clock")
        if row.revoked_at:
            words, tone, icon = _("not believed any more"), "bad", "ban"
        lines.append(KeyLine(row, labels.label(row.kind), words, tone, icon))  # type: ignore[arg-type]
    return lines


def proof_words(proof: Proof) -> list[str]:
    """What was reckoned, in the order in which anybody can reckon it again."""
    steps = len(proof.path)
    return [
        _("The entry stands in the log at position %(position)s; its bytes are shown below.")
        % {"position": proof.position},
        ngettext(
            "From its hash and %(n)s neighbour the root is reckoned, as RFC 9162 says.",
            "From its hash and %(n)s neighbours the root is reckoned, as RFC 9162 says.",
            steps,
        )
        % {"n": steps},
        _("The result is the root that the signed checkpoint of %(size)s entries names.")
        % {"size": proof.checkpoint.size}
        if proof.holds
        else _("The result is NOT the root of the checkpoint: the log was changed."),
    ]


def record_words(found: RecordProof) -> str:
    """What the log says of a record's story, in one sentence."""
    count = len(found.lines)
    if not found.is_whole:
        return _("Lines of this story are NOT those of the log: call the auditor.")
    if not count:
        return _("No line of this story is under a checkpoint yet.")
    said = ngettext(
        "%(n)s line of this story is proven in the evidence log.",
        "All %(n)s lines of this story are proven in the evidence log.",
        count,
    ) % {"n": count}
    if found.waiting:
        said += " " + ngettext(
            "%(n)s more waits for a checkpoint.", "%(n)s more wait for a checkpoint.", found.waiting
        ) % {"n": found.waiting}
    return said
