"""Holding what a page says of persons and units against what the catalogue says (著录与影像比对)."""

import enum
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from anjuan.core import identifiers
from anjuan.core.asking import folding
from anjuan.core.detection.drawn import field_boxes
from anjuan.core.detection.facts import SubjectFacts
from anjuan.core.detection.told import LEGIBLE, Told
from anjuan.core.reading.fields import FieldRead
from anjuan.core.reading.pages import Box
from anjuan.core.reading.templates import LaidBox
from anjuan.core.reading.words import apart, bare, holds

CLEAR = 0.96  # sureness of a line whose every letter is taken for what it is
ANOTHER = 0.85  # the same of a name that has no letter in common with what is known
PLACE = re.compile(r"^.{2,4}?[省市](?:.{1,4}?[区县])?")  # before what is a unit's own in its name
_BRAND = 2  # letters
_NAME = 2  # letters that a name has at least
_LONGEST = 12  # letters that a person's name has at most
_ENOUGH = 0.85  # likeness from which two names of units are the same one


class Agreement(enum.Enum):
    """How an entry of the catalogue goes with a page."""

    SAME = "SAME"
    OTHER = "OTHER"  # something else stands there, clearly
    DOUBTFUL = "DOUBTFUL"  # something else seems to stand there
    SILENT = "SILENT"  # the page says nothing of it


@dataclass(frozen=True)
class Compared:
    """One entry held against a page.

    Attributes:
        entry: what it is called, in Chinese and English.
        wanted: what the catalogue says, masked where it must be.
        seen: what the page says, masked likewise.
        box: where.
    """

    entry: tuple[str, str]
    agreement: Agreement
    wanted: str = ""
    seen: str = ""
    box: Box | None = None


def person(page: Told, subject: SubjectFacts) -> Iterator[Compared]:
    """A person's number and name, held against a page."""
    if subject.id_number:
        yield _number(page, subject.id_number)
    if subject.name:
        yield _name(page, subject.name)


def unit(page: Told, subject: SubjectFacts) -> Iterator[Compared]:
    """A unit's credit code and name, held against a page."""
    if subject.credit_code:
        yield _code(page, subject.credit_code)
    if subject.name:
        yield _unit_name(page, subject.name)


def _number(page: Told, wanted: str) -> Compared:
    entry = ("身份证号", "ID number")
    number = identifiers.full(wanted)
    if boxes := field_boxes(page, "ID_NUMBER"):
        return _in_boxes(entry, wanted, number, boxes, identifiers.mask_id)
    if number in page.said.text or any(one.number == number for one in page.said.citizens):
        return Compared(entry, Agreement.SAME)
    labelled = {bare(field.value) for field in page.said.fields if field.name == "ID_NUMBER"}
    valid = [one for one in page.said.citizens if one.is_valid]
    # One that stands beside its label counts before any other of the page.
    named = [one for one in valid if one.number in labelled or any(one.number in value for value in labelled)] or valid
    if named:
        one = named[0]
        sure = Agreement.OTHER if one.sure >= CLEAR else Agreement.DOUBTFUL
        return Compared(entry, sure, identifiers.mask_id(number), identifiers.mask_id(one.number), one.box)
    unsound = [one for one in page.said.citizens if not one.is_valid]
    if unsound:
        one = unsound[0]
        return Compared(
            entry, Agreement.DOUBTFUL, identifiers.mask_id(number), identifiers.mask_id(one.number), one.box
        )
    return Compared(entry, Agreement.SILENT)


def _name(page: Told, wanted: str) -> Compared:
    entry = ("姓名", "name")
    name = bare(wanted)
    if boxes := field_boxes(page, "PERSON"):
        return _in_boxes(entry, wanted, name, boxes)
    if _stands(name, page.said.text):
        return Compared(entry, Agreement.SAME)
    values = [field for field in page.said.fields if field.name == "PERSON" and _is_name(field)]
    if any(_stands(name, bare(field.value)) for field in values):
        return Compared(entry, Agreement.SAME)
    if not values:
        return Compared(entry, Agreement.SILENT)
    field = min(values, key=lambda one: apart(bare(one.value), name))
    value = bare(field.value)
    is_clear = field.sure >= CLEAR and (field.sure >= 0.99 or apart(value, name) > 1)
    # One letter read wrongly is common, all of them is not.
    is_clear = is_clear or (field.sure >= ANOTHER and set(value).isdisjoint(name))
    return Compared(entry, Agreement.OTHER if is_clear else Agreement.DOUBTFUL, wanted, field.value.strip(), field.box)


