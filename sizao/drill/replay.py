"""
Carry a past outbreak through the response, day by day.

Each day is one transaction that ends with a line in the journal, so a replay that was killed goes on
after the last whole day. What is fed on which day is told in `drill.feed`; what commands did is played
by `drill.commanding`. Nobody issues an order to a person or approves a zone in a replay: proposals wait
beside what was officially decided.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from sizao.drill.commanding import Commanding
from sizao.drill.feed import Day, Fact, Feed, by_report, days_between, feed
from sizao.drill.places import Placed, placements
from sizao.drill.scenario import Scenario
from sizao.drill.tracing_presences import TracingPresences
from sizao.drill.watching import Watching
from sizao.errors import SizaoError
from sizao.records import journal
from sizao.records.models import Area, Case, Event, OfficialArea, Outbreak, Person, Place
from sizao.response import cases, flow, outbreaks, register, signals, tracing
from sizao.terms import (
    CASE_MOVES,
    CaseStatus,
    ContactKind,
    OutbreakKind,
    PlaceKind,
    SignalKind,
    StayKind,
    TestResult,
)

SOURCE = "公开通报"
DAY_DONE = "replay.day_done"
# A day's facts are heard, and the loop runs, when the day is over.
END_OF_DAY = time(23, 59)


class AreasMissing(SizaoError):
    code = "replay.areas_missing"
    message = "The areas of {area_code} are not in the database. Load them first with `sizao load`."


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a run did: days carried through now, and facts left out by reason."""

    outbreak: Outbreak
    days: int
    left_out: dict[str, int]


def replay(scenario: Scenario, *, until: date | None = None, tell: Callable[[date], None] | None = None) -> Replayed:
    """
    Carry a scenario through the response to a day, or to its end; days that are done are passed over.

    `tell` is called after each day. Raise AreasMissing when the areas are not loaded.
    """
    if not Area.objects.filter(code=scenario.area_code).exists():
        raise AreasMissing(area_code=scenario.area_code)
    ahead = days_ahead(scenario, until)
    outbreak = opened(scenario)
    if not ahead:
        return Replayed(outbreak, 0, {})
    facts = feed(scenario)
    runner = _Runner(scenario, outbreak, facts)
    for day in ahead:
        runner.carry(day)
        if tell:
            tell(day)
    return Replayed(outbreak, len(ahead), dict(facts.left_out) | runner.left_out)


def days_ahead(scenario: Scenario, until: date | None = None) -> list[date]:
    """List the days of a scenario that are not carried through yet, up to a day or to its end."""
    outbreak = Outbreak.objects.filter(slug=scenario.slug).first()
    done = days_done(outbreak) if outbreak else set()
    last = min(until or scenario.last_date, scenario.last_date)
    return [day for day in days_between(scenario.first_date, last) if day not in done]


@transaction.atomic
def opened(scenario: Scenario) -> Outbreak:
    """Open the outbreak of a scenario with its official lists, or find it open."""
    found = Outbreak.objects.filter(slug=scenario.slug).first()
    if found is None:
        found = outbreaks.open(
            slug=scenario.slug,
            name=scenario.name,
            name_en=scenario.name_en,
            disease=scenario.disease,
            kind=OutbreakKind.REPLAY,
            area_code=scenario.area_code,
            first_date=scenario.first_date,
            last_date=scenario.last_date,
            by=None,
            now=moment(scenario.first_date, "08:00"),
        )
    _enter_official_areas(found, scenario)
    # Here, not on the first day: were that day undone, its presences would lie under a key that nobody has.
    tracing.make_key(outbreak=found, by=None, now=moment(scenario.first_date, "08:00"))
    return found


def _enter_official_areas(outbreak: Outbreak, scenario: Scenario) -> None:
    known = set(OfficialArea.objects.filter(outbreak=outbreak).values_list("source_key", flat=True))
    rows = {
        f"official:{outbreak.slug}:{one.area_code}:{one.name}:{one.level}:{one.first_date}": one
        for one in scenario.official_areas()
    }
    OfficialArea.objects.bulk_create(
        OfficialArea(
            outbreak=outbreak,
            name=one.name,
            area_code=one.area_code,
            unit=one.unit,
            level=one.level,
            first_date=one.first_date,
            last_date=one.last_date,
            source=scenario.sources[1],
            source_key=key,
        )
        for key, one in rows.items()
        if key not in known
    )


