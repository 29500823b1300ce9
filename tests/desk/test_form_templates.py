"""Form templates on the desk of rules: drawn, tried, put into use, exchanged as files; who may, and who may not."""

import datetime as dt
import html
import json
import re
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from anjuan.core.detection.running import judge
from anjuan.core.reading.templates import FORMAT, as_kept, shape_from
from anjuan.core.terms import Post
from anjuan.facilities.assurance.queries import facts
from anjuan.facilities.jobs import tasks
from anjuan.facilities.reading import actions as reading
from anjuan.facilities.reading.actions import laying
from anjuan.facilities.reading.actions import templates as actions
from anjuan.facilities.reading.backends.residents import NoAnswer, Pool
from anjuan.facilities.reading.models import FormBlank, FormEdition, PageLay
from anjuan.facilities.reading.queries import PageToRead, templates
from anjuan.foundation.accounts import occasions
from anjuan.foundation.journal import queries as journal
from anjuan.records.queries import judged
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast
from tests.template_stage import BOXES, STILL, filled, read_page, scanned, shape

STEP, MATERIAL = "PERSON_REGISTRATION", "MAIN_FORM"
SHAPE = as_kept(shape(boxes=BOXES))
TODAY = dt.date(2026, 1, 1)


class Reader:
    """Looks for ink and finds none; reads an empty form."""

    is_silent = False
    asked: list[dict[str, Any]]

    def __init__(self) -> None:
        self.asked = []

    def ask(self, question: dict[str, Any], within: float) -> dict[str, Any]:
        self.asked.append(question)
        if self.is_silent:
            raise NoAnswer
        if question["task"] == "blank":
            picture = "iVBORw0KGgo="
            return {"lines": [], "picture": picture, "width": 1240, "height": 1754, "width_mm": 210.0}
        return {"inks": [[box, 0.0, 0.0, 0.0] for box, _ in question["boxes"]]}


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    pool, one = Pool(1), Reader()
    pool._free.get()
    pool._free.put(one)  # type: ignore[arg-type]
    monkeypatch.setattr(reading, "_pool", lambda: pool)
    return one


@pytest.fixture
def keeper(cast: Cast) -> Client:
    return cast.client_of("sj12")


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def made_at(answer: Any) -> int:
    """The template that an answer leads to."""
    found = re.search(r"templates/(\d+)/", answer.headers["Location"])
    assert found is not None
    return int(found[1])


def page(name: str, **kwargs: object) -> str:
    return reverse(f"rulebook:{name}", kwargs=kwargs)


def begun(cast: Cast, name: str = "参保登记表") -> int:
    return actions.open_template(occasion=cast.rule_keeper(), step_code=STEP, material_code=MATERIAL, name=name)


def row(pk: int) -> templates.TemplateRow:
    return templates.template(pk, occasions.today())


def drawn(cast: Cast, name: str = "参保登记表", told: object = SHAPE) -> int:
    pk = begun(cast, name)
    actions.revise_edition(
        occasion=cast.rule_keeper(),
        template=pk,
        edition=1,
        seen_at=row(pk).editions[0].changed_at,
        shape=told,
        note="",
        sample={},
    )
    return pk


def adopted(cast: Cast, since: dt.date = TODAY, name: str = "参保登记表", told: object = SHAPE) -> int:
    pk = drawn(cast, name, told)
    actions.adopt_edition(
        occasion=cast.rule_keeper(),
        template=pk,
        edition=1,
        seen_at=row(pk).editions[0].changed_at,
        since_date=since,
    )
    return pk


def work_off() -> None:
    while waiting := DBTaskResult.objects.filter(status="READY").order_by("enqueued_at").first():
        waiting.delete()
        tasks.run_chunk.call(*waiting.args_kwargs["args"])


def read_item(cast: Cast, acceptance_no: str = "SL-001", **written: str) -> str:
    urn = builders.captured(cast, acceptance_no, formed=dt.date(2026, 3, 5))
    read_page(urn, scanned(filled(**written), **STILL), at=cast.clock.at)
    return urn


