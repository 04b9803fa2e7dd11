"""Isolation sites: their checks, rooms and placements, and the days inside."""

from sizao.terms.word import Word


class SiteState(Word):
    """A site is in reserve until it passed its check; it takes people only while ready or in use."""

    RESERVE = "reserve", "储备", "In reserve"
    READY = "ready", "可启用", "Ready"
    IN_USE = "in_use", "使用中", "In use"
    CLOSED = "closed", "已关闭", "Closed"


SITE_MOVES: dict[SiteState, set[SiteState]] = {
    SiteState.RESERVE: {SiteState.READY, SiteState.CLOSED},
    SiteState.READY: {SiteState.IN_USE, SiteState.RESERVE, SiteState.CLOSED},
    SiteState.IN_USE: {SiteState.READY, SiteState.CLOSED},
    SiteState.CLOSED: {SiteState.RESERVE},
}


class SiteCheckItem(Word):
    """What is looked at before a site may be used."""

    ZONES = "zones", "三区（清洁区、缓冲区、污染区）划分", "Three zones: clean, buffer, contaminated"
    CORRIDORS = "corridors", "两通道（工作人员、隔离人员）分开", "Two corridors: staff and isolated people apart"
    SINGLE_ROOM = "single_room", "单人单间", "Single rooms"
    OWN_TOILET = "own_toilet", "独立卫生间", "A toilet of its own in each room"
    AIR = "air", "独立空调，通风良好", "Air conditioning of its own, well aired"
    WASTE = "waste", "医疗废物暂存与清运", "Medical waste kept and fetched"
    SEWAGE = "sewage", "污水消毒处理", "Sewage disinfected"
    STAFFING = "staffing", "管理、医护、消毒、保洁人员到位", "Management, nursing, disinfection and cleaning staffed"
    TRAINING = "training", "工作人员培训上岗", "Staff trained"
    CLOSED_LOOP = "closed_loop", "工作人员闭环管理", "Staff live in a closed loop"
    SECURITY = "security", "安保与视频监控", "Security"
    FIRE = "fire", "消防与建筑安全", "Fire safety and a sound building"
    SUPPLIES = "supplies", "防护消毒物资储备", "Protective and disinfection supplies"
    CARE_PATH = "care_path", "应急送医通道", "A way to urgent care"


class CheckMark(Word):
    """What a check found of one item."""

    PASSED = "passed", "合格", "Passed"
    FAILED = "failed", "不合格", "Failed"
    NOT_ASKED = "not_asked", "不适用", "Not asked here"


class RoomStatus(Word):
    """What can be done with a room at a moment; it follows from the ledger and what is kept, and is never stored."""

    FREE = "free", "空闲", "Free"
    PROPOSED = "proposed", "待确认", "Proposed to somebody"
    KEPT = "kept", "已预留", "Kept for somebody"
    OCCUPIED = "occupied", "已入住", "Occupied"
    TO_DISINFECT = "to_disinfect", "待终末消毒", "To be disinfected"
    OUT_OF_SERVICE = "out_of_service", "停用", "Out of service"


class PlacementState(Word):
    """A room is proposed for somebody, accepted by a named person, and over when they arrived or it came to nothing."""

    PROPOSED = "proposed", "待确认", "Proposed"
    ACCEPTED = "accepted", "已确认", "Accepted"
    ARRIVED = "arrived", "已入住", "Arrived"
    CHANGED = "changed", "已改派", "Changed for another"
    REFUSED = "refused", "不予采用", "Refused"
    LAPSED = "lapsed", "已失效", "Lapsed"


PLACEMENT_MOVES: dict[PlacementState, set[PlacementState]] = {
    PlacementState.PROPOSED: {
        PlacementState.ACCEPTED, PlacementState.CHANGED, PlacementState.REFUSED, PlacementState.LAPSED,
        PlacementState.ARRIVED,
    },
    PlacementState.ACCEPTED: {PlacementState.ARRIVED, PlacementState.CHANGED, PlacementState.LAPSED},
    PlacementState.ARRIVED: set(),
    PlacementState.CHANGED: set(),
    PlacementState.REFUSED: set(),
    PlacementState.LAPSED: set(),
}  # fmt: skip


