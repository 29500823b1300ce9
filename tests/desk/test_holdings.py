"""All fonds and rooms in one catalogue, and the same taken along on a disk."""

import hashlib
import html
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from anjuan.config import catalogues
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Arrangement, Post, State
from anjuan.demo.office import password
from anjuan.desks.holdings import actions, queries, rules
from anjuan.desks.holdings.backends import edition
from anjuan.facilities.stacks import actions as stacks
from anjuan.facilities.stacks.models import Room
from anjuan.foundation.journal.models import Entry, Member
from anjuan.records import actions as records
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast

# The nine rooms of a county's archive (S1-F2): each its own fonds and its own room.
NINE = (
    "失业人员托管", "退休人员", "医保", "回乡大学生", "工人技术考工", "企业参保", "机关事业职工参保及退休",
    "城乡居民保险", "绩效管理",
)  # fmt: skip
PAGE = reverse("holdings:overview")


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def room(cast: Cast, code: str, name: str = "库房", agency: str = "SJ", **other: Any) -> int:
    measures = {"racks": 1, "bays": 1, "shelves": 2, "width_mm": 900, **other}
    return stacks.furnish_room(
        occasion=cast.occasion(Post.KEEPER), code=code, name=name, agency_code=agency, **measures
    )


def shelved(cast: Cast, number: str, cell: str) -> builders.Walked:
    walk = builders.at_state(cast, State.HELD, number)
    stacks.shelve(occasion=cast.occasion(Post.KEEPER), volume_urn=walk.volume_urn, cell_code=cell)
    return walk


@pytest.mark.acceptance("S1-F2")
def test_nine_rooms_and_their_fonds_stand_in_one_catalogue_wherever_the_paper_lies(cast: Cast) -> None:
    keeper = cast.client(Post.KEEPER)
    for place, name in enumerate(NINE, 1):
        records.open_fonds(
            occasion=cast.occasion(Post.ARCHIVIST), code=f"R{place:03}", name=f"{name}档案", agency_code="BH",
            categories={"11": name}, arranged={"11": Arrangement.PERSON_DOSSIER},
        )  # fmt: skip
        asked = {"code": f"n{place}", "name": name, "agency": "BH", "racks": 2, "bays": 3, "shelves": 5}
        answer = keeper.post(reverse("holdings:furnish_room"), {**asked, "width_mm": 900}, follow=True)
        assert "库房已登记" in text_of(answer)
    here = shelved(cast, "SL-001", "N1-01A-01-1")
    there = shelved(cast, "SL-002", "N9-02B-03-5")

    text = text_of(keeper.get(PAGE))
    lines = queries.listed(cast.actor(Post.ARCHIVIST))

    assert all(name in text for name in NINE)
    assert {row.code for row in queries.rooms(cast.actor(Post.KEEPER))} == {"K1", *(f"N{n}" for n in range(1, 10))}
    (holding,) = [row for row in queries.fonds(cast.actor(Post.KEEPER)) if row.volumes]
    assert (holding.volumes, holding.placed, holding.rooms) == (2, 2, ("N1", "N9"))
    assert len(queries.fonds(cast.actor(Post.KEEPER))) == 10
    assert [(line.urn, line.cell_code) for line in lines] == [
        (here.volume_urn, "N1-01A-01-1"),
        (there.volume_urn, "N9-02B-03-5"),
    ]
    one = queries.listed(cast.actor(Post.KEEPER), room_code="N9", fonds_code=holding.code)
    assert [line.urn for line in one] == [there.volume_urn]
    assert there.reference in text_of(keeper.get(reverse("holdings:volumes"), {"room": "N9"}))


def test_what_lies_on_no_shelf_is_a_list_of_its_own(cast: Cast) -> None:
    walk = builders.sealed(cast, "SL-001")
    keeper = cast.client(Post.KEEPER)

    shown = text_of(keeper.get(reverse("holdings:volumes"), {"unplaced": "1"}))

    assert walk.reference in shown and "未上架" in shown
    assert walk.reference not in text_of(keeper.get(reverse("holdings:volumes"), {"room": "K1"}))
    assert keeper.get(reverse("holdings:volumes"), {"after": "9" * 30}).status_code == 200


