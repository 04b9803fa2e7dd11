"""Tasks, reports and their figures."""

from sizao.terms.word import Word


class TaskKind(Word):
    """What somebody is asked to do."""

    VERIFY_SIGNAL = "verify_signal", "核实信号", "Verify the signal"
    FIRST_INFORMATION = "first_information", "首报信息", "First information"
    CORE_INFORMATION = "core_information", "核心信息", "Core information"
    FULL_REPORT = "full_report", "流调报告", "Full investigation report"
    TRANSFER_CONTACT = "transfer_contact", "转运密接", "Transfer a close contact"
    SIGN_ORDER = "sign_order", "签发隔离决定", "Decide on a proposed order"
    DECIDE_ZONE = "decide_zone", "研判风险区域", "Decide on a proposed zone"
    DAILY_REPORT = "daily_report", "日报告", "Daily report"
    MATCH_PLACE = "match_place", "核对地点", "Match a place"
    CONFIRM_VALUES = "confirm_values", "确认方案参数", "Confirm values of the protocol"
    VERIFY_ALERT = "verify_alert", "核实预警", "Verify the alert"
    OPEN_ROUND = "open_round", "启动检测轮次", "Open a testing round"
    FIND_MISSED = "find_missed", "核实未检人员", "Find who was not tested"
    FETCH_BOX = "fetch_box", "催送样本箱", "Bring a box to its laboratory"
    RELEASE_RUN = "release_run", "审核检测结果", "Release the results of a run"
    DECIDE_HOLD = "decide_hold", "处置阳性混管", "Decide on the members of a positive pool"
    RECALL_POOL = "recall_pool", "混管阳性单采复核", "Take single swabs of a positive pool"
    DECIDE_OBJECTION = "decide_objection", "处理异议", "Decide on an objection"
    SERVE_ORDER = "serve_order", "送达隔离决定", "Serve an order"
    CHECK_HOME = "check_home", "评估居家条件", "Check whether a home will do"
    FIND_ROOM = "find_room", "居家条件不合格，安排隔离房间", "A room instead of a home that will not do"
    FIND_CARER = "find_carer", "落实被照料人的照料者", "Find who looks after a dependent"
    REACH_HOME = "reach_home", "核实居家人员去向", "Find out about somebody whom nobody reaches"
    HELP_WORSE = "help_worse", "居家人员出现症状，安排就医", "Care for somebody at home who is worse"
    JUDGE_EXPOSURE = "judge_exposure", "研判隔离点交叉感染风险", "Judge who was next door to a positive"
    MISSED_ROUND = "missed_round", "补查健康监测", "Look after who was not seen today"
    RECEIVE_HOME = "receive_home", "社区接收返家人员", "Receive somebody released"
    APPROVE_TRANSFER = "approve_transfer", "审批转运申请", "Decide on a transfer"
    DISINFECT_VEHICLE = "disinfect_vehicle", "车辆终末消毒", "Disinfect a vehicle"
    FIND_TRANSFER = "find_transfer", "核实转运途中人员", "Find out where somebody on the way is"
    DECIDE_LIFT = "decide_lift", "研判解除风险区", "Decide on lifting a zone"
    SERVE_ZONE_NEED = "serve_zone_need", "保障区内特殊需求", "Look after a need inside a zone"
    RECEIVE_DIRECTIVE = "receive_directive", "签收指令", "Receive a directive"
    DO_DIRECTIVE = "do_directive", "办理指令", "Carry out a directive"
    ACCEPT_DIRECTIVE = "accept_directive", "审核指令办结情况", "Accept or return what was done"
    ANSWER_COOPERATION = "answer_cooperation", "反馈协查函", "Answer a request of another authority"
    DECIDE_LEVEL = "decide_level", "研判响应级别", "Decide on the response level"
    MEND_FINDING = "mend_finding", "整改督查问题", "Mend what was found"
    ANSWER_COMPLAINT = "answer_complaint", "答复群众诉求", "Answer a resident"
    RECEIVE_PUSH = "receive_push", "签收推送名单", "Receive a push list"
    ANSWER_PUSH = "answer_push", "反馈推送名单核查结果", "Tell the results of a push list"
    RESOLVE_PUSH = "resolve_push", "处理推送退回人员", "See to people who came back undelivered"
    FILL_CARD = "fill_card", "填报传染病报告卡", "Fill in the disease card"


# What only a named person can do; a replay of the past has nobody who does it. Daily reports are played
# (`drill.commanding.reporting`), so those that do not come are late there too.
LEFT_TO_PEOPLE = frozenset(
    {
        TaskKind.SIGN_ORDER,
        TaskKind.DECIDE_ZONE,
        TaskKind.MATCH_PLACE,
        TaskKind.CONFIRM_VALUES,
        TaskKind.VERIFY_ALERT,
        TaskKind.OPEN_ROUND,
        TaskKind.FIND_MISSED,
        TaskKind.FETCH_BOX,
        TaskKind.RELEASE_RUN,
        TaskKind.DECIDE_HOLD,
        TaskKind.RECALL_POOL,
        TaskKind.DECIDE_OBJECTION,
        TaskKind.SERVE_ORDER,
        TaskKind.CHECK_HOME,
        TaskKind.FIND_ROOM,
        TaskKind.FIND_CARER,
        TaskKind.REACH_HOME,
        TaskKind.HELP_WORSE,
        TaskKind.JUDGE_EXPOSURE,
        TaskKind.MISSED_ROUND,
        TaskKind.RECEIVE_HOME,
        TaskKind.APPROVE_TRANSFER,
        TaskKind.DISINFECT_VEHICLE,
        TaskKind.FIND_TRANSFER,
        TaskKind.DECIDE_LIFT,
        TaskKind.SERVE_ZONE_NEED,
        TaskKind.RECEIVE_DIRECTIVE,
        TaskKind.DO_DIRECTIVE,
        TaskKind.ACCEPT_DIRECTIVE,
        TaskKind.ANSWER_COOPERATION,
        TaskKind.DECIDE_LEVEL,
        TaskKind.MEND_FINDING,
        TaskKind.ANSWER_COMPLAINT,
        TaskKind.RECEIVE_PUSH,
        TaskKind.ANSWER_PUSH,
        TaskKind.RESOLVE_PUSH,
        TaskKind.FILL_CARD,
    }
)


