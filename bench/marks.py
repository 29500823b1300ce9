"""How well seals and hands are seen on labelled forms (印章与签名识别实测): writes ``docs/benchmarks/marks.md``.

    python bench/marks.py [--each 60] [--part sealed|development] [--workers 2] [--write] [--show]

The sealed part is looked at only to report; thresholds are set on the development part.
"""

import argparse
import io
import multiprocessing
import os
import platform
import resource
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import django
import numpy as np
from PIL import Image

django.setup()

from bench import labelled_forms, labelled_items  # noqa: E402
from bench.form_truth import FormTruth  # noqa: E402
from bench.inspection import wilson  # noqa: E402
from bench.labelled import SEALED, Leaf  # noqa: E402

from anjuan.core.reading.marks import CERTAIN, Presence, SealMark, SealSize, placed, presence, shared  # noqa: E402
from anjuan.facilities.reading.backends.ink import handwriting  # noqa: E402
from anjuan.facilities.reading.backends.seals import find_seals  # noqa: E402

OUT = Path(__file__).resolve().parents[1] / "docs/benchmarks/marks.md"
OFFICES = ("AGENCY", "EMPLOYER")
# The kinds of form, with the fault and the trap of each.
KINDS: dict[str, tuple[str, str]] = {
    "good": ("", ""), "S01": ("S01", ""), "S03": ("S03", ""), "S02": ("S02", ""), "S07": ("S07", ""),
    "S05": ("S05", ""), "V21": ("V21", ""), "red table": ("", "red table"), "red table, S01": ("S01", "red table"),
    "red head": ("", "red head"), "red head, S01": ("S01", "red head"), "red notes, S01": ("S01", "red notes"),
    "landscape": ("", "landscape"), "landscape, S03": ("S03", "landscape"),
}  # fmt: skip

Row = tuple[str, int, Counter[tuple[str, ...]], float, str]


def judged(task: tuple[str, int]) -> Row:
    """One page: what is seen in each place, counted by what should be there; CPU seconds; what went wrong."""
    cv2.setNumThreads(1)
    kind, seed = task
    found: Counter[tuple[str, ...]] = Counter()
    if kind in labelled_items.PAGE_TRAPS:
        leaf, _ = labelled_items.trap_page(kind, seed)
        marks, spent = _seen(_stored(leaf))
        found["trap", "sure" if any(one.sure >= CERTAIN for one in marks) else "possible" if marks else "none"] += 1
        return kind, seed, found, spent, "" if not marks or marks[0].sure < CERTAIN else str(marks[0])
    fault, trap = KINDS[kind]
    leaf, truth = labelled_forms.form(seed, fault, trap=trap)
    leaf = _stored(leaf)
    marks, spent = _seen(leaf)
    wrong = _offices(leaf, truth, marks, found) + _persons(truth, marks, found)
    began = time.process_time()
    for place in truth.signatures:
        said = handwriting(leaf.pixels, leaf.dpi, place.expected).presence
        found["hand", "there" if place.box else "missing", said.value] += 1
        if (said is Presence.PRESENT) != (place.box is not None):
            wrong += f" hand {place.party} {said}"
    return kind, seed, found, spent + time.process_time() - began, wrong


def _stored(leaf: Leaf) -> Leaf:
    """As it comes out of the JPEG file that a scanner writes: colours at half the resolution."""
    return replace(leaf, pixels=np.asarray(Image.open(io.BytesIO(leaf.octets)).convert("RGB")))


def _seen(leaf: Leaf) -> tuple[list[SealMark], float]:
    began = time.process_time()
    marks = find_seals(leaf.pixels, leaf.dpi)
    return marks, time.process_time() - began


