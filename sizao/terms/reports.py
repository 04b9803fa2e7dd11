"""Daily reports: their way upwards, who owes one, what changed a figure, and what happens to a case besides."""

from sizao.terms.word import Word


class ReportState(Word):
    """Where a version of a report stands. A submitted version never changes; a correction is a new version."""

    DRAFTED = "drafted", "待报送", "Not yet submitted"
    SUBMITTED = "submitted", "待审核", "Submitted"
    APPROVED = "approved", "已审核", "Approved"
    RETURNED = "returned", "已退回", "Returned"
    CORRECTED = "corrected", "已订正", "Corrected by a later version"


REPORT_MOVES: dict[ReportState, set[ReportState]] = {
    ReportState.DRAFTED: {ReportState.SUBMITTED},
    ReportState.SUBMITTED: {ReportState.APPROVED, ReportState.RETURNED, ReportState.CORRECTED},
    ReportState.RETURNED: {ReportState.CORRECTED},
    ReportState.APPROVED: {ReportState.CORRECTED},
    ReportState.CORRECTED: set(),
}


class UnitKind(Word):
    """Who may owe a report besides province, city and county."""

    STREET = "street", "乡镇（街道）", "Township"
    VILLAGE = "village", "村（居）委会", "Village"
    FEVER_CLINIC = "fever_clinic", "发热门诊", "Fever clinic"
    SITE = "site", "集中隔离点", "Isolation site"
    LABORATORY = "laboratory", "检测机构", "Laboratory"
    OTHER = "other", "其他单位", "Other institution"


class UnitFigure(Word):
    """What a reporting unit states of its day. No rows stand behind these; the unit answers for them."""

    PEOPLE_SEEN = "people_seen", "接诊（服务）人数", "People seen"
    FEVER = "fever", "发热人数", "People with fever"
    SAMPLED = "sampled", "采样人数", "People sampled"
    POSITIVE = "positive", "阳性人数", "People positive"
    SENT_ON = "sent_on", "转诊人数", "People sent on"


class Standing(Word):
    """How a report that is owed stands, as a level above sees it."""

    MISSING = "missing", "未报", "Missing"
    LATE = "late", "迟报", "In, but late"
    ZERO = "zero", "零报告", "In: zero"
    IN = "in", "已报", "In"
    RETURNED = "returned", "退回待改", "Returned, to be corrected"
    WAITING = "waiting", "未到时限", "Not yet due"


class FigureCause(Word):
    """Why a figure is not what it was the day before."""

    NEW = "new", "新增", "New"
    RECLASSIFIED = "reclassified", "订正归类", "Re-classified"
    DISCARDED = "discarded", "订正排除", "Discarded"
    DISCHARGED = "discharged", "出院", "Discharged"
    DIED = "died", "死亡", "Died"
    RELEASED = "released", "解除隔离", "Released"
    MOVED_IN = "moved_in", "归属地划入", "Moved into this area"
    MOVED_OUT = "moved_out", "归属地划出", "Moved out of this area"
    PLACED = "placed", "落位", "Placed"
    FOUND_AGAIN = "found_again", "重新纳入", "Taken up again"
    LATE = "late", "此前数据补录订正", "Entered late for the days before"


class LevelCause(Word):
    """Why a level's figure is not the sum of the level below."""

    WITHOUT_AREA = "without_area", "未定到下级地区", "Not known to an area below"
    VERSION = "version", "下级已有新版本", "An area below has corrected since"
    OTHER_PERIOD = "other_period", "下级按其他时段报告", "Areas below that report another period"
    MISSING = "missing", "下级未生成日报", "An area below has no report"
    MOVED = "moved", "辖区内调整归属地", "Moved between areas below"
    COUNTED_LATER = "counted_later", "统计时点不同", "Counted at another moment"


class CaseFactKind(Word):
    """What happens to a case besides its classification; entered by a person in their name, never guessed."""

    DISCHARGED = "discharged", "出院", "Discharged"
    DIED = "died", "死亡", "Died"
    RELEASED = "released", "解除隔离医学观察", "Released from observation"
    SEVERE = "severe", "转为重型", "Became severe"
    EASED = "eased", "重型好转", "No longer severe"
    MOVED = "moved", "调整归属地", "Counted in another area"
