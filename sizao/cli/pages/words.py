"""The glossary and the lifecycles, from the words and tables of moves in `sizao.terms`."""

import inspect
from collections.abc import Iterator, Mapping

from sizao import terms
from sizao.cli.pages.tables import page, table

Moves = Mapping[terms.Word, set[terms.Word]]


def glossary() -> str:
    """Write every word of the field: its code, its Chinese and its English term, under what it is a word for."""
    parts = [
        "# Glossary",
        "One word has one meaning, on every screen, in every table and in the code.",
    ]
    for kind in word_lists():
        parts += [
            f"## {kind.__name__}",
            inspect.cleandoc(kind.__doc__ or ""),
            table(["code", "中文", "English"], [(f"`{word}`", word.zh, word.en) for word in kind]),
        ]
    return page(*parts)


def lifecycles() -> str:
    """Draw each lifecycle from the table of moves that the code itself obeys."""
    parts = ["# Lifecycles", "Each diagram is drawn from the table that the code obeys; there is no other path."]
    for name, moves in lifecycle_tables():
        kind = type(next(iter(moves)))
        parts += [f"## {name.removesuffix('_MOVES').capitalize()}", _diagram(moves), _moves_table(moves, kind)]
    return page(*parts)


def word_lists() -> Iterator[type[terms.Word]]:
    """Yield the lists of words in the order in which they are written."""
    for name in terms.__all__:
        one = getattr(terms, name)
        if inspect.isclass(one) and issubclass(one, terms.Word) and one is not terms.Word:
            yield one


def lifecycle_tables() -> Iterator[tuple[str, Moves]]:
    """Yield the name and table of each lifecycle."""
    for name in terms.__all__:
        if name.endswith("_MOVES"):
            yield name, getattr(terms, name)


def _diagram(moves: Moves) -> str:
    first = next(iter(moves))
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {first}"]
    for state in moves:
        lines += [f"    {state} --> {after}" for after in sorted(moves[state])]
        if not moves[state]:
            lines.append(f"    {state} --> [*]")
    return "\n".join([*lines, "```"])


def _moves_table(moves: Moves, kind: type[terms.Word]) -> str:
    rows = []
    for state in kind:
        onward = "、".join(after.zh for after in kind if after in moves[state]) or "—"
        rows.append((f"`{state}`", state.zh, state.en, onward))
    return table(["code", "中文", "English", "then"], rows)