def test_a_template_is_begun_drawn_tried_and_put_into_use_on_screen(cast: Cast, keeper: Client, reader: Reader) -> None:
    urn = read_item(cast, day="")
    component = builders.components_of(urn)[0].pk
    with one_line("reading.open_template"):
        begun_at = keeper.post(page("open_template"), {"form": f"{STEP}.{MATERIAL}", "name": "参保登记表"})
    pk = made_at(begun_at)

    offered = text_of(keeper.get(page("draw_template", pk=pk)))
    assert f"?component={component}&page=1" in offered
    sample = {"component": component, "page": 1}
    shown = text_of(keeper.get(page("draw_template", pk=pk), sample))
    assert "身份证号码" in shown and 'id="sheet"' in shown
    seen = row(pk).editions[0].changed_at.isoformat()
    with one_line("reading.revise_edition"):
        saved = keeper.post(
            page("draw_template", pk=pk), {**sample, "seen_at": seen, "shape": json.dumps(SHAPE), "try": "1"}
        )
    tried = text_of(keeper.get(saved.headers["Location"]))

    assert "对得上" in tried and "S08" in tried and "新报" in tried
    assert not PageLay.objects.exists()  # a trial keeps nothing
    seen = row(pk).editions[0].changed_at.isoformat()
    with one_line("reading.adopt_edition"):
        used = keeper.post(
            page("adopt_edition", pk=pk, edition=1), {"seen_at": seen, "since_date": "2026-01-01"}, follow=True
        )
    assert "现用" in text_of(used)
    work_off()
    assert {"S01", "S02", "S08"} <= codes(urn)


def test_laid_pages_are_judged_by_the_edition_of_their_day_and_by_labels_when_it_is_withdrawn(
    cast: Cast, reader: Reader
) -> None:
    early = read_item(cast, "SL-001", day="")
    pk = adopted(cast, dt.date(2026, 3, 1))
    work_off()
    assert "S08" in codes(early)

    late = adopted(cast, dt.date(2026, 4, 1), "参保登记表 新版")  # the form of a later day says nothing of this page
    work_off()
    actions.withdraw_edition(occasion=cast.rule_keeper(), template=pk, edition=1)

    assert PageLay.objects.filter(edition__template_id=late).exclude(laid={}).exists()
    assert "S08" not in codes(early)
    assert row(pk).editions[0].state == "WITHDRAWN"


def test_a_page_is_laid_when_it_is_read_and_a_silent_reader_leaves_ink_unsure(cast: Cast, reader: Reader) -> None:
    adopted(cast)
    urn = read_item(cast, day="")
    file = builders.components_of(urn)[0]
    asked = PageToRead(file.pk, urn, file.sha512, 1)

    laying.lay_page(page=asked, formbook=templates.formbook(), reader=lambda: nullcontext(reader), path="x")  # type: ignore[arg-type]
    (found,) = judged_by(urn, "S02")
    reader.is_silent = True
    actions.lay_read_page(page=asked)
    (unsure,) = judged_by(urn, "S02")

    assert (found, unsure) == ("FAIL", "UNSURE")
    assert PageLay.objects.count() == 1
    assert {question["task"] for question in reader.asked} == {"inks"}


def test_a_page_it_does_not_fit_is_kept_as_such_and_judged_by_its_labels(cast: Cast, reader: Reader) -> None:
    urn = builders.captured(cast, formed=dt.date(2026, 3, 5))
    read_page(urn, scanned([("另一种表", 80.0, 30.0), ("合计", 20.0, 90.0)], **STILL), at=cast.clock.at)
    adopted(cast)
    work_off()

    assert PageLay.objects.get().laid == {}
    assert reader.asked == []  # nobody looks for ink in boxes that lie nowhere
    assert "D06" not in codes(urn)


def test_a_trial_with_a_busy_reader_leaves_ink_to_people(cast: Cast, reader: Reader) -> None:
    file = builders.components_of(read_item(cast))[0]
    drawing = shape(boxes=BOXES)

    free = actions.try_on(shape=drawing, name="甲", edition=1, row=file, page=1)
    with reading._pool().one():
        busy = actions.try_on(shape=drawing, name="甲", edition=1, row=file, page=1)

    assert free is not None and busy is not None
    assert free.boxes[1].ink is not None and busy.boxes[1].ink is None
    assert [one.words for one in free.boxes] == [one.words for one in busy.boxes]
    assert actions.try_on(shape=drawing, name="甲", edition=1, row=file, page=2) is None  # it was not read


def test_a_trial_opens_the_pages_it_shows(cast: Cast, keeper: Client, reader: Reader) -> None:
    read_item(cast)
    pk = drawn(cast)

    keeper.get(page("try_template", pk=pk, edition=1))

    assert [(opening.page, opening.staff_code) for _, opening in journal.openings().after(0, 50)] == [(1, "sj12")]


