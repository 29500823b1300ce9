"""Piles as a scanner gives them: pages, separator sheets, form barcodes, blank backs."""

import io
from pathlib import Path

import segno
from django.conf import settings
from PIL import Image, ImageDraw

from anjuan.core.terms import Post
from anjuan.desks.intake.actions import piles
from anjuan.desks.intake.rules.piles import Heading, spell
from tests import builders
from tests.cast import Cast
from tests.contract.test_jobs_shipped import work_off

WIDTH, HEIGHT = 827, 1169  # A4 at 100 dpi


def sheet(code: str = "", *, seed: int = 0, blank: bool = False) -> bytes:
    """A scanned side: with a symbol, with words, or with nothing."""
    image = Image.new("L", (WIDTH, HEIGHT), 255)
    if seed and not blank:
        pen = ImageDraw.Draw(image)
        for line in range(12):
            pen.rectangle([(90, 300 + line * 50), (90 + 40 * (1 + (seed >> line) % 14), 318 + line * 50)], 0)
    if code:
        drawn = io.BytesIO()
        segno.make_qr(code, error="m").save(drawn, kind="png", scale=5, border=4)
        image.paste(Image.open(drawn).convert("L"), (280, 40))
    octets = io.BytesIO()
    image.save(octets, "JPEG", quality=70, dpi=(100, 100))
    return octets.getvalue()


def separator(number: str = "", material: str = "") -> bytes:
    return sheet(spell(Heading(number, "", material)))


_SERIAL = iter(range(1, 10**6))


def files(*pages: bytes) -> list[tuple[Path, str]]:
    """Pages as files of a scanner folder."""
    folder = Path(settings.ANJUAN_HOME) / "scanner"
    folder.mkdir(exist_ok=True)
    found = []
    for place, octets in enumerate(pages, 1):
        path = folder / f"{next(_SERIAL):06}.jpg"
        path.write_bytes(octets)
        found.append((path, f"扫描{place:03}.jpg"))
    return found


def laid(cast: Cast, *pages: bytes, paper_pages: int, cases_said: int = 0, name: str = "") -> str:
    """A pile that has been read. Returns its uid."""
    uid = piles.lay_pile(
        occasion=cast.occasion(Post.HANDLER),
        agency_code="BH",
        files=files(*pages),
        paper_pages=paper_pages,
        cases_said=cases_said,
        name=name,
    )
    work_off()
    return uid


def two_cases(cast: Cast) -> tuple[str, str]:
    """Two registered cases of two pages each."""
    return (
        builders.register(cast, "SL-1", persons=(builders.person(1),)),
        builders.register(cast, "SL-2", persons=(builders.person(2),)),
    )
