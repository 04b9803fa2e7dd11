"""
What became known on which day: the published facts of a scenario, put in the order of their days.

The reports were published after the fact and tell each case whole. What was known when is taken from the
days they give, by these assumptions:

- A test, an isolation, a move to hospital and a diagnosis became known on the day they happened.
- A range of days with one result ("4日至11日4次阴性") is one test of its last day.
- The first positive is the earliest positive test, or the diagnosis when that is earlier or none is dated.
- Onset and trajectory were asked for then, and became known on the day after; what lies later, on its own day.
- Isolated before the first positive means: a contact, whose exposure the report does not tell.
- Facts before the first day of the scenario are known from its first day on.
- A fact before `earliest_date` is a misread year, one after the last day is not part of the replay: both are
  left out and counted.
- The home is the village that the report names as home; else the village it names most among days at home and
  tests; else the county it names most; else the county that the reports published beside it name most.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sizao.drill.scenario import Report, Scenario, Told
from sizao.terms import AREA_DIGITS, AreaLevel, EventKind, PlaceKind, TestResult

NEIGHBOURS = 8  # reports on either side that were published together
OFFICIAL = {EventKind.TEST, EventKind.ISOLATION, EventKind.HOSPITAL, EventKind.DIAGNOSIS}
_AWAY = {EventKind.ISOLATION, EventKind.HOSPITAL}  # where these are says nothing of the home
_VILLAGE, _COUNTY = AREA_DIGITS[AreaLevel.VILLAGE], AREA_DIGITS[AreaLevel.COUNTY]


@dataclass(frozen=True, slots=True)
class Fact:
    """One event of one report, under a key of its own."""

    report_id: str
    key: str
    told: Told
    day: date  # on which it happened: the last day of a range


@dataclass(slots=True)
class Day:
    """All that became known on one day."""

    tests: list[Fact] = field(default_factory=list)
    found: list[Fact] = field(default_factory=list)  # first positives
    isolated: list[Fact] = field(default_factory=list)
    hospital: list[Fact] = field(default_factory=list)
    diagnosed: list[Fact] = field(default_factory=list)
    investigated: list[str] = field(default_factory=list)  # report ids
    onsets: list[Fact] = field(default_factory=list)
    visits: list[Fact] = field(default_factory=list)

    def report_ids(self) -> list[str]:
        """List the reports that something became known of, each once, in their order."""
        facts = (*self.tests, *self.found, *self.isolated, *self.hospital, *self.diagnosed)
        return sorted({fact.report_id for fact in facts})


@dataclass(frozen=True, slots=True)
class Feed:
    """The days of a scenario in order, the homes of its people, and what was left out, counted by reason."""

    days: dict[date, Day]
    homes: dict[str, str]
    found_dates: dict[str, date]
    left_out: Counter[str]

    def placed(self) -> list[Fact]:
        """List the facts that happened somewhere: visits, isolations and moves to hospital."""
        return [fact for day in self.days.values() for fact in (*day.visits, *day.isolated, *day.hospital)]


def feed(scenario: Scenario) -> Feed:
    """Put the facts of all reports in the order of the days on which they became known."""
    reports = scenario.reports()
    days = {one: Day() for one in days_between(scenario.first_date, scenario.last_date)}
    left_out: Counter[str] = Counter()
    found_dates: dict[str, date] = {}
    for report in reports:
        facts = list(_facts(report, scenario, left_out))
        first = _first_positive(facts)
        if first is None:
            left_out["no_diagnosis"] += 1
            continue
        found_dates[report.report_id] = first.day
        _sort_in(report.report_id, facts, first, days, scenario)
    return Feed(days, infer_homes(reports, scenario.area_code), found_dates, left_out)


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield the days from the first to the last, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _facts(report: Report, scenario: Scenario, left_out: Counter[str]) -> Iterator[Fact]:
    for number, told in enumerate(report.events):
        day = told.date_to or told.date_from
        if told.date_from is None or day is None:
            left_out["undated"] += 1
        elif told.date_from < scenario.earliest_date:
            left_out["misread_year"] += 1
        elif day > scenario.last_date:
            left_out["after_the_last_day"] += 1
        else:
            yield Fact(report.report_id, f"{scenario.slug}:{report.report_id}:{number}", told, day)


def _first_positive(facts: Sequence[Fact]) -> Fact | None:
    signs = [
        fact
        for fact in facts
        if fact.told.kind == EventKind.DIAGNOSIS
        or (fact.told.kind == EventKind.TEST and fact.told.result == TestResult.POSITIVE)
    ]
    # A positive test and a diagnosis of one day: the test came first.
    return min(signs, key=lambda fact: (fact.day, fact.told.kind != EventKind.TEST), default=None)


def _sort_in(report_id: str, facts: Sequence[Fact], first: Fact, days: dict[date, Day], scenario: Scenario) -> None:
    start, last = scenario.first_date, scenario.last_date
    days[max(first.day, start)].found.append(first)
    asked = max(first.day, start) + timedelta(days=1)
    if asked <= last:
        days[asked].investigated.append(report_id)
    for fact in facts:
        kind = fact.told.kind
        if kind in OFFICIAL:
            day = days[max(fact.day, start)]
            {
                EventKind.TEST: day.tests,
                EventKind.ISOLATION: day.isolated,
                EventKind.HOSPITAL: day.hospital,
                EventKind.DIAGNOSIS: day.diagnosed,
            }[kind].append(fact)
        elif (known := max(fact.day, asked)) <= last:
            (days[known].onsets if kind == EventKind.SYMPTOM_ONSET else days[known].visits).append(fact)


# --- Homes -------------------------------------------------------------------------------------


def infer_homes(reports: Sequence[Report], province: str) -> dict[str, str]:
    """Say where each case lives, as finely as its report or those published beside it allow."""
    counties = [_named_counties(report, province) for report in reports]
    homes = {}
    for i, report in enumerate(reports):
        beside = Counter[str]()
        for near in counties[max(0, i - NEIGHBOURS) : i] + counties[i + 1 : i + 1 + NEIGHBOURS]:
            beside.update(set(near))
        homes[report.report_id] = (
            report.home_area_code or _own_village(report, province) or _most(counties[i]) or _most(beside) or province
        )
    return homes


def _own_village(report: Report, province: str) -> str | None:
    votes: Counter[str] = Counter()
    for told in report.events:
        code = told.area_code or ""
        if len(code) != _VILLAGE or not code.startswith(province):
            continue
        if told.kind == EventKind.HOME or told.place_kind == PlaceKind.HOME:
            votes[code] += 3
        elif told.kind == EventKind.TEST:
            votes[code] += 2
        elif told.place_kind == PlaceKind.VILLAGE and told.kind not in _AWAY:
            votes[code] += 1
    return _most(votes)


def _named_counties(report: Report, province: str) -> Counter[str]:
    named: Counter[str] = Counter()
    for told in report.events:
        code = told.area_code or ""
        if told.kind not in _AWAY and len(code) >= _COUNTY and code.startswith(province):
            named[code[:_COUNTY]] += 1
    return named


def _most(votes: Counter[str]) -> str | None:
    # The smaller code on a tie, so that building again gives the same.
    return min(votes, key=lambda code: (-votes[code], code), default=None)


def by_report(facts: Sequence[Fact]) -> dict[str, list[Fact]]:
    """Group facts by report, each group in the order of the text."""
    groups: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        groups[fact.report_id].append(fact)
    return groups
