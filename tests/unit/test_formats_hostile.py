"""Whatever bytes come: the memory stays bounded, and each file is characterised or refused."""

import contextlib
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from pytest_django import Settings

from anjuan.core.refusals import Refusal
from anjuan.facilities.formats import actions, queries
from tests.unit.format_builders import (
    MINIMAL,
    PAGE,
    directory,
    encoded,
    head,
    jpeg,
    ofd,
    page_of,
    pdf,
    picture,
    png,
    tiff,
    written,
    zipped,
)


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Path:
    settings.ANJUAN_HOME = tmp_path
    return tmp_path


# --- memory ---


@pytest.mark.parametrize(
    "octets",
    [
        ofd(1, change={"bomb.bin": bytes(200_000_000)}),
        ofd(1, change={PAGE: page_of("<a/>" * 1_900_000)}),
        ofd(1, change={f"f{n}": b"" for n in range(19_000)}),
        head(8) + directory([*MINIMAL[:3], (273, 4, 1 << 24, 8), (279, 4, 1 << 24, 8)]) + b"\0" * (1 << 16),
        b"a" * 40_000_000,
        ("e" + "\u0301" * 1_000_000).encode(),
    ],
    ids=["zeros", "elements", "entries", "strips", "one line", "marks on one letter"],
)
def test_a_hostile_file_does_not_fill_the_memory(home: Path, octets: bytes) -> None:
    path = written(home, octets)

    tracemalloc.start()
    try:
        with contextlib.suppress(Refusal):
            actions.characterise(path)
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most_bytes < 64_000_000


# --- whatever comes ---

SEEDS = (
    tiff(2, "1", compression="group4"),
    tiff(1, "RGB", compression="tiff_lzw"),
    tiff(1, big_endian=True),
    ofd(2),
    pdf(2),
    zipped(),
    png(),
    jpeg(),
    "社保 text\n".encode("gb18030"),
    encoded(picture(30, 20), "GIF"),
)


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    """A good file with some bytes changed, cut or put in."""
    octets = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(octets) - 1)))
        change = draw(st.sampled_from(("set", "cut", "insert", "word")))
        if change == "set" and octets:
            octets[at] = draw(st.integers(0, 255))
        elif change == "cut":
            del octets[at:]
        elif change == "insert":
            octets[at:at] = draw(st.binary(max_size=8))
        else:
            octets[at : at + 4] = draw(st.sampled_from((b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\1\0\0\0")))
    return bytes(octets)


@effort(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.filterwarnings("ignore::UserWarning")  # the image library warns of odd tags before it gives up
@given(octets=st.one_of(st.binary(max_size=400), spoiled()))
@example(octets=b"II*\x00" + b"\xff" * 40)
@example(octets=b"PK\x05\x06" + b"\0" * 18)
def test_any_bytes_are_characterised_or_refused_and_nothing_else_happens(home: Path, octets: bytes) -> None:
    path = written(home, octets)
    try:
        found = actions.characterise(path)
    except Refusal as refusal:
        assert refusal.message("zh") and refusal.message("en")
        return

    assert found.pages
    assert len(found.pages) == actions.page_count(path)
    assert all(page.width_px > 0 and page.height_px > 0 for page in found.pages)
    for one in found.findings:
        row = queries.FindingRow(one.code, one.severity, one.params)
        assert row.name("zh") and row.message("zh") and row.name("en") and row.message("en")
