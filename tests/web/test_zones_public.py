"""The public list without signing in, and the officer's page that proposes."""

import json
from datetime import UTC, date, datetime

import pytest

from sizao.records.models import Area, Zone
from sizao.response import zoning
from sizao.terms import Role, ZoneLevel, ZoneMeasure, ZoneState, ZoneUnit
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)
ENGLISH = {"Accept-Language": "en"}
COUNTY = "130109"


class TestPublicList:
    def test_anybody_reads_what_stands_and_what_was_announced(self, client, zone):
        page = client.get("/areas/", {"day": "2021-01-10"}, headers=ENGLISH).content.decode()
        assert "小果庄村" in page
        assert "传染病防治法" in page

    def test_stays_though_another_area_is_only_proposed(self, client, zone):
        Zone.objects.create(
            outbreak=zone.outbreak, area_code="130109111", name="岗上镇", unit=ZoneUnit.STREET, level=ZoneLevel.MEDIUM,
            state=ZoneState.PROPOSED, proposed_at=NOW, since_date=NOW.date(), source_key="test:proposed",
        )  # fmt: skip
        page = client.get("/areas/", {"day": "2021-01-10"}, headers=ENGLISH).content.decode()
        assert "小果庄村" in page
        assert "岗上镇" not in page

    def test_the_day_before_knows_nothing_of_it(self, client, zone):
        page = client.get("/areas/", {"day": "2021-01-09"}, headers=ENGLISH).content.decode()
        assert "No risk area stands on this day." in page

    def test_a_lifted_area_stays_in_the_history(self, client, zone, city):
        zoning.lift(zone=zone, by=city, now=datetime(2021, 1, 12, 4, tzinfo=UTC), reason="误划")
        found = json.loads(client.get("/areas/geojson/", {"day": "2021-01-13"}).content)
        (feature,) = found["features"]
        assert (feature["properties"]["name"], feature["properties"]["lifted"]) == ("小果庄村", "2021-01-12")
        before = json.loads(client.get("/areas/geojson/", {"day": "2021-01-11"}).content)
        assert before["features"][0]["properties"]["lifted"] is None

    def test_a_household_is_told_by_its_village(self, client, zone):
        Zone.objects.update(unit=ZoneUnit.HOUSEHOLD, name="秘密房间")
        answers = [client.get(address, {"day": "2021-01-10"}) for address in ("/areas/", "/areas/geojson/")]
        for answer in answers:
            assert "秘密房间" not in answer.content.decode()
            assert "小果庄村" in answer.content.decode()
        (feature,) = json.loads(answers[1].content)["features"]
        assert (feature["properties"]["unit"], feature["geometry"]) == ("village", None)

    def test_the_workbook_holds_the_same(self, client, zone, tmp_path):
        answer = client.get("/areas/export/", {"day": "2021-01-10"})
        file = tmp_path / "areas.xlsx"
        file.write_bytes(b"".join(answer.streaming_content))
        assert file.read_bytes().startswith(b"PK")

    @pytest.mark.parametrize(
        ("address", "asked", "status"),
        [("/areas/", {"day": "x"}, 400), ("/areas/geojson/", {"outbreak": "none"}, 404)],
    )
    def test_what_cannot_be_answered_is_refused(self, client, zone, address, asked, status):
        assert client.get(address, asked).status_code == status

    def test_says_the_same_of_an_outbreak_without_areas_and_of_none(self, client, zone):
        factories.outbreak(slug="quiet-one")
        pages = [client.get("/areas/", {"outbreak": slug}, headers=ENGLISH) for slug in ("quiet-one", "none-such")]
        assert [page.status_code for page in pages] == [200, 200]
        told = [
            page.content.decode().replace(slug, "…")
            for page, slug in zip(pages, ("quiet-one", "none-such"), strict=True)
        ]
        assert "No risk area has been announced under “…”" in told[0]
        assert told[0].partition("<main")[2] == told[1].partition("<main")[2]

    def test_without_any_area_it_says_so(self, client):
        assert "No risk area has been announced" in client.get("/areas/", headers=ENGLISH).content.decode()


class TestPropose:
    def test_sets_the_choices_beside_each_other(self, client, officer, outbreak):
        client.force_login(officer)
        page = client.get("/zones/propose/", {"day": "2021-09-10"}, headers=ENGLISH).content.decode()
        assert "小果庄村" in page
        assert "<b>1200</b>" in page

    def test_proposes_what_was_chosen(self, client, officer, outbreak):
        client.force_login(officer)
        client.post(f"/zones/propose/?day=2021-09-10&area={COUNTY}", _form(units=factories.VILLAGE))
        zone = Zone.objects.get()
        assert (zone.state, zone.level, zone.proposed_by, zone.population) == (
            ZoneState.PROPOSED, ZoneLevel.HIGH, officer, 1200,
        )  # fmt: skip

    def test_says_what_is_missing(self, client, officer, outbreak):
        client.force_login(officer)
        answer = client.post(
            f"/zones/propose/?day=2021-09-10&area={COUNTY}", _form(units=factories.VILLAGE, legal_basis=" "),
            follow=True, headers=ENGLISH,
        )  # fmt: skip
        assert "without a basis nobody may be asked to stay" in answer.content.decode()
        assert not Zone.objects.exists()

    def test_an_outline_that_is_none_is_refused(self, client, officer, outbreak):
        client.force_login(officer)
        answer = client.post(
            f"/zones/propose/?day=2021-09-10&area={COUNTY}", _form(outline="{"), follow=True, headers=ENGLISH
        )  # fmt: skip
        assert "The outline could not be read" in answer.content.decode()


def _form(**facts):
    return {"level": "high", "measures": [str(ZoneMeasure.STAY_HOME), str(ZoneMeasure.CARE_PATH)],
            "legal_basis": "传染病防治法", "expected_until": "2021-09-20"} | facts  # fmt: skip


@pytest.fixture
def outbreak():
    for code, name in [(COUNTY, "藁城区"), ("130109110", "增村镇"), (factories.VILLAGE, "小果庄村")]:
        factories.area(code, name)
    Area.objects.filter(code=factories.VILLAGE).update(population=1200)
    found = factories.outbreak(last_date=date(2021, 9, 30))
    factories.case(within=found, opened_at=datetime(2021, 9, 9, 4, tzinfo=UTC))
    return found


@pytest.fixture
def officer():
    return factories.account(role=Role.AREA_OFFICER, area_code=COUNTY)


@pytest.fixture
def city():
    return factories.account(role=Role.AREA_OFFICER, area_code="1301")


@pytest.fixture
def zone(outbreak, city):
    found = Zone.objects.create(
        outbreak=outbreak, area_code=factories.VILLAGE, name="小果庄村", unit=ZoneUnit.VILLAGE, level=ZoneLevel.MEDIUM,
        state=ZoneState.PROPOSED, proposed_at=NOW, since_date=date(2021, 1, 10), may_lift_date=date(2021, 1, 25),
        measures=["stay_inside", "care_path"], legal_basis="传染病防治法", expected_until=date(2021, 1, 24),
        source_key="test:zone",
    )  # fmt: skip
    zoning.approve(zone=found, by=city, now=NOW)
    return zoning.publish(zone=found, by=city, now=NOW)
