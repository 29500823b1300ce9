"""A disk that forgets whatever was not forced to it, names in folders included, and stops at any step."""

import os
from pathlib import Path

from anjuan.foundation.ledger.backends.folder import Steps


class PowerCut(BaseException):
    """The machine stops here: nothing after this happens."""


class ForgetfulSteps(Steps):
    """Does every step for real, and keeps beside it what would be left after a power cut.

    ``stop_at`` cuts the power before the n-th step; ``fail_at`` makes the n-th step fail once with an error of the
    system, and the program goes on.
    """

    def __init__(self, top: Path, graveyard: Path, *, stop_at: int = 0, fail_at: int = 0, error: int = 0) -> None:
        self.top, self.graveyard = top, graveyard
        self.stop_at, self.fail_at, self.error = stop_at, fail_at, error
        self.taken = 0
        self.names: dict[int, dict[str, int]] = {top.stat().st_ino: {}}
        self.octets: dict[int, bytes] = {}
        self.folders = {top.stat().st_ino}
        graveyard.mkdir(exist_ok=True)

    def step(self) -> None:
        self.taken += 1
        if self.stop_at and self.taken >= self.stop_at:
            raise PowerCut
        if self.taken == self.fail_at:
            raise OSError(self.error, "failed by the test")

    def make_folder(self, folder: Path) -> None:
        self.step()
        super().make_folder(folder)
        self.folders.add(folder.stat().st_ino)
        self.names.setdefault(folder.stat().st_ino, {})

    def write(self, path: Path, octets: bytes) -> None:
        self.step()
        super().write(path, octets[: len(octets) // 2])
        self._bury(path)
        self.step()
        super().write(path, octets)

    def sync(self, path: Path) -> None:
        self.step()
        super().sync(path)
        number = path.stat().st_ino
        if path.is_dir():
            self.folders.add(number)
            self.names[number] = {entry.name: entry.stat().st_ino for entry in path.iterdir()}
            for entry in path.iterdir():
                if entry.is_dir():
                    self.folders.add(entry.stat().st_ino)
        else:
            self.octets[number] = path.read_bytes()

    def rename(self, source: Path, target: Path) -> None:
        self.step()
        super().rename(source, target)

    def remove(self, path: Path) -> None:
        self.step()
        if path.is_dir():
            assert not list(path.iterdir())
            path.rename(self.graveyard / f"folder-{path.stat().st_ino}")  # its number must not be given out again
        else:
            super().remove(path)

    def _bury(self, path: Path) -> None:
        """Link the file elsewhere: the number of a file that was replaced must not be given out again."""
        if not (self.graveyard / str(path.stat().st_ino)).exists():
            os.link(path, self.graveyard / str(path.stat().st_ino))
            self.octets.pop(path.stat().st_ino, None)

    def after_the_cut(self, into: Path) -> None:
        """Lay out what a power cut leaves: names that were forced, with the bytes that were forced."""
        into.mkdir()
        self._lay(self.top.stat().st_ino, into)

    def _lay(self, number: int, into: Path) -> None:
        for name, inner in self.names.get(number, {}).items():
            if inner in self.folders:
                (into / name).mkdir()
                self._lay(inner, into / name)
            else:
                (into / name).write_bytes(self.octets.get(inner, b""))
