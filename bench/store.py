"""The store against its yardsticks in one run: a folder against plain copying, a bucket against a bare client.

    python bench/store.py [--items 40] [--bytes 30000] [--rounds 20] [--threads 4] [--only folder|bucket]

On a folder: ``bench/plain_copy.py`` (same bytes, digests, folders and fsyncs, no database) against ``PosixStore.write``
and against ``repository.actions.deposit_new``. In a bucket: a bare boto3 client that puts the same objects (content,
declaration, both copies of inventory and digest file, marker) and removes the marker, with digests taken before,
against ``BucketStore.write`` with ``recorded``. The bucket is one of a SeaweedFS started for it, in a temporary folder.
Short rounds alternate, so that what else the machine does falls on both; the
ratio is that of the whole times. Timings are printed, never asserted.
"""

import argparse
import base64
import contextlib
import datetime as dt
import hashlib
import os
import platform
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import plain_copy

AT = dt.datetime(2026, 3, 1, 8, 30, tzinfo=dt.UTC)


def sources(folder: Path, items: int, size: int) -> list[Path]:
    """Files that do not compress, all different."""
    drawn = random.Random(1)
    found = []
    for number in range(items):
        path = folder / f"{number:05}.pdf"
        path.write_bytes(drawn.randbytes(size))
        found.append(path)
    return found


def timed(work: Callable[[], object], count: int) -> float:
    """How many a second."""
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


def written(store: object, paths: Sequence[Path], threads: int, *, is_recorded: bool) -> None:
    """Each file as an object of its own, by so many writers."""
    from anjuan.core.ocfl import inventory as inventories
    from anjuan.facilities.repository.rules import Source

    def one(path: Path) -> None:
        urn = f"urn:uuid:{uuid.uuid4()}"

        def plan(before: object, digests: Mapping[str, object]) -> object:
            return inventories.new_inventory(
                urn=urn, files=digests, message="收集", user_name="王敏", user_address="urn:anjuan:staff:0101", at=AT
            )

        store.write(urn, files=[Source(f"{path.stem}.pdf", path)], plan=plan)
        if is_recorded:
            store.recorded(urn, 1)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, paths))


def deposited(paths: Sequence[Path]) -> None:
    """The same through the action, with its question to the rows."""
    from anjuan.core.refusals import Refusal
    from anjuan.facilities.repository import actions
    from anjuan.facilities.repository.rules import Source

    objects = {f"urn:uuid:{uuid.uuid4()}": [Source(f"{path.stem}.pdf", path)] for path in paths}
    done = actions.deposit_new(
        objects=objects, message="收集", user_name="王敏", user_address="urn:anjuan:staff:0101", at=AT
    )
    if any(isinstance(outcome, Refusal) for outcome in done.values()):
        raise SystemExit("the store refused")


def said(name: str, rates: Mapping[str, list[float]], yardstick: str) -> None:
    print(f"\n{name}")

    def whole(found: Sequence[float]) -> float:
        return len(found) / sum(1 / rate for rate in found)  # every slice has as many files

    for what, found in rates.items():
        line = f"  {what:<34} {whole(found):8.0f}/s"
        if what != yardstick:
            line += f"   ratio {whole(found) / whole(rates[yardstick]):.2f}"
            ratios = sorted(ours / theirs for ours, theirs in zip(found, rates[yardstick], strict=True))
            line += f" (slices: median {statistics.median(ratios):.2f}, {ratios[0]:.2f}-{ratios[-1]:.2f})"
        print(line)


