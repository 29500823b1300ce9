"""What units and citizens may send in, how it stands, and what they are told of it (网上申报、预审)."""

import enum
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.refusals import Refusal
from anjuan.core.terms import State
from anjuan.foundation.schedule.rules import MaterialRow, StepRow, lacking_names, missing_materials

MOST_FILES = 40  # of one declaration
MOST_BYTES = 60 << 20  # of one sending, all its files together
ROOM_LEFT = 1 << 30  # bytes that stay free on the disk where files wait
MOST_REASON = 200
# Neither text nor OFD: what a stranger sends is shown page by page before anybody has vouched for it.
MEDIA = frozenset({"image/jpeg", "image/png", "image/tiff", "application/pdf"})
SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is taken for another when it is read out or copied
CODE_SIGNS = 12
NUMBER_SIGNS = 8
TICKET_SIGNS = 32
EVERY = "*"


class DeclarationStatus(enum.StrEnum):
    """How a declaration stands with the agency."""

    RECEIVED = "RECEIVED"  # 待预审
    RETURNED = "RETURNED"  # 已退回，待补正
    ADMITTED = "ADMITTED"  # 已受理


class Stage(enum.StrEnum):
    """How far a declaration has come, as its sender is told (办理进度)."""

    RECEIVED = "RECEIVED"  # 已收到
    RETURNED = "RETURNED"  # 退回补正
    ADMITTED = "ADMITTED"  # 已受理
    ON_FILE = "ON_FILE"  # 已归档
    ARCHIVED = "ARCHIVED"  # 已入库保管
    CLEARED = "CLEARED"  # 未受理，已清除


@dataclass(frozen=True)
class SentFile:
    """A file of a declaration: what it is, and under which name its bytes wait."""

    place: str
    material: str
    name: str
    size_bytes: int
    sha256: str
    sha512: str
    pages: int
    at: str  # ISO 8601


# States in which a record still lies with those who handle it; every other one is filed.
_AT_WORK = frozenset({State.COLLECTING, State.IN_REVIEW, State.REVIEWED, State.FILING})


def is_marked(step: StepRow, steps: Sequence[str]) -> bool:
    """Whether a step is open to units and citizens: named by the setting, or all whose main form they hand in.

    Args:
        step: the step.
        steps: codes as the setting has them.
    """
    if step.is_retired:
        return False
    if EVERY not in steps:
        return step.code in steps
    seals = {seal for material in step.materials if material.is_main for seal in material.required_seals}
    return bool(seals & {"HANDLER", "EMPLOYER"})  # what the agency alone seals is its own


def drawn_signs(octets: bytes, count: int) -> str:
    """So many signs from random bytes."""
    number = int.from_bytes(octets, "big")
    drawn = ""
    for _ in range(count):
        number, at = divmod(number, len(SIGNS))
        drawn += SIGNS[at]
    return drawn


def inquiry_code(octets: bytes) -> str:
    """A fresh inquiry code (查询码) from random bytes, in three groups of four."""
    drawn = drawn_signs(octets, CODE_SIGNS)
    return "-".join(drawn[at : at + 4] for at in range(0, CODE_SIGNS, 4))


def is_ticket(text: str) -> bool:
    """Whether a form brings a ticket as we draw them: nobody comes by another's number with one of his own making."""
    return len(text) == TICKET_SIGNS and not set(text) - set("0123456789abcdef")


def read_number(typed: str) -> str:
    """A declaration number as it was typed: case and blanks do not count."""
    return "".join(typed.split()).upper()[:24]


def code_digest(number: str, typed: str) -> str:
    """What is kept of an inquiry code; the number stands in it, so that one code opens one declaration."""
    plain = "".join(sign for sign in typed.upper() if sign.isalnum())[:40]
    return hashlib.sha256(f"{number} {plain}".encode()).hexdigest()


def check_size(*, files: int, size_bytes: int) -> None:
    """Whether a sending is small enough.

    Raises:
        I-103: it is too large.
        I-104: it has too many files, or none.
    """
    if not 1 <= files <= MOST_FILES:
        raise Refusal("I-104", files=files, most=MOST_FILES)
    if size_bytes > MOST_BYTES:
        raise too_large()


def too_large() -> Refusal:
    """What is said of a sending that is too large."""
    return Refusal("I-103", most_mb=MOST_BYTES >> 20)


def check_kind(name: str, mime: str) -> None:
    """Whether a file is a picture or a PDF.

    Raises:
        I-110: it is something else.
    """
    if mime not in MEDIA:
        raise Refusal("I-110", name=name[:60])


def check_files(
    files: Sequence[SentFile], materials: Sequence[MaterialRow], answers: Mapping[str, bool], *, step_name: str
) -> None:
    """Whether the files make a declaration: each once, and none that must be there is missing.

    Raises:
        I-104: too many files.
        I-105: a material that must be there is not, or a question is not answered.
        I-109: a file is there twice.
    """
    check_size(files=len(files), size_bytes=0)
    seen: dict[str, str] = {}
    for file in files:
        if file.sha512 in seen:
            raise Refusal("I-109", name=file.name[:60], other=seen[file.sha512][:60])
        seen[file.sha512] = file.name
    pages: dict[str, int] = {}
    for file in files:
        pages[file.material] = pages.get(file.material, 0) + file.pages
    if lacking := lacking_names(missing_materials(materials, pages, answers)):
        raise Refusal("I-105", missing="；".join(lacking), step=step_name)


def check_waiting(*, number: str, status: str, is_cleared: bool, wanted: DeclarationStatus) -> None:
    """Whether a declaration stands so that this can be done to it.

    Raises:
        I-106: it does not, or somebody was quicker.
        I-111: it was cleared.
    """
    if is_cleared:
        raise Refusal("I-111", number=number)
    if status != wanted:
        raise Refusal("I-106", number=number)


def reasons_given(reasons: Mapping[str, str]) -> dict[str, str]:
    """Why materials are returned, without those of which nothing is said.

    Raises:
        I-107: nothing is said of any.
    """
    said = {code: why.strip()[:MOST_REASON] for code, why in reasons.items() if why.strip()}
    if not said:
        raise Refusal("I-107")
    return said


def check_answered(returned: Mapping[str, str], sent: Collection[str], names: Mapping[str, str]) -> None:
    """Whether every returned material is sent anew, and nothing else.

    Raises:
        I-108: one is not, or one was not returned.
    """
    if set(returned) != set(sent):
        raise Refusal("I-108", materials="、".join(names.get(code, code) for code in returned))


def stage(status: str, *, is_cleared: bool, state: State | None) -> Stage:
    """How far it has come (办理进度), from the declaration and the record that came of it."""
    if status == DeclarationStatus.ADMITTED:
        if state is None or state in _AT_WORK:
            return Stage.ADMITTED
        return Stage.ARCHIVED if state is State.HELD else Stage.ON_FILE
    return Stage.CLEARED if is_cleared else Stage(status)
