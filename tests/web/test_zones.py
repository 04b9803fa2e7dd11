"""Zones on screen: why, until when, and decided only by those who hold the right."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from sizao.records.models import CaseChange, EnvironmentSample, OfficialArea, Zone
from sizao.response import zoning
from sizao.terms import CaseStatus, Role, ZoneState
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)
ENGLISH = {"Accept-Language": "en"}


class TestTheList:
    def test_shows_what_stands_on_the_day(self, officer, zone):
        page = _page(officer.get("/zones/", {"day": "2021-01-10"}, headers=ENGLISH))
        assert "<b>1</b> area stands" in page
        assert "藁城区增村镇小果庄村" in page

    def test_knows_nothing_of_days_to_come(self, officer, zone):
        page = _page(officer.get("/zones/", {"day": "2021-01-09"}, headers=ENGLISH))
        assert "No zone answers to this" in page

    def test_can_show_what_is_over(self, officer, zone, commander):
        zoning.decline(zone=zone, reason="A mistake.", by=commander, now=NOW)
        assert "小果庄村" not in _page(officer.get("/zones/", {"day": "2021-01-10"}))
        assert "小果庄村" in _page(officer.get("/zones/", {"day": "2021-01-10", "shown": "over"}))


class TestTheZone:
    def test_tells_why_and_by_whose_rule(self, officer, zone):
        page = _page(officer.get(reverse("zone", args=[zone.pk]), {"day": "2021-01-10"}, headers=ENGLISH))
        assert "live in 藁城区增村镇小果庄村, found on 2021-01-10" in page
        assert "zones.middle_lift_days" in page
        assert "edition-7" in page
        assert "May be lifted from <b>Mon 25 January 2021</b> on." in page

    def test_sets_the_official_list_beside_it(self, officer, zone):
        _listed(zone, name="小果庄村", code=factories.VILLAGE)
        _listed(zone, name="滨河小区", code="130109001", unit="compound")
        page = _page(officer.get(reverse("zone", args=[zone.pk]), {"day": "2021-01-10"}, headers=ENGLISH))
        assert page.index("小果庄村<br>") < page.index("Elsewhere in this county") < page.index("滨河小区")

    def test_says_what_it_has_become_since(self, officer, zone, commander):
        zoning.decline(zone=zone, reason="A mistake.", by=commander, now=datetime(2021, 1, 12, 4, 0, tzinfo=UTC))
        page = _page(officer.get(reverse("zone", args=[zone.pk]), {"day": "2021-01-11"}, headers=ENGLISH))
        assert "By now it is: <b>Declined</b>" in page
        assert 'name="decision"' not in page

    def test_is_not_known_before_it_was_proposed(self, officer, zone):
        answer = officer.get(reverse("zone", args=[zone.pk]), {"day": "2021-01-09"}, headers=ENGLISH)
        assert answer.status_code == 404
        assert "was first proposed on 2021-01-10" in _page(answer)

    def test_is_hidden_from_another_county(self, client, zone):
        client.force_login(factories.account(area_code="130581"))
        assert client.get(reverse("zone", args=[zone.pk])).status_code == 404


class TestDecide:
    def test_approves_in_the_officer_s_name_on_the_chosen_day(self, officer, zone):
        page = _page(_decide(officer, zone, "approved"))
        zone.refresh_from_db()
        assert (zone.state, zone.approved_by.role) == (ZoneState.APPROVED, Role.AREA_OFFICER)
        assert zone.outbreak.day_of(zone.approved_at) == date(2021, 1, 10)
        assert "Approved in your name" in page

    def test_says_what_is_missing_when_declined_without_a_reason(self, officer, zone):
        page = _page(_decide(officer, zone, "declined"))
        zone.refresh_from_db()
        assert zone.state == ZoneState.PROPOSED
        assert "Say in a few words why" in page

    def test_refuses_a_step_that_the_lifecycle_has_not(self, officer, zone):
        assert "cannot become" in _page(_decide(officer, zone, "published"))

    def test_refuses_a_role_without_the_right(self, client, zone):
        client.force_login(factories.account(role=Role.DUTY_OFFICER))
        page = _page(_decide(client, zone, "approved"))
        zone.refresh_from_db()
        assert zone.state == ZoneState.PROPOSED
        assert "does not hold the right" in page
        assert 'name="decision"' not in page

    def test_refuses_a_decision_that_is_none(self, officer, zone):
        assert _decide(officer, zone, "burnt").status_code == 400

    def test_refuses_to_be_only_looked_at(self, officer, zone):
        assert officer.get(reverse("zone_decide", args=[zone.pk])).status_code == 405


class TestTheComparison:
    def test_sets_both_sides_beside_each_other(self, officer, zone):
        _listed(zone, name="小果庄村", code=factories.VILLAGE, first=date(2021, 1, 13))
        page = _page(officer.get("/zones/comparison/", {"day": "2021-01-14"}, headers=ENGLISH))
        assert "Of <b>1</b> official areas sizao proposed <b>1</b>" in page
        assert "+3" in page


@pytest.fixture
def outbreak():
    for code, name in (("13", "河北省"), ("130109", "藁城区"), ("130109110", "增村镇")):
        factories.area(code, name)
    factories.area()
    return factories.outbreak(last_date=date(2021, 2, 14))


@pytest.fixture
def zone(outbreak):
    case = factories.case(within=outbreak, opened_at=NOW, first_positive_date=date(2021, 1, 10))
    CaseChange.objects.create(case=case, status=CaseStatus.CONFIRMED, at=NOW, by="sizao", source_key="test:confirmed")
    zoning.advance(outbreak=outbreak, now=NOW)
    return Zone.objects.get()


@pytest.fixture
def officer(client, outbreak):
    client.force_login(factories.account(role=Role.AREA_OFFICER))
    return client


@pytest.fixture
def commander():
    return factories.account(role=Role.COMMANDER)


def _decide(client, zone, decision, reason=""):
    address = reverse("zone_decide", args=[zone.pk]) + "?day=2021-01-10"
    return client.post(address, {"decision": decision, "reason": reason}, headers=ENGLISH, follow=True)


def _listed(zone, *, name, code, unit="village", first=date(2021, 1, 7)):
    OfficialArea.objects.create(
        outbreak=zone.outbreak, name=name, area_code=code, unit=unit, level="medium",
        first_date=first, last_date=date(2021, 1, 20), source="", source_key=f"test:{name}",
    )  # fmt: skip


def _page(answer) -> str:
    return answer.content.decode()


class TestChanging:
    def test_a_sample_is_recorded_and_answered_once(self, client_of, published):
        officer = client_of(Role.AREA_OFFICER, "1301")
        _change(officer, published, what="sample", object="corridor", where="1号楼东侧走廊")
        sample = EnvironmentSample.objects.get()
        for result in ("negative", "positive"):
            _change(officer, published, what="result", sample=sample.pk, result=result)
        sample.refresh_from_db()
        assert (sample.zone, sample.is_positive, sample.note) == (published, False, "1号楼东侧走廊")
        page = _page(officer.get(reverse("zone", args=[published.pk]), {"day": "2021-01-10"}, headers=ENGLISH))
        assert "1号楼东侧走廊" in page

    def test_measures_change_by_form_and_the_versions_say_how(self, client_of, published):
        officer = client_of(Role.AREA_OFFICER, "1301")
        _change(officer, published, what="measures", measures=["care_path", "protect"], legal_basis="传染病防治法",
                reason="好转")  # fmt: skip
        found = officer.get(f"/zones/{published.pk}/versions/", {"day": "2021-01-10"}, headers=ENGLISH)
        assert {one.field for one in found.context["differences"]} >= {"measures"}
        assert "Protect yourself" in _page(found)

    def test_what_was_not_drawn_is_not_redrawn(self, client_of, published):
        page = _change(client_of(Role.AREA_OFFICER, "1301"), published, what="redraw", outline='{"type": "Polygon"}',
                       reason="x")  # fmt: skip
        assert "was not drawn on the map" in page

    def test_a_change_that_says_nothing_is_told(self, client_of, published):
        assert "is no change of a zone" in _change(client_of(Role.AREA_OFFICER, "1301"), published, what="no")


class TestHowLongAreasStood:
    def test_says_how_to_compute_it_where_nobody_has(self, officer, settings, tmp_path):
        settings.DRILL_REPORT = tmp_path / "drill-report.json"
        assert "sizao zones durations" in _page(officer.get("/zones/durations/", headers=ENGLISH))

    def test_shows_the_file_of_results(self, officer, settings, tmp_path):
        settings.DRILL_REPORT = tmp_path / "drill-report.json"
        (tmp_path / "zone-durations.csv").write_text(
            "edition,level,unit,rule_days,n,judged,shorter,kept,longer,cut,across,median_days\n"
            "edition-9,high,,7,10,8,2,4,2,1,1,7.5\nedition-9,low,,,3,0,0,0,0,0,0,\n"
        )
        (group,) = officer.get("/zones/durations/").context["groups"]
        assert (group.level, group.rule_days, group.share_kept, group.median_days) == ("high", 7, 50, 7.5)


def _change(client, zone, **given):
    address = reverse("zone_change", args=[zone.pk])
    return _page(client.post(f"{address}?day=2021-01-10", given, follow=True, headers=ENGLISH))


@pytest.fixture
def published(zone, commander):
    zoning.approve(zone=zone, by=commander, now=NOW)
    Zone.objects.filter(pk=zone.pk).update(
        state=ZoneState.PUBLISHED, published_at=NOW, legal_basis="传染病防治法", measures=["care_path"],
        expected_until=date(2021, 1, 24),
    )  # fmt: skip
    return Zone.objects.get(pk=zone.pk)
