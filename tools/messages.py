"""Keep the translations complete, without the gettext programs.

    python tools/messages.py check            fail on anything missing, unused, fuzzy, empty, or out of step
    python tools/messages.py update [ROOM …]  bring catalogues in step with the sources; new words get an empty msgstr
    python tools/messages.py compile [ROOM …] write each .mo beside its .po

A room is an app folder; its catalogue is ROOM/locale/zh_Hans/LC_MESSAGES/django.po. ROOM may be given by its last name.
Words are found in templates (translate, blocktranslate, _("…")) and in Python (gettext and its kin under any of the
usual names). Chinese has one plural form.
"""

import ast
import re
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.template.base import Lexer, TokenType
from django.utils.translation import trim_whitespace

ROOT = Path(__file__).resolve().parent.parent / "src" / "anjuan"
LOCALE = "zh_Hans"
HEADER = (
    "Project-Id-Version: anjuan\n"
    "Language: zh_Hans\n"
    "MIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\n"
    "Plural-Forms: nplurals=1; plural=0;\n"
)

# name -> (place of the context, of the msgid, of the plural) among the arguments
CALLS: dict[str, tuple[int | None, int, int | None]] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), (None, 0, None)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (None, 0, 1)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), (0, 1, None)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), (0, 1, 2)),
}

Key = tuple[str, str]  # context, msgid


@dataclass
class Entry:
    """One message: what is asked for, where, and what is said."""

    context: str
    msgid: str
    plural: str = ""
    places: list[str] = field(default_factory=list)
    text: str = ""
    fuzzy: bool = False

    @property
    def key(self) -> Key:
        return self.context, self.msgid


class Complaint(Exception):
    """A source that cannot be read as messages."""


# Finding the words ------------------------------------------------------------------------------------------------


def in_python(source: str, name: str) -> Iterator[Entry]:
    """The messages of a Python file."""
    for node in ast.walk(ast.parse(source, name)):
        if not isinstance(node, ast.Call):
            continue
        called = (
            node.func.id
            if isinstance(node.func, ast.Name)
            else node.func.attr
            if isinstance(node.func, ast.Attribute)
            else ""
        )
        if called not in CALLS or not node.args:
            continue
        context, msgid, plural = CALLS[called]
        words = []
        for place in (context, msgid, plural):
            if place is None:
                words.append("")
                continue
            argument = node.args[place] if place < len(node.args) else None
            if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                raise Complaint(f"{name}:{node.lineno}: {called}() needs plain strings, so that they can be collected")
            words.append(argument.value)
        yield Entry(words[0], words[1], words[2])


_QUOTED = r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_INLINE = re.compile(rf"^trans(?:late)?\s+{_QUOTED}(?P<rest>.*)$", re.S)
_CONTEXT = re.compile(rf"\bcontext\s+{_QUOTED}")
_CALL = re.compile(rf"\b_\({_QUOTED}\)")
_BLOCK = re.compile(r"^blocktrans(?:late)?\b")
_END = re.compile(r"^endblocktrans(?:late)?\b")


def _unquote(literal: str) -> str:
    return literal[1:-1].replace(f"\\{literal[0]}", literal[0]).replace("\\\\", "\\")


def in_template(source: str, name: str) -> Iterator[Entry]:
    """The messages of a template, with placeholders as Django itself asks for them."""
    block: dict[str, str] | None = None
    singular: list[str] = []
    plural: list[str] | None = None
    commented = False
    for token in Lexer(source).tokenize():
        content = token.contents
        if token.token_type is TokenType.BLOCK and content.split(None, 1)[0] in ("comment", "endcomment"):
            commented = content.startswith("comment")
            continue
        if commented or token.token_type is TokenType.COMMENT:
            continue
        if block is not None:
            into = singular if plural is None else plural
            if token.token_type is TokenType.TEXT:
                into.append(content.replace("%", "%%"))
            elif token.token_type is TokenType.VAR:
                into.append(f"%({content.split('|')[0].strip()})s")
            elif content.strip() == "plural":
                plural = []
            elif _END.match(content):
                ends = ["".join(singular), "".join(plural or ())]
                if block["trimmed"]:
                    ends = [trim_whitespace(end) for end in ends]
                yield Entry(block["context"], ends[0], ends[1])
                block = None
            else:
                raise Complaint(f"{name}:{token.lineno}: a tag inside blocktranslate")
            continue
        if token.token_type is TokenType.BLOCK:
            inline = _INLINE.match(content)
            if inline:
                context = _CONTEXT.search(inline["rest"])
                yield Entry(_unquote(context[1]) if context else "", _unquote(inline[1]).replace("%", "%%"))
                continue
            if _BLOCK.match(content):
                context = _CONTEXT.search(content)
                trimmed = "1" if re.search(r"\btrimmed\b", content) else ""
                block = {"context": _unquote(context[1]) if context else "", "trimmed": trimmed}
                singular, plural = [], None
                continue
        if token.token_type in (TokenType.BLOCK, TokenType.VAR):
            for literal in _CALL.findall(content):
                yield Entry("", _unquote(literal).replace("%", "%%"))


