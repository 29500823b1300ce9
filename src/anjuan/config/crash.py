"""Dying on purpose (断电演练): the process kills itself right after its n-th operation on a file or on the database.

``ANJUAN_CRASH_AFTER=n`` arms it, in a practice archive only; ``ANJUAN_CRASH_COUNT=1`` only counts, and says at the end
how many operations there were. Where neither is set this module is not even imported, and no room knows of it: it puts
itself around the functions of the operating system and around Django's connection, from outside.

An operation is what can be seen after a kill: a file opened for writing, a piece written into the store, an fsync, a
rename, a link, a removal, a new folder, a change of mode; a statement that writes; a commit.
"""

import atexit
import builtins
import functools
import io
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any, BinaryIO

from django.conf import settings
from django.db import connection

from anjuan.core.refusals import Refusal
from anjuan.facilities.repository.backends.disk import Disk

WRITING_STATEMENTS = {"INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "ALTER", "DROP", "TRUNCATE"}
FILE_OPERATIONS = ("fsync", "rename", "replace", "link", "unlink", "remove", "mkdir", "rmdir", "chmod")

done: list[str] = []  # the operations of this process so far, in order
_turn = threading.Lock()


def install() -> None:
    """Arm the kill that the environment asks for.

    Raises:
        E-007: this is no practice archive.
    """
    if not settings.PRACTICE:
        raise Refusal("E-007")
    after = int(os.environ.get("ANJUAN_CRASH_AFTER") or 0)

    def count(operation: str) -> None:
        with _turn:  # several threads may write to the store
            done.append(operation)
            if len(done) == after:
                os.kill(os.getpid(), signal.SIGKILL)

    for name in FILE_OPERATIONS:
        _follow(os, name, count)
    opened = io.open

    def open_counted(file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
        stream = opened(file, mode, *more, **named)
        if not isinstance(file, int) and set(mode) & set("wxa+"):
            count("open")
        return stream

    io.open = builtins.open = open_counted
    made = os.open

    def make_counted(path: Any, flags: int, *more: Any, **named: Any) -> int:
        descriptor = made(path, flags, *more, **named)
        if flags & os.O_CREAT:
            count("open")
        return descriptor

    os.open = make_counted
    disk: Any = Disk
    written = disk.write_chunk

    def write_counted(self: Disk, stream: BinaryIO, chunk: bytes) -> None:
        written(self, stream, chunk)
        stream.flush()  # else a kill would take it back
        count("write")

    disk.write_chunk = write_counted

    def execute_counted(execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        answer = execute(sql, *given)
        if (verb := sql.split(None, 1)[0].upper()) in WRITING_STATEMENTS:
            count(verb.lower())
        return answer

    connection.execute_wrappers.append(execute_counted)
    _follow(connection, "_commit", count)
    if os.environ.get("ANJUAN_CRASH_COUNT"):
        atexit.register(_say)


def _follow(owner: Any, name: str, count: Callable[[str], None]) -> None:
    before = getattr(owner, name)

    @functools.wraps(before)
    def counted(*given: Any, **named: Any) -> Any:
        answer = before(*given, **named)
        count(name.strip("_"))
        return answer

    setattr(owner, name, counted)


def _say() -> None:
    kinds = ", ".join(f"{kind} {number}" for kind, number in Counter(done).most_common())
    sys.stderr.write(f"operations: {len(done)} ({kinds})\n")
