"""Departments and who looks after the records of each: one, from a day to a day, and nobody goes unnoticed."""

import datetime as dt
import html
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from anjuan.config import followers
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post
from anjuan.desks.rulebook.actions import departments
from anjuan.desks.rulebook.queries import departments as queries
from anjuan.desks.rulebook.queries.departments import Standing
from anjuan.facilities.notices.models import Notice
from anjuan.foundation.accounts.models import Appointment
from anjuan.foundation.journal.models import Entry, Member
from tests import builders
from tests.cast import Cast


def page(name: str, **kwargs: object) -> str:
    return reverse(f"rulebook:{name}", kwargs=kwargs)


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def leader(cast: Cast) -> Occasion:
    return cast.occasion(Post.SUPERVISOR)


def opened(cast: Cast, name: str = "待遇科") -> int:
    return departments.open_department(occasion=leader(cast), agency_code="BH", name=name)


def standing_of(cast: Cast, pk: int, on: dt.date) -> Standing:
    return queries.one(cast.actor(Post.SUPERVISOR), pk, on=on).standing


@pytest.mark.acceptance("S4-R1", "S4-N2")
def test_each_department_has_one_part_timer_named_relieved_and_followed_on_screen(cast: Cast) -> None:
    urn = builders.register(cast)
    client, today = cast.client(Post.SUPERVISOR), cast.today()
    assert "BH" in text_of(client.get(page("departments")))  # no department on record yet, and the page says so

    client.post(page("open_department"), {"agency": "BH", "name": "待遇科"})
    pk = queries.listed(cast.actor(Post.SUPERVISOR), on=today)[0].pk
    vacant = text_of(client.get(page("departments")))
    told = text_of(client.get(reverse("notices:mine")))
    named = client.post(page("name_part_timer", pk=pk), {"staff": "bh01", "since": today.isoformat()}, follow=True)
    relieved = client.post(page("relieve_part_timer", pk=pk), {"until": today.isoformat()}, follow=True)

    assert "无人" in vacant and "待遇科" in told
    assert "林晓" in text_of(named) and "无人" not in text_of(named).split("待遇科")[1].split("</header>")[0]
    shown = text_of(relieved)
    assert "SL-001" in shown and urn in shown  # what is left in hand, with its door
    assert Entry.objects.filter(unit=f"department:{pk}").count() == 2
    entry = Entry.objects.get(act="rulebook.relieve_part_timer")
    assert list(Member.objects.filter(entry_uid=entry.uid).values_list("unit", flat=True)) == [urn]


@pytest.mark.acceptance("S4-N2")
def test_a_second_part_timer_is_a_071_until_the_first_is_relieved_and_both_stand_while_handing_over(cast: Cast) -> None:
    pk, today = opened(cast), cast.today()
    departments.name_part_timer(occasion=leader(cast), pk=pk, staff_code="bh01", since_date=today)
    with pytest.raises(Refusal) as caught:
        departments.name_part_timer(occasion=leader(cast), pk=pk, staff_code="bh03", since_date=today)
    assert caught.value.code == "A-071"

    last = today + dt.timedelta(days=7)
    departments.relieve_part_timer(occasion=leader(cast), pk=pk, until_date=last)
    departments.name_part_timer(occasion=leader(cast), pk=pk, staff_code="bh03", since_date=today)

    assert standing_of(cast, pk, today) is Standing.TWO
    assert standing_of(cast, pk, last + dt.timedelta(days=1)) is Standing.ONE
    assert "交接期" in text_of(cast.client(Post.SUPERVISOR).get(page("departments")))


def test_the_leader_is_told_of_a_department_without_one_until_somebody_is_named(cast: Cast) -> None:
    pk, today = opened(cast), cast.today()
    mine = Notice.objects.filter(kind="DEPARTMENT_VACANT", post=Post.SUPERVISOR, unit=f"department:{pk}")
    assert mine.filter(done_at=None).count() == 1

    departments.name_part_timer(occasion=leader(cast), pk=pk, staff_code="bh01", since_date=today)
    followers.run_once()
    assert not mine.filter(done_at=None).exists()

    departments.relieve_part_timer(occasion=leader(cast), pk=pk, until_date=today + dt.timedelta(days=3))
    again = mine.get(done_at=None)
    assert again.due_date == today + dt.timedelta(days=3)


