"""Sentences and clauses of a report, each with its place in the original text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# One character for one character: a span found in the plain text is a span of the original.
_PLAIN = str.maketrans(
    "０１２３４５６７８９：∶﹕－—–―‐~～〜﹣−;,()．　\t\xa0!?〇",
    "0123456789:::----------；，（）.   ！？零",
)
_LETTERS = str.maketrans(
    {chr(full): chr(full - 0xFEE0) for a, z in ("AZ", "az") for full in range(ord(a) + 0xFEE0, ord(z) + 0xFEE1)}
)

_TAKEN_OUT = re.compile(r"\[[^\[\]\n]{1,24}\]")
_SENTENCE = re.compile(r"[^。！？；\n\r]+")
_CLAUSE = re.compile(r"[^，]+")
# A bracket that tells of another day or of a result is a remark of its own; all others name a place.
_REMARK = re.compile(r"（[^（）]*(?:#|结果|检测|采样|期间|备注|发病|密接|密切)[^（）]*）")


@dataclass(frozen=True)
class Clause:
    """A stretch of plain text; `aside` marks a bracketed remark, whose dates hold inside it only."""

    start: int
    end: int
    sentence: int
    aside: bool = False


def plain(text: str) -> str:
    """Write full-width signs and the many dashes in one way, keeping every position."""
    text = text.translate(_PLAIN).translate(_LETTERS)
    # [店主#35568] stands for a name that was taken out; it is part of a venue's name, not a date.
    return _TAKEN_OUT.sub(lambda found: "某" * len(found[0]), text) if "[" in text else text


def clauses(text: str) -> Iterator[Clause]:
    """Cut plain text into clauses, in reading order; `sentence` counts the sentences."""
    for number, sentence in enumerate(_SENTENCE.finditer(text)):
        offset, end = sentence.span()
        for remark in _REMARK.finditer(text, offset, end):
            yield from _commas(text, offset, remark.start(), number)
            yield from _commas(text, remark.start() + 1, remark.end() - 1, number, aside=True)
            offset = remark.end()
        yield from _commas(text, offset, end, number)


def _commas(text: str, start: int, end: int, sentence: int, *, aside: bool = False) -> Iterator[Clause]:
    for found in _CLAUSE.finditer(text, start, end):
        first, last = trimmed(text, *found.span())
        if first < last:
            yield Clause(first, last, sentence, aside)


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out blanks and stray punctuation at both ends of a span."""
    while start < end and text[start] in " 、:.）":
        start += 1
    while start < end and text[end - 1] in " 、:（":
        end -= 1
    return start, end
