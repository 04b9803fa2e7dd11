"""At home: what a person needs, whether the home will do, and who knocks at the door."""

from sizao.terms.word import Word


class NeedKind(Word):
    """What a person needs wherever they are: it comes before convenience in every plan."""

    DIALYSIS = "dialysis", "血液透析", "Dialysis"
    PREGNANT = "pregnant", "孕产妇", "Pregnant or newly delivered"
    INFANT = "infant", "婴幼儿", "An infant"
    CHRONIC = "chronic", "基础疾病", "A chronic illness"
    MEDICINES = "medicines", "长期用药", "Medicines that may not run out"
    TUMOUR = "tumour", "放化疗", "Chemotherapy or radiotherapy"
    MENTAL = "mental", "精神障碍", "A mental illness"
    WHEELCHAIR = "wheelchair", "行动不便（轮椅）", "A wheelchair"
    STRETCHER = "stretcher", "卧床（担架）", "A stretcher"
    NOT_SELF_CARING = "not_self_caring", "生活不能自理", "Cannot look after themselves"
    OLD_ALONE = "old_alone", "独居老人", "Old and alone"
    CHILD_ALONE = "child_alone", "儿童无人照料", "A child whom nobody would look after"
    DIET = "diet", "饮食禁忌", "A diet"
    LANGUAGE = "language", "语言沟通", "Another language"


class HomeCheckItem(Word):
    """What makes a home fit for isolation."""

    OWN_ROOM = "own_room", "单独居住或独立房间", "Alone, or a room of one's own"
    AIRED = "aired", "房间通风", "The room can be aired"
    OWN_TOILET = "own_toilet", "独立卫生间", "A toilet of one's own"
    NO_SHARED_AIR = "no_shared_air", "不使用集中空调", "No shared central air conditioning"
    DOOR_TABLE = "door_table", "门口设桌椅，无接触交接", "A table at the door"
    THERMOMETER = "thermometer", "体温计", "A thermometer"
    BIN = "bin", "带盖垃圾桶", "A covered bin"
    CARER = "carer", "同住人员无基础疾病、非高龄", "Whoever shares the home is neither old nor ill"
    PHONE = "phone", "可随时联系", "Can be reached by telephone"


class VisitKind(Word):
    """What a door visit is for."""

    CALL = "call", "电话随访", "Telephone call"
    VISIT = "visit", "上门巡查", "Visit at the door"
    SWAB = "swab", "上门采样", "Swab at the door"
    MEDICINE = "medicine", "送药", "Bring medicines"
    DELIVERY = "delivery", "生活物资配送", "Bring goods"
    WASTE = "waste", "垃圾清运", "Fetch waste"


class VisitOutcome(Word):
    """What became of a door visit."""

    DONE = "done", "已完成", "Done"
    NOBODY = "nobody", "无人应答", "Nobody answered"
    REFUSED = "refused", "拒绝", "Refused"
    WORSE = "worse", "出现症状，已报告", "Worse: reported"
    LEFT = "left", "人不在家", "Not at home"


class DoorAnswer(Word):
    """What a phone is told of one thing done at a door."""

    TAKEN = "taken", "已登记", "Taken"
    KNOWN = "known", "此前已登记", "Known already"
    REFUSED = "refused", "未接收", "Refused"
