"""A stage for copies: sealed records with copies at the practice places, and the hands that do damage."""

from pathlib import Path

from django.conf import settings

from anjuan.core.ocfl.layout import object_path
from anjuan.core.terms import Post, State
from anjuan.facilities.copies import actions, queries
from anjuan.facilities.copies.models import ObjectCopy
from anjuan.facilities.jobs import actions as jobs
from tests import builders
from tests.cast import Cast
from tests.contract.test_jobs_shipped import work_off

PLACES = ("local", "local-b", "far")


def replicated(cast: Cast, *acceptance_nos: str) -> builders.Walked:
    """A sealed volume whose objects have a verified copy at every practice place."""
    walk = builders.at_state(cast, State.FILED, *(acceptance_nos or ("SL-001",)))
    actions.start_replication(occasion=cast.occasion(Post.KEEPER))
    work_off()
    return walk


def sweep(cast: Cast) -> str:
    """A sweep of everything, worked off. Returns the job's uid."""
    uid = jobs.start(occasion=cast.occasion(Post.KEEPER), kind="FIXITY_SWEEP")
    work_off()
    return uid


def object_folder(urn: str, place: str) -> Path:
    """Where an object lies at a place."""
    home = Path(settings.ANJUAN_HOME)
    root = home / "store" if place == "local" else home / "copies" / place / "store"
    return root / object_path(urn)


def files_of(folder: Path) -> list[str]:
    """Every file of an object, relative to its folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def turn_byte(path: Path, at: int = -1) -> bytes:
    """Turn one byte of a file round. Returns what the file was."""
    was = path.read_bytes()
    octets = bytearray(was)
    octets[at] ^= 1
    path.chmod(0o644)
    path.write_bytes(bytes(octets))
    return was


def line(urn: str, place: str) -> ObjectCopy:
    """The ledger's line of an object at a place."""
    found = queries.standing(urn, queries.place(place).pk)
    assert found is not None
    return found
