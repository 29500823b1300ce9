"""A disk that forgets (断电): at a power loss nothing is left but what was synced, and any part of the rest.

``ForgetfulDisk`` does every step of ``Disk`` for real, beneath one folder, and keeps book of what the medium must have:

- the bytes of a file once the file was synced;
- a name, a rename, a removal once the folder that got or lost the name was synced (for a rename: the folder that got
  it). A rename is one step: both names or neither, as journaling file systems keep it.

What was not synced may have reached the medium or not, each step by itself and in any order; a file that was not synced
may be empty, torn or whole. ``images`` deals out such media: nothing of the rest, all of it, and as many random parts
as asked for. It works for whatever goes through a ``Disk``, store or not.

A stop (``stop_at``) kills the program at its n-th step: nothing works any more. An ``error`` makes that one step fail,
and the program goes on.
"""

import copy
import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from anjuan.facilities.repository.backends.disk import Disk


class Killed(BaseException):
    """The power is gone: nothing after this happens."""


@dataclass
class Node:
    """A file or a folder on the medium."""

    is_folder: bool
    octets: bytes = b""  # what was synced
    is_synced: bool = False
    written: bytes = b""  # what was written


@dataclass
class Change:
    """Names that change together: of which folder, which name, to what (None: the name goes)."""

    names: tuple[tuple[int, str, int | None], ...]
    settles: int  # the folder whose sync makes it durable
    is_durable: bool = False


@dataclass
class Medium:
    """What stands where: by number, as a file system keeps it."""

    nodes: dict[int, Node] = field(default_factory=lambda: {0: Node(is_folder=True)})
    names: dict[int, dict[str, int]] = field(default_factory=lambda: {0: {}})

    def apply(self, change: Change) -> None:
        for folder, name, node in change.names:
            if node is None:
                self.names.setdefault(folder, {}).pop(name, None)
            else:
                self.names.setdefault(folder, {})[name] = node

    def find(self, parts: Iterable[str]) -> int:
        here = 0
        for part in parts:
            here = self.names[here][part]
        return here

    def lay_out(self, folder: Path, number: int = 0) -> None:
        """Make it a folder that a program can be run on."""
        folder.mkdir(parents=True)
        for name, node in self.names.get(number, {}).items():
            if self.nodes[node].is_folder:
                self.lay_out(folder / name, node)
            else:
                (folder / name).write_bytes(self.nodes[node].octets)


class ForgetfulDisk(Disk):
    """Does it all, and knows what would be left.

    Args:
        home: the folder whose names are watched; what stands there counts as durable.
        stop_at: the step, from 1, that is the last; 0 for none.
        error: make that step fail with this number instead.
    """

    def __init__(self, home: Path, *, stop_at: int = 0, error: int | None = None) -> None:
        self.home, self.stop_at, self.error = home, stop_at, error
        self.steps = 0
        self.is_dead = False
        self.base = Medium()
        self.count = itertools.count(1)
        self._take_in(home, 0)
        self.live = copy.deepcopy(self.base)
        self.live.nodes = self.base.nodes  # the same files, seen twice
        self.changes: list[Change] = []

    def _take_in(self, folder: Path, number: int) -> None:
        for path in sorted(folder.iterdir()):
            node = next(self.count)
            self.base.names[number][path.name] = node
            if path.is_dir():
                self.base.nodes[node] = Node(is_folder=True)
                self.base.names[node] = {}
                self._take_in(path, node)
            else:
                octets = path.read_bytes()
                self.base.nodes[node] = Node(is_folder=False, octets=octets, is_synced=True, written=octets)

    # --- steps ---

    def step(self) -> None:
        if self.is_dead:
            raise Killed
        self.steps += 1
        if self.steps == self.stop_at:
            if self.error is None:
                self.is_dead = True
                raise Killed
            raise OSError(self.error, "failed by the test")

    def _at(self, path: Path) -> int:
        return self.live.find(path.relative_to(self.home).parts)

    def _change(self, settles: int, *names: tuple[int, str, int | None]) -> None:
        change = Change(names, settles)
        self.live.apply(change)
        self.changes.append(change)

    def _new(self, path: Path, *, is_folder: bool) -> None:
        node, folder = next(self.count), self._at(path.parent)
        self.live.nodes[node] = Node(is_folder=is_folder)
        if is_folder:
            self.live.names[node] = {}
        self._change(folder, (folder, path.name, node))

    def write(self, path: Path, chunks: Iterable[bytes]) -> None:
        self.step()
        with path.open("xb") as stream:
            self._new(path, is_folder=False)
            for chunk in chunks:
                self.write_chunk(stream, chunk)
            stream.flush()
            self.sync(stream.fileno())
        path.chmod(0o444)

    def write_chunk(self, stream: BinaryIO, chunk: bytes) -> None:
        node = self.live.nodes[self._at(Path(stream.name))]
        try:
            self.step()
        except OSError:
            stream.write(chunk[: len(chunk) // 2])
            node.written += chunk[: len(chunk) // 2]
            raise
        stream.write(chunk)
        node.written += chunk

    def sync(self, descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        self.step()
        number = self._at(path)
        node = self.live.nodes[number]
        node.octets, node.is_synced = node.written, True
        for change in self.changes:
            change.is_durable |= change.settles == number

    def make_folder(self, folder: Path) -> None:
        self.step()
        if not folder.is_dir():
            super().make_folder(folder)
            self._new(folder, is_folder=True)

    def rename(self, source: Path, target: Path) -> None:
        self.step()
        super().rename(source, target)
        there = self._at(target.parent)
        self._change(there, (self._at(source.parent), source.name, None), (there, target.name, self._at(source)))

    def remove(self, path: Path) -> None:
        self.step()
        super().remove(path)
        folder = self._at(path.parent)
        self._change(folder, (folder, path.name, None))

    # --- the power is gone ---

    def images(self, random_parts: int, seed: int) -> Iterator[Medium]:
        """Media that may be found: with nothing of the rest, with all of it, and with random parts."""
        chance = random.Random(seed)
        waiting = sum(not change.is_durable for change in self.changes)
        yield self._image(iter([False] * waiting), None)
        yield self._image(iter([True] * waiting), None)
        for _ in range(random_parts if waiting else 0):
            yield self._image(iter([chance.random() < 0.5 for _ in range(waiting)]), chance)

    def _image(self, kept: Iterator[bool], chance: random.Random | None) -> Medium:
        found = copy.deepcopy(self.base)
        for change in self.changes:
            if change.is_durable or next(kept):
                found.apply(change)
        for number, node in self.live.nodes.items():
            left = copy.copy(node)
            if not node.is_synced:
                whole = len(node.written)
                left.octets = node.written[: chance.choice([0, whole // 2, whole]) if chance else 0]
            found.nodes[number] = left
        return found
