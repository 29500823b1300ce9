"""Images named by the 档号 attach themselves to paper-first records: dry run, hits and misses, once. S4-W4."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from anjuan.core.terms import Post, State
from anjuan.desks.intake.actions import attaching
from anjuan.desks.intake.queries import attaching as queries
from anjuan.desks.intake.rules.attaching import Fate
from anjuan.facilities.repository import queries as stored
from anjuan.records import queries as records
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast
from tests.contract.test_jobs_shipped import work_off
from tests.desk.test_sendings import packed


def on_the_bench(cast: Cast) -> tuple[str, str]:
    """A paper-first item in the workshop, and its 档号."""
    walk = builders.on_paper(cast, State.IN_WORKSHOP, "L-1")
    item = records.items_of(walk.volume_urn)[0]
    return item.urn, item.reference_code


def laid(cast: Cast, images: dict[str, bytes]) -> str:
    folder = Path(settings.ANJUAN_HOME) / "images-in"
    folder.mkdir(exist_ok=True)
    files = []
    for at, (name, octets) in enumerate(images.items()):
        path = folder / f"{at}"
        path.write_bytes(octets)
        files.append((path, name))
    return attaching.lay_images(occasion=cast.occasion(Post.PROCESSOR), files=files, name="旧影像")


def fates(cast: Cast, uid: str) -> list[str]:
    actor = cast.actor(Post.PROCESSOR)
    report, _ = queries.report(actor, queries.get_set_for(actor, uid))
    return [one.fate for one in report.judged]


@pytest.mark.acceptance("S4-W4", "S3-C10")
def test_images_go_to_the_records_their_names_say_and_the_misses_are_told(cast: Cast) -> None:
    urn, code = on_the_bench(cast)
    one, two = builders.jpeg(1), builders.jpeg(2)
    uid = laid(cast, {f"{code}-002.jpg": two, f"{code}/001.jpg": one, "J999-ZY-1.jpg": one, "随手.jpg": two})
    assert fates(cast, uid) == [Fate.HIT, Fate.HIT, Fate.UNKNOWN, Fate.NO_CODE]
    assert not builders.components_of(urn)  # a dry run

    with one_line("intake.attach_images"):
        attaching.attach_images(occasion=cast.occasion(Post.PROCESSOR), uid=uid)
    work_off()

    rows = builders.components_of(urn)
    assert [row.original_name for row in rows] == ["001.jpg", f"{code}-002.jpg"]
    assert fates(cast, uid)[:2] == [Fate.REPEAT, Fate.REPEAT]
    assert attaching.attach_to(occasion=cast.occasion(Post.PROCESSOR), uid=uid, code=code) is None
    other = laid(cast, {f"{code}-002.jpg": builders.jpeg(9)})
    assert fates(cast, other) == [Fate.CONFLICT]
    with refused("I-071"):
        attaching.attach_images(occasion=cast.occasion(Post.PROCESSOR), uid=other)


def test_a_record_that_takes_no_images_now_is_told_so(cast: Cast) -> None:
    walk = builders.on_paper(cast, State.FILED, "L-1")
    code = records.items_of(walk.volume_urn)[0].reference_code

    uid = attaching.lay_images(
        occasion=cast.occasion(Post.HANDLER), files=[(builders.upload().path, f"{code}-001.jpg")], name=""
    )

    actor = cast.actor(Post.HANDLER)
    report, _ = queries.report(actor, queries.get_set_for(actor, uid))
    assert [one.fate for one in report.judged] == [Fate.CLOSED]


def test_what_cannot_be_laid_is_refused(cast: Cast) -> None:
    one = (builders.upload().path, "x.jpg")
    with refused("A-001"):
        attaching.lay_images(occasion=cast.occasion(Post.REVIEWER), files=[one], name="")
    with refused("I-011"):
        attaching.lay_images(occasion=cast.occasion(Post.HANDLER), files=[], name="")
    with refused("I-049"):
        attaching.lay_images(occasion=cast.occasion(Post.HANDLER), files=[one] * 2001, name="")


def test_the_pages_and_the_program_of_attaching(cast: Cast) -> None:
    urn, code = on_the_bench(cast)
    client = cast.client(Post.PROCESSOR)
    octets = packed({f"{code}/1.jpg": builders.jpeg(3), "x/2.jpg": builders.jpeg(4)})
    begun = client.post("/intake/sendings/", {"name": "影像.zip", "size": len(octets)})
    assert begun.status_code == 200, begun.content
    url = f"/intake/sendings/{begun.json()['uid']}"
    client.post(f"{url}/0/", octets, content_type="application/octet-stream")
    client.post(f"{url}/finish/")

    answer = client.post("/intake/images/", {"title": "一批", "sending": begun.json()["uid"]})

    path = answer["Location"]
    text = client.get(path).content.decode()
    assert f"{code}/1.jpg" in text and "x/2.jpg" in text
    assert client.post(f"{path}attach/")["Location"].startswith("/jobs/")
    work_off()
    assert len(builders.components_of(urn)) == 1
    assert client.post(f"{path}attach/").status_code == 422
    assert "一批" in client.get("/intake/images/").content.decode()
    assert cast.client(Post.HANDLER).get(path).status_code == 404
    assert cast.client(Post.REVIEWER).get("/intake/images/").status_code == 403
    program = cast.program(cast.actor(Post.PROCESSOR).staff_code)
    sent = SimpleUploadedFile(f"{code}-2.jpg", builders.jpeg(7))
    uid = program.post("/api/v1/intake/image-sets", {"files": [sent]}).json()["uid"]
    assert program.get(f"/api/v1/intake/image-sets/{uid}").json()["counts"]["HIT"] == 1
    assert program.post(f"/api/v1/intake/image-sets/{uid}/attach").status_code == 202


def test_blank_backs_are_asked_about_before_anything_is_attached_and_kept_once_somebody_has_said_so(cast: Cast) -> None:
    urn, code = on_the_bench(cast)
    front, blank = builders.jpeg(1), builders.jpeg(2)
    uid = laid(cast, {f"{code}-001.jpg": front, f"{code}-002.jpg": blank, f"{code}-004.jpg": blank})
    assert fates(cast, uid) == [Fate.HIT, Fate.HIT, Fate.TWIN]
    client = cast.client(Post.PROCESSOR)
    assert f"/intake/images/{uid}/twins/" in client.get(f"/intake/images/{uid}/").content.decode()
    assert cast.client(Post.HANDLER).post(f"/intake/images/{uid}/twins/").status_code == 404

    with one_line("intake.keep_twins"):
        assert client.post(f"/intake/images/{uid}/twins/").status_code == 302
    with refused("I-074"):
        attaching.keep_twins(occasion=cast.occasion(Post.PROCESSOR), uid=uid)
    assert "I-074" in client.post(f"/intake/images/{uid}/twins/").content.decode()
    client.post(f"/intake/images/{uid}/attach/")
    work_off()

    rows = builders.components_of(urn)
    assert [row.original_name for row in rows] == [f"{code}-001.jpg", f"{code}-002.jpg", f"{code}-004.jpg"]
    assert rows[1].sha512 == rows[2].sha512
    assert stored.read_verified(urn, rows[2].sha512) == blank
    assert fates(cast, uid) == [Fate.REPEAT] * 3  # a second run attaches nothing
    program = cast.program(cast.actor(Post.PROCESSOR).staff_code)
    other = laid(cast, {f"{code}-006.jpg": blank})
    assert program.get(f"/api/v1/intake/image-sets/{other}").json()["counts"]["TWIN"] == 1
    assert program.post(f"/api/v1/intake/image-sets/{other}/twins").json() == {"twins": 1}
