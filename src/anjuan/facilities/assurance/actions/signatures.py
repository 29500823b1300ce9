"""The register of invalid signatures (签名验证失败登记): entered where found, explained and closed by people."""

from collections.abc import Sequence

from anjuan.core import signatures as judging
from anjuan.core.assurance import Outcome
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post
from anjuan.facilities.assurance.models import SignatureCheck, SignatureFault
from anjuan.facilities.assurance.queries import signatures as queries
from anjuan.facilities.assurance.queries.signatures import (
    ACCEPTING_POSTS,
    EXPLAINING_POSTS,
    FoundStep,
    SignedFile,
    State,
)
from anjuan.facilities.notices import actions as notices
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.foundation.accounts.queries import archive_path, permit
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal.actions import Line
from anjuan.records import queries as records
from anjuan.records import rules as record_rules

_MOST_WORDS = 300
_MOST_SAID = 600


def keep_checks(*, checked: Sequence[SignedFile]) -> None:
    """Keep what the signatures of files are worth, by digest (保存验签结果): no record, found again at any time."""
    trust = queries.trust()
    SignatureCheck.objects.bulk_create(
        (
            SignatureCheck(sha512=sha512, version=queries.VERSION, trust=trust, results=judging.as_kept(found))
            for sha512, found in {file.sha512: file.found for file in checked}.items()
        ),
        update_conflicts=True,
        unique_fields=["sha512"],
        update_fields=["version", "trust", "results"],
    )


def enter_faults(*, line: Line, checked: Sequence[SignedFile], step: FoundStep) -> int:
    """Enter the invalid signatures of files in the register, and tell both sides (登记并通知).

    Called within the deed that found them, once; a signature that stands in the register already is not entered again,
    whatever became of it. The agency that made the records is told, and the archive.

    Args:
        line: the open line of that deed.
        checked: files with what their signatures are worth.
        step: at which step it was.

    Returns:
        How many were entered.

    Standard: S4-F4, S4-C2.
    """
    invalid = [(file, one) for file in checked for one in file.found if one.outcome is Outcome.FAIL]
    if not invalid:
        return 0
    known = {
        (row.item_urn, row.sha512, row.number) for row in queries.of_items(list({file.item_urn for file, _ in invalid}))
    }
    fresh = {
        (file.item_urn, file.sha512, one.number): (file, one)
        for file, one in invalid
        if (file.item_urn, file.sha512, one.number) not in known
    }
    rows = SignatureFault.objects.bulk_create(
        SignatureFault(
            item_urn=file.item_urn,
            reference=file.reference,
            agency_path=file.agency_path,
            sha512=file.sha512,
            file_name=file.name[:255],
            number=one.number,
            signer=one.signer,
            said_zh=one.said(chinese=True)[:_MOST_SAID],
            said_en=one.said(chinese=False)[:_MOST_SAID],
            step=step,
            found_by=line.occasion.actor.staff_code,
            found_at=line.occasion.at,
        )
        for file, one in fresh.values()
    )
    if rows:
        _tell(line, rows)
        line.say(invalid_signatures="；".join(f"{row.file_name} #{row.number} {row.said_zh}" for row in rows)[:2000])
    return len(rows)


def _tell(line: Line, rows: Sequence[SignatureFault]) -> None:
    first = rows[0]
    reference = first.reference if len({row.item_urn for row in rows}) == 1 else f"{first.reference} …"
    for kind, path, post in (
        (NoticeKind.SIGNATURE_INVALID, first.agency_path, Post.HANDLER),
        (NoticeKind.SIGNATURE_TO_JUDGE, archive_path(), Post.ARCHIVIST),
    ):
        notices.notify(
            line=line,
            kind=kind,
            unit=first.item_urn,
            reference=reference,
            agency_path=path,
            post=post,
            subjects=[f"signature:{row.pk}" for row in rows],
            count=len(rows),
        )


def find_invalid(*, occasion: Occasion, file: SignedFile) -> int:
    """Enter what a round found in a file that lies here (例行查验); nothing new, no line.

    Args:
        occasion: the worker's own.
        file: what was found.

    Returns:
        How many were entered.
    """
    known = {(row.sha512, row.number) for row in queries.of_items([file.item_urn])}
    keep_checks(checked=[file])
    if all(one.outcome is not Outcome.FAIL or (file.sha512, one.number) in known for one in file.found):
        return 0

    with journal.writing(occasion=occasion, act="assurance.find_invalid", unit=file.item_urn) as line:
        return enter_faults(line=line, checked=[file], step=FoundStep.ROUND)


