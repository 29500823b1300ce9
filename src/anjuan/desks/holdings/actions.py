"""Taking an agency's catalogue along on a disk (导出单机版目录)."""

import hashlib
import json
from dataclasses import dataclass

from anjuan.core import canonical
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.desks.holdings import queries, rules
from anjuan.desks.holdings.backends import edition
from anjuan.facilities.signing import actions as signing
from anjuan.facilities.signing import queries as signing_queries
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.ledger import queries as ledger


@dataclass(frozen=True)
class Edition:
    """A catalogue that was made: the files of its folder, and what they are called together."""

    name: str
    count: int
    files: dict[str, bytes]

    def packed(self) -> bytes:
        """The folder as a ZIP."""
        return edition.packed(self.files, self.name)


def export_catalogue(*, occasion: Occasion, agency_code: str) -> Edition:
    """Make an agency's catalogue as a folder that finds without a server (导出单机版目录).

    Every sealed volume and item of the agency and those below it, with where its paper lies; numbers are masked. The
    digests of all files stand in a manifest that bears the archive's time stamp. The journal names every record that
    was taken along.

    Args:
        occasion: an archivist or keeper over the agency.
        agency_code: whose holdings.

    Raises:
        A-001: neither post is held over that agency.
        K-001, K-002, K-003, K-010: nothing can be stamped, see `signing.actions.stamp`.
        R-009: there is no such agency.
        S-072: the agency has nothing sealed yet.

    Standard: S0-W13 (stand-alone edition that finds where the paper lies).
    """
    agency = accounts.agency(agency_code)
    accounts.permit(occasion.actor, agency.path, *queries.EXPORTERS)

    found = list(queries.entries_of(agency.path))
    if not found:
        raise Refusal("S-072", agency=agency.name)
    heading = queries.heading(agency, occasion.at, occasion.actor.staff_code, len(found))
    catalogue = rules.spelled(heading, [entry for _, entry in found])
    files = {**edition.pages(), rules.CATALOGUE: catalogue, rules.DATA: rules.as_script(catalogue)}
    trust = json.dumps(signing_queries.trust_file(ledger.vkey()), ensure_ascii=False, indent=1)
    files["trust.json"] = trust.encode("utf-8")
    files[rules.MANIFEST] = rules.manifest(files)
    # Stamped before the line is opened: an authority on the network may take its time.
    files[rules.STAMP] = signing.stamp(occasion=occasion, octets=files[rules.MANIFEST])

    with journal.writing(occasion=occasion, act="holdings.export_catalogue", unit=f"agency:{agency_code}") as line:
        line.include([(urn, canonical.digest([entry.reference, *entry.place])) for urn, entry in found])
        line.say(
            agency=agency_code,
            entries=len(found),
            manifest_sha256=hashlib.sha256(files[rules.MANIFEST]).hexdigest(),
        )
    return Edition(f"anjuan-{agency_code}-{occasion.at:%Y%m%d}", len(found), files)
