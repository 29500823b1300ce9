"""Copies, byte by byte, without a database: any damage to any file of a copy is found and mended; a cut at any step of
copying or mending loses nothing. The same on a folder and in a bucket. User asks 19 and 20.
"""

import errno
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from anjuan.core.fixity import Digests
from anjuan.core.ocfl import inventory as inventories
from anjuan.core.ocfl.validate import validate_object, validate_root
from anjuan.core.refusals import Severity
from anjuan.facilities.copies.backends import look
from anjuan.facilities.copies.backends.look import Expected, NoGoodCopy, SourceDamaged
from anjuan.facilities.copies.backends.shelf import BucketShelf, FolderShelf, Pace, Shelf, Unreachable
from anjuan.facilities.copies.rules import DamageKind
from anjuan.facilities.repository.backends.disk import Disk, FolderTree, digest_stream
from anjuan.facilities.repository.backends.posix import PosixStore
from anjuan.facilities.repository.rules import Inline, StoredContent
from anjuan.foundation.buckets.backends.s3 import Bucket
from anjuan.foundation.buckets.rules import Address
from tests.contract.test_repository_faults import AT, ONE, RECORD, TWO, URN, FailingDisk, Killed, errors

EVERY = int(os.environ.get("ANJUAN_EVERY_STEP", "4"))  # of the steps of a matrix; torture takes each


class Stage:
    """A store with one object of three versions, the last of which only renames, and places for copies."""

    def __init__(self, home: Path) -> None:
        self.move_to(home)
        self.write({"a.jpg": ONE, "folder/b.jpg": TWO})

    def move_to(self, home: Path) -> None:
        self.home = home
        self.store = PosixStore(home / "store", home / "staging", FailingDisk(0))

    def write(self, files: dict[str, bytes], *, renamed: bool = False) -> None:
        def plan(before: inventories.Inventory | None, digests: dict[str, Digests]) -> inventories.Inventory:
            base = before or inventories.Inventory(urn=URN, contents=(), versions=())
            kept = {f"档号-{name}": sha512 for name, sha512 in base.state.items()} if renamed else {}
            return inventories.next_version(
                base, state=kept, new_files=digests, message="", user_name="王敏", user_address="urn:x:1", at=AT
            )

        self.store.write(URN, files=[Inline(name, octets) for name, octets in files.items()], plan=plan)  # type: ignore[arg-type]

    def grow(self) -> None:
        self.write({"a.jpg": TWO, "record.json": RECORD})
        self.write({}, renamed=True)

    @property
    def primary(self) -> FolderShelf:
        return FolderShelf(self.home / "store", self.home / "quarantine")

    def place(self, name: str, disk: Disk | None = None) -> FolderShelf:
        shelf = FolderShelf(self.home / name / "store", self.home / name / "work", mark=name, disk=disk)
        if disk is None:
            shelf.prepare()
        return shelf

    def expected(self, version: int | None = None, *, verified: bool = False) -> Expected:
        inventory = self.store.inventory(URN)
        wanted = version or inventory.head
        folder = self.store.folder(URN)
        contents = tuple(
            StoredContent(digest_stream(folder / content.path), content.path, int(content.path[1]))
            for content in inventory.contents
            if int(content.path[1]) <= wanted
        )
        text = (folder / "inventory.json").read_bytes()
        known = {inventory.head: digest_stream(text).sha512} if verified else {}
        return Expected(URN, wanted, contents, known)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def damages(shelf: Shelf, expected: Expected) -> list[tuple[DamageKind, str]]:
    return [(damage.kind, damage.path) for damage in look.examine(shelf, expected).damages]


