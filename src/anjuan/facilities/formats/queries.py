"""What can be seen of a file's form: the derivatives that the screen shows, its flags, its words."""

import functools
import importlib.resources
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from anjuan.core.detection.facts import FormFacts
from anjuan.core.detection.measures import VERSION, PageMeasures, Twin, measures_from
from anjuan.core.refusals import Refusal
from anjuan.core.signatures import RawSignature
from anjuan.facilities.formats.backends import form_check, likeness, ofd, ofd_signatures, pdf, plain, render
from anjuan.facilities.formats.backends.render import PageDerivatives
from anjuan.facilities.formats.models import FormatFinding, FormCheck, PageMeasure, PageSignature
from anjuan.facilities.formats.rules import PDF_IDS, PDFA_IDS, Limits

__all__ = [
    "FindingRow",
    "PageDerivatives",
    "alike",
    "derivatives_of",
    "findings_of",
    "forms_of",
    "limits",
    "may_hold_text",
    "measured_pages",
    "measures_of",
    "signatures_of",
    "text_of_page",
]

_MOST_CHARACTERS = 200_000  # of the words of one page
_AT_ONCE = 5_000  # digests of one query: what SQLite takes as parameters
MEASURED_MIMES = ("image/jpeg", "image/png", "image/tiff")  # pages of PDF and OFD are not measured
_PDF = frozenset({*PDF_IDS.values(), *PDFA_IDS.values()})


@dataclass(frozen=True)
class FindingRow:
    """One flag on a file as pages show it (格式标记)."""

    code: str
    severity: str
    params: Mapping[str, object] = field(default_factory=dict, hash=False)

    def name(self, language: str) -> str:
        """A few words for a badge."""
        return _words()[self.code][f"{_tongue(language)}_name"]

    def message(self, language: str) -> str:
        """The whole sentence."""
        return _words()[self.code][_tongue(language)].format_map(self.params)


def _tongue(language: str) -> str:
    return "zh" if language.startswith("zh") else "en"


@functools.cache
def _words() -> Mapping[str, Mapping[str, str]]:
    """The words of every flag. Constant data of the package, read once."""
    text = importlib.resources.files(__package__).joinpath("seed/findings.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def findings_of(digests: Collection[str]) -> dict[str, tuple[FindingRow, ...]]:
    """What files were flagged for when they came in; only flagged ones are named.

    Args:
        digests: SHA-512 of the files, lower-case hex.
    """
    found: dict[str, tuple[FindingRow, ...]] = {}
    for row in FormatFinding.objects.filter(sha512__in=digests).order_by("sha512", "code"):
        found[row.sha512] = (*found.get(row.sha512, ()), FindingRow(row.code, row.severity, row.params))
    return found


def alike(
    fresh: Mapping[tuple[str, int], bytes], among: Collection[str]
) -> list[tuple[tuple[str, int], tuple[str, int]]]:
    """Which pages may be scans of the same sheet as pages of other files (疑似同一页); one query.

    Only pages that have a signature are compared: images, and none that is blank. A file is not compared with itself.

    Args:
        fresh: signatures by digest and page.
        among: SHA-512 of the files they are compared with, themselves among them or not.

    Returns:
        Pairs of digest and page, the first of ``fresh``.
    """
    rows = PageSignature.objects.filter(sha512__in=among).order_by("sha512", "page_no")
    kept = {(row.sha512, row.page_no): bytes(row.signature) for row in rows}
    kept |= {page: signature for page, signature in fresh.items() if page[0] in among}
    pages = {page: likeness.opened(signature) for page, signature in {**kept, **fresh}.items()}
    return [
        (one, other)
        for one in fresh
        for other in kept
        if other[0] != one[0] and likeness.unlikeness(pages[one], pages[other]) <= likeness.SAME
    ]


def measures_of(digests: Collection[str]) -> dict[tuple[str, int], PageMeasures]:
    """What was measured on the pages of files, by digest and page; pages not measured yet are not named.

    Args:
        digests: SHA-512 of the files, lower-case hex; one query for each five thousand.
    """
    found = {}
    for some in _slices(digests):
        rows = PageMeasure.objects.filter(sha512__in=some, version=VERSION)
        for sha512, page, figures, twins in rows.values_list("sha512", "page_no", "figures", "twins"):
            found[sha512, page] = measures_from(figures, tuple(Twin(*one) for one in twins))
    return found


def measured_pages(digests: Collection[str]) -> dict[str, set[int]]:
    """Which pages of files have been measured, by digest."""
    found: dict[str, set[int]] = {}
    for some in _slices(digests):
        rows = PageMeasure.objects.filter(sha512__in=some, version=VERSION)
        for sha512, page in rows.values_list("sha512", "page_no"):
            found.setdefault(sha512, set()).add(page)
    return found


def _slices(digests: Collection[str]) -> Iterator[list[str]]:
    wanted = sorted(set(digests))
    for first in range(0, len(wanted), _AT_ONCE):
        yield wanted[first : first + _AT_ONCE]


def forms_of(digests: Collection[str]) -> dict[str, FormFacts]:
    """How paged files are built, by digest; files that nobody looked at are not named.

    Args:
        digests: SHA-512 of the files, lower-case hex; one query for each five thousand, none where there is none.
    """
    found = {}
    for some in _slices(digests):
        rows = FormCheck.objects.filter(sha512__in=some, version=form_check.VERSION)
        for sha512, figures in rows.values_list("sha512", "figures"):
            found[sha512] = form_check.from_kept(figures)
    return found


def signatures_of(path: Path, *, name: str = "") -> tuple[RawSignature, ...]:
    """The signatures that an OFD lists, held against its parts, before any cryptography (OFD 签名).

    Args:
        path: an OFD that has been characterised.
        name: what people call it, for the refusal.

    Raises: M-003, M-007, M-008, M-010 the container is not sound.
    """
    return ofd_signatures.signatures_of(path, name or path.name, limits())


def may_hold_text(format_id: str) -> bool:
    """Whether pages of a format can have words of their own; those of pictures cannot."""
    return format_id in _PDF or format_id in (ofd.FORMAT_ID, plain.FORMAT_ID)


def text_of_page(source: Path | bytes, format_id: str, page: int) -> str:
    """The words that a page itself holds: text layer of a PDF, OFD, plain text (页面文字).

    Args:
        source: a file that has been taken in, or its bytes.
        format_id: as its component has it.
        page: from 1.

    Returns:
        At most 200,000 characters; empty for pictures, whose words nobody has read.

    Raises: M-009 no such page.
    """
    if format_id in _PDF:
        text = pdf.text_of_page(source, page)
    elif format_id == ofd.FORMAT_ID:
        text = ofd.text_of_page(source, page)
    elif format_id == plain.FORMAT_ID:
        text = plain.text_of_page(source, page)
    elif page < 1:
        raise Refusal("M-009", page=page)
    else:
        text = ""
    return text[:_MOST_CHARACTERS]


def limits() -> Limits:
    """The limits of this installation; ``ANJUAN_FORMAT_LIMITS`` overrides single ones."""
    return Limits(**getattr(settings, "ANJUAN_FORMAT_LIMITS", {}))


def derivatives_of(sha512: str, page: int, turn: int = 0) -> PageDerivatives | None:
    """The derivatives of a page, if they have been made (浏览件).

    Args:
        sha512: digest of the file, lower-case hex.
        page: from 1.
        turn: degrees clockwise by which it is shown turned.

    Raises: M-009 neither a digest nor a page number.
    """
    return render.find_derivatives(settings.ANJUAN_HOME / "derivatives", sha512, page, turn)
