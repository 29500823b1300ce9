"""A kept connection to SQLite is let go when another file lies in its place (换库即断): loaded anew, or brought back.

Else whoever asks would go on reading, and writing, a file that no folder holds any more.
"""

from pathlib import Path
from weakref import WeakKeyDictionary

from django.core.signals import request_started
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

_opened: WeakKeyDictionary[BaseDatabaseWrapper, tuple[int, int] | None] = WeakKeyDictionary()  # a thread has its own


def watch() -> None:
    """From now on look before each request; for a process that answers requests."""
    connection_created.connect(remember)
    request_started.connect(look)


def let_go_if_replaced(connection: BaseDatabaseWrapper) -> None:
    """Close a connection whose file was taken away or replaced; the next question opens what lies there now."""
    if connection.vendor != "sqlite" or connection.connection is None or connection.in_atomic_block:
        return
    if _opened.get(connection) != _file_of(connection):
        connection.close()


def remember(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Note which file a connection opened."""
    if connection.vendor == "sqlite":
        _opened[connection] = _file_of(connection)


def look(**_: object) -> None:
    """Look at the connections of this thread."""
    for connection in connections.all(initialized_only=True):
        let_go_if_replaced(connection)


def _file_of(connection: BaseDatabaseWrapper) -> tuple[int, int] | None:
    try:
        found = Path(connection.settings_dict["NAME"]).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
