"""Frozen rows of papers, notes, numbers and forwardings, as the filing pages draw them."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anjuan.core.terms import Actor, Arrangement, Custody, Post, State
from anjuan.desks.filing import queries
from anjuan.desks.filing.models import Forwarding, PrintRun, VolumeNote
from anjuan.facilities.numbering.rules import spans
from anjuan.facilities.printing.rules import SPINE_WIDTHS, FormName
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web import labels
from anjuan.foundation.web.panels import address
from anjuan.records import queries as records
from anjuan.records.rows import VolumeRow

FORM_WORDS: dict[FormName, Promise] = {
    FormName.COVER: gettext_lazy("Cover"),
    FormName.SPINE: gettext_lazy("Spine"),
    FormName.CONTENTS: gettext_lazy("Contents list"),
    FormName.NOTE: gettext_lazy("Reference note"),
    FormName.BOX_LABEL: gettext_lazy("Box label"),
    FormName.FILE_LIST: gettext_lazy("List of items"),
    FormName.STAMP: gettext_lazy("Archival stamp"),
    FormName.MATERIALS: gettext_lazy("Handover sheet"),
}
_NOTE_WORDS: dict[str, Promise] = {
    VolumeNote.Kind.MISSING: gettext_lazy("lost or damaged"),
    VolumeNote.Kind.ALTERED: gettext_lazy("altered"),
    VolumeNote.Kind.ADDED: gettext_lazy("added"),
    VolumeNote.Kind.MOVED_OUT: gettext_lazy("moved out"),
    VolumeNote.Kind.REMARK: gettext_lazy("remark"),
}
_BEFORE_SELF_CHECK = (State.FILING, State.FILED, State.RETURNED)
_PREVIEWED = (FormName.COVER, FormName.CONTENTS, FormName.NOTE, FormName.SPINE)


@dataclass(frozen=True)
class Paper:
    """One paper that can be opened: what it is called, and where."""

    title: str
    url: str
    form: str = ""


def papers(sheet: queries.VolumeSheet) -> list[Paper]:
    """The papers of a volume; those of a box of single items only where it is one. The spine in each width."""
    is_box = sheet.volume.arrangement is Arrangement.BY_ITEM
    found = []
    for form, words in FORM_WORDS.items():
        if form in queries.BY_ITEM_ONLY and not is_box:
            continue
        url = reverse("filing:print", kwargs={"urn": sheet.volume.urn, "form": form.value})
        if form is FormName.SPINE:
            found += [Paper(f"{words} {width} mm", f"{url}?mm={width}", form) for width in SPINE_WIDTHS]
        else:
            found.append(Paper(str(words), url, form))
    if sheet.volume.state not in _BEFORE_SELF_CHECK:
        found.append(Paper(_("Self-check sheet"), address("inspection:self_check_sheet", urn=sheet.volume.urn)))
    labels_url = reverse("filing:labels", kwargs={"urn": sheet.volume.urn})
    found.append(Paper(_("Barcode of the volume"), labels_url))
    found.append(Paper(_("Barcodes with the items"), f"{labels_url}?items=1"))
    return found


def previews(sheet: queries.VolumeSheet) -> list[Paper]:
    """Pictures of the papers as they would be, before the seal."""
    return [
        Paper(
            str(FORM_WORDS[form]),
            reverse("filing:preview", kwargs={"urn": sheet.volume.urn, "form": form.value}),
            form,
        )
        for form in _PREVIEWED
    ]


def print_forms(forms: Iterable[FormName]) -> list[tuple[str, str, bool]]:
    """The papers that can be printed in bulk, the usual ones ticked."""
    usual = (FormName.COVER, FormName.CONTENTS, FormName.NOTE)
    return [(form.value, str(FORM_WORDS[form]), form in usual) for form in forms]


@dataclass(frozen=True)
class PrintLine:
    """One print run; without an address while it is being printed."""

    title: str
    made_at: dt.datetime
    forms: str
    url: str
    is_cleared: bool


def print_lines(runs: Sequence[PrintRun]) -> list[PrintLine]:
    """Print runs, each with its file as soon as there is one."""
    return [
        PrintLine(
            run.title,
            run.made_at,
            "、".join(str(FORM_WORDS[FormName(form)]) for form in run.forms),
            reverse("filing:print_run", kwargs={"uid": run.uid})
            if (queries.print_folder(run.uid) / "whole.pdf").exists()
            else "",
            timezone.now() - run.made_at > dt.timedelta(days=settings.ANJUAN_SPOOL_DAYS),
        )
        for run in runs
    ]


@dataclass(frozen=True)
class NoteLine:
    """One line of a reference note as the page shows it."""

    kind: str
    text: str
    who: str
    at: dt.datetime


def note_lines(notes: Sequence[queries.NoteRow]) -> list[NoteLine]:
    """The lines of a reference note, with names."""
    names = accounts.staff_names({note.noted_by for note in notes})
    return [
        NoteLine(str(_NOTE_WORDS[note.kind]), note.text, names.get(note.noted_by, note.noted_by), note.noted_at)
        for note in notes
    ]


def note_kinds() -> list[tuple[str, str]]:
    """What a line of the note may be."""
    return [(str(kind), str(words)) for kind, words in _NOTE_WORDS.items()]


def reference_of(urn: str) -> tuple[str, str]:
    """How a volume is called, and where its page is."""
    found = records.volumes_by_urn([urn])
    return (found[urn].reference if urn in found else urn), address("search:volume", urn=urn)


def may_forward(volume: VolumeRow) -> bool:
    """Whether a notice may be drawn up from here."""
    is_dossier = volume.arrangement in (Arrangement.PERSON_DOSSIER, Arrangement.EMPLOYER_DOSSIER)
    return is_dossier and bool(volume.reference_code) and volume.custody is not Custody.FORWARDED


def may_renumber(actor: Actor) -> bool:
    """Whether the form for numbering anew is shown."""
    return actor.holds(Post.ARCHIVIST)


@dataclass(frozen=True)
class RunCard:
    """One run of numbers as the page shows it."""

    run: queries.RunRow
    kind_words: str
    missing: str
    missing_numbers: tuple[int, ...]
    list_url: str


def run_card(run: queries.RunRow) -> RunCard:
    """A run in words: what is missing as spans."""
    return RunCard(
        run,
        labels.label(run.arrangement),
        "、".join(str(first) if first == last else f"{first}–{last}" for first, last in spans(run.standing.missing)),
        run.standing.missing[:20],
        reverse("filing:volume_list", kwargs={"year": run.year, "category": run.category_code}),
    )


@dataclass(frozen=True)
class ForwardingLine:
    """One forwarding as the list shows it."""

    row: queries.ForwardingRow
    volume: VolumeRow
    words: str
    tone: str
    may_send: bool
    may_receipt: bool
    may_cancel: bool


def forwarding_lines(rows: Sequence[tuple[queries.ForwardingRow, VolumeRow]], today: dt.date) -> list[ForwardingLine]:
    """Forwardings with their stage in words; an overdue receipt is red."""
    words = {
        Forwarding.Stage.PREPARED: (_("drawn up"), "wait"),
        Forwarding.Stage.SENT: (_("on its way"), "wait"),
        Forwarding.Stage.RECEIPTED: (_("receipt entered"), "good"),
        Forwarding.Stage.CANCELLED: (_("called back, number voided"), "plain"),
    }
    found = []
    for row, volume in rows:
        said, tone = words[Forwarding.Stage(row.stage)]
        if row.is_overdue(today):
            said, tone = _("receipt overdue"), "bad"
        found.append(
            ForwardingLine(
                row,
                volume,
                said,
                tone,
                may_send=row.stage == Forwarding.Stage.PREPARED,
                may_receipt=row.stage == Forwarding.Stage.SENT,
                may_cancel=row.stage not in queries.ENDED,
            )
        )
    return found
