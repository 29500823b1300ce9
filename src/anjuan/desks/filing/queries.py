"""What the filing clerk sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from anjuan.core import arrangement, retention
from anjuan.core.arrangement import Facet
from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.terms import CORRECTING, RECORD_POSTS, Actor, Arrangement, InsuranceLine, Post, State, SubjectKind
from anjuan.desks.filing import rules
from anjuan.facilities.corrections import queries as corrections
from anjuan.facilities.printing.rules import FormName
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.rules import missing_materials
from anjuan.records import queries as records
from anjuan.records.rows import ItemRow, SubjectRow, VolumeRow

DEFAULT_PAGE_LIMIT = 200
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

_DOSSIERS = (Arrangement.PERSON_DOSSIER, Arrangement.EMPLOYER_DOSSIER)
_HOLDERS = {Facet.PERSON: SubjectKind.INSURED_PERSON, Facet.EMPLOYER: SubjectKind.EMPLOYER}


@dataclass(frozen=True)
class ProposalRow:
    """A proposed volume with its items; or what belongs into a dossier that is open already."""

    proposal: rules.Proposal
    items: tuple[ItemRow, ...]
    category_name: str
    title: str
    dossier: VolumeRow | None = None

    @property
    def kind(self) -> Arrangement:
        """Its arrangement kind."""
        return self.proposal.kinship.scheme.kind

    @property
    def insurance_line(self) -> InsuranceLine:
        """The line of its items; where they differ, all."""
        lines = {item.insurance_line for item in self.items}
        return InsuranceLine(lines.pop()) if len(lines) == 1 else InsuranceLine.ALL

    @property
    def term(self) -> retention.Term:
        """The term it would carry: the longest of its items'."""
        return retention.longest([item.term for item in self.items])


@dataclass(frozen=True)
class VolumeSheet:
    """One volume as the filing page shows it."""

    volume: VolumeRow
    items: tuple[ItemRow, ...]
    image_pages: Mapping[str, int]
    subjects: Mapping[str, list[SubjectRow]]
    corrections: tuple[corrections.CorrectionRow, ...]
    page_limit: int | None
    obstacles: tuple[Obstacle, ...]

    @property
    def grows(self) -> bool:
        """Whether it takes loose material until it is closed."""
        return arrangement.kinds()[self.volume.arrangement].closes

    @property
    def pages(self) -> int:
        """Paper pages of the items."""
        return sum(item.paper_pages for item in self.items)

    @property
    def first_pages(self) -> tuple[tuple[ItemRow, int, int], ...]:
        """Each item with its first and last page in the volume (起止页号)."""
        rows, reached = [], 0
        for item in self.items:
            rows.append((item, reached + 1, reached + item.paper_pages))
            reached += item.paper_pages
        return tuple(rows)


def enter(actor: Actor) -> None:
    """Whether the actor may open the filing desk (立卷岗).

    Raises:
        A-001: he works with records, but holds another post.
        R-009: he does not work with records; the desk does not exist for him.
    """
    if actor.holds(Post.FILER):
        return
    if actor.holds(*RECORD_POSTS):
        raise Refusal("A-001", posts=Post.FILER)
    raise Refusal("R-009", what="立卷 filing")


def bench(actor: Actor, urn: str) -> VolumeSheet:
    """One volume as its filing clerk works on it.

    Raises:
        A-001: the actor may see it, but is no filing clerk over its agency.
        R-009: there is none, or the actor may not see it.
    """
    found = sheet(actor, urn)
    permit(actor, found.volume.agency_path, Post.FILER)
    return found


def kin_in_pool(actor: Actor, volume: VolumeRow) -> list[ItemRow]:
    """Reviewed items that may lie in this volume, the longest waiting first."""
    wanted, waiting = kinship_of(volume), pool(actor)
    return [item for item, found in zip(waiting, candidates(waiting), strict=True) if found.kinship == wanted]


def first_pages_of(found: VolumeSheet) -> Mapping[int, int]:
    """By component, the number its first page has in the volume: where a fault is to be looked for."""
    components = records.components_of([item.urn for item in found.items])
    starts, reached = {}, 1
    for item in found.items:
        for component in components[item.urn]:
            starts[component.pk] = reached
            reached += component.page_count
    return starts


def pool(actor: Actor) -> list[ItemRow]:
    """Reviewed items that wait for a volume."""
    return records.items_at(actor, State.REVIEWED, Post.FILER, limit=2000)


def count_pool(actor: Actor) -> int:
    """How many reviewed items wait for a volume."""
    return records.count_items_at(actor, State.REVIEWED, Post.FILER)


