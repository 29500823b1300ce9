"""Keys are changed and revoked on record, and what they signed before is judged by when it was signed."""

import json
from pathlib import Path
from typing import Any

import pytest

from anjuan.core.merkle import checkpoint as note_format
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post
from anjuan.facilities.signing import actions, queries
from anjuan.facilities.signing.backends import keystore, pades
from anjuan.facilities.signing.models import KeyGeneration
from anjuan.facilities.signing.rules import KeyKind
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.journal import actions as entries
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.ledger import actions as ledger
from anjuan.foundation.ledger import queries as log
from anjuan.foundation.ledger.backends import notekey
from anjuan_verify.cms import read_signed_data
from anjuan_verify.evidence import read_checkpoint
from anjuan_verify.log import FolderFiles, verify_log
from anjuan_verify.pdf import read_signature
from anjuan_verify.report import Report, Verdict
from anjuan_verify.trust import Trust, note_fault, read_trust
from anjuan_verify.verify import verify_certificate
from tests.cast import Cast
from tests.unit.verify.builders import AGENCY, evidence, printed, spelled


def trust() -> Trust:
    return read_trust(json.dumps(queries.trust_file(log.vkey())))


def deed(cast: Cast) -> None:
    accounts.log_in(occasion=cast.occasion(Post.HANDLER), terminal="counter")


def signed(cast: Cast) -> bytes:
    cast.clock.occasion(cast.actor(Post.HANDLER))  # a second passes
    return actions.sign_pdf(pdf=printed(spelled(evidence())), at=cast.clock.at, reason="r", location="l", name=AGENCY)


def signature_of(pdf: bytes) -> Report:
    """What is said of the signature alone: the evidence inside is of another log."""
    return verify_certificate(pdf, trust())


def found(report: Report, code: str) -> bool | None:
    return next(check.passed for check in report.checks if check.code == code)


def officer(cast: Cast) -> Any:
    return cast.occasion(Post.SECURITY_OFFICER)


@pytest.mark.acceptance("S4-C5")
def test_a_new_signer_stands_under_the_same_root_and_the_old_signatures_hold(cast: Cast) -> None:
    old = signed(cast)
    before = queries.all_keys(KeyKind.SIGNER)

    row = actions.rotate(occasion=officer(cast), kind=KeyKind.SIGNER)
    new = signed(cast)

    assert (row.generation, row.is_current) == (2, True)
    rows = queries.all_keys(KeyKind.SIGNER)
    assert [(each.generation, each.is_current) for each in rows] == [(1, False), (2, True)]
    assert rows[0].name == before[0].name != rows[1].name
    assert queries.trust_file(log.vkey())["certificate_authorities"] == [queries.authority().root_pem]
    for pdf, signer in ((old, "演示 案卷档案签章"), (new, "演示 案卷档案签章 2")):
        report = signature_of(pdf)
        assert found(report, "AUTHORITY") and found(report, "STAMP"), report.lines("en")
        assert report.signer == signer
        assert queries.verify_pdf(pdf).is_valid


def test_each_change_of_a_key_is_one_line_of_the_journal_that_names_it(cast: Cast) -> None:
    for kind in KeyKind:
        actions.rotate(occasion=officer(cast), kind=kind)
        actions.revoke(occasion=officer(cast), kind=kind, generation=1, reason="介质遗失")

    for kind in KeyKind:
        (begun,) = journal.story_of(f"key:{kind.value}-2")
        (ended,) = journal.story_of(f"key:{kind.value}-1")
        assert (begun.act, ended.act) == ("signing.rotate", "signing.revoke")
        assert begun.values["name"] == queries.all_keys(kind)[1].name
        assert begun.values["before"] == queries.all_keys(kind)[0].name
        assert ended.values["reason"] == "介质遗失"


@pytest.mark.acceptance("S4-C5")
def test_a_signature_older_than_the_revocation_holds_by_its_time_stamp(cast: Cast) -> None:
    old = signed(cast)
    actions.rotate(occasion=officer(cast), kind=KeyKind.SIGNER)
    stolen = keystore.read_signing_key(queries.keys_folder(), 1)
    early = cast.clock.at

    row = actions.revoke(occasion=officer(cast), kind=KeyKind.SIGNER, generation=1, reason="密钥外泄")

    assert row.revoked_at == cast.clock.at and row.reason == "密钥外泄"
    report = signature_of(old)
    assert found(report, "REVOKED") is True and found(report, "AUTHORITY") is True, report.lines("en")
    # The thief states an early time himself: nobody else says so.
    forged = pades.sign(
        printed(spelled(evidence())),
        authority=keystore.read_authority(queries.keys_folder(), 1),
        key_pem=stolen,
        at=early,
        reason="r",
        location="l",
        name=AGENCY,
    )
    report = signature_of(forged)
    assert found(report, "REVOKED") is False
    assert report.verdict is Verdict.INVALID
    assert "密钥外泄" in " ".join(report.lines("zh"))


