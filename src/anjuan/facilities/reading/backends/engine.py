"""Reading the words of a page image (文字识别): models of PP-OCR, run on the processor, without any net.

Where words stand is looked for on a small copy, for that takes most of the time and does not get better with more
dots; each line is then cut from the full image and read alone, so that small print keeps its strokes. Blank margins are
cut off first, and a page without ink is not read at all.
"""

import functools
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from rapidocr import RapidOCR
from rapidocr.utils.process_img import get_rotate_crop_image

from anjuan.core.reading.pages import Line

Array = npt.NDArray[Any]
_Letters = tuple[str, float, tuple[float, ...]]  # of one line: text, how surely, where the middle of each letter stands

MODEL = "PP-OCRv6-small"  # both models lie in the wheel of the library
_FIND_SIDE = 1280  # pixels of the longer side of an A4 page, about 110 dots an inch
_LEAST_SIDE = 736  # pixels: what the finding model is given at least
_MOST_SIDE = 1920  # of a sheet that is larger
_LETTER_ROWS = 48  # what the recognising model takes
_LEAST_ROWS = 5  # pixels: no letter is smaller
_WIDEST = 3200  # columns of one line after scaling: longer ones are read smaller
_LEAST_SURE = 0.5
_UPRIGHT = 0.95  # of sureness: lines that are read so well do not stand on their heads
_LOOKED_AT = 6  # lines by which it is judged whether the page stands on its head
_DARKER = 30  # greys by which ink differs from its paper


@functools.cache
def _models() -> RapidOCR:
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    engine = RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.use_cls": False,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    engine._load_det_model()
    engine._load_rec_model()
    return engine


