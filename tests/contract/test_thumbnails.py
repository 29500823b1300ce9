"""A thumbnail and a page within the second: drawn alone, equal to what is drawn with the rest, never half a file."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from anjuan.core.refusals import Refusal
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.formats.backends import render
from anjuan.facilities.repository import queries as repository
from tests import builders


def kept(folder: Path) -> tuple[Path, str]:
    """A page of the size a scanner gives, and its digest."""
    path = folder / "page.jpg"
    path.write_bytes(builders.jpeg(999, width=2480, height=3508))
    return path, repository.digest_file(path).sha512


def test_it_is_small_and_needs_nothing_else(tmp_path: Path) -> None:
    path, sha512 = kept(tmp_path)
    root = tmp_path / "derivatives"

    thumbnail = render.make_thumbnail(root, sha512, path, 1)

    with Image.open(thumbnail) as image:
        assert image.height == render.THUMBNAIL_HEIGHT_PX
    assert render.find_thumbnail(root, sha512, 1) == thumbnail
    assert render.find_derivatives(root, sha512, 1) is None  # the tiles wait until somebody opens the page
    assert [file.name for file in root.rglob("*") if file.is_file()] == ["p1.thumb.jpg"]


def test_it_shows_what_the_whole_drawing_shows(tmp_path: Path) -> None:
    path, sha512 = kept(tmp_path)
    for turn in (0, 90):
        alone = render.make_thumbnail(tmp_path / "one", sha512, path, 1, turn)
        whole = render.make_derivatives(tmp_path / "two", sha512, path, 1, turn).thumbnail
        with Image.open(alone) as one, Image.open(whole) as other:
            assert one.size == other.size
            sizes = [image.convert("L").resize((40, 40)).tobytes() for image in (one, other)]
            assert max(abs(a - b) for a, b in zip(*sizes, strict=True)) < 48


def test_once_the_page_is_drawn_its_thumbnail_stands(tmp_path: Path) -> None:
    path, sha512 = kept(tmp_path)
    render.make_thumbnail(tmp_path, sha512, path, 1)
    whole = render.make_derivatives(tmp_path, sha512, path, 1)
    assert render.find_thumbnail(tmp_path, sha512, 1) == whole.thumbnail


def test_an_empty_file_after_a_power_loss_is_no_thumbnail(tmp_path: Path) -> None:
    path, sha512 = kept(tmp_path)
    render.make_thumbnail(tmp_path, sha512, path, 1).write_bytes(b"")
    assert render.find_thumbnail(tmp_path, sha512, 1) is None


def test_a_page_that_is_not_there_has_none(tmp_path: Path) -> None:
    path, sha512 = kept(tmp_path)
    with pytest.raises(Refusal) as said:
        render.make_thumbnail(tmp_path, sha512, path, 2)
    assert said.value.code == "M-009"
    with pytest.raises(Refusal):
        formats.open_thumbnail("urn:x", "../../etc", 1)


def test_a_page_that_is_opened_waits_for_no_tiles(tmp_path: Path, settings: Any) -> None:
    path, sha512 = kept(tmp_path)
    root = tmp_path / "derivatives"
    for turn in (0, 90):
        alone = render.make_view(root, sha512, path, 1, turn)
        whole = render.make_derivatives(tmp_path / "two", sha512, path, 1, turn).view
        assert render.find_view(root, sha512, 1, turn) == alone
        assert render.find_derivatives(root, sha512, 1, turn) is None
        settings.ANJUAN_HOME = tmp_path
        assert formats.open_whole_page("urn:nobody", sha512, 1, turn) == alone  # drawn: the bytes are not asked for
        with Image.open(alone) as one, Image.open(whole) as other:
            assert one.size == other.size and max(one.size) == render.VIEW_PX


def test_what_comes_in_has_its_thumbnail_before_anyone_asks(tmp_path: Path, settings: Any) -> None:
    path, sha512 = kept(tmp_path)
    settings.ANJUAN_HOME = tmp_path
    formats.sketch_pages(path=path, sha512=sha512, pages=1)
    asked = formats.open_thumbnail("urn:nobody", sha512, 1)  # no object of that name: the bytes are not asked for
    with Image.open(asked) as image:
        assert image.height == render.THUMBNAIL_HEIGHT_PX
