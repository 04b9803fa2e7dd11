"""Pieces cut where a second place begins: 至A站下车步行到公司 tells of two stages of one way."""

import re
from collections.abc import Iterator
from dataclasses import replace

from sizao.engines.reading.phrases import Phrase
from sizao.engines.reading.pieces import Piece

# Where somebody was before the way began, or inside which place the next one lies: no stage of its own.
_STANDING = ("在", "于", "位于", "由", "从")
_WAY = re.compile(r"(?:转|换)?乘|坐|骑|步行|自驾|驾|打车|开车|搭|返回|经")
_ACT = re.compile(r"(?!先后|分别|曾|多次|依次)[^\s#@后再又并，、先分曾别次]")


def stages(piece: Piece, named: list[Phrase]) -> Iterator[tuple[Piece, list[Phrase]]]:
    """Cut a piece so that each part has one place or one list of places."""
    start, held = 0, list[Phrase]()
    for phrase in named:
        if held and not phrase.listed:
            between = piece.text[held[-1].end : phrase.begin]
            if _leads_on(held[-1], between, phrase):
                held = []
            else:
                cut = held[-1].end + _cut(between)
                yield _part(piece, start, cut, held)
                start, held = cut, []
        held.append(phrase)
    yield _part(piece, start, len(piece.text), held)


def _leads_on(earlier: Phrase, between: str, later: Phrase) -> bool:
    acted = _ACT.search(between) is not None
    if later.lead in ("在", "于", "位于"):
        return not acted
    return earlier.lead in _STANDING and (not acted or _WAY.match(between) is not None)


def _cut(between: str) -> int:
    way = _WAY.search(between)
    return way.start() if way else len(between)


def _part(piece: Piece, start: int, end: int, named: list[Phrase]) -> tuple[Piece, list[Phrase]]:
    part = replace(piece, start=piece.start + start, end=piece.start + end, text=piece.text[start:end])
    moved = [replace(p, start=p.start - start, end=p.end - start, begin=p.begin - start) for p in named]
    return part, moved
