"""One archive and one certificate of it, for every test of the verifier."""

import json
from pathlib import Path

import pytest

from anjuan.facilities.signing import actions, queries
from anjuan_verify.trust import Trust, read_trust
from tests.unit.verify.builders import AGENCY, AT, LOG_VKEY, evidence, printed, sign, spelled


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("archive") / "keys"
    actions.ensure_authority(agency_name=AGENCY, at=AT, folder=place, practice=True)
    return place


@pytest.fixture(scope="module")
def trust_text(folder: Path) -> str:
    return json.dumps(queries.trust_file(LOG_VKEY, folder=folder, practice=True))


@pytest.fixture(scope="module")
def trust(trust_text: str) -> Trust:
    return read_trust(trust_text)


@pytest.fixture(scope="module")
def certificate(folder: Path) -> bytes:
    return sign(printed(spelled(evidence())), folder)
