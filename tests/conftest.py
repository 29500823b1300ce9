"""What every test stands on: a home of its own, the practice office founded once, and the acceptance ledger."""

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from tests import acceptance

pytest_plugins = ["tests.cast", "tests.contract.s3_server"]


def pytest_addoption(parser: pytest.Parser) -> None:
    acceptance.pytest_addoption(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(acceptance.Recorder(config), "acceptance-recorder")


@pytest.fixture(scope="session")
def shared_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys made once for the whole run: making them is slow, and no test changes them."""
    from anjuan.demo import office
    from anjuan.facilities.signing import actions as signing
    from anjuan.foundation.ledger.backends import notekey

    folder = tmp_path_factory.mktemp("keys")
    folder.chmod(0o700)
    at = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    signing.ensure_authority(agency_name=office.ARCHIVE[1], at=at, folder=folder, practice=True)
    notekey.load(folder)
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, settings: Settings, shared_keys: Path) -> Path:
    """A fresh ANJUAN_HOME: no test sees another's store or log."""
    folder = tmp_path_factory.mktemp("home")
    shutil.copytree(shared_keys, folder / "keys")
    settings.ANJUAN_HOME = folder
    return folder


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any, shared_keys: Path) -> None:
    """Found the practice office once, beneath every test's transaction."""
    from django.conf import settings

    from anjuan.demo import office
    from anjuan.foundation.journal import kept

    before = settings.ANJUAN_HOME
    settings.ANJUAN_HOME = shared_keys.parent
    if not (shared_keys.parent / "keys").exists():
        (shared_keys.parent / "keys").symlink_to(shared_keys)
    try:
        with django_db_blocker.unblock():
            kept.watch_over()
            office.found()
    finally:
        settings.ANJUAN_HOME = before


@pytest.fixture
def office(db: None) -> None:
    """A test that stands in the practice office."""
