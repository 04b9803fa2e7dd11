"""The text of a zone's announcement, composed as the authority's own: basis, start, list, rule, lifting, validity."""

from datetime import date

from sizao.protocol import Rules
from sizao.protocol.zone_measures import LevelRules, levels
from sizao.records.models import Zone
from sizao.terms import ZoneLevel, ZoneMeasure

_EN_LEVELS = {ZoneLevel.HIGH: "strict area", ZoneLevel.MEDIUM: "middle area", ZoneLevel.LOW: "open area"}


def texts(zone: Zone, rules: Rules, *, issuer: str, day: date) -> tuple[str, str]:
    """Compose the announcement of a zone in Chinese and in English."""
    level = next((one for one in levels(rules) if one.level == zone.level), None)
    return _zh(zone, rules, level, issuer, day), _en(zone, rules, level, issuer, day)


def _zh(zone: Zone, rules: Rules, level: LevelRules | None, issuer: str, day: date) -> str:
    name = level.name_zh if level else ZoneLevel(zone.level).label("zh")
    measures = "；".join(ZoneMeasure(one).label("zh") for one in zone.measures)
    rule = f"实行“{level.rule_zh}”，" if level and level.rule_zh else ""
    lines = [
        f"根据{zone.legal_basis}和{rules.source}，经综合研判，{issuer}决定自{_day_zh(day)}起，"
        f"将下列区域划定为{name}：{zone.name}。",
        f"一、{name}{rule}具体措施：{measures}。",
        f"二、{_lifting_zh(rules, level)}",
        f"三、预计管控至{_day_zh(zone.expected_until)}，将根据疫情形势适时调整；期满未作决定的，由上一级督办。"
        if zone.expected_until
        else "三、将根据疫情形势适时调整。",
        "四、保障区内群众基本生活和就医需求，急危重症患者就医通道不得中断。"
        "对本决定有异议的，可以向作出决定的机关提出，也可以自公告之日起六十日内依法申请行政复议。",
    ]  # fmt: skip
    return "\n".join(lines)


def _lifting_zh(rules: Rules, level: LevelRules | None) -> str:
    if level is None or level.lift_days is None:
        return "解除条件由原决定机关公布。"
    final = "zones.strict_final_round_day" if level.level == ZoneLevel.HIGH else "zones.middle_final_round_day"
    round_zh = f"，且第{rules.need(final).whole}天全员核酸筛查均为阴性" if rules.says(final) else ""
    return f"连续{level.lift_days}天未发现新增感染者{round_zh}的，由原决定机关公布降级或者解除。"


def _en(zone: Zone, rules: Rules, level: LevelRules | None, issuer: str, day: date) -> str:
    measures = "; ".join(ZoneMeasure(one).label("en") for one in zone.measures)
    lines = [
        f"Under {zone.legal_basis} and {rules.source}, {issuer} names the following a "
        f"{_EN_LEVELS[ZoneLevel(zone.level)]} from {day}: {zone.name}.",
        f"1. {measures}.",
        f"2. {_lifting_en(rules, level)}",
        f"3. It is expected to last until {zone.expected_until} and will be changed as things change."
        if zone.expected_until
        else "3. It will be changed as things change.",
        "4. Daily needs are provided for, and the way to medical care stays open. Whoever objects may tell the "
        "authority that decided, or apply for administrative review within 60 days.",
    ]  # fmt: skip
    return "\n".join(lines)


def _lifting_en(rules: Rules, level: LevelRules | None) -> str:
    if level is None or level.lift_days is None:
        return "Its lifting is announced by the authority that decided."
    final = "zones.strict_final_round_day" if level.level == ZoneLevel.HIGH else "zones.middle_final_round_day"
    with_round = f" and a full round on day {rules.need(final).whole} is negative" if rules.says(final) else ""
    days = f"After {level.lift_days} days without a new infection{with_round}"
    return f"{days}, the authority that decided lowers or lifts it."


def _day_zh(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""
