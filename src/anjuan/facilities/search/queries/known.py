"""What is known of persons and units that were found (曾用名、单位沿革): names, forerunners, successors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.terms import Actor
from anjuan.facilities.lives import queries as lives
from anjuan.records.queries import subjects as record_subjects
from anjuan.records.rows import SubjectRow


@dataclass(frozen=True)
class Known:
    """Other names of one subject, and the units it came from and went into, as far as the actor may see them."""

    names: tuple[lives.NameRow, ...] = ()
    before: tuple[SubjectRow, ...] = ()
    after: tuple[SubjectRow, ...] = ()


def known_of(actor: Actor, subjects: Sequence[SubjectRow]) -> Mapping[str, Known]:
    """What is known of these subjects, by URN; four queries at most, none where nobody was found."""
    if not subjects:
        return {}
    urns = [subject.urn for subject in subjects]
    names = lives.names_of(urns)
    edges = lives.successions_of(urns)
    around = {urn for edge in edges for urn in (edge.predecessor, edge.successor) if urn}
    units = {row.urn: row for row in record_subjects.seen_subjects(actor, urns=around)}
    return {
        urn: Known(
            tuple(names.get(urn, ())),
            tuple(units[e.predecessor] for e in edges if e.successor == urn and e.predecessor in units),
            tuple(units[e.successor] for e in edges if e.predecessor == urn and e.successor in units),
        )
        for urn in urns
    }
