"""
What a site worker saw of people, as a device sends it: taken once each, refused or held back each by itself.

Fever and symptoms that are reported at once become a signal in the same transaction, even of an entry that waits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from sizao.errors import SizaoError
from sizao.protocol.observation import COLDEST, HOTTEST, watching
from sizao.records import access, journal
from sizao.records.models import Account, IsolationSite, Observation, Outbreak, Person, Stay
from sizao.response import signals
from sizao.response.isolation.days.inside import orders_of, rooms_of, stays_in
from sizao.response.isolation.days.rounds import session_of
from sizao.terms import Mood, ObservationAnswer, ObservationOddity, Right, Seen, Session, SignalKind, Symptom

MOST_AT_ONCE = 500
LONGEST_KEY = 80
LONGEST_TEXT = 200
CLOCK_SLACK = timedelta(minutes=10)  # clocks of phones differ by seconds
CLOCK_WRONG = timedelta(hours=1)


class TooManyObservations(SizaoError):
    code = "observation.too_many"
    message = "{given} entries were sent at once. Send at most {most}; the device keeps the others."


class NoSuchTemperature(SizaoError):
    code = "observation.temperature"
    message = "{given} °C is no temperature of a person. Measure again and enter a figure from {lowest} to {highest}."


class NotInThisSite(SizaoError):
    code = "observation.not_in_this_site"
    message = (
        "{number} was not in a room of this site at {at:%Y-%m-%d %H:%M}. Load the list again, or correct the stay."
    )


class NothingSeen(SizaoError):
    code = "observation.nothing_seen"
    message = "Nothing is said of {number}: enter a temperature or symptoms, or that nobody answered."


class NothingWaits(SizaoError):
    code = "observation.nothing_waits"
    message = "This entry does not wait any more: {by} settled it."


class SettleReasonMissing(SizaoError):
    code = "observation.reason_missing"
    message = "Say in a few words why this entry is set aside; it stays on record."


@dataclass(frozen=True, slots=True)
class ObservationSent:
    """
    One look after one person, under a key of the device's own.

    `symptoms` None: not asked; empty: asked, and none. `session` None: by the hour of the look.
    """

    source_key: str
    person: str
    observed_at: datetime
    session: Session | None = None
    seen: Seen = Seen.SEEN
    temperature_c: float | None = None
    symptoms: tuple[Symptom, ...] | None = None
    medicines_taken: bool | None = None
    needs: str = ""
    mood: Mood | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ObservationTold:
    """What became of an entry; why it was refused; what of it was reported at once."""

    source_key: str
    answer: ObservationAnswer
    oddities: tuple[ObservationOddity, ...] = ()
    refusal: SizaoError | None = None
    reported: frozenset[Symptom] = frozenset()


@dataclass(frozen=True, slots=True)
class _Round:
    """What one device sent to one site, with who was in it."""

    site: IsolationSite
    outbreak: Outbreak
    by: Account
    now: datetime
    off: timedelta
    people: Mapping[str, Person]
    stays: Mapping[int, Sequence[Stay]]


@dataclass(slots=True)
class _Taken:
    row: Observation
    person: Person
    reported: frozenset[Symptom] = field(default_factory=frozenset)


@transaction.atomic
def record_observations(
    *,
    site: IsolationSite,
    outbreak: Outbreak,
    observations: Sequence[ObservationSent],
    by: Account,
    now: datetime,
    sent_at: datetime | None = None,
) -> list[ObservationTold]:
    """
    Record looks after people in a site, each once; say of each what became of it, in their order.

    `sent_at` is what the device's clock showed as it sent: moments are set right by the difference. One that is off by
    more than an hour, or whose look lies in the future, waits for a person and counts for nothing until then. An entry
    that cannot be taken is refused by itself, with the reason; the others are recorded. Raise TooManyObservations, or
    the door's refusal.
    """
    access.require(by, Right.SITE_WORK, area_code=site.area_code)
    if len(observations) > MOST_AT_ONCE:
        raise TooManyObservations(given=len(observations), most=MOST_AT_ONCE)
    # One sender after the other, so that an entry sent twice at once is still one.
    site = IsolationSite.objects.select_for_update(no_key=True).get(pk=site.pk)
    known = _known([_key(by, one) for one in observations])
    told: dict[int, ObservationTold] = {}
    taken: dict[int, _Taken] = {}
    gathered = _gathered(site, outbreak, observations, by=by, now=now, sent_at=sent_at)
    for place, one in enumerate(observations):
        key = _key(by, one)
        if key in known:
            told[place] = ObservationTold(one.source_key, ObservationAnswer.AGAIN)
            continue
        try:
            taken[place] = _taken(gathered, one, key)
        except SizaoError as refusal:
            told[place] = ObservationTold(one.source_key, ObservationAnswer.REFUSED, refusal=refusal)
            continue
        known.add(key)
    _write(list(taken.values()), site=site, by=by, now=now)
    told |= {place: _told(observations[place], one) for place, one in taken.items()}
    return [told[place] for place in range(len(observations))]


def waiting(site: IsolationSite) -> list[Observation]:
    """Give the entries of a site that wait for a person, the oldest first."""
    found = Observation.objects.filter(site=site, settled_at=None).exclude(oddity="")
    return list(found.select_related("person", "place").order_by("recorded_at", "pk"))


@transaction.atomic
def settle(*, observation: Observation, counts: bool, reason: str = "", by: Account, now: datetime) -> Observation:
    """
    Say of an entry that waited whether it counts, at the moment it bears; to set it aside takes a reason.

    Raise NothingWaits, SettleReasonMissing or the door's refusal.
    """
    row = Observation.objects.select_for_update().get(pk=observation.pk)
    access.require(by, Right.SITE_WORK, area_code=row.area_code)
    if not row.oddity or row.settled_at is not None:
        raise NothingWaits(by=row.settled_by or row.recorded_by)
    if not counts and not reason.strip():
        raise SettleReasonMissing
    row.counts, row.settled_at, row.settled_by, row.settle_reason = counts, now, by.username, reason.strip()[:200]
    row.save(update_fields=["counts", "settled_at", "settled_by", "settle_reason"])
    journal.write("observation.settled", row, by=by, at=now, counts=counts)
    return row


# --- Taking one --------------------------------------------------------------------------------


def _key(by: Account, one: ObservationSent) -> str:
    return f"observed:{by.username[:35]}:{one.source_key[:LONGEST_KEY]}"


def _known(keys: Sequence[str]) -> set[str]:
    return set(Observation.objects.filter(source_key__in=keys).values_list("source_key", flat=True))


def _gathered(
    site: IsolationSite,
    outbreak: Outbreak,
    observations: Sequence[ObservationSent],
    *,
    by: Account,
    now: datetime,
    sent_at: datetime | None,
) -> _Round:
    people = {one.number: one for one in Person.objects.filter(number__in={one.person for one in observations})}
    stays: dict[int, list[Stay]] = {}
    found = stays_in(rooms_of(site)).filter(person__in=[one.pk for one in people.values()])
    for stay in found.order_by("period"):
        stays.setdefault(stay.person_id, []).append(stay)
    return _Round(site, outbreak, by, now, sent_at - now if sent_at else timedelta(), people, stays)


def _taken(found: _Round, one: ObservationSent, key: str) -> _Taken:
    """Read one entry. Raise NotInThisSite, NoSuchTemperature or NothingSeen."""
    moment = min(one.observed_at - found.off, found.now)
    person = found.people.get(one.person)
    oddity = _oddity(found, one)
    stay = _stay(found, person, found.now if oddity else moment)
    if person is None or stay is None:
        raise NotInThisSite(number=one.person[:40], at=moment)
    if one.temperature_c is not None and not COLDEST <= one.temperature_c <= HOTTEST:
        raise NoSuchTemperature(given=f"{one.temperature_c:g}", lowest=f"{COLDEST:g}", highest=f"{HOTTEST:g}")
    if one.seen == Seen.SEEN and one.temperature_c is None and one.symptoms is None and not _says_more(one):
        raise NothingSeen(number=person.number)
    reported = watching().alarms(one.temperature_c, one.symptoms)
    row = Observation(
        outbreak=found.outbreak,
        person=person,
        site=found.site,
        place_id=stay.place_id,
        area_code=found.site.area_code,
        session=one.session or session_of(moment),
        seen=one.seen,
        observed_at=moment,
        recorded_at=found.now,
        recorded_by=found.by.username,
        temperature_c=one.temperature_c,
        symptoms=None if one.symptoms is None else sorted({str(symptom) for symptom in one.symptoms}),
        medicines_taken=one.medicines_taken,
        needs=one.needs[:LONGEST_TEXT],
        mood=one.mood or "",
        note=one.note[:LONGEST_TEXT] or None,
        is_alarming=bool(reported),
        oddity=oddity or "",
        clock_off_seconds=round(found.off.total_seconds()) if abs(found.off) > CLOCK_SLACK else None,
        counts=oddity is None,
        source_key=key,
    )
    return _Taken(row, person, reported)


def _says_more(one: ObservationSent) -> bool:
    return one.medicines_taken is not None or bool(one.needs or one.mood or one.note)


def _oddity(found: _Round, one: ObservationSent) -> ObservationOddity | None:
    if not found.outbreak.acts_on_people:
        return None  # the clock of a rehearsal jumps; those of devices do not
    ahead = one.observed_at - found.off > found.now + CLOCK_SLACK
    return ObservationOddity.CLOCK if ahead or abs(found.off) > CLOCK_WRONG else None


def _stay(found: _Round, person: Person | None, moment: datetime) -> Stay | None:
    """Find the room in which somebody was at a moment; who moves in a round may be seen minutes before the ledger."""
    if person is None:
        return None
    for stay in found.stays.get(person.pk, ()):
        if stay.period.lower - CLOCK_SLACK <= moment and (stay.period.upper is None or moment <= stay.period.upper):
            return stay
    return None


# --- Writing -----------------------------------------------------------------------------------


def _write(taken: Sequence[_Taken], *, site: IsolationSite, by: Account, now: datetime) -> None:
    orders = orders_of([one.person.pk for one in taken], as_of=now)
    for one in taken:
        order = orders.get(one.person.pk)
        if order is not None:
            one.row.order, one.row.outbreak_id = order, order.outbreak_id
    Observation.objects.bulk_create([one.row for one in taken])
    journal.write_many([journal.line("observation.recorded", one.row, by=by, at=now) for one in taken])
    _signal([one for one in taken if one.reported], site=site, by=by, now=now)


def _signal(taken: Sequence[_Taken], *, site: IsolationSite, by: Account, now: datetime) -> None:
    """Report fever and symptoms at once: one hint a person, day and set of symptoms, whoever saw them."""
    rules = watching()
    by_outbreak: dict[int, tuple[Outbreak, list[signals.Hint]]] = {}
    for one in taken:
        outbreak, hints = by_outbreak.setdefault(one.row.outbreak_id, (one.row.outbreak, []))
        told = "+".join(sorted(str(symptom) for symptom in one.reported))
        hints.append(
            signals.Hint(
                kind=SignalKind.OBSERVATION,
                area_code=site.area_code,
                occurred_at=one.row.observed_at,
                source=site.place.name,
                source_key=f"observation:{one.person.pk}:{outbreak.day_of(one.row.observed_at)}:{told}",
                person=one.person,
                facts={
                    "clinical.any_symptom": True,
                    "symptoms": sorted(str(symptom) for symptom in one.reported),
                    "temperature_c": one.row.temperature_c,
                    "fever_from_celsius": rules.fever_from,
                    "urgent": bool(one.reported & rules.urgent),
                    "unverified": rules.unverified,
                    "site": site.pk,
                },
            )
        )
    for outbreak, hints in by_outbreak.values():
        signals.receive_many(outbreak=outbreak, hints=hints, by=by, now=now)


def _told(sent: ObservationSent, one: _Taken) -> ObservationTold:
    oddities = (ObservationOddity(one.row.oddity),) if one.row.oddity else ()
    answer = ObservationAnswer.QUEUED if oddities else ObservationAnswer.KEPT
    return ObservationTold(sent.source_key, answer, oddities, reported=one.reported)
