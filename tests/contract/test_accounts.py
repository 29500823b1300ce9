"""People and agencies: who may found, enrol and appoint, what a post covers, how long a token lives."""

import datetime as dt

import pytest
from django.test import RequestFactory

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, AgencyKind, AgencyProfile, Occasion, Post
from anjuan.foundation.accounts import actions, occasions, queries
from anjuan.foundation.accounts.models import Appointment, Staff
from tests.builders import everything, one_line, refused
from tests.cast import Cast


def found_town(occasion: Occasion, code: str = "ZX", profile: AgencyProfile = AgencyProfile.SMALL) -> str:
    return actions.found_agency(
        occasion=occasion, code=code, name="东风镇", kind=AgencyKind.TOWN, profile=profile, parent_code="BH"
    )


def appoint(occasion: Occasion, staff_code: str, post: Post, agency_code: str = "BH") -> None:
    actions.appoint(
        occasion=occasion, staff_code=staff_code, post=post, agency_code=agency_code, since_date=dt.date(2020, 1, 1)
    )


def enrol(occasion: Occasion, staff_code: str = "bh50", password: str = "eight-or-more") -> str:
    return actions.enrol(
        occasion=occasion,
        staff_code=staff_code,
        name="新人",
        agency_code="BH",
        password_hash=actions.hash_password(password),
    )


def test_the_system_administrator_founds_an_agency_beneath_its_parent(cast: Cast) -> None:
    with one_line("accounts.found_agency"):
        path = found_town(cast.occasion(Post.SYSTEM_ADMIN))

    assert path == "/SJ/BH/ZX/"
    assert queries.agency("ZX").path == path
    assert queries.agency_names()["ZX"] == "东风镇"


@pytest.mark.parametrize("code", ["bh", "BH/ZX", "B%", "B_H", "滨海", "", "BH\n", "A" * 13, "ＢＨ"])
def test_an_agency_code_is_capitals_and_digits_since_paths_are_compared_by_it(cast: Cast, code: str) -> None:
    with refused("A-011"):
        found_town(cast.occasion(Post.SYSTEM_ADMIN), code=code)


@pytest.mark.acceptance("STD-8")
@pytest.mark.parametrize("post", sorted(set(Post) - {Post.SYSTEM_ADMIN}))
def test_nobody_else_founds_or_enrols(cast: Cast, post: Post) -> None:
    with refused("A-001"):
        found_town(cast.occasion(post))
    with refused("A-001"):
        enrol(cast.occasion(post))


@pytest.mark.acceptance("STD-8")
@pytest.mark.parametrize("post", sorted(set(Post) - {Post.SECURITY_OFFICER}))
def test_nobody_but_the_security_officer_gives_posts_not_even_the_administrator(cast: Cast, post: Post) -> None:
    with refused("A-001"):
        appoint(cast.occasion(post), "bh01", Post.FILER)


def test_a_code_is_taken_once(cast: Cast) -> None:
    with refused("A-005"):
        found_town(cast.occasion(Post.SYSTEM_ADMIN), code="BH")
    with refused("A-005"):
        enrol(cast.occasion(Post.SYSTEM_ADMIN), staff_code="bh01")


def test_an_enrolled_person_has_no_post_and_a_hashed_password(cast: Cast) -> None:
    with one_line("accounts.enrol"):
        code = enrol(cast.occasion(Post.SYSTEM_ADMIN))

    staff = Staff.objects.get(staff_code=code)
    assert "eight-or-more" not in staff.password
    assert staff.check_password("eight-or-more")
    assert queries.actor_for(code, on=cast.today()).posts == frozenset()


def test_a_short_password_is_refused_and_never_reaches_the_journal(cast: Cast) -> None:
    with refused("A-006"):
        enrol(cast.occasion(Post.SYSTEM_ADMIN), password="seven77")


def test_a_post_covers_its_agency_and_all_beneath_it_and_nothing_beside(cast: Cast) -> None:
    found_town(cast.occasion(Post.SYSTEM_ADMIN))
    cast.found_elsewhere()
    with one_line("accounts.appoint"):
        appoint(cast.occasion(Post.SECURITY_OFFICER), "bh01", Post.FILER)

    actor = queries.actor_for("bh01", on=cast.today())

    assert actor.covers("/SJ/BH/", Post.FILER)
    assert actor.covers("/SJ/BH/ZX/", Post.FILER)
    assert not actor.covers("/SJ/", Post.FILER)
    assert not actor.covers("/SJ/HX/", Post.FILER)
    assert not actor.covers("/SJ/BH/", Post.REVIEWER)
    with pytest.raises(Refusal) as caught:
        queries.permit(actor, "/SJ/HX/", Post.FILER)
    assert caught.value.code == "A-001"


def test_an_agency_whose_code_begins_like_another_is_not_covered_by_it(cast: Cast) -> None:
    actions.found_agency(
        occasion=cast.occasion(Post.SYSTEM_ADMIN),
        code="BHX",
        name="滨海新",
        kind=AgencyKind.CENTRE,
        profile=AgencyProfile.FULL,
        parent_code="SJ",
    )

    actor = cast.actor(Post.HANDLER)

    assert not actor.covers(queries.agency("BHX").path)
    actions.enrol(
        occasion=cast.occasion(Post.SYSTEM_ADMIN),
        staff_code="bhx1",
        name="邻人",
        agency_code="BHX",
        password_hash=actions.hash_password("eight-or-more"),
    )
    seen = Staff.objects.filter(queries.scopes(actor, Post.HANDLER)).values_list("agency__code", flat=True)
    assert set(seen) == {"BH"}


