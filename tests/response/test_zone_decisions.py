"""A named officer proposes, changes and extends zones, and each refusal says what to do; lifting has conditions."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sizao.engines.outlines import OutlineFaulty
from sizao.records import access
from sizao.records.models import Area, Case, EnvironmentSample, Household, Task, Zone, ZoneChange
from sizao.response import tasks, zoning
from sizao.response.oversight import rows
from sizao.response.oversight.clocks import Scope
from sizao.response.zoning import changing, covering, proposing
from sizao.terms import (
    ClockState,
    LiftCondition,
    PlaceKind,
    Role,
    TaskKind,
    TaskState,
    ZoneAct,
    ZoneLevel,
    ZoneMeasure,
    ZoneState,
    ZoneUnit,
)
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2022, 8, 10, 4, 0, tzinfo=UTC)  # edition 9
TWENTY = datetime(2022, 11, 25, 4, 0, tzinfo=UTC)
TEN = datetime(2022, 12, 10, 4, 0, tzinfo=UTC)
VILLAGE, COUNTY = factories.VILLAGE, "130109"
STRICT = (ZoneMeasure.STAY_HOME, ZoneMeasure.ROUNDS, ZoneMeasure.CARE_PATH)
SQUARE = {"type": "Polygon", "coordinates": [[[114.8, 38], [114.81, 38], [114.81, 38.01], [114.8, 38.01], [114.8, 38]]]}


def decided(**facts):
    given = {"level": ZoneLevel.HIGH, "measures": STRICT, "legal_basis": "传染病防治法第四十一条",
             "expected_until": date(2022, 8, 17)}  # fmt: skip
    return zoning.Decision(**given | facts)


class TestOptions:
    def test_offers_the_compound_of_the_case_and_says_who_is_touched(self, outbreak, officer, homes):
        found = zoning.options(outbreak=outbreak, area_code=COUNTY, by=officer, now=NOW, shares=[1.0])
        assert [(unit.name, unit.unit, unit.people) for unit in found.options[0].units] == [
            ("滨河小区", ZoneUnit.COMPOUND, 5)
        ]
        assert (found.options[0].people, found.options[0].is_exact) == (5, True)

    def test_takes_the_stairwell_under_the_twenty_measures(self, outbreak, officer, homes):
        Case.objects.update(opened_at=TWENTY)
        found = zoning.options(outbreak=outbreak, area_code=COUNTY, by=officer, now=TWENTY, shares=[1.0])
        assert [(unit.unit, unit.people) for unit in found.options[0].units] == [(ZoneUnit.STAIRWELL, 3)]

    def test_takes_the_home_under_the_new_ten(self, outbreak, officer, homes):
        Case.objects.update(opened_at=TEN)
        found = zoning.options(outbreak=outbreak, area_code=COUNTY, by=officer, now=TEN, shares=[1.0])
        assert [(unit.unit, unit.people) for unit in found.options[0].units] == [(ZoneUnit.HOUSEHOLD, 2)]

    def test_names_nothing_where_the_edition_names_nothing(self, outbreak, officer):
        with pytest.raises(covering.NoUnitMayBeNamed):
            zoning.options(outbreak=outbreak, area_code=COUNTY, by=officer, now=datetime(2023, 2, 1, tzinfo=UTC))

    def test_a_village_has_its_census_or_its_share_of_the_county(self, outbreak, officer, names):
        factories.case(within=outbreak, opened_at=NOW)
        Area.objects.filter(code=COUNTY).update(population=8000)
        found = zoning.options(outbreak=outbreak, area_code=COUNTY, by=officer, now=NOW, shares=[1.0]).options[0]
        assert (found.people, found.n_estimated) == (4000, 1)
        Area.objects.filter(code=VILLAGE).update(population=1200)
        found = zoning.options(outbreak=outbreak, area_code=COUNTY, by=officer, now=NOW, shares=[1.0]).options[0]
        assert (found.people, found.n_estimated) == (1200, 0)

    def test_an_area_of_unknown_people_is_never_offered(self, outbreak, officer, names):
        factories.case(within=outbreak, opened_at=NOW)
        found = zoning.options(outbreak=outbreak, area_code=COUNTY, by=officer, now=NOW)
        assert (found.options, found.reach, found.unknown_people > 0) == ((), 0.0, True)

    def test_is_refused_outside_the_jurisdiction_and_without_the_right(self, outbreak):
        for account, refusal in [
            (factories.account(role=Role.AREA_OFFICER, area_code="130581"), access.NotYours),
            (factories.account(role=Role.REPORTER), access.NotAllowed),
        ]:
            with pytest.raises(refusal):
                zoning.options(outbreak=outbreak, area_code=COUNTY, by=account, now=NOW)


class TestPropose:
    def test_proposes_what_was_chosen_and_keeps_what_was_weighed(self, outbreak, officer, homes):
        (zone,) = proposed(outbreak, officer, homes["compound"], alternatives=[{"people": 2, "covered": 0.5}])
        assert (zone.state, zone.place, zone.unit, zone.population) == (
            ZoneState.PROPOSED, homes["compound"], ZoneUnit.COMPOUND, 5,
        )  # fmt: skip
        assert (zone.proposed_by, zone.alternatives[0]["people"]) == (officer, 2)
        change = ZoneChange.objects.get()
        assert (change.act, change.content["expected_until"]) == (ZoneAct.PROPOSED, "2022-08-17")

    @pytest.mark.parametrize(
        ("facts", "refusal"),
        [
            ({"legal_basis": " "}, proposing.BasisMissing),
            ({"expected_until": None}, proposing.DurationMissing),
            ({"expected_until": date(2022, 8, 9)}, proposing.DurationPassed),
            ({"expected_until": date(2022, 8, 18)}, proposing.DurationTooLong),
            ({"measures": (ZoneMeasure.STAY_HOME,)}, proposing.CarePathMissing),
            ({"level": ZoneLevel.MEDIUM, "measures": STRICT}, proposing.MeasureNotAllowed),
        ],
    )
    def test_refuses_a_decision_that_lacks_what_the_law_asks(self, outbreak, officer, homes, facts, refusal):
        with pytest.raises(refusal):
            proposed(outbreak, officer, homes["compound"], decision=decided(**facts))
        assert not Zone.objects.exists()

    def test_refuses_a_unit_that_the_edition_does_not_name(self, outbreak, officer, homes):
        with pytest.raises(proposing.UnitNotAllowed, match="edition-9"):
            proposed(outbreak, officer, homes["building"])

    def test_a_wider_area_needs_an_unclear_risk(self, outbreak, officer, homes):
        Case.objects.update(opened_at=TWENTY)
        decision = decided(expected_until=date(2022, 11, 28))
        with pytest.raises(proposing.UnitNotAllowed):
            proposed(outbreak, officer, homes["compound"], decision=decision, now=TWENTY)
        (zone,) = proposed(outbreak, officer, homes["compound"], decision=decision, now=TWENTY, unclear=True)
        assert zone.unit == ZoneUnit.COMPOUND

    def test_refuses_the_same_area_twice_and_replaces_what_the_rule_proposed(self, outbreak, officer, names):
        factories.case(within=outbreak, opened_at=NOW)
        Area.objects.filter(code=VILLAGE).update(population=1200)
        zoning.advance(outbreak=outbreak, now=NOW)
        by_rule = Zone.objects.get(area_code=VILLAGE)
        proposed(outbreak, officer, VILLAGE)
        by_rule.refresh_from_db()
        assert by_rule.state == ZoneState.LIFTED
        with pytest.raises(proposing.ZoneStands):
            proposed(outbreak, officer, VILLAGE)

    def test_refuses_what_holds_no_risk(self, outbreak, officer, homes):
        with pytest.raises(proposing.NothingChosen):
            proposed(outbreak, officer, "130109110999")


class TestDraw:
    def test_counts_who_lives_inside_and_who_cannot_be_placed(self, outbreak, officer, homes):
        zone = zoning.draw(outbreak=outbreak, area_code=COUNTY, name="河边", boundary=SQUARE, decision=decided(),
                           reason="", by=officer, now=NOW)  # fmt: skip
        assert (zone.unit, zone.area_code, zone.population) == (ZoneUnit.DRAWN, VILLAGE, 3)
        assert zoning.drawn(SQUARE, COUNTY).without_coordinates == 3

    @pytest.mark.parametrize(
        ("ring", "refusal"),
        [
            ([[114, 38], [115, 39], [115, 38], [114, 39], [114, 38]], OutlineFaulty),
            ([[114, 38], [115, 38], [115, 39], [114, 39], [114, 38]], proposing.OutlineSize),
            ([[113, 38], [113.01, 38], [113.01, 38.01], [113, 38.01], [113, 38]], proposing.OutlineElsewhere),
        ],
    )  # fmt: skip
    def test_refuses_an_outline_that_says_nothing(self, outbreak, officer, homes, ring, refusal):
        with pytest.raises(refusal):
            zoning.draw(outbreak=outbreak, area_code=COUNTY, name="", decision=decided(), reason="", by=officer,
                        now=NOW, boundary={"type": "Polygon", "coordinates": [ring]})  # fmt: skip

    def test_is_refused_where_only_buildings_may_be_named(self, outbreak, officer, homes):
        with pytest.raises(proposing.UnitNotAllowed):
            zoning.draw(outbreak=outbreak, area_code=COUNTY, name="", boundary=SQUARE, reason="", by=officer, now=TEN,
                        decision=decided(expected_until=date(2022, 12, 12)))  # fmt: skip


class TestChange:
    def test_an_extension_is_a_version_with_its_reason(self, zone, city):
        zoning.extend(zone=zone, until=date(2022, 8, 20), reason="新增1例", by=city, now=NOW + timedelta(days=5))
        zone.refresh_from_db()
        assert (zone.version, zone.expected_until) == (2, date(2022, 8, 20))
        assert "预计管控至2022年8月20日" in zone.text_zh
        first, *_, last = ZoneChange.objects.filter(zone=zone).order_by("id")
        assert (first.content["expected_until"], last.content["expected_until"]) == ("2022-08-17", "2022-08-20")

    @pytest.mark.parametrize(
        ("facts", "refusal"),
        [
            ({"until": date(2022, 8, 17)}, changing.NotLater),
            ({"until": date(2022, 9, 17)}, proposing.DurationTooLong),
            ({"reason": ""}, changing.ChangeReasonMissing),
        ],
    )
    def test_an_extension_is_refused(self, zone, city, facts, refusal):
        with pytest.raises(refusal):
            zoning.extend(**{"zone": zone, "until": date(2022, 8, 18), "reason": "x", "by": city, "now": NOW} | facts)

    def test_what_is_over_cannot_be_changed(self, zone, city):
        zoning.lift(zone=zone, by=city, now=NOW, reason="误划")
        with pytest.raises(changing.ZoneIsOver):
            zoning.extend(zone=zone, until=date(2022, 8, 18), reason="x", by=city, now=NOW)

    def test_measures_stay_within_the_edition(self, zone, officer):
        with pytest.raises(proposing.CarePathMissing):
            zoning.change_measures(zone=zone, measures=(ZoneMeasure.PROTECT,), legal_basis="x", reason="x",
                                   by=officer, now=NOW)  # fmt: skip
        milder = (ZoneMeasure.STAY_INSIDE, ZoneMeasure.CARE_PATH)
        zoning.change_measures(zone=zone, measures=milder, legal_basis="x", reason="好转", by=officer, now=NOW)
        assert ZoneChange.objects.latest("id").content["measures"] == sorted(milder)

    def test_only_what_was_drawn_is_redrawn(self, zone, officer):
        with pytest.raises(changing.NotDrawn):
            zoning.redraw(zone=zone, boundary=SQUARE, reason="x", by=officer, now=NOW)


# Every act on a zone that stands, with what it takes.
ACTS = {
    "extend": {"until": date(2022, 8, 20), "reason": "新增1例"},
    "regrade": {"level": ZoneLevel.MEDIUM},
    "lift": {"reason": "误划"},
    "change_measures": {
        "measures": (ZoneMeasure.STAY_INSIDE, ZoneMeasure.CARE_PATH), "legal_basis": "传染病防治法", "reason": "好转",
    },
}  # fmt: skip


class TestRefusals:
    @pytest.mark.parametrize("act", ACTS)
    @pytest.mark.parametrize(
        ("role", "area_code", "refusal"),
        [
            (Role.INVESTIGATOR, "1301", access.NotAllowed),
            (Role.GRID_WORKER, VILLAGE, access.NotAllowed),
            (Role.AREA_OFFICER, "1305", access.NotYours),
            (Role.AREA_OFFICER, "130109110217", access.NotYours),
        ],
    )
    def test_each_act_takes_the_right_in_the_area_and_says_what_to_do(self, zone, act, role, area_code, refusal):
        with pytest.raises(refusal) as told:
            getattr(zoning, act)(zone=zone, by=factories.account(role=role, area_code=area_code), now=NOW, **ACTS[act])
        assert len(str(told.value).rstrip(".").split(". ")) > 1
        assert list(Zone.objects.values_list("state", "level", "version")) == [("published", "high", 1)]

    @pytest.mark.parametrize("act", ACTS)
    def test_each_act_is_refused_when_the_zone_is_over(self, zone, city, act):
        zoning.lift(zone=zone, by=city, now=NOW, reason="误划")
        with pytest.raises((changing.ZoneIsOver, zoning.ZoneCannotMove)):
            getattr(zoning, act)(zone=zone, by=city, now=NOW + timedelta(days=9), **ACTS[act])

    def test_an_extension_to_a_day_that_is_over_and_one_without_a_basis(self, zone, city):
        with pytest.raises(proposing.DurationPassed):
            zoning.extend(zone=zone, until=date(2022, 8, 18), reason="x", by=city, now=NOW + timedelta(days=9))
        Zone.objects.update(legal_basis="")
        with pytest.raises(proposing.BasisMissing):
            zoning.extend(zone=zone, until=date(2022, 8, 18), reason="x", by=city, now=NOW + timedelta(days=5))


class TestPublish:
    def test_announces_basis_start_list_rule_lifting_and_validity(self, zone):
        said = "传染病防治法第四十一条|2022年8月10日起|高风险区：滨河小区|足不出户、上门服务|连续7天未发现新增感染者"
        for words in f"{said}|且第7天全员核酸筛查均为阴性|预计管控至2022年8月17日|适时调整".split("|"):
            assert words in zone.text_zh
        assert "strict area from 2022-08-10: 滨河小区" in zone.text_en

    def test_needs_a_basis_and_a_last_day(self, outbreak, officer, city, homes):
        (zone,) = proposed(outbreak, officer, homes["compound"])
        zoning.approve(zone=zone, by=city, now=NOW)
        Zone.objects.update(legal_basis="")
        with pytest.raises(proposing.BasisMissing):
            zoning.publish(zone=zone, by=city, now=NOW)


class TestLife:
    def test_a_new_case_inside_is_told_and_asks_for_a_decision(self, outbreak, zone, homes):
        new = factories.person(household=homes["household"])
        factories.case(of=new, within=outbreak, opened_at=NOW + timedelta(days=3))
        zoning.advance(outbreak=outbreak, now=NOW + timedelta(days=3))
        zone.refresh_from_db()
        assert zone.may_lift_date == date(2022, 8, 21)
        assert zone.expected_until == date(2022, 8, 17)  # what was stated stays until somebody decides
        assert ZoneChange.objects.latest("id").act == ZoneAct.EXTENDED
        tasks.advance(outbreak=outbreak, now=NOW + timedelta(days=3))
        assert lift_tasks() == [(Role.AREA_OFFICER, VILLAGE, TaskState.OPEN)]

    def test_past_its_last_day_the_next_level_is_told_until_somebody_decides(self, outbreak, zone, city):
        late = NOW + timedelta(days=9)
        zoning.advance(outbreak=outbreak, now=late)
        tasks.advance(outbreak=outbreak, now=late)
        assert (Role.COMMANDER, "1301", TaskState.OPEN) in lift_tasks()
        assert zoning.overdue_days(zone, now=late) == 1
        zoning.lift(zone=zone, by=city, now=late)
        tasks.advance(outbreak=outbreak, now=late)
        assert {state for _, _, state in lift_tasks()} == {TaskState.DONE}

    def test_the_day_on_which_it_may_be_lifted_is_in_time(self, outbreak, zone, city):
        midnight = datetime(2022, 8, 17, 16, 0, tzinfo=UTC)  # the 18th begins: the first day without a reason
        for moment, overdue, asked in (
            (midnight, 0, [Role.AREA_OFFICER]),
            (midnight + timedelta(hours=24, seconds=-1), 0, [Role.AREA_OFFICER]),
            (midnight + timedelta(hours=24), 1, [Role.AREA_OFFICER, Role.COMMANDER]),
        ):
            zoning.advance(outbreak=outbreak, now=moment)
            tasks.advance(outbreak=outbreak, now=moment)
            assert ([role for role, *_ in lift_tasks()], zoning.overdue_days(zone, now=moment)) == (asked, overdue)
        due = set(Task.objects.filter(kind=TaskKind.DECIDE_LIFT).values_list("due_at", flat=True))
        assert due == {midnight + timedelta(hours=24)}

    @pytest.mark.parametrize(("hours", "kept"), [(9, 1), (25, 0)])
    def test_its_clock_is_kept_by_a_lift_on_that_day(self, zone, city, hours, kept):
        zoning.lift(zone=zone, by=city, now=datetime(2022, 8, 17, 16, 0, tzinfo=UTC) + timedelta(hours=hours))
        scope = Scope(COUNTY, date(2022, 8, 1), NOW + timedelta(days=21))
        counted = [rows.count(scope, rows.called("record.zone_lifted"), state) for state in (None, ClockState.KEPT)]
        assert counted == [1, kept]

    def test_says_what_is_missing_before_it_is_lifted(self, zone):
        found = {one.kind: one for one in zoning.conditions(zone, now=NOW + timedelta(days=2))}
        assert found[LiftCondition.DAYS_WITHOUT_CASE].missing == {"from": "2022-08-18", "days": 6}
        assert found[LiftCondition.FINAL_ROUND].missing == {"round_from": "2022-08-17"}
        assert not zoning.may_lift(tuple(found.values()))

    def test_environment_samples_count_where_any_were_taken(self, outbreak, zone):
        sample = EnvironmentSample.objects.create(
            outbreak=outbreak, zone=zone, what="corridor", taken_at=NOW, taken_by="x", source_key="test:sample"
        )
        waiting = {one.kind: one.missing for one in zoning.conditions(zone, now=NOW + timedelta(hours=1))}
        assert waiting[LiftCondition.ENVIRONMENT] == {"samples_waiting": 1}
        sample.is_positive, sample.result_at = True, NOW + timedelta(hours=2)
        sample.save()
        positive = {one.kind: one.missing for one in zoning.conditions(zone, now=NOW + timedelta(hours=3))}
        assert positive[LiftCondition.ENVIRONMENT] == {"samples_positive": 1}


def proposed(outbreak, by, what, *, decision=None, now=NOW, **facts):
    key = str(what if isinstance(what, str) else what.pk)
    return zoning.propose(outbreak=outbreak, area_code=COUNTY, units=[key], decision=decision or decided(),
                          reason="", by=by, now=now, **facts)  # fmt: skip


def lift_tasks():
    rows = Task.objects.filter(kind=TaskKind.DECIDE_LIFT).order_by("id")
    return [(one.role, one.area_code, one.state) for one in rows]


@pytest.fixture
def outbreak():
    return factories.outbreak(area_code="13", first_date=date(2022, 8, 1), kind="drill")


@pytest.fixture
def officer():
    return factories.account(role=Role.AREA_OFFICER, area_code=COUNTY)


@pytest.fixture
def city():
    return factories.account(role=Role.AREA_OFFICER, area_code="1301")


@pytest.fixture
def names():
    for code, name in [
        (COUNTY, "藁城区"),
        ("130109110", "增村镇"),
        (VILLAGE, "小果庄村"),
        ("130109110217", "刘家佐村"),
    ]:
        factories.area(code, name)


@pytest.fixture
def homes(outbreak, names):
    """A compound with two stairwells: two homes (3 people, a case) in the first, one (2 people) in the second."""
    compound = factories.place(kind=PlaceKind.RESIDENTIAL, name="滨河小区", area_code=VILLAGE)
    building = factories.place(kind=PlaceKind.BUILDING, name="1号楼", area_code=VILLAGE, parent=compound)
    stairs = [
        factories.place(kind=PlaceKind.STAIRWELL, name=f"{n}单元", area_code=VILLAGE, parent=building) for n in (1, 2)
    ]
    where = [(stairs[0], 2, 38.005), (stairs[0], 1, 38.006), (stairs[1], 2, None)]
    households = []
    for number, (parent, people, latitude) in enumerate(where):
        home = factories.place(
            kind=PlaceKind.HOME, name=f"{number}01室", area_code=VILLAGE, parent=parent, latitude=latitude,
            longitude=114.805 if latitude else None,
        )  # fmt: skip
        households.append(Household.objects.create(area_code=VILLAGE, place=home, source_key=f"test:home:{number}"))
        for _ in range(people):
            factories.person(household=households[-1])
    # One more who is known to the village only.
    factories.person()
    factories.case(of=households[0].members.first(), within=outbreak, opened_at=NOW)
    return {"compound": compound, "building": building, "household": households[0], "stairs": stairs}


@pytest.fixture
def zone(outbreak, officer, city, homes):
    (found,) = proposed(outbreak, officer, homes["compound"])
    zoning.approve(zone=found, by=city, now=NOW)
    return zoning.publish(zone=found, by=city, now=NOW)
