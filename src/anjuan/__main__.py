"""``python -m anjuan`` is the command ``anjuan``."""

import sys

from anjuan.config.cli import main

sys.exit(main())
