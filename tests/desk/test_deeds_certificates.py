"""The reading desk's deeds: who asks for what, what is attested, and what is not once a byte has changed."""

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post, State
from anjuan.desks.certificates import actions as certificates
from anjuan.desks.certificates import queries
from anjuan.desks.certificates.models import Certificate
from anjuan.desks.certificates.rules import Relation
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.repository.actions import RECORD_NAME
from anjuan.facilities.search import queries as search
from anjuan.facilities.signing import actions as signing
from anjuan.foundation.journal import queries as journal
from anjuan.records import models
from anjuan.records.rules import Person
from tests import builders
from tests.builders import at_state, one_line, reader, refused, requested
from tests.cast import Cast

WHO = builders.person(1, "林晓")


def ask(
    cast: Cast,
    *item_urns: str,
    who: Person = WHO,
    post: Post = Post.READING_DESK,
    asking: certificates.Reader | None = None,
) -> certificates.Requested:
    return certificates.request(
        occasion=cast.occasion(post),
        subject_urn=builders.subject_urn(who.id_number),
        item_urns=item_urns,
        reader=asking or reader(who),
    )


def issue(cast: Cast, certificate_no: str) -> certificates.Issued:
    return certificates.issue(occasion=cast.occasion(Post.READING_DESK), certificate_no=certificate_no)


def held(cast: Cast, *acceptance_nos: str) -> builders.Walked:
    return at_state(cast, State.HELD, *acceptance_nos, persons=(WHO,))


def evidence_of(certificate_no: str) -> str:
    with pikepdf.open(queries.pdf_path(certificate_no)) as pdf:
        octets: bytes = pdf.attachments["evidence.json"].get_file().read_bytes()
    return octets.decode()


# --- asking


@pytest.mark.acceptance("S0-F3", "S0-W9")
def test_a_request_notes_who_asks_in_what_capacity_and_for_what(cast: Cast) -> None:
    walk = held(cast)

    with one_line("certificates.request"):
        receipt = ask(cast, walk.item_urn)

    row = queries.get_for(cast.actor(Post.READING_DESK), receipt.certificate_no)
    told = journal.story_of(row.subject.urn)[-1].values
    assert (row.status, row.reader_name, row.relation, row.purpose) == ("REQUESTED", "林晓", "SELF", "办理退休手续")
    assert (told["reader"], told["reader_id"], told["purpose"]) == ("林晓", WHO.id_number, "办理退休手续")
    assert queries.count_requested(cast.actor(Post.READING_DESK)) == 1


def test_a_reader_who_is_not_entitled_gets_nothing(cast: Cast) -> None:
    walk = held(cast)
    other = builders.person(2, "别人")

    with refused("C-001"):
        ask(cast, walk.item_urn, asking=reader(other))
    for relation in (Relation.PROXY, Relation.EMPLOYER, Relation.AUTHORITY):
        with refused("C-002"):
            ask(cast, walk.item_urn, asking=reader(other, relation, basis="  "))

    with one_line("certificates.request"):
        ask(cast, walk.item_urn, asking=reader(other, Relation.PROXY, basis="授权委托书 2026-1"))


def test_a_request_needs_an_identity_a_purpose_and_a_record_of_that_person(cast: Cast) -> None:
    walk = held(cast)
    builders.reviewed(cast, "SL-9", persons=(builders.person(5),))
    waiting = at_state(cast, State.RECEIVED, "SL-8", persons=(WHO,))
    slipped = WHO.id_number[:17] + next(digit for digit in "0123456789" if digit != WHO.id_number[17])

    with refused("R-003"):
        ask(cast, walk.item_urn, asking=certificates.Reader("林晓", slipped, Relation.SELF, "退休"))
    with refused("R-010"):
        ask(cast, walk.item_urn, asking=certificates.Reader("林晓", WHO.id_number, Relation.SELF, " "))
    with refused("C-004"):
        ask(cast)
    with refused("C-003"):
        ask(cast, walk.item_urn, waiting.item_urn)
    with refused("R-009"):
        ask(cast, walk.item_urn, who=builders.person(5))


