"""Judging files that come in, and drawing what the screen shows of them (格式).

Neither changes a record: characterising only reads, derivatives are a cache. So there is no journal entry here; the
flags of a file are written within the deed that captures it.
"""

import dataclasses
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.utils.module_loading import import_string
from PIL import Image

from anjuan.core.detection.measures import VERSION, PageMeasures, Twin
from anjuan.core.refusals import Finding, Refusal
from anjuan.facilities.formats import queries, rules
from anjuan.facilities.formats.backends import (
    form_check,
    likeness,
    measuring,
    ofd,
    paint,
    pdf,
    plain,
    raster,
    render,
    spoiling,
    tiff,
)
from anjuan.facilities.formats.backends.identify import Identity, identify
from anjuan.facilities.formats.backends.ofd import TextRun
from anjuan.facilities.formats.backends.page_copy import stated_dpi
from anjuan.facilities.formats.backends.render import PageDerivatives
from anjuan.facilities.formats.models import FormatFinding, FormCheck, PageMeasure, PageSignature
from anjuan.facilities.formats.queries import derivatives_of, limits
from anjuan.facilities.formats.rules import Characterisation, PageShape, flag, strangers

__all__ = [
    "Characterisation",
    "PageDerivatives",
    "PageShape",
    "characterise",
    "check_form",
    "copy_page",
    "decode_page",
    "draw_pages",
    "ensure_derivatives",
    "flag_files",
    "keep_signatures",
    "measure_copies",
    "measure_pages",
    "open_content",
    "open_page",
    "page_count",
    "pixels_of_page",
    "read_symbols",
    "show_fault",
    "sketch_pages",
]

Array = npt.NDArray[Any]

_NAME_CHARACTERS = 60
_COPY_QUALITY = 80  # of a JPEG
_SPECIMEN_HEIGHT = 300  # pixels
_MOST_SIGNED = 12  # pages of one file: whoever sends more in one file does not scan them twice by mistake
_READERS = {rules.PDF: pdf.characterise, rules.TIFF: tiff.characterise, rules.OFD: ofd.characterise}


def characterise(path: Path, *, name: str = "") -> Characterisation:
    """Say what a file is, from its content alone, after decoding it whole (格式识别与检测).

    Args:
        path: the file.
        name: what people call it, for the refusal; it is never believed.

    Raises: M-001 empty; M-002 a program or active content, or a format not known here while those are not taken in;
        M-003 truncated or damaged; M-004 too many pixels; M-005 too many pages; M-006 too large; M-007 encrypted; M-008
        another format behind the end; M-010 a container that would unpack to too much; M-011 too many pixels in
        all.
    Standard: GB/T 39362-2020, usability and safety checks.
    """
    called = (name or path.name)[:_NAME_CHARACTERS]
    allowed = limits()
    size_bytes = path.stat().st_size
    if size_bytes == 0:
        raise Refusal("M-001", name=called)
    if size_bytes > allowed.file_bytes:
        raise Refusal("M-006", name=called, size_bytes=size_bytes, limit_bytes=allowed.file_bytes)
    identity = identify(path, called, allowed, most_pages=allowed.pdf_pages)
    if identity.family in _READERS:
        return _READERS[identity.family](path, called, allowed)
    if identity.family == rules.TEXT:
        return plain.characterise(path, called, identity.encoding, identity.pages, allowed)
    if identity.family == rules.STRANGE:
        return _kept_as_it_is(identity, called, size_bytes)
    return raster.characterise(path, identity.family, called, allowed)


def _kept_as_it_is(identity: Identity, name: str, size_bytes: int) -> Characterisation:
    """A file without pages of its own counts as one, and says what it is as far as we know."""
    kind = identity.kind
    if not settings.ANJUAN_ACCEPT_UNKNOWN:
        raise Refusal("M-002", name=name, found=kind.name)
    known = flag("N-006", f"{kind.name} is not a preservation format.", kind=kind.name)
    return Characterisation(
        format_id=kind.format_id,
        mime="application/octet-stream",
        extension=kind.extension,
        pages=(paint.A4,),
        size_bytes=size_bytes,
        findings=(flag("N-005", "The format is unknown.") if kind is strangers.UNKNOWN else known,),
    )


def flag_files(*, flagged: Iterable[tuple[str, Iterable[Finding]]]) -> None:
    """Keep what files were flagged for, beside their digests (登记格式标记); flags that stand already are left.

    Called within the deed that captures the files, which says the same in its journal line.

    Args:
        flagged: SHA-512 of each file, and its findings.
    """
    FormatFinding.objects.bulk_create(
        (
            FormatFinding(sha512=sha512, code=found.code, severity=found.severity, params=dict(found.params))
            for sha512, findings in flagged
            for found in findings
        ),
        ignore_conflicts=True,
    )


