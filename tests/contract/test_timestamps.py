"""Time stamps: ours as other programs read them, and a foreign authority's over the network."""

import contextlib
import datetime as dt
import http.server
import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from asn1crypto import keys, pem, tsp, x509
from cryptography import x509 as certificates
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore
from pytest_django import Settings

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post
from anjuan.facilities.signing import actions, queries
from anjuan.facilities.signing.backends import keystore
from anjuan.foundation.ledger import queries as log
from anjuan_verify import timestamp
from anjuan_verify.trust import Trust, read_trust
from tests.cast import Cast

OCTETS = b"log.anjuan.example/00000000\n3\nroot\n"


def trust() -> Trust:
    return read_trust(json.dumps(queries.trust_file(log.vkey())))


def stamped(cast: Cast, octets: bytes = OCTETS) -> bytes:
    return actions.stamp(occasion=cast.occasion(Post.AUDITOR), octets=octets)


def test_our_stamp_is_over_the_bytes_at_the_time_of_the_act_and_says_that_it_is_ours(cast: Cast) -> None:
    answer = stamped(cast)

    found = timestamp.read_stamp(answer)
    assert found.imprint in timestamp.digests(OCTETS)
    assert found.at == cast.clock.at
    assert timestamp.believed(found, trust()) is not None
    assert timestamp.believed(found, None) is None
    told = queries.read_stamp(answer)
    assert (told.at, told.authority) == (cast.clock.at, "演示 案卷时间戳（内部）")
    assert told.imprint == found.imprint[1].hex()


def test_any_changed_byte_of_a_stamp_is_noticed(cast: Cast) -> None:
    answer = stamped(cast)
    believing = trust()
    for at in range(0, len(answer), 5):
        changed = answer[:at] + bytes([answer[at] ^ (1 << at % 8)]) + answer[at + 1 :]
        with pytest.raises(timestamp.Malformed):
            found = timestamp.read_stamp(changed)
            if found.imprint not in timestamp.digests(OCTETS):
                raise timestamp.Malformed("over other bytes")
            timestamp.believed(found, believing)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
