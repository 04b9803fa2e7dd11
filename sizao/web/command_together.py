"""
Areas that screens of a process look at together: what they show is read once for all of them.

After a change, and with each minute, all questions are asked anew, each when the first area needs it; the others are
told from the same answer. What is read is that of an area around all that are looked at: for one screen its own. Where
something is committed all the time, it is read every other second, and told with the version that it has.
"""

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from os.path import commonprefix

from sizao.response.reports.command import Watch
from sizao.web.command_look import LEVELS, Look

A_MOMENT = timedelta(seconds=30)
READ_AGAIN_SECONDS = 1.5
LOOKED_AT_SECONDS = 60.0  # for so long an area counts among those that are looked at


@dataclass(frozen=True, slots=True)
class _Reading:
    versions: Mapping[str, int]
    watch: Watch
    begun_at: float


class Together:
    """The latest reading of each outbreak, and of the present without one; used by one thread at a time."""

    def __init__(self) -> None:
        self._asked_at: dict[int | None, dict[str, float]] = defaultdict(dict)
        self._readings: dict[int | None, _Reading] = {}

    def note(self, look: Look) -> None:
        """Say that an area is looked at; by any thread."""
        if look.is_live:
            self._asked_at[_key(look)][look.watch.area_code] = time.monotonic()

    def look(self, look: Look, versions: Mapping[str, int]) -> tuple[Look, Mapping[str, int]]:
        """Look at the same by what is read for all, of the versions given with it; at a fixed moment, by itself."""
        area = look.watch.area_code
        if not look.is_live:
            return look, versions
        found = self._readings.get(_key(look))
        if found is None or not _serves(found, look, versions):
            found = self._readings[_key(look)] = self._begun(look, versions)
        return replace(look, watch=replace(found.watch, area_code=area)), found.versions

    def forget(self) -> None:
        """Throw all away."""
        self._asked_at.clear()
        self._readings.clear()

    def _begun(self, look: Look, versions: Mapping[str, int]) -> _Reading:
        asked, late = self._asked_at[_key(look)], time.monotonic() - LOOKED_AT_SECONDS
        for area, asked_at in list(asked.items()):
            if asked_at < late:
                asked.pop(area, None)
        areas = [look.watch.area_code, *list(asked)]
        shared = commonprefix(areas)
        around = next((shared[:n] for n in sorted(LEVELS, reverse=True) if n <= len(shared)), "")
        watch = replace(look.watch, read={}, around=around, grain=max(len(area) for area in areas))
        return _Reading(versions, watch, time.monotonic())


def _key(look: Look) -> int | None:
    return look.watch.outbreak.pk if look.watch.outbreak else None


def _serves(found: _Reading, look: Look, versions: Mapping[str, int]) -> bool:
    watch, area = found.watch, look.watch.area_code
    return (
        (found.versions == versions or time.monotonic() - found.begun_at < READ_AGAIN_SECONDS)
        and area.startswith(watch.around or "")
        and len(area) <= watch.grain
        and _is_as_late(watch.as_of, look.watch.as_of)
    )


def _is_as_late(read_at: datetime, asked_at: datetime) -> bool:
    """Tell whether clocks stand as they do at the moment asked for; who waited is told what is a moment newer."""
    same = read_at.replace(second=0, microsecond=0) == asked_at.replace(second=0, microsecond=0)
    return same or timedelta(0) <= read_at - asked_at < A_MOMENT
