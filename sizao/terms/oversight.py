"""Oversight: what was late, what was found and mended, what residents said, and leads that proved true."""

from sizao.terms.word import Word


class Stage(Word):
    """The part of the response that something belongs to."""

    SIGNALS = "signals", "监测预警", "Signals and alerts"
    CASES = "cases", "流行病学调查", "Investigation"
    TRACING = "tracing", "密接判定", "Tracing"
    COOPERATION = "cooperation", "协查", "Other authorities"
    TESTING = "testing", "核酸检测", "Testing"
    ISOLATION = "isolation", "隔离管控", "Isolation"
    TRANSPORT = "transport", "转运", "Transport"
    ZONING = "zoning", "风险区管理", "Zones"
    OBJECTIONS = "objections", "异议处理", "Objections"
    TASKS = "tasks", "指挥调度", "Command"
    REPORTS = "reports", "信息报告", "Reports"
    OVERSIGHT = "oversight", "督查整改", "Oversight"


class ClockState(Word):
    """How one clock stands at a moment."""

    KEPT = "kept", "按时", "In time"
    LATE_DONE = "late_done", "逾期完成", "Done late"
    LATE_NOW = "late_now", "逾期未办", "Late now"
    UNKNOWN = "unknown", "无时限", "No clock"


class Gravity(Word):
    """How much depends on a finding being mended."""

    MINOR = "minor", "一般", "Minor"
    MAJOR = "major", "较重", "Major"
    CRITICAL = "critical", "严重", "Critical"


class FindingSource(Word):
    """How a finding came about."""

    DESK = "desk", "线上督查", "At the desk"
    FIELD = "field", "现场督查", "In the field"
    RULE = "rule", "系统提示", "Proposed by rule"
    COMPLAINT = "complaint", "群众诉求", "From a complaint"


class FindingState(Word):
    """A finding from its recording, or its proposal by rule, until it is closed."""

    PROPOSED = "proposed", "待确认", "Proposed"
    RECORDED = "recorded", "已登记", "Recorded"
    NOTIFIED = "notified", "待整改", "To be mended"
    MENDED = "mended", "待复查", "To be looked at again"
    RETURNED = "returned", "退回整改", "Returned"
    CLOSED = "closed", "已销号", "Closed"
    DISMISSED = "dismissed", "不予立项", "Dismissed"


FINDING_MOVES: dict[FindingState, set[FindingState]] = {
    FindingState.PROPOSED: {FindingState.RECORDED, FindingState.DISMISSED},
    FindingState.RECORDED: {FindingState.NOTIFIED, FindingState.DISMISSED},
    FindingState.NOTIFIED: {FindingState.MENDED},
    FindingState.MENDED: {FindingState.CLOSED, FindingState.RETURNED},
    FindingState.RETURNED: {FindingState.MENDED},
    FindingState.CLOSED: set(),
    FindingState.DISMISSED: set(),
}


class Responsibility(Word):
    """The four who answer (四方责任)."""

    TERRITORY = "territory", "属地责任", "Territory"
    DEPARTMENT = "department", "部门责任", "Department"
    UNIT = "unit", "单位责任", "Unit"
    INDIVIDUAL = "individual", "个人责任", "Individual"


class ComplaintKind(Word):
    """What a resident speaks of."""

    CARE = "care", "就医受阻", "Care was refused or late"
    SUPPLIES = "supplies", "生活保障", "Supplies"
    BEYOND = "beyond", "层层加码", "Measures beyond the rules"
    ISOLATION = "isolation", "隔离与居家管理", "Isolation and home"
    TESTING = "testing", "核酸检测", "Testing"
    PRIVACY = "privacy", "个人信息", "Personal data"
    CONDUCT = "conduct", "工作作风", "Conduct of staff"
    LEAD = "lead", "疫情线索", "A lead"
    OTHER = "other", "其他", "Something else"


class ComplaintChannel(Word):
    """How a complaint came."""

    PHONE = "phone", "电话", "By telephone"
    DESK = "desk", "来访", "At the desk"
    PUBLIC = "public", "公众页面", "On the public page"


class ComplaintState(Word):
    """A complaint until its resident has an answer."""

    RECEIVED = "received", "待办理", "Received"
    ANSWERED = "answered", "已答复", "Answered"


COMPLAINT_MOVES: dict[ComplaintState, set[ComplaintState]] = {
    ComplaintState.RECEIVED: {ComplaintState.ANSWERED},
    ComplaintState.ANSWERED: set(),
}


class RewardState(Word):
    """A reward for a lead that proved true: proposed by rule, decided by a person."""

    PROPOSED = "proposed", "待审定", "To be decided"
    GRANTED = "granted", "已批准", "Granted"
    DECLINED = "declined", "未批准", "Declined"


REWARD_MOVES: dict[RewardState, set[RewardState]] = {
    RewardState.PROPOSED: {RewardState.GRANTED, RewardState.DECLINED},
    RewardState.GRANTED: set(),
    RewardState.DECLINED: set(),
}


class Clocked(Word):
    """What runs against a clock and stands on its own record; what is asked of a role is a kind of task instead."""

    ALERT = "alert", "预警核实", "Alerts taken up"
    COOPERATION_SENT = "cooperation_sent", "协查函发出", "Requests to other authorities sent"
    COOPERATION_ANSWERED = "cooperation_answered", "协查函反馈", "Requests of other authorities answered"
    ROUND = "round", "检测轮次完成", "Testing rounds finished"
    BOX = "box", "样本送检", "Boxes brought to a laboratory"
    ORDER_SERVED = "order_served", "隔离决定送达", "Orders served"
    LEFT_SITE = "left_site", "隔离期满离开隔离点", "Left the site when the order was over"
    CAME_HOME = "came_home", "返家人员社区交接", "Taken over by the community"
    TRANSFER = "transfer", "人员转运", "Transfers"
    ZONE_LIFTED = "zone_lifted", "风险区到期处置", "Zones lifted or extended by their stated end"
    ZONE_REQUEST = "zone_request", "区内求助办理", "Requests inside zones"
    OBJECTION = "objection", "异议处理", "Objections decided"
    DIRECTIVE = "directive", "指令办理", "Directives carried out"
    REPORT = "report", "日报告报送", "Daily reports submitted"
    FINDING = "finding", "督查问题整改", "Findings mended"
    COMPLAINT = "complaint", "群众诉求答复", "Complaints answered"
