"""The power fails at every step of every deed of the store: what was told is there, and the verifier is content.

``python -m tests.contract.test_power_loss`` runs the whole matrix; the suite takes samples.
"""

import datetime as dt
import errno
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from anjuan.core.fixity import Digests
from anjuan.core.ocfl import inventory as inventories
from anjuan.core.ocfl.inventory import Inventory
from anjuan.core.ocfl.validate import validate_root
from anjuan.core.refusals import Refusal, Severity
from anjuan.facilities.repository import rules
from anjuan.facilities.repository.backends.disk import Disk
from anjuan.facilities.repository.backends.posix import PosixStore
from anjuan.facilities.repository.backends.store import Doomed, Store
from anjuan.facilities.repository.rules import Inline
from tests.contract.forgetful import ForgetfulDisk, Killed, Medium

AT = dt.datetime(2026, 3, 1, 8, 30, tzinfo=dt.UTC)
URN = "urn:uuid:0195f7a0-0000-7000-8000-000000000001"
OTHER = "urn:uuid:0195f7a0-0000-7000-8000-000000000002"
OLD = {"a.jpg": b"page one" * 100, "folder/b.jpg": b"page two" * 100}
NEW = {"a.jpg": b"page new" * 100, "c.jpg": b"page more" * 100}
RECORD = b'{"record": 1}\n'


class Quick(Disk):
    """A disk that need not wait for a medium."""

    def sync(self, descriptor: int) -> None:
        pass


# --- the deeds -----------------------------------------------------------------------------------------------------


def version(
    store: Store, files: Mapping[str, bytes], *, urn: str = URN, renames: Mapping[str, str] | None = None
) -> None:
    """One more version; a second attempt at the same gives what stands, as ``repository.actions`` does."""

    def plan(before: Inventory | None, digests: Mapping[str, Digests]) -> Inventory | None:
        state = {}
        if before is not None and renames is not None:
            state = {renames.get(name, name): sha512 for name, sha512 in before.versions[0].state.items()}
        if before is not None and before.state == state | {name: taken.sha512 for name, taken in digests.items()}:
            return None
        return inventories.next_version(
            before or Inventory(urn=urn, contents=(), versions=()),
            state=state,
            new_files=digests,
            message="",
            user_name="王敏",
            user_address="urn:anjuan:staff:0101",
            at=AT,
        )

    store.write(urn, files=[Inline(name, octets) for name, octets in files.items()], plan=plan)


def deposit(store: Store) -> None:
    version(store, OLD)


def rescan(store: Store) -> None:
    version(store, NEW)


def seal(store: Store) -> None:
    version(store, {"record.json": RECORD}, renames={"a.jpg": "D-001.jpg"})


def deposit_and_rescan(store: Store) -> None:
    deposit(store)
    rescan(store)


def deposit_and_seal(store: Store) -> None:
    deposit(store)
    seal(store)


def leaving(store: Store, *, stone: bool) -> Doomed:
    inventory = store.inventory(URN)
    words = rules.tombstone(inventory, at=AT, by="urn:anjuan:staff:0101", authority="x") if stone else None
    return Doomed(URN, inventory.head, words)


def purge(store: Store) -> None:
    if store.holds(URN):
        doomed = leaving(store, stone=False)
        store.doom(doomed)
        store.purge(doomed)


def destroy(store: Store) -> None:
    if store.tombstone(URN) is None:
        store.destroy(leaving(store, stone=True))
    elif store.holds(URN):
        raise AssertionError("recovery had to finish it")


Deed = Callable[[Store], None]
# what is done, before it and then under test; and what may stand when it was not acknowledged
DEEDS: Mapping[str, tuple[Deed | None, Deed, set[int]]] = {
    "the first deposit of all": (None, deposit, {0, 1}),
    "a deposit": (lambda store: version(store, OLD, urn=OTHER), deposit, {0, 1}),
    "a new version": (deposit, rescan, {1, 2}),
    "a sealing": (deposit, seal, {1, 2}),
    "a purge": (deposit_and_rescan, purge, {0, 2}),
    "a destruction": (deposit_and_seal, destroy, {0, 2}),
}
STATES = {
    "the first deposit of all": OLD,
    "a deposit": OLD,
    "a new version": NEW,
    "a sealing": {"D-001.jpg": OLD["a.jpg"], "folder/b.jpg": OLD["folder/b.jpg"], "record.json": RECORD},
}


def at(home: Path, disk: Disk) -> PosixStore:
    return PosixStore(home / "store", home / "staging", disk)


def head(store: Store) -> int:
    return store.inventory(URN).head if store.holds(URN) else 0


def errors(store: Store) -> list[tuple[str, str]]:
    return [(found.code, found.place) for found in validate_root(store.tree()) if found.severity is Severity.ERROR]


