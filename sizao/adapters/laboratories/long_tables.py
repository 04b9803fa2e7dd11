"""Tables with a row for each well and gene, as instruments export them; the rows of a well become one reading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sizao.adapters.laboratories.texts import Line
from sizao.adapters.laboratories.wells import CtUnreadable, RowFault, WellRead, WellRole, ct_of, role_of, well_of
from sizao.terms import Phrase


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the cells of a row stand; a whole one has `n_cells`; `tasks` may say that a well holds a control."""

    well: int
    sample: int
    target: int
    ct: int
    n_cells: int
    tasks: tuple[int, ...] = ()
    omit: int | None = None

    @property
    def farthest(self) -> int:
        """The last column that is needed."""
        return max(self.well, self.sample, self.target, self.ct, *self.tasks)


@dataclass(slots=True)
class _Gathered:
    """The rows of one well, as they come."""

    lines: list[Line]
    sample: str
    role: WellRole
    ct: dict[str, float | None] = field(default_factory=dict)
    faults: list[tuple[str, Phrase]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LongTable:
    """The wells of a table, rows that cannot be read, and from which line on it is cut off."""

    wells: tuple[WellRead, ...]
    faults: tuple[RowFault, ...]
    cut_at: int | None
    cut_text: str


def read_long(lines: Iterable[Line], columns: Columns, delimiter: str) -> LongTable:
    """
    Gather the rows of a table by well, up to an empty line.

    A last row without its end is cut off, unless it has all its cells and none that is needed is the last; the rows of
    its well, and a last well that lacks a gene which the others have, are left to the file that is sent whole.
    """
    gathered: dict[str, _Gathered] = {}
    cut: Line | None = None
    for line in lines:
        if not line.text.strip(delimiter + " \t"):
            if line.ended:
                break
            continue
        cells = line.cells(delimiter)
        if not line.ended and len(cells) < max(columns.n_cells, columns.farthest + 2):
            cut = line
            break
        if columns.omit is None or _cell(cells, columns.omit).lower() != "true":
            _gather(gathered, line, cells, columns)
    left = _left_over(gathered, cut)
    kept = [well for well in gathered if well not in left]
    start = min((gathered[well].lines[0].start for well in left), default=cut.start if cut else None)
    texts = [line.text for well in left for line in gathered[well].lines] + ([cut.text] if cut else [])
    return LongTable(
        tuple(_well(name, gathered[name]) for name in kept if not gathered[name].faults),
        tuple(_fault(name, gathered[name]) for name in kept if gathered[name].faults),
        start,
        "\n".join(texts),
    )


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def _gather(gathered: dict[str, _Gathered], line: Line, cells: Sequence[str], columns: Columns) -> None:
    told, sample, gene = (_cell(cells, place) for place in (columns.well, columns.sample, columns.target))
    well = well_of(told)
    one = gathered.setdefault(
        well or f"line {line.number}",
        _Gathered([], sample, role_of(sample, *(_cell(cells, place) for place in columns.tasks))),
    )
    one.lines.append(line)
    if well is None:
        one.faults.append(("well", Phrase(f"“{told[:20]}” is no well", f"“{told[:20]}”不是孔位")))
    if sample != one.sample:
        one.faults.append(("sample", Phrase("the well bears two names", "同一孔位有两个样本名")))
    if not gene or gene in one.ct:
        twice = Phrase(f"the gene {gene[:20]} stands there twice", f"基因 {gene[:20]} 出现两次")
        one.faults.append(("target", twice if gene else Phrase("no gene is named", "未写明基因")))
        return
    try:
        one.ct[gene] = ct_of(_cell(cells, columns.ct))
    except CtUnreadable as fault:
        one.faults.append(("ct", Phrase(f"{gene[:20]}: {fault.why}", f"{gene[:20]}：{fault.why.zh}")))


def _left_over(gathered: dict[str, _Gathered], cut: Line | None) -> list[str]:
    """Say which well is not whole, at the end of a file: one that the cut went through, or that lacks a gene."""
    if not gathered:
        return []
    last = next(reversed(gathered))
    most = max((len(one.ct) for name, one in gathered.items() if name != last), default=0)
    return [last] if len(gathered[last].ct) + len(gathered[last].faults) < most or (cut and most == 0) else []


def _well(name: str, one: _Gathered) -> WellRead:
    return WellRead(line=one.lines[0].number, sample=one.sample, role=one.role, ct=one.ct, well=name)


def _fault(name: str, one: _Gathered) -> RowFault:
    column, reason = one.faults[0]
    text = "\n".join(line.text for line in one.lines)
    return RowFault(
        line=one.lines[0].number, column=column, reason=Phrase(f"{name}: {reason}", f"{name}：{reason.zh}"), text=text
    )
