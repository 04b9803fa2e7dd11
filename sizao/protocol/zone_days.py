"""The days that each edition asks for before a level is lifted, for setting real areas beside the rules."""

from sizao.engines.zone_durations import EditionDays
from sizao.protocol.shipped import shipped
from sizao.terms import ZoneLevel

_KEYS = {ZoneLevel.HIGH: "zones.strict_lift_days", ZoneLevel.MEDIUM: "zones.middle_lift_days"}
_STEP = "zones.strict_to_middle_extra_days"


def edition_days() -> tuple[EditionDays, ...]:
    """Read the days of all editions, oldest first; a level without a number is left out."""
    found = []
    for edition in sorted(shipped().editions, key=lambda one: one.effective_from):
        values = {key: edition.values[key].value for key in (*_KEYS.values(), _STEP) if key in edition.values}
        whole = {key: value for key, value in values.items() if isinstance(value, int) and value > 0}
        days = {level: whole[key] for level, key in _KEYS.items() if key in whole}
        found.append(EditionDays(edition.id, edition.effective_from, days, whole.get(_STEP)))
    return tuple(found)
