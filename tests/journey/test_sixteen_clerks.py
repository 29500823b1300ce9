"""Sixteen people at their counters at once, the worker beside them: nothing is lost, doubled, refused or locked."""

import http.client
import json
import threading
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests import builders
from tests.journey import commands

CLERKS = 16
ITEMS = 6
MATERIALS = ("MAIN_FORM", "ID_CARD")
PASSWORD = "sixteen-at-once"

HIRE = """
    import datetime as dt, sys
    from django.core.management import call_command
    call_command("migrate", verbosity=0)
    from anjuan.core.terms import Post
    from anjuan.demo import office
    from anjuan.foundation.accounts import actions, occasions
    office.found()
    secret = actions.hash_password(sys.argv[2])
    for number in range(int(sys.argv[1])):
        code = f"clerk{number:02}"
        actions.enrol(occasion=occasions.now(actions.FOUNDER), staff_code=code, name=code, agency_code="BH",
                      password_hash=secret)
        actions.appoint(occasion=occasions.now(actions.FOUNDER), staff_code=code, post=Post.HANDLER,
                        agency_code="BH", since_date=occasions.today() - dt.timedelta(days=1))
"""
COUNT = """
    import collections, json
    from anjuan.facilities.search import queries as search
    from anjuan.foundation.journal import queries as journal
    from anjuan.foundation.journal.models import Entry
    from anjuan.records.models import Item
    acts = collections.Counter(Entry.objects.values_list("act", flat=True))
    closed = journal.check_openings()
    positions = list(Entry.objects.order_by("position").values_list("position", flat=True))
    print(json.dumps({"items": Item.objects.filter(state="IN_REVIEW").count(), "acts": acts,
                      "indexed": search.index().count().items, "openings": closed.compared,
                      "wrong": len(closed.changed) + len(closed.missing) + len(closed.broken),
                      "contiguous": positions == list(range(len(positions)))}))
"""


class Clerk:
    """A person at a counter, through the API, on one connection."""

    def __init__(self, address: str, number: int) -> None:
        self.number = number
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(address).netloc, timeout=120)
        self.headers: dict[str, str] = {}
        said = {"staff_code": f"clerk{number:02}", "password": PASSWORD}
        self.headers["Authorization"] = f"Bearer {json.loads(self.ask('POST', '/session', said))['token']}"

    def ask(self, method: str, path: str, said: object = None, *, octets: bytes = b"", kind: str = "") -> bytes:
        body = octets or (json.dumps(said).encode() if said is not None else b"")
        headers = {**self.headers, "Content-Type": kind or "application/json"}
        self.connection.request(method, f"/api/v1{path}", body, headers)
        answer = self.connection.getresponse()
        answered = answer.read()
        assert answer.status < 400, (path, answer.status, answered[:300])
        return answered

    def capture(self, urn: str, material: str, seed: int) -> None:
        parts = f'--b\r\nContent-Disposition: form-data; name="material"\r\n\r\n{material}\r\n--b\r\n'
        parts += 'Content-Disposition: form-data; name="file"; filename="p.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        octets = parts.encode() + builders.jpeg(seed) + b"\r\n--b--\r\n"
        self.ask("POST", f"/intake/items/{urn}/files", octets=octets, kind="multipart/form-data; boundary=b")

    def work(self) -> None:
        """Take in every case, from the first word to the page on the screen."""
        for place in range(ITEMS):
            serial = self.number * ITEMS + place
            case = {
                "agency_code": "BH",
                "acceptance_no": f"C{self.number:02}-{place}",
                "step_code": "PERSON_REGISTRATION",
                "title": f"第{self.number:02}柜登记表",
                "formed_date": "2024-03-15",
                "paper_pages": len(MATERIALS),
                "persons": [{"name": f"参保人{serial}", "id_number": builders.number(serial)}],
            }
            urn = json.loads(self.ask("POST", "/intake/items", case))["urn"]
            for at, material in enumerate(MATERIALS):
                self.capture(urn, material, serial * len(MATERIALS) + at + 1)
            seen: dict[str, Any] = json.loads(self.ask("GET", f"/intake/items/{urn}"))
            self.ask("POST", f"/intake/items/{urn}/submit")
            for component in seen["components"]:
                assert self.ask("GET", f"/components/{component['pk']}/pages/1").startswith(b"\xff\xd8")

    def finds(self) -> int:
        """How many of one's own cases the words of their titles find."""
        asked = urllib.parse.quote(f"第{self.number:02}柜")
        return int(json.loads(self.ask("GET", f"/find?q={asked}"))["total"])


def test_sixteen_clerks_at_once_lose_nothing_and_lock_nobody_out(tmp_path: Path, engine: dict[str, str]) -> None:
    home, said = tmp_path / "home", tmp_path / "said"
    commands.python(home, HIRE, str(CLERKS), PASSWORD, **engine)

    with commands.served(home, said, **engine) as address, ThreadPoolExecutor(CLERKS) as counters:
        clerks = list(counters.map(lambda number: Clerk(address, number), range(CLERKS)))
        start = threading.Barrier(CLERKS)

        def begin(clerk: Clerk) -> None:
            start.wait()
            clerk.work()

        list(counters.map(begin, clerks))
        found = []
        for _ in range(100):  # the index follows
            found = [clerk.finds() for clerk in clerks]
            if found == [ITEMS] * CLERKS:
                break
            time.sleep(0.2)
        for clerk in clerks:
            clerk.connection.close()
    counted = json.loads(commands.python(home, COUNT, **engine))

    output = said.read_text(encoding="utf-8")
    assert found == [ITEMS] * CLERKS
    assert not [word for word in ("locked", "Traceback", "ERROR") if word in output], output[-3000:]
    assert counted["items"] == counted["indexed"] == CLERKS * ITEMS
    assert [counted["acts"][f"intake.{verb}"] for verb in ("register", "capture", "submit")] == [
        CLERKS * ITEMS,
        CLERKS * ITEMS * len(MATERIALS),
        CLERKS * ITEMS,
    ]
    assert (counted["openings"], counted["wrong"]) == (CLERKS * ITEMS * len(MATERIALS), 0)
    assert counted["contiguous"]
    assert commands.run(home, "ocfl", "validate", str(home / "store"), **engine).returncode == 0
    assert commands.run(home, "doctor", **engine).returncode == 0
