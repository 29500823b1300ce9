"""Reading one page whole: its seals, its words, and the ink where somebody signs.

Red ink is lifted off within seals before the words are read, so that a day under a seal is read as well as another.
What the seals themselves say is read from their ink alone.
"""

import base64
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from anjuan.core.reading import pages
from anjuan.core.reading.marks import SealMark, SealShape
from anjuan.core.reading.pages import VERSION, Box, turned
from anjuan.core.reading.said import PageSaid, as_kept, days_to_look, places_to_look, printed, said
from anjuan.core.refusals import Refusal
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.formats.backends.ofd import TextRun
from anjuan.facilities.reading.backends import engine, ink, ofd_page, seals, unrolling
from anjuan.facilities.reading.backends.tables import find_tables

Array = npt.NDArray[Any]

SIDE = 3508  # pixels of the longer side that are read at most: 300 dots an inch of an A4 page
_EDGE = 0.008  # of the page: so far beyond its box a seal's ink may run
_RED, _BRIGHT = 22, 105  # of 255: how much redder than grey red ink is, and how bright at least
_BLANK_SIDE = 1754  # pixels that the longer side of an empty form's picture has at most: 150 dots an inch of A4
_LEAST_BLANK = 300
_MOST_SEALS = 12  # of a page whose words are read


def read(path: Path, page: int) -> dict[str, Any]:
    """Read one page of a file that was characterised before.

    Args:
        path: the file.
        page: from 1.

    Returns:
        ``lines`` and ``said`` as they are kept, and the ``model``. A page that cannot be read says why in
        ``said["unread"]``; nothing is raised for what is on it.
    """
    cv2.setNumThreads(1)
    try:
        told = formats.runs_of_ofd_page(path=path, page=page)
        if told is not None:
            return _of_runs(*told)
        pixels, dpi = formats.pixels_of_page(path=path, page=page, side=SIDE)
    except (Refusal, OSError, ValueError, SyntaxError, MemoryError, cv2.error):
        return _unread("UNREADABLE")
    return read_pixels(pixels, dpi)


def _of_runs(runs: Sequence[TextRun], size: tuple[float, float]) -> dict[str, Any]:
    """The same of a page that says itself what stands on it; pictures in it are not looked at."""
    lines = ofd_page.lines_of(runs, size)
    if not lines:
        return _unread("NO_TEXT")
    told = said(lines, version=VERSION, turn=0, turn_sure=1.0, seals=(), inks={})
    return {"lines": pages.as_kept(lines), "said": as_kept(told), "model": ofd_page.MODEL}


