"""When places began to follow an edition."""

from dataclasses import dataclass
from datetime import date

from sizao.protocol.faults import Fault, FaultyProtocol
from sizao.protocol.fields import Fields, field_faults, tables_of
from sizao.protocol.marks import find_marks, line_of
from sizao.protocol.parse import parse
from sizao.protocol.schema import Kind

_FIELDS: Fields = {
    "area_code": (Kind.TEXT, True),
    "edition": (Kind.TEXT, True),
    "first_day": (Kind.DAY, True),
    "source": (Kind.TEXT, True),
}


@dataclass(frozen=True, slots=True)
class Adoption:
    """The first day on which a jurisdiction followed an edition, when that was not the national one."""

    area_code: str
    edition: str
    first_day: date
    source: str = ""


def load_adoptions(text: str, file: str) -> tuple[Adoption, ...]:
    """Read adoptions; raise FaultyProtocol with all that is wrong with the text itself."""
    whole, unread = parse(text, file)
    marks = find_marks(text)
    tables, wrong = tables_of(whole, "adoptions")
    faults = [Fault(file, 0, name, text) for name, text in wrong]
    faults += [
        Fault(file, line_of(marks, f"adoptions[{number}].{name}"), f"adoptions[{number}].{name}", text)
        for number, table in enumerate(tables)
        for name, text in field_faults("An adoption", table, _FIELDS)
    ]
    if faults := unread + faults:
        raise FaultyProtocol(faults)
    return tuple(Adoption(**table) for table in tables)
