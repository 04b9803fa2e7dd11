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
