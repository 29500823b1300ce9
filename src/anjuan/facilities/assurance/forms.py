"""What a person typed of a test to be added. Nothing is judged here."""

import re
from dataclasses import dataclass

from django.http import QueryDict

from anjuan.core.assurance import Nature, Stage


@dataclass(frozen=True)
class Typed:
    """A test as it was typed."""

    zh: str
    en: str
    nature: Nature
    stages: tuple[Stage, ...]
    detectors: tuple[str, ...]
    has_veto: bool
    reason: str


NOTHING = Typed("", "", Nature.AUTHENTIC, (Stage.STORAGE,), (), False, "")


def read_test(typed: QueryDict) -> Typed:
    """A test as it was typed; what is none of the choices is left out."""
    return Typed(
        typed.get("zh", ""),
        typed.get("en", ""),
        next((one for one in Nature if one == typed.get("nature")), Nature.AUTHENTIC),
        tuple(stage for stage in Stage if stage in typed.getlist("stages")),
        tuple(code.upper() for code in re.split(r"[\s,，、;；]+", typed.get("detectors", "")) if code),
        typed.get("veto") == "1",
        typed.get("reason", ""),
    )
