"""The viewer and IIIF over HTTP: who may, who may not, who may not even see; what is given, and what is put down."""

import datetime as dt
import io
import json
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from anjuan.core.reading.pages import VERSION
from anjuan.core.reading.said import as_kept
from anjuan.core.terms import Post
from anjuan.desks.intake import actions as intake
from anjuan.desks.intake.actions import strip
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.reading.models import PageReading
from anjuan.facilities.viewer import actions, queries
from anjuan.foundation.journal import queries as journal
from anjuan.records import queries as records
from anjuan.records.models import Item
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast
from tests.detection.reading import said

AT = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
ORIGIN = "https://viewer.example"


def first_page(urn: str) -> str:
    return f"{records.components_of([urn])[urn][0].pk}-1-0"


def image(name: str, asked: str = "full/max/0/default.jpg") -> str:
    return f"/iiif/3/{name}/{asked}"


def openings() -> list[tuple[int, int]]:
    return [(opening.component, opening.page) for _, opening in journal.openings().after(0, 500)]


def addresses(urn: str, name: str) -> list[str]:
    """Every address at which something of an item is shown."""
    component = name.partition("-")[0]
    return [
        image(name),
        f"/iiif/3/{name}",
        f"/iiif/3/{name}/info.json",
        f"/iiif/presentation/3/{urn}/manifest",
        f"/view/{urn}/",
        f"/view/{urn}/pages.json",
        f"/view/marks/{component}/1/?word=a",
    ]


@pytest.mark.acceptance("S4-W5")
def test_a_clerk_opens_a_record_in_the_viewer_and_another_program_reads_its_manifest(cast: Cast) -> None:
    urn = builders.captured(cast)
    client = cast.client(Post.HANDLER)

    page = client.get(f"/view/{urn}/").content.decode()
    rows = client.get(f"/view/{urn}/pages.json").json()
    manifest = client.get(f"/iiif/presentation/3/{urn}/manifest").json()

    assert f"/iiif/3/{first_page(urn)}/full/" in page and "bh01" in page  # whoever looks stands over the page
    assert len(rows["pages"]) == 2 and rows["parts"][0][0] == urn
    bodies = [canvas["items"][0]["items"][0]["body"] for canvas in manifest["items"]]
    assert [(body["width"], body["height"]) for body in bodies] == [(413, 585)] * 2
    for body in bodies:
        answer = client.get(urllib.parse.urlsplit(body["id"]).path)
        assert Image.open(io.BytesIO(answer.content)).size == (413, 585)
        info = client.get(urllib.parse.urlsplit(body["service"][0]["id"]).path + "/info.json").json()
        assert (info["width"], info["height"], info["profile"]) == (413, 585, "level2")


def test_a_colleague_may_an_outsider_may_not_even_see_and_an_administrator_neither(
    cast: Cast, outsider: Callable[[Post], Client]
) -> None:
    urn = builders.captured(cast)
    name = first_page(urn)

    strangers = (outsider(Post.HANDLER), cast.client(Post.SYSTEM_ADMIN), cast.client(Post.PROCESSOR))

    for address in addresses(urn, name):
        assert cast.client(Post.FILER).get(address).status_code in (200, 303), address
        for stranger in strangers:
            answer = stranger.get(address)
            assert answer.status_code == 404, address
            assert urn not in answer.headers.get("Location", "")
        nobody = Client().get(address)
        assert nobody.status_code in (302, 401), address
    assert Client().get(image(name)).status_code == 401


