"""
Contacts of contacts in the presences: who met a contact of the case after that contact was first exposed.

Cells of the network count in neither ring: a cell says nothing of who met whom. `VisitStore.second_ring` knows no
layers, so that its engine is asked here, once for the places of each layer.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import numpy as np
import pyarrow as pa

from sizao.adapters.visits import VisitStore, Window
from sizao.adapters.visits.meetings import people
from sizao.adapters.visits.places import known_places
from sizao.engines.presences import second_ring as engine
from sizao.engines.presences.companions import Ints
from sizao.errors import SizaoError
from sizao.protocol import Rules
from sizao.records.models import Account, Contact, Person, Trace, TraceAnswer
from sizao.response.tracing import answers, tokens
from sizao.response.tracing.answers import Found, Key
from sizao.response.tracing.known import set_apart
from sizao.terms import ContactKind, ContactState, Layer, Tier, TraceCause

SECONDARY = "contacts.secondary.enabled"
ONLY_HIGH_RISK = "contacts.secondary.only_of_high_risk_contacts"
NEVER = 2**32 - 1  # seconds; later than any presence


class NoSecondRing(SizaoError):
    code = "trace.no_second_ring"
    message = (
        "{edition} looks for no contacts of contacts, so that presences may not be asked for them. Ask for companions "
        "of the case."
    )


@dataclass(frozen=True, slots=True)
class Exposed:
    """From when to when (seconds, half-open) a contact, by token, may have passed it on."""

    token: str
    since: int
    until: int


def limits(rules: Rules) -> dict[str, bool]:
    """
    Say how far the rules let a second ring go, as the settings of a trace keep it.

    Raise NoSecondRing, or that a value is not confirmed.
    """
    require(rules)
    only = rules.value(ONLY_HIGH_RISK).value is True and rules.need(ONLY_HIGH_RISK).flag
    return {"only_high_risk": bool(only)}


def require(rules: Rules) -> None:
    """Refuse a second ring under rules that look for none. Raise NoSecondRing."""
    if not rules.need(SECONDARY).flag:
        raise NoSecondRing(edition=rules.edition)


def answer(trace: Trace, store: VisitStore, *, cause: TraceCause, by: Account | None, now: datetime) -> TraceAnswer:
    """Ask the presences for the second ring and write down what they answer now; the caller holds the trace."""
    trace.settings = trace.settings | {"limits": print_of(trace, now)}
    trace.save(update_fields=["settings"])
    return answers.answer(trace, store, cause=cause, by=by, now=now, found=ring(trace, store, now))


def again(trace: Trace, store: VisitStore, now: datetime) -> bool:
    """
    Ask again where presences arrived or a contact was found or set apart; tell whether anything is different.

    What arrived may concern a contact and not the case, so that every arrival is looked at.
    """
    arrived, limited = int(trace.seen or -1) != store.mark, print_of(trace, now)
    if not arrived and limited == trace.settings.get("limits"):
        return False
    found = ring(trace, store, now)
    trace.settings = trace.settings | {"limits": limited}
    trace.seen = str(store.mark)
    trace.save(update_fields=["settings", "seen"])
    if not answers.differs(trace, found, now):
        return False
    cause = TraceCause.PRESENCES if arrived else TraceCause.CONTACTS
    answers.answer(trace, store, cause=cause, by=None, now=now, found=found)
    return True


def print_of(trace: Trace, now: datetime) -> str:
    """Sum up what limits the ring: who was set apart and when, and whom the register has as contacts of the case."""
    apart = sorted(set_apart(trace.outbreak, now).items())
    return sha256(repr((apart, sorted(_in_register(trace, now)))).encode()).hexdigest()[:16]


def ring(trace: Trace, store: VisitStore, now: datetime) -> dict[Key, Found]:
    """
    Find who met a contact of the case for long enough after its first exposure and before it was set apart.

    One row for each layer. The case and all of its companions are left out. `minutes` are those during which any
    contact was there, and the score is the same number: nothing is known of the crowd.
    """
    first = answers.companions(trace, store, now)
    counting = _exposed(trace, first, now)
    numbers = _numbers(store, (one.token for one in counting))
    if not len(numbers):
        return {}
    contacts = engine.Contacts(
        numbers.astype(np.uint32),
        np.array([one.since for one in counting], np.int64),
        np.array([one.until for one in counting], np.int64),
    )
    left_out = np.zeros(store.persons.n, np.bool_)
    own = [one.person for one in answers.windows(trace)]
    everybody = _numbers(store, {*own, *(token for token, _, _ in first)})
    left_out[everybody[everybody >= 0]] = True
    rows = (row for layer, some in _by_layer(store, contacts, left_out, answers.least_seconds(trace))
            for row in _rows(trace, store, layer, some))  # fmt: skip
    return {row.key: row for row in rows}


def exposed(trace: Trace, store: VisitStore, now: datetime) -> list[Window]:
    """Give the time in which each contact of the case that counts may have passed it on."""
    counting = _exposed(trace, answers.companions(trace, store, now), now)
    return [Window(one.token, one.since, one.until) for one in counting if one.since < one.until]


def _exposed(trace: Trace, first: Mapping[Key, Found], now: datetime) -> list[Exposed]:
    since: dict[str, int] = {}
    for (token, _, tier), row in first.items():
        if tier == Tier.SAME:
            since[token] = min(since.get(token, NEVER), int(row.first_at.timestamp()))
    if trace.settings["only_high_risk"]:
        wanted = set(_tokens(trace, _in_register(trace, now)))
        since = {token: moment for token, moment in since.items() if token in wanted}
    apart = set_apart(trace.outbreak, now)
    until = {token: int(apart[pk].timestamp()) for token, pk in _tokens(trace, apart).items()}
    return [Exposed(token, moment, until.get(token, NEVER)) for token, moment in sorted(since.items())]


def _in_register(trace: Trace, now: datetime) -> list[int]:
    """Give the people whom the register has as close contacts of the case; excluded ones are none."""
    close = Contact.objects.filter(outbreak=trace.outbreak, index_case=trace.case, kind=ContactKind.CLOSE)
    return list(close.filter(found_at__lte=now).exclude(state=ContactState.EXCLUDED).values_list("person", flat=True))


def _tokens(trace: Trace, wanted: Iterable[int]) -> dict[str, int]:
    key = tokens.standing_key(trace.outbreak)
    rows = Person.objects.filter(pk__in=list(wanted)).order_by("pk")
    if key is None:
        return {}
    return dict(tokens.people_by_token(key, rows.values_list("pk", "number", "id_number_index", "phone_index")))


def _numbers(store: VisitStore, wanted: Iterable[str]) -> Ints:
    return store.persons.find(pa.array(list(wanted), store.persons.known.type))


def _by_layer(
    store: VisitStore, contacts: engine.Contacts, left_out: np.ndarray, least: int
) -> Iterator[tuple[Layer, engine.Ring]]:
    dated = [part for part, _ in store.during(int(contacts.since.min()), int(contacts.until.max()))]
    rows = engine.presences_of(dated, contacts, least_seconds=least)
    places = np.unique(rows[:, engine.PLACE])
    layers = known_places(store.path).layers(store.place_tokens.take(pa.array(places)))
    for layer in (Layer.VENUE, Layer.VEHICLE):
        here = places[np.array([one == layer for one in layers], np.bool_)]
        some = rows[np.isin(rows[:, engine.PLACE], here)]
        if len(some):
            yield layer, engine.second_ring(dated, some, left_out=left_out, least_seconds=least)


def _rows(trace: Trace, store: VisitStore, layer: Layer, found: engine.Ring) -> Iterator[Found]:
    columns = (found.seconds / 60, found.meetings, found.first, found.last)
    names = people(store, found.person).to_pylist()
    for token, minutes, meetings, first, last in zip(names, *(one.tolist() for one in columns), strict=True):
        first_at, last_at = datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC)
        days = (trace.outbreak.day_of(last_at) - trace.outbreak.day_of(first_at)).days + 1
        yield Found(
            token, str(layer), str(Tier.SECOND_RING), round(minutes, 3), meetings, min(days, meetings),
            round(minutes, 6), first_at, last_at,
        )  # fmt: skip
