"""How well near-duplicate pages are told from other filled forms of the same blank (疑似同一页): precision and recall.

    python bench/near.py [--sheets 150]

Main forms of the practice city. Each is scanned once more: turned up to 0.7°, shifted up to 2 mm, blurred, brighter or
darker, with noise, JPEG of quality 40 to 85. Against it stand the same blank filled for the same person at another date
under another number, and filled for somebody else. Nothing random is drawn but from one seed.
"""

import argparse
import dataclasses
import datetime as dt
import io
import random
import tempfile
import time
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter

from anjuan.demo import people, plan, press
from anjuan.demo.painting import sheet
from anjuan.facilities.formats.backends import likeness, raster


def rescanned(octets: bytes, dice: random.Random) -> bytes:
    """The same sheet under the scanner again."""
    page = Image.open(io.BytesIO(octets)).convert("RGB")
    width, height = page.size
    shift = (dice.randint(-12, 12), dice.randint(-12, 12))
    page = page.rotate(
        dice.uniform(-0.7, 0.7), Image.Resampling.BICUBIC, fillcolor=(248, 247, 240), translate=shift
    ).filter(ImageFilter.GaussianBlur(dice.uniform(0.2, 0.9)))
    gain = dice.uniform(0.92, 1.06)
    page = page.point(lambda value: min(255, int(value * gain)))
    half = (width // 2, height // 2)
    noise = Image.frombytes("L", half, dice.randbytes(half[0] * half[1])).resize((width, height))
    noise = noise.point(lambda value: 122 + value * 12 // 255)
    page = ImageChops.add(page, Image.merge("RGB", [noise] * 3), 1.0, -128)
    kept = io.BytesIO()
    page.save(kept, "JPEG", quality=dice.choice((40, 55, 70, 85)))
    return kept.getvalue()


def signed(octets: bytes) -> bytes:
    """The signature of a page image."""
    with tempfile.NamedTemporaryFile(suffix=".jpg") as kept:
        kept.write(octets)
        kept.flush()
        return likeness.sign(raster.open_small(Path(kept.name), likeness.DECODED))


def main() -> None:
    """Paint, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sheets", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    dice = random.Random(given.seed)
    by_step: dict[str, list[plan.Case]] = {}
    for cases in plan.cases(people.citizens()).values():
        for case in cases:
            if any(material == "MAIN_FORM" for material, _ in case.group.sheets):
                by_step.setdefault(case.group.step, []).append(case)
    steps = sorted(by_step)
    scores: dict[str, list[float]] = {"the same sheet": [], "same person": [], "another person": []}
    sizes, spent, compared = [], 0.0, 0

    def compare(kind: str, one: Image.Image, octets: bytes) -> None:
        nonlocal spent, compared
        other = likeness.opened(signed(octets))
        began = time.perf_counter()
        scores[kind].append(likeness.unlikeness(one, other))
        spent, compared = spent + time.perf_counter() - began, compared + 1

    for number in range(given.sheets):
        cases = by_step[steps[number % len(steps)]]
        case = dice.choice(cases)
        paper = dataclasses.replace(sheet(case, "MAIN_FORM", 1, "滨海"), faults=frozenset())
        first = press.scan(paper, seed=number)
        signature = signed(first)
        sizes.append(len(signature))
        mine = likeness.opened(signature)
        compare("the same sheet", mine, rescanned(first, dice))
        later = dataclasses.replace(
            paper,
            formed=paper.formed + dt.timedelta(days=dice.randint(20, 400)),
            acceptance_no=f"{paper.acceptance_no[:-3]}{dice.randrange(1000):03d}",
        )
        compare("same person", mine, press.scan(later, seed=number + 100_000))
        if len(cases) > 1:
            other = dice.choice([one for one in cases if one is not case])
            paper = dataclasses.replace(sheet(other, "MAIN_FORM", 1, "滨海"), faults=frozenset())
            compare("another person", mine, press.scan(paper, seed=number + 200_000))
    for kind, found in scores.items():
        found.sort()
        print(f"{kind}: {len(found)}, least {found[0]:.1f}, median {found[len(found) // 2]:.1f}, most {found[-1]:.1f}")
    found_right = sum(score <= likeness.SAME for score in scores["the same sheet"])
    wrong = sum(score <= likeness.SAME for kind, found in scores.items() if kind != "the same sheet" for score in found)
    print(f"{len(steps)} blanks; signature {sum(sizes) // len(sizes)} bytes; {1000 * spent / compared:.1f} ms a pair")
    print(f"precision {found_right / max(1, found_right + wrong):.3f}, recall {found_right / given.sheets:.3f}")


if __name__ == "__main__":
    main()