def proposals(actor: Actor) -> list[ProposalRow]:
    """Volumes the machine proposes for the pool."""
    waiting = {item.urn: item for item in pool(actor)}
    names = schedule.category_names()
    steps = records.step_names()
    found = rules.propose(candidates(list(waiting.values())), DEFAULT_PAGE_LIMIT)
    growing = {kinship_of(volume): volume for volume in records.open_dossiers(actor, _DOSSIERS, Post.FILER)}
    rows = []
    for proposal in found:
        items = tuple(waiting[urn] for urn in proposal.urns)
        code = items[0].category_code
        title = volume_title(items, steps, proposal.kinship)
        rows.append(ProposalRow(proposal, items, names.get(code, code), title, growing.get(proposal.kinship)))
    return rows


def open_volumes(actor: Actor) -> list[VolumeRow]:
    """Volumes being filled."""
    return records.volumes_at(actor, State.FILING, Post.FILER)


def returned_volumes(actor: Actor) -> list[VolumeRow]:
    """Volumes that came back for correction."""
    return sorted(
        (volume for state in sorted(CORRECTING) for volume in records.volumes_at(actor, state, Post.FILER)),
        key=lambda volume: volume.state_since,
    )


def count_open_volumes(actor: Actor) -> int:
    """How many volumes are being filled."""
    return records.count_volumes_at(actor, State.FILING, Post.FILER)


def count_returned(actor: Actor) -> int:
    """How many volumes came back for correction."""
    return sum(records.count_volumes_at(actor, state, Post.FILER) for state in sorted(CORRECTING))


def sheet(actor: Actor, urn: str) -> VolumeSheet:
    """One volume with its items.

    Raises:
        R-009: there is none, or the actor may not see it.
    """
    volume = records.get_volume_for(actor, urn)
    items = tuple(records.items_of(urn))
    urns = [item.urn for item in items]
    found = tuple(corrections.of_units([urn, *urns]))
    grows = arrangement.kinds()[volume.arrangement].closes
    limit = None if grows else records.fonds_for(volume.agency_path).volume_page_limit
    return VolumeSheet(
        volume=volume,
        items=items,
        image_pages=records.image_pages(urns),
        subjects=records.subjects_of(urns),
        corrections=found,
        page_limit=limit,
        obstacles=rules.obstacles(
            contents=_contents(items),
            pages=sum(item.paper_pages for item in items),
            page_limit=limit,
            open_faults=sum(row.is_open for row in found),
        ),
    )


def _contents(items: tuple[ItemRow, ...]) -> tuple[rules.Content, ...]:
    steps, answers = schedule.stepbook(), schedule.circumstances_of([item.urn for item in items])
    components = records.components_of([item.urn for item in items])
    contents = []
    for item in items:
        pages: dict[str, int] = {}
        for row in components[item.urn]:
            pages[row.material_code] = pages.get(row.material_code, 0) + row.page_count
        if not item.is_imaged:  # its paper is scanned last, in the workshop: what lies there is half done
            contents.append(rules.Content(item.reference, item.paper_pages, None, ()))
            continue
        materials = steps.of(item.step_code, item.registered_at).materials
        missing = missing_materials(materials, pages, answers[item.urn])
        contents.append(rules.Content(item.reference, item.paper_pages, sum(pages.values()), missing))
    return tuple(contents)


def fingerprint(found: VolumeSheet) -> tuple[tuple[str, int, tuple[str, ...]], ...]:
    """What a volume holds, to be compared before and after its bytes were written: items in order, and their files.

    The rule and the term of each stand in the sealed bytes as well: a table that is adopted meanwhile changes them.
    """
    components = records.components_of([item.urn for item in found.items])
    return tuple(
        (
            item.urn,
            item.paper_pages,
            (item.rule_code, str(item.term), *(row.sha512 for row in components[item.urn])),
        )
        for item in found.items
    )


def candidates(items: Sequence[ItemRow]) -> list[rules.Candidate]:
    """Items as filing weighs them; a handful of queries however many they are."""
    subjects = records.subjects_of([item.urn for item in items])
    schemes = {path: records.scheme_for(path) for path in {item.agency_path for item in items}}
    found = []
    for item in items:
        facets = {
            Facet.AGENCY: item.agency_code,
            Facet.YEAR: str(item.year),
            Facet.CATEGORY: item.category_code,
            Facet.LINE: item.insurance_line,
            Facet.TERM: str(item.term),
            Facet.ROUTE: item.route.value,
        }
        for facet, kind in _HOLDERS.items():
            concerned = [row for row in subjects[item.urn] if row.kind == kind]
            if len(concerned) == 1:
                facets[facet] = _holder(concerned[0])
        scheme = schemes[item.agency_path]
        wanted = rules.Scheme(scheme.arranged.get(item.category_code, Arrangement.BY_VOLUME), scheme.classification)
        found.append(
            rules.Candidate(
                urn=item.urn,
                reference=item.reference,
                scheme=rules.scheme_of(wanted, facets),
                facets=facets,
                formed=item.formed_date.isoformat(),
                pages=item.paper_pages,
            )
        )
    return found


