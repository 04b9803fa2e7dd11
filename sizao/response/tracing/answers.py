"""
What the presences answer to a trace: who was there, in which layer and tier; written down as it becomes known.

A match whose numbers change ends and begins anew, so that each past moment shows what was known then; its score,
which moves with everybody else who was there, is mended in place. What rests on presences that were destroyed since
stays as it was: that they are gone says nothing about who was there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

import numpy as np
from django.db import connection

from sizao.adapters.visits import VisitStore, Window
from sizao.adapters.visits.meetings import LAYERS, TIERS, Manner, Met, met, people
from sizao.adapters.visits.places import known_places
from sizao.adapters.visits.space_time import SpaceTime
from sizao.engines.presences.dilution import Weights, scores
from sizao.engines.presences.totals import Runs, totals
from sizao.records import journal
from sizao.records.models import Account, Person, PresenceBatch, Trace, TraceAnswer, TraceMatch
from sizao.response.tracing import presences, tokens
from sizao.terms import DwellOf, Layer, TraceCause, TraceQuestion

WEIGHTS = Weights()
ONE = ("token", "layer", "tier")
TOLD = ("minutes", "meetings", "days", "first_at", "last_at")
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A person, by token, with whom the case shared time in one layer and tier."""

    token: str
    layer: str
    tier: str
    minutes: float
    meetings: int
    days: int
    score: float | None
    first_at: datetime
    last_at: datetime

    @property
    def key(self) -> Key:
        return self.token, self.layer, self.tier


@dataclass(frozen=True, slots=True)
class Changes:
    """How an answer differs from the one before: rows that begin, that end, that are mended in place, that stay."""

    fresh: list[Found]
    ended: list[TraceMatch]
    mended: list[TraceMatch]
    n_new: int
    n_gone: int
    n_found: int


def windows(trace: Trace) -> list[Window]:
    """Give what is asked of the store: each token of the case, in its window."""
    begins, ends = int(trace.begins_at.timestamp()), int(trace.ends_at.timestamp())
    return [Window(token, begins, ends) for token in tokens.tokens_of(trace.outbreak, trace.case.person)]


def least_seconds(trace: Trace) -> int:
    """Give the shortest meeting that counts for a trace."""
    return round(trace.least_minutes * 60)


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
    trace.save(update_fields=["seen", "answered_at"])
    said = TraceAnswer.objects.create(
        trace=trace,
        answered_at=now,
        cause=cause,
        n_found=changes.n_found,
        n_new=changes.n_new,
        n_gone=changes.n_gone,
        n_known=known,
        facts={"presences": store.manifest.rows, "rows_new": len(changes.fresh), "rows_ended": len(changes.ended)},
    )
    journal.write(
        "trace.answered", trace, by=by, at=now, protocol=trace.protocol, number=trace.number, cause=str(cause),
        purpose=trace.purpose, found=said.n_found, new=said.n_new, gone=said.n_gone, known=known,
    )  # fmt: skip
    return said


# --- Asking ------------------------------------------------------------------------------------


def companions(trace: Trace, store: VisitStore, now: datetime) -> dict[Key, Found]:
    """Find who shared time with the case of a trace, once for each layer and tier; the case itself is left out."""
    asked = windows(trace)
    own = {one.person for one in asked}
    manner = manner_of(store)
    found = [
        row
        for one in met(store, asked, manner, least_seconds=least_seconds(trace))
        for row in _rows(store, one, manner)
        if row.layer != Layer.CELL
    ]
    if asks_cells(trace):
        found += _space_time(store, asked, manner, trace, now)
    rows: dict[Key, Found] = {}
    for row in found:
        if row.token not in own:
            rows[row.key] = _joined(rows[row.key], row) if row.key in rows else row
    return rows


def manner_of(store: VisitStore) -> Manner:
    """Say how the presences are looked at: with what is known of their places."""
    return Manner(places=known_places(store.path))


def asks_cells(trace: Trace) -> bool:
    """Tell whether a trace asks for space-time companions: only where a local annex turned that rule on."""
    return Layer.CELL in trace.settings["layers"]


