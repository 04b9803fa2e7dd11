"""The lines of a text file, with where each begins and whether it is whole."""

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DELIMITERS = "\t,;"


class NotText(ValueError):
    """Bytes that are no text in any encoding that instruments write."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number, where it begins, its text without the line end, and whether it has one."""

    number: int
    start: int
    text: str
    ended: bool

    def cells(self, delimiter: str) -> list[str]:
        """Split it into cells. What cannot be split is one cell."""
        if '"' not in self.text:
            return self.text.split(delimiter)
        try:
            return next(csv.reader([self.text], delimiter=delimiter, strict=True), [])
        except csv.Error:
            return [self.text]


def decoded(content: bytes) -> str:
    """Read bytes as text: UTF-8, UTF-16 with its mark, or GB 18030; a character cut off at the end is left out."""
    for mark, name in _BOMS:
        if content.startswith(mark):
            return _decoded(content, name)
    for name in ("utf-8", "gb18030"):
        try:
            text = _decoded(content, name)
        except NotText:
            continue
        if "\0" not in text:
            return text
    raise NotText


def _decoded(content: bytes, name: str) -> str:
    try:
        return codecs.getincrementaldecoder(name)().decode(content)
    except UnicodeDecodeError as fault:
        raise NotText from fault


def lines_of(text: str) -> Iterator[Line]:
    """Yield the lines of a text."""
    start = 0
    for number, piece in enumerate(text.splitlines(keepends=True), start=1):
        bare = piece.rstrip("\r\n")
        yield Line(number, start, bare, ended=bare != piece)
        start += len(piece)


def delimiter_of(header: str) -> str:
    """Say what separates the cells of a header: what it holds most of."""
    return max(DELIMITERS, key=header.count)


def place_of(header: Sequence[str], *names: str) -> int | None:
    """Say in which column a heading stands, whatever its letters; None where it stands in none."""
    told = [cell.strip().lower() for cell in header]
    return next((told.index(name) for name in names if name in told), None)
