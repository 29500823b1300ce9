"""What stands on the papers of a volume (案卷用纸), and which issues of them there were."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from anjuan.core import arrangement
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Arrangement, Duty, Post, SubjectKind
from anjuan.desks.filing.models import ContentsIssue, PrintRun, Supplement, VolumeNote
from anjuan.desks.filing.queries.volumes import VolumeSheet, sheet
from anjuan.facilities.condition import queries as condition
from anjuan.facilities.corrections import queries as corrections
from anjuan.facilities.numbering import queries as numbering
from anjuan.facilities.printing.rules import FormName, spine_width
from anjuan.facilities.stacks import queries as stacks
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import queries as journal
from anjuan.records import queries as records
from anjuan.records.rows import ItemRow, SubjectRow

# Who may print the papers that lie in a volume: they carry whole identity numbers, as the standard's forms ask.
PRINTING_POSTS = (
    Post.FILER,
    Post.CHECKER,
    Post.ARCHIVIST,
    Post.SUPERVISOR,
    Post.ACCEPTOR,
    Post.RECEIVER,
    Post.RECHECKER,
    Post.KEEPER,
)

BULK_POSTS = (Post.FILER, Post.ARCHIVIST, Post.KEEPER)  # who has papers of many volumes printed
BY_ITEM_ONLY = frozenset({FormName.BOX_LABEL, FormName.FILE_LIST, FormName.STAMP})
_SEALING = ("filing.seal", "filing.resubmit")


@dataclass(frozen=True)
class NoteRow:
    """One line of a reference note."""

    kind: str
    text: str
    noted_by: str
    noted_at: dt.datetime


@dataclass(frozen=True)
class IssueRow:
    """One issue of a contents list; the last one is what is sealed now."""

    issue_no: int
    reference_code: str
    rows: tuple[tuple[str, str, int, int], ...]
    item_count: int
    page_count: int
    reason: str
    issued_by: str
    issued_at: dt.datetime


def notes_of(volume_urn: str) -> list[NoteRow]:
    """The lines of a volume's reference note, oldest first."""
    rows = VolumeNote.objects.filter(volume_urn=volume_urn).order_by("noted_at", "id")
    return [NoteRow(row.kind, row.text, row.noted_by, row.noted_at) for row in rows]


def issues_of(volume_urn: str) -> list[IssueRow]:
    """Every issue of a volume's contents list, the newest first (卷内目录各版)."""
    return [_issue(row) for row in ContentsIssue.objects.filter(volume_urn=volume_urn).order_by("-issue_no")]


def supplements_of(volume_urn: str) -> tuple[str, list[str]]:
    """Which volume this one supplements (none: empty), and which supplement it: by URN."""
    first = Supplement.objects.filter(volume_urn=volume_urn).values_list("of_urn", flat=True).first()
    return first or "", list(
        Supplement.objects.filter(of_urn=volume_urn).order_by("id").values_list("volume_urn", flat=True)
    )


def issue_facts(actor: Actor, urn: str, issue_no: int) -> Mapping[str, object]:
    """An earlier contents list as it was issued (旧版卷内目录): its order, codes and pages; names as they are now.

    Raises:
        A-001: the actor's post does not handle volumes.
        R-009: there is no such volume or issue, or the actor may not see it.
    """
    found = sheet(actor, urn)
    permit(actor, found.volume.agency_path, *PRINTING_POSTS)
    row = ContentsIssue.objects.filter(volume_urn=urn, issue_no=issue_no).first()
    if row is None:
        raise Refusal("R-009", what=f"第 {issue_no} 版 issue")
    issue = _issue(row)
    items = {item.urn: item for item in records.get_items_for(actor, [one[0] for one in issue.rows])}
    subjects = records.subjects_of(list(items))
    agency_name = accounts.agency(found.volume.agency_code).name
    rows = []
    for place, (item_urn, _code, first, last) in enumerate(issue.rows, 1):
        item = items[item_urn]
        rows.append(
            _contents_row(place, item, subjects[item_urn], agency_name, first, last)
            | {"remark": _class_words(found, item.category_code)}
        )
    day = timezone.localdate(issue.issued_at).isoformat()
    return {
        "title": f"{found.volume.title}（第 {issue_no} 版，{day}）",
        "reference_code": issue.reference_code,
        "rows": rows,
    }


