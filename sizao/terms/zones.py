"""Zones."""

from sizao.terms.word import Word


class ZoneLevel(Word):
    """The grade of an area for a time."""

    LOW = "low", "低风险", "Low risk"
    MEDIUM = "medium", "中风险", "Medium risk"
    HIGH = "high", "高风险", "High risk"


class ZoneState(Word):
    """From a computed proposal to a lifted area."""

    PROPOSED = "proposed", "建议划定", "Proposed"
    APPROVED = "approved", "已批准", "Approved"
    PUBLISHED = "published", "已公布", "Published"
    DECLINED = "declined", "不予划定", "Declined"
    LIFTED = "lifted", "已解除", "Lifted"


ZONE_MOVES: dict[ZoneState, set[ZoneState]] = {
    ZoneState.PROPOSED: {ZoneState.APPROVED, ZoneState.DECLINED, ZoneState.LIFTED},
    ZoneState.APPROVED: {ZoneState.PUBLISHED, ZoneState.DECLINED, ZoneState.LIFTED},
    ZoneState.PUBLISHED: {ZoneState.LIFTED},
    ZoneState.DECLINED: set(),
    ZoneState.LIFTED: set(),
}


class ZoneAct(Word):
    """What happened to an area; its history is a list of these."""

    PROPOSED = "proposed", "提出建议", "Proposed"
    EXTENDED = "extended", "顺延", "Extended"
    REGRADED = "regraded", "调整等级", "Re-graded"
    MAY_LIFT = "may_lift", "可以解除", "May be lifted"
    APPROVED = "approved", "批准", "Approved"
    PUBLISHED = "published", "公布", "Published"
    DECLINED = "declined", "不予划定", "Declined"
    LIFTED = "lifted", "解除", "Lifted"


class ZoneReason(Word):
    """Why an area is proposed: facts, each with its count and days."""

    CASES_AT_HOME = "cases_at_home", "有病例居住", "Cases live there"
    CASES_VISITED = "cases_visited", "有病例活动", "Cases were there"
    MANY_CASES = "many_cases", "累计病例数超过标准", "Cumulative cases above the threshold"
    CLUSTER = "cluster", "发生聚集性疫情", "A cluster"
    MANY_PARTS = "many_parts", "多个单元受累", "Many parts affected"
    REST_OF_COUNTY = "rest_of_county", "本县其余地区", "Rest of an affected county"
    NO_NEW_CASE = "no_new_case", "规定天数内无新增", "No new case for the days asked"
    IN_WIDER_AREA = "in_wider_area", "并入更大范围", "Now part of a wider area"
    NO_CASE_LEFT = "no_case_left", "相关病例已排除", "Its cases were discarded"


class ZoneMatch(Word):
    """How a proposed area and an officially listed one stand to each other."""

    SAME = "same", "同一区域", "The same area"
    WIDER = "wider", "被更大区域覆盖", "Inside a wider area"
    PART = "part", "仅覆盖其中一部分", "Only parts of it"
    NEARBY = "nearby", "同县有，无法对到小区", "In the same county, no finer code"
    NONE = "none", "无", "None"
