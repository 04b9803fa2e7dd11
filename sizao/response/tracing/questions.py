"""Answering a trace by what it asks: the one place that knows which question is answered how."""

from datetime import datetime

from sizao.adapters.visits import VisitStore
from sizao.records.models import Account, Trace, TraceAnswer
from sizao.response.tracing import answers, common_answers, hotspot_answers, second_ring
from sizao.terms import TraceCause, TraceQuestion

_ANSWERS = {
    TraceQuestion.COMPANIONS: answers.answer,
    TraceQuestion.SEATS: answers.answer,
    TraceQuestion.SECOND_RING: second_ring.answer,
    TraceQuestion.COMMON_SOURCE: common_answers.answer,
    TraceQuestion.HOTSPOTS: hotspot_answers.answer,
}


def answer(trace: Trace, store: VisitStore, *, cause: TraceCause, by: Account | None, now: datetime) -> TraceAnswer:
    """Ask the presences what a trace asks, and write down what they answer now; the caller holds the trace."""
    return _ANSWERS[TraceQuestion(trace.question)](trace, store, cause=cause, by=by, now=now)
