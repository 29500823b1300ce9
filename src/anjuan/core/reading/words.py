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