def get_print_for(actor: Actor, uid: str) -> PrintRun:
    """A print run: for whoever had it made, while a post of his covers its volumes; whole identity numbers stand in it.

    Raises:
        A-001: he no longer files, looks after or keeps the records of one of its agencies.
        R-009: there is none, or it is another's.
    """
    row: PrintRun | None = PrintRun.objects.filter(uid=uid, made_by=actor.staff_code).first()
    if row is None:
        raise Refusal("R-009", what=f"打印 print {uid[:8]}")
    for path in {volume.agency_path for volume in records.volumes_by_urn(row.volumes).values()}:
        permit(actor, path, *BULK_POSTS)
    return row


def prints_of(actor: Actor, *, limit: int = 20) -> list[PrintRun]:
    """The actor's print runs, newest first."""
    return list(PrintRun.objects.filter(made_by=actor.staff_code).order_by("-made_at", "-id")[:limit])


def print_folder(uid: str) -> Path:
    """Where the file of a print run lies: in the home, beside no record; it can be made again at any time."""
    return Path(settings.ANJUAN_HOME) / "prints" / uid


def stale_prints(before: dt.datetime) -> list[Path]:
    """Folders of print runs that were made before a moment, or that no run names and nobody has touched since."""
    place = Path(settings.ANJUAN_HOME) / "prints"
    folders = {path.name: path for path in place.iterdir() if path.is_dir()} if place.is_dir() else {}
    made = dict(PrintRun.objects.filter(uid__in=folders).values_list("uid", "made_at"))
    return [
        path
        for uid, path in sorted(folders.items())
        if (made[uid] < before if uid in made else path.stat().st_mtime < before.timestamp())
    ]


def print_by_uid(uid: str) -> PrintRun | None:
    """A print run, rights not judged: for the job that makes it."""
    return PrintRun.objects.filter(uid=uid).first()


def printed_facts(actor: Actor, urn: str, form: FormName) -> Mapping[str, object]:
    """What stands on a printed paper of a volume (案卷用纸): cover, spine, contents, note, and a box's own.

    Raises:
        P-003: the form is no volume's paper, or that of a box of single items.
        A-001: the actor's post does not handle volumes.
        R-009: there is no such volume, or the actor may not see it.
    """
    found = sheet(actor, urn)
    permit(actor, found.volume.agency_path, *PRINTING_POSTS)
    facts: Mapping[FormName, Callable[[VolumeSheet], Mapping[str, object]]] = {
        FormName.COVER: _cover_facts,
        FormName.CONTENTS: _contents_facts,
        FormName.NOTE: _note_facts,
        FormName.SPINE: _spine_facts,
        FormName.BOX_LABEL: _box_facts,
        FormName.FILE_LIST: _file_list_facts,
        FormName.STAMP: _stamp_facts,
        FormName.MATERIALS: _materials_facts,
    }
    if form not in facts or (form in BY_ITEM_ONLY and found.volume.arrangement is not Arrangement.BY_ITEM):
        raise Refusal("P-003", form=form.value)
    return facts[form](found)


def _cover_facts(found: VolumeSheet) -> Mapping[str, object]:
    volume, days = found.volume, sorted(item.formed_date.isoformat() for item in found.items)
    return {
        "agency_name": accounts.agency(volume.agency_code).name,
        "category_name": volume.category_name,
        "category_code": volume.category_code,
        "title": volume.title,
        "year": str(volume.year),
        "retention": volume.term.words(),
        "start_date": days[0] if days else "",
        "end_date": days[-1] if days else "",
        "item_count": str(len(found.items)),
        "page_count": str(found.pages),
        "fonds_code": volume.fonds_code,
        "volume_no": str(volume.volume_no or ""),
        "reference_code": volume.reference_code,
    }