def days_done(outbreak: Outbreak) -> set[date]:
    """Say which days of a replay are carried through."""
    lines = Event.objects.filter(outbreak_id=outbreak.pk, verb=DAY_DONE)
    return {outbreak.day_of(at) for at in lines.values_list("at", flat=True)}


def moment(day: date, clock: str | None = None) -> datetime:
    """Say the instant of a clock time on a civil day; the end of the day when no time is given."""
    at = time.fromisoformat(clock) if clock else END_OF_DAY
    return datetime.combine(day, at, tzinfo=timezone.get_default_timezone())


class _Runner:
    """Feeds the days of one scenario to one outbreak."""

    def __init__(self, scenario: Scenario, outbreak: Outbreak, facts: Feed) -> None:
        self.scenario, self.outbreak, self.feed = scenario, outbreak, facts
        self.placed = placements(scenario.slug, facts.placed(), facts.homes, scenario.area_names())
        self.watching = Watching(scenario, outbreak, facts, SOURCE)
        self.presences = TracingPresences(scenario, outbreak, facts, self.placed)
        self.commanding = Commanding(scenario, outbreak)
        self.left_out: dict[str, int] = {}

    def carry(self, day: date) -> None:
        """Feed one day and let the loop run, all or nothing."""
        now = moment(day)
        with transaction.atomic():
            self.commanding.report(day)
            self.commanding.act(day)
            known = self.feed.days[day]
            people = self._people(known, now)
            self._tests(known, people, now)
            self.watching.speak(day, now)
            self._isolated(known, people, now)
            self._found(known, people, now)
            self._hospital(known, people, now)
            self._diagnosed(known, now)
            self._investigated(known, now)
            self.presences.arrive(day, now)
            self.presences.ask(day, now)
            flow.advance(outbreak=self.outbreak, now=now)
            if day == self.scenario.last_date:
                self.commanding.report(day + timedelta(days=1))  # the last day is reported, too
            journal.write(DAY_DONE, self.outbreak, by=None, at=now, day=day.isoformat())

    def _people(self, known: Day, now: datetime) -> dict[str, Person]:
        entries = [register.PersonEntry(number, self.feed.homes[number]) for number in known.report_ids()]
        return register.register_people(entries, by=None, now=now)

    def _tests(self, known: Day, people: dict[str, Person], now: datetime) -> None:
        results = [
            signals.Result(
                person=people[fact.report_id],
                taken_date=fact.day,
                taken_at=_clock(fact),
                result=TestResult(fact.told.result) if fact.told.result else None,
                resulted_date=fact.day if fact.told.result else None,
                source_key=f"test:{fact.key}",
            )
            for fact in known.tests
        ]
        signals.record_tests(outbreak=self.outbreak, results=results, by=None, now=now)

    def _found(self, known: Day, people: dict[str, Person], now: datetime) -> None:
        hints = [
            signals.Hint(
                kind=SignalKind.POSITIVE_TEST,
                area_code=people[fact.report_id].area_code,
                occurred_at=_clock(fact) or moment(fact.day, "12:00"),
                source=SOURCE,
                source_key=f"signal:{self.scenario.slug}:{fact.report_id}",
                person=people[fact.report_id],
                facts={"told_by": str(fact.told.kind)},
            )
            for fact in known.found
        ]
        received = signals.receive_many(outbreak=self.outbreak, hints=hints, by=None, now=now)
        self.watching.decide(received, now)
        signals.verify_many(signals=received, by=None, now=now, reason=SOURCE)
        cases.advance(outbreak=self.outbreak, now=now)

    def _isolated(self, known: Day, people: dict[str, Person], now: datetime) -> None:
        before = [fact for fact in known.isolated if fact.day < self.feed.found_dates[fact.report_id]]
        entries = [
            tracing.ContactEntry(people[fact.report_id], ContactKind.CLOSE, SOURCE, is_placed=True) for fact in before
        ]
        tracing.add_contacts(outbreak=self.outbreak, entries=entries, by=None, now=now)
        self._move(known.isolated, StayKind.ROOM, people, now)

    def _hospital(self, known: Day, people: dict[str, Person], now: datetime) -> None:
        self._move(known.hospital, StayKind.BED, people, now)

    def _move(self, facts: Sequence[Fact], kind: StayKind, people: dict[str, Person], now: datetime) -> None:
        places = self._places(facts, now)
        moves = [
            register.Move(
                person=people[fact.report_id],
                kind=StayKind.HOME if fact.told.place_kind == PlaceKind.HOME else kind,
                started_at=_clock(fact) or moment(fact.day, "18:00" if kind == StayKind.BED else "12:00"),
                area_code=where.area_code,
                place=places[where.entry.source_key] if where.entry else None,
                source_key=f"stay:{fact.key}",
            )
            for fact in facts
            for where in (self.placed[fact.key],)
        ]
        register.move(moves, by=None, now=now)

    def _diagnosed(self, known: Day, now: datetime) -> None:
        found = self._cases({fact.report_id for fact in known.diagnosed})
        statuses = {number: CaseStatus(case.status) for number, case in found.items()}
        diagnoses = []
        for fact in known.diagnosed:
            status = CaseStatus(fact.told.result) if fact.told.result else CaseStatus.SUSPECTED
            was = statuses[fact.report_id]
            if status not in CASE_MOVES[was]:
                if status != was:
                    self.left_out["move_against_the_lifecycle"] = self.left_out.get("move_against_the_lifecycle", 0) + 1
                continue
            statuses[fact.report_id] = status
            basis = [{"source": SOURCE, "report": fact.report_id, "told": str(status), "day": fact.day.isoformat()}]
            diagnoses.append(cases.Diagnosis(found[fact.report_id], status, f"case:{fact.key}", basis=basis))
        cases.reclassify_many(diagnoses=diagnoses, by=None, now=now)

    def _investigated(self, known: Day, now: datetime) -> None:
        visits, onsets = by_report(known.visits), by_report(known.onsets)
        numbers = sorted({*known.investigated, *visits, *onsets})
        found = self._cases(set(numbers))
        places = self._places(known.visits, now)
        register.note_unmatched(
            outbreak=self.outbreak,
            mentions=[
                (fact.told.place_text or "", where.area_code, fact.told.place_kind or PlaceKind.PUBLIC_PLACE)
                for fact in known.visits
                if (where := self.placed[fact.key]).waits
            ],
            now=now,
        )
        investigations = [
            cases.Investigation(
                case=found[number],
                onset_date=min((fact.told.date_from for fact in onsets.get(number, ())), default=None),
                visits=[_visit(fact, self.placed[fact.key], places) for fact in visits.get(number, ())],
            )
            for number in numbers
        ]
        cases.record_investigations(found=investigations, by=None, now=now)

    def _places(self, facts: Sequence[Fact], now: datetime) -> dict[str, Place]:
        entries = [entry for fact in facts if (entry := self.placed[fact.key].entry)]
        return register.register_places(entries, by=None, now=now)

    def _cases(self, numbers: set[str]) -> dict[str, Case]:
        found = Case.objects.filter(outbreak=self.outbreak, person__number__in=numbers)
        return {case.person.number: case for case in found.select_related("person", "outbreak")}


def _clock(fact: Fact) -> datetime | None:
    return moment(fact.day, fact.told.time_from) if fact.told.time_from else None


def _visit(fact: Fact, where: Placed, places: dict[str, Place]) -> cases.VisitEntry:
    told = fact.told
    assert told.date_from is not None
    started, ended = _span(fact)
    return cases.VisitEntry(
        kind=told.kind,
        first_date=min(told.date_from, fact.day),
        last_date=fact.day,
        started_at=started,
        ended_at=ended,
        place=places[where.entry.source_key] if where.entry else None,
        place_text=told.place_text or "",
        place_kind=told.place_kind,
        area_code=where.area_code,
        transport=told.transport or "",
        source_key=f"visit:{fact.key}",
    )


def _span(fact: Fact) -> tuple[datetime | None, datetime | None]:
    """Say when a visit of one day began and ended; a range of days has hours of the day, not moments."""
    told = fact.told
    if told.date_from != fact.day:
        return None, None
    started = moment(fact.day, told.time_from) if told.time_from else None
    ended = moment(fact.day, told.time_to) if told.time_to else None
    if started and ended and ended < started:
        ended += timedelta(days=1)  # 22:00 to 1:00 ends after midnight
    return started, ended
