"""Other archives that are asked along (联合检索): who they are, what goes to them, and how their answers read."""

import ipaddress
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from anjuan.core.refusals import Refusal

FILE = "archives.toml"
MOST_SITES = 32
MOST_ROWS = 50  # of one archive: whoever needs more asks there
MOST_BYTES = 1 << 20  # of one answer
MOST_TEXT = 500  # characters of one cell
USUAL_SECONDS, LEAST_SECONDS, MOST_SECONDS = 4.0, 0.5, 30.0


@dataclass(frozen=True)
class Site:
    """Another archive (联网档案馆), as ``archives.toml`` of the home names it.

    Attributes:
        key: short code, unlike every other.
        name: as people call it.
        address: where its server answers, without a path; https, but for this machine itself.
        staff_code: the account that it gave us.
        password: of that account.
        seconds: how long it is waited for, from the first step to the last.
        certificate: file of the authority that vouches for its server, in the home; empty for those of this machine.
    """

    key: str
    name: str
    address: str
    staff_code: str
    password: str
    seconds: float = USUAL_SECONDS
    certificate: str = ""

    def __repr__(self) -> str:
        return f"Site({self.key})"  # the password belongs into no log


class ReplyOutcome(StrEnum):
    """What became of asking one archive (答复情况)."""

    ANSWERED = "ANSWERED"
    TIMED_OUT = "TIMED_OUT"
    UNREACHABLE = "UNREACHABLE"
    BUSY = "BUSY"  # others wait for it already
    NOT_LET_IN = "NOT_LET_IN"  # the account or its password is not accepted
    REFUSED = "REFUSED"  # it said no, with a code
    UNREADABLE = "UNREADABLE"  # it said something else than an answer


class Column(StrEnum):
    """What an archive tells of a record that it found (答复项)."""

    REFERENCE = "reference"
    TITLE = "title"
    NAMES = "names"
    NUMBERS = "numbers"  # masked
    STEP = "step"
    CATEGORY = "category"
    YEAR = "year"
    FORMED = "formed"
    AGENCY = "agency"
    STATE = "state"
    PAGES = "pages"


Row = Mapping[Column, str]


@dataclass(frozen=True)
class Found:
    """What an archive found for another one.

    Attributes:
        house: who answers.
        rows: the records, at most ``MOST_ROWS``.
        is_cut: whether it has more.
        is_index_whole: whether its index knows every record just now.
    """

    house: str
    rows: tuple[Row, ...]
    is_cut: bool
    is_index_whole: bool


@dataclass(frozen=True)
class Reply:
    """What became of asking one archive, and what it found; ``code`` and ``said`` are of its refusal."""

    site: Site
    outcome: ReplyOutcome
    found: Found | None = None
    code: str = ""
    said: str = ""


def read_sites(text: str) -> tuple[Site, ...]:
    """The archives of a file ``archives.toml``.

    Raises:
        X-041: it is not as it should be.
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise Refusal("X-041", why=f"TOML: {fault}"[:160]) from fault
    tables = told.get("archive", [])
    if set(told) - {"archive"} or not isinstance(tables, list) or len(tables) > MOST_SITES:
        raise Refusal("X-041", why=f"[[archive]] × 1–{MOST_SITES}")
    sites = tuple(_site(table, place) for place, table in enumerate(tables, start=1))
    if len({site.key for site in sites}) < len(sites):
        raise Refusal("X-041", why="key: 重复 given twice")
    return sites


def _site(table: Any, place: int) -> Site:
    texts = ("key", "name", "address", "staff_code", "password")
    if not isinstance(table, dict) or set(table) - {*texts, "seconds", "certificate"}:
        raise Refusal("X-041", why=f"archive {place}: {', '.join((*texts, 'seconds', 'certificate'))}")
    for name in texts:
        if not isinstance(table.get(name), str) or not table[name].strip():
            raise Refusal("X-041", why=f"archive {place}: {name}")
    key, certificate = table["key"].strip(), table.get("certificate", "")
    if len(key) > 20 or not (key.isascii() and key.isalnum()) or len(table["name"]) > 80:
        raise Refusal("X-041", why=f"archive {place}: key, name")
    seconds = table.get("seconds", USUAL_SECONDS)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise Refusal("X-041", why=f"{key}: seconds")
    if not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        raise Refusal("X-041", why=f"{key}: seconds {LEAST_SECONDS:g}–{MOST_SECONDS:g}")
    if not isinstance(certificate, str) or "/" in certificate or certificate.startswith("."):
        raise Refusal("X-041", why=f"{key}: certificate")
    return Site(
        key=key,
        name=table["name"].strip(),
        address=_address(key, table["address"].strip()),
        staff_code=table["staff_code"].strip(),
        password=table["password"],
        seconds=float(seconds),
        certificate=certificate,
    )


def _address(key: str, address: str) -> str:
    """The address as it is used. Numbers of persons go there: over a network only where nobody can read along."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError as fault:
        raise Refusal("X-041", why=f"{key}: address") from fault
    is_bare = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in ("http", "https") or not host or not is_bare:
        raise Refusal("X-041", why=f"{key}: address")
    if parts.scheme == "http" and not _is_here(host):
        raise Refusal("X-041", why=f"{key}: http, 应为 must be https")
    return f"{parts.scheme}://{parts.netloc}"


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def chosen(sites: Sequence[Site], keys: Sequence[str]) -> list[Site]:
    """Those of the archives that are asked, in the order of the file.

    Raises:
        X-040: none is named in this house.
        X-042: one is not known, or none was chosen.
    """
    if not sites:
        raise Refusal("X-040")
    known = {site.key for site in sites}
    if unknown := [key for key in keys if key not in known]:
        raise Refusal("X-042", key=unknown[0][:20])
    if not keys:
        raise Refusal("X-042", key="—")
    return [site for site in sites if site.key in keys]


def read_found(octets: bytes) -> Found:
    """An answer as it came: checked, since whoever answers may be mistaken or mischievous.

    Raises:
        ValueError: it is no answer.
    """
    told = json.loads(octets)
    if not isinstance(told, dict) or not isinstance(told.get("rows"), list) or len(told["rows"]) > MOST_ROWS:
        raise ValueError("rows")
    if not all(isinstance(told.get(name), bool) for name in ("is_cut", "is_index_whole")):
        raise ValueError("is_cut, is_index_whole")
    rows = tuple(_row(row) for row in told["rows"])
    return Found(_text(told.get("house")), rows, told["is_cut"], told["is_index_whole"])


def _row(told: object) -> Row:
    return {column: _text(told.get(column.value) if isinstance(told, dict) else None) for column in Column}


def _text(told: object) -> str:
    if not isinstance(told, str) or len(told) > MOST_TEXT:
        raise ValueError("text")
    return "".join(sign for sign in told if sign.isprintable())


def read_refusal(octets: bytes) -> tuple[str, str]:
    """Code and sentence of another archive's refusal; both empty where it gave none (RFC 9457)."""
    try:
        told = json.loads(octets)
        code, said = told.get("code", ""), told.get("detail", "")
        return (_text(code)[:10], _text(said)) if isinstance(code, str) else ("", "")
    except (ValueError, AttributeError):
        return "", ""
