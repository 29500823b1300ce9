"""Where the fields of a registration came from: taken over from the business record, changed, or typed (著录来源)."""

import enum
import unicodedata
from collections.abc import Mapping

from anjuan.core import sheets
from anjuan.desks.intake.rules import Registration


class Origin(enum.StrEnum):
    """Where a field came from."""

    TAKEN = "TAKEN"  # as the business record has it
    CHANGED = "CHANGED"  # the record has it otherwise
    TYPED = "TYPED"  # the record has nothing, or there is none


def fields_of(registration: Registration) -> dict[str, str]:
    """What was registered, in the fields of a business record; of several persons none: they are a list."""
    alone = registration.persons[0] if len(registration.persons) == 1 else None
    employer = registration.employer
    found = {
        "title": registration.title,
        "formed_date": registration.formed_date.isoformat(),
        "paper_pages": str(registration.paper_pages),
        "person_name": alone.name if alone else "",
        "person_id": alone.id_number if alone else "",
        "employer_name": employer.name if employer else "",
        "credit_code": employer.credit_code if employer else "",
    }
    return {field: text.strip() for field, text in found.items() if text.strip()}


def origins(registration: Registration, stated: Mapping[str, str]) -> dict[str, Origin]:
    """Field by field where a registration came from; fields left empty are no work and are not counted."""
    return {
        field: Origin.TYPED
        if field not in stated
        else Origin.TAKEN
        if _same(field, text, stated[field])
        else Origin.CHANGED
        for field, text in fields_of(registration).items()
    }


def for_form(stated: Mapping[str, str]) -> dict[str, str]:
    """A business record as the fields of the form take it: dates as the form writes them, what is no date left out."""
    found = dict(stated)
    if "formed_date" in found:
        read = sheets.date(found.pop("formed_date"))
        found |= {"formed_date": read.isoformat()} if read else {}
    if not found.get("paper_pages", "0").isascii() or not found.get("paper_pages", "0").isdigit():
        del found["paper_pages"]
    return found


def _same(field: str, typed: str, stated: str) -> bool:
    if field == "formed_date":
        read = sheets.date(stated)
        return read is not None and read.isoformat() == typed
    return _folded(typed) == _folded(stated)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).upper().split())
