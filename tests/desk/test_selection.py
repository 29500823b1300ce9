"""Selecting for the workshop: by category, damage, use and risk; why each was chosen is kept; stations follow."""

import html
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from anjuan.core.terms import Post, State
from anjuan.desks.workshop import actions as workshop
from anjuan.desks.workshop import queries, rules
from anjuan.desks.workshop.models import SelectedVolume, Selection, WorkOrder
from anjuan.facilities.condition import actions as condition
from tests import builders
from tests.builders import Walked, on_paper, one_line, refused, scan, sign_station
from tests.cast import Cast
from tests.people import person

YEAR = 2026
pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")


@pytest.fixture(autouse=True)
def kept_long_enough(settings: Settings) -> None:
    """Pages stand on the real clock: what they show may not lie in the future."""
    settings.ANJUAN_LEGACY_KEEP_DAYS = 0


def waiting(cast: Cast, number: int) -> Walked:
    return on_paper(cast, State.RECHECKED, f"SL-{number}", persons=(person(number),))


def damaged(cast: Cast, walk: Walked, kind: str = "MOULD") -> None:
    condition.note_damage(occasion=cast.occasion(Post.KEEPER), unit=walk.item_urn, kind=kind, note="霉斑")


def select(cast: Cast, *walks: Walked, criteria: rules.Criteria | None = None) -> str:
    return workshop.open_selection(
        occasion=cast.occasion(Post.PROCESSOR),
        criteria=criteria or rules.Criteria(),
        volume_urns=[walk.volume_urn for walk in walks],
    )


def ranking(cast: Cast, criteria: rules.Criteria | None = None) -> list[str]:
    found = queries.ranking(cast.actor(Post.PROCESSOR), criteria or rules.Criteria(), this_year=YEAR)
    return [one.volume.urn for one in found]


@pytest.mark.acceptance("S2-W2")
def test_what_is_mouldy_comes_first_is_taken_in_and_why_is_kept(cast: Cast) -> None:
    sound, mouldy = waiting(cast, 1), waiting(cast, 2)
    assert ranking(cast) == [sound.volume_urn, mouldy.volume_urn]
    damaged(cast, mouldy)
    assert ranking(cast) == [mouldy.volume_urn, sound.volume_urn]
    wanted = rules.Criteria(least_damage=3)
    assert ranking(cast, wanted) == [mouldy.volume_urn]

    with one_line("workshop.open_selection"):
        uid = select(cast, mouldy, criteria=wanted)

    assert builders.states(mouldy.volume_urn) == {State.IN_WORKSHOP.value}
    assert builders.states(sound.volume_urn) == {State.RECHECKED.value}
    (kept,) = queries.selections(cast.actor(Post.PROCESSOR))
    assert (kept.uid, kept.criteria, str(kept.powers), kept.offered) == (uid, wanted, "1,1,1", 1)
    (row,) = kept.volumes
    assert (row.place, row.damage_grade, row.uses) == (1, 3, 0)
    assert row.score == (1 + row.uses) * row.risk * (1 + row.age_years)
    scan(cast, *mouldy.item_urns)
    for station in queries.stations():
        sign_station(cast, mouldy, station.code)
    workshop.finish(occasion=cast.occasion(Post.PROCESSOR), volume_urn=mouldy.volume_urn)
    assert builders.states(mouldy.volume_urn) == {State.HELD.value}


@pytest.mark.acceptance("S2-W2")
def test_a_volume_whose_people_are_asked_about_comes_before_one_that_nobody_wants(cast: Cast) -> None:
    first, asked = waiting(cast, 1), waiting(cast, 2)
    held = builders.captured(cast, "SL-9", persons=(person(2),))
    component = builders.components_of(held)[0].pk
    client, address = cast.client(Post.READING_DESK), reverse("formats:view", args=[component, 1])
    assert client.get(address, headers={"Referer": "http://testserver/item/x/"}).status_code == 200

    assert ranking(cast) == [asked.volume_urn, first.volume_urn]
    (only,) = queries.ranking(cast.actor(Post.PROCESSOR), rules.Criteria(least_uses=1), this_year=YEAR)
    assert (only.volume.urn, only.volume.uses) == (asked.volume_urn, 1)


