"""
“Quantification Cq Results” of Bio-Rad's CFX Manager and CFX Maestro, as CSV.

One header with an empty first cell, then a row for each well and dye: Well (A01), Fluor, Target, Content (Unkn,
Pos Ctrl, Neg Ctrl, NTC), Sample, Biological Set Name, Cq (N/A or NaN where nothing was amplified) and statistics.
"""

from sizao.adapters.laboratories.long_tables import Columns, read_long
from sizao.adapters.laboratories.texts import Line, delimiter_of, place_of
from sizao.adapters.laboratories.wells import InstrumentFile

_NEEDED = ("well", "fluor", "content", "sample", "cq")
_LOOK = 40  # lines within which the header stands; some versions write about the run before it


def header_of(lines: list[Line]) -> int | None:
    """Say on which of the first lines the header stands; None where there is none of this kind."""
    for place, line in enumerate(lines[:_LOOK]):
        header = [cell.strip().lower() for cell in line.cells(delimiter_of(line.text))]
        if all(name in header for name in _NEEDED):
            return place
    return None


def read(lines: list[Line], head: int) -> InstrumentFile:
    """Read the rows below the header. A dye stands for its gene where no target is named."""
    delimiter = delimiter_of(lines[head].text)
    header = lines[head].cells(delimiter)
    named = place_of(header, "target")
    columns = Columns(
        well=place_of(header, "well") or 0,
        sample=place_of(header, "sample") or 0,
        target=(place_of(header, "fluor") or 0) if named is None else named,
        ct=place_of(header, "cq") or 0,
        n_cells=len(header),
        tasks=(place_of(header, "content") or 0,),
    )
    table = read_long(lines[head + 1 :], columns, delimiter)
    return InstrumentFile(
        layout="biorad-cfx",
        wells=table.wells,
        faults=table.faults,
        instrument="Bio-Rad CFX",
        cut_at=table.cut_at,
        cut_text=table.cut_text,
    )
