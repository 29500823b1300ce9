"""The key under which digests of numbers stand in the index (检索密钥): made on first use, readable by its user only.

Without it nobody can tell from the index whose numbers it knows. Lost, another is made and the index with it.
"""

import os
import secrets
from pathlib import Path

NAME = "search.key"


def load(folder: Path) -> bytes:
    """The key of a home.

    Concurrency: whoever links first wins; the loser reads the winner's key.
    """
    path = folder / NAME
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")
        partial.touch(mode=0o600)
        partial.write_text(secrets.token_urlsafe(48))
        try:
            os.link(partial, path)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    return path.read_bytes().strip()