def alter(path: Path, octets: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(octets)


def valid(root: Path) -> bool:
    return errors(validate_root(FolderTree(root))) == []


def test_a_copy_is_the_object_whole_and_a_second_run_writes_nothing(stage: Stage) -> None:
    stage.grow()
    far = stage.place("far")

    seen, was_whole = look.carry(stage.primary, far, stage.expected())

    assert was_whole and not seen.damages and seen.version == 3
    assert valid(stage.home / "far" / "store")
    folder = stage.expected().folder
    assert far.listing(folder) == stage.primary.listing(folder)
    before = {path: path.stat().st_mtime_ns for path in (far.root / folder).rglob("*.jpg")}
    assert not look.carry(stage.primary, far, stage.expected())[0].damages
    assert {path: path.stat().st_mtime_ns for path in (far.root / folder).rglob("*.jpg")} == before
    assert not list((stage.home / "far" / "work" / "incoming").rglob("*.jpg"))


def test_a_new_version_is_brought_to_the_copy_that_is_there(stage: Stage) -> None:
    far = stage.place("far")
    look.carry(stage.primary, far, stage.expected())
    stage.grow()

    seen, was_whole = look.carry(stage.primary, far, stage.expected())

    assert (seen.version, seen.damages, was_whole) == (3, (), False)
    assert valid(stage.home / "far" / "store")


Harm = Callable[[Path], None]


def first_byte(path: Path) -> None:
    octets = path.read_bytes()
    alter(path, bytes([octets[0] ^ 1]) + octets[1:])


def last_byte(path: Path) -> None:
    octets = path.read_bytes()
    alter(path, octets[:-1] + bytes([octets[-1] ^ 0x80]))


def middle_byte(path: Path) -> None:
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 0x10
    alter(path, bytes(octets))


def cut_short(path: Path) -> None:
    alter(path, path.read_bytes()[:-1])


def emptied(path: Path) -> None:
    alter(path, b"")


def gone(path: Path) -> None:
    path.unlink()


def a_link(path: Path) -> None:
    aside = Path(tempfile.mkdtemp()) / "aside"
    shutil.copyfile(path, aside)
    path.unlink()
    path.symlink_to(aside)


HARMS: Sequence[Harm] = (first_byte, middle_byte, last_byte, cut_short, emptied, gone, a_link)


@pytest.mark.acceptance("S2-C1", "S2-C2", "S2-C6")
@pytest.mark.parametrize("verified", [False, True], ids=["never looked at", "verified before"])
@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: str(harm.__name__))
def test_any_harm_to_any_file_of_a_copy_is_found_named_and_mended(stage: Stage, harm: Harm, verified: bool) -> None:
    stage.grow()
    expected = stage.expected(verified=verified)
    look.carry(stage.primary, stage.place("far"), expected)
    folder = stage.store.folder(URN)
    files = sorted(path for path in stage.primary.listing(expected.folder))
    assert len(files) == 8

    for path in files:
        was = (folder / path).read_bytes()
        harm(folder / path)
        found = look.examine(stage.primary, expected)
        named = {damage.path for damage in found.damages}
        root = {"inventory.json", "inventory.json.sha512"}
        assert path in named or (path in root and named & root), f"{harm.__name__} of {path} was not found"

        evidence = {damage.path: f"{number}/{damage.path}" for number, damage in enumerate(found.damages)}
        sources = [("far", stage.place("far"), expected)]
        mended = look.mend(stage.primary, expected, found.damages, sources, evidence)

        assert {each.source for each in mended} <= {"far", ""}
        assert (folder / path).read_bytes() == was and not (folder / path).is_symlink()
        assert damages(stage.primary, expected) == []
        if harm in (first_byte, middle_byte, last_byte, cut_short) and path in named:
            kept = b"".join(stage.primary.evidence(evidence[path]))
            assert kept != was and abs(len(kept) - len(was)) <= 1
        shutil.rmtree(stage.home / "quarantine")
    assert valid(stage.home / "store")


def test_an_inventory_changed_together_with_its_digest_file_and_the_bytes_it_names_is_found(stage: Stage) -> None:
    """Whoever rewrites a page, the inventory and its digest file leaves a valid object; the rows know better."""
    look.carry(stage.primary, stage.place("far"), stage.expected())
    expected = stage.expected(verified=True)
    never = stage.expected()
    folder = stage.store.folder(URN)
    inventory = stage.store.inventory(URN)
    page = inventory.contents[0]
    forged = digest_stream(b"another page")
    text = (folder / "inventory.json").read_bytes()
    for name, value in {"sha512": page.sha512, **page.fixity}.items():
        text = text.replace(value.encode(), forged.by_algorithm()[name].encode())
    alter(folder / page.path, b"another page")
    alter(folder / "inventory.json", text)
    alter(folder / "inventory.json.sha512", inventories.sidecar(text))
    assert not [f for f in validate_object(stage.store.tree(), expected.folder) if f.severity is Severity.ERROR]

    for known in (expected, never):
        found = damages(stage.primary, known)
        assert (DamageKind.WRONG_INVENTORY, "inventory.json") in found
        assert (DamageKind.WRONG_BYTES, page.path) in found

    seen = look.examine(stage.primary, expected)
    evidence = {damage.path: damage.path for damage in seen.damages}
    look.mend(stage.primary, expected, seen.damages, [("far", stage.place("far"), expected)], evidence)
    assert damages(stage.primary, expected) == []


def test_an_inventory_rolled_back_to_an_earlier_version_is_found(stage: Stage) -> None:
    folder = stage.store.folder(URN)
    old = {name: (folder / name).read_bytes() for name in ("inventory.json", "inventory.json.sha512")}
    stage.grow()
    for name, octets in old.items():
        alter(folder / name, octets)

    assert (DamageKind.WRONG_INVENTORY, "inventory.json") in damages(stage.primary, stage.expected(3))


