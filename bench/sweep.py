"""The speed of the sweep: copies looked at through the ledger, beside a bare one-pass digest of the same bytes.

    python bench/sweep.py [OBJECTS] [PAGES] [PAGE_BYTES]

Makes a throw-away archive whose store holds objects of that many pages, sweeps it (three digests in one read, listing,
inventory, rows, ledger), then reads the same files with the same three digests and nothing else, in turns, three times
each. Both read what the page cache holds: what is compared is the work, not the disk. Timings are printed, never
asserted: machines are noisy.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path


def main(objects: int, pages: int, page_bytes: int) -> None:
    home = Path(tempfile.mkdtemp(prefix="anjuan-sweep-"))
    os.environ.update(ANJUAN_HOME=str(home), DJANGO_SETTINGS_MODULE="anjuan.config.settings.base")
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from anjuan.demo import office
    from anjuan.facilities.copies import queries, tasks
    from anjuan.facilities.repository import actions as repository
    from anjuan.facilities.repository.backends.disk import digest_stream
    from anjuan.facilities.repository.rules import Inline

    call_command("migrate", verbosity=0)
    office.found()
    at = timezone.now()
    for number in range(objects):
        receipt = repository.deposit(
            urn=f"urn:uuid:00000000-0000-7000-8000-{number:012d}",
            files=[Inline(f"{page:03}.jpg", os.urandom(page_bytes)) for page in range(pages)],
            message="",
            user_name="bench",
            user_address="urn:anjuan:bench",
            at=at,
            expected_head=None,
        )
        repository.record_deposit(receipt)
    files = [path for path in (home / "store").rglob("*.jpg")]
    megabytes = objects * pages * page_bytes / 1e6
    print(f"{objects} objects of {pages} pages, {page_bytes:,} bytes a page: {megabytes:.0f} MB")

    def swept() -> float:
        began = time.perf_counter()
        keys = queries.after_for_sweep(timezone.now(), "", objects, fresh=None)
        assert tasks.FIXITY_SWEEP.batch is not None
        looked = [tasks.FIXITY_SWEEP.batch(keys[at : at + tasks.AT_ONCE]) for at in range(0, objects, tasks.AT_ONCE)]
        assert [refusal for chunk in looked for refusal in chunk] == [None] * objects
        return megabytes / (time.perf_counter() - began)

    def bare() -> float:
        began = time.perf_counter()
        for path in files:
            digest_stream(path)
        return megabytes / (time.perf_counter() - began)

    bare()
    swept()  # the first look makes the lines of the ledger; what is measured are the rounds after it
    ratios = []
    for _ in range(3):
        ours, theirs = swept(), bare()
        ratios.append(ours / theirs)
        print(f"sweep {ours:7.1f} MB/s   bare digest {theirs:7.1f} MB/s   ratio {ours / theirs:.2f}")
    print(f"median ratio {statistics.median(ratios):.2f} (budget 0.80)")


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*(given + [200, 5, 238_000][len(given) :]))
