"""A unit's clerk and a citizen at home: what they send, by the deeds and by the page."""

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from anjuan.core.terms import Occasion
from anjuan.desks.intake import actions as intake
from anjuan.desks.intake.actions import declarations as deeds
from anjuan.desks.intake.models import Declaration
from anjuan.desks.intake.queries.declarations import Facts
from anjuan.records.rules import Employer, Person
from tests import builders
from tests.cast import Cast

STEP = "PERSON_REGISTRATION"
PATH = f"/submit/BH/{STEP}/"
PROGRESS = "/submit/progress/"
AGAIN = "/submit/progress/again/"


@dataclass(frozen=True)
class Sent:
    """A declaration that was received: what its sender holds, and its uid."""

    number: str
    code: str
    uid: str

    @property
    def key(self) -> dict[str, str]:
        """What opens its page."""
        return {"number": self.number, "code": self.code}


def at_home(cast: Cast) -> Occasion:
    """An occasion of nobody in particular."""
    return cast.clock.occasion(deeds.APPLICANT)


def facts(serial: int = 1, **more: Any) -> Facts:
    """What is filled in."""
    filled: dict[str, Any] = {
        "title": "",
        "formed_date": builders.FORMED,
        "persons": (builders.person(serial),),
        "employer": None,
        "answers": {},
    }
    return Facts(**(filled | more))


def uploads(seed: int = 900, materials: Sequence[str] = builders.MATERIALS) -> list[intake.Upload]:
    """A page a material."""
    return [builders.upload(code, seed=seed + at) for at, code in enumerate(materials)]


def lodged(cast: Cast, seed: int = 900, *, serial: int = 1, ticket: str = "", **more: Any) -> Sent:
    """A declaration that waits for pre-review."""
    receipt = deeds.lodge(
        occasion=at_home(cast),
        agency_code="BH",
        step_code=STEP,
        facts=facts(serial),
        uploads=more.pop("uploads", None) or uploads(seed),
        ticket=ticket or f"ticket {seed}",
        **more,
    )
    row = Declaration.objects.get(declaration_no=receipt.declaration_no)
    return Sent(receipt.declaration_no, receipt.inquiry_code, row.uid)


def picture(seed: int, name: str = "扫描.jpg", octets: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, octets if octets is not None else builders.jpeg(seed), "image/jpeg")


def typed(person: Person | None = None, employer: Employer | None = None) -> dict[str, str]:
    """The fields of the form."""
    person = person or builders.person(1)
    return {
        "formed_date": builders.FORMED.isoformat(),
        "person_name": person.name,
        "person_id": person.id_number,
        "employer_name": employer.name if employer else "",
        "credit_code": employer.credit_code if employer else "",
        "ticket": "0123456789abcdef" * 2,
    }


def posted(change: Mapping[str, object] | None = None, *, seed: int = 900, ticket: str = "") -> Any:
    """The answer to a form that is sent from home; a field that is None is left out."""
    form: dict[str, Any] = {
        **typed(),
        "file-MAIN_FORM": picture(seed, "登记表.jpg"),
        "file-ID_CARD": picture(seed + 1, "身份证.jpg"),
        **({"ticket": f"{ticket:0>32}"} if ticket else {}),
        **(change or {}),
    }
    return Client().post(PATH, {name: value for name, value in form.items() if value is not None})


def told(page: str) -> Sent:
    """Number and code as the page told them."""
    number = re.findall(r"SB\d{8}-[2-9A-Z]{8}", page)[0]
    code = re.findall(r'data-copy="([2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4})"', page)[0]
    return Sent(number, code, Declaration.objects.get(declaration_no=number).uid)


def incoming(home: Path) -> list[Path]:
    """Files that wait in the spool of declarations."""
    with contextlib.suppress(FileNotFoundError):
        return sorted(path for path in (home / "incoming" / "declarations").rglob("*") if path.is_file())
    return []
