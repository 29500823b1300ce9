"""How often somebody may try, and how many at the same time (访问频次、同时人数): counted in this process."""

import contextlib
import datetime as dt
import threading
from collections import deque
from collections.abc import Callable, Iterator

from anjuan.core.refusals import Refusal

MOST_KEYS = 10_000


class Pace:
    """So many times within a while. It forgets by itself, and holds a bounded number of keys."""

    def __init__(self, *, within: dt.timedelta, refusal: Callable[[int], Refusal]) -> None:
        """Count within a while that ends now.

        Args:
            within: the while.
            refusal: the room's own No, given the minutes after which it may be tried again.
        """
        self.within = within
        self._refusal = refusal
        self._tries: dict[str, deque[dt.datetime]] = {}
        self._lock = threading.Lock()

    def check(self, key: str, *, at: dt.datetime, most: int) -> None:
        """Whether one more is allowed.

        Raises:
            Refusal: there were so many already, or more keys are held than there is room for.
        """
        with self._lock:
            self._forget(at)
            if len(self._tries.get(key, ())) >= most or (key not in self._tries and len(self._tries) >= MOST_KEYS):
                raise self._refusal(int(self.within.total_seconds()) // 60)

    def note(self, key: str, *, at: dt.datetime) -> None:
        """Count one."""
        with self._lock:
            self._tries.setdefault(key, deque()).append(at)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._tries.clear()

    def _forget(self, at: dt.datetime) -> None:
        for key in list(self._tries):
            tries = self._tries[key]
            while tries and at - tries[0] >= self.within:
                tries.popleft()
            if not tries:
                del self._tries[key]


class Turns:
    """So many at the same time and no more: who waits for others outside leaves threads that answer pages."""

    def __init__(self, most: int, *, refusal: Callable[[int], Refusal]) -> None:
        """Let so many in.

        Args:
            most: at the same time, of this process.
            refusal: the room's own No, given how many may.
        """
        self.most = most
        self._refusal = refusal
        self._places = threading.BoundedSemaphore(most)

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """Be one of them, for as long as the block runs.

        Raises:
            Refusal: as many are there already.
        """
        if not self._places.acquire(blocking=False):
            raise self._refusal(self.most)
        try:
            yield
        finally:
            self._places.release()
