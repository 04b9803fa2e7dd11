"""
What was done at a door or by telephone, as a phone tells it, late or twice or in any order.

Each act is kept as it came. What became of a visit follows from all of its acts: worse before done, done before the
latest of the rest; so the order in which they arrive does not matter.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from sizao.errors import SizaoError
from sizao.protocol.home_care import shipped_home_rules
from sizao.protocol.observation import COLDEST, HOTTEST, watching
from sizao.records import access, journal
from sizao.records.access import NotYours
from sizao.records.models import Account, DoorAct, HomeVisit, Observation, Outbreak, Signal
from sizao.response import signals
from sizao.terms import DoorAnswer, Right, Seen, Session, SignalKind, Symptom, VisitKind, VisitOutcome

LONGEST_KEY = 80  # the account's name comes before it
CLOCK_SLACK = timedelta(minutes=10)  # clocks of phones differ by seconds; more is told
LONGEST_AGO = timedelta(days=7)  # nothing older is believed of a phone
FINAL = (VisitOutcome.WORSE, VisitOutcome.DONE, VisitOutcome.REFUSED)
SOURCE = "home"


class NotThisMoment(SizaoError):
    code = "home.act.moment.unreadable"
    message = (
        "This was done at {at:%Y-%m-%d %H:%M} by the phone's clock, to come or more than 7 days ago. "
        "Set the clock and enter it again, or tell your coordinator."
    )


class TemperatureImpossible(SizaoError):
    code = "home.act.temperature.unreadable"
    message = "{given} °C is no temperature of a living person. Measure again and enter it once more."


@dataclass(frozen=True, slots=True)
class DoorSent:
    """One thing done, under a key of the phone's own: for which visit, when, and what became of it."""

    source_key: str
    visit: int
    happened_at: datetime
    outcome: VisitOutcome
    temperature_c: float | None = None
    symptoms: tuple[Symptom, ...] | None = None  # None: not asked
    note: str = ""


@dataclass(frozen=True, slots=True)
class DoorTold:
    """What became of one thing sent: taken, known already, or refused and why."""

    source_key: str
    answer: DoorAnswer
    why: SizaoError | None = None


@transaction.atomic
def record(
    *, outbreak: Outbreak, acts: Sequence[DoorSent], by: Account, now: datetime, sent_at: datetime | None = None
) -> list[DoorTold]:
    """
    Take in what was done at doors, each thing once; one that is refused keeps none of the others back.

    Whoever is worse, or feverish, is a signal in this very transaction. `sent_at` is what the phone's clock showed when
    it sent; moments are put right by it. Raise the door's refusal.
    """
    access.require(by, Right.HOME_CARE)
    rows = HomeVisit.objects.select_for_update(of=["self"]).filter(
        pk__in=[one.visit for one in acts], outbreak=outbreak, area_code__startswith=by.area_code
    )
    visits = {one.pk: one for one in rows.select_related("person", "order").order_by("pk")}
    # Read only now that the visits are held, so that what another request has just written is seen.
    keys = {one.source_key: f"{by.username[:35]}:{one.source_key[:LONGEST_KEY]}" for one in acts}
    known = set(DoorAct.objects.filter(source_key__in=keys.values()).values_list("source_key", flat=True))
    off = sent_at - now if sent_at else timedelta()
    fresh: list[DoorAct] = []
    told = []
    for one in acts:
        key = keys[one.source_key]
        if key in known:
            told.append(DoorTold(one.source_key, DoorAnswer.KNOWN))
            continue
        try:
            fresh.append(_act(one, key, visits, off, by=by, now=now))
        except SizaoError as refusal:
            told.append(DoorTold(one.source_key, DoorAnswer.REFUSED, refusal))
            continue
        known.add(key)
        told.append(DoorTold(one.source_key, DoorAnswer.TAKEN))
    _keep(outbreak, fresh, visits, by=by, now=now)
    return told


def _act(
    one: DoorSent, key: str, visits: Mapping[int, HomeVisit], off: timedelta, *, by: Account, now: datetime
) -> DoorAct:
    """Read one act. Raise NotYours, NotThisMoment or TemperatureImpossible."""
    if one.visit not in visits:
        raise NotYours(what="visit", area=by.area_code)
    happened_at = one.happened_at - off
    if not now - LONGEST_AGO <= happened_at <= now + CLOCK_SLACK:
        raise NotThisMoment(at=timezone.localtime(one.happened_at))
    if one.temperature_c is not None and not COLDEST <= one.temperature_c <= HOTTEST:
        raise TemperatureImpossible(given=one.temperature_c)
    symptoms = _symptoms(one)
    outcome = one.outcome
    if outcome == VisitOutcome.DONE and symptoms:
        outcome = VisitOutcome.WORSE
    advice = shipped_home_rules().advice(symptoms or ())
    return DoorAct(
        visit=visits[one.visit],
        outcome=outcome,
        happened_at=min(happened_at, now),
        recorded_at=now,
        recorded_by=by.username,
        clock_off_seconds=round(off.total_seconds()) if abs(off) > CLOCK_SLACK else None,
        temperature_c=one.temperature_c,
        symptoms=None if symptoms is None else [str(symptom) for symptom in symptoms],
        wants_transfer=outcome == VisitOutcome.WORSE and advice is not None and advice.transfer,
        note=one.note.strip() or None,
        source_key=key,
    )


