"""HTTPS on the office network: a root of the archive's own, that speaks for private addresses only."""

import datetime as dt
import hashlib
import ssl
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from django.test import Client

from anjuan.config import lan

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)


def test_a_device_that_trusts_the_root_talks_to_these_addresses_and_to_no_other(tmp_path: Path) -> None:
    door = lan.prepare(tmp_path / "lan", ["192.168.1.5"], now=NOW)
    root = x509.load_pem_x509_certificate(door.root.read_bytes())
    server = x509.load_pem_x509_certificate(door.certificate.read_bytes())
    server.verify_directly_issued_by(root)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["192.168.1.5", "127.0.0.1"]
    constraint = root.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraint.critical and constraint.value.permitted_subtrees
    assert server.not_valid_after_utc - server.not_valid_before_utc <= dt.timedelta(days=398)
    context = ssl.create_default_context(cafile=str(door.root))
    assert context.cert_store_stats()["x509_ca"] == 1
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(door.certificate, door.key)


def test_keys_are_their_users_alone_and_last_until_they_must_be_renewed(tmp_path: Path) -> None:
    folder = tmp_path / "lan"
    door = lan.prepare(folder, ["10.0.0.7"], now=NOW)
    first, root = door.certificate.read_bytes(), door.root.read_bytes()
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in ("root.key", "server.key")} == {0o600}

    assert lan.prepare(folder, ["10.0.0.7"], now=NOW + dt.timedelta(days=300)).certificate.read_bytes() == first
    lan.prepare(folder, ["10.0.0.7"], now=NOW + dt.timedelta(days=390))
    renewed = door.certificate.read_bytes()
    assert renewed != first and door.root.read_bytes() == root  # devices need not trust anew
    lan.prepare(folder, ["10.0.0.8"], now=NOW)
    assert door.certificate.read_bytes() != renewed and door.root.read_bytes() == root


def test_a_certificate_that_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    door = lan.prepare(tmp_path, ["10.0.0.7"], now=NOW)
    door.certificate.write_bytes(door.certificate.read_bytes()[:300])
    lan.prepare(tmp_path, ["10.0.0.7"], now=NOW)
    assert x509.load_pem_x509_certificates(door.certificate.read_bytes())


def test_only_private_addresses_are_served_this_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environment = {"ANJUAN_HOME": str(tmp_path)}
    with pytest.raises(SystemExit):
        lan.open_door("8.8.8.8", 8000, environment)
    with pytest.raises(SystemExit):
        lan.open_door("archive.local", 8000, environment)
    assert environment == {"ANJUAN_HOME": str(tmp_path)}
    door = lan.open_door("192.168.7.7", 8443, environment)
    assert environment["ANJUAN_PUBLIC_URL"] == "https://192.168.7.7:8443"
    assert environment["ANJUAN_HOSTS"].split() == ["192.168.7.7", "127.0.0.1", "localhost"]
    assert environment["ANJUAN_LAN_ROOT"] == str(door.root)
    assert all(lan.is_private(one) for one in lan.addresses())


def test_the_trust_page_shows_the_fingerprint_of_the_root_it_gives(tmp_path: Path, settings: Any, db: None) -> None:
    assert Client().get("/lan/").status_code == 404  # no certificate of our own: nothing to trust
    door = lan.prepare(tmp_path, ["10.0.0.7"], now=NOW)
    settings.ANJUAN_LAN_ROOT = str(door.root)
    page = Client().get("/lan/").content.decode()
    given = b"".join(Client().get("/lan/root.crt")).hex()
    digest = hashlib.sha256(bytes.fromhex(given)).hexdigest().upper()
    assert all(digest[at : at + 4] in page for at in range(0, 64, 4))
    assert lan.fingerprint(door.root).replace(" ", "") == digest