def test_another_program_accepts_our_stamp(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "day.tsr").write_bytes(stamped(cast))
    (tmp_path / "note").write_bytes(OCTETS)
    (tmp_path / "other").write_bytes(OCTETS + b"x")
    (tmp_path / "root.pem").write_text(queries.authority().root_pem)

    def verified(name: str) -> bool:
        command = ["openssl", "ts", "-verify", "-in", "day.tsr", "-data", name, "-CAfile", "root.pem"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode == 0 and "Verification: OK" in done.stdout + done.stderr

    assert verified("note")
    assert not verified("other")


def test_whoever_signs_records_stamps_no_time_and_the_other_way_round(cast: Cast) -> None:
    stamped(cast)
    stamper = certificates.load_pem_x509_certificate(keystore.read_stamper(queries.keys_folder()).signer_pem.encode())

    usage = stamper.extensions.get_extension_for_class(certificates.ExtendedKeyUsage)
    assert usage.critical and list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
    signer = certificates.load_pem_x509_certificate(queries.authority().signer_pem.encode())
    with pytest.raises(certificates.ExtensionNotFound):
        signer.extensions.get_extension_for_class(certificates.ExtendedKeyUsage)


class Authority:
    """A foreign authority on this machine: RSA, a root of its own, made by another library."""

    def __init__(self, folder: Path) -> None:
        now = dt.datetime.now(dt.UTC)
        self.root_key, self.key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
        self.root = self._certificate("Foreign root", self.root_key, None, now)
        self.certificate = self._certificate("Foreign stamper", self.key, self.root, now)
        self.change: Callable[[tsp.TimeStampResp], tsp.TimeStampResp | bytes] = lambda response: response
        self.asked: list[tsp.TimeStampReq] = []
        (folder / "roots.pem").write_bytes(self.root.public_bytes(serialization.Encoding.PEM))

    def _certificate(
        self, name: str, key: rsa.RSAPrivateKey, issuer: certificates.Certificate | None, now: dt.datetime
    ) -> certificates.Certificate:
        subject = certificates.Name([certificates.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = (
            certificates.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.subject if issuer else subject)
            .public_key(key.public_key())
            .serial_number(certificates.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=9))
            .add_extension(certificates.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        )
        others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
        usage = dict.fromkeys([*others, "crl_sign", "encipher_only", "decipher_only"], False)
        builder = builder.add_extension(
            certificates.KeyUsage(digital_signature=issuer is not None, key_cert_sign=issuer is None, **usage),
            critical=True,
        )
        if issuer is not None:
            builder = builder.add_extension(
                certificates.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
            )
        return builder.sign(self.root_key, hashes.SHA512())

    def answer(self, octets: bytes) -> bytes:
        request = tsp.TimeStampReq.load(octets)
        self.asked.append(request)
        store = SimpleCertificateStore()
        store.register(x509.Certificate.load(self.root.public_bytes(serialization.Encoding.DER)))
        private = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        stamper = DummyTimeStamper(
            tsa_cert=x509.Certificate.load(self.certificate.public_bytes(serialization.Encoding.DER)),
            tsa_key=keys.PrivateKeyInfo.load(pem.unarmor(private)[2]),
            certs_to_embed=store,
        )
        changed = self.change(stamper.request_tsa_response(request))
        return changed if isinstance(changed, bytes) else bytes(changed.dump())


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("foreign"))


@contextlib.contextmanager
def served(authority: Authority) -> Iterator[str]:
    class Door(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            octets = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/tsa"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def foreign(authority: Authority, settings: Settings, tmp_path: Path) -> Iterator[Authority]:
    (tmp_path / "roots.pem").write_bytes(authority.root.public_bytes(serialization.Encoding.PEM))
    authority.change = lambda response: response
    with served(authority) as url:
        settings.ANJUAN_TSA_URL = url
        settings.ANJUAN_TSA_ROOTS = str(tmp_path / "roots.pem")
        yield authority


def test_a_foreign_authority_stamps_when_the_setting_names_it(cast: Cast, foreign: Authority) -> None:
    answer = stamped(cast)

    found = timestamp.read_stamp(answer)
    assert found.imprint in timestamp.digests(OCTETS)
    root = timestamp.believed(found, trust())
    assert root is not None and root.name() == "Foreign root"
    assert queries.read_stamp(answer).authority == "Foreign stamper"
    assert abs(found.at - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)
    (asked,) = foreign.asked[-1:]
    assert set(asked.native) >= {"message_imprint", "nonce", "cert_req"}
    assert OCTETS not in asked.dump()  # the digest leaves the house, nothing else


def test_a_reader_who_does_not_know_the_foreign_root_believes_nothing(
    cast: Cast, foreign: Authority, settings: Settings
) -> None:
    answer = stamped(cast)
    settings.ANJUAN_TSA_ROOTS = ""

    assert timestamp.believed(timestamp.read_stamp(answer), trust()) is None


def _refuses(response: tsp.TimeStampResp) -> tsp.TimeStampResp:
    return tsp.TimeStampResp({"status": {"status": "rejection"}})


@pytest.mark.parametrize("change", [_refuses, lambda _: b"hello", lambda response: response.dump()[:-9]])
def test_an_authority_that_gives_no_stamp_is_refused(
    cast: Cast, foreign: Authority, change: Callable[[tsp.TimeStampResp], tsp.TimeStampResp | bytes]
) -> None:
    foreign.change = change

    with pytest.raises(Refusal, match="K-010"):
        stamped(cast)


def test_an_old_answer_played_again_is_refused(cast: Cast, foreign: Authority) -> None:
    kept: list[bytes] = []

    def replayed(response: tsp.TimeStampResp) -> bytes:
        kept.append(bytes(response.dump()))
        return kept[0]

    foreign.change = replayed
    stamped(cast)
    with pytest.raises(Refusal, match="K-010"):
        stamped(cast)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/none", "file:///etc/hostname", "nonsense"])
def test_an_authority_that_cannot_be_reached_is_refused(cast: Cast, settings: Settings, url: str) -> None:
    settings.ANJUAN_TSA_URL = url

    with pytest.raises(Refusal, match="K-010"):
        stamped(cast)
