"""Every No is used, translated, documented and provoked."""

import ast
import functools
import re
import string
import tomllib

import pytest

from anjuan.core.refusals import CatalogueEntry, catalogue
from tests.architecture.source import PACKAGE, TESTS, modules

CODE = re.compile(r"[A-Z]-\d{3}")
# An edge answers with these and with nothing else.
STATUSES = {400, 401, 403, 404, 409, 413, 422, 429, 500, 501, 503, 507}
ENTRIES = [pytest.param(entry, id=code) for code, entry in catalogue().items()]


def raised() -> dict[str, set[str]]:
    """Which code is raised, or said as an obstacle, in which module."""
    found: dict[str, set[str]] = {}
    for module in modules():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            if ast.unparse(node.func).rsplit(".", 1)[-1] not in ("Refusal", "Obstacle"):
                continue
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and CODE.fullmatch(part.value):
                    found.setdefault(part.value, set()).add(module.name)
    return found


@functools.cache
def raisings() -> dict[str, list[tuple[str, set[str | None]]]]:
    """For each code, where it is raised by name and with which particulars."""
    found: dict[str, list[tuple[str, set[str | None]]]] = {}
    for module in modules():
        for node in ast.walk(module.tree):
            if not (isinstance(node, ast.Call) and node.args and ast.unparse(node.func).endswith("Refusal")):
                continue
            if isinstance(code := node.args[0], ast.Constant) and isinstance(code.value, str):
                given = {keyword.arg for keyword in node.keywords}
                found.setdefault(code.value, []).append((f"{module.name}:{node.lineno}", given))
    return found


def placeholders(*sentences: str) -> set[str]:
    """The parameters that sentences name."""
    return {name for text in sentences for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_code_is_raised_somewhere_and_every_raised_code_is_catalogued() -> None:
    assert set(raised()) == set(catalogue())


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_is_whole_in_both_languages(entry: CatalogueEntry) -> None:
    assert entry.zh.strip() and entry.en.strip() and entry.remedy_zh.strip() and entry.remedy_en.strip()
    assert re.search(r"[\u4e00-\u9fff]", entry.zh) and re.search(r"[\u4e00-\u9fff]", entry.remedy_zh)
    assert re.search(r"[a-z]{3} ", entry.en) and re.search(r"[A-Za-z]{3}", entry.remedy_en)
    assert entry.status in STATUSES


@pytest.mark.parametrize("entry", ENTRIES)
def test_both_languages_name_the_same_particulars(entry: CatalogueEntry) -> None:
    assert placeholders(entry.zh) == placeholders(entry.en)
    assert placeholders(entry.remedy_zh) == placeholders(entry.remedy_en)


@pytest.mark.parametrize("entry", ENTRIES)
def test_whoever_raises_a_code_names_every_particular_it_speaks_of(entry: CatalogueEntry) -> None:
    wanted = placeholders(entry.zh, entry.en, entry.remedy_zh, entry.remedy_en)

    for place, given in raisings().get(entry.code, []):
        assert None in given or wanted <= given, place


def test_each_entry_names_its_clause_and_no_unknown_key() -> None:
    keys = {"zh", "en", "clause", "remedy_zh", "remedy_en", "status"}
    for page in sorted((PACKAGE / "core/catalogue").glob("*.toml")):
        if page.name == "words.toml":
            continue
        for code, entry in tomllib.loads(page.read_text(encoding="utf-8")).items():
            assert CODE.fullmatch(code)
            assert set(entry) <= keys, f"{page.name} {code}"
            assert "clause" in entry, f"{page.name} {code}"


def test_the_codes_of_one_room_share_their_letter() -> None:
    for page in sorted((PACKAGE / "core/catalogue").glob("*.toml")):
        if page.name != "words.toml":
            letters = {code[0] for code in tomllib.loads(page.read_text(encoding="utf-8"))}
            assert len(letters) == 1, page.name


def test_every_code_is_provoked_by_a_test() -> None:
    said = "\n".join(
        path.read_text(encoding="utf-8") for path in TESTS.rglob("*.py") if "architecture" not in path.parts
    )

    assert not [code for code in catalogue() if code not in said]
