"""Log and journal lie at every place too: what a place holds is enough to bring a lost database back."""

import errno
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
from pytest_django import Settings

from anjuan.config import proving
from anjuan.core.terms import Post
from anjuan.facilities.copies import actions, queries
from anjuan.facilities.copies.backends.shelf import FolderShelf
from anjuan.facilities.copies.rules import PROOF_LIST
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.journal.models import Entry
from tests.cast import Cast
from tests.contract.test_audit import settle
from tests.contract.test_rebuild import empty, left_wrong
from tests.copies_stage import replicated


def files(top: Path) -> dict[str, bytes]:
    return {path.relative_to(top).as_posix(): path.read_bytes() for path in sorted(top.rglob("*")) if path.is_file()}


def ours(home: Path, name: str) -> dict[str, bytes]:
    return {path: octets for path, octets in files(home / name).items() if path != "lock" and not path.startswith(".")}


@pytest.fixture
def filed(cast: Cast) -> Cast:
    replicated(cast)
    settle(cast)
    return cast


def test_every_place_has_log_and_journal_as_they_are_and_lets_go_of_what_is_no_more(filed: Cast, home: Path) -> None:
    assert not actions.tend_proof(seconds=60)

    for code in ("local-b", "far"):
        proof = home / queries.place(code).address / "proof"
        for name in ("log", "journal"):
            assert files(proof / name) == ours(home, name)
        assert queries.proof_list(queries.shelf(code)).keys() == {
            f"{name}/{path}" for name in ("log", "journal") for path in ours(home, name)
        }
    before = files(home / queries.place("far").address / "proof" / "log")
    accounts.log_in(occasion=filed.occasion(Post.HANDLER), terminal="1 号窗口")
    settle(filed)
    assert not actions.tend_proof(seconds=60)
    after = files(home / queries.place("far").address / "proof" / "log")
    assert after == ours(home, "log") != before


def test_it_goes_on_in_slices_and_after_a_place_that_is_full_or_away(
    filed: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slices = 1
    while actions.tend_proof(seconds=0):
        slices += 1
    assert slices > 5

    far = home / queries.place("far").address
    shutil.rmtree(far / "proof")
    far.rename(far.with_name("away"))
    assert not actions.tend_proof(seconds=60)  # the other place is up to date, this one is the sweep's to tell of
    assert not far.exists()
    far.with_name("away").rename(far)

    laid = FolderShelf.lay_proof
    left = [5]

    def full(self: FolderShelf, path: str, chunks: Iterable[bytes]) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "no room")
        laid(self, path, chunks)

    monkeypatch.setattr(FolderShelf, "lay_proof", full)
    actions.tend_proof(seconds=60)
    monkeypatch.undo()
    (far / "proof" / PROOF_LIST).write_bytes(b"{torn")
    assert not actions.tend_proof(seconds=60)
    assert files(far / "proof" / "journal") == ours(home, "journal")


@pytest.mark.acceptance("S0-C6", "S2-C6", "S4-C5")
def test_the_far_place_alone_brings_a_burnt_house_back(filed: Cast, home: Path, settings: Settings) -> None:
    assert not actions.tend_proof(seconds=60)
    head = Entry.objects.count()
    far = home / queries.place("far").address
    elsewhere = home / "elsewhere"
    shutil.copytree(far / "store", elsewhere / "store")
    for name in ("log", "journal"):
        shutil.copytree(far / "proof" / name, elsewhere / name)
    shutil.copytree(home / "keys", elsewhere / "keys")  # kept apart and locked, as the recovery card says
    empty()
    settings.ANJUAN_HOME = elsewhere

    found = proving.rebuild(lambda what, done, total: None)

    assert (found.entries, found.bare, found.lost) == (head, [], [])
    assert left_wrong() == []