def rooms() -> list[Path]:
    """All rooms, in the order of their paths."""
    found = [path for floor in ("foundation", "facilities", "desks", "bridges") for path in (ROOT / floor).glob("*/")]
    found += [ROOT / name for name in ("records", "config", "demo")]
    return sorted(path for path in found if (path / "__init__.py").exists())


def wanted(room: Path) -> dict[Key, Entry]:
    """Every message of a room's sources, in the order of files and lines."""
    entries: dict[Key, Entry] = {}
    files = [*room.rglob("*.py"), *room.glob("templates/**/*.html"), *room.glob("templates/**/*.txt")]
    for path in sorted(files):
        if "migrations" in path.parts:
            continue
        place = path.relative_to(room).as_posix()
        read = in_python if path.suffix == ".py" else in_template
        for entry in read(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT.parent.parent))):
            if not entry.msgid:
                continue
            known = entries.setdefault(entry.key, entry)
            known.plural = known.plural or entry.plural
            if place not in known.places:
                known.places.append(place)
    return entries


# Catalogues -------------------------------------------------------------------------------------------------------


def catalogue(room: Path) -> Path:
    """Where a room keeps its Chinese."""
    return room / "locale" / LOCALE / "LC_MESSAGES" / "django.po"


_LINE = re.compile(r'^(msgctxt|msgid_plural|msgid|msgstr(?:\[0\])?)\s+(".*")$')


def read_po(text: str) -> dict[Key, Entry]:
    """The entries of a .po file, the header left out. Raises Complaint on a line it does not know."""
    entries: dict[Key, Entry] = {}
    parts: dict[str, str] = {}
    last, fuzzy = "", False

    def close() -> None:
        nonlocal parts, fuzzy
        if parts:
            entry = Entry(parts.get("msgctxt", ""), parts.get("msgid", ""), parts.get("msgid_plural", ""))
            entry.text, entry.fuzzy = parts.get("msgstr", parts.get("msgstr[0]", "")), fuzzy
            if entry.msgid:
                if entry.key in entries:
                    raise Complaint(f"{entry.msgid!r} stands twice")
                entries[entry.key] = entry
        parts, fuzzy = {}, False

    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line:
            continue
        if line.startswith("#"):
            if any(key.startswith("msgstr") for key in parts):
                close()
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        match = _LINE.match(line)
        if match:
            last = match[1]
            if last in ("msgctxt", "msgid") and any(key.startswith("msgstr") for key in parts):
                close()
            parts[last] = ast.literal_eval(match[2])
        elif line.startswith('"') and last:
            parts[last] += ast.literal_eval(line)
        else:
            raise Complaint(f"line {number} is no line of a catalogue: {line}")
    close()
    return entries


