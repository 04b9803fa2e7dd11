"""Teams: what their people can do, how each stands, and why a shift cannot be."""

from sizao.terms.word import Word


class Skill(Word):
    """What a member of a team can do."""

    INVESTIGATION = "investigation", "流行病学调查", "Case investigation"
    DATA = "data", "数据分析", "Data analysis"
    SWABBING = "swabbing", "核酸采样", "Swabbing"
    LABORATORY = "laboratory", "核酸检测", "Nucleic-acid testing"
    DISINFECTION = "disinfection", "消毒消杀", "Disinfection"
    INFECTION_CONTROL = "infection_control", "感染防控", "Infection control"
    DRIVING = "driving", "车辆驾驶", "Driving"
    MEDICINE = "medicine", "临床医疗", "Medicine"
    NURSING = "nursing", "护理", "Nursing"
    PSYCHOLOGY = "psychology", "心理疏导", "Psychological support"
    SUPPLIES = "supplies", "物资保障", "Supplies"
    COORDINATION = "coordination", "组织协调", "Coordination"


class Duty(Word):
    """How a member of a team stands at a moment."""

    ON_DUTY = "on_duty", "在岗", "On duty"
    STANDBY = "standby", "待命", "Standing by"
    RESTING = "resting", "轮休", "Resting"
    LOOP = "loop", "闭环内", "In the closed loop"
    APART = "apart", "出闭环健康监测", "Watched after the closed loop"
    AWAY = "away", "离岗", "Away"


class ShiftFault(Word):
    """Why a shift cannot be."""

    TOO_LONG = "too_long", "超过单班时长上限", "longer than one shift may be"
    OVERLAP = "overlap", "与另一班次重叠", "at the same time as another shift"
    REST = "rest", "两班之间休息不足", "too little rest between two shifts"
    THIRD = "third", "24小时内班次超限", "too many shifts in 24 hours"
    AWAY = "away", "该时段离岗", "away in these hours"
    IN_LOOP = "in_loop", "闭环内人员不得在闭环外上岗", "in the closed loop, and the shift is outside"
    NOT_IN_LOOP = "not_in_loop", "未进入闭环，不得上闭环内班次", "not in the closed loop, and the shift is inside"
    APART = "apart", "出闭环后健康监测期未满", "still watched after leaving the closed loop"
    LEFT = "left", "届时不在本队", "not of the team in these hours"


class AbsenceReason(Word):
    """Why a member of a team is away."""

    LEAVE = "leave", "休假", "On leave"
    SICK = "sick", "病假", "Sick"
    TRAINING = "training", "培训", "In training"
    OTHER = "other", "其他", "Another reason"


class CallKind(Word):
    """Whether a call-out tests the teams or needs them."""

    DRILL = "drill", "拉动演练", "Call-out drill"
    REAL = "real", "实战调集", "Real call-out"