def sketch_pages(*, path: Path, sha512: str, pages: int) -> list[tuple[int, bytes]]:
    """Signatures of a file's pages, by which they are known again (页面指纹): of images that are not blank, no others.

    Each page is decoded once, and its thumbnail is laid down from the same picture: the counter shows it next.

    Args:
        path: the file, characterised.
        sha512: its digest, as it was just measured.
        pages: how many it has; the first twelve are signed.
    """
    signed = []
    for page in range(1, min(pages, _MOST_SIGNED) + 1):
        image = render.small_image(path, page, likeness.DECODED)
        if image is not None:
            render.keep_thumbnail(settings.ANJUAN_HOME / "derivatives", sha512, image, page)
            signed.append((page, likeness.sign(image)))
    return [(page, signature) for page, signature in signed if signature]


def keep_signatures(*, signatures: Mapping[tuple[str, int], bytes]) -> None:
    """Keep signatures of pages by the digest of the file and the page; those that lie there already are left.

    Called within the deed that captures the files.
    """
    PageSignature.objects.bulk_create(
        (PageSignature(sha512=sha512, page_no=page, signature=octets) for (sha512, page), octets in signatures.items()),
        ignore_conflicts=True,
    )


def measure_pages(*, urn: str, sha512: str, first: int, last: int, beside: Mapping[str, int]) -> int:
    """Measure some pages of a stored file that were not measured yet, and compare them with their item's (影像测量).

    Nothing is judged: detectors hold the figures against thresholds. Called by a job outside any deed: measures are no
    record and can be made again.

    Args:
        urn: identifier of the object.
        sha512: digest of the file.
        first: page, from 1.
        last: page; of one past the end of the file it is noted that there is nothing to measure.
        beside: pages of each file of the item, by digest, in which the same sheet may have been scanned again.

    Returns:
        How many pages were measured now.

    Raises: B-005, B-007, B-008 the store has no such file, or its bytes changed.
    Concurrency: safe to be called twice at once; the first row of a page stands.
    """
    wanted = set(range(first, last + 1)) - queries.measured_pages([sha512]).get(sha512, set())
    rows = []
    if wanted:
        with open_content(urn, sha512) as stream:
            path = Path(stream.name)
            family = identify(path, path.name, limits()).family
            pages = page_count(path)
            for page in sorted(wanted):
                figures, grey = measuring.measure(path, family, page) if page <= pages else measuring.NO_PAGE
                is_written = grey is not None and figures.is_measured and figures.hash64
                rows.append(
                    PageMeasure(
                        sha512=sha512,
                        page_no=page,
                        version=figures.version,
                        figures=measuring.as_kept(figures),
                        signature=likeness.sign(Image.fromarray(grey)) if is_written and grey is not None else b"",
                    )
                )
        PageMeasure.objects.filter(sha512=sha512, page_no__in=wanted).delete()  # of another version
        PageMeasure.objects.bulk_create(rows, ignore_conflicts=True)
    _note_twins(sha512, first, last, beside)
    return len(rows)


def _note_twins(sha512: str, first: int, last: int, beside: Mapping[str, int]) -> None:
    """Note at each of these pages which pages of the item look the same; whoever is measured later finds the pair."""
    rows = list(
        PageMeasure.objects.filter(sha512__in={sha512, *beside}, version=VERSION)
        .exclude(signature=b"")
        .order_by("sha512", "page_no")
    )
    mine = [row for row in rows if row.sha512 == sha512 and first <= row.page_no <= last]
    pictures: dict[int, Image.Image] = {}
    for row in mine:
        known = {(one[0], one[1]) for one in row.twins}
        found = [
            [other.sha512, other.page_no, round(apart, 1)]
            for other in rows
            if other.pk != row.pk
            and (other.sha512, other.page_no) not in known
            and (apart := _apart(row, other, pictures)) <= likeness.NEARLY
        ]
        if found:
            row.twins = [*row.twins, *found]
            row.save(update_fields=["twins"])


def _apart(one: PageMeasure, other: PageMeasure, pictures: dict[int, Image.Image]) -> float:
    if not likeness.may_be_same(one.figures.get("hash64", ""), other.figures.get("hash64", "")):
        return math.inf
    for row in (one, other):
        if row.pk not in pictures:
            pictures[row.pk] = likeness.opened(bytes(row.signature))
    return likeness.unlikeness(pictures[one.pk], pictures[other.pk])


