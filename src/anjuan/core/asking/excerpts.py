"""Excerpts of a text as the index keeps it (摘录): around what was asked, with no word and no number cut. Pure."""

from collections.abc import Sequence

from anjuan.core.asking.folding import BREAK, WORD, Phrase, shown

GAP = "…"  # where something was left out
NUMERALS = "〇零一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟廿卅"  # a row of them is one number

Pieces = tuple[tuple[str, bool], ...]  # texts, and whether each is marked


def excerpt(kept: str, phrases: Sequence[Phrase], *, around: int) -> Pieces:
    """Words around the first place of each phrase, in the order of the text; what overlaps is one stretch.

    A part of a number would be another number. So a stretch grows until it begins and ends between words, and between
    the figures and numerals of a row, such as 1,234.56 or 一万三千, of which the signs are gone.

    Args:
        kept: an encoded text (`folding.encoded`).
        phrases: what is marked; one that does not stand there is passed over.
        around: signs before and after each phrase.
    """
    marks = sorted(mark for phrase in phrases if (mark := _found(kept, phrase.text))[0] >= 0)
    stretches: list[tuple[int, int]] = []
    for at, end in marks:
        low, high = _whole(kept, max(at - around, 0), min(end + around, len(kept)))
        if stretches and low <= stretches[-1][1]:
            low, high = stretches[-1][0], max(high, stretches[-1][1])
            stretches.pop()
        stretches.append((low, high))
    found: list[tuple[str, bool]] = []
    for low, high in stretches:
        if low > 0:
            found.append((GAP, False))
        found += _cut(kept, low, high, [mark for mark in marks if low <= mark[0] and mark[1] <= high])
    if stretches and stretches[-1][1] < len(kept):
        found.append((GAP, False))
    return tuple(piece for piece in found if piece[0])


def _found(kept: str, wanted: str) -> tuple[int, int]:
    """Where a text first holds something, and where that ends; -1 if nowhere. Signs count only if they must."""
    at = kept.find(wanted)
    if at >= 0:
        return at, at + len(wanted)
    spots = [place for place, sign in enumerate(kept) if sign != BREAK]
    at = kept.replace(BREAK, "").find(wanted)
    return (spots[at], spots[at + len(wanted) - 1] + 1) if at >= 0 else (-1, -1)


def _cut(kept: str, low: int, high: int, marks: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    at = low
    for start, end in marks:
        if start < at:  # it stands within one that is marked already
            continue
        found += [(_shown(kept, at, start), False), (_shown(kept, start, end), True)]
        at = end
    return [*found, (_shown(kept, at, high), False)]


def _shown(kept: str, low: int, high: int) -> str:
    """A stretch as people read it; a blank before it where without one two numbers would be read as one."""
    is_next = kept[low - 1 : low] in (WORD, BREAK) and kept[low : low + 1] in (WORD, BREAK)
    return f"{' ' if is_next and low < high else ''}{shown(kept[low:high])}"


def _whole(kept: str, low: int, high: int) -> tuple[int, int]:
    if kept.count(WORD, 0, low) % 2:
        low = kept.rfind(WORD, 0, low)
    if kept.count(WORD, 0, high) % 2:
        high = kept.find(WORD, high) + 1
    while kept[low : low + 1] == BREAK:
        low += 1
    while high > low and kept[high - 1] == BREAK:
        high -= 1
    while _is_of_a_row(kept[low : low + 1]):
        before = len(kept[:low].rstrip(BREAK))
        if not _is_of_a_row(kept[before - 1 : before]):
            break
        low = kept.rfind(WORD, 0, before - 1) if kept[before - 1] == WORD else before - 1
    while high > low and _is_of_a_row(kept[high - 1]):
        after = len(kept) - len(kept[high:].lstrip(BREAK))
        if not _is_of_a_row(kept[after : after + 1]):
            break
        high = kept.find(WORD, after + 1) + 1 if kept[after] == WORD else after + 1
    return low, high


def _is_of_a_row(sign: str) -> bool:
    return sign == WORD or (sign != "" and sign in NUMERALS)
