"""Rounds of testing: how they are planned, and what comes next."""

from sizao.terms.word import Word


class RoundResource(Word):
    """What a round of testing can be short of."""

    TIME = "time", "时间", "Time"
    SITES = "sites", "采样点", "Sampling sites"
    TABLES = "tables", "采样台", "Sampling tables"
    SAMPLERS = "samplers", "采样人员", "Samplers"
    TUBES = "tubes", "采样管", "Tubes"
    LABORATORIES = "laboratories", "检测能力", "Laboratory capacity"
    WALKING = "walking", "步行距离", "Walking distance"
    TRANSPORT = "transport", "样本运送", "Transport of samples"


class PlanState(Word):
    """How far a layout of sites is: worked out by a machine, and nothing until a person accepts it."""

    WAITING = "waiting", "排队中", "Waiting"
    RUNNING = "running", "计算中", "Being worked out"
    MADE = "made", "待采用", "Worked out; waits for a person"
    FAILED = "failed", "无法计算", "Could not be worked out"
    ACCEPTED = "accepted", "已采用", "Accepted"


class NextRound(Word):
    """Why an area is tested again, or not."""

    NOT_BY_AREA = "not_by_area", "不开展区域检测", "No testing by area"
    FIRST_ROUNDS = "first_rounds", "首轮次未满", "The first rounds are not complete"
    RECENT_CASE = "recent_case", "近3轮有阳性", "A case in the last three rounds"
    CASE_IN_14_DAYS = "case_in_14_days", "14天内有阳性", "A case within 14 days"
    NO_CASE_IN_14_DAYS = "no_case_in_14_days", "14天内无阳性", "No case within 14 days"
    NOT_YET_CLEAN = "not_yet_clean", "连续无社会面感染轮次未满", "Not enough clean rounds"
    CONFIRMING = "confirming", "停止前再检一轮", "One more round before stopping"
    DONE = "done", "可停止", "May stop"
    NOT_SAID = "not_said", "本版未规定", "The edition does not say"


class RoundScope(Word):
    """How far a round reaches."""

    NONE = "none", "不开展", "None"
    STREETS = "streets", "涉疫街道（乡镇）", "Affected streets and townships"
    COUNTIES = "counties", "涉疫县区", "Affected counties"
    CITY = "city", "全市", "The whole city"


class PoolInterval(Word):
    """How the interval of a prevalence from pooled results is made."""

    SKEW_SCORE = "skew-score", "偏度校正得分区间", "Score interval, corrected for skewness"
    SCORE = "score", "得分区间", "Score interval"
    LIKELIHOOD = "likelihood", "似然比区间", "Likelihood-ratio interval"
