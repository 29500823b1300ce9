"""Decoded pages that are looked at just now (解码页缓存): a bounded number of bytes, the longest unused goes first.

A region of a page costs a cut, not a whole decoding. A page lies here at the fineness that was asked for: whole, or
two, four or eight times smaller.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeAlias

from PIL import Image

Key: TypeAlias = tuple[str, int, int]  # digest of the file, page, turn
_LOCKS = 64


class DecodedPages:
    """Pages by digest, number and turn.

    Args:
        most_bytes: of all pages together; a page that is larger by itself is given and not kept.

    Concurrency: who asks for a page that is being decoded waits for it; nothing is decoded twice at once.
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.held_bytes = 0
        self._pages: OrderedDict[tuple[Key, int], Image.Image] = OrderedDict()
        self._lock = threading.Lock()
        self._making = [threading.Lock() for _ in range(_LOCKS)]

    def get(self, key: Key, shrink: int, decode: Callable[[int], Image.Image]) -> Image.Image:
        """A page, decoded no finer than need be.

        Args:
            key: which page.
            shrink: 1, 2, 4 or 8: how many times smaller it may be.
            decode: decodes it so many times smaller, if neither it nor a finer one is held.
        """
        if (held := self._held(key, shrink)) is not None:
            return held
        with self._making[hash(key) % _LOCKS]:
            if (held := self._held(key, shrink)) is not None:
                return held
            made = self._from_finer(key, shrink)
            if made is None:
                made = decode(shrink)
            self._keep(key, shrink, made)
            return made

    def _from_finer(self, key: Key, shrink: int) -> Image.Image | None:
        for step in (4, 2, 1):
            if step < shrink and (finer := self._held(key, step)) is not None:
                return finer.reduce(shrink // step)
        return None

    def _held(self, key: Key, shrink: int) -> Image.Image | None:
        with self._lock:
            found = self._pages.get((key, shrink))
            if found is not None:
                self._pages.move_to_end((key, shrink))
            return found

    def _keep(self, key: Key, shrink: int, page: Image.Image) -> None:
        if _bytes(page) > self.most_bytes:
            return
        with self._lock:
            self._pages[key, shrink] = page
            self.held_bytes += _bytes(page)
            while self.held_bytes > self.most_bytes:
                _, gone = self._pages.popitem(last=False)
                self.held_bytes -= _bytes(gone)


def _bytes(page: Image.Image) -> int:
    return page.width * page.height * (4 if page.mode == "RGB" else 1)  # Pillow keeps RGB in four bytes
