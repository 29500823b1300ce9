"""Connections that are kept between requests: what lies at their place is what is asked."""

import importlib
import sqlite3
from pathlib import Path

import pytest
from django.core.signals import request_started
from django.db import connection, connections
from django.db.backends.signals import connection_created
from django.db.backends.sqlite3.base import DatabaseWrapper

from anjuan.config import connections as kept


def _database(path: Path, says: str) -> None:
    with sqlite3.connect(path) as rows:
        rows.execute("CREATE TABLE told (word text)")
        rows.execute("INSERT INTO told VALUES (?)", [says])
    rows.close()


def _word(database: DatabaseWrapper) -> str:
    with database.cursor() as rows:
        return str(rows.execute("SELECT word FROM told").fetchone()[0])


def test_what_is_set_keeps_connections_and_looks_at_them() -> None:
    settings = connections.settings["default"]
    assert settings["CONN_MAX_AGE"] > 0
    assert settings["CONN_HEALTH_CHECKS"]


def test_a_file_that_was_replaced_is_opened_anew_and_one_that_was_not_stays_open(db: None, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    _database(path, "before")
    connection_created.connect(kept.remember)
    database = DatabaseWrapper({**connections.settings["default"], "NAME": str(path), "OPTIONS": {}})
    try:
        assert _word(database) == "before"
        opened = database.connection
        kept.let_go_if_replaced(database)
        assert database.connection is opened

        _database(tmp_path / "b.db", "after")
        (tmp_path / "b.db").replace(path)
        assert _word(database) == "before"  # nobody looked yet: this is what must not go on
        kept.let_go_if_replaced(database)
        assert _word(database) == "after"
    finally:
        connection_created.disconnect(kept.remember)
        database.close()


def test_within_a_transaction_nothing_is_let_go(db: None, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    _database(path, "before")
    database = DatabaseWrapper({**connections.settings["default"], "NAME": str(path), "OPTIONS": {}})
    assert _word(database) == "before"
    database.in_atomic_block = True
    kept.let_go_if_replaced(database)
    assert database.connection is not None
    database.in_atomic_block = False
    database.close()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="has no such settings")
def test_short_questions_are_answered_without_compiling_or_helpers(db: None) -> None:
    with connection.cursor() as rows:
        for name, value in (("jit", "off"), ("max_parallel_workers_per_gather", "0"), ("work_mem", "64MB")):
            rows.execute(f"SHOW {name}")
            assert rows.fetchone()[0] == value


def test_the_web_process_looks_before_each_request() -> None:
    importlib.reload(importlib.import_module("anjuan.config.wsgi"))
    try:
        assert any(receiver[1]() is kept.look for receiver in request_started.receivers)
    finally:
        connection_created.disconnect(kept.remember)
        request_started.disconnect(kept.look)
