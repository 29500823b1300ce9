"""Foreign keys are arrows without imports: they obey the same strata, read from the same place."""

from collections.abc import Iterator, Mapping

import pytest
from django.apps import apps
from django.db import models

from tests.architecture.source import settled


def floors() -> Mapping[str, tuple[int, ...]]:
    """How high each app stands: its floor, and its place on the floor where that floor is layered."""
    contracts = {contract["id"]: contract for contract in settled()["tool"]["importlinter"]["contracts"]}  # type: ignore[index]
    strata = list(reversed(contracts["strata"]["layers"]))
    found: dict[str, tuple[int, ...]] = {}
    for config in apps.get_app_configs():
        if not config.name.startswith("anjuan."):
            continue
        _, floor, *room = config.name.split(".")
        place = 0
        if floor in contracts:  # facilities and foundation have their own layers; desks are all independent
            layers = contracts[floor].get("layers", [])
            for height, names in enumerate(reversed(layers)):
                if room and room[0] in [name.strip() for name in names.split("|")]:
                    place = height
        found[config.label] = (strata.index(floor), place)
    return found


def arrows() -> Iterator[tuple[models.Field[object, object], str, str]]:
    """Every relation of the project's own models: the field, the app it leaves, the app it points at."""
    for model in apps.get_models(include_auto_created=True):
        if not model.__module__.startswith("anjuan."):
            continue
        for found in model._meta.get_fields():
            if isinstance(found, models.Field) and found.is_relation and found.related_model is not None:
                target = found.related_model
                assert isinstance(target, type)
                yield found, model._meta.app_label, target._meta.app_label


ARROWS = [pytest.param(*arrow, id=str(arrow[0])) for arrow in arrows()]


def test_there_are_arrows_to_judge() -> None:
    assert len(ARROWS) > 15
    assert {"records", "accounts", "journal", "transfer", "intake"} <= set(floors())


@pytest.mark.parametrize(("arrow", "source", "target"), ARROWS)
def test_a_relation_points_down_or_stays_at_home(arrow: models.Field[object, object], source: str, target: str) -> None:
    height = floors()

    assert source == target or target not in height or height[target] < height[source]


@pytest.mark.parametrize(("arrow", "source", "target"), ARROWS)
def test_a_relation_between_apps_leaves_no_name_on_the_other_side(
    arrow: models.Field[object, object], source: str, target: str
) -> None:
    if source != target:
        assert arrow.remote_field is not None
        assert arrow.remote_field.hidden, f"{arrow} needs related_name='+'"


def test_the_journal_and_the_log_point_at_nothing() -> None:
    assert not [arrow for arrow, source, _ in arrows() if source in ("journal", "ledger")]


def test_the_spine_keeps_its_budget() -> None:
    assert len(list(apps.get_app_config("records").get_models())) <= 10
