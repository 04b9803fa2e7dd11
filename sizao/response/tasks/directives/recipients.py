"""To whom a directive goes: areas chosen with the levels below them that are asked, and the role at each level."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Account, Area, Team
from sizao.terms import AREA_DIGITS, LEVEL_OF_DIGITS, AreaLevel, Role, Words

# Who takes a directive where it is not said: an office has a duty officer, a village somebody who walks it.
ROLE_OF_LEVEL = {
    AreaLevel.PROVINCE: Role.DUTY_OFFICER,
    AreaLevel.CITY: Role.DUTY_OFFICER,
    AreaLevel.COUNTY: Role.DUTY_OFFICER,
    AreaLevel.STREET: Role.GRID_WORKER,
    AreaLevel.VILLAGE: Role.GRID_WORKER,
}
MOST_PARTS = 100_000  # a large province has about 50,000 villages


class NobodyConcerned(SizaoError):
    code = "directive.nobody.unreadable"
    message = "No registered area fits {areas} at the level {levels}. Choose areas, and at least one level below them."


class TooManyAreas(SizaoError):
    code = "directive.too_many_areas"
    message = "{count} areas are too many for one directive; {most} are the most. Issue to higher levels."


@dataclass(frozen=True, slots=True)
class Recipients:
    """The areas chosen, the levels asked in and below them, one role for all (None: by level); and single teams."""

    areas: Sequence[str]
    levels: Collection[AreaLevel]
    role: Role | None = None
    teams: Sequence[Team] = ()

    def role_at(self, level: AreaLevel) -> Role:
        """Say of whom it is asked at a level."""
        return self.role or ROLE_OF_LEVEL[level]


def codes(to: Recipients, *, by: Account) -> list[str]:
    """
    List the codes of all areas asked, the higher levels first; none where teams alone are asked.

    Raise NobodyConcerned, TooManyAreas, or the door's refusal for an area outside the jurisdiction.
    """
    for area_code in to.areas:
        if not access.covers(by, area_code):
            raise access.NotYours(what="area", area=by.area_code)
    chosen = [one for one in dict.fromkeys(to.areas) if not _inside(one, to.areas)]
    found: list[str] = []
    for area_code in chosen:
        below = Area.objects.within(area_code).filter(level__in=[str(one) for one in to.levels])
        found += below.values_list("code", flat=True)[: MOST_PARTS + 1]
        if len(found) > MOST_PARTS:
            raise TooManyAreas(count=len(found), most=MOST_PARTS)
    if not found and not to.teams:
        raise NobodyConcerned(areas=", ".join(chosen[:5]) or "—", levels=Words(to.levels))
    return sorted(found, key=lambda code: (len(code), code))


def _inside(area_code: str, others: Sequence[str]) -> bool:
    return any(area_code != other and area_code.startswith(other) for other in others)


def level_of(area_code: str) -> AreaLevel:
    """Say the level of an area by the length of its code."""
    return LEVEL_OF_DIGITS[len(area_code)]


def nearest(area_code: str, known: Collection[str]) -> str | None:
    """Give the smallest known area that holds an area without being it; None where none does."""
    held = (area_code[:digits] for digits in sorted(AREA_DIGITS.values(), reverse=True) if digits < len(area_code))
    return next((one for one in held if one in known), None)
