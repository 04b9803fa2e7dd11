"""Situation reports and bulletins: their states and their sentences; cards and forms about people."""

from sizao.terms.word import Word


class BulletinState(Word):
    """Where a version of a bulletin stands. What was issued stays; a correction is a version beside it."""

    DRAFT = "draft", "待签发", "Draft"
    ISSUED = "issued", "已签发", "Issued"
    REPLACED = "replaced", "已更正", "Replaced by a correction"


BULLETIN_MOVES: dict[BulletinState, set[BulletinState]] = {
    BulletinState.DRAFT: {BulletinState.ISSUED},
    BulletinState.ISSUED: {BulletinState.REPLACED},
    BulletinState.REPLACED: set(),
}


class BulletinGap(Word):
    """The places in the text of a bulletin into which its locked figures are written."""

    DAY = "day", "日期", "The day"
    AREA = "area", "地区", "The area"
    CONFIRMED = "confirmed", "新增确诊病例及分布", "New confirmed cases, and where"
    CONVERTED = "converted", "其中由无症状感染者转归", "Of these, converted"
    ASYMPTOMATIC = "asymptomatic", "新增无症状感染者及分布", "New asymptomatic infections, and where"
    ENDED = "ended", "出院、死亡、解除", "Discharged, died, released"
    STOCKS = "stocks", "累计与现有", "So far, and at present"
    CONTACTS = "contacts", "密切接触者", "Contacts"


class BulletinText(Word):
    """The sentences of bulletins and situation reports."""

    TITLE = "title", "{area}疫情情况通报", "Bulletin on the outbreak in {area}"
    DRAFT = (
        "draft",
        "{{day}}0—24时，{{area}}{{confirmed}}{{converted}}；{{asymptomatic}}。\n{{ended}}\n{{stocks}}\n{{contacts}}",
        "From 0:00 to 24:00 of {{day}}, {{area}} had {{confirmed}}{{converted}}, and {{asymptomatic}}.\n{{ended}}\n"
        "{{stocks}}\n{{contacts}}",
    )
    NEW_CONFIRMED = "new_confirmed", "新增确诊病例{n}{where}", "{n} new confirmed cases{where}"
    NO_CONFIRMED = "no_confirmed", "无新增确诊病例{quiet}", "no new confirmed case{quiet}"
    CONVERTED = (
        "converted",
        "（其中{n}由无症状感染者转为确诊病例）",
        " ({n} of them converted from asymptomatic)",
    )
    NEW_ASYMPTOMATIC = "new_asymptomatic", "新增无症状感染者{n}{where}", "{n} new asymptomatic infections{where}"
    NO_ASYMPTOMATIC = "no_asymptomatic", "无新增无症状感染者", "no new asymptomatic infection"
    QUIET = "quiet", "（已连续{n}日无新增感染者）", " (for {n} days now, no new infection of either kind)"
    WHERE = "where", "（{places}）", " ({places})"
    PLACE = "place", "{name}{n}", "{name} {n}"
    ELSEWHERE = "elsewhere", "其余地区合计{n}", "the other areas together {n}"
    SOME_PLACES = "some_places", "另有个别地区少量", "a few in some other areas"
    CASES = "cases", "{n}例", "{n}"
    FEW = "few", "少量", "a few"
    DISCHARGED = "discharged", "新增出院病例{n}", "{n} discharged"
    DIED = "died", "新增死亡病例{n}", "{n} died"
    RELEASED = "released", "解除医学观察无症状感染者{n}", "{n} asymptomatic infections released"
    ENDED = "ended", "当日{parts}。", "That day: {parts}."
    AS_OF = "as_of", "截至{day}24时，{parts}。", "By 24:00 of {day}: {parts}."
    CONFIRMED_SO_FAR = "confirmed_so_far", "累计报告确诊病例{n}", "{n} confirmed cases so far"
    PRESENT = "present", "现有确诊病例{n}", "{n} confirmed cases in hospital"
    ASYMPTOMATIC_NOW = "asymptomatic_now", "尚在医学观察的无症状感染者{n}", "{n} asymptomatic infections observed"
    OBSERVED = "observed", "正在接受医学观察的密切接触者{n}人", "{n} contacts under observation"
    TABLE = "table", "各地新增情况", "New by area"
    AREA = "area", "地区", "Area"
    HIDDEN_NOTE = (
        "hidden_note",
        "*及未列出的地区：为保护个人隐私，不足{k}例的数字以及可由其他数字推算出它们的数字不予公布。",
        "* and areas not named: to protect people, numbers below {k}, and those giving them away, are not published.",
    )
    CURVE = "curve", "每日新增确诊病例（已公布）", "New confirmed cases by day, as published"
    SOURCE = "source", "数据统计时段为当日0时至24时。", "Counted from 0:00 to 24:00 of the day."
    VERSION = "version", "第{n}版（更正）", "Version {n} (correction)"
    CORRECTED = "corrected", "更正说明：{reason}", "Why it was corrected: {reason}"
    DRILL = "drill", "演练或复盘，不产生效力 · {name}", "A DRILL OR A REPLAY: THIS HAS NO EFFECT · {name}"


