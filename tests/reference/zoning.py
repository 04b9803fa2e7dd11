"""The plain twin of the zoning engine: day by day, straight from the words of the scheme."""

from datetime import timedelta

from sizao.terms import ZoneLevel

RANK = {None: -1, ZoneLevel.LOW: 0, ZoneLevel.MEDIUM: 1, ZoneLevel.HIGH: 2}


def strictest(levels):
    return max(levels, key=lambda level: RANK[level], default=None)


def level_from_tie(tie, day, scheme):
    level = scheme.home_level if tie.lives_there else scheme.place_level
    if level is None or tie.found_date > day:
        return None
    clear_days = (day - tie.found_date).days
    if clear_days <= scheme.lift_days[level]:
        return level
    extra_days = scheme.step_down_days if level == ZoneLevel.HIGH and scheme.step_down_days else 0
    return ZoneLevel.MEDIUM if clear_days <= scheme.lift_days[level] + extra_days else None


def inside(ties, code):
    return [tie for tie in ties if tie.area_code.startswith(code)]


def codes(ties, digits):
    return sorted({tie.area_code[:digits] for tie in ties if len(tie.area_code) >= digits})


def unit_level(ties, unit, day, scheme):
    return strictest(level_from_tie(tie, day, scheme) for tie in inside(ties, unit))


def whole_level(ties, code, part_digits, at_least, day, scheme):
    """Level of a township or county that is named as a whole for its affected parts."""
    mine = [tie for tie in inside(ties, code) if len(tie.area_code) >= scheme.unit_digits]
    if scheme.restarts:
        # Walk the days: the area's clock runs on while it has a level; once over, the parts are forgotten,
        # also when a new case comes on the very day on which it could be lifted.
        parts = set()
        today = min((tie.found_date for tie in mine), default=day)
        while today <= day:
            earlier = [tie for tie in mine if tie.found_date < today]
            if unit_level(earlier, code, today, scheme) is None:
                parts = set()
            parts |= {
                tie.area_code[:part_digits]
                for tie in mine
                if tie.found_date == today and level_from_tie(tie, today, scheme) is not None
            }
            today += timedelta(days=1)
        n_parts = len(parts)
    else:
        n_parts = sum(unit_level(mine, part, day, scheme) is not None for part in codes(mine, part_digits))
    return unit_level(mine, code, day, scheme) if n_parts >= at_least else None


def county_level(ties, county, day, scheme):
    rule = scheme.county
    homes = [tie for tie in inside(ties, county) if tie.lives_there and tie.found_date <= day]
    if len({tie.case for tie in homes if tie.counted}) <= rule.more_than_cases:
        return None
    for unit in codes(homes, scheme.unit_digits):
        recent = {tie.case for tie in inside(homes, unit) if (day - tie.found_date).days < rule.cluster_days}
        if len(recent) >= rule.cluster_cases:
            return rule.with_cluster
    last = max(tie.found_date for tie in homes)
    return rule.without_cluster if (day - last).days <= scheme.lift_days[rule.without_cluster] else None


def levels(ties, day, scheme):
    """Every smallest unit that has a level on the day, with the strictest that applies to it."""
    known = [tie for tie in ties if tie.found_date <= day]
    found = {}
    for unit in codes(known, scheme.unit_digits):
        applying = [unit_level(known, unit, day, scheme)]
        if scheme.widen_street_from_units is not None:
            applying.append(whole_level(known, unit[:9], 12, scheme.widen_street_from_units, day, scheme))
        if scheme.widen_county_from_streets is not None:
            applying.append(whole_level(known, unit[:6], 9, scheme.widen_county_from_streets, day, scheme))
        if scheme.county is not None:
            applying.append(county_level(known, unit[:6], day, scheme))
        found[unit] = strictest(applying)
    if scheme.rest_level is not None:
        counties = {unit[:6] for unit, level in found.items() if level is not None}
        for unit in found:
            if unit[:6] in counties and found[unit] is None:
                found[unit] = scheme.rest_level
    return found