def test_a_part_timer_who_lost_the_post_leaves_the_department_with_nobody(cast: Cast) -> None:
    pk, today = opened(cast), cast.today()
    departments.name_part_timer(occasion=leader(cast), pk=pk, staff_code="bh01", since_date=today)
    assert standing_of(cast, pk, today) is Standing.ONE

    Appointment.objects.filter(staff__staff_code="bh01").update(until_date=today - dt.timedelta(days=1))

    assert standing_of(cast, pk, today) is Standing.NOBODY


def test_each_no_has_its_number(cast: Cast) -> None:
    pk, today = opened(cast), cast.today()
    yesterday = today - dt.timedelta(days=1)
    occasion = leader(cast)

    def code(deed: Callable[[], object]) -> str:
        with pytest.raises(Refusal) as caught:
            deed()
        return caught.value.code

    assert code(lambda: opened(cast)) == "A-070"
    assert code(lambda: opened(cast, "  ")) == "A-074" == code(lambda: opened(cast, "长" * 61))
    assert (
        code(lambda: departments.name_part_timer(occasion=occasion, pk=pk, staff_code="bh02", since_date=today))
        == "A-072"
    )
    assert (
        code(lambda: departments.name_part_timer(occasion=occasion, pk=pk, staff_code="bh01", since_date=yesterday))
        == "A-073"
    )
    assert code(lambda: departments.relieve_part_timer(occasion=occasion, pk=pk, until_date=today)) == "A-075"
    departments.name_part_timer(occasion=leader(cast), pk=pk, staff_code="bh01", since_date=today)
    assert code(lambda: departments.relieve_part_timer(occasion=occasion, pk=pk, until_date=yesterday)) == "A-073"
    assert code(lambda: departments.close_department(occasion=occasion, pk=pk)) == "A-071"
    departments.relieve_part_timer(occasion=leader(cast), pk=pk, until_date=today)
    departments.close_department(occasion=leader(cast), pk=pk)
    assert code(lambda: departments.close_department(occasion=occasion, pk=pk)) == "R-009"


@pytest.mark.parametrize("post", [Post.HANDLER, Post.FILER, Post.PROCESSOR, Post.SYSTEM_ADMIN])
def test_others_do_not_see_departments_and_the_archivist_only_reads(cast: Cast, post: Post) -> None:
    pk = opened(cast)
    assert cast.client(post).get(page("departments")).status_code == 403
    reader = cast.client(Post.ARCHIVIST)
    assert "待遇科" in text_of(reader.get(page("departments")))

    for name, kwargs in (
        ("open_department", {}), ("close_department", {"pk": pk}), ("name_part_timer", {"pk": pk}),
        ("relieve_part_timer", {"pk": pk}),
    ):  # fmt: skip
        given = {"agency": "BH", "name": "x", "staff": "bh01", "since": "2026-01-01", "until": "2026-01-01"}
        assert reader.post(page(name, **kwargs), given).status_code == 403, name
        assert cast.client(post).post(page(name, **kwargs), given).status_code in (403, 404), name
        assert Client().post(page(name, **kwargs), given).status_code == 302


def test_a_leader_of_elsewhere_does_not_see_it(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    pk = opened(cast)
    stranger = outsider(Post.SUPERVISOR)

    assert "待遇科" not in text_of(stranger.get(page("departments")))
    assert stranger.post(page("relieve_part_timer", pk=pk), {"until": "2026-01-01"}).status_code == 404
    assert stranger.post(page("open_department"), {"agency": "BH", "name": "x"}).status_code == 403


def test_programs_do_the_same(cast: Cast) -> None:
    program, today = cast.program("bh06"), cast.today().isoformat()
    at = "/api/v1/rulebook/departments"

    made = program.post(at, {"agency_code": "BH", "name": "征缴科"}, content_type="application/json")
    pk = made.json()["pk"]
    assert made.status_code == 201 and made.json()["standing"] == "NOBODY"
    named = program.post(
        f"{at}/{pk}/part-timer", {"staff_code": "bh01", "since_date": today}, content_type="application/json"
    )
    assert named.json()["now"][0]["staff_code"] == "bh01"
    relieved = program.post(f"{at}/{pk}/relieve", {"until_date": today}, content_type="application/json")
    assert relieved.json() == {"open_count": 0}
    assert [row["name"] for row in program.get(at).json()] == ["征缴科"]
    assert program.delete(f"{at}/{pk}").status_code == 204
    assert program.get(at).json() == []
    assert cast.program("bh01").get(at).status_code == 403
