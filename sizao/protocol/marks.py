"""
Read what TOML throws away: the line of each key and the comment behind it.

The comments carry the status and the sources of every value, so they are data here, and a file whose
comments and whose [provenance] table disagree is refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sizao.terms import ValueStatus

_HEADER = re.compile(r"^\s*(?P<open>\[{1,2})\s*(?P<path>[^\]]+?)\s*\]{1,2}")
_KEY = re.compile(r"""^\s*(?:"(?P<quoted>[^"]+)"|(?P<bare>[A-Za-z0-9_.-]+))\s*=""")
_SOURCE = r"[A-Z]\d+"
_COMMENT = re.compile(
    rf"^(?:(?P<meaning>.*) \| )?(?P<status>[a-z]+)(?P<sources>(?: {_SOURCE})*)(?: \((?P<note>.*)\))?$"
)
_STATUSES = {str(status): status for status in ValueStatus}


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a key stands, and the comment behind it (empty when there is none)."""

    line: int
    comment: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """The comment of a value, taken apart."""

    status: ValueStatus
    sources: tuple[str, ...]
    note: str
    meaning: str


def find_marks(text: str) -> dict[str, Mark]:
    """
    Find line and comment of every header and key of a TOML text that parses.

    Keys are named by their path; the tables of an array are numbered: `companions[2].changes.case.x`.
    """
    marks: dict[str, Mark] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line, comment in _statements(text):
        if header := _HEADER.match(line):
            table = _table(header["path"], array=len(header["open"]) == 2, counts=counts)
            marks[table] = Mark(number, comment)
        elif key := _KEY.match(line):
            name = key["quoted"] or key["bare"]
            marks[f"{table}.{name}" if table else name] = Mark(number, comment)
    return marks


def line_of(marks: Mapping[str, Mark], key: str) -> int:
    """Find the line of a key, or of the nearest table that should hold it; 0 when neither is there."""
    while key and key not in marks:
        key = key.rpartition(".")[0]
    return marks[key].line if key else 0


def read_provenance(comment: str) -> Provenance | None:
    """Take a comment apart; None when it does not have the form `meaning | status sources (note)`."""
    found = _COMMENT.match(comment)
    if not found or found["status"] not in _STATUSES:
        return None
    return Provenance(
        status=_STATUSES[found["status"]],
        sources=tuple(found["sources"].split()),
        note=found["note"] or "",
        meaning=found["meaning"] or "",
    )


def _table(path: str, *, array: bool, counts: dict[str, int]) -> str:
    if array:
        counts[path] = counts.get(path, 0) + 1
        return f"{path}[{counts[path] - 1}]"
    head, _, rest = path.partition(".")
    return f"{head}[{counts[head] - 1}].{rest}" if head in counts else path


def _statements(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield each statement with its first line and last comment, lists over several lines joined."""
    pending, start, depth = "", 0, 0
    for number, line in enumerate(text.splitlines(), start=1):
        code, comment = _split(line)
        start = start if depth else number
        pending = pending + code if depth else code
        is_header = not depth and code.lstrip().startswith("[")
        depth += 0 if is_header else _brackets(code)
        if depth <= 0 and pending.strip():
            yield start, pending, comment
            pending, depth = "", 0


def _split(line: str) -> tuple[str, str]:
    """Part a line at the first # that is not inside quotes."""
    quote = ""
    for place, letter in enumerate(line):
        if quote:
            quote = "" if letter == quote and line[place - 1] != "\\" else quote
        elif letter in "\"'":
            quote = letter
        elif letter == "#":
            return line[:place], line[place + 1 :].strip()
    return line, ""


def _brackets(code: str) -> int:
    bare = re.sub(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'", "", code)
    return bare.count("[") - bare.count("]") + bare.count("{") - bare.count("}")