@pytest.mark.parametrize("post", [Post.HANDLER, Post.PROCESSOR, Post.SYSTEM_ADMIN, Post.READING_DESK])
def test_the_templates_are_the_rule_keepers_and_the_leader_reads_them(cast: Cast, keeper: Client, post: Post) -> None:
    pk = drawn(cast)
    read = [page("templates"), page("template", pk=pk), page("template_edition", pk=pk, edition=1),
            page("template_file", pk=pk, edition=1)]  # fmt: skip
    write = [page("draw_template", pk=pk), page("try_template", pk=pk, edition=1)]
    stranger, leader, centre = cast.client(post), cast.client(Post.SUPERVISOR), cast.client(Post.ARCHIVIST)

    for address in (*read, *write, page("blank_image", pk=pk, blank=1)):
        assert stranger.get(address).status_code == 403, address
    for address in read:
        assert leader.get(address).status_code == 200
        assert centre.get(address).status_code == 200
        assert keeper.get(address).status_code == 200
    for address in write:
        assert leader.get(address).status_code == 403
        assert centre.get(address).status_code == 403
        assert keeper.get(address).status_code == 200
    assert 'name="form"' not in text_of(leader.get(page("templates")))


@pytest.mark.parametrize("who", ["leader", "centre", "stranger"])
def test_nobody_else_writes_them(cast: Cast, who: str) -> None:
    pk = drawn(cast)
    client = cast.client({"leader": Post.SUPERVISOR, "centre": Post.ARCHIVIST, "stranger": Post.HANDLER}[who])
    before = list(FormEdition.objects.values())
    seen = row(pk).editions[0].changed_at.isoformat()
    file = SimpleUploadedFile("t.json", b"{}")

    for name, kwargs, data in (
        ("open_template", {}, {"form": f"{STEP}.{MATERIAL}", "name": "x"}),
        ("take_template", {}, {"form": f"{STEP}.{MATERIAL}", "file": file}),
        ("draw_template", {"pk": pk}, {"seen_at": seen, "shape": json.dumps(SHAPE)}),
        ("send_blank", {"pk": pk}, {"file": SimpleUploadedFile("a.jpg", builders.jpeg(3))}),
        ("adopt_edition", {"pk": pk, "edition": 1}, {"seen_at": seen, "since_date": "2026-01-01"}),
        ("draft_edition", {"pk": pk, "edition": 1}, {}),
        ("withdraw_edition", {"pk": pk, "edition": 1}, {}),
    ):
        assert client.post(page(name, **kwargs), data).status_code == 403, name

    assert list(FormEdition.objects.values()) == before


def test_a_sample_page_is_shown_to_whoever_may_see_its_record_only(cast: Cast, keeper: Client) -> None:
    pk = begun(cast)
    seen = row(pk).editions[0].changed_at.isoformat()

    asked = keeper.get(page("draw_template", pk=pk), {"component": 999_999, "page": 1})
    saved = keeper.post(
        page("draw_template", pk=pk),
        {"seen_at": seen, "shape": json.dumps(SHAPE), "component": 999_999, "page": 1},
    )

    assert asked.status_code == 404 and "R-009" in text_of(asked)
    assert saved.status_code == 404 and row(pk).editions[0].changed_at.isoformat() == seen


def test_an_empty_form_is_sent_read_and_drawn_anew(cast: Cast, keeper: Client, reader: Reader) -> None:
    pk = begun(cast)

    sent = keeper.post(page("send_blank", pk=pk), {"file": SimpleUploadedFile("空表.jpg", builders.jpeg(7))})
    blank = FormBlank.objects.get()
    drawing = text_of(keeper.get(sent.headers["Location"]))
    picture = keeper.get(page("blank_image", pk=pk, blank=blank.pk))

    assert f"{blank.pk}.png" in drawing and 'data-width-mm="210.0"' in drawing
    assert picture.headers["Content-Type"] == "image/png" and picture.content == bytes(blank.image)
    assert keeper.get(page("blank_image", pk=pk + 1, blank=blank.pk)).status_code == 404
    actions.revise_edition(
        occasion=cast.rule_keeper(), template=pk, edition=1, seen_at=row(pk).editions[0].changed_at,
        shape=SHAPE, note="", sample={"blank": blank.pk},
    )  # fmt: skip
    assert row(pk).editions[0].sample == {"blank": blank.pk}


