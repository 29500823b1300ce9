"""Files that are malicious, broken, or not scanned: kept aside, held, released, purged; every door passes here."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post
from anjuan.desks.intake import actions as intake
from anjuan.desks.intake import tasks
from anjuan.desks.intake.actions import catalogue
from anjuan.desks.intake.actions import piles as deeds
from anjuan.desks.intake.queries import piles as piles
from anjuan.desks.intake.rules.catalogue import Purpose
from anjuan.facilities.screening import actions, queries
from anjuan.facilities.screening.rules import AsideStatus, Door
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast
from tests.desk.batch_stage import case, pages, station
from tests.desk.clamd_server import EICAR, Scanner, listening
from tests.desk.pile_stage import files, laid, separator, sheet, two_cases


@pytest.fixture
def scanner(settings: Settings) -> Iterator[Scanner]:
    with listening() as found:
        settings.ANJUAN_CLAMD = found.address
        yield found


def infected(seed: int = 7) -> bytes:
    """A page that decodes well, and carries the test signature in its comment."""
    octets = builders.jpeg(seed)
    return octets[:2] + b"\xff\xfe" + (len(EICAR) + 2).to_bytes(2, "big") + EICAR + octets[2:]


def captured(cast: Cast, urn: str, octets: bytes, material: str = "MAIN_FORM") -> str:
    """The code of the refusal, or nothing."""
    try:
        upload = builders.upload(material, octets=octets)
        intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=[upload])
    except Refusal as refusal:
        return refusal.code
    return ""


def aside(cast: Cast) -> list[queries.AsideRow]:
    return queries.aside(cast.actor(Post.SECURITY_OFFICER))


@pytest.mark.acceptance("S0-C7")
def test_a_malicious_file_goes_into_quarantine_and_not_into_the_archive(cast: Cast, scanner: Scanner) -> None:
    urn = builders.register(cast)

    with one_line("screening.keep_aside"):
        assert captured(cast, urn, infected()) == "M-020"

    (row,) = aside(cast)
    assert (row.status, row.door, row.unit, row.sender_code) == ("QUARANTINED", Door.COUNTER, urn, "bh01")
    assert "EICAR" in row.refusal.message("zh")
    place = queries.place_of(row.uid)
    assert place.read_bytes() == infected() and stat.S_IMODE(place.stat().st_mode) == 0o600
    assert not builders.components_of(urn)
    assert captured(cast, urn, infected()) == "M-020" and len(aside(cast)) == 1  # kept once
    assert captured(cast, urn, builders.jpeg(8)) == ""


@pytest.mark.parametrize("octets", [b"MZ\x90\x00 this is a program", builders.jpeg(1)[:-400]])
def test_without_a_scanner_programs_and_broken_files_are_kept_aside_all_the_same(cast: Cast, octets: bytes) -> None:
    urn = builders.register(cast)

    assert captured(cast, urn, octets) in ("M-002", "M-003")

    assert [row.refusal.code[:4] for row in aside(cast)] == ["M-00"]
    assert captured(cast, urn, b"") == "M-001" and len(aside(cast)) == 1  # nothing to keep


@pytest.mark.parametrize("manner", ["gone", "die", "mumble", "break off"])
def test_while_the_scanner_is_away_files_are_held_and_go_on_by_themselves(
    cast: Cast, scanner: Scanner, manner: str
) -> None:
    urn = builders.register(cast)
    scanner.manner = manner
    assert captured(cast, urn, builders.jpeg(3)) == "M-021"
    assert captured(cast, urn, infected(), "ID_CARD") == "M-021"
    assert [row.status for row in aside(cast)] == [AsideStatus.HELD] * 2
    assert tasks.go_on_held() == 0 and not builders.components_of(urn)

    scanner.manner = "work"
    assert tasks.go_on_held() == 2

    (kept,) = builders.components_of(urn)
    assert kept.material_code == "MAIN_FORM"
    assert [(row.status, row.refusal.code) for row in aside(cast)] == [(AsideStatus.QUARANTINED, "M-020")]
    (passed,) = queries.aside(cast.actor(Post.SECURITY_OFFICER), judged=True)
    assert passed.status is AsideStatus.PASSED and not queries.place_of(passed.uid).exists()
    assert tasks.go_on_held() == 0


def test_a_held_file_whose_record_went_on_is_shown_with_the_reason(cast: Cast, scanner: Scanner) -> None:
    urn = builders.captured(cast)
    scanner.manner = "gone"
    captured(cast, urn, builders.jpeg(3))
    intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)
    scanner.manner = "work"

    tasks.go_on_held()

    (row,) = aside(cast)
    assert (row.status, row.refusal.code) == (AsideStatus.QUARANTINED, "I-010")
    with refused("M-024"):
        actions.settle_held(occasion=cast.occasion(Post.HANDLER), uid=row.uid, refusal=None)


def test_a_held_file_whose_bytes_are_quarantined_already_is_settled(cast: Cast, scanner: Scanner) -> None:
    urn = builders.register(cast)
    assert captured(cast, urn, infected()) == "M-020"
    scanner.manner = "gone"
    assert captured(cast, urn, infected()) == "M-021"
    scanner.manner = "work"

    assert tasks.go_on_held() == 1

    assert [row.status for row in aside(cast)] == [AsideStatus.QUARANTINED] * 2
    assert tasks.go_on_held() == 0


def test_a_good_file_stays_held_while_store_or_record_is_busy_and_the_others_go_on(
    cast: Cast, scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    urn, other = builders.register(cast), builders.register(cast, "SL-9", persons=(builders.person(9),))
    third = builders.register(cast, "SL-8", persons=(builders.person(8),))
    scanner.manner = "gone"
    for at, one in enumerate((urn, other, third)):
        captured(cast, one, builders.jpeg(3 + at))
    scanner.manner = "work"
    queries.place_of(queries.held()[1].uid).unlink()
    with monkeypatch.context() as patched:
        take_in = intake.capture

        def busy(*, urn: str, **more: Any) -> Any:
            if urn == queries.held()[0].unit:
                raise Refusal("L-001", reference="x")
            return take_in(urn=urn, **more)

        patched.setattr(intake, "capture", busy)
        assert tasks.go_on_held() == 1

    assert [row.unit for row in queries.held()] == [urn, other]
    assert tasks.go_on_held() == 1 and builders.components_of(urn)


def test_files_that_cannot_be_had_keep_none_behind_them_waiting(
    cast: Cast, scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    urn = builders.register(cast)
    scanner.manner = "gone"
    for at in range(5):
        captured(cast, urn, builders.jpeg(3 + at))
    scanner.manner = "work"
    lost = [row.uid for row in queries.held()[:4]]
    for uid in lost:
        queries.place_of(uid).unlink()
    limited = queries.held
    monkeypatch.setattr(queries, "held", lambda **where: limited(2, **where))
    turn = tasks.Turn()

    assert [tasks.go_on_held(turn) for _ in range(3)] == [0, 0, 1]  # two at a time; the fifth has its turn

    assert len(builders.components_of(urn)) == 1
    assert [row.uid for row in limited(after=lost[1])] == [*lost[2:], *lost[:2]]  # behind the last, then from the front
    scanner.manner = "gone"
    before = turn.file
    assert tasks.go_on_held(turn) == 0 and turn.file == before  # nobody's turn passed while the scanner was away


def test_piles_that_stumble_keep_none_behind_them_waiting(cast: Cast) -> None:
    two_cases(cast)
    uids = [
        deeds.lay_pile(
            occasion=cast.occasion(Post.HANDLER), agency_code="BH", files=files(sheet(seed=at)), paper_pages=1
        )
        for at in range(3)
    ]
    assert [uid for uid, _ in piles.unread_piles(2)] == uids[:2]
    assert [uid for uid, _ in piles.unread_piles(2, after=uids[1])] == [uids[2], uids[0]]


def test_without_a_scanner_no_pile_is_read_beside_its_job(cast: Cast) -> None:
    two_cases(cast)
    uid = deeds.lay_pile(
        occasion=cast.occasion(Post.HANDLER), agency_code="BH", files=files(sheet(seed=3)), paper_pages=1
    )

    assert tasks.go_on_held() == 0
    assert piles.waiting_leaves(uid) == [1]


def test_a_scanner_that_is_not_there_at_all_holds_too(cast: Cast, settings: Settings) -> None:
    settings.ANJUAN_CLAMD = f"unix:{settings.ANJUAN_HOME}/no-such.socket"
    assert captured(cast, builders.register(cast), builders.jpeg(3)) == "M-021"


def test_a_false_alarm_is_released_by_another_and_the_same_bytes_come_in(cast: Cast, scanner: Scanner) -> None:
    urn = builders.register(cast)
    captured(cast, urn, infected())
    (row,) = aside(cast)
    with refused("M-022"):
        actions.release(occasion=cast.occasion(Post.HANDLER), uid=row.uid, note="我看没事")
    with refused("M-025"):
        actions.release(occasion=cast.occasion(Post.SECURITY_OFFICER), uid=row.uid, note=" ")

    with one_line("screening.release"):
        actions.release(occasion=cast.occasion(Post.SECURITY_OFFICER), uid=row.uid, note="厂商确认误报")

    assert captured(cast, urn, infected()) == ""
    assert captured(cast, urn, infected(9)) == "M-020"  # other bytes are another matter
    with refused("M-024"):
        actions.purge(occasion=cast.occasion(Post.SECURITY_OFFICER), uid=row.uid, note="x")


def test_a_quarantined_file_is_purged_on_record(cast: Cast) -> None:
    captured(cast, builders.register(cast), b"MZ\x90\x00 this is a program")
    (row,) = aside(cast)
    with refused("M-023"):
        actions.release(occasion=cast.occasion(Post.SECURITY_OFFICER), uid=row.uid, note="x")

    with one_line("screening.purge"):
        actions.purge(occasion=cast.occasion(Post.SECURITY_OFFICER), uid=row.uid, note="确为程序")

    assert not queries.place_of(row.uid).exists() and not aside(cast)
    (judged,) = queries.aside(cast.actor(Post.SECURITY_OFFICER), judged=True)
    assert (judged.status, judged.note) == (AsideStatus.PURGED, "确为程序")


def test_a_batch_and_a_pile_pass_the_scanner_as_well(cast: Cast, scanner: Scanner) -> None:
    good, bad = case("P-1", 11), case("P-2", 12)
    sent = pages(good, bad)
    sent["P-2-MAIN_FORM"] = infected()
    answers = station().send([good, bad], sent)
    assert [one["refused"] and one["refused"]["code"] for one in answers] == [None, "M-020"]
    two_cases(cast)
    found = piles.proposal(
        piles.get_pile_for(cast.actor(Post.HANDLER), laid(cast, separator("SL-1"), infected(5), paper_pages=1))
    )
    assert found.leaves[1].refusal and found.leaves[1].refusal.code == "M-020"
    assert {(row.door, row.sender_code) for row in aside(cast)} == {(Door.BATCH, "bh01"), (Door.PILE, "bh01")}

    scanner.manner = "gone"
    answers = station().send([case("P-3", 13)], pages(case("P-3", 13), seed=2))
    assert answers[0]["refused"]["code"] == "M-021"
    uid = laid(cast, separator("SL-1"), sheet(seed=9), paper_pages=1)
    assert piles.waiting_leaves(uid) == [1, 2]
    scanner.manner = "work"
    tasks.go_on_held()
    assert piles.waiting_leaves(uid) == []


def test_a_spreadsheet_passes_the_scanner_as_well(cast: Cast, scanner: Scanner, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(EICAR)

    def lay() -> None:
        catalogue.lay_sheet(
            occasion=cast.occasion(Post.HANDLER), agency_code="BH", purpose=Purpose.NEW, path=path, name="x.csv"
        )

    with refused("M-020"):
        lay()
    assert [row.name for row in aside(cast)] == ["x.csv"]
    scanner.manner = "gone"
    with refused("M-021"):
        lay()
    assert len(aside(cast)) == 1


def test_the_list_is_for_the_security_officer_and_the_handler(cast: Cast, scanner: Scanner) -> None:
    captured(cast, builders.register(cast), infected())
    (row,) = aside(cast)
    officer, handler = cast.client(Post.SECURITY_OFFICER), cast.client(Post.HANDLER)

    assert row.name in officer.get("/quarantine/").content.decode()
    assert "M-020" in handler.get("/quarantine/").content.decode()
    assert cast.client(Post.REVIEWER).get("/quarantine/").status_code == 403
    assert handler.post(f"/quarantine/{row.uid}/purge/", {"note": "x"}).status_code == 403
    assert officer.post(f"/quarantine/{row.uid}/release/", {"note": ""}).status_code == 422
    assert officer.post(f"/quarantine/{row.uid}/purge/", {"note": "确为病毒"}).status_code == 302
    scanner.manner = "gone"
    assert officer.get("/quarantine/").status_code == 200
    program = cast.program(cast.actor(Post.SECURITY_OFFICER).staff_code)
    listed = program.get("/api/v1/screening/aside?judged=true").json()
    assert [one["status"] for one in listed["files"]] == ["PURGED"] and not listed["is_scanner_there"]
    body = json.dumps({"note": "x"})
    for deed in ("release", "purge"):
        answer = program.post(f"/api/v1/screening/aside/{row.uid}/{deed}", body, content_type="application/json")
        assert answer.status_code == 409


def test_a_page_is_not_replaced_by_what_is_not_scanned(cast: Cast, scanner: Scanner) -> None:
    urn = builders.captured(cast)
    scanner.manner = "gone"
    upload = SimpleUploadedFile("new.jpg", builders.jpeg(77))

    answer = cast.client(Post.HANDLER).post(
        f"/intake/page/{builders.components_of(urn)[0].pk}/replace/", {"files": upload}
    )

    assert answer.status_code == 503
    assert not aside(cast)
    assert Path(settings.ANJUAN_HOME, "quarantine").exists() is False


def test_a_file_refused_for_another_reason_is_not_kept(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x")
    kept = actions.keep_aside(
        occasion=cast.occasion(Post.HANDLER),
        path=path,
        name="x",
        refusal=Refusal("I-010", reference="x", state="x"),
        door=Door.COUNTER,
        agency_code="BH",
    )
    assert kept == ""
