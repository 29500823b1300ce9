"""A certificate of a person whose record came in by batch: it verifies off-line and discloses nobody else."""

import copy
import json
from typing import Any

import pikepdf
import pytest

from anjuan.core.terms import Post
from anjuan.desks.certificates import actions as certificates
from anjuan.desks.certificates import queries
from anjuan.desks.review import actions as review
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.signing import queries as signing
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal import queries as journal_queries
from anjuan.foundation.ledger import queries as ledger
from anjuan.records.models import Item
from anjuan_verify import evidence as judged
from anjuan_verify.report import Verdict
from anjuan_verify.trust import read_trust
from anjuan_verify.verify import verify_certificate
from tests import builders
from tests.cast import Cast
from tests.desk.batch_stage import case, pages, station

PEOPLE = [builders.person(1, "林晓"), builders.person(2, "欧阳娜"), builders.person(3, "司马光")]


def held_by_batch(cast: Cast) -> builders.Walked:
    """Two items of one batch in one volume at the archive: 林晓's, and one that 欧阳娜 shares with 司马光."""
    cases = [
        case(
            number,
            step_code="CONTRIBUTION_DECLARATION",
            persons=[{"name": one.name, "id_number": one.id_number} for one in people],
            files=[(f"{number}-{material}", material) for material in ("MAIN_FORM", "PERSON_LIST")],
        )
        for number, people in (("P-1", PEOPLE[:1]), ("P-2", PEOPLE[1:]))
    ]
    answers = station().send(cases, pages(*cases))
    walk = builders.Walked(tuple(one["accepted"]["urn"] for one in answers))
    for urn in walk.item_urns:
        review.pass_item(occasion=builders.look_through(cast, Post.REVIEWER, urn), urn=urn)
    walk.volume_urn = builders.filed(cast, *walk.item_urns)
    for state in builders.WAY:
        builders.step_to(cast, state, walk)
    return walk


def issued(cast: Cast, person: int, *item_urns: str) -> str:
    number = builders.requested(cast, PEOPLE[person], *item_urns)
    certificates.issue(occasion=cast.occasion(Post.READING_DESK), certificate_no=number)
    return number


def evidence_of(number: str) -> str:
    with pikepdf.open(queries.pdf_path(number)) as pdf:
        octets: bytes = pdf.attachments["evidence.json"].get_file().read_bytes()
    return octets.decode()


def verdict(number: str) -> Verdict:
    trust = read_trust(json.dumps(signing.trust_file(ledger.vkey()), ensure_ascii=False))
    return verify_certificate(queries.pdf_path(number).read_bytes(), trust).verdict


def test_a_certificate_of_an_item_from_a_batch_verifies_and_names_nobody_else(cast: Cast) -> None:
    walk = held_by_batch(cast)

    number = issued(cast, 1, walk.item_urns[1])

    evidence = evidence_of(number)
    assert verdict(number) is Verdict.VALID
    (taken,) = [entry for entry in json.loads(evidence)["entries"] if '"intake.take_in"' in entry["leaf"]]
    (member,) = taken["members"]
    assert member["unit"] == walk.item_urns[1]
    assert member["disclosed"]["acceptance_no"]["value"] == "P-2"
    assert f"欧阳娜 {PEOPLE[1].id_number}" in [part["value"] for part in member["disclosed"].values()]
    for other in (PEOPLE[0], PEOPLE[2]):
        assert other.name not in evidence
        assert other.id_number not in evidence
    assert "P-1" not in evidence


def test_what_a_forger_changes_of_a_member_is_noticed(cast: Cast) -> None:
    walk = held_by_batch(cast)
    genuine = json.loads(evidence_of(issued(cast, 1, walk.item_urns[1])))
    place = next(at for at, one in enumerate(genuine["entries"]) if '"intake.take_in"' in one["leaf"])

    def faults(change: Any) -> list[str]:
        forged = copy.deepcopy(genuine)
        entry = forged["entries"][place]
        change(entry, entry["members"][0] if entry["members"] else None, forged)
        read = judged.read_evidence(json.dumps(forged).encode())
        return judged.member_faults(read) + judged.disclosure_faults(read) + judged.fact_faults(read)

    def value(entry: Any, member: Any, whole: Any) -> None:
        member["disclosed"]["acceptance_no"]["value"] = "P-9"

    def commitment(entry: Any, member: Any, whole: Any) -> None:
        member["fields"]["title"] = "sha256:" + "0" * 64

    def field_added(entry: Any, member: Any, whole: Any) -> None:
        member["fields"]["person_9"] = member["fields"]["person_1"]

    def unit(entry: Any, member: Any, whole: Any) -> None:
        member["unit"] = walk.item_urns[0]

    def silent(entry: Any, member: Any, whole: Any) -> None:
        del member["fields"], member["disclosed"]

    def memberless(entry: Any, member: Any, whole: Any) -> None:
        entry["members"] = []

    def another_subject(entry: Any, member: Any, whole: Any) -> None:
        whole["facts"]["subject"] = f"{PEOPLE[0].name} {PEOPLE[0].id_number}"

    assert faults(lambda entry, member, whole: None) == []
    for change in (value, commitment, field_added, unit, silent, memberless, another_subject):
        assert faults(change), change.__name__
    with pytest.raises(judged.MalformedEvidence):
        faults(lambda entry, member, whole: member.pop("disclosed"))


def test_a_value_of_one_member_is_erased_by_order_and_the_others_still_prove(cast: Cast) -> None:
    walk = held_by_batch(cast)
    journal.sequence()
    entry = journal_queries.latest_entry(walk.item_urns[1], "intake.take_in")
    assert entry is not None

    journal.erase_values(
        occasion=cast.occasion(Post.SECURITY_OFFICER), uid=entry.uid, fields=["1.person_2"], basis="依法删除"
    )

    number = issued(cast, 1, walk.item_urns[1])
    assert verdict(number) is Verdict.VALID
    assert "person_2" not in journal_queries.member_values(walk.item_urns[1], [entry.uid])[entry.uid]
    assert "person_2" in journal_queries.member_commitments(entry.uid, walk.item_urns[1])


def test_the_sealed_record_names_the_batch_among_its_journal_entries(cast: Cast) -> None:
    walk = held_by_batch(cast)

    sealed = json.loads(repository.read_document(walk.item_urns[0], "record.json"))

    story = journal_queries.story_of(walk.item_urns[0])
    assert story[0].act == "intake.take_in"
    assert story[0].uid in json.dumps(sealed)
    assert Item.objects.get(urn=walk.item_urns[0]).reference_code == sealed["reference_code"]