def check_form(*, path: Path, sha512: str) -> None:
    """Look at how a PDF or OFD is built, and keep it by its digest (版式文件查验). Nothing is judged.

    Called by a job outside any deed: it is no record and can be found again.

    Args:
        path: a file that has been characterised.
        sha512: its digest.

    Raises: M-003, M-007, M-008, M-010 the container of an OFD is not sound.
    """
    family = identify(path, path.name, limits()).family
    if family == rules.PDF:
        found = form_check.check_pdf(path)
    elif family == rules.OFD:
        found = form_check.check_ofd(path, path.name, limits())
    else:
        return
    FormCheck.objects.update_or_create(
        sha512=sha512, defaults={"version": form_check.VERSION, "figures": form_check.as_kept(found)}
    )


def copy_page(*, urn: str, sha512: str, page: int, turn: int = 0, fault: str = "", strength: float = 0.0) -> bytes:
    """A copy of a page image as it is shown, with a known fault put into it if one is named (影像副本).

    It belongs to no record and is not kept here. The same arguments give the same bytes.

    Args:
        urn: identifier of the object.
        sha512: digest of the file, an image.
        page: from 1.
        turn: degrees clockwise by which it is shown turned.
        fault: code of the fault catalogue, one that is made on a page.
        strength: of the fault, 0 to 1.

    Returns:
        A JPEG that states the resolution of the page, where that is known.

    Raises: B-005, B-007, B-008 the store has no such file, or its bytes changed; M-009 no such page.
    """
    with open_content(urn, sha512) as stream:
        path = Path(stream.name)
        family = identify(path, path.name, limits()).family
        image = tiff.open_page(path, page) if family == rules.TIFF else raster.open_page(path)
        with Image.open(path) as stated:
            dpi = round(stated_dpi(stated))
    if turn:
        image = image.rotate(-turn, expand=True)
    if fault:
        image = spoiling.spoil(image, fault, strength)
    octets = io.BytesIO()
    image.save(octets, "JPEG", quality=_COPY_QUALITY, **({"dpi": (dpi, dpi)} if dpi else {}))
    return octets.getvalue()


def measure_copies(*, pages: Sequence[tuple[str, Path]]) -> list[PageMeasures]:
    """Measure copies of pages as records' pages are measured, each with those before it that look the same (影像测量).

    Nothing is kept.

    Args:
        pages: JPEG files of one page, in order, each with the name by which its twins are to know it.
    """
    found: list[PageMeasures] = []
    before: list[tuple[str, str, Image.Image]] = []
    for name, path in pages:
        figures, grey = measuring.measure(path, rules.JPEG, 1)
        twins: list[Twin] = []
        if grey is not None and figures.hash64 and (signature := likeness.sign(Image.fromarray(grey))):
            picture = likeness.opened(signature)
            for other, hash64, shown in before:
                apart = likeness.unlikeness(picture, shown) if likeness.may_be_same(figures.hash64, hash64) else 100.0
                if apart <= likeness.NEARLY:
                    twins.append(Twin(other, 1, round(apart, 1)))
            before.append((name, figures.hash64, picture))
        found.append(dataclasses.replace(figures, twins=tuple(twins)))
    return found


def show_fault(*, code: str) -> bytes:
    """A small JPEG of what a fault looks like, on pages drawn for the purpose (问题示例).

    Args:
        code: one of `injection.INJECTED`.
    """
    octets = io.BytesIO()
    spoiling.specimen(code, _SPECIMEN_HEIGHT).save(octets, "JPEG", quality=_COPY_QUALITY)
    return octets.getvalue()


def ensure_derivatives(sha512: str, path: Path, page: int, turn: int = 0) -> PageDerivatives:
    """The derivatives of a page, made if they are not there (生成浏览件).

    Args:
        sha512: digest of the file; the caller has verified it.
        path: the file.
        page: from 1.
        turn: degrees clockwise by which it is shown turned.

    Raises: M-002 a program or active content; M-009 no such page.
    Concurrency: safe to be called twice at once.
    """
    return render.make_derivatives(settings.ANJUAN_HOME / "derivatives", sha512, path, page, turn)


def page_count(path: Path) -> int:
    """Number of pages of a file that has been characterised (页数)."""
    return render.page_count(path)


def read_symbols(path: Path) -> tuple[tuple[str, ...], bool]:
    """Texts of the QR and Code 128 symbols on a file's first page, and whether nothing is written on it (识读条码).

    Args:
        path: a file that has been characterised.
    """
    return render.read_symbols(path)