def _quote(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    if "\n" not in text:
        return f'"{text}"'
    lines = text.split("\n")
    quoted = [f'"{line}\\n"' for line in lines[:-1]] + ([f'"{lines[-1]}"'] if lines[-1] else [])
    return '""\n' + "\n".join(quoted)


def write_po(entries: list[Entry]) -> str:
    """A .po file: no dates and no line numbers, so that it changes only when words do."""
    blocks = [f'msgid ""\nmsgstr {_quote(HEADER)}']
    for entry in entries:
        lines = [f"#: {' '.join(entry.places)}"] if entry.places else []
        if entry.fuzzy:
            lines.append("#, fuzzy")
        if entry.context:
            lines.append(f"msgctxt {_quote(entry.context)}")
        lines.append(f"msgid {_quote(entry.msgid)}")
        if entry.plural:
            lines += [f"msgid_plural {_quote(entry.plural)}", f"msgstr[0] {_quote(entry.text)}"]
        else:
            lines.append(f"msgstr {_quote(entry.text)}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def write_mo(entries: list[Entry]) -> bytes:
    """A .mo file (GNU gettext, little-endian, no hash table): translated, unfuzzy entries only, sorted by msgid."""
    pairs = [(b"", HEADER.encode())]
    for entry in entries:
        if entry.text and not entry.fuzzy:
            key = f"{entry.context}\4{entry.msgid}" if entry.context else entry.msgid
            pairs.append((f"{key}\0{entry.plural}".encode() if entry.plural else key.encode(), entry.text.encode()))
    pairs.sort()
    count = len(pairs)
    start = 28 + 16 * count
    tables: list[bytes] = []
    blob = b""
    for side in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<2I", len(pair[side]), start + len(blob)))
            blob += pair[side] + b"\0"
    return struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, start) + b"".join(tables) + blob


# Judging ----------------------------------------------------------------------------------------------------------

_PERCENT = re.compile(r"%(?:\((\w+)\))?[sdif]|%%")
_BRACE = re.compile(r"\{[a-z_]*\}")


def placeholders(text: str) -> list[str]:
    """What must stand in the translation too."""
    return sorted([*(match[0] for match in _PERCENT.finditer(text) if match[0] != "%%"), *_BRACE.findall(text)])


def complaints() -> list[str]:
    """Everything wrong with any room's catalogue."""
    wrong: list[str] = []
    said: dict[Key, tuple[str, str]] = {}
    for room in rooms():
        name = room.relative_to(ROOT).as_posix()
        try:
            asked = wanted(room)
            path = catalogue(room)
            have = read_po(path.read_text(encoding="utf-8")) if path.exists() else {}
        except Complaint as complaint:
            wrong.append(f"{name}: {complaint}")
            continue
        if asked and not path.exists():
            wrong.append(f"{name}: {len(asked)} messages and no catalogue")
            continue
        wrong += [
            f"{name}: missing {entry.msgid!r} ({entry.places[0]})" for key, entry in asked.items() if key not in have
        ]
        for key, entry in have.items():
            if key not in asked:
                wrong.append(f"{name}: unused {entry.msgid!r}")
                continue
            if entry.fuzzy:
                wrong.append(f"{name}: fuzzy {entry.msgid!r}")
            if not entry.text:
                wrong.append(f"{name}: untranslated {entry.msgid!r}")
                continue
            if entry.plural != asked[key].plural:
                wrong.append(f"{name}: plural out of step {entry.msgid!r}")
            if placeholders(entry.text) != placeholders(entry.plural or entry.msgid):
                wrong.append(f"{name}: placeholders differ {entry.msgid!r} -> {entry.text!r}")
            # Django keeps one catalogue for all rooms: two Chinese words for one msgid would win by chance.
            other, words = said.setdefault(key, (name, entry.text))
            if words != entry.text:
                wrong.append(f"{name}: {entry.msgid!r} is {entry.text!r} here and {words!r} in {other}; use a context")
        compiled = path.with_suffix(".mo")
        if have and (not compiled.exists() or compiled.read_bytes() != write_mo(list(have.values()))):
            wrong.append(f"{name}: the .mo is not compiled from the .po")
    return wrong


def update(room: Path) -> int:
    """Bring one catalogue in step; how many words still want a translation."""
    asked = wanted(room)
    path = catalogue(room)
    have = read_po(path.read_text(encoding="utf-8")) if path.exists() else {}
    for key, entry in asked.items():
        if key in have:
            entry.text, entry.fuzzy = have[key].text, have[key].fuzzy
    if asked or path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(write_po(list(asked.values())), encoding="utf-8")
    return sum(1 for entry in asked.values() if not entry.text)


def compile_room(room: Path) -> None:
    """Write the .mo of one room."""
    path = catalogue(room)
    if path.exists():
        path.with_suffix(".mo").write_bytes(write_mo(list(read_po(path.read_text(encoding="utf-8")).values())))


def main(arguments: list[str]) -> int:
    """Run one command; 0 when all is well."""
    if not arguments or arguments[0] not in ("check", "update", "compile"):
        print(__doc__)
        return 2
    verb, names = arguments[0], arguments[1:]
    if verb == "check":
        wrong = complaints()
        print("\n".join(wrong) or "all messages are translated")
        return 1 if wrong else 0
    chosen = [room for room in rooms() if not names or room.name in names]
    if unknown := set(names) - {room.name for room in chosen}:
        print(f"no such room: {', '.join(sorted(unknown))}")
        return 2
    try:
        for room in chosen:
            if verb == "update":
                empty = update(room)
                if empty:
                    print(f"{room.relative_to(ROOT)}: {empty} to translate")
            else:
                compile_room(room)
    except Complaint as complaint:
        print(complaint)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