def read_pixels(rgb: Array, dpi: float) -> dict[str, Any]:
    """The same of pixels.

    Args:
        rgb: the page as it is stored.
        dpi: of these pixels.
    """
    if min(rgb.shape[:2]) < 40:
        return _unread("TOO_SMALL")
    found = seals.find_seals(rgb, dpi)
    lifted = _lifted(rgb, found)
    lines, turn, sure = engine.read(lifted)
    ruled = find_tables(np.ascontiguousarray(np.rot90(lifted, -turn // 90)))
    upright = np.ascontiguousarray(np.rot90(rgb, -turn // 90))
    marks = [replace(mark, box=turned(mark.box, turn)) for mark in found]
    if not lines and not marks:
        return _unread("BLANK")
    marks = [
        replace(mark, words=_words(upright, mark)) if mark.is_red and place < _MOST_SEALS else mark
        for place, mark in enumerate(marks)
    ]
    print_of_form = printed(lines)
    inks = {box: ink.handwriting(upright, dpi, box, print_of_form) for box in places_to_look(lines)}
    empty, known = days_to_look(lines)
    traces = [ink.handwriting(upright, dpi, box, known) for box in empty]
    told = said(lines, version=VERSION, turn=turn, turn_sure=sure, seals=marks, inks=inks, tables=ruled, traces=traces)
    return {"lines": pages.as_kept(lines), "said": as_kept(told), "model": engine.MODEL}


def inks(path: Path, page: int, turn: int, boxes: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Ink by hand in boxes of a page, as a template asks for it.

    Args:
        path: a file that was characterised.
        page: from 1.
        turn: degrees clockwise that set the stored image upright.
        boxes: each with the boxes of the form's own print in it; parts of the upright page.

    Returns:
        ``inks``: for each box its mark as box, share, strokes and sureness; none of a page that cannot be opened.
    """
    cv2.setNumThreads(1)
    try:
        pixels, dpi = formats.pixels_of_page(path=path, page=page, side=SIDE)
    except (Refusal, OSError, ValueError, SyntaxError, MemoryError, cv2.error):
        return {"inks": []}
    upright = np.ascontiguousarray(np.rot90(pixels, -turn // 90))
    marks = [
        ink.handwriting(upright, dpi, pages.box_from(box), [pages.box_from(one) for one in printed])
        for box, printed in boxes
    ]
    return {"inks": [[list(mark.box), mark.share, mark.strokes, mark.sure] for mark in marks]}


def blank(path: Path) -> dict[str, Any]:
    """An empty form as a template is drawn on it: its words, and its picture drawn anew and upright.

    Args:
        path: a file that was characterised; its first page counts.

    Returns:
        ``lines`` as they are kept, ``picture`` (PNG, base64), its ``width`` and ``height``, and ``width_mm``; of a page
        that cannot be opened only ``unread``.
    """
    cv2.setNumThreads(1)
    try:
        pixels, dpi = formats.pixels_of_page(path=path, page=1, side=SIDE)
    except (Refusal, OSError, ValueError, SyntaxError, MemoryError, cv2.error):
        return {"unread": "UNREADABLE"}
    if min(pixels.shape[:2]) < _LEAST_BLANK or not dpi:
        return {"unread": "TOO_SMALL"}
    lines, turn, _ = engine.read(pixels)
    upright = np.ascontiguousarray(np.rot90(pixels, -turn // 90))
    width_mm = upright.shape[1] / dpi * 25.4
    scale = min(1.0, _BLANK_SIDE / max(upright.shape[:2]))
    small = cv2.resize(upright, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else upright
    done, octets = cv2.imencode(".png", cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
    if not done:
        return {"unread": "UNREADABLE"}
    return {
        "lines": pages.as_kept(lines),
        "picture": base64.b64encode(octets.tobytes()).decode("ascii"),
        "width": int(small.shape[1]),
        "height": int(small.shape[0]),
        "width_mm": round(float(width_mm), 1),
    }


def _unread(why: str) -> dict[str, Any]:
    return {"lines": [], "said": as_kept(PageSaid(VERSION, unread=why)), "model": ""}


def _lifted(rgb: Array, marks: Sequence[SealMark]) -> Array:
    """The page without the red ink of its seals: in red light it is as bright as paper, and black print stays."""
    red = [mark for mark in marks if mark.is_red]
    if not red:
        return rgb
    page = rgb.copy()
    for mark in red:
        top, bottom, left, right = _pixels(rgb, mark.box)
        part = page[top:bottom, left:right]
        light, other = part[..., 0].astype(np.int16), part[..., 1:].min(axis=2).astype(np.int16)
        is_ink = (light - other > _RED) & (light > _BRIGHT)  # black print beneath red ink is dark in red light too
        part[is_ink] = np.percentile(part.reshape(-1, 3), 90, axis=0).astype(np.uint8)
        part[:] = part.max(axis=2, keepdims=True)
    return page


def _words(upright: Array, mark: SealMark) -> str:
    """What a red seal says: along its rim and across its middle, or on the lines of its frame."""
    strip = _in_colour(unrolling.unroll(upright, mark))
    if mark.shape in (SealShape.ROUND, SealShape.OVAL):
        middle = _in_colour(unrolling.middle_line(upright, mark))
        return " ".join(filter(None, (engine.read_line(strip), engine.read_line(middle))))
    return " ".join(line.text for line in engine.read(strip, turn=0)[0])


def _in_colour(grey: Array) -> Array:
    return np.repeat(grey[..., None], 3, axis=2)


def _pixels(page: Array, box: Box) -> tuple[int, int, int, int]:
    height, width = page.shape[:2]
    x, y, wide, tall = box
    return (
        max(0, round((y - _EDGE) * height)),
        min(height, round((y + tall + _EDGE) * height)),
        max(0, round((x - _EDGE) * width)),
        min(width, round((x + wide + _EDGE) * width)),
    )
