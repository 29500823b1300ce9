"""The source tree as architecture tests read it."""

import ast
import functools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src"
TESTS = ROOT / "tests"
PACKAGE = SRC / "anjuan"


@dataclass(frozen=True)
class Module:
    """One Python file of the project."""

    name: str
    path: Path

    @property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return _parsed(self.path)

    @property
    def room(self) -> str:
        """The app it belongs to: ``anjuan.desks.intake``, ``anjuan.records`` …"""
        parts = self.name.split(".")
        return ".".join(parts[:3] if parts[1] in ("bridges", "desks", "facilities", "foundation") else parts[:2])

    def imported(self) -> Mapping[str, str]:
        """What each imported name stands for, wherever in the file it is imported."""
        found: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Import):
                found |= {alias.asname or alias.name.split(".")[0]: alias.name for alias in node.names}
        return found

    def functions(self) -> Iterator[ast.FunctionDef]:
        """Its public functions."""
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield node


@functools.cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@functools.cache
def modules(*, with_migrations: bool = False) -> tuple[Module, ...]:
    """Every module under ``src``."""
    found = []
    for path in sorted(SRC.rglob("*.py")):
        parts = path.relative_to(SRC).with_suffix("").parts
        if with_migrations or "migrations" not in parts:
            found.append(Module(".".join(part for part in parts if part != "__init__"), path))
    return tuple(found)


def actions() -> list[Module]:
    """The modules that do deeds: ``actions.py`` of each room, or the pages of an ``actions`` package."""
    return [module for module in modules() if "actions" in module.name.split(".")]


def settled() -> Mapping[str, object]:
    """``pyproject.toml``."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def called(node: ast.Call) -> str:
    """What a call calls, as it is written."""
    return ast.unparse(node.func)


@functools.cache
def said_in_tests() -> str:
    """All tests as one text."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(TESTS.rglob("*.py")))
