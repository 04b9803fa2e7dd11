"""
The field's words, each once: its code, its Chinese term, its English term.

The glossary, the screens, the forms and the database constraints all read this page, so that one
word has one meaning everywhere. A lifecycle is a table of allowed moves beside its states.
"""

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """A closed list of terms; each member has a stable code and a label in both languages."""

    zh: str
    en: str

    def __new__(cls, code: str, zh: str, en: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.zh = zh
        member.en = en
        return member

    def label(self, language: str) -> str:
        """Say the term in the language of the reader ("zh…" or anything else for English)."""
        return self.zh if language.startswith("zh") else self.en

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Pairs of code and Chinese term, for forms and field choices."""
        return [(str(member), member.zh) for member in cls]


class Words(tuple[Word, ...]):
    """Several terms, told together in the language of the reader."""

    __slots__ = ()

    def label(self, language: str) -> str:
        """Say the terms one after the other, or that there is none."""
        zh = language.startswith("zh")
        return ("、" if zh else ", ").join(word.label(language) for word in self) or ("无" if zh else "nothing")


# --- Areas -----------------------------------------------------------------------------------


class AreaLevel(Word):
    """The levels of the official division code, by its length in digits."""

    PROVINCE = "province", "省", "Province"
    CITY = "city", "市", "City"
    COUNTY = "county", "县", "County"
    STREET = "street", "乡镇街道", "Township"
    VILLAGE = "village", "村居", "Village"


AREA_DIGITS = {
    AreaLevel.PROVINCE: 2,
    AreaLevel.CITY: 4,
    AreaLevel.COUNTY: 6,
    AreaLevel.STREET: 9,
    AreaLevel.VILLAGE: 12,
}
LEVEL_OF_DIGITS = {digits: level for level, digits in AREA_DIGITS.items()}


class AreaPart(Word):
    """What official lists name below the village: parts of an area that have no code of their own."""

    COMPOUND = "compound", "居民小区", "Residential compound"
    BUILDING = "building", "楼栋单元", "Building or stairwell"
    SPOT = "spot", "其他地点", "Other named spot"


# --- Outbreaks -------------------------------------------------------------------------------


class OutbreakKind(Word):
    """Whether what is recorded acts on people now, or rehearses."""

    REAL = "real", "实战", "Real"
    REPLAY = "replay", "复盘", "Replay of a past outbreak"
    DRILL = "drill", "演练", "Drill"


# --- Signals ---------------------------------------------------------------------------------


class SignalKind(Word):
    """Where a hint came from."""

    POSITIVE_TEST = "positive_test", "核酸阳性", "Positive test"
    FEVER_CLINIC = "fever_clinic", "发热门诊", "Fever clinic"
    REQUEST = "request", "协查来函", "Request from another authority"
    SELF_REPORT = "self_report", "自主申报", "Self-report"


class SignalState(Word):
    """An unverified hint, and what became of it."""

    NEW = "new", "待核实", "To verify"
    VERIFIED = "verified", "已核实", "Verified"
    DISMISSED = "dismissed", "已排除", "Dismissed"


SIGNAL_MOVES = {
    SignalState.NEW: {SignalState.VERIFIED, SignalState.DISMISSED},
    SignalState.VERIFIED: {SignalState.DISMISSED},
    SignalState.DISMISSED: {SignalState.VERIFIED},
}


# --- Cases -----------------------------------------------------------------------------------


class CaseStatus(Word):
    """A person's standing under the case definition."""

    POSITIVE = "positive", "初筛阳性", "Preliminary positive"
    SUSPECTED = "suspected", "疑似病例", "Suspected case"
    ASYMPTOMATIC = "asymptomatic", "无症状感染者", "Asymptomatic infection"
    CONFIRMED = "confirmed", "确诊病例", "Confirmed case"
    DISCARDED = "discarded", "已排除", "Discarded"


CASE_MOVES: dict[CaseStatus, set[CaseStatus]] = {
    CaseStatus.POSITIVE: {
        CaseStatus.SUSPECTED,
        CaseStatus.ASYMPTOMATIC,
        CaseStatus.CONFIRMED,
        CaseStatus.DISCARDED,
    },
    CaseStatus.SUSPECTED: {CaseStatus.ASYMPTOMATIC, CaseStatus.CONFIRMED, CaseStatus.DISCARDED},
    CaseStatus.ASYMPTOMATIC: {CaseStatus.CONFIRMED, CaseStatus.DISCARDED},  # 订正
    CaseStatus.CONFIRMED: {CaseStatus.DISCARDED},  # a false positive, later disproved
    CaseStatus.DISCARDED: {CaseStatus.POSITIVE},  # positive again
}


class FoundBy(Word):
    """How a case came to be known."""

    SCREENING = "screening", "核酸筛查", "Screening"
    CONTACT = "contact", "密接排查", "Among contacts"
    FEVER_CLINIC = "fever_clinic", "发热门诊", "Fever clinic"
    REQUEST = "request", "协查", "Request from another authority"
    SELF_REPORT = "self_report", "自主申报", "Self-report"


class Severity(Word):
    """Clinical types, lightest first (treatment protocol 8)."""

    MILD = "mild", "轻型", "Mild"
    ORDINARY = "ordinary", "普通型", "Ordinary"
    SEVERE = "severe", "重型", "Severe"
    CRITICAL = "critical", "危重型", "Critical"


class Window(Word):
    """Which part of a case's course a visit belongs to."""

    BEFORE = "before", "发病前", "Before onset"
    INFECTIOUS = "infectious", "传染期", "While infectious"
    ISOLATED = "isolated", "隔离后", "After isolation"


# --- Tests -----------------------------------------------------------------------------------


class TestMethod(Word):
    """What was done to a specimen."""

    __test__ = False

    NUCLEIC_ACID = "nucleic_acid", "核酸检测", "Nucleic acid"
    ANTIGEN = "antigen", "抗原检测", "Antigen"
    ANTIBODY = "antibody", "抗体检测", "Antibody"


class TestResult(Word):
    """What was found. A result not yet known is NULL, never one of these."""

    __test__ = False

    POSITIVE = "positive", "阳性", "Positive"
    NEGATIVE = "negative", "阴性", "Negative"


class VenueMatch(Word):
    """Why a mention of a venue belongs to its group, or stays apart."""

    FIRST = "first", "首次提到", "First mention"
    SAME_NAME = "same_name", "同名", "The same name"
    SIMILAR = "similar", "名称相近", "A similar name"
    SAME_DAY = "same_day", "同日同地点同类活动", "The same day, road and activity"
    AMBIGUOUS = "ambiguous", "可能对应多处，未合并", "Fits several; left apart"
    VAGUE = "vague", "描述不足，未合并", "Too vague; left apart"


class MeetingSource(Word):
    """How it is known that two people met."""

    NAMED_EVENT = "named_event", "同一活动", "Named the same event"
    SHARED_PLACE = "shared_place", "同时同地", "At one place at one time"
    SHARED_DAY = "shared_day", "同日同地", "At one place on one day"
    INTERVIEW = "interview", "流调询问", "Told in an interview"


class ExposureScope(Word):
    """What links the cases: one day at a place, or the place over their whole time before onset."""

    EVENT = "event", "同日同地", "One day at a place"
    PLACE = "place", "同一场所", "A place over several days"


# --- Contacts and isolation ------------------------------------------------------------------


class ContactKind(Word):
    """How near a person came to a case."""

    CLOSE = "close", "密切接触者", "Close contact"
    SECONDARY = "secondary", "密接的密接", "Secondary contact"
    GENERAL = "general", "一般接触者", "General contact"


class ContactState(Word):
    """Where a contact stands in being looked after."""

    FOUND = "found", "待落位", "Found, not yet placed"
    PLACED = "placed", "已落位", "Placed"
    RELEASED = "released", "已解除", "Released"
    BECAME_CASE = "became_case", "已转阳", "Became a case"
    EXCLUDED = "excluded", "已排除", "Excluded"


CONTACT_MOVES: dict[ContactState, set[ContactState]] = {
    ContactState.FOUND: {ContactState.PLACED, ContactState.BECAME_CASE, ContactState.EXCLUDED},
    ContactState.PLACED: {ContactState.RELEASED, ContactState.BECAME_CASE, ContactState.EXCLUDED},
    ContactState.RELEASED: {ContactState.BECAME_CASE},
    ContactState.BECAME_CASE: set(),
    ContactState.EXCLUDED: {ContactState.FOUND, ContactState.BECAME_CASE},
}


class StayKind(Word):
    """Where a person is: at every moment exactly one of these."""

    HOME = "home", "居家", "At home"
    ROOM = "room", "隔离房间", "Isolation room"
    BED = "bed", "病床", "Hospital bed"
    VEHICLE = "vehicle", "转运途中", "In transfer"
    OUTSIDE = "outside", "外出", "Outside"


class OrderKind(Word):
    """What a person is asked to do. Isolation and monitoring at home are two different things."""

    CENTRAL = "central", "集中隔离医学观察", "Central isolation"
    HOME = "home", "居家隔离", "Home isolation"
    MONITORING = "monitoring", "居家健康监测", "Home health monitoring"


class OrderState(Word):
    """A proposal touches nobody; an order issued by a named officer does, until it ends."""

    PROPOSED = "proposed", "待签发", "Waiting for an officer"
    ISSUED = "issued", "已签发", "Issued"
    DECLINED = "declined", "不予签发", "Declined"
    ENDED = "ended", "已解除", "Ended"


ORDER_MOVES: dict[OrderState, set[OrderState]] = {
    OrderState.PROPOSED: {OrderState.ISSUED, OrderState.DECLINED, OrderState.ENDED},
    OrderState.ISSUED: {OrderState.ENDED},
    OrderState.DECLINED: set(),
    OrderState.ENDED: set(),
}


class CountedFrom(Word):
    """The day zero of a period of isolation, and why that day."""

    LAST_EXPOSURE = "last_exposure", "末次暴露", "last exposure"
    ISOLATED = "isolated", "隔离之日（末次暴露不详，不会更晚）", "day of isolation (last exposure unknown, not later)"
    FOUND = "found", "判定之日（末次暴露不详，不会更晚）", "day found (last exposure unknown, not later)"


class OrderEnd(Word):
    """Why an order or a proposal ended without an officer's act."""

    EXPIRED = "expired", "期满，自动解除", "The period is over"
    NOT_DECIDED = "not_decided", "期满未签发，建议失效", "The period passed before an officer decided"
    BECAME_CASE = "became_case", "已转为病例，转入医疗机构", "The person became a case"
    NO_CONTACT = "no_contact", "已排除密接或已解除", "The person is no contact any more"
    REPLACED = "replaced", "末次暴露更新，另提建议", "A later exposure became known; proposed anew"


class Remedy(Word):
    """What a person may do against an order, told on the order itself (review law, articles 20 and 62)."""

    REVIEW = (
        "review",
        "如不服本决定，可自收到之日起{days}日内向{body}申请行政复议；复议期间请继续遵守本决定。",
        "If you disagree, you may ask {body} to review this order within {days} days of receiving it; "
        "it stands until that body decides otherwise.",
    )
    CARE = (
        "care",
        "如需急诊、透析、分娩等医疗服务，请随时告知工作人员，不得被拒绝。",
        "If you need urgent care, dialysis or to give birth, say so at any time; you may not be refused.",
    )
    ENDS = (
        "ends",
        "本决定至{date} 24:00自动解除，无需申请；延长须另行决定。",
        "This order ends by itself on {date} at 24:00; to lengthen it takes a new decision.",
    )


REVIEW_DAYS = 60  # days to apply for an administrative review, by law


# --- Zones -----------------------------------------------------------------------------------


class ZoneLevel(Word):
    """The grade of an area for a time."""

    LOW = "low", "低风险", "Low risk"
    MEDIUM = "medium", "中风险", "Medium risk"
    HIGH = "high", "高风险", "High risk"


class ZoneState(Word):
    """From a computed proposal to a lifted area."""

    PROPOSED = "proposed", "建议划定", "Proposed"
    APPROVED = "approved", "已批准", "Approved"
    PUBLISHED = "published", "已公布", "Published"
    DECLINED = "declined", "不予划定", "Declined"
    LIFTED = "lifted", "已解除", "Lifted"


ZONE_MOVES: dict[ZoneState, set[ZoneState]] = {
    ZoneState.PROPOSED: {ZoneState.APPROVED, ZoneState.DECLINED, ZoneState.LIFTED},
    ZoneState.APPROVED: {ZoneState.PUBLISHED, ZoneState.DECLINED, ZoneState.LIFTED},
    ZoneState.PUBLISHED: {ZoneState.LIFTED},
    ZoneState.DECLINED: set(),
    ZoneState.LIFTED: set(),
}


class ZoneAct(Word):
    """What happened to an area; its history is a list of these."""

    PROPOSED = "proposed", "提出建议", "Proposed"
    EXTENDED = "extended", "顺延", "Extended"
    REGRADED = "regraded", "调整等级", "Re-graded"
    MAY_LIFT = "may_lift", "可以解除", "May be lifted"
    APPROVED = "approved", "批准", "Approved"
    PUBLISHED = "published", "公布", "Published"
    DECLINED = "declined", "不予划定", "Declined"
    LIFTED = "lifted", "解除", "Lifted"


class ZoneReason(Word):
    """Why an area is proposed: facts, each with its count and days."""

    CASES_AT_HOME = "cases_at_home", "有病例居住", "Cases live there"
    CASES_VISITED = "cases_visited", "有病例活动", "Cases were there"
    MANY_CASES = "many_cases", "累计病例数超过标准", "Cumulative cases above the threshold"
    CLUSTER = "cluster", "发生聚集性疫情", "A cluster"
    MANY_PARTS = "many_parts", "多个单元受累", "Many parts affected"
    REST_OF_COUNTY = "rest_of_county", "本县其余地区", "Rest of an affected county"
    NO_NEW_CASE = "no_new_case", "规定天数内无新增", "No new case for the days asked"
    IN_WIDER_AREA = "in_wider_area", "并入更大范围", "Now part of a wider area"
    NO_CASE_LEFT = "no_case_left", "相关病例已排除", "Its cases were discarded"


class ZoneMatch(Word):
    """How a proposed area and an officially listed one stand to each other."""

    SAME = "same", "同一区域", "The same area"
    WIDER = "wider", "被更大区域覆盖", "Inside a wider area"
    PART = "part", "仅覆盖其中一部分", "Only parts of it"
    NEARBY = "nearby", "同县有，无法对到小区", "In the same county, no finer code"
    NONE = "none", "无", "None"


# --- Tasks and reports -----------------------------------------------------------------------


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


# What only a named person can do; a replay of the past has nobody who does it.
LEFT_TO_PEOPLE = frozenset(
    {
        TaskKind.SIGN_ORDER,
        TaskKind.DECIDE_ZONE,
        TaskKind.DAILY_REPORT,
        TaskKind.MATCH_PLACE,
        TaskKind.CONFIRM_VALUES,
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


class Figure(Word):
    """The figures of a daily report. A day runs from 00:00 to 24:00; stocks are those at 24:00."""

    NEW_CONFIRMED = "new_confirmed", "新增确诊病例", "New confirmed cases"
    CONVERTED = "converted", "其中无症状转确诊", "of which converted from asymptomatic"
    NEW_ASYMPTOMATIC = "new_asymptomatic", "新增无症状感染者", "New asymptomatic infections"
    NEW_POSITIVE = "new_positive", "新增初筛阳性", "New preliminary positives"
    CONFIRMED_DISCARDED = "confirmed_discarded", "确诊病例订正排除", "Confirmed cases discarded"
    ASYMPTOMATIC_DISCARDED = "asymptomatic_discarded", "无症状感染者订正排除", "Asymptomatic infections discarded"
    CONFIRMED = "confirmed", "累计确诊病例", "Confirmed cases so far"
    ASYMPTOMATIC = "asymptomatic", "现有无症状感染者", "Asymptomatic infections now"
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
    PRESENT = "present", "现有确诊病例", "Confirmed cases in hospital"
    WITHOUT_COUNTY = "without_county", "未定到县区的病例", "Cases not known to a county"


# --- What a published activity report tells ----------------------------------------------------


class EventKind(Word):
    """What somebody did, or what was done for them, as an activity report tells it."""

    HOME = "home", "居家", "At home"
    WORK = "work", "工作", "Work"
    SCHOOL = "school", "上学及接送", "School and school run"
    MEAL = "meal", "就餐", "Meal"
    GATHERING = "gathering", "聚集聚会", "Gathering"
    SHOPPING = "shopping", "购物", "Shopping"
    CLINIC = "clinic", "就诊", "Seeing a doctor"
    TRAVEL = "travel", "出行", "Travel"
    OTHER_VISIT = "other_visit", "其他到访", "Other visit"
    SYMPTOM_ONSET = "symptom_onset", "出现症状", "Onset of symptoms"
    TEST = "test", "检测", "Test"
    ISOLATION = "isolation", "隔离观察", "Isolation or quarantine"
    HOSPITAL = "hospital", "转运住院", "Transfer to hospital"
    DIAGNOSIS = "diagnosis", "诊断", "Diagnosis"


class PlaceKind(Word):
    """What sort of place a visit was to; decides who else may have been there."""

    VILLAGE = "village", "村庄", "Village"
    TOWN = "town", "城镇区县", "Town, county or city"
    HOME = "home", "住家", "Home"
    RESIDENTIAL = "residential", "居民小区", "Residential compound"
    RESTAURANT = "restaurant", "餐饮场所", "Restaurant"
    BANQUET = "banquet", "婚宴宴席场所", "Banquet venue"
    CLINIC = "clinic", "诊所卫生室", "Clinic"
    PHARMACY = "pharmacy", "药店", "Pharmacy"
    HOSPITAL = "hospital", "医院", "Hospital"
    MARKET = "market", "市场集市", "Market"
    SUPERMARKET = "supermarket", "超市", "Supermarket"
    MALL = "mall", "商场", "Shopping centre"
    SHOP = "shop", "商店门市", "Shop"
    SERVICE = "service", "服务场所", "Service (bank, parcels, repair, barber)"
    SCHOOL = "school", "学校及培训机构", "School or training centre"
    WORKPLACE = "workplace", "工作单位", "Workplace"
    FACTORY = "factory", "工厂", "Factory"
    GOVERNMENT = "government", "机关办事场所", "Public office"
    WORSHIP = "worship", "宗教场所", "Place of worship"
    LEISURE = "leisure", "休闲娱乐场所", "Leisure"
    TRANSPORT_HUB = "transport_hub", "交通场站", "Station, airport or toll gate"
    VEHICLE = "vehicle", "交通工具", "Vehicle"
    HOTEL = "hotel", "宾馆酒店", "Hotel"
    ISOLATION_SITE = "isolation_site", "隔离点", "Isolation site"
    PUBLIC_PLACE = "public_place", "公共场所", "Street, square or other public place"


# --- Lists of people ---------------------------------------------------------------------------


class LineList(Word):
    """Whom the line list shows."""

    CASES = "cases", "病例", "Cases"
    CONTACTS = "contacts", "密接", "Contacts"
    PEOPLE = "people", "全部人员", "All people"


class Sex(Word):
    """As the identity card says it; not known is NULL."""

    FEMALE = "F", "女", "Female"
    MALE = "M", "男", "Male"


class LineColumn(Word):
    """What a line of the line list may tell about a person."""

    NUMBER = "number", "编号", "Number"
    NAME = "name", "姓名", "Name"
    SEX = "sex", "性别", "Sex"
    BIRTH_DATE = "birth_date", "出生日期", "Date of birth"
    COUNTY = "county", "县区", "County"
    HOME = "home", "现住地", "Home area"
    STATUS = "status", "状态", "Status"
    KIND = "kind", "类别", "Kind"
    FOUND_BY = "found_by", "发现途径", "Found by"
    ONSET = "onset", "发病日期", "Onset"
    POSITIVE = "positive", "首次阳性", "First positive"
    EXPOSURE = "exposure", "末次接触", "Last exposure"
    INDEX_CASE = "index_case", "关联病例", "Index case"
    WHEREABOUTS = "whereabouts", "当前位置", "Where now"
    UNREAD = "unread", "未读文字", "Unread text"
    KNOWN_SINCE = "known_since", "知晓时间", "Known since"


class Lack(Word):
    """What is still to be found out about somebody; the first three are of the four clears."""

    IDENTITY = "identity", "人头未查清", "Identity not known"
    LOCATION = "location", "位置未查清", "Location not known"
    CONTROL = "control", "管控状态未查清", "Control status not known"
    ONSET = "onset", "发病日期未知", "Onset not known"
    INVESTIGATION = "investigation", "流调未完成", "Not yet investigated"
    UNREAD = "unread", "有未读文字", "Unread text"


class Clear(Word):
    """The four clears (四个查清) that must stand for the contacts of every area."""

    NUMBER = "number", "人数", "Number"
    IDENTITY = "identity", "人头", "Identity"
    LOCATION = "location", "位置", "Location"
    CONTROL = "control", "管控状态", "Control status"


class Moment(Word):
    """What an entry in a person's timeline is about."""

    VISIT = "visit", "活动轨迹", "Visit"
    ONSET = "onset", "发病", "Onset"
    TEST = "test", "检测", "Test"
    STAY = "stay", "位置", "Stay"
    ORDER = "order", "隔离决定", "Order"
    SIGNAL = "signal", "信号", "Signal"
    CASE = "case", "病例判定", "Classification"
    CONTACT = "contact", "密接管理", "Contact"
    ENCOUNTER = "encounter", "接触", "Encounter"
    JOURNAL = "journal", "日志", "Journal"


# --- People who use it -----------------------------------------------------------------------


class Role(Word):
    """Who signs in. What a role may do is one table, in `records.access`."""

    DUTY_OFFICER = "duty_officer", "值班员", "Duty officer"
    INVESTIGATOR = "investigator", "流调员", "Case investigator"
    DATA_OFFICER = "data_officer", "数据专员", "Data officer"
    ISOLATION_COORDINATOR = "isolation_coordinator", "隔离转运专员", "Isolation coordinator"
    AREA_OFFICER = "area_officer", "风险区专员", "Area officer"
    REPORTER = "reporter", "信息报告员", "Reporter"
    COMMANDER = "commander", "指挥长", "Commander"
    SUPERVISOR = "supervisor", "督查员", "Supervisor"
    ADMINISTRATOR = "administrator", "系统管理员", "Administrator"


class Right(Word):
    """One thing that a role may or may not do inside its jurisdiction."""

    SITUATION_READ = "situation.read", "查看态势", "See the situation"
    PERSON_LIST = "person.list", "查看人员列表", "See lists of people"
    PERSON_READ = "person.read", "查看人员详情", "Read a person"
    PERSON_EXPORT = "person.export", "导出人员名单", "Export people"
    SIGNAL_SEND = "signal.send", "报送信号", "Send signals"
    SIGNAL_VERIFY = "signal.verify", "核实信号", "Verify signals"
    CASE_CLASSIFY = "case.classify", "病例判定", "Classify cases"
    CASE_INVESTIGATE = "case.investigate", "流行病学调查", "Record an investigation"
    PLACE_MATCH = "place.match", "核对地点", "Match places"
    CONTACT_TRACE = "contact.trace", "密接判定", "Determine contacts"
    ORDER_ISSUE = "order.issue", "签发隔离决定", "Issue isolation orders"
    ZONE_APPROVE = "zone.approve", "批准风险区", "Approve zones"
    ZONE_PUBLISH = "zone.publish", "公布与解除风险区", "Publish and lift zones"
    TASK_WORK = "task.work", "接收和完成任务", "Receive and finish tasks"
    REPORT_READ = "report.read", "查看日报", "Read daily reports"
    REPORT_SUBMIT = "report.submit", "报送日报", "Submit daily reports"
    PROTOCOL_READ = "protocol.read", "查看方案", "Read the protocol"
    PROTOCOL_CONFIRM = "protocol.confirm", "确认参数", "Confirm values of the protocol"
    JOURNAL_READ = "journal.read", "查看日志", "Read the journal"
    ACCOUNT_MANAGE = "account.manage", "管理账号", "Manage accounts"


# --- Rules -----------------------------------------------------------------------------------


class ValueStatus(Word):
    """What stands behind a value of a protocol."""

    SOURCED = "sourced", "有出处", "Sourced"
    LAW = "law", "法定", "Law"
    INHERITED = "inherited", "沿用", "Inherited"
    DERIVED = "derived", "推得", "Derived"
    LOCAL = "local", "地方做法", "Local practice"
    UNVERIFIED = "unverified", "未核实", "Unverified"
    UNSET = "unset", "未规定", "Not set"


# Outside a drill these decide about people only after an authority has confirmed them.
NEEDS_CONFIRMATION = frozenset({ValueStatus.LOCAL, ValueStatus.UNVERIFIED})