def judge(store: Store, deed: str, *, is_told: bool) -> int:
    """After recovery: the verifier is content, what was told stands, and the deed can be done again."""
    before, do, allowed = DEEDS[deed]
    for doomed in store.doomed():
        if doomed.tombstone is None:  # as ``repository.actions.recover`` does where the rows are gone
            store.purge(doomed)
    store.recover()
    found = head(store)
    wanted = 0 if deed in ("a purge", "a destruction") else max(allowed)
    assert found == wanted if is_told else found in allowed, f"version {found} stands"
    if store.exists():
        assert errors(store) == []
    if deed == "a destruction" and (is_told or found == 0):
        stone = store.tombstone(URN)
        assert stone is not None
        assert len(json.loads(stone)["versions"]) == 2
    if found and found == wanted:
        whole(store, STATES[deed])
    do(store)
    assert head(store) == wanted
    assert errors(store) == []
    if before is not None and deed == "a deposit":
        assert store.holds(OTHER)
    if wanted:
        whole(store, STATES[deed])
    return found


def whole(store: Store, state: Mapping[str, bytes]) -> None:
    inventory = store.inventory(URN)
    assert set(inventory.state) == set(state)
    for name, octets in state.items():
        with store.open(URN, inventory.content(inventory.state[name]).path) as stream:
            assert stream.read() == octets


# --- the matrix ----------------------------------------------------------------------------------------------------


def prepare(home: Path, deed: str) -> None:
    home.mkdir(parents=True)
    before = DEEDS[deed][0]
    if before is not None:
        store = at(home, Quick())
        before(store)
        for urn in (URN, OTHER):
            if store.holds(urn):
                store.recorded(urn, store.inventory(urn).head)


def attempt(home: Path, deed: str, *, stop_at: int, error: int | None) -> tuple[ForgetfulDisk, bool]:
    """Do it with a failure at one step; the disk, and whether the deed said that it was done."""
    disk = ForgetfulDisk(home, stop_at=stop_at, error=error)
    try:
        DEEDS[deed][1](at(home, disk))
    except (Killed, OSError, Refusal):
        return disk, False
    return disk, True


def steps_of(folder: Path, deed: str) -> int:
    prepare(folder, deed)
    disk, is_told = attempt(folder, deed, stop_at=0, error=None)
    assert is_told
    return disk.steps


def look_at(medium: Medium, folder: Path, deed: str, *, is_told: bool) -> int:
    medium.lay_out(folder)
    return judge(at(folder, Quick()), deed, is_told=is_told)


def matrix(folder: Path, deed: str, *, every: int, parts: int) -> tuple[int, set[int]]:
    """Each ``every``-th step stops or fails; how many media were looked at, and which versions stood on them."""
    count = steps_of(folder / "counted", deed)
    looked, stood = 0, set()
    for step in [*range(1, count + 1, every), count + 1]:
        for error in (None, errno.EIO, errno.ENOSPC):
            if error == errno.ENOSPC and step % 4:  # told apart from EIO in few places only
                continue
            home = folder / f"{step}-{error}"
            prepare(home, deed)
            disk, is_told = attempt(home, deed, stop_at=step, error=error)
            for number, medium in enumerate(disk.images(parts, seed=step)):
                stood.add(look_at(medium, folder / f"{step}-{error}-{number}", deed, is_told=is_told))
                looked += 1
    return looked, stood


@pytest.mark.acceptance("S4-C5")
@pytest.mark.parametrize("deed", DEEDS)
def test_whatever_the_medium_has_kept_of_a_deed_it_is_whole_or_not_there(tmp_path: Path, deed: str) -> None:
    looked, stood = matrix(tmp_path, deed, every=5, parts=1)

    assert looked > 20
    assert stood == DEEDS[deed][2]


def test_the_disk_forgets_what_was_not_synced(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    disk = ForgetfulDisk(tmp_path / "home")
    folder = tmp_path / "home" / "folder"
    disk.make_folder(folder)
    disk.write(folder / "named", [b"x"])
    disk.sync_folder(folder)
    disk.write(folder / "late", [b"y"])

    def found(number: int) -> list[str]:
        place = tmp_path / f"image{number}{len(disk.changes)}{disk.steps}"
        list(disk.images(0, 0))[number].lay_out(place)
        return sorted(path.name for path in place.rglob("*"))

    assert found(0) == []  # the folder's own name was never synced
    assert found(1) == ["folder", "late", "named"]
    disk.sync_folder(tmp_path / "home")
    assert found(0) == ["folder", "named"]
    disk.rename(folder / "named", tmp_path / "home" / "moved")
    assert found(0) == ["folder", "named"]
    assert found(1) == ["folder", "late", "moved"]


def test_a_store_that_left_out_a_sync_is_caught(tmp_path: Path) -> None:
    class Forgetting(ForgetfulDisk):
        def sync_folder(self, folder: Path) -> None:
            if "v1" not in folder.parts:  # the folders of the version are never synced
                super().sync_folder(folder)

    (tmp_path / "home").mkdir()
    disk = Forgetting(tmp_path / "home")
    deposit(at(tmp_path / "home", disk))

    with pytest.raises(AssertionError):
        look_at(next(disk.images(0, 0)), tmp_path / "image", "the first deposit of all", is_told=True)


def main() -> int:
    """The whole matrix: every step, and many random parts of what was not synced."""
    for deed in DEEDS:
        with tempfile.TemporaryDirectory(prefix="anjuan-power-") as folder:
            looked, stood = matrix(Path(folder), deed, every=1, parts=int((sys.argv[1:] or ["8"])[0]))
        print(f"{deed}: {looked} media after a power loss, versions that stood: {sorted(stood)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
