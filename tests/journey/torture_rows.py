"""The rows' part of ``make torture``: every column of rows of every kept table of the practice city, changed once.

python -m tests.journey.torture_rows [HOME] [--rows 20]     HOME holds a loaded city on SQLite and is left as it was;
                                                              without one, a city is loaded for it
"""

import argparse
import functools
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> int:
    """The matrix; exit 1 if a change was missed or not named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, nargs="?")
    parser.add_argument("--rows", type=int, default=20, help="rows of each table")
    options = parser.parse_args()
    if options.home is None:
        with tempfile.TemporaryDirectory(prefix="anjuan-torture-rows-") as home:
            command = [sys.executable, "-m", "anjuan", "--home", home, "demo", "load"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            return matrix(Path(home), options.rows)
    return matrix(options.home, options.rows)


def matrix(home: Path, count: int) -> int:
    """Every column of so many rows of each table; 1 if a change was missed or not named."""
    os.environ["ANJUAN_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "anjuan.config.settings.base"
    from anjuan.config import cli

    cli._boot()
    from django.db import DatabaseError

    from anjuan.foundation.journal import kept, rules
    from anjuan.foundation.ledger import audit
    from tests.contract.test_audit import other, tried

    missed: list[str] = []
    found = refused = 0
    for table in kept.tables().values():
        began = time.monotonic()
        for row in table.model._base_manager.order_by("?").values()[:count]:
            ref = rules.row_ref(table.name, row["id"])
            for column, attribute in zip(table.columns, table.attributes, strict=True):
                if column == "id" or row[attribute] is None:
                    continue
                mine = table.model._base_manager.filter(pk=row["id"])
                try:
                    for _ in tried(functools.partial(mine.update, **{attribute: other(row[attribute])})):
                        said = [
                            each for each in audit.range_differences(table, row["id"], row["id"]) if each.place == ref
                        ]
                        if [(each.code, each.columns) for each in said] == [("ROW_CHANGED", (column,))]:
                            found += 1
                        else:
                            missed.append(f"{ref}.{column}: {said}")
                except DatabaseError:
                    refused += 1  # the engine itself would not have it
        print(f"{table.name}: {time.monotonic() - began:.0f} s", flush=True)
    print(f"rows: {found} changes found and named, {refused} refused by the engine, {len(missed)} missed")
    print("\n".join(missed[:50]))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