def folder_bench(options: argparse.Namespace, paths: Sequence[Path], home: Path) -> None:
    from anjuan.facilities.repository.backends.posix import PosixStore

    rates: dict[str, list[float]] = {"plain copy": [], "PosixStore.write": [], "deposit_new": []}
    store = PosixStore(home / "written" / "store", home / "written" / "staging")
    (home / "written").mkdir()
    store.make_root()
    for _ in range(options.rounds):
        rates["plain copy"].append(plain_copy.rate(paths, threads=options.threads))
        rates["PosixStore.write"].append(
            timed(lambda store=store: written(store, paths, options.threads, is_recorded=True), len(paths))
        )
        rates["deposit_new"].append(timed(lambda: deposited(paths), len(paths)))
    said(
        f"folder, {options.threads} writers, {options.rounds} x {options.items} files of {options.bytes} bytes",
        rates,
        "plain copy",
    )


def bare(client: object, bucket: str, paths: Sequence[Path], threads: int) -> None:
    """The puts of a deposit and no more: no question before, no condition on the commit's outcome."""

    def put(key: str, octets: bytes, sha256: bytes) -> None:
        checksum = base64.b64encode(sha256).decode()
        client.put_object(Bucket=bucket, Key=key, Body=octets, ChecksumSHA256=checksum, IfNoneMatch="*")

    def one(path: Path) -> None:
        name = hashlib.sha256(uuid.uuid4().bytes).hexdigest()
        base = f"bare/{name[:3]}/{name[3:6]}/{name}"
        octets = path.read_bytes()
        digests = [hashlib.new(algorithm, octets).digest() for algorithm in ("sha512", "sha256", "sm3")]
        inventory = (name * 20).encode()
        sidecar = hashlib.sha512(inventory).hexdigest().encode()
        put(f"bare/marks/{name}.1", b"", hashlib.sha256(b"").digest())
        put(f"{base}/v1/content/{path.name}", octets, digests[1])
        for key, small in (
            ("0=ocfl_object_1.1", b"ocfl_object_1.1\n"),
            ("v1/inventory.json", inventory),
            ("v1/inventory.json.sha512", sidecar),
            ("inventory.json", inventory),
            ("inventory.json.sha512", sidecar),
        ):
            put(f"{base}/{key}", small, hashlib.sha256(small).digest())
        client.delete_object(Bucket=bucket, Key=f"bare/marks/{name}.1")

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, paths))


def bucket_bench(options: argparse.Namespace, paths: Sequence[Path], home: Path) -> None:
    from tests.contract import s3_server

    from anjuan.facilities.repository.backends.bucket import BucketStore
    from anjuan.foundation.buckets.backends.s3 import Bucket, client_of

    (home / "s3").mkdir()
    with contextlib.ExitStack() as closing:
        closing.enter_context(s3_server.session())
        server = closing.enter_context(s3_server.running(home / "s3"))
        rates: dict[str, list[float]] = {"bare client": [], "BucketStore.write": []}
        address = server.bucket()
        store = BucketStore(Bucket(address), home / "locks")
        store.make_root()
        client = client_of(address)
        for _ in range(options.rounds + 1):
            rates["bare client"].append(
                timed(lambda a=address, c=client: bare(c, a.bucket, paths, options.threads), len(paths))
            )
            rates["BucketStore.write"].append(
                timed(lambda store=store: written(store, paths, options.threads, is_recorded=True), len(paths))
            )
        rates = {what: found[1:] for what, found in rates.items()}  # the first lays out the volumes
    said(
        f"bucket, {options.threads} writers, {options.rounds} x {options.items} files of {options.bytes} bytes",
        rates,
        "bare client",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=40)
    parser.add_argument("--bytes", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--only", choices=["folder", "bucket"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="anjuan-store-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        os.environ |= {"ANJUAN_HOME": str(home), "DJANGO_SETTINGS_MODULE": "anjuan.config.settings.base"}
        os.environ.pop("ANJUAN_STORE", None)
        os.environ.pop("ANJUAN_DATABASE", None)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        (home / "sources").mkdir()
        paths = sources(home / "sources", options.items, options.bytes)
        print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
        if options.only != "bucket":
            folder_bench(options, paths, home)
        if options.only != "folder":
            bucket_bench(options, paths, home)


if __name__ == "__main__":
    main()
