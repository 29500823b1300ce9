"""Four-nature tests (四性检测): facts in, outcomes out. Which tests there are is data: ``schemes/four_nature.toml``.

Authentic, complete, usable, safe (真实性、完整性、可用性、安全性). A test may be unsure: then a person looks.

Standard: DA/T 70-2018 (stages and natures; item numbers unconfirmed); GB/T 39362-2020.
"""

import enum
import functools
import importlib.resources
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

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
    """One test of a scheme.

    Attributes:
        code: ours; it stays.
        standard: the item of DA/T 70-2018 as it was seen in the field; empty for a test of ours.
        confidence: how sure that number is: S2 seen in use, M from memory, M? doubtful.
        has_veto: whether a record that fails it is refused (一票否决); the others are reported.
        detectors: for a test that an office added, the detectors whose worst word it takes; empty for those shipped.
    """

    __test__ = False

    code: str
    standard: str
    confidence: str
    nature: Nature
    has_veto: bool
    zh: str
    en: str
    stages: frozenset[Stage]
    detectors: tuple[str, ...] = ()


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
        judged: what detectors said of the record, by their id: the worst; one that had nothing to judge is not in it.
        is_package_sound: whether its object is built as prescribed; none when that was not looked at.
        package_files: files in the object's newest version; none when that was not looked at.
        registered_files: files that should be there.
        has_own_record: whether the package carries its own description and it can be parsed; none before sealing.
        has_scanner: whether a virus scanner is set up.
        deeds: deeds on it in the journal.
    """

    files: tuple[FileFacts, ...]
    completion_agrees: bool | None
    pages: int
    declared_pages: int | None
    missing_materials: tuple[str, ...]
    missing_fields: tuple[str, ...]
    judged: Mapping[str, Outcome] = field(default_factory=dict)
    is_package_sound: bool | None = None
    package_files: int | None = None
    registered_files: int = 0
    has_own_record: bool | None = None
    has_scanner: bool = False
    deeds: int = 0


@dataclass(frozen=True)
class Result:
    """What one test said, and of what."""

    code: str
    outcome: Outcome
    detail: str = ""


@functools.cache
def tests() -> tuple[Test, ...]:
    """The tests that are shipped. Constant data of the package."""
    page = importlib.resources.files("anjuan.core").joinpath("schemes/four_nature.toml")
    return tuple(
        Test(
            row["code"],
            row["standard"],
            row["confidence"],
            Nature(row["nature"]),
            row["veto"],
            row["zh"],
            row["en"],
            frozenset(Stage(stage) for stage in row["stages"]),
        )
        for row in tomllib.loads(page.read_text(encoding="utf-8"))["test"]
    )


def judge(stage: Stage, facts: RecordFacts, added: Sequence[Test] = ()) -> tuple[Result, ...]:
    """Do the tests of a stage on one record (四性检测).

    Args:
        stage: which scheme.
        facts: what is known.
        added: tests of the office itself, after those shipped.

    Returns:
        One result a test, in the order of the scheme.
    """
    return tuple(
        Result(test.code, *(_by(*test.detectors) if test.detectors else _JUDGES[test.code])(facts))
        for test in (*tests(), *added)
        if stage in test.stages
    )


def passes(results: Sequence[Result], added: Sequence[Test] = ()) -> bool:
    """Whether no test with a veto failed or is left for a person to look at."""
    return bool(results) and not standing_against(results, added)


def standing_against(results: Sequence[Result], added: Sequence[Test] = ()) -> tuple[Result, ...]:
    """What stands against a record: tests with a veto that failed, or that a person must look at."""
    vetoes = {test.code for test in (*tests(), *added) if test.has_veto}
    good = (Outcome.PASS, Outcome.NOT_APPLICABLE)
    return tuple(result for result in results if result.code in vetoes and result.outcome not in good)


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


def _by(*codes: str) -> Callable[[RecordFacts], _Verdict]:
    """What detectors said, the worst of these; not applicable where none of them had anything to judge."""

    def judged(facts: RecordFacts) -> _Verdict:
        said = {code: facts.judged[code] for code in codes if code in facts.judged}
        for worst in (Outcome.FAIL, Outcome.UNSURE):
            named = [code for code, outcome in said.items() if outcome is worst]
            if named:
                return worst, "、".join(named)
        return (Outcome.PASS, "") if said else (Outcome.NOT_APPLICABLE, "")

    return judged


def _package(facts: RecordFacts) -> _Verdict:
    if facts.is_package_sound is None:
        return Outcome.NOT_APPLICABLE, ""
    return (Outcome.PASS if facts.is_package_sound else Outcome.FAIL), ""


def _own_record(facts: RecordFacts) -> _Verdict:
    if facts.has_own_record is None:
        return Outcome.NOT_APPLICABLE, ""
    return (Outcome.PASS if facts.has_own_record else Outcome.FAIL), ""


def _package_count(facts: RecordFacts) -> _Verdict:
    if facts.package_files is None:
        return Outcome.NOT_APPLICABLE, ""
    if facts.package_files == facts.registered_files:
        return Outcome.PASS, ""
    return Outcome.FAIL, f"{facts.package_files} ≠ {facts.registered_files}"


def _rows(_facts: RecordFacts) -> _Verdict:
    return Outcome.PASS, ""  # the facts were read from the catalogue: it answers, and its rows can be read


def _reached(facts: RecordFacts) -> _Verdict:
    return _each(facts, lambda file: Outcome.PASS if file.is_verified else Outcome.FAIL)


def _restored(_facts: RecordFacts) -> _Verdict:
    return Outcome.NOT_APPLICABLE, "见副本巡检 copies"  # copies are verified on their own calendar


def _scanner(facts: RecordFacts) -> _Verdict:
    return (Outcome.PASS, "") if facts.has_scanner else (Outcome.UNSURE, "未设置 none is set up")


def _scanned(facts: RecordFacts) -> _Verdict:
    return (Outcome.PASS, "") if facts.has_scanner else (Outcome.NOT_APPLICABLE, "未设置杀毒 no scanner")


def _process(facts: RecordFacts) -> _Verdict:
    return (Outcome.PASS, "") if facts.deeds else (Outcome.FAIL, "志中没有记录 not in the journal")


_JUDGES: Mapping[str, Callable[[RecordFacts], _Verdict]] = {
    "A1": _bytes,
    "A2": _signatures,
    "A3": _completion,
    "A4": _by("L05"),
    "A5": _by("D02", "D04"),
    "A6": _by("D07"),
    "A7": _by("D05"),
    "A8": _by("D08"),
    "A9": _by("V11"),
    "A10": _by("D09"),
    "A11": _by("L04"),
    "A12": _by("L01", "L03"),
    "A13": _package,
    "C1": _pages,
    "C2": _materials,
    "C3": _fields,
    "C4": _by("L04"),
    "C5": _by("D06", "L05"),
    "C6": _by("L11"),
    "C7": _by("D14"),
    "C8": _readable,
    "C9": _by("D13"),
    "C10": _own_record,
    "C11": _package_count,
    "U1": _formats,
    "U2": _readable,
    "U3": _own_record,
    "U4": _rows,
    "U5": _reached,
    "U6": _readable,
    "U7": _restored,
    "S1": _clean,
    "S2": _scanner,
    "S3": _scanned,
    "S4": _package,
    "S5": _process,
}
