"""Response levels (平急转换): how ready an area stands, what is weighed for it, and what is left on the way back."""

from sizao.terms.word import Word


class ResponseLevel(Word):
    """How ready an area stands, from the lowest to the highest."""

    ROUTINE = "routine", "常态", "Routine"
    ALERT = "alert", "警戒", "Alert"
    EMERGENCY = "emergency", "应急", "Emergency"

    @property
    def rank(self) -> int:
        """Count from 0 for routine: the larger, the more is asked of everybody."""
        return list(ResponseLevel).index(self)


class LevelReach(Word):
    """Whom a decision on the level binds."""

    HERE = "here", "仅本级指挥机构", "This authority only"
    BELOW = "below", "本级及所辖全部地区", "This area and everything within it"


class LevelFact(Word):
    """What a condition counts in an area."""

    CASES = "cases", "近期确诊病例和无症状感染者", "Recent confirmed and asymptomatic cases"
    PARTS_WITH_CASES = "parts_with_cases", "近期有病例的下级地区", "Parts with recent cases"
    CASES_WAITING = "cases_waiting", "待诊断初筛阳性", "Preliminary positives not yet classified"
    DAYS_WITHOUT_CASE = "days_without_case", "无新增病例天数", "Days without a new case"
    ALERTS_OPEN = "alerts_open", "待核实预警", "Alerts that wait for verification"
    ALERTS_CONFIRMED = "alerts_confirmed", "已确认预警", "Confirmed alerts"
    NEIGHBOURS_IN_EMERGENCY = "neighbours_in_emergency", "处于应急状态的相邻地区", "Neighbouring areas in emergency"
    PARTS_IN_EMERGENCY = "parts_in_emergency", "处于应急状态的下级地区", "Parts in emergency"
    ZONES_PUBLISHED = "zones_published", "未解除的中高风险区", "Medium and high-risk areas not lifted"


class ConditionMet(Word):
    """Whether a condition is met; unknown is neither."""

    MET = "met", "符合", "Met"
    NOT_MET = "not_met", "不符合", "Not met"
    UNKNOWN = "unknown", "情况不明", "Not known"


class LevelProposalState(Word):
    """A proposal waits until an officer decides, or until its conditions are met no more."""

    WAITING = "waiting", "待决定", "Waits for a decision"
    DECIDED = "decided", "已决定", "Decided"
    DECLINED = "declined", "不予采纳", "Declined"
    LAPSED = "lapsed", "条件已变化", "Lapsed: the conditions changed"


class LeftKind(Word):
    """What a return to routine closes, or leaves for a named role to decide."""

    ORDERS_PROPOSED = "orders_proposed", "待决定的隔离建议", "Proposed orders that nobody decided on"
    ZONES_PROPOSED = "zones_proposed", "待决定的风险区建议", "Proposed zones that nobody decided on"
    ROUNDS_PLANNED = "rounds_planned", "未启动的检测轮次", "Testing rounds planned and not opened"
    TASKS = "tasks", "应急任务", "Tasks of the emergency"
    ORDERS_HELD = "orders_held", "仍在执行的隔离决定", "Orders that still hold people"
    ZONES_PUBLISHED = "zones_published", "仍在执行的风险区", "Zones that still hold"
    ROUNDS_OPEN = "rounds_open", "进行中的检测轮次", "Testing rounds under way"
    ROOMS_TAKEN = "rooms_taken", "隔离点在住人员", "People in isolation sites"
    TRANSFERS_OPEN = "transfers_open", "未完成的转运", "Transfers under way"
    SHIFTS = "shifts", "未结束的车组班次", "Crew shifts that have not ended"
    TEAM_SHIFTS = "team_shifts", "未结束的队伍班次", "Team shifts that have not ended"
    ALERTS_OPEN = "alerts_open", "待核实预警", "Alerts not yet verified"
    REQUESTS_OPEN = "requests_open", "未办结的协查", "Open requests between authorities"
