"""Write tables of Markdown."""

from collections.abc import Iterable, Sequence

MADE = "<!-- Made by `sizao docs`; edit its source instead. -->"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table; a bar inside a cell is escaped, so that it stays one cell."""
    lines = [_row(head), _row(["---"] * len(head)), *(_row(row) for row in rows)]
    return "\n".join(lines)


def page(*parts: str) -> str:
    """Join the parts of a page, one empty line apart, under the note that it is made."""
    return "\n\n".join((MADE, *parts)) + "\n"


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
