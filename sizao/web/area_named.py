"""Areas as people write them into a form: by division code, or by name where only one area of theirs is called so."""

from sizao.errors import SizaoError
from sizao.records.models import Account, Area

MOST_LISTED = 5


class SeveralAreas(SizaoError):
    code = "area.several_of_this_name"
    message = "{n} areas are called “{name}”: {codes}. Give the division code of the one you mean."


def area_code_of(given: str, *, by: Account) -> str:
    """
    Give the code of the area that somebody named, looked for in their own; what is no such name stays as it is.

    Raise SeveralAreas where more than one is called so.
    """
    name = given.strip()
    if not name or name.isdigit():
        return name
    inside = Area.objects.within(by.area_code)
    called = dict((inside.filter(short_name=name) | inside.filter(name=name)).values_list("code", "short_name"))
    if len(called) > 1:
        raise SeveralAreas(n=len(called), name=name, codes=_listed(sorted(called)))
    return next(iter(called), name)


def _listed(codes: list[str]) -> str:
    """List codes, each with what it lies in."""
    around = dict(Area.objects.filter(pk__in={_around(code) for code in codes}).values_list("code", "short_name"))
    told = [f"{code} ({around.get(_around(code), '—')})" for code in codes[:MOST_LISTED]]
    return ", ".join(told) + (", …" if len(codes) > MOST_LISTED else "")


def _around(code: str) -> str:
    return code[: max((n for n in (2, 4, 6, 9) if n < len(code)), default=2)]
