"""The store, tortured whole: every step of every deed on a disk that forgets, every call to a bucket in every way.

python -m tests.journey.torture_store [PARTS]      PARTS: random media after each power loss, default 8
"""

import os
import sys


def main() -> int:
    """Run both matrices; a failure ends it with its traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anjuan.config.settings.testing")
    from tests.contract import test_bucket_faults, test_power_loss

    return test_power_loss.main() or test_bucket_faults.main()


if __name__ == "__main__":
    sys.exit(main())
