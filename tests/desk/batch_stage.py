"""A scanner station: it sends batches over the API as a business system would."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from anjuan.core.terms import Post
from anjuan.demo import office as practice
from tests import builders

PATH = "/api/v1/intake/batches"


class Station:
    """A program that acts for one person."""

    def __init__(self, staff_code: str) -> None:
        staff = get_user_model()._default_manager.get(staff_code=staff_code)
        staff.set_password("through-the-api")
        staff.save()
        self.client = Client()
        answer = self.client.post(
            "/api/v1/session",
            json.dumps({"staff_code": staff_code, "password": "through-the-api"}),
            content_type="application/json",
        )
        self.headers = {"Authorization": f"Bearer {answer.json()['token']}"}

    def send(self, cases: Sequence[Any], files: Mapping[str, bytes] | None = None) -> list[dict[str, Any]]:
        """The answers to a batch that is heard."""
        answer = self.raw(json.dumps({"cases": list(cases)}), files)
        assert answer.status_code == 200, answer.content
        found: list[dict[str, Any]] = answer.json()["answers"]
        return found

    def raw(self, manifest: str, files: Mapping[str, bytes] | None = None) -> Any:
        parts = {name: SimpleUploadedFile(f"{name}.jpg", octets) for name, octets in (files or {}).items()}
        return self.client.post(PATH, {"manifest": manifest, **parts}, headers=self.headers)


def station(post: Post = Post.HANDLER) -> Station:
    return Station(next(who for who in practice.STAFF if who.post is post).staff_code)


def case(
    number: str, serial: int = 1, *, files: Sequence[tuple[str, str]] | None = None, **more: Any
) -> dict[str, Any]:
    """A case as a manifest has it; its two parts are named after its number unless others are said."""
    named = files if files is not None else [(f"{number}-{material}", material) for material in builders.MATERIALS]
    return {
        "agency_code": "BH",
        "acceptance_no": number,
        "step_code": "PERSON_REGISTRATION",
        "formed_date": "2024-03-15",
        "paper_pages": len(named),
        "title": "",
        "persons": [{"name": builders.name_of(serial), "id_number": builders.number(serial)}],
        "files": [{"part": part, "material": material, "name": f"{part}.jpg"} for part, material in named],
        "submit": True,
        **more,
    }


def pages(*cases: Mapping[str, Any], seed: int = 1) -> dict[str, bytes]:
    """A page for every part that these cases name; the same seed gives the same pages."""
    parts = [file["part"] for one in cases for file in one["files"]]
    return {part: builders.jpeg(seed * 1000 + place) for place, part in enumerate(parts)}
