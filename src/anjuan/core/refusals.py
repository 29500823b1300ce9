"""Findings and refusals (检查发现与拒绝): how a No is said.

A *finding* is a verifier's observation: returned in a list, never raised. A *refusal* is raised by an action that
declines for a foreseen reason; it carries a code and parameters, never a sentence. The sentences stand in
``catalogue/*.toml``, one file a room, in Chinese and English, with the clause obeyed and the next step.
"""

import enum
import functools
import importlib.resources
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

from anjuan.core.words import spoken


class Severity(enum.StrEnum):
    """How much a finding weighs."""

    ERROR = "ERROR"
    WARNING = "WARNING"


@dataclass(frozen=True)
class Finding:
    """One observation of a verifier (检查发现).

    Attributes:
        code: stable code; the specification's own where it has one.
        severity: ERROR breaks conformity, WARNING does not.
        place: where, as a path or a reference code.
        message: one English sentence with the particulars.
        params: the particulars alone, where a room says the finding in the reader's language.
    """

    code: str
    severity: Severity
    place: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class CatalogueEntry:
    """What the catalogue says of one code: two languages, clause, remedy, HTTP status."""

    code: str
    zh: str
    en: str
    clause: str
    remedy_zh: str
    remedy_en: str
    status: int


class _Forgiving(dict[str, object]):
    """A missing parameter shows as an ellipsis rather than breaking the refusal itself."""

    def __missing__(self, key: str) -> str:
        return "…"


class Refusal(Exception):
    """An action declines for a foreseen reason (拒绝).

    Args:
        code: a code of the catalogue, such as ``L-001``.
        **params: what the sentences name; strings or numbers.
    """

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params: Mapping[str, object] = params

    @property
    def entry(self) -> CatalogueEntry:
        """The catalogue's words for this code."""
        return catalogue()[self.code]

    def message(self, language: str = "zh") -> str:
        """The reason in the reader's language."""
        return self._say(self.entry.zh if language.startswith("zh") else self.entry.en, language)

    def remedy(self, language: str = "zh") -> str:
        """The next step: who can do what."""
        return self._say(self.entry.remedy_zh if language.startswith("zh") else self.entry.remedy_en, language)

    @property
    def clause(self) -> str:
        """The clause obeyed; empty where the house alone decides."""
        return self.entry.clause

    def _say(self, sentence: str, language: str) -> str:
        return sentence.format_map(_Forgiving({key: spoken(value, language) for key, value in self.params.items()}))

    def __str__(self) -> str:
        return f"{self.code} {self.message('en')}"


@dataclass(frozen=True)
class Obstacle:
    """One reason why a button is not live yet: a sentence and where to mend it."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def as_refusal(self) -> Refusal:
        """The same reason, raised."""
        return Refusal(self.code, **self.params)


@functools.cache
def catalogue() -> Mapping[str, CatalogueEntry]:
    """All refusal codes. Constant data of the package, read once."""
    entries: dict[str, CatalogueEntry] = {}
    for page in sorted(importlib.resources.files("anjuan.core").joinpath("catalogue").iterdir(), key=lambda p: p.name):
        if not page.name.endswith(".toml") or page.name == "words.toml":
            continue
        for code, words in tomllib.loads(page.read_text(encoding="utf-8")).items():
            if code in entries:
                raise ValueError(f"refusal code {code} stands twice in the catalogue")
            entries[code] = CatalogueEntry(
                code=code,
                zh=words["zh"],
                en=words["en"],
                clause=words.get("clause", ""),
                remedy_zh=words["remedy_zh"],
                remedy_en=words["remedy_en"],
                status=words.get("status", 422),
            )
    return entries
