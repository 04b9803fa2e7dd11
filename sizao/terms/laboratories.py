"""From the tube to the result: boxes, laboratories, readings, positive pools."""

from sizao.terms.word import Word


class HandOverKind(Word):
    """What happened to a box of tubes on its way."""

    CLOSED = "closed", "封箱", "Closed at the site"
    PICKED_UP = "picked_up", "取走", "Picked up at the site"
    PASSED_ON = "passed_on", "途中交接", "Passed on"
    DELIVERED = "delivered", "送达", "Delivered to the laboratory"
    RETURNED = "returned", "退回", "Returned"
    RECEIVED = "received", "实验室签收", "Received by the laboratory"


class BoxState(Word):
    """Where a box of tubes stands."""

    EMPTY = "empty", "未装箱", "Empty"
    PACKING = "packing", "装箱中", "Being packed"
    PACKED = "packed", "已封箱待取", "Closed, waits to be fetched"
    CARRIED = "carried", "运送中", "On its way"
    DELIVERED = "delivered", "已送达待签收", "Delivered, waits to be received"
    RECEIVED = "received", "已签收", "Received"


class BoxAct(Word):
    """What a device says was done with a box."""

    PUT_IN = "put_in", "装管", "A tube was put in"
    CLOSED = "closed", "封箱", "It was closed"
    HANDED_OVER = "handed_over", "交接", "It was handed over"


class BoxAnswer(Word):
    """What became of what a device said of a box."""

    TAKEN = "taken", "已记录", "Recorded"
    REPEATED = "repeated", "此前已记录", "Recorded before"
    QUEUED = "queued", "待人工核对", "Waits for a person to check"


class TubeStepKind(Word):
    """A step of a tube on its way; each happens once."""

    BOXED = "boxed", "装箱", "Put into a box"
    RECEIVED = "received", "实验室接收", "Received by a laboratory"


class LabFeed(Word):
    """How readings came in."""

    INSTRUMENT = "instrument", "仪器文件", "An instrument's file"
    SPREADSHEET = "spreadsheet", "表格文件", "A spreadsheet"
    HL7 = "hl7", "HL7消息", "HL7 messages"
    BY_HAND = "by_hand", "手工录入", "Entered by hand"


class Reading(Word):
    """What one run says of one tube. Only the first two become a result; the others ask for another test."""

    POSITIVE = "positive", "阳性", "Positive"
    NEGATIVE = "negative", "阴性", "Negative"
    INCONCLUSIVE = "inconclusive", "可疑（需复检）", "Inconclusive; test again"
    INVALID = "invalid", "无效（内参异常）", "Invalid; the internal control failed"


class RunState(Word):
    """A run is recorded by one person and released by another; until then it is nobody's result."""

    RECORDED = "recorded", "待审核", "Waits for a second person"
    RELEASED = "released", "已签发", "Released"
    WITHDRAWN = "withdrawn", "已撤回", "Withdrawn"


RUN_MOVES: dict[RunState, set[RunState]] = {
    RunState.RECORDED: {RunState.RELEASED, RunState.WITHDRAWN},
    RunState.RELEASED: {RunState.WITHDRAWN},  # found to be wrong after it was told
    RunState.WITHDRAWN: set(),
}


class LabOddityKind(Word):
    """What was odd about a box, a tube or a reading; nothing of it is lost."""

    UNREADABLE_TUBE = "unreadable_tube", "管码校验不符", "The code of the tube is mistyped"
    UNKNOWN_TUBE = "unknown_tube", "管码未曾印制", "This code was never printed"
    NO_SWABS = "no_swabs", "管内无采样登记", "Nobody is registered in this tube"
    BEFORE_RECEIPT = "before_receipt", "接收登记前已出结果", "Read before it was received"
    TWO_LABORATORIES = "two_laboratories", "两家实验室报告同一管", "Two laboratories report one tube"
    CONTRADICTION = "contradiction", "结果前后不一致", "Contradicts a released result"
    TWO_BOXES = "two_boxes", "同一管装入两箱", "One tube in two boxes"
    NOT_IN_BOX = "not_in_box", "箱内多出", "In the box, and not on its list"
    LACKING = "lacking", "箱内缺少", "On the list of the box, and not in it"
    CUT_OFF = "cut_off", "文件不完整", "The file ends in mid-row"
    TWICE_IN_RUN = "twice_in_run", "同批重复", "Twice in one run, and not alike"
    CONTROL_FAILED = "control_failed", "质控失败", "A control of the plate failed"
    UNREADABLE_ROW = "unreadable_row", "无法读取的行", "A row that cannot be read"
    CLOCK = "clock", "时间有误", "A moment that cannot be"
    UNKNOWN_BOX = "unknown_box", "箱码未曾印制或有误", "This code of a box was never printed, or is mistyped"
    NOT_OPEN = "not_open", "管码所属轮次未在进行", "The tube is of a round that is not open"


class HoldState(Word):
    """A positive pool's hold is proposed by rule, ordered by a named officer, and ends by itself."""

    PROPOSED = "proposed", "待签发", "Waits for an officer"
    ORDERED = "ordered", "已签发", "Ordered"
    DECLINED = "declined", "不予签发", "Declined"
    ENDED = "ended", "已结束", "Ended"


HOLD_MOVES: dict[HoldState, set[HoldState]] = {
    HoldState.PROPOSED: {HoldState.ORDERED, HoldState.DECLINED, HoldState.ENDED},
    HoldState.ORDERED: {HoldState.ENDED},
    HoldState.DECLINED: set(),
    HoldState.ENDED: {HoldState.PROPOSED},  # a swab that came late, or a result that was corrected back
}


class HoldEnd(Word):
    """Why somebody of a positive pool is no longer held."""

    NEGATIVE = "negative", "单采阴性", "Their own test is negative"
    POSITIVE = "positive", "单采阳性（转病例处置）", "Their own test is positive; handled as a case"
    CORRECTED = "corrected", "混管结果更正", "The result of the pool was corrected"
    EXPIRED = "expired", "到期", "The hold expired"
    OBJECTION = "objection", "异议成立", "An objection was upheld"