def test_a_selection_goes_in_whole_or_not_at_all(cast: Cast) -> None:
    one, other = waiting(cast, 1), waiting(cast, 2)
    with refused("U-080"):
        select(cast)
    workshop.take_in(occasion=cast.occasion(Post.PROCESSOR), volume_urn=other.volume_urn)
    with refused("U-082"):
        select(cast, one, other)
    with refused("U-082"):
        select(cast, one, criteria=rules.Criteria(category="nothing"))
    assert not Selection.objects.exists() and not SelectedVolume.objects.exists()
    assert builders.states(one.volume_urn) == {State.RECHECKED.value} and WorkOrder.objects.count() == 1


def test_who_may_select_who_may_not_and_who_may_not_even_see(
    client: Client, cast: Cast, outsider: Callable[[Post], Client]
) -> None:
    walk = waiting(cast, 1)
    body = {"volume": walk.volume_urn}
    assert (
        client.get("/workshop/selection/").status_code == client.post("/workshop/selection/", body).status_code == 302
    )
    for post, status in ((Post.KEEPER, 403), (Post.SYSTEM_ADMIN, 404)):
        stranger = cast.client(post)
        assert stranger.get("/workshop/selection/").status_code == status
        assert stranger.post("/workshop/selection/", body).status_code == status
    elsewhere = outsider(Post.PROCESSOR)
    assert walk.volume_urn not in elsewhere.get("/workshop/selection/").content.decode()
    assert elsewhere.post("/workshop/selection/", body).status_code == 409
    assert builders.states(walk.volume_urn) == {State.RECHECKED.value}


@pytest.mark.acceptance("S2-W2")
def test_the_page_ranks_says_why_and_takes_in(cast: Cast) -> None:
    sound, mouldy = waiting(cast, 1), waiting(cast, 2)
    damaged(cast, mouldy)
    client = cast.client(Post.PROCESSOR)
    page = html.unescape(client.get("/workshop/selection/?least_damage=x&year=99999999").content.decode())
    assert page.index(mouldy.volume_urn) < page.index(sound.volume_urn)
    assert "破损 3 级" in page and "待核实" in page and "得分 =" in page
    narrowed = client.get("/workshop/selection/?least_damage=2").content.decode()
    assert mouldy.volume_urn in narrowed and sound.volume_urn not in narrowed
    none = client.post("/workshop/selection/", {"least_damage": "2"})
    assert none.status_code == 422 and 'data-code="U-080"' in none.content.decode()
    done = client.post("/workshop/selection/", {"least_damage": "2", "volume": mouldy.volume_urn})
    assert done["Location"] == "/workshop/?done=selected"
    after = html.unescape(client.get("/workshop/selection/").content.decode())
    assert "破损 2 级以上" in after and "1 卷中选 1 卷" in after


def test_a_program_selects_too(cast: Cast) -> None:
    walk = waiting(cast, 1)
    program = cast.program(cast.actor(Post.PROCESSOR).staff_code)
    (row,) = program.get("/api/v1/workshop/selection?least_uses=0").json()
    assert (row["urn"], row["place"]) == (walk.volume_urn, 1)
    made = program.post("/api/v1/workshop/selection", {"volumes": [walk.volume_urn]}, content_type="application/json")
    assert made.status_code == 201 and Selection.objects.get().uid == made.json()["uid"]


def test_the_ranking_costs_a_fixed_number_of_statements(
    cast: Cast, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    for number in range(1, 4):
        waiting(cast, number)
    actor = cast.actor(Post.PROCESSOR)
    with django_assert_max_num_queries(16):  # type: ignore[attr-defined]
        queries.ranking(actor, rules.Criteria(), this_year=YEAR)
