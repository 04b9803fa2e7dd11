"""
Streams: what one source counts, heard day by day or week by week, late and corrected counts included.

What was said stays: a late or corrected count is a further row, and the same count said again changes nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Outbreak, Stream, StreamCount
from sizao.response.signals.scope import take_turn
from sizao.terms import Right, StreamKind, StreamStep

MOST = 2_147_483_647  # what the column of a count holds


class StreamDiffers(SizaoError):
    code = "stream.differs"
    message = (
        "There is already a stream under the key {source_key}: {kind}, {area_code}, by {step}. What is counted "
        "otherwise or elsewhere is another stream; give it a key of its own."
    )


class CountsRefused(SizaoError):
    code = "stream.unreadable"
    message = "{count} of {rows} counts cannot be taken; nothing was kept. First: {first}. All are in facts.errors."


class StreamClosed(SizaoError):
    code = "stream.closed"
    message = "{name} was closed on {closed_at:%Y-%m-%d}. Open a new stream for what is counted since."


@dataclass(frozen=True, slots=True)
class StreamEntry:
    """
    What a stream counts, where, and from which day on; two entries of one `source_key` are one stream.

    Weeks begin on the weekday of `first_date`. `is_generated` marks what a model made up.
    """

    source_key: str
    kind: StreamKind
    area_code: str
    name: str
    source: str
    first_date: date
    step: StreamStep = StreamStep.DAY
    is_generated: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One count of one stream: of a day, or of the week that begins on it; `denominator` where it is known."""

    stream: Stream
    date: date
    count: int
    denominator: int | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of counts: first said of their day, said otherwise than before, or known already."""

    new: int
    corrected: int
    known: int


@transaction.atomic
def open_stream(*, outbreak: Outbreak | None, entry: StreamEntry, by: Account | None, now: datetime) -> Stream:
    """Begin to listen to one source; the same entry sent again is answered with the stream it became."""
    return open_streams(outbreak=outbreak, entries=[entry], by=by, now=now)[0]


@transaction.atomic
def open_streams(
    *, outbreak: Outbreak | None, entries: Sequence[StreamEntry], by: Account | None, now: datetime
) -> list[Stream]:
    """
    Begin to listen to sources, each once; return their streams in the order of the entries.

    `outbreak` is the rehearsal they belong to; what watches real life belongs to none. Raise StreamDiffers,
    or the door's refusal where the account lacks the right or the area.
    """
    _allow(by, (entry.area_code for entry in entries))
    take_turn(outbreak)
    known = {one.source_key: one for one in Stream.objects.filter(source_key__in=[one.source_key for one in entries])}
    fresh: dict[str, Stream] = {}
    for entry in entries:
        made = _stream(outbreak, entry, now)
        standing = known.get(entry.source_key) or fresh.setdefault(entry.source_key, made)
        if _meaning(standing) != _meaning(made):
            kind, step = StreamKind(standing.kind), StreamStep(standing.step)
            raise StreamDiffers(source_key=entry.source_key, kind=kind, area_code=standing.area_code, step=step)
    Stream.objects.bulk_create(fresh.values())
    journal.write_many([journal.line("stream.opened", one, by=by, at=now, kind=one.kind) for one in fresh.values()])
    known |= fresh
    return [known[entry.source_key] for entry in entries]


@transaction.atomic
def close_stream(*, stream: Stream, by: Account, now: datetime) -> Stream:
    """Say that a source counts no more; what it said remains. Raise StreamClosed where that was said before."""
    access.require(by, Right.SIGNAL_SEND, area_code=stream.area_code)
    stream = Stream.objects.select_for_update(of=["self"]).get(pk=stream.pk)
    if stream.closed_at is not None:
        raise StreamClosed(name=stream.name, closed_at=stream.closed_at)
    stream.closed_at = now
    stream.save(update_fields=["closed_at"])
    journal.write("stream.closed", stream, by=by, at=now)
    return stream


@transaction.atomic
def hear(*, outbreak: Outbreak | None, said: Sequence[Said], by: Account | None, now: datetime) -> Heard:
    """
    Take in counts, all or none; each is kept as it was said, at this moment.

    A count that says what is known already changes nothing. Raise CountsRefused, which names every count that
    is negative, of a day to come, of a day before its stream, or said twice at once.
    """
    _allow(by, {one.stream.area_code for one in said})
    take_turn(outbreak)
    errors = list(_faults(said, now))
    if errors:
        raise refused(errors, rows=len(said))
    latest = _latest(said, now)
    changed = [one for one in said if latest.get((one.stream.pk, one.date)) != (one.count, one.denominator)]
    corrected = sum((one.stream.pk, one.date) in latest for one in changed)
    told_by = journal.actor_name(by)
    StreamCount.objects.bulk_create(
        [
            StreamCount(
                stream=one.stream, date=one.date, count=one.count, denominator=one.denominator, heard_at=now, by=told_by
            )
            for one in changed
        ],
        batch_size=2000,
    )
    _note(changed, by=by, now=now)
    return Heard(len(changed) - corrected, corrected, len(said) - len(changed))


def refused(errors: list[dict[str, object]], *, rows: int) -> CountsRefused:
    """Compose one refusal from the errors of rows, each with row (the first is 1), field and reason."""
    first = f"row {errors[0]['row']}, {errors[0]['field']}: {errors[0]['reason']}"
    return CountsRefused(count=len({error["row"] for error in errors}), rows=rows, first=first, errors=errors)


def faults_of(
    first_date: date, step: StreamStep, said_date: date, counts: tuple[object, object], today: date
) -> Iterator[tuple[str, str]]:
    """Yield field and reason for what is wrong with one count (and its denominator) of a stream."""
    if said_date > today:
        yield "date", f"{said_date} is still to come; today is {today}"
    elif said_date < first_date:
        yield "date", f"{said_date} lies before the first day of its stream, {first_date}"
    elif step == StreamStep.WEEK and (said_date - first_date).days % 7:
        yield "date", f"{said_date} begins no week of its stream, whose weeks begin on a {first_date:%A}"
    count, denominator = counts
    if not _is_count(count):
        yield "count", f"{count!r} is no count; it should be a whole number, zero or more"
    if denominator is not None and not _is_count(denominator):
        yield "denominator", f"{denominator!r} is no count; leave it out where it is not known"


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST


def _faults(said: Sequence[Said], now: datetime) -> Iterator[dict[str, object]]:
    today = timezone.localtime(now).date()
    seen: dict[tuple[int, date], int] = {}
    for row, one in enumerate(said, start=1):
        stream = one.stream
        found = list(
            faults_of(stream.first_date, StreamStep(stream.step), one.date, (one.count, one.denominator), today)
        )
        if stream.closed_at is not None and one.date > timezone.localtime(stream.closed_at).date():
            found.append(("date", f"{one.date} lies after {stream.name} was closed"))
        if (stream.pk, one.date) in seen:
            found.append(("date", f"{one.date} stands in row {seen[stream.pk, one.date]} too; a day has one count"))
        seen.setdefault((stream.pk, one.date), row)
        yield from ({"row": row, "field": field, "reason": reason} for field, reason in found)


def _latest(said: Sequence[Said], now: datetime) -> dict[tuple[int, date], tuple[int, int | None]]:
    """Look up what is known of the days spoken of; refuse to say another thing at the very same moment."""
    days = {one.date for one in said}
    if not days:
        return {}
    rows = StreamCount.objects.filter(
        stream__in={one.stream.pk for one in said}, date__range=(min(days), max(days)), heard_at__lte=now
    )
    latest = rows.order_by("stream", "date", "-heard_at").distinct("stream", "date")
    found = {(one.stream_id, one.date): one for one in latest}
    errors = [
        {"row": row, "field": "count", "reason": f"was said to be {standing.count} at this very moment; say it later"}
        for row, one in enumerate(said, start=1)
        if (standing := found.get((one.stream.pk, one.date))) is not None
        and standing.heard_at == now
        and (standing.count, standing.denominator) != (one.count, one.denominator)
    ]
    if errors:
        raise refused(errors, rows=len(said))
    return {key: (one.count, one.denominator) for key, one in found.items()}


def _note(changed: Sequence[Said], *, by: Account | None, now: datetime) -> None:
    """Leave one line for the whole sending; who said which count when stands with each count."""
    if not changed:
        return
    days = [one.date for one in changed]
    journal.write(
        "stream.heard",
        changed[0].stream,
        by=by,
        at=now,
        streams=len({one.stream.pk for one in changed}),
        counts=len(changed),
        first_date=min(days).isoformat(),
        last_date=max(days).isoformat(),
    )


def _allow(by: Account | None, area_codes: Iterable[str]) -> None:
    if by is not None:
        for area_code in sorted(set(area_codes)):
            access.require(by, Right.SIGNAL_SEND, area_code=area_code)


def _stream(outbreak: Outbreak | None, entry: StreamEntry, now: datetime) -> Stream:
    return Stream(
        outbreak=outbreak,
        kind=entry.kind,
        area_code=entry.area_code,
        name=entry.name,
        step=entry.step,
        is_generated=entry.is_generated,
        source=entry.source,
        source_key=entry.source_key,
        first_date=entry.first_date,
        opened_at=now,
    )


def _meaning(stream: Stream) -> tuple[object, ...]:
    """What may not change about a stream without its counts meaning another thing."""
    return stream.outbreak_id, stream.kind, stream.area_code, stream.step, stream.is_generated