def test_what_is_no_form_or_meets_a_busy_reader_is_refused(
    cast: Cast, keeper: Client, reader: Reader, tmp_path: Path
) -> None:
    pk = begun(cast)
    image = tmp_path / "a.jpg"
    image.write_bytes(builders.jpeg(7))

    with reading._pool().one(), refused("Y-086"):
        actions.send_blank(occasion=cast.rule_keeper(), template=pk, path=image)
    reader.is_silent = True
    with refused("Y-086"):
        actions.send_blank(occasion=cast.rule_keeper(), template=pk, path=image)
    answer = keeper.post(page("send_blank", pk=pk), {"file": SimpleUploadedFile("a.jpg", b"<html>no image</html>")})
    assert answer.status_code >= 400 and not FormBlank.objects.exists()


def test_an_edition_goes_its_way_and_is_never_overwritten(cast: Cast, reader: Reader) -> None:
    pk = drawn(cast)
    stale = row(pk).editions[0].changed_at - dt.timedelta(seconds=1)
    revision: dict[str, Any] = {"template": pk, "edition": 1, "shape": SHAPE, "note": "", "sample": {}}

    with refused("L-001"):
        actions.revise_edition(occasion=cast.rule_keeper(), seen_at=stale, **revision)
    with refused("L-001"):
        actions.adopt_edition(occasion=cast.rule_keeper(), template=pk, edition=1, seen_at=stale, since_date=TODAY)
    with refused("Y-085"):
        actions.draft_edition(occasion=cast.rule_keeper(), template=pk, edition=1)
    adopt: dict[str, Any] = {
        "template": pk,
        "edition": 1,
        "seen_at": row(pk).editions[0].changed_at,
        "since_date": TODAY,
    }
    actions.adopt_edition(occasion=cast.rule_keeper(), **adopt)
    with refused("Y-082"):
        actions.adopt_edition(occasion=cast.rule_keeper(), **adopt)
    with refused("Y-082"):
        actions.revise_edition(occasion=cast.rule_keeper(), seen_at=row(pk).editions[0].changed_at, **revision)

    with one_line("reading.draft_edition"):
        assert actions.draft_edition(occasion=cast.rule_keeper(), template=pk, edition=1) == 2
    second = row(pk).edition(2)
    assert second.shape == row(pk).edition(1).shape
    with refused("Y-084"):
        actions.adopt_edition(
            occasion=cast.rule_keeper(), template=pk, edition=2, seen_at=second.changed_at,
            since_date=TODAY - dt.timedelta(days=1),
        )  # fmt: skip
    actions.adopt_edition(
        occasion=cast.rule_keeper(), template=pk, edition=2, seen_at=second.changed_at, since_date=dt.date(2026, 2, 1)
    )
    assert [one.state for one in row(pk).editions] == ["IN_USE", "REPLACED"]
    with one_line("reading.withdraw_edition"):
        actions.withdraw_edition(occasion=cast.rule_keeper(), template=pk, edition=2)
    assert [one.state for one in row(pk).editions] == ["WITHDRAWN", "IN_USE"]
    with refused("Y-082"):
        actions.withdraw_edition(occasion=cast.rule_keeper(), template=pk, edition=2)


@pytest.mark.parametrize(
    ("told", "what"),
    [({**SHAPE, "anchors": SHAPE["anchors"][:3]}, "4"), ({**SHAPE, "boxes": []}, "框"),
     ({**SHAPE, "anchors": [SHAPE["anchors"][1]] * 5}, "挤")],
)  # fmt: skip
def test_what_lacks_anchors_or_boxes_is_not_put_into_use(cast: Cast, told: dict[str, Any], what: str) -> None:
    pk = drawn(cast, told=told)

    with refused("Y-081"):
        actions.adopt_edition(
            occasion=cast.rule_keeper(), template=pk, edition=1, seen_at=row(pk).editions[0].changed_at,
            since_date=TODAY,
        )  # fmt: skip
    shown = text_of(cast.client_of("sj12").get(page("try_template", pk=pk, edition=1)))
    assert what in shown.split("启用", 1)[1] and 'name="since_date"' not in shown


