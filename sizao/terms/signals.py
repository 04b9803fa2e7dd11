"""Hints and what becomes of them."""

from sizao.terms.word import Word


class SignalKind(Word):
    """Where a hint came from."""

    POSITIVE_TEST = "positive_test", "核酸阳性", "Positive test"
    FEVER_CLINIC = "fever_clinic", "发热门诊", "Fever clinic"
    REQUEST = "request", "协查来函", "Request from another authority"
    SELF_REPORT = "self_report", "自主申报", "Self-report"
    ALERT = "alert", "监测预警", "Early-warning alert"
    OBSERVATION = "observation", "医学观察", "Under observation"


class SignalState(Word):
    """An unverified hint, and what became of it."""

    NEW = "new", "待核实", "To verify"
    VERIFIED = "verified", "已核实", "Verified"
    DISMISSED = "dismissed", "已排除", "Dismissed"


SIGNAL_MOVES = {
    SignalState.NEW: {SignalState.VERIFIED, SignalState.DISMISSED},
    SignalState.VERIFIED: {SignalState.DISMISSED},
    SignalState.DISMISSED: {SignalState.VERIFIED},
}


# --- Streams and alerts ----------------------------------------------------------------------


class StreamGroup(Word):
    """What a stream watches: the three of 人物环同防."""

    PERSON = "person", "人", "People"
    GOODS = "goods", "物", "Goods"
    PLACE = "place", "环境", "Places"


class StreamKind(Word):
    """What one source counts, day by day or week by week."""

    FEVER_CLINIC = "fever_clinic", "发热门诊就诊", "Fever clinic visits"
    INFLUENZA_LIKE = "influenza_like", "流感样病例", "Influenza-like illness"
    ANTIPYRETIC_SALES = "antipyretic_sales", "退热药品销售", "Antipyretic sales"
    SENTINEL_CLINIC = "sentinel_clinic", "基层哨点报告", "Sentinel village clinic reports"
    TEMPERATURE_GATE = "temperature_gate", "体温监测异常", "Fever at a temperature gate"
    ANTIGEN = "antigen", "抗原阳性", "Positive antigen tests"
    SCHOOL_ABSENCE = "school_absence", "学校缺课", "School absence"
    WORK_ABSENCE = "work_absence", "单位缺勤", "Work absence"
    LABORATORY = "laboratory", "实验室阳性", "Positive laboratory results"
    COLD_CHAIN = "cold_chain", "冷链阳性", "Positive cold-chain swabs"
    ENVIRONMENT = "environment", "环境样本阳性", "Positive environment swabs"
    SELF_REPORT = "self_report", "自主申报", "Self-reports"


STREAM_GROUP = {
    StreamKind.FEVER_CLINIC: StreamGroup.PERSON,
    StreamKind.INFLUENZA_LIKE: StreamGroup.PERSON,
    StreamKind.ANTIPYRETIC_SALES: StreamGroup.GOODS,
    StreamKind.SENTINEL_CLINIC: StreamGroup.PERSON,
    StreamKind.TEMPERATURE_GATE: StreamGroup.PLACE,
    StreamKind.ANTIGEN: StreamGroup.PERSON,
    StreamKind.SCHOOL_ABSENCE: StreamGroup.PLACE,
    StreamKind.WORK_ABSENCE: StreamGroup.PLACE,
    StreamKind.LABORATORY: StreamGroup.PERSON,
    StreamKind.COLD_CHAIN: StreamGroup.GOODS,
    StreamKind.ENVIRONMENT: StreamGroup.PLACE,
    StreamKind.SELF_REPORT: StreamGroup.PERSON,
}


class StreamStep(Word):
    """How often a stream is counted."""

    DAY = "day", "日", "Day"
    WEEK = "week", "周", "Week"


class Combination(Word):
    """How the p-values of several streams become one."""

    FISHER = "fisher", "费希尔法", "Fisher's method"
    EDGINGTON = "edgington", "埃金顿法", "Edgington's method"


class AlertState(Word):
    """More than expected somewhere, and what became of it."""

    OPEN = "open", "待核实", "Open"
    VERIFYING = "verifying", "核实中", "Verifying"
    CONFIRMED = "confirmed", "已确认", "Confirmed"
    DISMISSED = "dismissed", "已排除", "Dismissed"
    ESCALATED = "escalated", "已升级", "Escalated"
    CLOSED = "closed", "已关闭", "Closed"


ALERT_MOVES: dict[AlertState, set[AlertState]] = {
    AlertState.OPEN: {AlertState.VERIFYING, AlertState.CONFIRMED, AlertState.DISMISSED, AlertState.ESCALATED},
    AlertState.VERIFYING: {AlertState.CONFIRMED, AlertState.DISMISSED, AlertState.ESCALATED},
    AlertState.CONFIRMED: {AlertState.ESCALATED, AlertState.DISMISSED, AlertState.CLOSED},
    AlertState.DISMISSED: {AlertState.OPEN},  # what was dismissed may prove true
    AlertState.ESCALATED: {AlertState.CLOSED, AlertState.DISMISSED},
    AlertState.CLOSED: set(),
}