def read(rgb: Array, turn: int | None = None) -> tuple[tuple[Line, ...], int, float]:
    """Read the words of a page.

    Args:
        rgb: the page as it is stored, upright or not.
        turn: degrees clockwise that set it upright, where that is known; else it is found out.

    Returns:
        Its lines, from top to bottom, on the upright page; the turn; and how surely that was found, 0 to 1.
    """
    known = turn is not None
    page = np.ascontiguousarray(np.rot90(rgb, -(turn or 0) // 90))
    boxes = _find(page)
    if not boxes:
        return (), turn or 0, 0.0
    if known:
        return _lines(page, boxes, {}), turn or 0, 1.0
    found, sure = 0, 1.0
    if _lie_on_side(boxes):
        found, page = 90, np.ascontiguousarray(np.rot90(page, -1))
        boxes = _find(page)
        if not boxes:
            return (), 0, 0.0
    longest = sorted(range(len(boxes)), key=lambda place: -_length(boxes[place]))[:_LOOKED_AT]
    first = {place: _letters(get_rotate_crop_image(page, boxes[place])) for place in longest}
    upright = _mean(sure for _, sure, _ in first.values())
    if upright >= _UPRIGHT:  # no page that stands on its head is read so well: the other way is not tried
        return _lines(page, boxes, first), found % 360, 1.0
    head_down = np.ascontiguousarray(np.rot90(page, 2))
    height, width = page.shape[:2]
    over = [np.roll(np.array([width, height], np.float32) - boxes[place], 2, axis=0) for place in longest]
    other = _mean(_letters(get_rotate_crop_image(head_down, box))[1] for box in over)
    if other > upright:
        found, page, first = found + 180, head_down, {}
        boxes = _find(page)
    sure = min(1.0, 0.5 + 2 * abs(other - upright))
    return _lines(page, boxes, first), found % 360, sure


def read_line(strip: Array) -> str:
    """The words of one straight line, empty where they can hardly be read."""
    text, sure, _ = _letters(strip)
    return text if sure >= _LEAST_SURE else ""


def _find(page: Array) -> list[Array]:
    """Where words stand: four corners each, in pixels of the page, from top to bottom."""
    height, width = page.shape[:2]
    least, most = min(height, width), max(height, width)
    side = min(_MOST_SIDE, _FIND_SIDE * max(1.0, least / most / 0.7071))  # a square sheet keeps more
    scale = min(1.0, side / most)
    small = cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else page
    area = _inked(small)
    if area is None:
        return []
    top, bottom, left, right = area
    part = small[top:bottom, left:right]
    if min(part.shape[:2]) < _LEAST_SIDE:  # the library would enlarge it, and a strip many times over
        bare = np.full((max(_LEAST_SIDE, part.shape[0]), max(_LEAST_SIDE, part.shape[1]), 3), 255, np.uint8)
        bare[: part.shape[0], : part.shape[1]] = part
        part = bare
    found = _models().text_det(np.ascontiguousarray(part))
    if found.boxes is None:
        return []
    origin = np.array([left, top], np.float32)
    return [(box.astype(np.float32) + origin) / scale for box in found.boxes]


def _inked(small: Array) -> tuple[int, int, int, int] | None:
    """The part of a page that bears ink, with a margin; none for an empty page."""
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY) if small.ndim == 3 else small
    paper = cv2.medianBlur(cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), 21)
    drop = cv2.subtract(cv2.resize(paper, (grey.shape[1], grey.shape[0])), grey)
    inked = cv2.morphologyEx((drop > _DARKER).astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    rows, columns = np.flatnonzero(inked.sum(axis=1) > 1), np.flatnonzero(inked.sum(axis=0) > 1)
    if not len(rows) or not len(columns):
        return None
    edge = 24
    return (
        max(0, int(rows[0]) - edge),
        min(grey.shape[0], int(rows[-1]) + edge),
        max(0, int(columns[0]) - edge),
        min(grey.shape[1], int(columns[-1]) + edge),
    )


def _length(box: Array) -> float:
    return float(np.linalg.norm(box[1] - box[0]))


def _lie_on_side(boxes: Sequence[Array]) -> bool:
    """Whether most words run from top to bottom."""
    tall = sum(_extent(box)[1] > 1.5 * _extent(box)[0] for box in boxes)
    wide = sum(_extent(box)[0] > 1.5 * _extent(box)[1] for box in boxes)
    return tall > wide


def _extent(box: Array) -> tuple[float, float]:
    return float(np.ptp(box[:, 0])), float(np.ptp(box[:, 1]))


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return sum(known) / len(known)


def _lines(page: Array, boxes: Sequence[Array], read_before: Mapping[int, _Letters]) -> tuple[Line, ...]:
    height, width = page.shape[:2]
    found = []
    for place, box in enumerate(boxes):
        text, sure, spots = read_before.get(place) or _letters(get_rotate_crop_image(page, box))
        if not text.strip() or sure < _LEAST_SURE:
            continue
        x0, y0 = box[:, 0].min() / width, box[:, 1].min() / height
        x1, y1 = box[:, 0].max() / width, box[:, 1].max() / height
        found.append(Line(text, (float(x0), float(y0), float(x1 - x0), float(y1 - y0)), sure, spots))
    return tuple(found)


def _letters(crop: Array) -> _Letters:
    """The letters of one line, how surely they are read, and where the middle of each stands along the line."""
    height, width = crop.shape[:2]
    if height < _LEAST_ROWS or width < _LEAST_ROWS:
        return "", 0.0, ()
    columns = min(_WIDEST, max(_LETTER_ROWS, round(width * _LETTER_ROWS / height)))
    strip = cv2.resize(crop, (columns, _LETTER_ROWS), interpolation=cv2.INTER_AREA if height > 48 else cv2.INTER_CUBIC)
    recogniser = _models().text_rec
    shares = recogniser.session((strip.astype(np.float32).transpose(2, 0, 1)[None] / 255 - 0.5) / 0.5)[0]
    best, sureness = shares.argmax(axis=1), shares.max(axis=1)
    alphabet = recogniser.postprocess_op.character
    keep = np.flatnonzero((best != 0) & (best != np.concatenate(([0], best[:-1]))))
    signs = [(alphabet[best[step]], float(sureness[step]), (int(step) + 0.5) / len(best)) for step in keep]
    if not signs:
        return "", 0.0, ()
    return (
        "".join(sign for sign, _, _ in signs),
        sum(sure for _, sure, _ in signs) / len(signs),
        tuple(spot for _, _, spot in signs),
    )