class TaskState(Word):
    """A task is open until somebody receives it, then until it is done."""

    OPEN = "open", "待接收", "Not yet received"
    RECEIVED = "received", "已接收", "Received"
    DONE = "done", "已完成", "Done"
    CANCELLED = "cancelled", "已取消", "Cancelled"


TASK_MOVES: dict[TaskState, set[TaskState]] = {
    TaskState.OPEN: {TaskState.RECEIVED, TaskState.DONE, TaskState.CANCELLED},
    TaskState.RECEIVED: {TaskState.DONE, TaskState.CANCELLED},
    TaskState.DONE: set(),
    TaskState.CANCELLED: set(),
}


class TaskEnd(Word):
    """How a task came to its end without somebody finishing it by hand."""

    FACT_ARRIVED = "fact_arrived", "所需信息已录入", "What was asked for is on record"
    NOTHING_WAITS = "nothing_waits", "已无待办事项", "Nothing of it waits any more"
    CASE_DISCARDED = "case_discarded", "病例已排除", "The case was discarded"
    WITHDRAWN = "withdrawn", "已撤回", "It was withdrawn"


class Figure(Word):
    """The figures of a daily report. A day runs from 00:00 to 24:00; stocks are those at 24:00."""

    NEW_CONFIRMED = "new_confirmed", "新增确诊病例", "New confirmed cases"
    CONVERTED = "converted", "其中无症状转确诊", "of which converted from asymptomatic"
    NEW_ASYMPTOMATIC = "new_asymptomatic", "新增无症状感染者", "New asymptomatic infections"
    NEW_POSITIVE = "new_positive", "新增初筛阳性", "New preliminary positives"
    NEW_SUSPECTED = "new_suspected", "新增疑似病例", "New suspected cases"
    NEW_IMPORTED = "new_imported", "其中境外输入", "of which imported"
    CONFIRMED_DISCARDED = "confirmed_discarded", "确诊病例订正排除", "Confirmed cases discarded"
    ASYMPTOMATIC_DISCARDED = "asymptomatic_discarded", "无症状感染者订正排除", "Asymptomatic infections discarded"
    CONFIRMED = "confirmed", "累计确诊病例", "Confirmed cases so far"
    ASYMPTOMATIC = "asymptomatic", "现有无症状感染者", "Asymptomatic infections now"
    SUSPECTED = "suspected", "现有疑似病例", "Suspected cases now"
    POSITIVE_WAITING = "positive_waiting", "待诊断初筛阳性", "Preliminary positives not yet classified"
    ONSET_UNKNOWN = "onset_unknown", "确诊病例中发病日期不详", "Confirmed cases with onset unknown"
    CONTACTS_NEW = "contacts_new", "新判定密接", "Contacts found"
    CONTACTS_PLACED = "contacts_placed", "新落位密接", "Contacts placed"
    CONTACTS_RELEASED = "contacts_released", "解除医学观察", "Contacts released"
    CONTACTS_POSITIVE = "contacts_positive", "密接转阳", "Contacts who became cases"
    CONTACTS_EXCLUDED = "contacts_excluded", "排除密接", "Contacts excluded"
    CONTACTS = "contacts", "累计密接", "Contacts so far"
    CONTACTS_WAITING = "contacts_waiting", "待落位密接", "Contacts not yet placed"
    CONTACTS_OBSERVED = "contacts_observed", "正在医学观察", "Contacts under observation"
    TESTS_RECORDED = "tests_recorded", "录入检测", "Tests recorded"
    TESTS_POSITIVE = "tests_positive", "其中阳性", "of which positive"
    DISCHARGED = "discharged", "出院", "Discharged"
    DIED = "died", "死亡", "Died"
    RELEASED = "released", "解除隔离的无症状感染者", "Asymptomatic infections released"
    PRESENT = "present", "现有确诊病例", "Confirmed cases in hospital"
    SEVERE = "severe", "其中重型", "of which severe"
    DISCHARGED_TOTAL = "discharged_total", "累计出院", "Discharged so far"
    DIED_TOTAL = "died_total", "累计死亡", "Died so far"
    MOVED_IN = "moved_in", "归属地划入的确诊病例", "Confirmed cases moved in"
    MOVED_OUT = "moved_out", "归属地划出的确诊病例", "Confirmed cases moved out"
    WITHOUT_COUNTY = "without_county", "未定到县区的病例", "Cases not known to a county"
