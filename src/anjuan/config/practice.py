"""Loading and resetting the practice city (演示城市的装载与重置). Only a practice archive, only what was loaded by it.

A mark in the home says what stands there: ``loading`` while it is being loaded, ``loaded`` after. A loading that was
cut off is thrown away and begun anew: nobody has worked in it yet.
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from anjuan.core.refusals import Refusal

_OURS = (
    "anjuan.db", "anjuan.db-wal", "anjuan.db-shm", "search.db", "search.db-wal", "search.db-shm", "access.db",
    "access.db-wal", "access.db-shm", "store", "log", "journal", "certificates", "derivatives", "staging", "copies",
    "quarantine", "keys/authority", "keys/ledger.pem",  # the city has keys of its own; the practice password stays
)  # fmt: skip


def load(boot: Callable[[], None], *, say: Callable[[str], None]) -> None:
    """Load the city on an empty archive; where it stands already, nothing is done.

    Raises:
        E-004: this is no practice archive.
        E-006: somebody works here already.
    """
    from django.conf import settings

    _only_practice()
    mark = _mark(settings.ANJUAN_HOME)
    state = _read(mark)
    if state == "loaded":
        say("演示城市已装载 the practice city stands")
        boot()
        return
    if state == "loading":
        say("上次装载没有完成，重新开始 an earlier loading was cut off; beginning anew")
        _throw_away()
    boot()
    _must_be_empty()
    _throw_away()  # an office without a record: its people and keys give way to the city's
    boot()
    mark.write_text(json.dumps({"state": "loading"}))
    started = time.perf_counter()
    from anjuan.demo.city import City
    from anjuan.facilities.signing import queries as signing
    from anjuan.foundation.ledger import queries as ledger
    from anjuan.records import queries as records

    city = City(keys=signing.keys_folder(), say=say)
    city.load()
    certificate, trust, verdict = _verified(city.certificate_no)
    held = records.count_everything()
    checkpoint = ledger.latest_checkpoint()
    root = checkpoint.root if checkpoint else ""
    mark.write_text(json.dumps({"state": "loaded", "journal_root": root, "size": checkpoint.size if checkpoint else 0}))
    say(
        f"演示城市 practice city: {held.items} 件 items, {held.volumes} 卷 volumes, {held.pages} 页 pages, "
        f"{time.perf_counter() - started:.0f} s\n日志根 journal root {root}\n"
        f"证明 certificate  {certificate}\n信任文件 trust     {trust}\n核验 {verdict}"
    )


def _verified(certificate_no: str) -> tuple[Path, Path, str]:
    """The city's certificate as a stranger judges it: by a program of its own, with the trust file alone."""
    from django.conf import settings

    from anjuan.desks.certificates import queries as certificates
    from anjuan.facilities.signing import queries as signing
    from anjuan.foundation.ledger import queries as ledger

    certificate = certificates.pdf_path(certificate_no)
    trust = Path(settings.ANJUAN_HOME) / "certificates" / "trust.json"
    trust.write_text(json.dumps(signing.trust_file(ledger.vkey()), ensure_ascii=False, indent=1))
    command = [sys.executable, "-m", "anjuan_verify", str(certificate), "--trust", str(trust)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return certificate, trust, "verified" if done.returncode == 0 else f"not verified: {done.stdout[:200]}"


def is_loaded() -> bool:
    """Whether the practice city stands here."""
    from django.conf import settings

    return _read(_mark(settings.ANJUAN_HOME)) == "loaded"


def reset(boot: Callable[[], None], *, say: Callable[[str], None]) -> None:
    """Throw the city away and load it anew.

    Raises:
        E-004: this is no practice archive.
        E-006: what stands here was not loaded as a practice city.
    """
    from django.conf import settings

    _only_practice()
    if not _read(_mark(settings.ANJUAN_HOME)):
        boot()
        _must_be_empty()
    _throw_away()
    load(boot, say=say)


def _only_practice() -> None:
    from django.conf import settings

    if not settings.PRACTICE:
        raise Refusal("E-004")


def _must_be_empty() -> None:
    from anjuan.records import queries as records

    if records.count_everything().items:
        raise Refusal("E-006")


def _mark(home: Path) -> Path:
    return home / "practice-city.json"


def _read(mark: Path) -> str:
    try:
        return str(json.loads(mark.read_text())["state"])
    except (FileNotFoundError, ValueError, KeyError):
        return ""


def _throw_away() -> None:
    """Remove the city's files; on PostgreSQL its tables, which hold nothing but the city (the mark says so)."""
    from django.conf import settings
    from django.db import connections

    home: Path = settings.ANJUAN_HOME
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("postgresql"):
        import django

        django.setup()
        with connections["default"].cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
    connections.close_all()
    for name in _OURS:
        path = home / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    _mark(home).unlink(missing_ok=True)
