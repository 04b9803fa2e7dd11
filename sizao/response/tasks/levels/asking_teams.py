"""What a response level asks of the teams of each county: which kinds must be ready, within how many hours."""

from dataclasses import dataclass
from datetime import datetime

from sizao.records.models import Outbreak
from sizao.response.tasks.levels.standing import Levels
from sizao.response.tasks.teams.readiness import AreaReady, KindReady, Ready
from sizao.terms import ResponseLevel


@dataclass(frozen=True, slots=True)
class LevelAsks:
    """A county against its level: which kinds that must be ready lack teams, and which came too late when called."""

    area_code: str
    name: str
    level: ResponseLevel
    ready_hours: int
    lacking: tuple[KindReady, ...]
    slow: tuple[KindReady, ...]

    @property
    def is_met(self) -> bool:
        """Tell whether the county has what its level asks for."""
        return not self.lacking and not self.slow


def against_level(ready: Ready, *, as_of: datetime, outbreak: Outbreak | None = None) -> list[LevelAsks]:
    """Hold counties against the teams that their level asks for; give those that fall short, the highest first."""
    levels = Levels.at(as_of, outbreak)
    asked = [_asks(one, levels) for one in ready.areas]
    found = [one for one in asked if not one.is_met]
    return sorted(found, key=lambda one: (-one.level.rank, -sum(row.short for row in one.lacking), one.area_code))


def _asks(area: AreaReady, levels: Levels) -> LevelAsks:
    standing = levels.standing(area.area_code)
    switch = standing.switch
    wanted = [one for one in area.kinds if one.kind.key in switch.teams and one.wanted]
    return LevelAsks(
        area_code=area.area_code,
        name=area.name,
        level=standing.level,
        ready_hours=switch.ready_hours,
        lacking=tuple(one for one in wanted if one.short),
        slow=tuple(one for one in wanted if one.median_hours is not None and one.median_hours > switch.ready_hours),
    )
