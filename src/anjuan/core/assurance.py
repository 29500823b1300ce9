"""Four-nature tests (四性检测): facts in, outcomes out. Which tests there are is data: ``schemes/four_nature.toml``.

Authentic, complete, usable, safe (真实性、完整性、可用性、安全性). A test may be unsure: then a person looks.

Standard: DA/T 70-2018 (stages and natures; item numbers unconfirmed); GB/T 39362-2020.
"""

import enum
import functools
import importlib.resources
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

# Formats that may be kept for the long term (DA/T 47: PDF/A, OFD; DA/T 31: JPEG, TIFF; plain text). A PDF that does not
# say it is PDF/A is let pass, as offices have them; which formats an office admits will be a setting of its scheme.
_KEPT = {"fmt/95", "fmt/354", "fmt/476", "fmt/477", "fmt/478", "fmt/479", "fmt/480", "fmt/481"}
_KEPT |= {"fmt/42", "fmt/43", "fmt/44", "fmt/353", "x-fmt/111", "x-fmt/390", "x-fmt/391", "x-fmt/398", "fmt/645"}
_KEPT |= {"anjuan/ofd", "fmt/11", "fmt/12", "fmt/13", "fmt/1507"}
_READABLE = {f"fmt/{number}" for number in (*range(14, 21), 276, 1129)}


class Stage(enum.StrEnum):
    """When the tests are done (检测环节)."""

    FILING = "FILING"
    TRANSFER = "TRANSFER"
    STORAGE = "STORAGE"


class Nature(enum.StrEnum):
    """The four natures (四性)."""

    AUTHENTIC = "AUTHENTIC"
    COMPLETE = "COMPLETE"
    USABLE = "USABLE"
    SAFE = "SAFE"


class Outcome(enum.StrEnum):
    """What a test says."""

    PASS = "PASS"
    FAIL = "FAIL"
    UNSURE = "UNSURE"
    NOT_APPLICABLE = "NOT_APPLICABLE"


@dataclass(frozen=True)
class Test:
    """One test of a scheme."""

    __test__ = False

    code: str
    nature: Nature
    zh: str
    en: str
    stages: frozenset[Stage]


@dataclass(frozen=True)
class FileFacts:
    """What is known of one file of the record.

    Attributes:
        name: how people call it.
        format_id: PRONOM identifier.
        is_verified: its bytes agree with the digests taken at capture.
        is_readable: it was decoded whole.
        is_clean: neither encrypted nor carrying anything else.
        signatures: how many signatures it carries; None for formats that carry none.
        is_signature_valid: whether they hold over the whole file and come from a trusted authority; None when a
            machine cannot say.
        must_be_signed: whether it is the main form, which must carry one.
    """

    name: str
    format_id: str
    is_verified: bool
    is_readable: bool
    is_clean: bool
    signatures: int | None
    is_signature_valid: bool | None
    must_be_signed: bool


@dataclass(frozen=True)
class RecordFacts:
    """What is known of one electronic record.

    Attributes:
        files: its files.
        completion_agrees: whether the business system's completion names this number and step; None without one.
        pages: pages that lie here.
        declared_pages: pages the business system declared; None without a completion.
        missing_materials: names of required material that is not there.
        missing_fields: names of descriptions that are empty.
    """

    files: tuple[FileFacts, ...]
    completion_agrees: bool | None
    pages: int
    declared_pages: int | None
    missing_materials: tuple[str, ...]
    missing_fields: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """What one test said, and of what."""

    code: str
    outcome: Outcome
    detail: str = ""


@functools.cache
def tests() -> tuple[Test, ...]:
    """All tests. Constant data of the package."""
    page = importlib.resources.files("anjuan.core").joinpath("schemes/four_nature.toml")
    return tuple(
        Test(
            row["code"],
            Nature(row["nature"]),
            row["zh"],
            row["en"],
            frozenset(Stage(stage) for stage in row["stages"]),
        )
        for row in tomllib.loads(page.read_text(encoding="utf-8"))["test"]
    )


def judge(stage: Stage, facts: RecordFacts) -> tuple[Result, ...]:
    """Do the tests of a stage on one record (四性检测).

    Args:
        stage: which scheme.
        facts: what is known.

    Returns:
        One result a test, in the order of the scheme.
    """
    return tuple(Result(test.code, *_JUDGES[test.code](facts)) for test in tests() if stage in test.stages)


def passes(results: Sequence[Result]) -> bool:
    """Whether nothing failed and nothing is left for a person to look at."""
    return bool(results) and all(result.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE) for result in results)


_Verdict = tuple[Outcome, str]


def _bytes(facts: RecordFacts) -> _Verdict:
    return _each(facts, lambda file: Outcome.PASS if file.is_verified else Outcome.FAIL)


def _signatures(facts: RecordFacts) -> _Verdict:
    if not any(file.signatures or file.must_be_signed for file in facts.files):
        return Outcome.NOT_APPLICABLE, ""

    def of(file: FileFacts) -> Outcome:
        if not file.signatures:
            return Outcome.FAIL if file.must_be_signed else Outcome.PASS
        if file.is_signature_valid is None:
            return Outcome.UNSURE
        return Outcome.PASS if file.is_signature_valid else Outcome.FAIL

    return _each(facts, of)


def _completion(facts: RecordFacts) -> _Verdict:
    return (Outcome.PASS if facts.completion_agrees else Outcome.FAIL), ""


def _pages(facts: RecordFacts) -> _Verdict:
    agrees = facts.declared_pages is not None and facts.pages == facts.declared_pages
    said = "—" if facts.declared_pages is None else facts.declared_pages
    return (Outcome.PASS, "") if agrees else (Outcome.FAIL, f"{facts.pages} ≠ {said}")


def _materials(facts: RecordFacts) -> _Verdict:
    return _none_of(facts.missing_materials)


def _fields(facts: RecordFacts) -> _Verdict:
    return _none_of(facts.missing_fields)


def _formats(facts: RecordFacts) -> _Verdict:
    return _each(facts, lambda file: Outcome.PASS if file.format_id in _KEPT | _READABLE else Outcome.UNSURE)


def _readable(facts: RecordFacts) -> _Verdict:
    return _each(facts, lambda file: Outcome.PASS if file.is_readable else Outcome.FAIL)


def _clean(facts: RecordFacts) -> _Verdict:
    return _each(facts, lambda file: Outcome.PASS if file.is_clean else Outcome.FAIL)


def _each(facts: RecordFacts, of: Callable[[FileFacts], Outcome]) -> _Verdict:
    """The worst outcome over the files, and which files it is."""
    if not facts.files:
        return Outcome.FAIL, "—"
    outcomes = {file.name: of(file) for file in facts.files}
    for worst in (Outcome.FAIL, Outcome.UNSURE):
        named = [name for name, outcome in outcomes.items() if outcome is worst]
        if named:
            return worst, "、".join(named)
    return Outcome.PASS, ""


def _none_of(missing: tuple[str, ...]) -> _Verdict:
    return (Outcome.FAIL, "、".join(missing)) if missing else (Outcome.PASS, "")


_JUDGES: Mapping[str, Callable[[RecordFacts], _Verdict]] = {
    "A1": _bytes,
    "A2": _signatures,
    "A3": _completion,
    "C1": _pages,
    "C2": _materials,
    "C3": _fields,
    "U1": _formats,
    "U2": _readable,
    "S1": _clean,
}
