"""Printing (打印): a form and its facts in, a PDF out. Nothing is kept here; who prints decides what to keep."""

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pikepdf
import segno

from anjuan.core.refusals import Refusal
from anjuan.facilities.printing.backends import typeset
from anjuan.facilities.printing.rules import VOLUME_FORMS, FormName, code_of, missing_facts, row_codes


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
        codes=[qr_code(said) for said in row_codes(form, facts)],
    )


@dataclass(frozen=True)
class Part:
    """One paper of a bundle: its form and its facts."""

    form: FormName
    facts: Mapping[str, object]


def print_bundle(*, parts: Sequence[Part], title: str, at: dt.datetime, practice: bool) -> bytes:
    """Print papers of volumes one after another in one PDF/A (合并打印); each counts its own pages.

    Raises: P-001 the font cannot draw a character; P-002 a needed fact is missing; P-003 a form is no volume's paper.
    """
    sheets = []
    for part in parts:
        if part.form not in VOLUME_FORMS and part.form is not FormName.VOLUME_LIST:
            raise Refusal("P-003", form=part.form.value)
        if missing := missing_facts(part.form, part.facts):
            raise Refusal("P-002", form=part.form.value, facts=", ".join(missing))
        said = code_of(part.form, part.facts)
        sheets.append({"form": part.form.value, "facts": part.facts, "code": qr_code(said) if said else ""})
    return typeset.typeset("bundle", {"title": title, "parts": sheets}, at=at, practice=practice)


def join_pdfs(papers: Sequence[bytes]) -> bytes:
    """Several printed papers as one file (合并), for the printer: what is kept for long is each paper by itself."""
    whole = pikepdf.new()
    for octets in papers:
        with pikepdf.open(io.BytesIO(octets)) as paper:
            whole.pages.extend(paper.pages)
    joined = io.BytesIO()
    whole.save(joined, deterministic_id=True)
    return joined.getvalue()


def preview_form(*, form: FormName, facts: Mapping[str, object], page: int, practice: bool) -> bytes:
    """One page of a form as a PNG image, to be looked at before anything is final (预览). Nothing need be complete.

    Raises: P-001 the font cannot draw a character; P-004 the form has no such page.
    """
    said = code_of(form, facts)
    return typeset.picture(form.value, facts, page, practice=practice, code=qr_code(said) if said else "")


def qr_code(address: str) -> str:
    """A QR symbol as SVG text (二维码), error level M, with the quiet zone that readers need; UTF-8, as they expect."""
    drawing = io.BytesIO()
    segno.make_qr(address, error="m", encoding="utf-8").save(
        drawing, kind="svg", border=4, scale=4, xmldecl=False, svgns=True
    )
    return drawing.getvalue().decode("utf-8")


def undrawable(text: str) -> str | None:
    """The first character of a text that our font cannot draw (无法印出的字); None when all can be printed."""
    return typeset.undrawable(text)
