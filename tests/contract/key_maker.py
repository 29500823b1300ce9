"""What a process that starts beside others does: by itself, so that a fresh process can load it without Django."""

import datetime as dt
from pathlib import Path

from anjuan.facilities.signing.backends import keystore

AT = dt.datetime(2026, 8, 1, 2, 0, 5, tzinfo=dt.UTC)
AGENCY = "演示市社会保险档案馆"


def make(folder: str) -> str:
    """Make the authority unless it is there; the digest of the root that stands then."""
    keystore.make_authority(Path(folder), agency_name=AGENCY, at=AT, practice=True)
    return keystore.read_authority(Path(folder)).root_digest
