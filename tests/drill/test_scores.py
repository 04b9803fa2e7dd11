"""Each score of a drill against a little truth made by hand: twelve people, five infected, three found."""

from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from sizao.drill.rehearsal import report_facts, scores, steering
from sizao.drill.rehearsal.looking import NEVER, Looking
from sizao.drill.rehearsal.parts import Published
from sizao.engines.simulation import orders
from sizao.engines.simulation.disease import CLASS, HOUSEHOLD, VENUE
from sizao.engines.simulation.ledger import IMPORTED, Ledger
from sizao.engines.simulation.presence import Companions
from sizao.engines.simulation.world import FIRST_SLOT, GROUP, place_number
from sizao.records import journal
from sizao.records.models import Alert, Contact, IsolationOrder, Signal, Stay, Test
from sizao.terms import (
    AlertState,
    CaseStatus,
    ContactKind,
    ContactState,
    OrderKind,
    OrderState,
    OutbreakKind,
    Role,
    SignalKind,
    StayKind,
    TaskKind,
    TaskState,
    TestMethod,
)
from tests import factories

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = date(2021, 1, 4)
LEAD, DAYS, PEOPLE = 5, 10, 12
# Day of infection, first and last infectious day: days of the engine, which is LEAD ahead of the drill.
INFECTED = {  # person: infector, layer, day, first, last
    0: (IMPORTED, IMPORTED, 0, 3, 12),
    1: (0, HOUSEHOLD, 3, 6, 13),
    2: (0, CLASS, 5, 8, 14),
    3: (1, VENUE, 9, 12, 18),
    4: (2, CLASS, 10, 13, 19),
}
FOUND = {0: 2, 1: 4, 2: 8}  # cases, by day of the drill
CONTACTS = {1: 2, 2: 4, 3: 9, 7: 2}
HELD = {0: (7, 15), 1: (9, 15), 2: (14, 15), 7: (8, 11)}  # from an engine day to before another
A_CLASS, A_SHOP = place_number(GROUP, 0, 0), place_number(FIRST_SLOT, 0, 1)
MET = {0: [(2, A_CLASS), (5, A_SHOP)], 1: [(3, A_SHOP), (5, A_SHOP)], 2: [(4, A_CLASS)]}
ROUND_DAY, CLOSED_DAYS = 4, (5, 6)


