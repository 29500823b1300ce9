"""``anjuan catalogue``: an agency's catalogue as a folder that finds without a server, and whether one is as made."""

import os
from pathlib import Path

from anjuan.config import keys, recovery_card
from anjuan.core.refusals import Refusal
from anjuan.desks.holdings import actions, rules
from anjuan.desks.holdings.backends import edition
from anjuan_verify import timestamp, trust


def export(agency_code: str, staff_code: str, folder: Path) -> str:
    """Write an agency's catalogue under a person's name, who types his password.

    Raises: see `holdings.actions.export_catalogue`; A-004, A-008 not that person; S-073 it cannot be written there.
    """
    # Asked first: what is put on record as taken along shall have been written.
    if folder.exists() or not os.access(folder.absolute().parent, os.W_OK | os.X_OK):
        raise Refusal("S-073", folder=folder)
    made = actions.export_catalogue(
        occasion=keys.occasion_of(staff_code, terminal="anjuan catalogue"), agency_code=agency_code
    )
    try:
        edition.write(made.files, folder)
    except OSError:
        raise Refusal("S-073", folder=folder) from None
    return f"{folder / 'index.html'}  {made.count} 条 entries"


def verify(folder: Path) -> tuple[bool, list[str]]:
    """Whether a folder is as it was made by this archive; with a line for each thing found, in two languages.

    Whom to believe is read from our own keys, never from the folder.

    Standard: RFC 3161.
    """
    files = edition.read(folder)
    listed, stamp = files.pop(rules.MANIFEST, b""), files.pop(rules.STAMP, b"")
    wrong = [f"改动或缺失 changed or missing: {name}" for name in rules.differing(files, listed)]
    try:
        told = timestamp.read_stamp(stamp)
        root = timestamp.believed(told, trust.read_trust(recovery_card.trust_text()))
    except timestamp.Malformed:
        return False, [*wrong, "时间戳不成立 the time stamp does not hold"]
    if told.imprint not in timestamp.digests(listed):
        wrong.append("时间戳不是这份清单的 the time stamp is not of this list")
    if root is None:
        wrong.append("时间戳不是本馆认可的机构盖的 the time stamp is of nobody this archive knows")
    return not wrong, [*wrong, f"时间戳 time stamp: {told.at:%Y-%m-%d %H:%M:%S} UTC"]