def test_a_file_too_many_is_found_and_taken_out(stage: Stage) -> None:
    folder = stage.store.folder(URN)
    (folder / "v1" / "content" / "more.txt").write_text("x")

    seen = look.examine(stage.primary, stage.expected())
    assert [(damage.kind, damage.path) for damage in seen.damages] == [(DamageKind.STRAY, "v1/content/more.txt")]
    look.mend(stage.primary, stage.expected(), seen.damages, [], {"v1/content/more.txt": "e"})

    assert valid(stage.home / "store")
    assert b"".join(stage.primary.evidence("e")) == b"x"


def test_a_version_that_is_just_coming_in_is_no_damage(stage: Stage) -> None:
    folder = stage.store.folder(URN)
    (folder / "v2" / "content").mkdir(parents=True)
    (folder / "v2" / "content" / "c.jpg").write_bytes(b"x")

    assert damages(stage.primary, stage.expected()) == []


def test_a_damaged_source_is_not_copied_and_is_named(stage: Stage) -> None:
    page = stage.store.inventory(URN).contents[1].path
    expected = stage.expected()
    middle_byte(stage.store.folder(URN) / page)
    far = stage.place("far")

    with pytest.raises(SourceDamaged) as caught:
        look.carry(stage.primary, far, expected)

    assert [damage.path for damage in caught.value.damages] == [page]
    assert not (far.root / expected.folder).exists()


def test_with_no_good_copy_left_nothing_is_touched(stage: Stage) -> None:
    look.carry(stage.primary, stage.place("far"), stage.expected())
    expected = stage.expected()
    page = expected.contents[0].content_path
    for root in (stage.home / "store", stage.home / "far" / "store"):
        middle_byte(root / expected.folder / page)
    bad = (stage.store.folder(URN) / page).read_bytes()
    seen = look.examine(stage.primary, expected)

    with pytest.raises(NoGoodCopy) as caught:
        sources = [("far", stage.place("far"), expected)]
        look.mend(stage.primary, expected, seen.damages, sources, {page: "e"})

    assert caught.value.path == page
    assert (stage.store.folder(URN) / page).read_bytes() == bad


def test_a_place_that_is_not_mounted_is_not_a_place_full_of_damage(stage: Stage) -> None:
    far = stage.place("far")
    look.carry(stage.primary, far, stage.expected())
    (stage.home / "far").rename(stage.home / "away")
    (stage.home / "far").mkdir()  # the empty mount point

    with pytest.raises(Unreachable):
        look.examine(far, stage.expected())
    with pytest.raises(Unreachable):
        look.carry(stage.primary, far, stage.expected())

    (stage.home / "far").rmdir()
    (stage.home / "away").rename(stage.home / "far")
    alter(stage.home / "far" / "work" / "anjuan-place", b"another set")
    with pytest.raises(Unreachable):
        look.carry(stage.primary, far, stage.expected())


# --- a cut at any step ------------------------------------------------------------------------------------------------


def count_steps(work: Callable[[FailingDisk], None]) -> int:
    disk = FailingDisk(10**9)
    work(disk)
    return 10**9 - disk.left


def sampled(steps: int) -> Iterator[int]:
    return itertools.chain(range(1, steps + 1, EVERY), [steps])


@pytest.mark.parametrize("error", [None, errno.ENOSPC, errno.EIO], ids=["kill", "ENOSPC", "EIO"])
@pytest.mark.parametrize("grows", [False, True], ids=["new object", "new version"])
def test_a_cut_at_any_step_of_copying_is_finished_by_the_next_run(
    tmp_path: Path, grows: bool, error: int | None
) -> None:
    def start(home: Path) -> Stage:
        stage = Stage(home)
        far = stage.place("far")
        if grows:
            look.carry(stage.primary, far, stage.expected())
            stage.grow()
        return stage

    stage = start(tmp_path / "whole")
    steps = count_steps(lambda disk: look.carry(stage.primary, stage.place("far", disk), stage.expected()) and None)
    assert steps > 10
    template = start(tmp_path / "template")
    for step in sampled(steps):
        home = tmp_path / f"at{step}"
        shutil.copytree(tmp_path / "template", home)
        stage = template
        stage.move_to(home)
        expected = stage.expected()
        with pytest.raises((Killed, OSError)):
            look.carry(stage.primary, stage.place("far", FailingDisk(step, error)), expected)
        far = stage.place("far")
        root = far.root / expected.folder
        if (root / "inventory.json").is_file() and not grows:
            assert valid(far.root), f"step {step}: what entered is not whole"

        seen, _ = look.carry(stage.primary, far, expected)

        assert seen.damages == () and seen.version == stage.store.inventory(URN).head
        assert valid(far.root), f"step {step}"
        assert not list((home / "far" / "work" / "incoming").rglob("*.jpg"))
        shutil.rmtree(home)


