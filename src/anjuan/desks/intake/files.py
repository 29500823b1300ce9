"""Looking at what came in before it is kept: what a file is, how many pages it has, its digests."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from anjuan.core.assurance import Outcome
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Route
from anjuan.facilities.assurance.actions import signatures
from anjuan.facilities.assurance.queries import signatures as verifying
from anjuan.facilities.assurance.queries.signatures import FoundStep, SignedFile
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.screening import queries as screening
from anjuan.foundation.journal.actions import Line
from anjuan.foundation.schedule.queries import StepRow
from anjuan.records.rows import CapturedFile


@dataclass(frozen=True)
class Taken:
    """Files that one item takes in."""

    urn: str
    reference: str
    agency_path: str
    files: Sequence[CapturedFile]


def measure(step: StepRow, path: Path, *, original_name: str, material_code: str) -> CapturedFile:
    """Identify and measure one file, verify its signatures (识别、测量、验签). It only reads, and never the database.

    Raises:
        H-005: the material is not on the list.
        M-…: it is not a readable page; M-020, M-021 the scanner knows it, or is away.
    """
    step.material(material_code)
    screening.scan(path, original_name)  # before anything decodes it
    shape = formats.characterise(path, name=original_name)
    digests = repository.digest_stream(path)
    return CapturedFile(
        material_code=material_code,
        original_name=original_name[:255],
        # Names people gave are metadata; in the store a file is called by what it is, so no name can break a path.
        logical_name=f"capture/{digests.sha256[:24]}.{shape.extension}",
        format_id=shape.format_id,
        mime=shape.mime,
        pages=tuple((page.width_px, page.height_px, page.dpi) for page in shape.pages),
        size_bytes=digests.size_bytes,
        sha512=digests.sha512,
        sha256=digests.sha256,
        sm3=digests.sm3,
        findings=shape.findings,
        signatures=verifying.verify_file(path, shape.mime, name=original_name),
    )


def refuse_invalid(step: StepRow, file: CapturedFile, route: Route) -> None:
    """Whether a file stands for the whole case and is signed in vain: the main form of a single set.

    Any other file is kept as it is, and its invalid signature goes into the register.

    Raises:
        Z-020: it is.
    """
    if route is not Route.SINGLE_SET or not step.material(file.material_code).is_main:
        return
    for one in file.signatures or ():
        if one.outcome is Outcome.FAIL:
            said = f"{one.wrong(chinese=True)} {one.wrong(chinese=False)}"
            raise Refusal("Z-020", name=file.original_name[:60], said=said)


def flag(line: Line, *taken: Taken) -> None:
    """Keep what files were flagged for, inside the deed that takes them in; invalid signatures go into the register."""
    formats.flag_files(flagged=[(file.sha512, file.findings) for one in taken for file in one.files])
    checked = [
        SignedFile(one.urn, one.reference, one.agency_path, file.sha512, file.original_name, file.signatures)
        for one in taken
        for file in one.files
        if file.signatures is not None
    ]
    signatures.keep_checks(checked=checked)
    signatures.enter_faults(line=line, checked=checked, step=FoundStep.CAPTURE)


def refuse_doubles(files: Sequence[CapturedFile], present: Mapping[str, int]) -> None:
    """Whether an item would hold the same bytes twice.

    Args:
        files: what comes in.
        present: places of what is there already, by SHA-512.

    Raises:
        I-012: it would.
    """
    places = dict(present)
    for file in files:
        if file.sha512 in places:
            raise Refusal("I-012", name=file.original_name[:60], ordinal=places[file.sha512])
        places[file.sha512] = len(places) + 1


def count_repeats(files: Sequence[CapturedFile], present: Collection[str]) -> int:
    """How many files have the bytes of one that is there already, or comes in before them."""
    return len(files) - len({file.sha512 for file in files} - set(present))


def named(files: Sequence[CapturedFile]) -> str:
    """Files as a journal line names them, each with the codes of what it was flagged for."""
    return "; ".join(
        " ".join(
            (
                f"{file.material_code} sha256:{file.sha256} {len(file.pages)}p",
                *(found.code for found in file.findings),
            )
        )
        for file in files
    )
