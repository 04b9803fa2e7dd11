"""The four clears: whom an outbreak concerns, where each one is, under what control, and what is still open."""

from sizao.terms.word import Word


class Concern(Word):
    """Why somebody is concerned; who is so twice is counted once, under the first of these."""

    CASE = "case", "病例", "Case"
    CLOSE = "close", "密切接触者", "Close contact"
    SECONDARY = "secondary", "密接的密接", "Secondary contact"
    GENERAL = "general", "一般接触者", "General contact"
    POOL = "pool", "阳性混管待复核人员", "Held for a positive pool"
    ORDERED = "ordered", "其他管控人员", "Other people under an order"
    ZONE = "zone", "风险区内人员", "People in a risk area"


class Whereabouts(Word):
    """Where the location ledger has somebody at a moment; who died is nowhere in it any more."""

    HOME = "home", "居家", "At home"
    ROOM = "room", "隔离房间", "Isolation room"
    BED = "bed", "病床", "Hospital bed"
    VEHICLE = "vehicle", "转运途中", "In transfer"
    OUTSIDE = "outside", "外出", "Outside"
    DIED = "died", "死亡", "Died"
    UNKNOWN = "unknown", "位置不明", "Not known"


class Control(Word):
    """Under what control somebody is at a moment; the first of these that holds."""

    HOSPITAL = "hospital", "医疗机构", "In hospital"
    TRANSFER = "transfer", "闭环转运", "In closed transfer"
    CENTRAL = "central", "集中隔离（已签发）", "Central isolation, issued"
    HOME = "home", "居家隔离（已签发）", "Home isolation, issued"
    MONITORING = "monitoring", "居家健康监测（已签发）", "Home monitoring, issued"
    HOLD = "hold", "混管暂留", "Held for a pool"
    PROPOSED = "proposed", "待签发", "Waits for an officer"
    ZONE = "zone", "风险区措施", "Measures of a risk area"
    NONE = "none", "无管控", "None"


class Unclear(Word):
    """What of somebody is not clear, or does not fit together; each is to be settled by a person."""

    NO_NAME = "no_name", "身份不明", "Identity not known"
    NO_PLACE = "no_place", "位置不明", "Location not known"
    NO_ORDER = "no_order", "尚无管控决定", "No order and none proposed"
    NOT_DECIDED = "not_decided", "管控决定待签发", "An order waits for an officer"
    NOT_THERE = "not_there", "应集中隔离，尚未到位", "Ordered to a site, not in a room"
    OUTSIDE = "outside", "应在家或隔离点，现外出", "Under an order, but outside"
    NO_HOSPITAL = "no_hospital", "病例不在医疗机构", "A case not in hospital"
    NO_BASIS = "no_basis", "已入住，无有效决定", "In a room without an order in force"
    TWO_CONCERNS = "two_concerns", "同属多类人员", "Concerned in more than one way"
    WIDE_AREA = "wide_area", "属地未细化到下级", "Known to no area below"


class NotCounted(Word):
    """Why a row of a group is nobody of its figure: each difference between them has one of these."""

    OTHER_GROUP = "other_group", "已计入其他类别", "Counted in another group"
    TWICE = "twice", "同一人的另一条记录", "A further row of somebody counted"
    NOT_REGISTERED = "not_registered", "登记名册中有、人员库中无", "On a roster, not in the register"
