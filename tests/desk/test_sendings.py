"""Large files that come in pieces: broken off, gone on with, checked at the end, used in a pile, cleared."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from pytest_django import Settings

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post
from anjuan.desks.intake import receiving, tasks
from anjuan.desks.intake.actions import sendings
from anjuan.desks.intake.queries import piles
from anjuan.desks.intake.queries import sendings as queries
from anjuan.foundation.journal.models import Entry
from tests.builders import one_line, refused
from tests.cast import Cast
from tests.contract.test_jobs_shipped import work_off
from tests.desk.pile_stage import separator, sheet, two_cases


def begin(cast: Cast, name: str, size: int) -> str:
    return sendings.begin_sending(occasion=cast.occasion(Post.HANDLER), name=name, size_bytes=size).uid


def add(cast: Cast, uid: str, offset: int, octets: bytes) -> int:
    return receiving.add_piece(cast.actor(Post.HANDLER), uid, offset, octets)


def whole(cast: Cast, name: str, octets: bytes) -> str:
    uid = begin(cast, name, len(octets))
    add(cast, uid, 0, octets)
    sendings.finish_sending(occasion=cast.occasion(Post.HANDLER), uid=uid)
    return uid


def packed(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, octets in files.items():
            made.writestr(name, octets)
    return stream.getvalue()


def test_a_file_that_was_broken_off_goes_on_where_it_stood_and_only_the_acts_leave_lines(cast: Cast) -> None:
    octets = bytes(range(256)) * 4000
    with one_line("intake.begin_sending"):
        uid = begin(cast, "大.zip", len(octets))
    assert add(cast, uid, 0, octets[:300_000]) == 300_000

    again = sendings.begin_sending(occasion=cast.occasion(Post.HANDLER), name="大.zip", size_bytes=len(octets))
    assert (again.uid, again.received, again.share) == (uid, 300_000, 29)
    assert add(cast, uid, 0, octets[:300_000]) == 300_000  # the answer was lost: sent once more
    lines = Entry.objects.count()
    assert add(cast, uid, 300_000, octets[300_000:]) == len(octets)
    assert Entry.objects.count() == lines

    said = hashlib.sha256(octets).hexdigest()
    with one_line("intake.finish_sending"):
        assert sendings.finish_sending(occasion=cast.occasion(Post.HANDLER), uid=uid, sha256=said) == said
    assert queries.path_of(uid).read_bytes() == octets


def test_what_does_not_follow_or_is_not_whole_is_refused(cast: Cast) -> None:
    uid = begin(cast, "a.pdf", 10)
    for offset, octets in ((5, b"x"), (0, b"x" * 11), (0, b"")):
        if octets:
            with refused("I-082"):
                add(cast, uid, offset, octets)
    with refused("I-082"):
        sendings.finish_sending(occasion=cast.occasion(Post.HANDLER), uid=uid)
    add(cast, uid, 0, b"0123456789")
    with refused("I-083"):
        sendings.finish_sending(occasion=cast.occasion(Post.HANDLER), uid=uid, sha256="0" * 64)


def test_size_and_disk_are_looked_at_before(cast: Cast, settings: Settings) -> None:
    settings.ANJUAN_SENDING_BYTES = 1000
    with refused("I-081"):
        begin(cast, "a", 1001)
    with refused("I-011"):
        begin(cast, "a", 0)


def test_nobody_else_goes_on_with_it_sees_it_or_drops_it(cast: Cast) -> None:
    uid = begin(cast, "a", 10)
    cast.hire("bh77", Post.HANDLER, "BH")
    other = cast.occasion_of("bh77")
    for deed in (
        lambda: receiving.add_piece(other.actor, uid, 0, b"x"),
        lambda: sendings.finish_sending(occasion=other, uid=uid),
        lambda: sendings.drop_sending(occasion=other, uid=uid),
    ):
        with pytest.raises(Refusal) as caught:
            deed()
        assert caught.value.code == "R-009"
    with one_line("intake.drop_sending"):
        sendings.drop_sending(occasion=cast.occasion(Post.HANDLER), uid=uid)
    assert not queries.path_of(uid).parent.exists()


def test_a_zip_in_pieces_becomes_a_pile_in_the_order_of_the_scanner(cast: Cast) -> None:
    two_cases(cast)
    scans = {"批/2.jpg": sheet(seed=3), "批/10.jpg": sheet(seed=5), "批/1.jpg": separator("SL-1"), "__MACOSX/x": b"x"}
    client = cast.client(Post.HANDLER)
    octets = packed(scans)
    begun = client.post("/intake/sendings/", {"name": "批.zip", "size": len(octets)}).json()
    url = f"/intake/sendings/{begun['uid']}"
    assert client.post(f"{url}/0/", octets[:5000], content_type="application/octet-stream").json()["received"] == 5000
    assert "批.zip" in client.get("/intake/piles/").content.decode()
    client.post(f"{url}/5000/", octets[5000:], content_type="application/octet-stream")
    assert client.post(f"{url}/finish/").json()["sha256"] == hashlib.sha256(octets).hexdigest()

    answer = client.post("/intake/piles/", {"agency": "BH", "paper_pages": "2", "sending": begun["uid"]})
    work_off()

    found = piles.proposal(piles.get_pile_for(cast.actor(Post.HANDLER), answer["Location"].split("/")[-2]))
    assert [row.original_name for row in found.leaves] == ["1.jpg", "2.jpg", "10.jpg"]
    assert [(one.number, one.pages) for one in found.segments] == [("SL-1", 2)]
    assert not queries.sendings_of(cast.actor(Post.HANDLER)) and not queries.path_of(begun["uid"]).exists()


def test_a_broken_zip_and_one_of_too_many_files_are_refused(cast: Cast) -> None:
    broken = bytearray(packed({"1.jpg": sheet(seed=3)}))
    broken[60:400] = b"\x00" * 340
    many = packed({f"{at}.txt": b"x" for at in range(501)})
    for octets in (bytes(broken), many):
        uid = whole(cast, "x.zip", octets)
        with refused("I-080"), receiving.unpacked(cast.actor(Post.HANDLER), [uid]):
            pass
        sendings.drop_sending(occasion=cast.occasion(Post.HANDLER), uid=uid)
    unfinished = begin(cast, "y.zip", 10)
    with refused("I-082"), receiving.unpacked(cast.actor(Post.HANDLER), [unfinished]):
        pass
    left = [one.name for one in (Path(settings.ANJUAN_HOME) / "incoming" / "sendings").iterdir()]
    assert left == [unfinished]


def test_what_nobody_used_is_cleared_after_some_days(cast: Cast, settings: Settings) -> None:
    uid = begin(cast, "a", 10)
    assert tasks.clear_sendings() == 0

    settings.ANJUAN_SENDING_DAYS = -1
    with one_line("intake.drop_sending"):
        assert tasks.clear_sendings() == 1

    assert not queries.path_of(uid).parent.exists()


def test_a_program_sends_in_pieces(cast: Cast) -> None:
    two_cases(cast)
    program = cast.program("bh01")
    octets = sheet("SL-1", seed=3)

    def post(path: str, body: dict[str, Any]) -> Any:
        return program.post(f"/api/v1/intake/sendings{path}", json.dumps(body), content_type="application/json")

    uid = post("", {"name": "a.jpg", "size_bytes": len(octets)}).json()["uid"]
    answer = program.put(f"/api/v1/intake/sendings/{uid}/pieces/0", octets, content_type="application/octet-stream")
    assert answer.json() == {"received": len(octets)}
    assert post(f"/{uid}/finish", {"sha256": hashlib.sha256(octets).hexdigest()}).status_code == 200
    assert [one["is_whole"] for one in program.get("/api/v1/intake/sendings").json()] == [True]
    laid = program.post("/api/v1/intake/piles", {"agency_code": "BH", "paper_pages": 1, "sendings": [uid]})
    assert laid.status_code == 201, laid.content
    other = post("", {"name": "b.jpg", "size_bytes": 5}).json()["uid"]
    assert program.delete(f"/api/v1/intake/sendings/{other}").status_code == 204


def test_two_windows_that_send_one_piece_at_once_write_it_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    octets = bytes(range(256)) * 4
    uid = begin(cast, "a.pdf", len(octets))
    stale = queries.get_sending_for(cast.actor(Post.HANDLER), uid)
    assert add(cast, uid, 0, octets[:600]) == 600
    monkeypatch.setattr(queries, "get_sending_for", lambda actor, uid: stale)  # seen before the other window wrote

    assert add(cast, uid, 0, octets[:600]) == 600
    assert add(cast, uid, 0, octets) == len(octets)

    assert queries.path_of(uid).read_bytes() == octets


def test_a_zip_whose_data_are_broken_is_refused(cast: Cast) -> None:
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.jpg", b"a page of many words " * 50)
    broken = bytearray(octets.getvalue())
    broken[35:45] = b"\xff" * 10
    uid = whole(cast, "a.zip", bytes(broken))

    with refused("I-080"), receiving.unpacked(cast.actor(Post.HANDLER), [uid]):
        pass
