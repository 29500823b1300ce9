"""The reader's own process: reads pages that it is told to, one after another, until nobody asks any more.

It opens files that its maker verified, writes nothing and knows no database. It is started as a module of its own.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

MOST_MEMORY_MIB = 1200
_NICER = 5  # people at their screens go first


_TASKS: Mapping[str, Callable[[Any, Mapping[str, Any]], dict[str, Any]]] = {
    "read": lambda sheet, asked: sheet.read(Path(asked["path"]), int(asked["page"])),
    "inks": lambda sheet, asked: sheet.inks(
        Path(asked["path"]), int(asked["page"]), int(asked["turn"]), asked["boxes"]
    ),
    "blank": lambda sheet, asked: sheet.blank(Path(asked["path"])),
}


def main() -> None:
    """Answer questions, a line each, until the input ends; a reader that has grown too large says so and goes."""
    import django

    os.nice(_NICER)
    django.setup()
    from anjuan.facilities.reading.backends import sheet

    answers, sys.stdout = sys.stdout, sys.stderr  # what libraries print must not be taken for an answer
    for question in sys.stdin:
        asked: Mapping[str, Any] = json.loads(question)
        began = time.process_time()
        told = _TASKS[asked.get("task", "read")](sheet, asked)
        told["cpu_ms"] = round(1000 * (time.process_time() - began))
        leaves = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > MOST_MEMORY_MIB * 1024
        told["leaves"] = leaves
        answers.write(json.dumps(told, ensure_ascii=True) + "\n")
        answers.flush()
        if leaves:
            return


if __name__ == "__main__":
    main()