def open_page(urn: str, sha512: str, page: int, turn: int = 0) -> PageDerivatives:
    """A page of a stored file, ready to be shown; drawn from verified bytes when it is opened first (打开一页).

    Args:
        urn: identifier of the object.
        sha512: digest of the file.
        page: from 1.
        turn: degrees clockwise by which it is shown turned.

    Raises: B-005, B-007, B-008 the store has no such file, or its bytes changed; M-009 no such page.
    """
    found = derivatives_of(sha512, page, turn)
    if found is not None:
        return found
    with open_content(urn, sha512) as stream:
        return ensure_derivatives(sha512, Path(stream.name), page, turn)


def open_thumbnail(urn: str, sha512: str, page: int, turn: int = 0) -> Path:
    """The thumbnail of a page, drawn alone from verified bytes if nothing of the page was drawn yet (缩略图).

    Args:
        urn: identifier of the object.
        sha512: digest of the file.
        page: from 1.
        turn: degrees clockwise by which it is shown turned.

    Raises: B-005, B-007, B-008 the store has no such file, or its bytes changed; M-009 no such page.
    """
    root = settings.ANJUAN_HOME / "derivatives"
    found = render.find_thumbnail(root, sha512, page, turn)
    if found is not None:
        return found
    with open_content(urn, sha512) as stream:
        return render.make_thumbnail(root, sha512, Path(stream.name), page, turn)


def open_whole_page(urn: str, sha512: str, page: int, turn: int = 0) -> Path:
    """A page as it is opened, drawn without its tiles from verified bytes if nothing of it was drawn yet (打开整页).

    Args:
        urn: identifier of the object.
        sha512: digest of the file.
        page: from 1.
        turn: degrees clockwise by which it is shown turned.

    Raises: B-005, B-007, B-008 the store has no such file, or its bytes changed; M-009 no such page.
    """
    root = settings.ANJUAN_HOME / "derivatives"
    found = render.find_view(root, sha512, page, turn)
    if found is not None:
        return found
    with open_content(urn, sha512) as stream:
        return render.make_view(root, sha512, Path(stream.name), page, turn)


def draw_pages(urn: str, sha512: str, first: int, last: int) -> None:
    """Draw some pages of a stored file before anyone opens them; what is drawn already is left (预生成浏览件).

    Args:
        urn: identifier of the object.
        sha512: digest of the file.
        first: from 1.
        last: the last of them; pages past the end of the file are passed over.

    Raises: B-005, B-007, B-008 the store has no such file, or its bytes changed; M-002 not a page image or PDF.
    """
    if all(derivatives_of(sha512, page) for page in range(first, last + 1)):
        return
    with open_content(urn, sha512) as stream:
        path = Path(stream.name)
        for page in range(first, min(last, page_count(path)) + 1):
            ensure_derivatives(sha512, path, page)


def pixels_of_page(*, path: Path, page: int, side: int) -> tuple[Array, float]:
    """A page's pixels, to be read by machine (取页面像素).

    Args:
        path: a file that was characterised.
        page: from 1.
        side: pixels that its longer side has at most.

    Returns:
        RGB, height × width × 3, as it is stored; and its dots an inch. Without a stated resolution it counts as A4.

    Raises: M-004 more pixels than are opened to be read; M-009 no such page.
    """
    image, dpi = render.page_to_read(path, page, side)
    return np.asarray(image), dpi


def runs_of_ofd_page(*, path: Path, page: int) -> tuple[list[TextRun], tuple[float, float]] | None:
    """The pieces of text of an OFD page (取版式文字) and its size in millimetres; none of a file of another kind.

    Raises: M-003 its container cannot be read; M-009 no such page.
    """
    return render.runs_to_read(path, page)


def decode_page(*, urn: str, sha512: str, page: int, times: int = 1) -> Image.Image:
    """A page of a stored file, decoded from verified bytes as it is stored, not turned (解码一页). Nothing is kept.

    Args:
        urn: identifier of the object.
        sha512: digest of the file.
        page: from 1.
        times: how many times smaller: 1, 2, 4 or 8.

    Raises: B-005, B-007, B-008 the store has no such file, or its bytes changed; M-009 no such page.
    """
    with open_content(urn, sha512) as stream:
        return render.page_smaller(Path(stream.name), page, times)


def text_of_pdf_page(*, path: Path, page: int) -> tuple[str, tuple[float, float]]:
    """The text that a PDF page carries itself (取文字层), and its size as it is shown, in points.

    Raises: M-009 no such page.
    """
    return pdf.text_and_size(path, page)


def open_content(urn: str, sha512: str) -> BinaryIO:
    """A stored file, opened after all its bytes have been verified (核验后打开原件).

    Facilities do not import one another: settings name who opens the bytes.

    Raises: B-005, B-007, B-008 the store has no such file, or its bytes changed.
    """
    stream: BinaryIO = import_string(settings.ANJUAN_OPEN_CONTENT)(urn, sha512)
    return stream
