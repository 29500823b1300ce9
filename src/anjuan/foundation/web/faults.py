"""How a fault is written down: what broke and where, never what stood in a row (故障记录).

A database error quotes the values it stumbled over, such as an ID number that is taken. Of those only the kind and the
frames are kept.
"""

import logging
import traceback
from collections.abc import Iterator
from types import TracebackType

from django.db import Error

Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def _chain(fault: BaseException) -> Iterator[BaseException]:
    """A fault and what led to it, the newest first."""
    seen: set[int] = set()
    link: BaseException | None = fault
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def quotes_a_row(fault: BaseException) -> bool:
    """Whether a database error stands anywhere in what led to this fault."""
    return any(isinstance(link, Error) for link in _chain(fault))


def told(fault: BaseException) -> str:
    """A fault with its frames; where a database had its part in it, kinds instead of messages."""
    if not quotes_a_row(fault):
        return "".join(traceback.format_exception(fault)).rstrip("\n")
    parts = []
    for link in reversed(list(_chain(fault))):
        frames = "".join(traceback.format_tb(link.__traceback__))
        parts.append(f"{frames}{type(link).__module__}.{type(link).__qualname__} (message withheld)")
    return "\n".join(parts)


class DiscreetFormatter(logging.Formatter):
    """The formatter of every handler: Django logs unhandled faults too, and so does the worker."""

    def format(self, record: logging.LogRecord) -> str:
        """One record; text that another handler has put together is not taken over."""
        kept, record.exc_text = record.exc_text, None
        try:
            return super().format(record)
        finally:
            record.exc_text = kept

    def formatException(self, ei: Raised) -> str:
        """The fault of a record."""
        return told(ei[1]) if ei[1] is not None else ""
