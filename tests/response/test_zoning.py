"""Zones are proposed by the edition, followed as cases come, and decided by a named body."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sizao.protocol import rules_at
from sizao.protocol.zone_schemes import county_class, zone_rules
from sizao.records import access
from sizao.records.models import Event, Visit, Zone, ZoneChange
from sizao.response import zoning
from sizao.terms import ZONE_MOVES, CaseStatus, EventKind, OutbreakKind, Role, ZoneAct, ZoneLevel, ZoneReason, ZoneState
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)
VILLAGE, OTHER_VILLAGE, COUNTY = factories.VILLAGE, "130109110217", "130109"


def days_later(days):
    return NOW + timedelta(days=days)


class TestScheme:
    @pytest.mark.parametrize(
        ("day", "home", "place", "rest", "lift_days", "step_down", "restarts"),
        [
            (date(2021, 1, 6), "medium", None, None, {"high": 14, "medium": 14}, None, True),
            (date(2021, 9, 1), "high", "medium", "low", {"high": 14, "medium": 14}, None, True),
            (date(2022, 8, 1), "high", "medium", "low", {"high": 7, "medium": 7}, 3, False),
            (date(2022, 11, 25), "high", None, "low", {"high": 5}, None, False),
        ],
    )  # fmt: skip
    def test_follows_from_the_edition_in_force(self, day, home, place, rest, lift_days, step_down, restarts):
        scheme = zone_rules(rules_at(day, drill=True)).scheme
        assert (scheme.home_level, scheme.place_level, scheme.rest_level) == (home, place, rest)
        assert (scheme.lift_days, scheme.step_down_days, scheme.restarts) == (lift_days, step_down, restarts)

    def test_whole_counties_are_graded_only_beside_edition_7(self):
        assert zone_rules(rules_at(date(2021, 1, 6), drill=True)).scheme.county.more_than_cases == 50
        assert county_class("edition-8") is None

    @pytest.mark.parametrize("day", [date(2022, 12, 10), date(2023, 2, 1)])
    def test_there_is_none_where_no_village_may_be_zoned(self, day):
        assert zone_rules(rules_at(day, drill=True)) is None


class TestAdvance:
    def test_proposes_the_village_of_a_case(self, outbreak, names):
        case_of(outbreak)
        assert zoning.advance(outbreak=outbreak, now=NOW) == 1
        zone = Zone.objects.get()
        assert (zone.area_code, zone.name, zone.level, zone.state) == (
            VILLAGE, "藁城区增村镇小果庄村", ZoneLevel.MEDIUM, ZoneState.PROPOSED,
        )  # fmt: skip
        assert (zone.since_date, zone.may_lift_date) == (date(2021, 1, 10), date(2021, 1, 25))
        assert acts() == [ZoneAct.PROPOSED]

    def test_cites_the_rule_with_its_sum(self, outbreak, names):
        case_of(outbreak)
        zoning.advance(outbreak=outbreak, now=NOW)
        first, clock = Zone.objects.get().basis
        assert (first["key"], first["edition"], first["sum"]["result"]) == (
            "zones.middle_lift_days", "edition-7", "2021-01-24",
        )  # fmt: skip
        assert (clock["key"], clock["value"], clock["gives"]) == ("zones.on_new_case", "restart", "extension")

    def test_twice_at_one_moment_changes_nothing(self, outbreak, names, noise):
        case_of(outbreak)
        case_of(outbreak, area_code=OTHER_VILLAGE)
        zoning.advance(outbreak=outbreak, now=NOW)
        before = picture()
        assert zoning.advance(outbreak=outbreak, now=NOW) == 0
        assert picture() == before

    def test_extends_on_a_new_case(self, outbreak, names):
        case_of(outbreak)
        zoning.advance(outbreak=outbreak, now=NOW)
        case_of(outbreak, opened_at=days_later(3))
        zoning.advance(outbreak=outbreak, now=days_later(3))
        zone = Zone.objects.get()
        assert (zone.may_lift_date, zone.reasons[0]["count"]) == (date(2021, 1, 28), 2)
        assert acts() == [ZoneAct.PROPOSED, ZoneAct.EXTENDED]
        assert list(ZoneChange.objects.order_by("id").values_list("may_lift_date", flat=True)) == [
            date(2021, 1, 25), date(2021, 1, 28),
        ]  # fmt: skip

    def test_names_the_county_when_its_class_is_strict(self, outbreak, names):
        case_of(outbreak)
        zoning.advance(outbreak=outbreak, now=NOW)
        for _ in range(50):
            case_of(outbreak, opened_at=days_later(1))
        zoning.advance(outbreak=outbreak, now=days_later(1))
        village, county = Zone.objects.order_by("id")
        assert (county.area_code, county.level, county.state) == (COUNTY, ZoneLevel.HIGH, ZoneState.PROPOSED)
        assert [reason["kind"] for reason in county.reasons] == [ZoneReason.MANY_CASES, ZoneReason.CLUSTER]
        assert "zones.county_more_than_cases" in {entry["key"] for entry in county.basis}
        # The village lies in the county now, and its own proposal is not needed any more.
        assert village.state == ZoneState.LIFTED
        assert ZoneChange.objects.get(act=ZoneAct.LIFTED).reasons[0]["kind"] == ZoneReason.IN_WIDER_AREA

    def test_only_confirmed_cases_count_for_the_class_of_a_county(self, outbreak, names):
        for _ in range(51):
            case_of(outbreak, status=CaseStatus.ASYMPTOMATIC)
        zoning.advance(outbreak=outbreak, now=NOW)
        assert Zone.objects.get().area_code == VILLAGE

    def test_regrades_a_proposal(self, outbreak, names):
        for _ in range(51):
            case_of(outbreak)
        zoning.advance(outbreak=outbreak, now=NOW)
        case_of(outbreak, area_code=OTHER_VILLAGE, opened_at=days_later(10))
        for day in (10, 14):
            zoning.advance(outbreak=outbreak, now=days_later(day))
        # 14 days after the cluster the county is of the middle class, since its latest case is recent.
        zone = Zone.objects.get(area_code=COUNTY)
        assert (zone.level, zone.state) == (ZoneLevel.MEDIUM, ZoneState.PROPOSED)
        assert acts(zone) == [ZoneAct.PROPOSED, ZoneAct.EXTENDED, ZoneAct.REGRADED]

    def test_a_proposal_that_nobody_decided_on_lapses_with_its_days(self, outbreak, names):
        case_of(outbreak)
        zoning.advance(outbreak=outbreak, now=NOW)
        zoning.advance(outbreak=outbreak, now=days_later(14))
        assert Zone.objects.get().state == ZoneState.PROPOSED
        zoning.advance(outbreak=outbreak, now=days_later(15))
        zone = Zone.objects.get()
        assert (zone.state, zone.lifted_by) == (ZoneState.LIFTED, None)
        assert zoning.told(ZoneChange.objects.latest("id").reasons, "zh") == "自 2021-01-10 起规定天数内无新增感染者。"

    def test_a_proposal_lapses_when_its_cases_are_discarded(self, outbreak, names):
        case = case_of(outbreak)
        zoning.advance(outbreak=outbreak, now=NOW)
        case.status = CaseStatus.DISCARDED
        case.save()
        zoning.advance(outbreak=outbreak, now=days_later(1))
        assert ZoneChange.objects.latest("id").reasons == [{"kind": ZoneReason.NO_CASE_LEFT}]

    def test_an_earlier_end_is_told_as_a_change_of_grade(self, outbreak, names):
        case_of(outbreak)
        late = case_of(outbreak, opened_at=days_later(3))
        zoning.advance(outbreak=outbreak, now=days_later(3))
        late.status = CaseStatus.DISCARDED
        late.save()
        zoning.advance(outbreak=outbreak, now=days_later(4))
        assert Zone.objects.get().may_lift_date == date(2021, 1, 25)
        assert acts() == [ZoneAct.PROPOSED, ZoneAct.REGRADED]

    def test_a_new_case_after_the_end_is_a_new_proposal(self, outbreak, names):
        case_of(outbreak)
        zoning.advance(outbreak=outbreak, now=NOW)
        zoning.advance(outbreak=outbreak, now=days_later(15))
        case_of(outbreak, opened_at=days_later(20))
        zoning.advance(outbreak=outbreak, now=days_later(20))
        assert list(Zone.objects.order_by("id").values_list("state", flat=True)) == ["lifted", "proposed"]

    def test_a_decided_zone_keeps_its_level_and_waits_for_its_body(self, outbreak, names, commander):
        case_of(outbreak)
        zoning.advance(outbreak=outbreak, now=NOW)
        zone = zoning.approve(zone=Zone.objects.get(), by=commander, now=NOW)
        case_of(outbreak, opened_at=days_later(2))
        zoning.advance(outbreak=outbreak, now=days_later(2))
        zone.refresh_from_db()
        assert (zone.state, zone.may_lift_date) == (ZoneState.APPROVED, date(2021, 1, 27))
        for day in (17, 18):
            zoning.advance(outbreak=outbreak, now=days_later(day))
        zone.refresh_from_db()
        assert zone.state == ZoneState.APPROVED
        assert acts()[-2:] == [ZoneAct.EXTENDED, ZoneAct.MAY_LIFT]  # told once, not every day

    def test_a_decided_zone_inside_a_wider_proposal_stays(self, outbreak, names, commander):
        case_of(outbreak)
        zoning.advance(outbreak=outbreak, now=NOW)
        zoning.approve(zone=Zone.objects.get(), by=commander, now=NOW)
        for _ in range(50):
            case_of(outbreak, opened_at=days_later(1))
        zoning.advance(outbreak=outbreak, now=days_later(1))
        assert dict(Zone.objects.values_list("area_code", "state")) == {VILLAGE: "approved", COUNTY: "proposed"}

    def test_a_zone_may_lift_under_a_later_edition_that_zones_no_village(self, names, commander):
        outbreak = factories.outbreak(first_date=date(2022, 11, 25))
        november, december = (datetime(2022, month, day, tzinfo=UTC) for month, day in ((11, 25), (12, 10)))
        case_of(outbreak, opened_at=november)
        zoning.advance(outbreak=outbreak, now=november)
        zone = zoning.approve(zone=Zone.objects.get(area_code=VILLAGE), by=commander, now=november)
        assert zoning.plan_at(outbreak, december).proposals == ()
        zoning.advance(outbreak=outbreak, now=december)
        assert acts(zone) == [ZoneAct.PROPOSED, ZoneAct.APPROVED, ZoneAct.MAY_LIFT]

    def test_names_the_conditions_that_only_people_can_see_to(self, names, commander):
        outbreak = factories.outbreak(first_date=date(2021, 9, 1))
        september = datetime(2021, 9, 1, tzinfo=UTC)
        case_of(outbreak, opened_at=september)
        zoning.advance(outbreak=outbreak, now=september)
        for zone in Zone.objects.all():
            zoning.approve(zone=zone, by=commander, now=september)
        zoning.advance(outbreak=outbreak, now=september + timedelta(days=15))
        village = Zone.objects.get(area_code=VILLAGE)
        conditions = {one["key"] for one in village.basis if one["gives"] == "condition"}
        assert "zones.strict_last_contact_days" in conditions
        assert set(Zone.objects.values_list("level", flat=True)) == {"high", "low"}

    def test_a_place_that_a_case_was_at_is_of_the_middle_level(self, names):
        outbreak = factories.outbreak(first_date=date(2021, 9, 1))
        september = datetime(2021, 9, 10, 4, 0, tzinfo=UTC)
        case = case_of(outbreak, opened_at=september, onset_date=date(2021, 9, 9))
        for number, (day, kind, area) in enumerate(
            [
                (8, EventKind.SHOPPING, OTHER_VILLAGE),
                (8, EventKind.HOME, "130109110218"),
                (1, EventKind.MEAL, "130109110219"),  # long before onset
                (8, EventKind.MEAL, VILLAGE),  # where it lives
                (8, EventKind.MEAL, ""),
            ]
        ):
            visit_of(case, date(2021, 9, day), kind, area, september, number)
        stranger = factories.case(of=factories.person(), opened_at=september)
        visit_of(stranger, date(2021, 9, 9), EventKind.MEAL, "130109110220", september, 9, outbreak=outbreak)
        zoning.advance(outbreak=outbreak, now=september)
        levels = dict(Zone.objects.values_list("area_code", "level"))
        assert levels == {VILLAGE: "high", OTHER_VILLAGE: "medium", COUNTY: "low"}

    def test_the_open_rest_of_a_county_takes_no_zone_in(self, names):
        outbreak = factories.outbreak(first_date=date(2021, 9, 1))
        september = datetime(2021, 9, 1, tzinfo=UTC)
        first = case_of(outbreak, opened_at=september)
        case_of(outbreak, opened_at=september, area_code=OTHER_VILLAGE)
        zoning.advance(outbreak=outbreak, now=september)
        first.status = CaseStatus.DISCARDED
        first.save()
        zoning.advance(outbreak=outbreak, now=september)
        lifted = ZoneChange.objects.get(act=ZoneAct.LIFTED)
        assert lifted.reasons[0]["kind"] == ZoneReason.NO_CASE_LEFT

    def test_a_case_known_to_its_county_only_is_given_back(self, outbreak, names):
        case_of(outbreak, area_code=COUNTY)
        assert zoning.advance(outbreak=outbreak, now=NOW) == 0
        assert len(zoning.plan_at(outbreak, NOW).unplaced) == 1

    def test_an_area_that_the_register_lacks_goes_by_its_code(self, outbreak):
        case_of(outbreak, area_code="139999999999")
        zoning.advance(outbreak=outbreak, now=NOW)
        assert Zone.objects.get().name == "139999999999"

    @pytest.mark.parametrize("day", [date(2021, 1, 10), date(2021, 9, 10)])
    def test_nothing_changes_while_a_value_waits_for_confirmation(self, names, day):
        real = factories.outbreak(kind=OutbreakKind.REAL, first_date=day)
        now = datetime(day.year, day.month, day.day, 4, 0, tzinfo=UTC)
        case_of(real, opened_at=now)
        assert zoning.advance(outbreak=real, now=now) == 0
        assert zoning.plan_at(real, now).proposals == ()


class TestDeciding:
    def test_approved_then_published_then_lifted(self, zone, commander, officer):
        zoning.approve(zone=zone, by=commander, now=NOW)
        zoning.publish(zone=zone, by=officer, now=NOW)
        lifted = zoning.lift(zone=zone, by=officer, now=days_later(15))
        assert (lifted.approved_by, lifted.published_by, lifted.lifted_by) == (commander, officer, officer)
        assert acts() == ["proposed", "approved", "published", "lifted"]
        assert Event.objects.filter(subject_kind="zone").count() == 4

    def test_closing_needs_the_level_above_the_county(self, zone):
        with pytest.raises(zoning.HigherLevelNeeded, match="zones.approved_by_next_level"):
            zoning.approve(zone=zone, by=factories.account(role=Role.AREA_OFFICER, area_code=COUNTY), now=NOW)

    def test_is_lifted_by_the_body_that_published_it(self, zone, commander, officer):
        zoning.approve(zone=zone, by=commander, now=NOW)
        zoning.publish(zone=zone, by=officer, now=NOW)
        with pytest.raises(zoning.NotTheSameBody, match="1301"):
            zoning.lift(zone=zone, by=factories.account(role=Role.AREA_OFFICER, area_code="13"), now=days_later(20))

    def test_lifting_early_needs_a_reason(self, zone, officer):
        with pytest.raises(zoning.LiftedTooEarly, match="2021-01-25"):
            zoning.lift(zone=zone, by=officer, now=days_later(3))
        lifted = zoning.lift(zone=zone, by=officer, now=days_later(3), reason="误报")
        assert lifted.state == ZoneState.LIFTED
        assert zoning.told(ZoneChange.objects.latest("id").reasons, "zh").endswith("；误报。")

    def test_what_a_body_lifted_is_not_proposed_again_until_something_new(self, outbreak, zone, officer):
        zoning.lift(zone=zone, by=officer, now=days_later(3), reason="误报")
        assert zoning.advance(outbreak=outbreak, now=days_later(4)) == 0
        case_of(outbreak, opened_at=days_later(5))
        assert zoning.advance(outbreak=outbreak, now=days_later(5)) == 1

    def test_declined_with_a_reason_and_not_proposed_again(self, outbreak, zone, commander):
        area_officer = factories.account(role=Role.AREA_OFFICER, area_code=COUNTY)
        with pytest.raises(zoning.ReasonMissing, match="小果庄村"):
            zoning.decline(zone=zone, reason=" ", by=area_officer, now=NOW)
        declined = zoning.decline(zone=zone, reason="无社区传播风险", by=area_officer, now=NOW)
        assert (declined.state, declined.decline_reason) == (ZoneState.DECLINED, "无社区传播风险")
        assert zoning.advance(outbreak=outbreak, now=days_later(1)) == 0

    def test_regraded_by_its_body(self, zone, commander):
        with pytest.raises(zoning.ZoneCannotMove):
            zoning.regrade(zone=zone, level=ZoneLevel.HIGH, by=commander, now=NOW)
        zoning.approve(zone=zone, by=commander, now=NOW)
        assert zoning.regrade(zone=zone, level=ZoneLevel.HIGH, by=commander, now=NOW).level == ZoneLevel.HIGH
        with pytest.raises(zoning.ZoneCannotMove):
            zoning.regrade(zone=zone, level=ZoneLevel.HIGH, by=commander, now=NOW)

    @pytest.mark.parametrize("state", [ZoneState.DECLINED, ZoneState.LIFTED])
    @pytest.mark.parametrize("verb", ["approve", "publish", "decline", "lift"])
    def test_nothing_leaves_a_closed_state(self, zone, officer, state, verb):
        Zone.objects.update(state=state)
        assert ZONE_MOVES[state] == set()
        more = {"reason": "…"} if verb == "decline" else {}
        with pytest.raises(zoning.ZoneCannotMove, match="nothing"):
            getattr(zoning, verb)(zone=zone, by=officer, now=NOW, **more)

    @pytest.mark.parametrize("verb", ["approve", "publish", "lift"])
    def test_refuses_who_may_not(self, zone, verb):
        with pytest.raises(access.NotAllowed):
            getattr(zoning, verb)(zone=zone, by=factories.account(role=Role.INVESTIGATOR), now=NOW)

    def test_refuses_another_area(self, zone):
        elsewhere = factories.account(role=Role.AREA_OFFICER, area_code="1305")
        with pytest.raises(access.NotYours):
            zoning.approve(zone=zone, by=elsewhere, now=NOW)


class TestTelling:
    FACTS = {
        "area_name": "小果庄村", "count": 3, "first_date": "2021-01-02", "last_date": "2021-01-04", "threshold": 5,
    }  # fmt: skip

    @pytest.mark.parametrize("kind", list(ZoneReason))
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_every_reason_can_be_told(self, kind, language):
        told = zoning.reason_told(self.FACTS | {"kind": kind}, language)
        assert told
        assert "{" not in told

    def test_one_sentence_in_both_languages(self):
        reasons = [self.FACTS | {"kind": "cases_at_home"}, self.FACTS | {"kind": "cluster", "last_date": "2021-01-02"}]
        assert zoning.told(reasons, "zh") == (
            "小果庄村有 3 例感染者居住，2021-01-02 至 2021-01-04 发现；小果庄村近期 3 例，达到聚集性疫情标准 5 例。"
        )
        assert zoning.told(reasons, "en") == (
            "3 infected people live in 小果庄村, found from 2021-01-02 to 2021-01-04; "
            "3 recent cases in 小果庄村, at least the 5 that make a cluster."
        )
        one_day = self.FACTS | {"kind": "cases_visited", "last_date": "2021-01-02"}
        assert zoning.reason_told(one_day, "en").endswith("found on 2021-01-02")
        assert zoning.reason_told(one_day, "zh").endswith("，2021-01-02发现")

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_no_reason_is_no_sentence(self, language):
        assert zoning.told([], language) == ""


# --- Fixtures ----------------------------------------------------------------------------------


@pytest.fixture
def outbreak(db):
    return factories.outbreak()


@pytest.fixture
def names(db):
    for code, name in {"13": "河北省", "1301": "石家庄市", COUNTY: "藁城区", "130109110": "增村镇"}.items():
        factories.area(code, name)
    factories.area(VILLAGE, "小果庄村")


@pytest.fixture
def zone(outbreak, names):
    case_of(outbreak)
    zoning.advance(outbreak=outbreak, now=NOW)
    return Zone.objects.get()


@pytest.fixture
def commander(db):
    return factories.account(role=Role.COMMANDER, area_code="1301")


@pytest.fixture
def officer(db):
    return factories.account(role=Role.AREA_OFFICER, area_code="1301")


def case_of(outbreak, *, area_code=VILLAGE, opened_at=NOW, **facts):
    return factories.case(of=factories.person(area_code=area_code), within=outbreak, opened_at=opened_at, **facts)


def visit_of(case, day, kind, area_code, recorded_at, number, *, outbreak=None):
    return Visit.objects.create(
        outbreak=outbreak or case.outbreak, person=case.person, kind=kind, area_code=area_code, first_date=day,
        last_date=day, recorded_at=recorded_at, source_key=f"visit:{case.pk}:{number}",
    )  # fmt: skip


def acts(zone=None):
    changes = ZoneChange.objects.order_by("id")
    return list((changes.filter(zone=zone) if zone else changes).values_list("act", flat=True))


def picture():
    return list(Zone.objects.order_by("id").values()), list(ZoneChange.objects.values()), Event.objects.count()
