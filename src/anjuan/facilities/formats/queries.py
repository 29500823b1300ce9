"""What can be seen of a file's form: the derivatives that the screen shows."""

from django.conf import settings

from anjuan.facilities.formats.backends import render
from anjuan.facilities.formats.backends.render import PageDerivatives
from anjuan.facilities.formats.rules import Limits

__all__ = ["PageDerivatives", "derivatives_of", "limits"]


def limits() -> Limits:
    """The limits of this installation; ``ANJUAN_FORMAT_LIMITS`` overrides single ones."""
    return Limits(**getattr(settings, "ANJUAN_FORMAT_LIMITS", {}))


def derivatives_of(sha512: str, page: int) -> PageDerivatives | None:
    """The derivatives of a page, if they have been made (浏览件).

    Args:
        sha512: digest of the file, lower-case hex.
        page: from 1.

    Raises: M-009 neither a digest nor a page number.
    """
    return render.find_derivatives(settings.ANJUAN_HOME / "derivatives", sha512, page)
