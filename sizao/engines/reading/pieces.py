# ruff: noqa: E501  (a list of words is read as a list; broken lines hide doubles)
"""Clauses cut into pieces that each tell of one act: 到A购物后到B就餐 is two."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sizao.engines.reading.text import Clause, trimmed


@dataclass(frozen=True)
class Piece:
    """A stretch of masked text that tells of one act or a list of places for one act."""

    start: int
    end: int
    sentence: int
    text: str
    aside: bool = False


_MOVES = r"(?:到|去|回|返|往|赴|在|转|送|由|乘|坐|骑|步行|驾|自驾|开车|打车|居家|进|从|就|做|参|购|买|诊|集中|采|确|被|经|核酸|接|取|隔离|用餐|吃|无外|未外|没有外|上[班课]|工作|打工|前往|离开|入住|住院|抵|出现|休息|办|逛|维修|加油|洗|理发|看|探)"
_LINK = r"(?:之后|随后|而后|然后|接着|后又|后再|后)"
_CUT = re.compile(
    rf"(?<![先午前背以饭])(?<![早午晚]餐)(?<!^餐)(?<![#@，。\s]餐)(?P<after>{_LINK})(?=[^，。#@]{{0,14}}{_MOVES})"
    rf"|(?<![合一])(?P<and>并(?!非)|又|再(?!次)|另外|顺路|途中|其后|最后|期间)(?={_MOVES})"
    r"|(?P<list>(?<=[^、到在去]{4})(?=、[^，。、]{3,22}(?:买|购|就餐|取|吃)))"
    r"|(?P<part>(?<=[^#@\s每当于至到从在-])(?:当天)?(?:上午|中午|下午|傍晚|晚上|晚间|夜间|凌晨|当晚)(?=[^，。#@]))"
    r"|(?P<time>(?<![#@\s每天日于至到从在约-])(?=@))"
    r"|(?P<date>(?<![#@\s每期间其中至到从自-])(?<!于)(?=于?#))"
)
_TELLS = re.compile(
    r"[到去在回返赴往至]|购|买|餐|吃|班|诊|居|外出|检测|采|隔离|工作|打|转|送|接|上学|课|结束|[装卸拉]货|拿|取|办|休息"
)

_DID = re.compile(r"买|购|取|吃|餐|办")  # 到A买菜、B买肉 is two acts, 到A、B买菜 one


def pieces(masked: str, clauses: Iterable[Clause]) -> Iterator[Piece]:
    """Cut each clause of masked text into pieces, in reading order."""
    for clause in clauses:
        start = clause.start
        for cut in _CUT.finditer(masked, clause.start, clause.end):
            before = masked[start : cut.start()]
            if not (_DID if cut["list"] is not None else _TELLS).search(before):
                continue
            yield from _piece(masked, start, cut.start(), clause)
            start = cut.start()
        yield from _piece(masked, start, clause.end, clause)


def _piece(masked: str, start: int, end: int, clause: Clause) -> Iterator[Piece]:
    start, end = trimmed(masked, start, end)
    if start < end:
        yield Piece(start, end, clause.sentence, masked[start:end], clause.aside)
