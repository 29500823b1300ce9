"""Readers that stay (常驻识读进程): processes of their own, started anew and never forked, that read page after page.

A page that kills its reader, or keeps it longer than it may, costs that page alone: the reader is ended and another
started. Requests and answers are one line of JSON each.
"""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import Any

_MODULE = "anjuan.facilities.reading.reader"
_LONGEST_ANSWER = 8 << 20  # characters


class NoAnswer(Exception):
    """The reader died or took too long."""


class Resident:
    """One reader process, started with its first question. Asked by one thread at a time."""

    def __init__(self, module: str = _MODULE) -> None:
        self._module = module
        self._process: subprocess.Popen[str] | None = None

    def ask(self, question: Mapping[str, Any], within: float) -> Mapping[str, Any]:
        """Its answer to one question.

        Args:
            question: what it understands.
            within: seconds it may take; a reader that is just starting gets as much again.

        Raises:
            NoAnswer: it died, or did not answer in time; the next question starts another.
        """
        process = self._process if self._process and self._process.poll() is None else self._start()
        watch = threading.Timer(within, process.kill)
        watch.start()
        try:
            if process.stdin is None or process.stdout is None:
                raise NoAnswer
            process.stdin.write(json.dumps(dict(question), ensure_ascii=True) + "\n")
            process.stdin.flush()
            told = process.stdout.readline(_LONGEST_ANSWER)
            if not told.endswith("\n"):
                raise NoAnswer
            answer: dict[str, Any] = json.loads(told)
        except (OSError, ValueError, NoAnswer) as error:
            self.end()
            raise NoAnswer from error
        finally:
            watch.cancel()
        if answer.pop("leaves", False):  # waited for, so that the next question does not meet it on its way out
            self.end()
        return answer

    def _start(self) -> subprocess.Popen[str]:
        self.end()
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="ascii",
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        return self._process

    def end(self) -> None:
        """End it, if it runs."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        process.wait()


class Pool:
    """Some readers, each asked by whoever has it. Safe for threads."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._free: queue.Queue[Resident] = queue.Queue()
        for _ in range(size):
            self._free.put(Resident())

    @contextlib.contextmanager
    def one(self) -> Iterator[Resident]:
        """A reader that nobody else asks meanwhile; waits for one."""
        resident = self._free.get()
        try:
            yield resident
        finally:
            self._free.put(resident)

    @contextlib.contextmanager
    def one_if_free(self) -> Iterator[Resident | None]:
        """The same without waiting: none while all are asked."""
        try:
            resident = self._free.get_nowait()
        except queue.Empty:
            yield None
            return
        try:
            yield resident
        finally:
            self._free.put(resident)
