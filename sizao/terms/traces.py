"""Bulk presence and what is asked of it."""

from sizao.terms.word import Word


class TracePurpose(Word):
    """Why somebody asks who was where; a trace without one is refused."""

    FIND_CONTACTS = "find_contacts", "查找密接", "Find contacts"
    FIND_SOURCE = "find_source", "溯源", "Find the source"
    FIND_ONWARD = "find_onward", "研判扩散风险", "Find where it may have gone"


class TraceQuestion(Word):
    """What is asked of the presences."""

    COMPANIONS = "companions", "同时空人员", "Companions"
    SEATS = "seats", "同乘座位", "Seats in vehicles"
    SECOND_RING = "second_ring", "次密接人员", "Contacts of contacts"
    COMMON_SOURCE = "common_source", "共同暴露", "Common source"
    HOTSPOTS = "hotspots", "重点场所", "Places that infectious time passed through"


class TraceState(Word):
    """Whether a question is still asked again when presences arrive."""

    STANDING = "standing", "持续查询", "Standing"
    CLOSED = "closed", "已结束", "Closed"
    LAPSED = "lapsed", "已到期", "Past its last day"


class TraceCause(Word):
    """Why a question was asked at that moment."""

    ASKED = "asked", "首次查询", "Asked"
    PRESENCES = "presences", "新数据到达", "Presences arrived"
    WINDOW = "window", "病例时段变动", "The case's window changed"
    CONTACTS = "contacts", "密接人员变动", "Contacts were found or set apart"
    SEATS = "seats", "座位信息变动", "Seats were told, or their rule changed"
    PEOPLE = "people", "身份合并", "Two tokens turned out to be one person"
