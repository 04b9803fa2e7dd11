"""What the screens say of a trace: how it stands, who was found, how that was learnt; as known at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from sizao.errors import SizaoError
from sizao.records import journal
from sizao.records.models import Account, Event, Outbreak, PresenceBatch, Trace, TraceAnswer, TraceMatch
from sizao.response.tracing.rides import ORDER
from sizao.terms import Layer, Seating, TraceCause, TracePurpose, TraceQuestion, TraceState

MOST_ANSWERS = 30  # of the history; the first is always among them
MOST_SOURCES = 4  # named of those that told something between two answers


class NotKnownYet(SizaoError):
    code = "trace.not_known_yet.not_found"
    message = "This trace was asked on {first}. Choose that day or a later one."


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One trace in the list; `n_new` are people found since this reader last opened it, None if they never did."""

    trace: Trace
    purpose: TracePurpose
    question: TraceQuestion
    state: TraceState
    n_found: int
    n_known: int
    n_new: int | None


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer of the history; `sources` told something between the answer before it and this one."""

    at: datetime
    cause: TraceCause
    n_found: int
    n_new: int
    n_gone: int
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LayerCount:
    """How many people were found in one layer; nobody adds the layers up, since a venue lies inside a cell."""

    layer: Layer
    people: int


@dataclass(frozen=True, slots=True)
class SeatCount:
    """How many of those found in vehicles sat so."""

    seating: Seating
    people: int


@dataclass(frozen=True, slots=True)
class Since:
    """
    What has come since a past moment that tells of the time asked about: the presences themselves know no past.

    What is looked up in them (where the case was, when somebody was with it) may rest on it; the list does not.
    """

    deliveries: int
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TraceView:
    """A trace as it stood at a moment: numbers, its layers, and the history of its answers, latest first."""

    trace: Trace
    purpose: TracePurpose
    question: TraceQuestion
    state: TraceState
    n_found: int
    n_known: int
    n_elsewhere: int
    layers: tuple[LayerCount, ...]
    seatings: tuple[SeatCount, ...]
    answers: tuple[Answered, ...]
    is_generated: bool

    @property
    def n_unknown(self) -> int:
        """Those whose names nobody has said yet."""
        return max(0, self.n_found - self.n_known)


def traces_at(outbreak: Outbreak, area_code: str, *, as_of: datetime) -> QuerySet[Trace]:
    """Give the traces of cases of an area that had been asked by a moment."""
    return Trace.objects.filter(outbreak=outbreak, area_code__startswith=area_code, asked_at__lte=as_of)


def state_at(trace: Trace, *, day: date, as_of: datetime) -> TraceState:
    """Say whether a trace was still asked again at a moment; its last day is a day on which it is."""
    if trace.closed_at is not None and trace.closed_at <= as_of:
        return TraceState.CLOSED
    return TraceState.LAPSED if day > trace.last_date else TraceState.STANDING


def lines(traces: Sequence[Trace], *, reader: Account, day: date, as_of: datetime) -> list[TraceLine]:
    """Say of each trace how it stands and what is new since the reader last opened it; two queries for all."""
    answers: dict[int, list[TraceAnswer]] = {one.pk: [] for one in traces}
    for answer in TraceAnswer.objects.filter(trace__in=traces, answered_at__lte=as_of).order_by("answered_at", "pk"):
        answers[answer.trace_id].append(answer)
    looks = _looks(traces, reader)
    return [_line(one, answers[one.pk], looks.get(one.pk), day=day, as_of=as_of) for one in traces]


def _line(
    trace: Trace, answers: Sequence[TraceAnswer], looked: datetime | None, *, day: date, as_of: datetime
) -> TraceLine:
    since = None if looked is None else sum(one.n_new for one in answers if one.answered_at > looked)
    latest = answers[-1] if answers else None
    return TraceLine(
        trace=trace,
        purpose=TracePurpose(trace.purpose),
        question=TraceQuestion(trace.question),
        state=state_at(trace, day=day, as_of=as_of),
        n_found=latest.n_found if latest else 0,
        n_known=latest.n_known if latest else 0,
        n_new=since,
    )


def _looks(traces: Sequence[Trace], reader: Account) -> dict[int, datetime]:
    """Say up to which moment of knowledge a reader has read each trace; the journal knows."""
    read = Event.objects.filter(
        verb="trace.read", subject_kind="trace", subject_id__in=[one.pk for one in traces], actor=reader.username
    )
    latest = read.order_by("subject_id", "-id").distinct("subject_id").values_list("subject_id", "facts")
    return {trace: datetime.fromisoformat(facts["as_of"]) for trace, facts in latest if "as_of" in facts}


def read(trace: Trace, *, by: Account, now: datetime, day: date, as_of: datetime) -> TraceView:
    """
    Read a trace as it stood at a moment; the reading is journalled with what had been known.

    Raise NotKnownYet for a moment before it was asked.
    """
    if trace.asked_at > as_of:
        raise NotKnownYet(first=trace.outbreak.day_of(trace.asked_at))
    view = _view(trace, by, day=day, as_of=as_of)
    journal.write("trace.read", trace, by=by, at=now, number=trace.number, as_of=as_of.isoformat(), found=view.n_found)
    return view


def _view(trace: Trace, by: Account, *, day: date, as_of: datetime) -> TraceView:
    answers = _answers(trace, as_of)
    living = homes(trace, as_of=as_of)
    latest = answers[0] if answers else None
    return TraceView(
        trace=trace,
        purpose=TracePurpose(trace.purpose),
        question=TraceQuestion(trace.question),
        state=state_at(trace, day=day, as_of=as_of),
        n_found=latest.n_found if latest else 0,
        n_known=sum(living.values()),
        n_elsewhere=sum(n for code, n in living.items() if code and not code.startswith(by.area_code)),
        layers=_layers(latest),
        seatings=_seatings(latest),
        answers=_history(trace, answers),
        is_generated=bool(latest and latest.facts.get("is_generated")),
    )


def _answers(trace: Trace, as_of: datetime) -> list[TraceAnswer]:
    return list(trace.answers.filter(answered_at__lte=as_of).order_by("-answered_at", "-pk"))


def _history(trace: Trace, answers: Sequence[TraceAnswer]) -> tuple[Answered, ...]:
    """Say of each answer which sources had told something since the one before it."""
    shown = [*answers[: MOST_ANSWERS - 1], *answers[MOST_ANSWERS - 1 :][-1:]]
    batches = PresenceBatch.objects.filter(outbreak_id=trace.outbreak_id, arrived_at__gt=trace.asked_at)
    told = list(batches.order_by("arrived_at").values_list("arrived_at", "source")) if len(shown) > 1 else []
    befores = [*(one.answered_at for one in shown[1:]), trace.asked_at]
    return tuple(_answered(one, before, told) for one, before in zip(shown, befores, strict=True))


def _answered(one: TraceAnswer, before: datetime, told: Sequence[tuple[datetime, str]]) -> Answered:
    sources = dict.fromkeys(source for at, source in told if before < at <= one.answered_at)
    return Answered(
        at=one.answered_at,
        cause=TraceCause(one.cause),
        n_found=one.n_found,
        n_new=one.n_new,
        n_gone=one.n_gone,
        sources=tuple(sources)[:MOST_SOURCES],
    )


def standing_matches(trace: Trace, *, as_of: datetime) -> QuerySet[TraceMatch]:
    """Give whom a trace had found by a moment and still returned then."""
    return trace.matches.filter(found_at__lte=as_of).exclude(gone_at__lte=as_of)


def _layers(answer: TraceAnswer | None) -> tuple[LayerCount, ...]:
    """Read how many people an answer found in each layer; counted when it was given, since a station has 100,000."""
    counted = answer.facts.get("layers", {}) if answer else {}
    return tuple(LayerCount(layer, counted[layer]) for layer in Layer if layer in counted)


def _seatings(answer: TraceAnswer | None) -> tuple[SeatCount, ...]:
    counted = answer.facts.get("seatings", {}) if answer else {}
    return tuple(SeatCount(one, counted[one]) for one in ORDER if one in counted)


def come_since(trace: Trace, *, as_of: datetime, now: datetime) -> Since:
    """Say what has come after a moment, up to now, that tells of the time a trace asks about."""
    later = PresenceBatch.objects.filter(outbreak=trace.outbreak, arrived_at__gt=as_of, arrived_at__lte=now)
    told = later.filter(Q(latest_at__gt=trace.begins_at), Q(earliest_at__lt=trace.ends_at))
    sources = dict.fromkeys(told.order_by("arrived_at", "pk").values_list("source", flat=True))
    return Since(told.count(), tuple(sources)[:MOST_SOURCES])


def homes(trace: Trace, *, as_of: datetime) -> dict[str, int]:
    """
    Count whom the register knew by a moment by where they live, each once however many layers found them.

    Where somebody lives is known with who they are, and only then: all others that were found are tokens.
    """
    found = standing_matches(trace, as_of=as_of).filter(person__registered_at__lte=as_of)
    return dict(found.order_by().values_list("area_code").annotate(n=Count("person", distinct=True)))


def n_found(trace: Trace, *, as_of: datetime) -> int:
    """Say how many people a trace had found by a moment and still returned, as its latest answer counted them."""
    latest = trace.answers.filter(answered_at__lte=as_of).order_by("-answered_at", "-pk").first()
    return latest.n_found if latest else 0