@pytest.mark.parametrize("post", [Post.KEEPER, Post.RECHECKER, Post.HANDLER])
def test_another_post_neither_asks_nor_issues(cast: Cast, post: Post) -> None:
    walk = held(cast)

    with refused("A-001"):
        ask(cast, walk.item_urn, post=post)
    number = ask(cast, walk.item_urn).certificate_no
    with refused("R-009"):
        certificates.issue(occasion=cast.occasion(post), certificate_no=number)


def test_numbers_run_by_the_year_of_the_agencys_calendar(cast: Cast) -> None:
    walk = held(cast)
    cast.clock.at = dt.datetime(2030, 12, 31, 15, 30, tzinfo=dt.UTC)
    old = ask(cast, walk.item_urn).certificate_no
    cast.clock.at = dt.datetime(2030, 12, 31, 16, 30, tzinfo=dt.UTC)  # half past midnight of New Year in Shanghai

    assert (old, ask(cast, walk.item_urn).certificate_no) == ("CZ2030-000001", "CZ2031-000001")


# --- issuing


@pytest.mark.acceptance("S0-W9", "S0-N4")
def test_a_certificate_is_found_asked_for_and_issued_while_the_person_waits(cast: Cast) -> None:
    """Not a stopwatch: how much work lies between the question and the paper does not grow with the holdings."""
    walk = held(cast)
    for place in range(5):
        builders.register(cast, f"SL-{place + 100}", persons=(builders.person(place + 10),))
    actor = cast.actor(Post.READING_DESK)

    with CaptureQueriesContext(connection) as asked:
        (hit,) = search.find(actor, WHO.id_number).persons
    with one_line("certificates.request"):
        number = ask(cast, *(item.urn for item in hit.items)).certificate_no
    with one_line("certificates.issue"):
        receipt = issue(cast, number)

    assert len(asked) <= 4
    assert [item.urn for item in hit.items] == [walk.item_urn]
    assert queries.pdf_path(number).read_bytes().startswith(b"%PDF")
    assert receipt.checkpoint_size == journal.head()
    assert queries.by_check_code(receipt.check_code).status == "ISSUED"


def test_a_certificate_is_issued_once(cast: Cast) -> None:
    number = ask(cast, held(cast).item_urn).certificate_no
    issue(cast, number)
    kept = queries.pdf_path(number).read_bytes()

    with refused("C-007"):
        issue(cast, number)

    assert queries.pdf_path(number).read_bytes() == kept


def test_a_certificate_that_was_not_asked_for_is_not_issued(cast: Cast) -> None:
    with refused("R-009"):
        issue(cast, "CZ2030-000009")


@pytest.mark.acceptance("STD-16")
def test_a_certificate_for_one_of_several_persons_discloses_no_other(cast: Cast) -> None:
    people = tuple(builders.person(place, name) for place, name in ((1, "林晓"), (2, "欧阳娜"), (3, "司马光")))
    walk = at_state(
        cast,
        State.HELD,
        step="CONTRIBUTION_DECLARATION",
        materials=("MAIN_FORM", "PERSON_LIST"),
        persons=people,
    )
    number = ask(cast, walk.item_urn, who=people[1]).certificate_no

    issue(cast, number)

    evidence = evidence_of(number)
    disclosed = [part["value"] for entry in json.loads(evidence)["entries"] for part in entry["disclosed"].values()]
    assert f"欧阳娜 {people[1].id_number}" in disclosed
    for other in (people[0], people[2]):
        assert other.name not in evidence
        assert other.id_number not in evidence
        assert search.find(cast.actor(Post.READING_DESK), other.id_number).total == 1


def flip(path: Path) -> None:
    """Change one bit in the middle of a file."""
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(octets)


def stored_at(home: Path, urn: str, sha512: str) -> Path:
    """Where a file of an object lies on the disk."""
    content = repository.inventory_of(urn).content(sha512)
    (found,) = [path for path in (home / "store").rglob("*") if str(path).endswith("/" + content.path)]
    return found


@pytest.mark.acceptance("S4-C5")
def test_nothing_is_certified_from_a_page_whose_byte_was_changed(cast: Cast, home: Path) -> None:
    walk = held(cast)
    number = ask(cast, walk.item_urn).certificate_no
    flip(stored_at(home, walk.item_urn, builders.components_of(walk.item_urn)[1].sha512))

    with refused("B-008"):
        issue(cast, number)

    assert not queries.pdf_path(number).exists()