@pytest.mark.parametrize("error", [None, errno.ENOSPC, errno.EIO], ids=["kill", "ENOSPC", "EIO"])
def test_a_cut_at_any_step_of_mending_is_finished_by_the_next_run(tmp_path: Path, error: int | None) -> None:
    def start(home: Path) -> Stage:
        stage = Stage(home)
        stage.grow()
        look.carry(stage.primary, stage.place("far"), stage.expected())
        return stage

    def hurt(stage: Stage) -> dict[str, str]:
        folder = stage.store.folder(URN)
        found = {}
        for path, harm in (
            ("v1/content/a.jpg", middle_byte),
            ("v2/content/record.json", gone),
            ("inventory.json", last_byte),
        ):
            harm(folder / path)
            found[path] = f"evidence/{path}"
        return found | {"inventory.json.sha512": "evidence/inventory.json.sha512"}

    def mend(stage: Stage, expected: Expected, evidence: dict[str, str], disk: Disk | None) -> None:
        shelf = FolderShelf(stage.home / "store", stage.home / "quarantine", disk=disk)
        seen = look.examine(shelf, expected)
        look.mend(shelf, expected, seen.damages, [("far", stage.place("far"), expected)], evidence)

    whole = start(tmp_path / "template")
    expected = whole.expected(verified=True)
    shutil.copytree(tmp_path / "template", tmp_path / "whole")
    whole.home, whole.store = (
        tmp_path / "whole",
        PosixStore(tmp_path / "whole/store", tmp_path / "whole/staging", FailingDisk(0)),
    )
    evidence = hurt(whole)
    steps = count_steps(lambda disk: mend(whole, expected, evidence, disk))
    assert steps > 10
    for step in sampled(steps):
        home = tmp_path / f"at{step}"
        shutil.copytree(tmp_path / "template", home)
        whole.move_to(home)
        evidence = hurt(whole)
        bad = (home / "store" / expected.folder / "v1/content/a.jpg").read_bytes()
        with pytest.raises((Killed, OSError)):
            mend(whole, expected, evidence, FailingDisk(step, error))
        mend(whole, expected, evidence, None)

        assert damages(whole.primary, expected) == [], f"step {step}"
        assert valid(home / "store")
        assert b"".join(whole.primary.evidence("evidence/v1/content/a.jpg")) == bad
        shutil.rmtree(home)


# --- in a bucket ------------------------------------------------------------------------------------------------------


@pytest.mark.acceptance("S0-C6")
def test_a_bucket_is_a_place_like_another(stage: Stage, bucket_address: Address) -> None:
    stage.grow()
    expected = stage.expected(verified=True)
    far = BucketShelf(Bucket(bucket_address.under("copies")), mark="far")
    with pytest.raises(Unreachable):
        look.carry(stage.primary, far, expected)
    far.prepare()

    seen, _ = look.carry(stage.primary, far, expected)

    assert not seen.damages and seen.version == 3
    assert far.listing(expected.folder) == stage.primary.listing(expected.folder)
    assert not list(far.bucket.list("work/incoming"))
    page = expected.contents[0].content_path
    key = f"store/{expected.folder}/{page}"
    was = far.bucket.get(key)
    far.bucket.put(key, was[:-1] + b"!")
    found = look.examine(far, expected)
    assert [(damage.kind, damage.path) for damage in found.damages] == [(DamageKind.WRONG_BYTES, page)]
    look.mend(far, expected, found.damages, [("local", stage.primary, expected)], {page: "e/page"})
    assert far.bucket.get(key) == was and far.bucket.get("work/quarantine/e/page") == was[:-1] + b"!"
    far.bucket.remove(f"store/{expected.folder}/inventory.json")
    missing = look.examine(far, expected).damages
    assert (DamageKind.MISSING, "inventory.json") in [(damage.kind, damage.path) for damage in missing]
    middle_byte(stage.store.folder(URN) / page)
    far_again = look.mend(
        far, expected, missing, [("local", stage.primary, expected)], {d.path: d.path for d in missing}
    )
    assert {each.path for each in far_again} == {"inventory.json", "inventory.json.sha512"}
    hurt = look.examine(stage.primary, expected).damages
    look.mend(stage.primary, expected, hurt, [("far", far, expected)], {page: "e"})
    assert damages(stage.primary, expected) == []


def test_copying_goes_no_faster_than_it_may(stage: Stage) -> None:
    import time

    stage.write({"large.bin": os.urandom(300_000)})
    pace = Pace(1_000_000)

    began = time.monotonic()
    look.examine(stage.primary, stage.expected(), pace=pace)

    assert time.monotonic() - began >= 0.25