def _contents_facts(found: VolumeSheet) -> Mapping[str, object]:
    agency_name = accounts.agency(found.volume.agency_code).name
    rows = [
        _contents_row(place, item, found.subjects[item.urn], agency_name, first, last)
        | {"remark": _class_words(found, item.category_code)}
        for place, (item, first, last) in enumerate(found.first_pages, 1)
    ]
    return {"title": found.volume.title, "reference_code": found.volume.reference_code, "rows": rows}


def _contents_row(
    place: int, item: ItemRow, subjects: Sequence[SubjectRow], agency_name: str, first: int, last: int
) -> dict[str, str]:
    persons = [row for row in subjects if row.kind == SubjectKind.INSURED_PERSON]
    units = [row for row in subjects if row.kind == SubjectKind.EMPLOYER]
    return {
        "no": str(place),
        "business_no": item.acceptance_no,
        "responsible": agency_name,
        "title": item.title,
        "date": item.formed_date.isoformat(),
        "pages": str(first) if first == last else f"{first}–{last}",
        "employer_name": "、".join(row.name for row in units),
        "person_name": "、".join(row.name for row in persons),
        "id_number": "、".join(row.id_number for row in persons),
    }


def _note_facts(found: VolumeSheet) -> Mapping[str, object]:
    # The newest sealing and the newest signed self-check speak; an older self-check fell with the return.
    filed = checked = None
    for line in journal.story_of(found.volume.urn):
        if line.act in _SEALING:
            filed, checked = line, None
        elif line.act == "inspection.sign_self_check":
            checked = line
    names = accounts.staff_names({line.staff_code for line in (filed, checked) if line})
    mended = corrections.of_units([found.volume.urn, *(item.urn for item in found.items)], with_closed=True)
    noted = notes_of(found.volume.urn)
    paper = condition.of_units([found.volume.urn, *(item.urn for item in found.items)])
    return {
        "reference_code": found.volume.reference_code,
        "item_count": str(len(found.items)),
        "page_count": str(found.pages),
        "filed_by": names.get(filed.staff_code, filed.staff_code) if filed else "",
        "filed_date": timezone.localdate(filed.at).isoformat() if filed else "",
        "checked_by": names.get(checked.staff_code, checked.staff_code) if checked else "",
        "checked_date": timezone.localdate(checked.at).isoformat() if checked else "",
        "missing": _joined(_noted(noted, VolumeNote.Kind.MISSING), _paper(found, paper, "missing")),
        "altered": "；".join(
            [f"{row.fault.zh}：{row.answer}" for row in mended if row.answer]
            + [row.text for row in noted if row.kind == VolumeNote.Kind.ALTERED]
        ),
        "added": _noted(noted, VolumeNote.Kind.ADDED),
        "moved_out": _noted(noted, VolumeNote.Kind.MOVED_OUT),
        "remark": _joined(_noted(noted, VolumeNote.Kind.REMARK), _paper(found, paper, "remark")),
    }


def _issue(row: ContentsIssue) -> IssueRow:
    return IssueRow(
        row.issue_no,
        row.reference_code,
        tuple((urn, code, first, last) for urn, code, first, last in row.rows),
        row.item_count,
        row.page_count,
        row.reason,
        row.issued_by,
        row.issued_at,
    )


def _noted(noted: Sequence[NoteRow], kind: VolumeNote.Kind) -> str:
    return "；".join(row.text for row in noted if row.kind == kind)


def _joined(*said: str) -> str:
    return "；".join(words for words in said if words)