@pytest.mark.acceptance("S4-C5")
def test_nothing_is_certified_from_a_record_whose_catalogue_was_changed(cast: Cast, home: Path) -> None:
    walk = held(cast)
    number = ask(cast, walk.item_urn).certificate_no
    state = repository.inventory_of(walk.item_urn).state
    flip(stored_at(home, walk.item_urn, state[RECORD_NAME]))

    with refused("B-008"):
        issue(cast, number)


@pytest.mark.acceptance("S4-C5")
def test_a_forger_who_also_mends_the_store_is_caught_by_the_journal(cast: Cast) -> None:
    """He seals another record.json by the store's own rules, but the sealing deed committed to the first."""
    from anjuan.facilities.repository import actions as store
    from anjuan.facilities.repository.rules import Inline

    walk = held(cast)
    number = ask(cast, walk.item_urn).certificate_no
    state = dict(repository.inventory_of(walk.item_urn).state)
    document = repository.read_document(walk.item_urn, RECORD_NAME).replace("林晓".encode(), "林笑".encode())
    state.pop(RECORD_NAME)
    receipt = store.write_version(
        urn=walk.item_urn,
        state=state,
        new_files=[Inline(RECORD_NAME, document)],
        message="mend",
        user_name="forger",
        user_address="staff:forger",
        at=cast.clock.at,
        expected_head=store.settle_head(urn=walk.item_urn) or 0,
        seals=True,
    )
    store.record_deposit(receipt)

    with refused("C-006"):
        issue(cast, number)


def test_digests_that_disagree_between_row_and_bytes_are_c_006(cast: Cast) -> None:
    walk = held(cast)
    number = ask(cast, walk.item_urn).certificate_no
    models.Component.objects.filter(item__urn=walk.item_urn, ordinal=1).update(sha256="0" * 64)

    with refused("C-006"):
        issue(cast, number)


# --- after


def test_a_revoked_certificate_says_so_and_is_neither_revoked_nor_issued_again(cast: Cast) -> None:
    number = ask(cast, held(cast).item_urn).certificate_no
    desk = cast.occasion(Post.READING_DESK)

    receipt = issue(cast, number)
    with refused("R-010"):
        certificates.revoke(occasion=desk, certificate_no=number, reason=" ")
    with one_line("certificates.revoke"):
        certificates.revoke(occasion=desk, certificate_no=number, reason="利用目的有误")

    shown = queries.by_check_code(receipt.check_code.lower().replace("-", ""))
    assert (shown.status, shown.revoked_at) == ("REVOKED", desk.at)
    for again in (
        lambda: certificates.revoke(occasion=desk, certificate_no=number, reason="再撤"),
        lambda: issue(cast, number),
    ):
        with refused("C-007"):
            again()


def test_a_request_can_be_called_off_and_was_never_a_certificate(cast: Cast) -> None:
    asked = ask(cast, held(cast).item_urn)

    with one_line("certificates.revoke"):
        certificates.revoke(
            occasion=cast.occasion(Post.READING_DESK), certificate_no=asked.certificate_no, reason="用途写错"
        )

    with refused("C-007"):
        issue(cast, asked.certificate_no)
    with refused("C-005"):
        queries.by_check_code(asked.check_code)


def test_what_could_never_be_printed_is_refused_when_it_is_asked_for(cast: Cast) -> None:
    walk = held(cast)

    asking = certificates.Reader(WHO.name, WHO.id_number, Relation.SELF, "办理退休🙂")

    with refused("P-001"):
        ask(cast, walk.item_urn, asking=asking)


