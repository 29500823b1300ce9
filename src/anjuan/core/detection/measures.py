"""What is measured on a page image, once, whatever is judged of it later (影像测量)."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

VERSION = 1  # of the way of measuring: raised, every page is measured anew

Box = tuple[float, float, float, float]  # x, y, width, height as parts of the page, 0 to 1


class ColourMode(enum.StrEnum):
    """How the pixels of a page are stored, whatever is on it."""

    BITONAL = "BITONAL"  # 黑白
    GREY = "GREY"  # 灰度
    COLOUR = "COLOUR"  # 彩色


@dataclass(frozen=True)
class Twin:
    """A page of the same item that may be a scan of the same sheet.

    Attributes:
        sha512: of the file.
        page_no: from 1 in it.
        unlikeness: how much they differ where they differ most, in hundredths of what is written there.
    """

    sha512: str
    page_no: int
    unlikeness: float


@dataclass(frozen=True)
class PageMeasures:
    """Figures of one page image. Lengths are millimetres on paper, shares lie between 0 and 1, greys from 0 to 255.

    A page that could not be measured says why in ``unmeasured`` and has no figures; its form is told where known.

    Attributes:
        version: of the way of measuring; figures of another version are measured anew.
        unmeasured: why nothing could be measured; empty where it was.
        mode: how the pixels are stored.
        bits: a sample.
        is_size_known: the file states its resolution; else an A4 page is taken for granted.
        width_mm: of the image.
        height_mm: of the image.
        colour: share of pixels that have a colour of their own.
        tint: how far red, green and blue are apart on average; 0 where the page is grey in truth.
        ink: share of dark pixels that belong to writing, lines and pictures, without borders and specks.
        faint_ink: the same of marks too pale for that: pencil, or the back shining through.
        faint_sharpness: how sharp these are, as ``sharpness``.
        letters: marks of the size of letters.
        skew: degrees by which the lines fall to the right; at most 8 either way.
        skew_sure: how surely, 0 to 1.
        turn: degrees clockwise by which the image must be turned to stand upright.
        turn_sure: how surely, 0 to 1.
        borders_mm: widths of dark borders: top, right, bottom, left.
        sharpness: steepness of edges, whatever their contrast and number: 0.5 a crisp print, 0.15 unreadable.
        contrast: how much darker than its paper the writing is.
        paper: grey of the paper.
        light_range: how much brighter the lightest part of the paper is than the darkest, as a smooth slope.
        light_fit: share of the paper's differences that such a slope explains.
        glare: share of the page that is dazzled white on darker paper.
        stripes: lines from the upper edge to the lower: where, as a share of the width.
        cut: marks that the edge runs through, without coloured ones: top, right, bottom, left.
        cut_boxes: where they are.
        picture: share of the page that is neither paper nor writing.
        hash64: perceptual hash, 16 hex digits; empty for a page with nothing on it.
        letter_px: median height of the letters in pixels of the stored image.
        ink_box: what is written on; none for an empty page.
        twins: pages of the same item that look the same.
    """

    version: int
    unmeasured: str = ""
    mode: ColourMode = ColourMode.COLOUR
    bits: int = 8
    is_size_known: bool = True
    width_mm: float = 0.0
    height_mm: float = 0.0
    colour: float = 0.0
    tint: float = 0.0
    ink: float = 0.0
    faint_ink: float = 0.0
    faint_sharpness: float = 0.0
    letters: int = 0
    skew: float = 0.0
    skew_sure: float = 0.0
    turn: int = 0
    turn_sure: float = 0.0
    borders_mm: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    sharpness: float = 0.0
    contrast: float = 0.0
    paper: float = 255.0
    light_range: float = 0.0
    light_fit: float = 0.0
    glare: float = 0.0
    stripes: tuple[float, ...] = ()
    cut: tuple[int, int, int, int] = (0, 0, 0, 0)
    cut_boxes: tuple[Box, ...] = ()
    picture: float = 0.0
    hash64: str = ""
    letter_px: float = 0.0
    ink_box: Box | None = None
    twins: tuple[Twin, ...] = ()

    @property
    def is_measured(self) -> bool:
        """Whether there are figures."""
        return not self.unmeasured


def measures_from(kept: Mapping[str, Any], twins: tuple[Twin, ...] = ()) -> PageMeasures:
    """Measures as they are kept: lists become tuples, names that this version does not know are left."""
    known = {field.name for field in fields(PageMeasures)}
    values = {name: _frozen(value) for name, value in kept.items() if name in known}
    values["mode"] = ColourMode(values.get("mode", ColourMode.COLOUR))
    return PageMeasures(**values | {"twins": twins})


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value