def _stands(name: str, text: str) -> bool:
    """Whether a name stands in a text, in whichever script: print has 強 where the catalogue has 强."""
    return name in text or folding.plain(name) in folding.plain(text)


def _is_name(field: FieldRead) -> bool:
    value = bare(field.value)
    return _NAME <= len(value) <= _LONGEST and all("\u3400" <= sign <= "\U0003ffff" for sign in value)


def _code(page: Told, wanted: str) -> Compared:
    entry = ("统一社会信用代码", "credit code")
    code = bare(wanted)
    if boxes := field_boxes(page, "CREDIT_CODE"):
        return _in_boxes(entry, wanted, code, boxes)
    if code in page.said.text or any(one.number == code for one in page.said.credits):
        return Compared(entry, Agreement.SAME)
    valid = [one for one in page.said.credits if one.is_valid] or list(page.said.credits)
    if not valid:
        return Compared(entry, Agreement.SILENT)
    one = valid[0]
    is_clear = one.is_valid and one.sure >= CLEAR and apart(one.number, code) > 1
    return Compared(entry, Agreement.OTHER if is_clear else Agreement.DOUBTFUL, code, one.number, one.box)


def _unit_name(page: Told, wanted: str) -> Compared:
    entry = ("单位名称", "employer")
    name = bare(wanted)
    if boxes := field_boxes(page, "UNIT"):
        return _in_boxes(entry, wanted, name, boxes)
    text = page.said.text.replace("\n", "")
    if _stands(name, text):
        return Compared(entry, Agreement.SAME)
    values = [field for field in page.said.fields if field.name == "UNIT" and len(bare(field.value)) >= 4]
    if shorter := [field for field in values if field.sure >= CLEAR and _is_part(bare(field.value), name)]:
        one = shorter[0]
        return Compared(entry, Agreement.DOUBTFUL, wanted, one.value.strip(), one.box)
    if holds(text, name) >= _ENOUGH:
        return Compared(entry, Agreement.SAME)
    if not values:
        return Compared(entry, Agreement.SILENT)
    field = max(values, key=lambda one: holds(name, bare(one.value)))
    value = bare(field.value)
    alike = max(holds(name, value), holds(value, name))
    if alike >= _ENOUGH:
        return Compared(entry, Agreement.SAME)
    is_clear = field.sure >= CLEAR and (alike < 0.7 or _is_another(value, name))
    return Compared(entry, Agreement.OTHER if is_clear else Agreement.DOUBTFUL, wanted, field.value.strip(), field.box)


def _is_another(value: str, name: str) -> bool:
    """Whether two units have nothing in common in what is their own (字号); trade and legal form many share."""
    own, other = (PLACE.sub("", one)[:_BRAND] for one in (value, name))
    return len(own) == len(other) == _BRAND and set(own).isdisjoint(other)


def _is_part(value: str, name: str) -> bool:
    """Whether a clear value lacks words of a name: of its place, or of its branch (简称或另一单位)."""
    return value != name and value in name and len(name) - len(value) >= _NAME


def _in_boxes(
    entry: tuple[str, str],
    wanted: str,
    known: str,
    boxes: Sequence[LaidBox],
    shown: Callable[[str], str] = str.strip,
) -> Compared:
    """An entry held against the boxes that a template draws for it: what stands there is its value, and nothing else.

    Clear is a value whose letters were read for what they are, and which differs in more than one of them.
    """
    filled = [one for one in boxes if bare(one.words)]
    if any(known in bare(one.words) for one in filled):
        return Compared(entry, Agreement.SAME)
    if not filled:
        return Compared(entry, Agreement.SILENT)
    one = min(filled, key=lambda box: apart(bare(box.words), known))
    differs = apart(bare(one.words), known)
    is_clear = one.sure >= CLEAR and differs > 1 and _is_whole(one, known)
    return Compared(
        entry, Agreement.OTHER if is_clear else Agreement.DOUBTFUL, shown(wanted), shown(bare(one.words)), one.at
    )


def _is_whole(one: LaidBox, known: str) -> bool:
    """Whether as much stands in a box as belongs there: of a number all its places, of a name two letters at least."""
    value = bare(one.words)
    return len(value) == len(known) if known[:1].isdigit() else len(value) >= _NAME


def agreements(page: Told, subjects: Sequence[SubjectFacts]) -> list[list[Compared]]:
    """Every subject held against a page that can be read; nothing of one that can hardly be."""
    if page.said.sure < LEGIBLE:
        return []
    return [list(person(page, one) if one.is_person else unit(page, one)) for one in subjects]
