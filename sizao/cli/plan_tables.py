"""What `sizao plan rooms` and `sizao plan transfers` read alike: yes or no, codes, degrees, rows of another file."""

import numpy as np

from sizao.adapters.tables import Table

YES, NO = ("1", "yes", "true", "是"), ("0", "no", "false", "否")


def texts(table: Table, name: str) -> list[str]:
    """Give a column as it stands, empty where the file has none."""
    return table.columns[name] if name in table else [""] * len(table)


def numbered(found: list[str]) -> np.ndarray:
    """Number texts in the order in which they come; -1 for an empty one."""
    rows: dict[str, int] = {}
    return np.array([rows.setdefault(text, len(rows)) if text else -1 for text in found], np.int64)


def flags(table: Table, name: str) -> np.ndarray:
    """Read a column of yes and no; no where it is empty or not there."""
    if name not in table:
        return np.zeros(len(table), np.bool_)
    return np.array(table.read(name, _yes, what="yes or no", empty=False), np.bool_)


def amounts(table: Table, name: str, *, otherwise: float) -> np.ndarray:
    """Read a column of numbers; `otherwise` where it is empty or not there."""
    if name not in table:
        return np.full(len(table), otherwise)
    return table.numbers(name, empty=otherwise)


def degrees(table: Table, longitude: str = "longitude", latitude: str = "latitude") -> np.ndarray:
    """Read places on earth (WGS-84); NaN where both cells are empty."""
    columns = []
    for name, most in ((longitude, 180), (latitude, 90)):
        found = table.numbers(name, empty=float("nan"))
        wrong = np.flatnonzero(np.abs(found) > most)
        if len(wrong):
            raise table.refuse(int(wrong[0]), f"{name} is {found[wrong[0]]}; it should be degrees up to {most}.")
        columns.append(found)
    half = np.flatnonzero(np.isnan(columns[0]) != np.isnan(columns[1]))
    if len(half):
        raise table.refuse(int(half[0]), f"one of {longitude} and {latitude} is empty; fill both, or none.")
    return np.stack(columns, axis=1)


def once(table: Table, name: str) -> dict[str, int]:
    """Give the row of each code. Refuse an empty one, and one that stands twice."""
    rows: dict[str, int] = {}
    for row, code in enumerate(table.read(name, str, what="a code")):
        if code in rows:
            raise table.refuse(row, f"{name} {code} stands on line {table.lines[rows[code]]} already.")
        rows[code] = row
    return rows


def rows_in(table: Table, name: str, known: dict[str, int], where: Table) -> np.ndarray:
    """Look each code up in another file. Refuse one that is not there."""
    for row, code in enumerate(table.columns[name]):
        if code not in known:
            raise table.refuse(row, f"{name} is {code[:40]!r}, which stands nowhere in {where.path}.")
    return np.array([known[code] for code in table.columns[name]], np.int64)


def _yes(text: str) -> bool:
    if text.lower() not in YES + NO:
        raise ValueError(text)
    return text.lower() in YES
