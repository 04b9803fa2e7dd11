"""
What the presences answer to a trace, written down as it becomes known.

A match whose numbers change ends and begins anew, so that each past moment shows what was known then. Its score moves
with everybody else who was there: it begins anew once a day at most, so that each past day shows the ranking of its
end. What rests on presences that were destroyed since stays as it was: that they are gone says nothing about who was
there.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Count

from sizao.adapters.visits import VisitStore
from sizao.records import journal
from sizao.records.models import Account, Person, PresenceBatch, Trace, TraceAnswer, TraceMatch
from sizao.response.tracing import bearers, presences, rides
from sizao.response.tracing.companions import Found, Key, companions
from sizao.terms import TraceCause, TraceQuestion

NUMBERS = ("minutes", "meetings", "days", "first_at", "last_at")


@dataclass(frozen=True, slots=True)
class Changes:
    """
    How an answer differs from the one before: rows that begin, that end, that were said at this very moment and are
    said otherwise now, and scores (by row) that moved on the day on which they were said.
    """

    fresh: list[Found]
    ended: list[TraceMatch]
    unsaid: list[TraceMatch]
    rescored: dict[int, float | None]
    n_new: int
    n_gone: int
    n_found: int


def answer(
    trace: Trace, store: VisitStore, *, cause: TraceCause, by: Account | None, now: datetime,
    found: Mapping[Key, Found] | None = None,
) -> TraceAnswer:  # fmt: skip
    """
    Ask the presences and write down what they answer now; the caller holds the row of the trace.

    `found` is what another question than for companions found, which is written down instead.
    Who is known to the register is linked, and each of them has a line in the journal from then on.
    """
    found = companions(trace, store, now) if found is None else found
    changes = _changes(trace, found, now)
    known = _write(trace, changes, by=by, now=now)
    trace.seen, trace.answered_at = str(store.mark), now
    trace.settings = trace.settings | {"seats": rides.seen(trace, now)}
    trace.save(update_fields=["seen", "answered_at", "settings"])
    said = TraceAnswer.objects.create(
        trace=trace,
        answered_at=now,
        cause=cause,
        n_found=changes.n_found,
        n_new=changes.n_new,
        n_gone=changes.n_gone,
        n_known=known,
        facts=_facts(trace)
        | {"presences": store.manifest.rows, "rows_new": len(changes.fresh), "rows_ended": len(changes.ended)},
    )
    journal.write(
        "trace.answered", trace, by=by, at=now, protocol=trace.protocol, number=trace.number, cause=str(cause),
        purpose=trace.purpose, found=said.n_found, new=said.n_new, gone=said.n_gone, known=known,
    )  # fmt: skip
    return said


def again_for_seats(trace: Trace, store: VisitStore, told: str, now: datetime) -> bool:
    """Answer again where seats were `told`, or their rule changed; tell whether anything is different."""
    if told == trace.settings.get("seats"):
        return False
    found = companions(trace, store, now)
    if differs(trace, found, now):
        answer(trace, store, cause=TraceCause.SEATS, by=None, now=now, found=found)
        return True
    trace.settings = trace.settings | {"seats": told}
    trace.save(update_fields=["settings"])
    return False


def _facts(trace: Trace) -> dict[str, Any]:
    """Count what stands now, so that no page has to: people by layer, in vehicles by seat, and what a model made up."""
    standing = trace.matches.filter(gone_at=None).order_by()
    layers = standing.values_list("layer").annotate(people=Count("pk"))
    seatings = standing.exclude(seating="").values_list("seating").annotate(people=Count("pk"))
    return {
        "layers": dict(layers),
        "seatings": dict(seatings),
        "is_generated": standing.filter(is_generated=True).exists(),
    }


# --- What is different -------------------------------------------------------------------------


def differs(trace: Trace, found: Mapping[Key, Found], now: datetime) -> bool:
    """Tell whether an answer would say anything else than what stands."""
    changes = _changes(trace, found, now)
    return bool(changes.fresh or changes.ended or changes.rescored)


def _changes(trace: Trace, found: Mapping[Key, Found], now: datetime) -> Changes:
    standing = {_key(row): row for row in trace.matches.filter(gone_at=None)}
    kept_since = _kept_since(trace, now)
    changes = Changes([row for key, row in found.items() if key not in standing], [], [], {}, 0, 0, 0)
    gone = []
    for key, row in standing.items():
        now_found = found.get(key)
        if _rests_on_destroyed(row, now_found, kept_since) or (now_found and _says_same(row, now_found)):
            continue
        if now_found is None:
            changes.ended.append(row)
            gone.append(row)
        elif _told(row) == _told(now_found) and trace.outbreak.day_of(row.found_at) == trace.outbreak.day_of(now):
            changes.rescored[row.pk] = now_found.score
        else:
            # Said twice at one moment: the later is what was known then.
            (changes.unsaid if row.found_at == now else changes.ended).append(row)
            changes.fresh.append(now_found)
    before, gone_tokens = {row.token for row in standing.values()}, {row.token for row in gone}
    after = (before - gone_tokens) | {row.token for row in changes.fresh} | {key[0] for key in standing if key in found}
    return replace(changes, n_new=len(after - before), n_gone=len(before - after), n_found=len(after))


def _kept_since(trace: Trace, now: datetime) -> datetime:
    """Say since when presences tell everything; a second ring rests on the whole window of the case."""
    kept = presences.kept_since(trace.outbreak, now)
    rests_on_first = trace.question == TraceQuestion.SECOND_RING and trace.begins_at < kept
    return datetime.max.replace(tzinfo=UTC) if rests_on_first else kept


def _key(row: TraceMatch) -> Key:
    return row.token, row.layer, row.tier


def _told(row: TraceMatch | Found) -> tuple[object, ...]:
    ridden = row.rides if isinstance(row, TraceMatch) else [one.kept() for one in row.rides]
    return *(getattr(row, name) for name in NUMBERS), ridden


def _says_same(row: TraceMatch, found: Found) -> bool:
    return _told(row) == _told(found) and row.score == found.score


def _rests_on_destroyed(row: TraceMatch, found: Found | None, kept_since: datetime) -> bool:
    return row.first_at < kept_since and (found is None or found.minutes < row.minutes)


# --- Writing it down ---------------------------------------------------------------------------


def _write(trace: Trace, changes: Changes, *, by: Account | None, now: datetime) -> int:
    """Write what changed; return how many of those found are people of the register."""
    known_before = _known(trace)
    trace.matches.filter(pk__in=[row.pk for row in changes.unsaid]).delete()
    _end(changes.ended, now)
    _rescore(changes.rescored)
    _copy(trace, changes.fresh, now)
    known = _known(trace)
    note(trace, known - known_before, by=by, now=now)
    return len(known)


def _end(rows: Iterable[TraceMatch], now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_tracematch SET gone_at = %s WHERE id = ANY(%s)", [now, [row.pk for row in rows]])


def _rescore(scores: Mapping[int, float | None]) -> None:
    # One statement, because in a station everybody's score moves with each who is told later.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE records_tracematch AS one SET score = told.score "
            "FROM unnest(%s::bigint[], %s::float8[]) AS told (id, score) WHERE one.id = told.id",
            [list(scores), list(scores.values())],
        )


def _known(trace: Trace) -> set[int]:
    rows = trace.matches.filter(gone_at=None, person__isnull=False)
    return set(rows.values_list("person", flat=True))


def note(trace: Trace, people: Iterable[int], *, by: Account | None, now: datetime) -> None:
    """Write into the journal of each of these people that a trace returned them: they may ask who looked for them."""
    facts = {"trace": trace.number, "purpose": trace.purpose, "asked_by": trace.asked_by}
    facts["last_date"] = trace.last_date.isoformat()
    rows = list(Person.objects.filter(pk__in=people).order_by("pk"))
    for one in rows:
        one.outbreak_id = trace.outbreak_id  # whose journal the line belongs to
    journal.write_many([journal.line("trace.returned", one, by=by, at=now, **facts) for one in rows])


def link(trace: Trace, borne: Mapping[str, tuple[int, str]], *, by: Account | None, now: datetime) -> int:
    """Say who bears tokens that a trace returned, where nobody said so before; return how many people are new in it."""
    before = _known(trace)
    nameless = dict(trace.matches.filter(person=None).values_list("pk", "token"))
    told = [(row, *borne[token]) for row, token in nameless.items() if token in borne]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE records_tracematch AS one SET person_id = told.person, area_code = told.home "
            "FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS told (id, person, home) WHERE one.id = told.id",
            [list(column) for column in zip(*told, strict=True)] or [[], [], []],
        )
    new = _known(trace) - before
    note(trace, new, by=by, now=now)
    return len(new)


def stands_twice(trace: Trace) -> bool:
    """Tell whether somebody stands in an answer under two tokens, as when the register learnt later whose both are."""
    known = trace.matches.filter(gone_at=None, person__isnull=False).order_by()
    rows = known.values("person", "layer", "tier").annotate(tokens=Count("token", distinct=True))
    return rows.filter(tokens__gt=1).exists()


_OF_FOUND = ("token", "layer", "tier", *NUMBERS, "score")
_COLUMNS = (
    "trace_id", "token", "person_id", "area_code", "layer", "tier", "minutes", "meetings", "days", "score", "seating",
    "rides", "first_at", "last_at", "found_at", "is_generated",
)  # fmt: skip


def _copy(trace: Trace, rows: Sequence[Found], now: datetime) -> None:
    # COPY, because a station has a hundred thousand people.
    if not rows:
        return
    borne = bearers.with_homes(trace.outbreak, {row.token for row in rows}, now=now)
    is_generated = _is_generated(trace)
    with connection.cursor() as cursor, cursor.copy(
        f"COPY records_tracematch ({', '.join(_COLUMNS)}) FROM STDIN"
    ) as copy:  # fmt: skip
        for row in rows:
            person, area_code = borne.get(row.token, (None, ""))
            told = {name: getattr(row, name) for name in _OF_FOUND}
            told |= {"trace_id": trace.pk, "person_id": person, "area_code": area_code, "found_at": now}
            told |= {"is_generated": is_generated, "seating": row.seating or ""}
            told["rides"] = json.dumps([one.kept() for one in row.rides])
            copy.write_row([told[name] for name in _COLUMNS])


def _is_generated(trace: Trace) -> bool:
    """Tell whether a model made up any of what could have been found."""
    made_up = PresenceBatch.objects.filter(outbreak=trace.outbreak, is_generated=True)
    if trace.question != TraceQuestion.SECOND_RING:  # who met a contact may have done so after the case's window
        made_up = made_up.filter(earliest_at__lt=trace.ends_at)
    return made_up.filter(latest_at__gt=trace.begins_at).exists()
