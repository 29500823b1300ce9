"""What the filing clerk sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from anjuan.core import arrangement, retention
from anjuan.core.arrangement import Facet
from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.terms import CORRECTING, RECORD_POSTS, Actor, Arrangement, InsuranceLine, Post, State, SubjectKind
from anjuan.desks.filing import rules
from anjuan.desks.filing.models import ProposalMove, Rearrangement
from anjuan.facilities.condition import queries as condition
from anjuan.facilities.corrections import queries as corrections
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.rules import missing_materials
from anjuan.records import queries as records
from anjuan.records.queries import inside
from anjuan.records.queries import materials as materials_of_records
from anjuan.records.rows import ComponentRow, ItemRow, SubjectRow, VolumeRow

DEFAULT_PAGE_LIMIT = 200
MOST_POOLED = 20_000  # items proposed at once; the rest comes when these are filed
DOSSIERS = (Arrangement.PERSON_DOSSIER, Arrangement.EMPLOYER_DOSSIER)
_HOLDERS = {Facet.PERSON: SubjectKind.INSURED_PERSON, Facet.EMPLOYER: SubjectKind.EMPLOYER}


@dataclass(frozen=True)
class ProposalRow:
    """A proposed volume with its items; or what belongs into a dossier that is open already."""

    proposal: rules.Proposal
    items: tuple[ItemRow, ...]
    category_name: str
    title: str
    limit: int | None
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
    components: Mapping[str, list[ComponentRow]]
    subjects: Mapping[str, list[SubjectRow]]
    corrections: tuple[corrections.CorrectionRow, ...]
    page_limit: int | None
    obstacles: tuple[Obstacle, ...]

    @property
    def grows(self) -> bool:
        """Whether it takes loose material until it is closed."""
        return arrangement.kinds()[self.volume.arrangement].closes

    @property
    def image_pages(self) -> Mapping[str, int]:
        """Number of imaged pages by item URN."""
        return {urn: sum(row.page_count for row in rows) for urn, rows in self.components.items()}

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
    if actor.holds(*rules.ARRANGING_POSTS):
        return
    if actor.holds(*RECORD_POSTS):
        raise Refusal("A-001", posts=rules.ARRANGING_POSTS)
    raise Refusal("R-009", what="立卷 filing")


def bench(actor: Actor, urn: str) -> VolumeSheet:
    """One volume as its filing clerk works on it.

    Raises:
        A-001: the actor may see it, but is no filing clerk over its agency.
        R-009: there is none, or the actor may not see it.
    """
    found = sheet(actor, urn)
    permit(actor, found.volume.agency_path, *rules.ARRANGING_POSTS)
    return found


def kin_in_pool(actor: Actor, volume: VolumeRow) -> list[ItemRow]:
    """Reviewed items that may lie in this volume, the longest waiting first."""
    wanted, waiting = kinship_of(volume), pool(actor)
    return [
        item
        for item, found in zip(waiting, candidates(waiting), strict=True)
        if found.kinship == wanted and not found.is_bundle
    ]


def first_pages_of(found: VolumeSheet) -> Mapping[int, int]:
    """By component, the number its first page has in the volume: where a fault is to be looked for."""
    starts, reached = {}, 1
    for item in found.items:
        for component in found.components[item.urn]:
            starts[component.pk] = reached
            reached += component.page_count
    return starts


def pool(actor: Actor) -> list[ItemRow]:
    """Reviewed items that wait for a volume."""
    return records.items_at(actor, State.REVIEWED, *rules.ARRANGING_POSTS, limit=MOST_POOLED)


def count_pool(actor: Actor) -> int:
    """How many reviewed items wait for a volume."""
    return records.count_items_at(actor, State.REVIEWED, *rules.ARRANGING_POSTS)


def proposals(actor: Actor) -> list[ProposalRow]:
    """Volumes the machine proposes for the pool."""
    waiting = {item.urn: item for item in pool(actor)}
    names = schedule.category_names()
    listed = {step.code: step for step in schedule.steps()} if waiting else {}
    steps = {code: step.name for code, step in listed.items()}
    limits = page_limits({item.agency_code: item.agency_path for item in waiting.values()})
    found = rules.propose(
        candidates(list(waiting.values()), listed), DEFAULT_PAGE_LIMIT, limits=limits, moves=moves_of(actor)
    )
    growing = {kinship_of(volume): volume for volume in records.open_dossiers(actor, DOSSIERS, *rules.ARRANGING_POSTS)}
    rows = []
    for proposal in found:
        items = tuple(waiting[urn] for urn in proposal.urns)
        code = items[0].category_code
        rows.append(
            ProposalRow(
                proposal,
                items,
                names.get(code, code),
                volume_title(items, steps, proposal.kinship),
                None
                if arrangement.kinds()[proposal.kinship.scheme.kind].closes
                else limits.get(items[0].agency_code, DEFAULT_PAGE_LIMIT),
                growing.get(proposal.kinship),
            )
        )
    return rows


def page_limits(agency_paths: Mapping[str, str]) -> Mapping[str, int]:
    """Pages a volume by agency code, as its fonds says and its thickness lets (一卷页数上限): S4-W2."""
    found = {}
    by_path: dict[str, int] = {}
    for code, path in agency_paths.items():
        if path not in by_path:
            by_path[path] = page_limit_of(records.fonds_for(path).volume_page_limit)
        found[code] = by_path[path]
    return found


def page_limit_of(page_limit: int) -> int:
    """The limit of pages after thickness: sheets of so many tenths, a volume of so many millimetres (待核实)."""
    return rules.pages_that_fit(
        page_limit, thickness_mm=settings.ANJUAN_VOLUME_MM, sheet_tenths=settings.ANJUAN_SHEET_TENTHS_MM
    )


def moves_of(actor: Actor) -> Mapping[str, str]:
    """What the actor moved between proposals, in the order he did: an item, and the one it shall lie beside."""
    rows = ProposalMove.objects.filter(staff_code=actor.staff_code).order_by("id")
    return dict(rows.values_list("item_urn", "beside_urn"))


def open_volumes(actor: Actor) -> list[VolumeRow]:
    """Volumes being filled."""
    return records.volumes_at(actor, State.FILING, *rules.ARRANGING_POSTS)


def returned_volumes(actor: Actor) -> list[VolumeRow]:
    """Volumes that came back for correction."""
    return sorted(
        (volume for state in sorted(CORRECTING) for volume in records.volumes_at(actor, state, Post.FILER)),
        key=lambda volume: volume.state_since,
    )


def count_open_volumes(actor: Actor) -> int:
    """How many volumes are being filled."""
    return records.count_volumes_at(actor, State.FILING, *rules.ARRANGING_POSTS)


def count_returned(actor: Actor) -> int:
    """How many volumes came back for correction."""
    return sum(records.count_volumes_at(actor, state, Post.FILER) for state in sorted(CORRECTING))


def sheet(actor: Actor, urn: str) -> VolumeSheet:
    """One volume with its items.

    Raises:
        R-009: there is none, or the actor may not see it.
    """
    volume = records.get_volume_for(actor, urn)
    # While it is worked on, whoever does so needs every item; in the holdings nobody does.
    items = tuple(inside.items_seen_in(actor, urn) if volume.state is State.HELD else records.items_of(urn))
    urns = [item.urn for item in items]
    components = records.components_of(urns)
    found = tuple(corrections.of_units([urn, *urns]))
    tied, named = condition.unarranged([urn, *urns]), [(item.urn, item.reference) for item in items]
    grows = arrangement.kinds()[volume.arrangement].closes
    limit = None if grows else page_limit_of(records.fonds_for(volume.agency_path).volume_page_limit)
    return VolumeSheet(
        volume=volume,
        items=items,
        components=components,
        subjects=records.subjects_of(urns),
        corrections=found,
        page_limit=limit,
        obstacles=rules.obstacles(
            contents=_contents(items, components),
            pages=sum(item.paper_pages for item in items),
            page_limit=limit,
            open_faults=sum(row.is_open for row in found),
            bundles=[name for one, name in ((volume.urn, volume.reference), *named) if one in tied],
        ),
    )


def _contents(items: tuple[ItemRow, ...], components: Mapping[str, list[ComponentRow]]) -> tuple[rules.Content, ...]:
    steps, answers = (
        schedule.stepbook(item.step_code for item in items),
        schedule.circumstances_of([item.urn for item in items]),
    )
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

    Whatever stands in the sealed bytes is part of it: title, days and subjects, rule and term, and how pages are
    turned. A sheet of corrections may change the one meanwhile, a table that is adopted or a colleague the other.
    """
    return _fingerprint(found.items, found.components, found.subjects)