def test_a_signature_stamped_after_the_revocation_does_not_hold(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    actions.rotate(occasion=officer(cast), kind=KeyKind.SIGNER)
    actions.revoke(occasion=officer(cast), kind=KeyKind.SIGNER, generation=1, reason="密钥外泄")
    monkeypatch.setattr(queries, "generation", lambda kind: 1)  # as if the old key were still used

    report = signature_of(signed(cast))

    assert found(report, "STAMP") is True
    assert found(report, "REVOKED") is False


def test_the_word_of_a_revoked_stamper_is_not_believed(cast: Cast) -> None:
    old = signed(cast)
    actions.rotate(occasion=officer(cast), kind=KeyKind.TIMESTAMP)
    actions.revoke(occasion=officer(cast), kind=KeyKind.TIMESTAMP, generation=1, reason="密钥外泄")

    assert found(signature_of(old), "STAMP") is None
    assert found(signature_of(signed(cast)), "STAMP") is True


@pytest.mark.acceptance("S4-C5")
def test_the_old_log_key_vouches_for_the_new_one(cast: Cast, home: Path) -> None:
    deed(cast)
    ledger.catch_up(at=cast.clock.at)
    first = log.vkey()
    believing_the_old = trust()

    actions.rotate(occasion=officer(cast), kind=KeyKind.LOG)
    both = log.latest_checkpoint()
    deed(cast)
    alone = ledger.catch_up(at=cast.clock.at)

    assert both is not None
    second = log.vkey()
    assert first.split("+")[0] == second.split("+")[0] and first != second  # the log keeps its name
    for vkey in (first, second):
        note_format.verify_note(both.note, vkey, notekey.verify)
    assert len(note_format.parse_note(both.note)[1]) == 2
    assert len(note_format.parse_note(alone.note)[1]) == 1
    # The rotation's own line is covered by the checkpoint that both sign.
    (line,) = journal.story_of("key:LOG-2")
    assert line.position is not None and line.position < both.size
    assert note_fault(both.note, believing_the_old) == ""
    assert note_fault(alone.note, believing_the_old) != ""
    report = verify_log(FolderFiles(home / "log"), trust())
    assert report.verdict is Verdict.VALID, report.lines("en")
    assert log.note_is_genuine(both.note) and log.note_is_genuine(alone.note)


def test_an_old_log_key_is_not_believed_past_its_end(cast: Cast, home: Path) -> None:
    deed(cast)
    ledger.catch_up(at=cast.clock.at)
    old = log.key()
    actions.rotate(occasion=officer(cast), kind=KeyKind.LOG)
    actions.revoke(occasion=officer(cast), kind=KeyKind.LOG, generation=1, reason="密钥外泄")
    deed(cast)
    newest = ledger.catch_up(at=cast.clock.at)

    body = read_checkpoint(newest.note).body()
    forged = note_format.sign_note(body, old.name, old.public, old.sign)

    assert "not believed" in note_fault(forged, trust())
    assert not log.note_is_genuine(forged)
    assert verify_log(FolderFiles(home / "log"), trust()).verdict is Verdict.VALID
    (home / "log/checkpoint").write_text(forged)
    report = verify_log(FolderFiles(home / "log"), trust())
    assert [check.code for check in report.checks if check.passed is False] == ["LOG"]


def test_a_second_change_of_the_log_key_goes_on_from_the_first(cast: Cast, home: Path) -> None:
    for _ in range(2):
        deed(cast)
        actions.rotate(occasion=officer(cast), kind=KeyKind.LOG)
    deed(cast)
    ledger.catch_up(at=cast.clock.at)

    rows = log.all_keys()
    assert [row.generation for row in rows] == [1, 2, 3]
    assert rows[0].until_size is not None and rows[0].until_size < (rows[1].until_size or 0)
    assert verify_log(FolderFiles(home / "log"), trust()).verdict is Verdict.VALID
    assert set(queries.trust_file(log.vkey())["logs"]) == {row.vkey for row in rows}


@pytest.mark.parametrize("post", [Post.SYSTEM_ADMIN, Post.AUDITOR, Post.SUPERVISOR, Post.HANDLER])
def test_only_the_security_officer_of_the_archive_changes_keys(cast: Cast, post: Post) -> None:
    for kind in KeyKind:
        with pytest.raises(Refusal, match="A-001"):
            actions.rotate(occasion=cast.occasion(post), kind=kind)
        with pytest.raises(Refusal, match="A-001"):
            actions.revoke(occasion=cast.occasion(post), kind=kind, generation=1, reason="r")
    cast.found_elsewhere()
    below = cast.hire("hx-officer", Post.SECURITY_OFFICER, "HX")
    with pytest.raises(Refusal, match="A-001"):
        actions.rotate(occasion=cast.occasion_of(below), kind=KeyKind.LOG)

    assert [row.generation for row in queries.all_keys()] == [1, 1, 1]


@pytest.mark.parametrize("kind", KeyKind)
def test_what_cannot_be_revoked_is_refused_with_its_reason(cast: Cast, kind: KeyKind) -> None:
    def refused(generation: int, reason: str = "介质遗失") -> str:
        with pytest.raises(Refusal) as caught:
            actions.revoke(occasion=officer(cast), kind=kind, generation=generation, reason=reason)
        return caught.value.code

    assert refused(1) == "K-007"
    assert refused(2) == "K-006"
    actions.rotate(occasion=officer(cast), kind=kind)
    assert refused(1, "  ") == "K-009"
    assert refused(2) == "K-007"
    actions.revoke(occasion=officer(cast), kind=kind, generation=1, reason="介质遗失")
    assert refused(1) == "K-008"


def test_of_two_who_change_a_key_at_once_the_second_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    actions.rotate(occasion=officer(cast), kind=KeyKind.SIGNER)
    rows = queries.all_keys(KeyKind.SIGNER)
    actions.rotate(occasion=officer(cast), kind=KeyKind.SIGNER)
    monkeypatch.setattr(queries, "all_keys", lambda kind: rows)  # what the second saw before the first was done

    with pytest.raises(Refusal, match="K-005"):
        actions.rotate(occasion=officer(cast), kind=KeyKind.SIGNER)
    assert KeyGeneration.objects.filter(kind=KeyKind.SIGNER).count() == 3


def test_a_change_that_was_cut_off_is_taken_up_with_the_key_that_lies_there(cast: Cast) -> None:
    keystore.add_signer(queries.keys_folder(), generation=2, at=cast.clock.at)
    made = keystore.read_authority(queries.keys_folder(), 2).signer_digest
    assert queries.generation(KeyKind.SIGNER) == 1  # no line, no change

    row = actions.rotate(occasion=officer(cast), kind=KeyKind.SIGNER)

    assert row.name == made
    assert (
        sorted(path.stat().st_mode & 0o777 for path in (queries.keys_folder() / "authority-2").iterdir()) == [0o600] * 2
    )


def test_nothing_is_said_of_keys_in_the_trust_file_until_something_happened(cast: Cast) -> None:
    assert set(queries.trust_file(log.vkey())) == {"format", "agency", "practice", "certificate_authorities", "logs"}


def test_the_time_stamp_of_a_signature_is_over_that_signature(cast: Cast) -> None:
    by_length: dict[int, tuple[bytes, bytes]] = {}
    while True:  # signatures are now and then a byte shorter: two of one length can be exchanged in place
        pdf = signed(cast)
        stamp = read_signed_data(read_signature(pdf).cms).time_stamp
        if len(stamp) in by_length:
            break
        by_length[len(stamp)] = pdf, stamp
    one, theirs = by_length[len(stamp)]

    at = one.lower().index(theirs.hex().encode())
    swapped = one[:at] + stamp.hex().upper().encode() + one[at + 2 * len(theirs) :]

    assert swapped != one
    report = signature_of(swapped)
    assert found(report, "STAMP") is False and report.verdict is Verdict.INVALID


@pytest.mark.parametrize(
    "wrong",
    [
        {"log_keys": [{"vkey": "x", "from_size": 0, "until_size": None}]},
        {"log_keys": [{"vkey": "x"}]},
        {"revoked_certificates": [{"sha256": "00", "at": "2026-08-01T00:00:00+00:00", "reason": ""}]},
        {"revoked_certificates": [{"sha256": "0" * 64, "at": "2026-08-01T00:00:00", "reason": ""}]},
        {"timestamp_authorities": ["x"]},
    ],
)
def test_what_is_said_wrongly_of_keys_makes_no_trust_file(cast: Cast, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_trust(json.dumps(queries.trust_file(log.vkey()) | wrong))


def test_a_log_key_is_begun_and_revoked_within_the_line_it_was_given(cast: Cast) -> None:
    deed(cast)
    size = ledger.catch_up(at=cast.clock.at).size
    with pytest.raises(ZeroDivisionError), entries.writing(occasion=officer(cast), act="t", unit="t") as line:
        ledger.begin_key(line=line)
        raise ZeroDivisionError  # whatever stops the deed takes the change with it
    assert log.generation() == 1

    with entries.writing(occasion=officer(cast), act="signing.rotate", unit="t") as line:
        row = ledger.begin_key(line=line)
    with entries.writing(occasion=officer(cast), act="signing.revoke", unit="t") as line:
        ledger.revoke_key(line=line, generation=1, reason="介质遗失")

    assert (row.generation, row.from_size, log.generation()) == (2, size + 1, 2)
    old = log.all_keys()[0]
    assert (old.until_size, old.reason) == (size, "介质遗失")
    # A key revoked before it vouched for the next one vouches for nothing any more.
    deed(cast)
    assert len(note_format.parse_note(ledger.catch_up(at=cast.clock.at).note)[1]) == 1


def test_a_stamp_lies_beside_the_log(cast: Cast, home: Path) -> None:
    assert log.stamp("2026-11-21") is None

    ledger.keep_stamp(name="2026-11-21", octets=b"stamp")

    assert log.stamp("2026-11-21") == b"stamp"
    assert (home / "log/timestamps/2026-11-21.tsr").read_bytes() == b"stamp"