def test_each_no_of_a_room_has_its_number(cast: Cast) -> None:
    room(cast, "N1")
    for code in ("N1", "n-1", "", "A" * 9):
        with refused("S-070"):
            room(cast, code)
    for wrong in ({"racks": 0}, {"bays": 99}, {"shelves": 10}, {"width_mm": 5}, {"name": "  "}):
        with refused("S-071"):
            room(cast, "N2", **wrong)
    with refused("R-009"):
        room(cast, "N3", agency="ZZ")
    assert Room.objects.count() == 2


def test_a_keeper_puts_nothing_into_a_room_that_he_does_not_keep(cast: Cast) -> None:
    room(cast, "N1", agency="SJ")
    walk = builders.at_state(cast, State.HELD)
    cast.hire("bh-keeper", Post.KEEPER, "BH")

    with refused("S-002"):
        stacks.shelve(occasion=cast.occasion_of("bh-keeper"), volume_urn=walk.volume_urn, cell_code="N1-01A-01-1")


@pytest.mark.parametrize("post", [Post.HANDLER, Post.PROCESSOR, Post.SYSTEM_ADMIN, Post.INTERFACE])
def test_others_do_not_see_the_holdings(cast: Cast, post: Post) -> None:
    client = cast.client(post)
    for name in ("overview", "volumes"):
        assert client.get(reverse(f"holdings:{name}")).status_code == 403
        assert Client().get(reverse(f"holdings:{name}")).status_code == 302
    for name in ("furnish_room", "export_catalogue"):
        assert client.post(reverse(f"holdings:{name}"), {"agency": "BH"}).status_code == 403
        assert Client().post(reverse(f"holdings:{name}")).status_code == 302


