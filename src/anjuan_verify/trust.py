"""Whom the reader believes (信任文件): roots for signatures and time stamps, keys for the log, and what was revoked.

``anjuan-trust-v1`` is one JSON object: ``agency``, ``practice``, ``certificate_authorities`` (roots, PEM), ``logs``
(C2SP verifier keys, all generations). It may also have, and older verifiers pass over::

    "log_keys": [{"vkey": "…", "from_size": 0, "until_size": 4711}]          where a key's word counts in the log
    "revoked_certificates": [{"sha256": "64 hex", "at": "RFC 3339", "reason": "…"}]
    "timestamp_authorities": ["PEM", …]                                       roots believed for time stamps alone

A key of ``logs`` that ``log_keys`` does not speak of counts everywhere; an ``until_size`` that is null has no end.
"""

import datetime as dt
import importlib.resources
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from anjuan.core.merkle.checkpoint import (
    MalformedNote,
    VerifierKey,
    decode_vkey,
    parse_note,
    verify_note,
)
from anjuan_verify.curves import verify_ed25519
from anjuan_verify.der import Malformed
from anjuan_verify.x509 import Certificate, read_pem

FORMAT = "anjuan-trust-v1"
BUILT_IN = "trust.json"
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Revocation:
    """That a certificate is not believed from a moment on."""

    at: dt.datetime
    reason: str


@dataclass(frozen=True)
class Trust:
    """A trust file.

    Attributes:
        agency: whose it is.
        practice: whether that archive is a practice one.
        authorities: roots that are believed.
        logs: keys of evidence logs that are believed.
        reach: from which to which size of the log a key's word counts; no end where None.
        revoked: certificates not believed any more, by SHA-256.
        stampers: roots that are believed for time stamps only.
    """

    agency: str
    practice: bool
    authorities: tuple[Certificate, ...]
    logs: tuple[VerifierKey, ...]
    reach: Mapping[VerifierKey, tuple[int, int | None]] = field(default_factory=dict)
    revoked: Mapping[str, Revocation] = field(default_factory=dict)
    stampers: tuple[Certificate, ...] = ()


def read_trust(text: str) -> Trust:
    """A trust file; ValueError when it is not one."""
    try:
        content = json.loads(text)
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")
        return Trust(
            agency=str(content["agency"]),
            practice=bool(content["practice"]),
            authorities=tuple(read_pem(pem) for pem in content["certificate_authorities"]),
            logs=tuple(decode_vkey(vkey) for vkey in content["logs"]),
            reach=dict(_reach(each) for each in content.get("log_keys", ())),
            revoked=dict(_revocation(each) for each in content.get("revoked_certificates", ())),
            stampers=tuple(read_pem(pem) for pem in content.get("timestamp_authorities", ())),
        )
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"a part is missing or of the wrong kind ({fault})") from None
    except (Malformed, MalformedNote) as fault:
        raise ValueError(str(fault)) from None


def _reach(said: Any) -> tuple[VerifierKey, tuple[int, int | None]]:
    first, last = said["from_size"], said["until_size"]
    if type(first) is not int or not (last is None or type(last) is int):
        raise ValueError("the reach of a log key is not given in whole numbers")
    return decode_vkey(said["vkey"]), (first, last)


def _revocation(said: Any) -> tuple[str, Revocation]:
    at = dt.datetime.fromisoformat(said["at"])
    if not _DIGEST.fullmatch(said["sha256"]) or at.tzinfo is None:
        raise ValueError("a revocation names no certificate, or no moment")
    return said["sha256"], Revocation(at, str(said["reason"]))


def built_in() -> Trust | None:
    """The agency's trust file, if this copy of the program was built with one."""
    place = importlib.resources.files("anjuan_verify").joinpath(BUILT_IN)
    return read_trust(place.read_text(encoding="utf-8")) if place.is_file() else None


def note_fault(note: str, trust: Trust, *, strictly: bool = False) -> str:
    """Why no log that the reader believes has signed this checkpoint; empty when one has.

    Args:
        note: the checkpoint.
        trust: whom the reader believes.
        strictly: every signature line must be of a key that the reader knows; so no byte of the note is left unjudged.
    """
    fault = "the trust file names no log"
    believed = 0
    for key in trust.logs:
        try:
            size = verify_note(note, key, verify_ed25519).size
        except MalformedNote as malformed:
            if str(malformed) == "the signature does not fit":
                return str(malformed)
            fault = fault if "not believed" in fault else str(malformed)
            continue
        first, last = trust.reach.get(key, (0, None))
        if size < first or (last is not None and size > last):
            fault = f"the key {key.key_id.hex()} is not believed at {size}"
        else:
            believed += 1
    if not believed:
        return fault
    if strictly:
        known = {(key.name, key.key_id) for key in trust.logs}
        lines = [(line.name, line.key_id) for line in parse_note(note)[1]]
        if not set(lines) <= known or len(set(lines)) != len(lines):
            return "a signature of a key that the trust file does not name, or one twice"
    return ""
