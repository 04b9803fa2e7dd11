"""Cases and how they stand under the definition."""

from sizao.terms.word import Word


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
