"""Which areas the engine proposes, checked against its plain twin and by the laws it must keep."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.engines.zone_scheme import RANK, CountyRule, RiskTie, Scheme
from sizao.engines.zoning import level_at, propose
from sizao.terms import AreaLevel, ZoneLevel, ZoneReason
from tests.reference import zoning as plain

LOW, MEDIUM, HIGH = ZoneLevel.LOW, ZoneLevel.MEDIUM, ZoneLevel.HIGH
START = date(2021, 1, 2)
VILLAGE, OTHER_VILLAGE, FAR_VILLAGE = "130109110212", "130109110217", "130109112207"

CLASSES = Scheme(MEDIUM, None, None, {HIGH: 14, MEDIUM: 14}, county=CountyRule(50, 5, 14))
THREE_AREAS = Scheme(HIGH, MEDIUM, LOW, {HIGH: 14, MEDIUM: 14})
RISK_AREAS = Scheme(HIGH, MEDIUM, LOW, {HIGH: 7, MEDIUM: 7}, step_down_days=3, restarts=False)
SMALL_CLASSES = replace(CLASSES, county=CountyRule(3, 2, 4), lift_days={HIGH: 5, MEDIUM: 5})
WIDENING = replace(THREE_AREAS, widen_street_from_units=2, widen_county_from_streets=2, lift_days={HIGH: 5, MEDIUM: 3})
SCHEMES = {
    "classes": SMALL_CLASSES,
    "three areas": replace(THREE_AREAS, lift_days={HIGH: 5, MEDIUM: 4}),
    "risk areas": replace(RISK_AREAS, lift_days={HIGH: 4, MEDIUM: 6}),
    "widening, one clock": WIDENING,
    "widening, own clocks": replace(WIDENING, restarts=False, step_down_days=2),
    "all at once": replace(WIDENING, county=CountyRule(3, 2, 4)),
}


def day(number):
    return START + timedelta(days=number)


def tie(case, number=0, area_code=VILLAGE, **changes):
    return RiskTie(case, area_code, day(number), **changes)


def only(plan):
    (proposal,) = plan.proposals
    return proposal


class TestPropose:
    def test_nothing_known_is_nothing_proposed(self):
        plan = propose([tie(1, number=3)], day(2), CLASSES)
        assert (plan.proposals, plan.unplaced) == ((), ())

    def test_the_village_of_a_case_and_no_more(self):
        proposal = only(propose([tie(1)], day(0), CLASSES))
        assert (proposal.area_code, proposal.unit, proposal.level) == (VILLAGE, AreaLevel.VILLAGE, MEDIUM)
        assert (proposal.since, proposal.may_lift_on) == (day(0), day(15))

    def test_it_says_why(self):
        ties = [tie(1), tie(2, 4), tie(2, 4, lives_there=False)]
        reasons = only(propose(ties, day(5), replace(THREE_AREAS, rest_level=None))).reasons
        assert [(reason.kind, reason.count, reason.first_date, reason.last_date) for reason in reasons] == [
            (ZoneReason.CASES_AT_HOME, 2, day(0), day(4)),
            (ZoneReason.CASES_VISITED, 1, day(4), day(4)),
        ]

    def test_fourteen_whole_days_without_a_case_lift_it(self):
        assert propose([tie(1)], day(14), CLASSES).proposals
        assert not propose([tie(1)], day(15), CLASSES).proposals

    def test_a_new_case_extends_it_and_keeps_its_beginning(self):
        proposal = only(propose([tie(1), tie(2, 10)], day(20), CLASSES))
        assert (proposal.since, proposal.may_lift_on) == (day(0), day(25))

    def test_a_case_after_its_end_begins_a_new_one(self):
        proposal = only(propose([tie(1), tie(2, 15)], day(20), CLASSES))
        assert (proposal.since, proposal.reasons[0].count) == (day(15), 1)

    def test_a_visited_place_counts_only_where_the_scheme_says_so(self):
        visited = [tie(1, lives_there=False)]
        assert propose(visited, day(0), CLASSES).proposals == ()
        assert level_at(propose(visited, day(0), THREE_AREAS), VILLAGE) == MEDIUM

    def test_a_case_known_only_to_its_county_closes_nothing_and_is_given_back(self):
        somewhere = tie(1, area_code="130109")
        plan = propose([somewhere], day(0), CLASSES)
        assert (plan.proposals, plan.unplaced) == ((), (somewhere,))

    def test_the_rest_of_the_county_opens_last(self):
        plan = propose([tie(1), tie(2, 5, OTHER_VILLAGE)], day(6), THREE_AREAS)
        rest = plan.proposals[0]
        assert (rest.area_code, rest.level, rest.may_lift_on) == ("130109", LOW, day(20))
        assert level_at(plan, "130109112999") == LOW

    def test_a_strict_area_steps_down_before_it_is_lifted(self):
        strict = propose([tie(1)], day(7), RISK_AREAS).proposals[-1]
        assert (strict.level, strict.may_step_down_on, strict.may_lift_on) == (HIGH, day(8), day(11))
        milder = propose([tie(1)], day(8), RISK_AREAS).proposals[-1]
        assert (milder.level, milder.may_step_down_on, milder.may_lift_on) == (MEDIUM, None, day(11))


class TestCountyClasses:
    def test_fifty_cases_are_not_more_than_fifty(self):
        fifty = [tie(case) for case in range(50)]
        assert only(propose(fifty, day(0), CLASSES)).area_code == VILLAGE
        proposal = only(propose([*fifty, tie(50)], day(0), CLASSES))
        assert (proposal.area_code, proposal.unit, proposal.level) == ("130109", AreaLevel.COUNTY, HIGH)
        assert [(reason.kind, reason.count, reason.threshold) for reason in proposal.reasons] == [
            (ZoneReason.MANY_CASES, 51, 50),
            (ZoneReason.CLUSTER, 51, 5),
        ]

    def test_many_cases_without_a_cluster_are_the_middle_class(self):
        ties = [tie(case, area_code=f"130109110{case:03}") for case in range(51)]
        assert only(propose(ties, day(0), CLASSES)).level == MEDIUM

    def test_without_a_recent_cluster_the_county_steps_down(self):
        ties = [tie(case) for case in range(51)] + [tie(99, 10, FAR_VILLAGE)]
        strict = only(propose(ties, day(13), CLASSES))
        assert (strict.level, strict.may_step_down_on, strict.may_lift_on) == (HIGH, day(14), day(25))
        assert only(propose(ties, day(14), CLASSES)).level == MEDIUM
        assert only(propose(ties, day(24), CLASSES)).since == day(14)
        assert propose(ties, day(25), CLASSES).proposals == ()

    def test_what_is_not_counted_does_not_make_the_county(self):
        ties = [tie(case, counted=case > 0) for case in range(51)]
        assert only(propose(ties, day(0), CLASSES)).area_code == VILLAGE

    def test_cases_known_only_to_the_county_count(self):
        ties = [tie(case) for case in range(5)] + [tie(case, area_code="130109") for case in range(5, 51)]
        assert only(propose(ties, day(0), CLASSES)).level == HIGH


class TestWidening:
    TIES = (tie(1), tie(2, 2, OTHER_VILLAGE), tie(3, 3, FAR_VILLAGE))

    def test_off_unless_the_scheme_says_from_how_many_parts(self):
        plan = propose(self.TIES, day(4), replace(THREE_AREAS, rest_level=None))
        assert [p.area_code for p in plan.proposals] == [VILLAGE, OTHER_VILLAGE, FAR_VILLAGE]

    def test_enough_villages_name_the_township_enough_townships_the_county(self):
        street_only = replace(WIDENING, widen_county_from_streets=None, rest_level=None)
        assert [p.area_code for p in propose(self.TIES, day(4), street_only).proposals] == ["130109110", FAR_VILLAGE]
        county = only(propose(self.TIES, day(4), WIDENING))
        assert (county.area_code, county.since, county.reasons[0].count) == ("130109", day(3), 2)
        assert [part.area_code for part in county.parts] == [VILLAGE, OTHER_VILLAGE, FAR_VILLAGE]

    def test_two_grounds_for_one_county_are_one_proposal_with_both_reasons(self):
        scheme = replace(WIDENING, county=CountyRule(2, 1, 4), lift_days={HIGH: 5, MEDIUM: 14})
        county = only(propose(self.TIES, day(4), scheme))
        assert (county.level, county.since) == (HIGH, day(3))
        assert [reason.kind for reason in county.reasons] == [
            ZoneReason.MANY_PARTS, ZoneReason.MANY_CASES, ZoneReason.CLUSTER,
        ]  # fmt: skip
        # Strict for its parts until day 9, in the middle class for its number of cases until day 18.
        assert (county.may_step_down_on, county.may_lift_on) == (day(9), day(18))

    @pytest.mark.parametrize(("restarts", "may_lift"), [(True, {8}), (False, {6, 8})])
    def test_one_clock_or_one_for_each_part(self, restarts, may_lift):
        scheme = replace(WIDENING, widen_county_from_streets=None, rest_level=None, restarts=restarts)
        (street,) = propose(self.TIES[:2], day(4), scheme).proposals
        assert {part.may_lift_on for part in street.parts} == {day(number) for number in may_lift}


# Small codes on purpose, so that generated cases meet in villages, townships and counties.
areas = st.sampled_from([f"13010{c}11{s}20{v}" for c in "12" for s in "012" for v in "12"] + ["130101", "130101110"])
ties = st.builds(
    RiskTie, st.integers(0, 7), areas, st.integers(0, 16).map(day), st.booleans(), st.sampled_from([True, True, False])
)
schemes = st.sampled_from(sorted(SCHEMES)).map(SCHEMES.__getitem__)
days = st.integers(0, 26).map(day)


class TestLaws:
    @settings(max_examples=200, deadline=None)
    @given(st.lists(ties, max_size=12), days, schemes)
    def test_it_agrees_with_its_plain_twin(self, ties, as_of, scheme):
        plan = propose(ties, as_of, scheme)
        for unit, level in plain.levels(ties, as_of, scheme).items():
            assert level_at(plan, unit) == level, unit

    @given(st.lists(ties, max_size=12), days, schemes, st.randoms(use_true_random=False))
    def test_the_order_of_rows_and_repeats_change_nothing(self, ties, as_of, scheme, random):
        assert propose(random.sample(ties, len(ties)) + ties[:2], as_of, scheme) == propose(ties, as_of, scheme)

    @settings(max_examples=200, deadline=None)
    @given(st.lists(ties, max_size=12), ties, days, schemes)
    def test_one_more_case_never_lowers_a_level_nor_opens_anything_earlier(self, ties, more, as_of, scheme):
        before, after = propose(ties, as_of, scheme), propose([*ties, more], as_of, scheme)
        for proposal in before.proposals:
            now = level_at(after, proposal.area_code)
            assert now is not None
            assert RANK[now] >= RANK[proposal.level]
            same = [p for p in after.proposals if p.area_code == proposal.area_code and p.level == proposal.level]
            assert all(p.may_lift_on >= proposal.may_lift_on for p in same)

    @settings(max_examples=200, deadline=None)
    @given(st.lists(ties, max_size=12), days, schemes)
    def test_the_days_it_names_are_the_days_on_which_it_changes(self, ties, as_of, scheme):
        known = [tie for tie in ties if tie.found_date <= as_of]
        for proposal in propose(known, as_of, scheme).proposals:
            assert proposal.since <= proposal.last_date or scheme.county is not None
            assert proposal.since <= as_of < proposal.may_lift_on
            last = propose(known, proposal.may_lift_on - timedelta(days=1), scheme)
            gone = propose(known, proposal.may_lift_on, scheme)
            assert level_at(last, proposal.area_code) is not None
            # Nothing is left there, unless as the open rest of a county with other areas.
            left = {p.level for p in gone.proposals if p.area_code == proposal.area_code}
            assert left <= ({LOW} - {proposal.level})
            if proposal.may_step_down_on is not None:
                stepped = level_at(propose(known, proposal.may_step_down_on, scheme), proposal.area_code)
                assert stepped is None or RANK[stepped] < RANK[proposal.level]