@pytest.mark.acceptance("STD-8")
@pytest.mark.parametrize(
    ("staff_code", "post"),
    [("sj90", Post.AUDITOR), ("sj91", Post.SYSTEM_ADMIN), ("sj92", Post.HANDLER), ("bh01", Post.SECURITY_OFFICER)],
)
def test_the_three_administrators_stay_apart_from_one_another_and_from_business(
    cast: Cast, staff_code: str, post: Post
) -> None:
    with refused("A-002"):
        appoint(cast.occasion(Post.SECURITY_OFFICER), staff_code, post)


def test_a_small_agency_borrows_its_reviewer_and_its_administrators(cast: Cast) -> None:
    found_town(cast.occasion(Post.SYSTEM_ADMIN))
    enrol(cast.occasion(Post.SYSTEM_ADMIN))

    for post in (Post.REVIEWER, Post.SYSTEM_ADMIN, Post.AUDITOR):
        with refused("A-003"):
            appoint(cast.occasion(Post.SECURITY_OFFICER), "bh50", post, "ZX")

    appoint(cast.occasion(Post.SECURITY_OFFICER), "bh50", Post.HANDLER, "ZX")
    assert queries.actor_for("bh50", on=cast.today()).posts == {Post.HANDLER}


def test_a_post_counts_from_its_first_day_to_its_last(cast: Cast) -> None:
    Appointment.objects.filter(staff__staff_code="bh01").update(
        since_date=dt.date(2026, 1, 10), until_date=dt.date(2026, 1, 20)
    )

    held = {day: bool(queries.actor_for("bh01", on=dt.date(2026, 1, day)).posts) for day in (9, 10, 20, 21)}

    assert held == {9: False, 10: True, 20: True, 21: False}


def test_who_is_not_here_does_not_act(cast: Cast) -> None:
    with pytest.raises(Refusal) as unknown:
        queries.actor_for("nobody", on=cast.today())
    Staff.objects.filter(staff_code="bh01").update(is_active=False)
    with pytest.raises(Refusal) as gone:
        cast.actor(Post.HANDLER)

    assert (unknown.value.code, gone.value.code) == ("A-004", "A-004")


def test_a_token_stands_for_its_holder_for_twelve_hours_and_only_its_digest_is_kept(cast: Cast) -> None:
    with one_line("accounts.issue_token"):
        occasion = cast.occasion(Post.HANDLER)
        token = actions.issue_token(occasion=occasion, terminal="api")

    last = token.expires_at - dt.timedelta(seconds=1)
    assert token.expires_at - occasion.at == dt.timedelta(hours=12)
    assert queries.staff_by_token(token.text, at=last) == "bh01"
    assert queries.staff_by_token(token.text, at=token.expires_at) is None
    assert queries.staff_by_token(token.text[:-1] + "x", at=last) is None
    assert token.text not in str(everything())


def test_a_token_dies_with_the_account(cast: Cast) -> None:
    token = actions.issue_token(occasion=cast.occasion(Post.HANDLER), terminal="api")
    Staff.objects.filter(staff_code="bh01").update(is_active=False)

    assert queries.staff_by_token(token.text, at=cast.clock.at) is None


def test_log_ins_good_and_bad_stand_in_the_journal(cast: Cast) -> None:
    with one_line("accounts.log_in"):
        actions.log_in(occasion=cast.occasion(Post.HANDLER), terminal="192.0.2.1")
    with one_line("accounts.refuse_log_in"):
        actions.refuse_log_in(occasion=cast.clock.occasion(actions.FOUNDER), staff_code="x" * 90, terminal="192.0.2.1")


def test_without_anybody_logged_in_there_is_no_occasion() -> None:
    with pytest.raises(Refusal) as caught:
        occasions.of(RequestFactory().get("/"))

    assert caught.value.code == "A-007"


def test_an_edge_makes_fresh_identifiers_of_this_moment() -> None:
    occasion = occasions.now(Actor("x", "x", "BH", "/SJ/BH/"))

    assert occasion.at.tzinfo is not None
    assert occasion.fresh(16) != occasion.fresh(16)
    assert occasion.urn() != occasion.urn()


def test_identifiers_are_time_ordered_uuids_of_version_seven(cast: Cast) -> None:
    made = [cast.occasion(Post.HANDLER).urn() for _ in range(20)]

    assert made == sorted(made)
    assert {urn[9:].split("-")[2][0] for urn in made} == {"7"}
    assert {urn[9:].split("-")[3][0] for urn in made} <= set("89ab")


def test_a_fresh_archive_is_empty_and_this_one_is_not(cast: Cast) -> None:
    assert not queries.is_empty()
    assert queries.staff_names({"bh01", "gone"}) == {"bh01": "林晓"}
    with pytest.raises(Refusal) as caught:
        queries.agency("QQ")
    assert caught.value.code == "R-009"
