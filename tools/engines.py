"""Run a command once more on PostgreSQL, where one answers; say on one line which engines were covered.

The address is ANJUAN_TEST_DATABASE, or a PostgreSQL on this machine. Under CI=true its absence is a failure.
"""

import os
import subprocess
import sys

HERE = ("postgresql://postgres@127.0.0.1:5432/postgres", "postgresql:///postgres?host=/var/run/postgresql")


def answering() -> tuple[str, str]:
    """The first address where PostgreSQL answers, and its version; empty strings if none does."""
    import psycopg

    wanted = os.environ.get("ANJUAN_TEST_DATABASE")
    for address in (wanted,) if wanted else HERE:
        try:
            with psycopg.connect(address, connect_timeout=3) as connection:
                return address, connection.info.parameter_status("server_version") or "?"
        except psycopg.OperationalError:
            continue
    return "", ""


def main() -> int:
    import sqlite3

    address, version = answering()
    if not address:
        print(f"engines covered: SQLite {sqlite3.sqlite_version}; PostgreSQL not reachable, not covered")
        return 1 if os.environ.get("CI") == "true" else 0
    outcome = subprocess.run(sys.argv[1:], env={**os.environ, "ANJUAN_DATABASE": address}, check=False).returncode
    print(
        f"engines covered: SQLite {sqlite3.sqlite_version}; PostgreSQL {version}{'' if outcome == 0 else ' (failed)'}"
    )
    return outcome


if __name__ == "__main__":
    sys.exit(main())
