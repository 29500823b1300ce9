"""HTTPS on the office network (``serve --lan``): browsers open cameras on HTTPS or localhost only (decision 25).

The archive makes a root of its own for this and nothing else; whoever installs it on a phone trusts this archive's
server and, by the constraint in the root, no other address than those of a private network. Root and server key lie
in ``keys/lan``, readable by their user only.
"""

import contextlib
import datetime as dt
import ipaddress
import os
import socket
import sys
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

EVERYWHERE = "0.0.0.0"  # noqa: S104 - that is what --lan asks for
ROOT_DAYS = 3650
SERVER_DAYS = 397  # browsers believe no server certificate that lasts longer
RENEW_DAYS = 30
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "100.64.0.0/10")


@dataclass(frozen=True)
class LanDoor:
    """What the server needs to answer on the office network."""

    names: tuple[str, ...]
    certificate: Path
    key: Path
    root: Path


def open_door(host: str, port: int, environment: MutableMapping[str, str]) -> LanDoor:
    """Make the certificate for this machine, and say in the environment what the settings must know of it.

    Args:
        host: an address of this machine, or the default one: then all private ones are found.
        port: where the server answers.
        environment: before Django reads it.
    """
    named = addresses() if host in ("127.0.0.1", EVERYWHERE) else [host]
    if not named or not all(is_private(one) for one in named):
        sys.exit("未找到本机的内网地址，请用 --host 指定。No private address of this machine: name one with --host.")
    home = Path(environment.get("ANJUAN_HOME") or Path.home() / ".anjuan").expanduser().absolute()
    door = prepare(home / "keys" / "lan", named, now=dt.datetime.now(dt.UTC))
    environment["ANJUAN_HOSTS"] = " ".join([environment.get("ANJUAN_HOSTS", ""), *door.names]).strip()
    environment.setdefault("ANJUAN_PUBLIC_URL", f"https://{door.names[0]}:{port}")
    environment["ANJUAN_LAN_ROOT"] = str(door.root)
    return door


def addresses() -> list[str]:
    """The private IPv4 addresses of this machine, the one of the default route first."""
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # sends nothing: it only asks which address would be used
        found.append(probe.getsockname()[0])
    with contextlib.suppress(OSError):
        found += [str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    return [one for one in dict.fromkeys(found) if is_private(one) and not one.startswith("127.")]


def is_private(address: str) -> bool:
    """Whether an address belongs to a private network: on any other, a real certificate is the way."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:  # a name: only addresses stand in the certificate
        return False
    return any(found in ipaddress.ip_network(block) for block in PRIVATE)


def prepare(folder: Path, names: list[str], *, now: dt.datetime) -> LanDoor:
    """The certificate for these addresses, made or renewed where it must be (局域网证书).

    Args:
        folder: where root and keys lie.
        names: private addresses of this machine; localhost is always among them.
        now: aware.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = tuple(dict.fromkeys([*names, "127.0.0.1", "localhost"]))
    door = LanDoor(wanted, folder / "server.pem", folder / "server.key", folder / "root.pem")
    if not door.root.exists() or not (folder / "root.key").exists():
        _make_root(folder, now)
        door.certificate.unlink(missing_ok=True)
    if not _serves(door, now):
        _make_server(door, folder, now)
    return door


def fingerprint(root: Path) -> str:
    """SHA-256 of the root certificate in fours, as the trust page shows it."""
    certificate = x509.load_pem_x509_certificate(root.read_bytes())
    octets = certificate.fingerprint(hashes.SHA256()).hex().upper()
    return " ".join(octets[at : at + 4] for at in range(0, len(octets), 4))


def _serves(door: LanDoor, now: dt.datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificates(door.certificate.read_bytes())[0]
        key = serialization.load_pem_private_key(door.key.read_bytes(), None)
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    present = {str(one) for one in named.get_values_for_type(x509.IPAddress)} | set(
        named.get_values_for_type(x509.DNSName)
    )
    return (
        set(door.names) <= present
        and certificate.public_key() == key.public_key()
        and certificate.not_valid_after_utc - now > dt.timedelta(days=RENEW_DAYS)
    )


def _make_root(folder: Path, now: dt.datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "案卷 Anjuan 局域网根证书 LAN root")])
    constraint = x509.NameConstraints(
        [*(x509.IPAddress(ipaddress.ip_network(block)) for block in PRIVATE), x509.DNSName("localhost")], None
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=ROOT_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(constraint, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _put(folder / "root.key", _private(key))
    _put(folder / "root.pem", certificate.public_bytes(serialization.Encoding.PEM))


def _make_server(door: LanDoor, folder: Path, now: dt.datetime) -> None:
    root = x509.load_pem_x509_certificate(door.root.read_bytes())
    root_key = cast(
        "ec.EllipticCurvePrivateKey", serialization.load_pem_private_key((folder / "root.key").read_bytes(), None)
    )
    key = ec.generate_private_key(ec.SECP256R1())
    names = [
        x509.DNSName(one) if one == "localhost" else x509.IPAddress(ipaddress.ip_address(one)) for one in door.names
    ]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, door.names[0])]))
        .issuer_name(root.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(min(now + dt.timedelta(days=SERVER_DAYS - 1), root.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    _put(door.key, _private(key))
    _put(door.certificate, certificate.public_bytes(serialization.Encoding.PEM) + door.root.read_bytes())


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _put(path: Path, octets: bytes) -> None:
    """Whole or not at all, and for its user's eyes only."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(octets)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)
