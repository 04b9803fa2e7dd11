"""
Read a village register and the names of all divisions into a gazetteer.

The register is a CSV with the columns code and name (more may stand beside them). The names of
provinces, cities, counties and townships come with sizao in `divisions.csv.gz` (see SOURCES.md
beside it), since reports call a village by its county and township.
"""

import csv
import gzip
import io
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from sizao.engines.reading import Gazetteer
from sizao.errors import SizaoError

VILLAGE_DIGITS = 12


class RegisterUnreadable(SizaoError):
    """A village register that cannot be used as it is."""

    code = "register.unreadable"
    message = "{path}, line {line}: {reason} Correct the register and read again."


def load_gazetteer(path: Path) -> Gazetteer:
    """Read the register at `path`; RegisterUnreadable names the line and cell at fault."""
    villages: dict[str, str] = {}
    for line, code, name in _rows(path):
        if not (len(code) == VILLAGE_DIGITS and code.isascii() and code.isdigit()):
            reason = f"the code {code!r} is not one of 12 digits."
            raise RegisterUnreadable(path=path, line=line, reason=reason)
        if not name:
            raise RegisterUnreadable(path=path, line=line, reason=f"village {code} has no name.")
        if villages.get(code, name) != name:
            reason = f"the code {code} stands for a second village, {name}; earlier it was {villages[code]}."
            raise RegisterUnreadable(path=path, line=line, reason=reason)
        villages[code] = name
    if not villages:
        raise RegisterUnreadable(path=path, line=1, reason="there is no village in it.")
    provinces = {code[:2] for code in villages}
    divisions, former = _divisions(provinces)
    return Gazetteer(villages, divisions, former)


def _rows(path: Path) -> Iterator[tuple[int, str, str]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as fault:
        raise RegisterUnreadable(path=path, line=1, reason=f"it cannot be opened ({fault.strerror}).") from fault
    except UnicodeDecodeError as fault:
        line = path.read_bytes()[: fault.start].count(b"\n") + 1
        raise RegisterUnreadable(path=path, line=line, reason="it is not UTF-8 text.") from fault
    reader = csv.DictReader(io.StringIO(text))
    columns = reader.fieldnames or []
    if "code" not in columns or "name" not in columns:
        reason = f"the columns code and name are needed; it has {', '.join(columns) or 'none'}."
        raise RegisterUnreadable(path=path, line=1, reason=reason)
    for row in reader:
        yield reader.line_num, (row["code"] or "").strip(), (row["name"] or "").strip()


def _divisions(provinces: set[str]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Names of today and former names; townships and former names only of the given provinces."""
    packed = files("sizao.adapters").joinpath("divisions.csv.gz").read_bytes()
    today: dict[str, str] = {}
    former: list[tuple[str, str]] = []
    for row in csv.DictReader(io.StringIO(gzip.decompress(packed).decode())):
        code, inside = row["code"], row["code"][:2] in provinces
        if row["former"]:
            former += [(code, row["name"])] if inside else []
        elif inside or len(code) <= 6:
            today[code] = row["name"]
    return today, former
