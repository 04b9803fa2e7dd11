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
    REDRAWN = "redrawn", "调整范围", "Redrawn"
    MEASURES = "measures", "调整措施", "Measures changed"
    APPROVED = "approved", "批准", "Approved"
    PUBLISHED = "published", "公布", "Published"
    DECLINED = "declined", "不予划定", "Declined"
    LIFTED = "lifted", "解除", "Lifted"


class ZoneUnit(Word):
    """What a zone is: an area of the official tree, or a part of one that has no code of its own."""

    PROVINCE = "province", "省", "Province"
    CITY = "city", "市", "City"
    COUNTY = "county", "县", "County"
    STREET = "street", "乡镇街道", "Township"
    VILLAGE = "village", "村居", "Village"
    COMPOUND = "compound", "居民小区", "Residential compound"
    BUILDING = "building", "楼栋", "Building"
    STAIRWELL = "stairwell", "单元", "Stairwell"
    FLOOR = "floor", "楼层", "Floor"
    HOUSEHOLD = "household", "住户", "Household"
    DRAWN = "drawn", "地图划定范围", "Drawn on the map"


class ZoneMeasure(Word):
    """What holds inside a zone."""

    STAY_HOME = "stay_home", "足不出户、上门服务", "Stay at home, served at the door"
    STAY_INSIDE = "stay_inside", "人不出区、错峰取物", "Stay in the area, fetch goods in turns"
    NO_GATHERING = "no_gathering", "严禁聚集", "No gatherings"
    PROTECT = "protect", "个人防护、避免聚集", "Protect yourself, avoid gatherings"
    TEST_TO_LEAVE = "test_to_leave", "持核酸阴性证明离开", "A negative test to leave"
    VENUES_CLOSED = "venues_closed", "公共场所关闭", "Public venues closed"
    CLASSES_OFF = "classes_off", "停课", "No classes"
    ROUNDS = "rounds", "定期核酸检测", "Regular testing rounds"
    CARE_PATH = "care_path", "就医通道不得中断", "The way to medical care stays open"


class LiftCondition(Word):
    """What must be so before a zone is lifted."""

    DAYS_WITHOUT_CASE = "days_without_case", "规定天数内无新增感染者", "No new infection for the days asked"
    FINAL_ROUND = "final_round", "解除前全员核酸阴性", "The final round is negative"
    LAST_CONTACT = "last_contact", "最后一名密接观察期满且阴性", "The last contact's days are over, tests negative"
    ENVIRONMENT = "environment", "环境样本阴性", "Environment samples negative"
    OTHERS_LIFTED = "others_lifted", "其他风险区均已解除", "All other areas are lifted"


class ZoneReason(Word):
    """Why an area is proposed: facts, each with its count and days."""

    CASES_AT_HOME = "cases_at_home", "有病例居住", "Cases live there"
    CASES_VISITED = "cases_visited", "有病例活动", "Cases were there"
    MANY_CASES = "many_cases", "累计病例数超过标准", "Cumulative cases above the threshold"
    CLUSTER = "cluster", "发生聚集性疫情", "A cluster"
    MANY_PARTS = "many_parts", "多个单元受累", "Many parts affected"
    REST_OF_COUNTY = "rest_of_county", "本县其余地区", "Rest of an affected county"
    NEW_CASE = "new_case", "区内新增感染者", "A new case inside"
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
