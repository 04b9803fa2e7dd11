"""The outlook: what is worked out from rows, what stays unsaid, and that nothing known later gets in."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.core.cache import cache

from sizao.records.models import CaseChange, Contact, Stay, Test
from sizao.response.reports import outlook
from sizao.response.reports.outlook_ahead import forecast
from sizao.response.reports.outlook_beliefs import NothingKnownOfDisease, belief
from sizao.response.reports.outlook_curve import LEAST_ONSETS, LONGEST_DELAY_DAYS, by_onset
from sizao.response.reports.outlook_delays import Fitted, delays
from sizao.response.reports.outlook_rows import CaseDays, OutlookRows, gather
from sizao.response.reports.outlook_said import TooFew
from sizao.response.reports.outlook_spread import LEAST_IN_WINDOW, LEAST_PAIRS, growth, offspring, serial_interval
from sizao.terms import CaseStatus, ContactKind, ContactState, CountedBy, Delay, StayKind, TestMethod
from tests import factories

FIRST = date(2021, 1, 2)
A_DAY = timedelta(days=1)


@pytest.mark.django_db
class TestGather:
    def test_counts_a_case_on_the_day_it_was_found(self, outbreak, noise):
        case(outbreak, found=5, onset=3, investigated=6)
        rows = read(outbreak, day=7)
        assert rows.cases == (CaseDays(on(5), on(3), None, 1),)
        assert (rows.n_cases, rows.n_onsets) == (1, 1)

    def test_knows_an_onset_only_once_investigated(self, outbreak):
        case(outbreak, found=5, onset=3, investigated=8)
        assert (read(outbreak, day=7).n_onsets, read(outbreak, day=8).n_onsets) == (0, 1)

    def test_does_not_look_ahead_to_an_onset(self, outbreak):
        case(outbreak, found=5, onset=9, investigated=6)
        assert (read(outbreak, day=8).n_onsets, read(outbreak, day=9).n_onsets) == (0, 1)

    def test_leaves_out_who_was_discarded_by_then(self, outbreak):
        found = case(outbreak, found=5)
        moved(found, CaseStatus.DISCARDED, day=8)
        assert (read(outbreak, day=7).n_cases, read(outbreak, day=8).n_cases) == (1, 0)

    def test_keeps_to_the_jurisdiction(self, outbreak):
        case(outbreak, found=5)
        assert read(outbreak, day=7, area_code="1305").n_cases == 0

    def test_finds_since_when_somebody_is_set_apart(self, outbreak):
        found = case(outbreak, found=8)
        stay(found, StayKind.ROOM, first=5, last=8)
        stay(found, StayKind.BED, first=8, last=None)
        (one,) = read(outbreak, day=9).cases
        assert one.isolated == on(5)

    def test_does_not_take_an_old_stay_for_isolation(self, outbreak):
        found = case(outbreak, found=20)
        stay(found, StayKind.BED, first=3, last=9)
        (one,) = read(outbreak, day=21).cases
        assert one.isolated is None

    def test_links_a_case_to_the_one_whose_contact_it_was(self, outbreak):
        source = case(outbreak, found=5, onset=2, investigated=6)
        infected = case(outbreak, found=9, onset=7, investigated=10)
        contact(outbreak, infected, of=source, found=6)
        contact(outbreak, case(outbreak, found=9), of=None, found=6)
        early, late = read(outbreak, day=9), read(outbreak, day=10)
        assert (early.linked, early.pairs) == (1, ())
        assert (late.linked, late.pairs) == (1, ((on(2), on(7)),))
        assert late.sources == ((on(5), 1),)

    def test_counts_tests_with_a_result(self, outbreak):
        person = factories.person()
        facts = {"outbreak": outbreak, "person": person, "method": TestMethod.NUCLEIC_ACID, "area_code": "130109"}
        Test.objects.create(**facts, taken_date=on(4), resulted_date=on(5), recorded_at=at(5), source_key="t:1")
        Test.objects.create(**facts, taken_date=on(4), recorded_at=at(4), source_key="t:2")
        assert read(outbreak, day=5).tests == ((on(4), on(5), 1),)
        assert read(outbreak, day=4).tests == ()


class TestCurve:
    def test_says_how_many_onsets_are_missing_to_place_the_others(self):
        told = by_onset(rows([(5, 3, 9), (6, None, 40)]), dice())
        assert told == TooFew(n=9, least=LEAST_ONSETS)

    def test_is_not_nowcast_before_anybody_could_be_found_late(self):
        told, curves = by_onset(steady(days=LONGEST_DELAY_DAYS), dice())
        assert curves is None
        assert told.not_found == TooFew(n=LONGEST_DELAY_DAYS, least=LONGEST_DELAY_DAYS + 1, of_days=True)
        assert set(told.median) == {None}

    def test_keeps_every_case_and_marks_apart_what_is_placed(self):
        known = steady(days=12)
        told, curves = by_onset(known, dice())
        assert sum(told.known) == known.n_onsets
        assert sum(told.known) + sum(told.placed) == pytest.approx(known.n_cases)
        # Nobody that was found can be nowcast away, on any day of any curve.
        assert (curves.counts.sum(axis=1) >= known.n_cases).all()
        assert told.days[-1] == known.day

    def test_adds_who_is_still_to_be_found(self):
        # Ten fall ill each day and are found 0 to 5 days later, equally often: on the last day 25 are to come.
        told, _ = by_onset(steady(days=21, per_day=10, delays=6, known=1.0), dice())
        assert told.not_found.lower <= 25 <= told.not_found.upper
        assert told.not_found.value == pytest.approx(25, abs=12)

    def test_repeats_a_complete_past(self):
        told, _ = by_onset(steady(days=30, per_day=10, delays=3, known=1.0), dice())
        assert told.lower[-20] == told.upper[-20] == told.known[-20]


class TestSpread:
    @pytest.mark.parametrize(("factor", "verdict"), [(1.12, "grows"), (0.88, "shrinks")])
    def test_tells_growth_from_decline(self, factor, verdict):
        found = [
            (day, day - delay, max(1, round(40 * factor ** (day - 14)))) for day in range(2, 30) for delay in (0, 1, 2)
        ]
        read = outlook.work_out(rows(found))
        assert read.reproduction.basis is CountedBy.ONSET
        assert (read.reproduction.chance_above_one > 0.95) is (verdict == "grows")
        assert (read.reproduction.chance_above_one < 0.05) is (verdict == "shrinks")
        assert (read.growth.doubling is not None) is (verdict == "grows")
        assert (read.growth.halving is not None) is (verdict == "shrinks")

    def test_counts_by_day_of_being_found_where_onsets_lack(self):
        read = outlook.work_out(rows([(day, None, 10) for day in range(2, 20)]))
        assert read.reproduction.basis is CountedBy.FOUND
        assert read.reproduction.latest.lower < 1 < read.reproduction.latest.upper

    def test_leaves_a_gap_where_a_week_holds_too_few(self):
        read = outlook.work_out(rows([(day, None, 10) for day in range(2, 14)], day=27))
        assert read.reproduction.latest == TooFew(n=0, least=LEAST_IN_WINDOW)
        assert read.reproduction.last_said == read.reproduction.days[-10]
        assert read.reproduction.median[-1] is None
        assert read.ending.reproduction_days > 7

    def test_gives_no_growth_of_a_few_cases_or_days(self):
        assert growth(rows([(day, None, 1) for day in range(2, 12)])) == TooFew(n=7, least=LEAST_IN_WINDOW)
        assert growth(rows([(5, None, 40)], day=6)).of_days

    def test_takes_the_serial_interval_from_the_literature_and_says_so(self):
        serial = serial_interval(rows([(5, None, 3)]), belief("covid-19"))
        assert serial.is_from_literature
        assert serial.mean.value == pytest.approx(4.7, abs=0.05)
        assert serial.weight_of_pairs == 0
        assert "Nishiura" in serial.source

    def test_learns_the_serial_interval_from_enough_pairs(self):
        pairs = [(on(2), on(2 + apart)) for apart in (6, 7, 7, 8, 8, 8, 9) * 6]
        serial = serial_interval(rows([(20, None, 40)], pairs=pairs), belief("covid-19"))
        assert not serial.is_from_literature
        assert 4.7 < serial.mean.value < 8
        assert serial.weight_of_pairs > 0.5

    def test_lets_few_pairs_say_nothing(self):
        pairs = [(on(2), on(12))] * (LEAST_PAIRS - 1)
        serial = serial_interval(rows([(20, None, 40)], pairs=pairs), belief("covid-19"))
        assert (serial.n_pairs, serial.weight_of_pairs) == (LEAST_PAIRS - 1, 0)

    @pytest.mark.parametrize(("linked", "from_literature"), [(20, True), (90, False)])
    def test_learns_how_unevenly_cases_infect_only_where_most_are_linked(self, linked, from_literature):
        # Three in a hundred infected all: far less even than the literature has it.
        sources = [(on(3), linked // 3)] * 3
        known = replace(rows([(3, None, 60), (9, None, 40)], day=40), linked=linked, sources=tuple(sources))
        told = offspring(known, serial_interval(known, belief("covid-19")), belief("covid-19"))
        assert told.is_from_literature is from_literature
        assert (told.dispersion.value == belief("covid-19").dispersion) is from_literature
        assert told.dispersion.lower < told.dispersion.value < told.dispersion.upper
        if not from_literature:
            assert told.dispersion.value < 0.3

    def test_refuses_a_disease_it_knows_nothing_of(self):
        with pytest.raises(NothingKnownOfDisease, match="unheard-of"):
            belief("unheard-of")


class TestDelays:
    def test_keeps_apart_what_happened_the_other_way_round(self):
        told = told_of(Delay.ONSET_TO_FOUND, rows([(9, 11, 4), (9, 7, 30), (8, 7, 20), (11, 7, 5)], day=40))
        assert (told.n, told.before, told.counts[:5]) == (55, 4, (0, 20, 30, 0, 5))
        assert isinstance(told.fitted, Fitted)
        assert 1 < told.fitted.median.value < 3

    def test_counts_who_is_not_isolated_yet(self):
        known = rows([(5, None, 3)], day=9)
        assert told_of(Delay.FOUND_TO_ISOLATED, known).waiting == 3

    def test_fits_nothing_to_a_few(self):
        assert isinstance(told_of(Delay.ONSET_TO_FOUND, rows([(9, 7, 5)])).fitted, TooFew)

    def test_fits_nothing_where_all_is_done_the_same_day(self):
        told = told_of(Delay.TAKEN_TO_RESULT, rows([(9, 7, 5)], tests=[(on(4), on(4), 500)]))
        assert (told.n, told.same_day, told.fitted) == (500, 500, None)


class TestAhead:
    def test_forecasts_what_goes_on_steadily(self):
        known = rows([(day, None, 20) for day in range(2, 40)])
        told = forecast(known, serial_interval(known, belief("covid-19")), dice())
        assert told.total.lower < 280 < told.total.upper
        assert (len(told.days), told.days[0]) == (14, known.day + A_DAY)
        assert {score.first_day for score in told.scores} == {1, 8}
        assert all(0 <= score.coverage <= 1 for score in told.scores)

    def test_scores_a_forecast_only_by_days_that_came(self):
        known = rows([(day, None, 20) for day in range(2, 12)])
        told = forecast(known, serial_interval(known, belief("covid-19")), dice())
        assert [score.first_day for score in told.scores] == [1]
        assert told.scores[0].n < 7 * told.origins

    def test_forecasts_nothing_from_a_few(self):
        known = rows([(2, None, 50)], day=6)
        assert forecast(known, serial_interval(known, belief("covid-19")), dice()).of_days
        known = rows([(2, None, 3)], day=30)
        assert forecast(known, serial_interval(known, belief("covid-19")), dice()).n == 3

    def test_sees_the_end_sooner_the_longer_nobody_is_found(self):
        falling = [(day, day - delay, max(0, 20 - 2 * (day - 2))) for day in range(2, 12) for delay in (0, 1, 2)]
        ends = [outlook.work_out(rows(falling, day=day)).ending for day in (18, 28)]
        waits = [(end.over_on - day).days for end, day in zip(ends, (on(18), on(28)), strict=True)]
        assert waits[1] < waits[0]
        assert all(list(end.chance) == sorted(end.chance) for end in ends)

    def test_sees_no_end_while_it_grows(self):
        read = outlook.work_out(rows([(day, day - 2, 3 * day) for day in range(2, 25)]))
        assert read.ending.over_on is None
        assert read.ending.chance[-1] < 0.01


class TestWorkOut:
    def test_gives_the_same_from_the_same_rows(self):
        assert outlook.work_out(steady(days=14)) == outlook.work_out(steady(days=14))

    @pytest.mark.parametrize("found", [[], [(5, 3, 1)], [(5, None, 1)]])
    def test_stands_on_next_to_nothing(self, found):
        read = outlook.work_out(rows(found, day=9))
        assert isinstance(read.curve, TooFew)
        assert isinstance(read.reproduction.latest, TooFew)
        assert isinstance(read.ending, TooFew)

    @pytest.mark.django_db
    def test_is_not_kept_when_a_row_was_corrected(self, outbreak):
        cache.clear()
        found = case(outbreak, found=5)
        day = {"day": on(9), "as_of": at(9)}
        assert outlook.read(outbreak, "13", **day).found.n_cases == 1
        moved(found, CaseStatus.DISCARDED, day=8)
        assert outlook.read(outbreak, "13", **day).found.n_cases == 0

    @pytest.mark.django_db
    def test_is_worked_out_once(self, outbreak, monkeypatch):
        cache.clear()
        case(outbreak, found=5)
        first = outlook.read(outbreak, "13", day=on(9), as_of=at(9))
        monkeypatch.setattr(outlook, "work_out", lambda rows: pytest.fail("worked out again"))
        assert outlook.read(outbreak, "13", day=on(9), as_of=at(9)) == first


@pytest.fixture
def outbreak(db):
    return factories.outbreak(disease="covid-19")


def on(day: int) -> date:
    return date(2021, 1, 1) + (day - 1) * A_DAY


def at(day: int) -> datetime:
    return datetime(2021, 1, 1, 4, 0, tzinfo=UTC) + (day - 1) * A_DAY


def dice():
    return np.random.default_rng(2021)


def rows(found, *, day=None, pairs=(), tests=()):
    """Rows of cases as (day found, day of onset or None, how many)."""
    cases = tuple(CaseDays(on(one), on(onset) if onset is not None else None, None, n) for one, onset, n in found if n)
    last = on(day) if day else max((one.found for one in cases), default=FIRST)
    return OutlookRows(
        slug="here", disease="covid-19", area_code="13", day=last, first_date=FIRST, cases=cases,
        tests=tuple(tests), pairs=tuple(pairs), linked=len(pairs),
    )  # fmt: skip


def steady(*, days: int, per_day: int = 12, delays: int = 4, known: float = 0.5) -> OutlookRows:
    """Cases that fall ill steadily and are found 0 to `delays` - 1 days later, some without a known onset."""
    found = []
    for onset in range(3 - delays, days + 2):
        for n in range(per_day):
            day = onset + n * delays // per_day
            if 2 <= day < days + 2:
                found.append((day, onset if n % 10 < 10 * known else None, 1))
    return rows(found, day=days + 1)


def told_of(kind: Delay, known: OutlookRows):
    return next(told for told in delays(known) if told.kind is kind)


def read(outbreak, *, day: int, area_code: str = "13"):
    return gather(outbreak, area_code, day=on(day), as_of=datetime(2021, 1, 1, 15, 59, tzinfo=UTC) + (day - 1) * A_DAY)


def case(outbreak, *, found, onset=None, investigated=None):
    made = factories.case(
        within=outbreak,
        opened_at=at(found),
        onset_date=on(onset) if onset else None,
        investigated_at=at(investigated) if investigated else None,
    )
    moved(made, CaseStatus.CONFIRMED, day=found)
    return made


def moved(made, status, *, day):
    CaseChange.objects.create(case=made, status=status, at=at(day), by="x", source_key=f"t:{made.pk}:{status}")


def stay(of, kind, *, first, last):
    Stay.objects.create(
        person=of.person, kind=kind, area_code="130109", period=(at(first), at(last) if last else None),
        party=-of.person_id, recorded_at=at(first), source_key=f"t:stay:{of.pk}:{first}",
    )  # fmt: skip


def contact(outbreak, became, *, of, found):
    Contact.objects.create(
        outbreak=outbreak, person=became.person, kind=ContactKind.CLOSE, state=ContactState.PLACED, index_case=of,
        area_code="130109", found_at=at(found), source="x", source_key=f"t:contact:{became.pk}",
    )  # fmt: skip
