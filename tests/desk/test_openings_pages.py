"""Who looked at a record: shown to the supervisor and the auditor, and to nobody else."""

from collections.abc import Callable

from django.test import Client

from anjuan.core.terms import Post, State
from tests import builders
from tests.cast import Cast


def looked(cast: Cast, urn: str) -> int:
    """A reviewer opens the first page of an item. Returns its component."""
    component = builders.components_of(urn)[0].pk
    assert cast.client(Post.REVIEWER).get(f"/pages/{component}/1/view.jpg?purpose=review").status_code == 200
    return component


def test_the_supervisor_and_the_auditor_see_who_looked_and_for_what(cast: Cast) -> None:
    urn = builders.submitted(cast)
    component = looked(cast, urn)

    for post in (Post.SUPERVISOR, Post.AUDITOR):
        page = cast.client(post).get(f"/openings/{urn}/").content.decode()
        assert cast.actor(Post.REVIEWER).name in page and "审核" in page

    (line,) = cast.program(cast.actor(Post.AUDITOR).staff_code).get(f"/api/v1/openings/{urn}").json()
    assert (line["staff_code"], line["purpose"], line["pages"]) == (
        cast.actor(Post.REVIEWER).staff_code,
        "review",
        [[component, 1]],
    )


def test_a_volume_shows_who_looked_at_its_items(cast: Cast) -> None:
    walk = builders.at_state(cast, State.FILED)
    looked(cast, walk.item_urn)

    page = cast.client(Post.SUPERVISOR).get(f"/openings/{walk.volume_urn}/").content.decode()

    assert cast.actor(Post.REVIEWER).name in page


def test_who_looked_is_linked_for_those_who_may_see_it(cast: Cast) -> None:
    urn = builders.submitted(cast)

    assert f"/openings/{urn}/" in cast.client(Post.SUPERVISOR).get(f"/item/{urn}/").content.decode()
    assert f"/openings/{urn}/" not in cast.client(Post.HANDLER).get(f"/item/{urn}/").content.decode()
    assert "还没有人" in cast.client(Post.SUPERVISOR).get(f"/openings/{urn}/").content.decode()


def test_others_may_not_strangers_see_nothing_and_nobody_unknown(
    cast: Cast, outsider: Callable[[Post], Client], client: Client
) -> None:
    urn = builders.submitted(cast)
    walk = builders.at_state(cast, State.FILED, "SL-2")

    stranger = outsider(Post.SUPERVISOR)

    for unit in (urn, walk.volume_urn):
        assert cast.client(Post.HANDLER).get(f"/openings/{unit}/").status_code == 403
        assert cast.program("bh01").get(f"/api/v1/openings/{unit}").status_code == 403
        assert cast.client(Post.SYSTEM_ADMIN).get(f"/openings/{unit}/").status_code == 404
        assert stranger.get(f"/openings/{unit}/").status_code == 404
        assert client.get(f"/openings/{unit}/").status_code == 302
        assert client.get(f"/api/v1/openings/{unit}").status_code == 401
    assert cast.client(Post.AUDITOR).get("/openings/urn:uuid:none/").status_code == 404
