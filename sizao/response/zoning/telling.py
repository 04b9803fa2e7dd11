"""Why an area is proposed, extended or may be lifted, told in one sentence from the stored facts."""

from collections.abc import Iterable, Mapping
from typing import Any

from sizao.terms import ZoneReason

NOTE = "note"  # a person's own words
_ZH = {
    ZoneReason.CASES_AT_HOME: "{area_name}有 {count} 例感染者居住，{days}发现",
    ZoneReason.CASES_VISITED: "{area_name}有 {count} 例感染者在传染期内活动，{days}发现",
    ZoneReason.MANY_CASES: "{area_name}累计 {count} 例确诊病例，超过 {threshold} 例",
    ZoneReason.CLUSTER: "{area_name}近期 {count} 例，达到聚集性疫情标准 {threshold} 例",
    ZoneReason.MANY_PARTS: "{area_name}有 {count} 个单元受累，达到 {threshold} 个",
    ZoneReason.REST_OF_COUNTY: "{area_name}有 {count} 处风险区，其余地区同步防范",
    ZoneReason.NEW_CASE: "区内 {last_date} 新增感染者",
    ZoneReason.NO_NEW_CASE: "自 {last_date} 起规定天数内无新增感染者",
    ZoneReason.IN_WIDER_AREA: "已并入{area_name}整体划定",
    ZoneReason.NO_CASE_LEFT: "相关病例已全部排除",
}
_EN = {
    ZoneReason.CASES_AT_HOME: "{count} infected people live in {area_name}, found {days}",
    ZoneReason.CASES_VISITED: "{count} infected people were in {area_name} while infectious, found {days}",
    ZoneReason.MANY_CASES: "{area_name} has {count} confirmed cases in all, more than {threshold}",
    ZoneReason.CLUSTER: "{count} recent cases in {area_name}, at least the {threshold} that make a cluster",
    ZoneReason.MANY_PARTS: "{count} parts of {area_name} are affected, at least {threshold}",
    ZoneReason.REST_OF_COUNTY: "the rest of {area_name}, which has {count} risk areas",
    ZoneReason.NEW_CASE: "a new infection inside, found on {last_date}",
    ZoneReason.NO_NEW_CASE: "no new infection since {last_date} for the days asked",
    ZoneReason.IN_WIDER_AREA: "now part of {area_name} as a whole",
    ZoneReason.NO_CASE_LEFT: "all its cases were discarded",
}


def reason_told(reason: Mapping[str, Any], language: str) -> str:
    """Tell one stored reason as a clause, in `zh` or `en`."""
    if reason["kind"] == NOTE:
        return str(reason["text"])
    zh = language.startswith("zh")
    first, last = reason.get("first_date"), reason.get("last_date")
    if first == last:
        days = str(last) if zh else f"on {last}"
    else:
        days = f"{first} 至 {last} " if zh else f"from {first} to {last}"
    return (_ZH if zh else _EN)[ZoneReason(reason["kind"])].format(**reason | {"days": days})


def told(reasons: Iterable[Mapping[str, Any]], language: str) -> str:
    """Tell all reasons of a zone or of one entry of its history in one sentence."""
    clauses = [reason_told(reason, language) for reason in reasons]
    if language.startswith("zh"):
        return "；".join(clauses) + "。" if clauses else ""
    sentence = "; ".join(clauses)
    return sentence[:1].upper() + sentence[1:] + "." if clauses else ""
