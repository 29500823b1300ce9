"""How words that were read are compared: as a person would who does not mind blanks, widths and brackets."""

import unicodedata

_DROPPED = frozenset(" \t\u3000·•.,，。、:：;；'\"“”‘’()（）[]【】《》<>〈〉-—–_/\\|*#~`")


def plain(text: str) -> str:
    """Half width, upper case, no blanks; marks stay."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).upper() if not sign.isspace())


def bare(text: str) -> str:
    """Letters and figures alone."""
    return "".join(sign for sign in plain(text) if sign not in _DROPPED)


def apart(one: str, other: str, most: int = 1000) -> int:
    """How many letters must be changed, put in or left out to make one of the other; ``most`` + 1 when more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    row = list(range(len(other) + 1))
    for place, sign in enumerate(one, start=1):
        before, row[0] = row[0], place
        for column, against in enumerate(other, start=1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (sign != against))
        if min(row) > most:
            return most + 1
    return row[-1]


def likeness(one: str, other: str) -> float:
    """How alike two texts are letter by letter, 0 to 1."""
    longer = max(len(one), len(other))
    return 1 - apart(one, other) / longer if longer else 1.0


def holds(text: str, wanted: str) -> float:
    """How well a shorter text is found within a longer one, its letters in order and close together, 0 to 1."""
    if not wanted or not text:
        return 0.0
    if wanted in text:
        return 1.0
    # The best run of the text against the whole of what is wanted: beginning and end of the text cost nothing.
    row = [0] * (len(text) + 1)
    for place, sign in enumerate(wanted, start=1):
        before, row[0] = row[0], place
        for column, against in enumerate(text, start=1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (sign != against))
    return max(0.0, 1 - min(row) / len(wanted))


def edits_within(text: str, wanted: str) -> int:
    """How many letters of ``wanted`` must be changed, put in or left out so that it stands somewhere within ``text``.

    The same as `holds` counts, a whole row of letters at a time (Myers 1999), since whole pages are compared with it.
    """
    if not wanted or wanted in text:
        return 0
    places: dict[str, int] = {}
    for place, sign in enumerate(wanted):
        places[sign] = places.get(sign, 0) | 1 << place
    whole, last = (1 << len(wanted)) - 1, 1 << (len(wanted) - 1)
    more, fewer, edits = whole, 0, len(wanted)  # where a row rises and falls against the one before
    least = edits
    for sign in text:
        same = places.get(sign, 0)
        down = same | fewer
        across = (((same & more) + more) ^ more) | same
        rises, falls = fewer | ~(across | more) & whole, more & across
        edits += bool(rises & last) - bool(falls & last)
        least = min(least, edits)
        rises, falls = rises << 1 & whole, falls << 1 & whole
        more, fewer = falls | ~(down | rises) & whole, rises & down
    return least