class LittleLife:
    """The city as scores look at it; six homes of two, two villages of six."""

    lead = LEAD
    names = {"130109": "藁城"}

    def __init__(self):
        rows = [(person, *told) for person, told in INFECTED.items()]
        person, infector, layer, day, first, last = np.array(rows).T
        nothing = np.zeros(len(rows), np.int64)
        ledger = Ledger(person, infector, layer, nothing, day, nothing, first + 2, nothing == 0, first, last, nothing)
        infected = np.zeros(PEOPLE, np.int64)
        infected[person] = day + 1
        self.outbreak = SimpleNamespace(ledger=ledger, infected=infected)
        self.city = SimpleNamespace(
            people=PEOPLE, community=np.repeat([0, 1], 6), group_layer=np.array([CLASS]),
            zones=SimpleNamespace(size=np.array([6, 6])),
        )  # fmt: skip
        self.world = SimpleNamespace(slots=SimpleNamespace(layer=np.array([VENUE])))
        self.log = self

    def moment(self, day, clock=time()):
        return datetime.combine(FIRST + timedelta(days=day), clock, tzinfo=SHANGHAI)

    def day_of(self, at):
        return (at.astimezone(SHANGHAI).date() - FIRST).days

    def number(self, person):
        return f"little-{person:08}"

    def person(self, number):
        return int(number.rpartition("-")[2])

    def is_mine(self, number):
        return number.startswith("little-")

    def household(self, person):
        return np.array([person // 2 * 2, person // 2 * 2 + 1])

    def within(self, code):
        return np.array([0]) if code == "130109110200" else np.array([0, 1])

    def with_order(self, day, bit):
        there = {orders.TESTING_ROUND: {ROUND_DAY: [0]}, orders.AREA_CLOSED: dict.fromkeys(CLOSED_DAYS, [1])}
        return np.array(there[bit].get(day, []), np.int64)

    def kept(self, people, days):
        return np.array([np.uint8(HELD.get(one, (0, 0))[0] <= day < HELD.get(one, (0, 0))[1])
                         for one, day in zip(people.tolist(), days.tolist(), strict=True)])  # fmt: skip

    def columns(self):
        rows = [(person, day, day + 1, 1) for person, (begin, end) in HELD.items() for day in range(begin, end)]
        rows.append((9, 8, 9, 4))  # at a gathering, which is no order
        return dict(zip(("person", "begin", "end", "kind"), np.array(rows).T, strict=True))

    def companions(self, people, first, last):
        rows = [(case, other, place) for case in people.tolist() for other, place in MET[case]]
        case, other, place = np.array(rows).T
        return Companions(case, other, place, case * 0, case * 0 + 60)


@pytest.fixture
def looking(monkeypatch):
    life = LittleLife()
    outbreak = factories.outbreak(slug="little", kind=OutbreakKind.DRILL, area_code="130109", first_date=FIRST)
    people = {one: factories.person(number=life.number(one)) for one in range(PEOPLE)}
    for one, day in FOUND.items():
        factories.case(of=people[one], within=outbreak, opened_at=life.moment(day, time(11)))
    for one, day in CONTACTS.items():
        Contact.objects.create(
            outbreak=outbreak, person=people[one], kind=ContactKind.CLOSE, state=ContactState.FOUND, area_code="130109",
            found_at=life.moment(day, time(11)), source="interview", source_key=f"c{one}",
        )  # fmt: skip
    rehearsal = SimpleNamespace(earliest_day=-LEAD, area_code="130109", published=())
    found = Looking(SimpleNamespace(rehearsal=rehearsal, life=life, outbreak=outbreak, next_day=DAYS))
    found.__dict__["lived"] = {"drill": [5], "nothing": [20], "perfect": [3]}  # as if they had been lived
    found.people = people
    return found


def told(scorer, looking):
    return {one.key: one.value for one in scorer(looking)}


class TestDetection:
    def test_counts_days_from_the_first_infection(self, looking):
        life, here = looking.life, {"outbreak": looking.outbreak, "area_code": "130109"}
        Alert.objects.create(
            **here, rule="x", state=AlertState.OPEN, first_date=FIRST, last_date=FIRST, score=1.0, basis=[],
            opened_at=life.moment(1, time(8)), source_key="a",
        )  # fmt: skip
        Signal.objects.create(
            **here, kind=SignalKind.POSITIVE_TEST, occurred_at=life.moment(0), received_at=life.moment(0, time(8)),
            source="x", source_key="s",
        )  # fmt: skip
        assert told(scores.detection, looking) == {
            "days_to_alert": 6, "days_to_hint": 5, "days_to_case": 7, "infected_by_then": 3, "cases_found": 3,
            "infected": 5, "found_share": 3 / 5,
        }  # fmt: skip

    def test_says_none_where_nobody_knew(self, looking):
        looking.outbreak.cases.all().delete()
        found = told(scores.detection, looking)
        assert [found[key] for key in ("days_to_alert", "days_to_hint", "days_to_case", "infected_by_then")] == [
            None
        ] * 4
        assert found["found_share"] == 0


class TestContacts:
    def test_known_before_they_were_cases_by_the_layer_they_were_infected_in(self, looking):
        assert told(scores.contacts_found, looking) == {
            "infected_known_household": 1,
            "infected_known_class": 1 / 2,
            "infected_known_work": None,
            "infected_known_venue": 1,
            "infected_known_transport": None,
        }

    def test_who_was_a_case_first_was_not_known(self, looking):
        Contact.objects.filter(person=looking.people[1]).update(found_at=looking.life.moment(5))
        assert told(scores.contacts_found, looking)["infected_known_household"] == 0

    def test_truly_met_by_layer_and_delay(self, looking):
        found = told(scores.companions_found, looking)
        assert found == {
            "met_found_household": 1, "met_found_class": 1 / 2, "met_found_work": None, "met_found_venue": 1 / 2,
            "met_found_transport": None, "companions_found": 3 / 5, "companions_within_0d": 1 / 5,
            "companions_within_1d": 2 / 5, "companions_within_2d": 3 / 5, "contacts_beyond": 1,
        }  # fmt: skip

    def test_are_told_day_by_day(self, looking):
        rows = {one["layer"]: (one["met"], one["found"], one["never"]) for one in report_facts._contacts(looking)}
        assert rows == {
            "household": (2, [1, 1, 0, 0], 0),
            "class": (2, [0, 0, 1, 0], 1),
            "work": (0, [0, 0, 0, 0], 0),
            "venue": (2, [0, 0, 0, 1], 1),
            "transport": (0, [0, 0, 0, 0], 0),
        }

    def test_who_was_a_case_by_then_is_no_contact(self, looking):
        """Person 0 lives with person 1, but was found before."""
        met = looking.met
        assert 0 not in met.person
        assert set(zip(met.person.tolist(), met.day.tolist(), strict=True)) >= {(1, 2), (5, 2), (3, 4), (3, 8)}
        assert (met.delay[met.person == 5] == NEVER).all()

    def test_are_held_from_the_day_of_their_case_in_another_life(self, looking):
        held = []
        life = SimpleNamespace(hold=lambda people, day, kind: held.append((day, sorted(people.tolist()))))
        holding = looking.met.holding(households_only=True)
        for day in (1, 2, 8, 15, 16, 22):
            holding(life, day)
        assert held == [(1, []), (2, [1]), (8, [1, 3]), (15, [1, 3]), (16, [3]), (22, [])]


class TestFreedom:
    def test_counts_infectious_days_at_large_and_people_held_in_vain(self, looking):
        assert told(scores.freedom, looking) == {
            "free_infectious_days": 16, "free_infectious_share": 16 / 28, "free_though_known": 1, "held": 4,
            "held_in_vain": 1, "held_in_vain_days": 3, "closed_days": 12,
        }  # fmt: skip

    def test_only_days_of_the_drill_count(self, looking):
        _, day = scores.infectious_days(looking)
        assert (day.min(), day.max()) == (LEAD, LEAD + DAYS - 1)


class TestMeans:
    def test_are_counted(self, looking):
        life, people, outbreak = looking.life, looking.people, looking.outbreak
        for one, first, last in ((0, 2, 5), (1, 4, 9)):
            Stay.objects.create(
                person=people[one], kind=StayKind.ROOM, area_code="130109", recorded_at=life.moment(first), party=one,
                period=(life.moment(first, time(18)), life.moment(last, time(18))), source_key=f"r{one}",
            )  # fmt: skip
        for one, state in ((5, OrderState.ISSUED), (6, OrderState.PROPOSED)):
            IsolationOrder.objects.create(
                outbreak=outbreak, person=people[one], kind=OrderKind.HOME, state=state, area_code="130109",
                contact=Contact.objects.first(), starts_date=FIRST, ends_date=FIRST, proposed_at=life.moment(1),
                issued_at=life.moment(2) if state == OrderState.ISSUED else None, source_key=f"o{one}",
                issued_by=factories.account() if state == OrderState.ISSUED else None,
            )  # fmt: skip
        for one in range(3):
            Test.objects.create(
                outbreak=outbreak, person=people[one], method=TestMethod.NUCLEIC_ACID, taken_date=FIRST,
                area_code="130109", recorded_at=life.moment(1), source_key=f"t{one}",
            )  # fmt: skip
        assert scores.rooms(looking) == [0, 0, 0, 1, 1, 2, 1, 1, 1, 1]
        assert told(scores.means_used, looking) == {"orders": 1, "rooms_peak": 2, "tests": 3, "round_people": 6}


class TestClocks:
    def test_count_what_was_done_in_time_and_what_was_not(self, looking):
        life = looking.life
        rows = [  # state, due on day, done on day
            (TaskState.DONE, 3, 2), (TaskState.DONE, 3, 4), (TaskState.OPEN, 5, None), (TaskState.OPEN, 12, None),
            (TaskState.CANCELLED, 3, None), (TaskState.DONE, None, 3),
        ]  # fmt: skip
        for number, (state, due, done) in enumerate(rows):
            looking.outbreak.tasks.create(
                kind=TaskKind.FULL_REPORT, state=state, role=Role.INVESTIGATOR, area_code="130109", subject_kind="case",
                subject_id=1, subject_label="x", asked_at=life.moment(1), source_key=str(number),
                due_at=None if due is None else life.moment(due), done_at=None if done is None else life.moment(done),
            )  # fmt: skip
        looking.outbreak.tasks.create(  # nobody here plays who fills cards in
            kind=TaskKind.FILL_CARD, role=Role.INVESTIGATOR, area_code="130109", subject_kind="case", subject_id=1,
            subject_label="x", asked_at=life.moment(1), due_at=life.moment(2), source_key="card",
        )  # fmt: skip
        assert scores.clocks_by_kind(looking) == {TaskKind.FULL_REPORT: (1, 2)}
        assert told(scores.clocks, looking) == {"clocks_kept": 1 / 3, "clocks_missed": 2}

    def test_say_none_where_nothing_was_due(self, looking):
        assert told(scores.clocks, looking) == {"clocks_kept": None, "clocks_missed": 0}


class TestEnding:
    def test_counts_days_from_the_first_case(self, looking):
        assert told(scores.ending, looking) == {
            "last_infection": 5, "days_to_zero": 3, "days_to_clear": 6, "infected_without": 20, "infected_perfect": 3,
            "won": 15 / 17,
        }  # fmt: skip

    def test_is_not_over_while_somebody_is_infected_on_the_last_day(self, looking):
        looking.days = 6
        assert told(scores.ending, looking)["days_to_zero"] is None

    def test_is_not_clear_while_somebody_is_found_at_large_on_the_last_day(self, looking):
        looking.days = 9
        assert told(scores.ending, looking)["days_to_clear"] is None


class TestFacts:
    def test_sum_up_what_the_journal_says_of_the_days(self, looking):
        at, outbreak = looking.life.moment(1), looking.outbreak
        again = {"times": 2, "said": "No room for {n}."}
        for day in (0, 1):
            journal.write(steering.MORNING_DONE, outbreak, by=None, at=at, day=day, done={"scans": 10})
            refused = {"room.none": again} | ({"x": {"times": 9, "said": "X."}} if day else {})
            journal.write(steering.DAY_DONE, outbreak, by=None, at=at, day=day, done={"trace": 1}, refused=refused)
        journal.write(steering.STEERED, outbreak, by=None, at=at, until=1, pace=None, by_people=["reporter"])
        assert report_facts._done(looking) == {"scans": 20, "trace": 2}
        assert report_facts.refused(looking) == [
            {"code": "x", "times": 9, "said": "X."},
            {"code": "room.none", "times": 4, "said": "No room for {n}."},
        ]
        assert report_facts._by_people(looking) == ["reporter"]

    def test_stand_beside_what_was_published(self, looking):
        looking.outbreak.cases.filter(person=looking.people[2]).update(status=CaseStatus.ASYMPTOMATIC)
        looking.outbreak.cases.exclude(person=looking.people[2]).update(status=CaseStatus.CONFIRMED)
        village = "130109110200"
        looking.running.rehearsal.published = (
            Published("infected", 100, "x"), Published("confirmed", 60, "x"), Published("asymptomatic", 40, "x"),
            Published("days", 44, "x"), Published("attack_rate", 0.07, "x", village),
            Published("household_share", 0.74, "x"), Published("contacts", 900, "x"),
        )  # fmt: skip
        here = {one["what"]: one["here"] for one in report_facts._published(looking)}
        home = factories.person().area_code  # where the people of these tests live
        assert home.startswith("130109")
        assert here == {
            "infected": 5, "confirmed": 2, "asymptomatic": 1, "days": 7, "attack_rate": 5 / 6,
            "household_share": 1 / 4, "contacts": 4,
        }  # fmt: skip
