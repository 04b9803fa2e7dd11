"""What the screens say of a trace: how it stands, who was found, how that was learnt; as known at a moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from django.db.models import Count, F, Max, Q, QuerySet, Sum

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Case, Contact, Event, Outbreak, PresenceBatch, Trace, TraceAnswer, TraceMatch
from sizao.response.tracing.asked_layers import may_only_be_invited
from sizao.terms import Layer, Tier, TraceCause, TracePurpose, TraceQuestion, TraceState

PAGE_ROWS = 30
MOST_ANSWERS = 30  # of the history; the first is always among them
TINIEST = 1e-300  # so that nothing is divided by nothing
MOST_SOURCES = 4  # named of those that told something between two answers


class NotKnownYet(SizaoError):
    code = "trace.not_known_yet.not_found"
    message = "This trace was asked on {first}. Choose that day or a later one."


class NoSuchRank(SizaoError):
    code = "trace.rank.unreadable"
    message = "“{key}” is no place in this list. Open the list from its beginning."


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
    answers: tuple[Answered, ...]
    is_generated: bool

    @property
    def n_unknown(self) -> int:
        """Those whose names nobody has said yet."""
        return max(0, self.n_found - self.n_known)


@dataclass(frozen=True, slots=True)
class Listed:
    """One companion in the ranking; who it is only where the register knows, masked for who may not see."""

    match: TraceMatch
    rank: int
    tier: Tier
    identity: access.Identity | None
    contact: bool
    case: bool

    @property
    def is_later(self) -> bool:
        """Whether the register learnt only after the moment who this is, and so where they live."""
        return self.identity is None and self.match.person_id is not None

    @property
    def may_be_contact(self) -> bool:
        """Whether an officer could make them a contact: known by name, at the same place, and neither yet."""
        only_invited = may_only_be_invited(Layer(self.match.layer), self.tier)
        return self.identity is not None and not (only_invited or self.contact or self.case)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Some rows of a ranking, and the key that the next ones follow; empty when there are none."""

    rows: tuple[Listed, ...]
    more: str

    @property
    def may_make_contacts(self) -> bool:
        """Whether an officer could make a contact of anybody here."""
        return any(row.may_be_contact for row in self.rows)


@dataclass(frozen=True, slots=True)
class Cut:
    """
    What a list of one layer cut at `keep` leaves out.

    Of those: their number, their share of the weight, the longest time in minutes and the most days of any.
    """

    keep: int
    left_out: int
    share_left_out: float
    longest_minutes: float
    most_days: int


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
        layers=_layers(trace, as_of),
        answers=_history(trace, answers),
        is_generated=standing_matches(trace, as_of=as_of).filter(is_generated=True).exists(),
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


def _layers(trace: Trace, as_of: datetime) -> tuple[LayerCount, ...]:
    rows = standing_matches(trace, as_of=as_of).order_by().values_list("layer").annotate(people=Count("pk"))
    counted = dict(rows)
    return tuple(LayerCount(layer, counted[layer]) for layer in Layer if layer in counted)


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


def ranked(trace: Trace, layer: Layer, *, reader: Account, as_of: datetime, after: str = "") -> Ranking:
    """
    Give a page of the companions in one layer, the closest first.

    `after` is the key of the page before. Raise NoSuchRank for one that is none.
    """
    matches = standing_matches(trace, as_of=as_of).filter(layer=layer).select_related("person")
    score, row, rank = _read_key(after) if after else (None, 0, 0)
    found = list(_beyond(matches, score, row, is_first=not after)[: PAGE_ROWS + 1])
    rows = found[:PAGE_ROWS]
    shown = _listed(trace, rows, reader, as_of, first_rank=rank + 1)
    more = _key(rows[-1], rank + len(rows)) if len(found) > PAGE_ROWS else ""
    return Ranking(tuple(shown), more)