def _offices(leaf: Leaf, truth: FormTruth, marks: list[SealMark], found: Counter[tuple[str, ...]]) -> str:
    wrong = ""
    height, width = leaf.pixels.shape[:2]
    seals = {one.party: one for one in truth.seals if one.party in OFFICES}
    places = {party: (one.expected, SealSize.OFFICE) for party, one in seals.items()}
    millimetres = 25.4 / leaf.dpi
    put = placed(marks, places, width_mm=width * millimetres, height_mm=height * millimetres)
    for party, seal in seals.items():
        mark = put.get(party)
        said = presence(mark)
        is_there = seal.box is not None
        found["office", "there" if is_there else "missing", said.value] += 1
        found["office", seal.shape if is_there else "-", said.value] += 1
        if is_there and mark is not None and said is Presence.PRESENT:
            found["colour", "red" if seal.is_red else "grey", "red" if mark.is_red else "grey"] += 1
        if (said is Presence.PRESENT) != is_there:
            wrong += f" {party} {seal.shape} {said.value} {truth.layout}"
    return wrong


def _persons(truth: FormTruth, marks: list[SealMark], found: Counter[tuple[str, ...]]) -> str:
    wrong = ""
    for seal in truth.seals:
        if seal.party not in ("HANDLER", "REVIEWER") or seal.box is None or not seal.is_red:
            continue
        best = max((one.sure for one in marks if shared(one.box, seal.box) > 0.5), default=0.0)
        said = "PRESENT" if best >= CERTAIN else "UNSURE" if best else "ABSENT"
        found["person", "there", said] += 1
        if said != "PRESENT":
            wrong += f" person {seal.party} {said}"
    return wrong


def _share(hits: int, tries: int) -> str:
    if not tries:
        return "—"
    low, high = wilson(hits, tries)
    return f"{hits / tries:.3f} ({low:.3f}–{high:.3f})"


