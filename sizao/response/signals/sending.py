"""A sending of counts: rows that name their stream, from a file or another system; all of it is taken or none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from sizao.records import access
from sizao.records.models import Account, Area, Outbreak, Stream
from sizao.response.signals.scope import rehearsed
from sizao.response.signals.streams import Said, StreamEntry, faults_of, hear, open_streams, refused
from sizao.terms import Right, StreamKind, StreamStep

Error = dict[str, object]


@dataclass(frozen=True, slots=True)
class CountRow:
    """One row: the sender's own key of the stream, what it counts and where, a day (or week) and its count."""

    stream: str
    kind: StreamKind
    area_code: str
    date: date
    count: int
    denominator: int | None = None
    name: str = ""
    source: str = ""
    step: StreamStep = StreamStep.DAY


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a sending; after a dry run nothing of it is kept."""

    streams: int
    new_streams: int
    new: int
    corrected: int
    known: int


@transaction.atomic
def hear_rows(
    *, outbreak: Outbreak | None, rows: Sequence[CountRow], by: Account | None, now: datetime, dry_run: bool = False
) -> Taken:
    """
    Take in a sending; streams that are not known yet are opened, and begin on the earliest day that is sent.

    A dry run does all that and undoes it. Raise CountsRefused, which names each row and field at fault,
    or the door's refusal.
    """
    if by is not None:
        access.require(by, Right.SIGNAL_SEND)
    keys = {row.stream: _source_key(outbreak, row.stream, by) for row in rows}
    known = {one.source_key: one for one in Stream.objects.filter(source_key__in=keys.values())}
    entries = _entries(rows, keys, known)
    areas = set(Area.objects.filter(code__in={row.area_code for row in rows}).values_list("code", flat=True))
    errors = list(_faults(rows, entries, areas, by, timezone.localtime(now).date()))
    if errors:
        raise refused(errors, rows=len(rows))
    with transaction.atomic():
        opened = open_streams(outbreak=outbreak, entries=list(entries.values()), by=by, now=now)
        streams = dict(zip(entries, opened, strict=True))
        said = [Said(streams[row.stream], row.date, row.count, row.denominator) for row in rows]
        heard = hear(outbreak=outbreak, said=said, by=by, now=now)
        transaction.set_rollback(dry_run)
    return Taken(len(streams), len(streams) - len(known), heard.new, heard.corrected, heard.known)


def _source_key(outbreak: Outbreak | None, stream: str, by: Account | None) -> str:
    # Each sender has a name space of its own in each outbreak: nobody takes the key of another.
    owner = outbreak.slug if outbreak is not None and rehearsed(outbreak) else "real"
    return f"{owner}:{by.username if by else 'file'}:{stream}"[:200]


def _entries(rows: Sequence[CountRow], keys: Mapping[str, str], known: Mapping[str, Stream]) -> dict[str, StreamEntry]:
    """Say what each stream is by its first row and, where it is known, by its first day."""
    earliest: dict[str, date] = {}
    for row in rows:
        earliest[row.stream] = min(row.date, earliest.get(row.stream, row.date))
    entries: dict[str, StreamEntry] = {}
    for row in rows:
        standing = known.get(keys[row.stream])
        entries.setdefault(
            row.stream,
            StreamEntry(
                source_key=keys[row.stream],
                kind=row.kind,
                area_code=row.area_code,
                name=(row.name or row.stream)[:200],
                source=(row.source or row.stream)[:300],
                first_date=standing.first_date if standing else earliest[row.stream],
                step=row.step,
            ),
        )
    return entries


def _faults(
    rows: Sequence[CountRow], entries: Mapping[str, StreamEntry], areas: set[str], by: Account | None, today: date
) -> Iterator[Error]:
    first: dict[str, int] = {}
    said: dict[tuple[str, date], int] = {}
    for number, row in enumerate(rows, start=1):
        entry = entries[row.stream]
        found = list(faults_of(entry.first_date, entry.step, row.date, (row.count, row.denominator), today))
        found += _misplaced(row, areas, by)
        if (row.kind, row.area_code, row.step) != (entry.kind, entry.area_code, entry.step):
            found.append(("stream", f"is something else in row {first[row.stream]}; a key is one stream"))
        if (row.stream, row.date) in said:
            found.append(("date", f"{row.date} stands in row {said[row.stream, row.date]} too; a day has one count"))
        first.setdefault(row.stream, number)
        said.setdefault((row.stream, row.date), number)
        yield from ({"row": number, "field": field, "reason": reason} for field, reason in found)


def _misplaced(row: CountRow, areas: set[str], by: Account | None) -> Iterator[tuple[str, str]]:
    if row.area_code not in areas:
        yield "area_code", f"{row.area_code} is no area of the register"
    elif by is not None and not access.covers(by, row.area_code):
        yield "area_code", f"{row.area_code} is no area of your jurisdiction ({by.area_code})"
    if not row.stream.strip():
        yield "stream", "is blank; give the stream a key"
