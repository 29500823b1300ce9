"""The recovery card: one page, no secret, and what it says is so."""

import hashlib
import json
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from pytest_django import Settings

from anjuan.config import cli, recovery_card
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.signing import queries as signing
from anjuan.foundation.ledger import queries as ledger

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]


def words_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return "".join(document[0].get_textpage().get_text_range().replace("\u200b", "").split())


@pytest.fixture
def booted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_boot", lambda: None)  # the tests have a database already


def test_the_card_is_one_page_in_two_languages_and_gives_the_digests(
    booted: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["recovery-card", str(tmp_path / "card.pdf")]) == 0
    capsys.readouterr()
    assert cli.main(["trust"]) == 0
    trust = capsys.readouterr().out

    words = words_of((tmp_path / "card.pdf").read_bytes())

    assert json.loads(trust)["agency"] == signing.authority().agency_name
    assert hashlib.sha256(trust.encode()).hexdigest() in words
    assert repository.place() in words
    assert ledger.vkey() in words
    for said in ("恢复卡", "Recoverycard", "anjuanrebuild", "READ-ME-FIRST.txt", "0004-hashed-n-tuple-storage-layout"):
        assert said in words
    for secret in signing.keys_folder().iterdir():
        if secret.is_file() and secret.suffix != ".pem":
            text = secret.read_bytes().decode("ascii", "replace").strip()
            assert not text or text not in words


def test_the_card_of_a_bucket_names_its_address(settings: Settings) -> None:
    settings.ANJUAN_STORE = "s3://archive/city?endpoint=http://127.0.0.1:8333"

    from django.utils import timezone

    pdf = recovery_card.draw(timezone.now())

    assert "s3://archive/city?endpoint=http://127.0.0.1:8333" in words_of(pdf)
    picture: Image.Image = pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil()
    code = picture.convert("L").crop((int(picture.width * 0.7), 0, picture.width, picture.height // 3))
    assert sum(code.histogram()[:64]) > 3000  # the symbol is drawn


def test_locks_are_renewed_only_where_there_are_any(booted: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["store", "renew-locks"]) == 0
    assert "no object lock" in capsys.readouterr().out