def _paper(found: VolumeSheet, rows: Sequence[condition.DamageRow], heading: str) -> str:
    """What stands of the paper's state under one heading of the note, the repaired with how it was repaired."""
    names = {item.urn: item.reference for item in found.items}
    told = []
    for row in rows:
        if row.kind.note != heading:
            continue
        where = names.get(row.unit, "")
        ended = f"，{timezone.localdate(row.repaired_at)} 已修复：{row.repair}" if row.repaired_at else ""
        told.append(f"{where} {row.kind.zh}：{row.note}（{timezone.localdate(row.noted_at)}）{ended}".strip())
    return "；".join(told)


def _class_words(found: VolumeSheet, category_code: str) -> str:
    """The class within a dossier, as the list says it; empty where there are none."""
    _, one = arrangement.kinds()[found.volume.arrangement].class_of(category_code)
    return f"{one.code} {one.zh}" if one else ""


def _shared_facts(found: VolumeSheet) -> dict[str, object]:
    volume = found.volume
    return {
        "agency_name": accounts.agency(volume.agency_code).name,
        "category_name": volume.category_name,
        "category_code": volume.category_code,
        "title": volume.title,
        "year": str(volume.year),
        "retention": volume.term.words(),
        "fonds_code": volume.fonds_code,
        "volume_no": str(volume.volume_no or ""),
        "reference_code": volume.reference_code,
        "item_count": str(len(found.items)),
        "page_count": str(found.pages),
    }


def _spine_facts(found: VolumeSheet) -> Mapping[str, object]:
    width = spine_width(found.pages, settings.ANJUAN_SHEET_TENTHS_MM)
    return _shared_facts(found) | {"width_mm": str(width)}


def _last_number(code: str) -> str:
    return code.rsplit("-", 1)[-1].lstrip("0") if code else ""


def _box_facts(found: VolumeSheet) -> Mapping[str, object]:
    codes = [item.reference_code for item in found.items if item.reference_code]
    span = f"{_last_number(codes[0])} 至 {_last_number(codes[-1])}" if codes else ""
    return _shared_facts(found) | {"box_no": str(found.volume.volume_no or ""), "item_span": span}


def _file_list_facts(found: VolumeSheet) -> Mapping[str, object]:
    shared = _shared_facts(found)
    return shared | {
        "rows": [
            {
                "no": str(place),
                "reference_code": item.reference_code,
                "business_no": item.acceptance_no,
                "responsible": shared["agency_name"],
                "title": item.title,
                "date8": item.formed_date.strftime("%Y%m%d"),
                "page_count": str(item.paper_pages),
            }
            for place, item in enumerate(found.items, 1)
        ]
    }


def _stamp_facts(found: VolumeSheet) -> Mapping[str, object]:
    shared = _shared_facts(found)
    return shared | {
        "rows": [
            {
                "fonds_code": found.volume.fonds_code,
                "year": str(item.year),
                "item_no": _last_number(item.reference_code),
                "agency": shared["agency_name"],
                "retention": item.term.words(),
                "page_count": str(item.paper_pages),
            }
            for item in found.items
        ]
    }


