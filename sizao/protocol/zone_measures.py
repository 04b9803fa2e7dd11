"""What holds in an area of a level, on which law, for how long at most: read from the edition of the day."""

from dataclasses import dataclass
from datetime import date, timedelta

from sizao.protocol.rules.rules import Rules
from sizao.terms import ZoneLevel, ZoneMeasure

_REVISED = date(2025, 9, 1)
# L1: the closing of places is approved one level up and announced; lifting, provisions and wages likewise.
_LAW = {
    True: (
        "《中华人民共和国传染病防治法》（2025年修订）",
        "Law on the Prevention and Treatment of Infectious Diseases (revised 2025; articles unconfirmed)",
    ),
    False: (
        "《中华人民共和国传染病防治法》第四十一条、第四十二条",
        "Law on the Prevention and Treatment of Infectious Diseases, articles 41 and 42",
    ),
}
_RULE_KEYS = {
    ZoneLevel.HIGH: "zones.strict_rule_zh",
    ZoneLevel.MEDIUM: "zones.middle_rule_zh",
    ZoneLevel.LOW: "zones.open_rule_zh",
}
_LIFT_KEYS = {ZoneLevel.HIGH: "zones.strict_lift_days", ZoneLevel.MEDIUM: "zones.middle_lift_days"}
_BY_LEVEL = {
    ZoneLevel.HIGH: (ZoneMeasure.STAY_HOME, ZoneMeasure.ROUNDS, ZoneMeasure.CARE_PATH),
    ZoneLevel.MEDIUM: (ZoneMeasure.STAY_INSIDE, ZoneMeasure.NO_GATHERING, ZoneMeasure.ROUNDS, ZoneMeasure.CARE_PATH),
    ZoneLevel.LOW: (ZoneMeasure.PROTECT, ZoneMeasure.CARE_PATH),
}
# What is asked of people, mildest first: a level may not ask for more where the edition forbids local additions.
_STRICTNESS = (ZoneMeasure.PROTECT, ZoneMeasure.NO_GATHERING, ZoneMeasure.STAY_INSIDE, ZoneMeasure.STAY_HOME)
CLOSING = frozenset({ZoneMeasure.VENUES_CLOSED, ZoneMeasure.CLASSES_OFF})


@dataclass(frozen=True, slots=True)
class LevelRules:
    """
    One level of an edition: its name and rule as published, its measures, and its days.

    `lift_days` is None where the edition sets none. `may_ask` are the measures that it may have at all.
    """

    level: ZoneLevel
    name_zh: str
    rule_zh: str
    measures: tuple[ZoneMeasure, ...]
    may_ask: frozenset[ZoneMeasure]
    lift_days: int | None
    may_be_longer: bool

    def last_day(self, day: date) -> date | None:
        """Give the last day when it begins on a day and nothing new is found; None where no days are set."""
        return None if self.lift_days is None else day + timedelta(days=self.lift_days)


def legal_basis(day: date) -> tuple[str, str]:
    """Cite the law that lets a place be closed on a day, in Chinese and English."""
    return _LAW[day >= _REVISED]


def levels(rules: Rules) -> tuple[LevelRules, ...]:
    """Read the levels an edition knows, strictest first; none where it knows no zones."""
    if not (rules.says("zones.enabled") and rules.need("zones.enabled").flag):
        return ()
    names = rules.need("zones.levels").texts
    known = [ZoneLevel.HIGH]
    known += [ZoneLevel.MEDIUM] if rules.says(_LIFT_KEYS[ZoneLevel.MEDIUM]) else []
    known += [ZoneLevel.LOW] if len(names) > len(known) else []
    return tuple(_level(rules, level, name) for level, name in zip(known, names, strict=False))


def _level(rules: Rules, level: ZoneLevel, name: str) -> LevelRules:
    rule, days = _RULE_KEYS[level], _LIFT_KEYS.get(level)
    return LevelRules(
        level=level,
        name_zh=name,
        rule_zh=rules.need(rule).text if rules.says(rule) else "",
        measures=_BY_LEVEL[level],
        may_ask=_may_ask(rules, level),
        lift_days=rules.need(days).whole if days and rules.says(days) else None,
        may_be_longer=_says_yes(rules, "limits.local_extension_of_days"),
    )


def _may_ask(rules: Rules, level: ZoneLevel) -> frozenset[ZoneMeasure]:
    usual = max(_STRICTNESS.index(one) for one in _BY_LEVEL[level] if one in _STRICTNESS)
    freely = _says_yes(rules, "limits.local_extension_of_scope")
    asked = set(_STRICTNESS if freely else _STRICTNESS[: usual + 1])
    asked |= {ZoneMeasure.TEST_TO_LEAVE, ZoneMeasure.ROUNDS, ZoneMeasure.CARE_PATH}
    if _says_yes(rules, "zones.temporary_closure_allowed"):
        asked |= CLOSING
    return frozenset(asked)


def _says_yes(rules: Rules, key: str) -> bool:
    return rules.says(key) and bool(rules.need(key).flag)
