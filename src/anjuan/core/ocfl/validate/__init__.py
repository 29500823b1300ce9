"""The independent verifier of the store (独立校验器): OCFL 1.0 and 1.1, objects and storage roots.

It shares no code with the writer: a mistake made twice in one module would prove itself right. It reads through the
small protocol ``Tree``, so the same code judges a disk, a package or memory; it never raises on bad content, goes on
as far as it can, and answers with the specification's own codes. Codes ``A…`` are ours: A001, a folder cannot be read;
A002 (a warning), a fixity algorithm is not known here.

Standard: OCFL 1.0 and 1.1, validation codes.
"""

from anjuan.core.ocfl.validate.objects import validate_object
from anjuan.core.ocfl.validate.roots import validate_root
from anjuan.core.ocfl.validate.tree import Entry, Kind, Tree, offer

__all__ = ["Entry", "Kind", "Tree", "offer", "validate_object", "validate_root"]