def kinship_of(volume: VolumeRow) -> rules.Kinship:
    """What items of this volume share."""
    scheme = rules.Scheme(volume.arrangement, records.scheme_for(volume.agency_path).classification)
    values = {
        Facet.AGENCY: volume.agency_code,
        Facet.YEAR: str(volume.year),
        Facet.CATEGORY: volume.category_code,
        Facet.LINE: volume.insurance_line,
        Facet.TERM: str(volume.term),
        Facet.ROUTE: volume.route.value,
    }
    holder = records.subject_by_pk(volume.subject_pk) if volume.subject_pk else None
    if holder is not None:
        values |= {facet: _holder(holder) for facet, kind in _HOLDERS.items() if kind == holder.kind}
    return rules.Kinship(scheme, tuple((facet, values.get(facet, "—")) for facet in sorted(scheme.shared)))


def holder_pk(item: ItemRow, kind: Arrangement) -> int | None:
    """Whose dossier of this kind an item belongs to; None where the kind is nobody's."""
    shared = arrangement.kinds()[kind].shares
    wanted = {subject_kind for facet, subject_kind in _HOLDERS.items() if facet in shared}
    return next((row.pk for row in records.subjects_of([item.urn])[item.urn] if row.kind in wanted), None)


def _holder(row: SubjectRow) -> str:
    return f"{row.name} #{row.pk}"


def volume_title(items: Sequence[ItemRow], steps: Mapping[str, str], kinship: rules.Kinship) -> str:
    """A proposed title (案卷题名): whose dossier it is; or year, what business, and how many more kinds."""
    for facet, words in ((Facet.PERSON, "社会保险档案"), (Facet.EMPLOYER, "参保单位档案")):
        if holder := kinship.value(facet):
            return f"{holder.rsplit(' #', 1)[0]}{words}"
    kinds = list(dict.fromkeys(steps.get(item.step_code, item.step_code) for item in items))
    months = sorted({item.formed_date.strftime("%m") for item in items})
    span = months[0] if len(months) == 1 else f"{months[0]}–{months[-1]}"
    return f"{items[0].year}年{span}月{'、'.join(kinds[:2])}{'等' if len(kinds) > 2 else ''}材料"


def printed_facts(actor: Actor, urn: str, form: FormName) -> Mapping[str, object]:
    """What stands on a printed form of a volume: cover, contents or note (封面、卷内目录、备考表).

    Raises:
        A-001: the actor's post does not handle volumes.
        R-009: there is no such volume, or the actor may not see it.
    """
    found = sheet(actor, urn)
    permit(actor, found.volume.agency_path, *PRINTING_POSTS)
    if form is FormName.CONTENTS:
        return _contents_facts(found)
    return _note_facts(found) if form is FormName.NOTE else _cover_facts(found)


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
    rows = []
    for place, (item, first, last) in enumerate(found.first_pages, 1):
        persons = [row for row in found.subjects[item.urn] if row.kind == SubjectKind.INSURED_PERSON]
        units = [row for row in found.subjects[item.urn] if row.kind == SubjectKind.EMPLOYER]
        rows.append(
            {
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
        )
    return {"title": found.volume.title, "reference_code": found.volume.reference_code, "rows": rows}


def _note_facts(found: VolumeSheet) -> Mapping[str, object]:
    # The newest sealing and the newest signed self-check speak; an older self-check fell with the return.
    filed = checked = None
    for line in journal.story_of(found.volume.urn):
        if line.act in ("filing.seal", "filing.resubmit"):
            filed, checked = line, None
        elif line.act == "inspection.sign_self_check":
            checked = line
    names = accounts.staff_names({line.staff_code for line in (filed, checked) if line})
    mended = corrections.of_units([found.volume.urn, *(item.urn for item in found.items)], with_closed=True)
    return {
        "reference_code": found.volume.reference_code,
        "item_count": str(len(found.items)),
        "page_count": str(found.pages),
        "filed_by": names.get(filed.staff_code, filed.staff_code) if filed else "",
        "filed_date": timezone.localdate(filed.at).isoformat() if filed else "",
        "checked_by": names.get(checked.staff_code, checked.staff_code) if checked else "",
        "checked_date": timezone.localdate(checked.at).isoformat() if checked else "",
        "altered": "；".join(f"{row.fault.zh}：{row.answer}" for row in mended if row.answer),
    }
