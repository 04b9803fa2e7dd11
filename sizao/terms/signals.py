"""Hints and what becomes of them."""

from sizao.terms.word import Word


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