def _beyond(matches: QuerySet[TraceMatch], score: float | None, row: int, *, is_first: bool) -> QuerySet[TraceMatch]:
    """Go on behind a place of the ranking. Who has no score comes first in the database, so it is put last here."""
    ordered = matches.order_by(F("score").desc(nulls_last=True), "pk")
    scored = matches.filter(score__isnull=False).order_by("-score", "pk")
    if is_first:
        return scored if not matches.filter(score__isnull=True).exists() else ordered
    if score is None:
        return matches.filter(score__isnull=True, pk__gt=row).order_by("pk")
    behind = Q(score__lt=score) | Q(score=score, pk__gt=row)
    if not matches.filter(score__isnull=True).exists():
        # The bound on its own lets the index be walked from the right place.
        return scored.filter(Q(score__lte=score) & behind)
    return ordered.filter(behind | Q(score__isnull=True))


def _key(match: TraceMatch, rank: int) -> str:
    return f"{'' if match.score is None else repr(match.score)}~{match.pk}~{rank}"


def _read_key(text: str) -> tuple[float | None, int, int]:
    score, *rest = text.split("~")
    try:
        row, rank = map(int, rest)
        return (float(score) if score else None), row, rank
    except ValueError as fault:
        raise NoSuchRank(key=text[:40]) from fault


def _listed(
    trace: Trace, rows: Sequence[TraceMatch], reader: Account, as_of: datetime, *, first_rank: int
) -> Iterable[Listed]:
    people = {one.person_id for one in rows if one.person_id}
    about = {"outbreak_id": trace.outbreak_id, "person__in": people}
    contacts = set(Contact.objects.filter(found_at__lte=as_of, **about).values_list("person_id", flat=True))
    cases = set(Case.objects.filter(opened_at__lte=as_of, **about).values_list("person_id", flat=True))
    for rank, one in enumerate(rows, start=first_rank):
        known = one.person if one.person_id and one.person.registered_at <= as_of else None
        yield Listed(
            match=one,
            rank=rank,
            tier=Tier(one.tier),
            identity=access.identity(known, to=reader) if known else None,
            contact=one.person_id in contacts,
            case=one.person_id in cases,
        )


def cut_at(trace: Trace, layer: Layer, *, as_of: datetime, keep: int) -> Cut:
    """Say what a list of one layer cut at `keep` would leave out; who has no score weighs nothing and stands last."""
    matches = standing_matches(trace, as_of=as_of).filter(layer=layer)
    whole = matches.order_by().aggregate(n=Count("pk"), weight=Sum("score"))
    behind = matches.order_by(F("score").desc(nulls_last=True), "pk")[keep:]
    left = behind.aggregate(n=Count("pk"), weight=Sum("score"), minutes=Max("minutes"), days=Max("days"))
    return Cut(
        keep=min(keep, whole["n"]),
        left_out=left["n"],
        share_left_out=(left["weight"] or 0) / max(whole["weight"] or 0, TINIEST),
        longest_minutes=left["minutes"] or 0,
        most_days=left["days"] or 0,
    )


def dilution(trace: Trace, layer: Layer, *, as_of: datetime, keep: int = 0) -> tuple[tuple[int, float], ...]:
    """
    Give pairs (N, share of the weight that the first N of one layer hold), close together where N is small.

    The weight is the score of the ranking. `keep` is among the lengths where it is one.
    """
    matches = standing_matches(trace, as_of=as_of).filter(layer=layer)
    weights = np.array(list(matches.order_by().values_list("score", flat=True)), np.float64)
    held = np.cumsum(-np.sort(-np.nan_to_num(weights)))
    held /= max(float(held[-1]) if len(held) else 0, TINIEST)
    n = len(held)
    return tuple((at, round(float(held[at - 1]), 4)) for at in _lengths(n, min(keep, n)))


def _lengths(n: int, keep: int) -> list[int]:
    """Choose lengths of a list for a curve: close together where it is short, and the chosen one."""
    if n == 0:
        return []
    spread = np.unique(np.round(np.geomspace(1, n, min(n, 120))).astype(int)).tolist()
    return sorted({*spread, *([keep] if keep else [])})


def one_listed(match: TraceMatch, *, reader: Account, as_of: datetime) -> Listed:
    """Say who one companion is as far as the reader may know, and where they stand in the ranking of their layer."""
    ahead = standing_matches(match.trace, as_of=as_of).filter(layer=match.layer)
    better = Q(score=match.score, pk__lt=match.pk)
    better |= Q(score__isnull=False) if match.score is None else Q(score__gt=match.score)
    rank = ahead.filter(better).count() + 1
    return next(iter(_listed(match.trace, [match], reader, as_of, first_rank=rank)))
