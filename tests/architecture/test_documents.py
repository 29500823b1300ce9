"""What the documents say is what the code is."""

import re

import pytest
from django.apps import apps
from tools import reference

from anjuan.core.terms import State, Verb
from anjuan.core.words import word
from tests.architecture.source import ROOT, SRC

GLOSSARY = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in GLOSSARY.splitlines()
    if line.startswith("|") and not re.match(r"\|[\s|:-]+\|$", line)
]
MODELS = sorted({model.__name__ for model in apps.get_models() if model.__module__.startswith("anjuan.")})
# Where a standard, a licence or a source of the schedule lives; no program of ours opens them.
ADDRESSES = {
    "127.0.0.1",
    "localhost",
    "www.w3.org",
    "schemas.microsoft.com",  # the namespace of a zoomable image
    "schemas.openxmlformats.org",  # the namespaces of a workbook
    "www.ofdspec.org",  # the namespace of OFD
    "ocfl.io",
    "c2sp.org",
    "www.rfc-editor.org",
    "example.invalid",
    "iiif.io",  # contexts and profiles of IIIF
    "rightsstatements.org",
}
TEXTS = (".py", ".html", ".toml", ".typ", ".css", ".js", ".po", ".svg")
# Not ours to edit: kept whole, with licence and source; and the published sources that rows of the schedule cite.
NOT_OURS = ("/static/web/vendor/", "/schedule/seed/retention.csv", "/printing/fonts/")


def files() -> list[tuple[str, str]]:
    found = []
    for path in sorted(SRC.rglob("*")):
        name = "/" + str(path.relative_to(SRC))
        if path.is_file() and path.suffix in TEXTS and not any(part in name for part in NOT_OURS):
            found.append((name, path.read_text(encoding="utf-8")))
    return found


@pytest.mark.parametrize("name", MODELS)
def test_every_model_stands_in_the_glossary(name: str) -> None:
    assert any(re.search(rf"`{name}`", row[1]) for row in ROWS)


@pytest.mark.parametrize("verb", Verb)
def test_every_lifecycle_verb_stands_in_the_glossary(verb: Verb) -> None:
    assert any(re.search(rf"`{verb.value}`", row[1]) for row in ROWS)


def test_a_row_of_the_glossary_has_three_cells_and_no_word_stands_twice() -> None:
    words = [code for row in ROWS for code in re.findall(r"`([A-Za-z_]+)`", row[1])]

    assert all(len(row) == 3 and all(row) for row in ROWS)
    assert sorted({code for code in words if words.count(code) > 1}) == []


@pytest.mark.parametrize("name", sorted(reference.PAGES_BY_NAME))
def test_a_reference_page_is_what_the_code_says(name: str) -> None:
    page = (ROOT / "docs/reference" / name).read_text(encoding="utf-8")

    assert page == reference.PAGES_BY_NAME[name]()


def test_the_lifecycle_page_tells_of_every_state() -> None:
    page = reference.lifecycle_page()

    assert all(word(state) in page for state in State)


def test_no_path_of_a_machine_stands_in_the_program() -> None:
    absolute = re.compile(r"[\"'\s(=](/(?:work|tmp|home|root|Users|opt|mnt|usr/local)/[\w.-]+)|[A-Z]:\\\\\w")

    assert [(name, found.group(0)) for name, text in files() if (found := absolute.search(text))] == []


def test_the_program_names_no_host_but_its_own_and_those_of_standards() -> None:
    named = {
        (name, host)
        for name, text in files()
        for host in re.findall(r"\bhttps?://([A-Za-z0-9.-]+)", text)
        if host not in ADDRESSES and not host.endswith((".invalid", ".example"))
    }

    assert named == set()