def test_a_template_belongs_to_a_form_that_is_there_under_a_name_of_its_own(cast: Cast) -> None:
    begun(cast)
    for step, material, name, code in (
        (STEP, MATERIAL, "参保登记表", "Y-083"), (STEP, MATERIAL, " ", "Y-083"), (STEP, MATERIAL, "长" * 61, "Y-083"),
        ("NO_SUCH_STEP", MATERIAL, "甲", "H-004"), (STEP, "NO_SUCH", "甲", "H-005"),
    ):  # fmt: skip
        with refused(code):
            actions.open_template(occasion=cast.rule_keeper(), step_code=step, material_code=material, name=name)


def test_a_template_goes_to_another_house_as_a_file_and_comes_back_as_a_draft(cast: Cast, keeper: Client) -> None:
    pk = drawn(cast)

    file = keeper.get(page("template_file", pk=pk, edition=1)).content
    taken = keeper.post(
        page("take_template"),
        {"form": f"{STEP}.ID_CARD", "name": "", "file": SimpleUploadedFile("模板.json", file)},
    )
    other = made_at(taken)

    assert json.loads(file)["format"] == FORMAT
    assert row(other).editions[0].shape == row(pk).editions[0].shape
    assert (row(other).name, row(other).material_code, row(other).editions[0].state) == (
        "参保登记表", "ID_CARD", "DRAFT",
    )  # fmt: skip


def test_a_shape_is_the_same_after_being_kept() -> None:
    assert as_kept(shape_from(SHAPE)) == SHAPE


def test_a_program_does_the_same(cast: Cast, reader: Reader) -> None:
    read_item(cast, day="")
    program = cast.program("sj12")
    base = "/api/v1/rulebook/templates"

    def send(address: str, body: object = None, method: str = "post") -> Any:
        return getattr(program, method)(base + address, json.dumps(body or {}), content_type="application/json")

    made = send("", {"step_code": STEP, "material_code": MATERIAL, "name": "甲"})
    assert made.status_code == 201
    pk = made.json()["pk"]
    one = made.json()["editions"][0]
    one = send(f"/{pk}/editions/1", {"seen_at": one["changed_at"], "shape": SHAPE}, "put").json()
    (tried,) = program.get(f"{base}/{pk}/editions/1/trial").json()
    assert tried["fits"] and tried["boxes"]["姓名"] == "王秀英"
    assert any(words.startswith("S08") for words in tried["new"])
    used = send(f"/{pk}/editions/1/adopt", {"seen_at": one["changed_at"], "since_date": "2026-01-01"})
    assert used.json()["state"] == "IN_USE"
    assert send(f"/{pk}/editions/1/next").json()["state"] == "DRAFT"
    assert send(f"/{pk}/editions/2/withdraw").json()["state"] == "WITHDRAWN"
    file = program.get(f"{base}/{pk}/editions/1/file").content
    taken = program.post(
        f"{base}/file?step_code={STEP}&material_code={MATERIAL}&name=乙",
        {"file": SimpleUploadedFile("t.json", file)},
    )
    assert taken.status_code == 201 and taken.json()["name"] == "乙"
    assert [found["name"] for found in program.get(base).json()] == ["乙", "甲"] or len(program.get(base).json()) == 2
    assert program.get(f"{base}/{pk}").json()["pk"] == pk
    assert cast.program("bh01").get(base).status_code == 403
    refused_ = send(f"/{pk}/editions/1", {"seen_at": one["changed_at"], "shape": {"boxes": 1}}, "put")
    assert refused_.status_code == 409 and refused_.json()["code"] == "Y-082"


def test_the_list_and_a_volumes_facts_ask_as_often_for_many_templates_as_for_one(
    cast: Cast, keeper: Client, reader: Reader, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    urn = read_item(cast)
    for name in ("甲", "乙", "丙"):
        adopted(cast, name=name)
        work_off()

    with django_assert_max_num_queries(24):
        keeper.get(page("templates"))
    with django_assert_max_num_queries(26):
        codes(urn)


def codes(urn: str) -> set[str]:
    return {code for code, _ in verdicts(urn)}


def judged_by(urn: str, code: str) -> list[str]:
    return [outcome for found, outcome in verdicts(urn) if found == code]


def verdicts(urn: str) -> list[tuple[str, str]]:
    items = list(judged.items_by_urn([urn]).values())
    return [
        (one.code, one.outcome.value) for volume in facts.facts_of_loose(items, readings={}) for one in judge(volume)
    ]
