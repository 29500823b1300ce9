"""Pure rules of the viewer: image requests, manifests, and what a copy bears."""

from collections.abc import Collection, Sequence

MOST_WORDS, MOST_LETTERS = 20, 64  # words that one address may ask to be marked
MOST_MARKS = 200  # boxes on one page


def words_to_mark(asked: Sequence[str]) -> tuple[str, ...]:
    """The words of an address that are looked for on a page, each once; too many and too long ones are left out."""
    found = (word.strip() for word in asked[: 4 * MOST_WORDS])
    return tuple(dict.fromkeys(word for word in found if 0 < len(word) <= MOST_LETTERS))[:MOST_WORDS]


def may_cross(origin: str, allowed: Collection[str]) -> bool:
    """Whether a page of another origin may read answers: only one that is named; never all, and never ``null``."""
    return bool(origin) and origin not in ("*", "null") and origin in allowed


def overlay_line(name: str, staff_code: str, agency: str, moment: str) -> str:
    """What lies over every page on a screen: who looks, where, and when (屏幕水印)."""
    return " ".join(part for part in (name, staff_code, agency, moment) if part)


def copy_lines(*, who: str, reference: str, page: str, reason: str, practice: bool) -> list[str]:
    """What is burnt into a copy: who made it and when, of what, and what for (打印水印)."""
    mark = f"{'演示 ' if practice else ''}{who}"
    return [
        mark,
        f"档号 {reference}　第 {page} 页　用途：{reason}",
        "利用副本，非原件，不作凭证　A copy for use, not the record",
    ]
