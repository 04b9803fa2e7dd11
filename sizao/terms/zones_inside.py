"""Inside a zone: what people ask for, who serves them, and who goes through its gates."""

from sizao.terms.word import Word


class ZoneRequestKind(Word):
    """What somebody inside a zone asks for; care comes first."""

    CARE = "care", "外出就医", "To leave for medical care"
    MEDICINE = "medicine", "购药送药", "Medicines"
    GOODS = "goods", "生活物资", "Food and daily goods"
    INFANT = "infant", "母婴用品", "Things for an infant"
    CARER = "carer", "照护协助", "Somebody to look after them"
    WASTE = "waste", "垃圾清运", "Fetch waste"
    REPAIR = "repair", "水电气维修", "Water, power or gas repaired"
    OTHER = "other", "其他诉求", "Something else"


class ZoneChannel(Word):
    """How a request came."""

    PHONE = "phone", "电话", "By telephone"
    DOOR = "door", "上门登记", "At the door"
    CODE = "code", "居民自助", "By the household's code"
    RULE = "rule", "按特殊需求生成", "By rule, from a need on record"


class ZoneOutcome(Word):
    """What became of a request."""

    SERVED = "served", "已办结", "Served"
    NOBODY = "nobody", "无人应答", "Nobody answered"
    REFUSED = "refused", "不予办理", "Refused, with a reason"


class PassWay(Word):
    """Which way through a gate."""

    OUT = "out", "出", "Out"
    IN = "in", "进", "In"


class PassReason(Word):
    """Why somebody goes through a gate."""

    MEDICAL = "medical", "就医", "Medical care"
    DUTY = "duty", "值守保障", "On duty"
    SUPPLIES = "supplies", "物资运送", "Bringing supplies"
    TRANSFER = "transfer", "转运", "Transfer"
    RETURN = "return", "返家", "Coming home"
    OTHER = "other", "其他", "Something else"


class PassOutcome(Word):
    """Whether somebody was let through a gate."""

    PASSED = "passed", "放行", "Let through"
    REFUSED = "refused", "未放行", "Not let through"
