"""Piles split into cases: separators, form barcodes, blanks, counts, marks and taking them back. Users' ask 11, 13."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from anjuan.core.terms import Post
from anjuan.desks.intake.actions import piles
from anjuan.desks.intake.queries import piles as queries
from anjuan.desks.intake.rules.piles import LeafKind, PileStatus
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.jobs import queries as jobs
from anjuan.facilities.repository import queries as repository
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast
from tests.contract.test_jobs_shipped import work_off
from tests.desk.pile_stage import files, laid, separator, sheet, two_cases


def proposal(cast: Cast, uid: str) -> queries.Proposal:
    return queries.proposal(queries.get_pile_for(cast.actor(Post.HANDLER), uid))


def against(cast: Cast, uid: str) -> list[str]:
    return [one.code for one in proposal(cast, uid).obstacles]


def mark(cast: Cast, uid: str, ordinal: int, kind: LeafKind, number: str = "", material: str = "") -> None:
    piles.mark_page(
        occasion=cast.occasion(Post.HANDLER), uid=uid, ordinal=ordinal, mark=piles.Mark(kind, number, material)
    )


@pytest.mark.acceptance("S0-W11", "S3-C1", "S3-C10")
def test_a_pile_with_separators_goes_to_its_cases_page_for_page(cast: Cast) -> None:
    first, second = two_cases(cast)
    one, two, three, four = (sheet(seed=seed) for seed in (3, 5, 9, 17))
    pages = [separator("SL-1"), one, separator(material="ID_CARD"), two, separator("SL-2"), three]
    uid = laid(cast, *pages, separator(material="ID_CARD"), four, paper_pages=4, cases_said=2)
    found = proposal(cast, uid)
    assert [(part.number, part.pages, part.lacks) for part in found.segments] == [("SL-1", 2, 0), ("SL-2", 2, 0)]
    assert (found.counted, found.obstacles) == ((4, 0, 4), ())

    with one_line("intake.confirm_split"):
        job = piles.confirm_split(occasion=cast.occasion(Post.HANDLER), uid=uid)
    work_off()

    assert jobs.get_for(cast.actor(Post.HANDLER), job).failed == 0
    for urn, octets in ((first, [one, two]), (second, [three, four])):
        rows = builders.components_of(urn)
        assert [row.material_code for row in rows] == ["MAIN_FORM", "ID_CARD"]
        assert [repository.read_verified(urn, row.sha512) for row in rows] == octets
    assert queries.get_pile_for(cast.actor(Post.HANDLER), uid).status is PileStatus.TAKEN


def test_a_barcode_on_the_form_itself_begins_its_case_and_the_form_is_kept(cast: Cast) -> None:
    two_cases(cast)
    pages = [sheet("SL-1", seed=3), sheet(seed=5), sheet("SL-2", seed=9), sheet(seed=17)]

    found = proposal(cast, laid(cast, *pages, paper_pages=4))

    assert [(part.number, part.pages) for part in found.segments] == [("SL-1", 2), ("SL-2", 2)]


def test_a_strange_code_keeps_nothing_away_and_what_has_no_case_is_shown_unassigned(cast: Cast) -> None:
    first, _ = two_cases(cast)
    pages = [sheet("https://example.org/?x=1", seed=3), separator("NOBODY"), sheet(seed=5), separator("SL-1")]
    uid = laid(cast, *pages, sheet(seed=9), paper_pages=3)
    found = proposal(cast, uid)
    assert [part.problem and part.problem.code for part in found.segments] == ["I-044", "I-045", None]
    assert found.leaves[0].strange_codes == ("https://example.org/?x=1",)

    piles.confirm_split(occasion=cast.occasion(Post.HANDLER), uid=uid)
    work_off()

    assert len(builders.components_of(first)) == 1
    assert proposal(cast, uid).pile.status is PileStatus.OPEN  # the others wait for a person
    mark(cast, uid, 1, LeafKind.PAGE, "SL-2")
    mark(cast, uid, 2, LeafKind.SEPARATOR)
    piles.confirm_split(occasion=cast.occasion(Post.HANDLER), uid=uid)
    work_off()
    assert proposal(cast, uid).pile.status is PileStatus.TAKEN


def test_control_characters_in_a_code_are_dropped(cast: Cast) -> None:
    two_cases(cast)

    uid = laid(cast, sheet("ANJUAN1?no=SL%00-1%1b"), sheet("a\tb", seed=3), paper_pages=1)

    head, page = proposal(cast, uid).leaves
    assert (head.kind, head.number, page.codes) == (LeafKind.SEPARATOR, "SL-1", ("ab",))


def test_blank_backs_are_marked_and_set_aside_never_dropped(cast: Cast) -> None:
    two_cases(cast)
    pages = [separator("SL-1"), sheet(blank=True), sheet(seed=5), sheet(blank=True)]
    uid = laid(cast, *pages, paper_pages=1)

    found = proposal(cast, uid)

    assert [row.kind for row in found.leaves] == ["SEPARATOR", "BLANK", "PAGE", "BLANK"]
    assert (found.counted, found.obstacles) == ((1, 2, 1), ())
    assert all(row.path.exists() for row in found.leaves)
    mark(cast, uid, 4, LeafKind.PAGE)  # a faint page after all
    assert against(cast, uid) == ["I-041"]


def test_counts_must_be_as_typed_before_anything_moves(cast: Cast) -> None:
    two_cases(cast)
    uid = laid(cast, separator("SL-1"), sheet(seed=3), sheet(seed=5), paper_pages=3, cases_said=2)

    assert against(cast, uid) == ["I-041", "I-042"]
    with refused("I-041"):
        piles.confirm_split(occasion=cast.occasion(Post.HANDLER), uid=uid)
    piles.recount_pile(occasion=cast.occasion(Post.HANDLER), uid=uid, paper_pages=2, cases_said=2)
    with refused("I-042"):  # too few separators
        piles.confirm_split(occasion=cast.occasion(Post.HANDLER), uid=uid)
    mark(cast, uid, 3, LeafKind.PAGE, "SL-2")
    assert against(cast, uid) == []


def test_marks_are_taken_back_one_by_one_until_they_are_captured(cast: Cast) -> None:
    two_cases(cast)
    uid = laid(cast, separator("SL-1"), sheet(seed=3), sheet(seed=5), paper_pages=2)
    with one_line("intake.mark_page"):
        mark(cast, uid, 3, LeafKind.PAGE, "SL-2")
    mark(cast, uid, 2, LeafKind.BLANK)

    with one_line("intake.take_back"):
        assert piles.take_back(occasion=cast.occasion(Post.HANDLER), uid=uid) == 2
    assert [part.number for part in proposal(cast, uid).segments] == ["SL-1", "SL-2"]
    assert piles.take_back(occasion=cast.occasion(Post.HANDLER), uid=uid) == 3
    assert [part.number for part in proposal(cast, uid).segments] == ["SL-1"]
    with refused("I-051"):
        piles.take_back(occasion=cast.occasion(Post.HANDLER), uid=uid)

    piles.confirm_split(occasion=cast.occasion(Post.HANDLER), uid=uid)
    work_off()
    with refused("I-050"):
        mark(cast, uid, 2, LeafKind.BLANK)


def test_what_a_case_cannot_take_is_said_and_named(cast: Cast) -> None:
    two_cases(cast)
    builders.submitted(cast, "GONE", persons=(builders.person(3),))
    pages = [separator("GONE"), sheet(seed=3), separator("SL-1", "DISMISSAL"), sheet(seed=5), separator("SL-2")]

    uid = laid(cast, *pages, paper_pages=2)

    found = proposal(cast, uid)
    assert [part.problem and part.problem.code for part in found.segments] == ["I-046", "I-047", "I-048"]
    assert "I-043" in [one.code for one in found.obstacles]


def test_a_file_that_is_no_page_is_shown_with_its_reason(cast: Cast) -> None:
    two_cases(cast)

    found = proposal(cast, laid(cast, separator("SL-1"), b"\x7fELF no page", sheet(seed=3), paper_pages=2))

    assert found.leaves[1].refusal and found.leaves[1].refusal.code == "M-002"
    assert [ordinal for ordinal, _ in found.segments[0].placed] == [3]


def test_a_pdf_of_many_pages_is_taken_page_by_page(cast: Cast) -> None:
    two_cases(cast)
    whole = pikepdf.new()
    for octets in (separator("SL-1"), sheet(seed=3), sheet(seed=5)):
        image = io.BytesIO()
        Image.open(io.BytesIO(octets)).save(image, "PDF", resolution=100)
        whole.pages.extend(pikepdf.open(image).pages)
    saved = io.BytesIO()
    whole.save(saved)

    found = proposal(cast, laid(cast, saved.getvalue(), paper_pages=2))

    assert [row.kind for row in found.leaves] == ["SEPARATOR", "PAGE", "PAGE"]
    assert [(part.number, part.pages) for part in found.segments] == [("SL-1", 2)]


def test_a_segment_is_captured_once_even_if_it_is_done_twice(cast: Cast) -> None:
    first, _ = two_cases(cast)
    uid = laid(cast, separator("SL-1"), sheet(seed=3), paper_pages=1)
    occasion = cast.occasion(Post.HANDLER)

    with one_line("intake.capture_segment"):
        receipt = piles.capture_segment(occasion=occasion, uid=uid, first=1)

    assert receipt and receipt.pages == 1
    assert piles.capture_segment(occasion=cast.occasion(Post.HANDLER), uid=uid, first=1) is None
    assert len(builders.components_of(first)) == 1


def test_a_discarded_pile_leaves_its_reason_and_no_bytes(cast: Cast) -> None:
    two_cases(cast)
    uid = laid(cast, separator("SL-1"), sheet(seed=3), paper_pages=1)

    with one_line("intake.discard_pile"):
        piles.discard_pile(occasion=cast.occasion(Post.HANDLER), uid=uid, reason="扫反了")

    assert not (Path(settings.ANJUAN_HOME) / "incoming" / "piles" / uid).exists()
    with refused("I-050"):
        piles.discard_pile(occasion=cast.occasion(Post.HANDLER), uid=uid, reason="再来")


def test_a_pile_that_was_discarded_after_it_was_confirmed_goes_nowhere(cast: Cast) -> None:
    first, _ = two_cases(cast)
    uid = laid(cast, separator("SL-1"), sheet(seed=3), paper_pages=1)
    piles.confirm_split(occasion=cast.occasion(Post.HANDLER), uid=uid)
    piles.discard_pile(occasion=cast.occasion(Post.HANDLER), uid=uid, reason="扫反了")

    with refused("I-050"):
        piles.capture_segment(occasion=cast.occasion(Post.HANDLER), uid=uid, first=1)
    work_off()

    assert not builders.components_of(first)
    assert proposal(cast, uid).pile.status is PileStatus.DISCARDED


def test_a_page_whose_bytes_are_gone_is_marked_and_keeps_none_of_the_others_away(cast: Cast) -> None:
    two_cases(cast)
    uid = piles.lay_pile(
        occasion=cast.occasion(Post.HANDLER),
        agency_code="BH",
        files=files(separator("SL-1"), sheet(seed=3)),
        paper_pages=1,
    )
    queries.read_leaves(uid, [2])[0].path.unlink()

    work_off()

    assert [leaf.refusal and leaf.refusal.code for leaf in queries.read_leaves(uid, [1, 2])] == [None, "M-003"]
    assert queries.waiting_leaves(uid) == []


def test_what_cannot_be_a_pile_is_refused(cast: Cast) -> None:
    def lay(count: int, paper_pages: int = 1) -> None:
        piles.lay_pile(
            occasion=cast.occasion(Post.HANDLER),
            agency_code="BH",
            files=files(sheet(seed=3)) * count,
            paper_pages=paper_pages,
        )

    with refused("I-011"):
        lay(0)
    with refused("I-005"):
        lay(1, 0)
    with refused("I-049"):
        lay(501)
    uid = piles.lay_pile(
        occasion=cast.occasion(Post.HANDLER), agency_code="BH", files=files(sheet(seed=3)), paper_pages=1
    )
    assert against(cast, uid)[0] == "I-040"
    piles.read_pages(occasion=cast.occasion(Post.HANDLER), uid=uid, ordinals=[1])
    assert "I-040" not in against(cast, uid)


def test_the_pages_of_a_pile(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    two_cases(cast)
    client = cast.client(Post.HANDLER)
    uploads = [SimpleUploadedFile(f"{at}.jpg", octets) for at, octets in enumerate((separator("SL-1"), sheet(seed=3)))]

    answer = client.post("/intake/piles/", {"agency": "BH", "paper_pages": "1", "title": "早上", "files": uploads})
    work_off()

    assert answer.status_code == 302
    path = answer["Location"]
    text = client.get(path).content.decode()
    assert "SL-1" in text and "早上" in text
    assert client.get(f"{path}2/thumb.jpg")["Content-Type"] == "image/jpeg"
    assert client.get(f"{path}2/view.jpg").status_code == 200
    assert client.post(f"{path}2/mark/", {"how": "begin", "number": "SL-2"}).status_code == 302
    assert client.post(f"{path}take-back/").status_code == 302
    assert client.post(f"{path}recount/", {"paper_pages": "9", "cases": ""}).status_code == 302
    assert client.post(f"{path}confirm/").status_code == 422
    assert client.post(f"{path}recount/", {"paper_pages": "1"}).status_code == 302
    assert client.post(f"{path}confirm/")["Location"].startswith("/jobs/")
    work_off()
    assert client.post(f"{path}discard/", {"reason": "x"}).status_code in (302, 409)
    assert client.get("/intake/piles/").status_code == 200
    for other in (outsider(Post.HANDLER), cast.client(Post.SYSTEM_ADMIN)):
        assert other.get(path).status_code == 404
        assert other.get(f"{path}2/view.jpg").status_code == 404
    assert cast.client(Post.REVIEWER).get("/intake/piles/").status_code == 403


def test_separator_sheets_are_printed_and_what_is_printed_can_be_read(cast: Cast, tmp_path: Path) -> None:
    two_cases(cast)
    client = cast.client(Post.HANDLER)

    answer = client.post(
        "/intake/piles/separators/", {"agency": "BH", "number": ["SL-1"], "numbers": "SL-2", "materials": "1"}
    )

    printed = tmp_path / "sheets.pdf"
    printed.write_bytes(answer.content)
    assert formats.page_count(printed) == 6  # two cases, three materials each
    codes, blank = formats.read_symbols(printed)
    assert codes == ("ANJUAN1?no=SL-1&material=MAIN_FORM",) and not blank
    assert client.get("/intake/piles/separators/").status_code == 200
    assert client.post("/intake/piles/separators/", {"agency": "BH", "numbers": "NONE"}).status_code == 422


def test_a_program_splits_a_pile_as_a_person_does(cast: Cast) -> None:
    first, _ = two_cases(cast)
    program = cast.program("bh01")

    def post(path: str, body: dict[str, Any]) -> Any:
        return program.post(f"/api/v1/intake/piles/{path}", json.dumps(body), content_type="application/json")

    answer = program.post(
        "/api/v1/intake/piles",
        {
            "agency_code": "BH",
            "paper_pages": 2,
            "files": [SimpleUploadedFile("a.jpg", sheet(seed=3)), SimpleUploadedFile("b.jpg", sheet(seed=5))],
        },
    )
    assert answer.status_code == 201, answer.content
    uid = answer.json()["uid"]
    work_off()
    seen = program.get(f"/api/v1/intake/piles/{uid}").json()
    assert [one["problem"]["code"] for one in seen["segments"]] == ["I-044"]
    assert post(f"{uid}/marks", {"ordinal": 1, "kind": "PAGE", "number": "SL-1"}).status_code == 204
    assert post(f"{uid}/marks", {"ordinal": 2, "kind": "BLANK"}).status_code == 204
    assert post(f"{uid}/take-back", {}).json() == {"ordinal": 2}
    assert post(f"{uid}/counts", {"paper_pages": 2, "cases_said": 1}).status_code == 204
    assert post(f"{uid}/confirm", {}).status_code == 202
    work_off()

    assert len(builders.components_of(first)) == 2
    assert [one["status"] for one in program.get("/api/v1/intake/piles").json()] == ["TAKEN"]
    assert program.get("/api/v1/intake/separators?agency_code=BH&number=SL-1").content.startswith(b"%PDF-")
    assert post(f"{uid}/discard", {"reason": "已入件"}).status_code == 204


def test_a_material_that_two_steps_call_otherwise_is_named_by_what_it_is(cast: Cast) -> None:
    builders.register(cast, "SL-1", persons=(builders.person(1),))
    builders.register(cast, "SL-2", persons=(builders.person(2),), step="PENSION_RETIREMENT")
    uid = laid(cast, sheet("SL-1", seed=3), sheet("SL-2", seed=9), paper_pages=2)

    page = cast.client(Post.HANDLER).get(f"/intake/piles/{uid}/").content.decode()

    offered = dict(re.findall(r'<option value="(\w+)">(.*?)</option>', page))
    assert offered["MAIN_FORM"] == "主表"
    assert {name for name in offered.values() if name != "主表"} and "身份证复印件" in offered["ID_CARD"]


@pytest.mark.acceptance("S0-W11")
def test_equal_pages_of_one_case_are_asked_about_and_kept_once_somebody_said_so(cast: Cast) -> None:
    first, second = two_cases(cast)
    back, front, other = sheet(seed=40), sheet(seed=41), sheet(seed=42)
    uid = laid(cast, separator("SL-1"), front, back, back, separator("SL-2"), back, other, paper_pages=5)
    found = proposal(cast, uid)
    assert [(one.number, one.problem.code if one.problem else "") for one in found.segments] == [
        ("SL-1", "I-084"),
        ("SL-2", ""),  # the same sheet in another case is nobody's twin
    ]
    assert found.twins == 1 and [one.number for one in found.ready] == ["SL-2"]
    client = cast.client(Post.HANDLER)
    page = client.get(f"/intake/piles/{uid}/").content.decode()
    assert "误扫了两次" in page and "还没有说明是不是另一页" in page

    with one_line("intake.keep_pile_twins"):
        assert piles.keep_pile_twins(occasion=cast.occasion(Post.HANDLER), uid=uid) == 1
    with refused("I-085"):
        piles.keep_pile_twins(occasion=cast.occasion(Post.HANDLER), uid=uid)
    piles.confirm_split(occasion=cast.occasion(Post.HANDLER), uid=uid)
    work_off()

    assert [len(builders.components_of(urn)) for urn in (first, second)] == [3, 2]
    assert proposal(cast, uid).pile.status is PileStatus.TAKEN


def test_a_page_that_its_case_has_already_is_asked_about_too(cast: Cast) -> None:
    first, _ = two_cases(cast)
    one, other = sheet(seed=50), sheet(seed=51)
    begun = laid(cast, separator("SL-1"), one, paper_pages=1)
    piles.confirm_split(occasion=cast.occasion(Post.HANDLER), uid=begun)
    work_off()
    again = laid(cast, separator("SL-1"), one, other, paper_pages=2)
    assert [one.problem.code for one in proposal(cast, again).segments if one.problem] == ["I-084"]
    assert proposal(cast, begun).twins == 0, "what lies there already is no twin of itself"
    mark(cast, again, 2, LeafKind.BLANK)
    assert proposal(cast, again).twins == 0
    assert len(builders.components_of(first)) == 1


def test_who_may_say_that_equal_pages_are_two_sheets(
    client: Client, cast: Cast, outsider: Callable[[Post], Client]
) -> None:
    two_cases(cast)
    back = sheet(seed=60)
    uid = laid(cast, separator("SL-1"), back, back, paper_pages=2)
    address = f"/intake/piles/{uid}/twins/"
    assert client.post(address).status_code == 302 and not proposal(cast, uid).pile.takes_twins
    for stranger in (cast.client(Post.REVIEWER), outsider(Post.HANDLER)):
        assert stranger.post(address).status_code == 404
    assert not proposal(cast, uid).pile.takes_twins
    assert cast.client(Post.HANDLER).post(address).status_code == 302 and proposal(cast, uid).pile.takes_twins
    discarded = laid(cast, separator("SL-2"), back, back, paper_pages=2)
    program = cast.program(cast.actor(Post.HANDLER).staff_code)
    assert program.post(f"/api/v1/intake/piles/{discarded}/twins").json() == {"twins": 1}