def test_what_may_not_be_seen_answers_as_what_is_not_there(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    urn = builders.captured(cast)
    stranger = outsider(Post.HANDLER)

    def told(address: str) -> tuple[int, str, str]:
        body = stranger.get(address).json()
        return body["status"], body["code"], body["title"]

    assert told(image(first_page(urn))) == told(image("999999-1-0"))
    there, not_there = f"/iiif/presentation/3/{urn}/manifest", "/iiif/presentation/3/urn:uuid:none/manifest"
    assert told(there) == told(not_there)


def test_what_is_in_the_workshop_is_seen_there_and_only_then(cast: Cast) -> None:
    urn = builders.captured(cast)
    processor = cast.client(Post.PROCESSOR)
    assert processor.get(f"/view/{urn}/").status_code == 404

    Item.objects.filter(urn=urn).update(state="IN_WORKSHOP")

    assert processor.get(f"/view/{urn}/").status_code == 200


def test_whatever_can_be_read_is_put_down_as_an_opening_and_nothing_else(cast: Cast) -> None:
    urn = builders.captured(cast)
    client, name = cast.client(Post.HANDLER), first_page(urn)

    client.get(f"/iiif/3/{name}/info.json")
    client.head(image(name))
    client.get(image(name, "full/,220/0/default.jpg"))
    client.get(image(name, "nonsense"))
    assert openings() == []

    assert client.get(image(name, "0,0,100,100/max/0/default.jpg")).status_code == 200
    assert openings() == [(int(name.partition("-")[0]), 1)]


def test_head_answers_as_get_does_and_shows_nothing(cast: Cast) -> None:
    urn = builders.captured(cast)
    client = cast.client(Post.HANDLER)

    shown, head = client.get(image(first_page(urn))), client.head(image(first_page(urn)))

    assert head.content == b"" and head.status_code == 200
    assert (head["ETag"], head["Link"], head["Content-Type"]) == (shown["ETag"], shown["Link"], shown["Content-Type"])


def test_an_image_says_its_canonical_address_and_is_not_sent_twice(cast: Cast) -> None:
    urn = builders.captured(cast)
    client, name = cast.client(Post.HANDLER), first_page(urn)

    answer = client.get(image(name, "pct:0,0,100,100/413,/0/default.jpg"))
    again = client.get(image(name), headers={"If-None-Match": answer["ETag"]})

    assert f'<http://testserver/iiif/3/{name}/full/max/0/default.jpg>;rel="canonical"' in answer["Link"]
    assert '<http://iiif.io/api/image/3/level2.json>;rel="profile"' in answer["Link"]
    assert (again.status_code, again.content) == (304, b"")
    assert "no-cache" in answer["Cache-Control"] and "private" in answer["Cache-Control"]
    assert {"Origin", "Cookie", "Authorization"} <= {part.strip() for part in answer["Vary"].split(",")}


def test_not_sent_twice_is_said_only_to_who_may_see(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    urn = builders.captured(cast)
    tag = cast.client(Post.HANDLER).get(image(first_page(urn)))["ETag"]

    answer = outsider(Post.HANDLER).get(image(first_page(urn)), headers={"If-None-Match": tag})

    assert answer.status_code == 404


def test_the_base_leads_to_the_description_which_is_json_ld_for_who_asks(cast: Cast) -> None:
    name = first_page(builders.captured(cast))
    client = cast.client(Post.HANDLER)

    base = client.get(f"/iiif/3/{name}")
    plain = client.get(f"/iiif/3/{name}/info.json")
    linked = client.get(f"/iiif/3/{name}/info.json", headers={"Accept": "application/ld+json"})

    assert (base.status_code, base["Location"]) == (303, f"http://testserver/iiif/3/{name}/info.json")
    assert plain["Content-Type"] == "application/json"
    assert linked["Content-Type"].startswith('application/ld+json;profile="http://iiif.io/api/image/3/context.json"')
    assert plain.json() == linked.json() and plain.json()["id"] == f"http://testserver/iiif/3/{name}"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("full/max/0/default.gif", 501),
        ("full/max/0.5/default.jpg", 501),
        ("0,0,10/max/0/default.jpg", 400),
        ("-5,0,10,10/max/0/default.jpg", 400),
        ("full/99999999,99999999/0/default.jpg", 400),
        ("full/^99999999,/0/default.jpg", 400),
        ("pct:NaN,0,1,1/max/0/default.jpg", 400),
        ("%D9%A0,0,10,10/max/0/default.jpg", 400),
        ("full%2Fmax%2F0%2Fdefault.jpg/x", 400),
        ("..%2F..%2Fetc%2Fpasswd/max/0/default.jpg", 400),
        ("full/max/0/default.jpg%00", 400),
    ],
)
def test_a_hostile_request_is_refused_in_json(cast: Cast, asked: str, status: int) -> None:
    name = first_page(builders.captured(cast))

    answer = cast.client(Post.HANDLER).get(image(name, asked))

    assert answer.status_code == status
    if "%00" not in asked:
        assert answer["Content-Type"] == "application/problem+json" and answer.json()["code"].startswith("M-")


