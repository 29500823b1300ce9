"""``anjuan keys``: whoever types is asked for his password, and does no more than his post lets him."""

import io

import pytest

from anjuan.config import keys
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post
from anjuan.facilities.signing import queries
from anjuan.facilities.signing.rules import KeyKind
from anjuan.foundation.journal import queries as journal
from tests.cast import Cast


def types(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))


def test_the_officer_changes_and_revokes_and_the_list_tells(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = cast.hire("zz91", Post.SECURITY_OFFICER, "SJ")
    types(monkeypatch, "long-enough")
    assert "#2" in keys.rotate("log", officer)
    types(monkeypatch, "long-enough")
    assert "密钥外泄" in keys.revoke("log", officer, 1, "密钥外泄")

    lines = keys.listing()
    assert len(lines) == 4
    assert any("已吊销" in line and "密钥外泄" in line for line in lines)
    assert sum("signs now" in line for line in lines) == 3
    assert journal.story_of("key:LOG-2")[0].staff_code == officer


def test_a_wrong_password_is_a_008_and_on_record(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = cast.hire("zz91", Post.SECURITY_OFFICER, "SJ")
    for who, password in ((officer, "wrong"), ("nobody", "long-enough")):
        types(monkeypatch, password)
        with pytest.raises(Refusal, match="A-008"):
            keys.rotate("signer", who)

    failed = [line for line in journal.story_of("staff:unknown") if line.values.get("terminal") == "anjuan keys"]
    assert [line.values["staff_code"] for line in failed] == [officer, "nobody"]
    assert queries.generation(KeyKind.SIGNER) == 1


def test_another_post_is_a_001(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    other = cast.hire("zz90", Post.SYSTEM_ADMIN, "SJ")
    types(monkeypatch, "long-enough")

    with pytest.raises(Refusal, match="A-001"):
        keys.rotate("signer", other)
