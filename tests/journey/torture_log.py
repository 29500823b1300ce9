"""The log's part of ``make torture``: the power is cut before every step, and every byte is changed once.

python -m tests.journey.torture_log     about a quarter of an hour on one core; exit 1 if anything was missed
"""

import os
import sys
import tempfile
import time
from pathlib import Path

SIZES = (3, 255, 256, 300, 522)


def main() -> int:
    """Both matrices whole."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anjuan.config.settings.testing")
    import django

    django.setup()
    from anjuan.foundation.ledger.backends import notekey
    from tests.contract import log_walk, test_log_faults

    with tempfile.TemporaryDirectory(prefix="anjuan-torture-log-") as name:
        place = Path(name)
        key = notekey.load(place / "keys")
        trust = log_walk.trusting(key)
        begun = time.monotonic()
        (place / "cuts").mkdir()
        cuts = test_log_faults.cut_the_power(place / "cuts", key, trust, every=1)
        print(f"power cut before each of {cuts} steps: nothing lost ({time.monotonic() - begun:.0f} s)", flush=True)

        begun = time.monotonic()
        log_walk.in_folder(place / "log", key, SIZES)
        trust = log_walk.stamped(place / "log", place / "keys")
        missed = log_walk.unsaid(place / "log", trust, every=1)
        print(f"every byte of the log changed: {len(missed)} missed ({time.monotonic() - begun:.0f} s)", flush=True)
    print("\n".join(missed[:50]))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