def explain_signature(*, occasion: Occasion, pk: int, words: str) -> None:
    """Say for the agency how an invalid signature came about (说明原因). It stays until it is replaced or accepted.

    Args:
        occasion: somebody of the agency that made the record.
        pk: the entry.
        words: how; 300 characters at most.

    Raises:
        A-001: the actor holds no such post over that agency.
        R-009: there is no such entry, or its record is not his to see.
        R-010: the words are too long, or hold a character that cannot be kept.
        Z-021: no words are given.
        Z-022: it is explained or closed already.

    Standard: S4-F4.
    Concurrency: the entry is changed only from open; of two at once the second is Z-022.
    """
    row = queries.get_for(occasion.actor, pk)
    permit(occasion.actor, row.agency_path, *EXPLAINING_POSTS)
    said = _said(words)

    with journal.writing(occasion=occasion, act="assurance.explain_signature", unit=row.unit) as line:
        _swap(
            row.pk,
            row.reference,
            (State.OPEN,),
            state=State.EXPLAINED,
            explanation=said,
            explained_by=occasion.actor.staff_code,
            explained_at=occasion.at,
        )
        line.say(reference=row.reference, file=row.file_name, reason=said)


def note_replacement(*, occasion: Occasion, pk: int, words: str) -> None:
    """Say that the file was replaced by one with a good signature, and close the entry (更换销号).

    Raises:
        A-001: the actor holds no such post over that agency.
        R-009: there is no such entry, or its record is not his to see.
        R-010: the words are too long, or hold a character that cannot be kept.
        Z-021: no words are given.
        Z-022: it is closed already.
        Z-023: the file still lies in the record.

    Standard: S4-F4.
    Concurrency: as for `explain_signature`.
    """
    row = queries.get_for(occasion.actor, pk)
    permit(occasion.actor, row.agency_path, *EXPLAINING_POSTS)
    said = _said(words)
    if any(file.sha512 == row.sha512 for file in records.components_of([row.item_urn])[row.item_urn]):
        raise Refusal("Z-023", reference=row.reference, name=row.file_name[:60])

    with journal.writing(occasion=occasion, act="assurance.note_replacement", unit=row.unit) as line:
        _close(occasion, row, State.REPLACED, said)
        line.say(reference=row.reference, file=row.file_name, reason=said)


def accept_signature(*, occasion: Occasion, pk: int, words: str) -> None:
    """Accept for the archive that a record is kept with an invalid signature, and say why (认可留存).

    The signature stays invalid, and every test goes on saying so; nobody is asked about it any more.

    Raises:
        A-001: the actor is no archivist or re-checker of the archive itself.
        R-009: there is no such entry, or its record is not his to see.
        R-010: the words are too long, or hold a character that cannot be kept.
        Z-021: no words are given.
        Z-022: it is closed already.

    Standard: S4-F4.
    Concurrency: as for `explain_signature`.
    """
    row = queries.get_for(occasion.actor, pk)
    permit(occasion.actor, archive_path(), *ACCEPTING_POSTS)
    said = _said(words)

    with journal.writing(occasion=occasion, act="assurance.accept_signature", unit=row.unit) as line:
        _close(occasion, row, State.ACCEPTED, said)
        line.say(reference=row.reference, file=row.file_name, reason=said)


def _said(words: str) -> str:
    if not words.strip():
        raise Refusal("Z-021")
    return record_rules.text("说明 words", " ".join(words.split()), limit=_MOST_WORDS)


def _close(occasion: Occasion, row: queries.FaultRow, state: str, said: str) -> None:
    _swap(
        row.pk,
        row.reference,
        (State.OPEN, State.EXPLAINED),
        state=state,
        closing=said,
        closed_by=occasion.actor.staff_code,
        closed_at=occasion.at,
    )


def _swap(pk: int, reference: str, before: Sequence[str], **changed: object) -> None:
    if not SignatureFault.objects.filter(pk=pk, state__in=before).update(**changed):
        raise Refusal("Z-022", reference=reference)