def test_people_of_elsewhere_see_their_own_holdings_only(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    walk = shelved(cast, "SL-001", "K1-01A-01-1")
    stranger = outsider(Post.ARCHIVIST)

    assert "J001" not in text_of(stranger.get(PAGE))
    assert walk.reference not in text_of(stranger.get(reverse("holdings:volumes")))
    assert stranger.post(reverse("holdings:export_catalogue"), {"agency": "BH"}).status_code == 403
    assert stranger.post(reverse("holdings:export_catalogue"), {"agency": "ZZ"}).status_code == 404
    asked = {"code": "N1", "name": "x", "agency": "BH", "racks": 1, "bays": 1, "shelves": 1, "width_mm": 900}
    assert stranger.post(reverse("holdings:furnish_room"), asked).status_code == 403
    reader = cast.client(Post.READING_DESK)
    assert walk.reference in text_of(reader.get(reverse("holdings:volumes")))
    assert reader.post(reverse("holdings:export_catalogue"), {"agency": "BH"}).status_code == 403


# On a disk -----------------------------------------------------------------------------------------------------------


@pytest.mark.acceptance("S0-W13")
def test_a_catalogue_on_a_disk_says_where_the_paper_lies_and_the_journal_what_was_taken_along(cast: Cast) -> None:
    walk = shelved(cast, "SL-001", "K1-02B-03-4")

    with one_line("holdings.export_catalogue"):
        made = actions.export_catalogue(occasion=cast.occasion(Post.ARCHIVIST), agency_code="BH")

    book = json.loads(made.files[rules.CATALOGUE])
    assert (book["agency_code"], book["count"], book["made_by"]) == ("BH", 2, "bh05") and book["made_at"]
    volume, item = book["entries"]
    assert (volume["reference"], volume["place"][0]) == (walk.reference, "K1-02B-03-4")
    assert item["within"] == walk.reference and item["people"][0].startswith(f"{builders.name_of(1)} ")
    everything = b"".join(made.files.values()).decode("utf-8", "replace")
    assert builders.person(1).id_number not in everything and "*" in item["people"][0]
    assert "http://" not in everything.replace("http://127.0.0.1:8000", "") and "https://" not in everything
    entry = Entry.objects.get(act="holdings.export_catalogue")
    taken = set(Member.objects.filter(entry_uid=entry.uid).values_list("unit", flat=True))
    assert taken == {walk.volume_urn, walk.item_urn}
    listed = dict(line.split("  ")[::-1] for line in made.files[rules.MANIFEST].decode().splitlines())
    assert listed[rules.CATALOGUE] == hashlib.sha256(made.files[rules.CATALOGUE]).hexdigest()


@pytest.mark.acceptance("S0-W13")
def test_paper_and_digital_stand_beside_each_other_and_a_single_set_has_no_paper(cast: Cast) -> None:
    builders.single_set(cast, State.HELD)
    builders.sealed(cast, "SL-001")

    made = actions.export_catalogue(occasion=cast.occasion(Post.KEEPER), agency_code="SJ")

    found = {entry["reference"]: entry["paper"] for entry in json.loads(made.files[rules.CATALOGUE])["entries"]}
    assert sorted(found.values()) == [False, False, True, True]


def test_a_folder_is_written_whole_and_its_every_byte_is_judged(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    builders.sealed(cast, "SL-001")
    folder = tmp_path / "目录"
    monkeypatch.setattr("getpass.getpass", lambda _: password())
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password()}\n" * 3))
    said = catalogues.export("BH", "bh05", folder)

    assert "index.html" in said and catalogues.verify(folder)[0]
    assert folder.stat().st_mode & 0o077 == 0 and (folder / "catalogue.json").stat().st_mode & 0o077 == 0
    with refused("S-073"):
        catalogues.export("BH", "bh05", folder)
    with refused("S-073"):
        catalogues.export("BH", "bh05", tmp_path / "no" / "where")
    for name in (rules.CATALOGUE, rules.DATA, rules.MANIFEST, rules.STAMP, "index.html", "trust.json"):
        octets = (folder / name).read_bytes()
        (folder / name).write_bytes(octets[:-5] + bytes([octets[-5] ^ 1]) + octets[-4:])
        assert not catalogues.verify(folder)[0], name
        (folder / name).write_bytes(octets)
    (folder / "more.js").write_text("x")
    assert not catalogues.verify(folder)[0]


def test_who_types_a_wrong_password_takes_nothing_along(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    builders.sealed(cast, "SL-001")
    monkeypatch.setattr("sys.stdin", io.StringIO("wrong-one\n"))

    with pytest.raises(Refusal) as caught:
        catalogues.export("BH", "bh05", tmp_path / "x")
    assert caught.value.code == "A-008"
    assert not (tmp_path / "x").exists()


def test_nothing_sealed_is_s_072_and_who_may_not_is_a_001(cast: Cast) -> None:
    with refused("S-072"):
        actions.export_catalogue(occasion=cast.occasion(Post.ARCHIVIST), agency_code="BH")
    for post in (Post.HANDLER, Post.SUPERVISOR, Post.READING_DESK):
        with pytest.raises(Refusal) as caught:
            actions.export_catalogue(occasion=cast.occasion(post), agency_code="BH")
        assert caught.value.code == "A-001"


def test_titles_cannot_break_out_of_the_script(cast: Cast) -> None:
    entry = rules.Entry("R", "</script><b>\u2028", "item", 2024, "c", "30", 1, (), (), True)
    script = rules.as_script(rules.spelled({}, [entry])).decode()

    assert "<" not in script and "\u2028" not in script
    assert json.loads(script.removeprefix("window.CATALOGUE = ").rstrip(";\n"))["entries"][0]["title"] == entry.title


def test_the_screen_and_programs_give_the_same_folder_packed(cast: Cast) -> None:
    shelved(cast, "SL-001", "K1-01A-01-1")
    program = cast.program("sj04")

    packed = cast.client(Post.KEEPER).post(reverse("holdings:export_catalogue"), {"agency": "BH"})
    names = zipfile.ZipFile(io.BytesIO(packed.content)).namelist()
    other = program.post("/api/v1/holdings/BH/catalogue.zip")

    assert {name.partition("/")[2] for name in names} == {
        *edition.PAGES, rules.CATALOGUE, rules.DATA, rules.MANIFEST, rules.STAMP, "trust.json",
    }  # fmt: skip
    assert zipfile.ZipFile(io.BytesIO(other.content)).testzip() is None
    assert program.get("/api/v1/holdings/volumes").json()[0]["cell_code"] == "K1-01A-01-1"
    assert [row["code"] for row in program.get("/api/v1/holdings/rooms").json()] == ["K1"]
    assert program.get("/api/v1/holdings/fonds").json()[0]["placed"] == 1
    body = {"code": "N1", "name": "库", "agency_code": "SJ", "racks": 1, "bays": 1, "shelves": 1, "width_mm": 900}
    made = program.post("/api/v1/holdings/rooms", body, content_type="application/json")
    assert (made.status_code, made.json()) == (201, {"cells": 2})
    assert cast.program("bh01").get("/api/v1/holdings/fonds").status_code == 403
