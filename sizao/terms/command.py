"""The command centre: its parts, and each figure that opens to its rows."""

from sizao.terms.word import Word


class CommandPart(Word):
    """What a commander asks, in this order."""

    WHERE = "where", "总体态势", "Where we are"
    LATE = "late", "超时未办", "What is late"
    FULL = "full", "资源紧张", "What is full"
    AHEAD = "ahead", "近期节点", "What comes next"
    OVER = "over", "疫情终点研判", "When it may be over"


class CommandFigure(Word):
    """A number of the command centre; its rows are what it counts, one by one."""

    CONFIRMED = "confirmed", "确诊病例", "Confirmed cases"
    ASYMPTOMATIC = "asymptomatic", "无症状感染者", "Asymptomatic infections"
    PRELIMINARY = "preliminary", "初筛阳性待诊断", "Preliminary positives"
    CONTACTS_PLACED = "contacts_placed", "在管密接", "Contacts looked after"
    CONTACTS_FOUND = "contacts_found", "待落位密接", "Contacts not yet placed"
    AREAS_HIGH = "areas_high", "高风险区", "High-risk areas"
    AREAS_MEDIUM = "areas_medium", "中风险区", "Medium-risk areas"
    ALERTS_WAITING = "alerts_waiting", "待核实预警", "Alerts to verify"
    SIGNALS_WAITING = "signals_waiting", "待核实信号", "Signals to verify"
    TASKS_OPEN = "tasks_open", "未办结任务", "Open tasks"
    TASKS_LATE = "tasks_late", "超时任务", "Late tasks"
    ALERTS_LATE = "alerts_late", "超时未核实预警", "Late alerts"
    TRANSFERS_LATE = "transfers_late", "超时未送达转运", "Late transfers"
    FINDINGS_LATE = "findings_late", "逾期未整改问题", "Findings not mended in time"
    ARRIVALS_LATE = "arrivals_late", "超时未入住人员", "Late arrivals at rooms"
    ROOMS_TAKEN = "rooms_taken", "已占用隔离房间", "Isolation rooms taken"
    BEDS_TAKEN = "beds_taken", "已占用床位", "Hospital beds taken"
    VEHICLES_OUT = "vehicles_out", "在途转运车辆", "Vehicles out"
    LABORATORIES_FULL = "laboratories_full", "积压超时检测机构", "Laboratories that fall behind"
    AHEAD_TASKS = "ahead_tasks", "任务到期", "Tasks due"
    AHEAD_ALERTS = "ahead_alerts", "预警核实到期", "Alerts due"
    AHEAD_TRANSFERS = "ahead_transfers", "转运到期", "Transfers due"
    AHEAD_ROUNDS = "ahead_rounds", "检测轮次截止", "Testing rounds that end"
    AHEAD_RELEASES = "ahead_releases", "隔离期满", "Isolation that ends"
    AHEAD_ZONES = "ahead_zones", "风险区应予解除", "Zones to be lifted"
    AHEAD_LEVELS = "ahead_levels", "响应级别到期", "Response levels that run out"
    AHEAD_LOANS = "ahead_loans", "队伍借调到期", "Loans of teams that end"