@pytest.mark.parametrize("name", ["1-0-0", "0-1-0", "x", "1-1-45", "%2e%2e", "999999999999-1-0", "1-1-0%2finfo.json"])
def test_an_identifier_that_names_nothing_is_not_there(cast: Cast, name: str) -> None:
    builders.captured(cast)

    assert cast.client(Post.HANDLER).get(f"/iiif/3/{name}/full/max/0/default.jpg").status_code in (400, 404)


def test_a_page_behind_the_last_is_not_there(cast: Cast) -> None:
    name = first_page(builders.captured(cast)).replace("-1-", "-2-")

    assert cast.client(Post.HANDLER).get(image(name)).json()["code"] == "M-009"


def test_only_reading_is_answered(cast: Cast) -> None:
    name = first_page(builders.captured(cast))

    for method in ("post", "put", "delete"):
        assert getattr(cast.client(Post.HANDLER), method)(image(name)).status_code in (403, 405)


def test_a_page_that_is_shown_turned_is_turned_in_its_identifier(cast: Cast) -> None:
    urn = builders.captured(cast)
    row = records.components_of([urn])[urn][0]
    fresh = strip.turn_page(occasion=cast.occasion(Post.HANDLER), component_pk=row.pk, page_no=1, degrees=90)
    client = cast.client(Post.HANDLER)

    service = client.get(f"/iiif/presentation/3/{urn}/manifest").json()["items"][0]["items"][0]["items"][0]["body"]

    assert service["service"][0]["id"].endswith(f"/{fresh}-1-90") and (service["width"], service["height"]) == (
        585,
        413,
    )
    shown = client.get(urllib.parse.urlsplit(service["id"]).path)
    assert Image.open(io.BytesIO(shown.content)).size == (585, 413)


def test_named_origins_read_with_who_they_are_and_no_other_origin_does(cast: Cast, settings: Any) -> None:
    settings.ANJUAN_IIIF_ORIGINS = (ORIGIN,)
    urn = builders.captured(cast)
    client = cast.client(Post.HANDLER)

    for address in (image(first_page(urn)), f"/iiif/presentation/3/{urn}/manifest", "/iiif/3/none/info.json"):
        named = client.get(address, headers={"Origin": ORIGIN})
        assert named["Access-Control-Allow-Origin"] == ORIGIN and named["Access-Control-Allow-Credentials"] == "true"
        for other in ("https://else.example", f"{ORIGIN}.else.example", "null", "*"):
            assert "Access-Control-Allow-Origin" not in client.get(address, headers={"Origin": other})
        assert "Access-Control-Allow-Origin" not in client.get(address)