def _space_time(
    store: VisitStore, asked: Sequence[Window], manner: Manner, trace: Trace, now: datetime
) -> Iterator[Found]:
    """
    Give the space-time companions by the rule of the annex; they have no score, and are at most asked to be tested.

    The hours of the other person count, not those of the case: where the case lives, its own would make everybody
    pass. A case that is not set apart yet looks back from now.
    """
    until = int(now.timestamp())
    known = [Window(one.person, one.start, min(one.end, until)) for one in asked if one.start < until]
    rule = SpaceTime(**trace.settings["space_time"], dwell_of=DwellOf.CONTACT)
    for row in store.space_time_companions(known, rule=rule, manner=manner).to_pylist():
        first, last = _at(row["first"]), _at(row["last"])
        days = (trace.outbreak.day_of(last) - trace.outbreak.day_of(first)).days + 1
        yield Found(
            row["person"], str(Layer.CELL), row["tier"], round(row["minutes"], 3), row["meetings"],
            min(days, row["meetings"]), None, first, last,
        )  # fmt: skip


def _rows(store: VisitStore, one: Met, manner: Manner) -> Iterator[Found]:
    airs = manner.places.ventilations(one.places)
    weights = np.array([WEIGHTS.of(air, tier) for air, tier in zip(airs, one.tiers, strict=True)], np.float64)
    sums = totals(one.found, Runs(one.group, weights), utc_offset_seconds=manner.utc_offset_seconds)
    columns = (sums.group, sums.seconds / 60, sums.meetings, sums.days, scores(sums, WEIGHTS), sums.first, sums.last)
    names = people(store, sums.person).to_pylist()
    for token, group, minutes, meetings, days, score, first, last in zip(
        names, *(column.tolist() for column in columns), strict=True
    ):
        layer, tier = LAYERS[group // len(TIERS)], TIERS[group % len(TIERS)]
        yield Found(
            token, str(layer), str(tier), round(minutes, 3), meetings, days, round(score, 6), _at(first), _at(last)
        )


def _joined(one: Found, other: Found) -> Found:
    """Add what a case shared under two of its tokens."""
    return replace(
        one,
        minutes=one.minutes + other.minutes,
        meetings=one.meetings + other.meetings,
        days=max(one.days, other.days),
        score=None if one.score is None or other.score is None else one.score + other.score,
        first_at=min(one.first_at, other.first_at),
        last_at=max(one.last_at, other.last_at),
    )


def _at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


# --- What is different -------------------------------------------------------------------------


def differs(trace: Trace, found: Mapping[Key, Found], now: datetime) -> bool:
    """Tell whether an answer would say anything else than what stands."""
    changes = _changes(trace, found, now)
    return bool(changes.fresh or changes.ended or changes.mended)


def _changes(trace: Trace, found: Mapping[Key, Found], now: datetime) -> Changes:
    standing = {_key(row): row for row in trace.matches.filter(gone_at=None)}
    kept_since = _kept_since(trace, now)
    fresh = [row for key, row in found.items() if key not in standing]
    ended, mended, gone = [], [], []
    for key, row in standing.items():
        now_found = found.get(key)
        if _rests_on_destroyed(row, now_found, kept_since) or (now_found and _says_same(row, now_found)):
            continue
        # Said twice at one moment: the later is what was known then.
        if now_found and (row.found_at == now or _told(row) == _told(now_found)):
            mended.append(_mend(row, now_found))
            continue
        ended.append(row)
        (fresh if now_found else gone).append(now_found or row)
    before, gone_tokens = {row.token for row in standing.values()}, {row.token for row in gone}
    after = (before - gone_tokens) | {row.token for row in fresh} | {key[0] for key in standing if key in found}
    return Changes(fresh, ended, mended, len(after - before), len(before - after), len(after))


def _kept_since(trace: Trace, now: datetime) -> datetime:
    """Say since when presences tell everything; a second ring rests on the whole window of the case."""
    kept = presences.kept_since(trace.outbreak, now)
    rests_on_first = trace.question == TraceQuestion.SECOND_RING and trace.begins_at < kept
    return datetime.max.replace(tzinfo=UTC) if rests_on_first else kept


def _key(row: TraceMatch) -> Key:
    return row.token, row.layer, row.tier


def _told(row: TraceMatch | Found) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in TOLD)


