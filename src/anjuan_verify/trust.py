"""Whom the reader believes (信任文件): roots for signatures, keys for the log."""

import importlib.resources
import json
from dataclasses import dataclass

from anjuan.core.merkle.checkpoint import MalformedNote, VerifierKey, decode_vkey
from anjuan_verify.der import Malformed
from anjuan_verify.x509 import Certificate, read_pem

FORMAT = "anjuan-trust-v1"
BUILT_IN = "trust.json"


@dataclass(frozen=True)
class Trust:
    """A trust file.

    Attributes:
        agency: whose it is.
        practice: whether that archive is a practice one.
        authorities: roots that are believed.
        logs: keys of evidence logs that are believed.
    """

    agency: str
    practice: bool
    authorities: tuple[Certificate, ...]
    logs: tuple[VerifierKey, ...]


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
        )
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"a part is missing or of the wrong kind ({fault})") from None
    except (Malformed, MalformedNote) as fault:
        raise ValueError(str(fault)) from None


def built_in() -> Trust | None:
    """The agency's trust file, if this copy of the program was built with one."""
    place = importlib.resources.files("anjuan_verify").joinpath(BUILT_IN)
    return read_trust(place.read_text(encoding="utf-8")) if place.is_file() else None
