"""Tests, visits and meetings."""

from sizao.terms.word import Word


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


class RoundState(Word):
    """A round is planned, opened by a named person, closed by a named person; then it may be set aside."""

    PLANNED = "planned", "已计划", "Planned"
    OPEN = "open", "进行中", "Open"
    CLOSED = "closed", "已结束", "Closed"
    ARCHIVED = "archived", "已归档", "Archived"


ROUND_MOVES: dict[RoundState, set[RoundState]] = {
    RoundState.PLANNED: {RoundState.OPEN},
    RoundState.OPEN: {RoundState.CLOSED},
    RoundState.CLOSED: {RoundState.ARCHIVED},
    RoundState.ARCHIVED: set(),
}


class KeyGroup(Word):
    """Who is tested as a matter of routine (应检尽检), by the occupation that exposes them."""

    HIGH_RISK = "high_risk", "高风险岗位人员", "High-risk occupations"
    CROWDED_JOBS = "crowded_jobs", "人员密集岗位人员", "Jobs among crowds"
    HOSPITAL_DEPARTMENTS = "hospital_departments", "医院重点科室人员", "Key hospital departments"
    INSTITUTION_STAFF = "institution_staff", "养老机构员工", "Staff of care homes"
    INSTITUTION_RESIDENTS = "institution_residents", "养老机构老人", "Residents of care homes"


class RosterKind(Word):
    """Why somebody stands on the roster of a round."""

    RESIDENT = "resident", "在册居民", "Resident"
    VISITOR = "visitor", "外来人员", "Visitor staying here"
    ELSEWHERE = "elsewhere", "在隔离点或医院（由所在机构采样）", "In isolation or hospital; tested there"
    WALK_IN = "walk_in", "现场登记（名册外）", "Came without being on the roster"


class MissedReason(Word):
    """Why somebody expected was not swabbed, once somebody has found out."""

    AWAY = "away", "外出不在本地", "Away from here"
    MOVED = "moved", "已迁出", "Moved away"
    TESTED_ELSEWHERE = "tested_elsewhere", "已在他处采样", "Tested elsewhere"
    IN_CARE = "in_care", "住院或隔离中", "In hospital or isolation"
    UNABLE = "unable", "身体原因不能采样", "Cannot be swabbed for health reasons"
    INFANT = "infant", "婴幼儿", "An infant"
    REFUSED = "refused", "拒绝采样", "Refused"
    DECEASED = "deceased", "已去世", "Has died"
    ON_LIST_TWICE = "on_list_twice", "名册重复", "Stands on the roster twice"
    NOT_FOUND = "not_found", "上门未找到", "Nobody was found at the door"


class TubeKind(Word):
    """Whose swabs share a tube."""

    POOL = "pool", "混采管", "Pool of strangers"
    HOUSEHOLD = "household", "一户一管", "One household"
    SINGLE = "single", "单采管", "One person"


class SwabAnswer(Word):
    """What became of a swab that a device sent."""

    TAKEN = "taken", "已登记", "Registered"
    REPEATED = "repeated", "此前已登记", "Registered before"
    QUEUED = "queued", "待人工核对", "Waits for a person to check"


class OddityKind(Word):
    """What was odd about a swab; nothing of it is lost."""

    UNREADABLE_TUBE = "unreadable_tube", "管码校验不符", "The code of the tube is mistyped"
    UNKNOWN_TUBE = "unknown_tube", "管码未曾印制", "This code was never printed"
    OTHER_ROUND = "other_round", "管码属于其他轮次", "The tube belongs to another round"
    OVERFULL = "overfull", "超出管容量", "More people than the tube may hold"
    TWO_TUBES = "two_tubes", "同一人进入两管", "One person in two tubes"
    SINGLE_ONLY = "single_only", "应单采人员进入混采管", "Should be tested singly, and stands in a pool"
    CLOCK = "clock", "设备时钟不准", "The clock of the device is wrong"
    NOBODY = "nobody", "未说明人员身份", "Nothing says who it was"
    NOT_OPEN = "not_open", "采样时轮次未在进行", "The round was not open when it was taken"
    AFTER_RESULT = "after_result", "采样晚于该管出结果", "It was taken after its tube had a result"


# A swab with one of these waits for a person; with any other it is registered, and somebody is told.
HOLDS_BACK = frozenset(
    {
        OddityKind.UNREADABLE_TUBE,
        OddityKind.UNKNOWN_TUBE,
        OddityKind.OTHER_ROUND,
        OddityKind.NOBODY,
        OddityKind.NOT_OPEN,
        OddityKind.AFTER_RESULT,
    }
)