def _materials_facts(found: VolumeSheet) -> Mapping[str, object]:
    """The handover sheet of business materials (业务材料交接单): from who handled the cases to who filed them."""
    shared, steps = _shared_facts(found), records.step_names()
    duties = records.duties_of_each([item.urn for item in found.items])
    story = journal.story_of(found.volume.urn)
    opened = story[0] if story else None
    handed = sorted({code for parts in duties.values() for code in parts.get(Duty.HANDLED, ())})
    names = accounts.staff_names({*handed, *({opened.staff_code} if opened else ())})
    rows = []
    for place, item in enumerate(found.items, 1):
        persons = [row for row in found.subjects[item.urn] if row.kind == SubjectKind.INSURED_PERSON]
        units = [row for row in found.subjects[item.urn] if row.kind == SubjectKind.EMPLOYER]
        rows.append(
            {
                "no": str(place),
                "business_no": item.acceptance_no,
                "reference_code": item.reference_code,
                "step": steps.get(item.step_code, item.step_code),
                "employer_name": "、".join(row.name for row in units),
                "person_name": "、".join(row.name for row in persons),
                "id_number": "、".join(row.id_number for row in persons),
                "page_count": str(item.paper_pages),
            }
        )
    return shared | {
        "sheet_no": f"JJ-{found.volume.agency_code}-{found.volume.urn[-8:].upper()}",
        "until": max((item.formed_date.isoformat() for item in found.items), default=""),
        "mark": "已接收" if opened else "已交接",
        "sent_by": "、".join(names.get(code, code) for code in handed),
        "received_by": names.get(opened.staff_code, opened.staff_code) if opened else "",
        "received_date": timezone.localdate(opened.at).isoformat() if opened else "",
        "rows": rows,
    }


def volume_list_facts(actor: Actor, year: int, category_code: str) -> Mapping[str, object]:
    """What stands on the list of volumes of a year and category (案卷目录), with their places on the shelves.

    Raises:
        A-001: the actor's posts do not handle volumes.
    """
    if not actor.holds(*PRINTING_POSTS):
        raise Refusal("A-001", posts=PRINTING_POSTS)
    numbered = [
        row for row in numbering.numbered_volumes(actor, year, *PRINTING_POSTS) if row.category_code == category_code
    ]
    volumes = records.volumes_by_urn([row.urn for row in numbered])
    places = stacks.places_of(list(volumes))
    agencies = {row.agency_code for row in numbered}
    name = "、".join(accounts.agency(code).name for code in sorted(agencies))
    return {
        "agency_name": name or "—",
        "year": str(year),
        "category_name": numbered[0].category_name if numbered else category_code,
        "rows": [
            {
                "volume_no": str(row.volume_no),
                "reference_code": row.reference_code,
                "title": volumes[row.urn].title,
                "year": str(row.year),
                "item_count": str(volumes[row.urn].item_count),
                "page_count": str(volumes[row.urn].page_count),
                "retention": volumes[row.urn].term.words(),
                "place": places[row.urn].cell_code if row.urn in places else "",
            }
            for row in numbered
        ],
    }


def label_rows(actor: Actor, urn: str, *, with_items: bool) -> list[Mapping[str, str]]:
    """The barcode labels of a volume, and of its items (条码标签): STD-19.

    Raises:
        A-001: the actor's post does not handle volumes.
        R-009: there is no such volume, or the actor may not see it.
    """
    found = sheet(actor, urn)
    permit(actor, found.volume.agency_path, *PRINTING_POSTS)
    is_box = found.volume.arrangement is Arrangement.BY_ITEM
    rows: list[Mapping[str, str]] = [
        {"kind": "盒" if is_box else "卷", "code": found.volume.reference_code, "title": found.volume.title}
    ]
    if with_items:
        rows += [{"kind": "件", "code": item.reference_code, "title": item.title} for item in found.items]
    return rows


def cell_label_rows(actor: Actor, room_code: str) -> list[Mapping[str, str]]:
    """The barcode labels of a store room's shelf cells (格位条码): what a scan at the shelf says (STD-19).

    Raises:
        A-001: the actor is no keeper.
        R-009: there is no such room, or he does not keep it.
    """
    if not actor.holds(Post.KEEPER):
        raise Refusal("A-001", posts=Post.KEEPER)
    room = next((room for room in stacks.rooms_for(actor) if room.code == room_code), None)
    if room is None:
        raise Refusal("R-009", what=f"库房 room {room_code[:12]}")
    return [
        {
            "kind": "格",
            "code": cell.code,
            "title": f"{room.name} {cell.rack_no:02}列{cell.side}面{cell.bay_no}节{cell.shelf_no}层",
        }
        for cell in room.cells
    ]