def _says_same(row: TraceMatch, found: Found) -> bool:
    return _told(row) == _told(found) and row.score == found.score


def _rests_on_destroyed(row: TraceMatch, found: Found | None, kept_since: datetime) -> bool:
    return row.first_at < kept_since and (found is None or found.minutes < row.minutes)


def _mend(row: TraceMatch, found: Found) -> TraceMatch:
    for name in (*TOLD, "score"):
        setattr(row, name, getattr(found, name))
    return row


# --- Writing it down ---------------------------------------------------------------------------


def _write(trace: Trace, changes: Changes, *, by: Account | None, now: datetime) -> int:
    """Write what changed; return how many of those found are people of the register."""
    known_before = _known(trace)
    trace.matches.filter(pk__in=[row.pk for row in changes.ended]).update(gone_at=now)
    TraceMatch.objects.bulk_update(changes.mended, [*TOLD, "score"], batch_size=1000)
    _copy(trace, changes.fresh, now)
    known = _known(trace)
    note(trace, known - known_before, by=by, now=now)
    return len(known)


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
    for row in trace.matches.filter(person=None, token__in=list(borne)):
        row.person_id, row.area_code = borne[row.token]
        row.save(update_fields=["person", "area_code"])
    new = _known(trace) - before
    note(trace, new, by=by, now=now)
    return len(new)


_COLUMNS = (
    "trace_id", "token", "person_id", "area_code", "layer", "tier", "minutes", "meetings", "days", "score", "seating",
    "rides", "first_at", "last_at", "found_at", "is_generated",
)  # fmt: skip


def _copy(trace: Trace, rows: Sequence[Found], now: datetime) -> None:
    # COPY, because a station has a hundred thousand people.
    if not rows:
        return
    borne = people_of(trace, {row.token for row in rows})
    is_generated = _is_generated(trace)
    with connection.cursor() as cursor, cursor.copy(
        f"COPY records_tracematch ({', '.join(_COLUMNS)}) FROM STDIN"
    ) as copy:  # fmt: skip
        for row in rows:
            person, area_code = borne.get(row.token, (None, ""))
            told = asdict(row) | {"trace_id": trace.pk, "person_id": person, "area_code": area_code}
            told |= {"found_at": now, "is_generated": is_generated, "seating": "", "rides": "[]"}
            copy.write_row([told[name] for name in _COLUMNS])


def _is_generated(trace: Trace) -> bool:
    """Tell whether a model made up any of what could have been found."""
    made_up = PresenceBatch.objects.filter(outbreak=trace.outbreak, is_generated=True)
    if trace.question != TraceQuestion.SECOND_RING:  # who met a contact may have done so after the case's window
        made_up = made_up.filter(earliest_at__lt=trace.ends_at)
    return made_up.filter(latest_at__gt=trace.begins_at).exists()


def people_of(trace: Trace, wanted: set[str]) -> dict[str, tuple[int, str]]:
    """Say who bears these tokens, as far as the register knows: id and home. A token of two people names nobody."""
    key = tokens.standing_key(trace.outbreak)
    if key is None:
        return {}
    rows = Person.objects.order_by("pk").values_list("pk", "number", "id_number_index", "phone_index")
    borne: dict[str, set[int]] = {}
    for token, pk in tokens.people_by_token(key, rows):
        if token in wanted:
            borne.setdefault(token, set()).add(pk)
    alone = {token: next(iter(found)) for token, found in borne.items() if len(found) == 1}
    homes = dict(Person.objects.filter(pk__in=alone.values()).values_list("pk", "area_code"))
    return {token: (pk, homes[pk]) for token, pk in alone.items()}
