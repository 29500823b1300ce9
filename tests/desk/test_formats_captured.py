"""Every format through the counter: captured by HTTP, paged, flagged at the counter and in review, saved as bytes."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from anjuan.core.refusals import Finding, Severity
from anjuan.core.terms import Post
from anjuan.facilities.formats import actions, queries
from anjuan.facilities.formats import actions as formats
from anjuan.foundation.journal.models import PrivateValue
from anjuan.records import queries as records
from anjuan.records.models import Look
from anjuan.records.rows import ComponentRow
from tests import builders
from tests.cast import Cast
from tests.desk import counter_stage as stage
from tests.unit.format_builders import encoded, jpeg, ofd, pdf, picture, tiff, zipped

# Collected static files are the installation's; tests serve them from the rooms.
pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")


def capture(cast: Cast, urn: str, octets: bytes, name: str, material: str = "MAIN_FORM") -> Any:
    sent = {"material": material, "files": SimpleUploadedFile(name, octets)}
    return cast.client(Post.HANDLER).post(f"/intake/{urn}/capture/", sent)


def first(urn: str) -> ComponentRow:
    return records.components_of([urn])[urn][0]


@pytest.mark.parametrize(
    ("octets", "name", "format_id", "pages", "badge"),
    [
        (tiff(3, "1", compression="group4"), "扫描.tif", "fmt/353", 3, ""),
        (ofd(2), "表.ofd", "anjuan/ofd", 2, "仅显示文字层"),
        ("一行\n".encode("gb18030") * 70, "说明.txt", "x-fmt/111", 2, "按 GB18030 编码读取"),
        (b"\x00\x01\x02\x03", "旧系统.dat", "anjuan/unknown", 1, "格式不明"),
        (zipped("word/document.xml"), "通知.docx", "fmt/412", 1, "非长期保存格式"),
        (encoded(picture(), "GIF"), "图.gif", "fmt/3", 1, "GIF 不是长期保存格式"),
    ],
    ids=["tiff", "ofd", "text", "unknown", "docx", "gif"],
)
def test_each_format_is_captured_paged_and_flagged_at_both_desks(
    cast: Cast, octets: bytes, name: str, format_id: str, pages: int, badge: str
) -> None:
    urn = stage.registered(cast, paper_pages=pages + 1)

    assert capture(cast, urn, octets, name).status_code == 302
    assert capture(cast, urn, builders.jpeg(5), "身份证.jpg", "ID_CARD").status_code == 302
    row = first(urn)
    counter = cast.client(Post.HANDLER).get(f"/intake/{urn}/").content.decode()
    assert cast.client(Post.HANDLER).post(f"/intake/{urn}/submit/").status_code == 302
    review = cast.client(Post.REVIEWER).get(f"/review/{urn}/").content.decode()

    assert (row.format_id, row.page_count, row.original_name) == (format_id, pages, name)
    assert badge in counter and badge in review
    assert ("采集时的格式标记" in review) == bool(badge) == ('id="flags"' in counter)
    assert len(re.findall(r'data-number="\d{3}"', review)) == pages + 1
    for page in range(1, pages + 1):
        for kind in ("thumb.jpg", "view.jpg", "page.dzi"):
            assert cast.client(Post.REVIEWER).get(f"/pages/{row.pk}/{page}/{kind}").status_code == 200
    assert cast.client(Post.REVIEWER).get(f"/pages/{row.pk}/{pages + 1}/view.jpg").status_code == 404


def test_a_tiff_of_twelve_pages_is_judged_page_by_page_like_twelve_images(cast: Cast) -> None:
    urn = stage.registered(cast, paper_pages=13)
    capture(cast, urn, tiff(12, "1", compression="group4"), "十二页.tif")
    capture(cast, urn, builders.jpeg(6), "身份证.jpg", "ID_CARD")
    assert cast.client(Post.HANDLER).post(f"/intake/{urn}/submit/").status_code == 302
    reviewer, row = cast.client(Post.REVIEWER), first(urn)

    counter = cast.client(Post.HANDLER).get(f"/intake/{urn}/?page=12").content.decode()
    assert f"/pages/{row.pk}/12/view.jpg" in counter and "012 · 12 / 13" in counter
    for page in range(1, 13):
        assert f"/pages/{row.pk}/{page}/view.jpg" in reviewer.get(f"/review/{urn}/?page={page}").content.decode()
        reviewer.get(f"/pages/{row.pk}/{page}/page.dzi")
    reviewer.get(f"/pages/{records.components_of([urn])[urn][1].pk}/1/page.dzi")

    assert Look.objects.filter(component_id=row.pk).count() == 12
    assert reviewer.post(f"/review/{urn}/pass/").status_code == 302


def test_the_background_draws_a_long_tiff_in_chunks(cast: Cast) -> None:
    urn = stage.registered(cast)
    capture(cast, urn, tiff(30, "1", compression="group4"), "三十页.tif")
    row = first(urn)

    actions.draw_pages(urn, row.sha512, 1, 25)
    actions.draw_pages(urn, row.sha512, 26, 50)
    assert all(queries.derivatives_of(row.sha512, page) for page in range(1, 31))


@pytest.mark.parametrize(
    ("octets", "name", "kind"),
    [
        (jpeg(), "a.jpg", "image/jpeg"),
        (pdf(), "a.pdf", "application/pdf"),
        (tiff(), "a.tif", "image/tiff"),
        (ofd(), "a.ofd", "application/octet-stream"),
        (b"alert(1) // text/html", "a.html", "application/octet-stream"),
        (b"\x00\x01", "a.svg", "application/octet-stream"),
        (zipped(), "a.zip", "application/octet-stream"),
    ],
)
def test_an_original_is_always_saved_and_only_pages_have_a_kind(
    cast: Cast, client: Client, octets: bytes, name: str, kind: str
) -> None:
    urn = stage.registered(cast)
    capture(cast, urn, octets, name)
    path = f"/pages/{first(urn).pk}/original"

    answer = cast.client(Post.HANDLER).get(path)

    assert b"".join(answer.streaming_content) == octets  # type: ignore[attr-defined]
    assert answer["Content-Type"] == kind
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert client.get(path).status_code == 302
    assert cast.client(Post.SYSTEM_ADMIN).get(path).status_code == 404


def test_flags_stand_in_the_journal_and_follow_a_rescan(cast: Cast) -> None:
    urn = stage.registered(cast)
    capture(cast, urn, b"\x00\x01", "旧.dat")
    row = first(urn)
    assert any("N-005" in value.value for value in PrivateValue.objects.all())

    client = cast.client(Post.HANDLER)
    sent = {"files": SimpleUploadedFile("新.tif", tiff(1, dpi=None)), "page": "1"}
    assert client.post(f"/intake/page/{row.pk}/replace/", sent).status_code == 302

    page = client.get(f"/intake/{urn}/").content.decode()
    assert "未注明分辨率" in page and "格式不明" not in page
    assert [found.code for found in queries.findings_of([row.sha512])[row.sha512]] == ["N-005"]


def test_an_office_may_refuse_what_is_not_for_preservation(cast: Cast, settings: Settings) -> None:
    settings.ANJUAN_ACCEPT_UNKNOWN = False
    urn = stage.registered(cast)

    assert "M-002" in capture(cast, urn, zipped(), "a.zip").content.decode()
    assert "M-002" in capture(cast, urn, b"\x00\x01", "a.dat").content.decode()
    assert capture(cast, urn, "文字".encode(), "a.txt").status_code == 302
    assert [row.original_name for row in records.components_of([urn])[urn]] == ["a.txt"]


def test_a_file_is_flagged_once_however_often_it_is_captured(cast: Cast) -> None:
    flag = Finding("N-004", Severity.WARNING, "", "The image states no resolution.")
    for _ in range(2):
        formats.flag_files(flagged=[("a" * 128, [flag])])

    found = queries.findings_of(["a" * 128, "b" * 128])

    assert found == {"a" * 128: (queries.FindingRow("N-004", "WARNING"),)}
    assert found["a" * 128][0].name("en") == "no resolution"


def test_a_program_sees_the_flags_too(client: Client, cast: Cast) -> None:
    from anjuan.foundation.accounts import actions as accounts

    urn = stage.registered(cast)
    capture(cast, urn, b"\x00\x01", "旧.dat")
    token = accounts.issue_token(occasion=cast.occasion(Post.HANDLER), terminal="test")

    answer = client.get(f"/api/v1/intake/items/{urn}", headers={"authorization": f"Bearer {token.text}"}).json()

    assert [(one["component_pk"], one["code"]) for one in answer["flags"]] == [(first(urn).pk, "N-005")]
    assert "格式不明" not in answer["flags"][0]["en"] and "无法识别" in answer["flags"][0]["zh"]
