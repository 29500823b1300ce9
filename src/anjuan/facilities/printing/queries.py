"""Printing (打印): a form and its facts in, a PDF out. Nothing is kept here; who prints decides what to keep."""

import datetime as dt
import io
from collections.abc import Mapping

import segno

from anjuan.core.refusals import Refusal
from anjuan.facilities.printing.backends import typeset
from anjuan.facilities.printing.rules import FormName, code_of, missing_facts


def print_form(
    *,
    form: FormName,
    facts: Mapping[str, object],
    at: dt.datetime,
    practice: bool,
    attachments: Mapping[str, bytes] | None = None,
) -> bytes:
    """Print one form to PDF/A (打印表单): cover, contents, note, handover register, witness record, certificate.

    Args:
        form: which form; what it needs stands in ``rules.NEEDS``.
        facts: words as they shall stand on the paper; dates and numbers already put into words.
        at: aware time of printing.
        practice: whether every page says 演示.
        attachments: files carried inside the PDF (certificates only: ``evidence.json``); makes it PDF/A-3b.

    Raises: P-001 the font cannot draw a character; P-002 a needed fact is missing.
    Standard: GB/T 31599-2015, annexes B and C (cover, contents, note).
    """
    missing = missing_facts(form, facts)
    if missing:
        raise Refusal("P-002", form=form.value, facts=", ".join(missing))

    return typeset.typeset(
        form.value,
        facts,
        attachments,
        "a-3b" if attachments else "a-2b",
        at=at,
        practice=practice,
        code=qr_code(said) if (said := code_of(form, facts)) else "",
    )


def qr_code(address: str) -> str:
    """A QR symbol as SVG text (二维码), error level M, with the quiet zone that readers need."""
    drawing = io.BytesIO()
    segno.make_qr(address, error="m").save(drawing, kind="svg", border=4, scale=4, xmldecl=False, svgns=True)
    return drawing.getvalue().decode("utf-8")


def undrawable(text: str) -> str | None:
    """The first character of a text that our font cannot draw (无法印出的字); None when all can be printed."""
    return typeset.undrawable(text)
