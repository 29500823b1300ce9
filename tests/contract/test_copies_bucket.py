"""Copies where the store itself, or a place beside it, is a bucket on a real S3 server."""

import pytest
from pytest_django import Settings

from anjuan.core.terms import Post, State
from anjuan.facilities.copies import actions, queries
from anjuan.facilities.copies.models import ObjectCopy, Place
from anjuan.facilities.copies.rules import Outcome
from anjuan.facilities.repository import queries as repository
from anjuan.foundation.buckets.backends.s3 import Bucket
from anjuan.foundation.buckets.rules import Address
from tests import builders
from tests import copies_stage as stage
from tests.cast import Cast
from tests.contract.test_copies import WORKER, now, pk
from tests.contract.test_jobs_shipped import work_off


@pytest.mark.acceptance("S0-C6", "S2-C6")
def test_a_store_in_a_bucket_is_copied_verified_and_repaired_from_a_folder(
    cast: Cast, settings: Settings, bucket_address: Address
) -> None:
    settings.ANJUAN_STORE = str(bucket_address)
    urn = builders.at_state(cast, State.FILED).item_urn
    actions.start_replication(occasion=cast.occasion(Post.KEEPER))
    work_off()
    assert queries.item_copies(cast.actor(Post.KEEPER), urn, now()).verdict.is_met
    lies = repository.where(urn)
    key = f"store/{lies.folder}/{lies.files[0].content_path}"
    bucket = Bucket(bucket_address)
    was = bucket.get(key)
    bucket.put(key, was[:-1] + b"!")

    stage.sweep(cast)
    (row,) = queries.incidents_for(cast.actor(Post.KEEPER), is_open=True)
    assert (row.place.code, row.path) == ("local", lies.files[0].content_path)
    actions.repair(occasion=cast.occasion(Post.KEEPER), urn=urn, place_code="local")

    assert bucket.get(key) == was and bucket.get(f"quarantine/quarantine/{_closed(cast)}") == was[:-1] + b"!"
    assert queries.item_copies(cast.actor(Post.KEEPER), urn, now()).verdict.is_met


def _closed(cast: Cast) -> str:
    return queries.incidents_for(cast.actor(Post.KEEPER), is_open=False)[0].evidence_path


@pytest.mark.acceptance("S0-C6")
def test_a_bucket_is_a_far_place_of_another_kind(cast: Cast, bucket_address: Address) -> None:
    Place.objects.filter(code="far").update(address=str(bucket_address), medium="OBJECT_STORE", capacity_bytes=10**9)

    urn = stage.replicated(cast).item_urn

    assert ObjectCopy.objects.get(urn=urn, place__code="far").outcome == Outcome.GOOD
    room = queries.room_of(queries.place("far"))
    assert room.free_bytes is not None and 0 < room.free_bytes < 10**9 and room.free_inodes is None
    stage.sweep(cast)
    assert queries.item_copies(cast.actor(Post.KEEPER), urn, now()).verdict.is_met


def test_what_has_left_the_store_leaves_the_ledger_there_and_is_named_where_it_still_lies(cast: Cast) -> None:
    urn = stage.replicated(cast).item_urn
    ghost = "urn:uuid:00000000-0000-7000-8000-000000000009"
    for line in ObjectCopy.objects.filter(urn=urn):
        line.pk, line.urn = None, ghost
        line.save()

    actions.check(occasion=cast.clock.occasion(WORKER), urn=ghost, place_pk=pk("local"))
    actions.check(occasion=cast.clock.occasion(WORKER), urn=ghost, place_pk=pk("far"))

    assert [row.code for row in queries.still_held([ghost])[ghost]] == ["local-b", "far"]
