"""The vocabulary as screens say it, and how a state looks.

The words of ``core/terms.py`` come from the one word list (``core/words.py``); only what the screens add, the stages
of the way, is translated here.
"""

import enum
from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from django.utils.functional import Promise, lazy
from django.utils.translation import get_language, pgettext_lazy

from anjuan.core.retention import Term
from anjuan.core.terms import (
    AgencyKind,
    AgencyProfile,
    Custody,
    Duty,
    InsuranceLine,
    Post,
    RestraintKind,
    Route,
    State,
    SubjectKind,
    UnitKind,
    Verb,
)
from anjuan.core.words import word
from anjuan.foundation.web.rules import Progress, Stage

STAGES: Mapping[Stage, Promise] = {
    Stage.COLLECT: pgettext_lazy("stage", "Collect"),
    Stage.REVIEW: pgettext_lazy("stage", "Review"),
    Stage.FILE: pgettext_lazy("stage", "File"),
    Stage.SELF_CHECK: pgettext_lazy("stage", "Self-check"),
    Stage.APPLY: pgettext_lazy("stage", "Apply"),
    Stage.PRE_ACCEPT: pgettext_lazy("stage", "Pre-accept"),
    Stage.WITNESS: pgettext_lazy("stage", "Witness"),
    Stage.HAND_OVER: pgettext_lazy("stage", "Hand over"),
    Stage.ACCEPT: pgettext_lazy("stage", "Accept"),
    Stage.RECHECK: pgettext_lazy("stage", "Re-check"),
    Stage.PROCESS: pgettext_lazy("stage", "Workshop"),
    Stage.KEEP: pgettext_lazy("stage", "Keep"),
}

PROGRESS: Mapping[Progress, Promise] = {
    Progress.PAST: pgettext_lazy("progress", "done"),
    Progress.HERE: pgettext_lazy("progress", "here now"),
    Progress.RETURNED: pgettext_lazy("progress", "returned, being corrected"),
    Progress.AHEAD: pgettext_lazy("progress", "to come"),
}


def label(member: enum.Enum) -> str:
    """The word for a member of the vocabulary, in the reader's language, fit to stand alone.

    Raises:
        KeyError: the word list lacks the term.
    """
    if isinstance(member, Stage):
        return str(STAGES[member])
    if isinstance(member, Progress):
        return str(PROGRESS[member])
    spoken = word(member, get_language() or "zh")
    return spoken[:1].upper() + spoken[1:]


# The stubs say str; what comes back speaks only when it is shown.
_later = cast(Callable[[enum.Enum], Promise], lazy(label, str))
_Member = TypeVar("_Member", bound=enum.Enum)


def term_words(term: Term) -> str:
    """A retention term in the reader's language: 30年, 永久, 待核实."""
    return term.words(get_language() or "zh")


def _all(kind: type[_Member]) -> Mapping[_Member, Promise]:
    return {member: _later(member) for member in kind}


# For forms: ``[(member.value, words) for member, words in labels.POSTS.items()]``.
STATES = _all(State)
POSTS = _all(Post)
DUTIES = _all(Duty)
VERBS = _all(Verb)
CUSTODY = _all(Custody)
INSURANCE_LINES = _all(InsuranceLine)
SUBJECT_KINDS = _all(SubjectKind)
RESTRAINT_KINDS = _all(RestraintKind)
ROUTES = _all(Route)
UNIT_KINDS = _all(UnitKind)
AGENCY_PROFILES = _all(AgencyProfile)
AGENCY_KINDS = _all(AgencyKind)

# A state is shown with a colour, an icon and a word, never by colour alone.
STATE_LOOKS: Mapping[State, tuple[str, str]] = {
    State.COLLECTING: ("", "scan"),
    State.IN_REVIEW: ("wait", "eye-check"),
    State.REVIEWED: ("good", "check"),
    State.FILING: ("", "books"),
    State.FILED: ("seal", "stamp"),
    State.SELF_CHECKED: ("good", "clipboard-check"),
    State.APPLIED: ("wait", "report-search"),
    State.RETURNED: ("bad", "tool"),
    State.PRE_ACCEPTED: ("good", "checks"),
    State.WITNESSED: ("good", "signature"),
    State.IN_TRANSIT: ("wait", "truck-delivery"),
    State.RECEIVED: ("good", "package"),
    State.MENDING: ("bad", "tool"),
    State.ACCEPTED: ("good", "checks"),
    State.RECHECKED: ("good", "check"),
    State.IN_WORKSHOP: ("wait", "scan"),
    State.HELD: ("good", "building-warehouse"),
}