def test_a_preflight_is_answered_to_named_origins_without_a_log_in(cast: Cast, settings: Any) -> None:
    settings.ANJUAN_IIIF_ORIGINS = (ORIGIN,)
    name = first_page(builders.captured(cast))

    named = Client().options(image(name), headers={"Origin": ORIGIN})
    other = Client().options(image(name), headers={"Origin": "https://else.example"})

    assert named.status_code == other.status_code == 204
    assert named["Access-Control-Allow-Origin"] == ORIGIN and "Authorization" in named["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Origin" not in other and not openings()


def test_no_setting_lets_all_origins_in(cast: Cast, settings: Any) -> None:
    settings.ANJUAN_IIIF_ORIGINS = ("*", "null")
    name = first_page(builders.captured(cast))

    for origin in ("https://else.example", "null", "*"):
        answer = cast.client(Post.HANDLER).get(image(name), headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in answer


def test_another_programs_viewer_asks_with_a_token(cast: Cast) -> None:
    urn = builders.captured(cast)
    program = cast.program("bh01")

    assert program.get(image(first_page(urn))).status_code == 200
    assert program.get(f"/iiif/presentation/3/{urn}/manifest").status_code == 200
    assert program.get(f"/api/v1/iiif/items/{urn}/manifest").json()["type"] == "Manifest"
    assert Client(headers={"Authorization": "Bearer nothing"}).get(image(first_page(urn))).status_code == 401
    assert program.get(f"/view/{urn}/").status_code == 302  # pages for people are opened by people


def test_a_manifest_speaks_both_languages_and_hides_numbers(cast: Cast) -> None:
    person = builders.person(3)
    urn = builders.captured(cast, persons=(person,))

    told = cast.client(Post.HANDLER).get(f"/iiif/presentation/3/{urn}/manifest").content.decode()
    manifest = json.loads(told)

    assert person.id_number not in told and person.name in told
    labels = [entry["label"] for entry in manifest["metadata"]]
    assert {"zh-Hans": ["题名"], "en": ["Title"]} in labels
    assert {"zh-Hans", "en"} <= set(manifest["requiredStatement"]["label"])
    assert [len(one["items"]) for one in manifest["structures"]] == [1, 1]
    canvases = {canvas["id"] for canvas in manifest["items"]}
    assert {each["id"] for one in manifest["structures"] for each in one["items"]} == canvases


def test_a_volume_is_a_collection_of_its_items_and_no_manifest(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    walked = builders.sealed(cast, "SL-1", "SL-2")
    client = cast.client(Post.FILER)

    told = client.get(f"/iiif/presentation/3/{walked.volume_urn}/collection").json()

    assert [item["id"].split("/")[-2] for item in told["items"]] == list(walked.item_urns)
    assert client.get(f"/iiif/presentation/3/{walked.volume_urn}/manifest").status_code == 404
    assert client.get(f"/iiif/presentation/3/{walked.item_urns[0]}/collection").status_code == 404
    program = cast.program("bh03")
    assert program.get(f"/api/v1/iiif/volumes/{walked.volume_urn}/collection").json()["type"] == "Collection"
    stranger = outsider(Post.FILER)
    assert stranger.get(f"/iiif/presentation/3/{walked.volume_urn}/collection").status_code == 404
    assert stranger.get(f"/view/{walked.volume_urn}/").status_code == 404


def test_a_volume_is_paged_through_and_items_lead_to_their_neighbours(cast: Cast) -> None:
    walked = builders.sealed(cast, "SL-1", "SL-2", "SL-3")
    client = cast.client(Post.FILER)

    rows = client.get(f"/view/{walked.volume_urn}/pages.json").json()
    middle = client.get(f"/view/{walked.item_urns[1]}/").content.decode()

    assert [row[5] for row in rows["pages"]] == [0, 0, 1, 1, 2, 2]
    assert f'href="/view/{walked.item_urns[0]}/" rel="prev"' in middle
    assert f'href="/view/{walked.item_urns[2]}/" rel="next"' in middle


def test_the_number_of_queries_does_not_depend_on_the_pages(cast: Cast, django_assert_num_queries: Any) -> None:
    few, many = builders.captured(cast, "SL-1"), builders.captured(cast, "SL-2", materials=["MAIN_FORM"] * 6)
    actor = cast.actor(Post.HANDLER)

    for urn in (few, many):
        with django_assert_num_queries(6):
            queries.viewed(actor, urn)


def test_another_record_is_laid_beside_by_its_number_if_he_may_see_it(
    cast: Cast, outsider: Callable[[Post], Client]
) -> None:
    urn, other = builders.captured(cast, "SL-1"), builders.captured(cast, "SL-2")
    client = cast.client(Post.HANDLER)

    for name in ("SL-2", other, " SL-2 "):
        page = client.get(f"/view/{urn}/", {"beside": name}).content.decode()
        assert f'data-beside="/view/{other}/pages.json"' in page
    unknown = client.get(f"/view/{urn}/", {"beside": "SL-9"}).content.decode()
    assert "R-009" in unknown and "data-beside=" not in unknown
    with refused("R-009"):
        queries.record_named(cast.actor(Post.SYSTEM_ADMIN), "SL-2")


@pytest.mark.parametrize("asked", ["0", "-3", "x", "９", "99999999999999999999", "1e3", "%00"[:0]])
def test_a_page_number_out_of_range_opens_a_page_all_the_same(cast: Cast, asked: str) -> None:
    urn = builders.captured(cast)

    assert cast.client(Post.HANDLER).get(f"/view/{urn}/", {"page": asked}).status_code == 200


def read(urn: str, *, turn: int = 0) -> int:
    row = records.components_of([urn])[urn][0]
    lines = [["基本养老", [0.2, 0.1, 0.4, 0.02], 0.99, []], ["保险待遇核定表", [0.1, 0.2, 0.7, 0.02], 0.9, []]]
    told = {**as_kept(said(version=VERSION)), "turn": turn}
    PageReading.objects.create(
        sha512=row.sha512, page_no=1, version=VERSION, model="none", lines=lines, said=told, read_at=AT
    )
    return row.pk


def test_words_are_marked_where_they_stand_and_over_the_end_of_a_line(cast: Cast) -> None:
    component = read(builders.captured(cast))
    client = cast.client(Post.HANDLER)

    found = client.get(f"/view/marks/{component}/1/", {"word": ["养老", "养老保险", "没有"]}).json()["boxes"]

    assert found[0] == [0.4, 0.1, 0.2, 0.02]  # the second half of the first line
    assert found[1:] == [[0.4, 0.1, 0.2, 0.02], [0.1, 0.2, 0.2, 0.02]]
    assert openings() == [(component, 1)]  # where words stand tells that they stand there


def test_marks_of_a_page_that_was_not_read_are_none(cast: Cast) -> None:
    name = first_page(builders.captured(cast))
    component = name.partition("-")[0]

    assert cast.client(Post.HANDLER).get(f"/view/marks/{component}/1/?word=a").json() == {"boxes": []}
    assert cast.client(Post.HANDLER).get(f"/view/marks/{component}/9/?word=a").status_code == 404
    program = cast.program("bh01")
    assert program.get(f"/api/v1/components/{component}/pages/1/marks?word=a").json() == {"boxes": []}


def test_a_printed_page_bears_who_and_what_for_and_the_journal_says_the_same(cast: Cast) -> None:
    urn = builders.sealed(cast, "SL-1").item_urns[0]
    component = records.components_of([urn])[urn][0].pk

    with one_line("viewer.print_page"):
        copy = actions.print_page(
            occasion=cast.occasion(Post.ARCHIVIST), component=component, page=1, reason="法院调取"
        )

    assert copy.startswith(b"%PDF")
    (line,) = [line for line in journal.story_of(urn) if line.act == "viewer.print_page"]
    assert line.staff_code == "bh05"


def test_printing_is_refused_to_other_posts_without_a_reason_and_for_what_is_not_there(
    cast: Cast, outsider: Callable[[Post], Client]
) -> None:
    urn = builders.sealed(cast, "SL-1").item_urns[0]
    component = records.components_of([urn])[urn][0].pk

    for post, page, reason, code in (
        (Post.HANDLER, 1, "用", "A-001"),
        (Post.ARCHIVIST, 1, "  ", "R-010"),
        (Post.ARCHIVIST, 2, "用", "M-009"),
        (Post.SYSTEM_ADMIN, 1, "用", "R-009"),
    ):
        with refused(code):
            actions.print_page(occasion=cast.occasion(post), component=component, page=page, reason=reason)
    stranger = outsider(Post.ARCHIVIST)
    assert stranger.post(f"/view/print/{component}/1/", {"reason": "用"}).status_code == 404
    assert cast.client(Post.HANDLER).post(f"/view/print/{component}/1/", {"reason": "用"}).status_code == 403
    assert cast.client(Post.ARCHIVIST).get(f"/view/print/{component}/1/").status_code == 405


def test_a_page_is_printed_from_the_screen_and_by_a_program(cast: Cast) -> None:
    urn = builders.sealed(cast, "SL-1").item_urns[0]
    component = records.components_of([urn])[urn][0].pk
    client = cast.client(Post.ARCHIVIST)

    assert f'action="/view/print/{component}/1/"' in client.get(f"/view/{urn}/").content.decode()
    assert "/view/print/" not in cast.client(Post.FILER).get(f"/view/{urn}/").content.decode().split("data-thumbs")[1]
    page = client.post(f"/view/print/{component}/1/", {"reason": "法院调取"})
    by_program = cast.program("bh05").post(
        f"/api/v1/components/{component}/pages/1/print", {"reason": "法院调取"}, content_type="application/json"
    )

    for answer in (page, by_program):
        assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
    assert page["Cache-Control"] == "no-store"


def test_who_prints_is_a_setting(cast: Cast, settings: Any) -> None:
    urn = builders.sealed(cast, "SL-1").item_urns[0]
    component = records.components_of([urn])[urn][0].pk
    settings.ANJUAN_PRINT_POSTS = ("READING_DESK",)

    with refused("A-001"):
        actions.print_page(occasion=cast.occasion(Post.ARCHIVIST), component=component, page=1, reason="用")


def test_a_pdf_is_paged_as_images(cast: Cast) -> None:
    pages = [Image.new("L", (827, 1169), shade) for shade in (255, 200)]
    octets = io.BytesIO()
    pages[0].save(octets, "PDF", save_all=True, append_images=pages[1:], resolution=100)
    urn = builders.register(cast, paper_pages=2)
    upload = builders.upload("MAIN_FORM", octets=octets.getvalue(), name="申请.pdf")
    intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=[upload])
    client = cast.client(Post.HANDLER)

    manifest = client.get(f"/iiif/presentation/3/{urn}/manifest").json()

    assert len(manifest["items"]) == 2
    for canvas in manifest["items"]:
        body = canvas["items"][0]["items"][0]["body"]
        shown = client.get(urllib.parse.urlsplit(body["id"]).path)
        assert Image.open(io.BytesIO(shown.content)).size == (canvas["width"], canvas["height"])


@pytest.mark.parametrize(("times", "size"), [(1, (413, 585)), (2, (207, 293)), (8, (52, 74))])
def test_a_page_is_decoded_from_its_verified_bytes_as_small_as_is_asked(
    cast: Cast, times: int, size: tuple[int, int]
) -> None:
    row = records.components_of([urn := builders.captured(cast)])[urn][0]

    assert formats.decode_page(urn=urn, sha512=row.sha512, page=1, times=times).size == size
    with refused("M-009"):
        formats.decode_page(urn=urn, sha512=row.sha512, page=2, times=times)


def test_a_hit_on_a_page_opens_the_viewer_there_with_its_words(cast: Cast) -> None:
    urn = builders.captured(cast)

    page = cast.client(Post.HANDLER).get(f"/view/{urn}/", {"page": "2", "mark": ["养老", "<b>"]}).content.decode()

    assert 'data-current="2"' in page and 'data-word="养老"' in page
    assert 'data-word="&lt;b&gt;"' in page
