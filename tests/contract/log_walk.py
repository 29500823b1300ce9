"""A log of some length with checkpoints signed on the way, and every byte of it changed once."""

import datetime as dt
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from anjuan.core.merkle import checkpoint as note_format
from anjuan.facilities.signing.backends import keystore, stamping
from anjuan.foundation.ledger.backends import notekey
from anjuan.foundation.ledger.backends.folder import FolderStore
from anjuan.foundation.ledger.backends.growth import Log
from anjuan_verify.log import FolderFiles, verify_log
from anjuan_verify.report import Report, Verdict
from anjuan_verify.trust import Trust
from anjuan_verify.x509 import read_pem

AT = dt.datetime(2026, 8, 1, 16, 0, tzinfo=dt.UTC)


def leaf(number: int) -> bytes:
    """A synthetic entry."""
    return b'{"sequence":%d}' % number


def publish(log: Log, key: notekey.NoteKey) -> None:
    """Sign the log as it stands."""
    signed = note_format.Checkpoint(key.name, log.size, log.root(log.size))
    log.publish(log.size, note_format.sign_note(signed.body(), key.name, key.public, key.sign))


def grown(log: Log, key: notekey.NoteKey, sizes: Sequence[int]) -> Log:
    """Grow a log to each of these sizes and sign it there."""
    for size in sizes:
        with log.lock():
            log.append([leaf(number) for number in range(log.size, size)])
            publish(log, key)
    return log


def in_folder(folder: Path, key: notekey.NoteKey, sizes: Sequence[int]) -> Log:
    """The same, in a folder."""
    return grown(Log(FolderStore(folder)), key, sizes)


def trusting(key: notekey.NoteKey) -> Trust:
    """A reader who believes this log."""
    return Trust("", True, (), (note_format.decode_vkey(key.vkey),))


def stamped(folder: Path, keys: Path) -> Trust:
    """Lay a time stamp over the newest checkpoint beside the log; a reader who believes log and stamper."""
    keystore.make_authority(keys, agency_name="演示市社会保险档案馆", at=AT, practice=True)
    keystore.add_stamper(keys, generation=1, at=AT)
    authority = keystore.read_stamper(keys)
    imprint = hashlib.sha256((folder / "checkpoint").read_bytes()).digest()
    token = stamping.token(imprint, authority=authority, key_pem=keystore.read_stamping_key(keys), at=AT)
    (folder / "timestamps").mkdir()
    (folder / "timestamps/2026-08-01.tsr").write_bytes(stamping.answer(token))
    return replace(trusting(notekey.load(keys)), authorities=(read_pem(authority.root_pem),))


def told(folder: Path, trust: Trust) -> Report:
    """What a stranger finds."""
    return verify_log(FolderFiles(folder), trust)


def changed_bytes(folder: Path, trust: Trust, *, every: int) -> Iterator[tuple[str, int, Report]]:
    """Change every n-th byte of every file by itself; what the stranger says to each, with the file put back."""
    assert told(folder, trust).verdict is Verdict.VALID
    count = 0
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if not path.is_file() or name == "lock" or name.startswith("."):
            continue
        octets = path.read_bytes()
        for at in range(len(octets)):
            count += 1
            if count % every and at not in (0, len(octets) - 1):
                continue
            path.write_bytes(octets[:at] + bytes([octets[at] ^ (1 << count % 8)]) + octets[at + 1 :])
            yield name, at, told(folder, trust)
        path.write_bytes(octets)


def unsaid(folder: Path, trust: Trust, *, every: int) -> list[str]:
    """Changes that were not found, or not said where; the newest checkpoint is named by its check."""
    missed = []
    for name, at, report in changed_bytes(folder, trust, every=every):
        words = " ".join(check.detail for check in report.checks if check.passed is False)
        # An entry's bundle is kept more than once while it is small; each is named by its own path.
        if report.verdict is not Verdict.INVALID or (name not in words and name != "checkpoint"):
            missed.append(f"{name} byte {at}: {report.verdict.name} {words}")
    return missed


def copied(folder: Path, to: Path) -> Path:
    """A copy to spoil."""
    shutil.copytree(folder, to)
    return to