def _symptoms(one: DoorSent) -> tuple[Symptom, ...] | None:
    feverish = one.temperature_c is not None and one.temperature_c >= watching().fever_from
    if not feverish or Symptom.FEVER in (one.symptoms or ()):
        return one.symptoms
    return (Symptom.FEVER, *(one.symptoms or ()))


def _keep(
    outbreak: Outbreak, fresh: list[DoorAct], visits: Mapping[int, HomeVisit], *, by: Account, now: datetime
) -> None:
    if not fresh:
        return
    _signal(outbreak, [one for one in fresh if one.outcome == VisitOutcome.WORSE], by=by, now=now)
    DoorAct.objects.bulk_create(fresh)
    touched = {one.visit_id for one in fresh}
    all_acts: dict[int, list[DoorAct]] = defaultdict(list)
    for act in DoorAct.objects.filter(visit__in=touched):
        all_acts[act.visit_id].append(act)
    for pk in touched:
        decides = deciding(all_acts[pk])
        visit = visits[pk]
        visit.done_at, visit.outcome, visit.done_by = decides.happened_at, decides.outcome, decides.recorded_by
        visit.recorded_at = decides.recorded_at
    HomeVisit.objects.bulk_update(
        [visits[pk] for pk in sorted(touched)], ["done_at", "recorded_at", "done_by", "outcome"], batch_size=500
    )
    _observe(outbreak, fresh)
    journal.write_many(
        [
            journal.line("visit.done", one.visit, by=by, at=now, kind=one.visit.kind, outcome=str(one.outcome))
            for one in fresh
        ]
    )


def deciding(acts: Iterable[DoorAct]) -> DoorAct:
    """Give the act that says what became of a visit: worse before done before refused, else the latest."""
    ordered = sorted(acts, key=lambda one: (one.happened_at, one.source_key))
    final = [next((one for one in ordered if one.outcome == outcome), None) for outcome in FINAL]
    return next((one for one in final if one is not None), ordered[-1])


def _signal(outbreak: Outbreak, worse: list[DoorAct], *, by: Account, now: datetime) -> None:
    if not worse:
        return
    hints = [
        signals.Hint(
            kind=SignalKind.OBSERVATION,
            area_code=one.visit.area_code,
            occurred_at=one.happened_at,
            source=SOURCE,
            source_key=f"door:{one.source_key}",
            person=one.visit.person,
            facts={"symptoms": one.symptoms or [], "temperature_c": one.temperature_c, "at": SOURCE},
        )
        for one in worse
    ]
    received: list[Signal] = signals.receive_many(outbreak=outbreak, hints=hints, by=by, now=now)
    for act, signal in zip(worse, received, strict=True):
        act.signal = signal


# A call or a visit is a look after somebody; bringing goods is not, unless somebody was asked how they are.
_LOOKS = (VisitKind.CALL, VisitKind.VISIT)
_SEEN = {
    VisitOutcome.DONE: Seen.SEEN,
    VisitOutcome.WORSE: Seen.SEEN,
    VisitOutcome.REFUSED: Seen.REFUSED,
    VisitOutcome.NOBODY: Seen.NO_ANSWER,
    VisitOutcome.LEFT: Seen.NO_ANSWER,
}


def _observe(outbreak: Outbreak, fresh: Iterable[DoorAct]) -> None:
    looks = [
        one for one in fresh if one.visit.kind in _LOOKS or one.temperature_c is not None or one.symptoms is not None
    ]
    Observation.objects.bulk_create(
        [
            Observation(
                outbreak=outbreak,
                person_id=one.visit.person_id,
                order_id=one.visit.order_id,
                area_code=one.visit.area_code,
                session=Session.MORNING
                if timezone.localtime(one.happened_at).time() < watching().over_at[Session.MORNING]
                else Session.AFTERNOON,
                seen=_SEEN[VisitOutcome(one.outcome)],
                observed_at=one.happened_at,
                recorded_at=one.recorded_at,
                recorded_by=one.recorded_by,
                temperature_c=one.temperature_c,
                symptoms=one.symptoms,
                source_key=f"door:{one.source_key}",
            )
            for one in looks
        ]
    )
