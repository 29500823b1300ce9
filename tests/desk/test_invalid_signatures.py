"""Invalid signatures: registered where they are found, both sides told, explained, replaced or accepted on record."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from anjuan.config import followers
from anjuan.core.assurance import Outcome, Stage
from anjuan.core.terms import Post, Route, State
from anjuan.demo import office
from anjuan.desks.intake import actions as intake
from anjuan.desks.review import actions as review
from anjuan.facilities.assurance import actions as assurance
from anjuan.facilities.assurance import queries as assurance_queries
from anjuan.facilities.assurance import tasks
from anjuan.facilities.assurance.actions import signatures as actions
from anjuan.facilities.assurance.models import SignatureCheck, SignatureFault
from anjuan.facilities.assurance.queries import findings
from anjuan.facilities.assurance.queries import signatures as queries
from anjuan.facilities.formats.models import FormCheck
from anjuan.facilities.notices import queries as notices
from anjuan.facilities.notices.queries import Shown
from anjuan.foundation.journal import actions as journal
from anjuan.records import queries as records
from tests import builders
from tests import seal_builders as made
from tests.builders import electronic, one_line, refused, register, upload
from tests.cast import Cast
from tests.desk import batch_stage

pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")
PAGE = "Doc_0/Pages/Page_0/Content.xml"


@pytest.fixture(autouse=True)
def trust(tmp_path: Path, settings: Settings) -> None:
    settings.ANJUAN_SEAL_ROOTS = str(tmp_path / "roots.pem")
    (tmp_path / "roots.pem").write_text(made.root().pem)


def tampered() -> bytes:
    parts = made.parts_of(made.sealed_ofd())
    parts[PAGE] = parts[PAGE].replace("核定表 1".encode(), "核定表 8".encode())
    return made.packed(parts)


def taken_in(cast: Cast, octets: bytes | None = None, acceptance_no: str = "SL-001") -> str:
    """An item at the counter whose main form is an OFD."""
    urn = register(cast, acceptance_no, paper_pages=2)
    form = upload("MAIN_FORM", octets=tampered() if octets is None else octets, name="核定表.ofd")
    intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=[form, upload("ID_CARD")])
    return urn


def only() -> SignatureFault:
    return SignatureFault.objects.get()


def told(cast: Cast, *, archive: bool) -> list[str]:
    actor = cast.rule_keeper().actor if archive else cast.actor(Post.HANDLER)
    rows = notices.list_for(actor, Shown.OPEN, today=cast.today())
    return [row.kind.value for row in rows if row.kind.value.startswith("SIGNATURE")]


@pytest.mark.acceptance("S4-F4", "S1-C5", "S4-C2")
def test_an_invalid_seal_is_captured_as_it_is_registered_and_both_sides_are_told(cast: Cast) -> None:
    urn = register(cast, paper_pages=2)
    form = upload("MAIN_FORM", octets=tampered(), name="核定表.ofd")
    with one_line("intake.capture"):
        intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=[form, upload("ID_CARD")])

    row = only()
    assert (row.item_urn, row.file_name, row.number, row.state) == (urn, "核定表.ofd", 1, "OPEN")
    assert (row.signer, row.step, row.found_by) == ("市社保中心", "CAPTURE", cast.actor(Post.HANDLER).staff_code)
    assert "签后内容被改动" in row.said_zh and PAGE in row.said_zh and "has changed" in row.said_en
    assert len(records.components_of([urn])[urn]) == 2  # kept as it came
    assert told(cast, archive=False) == ["SIGNATURE_INVALID"]
    assert told(cast, archive=True) == ["SIGNATURE_TO_JUDGE"]


def test_a_good_seal_and_one_of_an_unknown_signer_are_not_registered(cast: Cast, settings: Settings) -> None:
    taken_in(cast, made.sealed_ofd())
    settings.ANJUAN_SEAL_ROOTS = ""
    taken_in(cast, made.sealed_ofd(pages=2), "SL-002")

    assert not SignatureFault.objects.exists()
    kept = queries.kept_of(SignatureCheck.objects.values_list("sha512", flat=True))
    assert sorted(one.outcome for found in kept.values() for one in found) == [Outcome.PASS, Outcome.UNSURE]


@pytest.mark.acceptance("S4-F4")
def test_the_main_form_of_a_single_set_is_refused_with_an_invalid_signature_and_nothing_else_is(cast: Cast) -> None:
    urn = register(cast, "WS-009", paper_pages=2, route=Route.SINGLE_SET)
    form = upload("MAIN_FORM", octets=tampered(), name="登记表.ofd")

    with refused("Z-020"):
        intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=[form])
    assert not SignatureFault.objects.exists()
    card = upload("ID_CARD", octets=tampered(), name="证件.ofd")
    intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=[card])
    assert only().file_name == "证件.ofd"


@pytest.mark.acceptance("S4-F4")
def test_the_agency_explains_and_the_archive_accepts_each_on_record(cast: Cast) -> None:
    taken_in(cast)
    pk = only().pk

    with refused("Z-021"):
        actions.explain_signature(occasion=cast.occasion(Post.HANDLER), pk=pk, words=" ")
    with one_line("assurance.explain_signature"):
        actions.explain_signature(occasion=cast.occasion(Post.HANDLER), pk=pk, words="签章后\n系统又存了一次")
    row = only()
    assert (row.state, row.explanation, row.explained_by) == (
        "EXPLAINED",
        "签章后 系统又存了一次",
        cast.actor(Post.HANDLER).staff_code,
    )
    with refused("Z-022"):
        actions.explain_signature(occasion=cast.occasion(Post.HANDLER), pk=pk, words="再说一次")
    followers.run_once()
    assert told(cast, archive=False) == [] and told(cast, archive=True) == ["SIGNATURE_TO_JUDGE"]

    with refused("A-001"):
        actions.accept_signature(occasion=cast.occasion(Post.HANDLER), pk=pk, words="算了")
    with one_line("assurance.accept_signature"):
        actions.accept_signature(occasion=cast.rule_keeper(), pk=pk, words="内容经核对与业务系统一致")
    followers.run_once()
    assert (only().state, only().closing) == ("ACCEPTED", "内容经核对与业务系统一致")
    assert told(cast, archive=True) == []
    with refused("Z-022"):
        actions.accept_signature(occasion=cast.rule_keeper(), pk=pk, words="再认一次")


@pytest.mark.acceptance("S4-F4")
def test_a_file_is_noted_as_replaced_only_when_it_was(cast: Cast) -> None:
    urn = taken_in(cast)
    pk = only().pk

    with refused("Z-023"):
        actions.note_replacement(occasion=cast.occasion(Post.HANDLER), pk=pk, words="已重签")
    component = builders.components_of(urn)[0]
    good = upload("MAIN_FORM", octets=made.sealed_ofd(), name="核定表.ofd")
    intake.replace_page(occasion=cast.occasion(Post.HANDLER), component_pk=component.pk, upload=good)
    with one_line("assurance.note_replacement"):
        actions.note_replacement(occasion=cast.occasion(Post.HANDLER), pk=pk, words="已重签")
    assert only().state == "REPLACED"
    followers.run_once()
    assert told(cast, archive=False) == told(cast, archive=True) == []
    with refused("Z-022"):
        actions.explain_signature(occasion=cast.occasion(Post.HANDLER), pk=pk, words="晚了")


def test_the_same_signature_is_registered_once_whatever_finds_it_again(cast: Cast) -> None:
    walk = held(cast)
    assert SignatureFault.objects.count() == 1

    assurance.examine_volume(occasion=cast.rule_keeper(), volume_urn=walk.volume_urn)
    SignatureCheck.objects.all().delete()
    for key in tasks.LOOK_AT_PAGED.after({}, "", 10):
        tasks.LOOK_AT_PAGED.do(key)

    assert SignatureFault.objects.count() == 1
    assert SignatureCheck.objects.count() == 1


def held(cast: Cast) -> builders.Walked:
    """A held volume with a file whose seal is invalid: the checker has judged that the record is to be kept."""
    urn = taken_in(cast)
    intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)
    review.pass_item(occasion=builders.look_through(cast, Post.REVIEWER, urn), urn=urn)
    walk = builders.Walked((urn,), builders.filed(cast, urn))
    for state in builders.WAY:
        builders.step_to(cast, state, walk)
        if state is State.FILED:
            assurance.answer_finding(
                occasion=cast.occasion(Post.CHECKER),
                volume_urn=walk.volume_urn,
                place=("S12", urn, builders.components_of(urn)[0].pk, 0),
                verdict=findings.Verdict.DISMISSED,
            )
    return walk


@pytest.mark.acceptance("S4-F4", "S4-C2")
def test_the_tests_in_storage_register_what_nobody_had_looked_at(cast: Cast) -> None:
    walk = held(cast)
    SignatureFault.objects.all().delete()

    with one_line("assurance.examine_volume"):
        (report, *_) = assurance.examine_volume(occasion=cast.rule_keeper(), volume_urn=walk.volume_urn)

    assert report.outcome("A2") is Outcome.FAIL
    assert (only().step, only().found_by) == ("STORAGE", cast.rule_keeper().actor.staff_code)


def test_a_round_looks_at_what_was_captured_before_and_again_when_the_house_trusts_others(
    cast: Cast, settings: Settings
) -> None:
    taken_in(cast)
    SignatureFault.objects.all().delete()
    SignatureCheck.objects.all().delete()
    (key,) = tasks.LOOK_AT_PAGED.after({}, "", 10)
    assert tasks.LOOK_AT_PAGED.count({}) == 1 and "核定表.ofd" in tasks.LOOK_AT_PAGED.name(key).reference

    with one_line("assurance.find_invalid"):
        tasks.LOOK_AT_PAGED.do(key)

    assert (only().step, only().found_by) == ("ROUND", "WORKER")
    assert FormCheck.objects.count() == 1 and tasks.LOOK_AT_PAGED.count({}) == 0
    settings.ANJUAN_SEAL_ROOTS = ""
    assert tasks.LOOK_AT_PAGED.count({}) == 1
    assert assurance.keep_looked_at(occasion=cast.occasion(Post.ARCHIVIST))
    assert not assurance.keep_looked_at(occasion=cast.occasion(Post.ARCHIVIST))  # one is under way


@pytest.mark.acceptance("S4-C2")
def test_the_judge_is_shown_a_bad_seal_once_and_a_good_file_raises_no_alarm(cast: Cast) -> None:
    walk = held(cast)
    for key in tasks.LOOK_AT_PAGED.after({}, "", 10):
        tasks.LOOK_AT_PAGED.do(key)

    found = [row.finding for row in findings.found_in([walk.volume_urn])[walk.volume_urn]]
    mine = [one for one in found if one.code in ("S12", "L07", "L09")]
    assert [(one.code, one.outcome) for one in mine] == [("S12", Outcome.FAIL)]
    assert "核定表.ofd" in mine[0].zh and "GB/T 38540-2020" in mine[0].zh and "市社保中心" in mine[0].zh


def test_a_single_set_signed_by_the_house_passes_and_its_report_says_so(cast: Cast) -> None:
    urn = electronic(cast)
    builders.completed(cast)
    intake.close(occasion=cast.occasion(Post.HANDLER), urn=urn)

    results = {one.code: one.outcome for one in assurance_queries.latest_of([urn], Stage.FILING)[urn].results}
    assert results["A2"] is Outcome.PASS and not SignatureFault.objects.exists()


def test_of_two_deeds_that_find_the_same_only_the_first_enters_it(cast: Cast) -> None:
    urn = taken_in(cast)
    row = only()
    found = queries.kept_of([row.sha512])[row.sha512]
    file = queries.SignedFile(urn, row.reference, row.agency_path, row.sha512, row.file_name, found)
    actions.keep_checks(checked=[file, file])
    assert SignatureCheck.objects.count() == 1

    with journal.writing(occasion=cast.occasion(Post.HANDLER), act="intake.capture", unit=urn) as line:
        assert actions.enter_faults(line=line, checked=[file, file], step=queries.FoundStep.CAPTURE) == 0
    assert actions.find_invalid(occasion=cast.occasion(Post.ARCHIVIST), file=file) == 0
    SignatureFault.objects.all().delete()
    assert actions.find_invalid(occasion=cast.occasion(Post.ARCHIVIST), file=file) == 1


PATHS = ("explain/", "replaced/", "accept/")


def test_the_page_lists_what_is_open_and_closed_and_the_table_says_the_same(cast: Cast) -> None:
    taken_in(cast)
    pk, client = only().pk, cast.client(Post.HANDLER)

    page = client.get("/assurance/signatures/").content.decode()
    assert "核定表.ofd" in page and "签后内容被改动" in page and ">说明<" in page
    assert "认可留存" not in page  # not the handler's
    answer = client.post(f"/assurance/signatures/{pk}/explain/", {"words": "又存了一次"})
    assert answer.status_code == 302
    assert client.post(f"/assurance/signatures/{pk}/replaced/", {"words": "换了"}).status_code == 409
    keeper = cast.client_of(office.RULE_KEEPER)
    assert "认可留存" in keeper.get("/assurance/signatures/").content.decode()
    assert keeper.post(f"/assurance/signatures/{pk}/accept/", {"words": "=已核对"}).status_code == 302
    assert "核定表.ofd" not in client.get("/assurance/signatures/").content.decode()
    assert "=已核对" in client.get("/assurance/signatures/closed/").content.decode()

    sheet = client.get("/assurance/signatures/register.csv").content.decode("utf-8-sig")
    heads, row = csv.reader(io.StringIO(sheet))
    assert len(heads) == len(row) and "'=已核对" in row and "又存了一次" in row


def test_who_may_not_settle_and_who_may_not_even_see(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    urn = taken_in(cast)
    pk = only().pk

    def posted(client: Client) -> list[int]:
        return [client.post(f"/assurance/signatures/{pk}/{path}", {"words": "x"}).status_code for path in PATHS]

    assert posted(cast.client(Post.SYSTEM_ADMIN)) == [404, 404, 404]
    assert posted(outsider(Post.HANDLER)) == [404, 404, 404]
    assert posted(cast.client(Post.ACCEPTOR))[:2] == [403, 403]
    assert cast.client(Post.HANDLER).post(f"/assurance/signatures/{pk}/accept/", {"words": "x"}).status_code == 403
    for path in ("", "closed/", "register.csv"):
        assert cast.client(Post.SYSTEM_ADMIN).get(f"/assurance/signatures/{path}").status_code == 403
        assert "核定表" not in outsider_page(cast, path)
        assert Client().get(f"/assurance/signatures/{path}").status_code == 302
    assert cast.client(Post.SYSTEM_ADMIN).get(f"/assurance/signatures/records/{urn}/").status_code == 404
    assert only().state == "OPEN"


def outsider_page(cast: Cast, path: str) -> str:
    return cast.client_of("hx-handler").get(f"/assurance/signatures/{path}").content.decode()


def test_a_records_page_tells_what_its_signatures_are_worth(cast: Cast) -> None:
    urn = taken_in(cast)
    plain = builders.captured(cast, "SL-007")
    client = cast.client(Post.HANDLER)

    page = client.get(f"/assurance/signatures/records/{urn}/").content.decode()
    assert "核定表.ofd" in page and "无效" in page and "市社会保险中心业务专用章" in page
    piece = client.get(f"/assurance/signatures/records/{plain}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in piece and "没有文件带电子签章" in piece


def test_a_page_of_the_register_asks_a_fixed_number_of_questions(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    for number in range(4):
        taken_in(cast, acceptance_no=f"SL-10{number}")
    client = cast.client(Post.HANDLER)
    client.get("/assurance/signatures/")

    with django_assert_max_num_queries(25):
        client.get("/assurance/signatures/")


def test_the_interface_does_what_the_page_does(cast: Cast) -> None:
    taken_in(cast)
    pk, client = only().pk, cast.program(cast.actor(Post.HANDLER).staff_code)
    base = "/api/v1/assurance/signatures"

    (row,) = client.get(base).json()
    assert (row["file_name"], row["state"], row["step"]) == ("核定表.ofd", "OPEN", "CAPTURE")
    said = client.post(f"{base}/{pk}/explain", {"words": "又存了一次"}, content_type="application/json")
    assert said.json()["state"] == "EXPLAINED"
    refusal = client.post(f"{base}/{pk}/replaced", {"words": "换了"}, content_type="application/json")
    assert (refusal.status_code, refusal.json()["code"]) == (409, "Z-023")
    keeper = cast.program(office.RULE_KEEPER)
    closed = keeper.post(f"{base}/{pk}/accept", {"words": "已核对"}, content_type="application/json")
    assert closed.json()["state"] == "ACCEPTED"
    assert client.get(base).json() == [] and len(client.get(f"{base}?closed=true").json()) == 1
    stranger = cast.program(cast.hire("hx-h", Post.HANDLER, cast.found_elsewhere()))
    assert stranger.get(base).json() == []
    answer = stranger.post(f"{base}/{pk}/explain", {"words": "x"}, content_type="application/json")
    assert answer.status_code == 404


def test_a_batch_registers_what_each_of_its_cases_brings_in_one_line(cast: Cast) -> None:
    cases = [batch_stage.case("SL-201", 1), batch_stage.case("SL-202", 2), batch_stage.case("SL-203", 3)]
    files = batch_stage.pages(*cases)
    files |= {"SL-201-MAIN_FORM": tampered(), "SL-202-MAIN_FORM": made.sealed_ofd(), "SL-203-MAIN_FORM": tampered()}
    station = batch_stage.station()

    with one_line("intake.take_in"):
        answers = station.send(cases, files)

    assert len(answers) == 3
    assert set(SignatureFault.objects.values_list("reference", flat=True)) == {"SL-201", "SL-203"}
    assert told(cast, archive=False) == ["SIGNATURE_INVALID"]
