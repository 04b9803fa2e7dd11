"""
Contacts of contacts in the presences: who met a contact of the case after that contact was first exposed.

Cells of the network count in neither ring: a cell says nothing of who met whom. The store is asked once for the places
of each layer, and is told the contacts: they are the companions of the trace, by stretches, and not by pairs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from sizao.adapters.visits import Limits, VisitStore, Window
from sizao.adapters.visits.second_ring import NEVER
from sizao.errors import SizaoError
from sizao.protocol import Rules
from sizao.records.models import Account, Contact, Trace, TraceAnswer
from sizao.response.tracing import answers, bearers
from sizao.response.tracing.companions import Found, Key, companions, least_seconds, windows
from sizao.response.tracing.known import set_apart
from sizao.terms import ContactKind, ContactState, Layer, Tier, TraceCause

SECONDARY = "contacts.secondary.enabled"
ONLY_HIGH_RISK = "contacts.secondary.only_of_high_risk_contacts"


class NoSecondRing(SizaoError):
    code = "trace.no_second_ring"
    message = (
        "{edition} looks for no contacts of contacts, so that presences may not be asked for them. Ask for companions "
        "of the case."
    )


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

    One row of each person in each layer. The case and all of its companions are left out, under each of their tokens.
    `minutes` are those during which any contact was there, and the score is the same number: nothing is known of the
    crowd. Who stands under several tokens has the minutes of the longest: what the others tell may be the same hours.
    """
    first = companions(trace, store, now)
    counting = _exposed(trace, first, now)
    if not counting:
        return {}
    asked = windows(trace)
    met = {token for token, _, _ in first}
    people = bearers.bearers(trace.outbreak, met, now=now).values()
    known = {*met, *bearers.tokens_of_people(trace.outbreak, people)}
    rings = [Limits(contacts=counting, known=sorted(known), layer=layer) for layer in (Layer.VENUE, Layer.VEHICLE)]
    rows = [row for limits_ in rings for row in _rows(trace, store, asked, limits_)]
    standing = set(trace.matches.filter(gone_at=None).values_list("token", flat=True))
    stands_for = bearers.alike(trace.outbreak, {row.token for row in rows}, known_as=standing, now=now)
    longest: dict[Key, Found] = {}
    for row in rows:
        one = replace(row, token=stands_for.get(row.token, row.token))
        if one.key not in longest or longest[one.key].minutes < one.minutes:
            longest[one.key] = one
    return longest


def exposed(trace: Trace, store: VisitStore, now: datetime) -> list[Window]:
    """Give the time in which each contact of the case that counts may have passed it on, under each of its tokens."""
    return _exposed(trace, companions(trace, store, now), now)


def _exposed(trace: Trace, first: Mapping[Key, Found], now: datetime) -> list[Window]:
    since: dict[str, int] = {}
    for (token, _, tier), row in first.items():
        if tier == Tier.SAME:
            since[token] = min(since.get(token, NEVER), int(row.first_at.timestamp()))
    since = _under_each_token(trace, since, now)
    if trace.settings["only_high_risk"]:
        wanted = set(bearers.tokens_of_people(trace.outbreak, _in_register(trace, now)))
        since = {token: moment for token, moment in since.items() if token in wanted}
    apart = set_apart(trace.outbreak, now)
    borne = bearers.tokens_of_people(trace.outbreak, apart)
    until = {token: int(apart[person].timestamp()) for token, person in borne.items()}
    told = (Window(token, moment, until.get(token, NEVER)) for token, moment in sorted(since.items()))
    return [one for one in told if one.start < one.end]


def _under_each_token(trace: Trace, since: Mapping[str, int], now: datetime) -> dict[str, int]:
    """Say since when contacts count under all tokens that they may bear: whom a phone met, an id card may meet next."""
    found = dict(since)
    people: dict[int, int] = {}
    for token, person in bearers.bearers(trace.outbreak, since, now=now).items():
        people[person] = min(people.get(person, NEVER), since[token])
    for token, person in bearers.tokens_of_people(trace.outbreak, people).items():
        found[token] = people[person]
    return found


def _in_register(trace: Trace, now: datetime) -> list[int]:
    """Give the people whom the register has as close contacts of the case; excluded ones are none."""
    close = Contact.objects.filter(outbreak=trace.outbreak, index_case=trace.case, kind=ContactKind.CLOSE)
    return list(close.filter(found_at__lte=now).exclude(state=ContactState.EXCLUDED).values_list("person", flat=True))


def _rows(trace: Trace, store: VisitStore, asked: Sequence[Window], limits: Limits) -> Iterator[Found]:
    found = store.second_ring(asked, least_seconds=least_seconds(trace), limits=limits)
    for row in found.to_pylist():
        first_at, last_at = datetime.fromtimestamp(row["first"], UTC), datetime.fromtimestamp(row["last"], UTC)
        days = (trace.outbreak.day_of(last_at) - trace.outbreak.day_of(first_at)).days + 1
        yield Found(
            row["person"], str(limits.layer), str(Tier.SECOND_RING), round(row["minutes"], 3), row["meetings"],
            min(days, row["meetings"]), round(row["minutes"], 6), first_at, last_at,
        )  # fmt: skip
