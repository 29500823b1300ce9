"""What stands in which room: who writes, who reads the clock, how large a file grows."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, SRC, TESTS, Module, actions, called, modules, said_in_tests

WRITES = {
    "create",
    "update",
    "delete",
    "save",
    "get_or_create",
    "update_or_create",
    "bulk_create",
    "bulk_update",
    "acreate",
    "aupdate",
    "adelete",
    "asave",
}
CLOCKS = re.compile(r"(^|\.)(now|today|utcnow|localtime|localdate|uuid[1-8]|urandom|token_bytes|token_hex|time_ns)$")
SIGNALS = {"post_save", "pre_save", "post_delete", "pre_delete", "m2m_changed", "post_init", "pre_init"}
SOURCES_OF_CHANCE = {"random", "secrets", "uuid"}
VAGUE = {"utils", "util", "helpers", "helper", "common", "signals", "misc", "services", "managers"}
PURE = [
    module
    for module in modules()
    if module.name.startswith("anjuan.core") or module.name.split(".")[-1] == "rules" or module in actions()
]
OWN = [module for module in modules() if module.name.startswith("anjuan.") and module.path.is_relative_to(PACKAGE)]


def _begins_at(node: ast.expr) -> str:
    """The name a chain of calls and attributes begins at: ``Item.objects.filter(…).update`` begins at ``Item``."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def foreign_writes(module: Module) -> list[str]:
    """Where a module writes a model that another room owns: on its manager, or on a row it made or read of it."""
    imported = module.imported()
    foreign = {
        name for name, origin in imported.items() if ".models." in origin and not origin.startswith(module.room + ".")
    }
    found = []
    for scope in ast.walk(module.tree):
        if not isinstance(scope, ast.FunctionDef):
            continue
        rows = set(foreign)
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and _begins_at(node.value) in foreign:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                rows |= {target.id for target in targets if isinstance(target, ast.Name)}
            if isinstance(node, ast.For) and _begins_at(node.iter) in foreign and isinstance(node.target, ast.Name):
                rows.add(node.target.id)
        for node in ast.walk(scope):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr in WRITES and _begins_at(node.func.value) in rows:
                found.append(f"{module.name}:{node.lineno} {called(node)}")
    return found


def test_a_model_is_written_in_its_own_room_only() -> None:
    assert not [write for module in OWN for write in foreign_writes(module)]


def test_the_guard_against_foreign_writes_sees_what_it_should(tmp_path: Path) -> None:
    path = tmp_path / "actions.py"
    path.write_text(
        "from anjuan.records.models import Item\n"
        "from anjuan.desks.intake.models import Own\n"
        "def deed():\n"
        "    Item.objects.filter(pk=1).update(title='x')\n"
        "    row = Item.objects.get(pk=1)\n"
        "    row.save()\n"
        "    for item in Item.objects.all():\n"
        "        item.delete()\n"
        "    Own.objects.create()\n"
        "    {}.update(a=1)\n"
    )

    found = foreign_writes(Module("anjuan.desks.intake.actions", path))

    assert [line.split(" ")[0].split(":")[1] for line in found] == ["4", "6", "8"]


def test_nothing_is_done_by_signals() -> None:
    hidden = []
    for module in OWN:
        imported = set(module.imported().values())
        hidden += [name for name in imported if name.startswith(("django.db.models.signals", "django.dispatch"))]
        hidden += [name for name in imported if name.rsplit(".", 1)[-1] in SIGNALS]
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef):
                hidden += [f"{module.name}.{node.name}" for m in node.decorator_list if "receiver" in ast.unparse(m)]
            if isinstance(node, ast.Call) and called(node).split(".")[-2:-1] and called(node).split(".")[-2] in SIGNALS:
                hidden.append(f"{module.name}:{node.lineno}")

    assert not hidden


def test_core_rules_and_actions_read_no_clock_and_draw_nothing() -> None:
    found = []
    for module in PURE:
        chance = {origin.split(".")[0] for origin in module.imported().values()} & SOURCES_OF_CHANCE
        found += [f"{module.name} imports {name}" for name in chance]
        found += [
            f"{module.name}:{node.lineno} {called(node)}"
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Call) and CLOCKS.search(called(node))
        ]

    assert len(PURE) > 40
    assert not found


ACTIONS = [(module, deed) for module in actions() for deed in module.functions()]


@pytest.mark.parametrize(("module", "deed"), ACTIONS, ids=[f"{module.name}.{deed.name}" for module, deed in ACTIONS])
def test_every_deed_is_keyword_only_and_named_by_a_test(module: Module, deed: ast.FunctionDef) -> None:
    assert re.search(rf"\b{deed.name}\(", said_in_tests()), "no test names it"
    assert deed.returns is not None
    if module.room.startswith(("anjuan.desks", "anjuan.records")):
        assert not deed.args.args
        assert not deed.args.posonlyargs


@pytest.mark.parametrize(("module", "deed"), ACTIONS, ids=[f"{module.name}.{deed.name}" for module, deed in ACTIONS])
def test_a_deed_opens_the_journal_once_or_works_in_a_line_it_was_given(module: Module, deed: ast.FunctionDef) -> None:
    opened = [
        node for node in ast.walk(deed) if isinstance(node, ast.Call) and called(node).split(".")[-1] == "writing"
    ]
    arguments = {argument.arg for argument in (*deed.args.args, *deed.args.kwonlyargs)}

    assert len(opened) <= 1
    assert not (opened and "line" in arguments), "a deed within a deed"
    if module.room.startswith("anjuan.desks"):
        assert opened, "what a desk does leaves its line"


def test_only_deeds_open_the_journal() -> None:
    doing = {module.name for module in actions()}

    for module in OWN:
        if module.name not in doing:
            opened = [n for n in ast.walk(module.tree) if isinstance(n, ast.Call) and called(n) == "journal.writing"]
            assert not opened, module.name


def test_only_one_place_writes_the_state_of_a_record() -> None:
    """``advance`` is the only writer of ``state``; creation sets the first."""
    writers = set()
    for module in OWN:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
                said = {keyword.arg for keyword in node.keywords}
                if "state" in said or (None in said and _begins_at(node.func.value) in ("Item", "Volume", "model")):
                    writers.add(module.name)

    assert writers == {"anjuan.records.actions"}


def test_a_file_is_read_in_one_sitting_and_named_by_what_it_holds() -> None:
    long, vague = [], []
    for path in (*SRC.rglob("*.py"), *TESTS.rglob("*.py")):
        if len(path.read_text(encoding="utf-8").splitlines()) > 500:
            long.append(str(path.relative_to(SRC.parent)))
        if path.stem in VAGUE:
            vague.append(str(path.relative_to(SRC.parent)))

    assert not long
    assert not vague


def test_no_two_shapes_of_the_api_share_a_name() -> None:
    # The description keeps one shape for a name, so that the other room's answers would be described wrongly.
    homes: dict[str, list[str]] = {}
    for module in modules():
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Schema" for base in node.bases):
                homes.setdefault(node.name, []).append(module.name)

    assert len(homes) > 30
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}