def fingerprint_now(volume_urn: str) -> tuple[tuple[str, int, tuple[str, ...]], ...]:
    """The same as it is now, rights not judged: asked inside the deed that holds the volume."""
    items = records.items_of(volume_urn)
    urns = [item.urn for item in items]
    return _fingerprint(items, records.components_of(urns), records.subjects_of(urns))


def _fingerprint(
    items: Sequence[ItemRow],
    components: Mapping[str, list[ComponentRow]],
    subjects: Mapping[str, list[SubjectRow]],
) -> tuple[tuple[str, int, tuple[str, ...]], ...]:
    return tuple(
        (
            item.urn,
            item.paper_pages,
            (
                item.agency_code,
                item.category_code,
                item.step_code,
                item.insurance_line,
                str(item.year),
                item.title,
                item.acceptance_no,
                str(item.formed_date),
                item.rule_code,
                str(item.term),
                str(item.retention_ends_date),
                item.route,
                item.custody,
                *(f"{row.kind} {row.urn} {row.name} {row.id_number or row.credit_code}" for row in subjects[item.urn]),
                *(f"{row.material_code} {row.sha512} {sorted(row.turns.items())}" for row in components[item.urn]),
            ),
        )
        for item in items
    )


def candidates(items: Sequence[ItemRow], listed: Mapping[str, schedule.StepRow] | None = None) -> list[rules.Candidate]:
    """Items as filing weighs them; a handful of queries however many they are."""
    urns = [item.urn for item in items]
    subjects, materials = records.subjects_of(urns), materials_of_records.material_codes_of(urns)
    schemes = {path: records.scheme_for(path) for path in {item.agency_path for item in items}}
    bundles = condition.unarranged(urns)
    steps = listed if listed is not None else {step.code: step for step in schedule.steps()}
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
        wanted = rules.scheme_of(
            rules.Scheme(scheme.arranged.get(item.category_code, Arrangement.BY_VOLUME), scheme.classification), facets
        )
        materials_listed = steps[item.step_code].materials if item.step_code in steps else ()
        main = [material for material in materials_listed if material.is_main]
        found.append(
            rules.Candidate(
                urn=item.urn,
                reference=item.reference,
                scheme=wanted,
                rank=rules.rank(
                    class_place=arrangement.kinds()[wanted.kind].class_of(item.category_code)[0],
                    has_agency_seal=any("AGENCY" in material.required_seals for material in main),
                    has_conclusion=not item.is_imaged or any(material.code in materials[item.urn] for material in main),
                ),
                facets=facets,
                formed=item.formed_date.isoformat(),
                pages=item.paper_pages,
                is_bundle=item.urn in bundles,
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


def undoable(volume_urn: str, held: Sequence[str]) -> int:
    """How many changes of the order can still be taken back one by one, while the volume holds the same items."""
    rows = Rearrangement.objects.filter(volume_urn=volume_urn, undone_at=None).order_by("-id")
    count = 0
    for before in rows.values_list("before", flat=True):
        if sorted(before) != sorted(held):
            break
        count += 1
    return count
