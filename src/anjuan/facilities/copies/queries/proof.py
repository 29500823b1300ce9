"""What a place holds of log and journal (随附存证)."""

import json

from anjuan.facilities.copies.backends.shelf import Shelf
from anjuan.facilities.copies.rules import PROOF_LIST


def proof_list(shelf: Shelf) -> dict[str, tuple[int, int]]:
    """The files of log and journal at a place, each with its size and when the original was written.

    A list that is missing or torn is an empty one: everything is laid down again.

    Raises:
        OSError: the place cannot be read.
    """
    try:
        told = json.loads(b"".join(shelf.proof(PROOF_LIST)))
        return {str(path): (int(size), int(at)) for path, (size, at) in told.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}