class SituationText(Word):
    """The sentences of the internal situation report."""

    TITLE = "title", "{area}疫情情况报告", "Situation report: {area}"
    INTERNAL = "internal", "内部资料 注意保管", "Internal. Keep it safe."
    LEAD = (
        "lead",
        "{day}，{area}新增感染者{new}例（确诊{confirmed}例、无症状{asymptomatic}例），较前一日{change}。{worst}",
        "On {day}, {area} had {new} new infections ({confirmed} confirmed, {asymptomatic} asymptomatic), {change} "
        "the day before. {worst}",
    )
    MORE = "more", "增加{n}例", "{n} more than"
    LESS = "less", "减少{n}例", "{n} fewer than"
    SAME = "same", "持平", "as many as"
    LATE = "late", "逾期未办任务{n}项，须优先处置。", "{n} tasks are late: these come first."
    UNPLACED = (
        "unplaced",
        "尚有{n}名密切接触者未落位，须优先处置。",
        "{n} contacts are not placed yet: these come first.",
    )
    CALM = "calm", "无逾期任务。", "No task is late."
    STANDS = "stands", "总体情况", "Where we are"
    CURVE = "curve", "流行曲线（按报告日期）", "Epidemic curve, by day of report"
    MAP = (
        "map",
        "各县（市、区）感染者分布示意图（非测绘成果，不得公开）",
        "Infections by county: a sketch, not for the public",
    )
    BY_COUNTY = "by_county", "各县（市、区）情况", "By county"
    LATE_TABLE = "late_table", "逾期任务", "What is late"
    KIND = "kind", "任务", "Task"
    ROLE = "role", "责任岗位", "Who is asked"
    COUNT = "count", "项数", "How many"
    SINCE = "since", "最早逾期", "Since"
    NOTHING = "nothing", "当前无感染者。", "No infection stands."
    NEW = "new", "当日新增", "New"
    CONFIRMED = "confirmed", "累计确诊", "Confirmed so far"
    ASYMPTOMATIC = "asymptomatic", "现有无症状", "Asymptomatic now"
    PLACED = "placed", "已落位密接", "Contacts placed"
    WAITING = "waiting", "未落位密接", "Contacts not placed"
    TESTS = "tests", "当日录入检测", "Tests of the day"
    AREAS = "areas", "高/中风险区", "High/medium risk areas"
    ZONES = "zones", "拟划定高/中风险区（未公布）", "High/medium areas proposed, not published"
    KNOWN = "known", "以{at}所掌握的情况为准。", "As known at {at}."


class CardState(Word):
    """Where a filled form stands. A signed one never changes; a correction is another."""

    DRAFT = "draft", "填写中", "Being filled"
    SIGNED = "signed", "已签名报出", "Signed"
    CORRECTED = "corrected", "已订正", "Corrected by another"


CARD_MOVES: dict[CardState, set[CardState]] = {
    CardState.DRAFT: {CardState.SIGNED},
    CardState.SIGNED: {CardState.CORRECTED},
    CardState.CORRECTED: set(),
}
