"""Who writes, and how: only `response`, by verbs that name who acts and when."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRITES = {"save", "create", "bulk_create", "bulk_update", "update_or_create", "get_or_create", "delete"}
# Verbs by rule: nobody acts, so there is no `by`.
BY_RULE = {
    "advance": "prepares by rule; what touches people waits for a named person",
    "advance_standing": "the same for what belongs to no outbreak",
    "delivering.prepare": "puts notices into messages; the side process that sends them is nobody",
    "register.note_unmatched": "puts texts into a queue while the loop reads; a person matches them",
}
# A list comes first and may stand without its name: what is loaded is the sentence's object.
TAKES_A_LIST = {"register.load_areas", "register.register_people", "register.register_places", "register.move"}


def modules(room: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "sizao" / room).rglob("*.py")):
        yield str(path.relative_to(ROOT / "sizao" / room)), ast.parse(path.read_text(encoding="utf-8"))


def verbs() -> Iterator[tuple[str, ast.FunctionDef]]:
    shown = {name: tree for name, tree in modules("response") if name.endswith("__init__.py")}
    for name, tree in modules("response"):
        package = shown[str(Path(name).parent / "__init__.py")]
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and _is_shown(node.name, package) and (_atomic(node) or _writes(node)):
                yield f"{Path(name).stem}.{node.name}", node


def _is_shown(name: str, package: ast.Module) -> bool:
    """Tell whether callers see a function: a stage made of several files shows what its `__all__` lists."""
    for node in package.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return name in ast.literal_eval(node.value)
    return not name.startswith("_")


def _atomic(function: ast.FunctionDef) -> bool:
    return any(ast.unparse(one) == "transaction.atomic" for one in function.decorator_list)


def _opens_a_transaction(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.With) and ast.unparse(node.items[0].context_expr) == "transaction.atomic()"
        for node in ast.walk(function)
    )


def _writes(function: ast.FunctionDef) -> bool:
    return bool(list(_write_lines(function)))


def _write_lines(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_write(node):
            yield node.lineno


def _is_write(call: ast.Call) -> bool:
    verb = call.func.attr
    # A query set is updated with names; a dictionary or a progress bar with a value.
    return verb in WRITES or (verb == "update" and bool(call.keywords) and not call.args)


VERBS = dict(verbs())


@pytest.mark.parametrize("name", VERBS)
class TestVerbs:
    def test_name_who_acts_and_when(self, name):
        named = {one.arg for one in VERBS[name].args.kwonlyargs}
        assert "now" in named
        assert "by" in named or {name, name.rpartition(".")[2]} & set(BY_RULE)

    def test_are_called_with_named_arguments(self, name):
        allowed = 1 if name in TAKES_A_LIST else 0
        assert len(VERBS[name].args.args) <= allowed

    def test_are_atomic(self, name):
        assert _atomic(VERBS[name]) or _opens_a_transaction(VERBS[name])

    def test_say_what_they_do(self, name):
        assert ast.get_docstring(VERBS[name])


class TestRooms:
    def test_there_are_verbs_to_check(self):
        assert len(VERBS) > 20

    @pytest.mark.parametrize("room", ["web", "api"])
    def test_the_rooms_that_show_do_not_write(self, room):
        found = [f"{name}:{line}" for name, tree in modules(room) for line in _write_lines(tree)]
        assert not found, "these belong into a verb of `response`"

    def test_exceptions_still_exist(self):
        known = set(VERBS) | {name.rpartition(".")[2] for name in VERBS}
        assert set(BY_RULE) | TAKES_A_LIST <= known
