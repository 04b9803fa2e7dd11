"""Asking a store for the contacts of contacts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from sizao.adapters.visits.places import known_places
from sizao.adapters.visits.reading import THREADS, OpenStore, Window, taken
from sizao.engines.presences import second_ring as engine
from sizao.engines.presences.companions import Companions, Ints, ranges, ranges_of
from sizao.engines.presences.layout import Words
from sizao.terms import Layer

SHARES = 16 * THREADS  # small enough that no thread waits long for the last one
NEVER = 2**32 - 1  # later than any presence


@dataclass(frozen=True, slots=True)
class Limits:
    """
    How far a second ring goes.

    `set_apart` gives the second at which a contact (its token) no longer meets anybody; `known` people are
    left out, as the cases and the contacts are; of the contacts only the `closest` so many count, by minutes.
    With `contacts` the first ring is not looked for: who is in it, and from when to when each counts, is told so;
    `set_apart` and `closest` say nothing then. With a `layer` only its places count, in the second ring alone.
    """

    set_apart: Mapping[Any, int] = field(default_factory=dict)
    known: Sequence[Any] = ()
    closest: int | None = None
    contacts: Sequence[Window] | None = None
    layer: Layer | None = None


def second_ring(store: OpenStore, windows: Sequence[Window], limits: Limits, *, least_seconds: int) -> pa.Table:
    """List who met a contact after its first exposure, the longest first."""
    cases = np.array(list(store.windows_by_number(windows)), np.int64)
    if limits.contacts is None:
        pairs = store.each(windows, least_seconds=least_seconds, then=lambda _, found: found)
        everybody, contacts = _first_ring(store, pairs, cases, limits)
    else:
        contacts = _told(store, limits.contacts)
        everybody = contacts.person.astype(np.int64)
    if not len(contacts.person):
        return _table(store, engine.nobody(), contacts)
    parts = store.during(int(contacts.since.min()), int(contacts.until.max()))
    dated = [part for part, _ in parts]
    left_out = np.zeros(store.persons.n, np.bool_)
    for some in (cases, everybody, _numbers(store, limits.known)):
        left_out[some[some >= 0]] = True
    for _, mapped in parts:
        mapped.will_need_people(ranges_of(mapped.segment.by_person, contacts.person.astype(np.int64)))
    rows = engine.presences_of(dated, contacts, least_seconds=least_seconds)
    if limits.layer is not None:
        rows = _of_layer(store, rows, limits.layer)
    for part, mapped in parts:
        span = part.first_start, part.latest_end
        mapped.will_need(ranges(part.segment, engine.extents(rows), least_seconds=least_seconds, span=span))
    rooms = [engine.Room(store.persons.n) for _ in range(THREADS)]
    free = rooms.copy()

    def sweep(share: Words) -> None:
        room = free.pop()
        engine.sweep(dated, share, room, left_out=left_out, least_seconds=least_seconds)
        free.append(room)

    store.threads.share(sweep, engine.shares(rows, SHARES))
    return _table(store, engine.summed(rooms), contacts)


def _first_ring(
    store: OpenStore, pairs: Sequence[Companions], cases: Ints, limits: Limits
) -> tuple[Ints, engine.Contacts]:
    """Give all companions of the cases that are no case, and as contacts those of them that count."""
    since, seconds = np.full(store.persons.n, NEVER, np.int64), np.zeros(store.persons.n, np.int64)
    for found in pairs:  # nobody stands twice in the answer of one case
        since[found.person] = np.minimum(since[found.person], found.first)
        seconds[found.person] += found.seconds
    seconds[cases] = 0
    everybody = np.flatnonzero(seconds)
    person = everybody
    if limits.closest is not None:
        person = np.sort(everybody[np.argsort(-seconds[everybody], kind="stable")][: limits.closest])
    until = np.full(store.persons.n, NEVER, np.int64)
    tokens, moments = list(limits.set_apart), np.array(list(limits.set_apart.values()), np.int64)
    numbers = _numbers(store, tokens)
    until[numbers[numbers >= 0]] = moments[numbers >= 0]
    return everybody, engine.Contacts(person.astype(np.uint32), since[person], until[person])


def _told(store: OpenStore, windows: Sequence[Window]) -> engine.Contacts:
    """Make contacts of windows, one a person that the store knows; a window without any time counts for nothing."""
    numbers = _numbers(store, [one.person for one in windows])
    pairs = zip(numbers.tolist(), windows, strict=True)
    rows = sorted(
        (number, one.start, min(one.end, NEVER)) for number, one in pairs if number >= 0 and one.start < one.end
    )
    person, since, until = np.array(rows, np.int64).reshape(-1, 3).T.copy()
    return engine.Contacts(person.astype(np.uint32), since, until)


def _of_layer(store: OpenStore, rows: Words, layer: Layer) -> Words:
    """Keep the presences of contacts at places of one layer."""
    places = np.unique(rows[:, engine.PLACE])
    layers = known_places(store.path).layers(store.place_tokens.take(pa.array(places)))
    here = places[np.array([one is layer for one in layers], np.bool_)]
    kept: Words = rows[np.isin(rows[:, engine.PLACE], here)]
    return kept


def _numbers(store: OpenStore, people: Sequence[Any]) -> Ints:
    return store.persons.find(pa.array(list(people), store.persons.known.type))


def _table(store: OpenStore, found: engine.Ring, contacts: engine.Contacts) -> pa.Table:
    tokens = store.person_tokens
    found = found.where(np.lexsort((found.first, -found.seconds)))
    exposed = contacts.since[np.searchsorted(contacts.person, found.contact)]
    return pa.table(
        {
            "person": taken(tokens, found.person),
            "minutes": found.seconds / 60,
            "meetings": found.meetings,
            "first": store.times(found.first),
            "last": store.times(found.last),
            "contact": taken(tokens, found.contact),
            "contact_exposed": store.times(exposed),
        }
    )
