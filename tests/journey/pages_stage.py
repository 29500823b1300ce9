"""Cases with pages of one's own, brought in as a program brings them: over the API of a served archive."""

import json
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from tests.people import person


def session(base: str, staff_code: str, password: str) -> str:
    """A token for a program that acts for somebody."""
    answer = _asked(f"{base}/api/v1/session", {"staff_code": staff_code, "password": password})
    return str(answer["token"])


def captured(base: str, token: str, acceptance_no: str, files: Sequence[tuple[str, bytes]]) -> str:
    """A registered case of the practice handler, ``NAME-number``, with these files. Returns its URN."""
    whom = person(700 + int(acceptance_no.rpartition("-")[2]))
    told = {
        "agency_code": "BH",
        "acceptance_no": acceptance_no,
        "step_code": "PERSON_REGISTRATION",
        "title": f"阅览测试 {acceptance_no}",
        "formed_date": "2026-03-02",
        "paper_pages": 1,
        "persons": [{"name": whom.name, "id_number": whom.id_number}],
        "route": "TARGET",
    }
    urn = str(_asked(f"{base}/api/v1/intake/items", told, token)["urn"])
    for name, octets in files:
        _posted(f"{base}/api/v1/intake/items/{urn}/files", name, octets, token)
    return urn


def _asked(address: str, body: Mapping[str, object], token: str = "") -> dict[str, Any]:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    return _read(urllib.request.Request(address, json.dumps(body).encode(), headers))


def _posted(address: str, name: str, octets: bytes, token: str) -> dict[str, Any]:
    edge = uuid.uuid4().hex
    kind = "application/pdf" if name.endswith(".pdf") else "image/jpeg"
    body = b"".join(
        (
            f'--{edge}\r\nContent-Disposition: form-data; name="material"\r\n\r\nMAIN_FORM\r\n'.encode(),
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode(),
            f"Content-Type: {kind}\r\n\r\n".encode(),
            octets,
            f"\r\n--{edge}--\r\n".encode(),
        )
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={edge}", "Authorization": f"Bearer {token}"}
    return _read(urllib.request.Request(address, body, headers))


def _read(request: urllib.request.Request) -> dict[str, Any]:
    with urllib.request.urlopen(request, timeout=120) as answer:
        found: dict[str, Any] = json.loads(answer.read())
        return found
