"""One reader against two on the same pages in one run, the memory and the CPU time of each (识读进程评测).

``python -m bench.readers --pages 40`` paints forms, saves them as JPEG at 300 dpi, and has them read by the processes
that the product itself uses. ``--write`` writes docs/benchmarks/readers.md.
"""

import argparse
import concurrent.futures
import platform
import tempfile
import time
from pathlib import Path

import cv2
import django
from bench.labelled import SEALED
from bench.labelled_forms import form
from PIL import Image

OUT = Path(__file__).parents[1] / "docs" / "benchmarks" / "readers.md"


def painted(folder: Path, pages: int) -> list[Path]:
    """Good forms of the sealed part, as files."""
    found = []
    for number in range(pages):
        leaf, _ = form(SEALED + 50_000 + number, "")
        pixels = leaf.pixels if leaf.pixels.ndim == 3 else cv2.cvtColor(leaf.pixels, cv2.COLOR_GRAY2RGB)
        path = folder / f"{number}.jpg"
        Image.fromarray(pixels).save(path, "JPEG", quality=85, dpi=(leaf.dpi, leaf.dpi))
        found.append(path)
    return found


def read_all(paths: list[Path], readers: int) -> tuple[float, float, float]:
    """Seconds of the wall, CPU seconds of all readers, and MB that the largest one held, all started beforehand."""
    from anjuan.facilities.reading.backends.residents import Pool

    pool = Pool(readers)

    def ask(path: Path) -> tuple[float, float]:
        with pool.one() as resident:
            answer = resident.ask({"path": str(path), "page": 1}, 120)
            # One that has grown too large has left already; its size is above what it may hold.
            held = _most_mb(resident._process.pid) if resident._process else float("inf")
            return answer["cpu_ms"] / 1000, held

    with concurrent.futures.ThreadPoolExecutor(readers) as people:
        list(people.map(ask, paths[:readers]))  # models are loaded
        began = time.perf_counter()
        asked = list(people.map(ask, paths[readers:]))
        wall = time.perf_counter() - began
    for _ in range(readers):
        pool._free.get().end()
    return wall, sum(cpu for cpu, _ in asked), max(held for _, held in asked)


def _most_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    """Read with one and with two, three times in turn, and tell the middle run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    django.setup()
    with tempfile.TemporaryDirectory() as folder:
        paths = painted(Path(folder), given.pages)
        runs = [(read_all(paths, 1), read_all(paths, 2)) for _ in range(given.rounds)]
    runs.sort(key=lambda pair: pair[0][0] / pair[1][0])
    one, two = runs[len(runs) // 2]
    one_page, two_page = one[0] / (given.pages - 1), two[0] / (given.pages - 2)
    ratios = sorted((a[0] / (given.pages - 1)) / (b[0] / (given.pages - 2)) for a, b in runs)
    text = "\n".join(
        [
            "# Readers side by side",
            "",
            f"{given.pages} painted forms at 200 and 300 dpi, JPEG, read by the product's own processes, one and two",
            f"in turn, {given.rounds} rounds; one of them is shown. {platform.machine()}, 2 processors.",
            "Written by `python -m bench.readers --write`.",
            "",
            "| readers | seconds a page | CPU seconds a page | MB of the largest |",
            "|---|---|---|---|",
            f"| 1 | {one_page:.2f} | {one[1] / (given.pages - 1):.2f} | {one[2]:.0f} |",
            f"| 2 | {two_page:.2f} | {two[1] / (given.pages - 2):.2f} | {two[2]:.0f} |",
            "",
            f"Two are {one_page / two_page:.2f} times as fast as one "
            f"({ratios[0]:.2f}–{ratios[-1]:.2f} over the rounds; aim 1.8).",
            "Aims: 3 CPU seconds and 1,200 MB; a reader that has held more is replaced, and counts as inf here.",
            "",
        ]
    )
    print(text)
    if given.write:
        OUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