def test_of_two_who_issue_at_once_one_puts_the_file_in_place(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    number = ask(cast, held(cast).item_urn).certificate_no
    real = signing.sign_pdf
    first: list[certificates.Issued] = []

    overtaking: list[bool] = []

    def overtaken(**words: Any) -> bytes:
        signed = real(**words)
        if not overtaking:
            overtaking.append(True)
            first.append(issue(cast, number))
        return signed

    monkeypatch.setattr(signing, "sign_pdf", overtaken)
    with pytest.raises(Refusal, match="C-007"):
        issue(cast, number)

    on_disk = hashlib.sha256(queries.pdf_path(number).read_bytes()).hexdigest()
    assert on_disk == first[0].pdf_sha256
    assert [path.name for path in queries.pdf_path(number).parent.iterdir()] == [f"{number}.pdf"]


def test_what_a_crash_left_staged_is_gone_once_the_number_is_issued_or_called_off(cast: Cast) -> None:
    """A process died between staging and issuing: the unissued PDF must not lie about for ever."""
    walk = at_state(cast, State.HELD)
    for settle in (
        lambda number: certificates.issue(occasion=cast.occasion(Post.READING_DESK), certificate_no=number),
        lambda number: certificates.revoke(
            occasion=cast.occasion(Post.READING_DESK), certificate_no=number, reason="未用"
        ),
    ):
        number = requested(cast, builders.person(1), *walk.item_urns)
        folder = queries.pdf_path(number).parent
        folder.mkdir(exist_ok=True)
        (folder / f".{number}.0123456789abcdef").write_bytes(b"%PDF of a person")
        (folder / ".CZ2020-000001.0123456789abcdef").write_bytes(b"another number's")

        settle(number)

        assert [path.name for path in folder.glob(".*")] == [".CZ2020-000001.0123456789abcdef"]


def test_the_evidence_names_the_files_as_they_were_sealed(cast: Cast) -> None:
    walk = held(cast)
    number = ask(cast, walk.item_urn).certificate_no
    issue(cast, number)

    evidence = json.loads(evidence_of(number))

    names = [file["name"] for file in evidence["files"]]
    assert names[0] == "record.json"
    assert names[1:] == [f"{walk.reference}-001/{place:04}.jpg" for place in range(1, len(names))]


def test_a_stranger_sees_enough_to_compare_and_no_more(cast: Cast) -> None:
    walk = held(cast)
    receipt = issue(cast, ask(cast, walk.item_urn).certificate_no)

    shown = queries.by_check_code(receipt.check_code)

    assert (shown.masked_name, shown.masked_id) == ("林*", "999001********" + WHO.id_number[-4:])
    assert shown.references == (f"{walk.reference}-001",)
    assert queries.by_digest(receipt.pdf_sha256) == shown
    assert queries.by_digest("0" * 64) is None
    assert WHO.id_number not in repr(shown)


def test_a_code_nobody_was_given_is_c_005_and_so_is_one_not_issued_yet(cast: Cast) -> None:
    receipt = ask(cast, held(cast).item_urn)

    for typed in ("2345-6789-BCDF", "", receipt.check_code):
        with pytest.raises(Refusal) as caught:
            queries.by_check_code(typed)
        assert caught.value.code == "C-005"


def test_another_archives_desk_does_not_find_the_certificate(cast: Cast) -> None:
    number = requested(cast, WHO, held(cast).item_urn)
    elsewhere = cast.occasion_of(cast.hire("hx05", Post.READING_DESK, cast.found_elsewhere()))

    with refused("R-009"):
        certificates.issue(occasion=elsewhere, certificate_no=number)

    assert queries.newest(elsewhere.actor) == []
    assert Certificate.objects.get().status == "REQUESTED"


@pytest.mark.acceptance("S4-F3", "S4-C3")
def test_the_story_of_a_record_names_who_made_and_who_changed_it(cast: Cast) -> None:
    walk = held(cast)

    told = search.item_page(cast.actor(Post.READING_DESK), walk.item_urn).story

    by_act = {line.line.act: line.who for line in told}
    assert by_act["intake.register"] == by_act["intake.capture"] == "林晓"  # the handler, by chance of that name too
    assert by_act["review.pass_item"] == "陈静"
    assert by_act["filing.seal"] == "吴敏"
    assert by_act["inspection.sign_self_check"] == "赵强"
    assert by_act["transfer.witness"] == "孙建"
    assert by_act["inspection.pass_recheck"] == "钱立"
    assert [line.line.at for line in told] == sorted(line.line.at for line in told)