class Session(Word):
    """When of the day somebody was looked after."""

    MORNING = "morning", "上午", "Morning"
    AFTERNOON = "afternoon", "下午", "Afternoon"
    EXTRA = "extra", "加测", "In between"


class Seen(Word):
    """Whether the person of a round was reached."""

    SEEN = "seen", "已查", "Seen"
    NO_ANSWER = "no_answer", "未应答", "No answer"
    REFUSED = "refused", "拒绝", "Refused"


class Symptom(Word):
    """What a person under observation tells."""

    FEVER = "fever", "发热", "Fever"
    DRY_COUGH = "dry_cough", "干咳", "Dry cough"
    SORE_THROAT = "sore_throat", "咽痛", "Sore throat"
    FATIGUE = "fatigue", "乏力", "Fatigue"
    SMELL = "smell", "嗅（味）觉减退", "Loss of smell or taste"
    BLOCKED_NOSE = "blocked_nose", "鼻塞流涕", "Blocked or running nose"
    EYES = "eyes", "结膜炎", "Conjunctivitis"
    MUSCLE = "muscle", "肌痛", "Muscle pain"
    DIARRHOEA = "diarrhoea", "腹泻", "Diarrhoea"
    BREATHLESS = "breathless", "呼吸困难", "Short of breath"
    CHEST = "chest", "胸痛", "Chest pain"


class Mood(Word):
    """How somebody is, in their own words as near as these come."""

    WELL = "well", "平稳", "Well"
    UNEASY = "uneasy", "焦虑", "Uneasy"
    LOW = "low", "低落", "Low"
    HELP = "help", "需心理援助", "Needs somebody to talk to"


class SampledObject(Word):
    """What of a room is swabbed beside the person."""

    PHONE = "phone", "手机", "Telephone"
    PILLOW = "pillow", "枕头", "Pillow"
    DOOR_HANDLE = "door_handle", "门把手", "Door handle"
    TOILET = "toilet", "卫生间", "Toilet"
    CORRIDOR = "corridor", "走廊", "Corridor"
    OTHER = "other", "其他", "Other"


class NextDoor(Word):
    """How a room lies to the one in which somebody was found positive."""

    SAME = "same", "同一房间", "The same room"
    SIDE = "side", "左右相邻", "Beside it"
    OPPOSITE = "opposite", "对面", "Opposite"
    ABOVE = "above", "上层", "Above"
    BELOW = "below", "下层", "Below"
    UNPLACED = "unplaced", "位置未录入，须人工判断", "Its place is not recorded: somebody has to look"


class ObservationAnswer(Word):
    """What the platform says to a device about an entry of a round through a site."""

    KEPT = "kept", "已记录", "Recorded"
    AGAIN = "again", "已记录过", "Recorded before"
    QUEUED = "queued", "待核对", "Waits for a person to check"
    REFUSED = "refused", "未采用", "Not taken"


class ObservationOddity(Word):
    """Why an entry of a round waits for a person."""

    CLOCK = "clock", "设备时间有误", "The clock of the device is wrong"


class ReleaseLack(Word):
    """What is lacking before somebody leaves a site; the order ends on its last day all the same."""

    TEST_MISSING = "test_missing", "有应检未检", "A test day without a test"
    TEST_WAITING = "test_waiting", "检测结果未出", "A result is not known yet"
    TEST_POSITIVE = "test_positive", "检测阳性", "A test was positive"
    OBJECTS_MISSING = "objects_missing", "物品环境未采样", "Objects of the room were not swabbed"
    OBJECTS_WAITING = "objects_waiting", "物品环境结果未出", "Results of objects are not known yet"
    OBJECTS_POSITIVE = "objects_positive", "物品环境阳性，须研判", "An object was positive: somebody decides"
    SYMPTOMS = "symptoms", "当日有发热或症状", "Fever or symptoms on that day"
    SECONDARY_WAITS = "secondary_waits", "待密接检测结果", "Waits for the tests of the close contact"
    EXPOSURE_OPEN = "exposure_open", "点内阳性待研判", "A positive next door is not judged yet"
