"""SM3 in plain Python (GB/T 32905-2016), for readers whose Python has no SM3 of its own."""

import struct

_START = (
    0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E,
)  # fmt: skip
_MASK = 0xFFFFFFFF


def _rotated(word: int, places: int) -> int:
    places %= 32
    return (word << places | word >> 32 - places) & _MASK


_CONSTANTS = tuple(_rotated(0x79CC4519 if round_no < 16 else 0x7A879D8A, round_no) for round_no in range(64))


def sm3(message: bytes) -> bytes:
    """The 32 bytes of the digest (杂凑值)."""
    padded = message + b"\x80" + b"\x00" * ((55 - len(message)) % 64) + struct.pack(">Q", len(message) * 8)
    state: tuple[int, ...] = _START
    for place in range(0, len(padded), 64):
        state = _compressed(state, padded[place : place + 64])
    return struct.pack(">8I", *state)


def _compressed(state: tuple[int, ...], block: bytes) -> tuple[int, ...]:
    words = list(struct.unpack(">16I", block))
    for at in range(16, 68):
        mixed = words[at - 16] ^ words[at - 9] ^ _rotated(words[at - 3], 15)
        permuted = mixed ^ _rotated(mixed, 15) ^ _rotated(mixed, 23)
        words.append(permuted ^ _rotated(words[at - 13], 7) ^ words[at - 6])
    a, b, c, d, e, f, g, h = state
    for at in range(64):
        turned = _rotated(a, 12)
        one = _rotated((turned + e + _CONSTANTS[at]) & _MASK, 7)
        two = one ^ turned
        if at < 16:
            ff, gg = a ^ b ^ c, e ^ f ^ g
        else:
            ff, gg = a & b | a & c | b & c, e & f | ~e & _MASK & g
        first = (ff + d + two + (words[at] ^ words[at + 4])) & _MASK
        second = (gg + h + one + words[at]) & _MASK
        a, b, c, d = first, a, _rotated(b, 9), c
        e, f, g, h = second ^ _rotated(second, 9) ^ _rotated(second, 17), e, _rotated(f, 19), g
    return tuple(old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True))


class Sm3:
    """The digest of bytes that come piece by piece, spoken to as hashlib's are."""

    def __init__(self) -> None:
        self._state: tuple[int, ...] = _START
        self._rest = b""
        self._length = 0

    def update(self, data: bytes) -> None:
        """Take more bytes."""
        self._length += len(data)
        waiting = self._rest + data
        whole = len(waiting) - len(waiting) % 64
        for place in range(0, whole, 64):
            self._state = _compressed(self._state, waiting[place : place + 64])
        self._rest = waiting[whole:]

    def hexdigest(self) -> str:
        """The digest of all bytes taken."""
        state = self._state
        last = self._rest + b"\x80" + b"\x00" * ((55 - self._length) % 64) + struct.pack(">Q", self._length * 8)
        for place in range(0, len(last), 64):
            state = _compressed(state, last[place : place + 64])
        return struct.pack(">8I", *state).hex()
