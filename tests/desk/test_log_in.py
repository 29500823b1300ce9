"""Logging in: by page, by token, refused, and locked out."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from anjuan.foundation.accounts.models import AccessToken
from anjuan.foundation.journal.models import Entry, PrivateValue
from tests.cast import Cast

# Collected static files are the installation's; tests serve them from the rooms.
pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")

LOG_IN = "/account/log-in/"


@pytest.fixture
def password(cast: Cast) -> str:
    from anjuan.core.terms import Post

    cast.hire("new01", Post.HANDLER, "BH")
    return "long-enough"


def acts() -> list[str]:
    return list(Entry.objects.order_by("id").values_list("act", flat=True))


def test_the_page_says_practice_only_in_a_practice_archive(client: Client, cast: Cast, settings: Any) -> None:
    settings.PRACTICE = True
    assert "演示" in client.get(LOG_IN).content.decode()
    settings.PRACTICE = False
    page = client.get(LOG_IN).content.decode()
    assert "演示" not in page and "bh01" not in page and "忘记密码" in page


def test_logging_in_leads_where_one_wanted_to_go(client: Client, cast: Cast, password: str) -> None:
    wanted = client.get("/intake/")["Location"]
    assert wanted == f"{LOG_IN}?next=/intake/"
    assert 'name="next" value="/intake/"' in client.get(wanted).content.decode()
    answer = client.post(LOG_IN, {"staff_code": "new01", "password": password, "next": "/intake/"})
    assert (answer.status_code, answer["Location"]) == (302, "/intake/")
    assert client.get("/intake/").status_code == 200 and acts()[-1] == "accounts.log_in"
    assert client.post("/account/log-out/")["Location"] == LOG_IN
    assert client.get("/intake/").status_code == 302


def test_logging_in_never_leads_to_another_site(client: Client, cast: Cast, password: str) -> None:
    sent = {"staff_code": "new01", "password": password, "next": "https://example.org/"}
    assert client.post(LOG_IN, sent)["Location"] == "/"


@pytest.mark.parametrize(
    ("language", "said"), [("zh-hans", "工号或密码不对"), ("en", "The staff code or the password")]
)
def test_a_wrong_password_is_refused_and_journaled(
    client: Client, cast: Cast, password: str, language: str, said: str
) -> None:
    sent = {"staff_code": "new01", "password": "wrong-one", "next": "/intake/"}
    answer = client.post(LOG_IN, sent, headers={"accept-language": language})
    page = answer.content.decode()
    assert answer.status_code == 401 and said in page and 'value="new01"' in page and "wrong-one" not in page
    assert 'name="next" value="/intake/"' in page and acts()[-1] == "accounts.refuse_log_in"


def test_too_many_failures_close_the_door(client: Client, cast: Cast, password: str, settings: Any) -> None:
    settings.AXES_ENABLED = True
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = client.post(LOG_IN, {"staff_code": "new01", "password": "wrong-one"})
    assert answer.status_code == 429 and "暂时不能登录" in answer.content.decode()
    right = client.post(LOG_IN, {"staff_code": "new01", "password": password})
    assert right.status_code == 429


def test_a_program_gets_a_token(client: Client, cast: Cast, password: str, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.desk.desk_addresses"
    path = "/api/rooms/session"

    def ask(word: str) -> Any:
        return client.post(path, {"staff_code": "new01", "password": word}, content_type="application/json")

    made = ask(password)
    assert made.status_code == 201 and made.json()["token_type"] == "Bearer"
    me = {"authorization": f"Bearer {made.json()['token']}"}
    assert client.get("/api/rooms/intake/items", headers=me).json() == []
    assert not AccessToken.objects.filter(token_digest=made.json()["token"]).exists()
    AccessToken.objects.update(expires_at=cast.clock.at - dt.timedelta(hours=1))
    assert client.get("/api/rooms/intake/items", headers=me).status_code == 401

    wrong = ask("wrong-one")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "A-008")
    settings.AXES_ENABLED = True
    for _ in range(settings.AXES_FAILURE_LIMIT):
        closed = ask("wrong-one")
    assert (closed.status_code, closed.json()["code"]) == (429, "A-009")
    assert ask(password).status_code == 429


def test_a_staff_code_of_unseen_signs_is_journaled_as_it_can_be_read(cast: Cast) -> None:
    answer = Client().post(
        "/api/v1/session", '{"staff_code": "bh\\u0007\\ue00001", "password": "x"}', content_type="application/json"
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "A-008")
    kept = PrivateValue.objects.get(entry_uid=Entry.objects.latest("id").uid, field="staff_code")
    assert kept.value == "bh\ufffd\ufffd01"
