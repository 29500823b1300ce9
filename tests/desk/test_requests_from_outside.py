"""What comes from outside: NUL is refused wherever it stands, a fault is logged without anybody's number."""

import importlib
import json
import logging
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.test import Client

from anjuan.config.settings import base
from anjuan.core.terms import Post
from anjuan.desks.certificates import queries as certificates
from anjuan.desks.certificates import views as certificate_views
from anjuan.facilities.search import queries as search
from anjuan.facilities.signing import queries as signing
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.ledger import queries as ledger
from anjuan.foundation.web import faults
from anjuan_verify import build
from tests import builders
from tests.builders import everything
from tests.cast import Cast

# Collected static files are the installation's; tests serve them from the rooms.
pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")


@pytest.mark.parametrize(
    "address",
    ["/find/?q=%00", "/verify/A%00B", "/verify/?code=%00", "/item/urn:%00/", "/filing/urn%00/", "/records/?state=%00"],
)
def test_nul_in_an_address_is_no_address(cast: Cast, address: str) -> None:
    client = cast.client(Post.HANDLER)

    assert client.get(address).status_code == 400


def test_nul_in_a_query_is_a_page_that_says_so(cast: Cast) -> None:
    answer = cast.client(Post.HANDLER).get("/find/?q=%00")

    assert answer.status_code == 400
    assert "<main" in answer.content.decode()


def test_nul_in_a_form_changes_nothing(cast: Cast) -> None:
    urn = builders.reviewed(cast)
    volume = builders.filed(cast, urn)
    client, counter = cast.client(Post.FILER), cast.client(Post.HANDLER)
    before = everything()

    assert client.post(f"/filing/{volume}/add/", {"item_urn": "urn\x00"}).status_code == 400
    scan = SimpleUploadedFile("a.jpg", builders.jpeg(3))
    capture = counter.post(f"/intake/{urn}/capture/", {"file": scan, "material": "MAIN\x00"})
    assert capture.status_code == 400
    assert Client().post("/account/log-in/", {"staff_code": "bh\x0001", "password": "x"}).status_code == 400
    assert everything() == before


@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
def test_nul_in_json_is_problem_details(cast: Cast, content_type: str) -> None:
    body = json.dumps({"staff_code": "bh\x0001", "password": "x"})

    answer = Client().post("/api/v1/session", body, content_type=content_type)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_a_backslash_before_u0000_is_no_nul(cast: Cast) -> None:
    body = json.dumps({"staff_code": "bh\\u000001", "password": "x"})
    assert b"\\u0000" in body.encode()

    assert Client().post("/api/v1/session", body, content_type="application/json").status_code == 401


def test_nul_in_the_query_of_the_api_is_problem_details(cast: Cast) -> None:
    token = accounts.issue_token(occasion=cast.occasion(Post.HANDLER), terminal="test").text

    answer = Client().get("/api/v1/find?q=%00", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_a_fault_of_the_database_is_logged_with_its_place_and_without_the_row(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    number = builders.number(1)

    def collide(*_: Any, **__: Any) -> None:
        try:
            raise IntegrityError(f"duplicate key\nDETAIL:  Key (id_number)=({number}) already exists.")
        except IntegrityError as error:
            raise RuntimeError(f"again {number}") from error

    monkeypatch.setattr(search, "find", collide)
    client = cast.client(Post.HANDLER)
    client.raise_request_exception = False
    with caplog.at_level(logging.INFO):
        assert client.get("/find/?q=x").status_code == 500

    spelled: dict[str, str] = base.LOGGING["formatters"]["line"]  # type: ignore[index]
    room, name = spelled["()"].rsplit(".", 1)
    formatter = getattr(importlib.import_module(room), name)(spelled["format"])
    lines = "\n".join(formatter.format(record) for record in caplog.records)
    assert number not in lines
    assert "IntegrityError" in lines and "RuntimeError" in lines and "in collide" in lines
    assert number not in "".join(r.getMessage() for r in caplog.records)


def test_a_fault_of_our_own_is_logged_with_its_words() -> None:
    try:
        raise ValueError("plain")
    except ValueError as fault:
        assert "ValueError: plain" in faults.told(fault)


def test_a_file_too_large_to_be_a_certificate_is_refused_before_it_is_read(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    monkeypatch.setattr(certificates, "by_digest", lambda digest: read.append(1))
    monkeypatch.setattr(certificate_views, "MOST_BYTES", 1000)
    # Small enough to be let in by its declared length, too large for a certificate:
    slightly = Client().post("/verify/", {"certificate": SimpleUploadedFile("a.pdf", b"%PDF" + b"x" * 1500)})
    # Not let in at all: not a byte of it is parsed.
    answer = Client().post(
        "/verify/", b"x", content_type="multipart/form-data; boundary=b", headers={"Content-Length": str(2**40)}
    )

    for refused in (slightly, answer):
        assert refused.status_code == 413
        assert "C-008" in refused.content.decode()
    assert not read


def test_the_verifier_is_packed_once_for_one_trust_file(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    first = certificates.verifier_program()
    monkeypatch.setattr(build, "build", lambda *_, **__: pytest.fail("packed again"))

    assert certificates.verifier_program() is first


def test_another_trust_file_is_another_program(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    first = certificates.verifier_program()
    other = signing.trust_file(ledger.vkey()) | {"practice": False}
    monkeypatch.setattr(signing, "trust_file", lambda vkey: other)

    assert certificates.verifier_program() != first
