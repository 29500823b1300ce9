"""A catalogue taken in from a spreadsheet: rows a second and memory, at several sizes.

    python bench/catalogue.py [ROWS …]     default 10000 100000

Each size in a home of its own and a process of its own: laid down, checked, taken in by the deeds of the desk, one
slice after the other as the worker does them. Timings are printed, never asserted.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main(sizes: list[int]) -> None:
    print("| rows | workbook | laid down | checked | taken in | rows/s of taking in | most memory |")
    print("|---|---|---|---|---|---|---|")
    for rows in sizes:
        with tempfile.TemporaryDirectory(prefix="anjuan-bench-") as home:
            subprocess.run(
                [sys.executable, __file__, "--one", str(rows)], check=True, env={**os.environ, "ANJUAN_HOME": home}
            )


def one(rows: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "anjuan.config.settings.base"
    import django

    django.setup()
    from django.core.management import call_command

    from anjuan.config import kept
    from anjuan.core import identifiers, sheets
    from anjuan.core.terms import Post
    from anjuan.demo import office
    from anjuan.desks.intake.actions import catalogue
    from anjuan.desks.intake.queries import catalogue as queries
    from anjuan.desks.intake.rules.catalogue import CHECK_SLICE, SLICE, Purpose
    from anjuan.foundation.accounts import occasions
    from anjuan.foundation.accounts import queries as accounts
    from anjuan.foundation.journal import kept as watch

    assert kept.KEPT
    call_command("migrate", verbosity=0)
    watch.watch_over()
    office.found()
    handler = next(who for who in office.STAFF if who.post is Post.HANDLER)

    def number(serial: int) -> str:
        first17 = f"{identifiers.PRACTICE_REGION}{1950 + serial // 28000 % 50}{serial // 2800 % 10 + 1:02}"
        first17 += f"{serial // 100 % 28 + 1:02}{serial % 100 + serial // 1_400_000:03}"
        return first17 + identifiers.id_check_digit(first17)

    path = Path(os.environ["ANJUAN_HOME"]) / "catalogue.xlsx"
    heads = ["受理号", "业务环节", "题名", "形成日期", "页数", "姓名", "身份证号"]
    with path.open("wb") as stream:
        lines = (
            [f"ML{at:07}", "参保人员登记", f"登记表{at}", "2024-03-15", "2", f"参保人{number(at)[6:17]}", number(at)]
            for at in range(rows)
        )
        sheets.write_xlsx((line for part in ([heads], lines) for line in part), stream)

    actor = accounts.actor_for(handler.staff_code, on=occasions.today())
    took = []
    began = time.perf_counter()
    uid = catalogue.lay_sheet(
        occasion=occasions.now(actor), agency_code="BH", purpose=Purpose.NEW, path=path, name="catalogue.xlsx"
    )
    took.append(time.perf_counter() - began)

    began = time.perf_counter()
    catalogue.check_sheet(occasion=occasions.now(actor), uid=uid, mapping=queries.sheet_of(uid).mapping)
    for first in range(0, rows, CHECK_SLICE):
        catalogue.check_rows(occasion=occasions.now(actor), uid=uid, first=first)
    took.append(time.perf_counter() - began)

    began = time.perf_counter()
    catalogue.take_sheet(occasion=occasions.now(actor), uid=uid)
    taken = sum(
        catalogue.take_rows(occasion=occasions.now(actor), uid=uid, first=first) for first in range(0, rows, SLICE)
    )
    took.append(time.perf_counter() - began)
    assert taken == rows, (taken, queries.standing(queries.sheet_of(uid)).faults[:3])
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    size = path.stat().st_size / 1e6
    print(
        f"| {rows:,} | {size:.1f} MB | {took[0]:.1f} s | {took[1]:.1f} s | {took[2]:.1f} s "
        f"| {rows / took[2]:.0f} | {most} MiB |",
        flush=True,
    )


if __name__ == "__main__":
    if "--one" in sys.argv:
        one(int(sys.argv[-1]))
    else:
        main([int(said) for said in sys.argv[1:]] or [10_000, 100_000])
