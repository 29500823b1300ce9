"""The tool that keeps translations complete."""

import gettext
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools import messages

# The messages tool ------------------------------------------------------------------------------------------------


def _found(entries: Iterator[messages.Entry]) -> list[tuple[str, str, str]]:
    return [(entry.context, entry.msgid, entry.plural) for entry in entries]


def test_words_are_found_in_python() -> None:
    source = '_("one") + pgettext_lazy("state", "two") + t.gettext("fo" "ur")\nngettext("%(n)s day", "%(n)s days", n)'

    assert sorted(_found(messages.in_python(source, "x.py"))) == [
        ("", "%(n)s day", "%(n)s days"),
        ("", "four", ""),
        ("", "one", ""),
        ("state", "two", ""),
    ]
    with pytest.raises(messages.Complaint, match="plain strings"):
        list(messages.in_python('_(f"day {n}")', "x.py"))


def test_words_are_found_in_templates_as_django_asks_for_them() -> None:
    source = """{% translate "Open" %}{% translate 'Code' context "refusal" %}{{ _("Inline")|upper }}{% tag _("Late") %}
    {% blocktranslate count n=rows|length trimmed %}
      {{ n }} row, 5%
    {% plural %}{{ n }} rows, 5%{% endblocktranslate %}{# _("Not") #}
    {% comment %}{% translate "Hidden" %}{% endcomment %}"""

    assert _found(messages.in_template(source, "x.html")) == [
        ("", "Open", ""),
        ("refusal", "Code", ""),
        ("", "Inline", ""),
        ("", "Late", ""),
        ("", "%(n)s row, 5%%", "%(n)s rows, 5%%"),
    ]


def test_a_catalogue_survives_writing_reading_and_compiling() -> None:
    entries = [
        messages.Entry("", 'say "hi"\n\\now', "", ["a.py"], '说"嗨"\n\\now'),
        messages.Entry("state", "Filed", "", [], "已立卷"),
        messages.Entry("", "%(n)s day", "%(n)s days", [], "%(n)s 天"),
        messages.Entry("", "later", "", [], "", True),
    ]
    back = messages.read_po(messages.write_po(entries))
    compiled = gettext.GNUTranslations(io.BytesIO(messages.write_mo(list(back.values()))))

    assert [(e.context, e.msgid, e.plural, e.text, e.fuzzy) for e in back.values()] == [
        (e.context, e.msgid, e.plural, e.text, e.fuzzy) for e in entries
    ]
    assert compiled.gettext('say "hi"\n\\now') == '说"嗨"\n\\now'
    assert compiled.pgettext("state", "Filed") == "已立卷"
    assert compiled.ngettext("%(n)s day", "%(n)s days", 5) == "%(n)s 天"
    assert compiled.gettext("later") == "later"


def test_every_way_of_being_out_of_step_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = tmp_path / "src" / "anjuan" / "records"
    room.mkdir(parents=True)
    (room / "__init__.py").write_text("")
    (room / "views.py").write_text('_("missing"); _("empty"); _("%(n)s pages"); _("vague"); _("good")')
    monkeypatch.setattr(messages, "ROOT", tmp_path / "src" / "anjuan")
    assert messages.complaints() == ["records: 5 messages and no catalogue"]

    po = messages.catalogue(room)
    po.parent.mkdir(parents=True)
    words = [
        ("empty", "", False),
        ("%(n)s pages", "页", False),
        ("vague", "含糊", True),
        ("good", "好", False),
        ("old", "旧", False),
    ]
    po.write_text(messages.write_po([messages.Entry("", i, "", [], t, f) for i, t, f in words]), encoding="utf-8")
    told = "\n".join(messages.complaints())
    for sign in (
        "missing 'missing'",
        "untranslated 'empty'",
        "placeholders differ",
        "fuzzy 'vague'",
        "unused 'old'",
        ".mo",
    ):
        assert sign in told

    messages.update(room)
    back = messages.read_po(po.read_text(encoding="utf-8"))
    for key, words_of in {"missing": "缺", "empty": "空", "%(n)s pages": "%(n)s 页", "vague": "含糊"}.items():
        back["", key].text, back["", key].fuzzy = words_of, False
    assert set(back) == {("", key) for key in ("missing", "empty", "%(n)s pages", "vague", "good")}
    po.write_text(messages.write_po(list(back.values())), encoding="utf-8")
    messages.compile_room(room)
    assert messages.complaints() == []