def main() -> None:
    """Look at every page, count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=60)
    parser.add_argument("--part", choices=("sealed", "development"), default="sealed")
    parser.add_argument("--only", default="")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--show", action="store_true", help="name every page that was judged wrongly (development)")
    given = parser.parse_args()
    start = SEALED if given.part == "sealed" else 20_000
    kinds = given.only.split(",") if given.only else [*KINDS, *labelled_items.PAGE_TRAPS]
    tasks = [
        (kind, start + number * 1000 + seed)
        for number, kind in enumerate(kinds)
        for seed in range(given.each if kind in KINDS else given.each // 3)
    ]
    with multiprocessing.get_context("fork").Pool(given.workers, maxtasksperchild=150) as pool:
        rows = pool.map(judged, tasks, chunksize=6)
    text = _report(rows, given)
    print(text)
    if given.show and given.part == "development":
        for kind, seed, _, _, wrong in rows:
            if wrong:
                print(kind, seed, wrong)
    if given.write:
        OUT.write_text(text, encoding="utf-8")


def _report(rows: list[Row], given: argparse.Namespace) -> str:
    forms = [row for row in rows if row[0] in KINDS]
    whole: Counter[tuple[str, ...]] = Counter()
    for kind, _, found, _, _ in forms:
        if kind not in ("S05", "V21"):
            whole += found
    missed, unsure_missing = whole["office", "missing", "ABSENT"], whole["office", "missing", "UNSURE"]
    missing = sum(n for key, n in whole.items() if key[:2] == ("office", "missing"))
    there = sum(n for key, n in whole.items() if key[:2] == ("office", "there"))
    alarms, unsure = whole["office", "there", "ABSENT"], whole["office", "there", "UNSURE"] + unsure_missing
    blank, taken = whole["hand", "missing", "ABSENT"], whole["hand", "there", "ABSENT"]
    doubted = whole["hand", "missing", "UNSURE"] + whole["hand", "there", "UNSURE"]
    empty = sum(n for key, n in whole.items() if key[:2] == ("hand", "missing"))
    filled = sum(n for key, n in whole.items() if key[:2] == ("hand", "there"))
    persons = sum(n for key, n in whole.items() if key[0] == "person")
    lines = [
        "# Seals and hands on labelled forms",
        "",
        f"{len(forms)} painted forms of the {given.part} part (`bench/labelled_forms.py`): nine business steps in",
        "thirteen settings (sixteen in the sealed part), 200 and 300 dpi, JPEG of quality 45 to 90, sharp, soft, pale,",
        "shaded and dark, tilted up to 0.7°, seals of five inks. They are painted and not scanned: figures of real",
        "scans are still to be measured (待核实). Written by `python bench/marks.py --write`.",
        "",
        "A place is judged by the seals that are seen on the page and by the box that the form gives it: *missing* is",
        "said where no seal of an office's size belongs to the place; what may be a seal is left to a person.",
        "In brackets: 95 % Wilson intervals.",
        "",
        "| what | n | found | precision | left to a person |",
        "|---|---|---|---|---|",
        f"| seal of an office missing (缺章) | {missing} of {missing + there} places | {_share(missed, missing)} "
        f"| {_share(missed, missed + alarms)} | {unsure / max(1, missing + there):.3f} |",
        f"| place for a signature empty (缺签) | {empty} of {empty + filled} places "
        f"| {_share(blank, empty)} | {_share(blank, blank + taken)} | {doubted / max(1, empty + filled):.3f} |",
        f"| seal of a person seen (名章) | {persons} | {_share(whole['person', 'there', 'PRESENT'], persons)} | — "
        f"| {whole['person', 'there', 'UNSURE'] / max(1, persons):.3f} |",
        "",
        "## By kind of form",
        "",
        "| forms | seals there: seen / unsure / said missing | seals missing: said missing / unsure / said there |",
        "|---|---|---|",
    ]
    for kind in KINDS:
        mine: Counter[tuple[str, ...]] = sum((row[2] for row in forms if row[0] == kind), Counter())
        if mine:
            seen = " / ".join(str(mine["office", "there", said]) for said in ("PRESENT", "UNSURE", "ABSENT"))
            gone = " / ".join(str(mine["office", "missing", said]) for said in ("ABSENT", "UNSURE", "PRESENT"))
            lines.append(f"| {kind} | {seen} | {gone} |")
    poor: Counter[tuple[str, ...]] = sum((row[2] for row in forms if row[0] == "V21"), Counter())
    lines += [
        "",
        "S05 are half seals and seals of a tenth to a fifth of the usual ink; V21 are forms whose seals are all",
        f"photocopied grey: of the {poor['colour', 'grey', 'grey'] + poor['colour', 'grey', 'red']} that were seen, "
        f"{poor['colour', 'grey', 'grey']} were told to be grey.",
        "",
        "## By shape of the seal, where it is there and red",
        "",
        "| shape | seen | unsure | said missing |",
        "|---|---|---|---|",
    ]
    for shape in ("ROUND", "OVAL", "SQUARE", "RECTANGLE"):
        said = [str(whole["office", shape, word]) for word in ("PRESENT", "UNSURE", "ABSENT")]
        lines.append(f"| {shape} | {' | '.join(said)} |")
    lines += [
        "",
        "## Pages without any seal",
        "",
        "| pages | n | taken for a seal | left to a person | nothing |",
        "|---|---|---|---|---|",
    ]
    for kind in labelled_items.PAGE_TRAPS:
        trap: Counter[tuple[str, ...]] = sum((row[2] for row in rows if row[0] == kind), Counter())
        if trap:
            said = [str(trap["trap", word]) for word in ("sure", "possible", "none")]
            lines.append(f"| {kind} | {trap.total()} | {' | '.join(said)} |")
    spent = sorted(row[3] for row in rows if row[0] in KINDS)
    lines += [
        "",
        "## Cost",
        "",
        f"On {platform.machine()}, {os.cpu_count()} cores shared with other work, {given.workers} workers: CPU time a "
        f"form, signatures included, median {1000 * spent[len(spent) // 2]:.0f} ms,",
        f"95th percentile {1000 * spent[int(len(spent) * 0.95)]:.0f} ms. Largest worker "
        f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB, painting included.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
