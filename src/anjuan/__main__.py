"""``python -m anjuan`` is the command ``anjuan``."""

import sys

from anjuan.config.cli import main

if __name__ == "__main__":  # processes that paint beside us import this module again
    sys.exit(main())
