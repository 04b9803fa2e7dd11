"""The outlook page: sentences for what can be said, no chart for what cannot, and the numbers as a workbook."""

import io
import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from python_calamine import CalamineWorkbook

from sizao.records.models import CaseChange, Event
from sizao.response.reports.outlook_said import Estimate, TooFew
from sizao.response.reports.outlook_spread import GrowthTold, Reproduction
from sizao.terms import CaseStatus, CountedBy, Role
from sizao.web import outlook_sentences
from tests import factories
from tests.web.conftest import at

pytestmark = pytest.mark.django_db
LATE = date(2021, 1, 23)


class TestThePage:
    def test_says_how_fast_it_spreads_and_marks_it_as_a_model(self, client_of, growing):
        page = client_of().get(at("/outlook/", LATE)).content.decode()
        assert "Spread is growing: one case infects" in page
        assert "Model results" in page
        assert "Cori et al. 2013" in page
        assert "Serial interval from the literature" in page
        assert set(drawn(page)) == {"curve", "reproduction", "forecast", "ending", "delays", "found"}
        assert all(drawn(page).values())

    def test_says_so_instead_of_drawing_where_there_is_too_little(self, client_of, outbreak):
        page = client_of().get(at("/outlook/")).content.decode()
        assert "Too few to say" in page
        assert 'class="chart"' not in page
        assert {name for name, part in drawn(page).items() if part} == {"found"}

    def test_knows_nothing_of_later_days(self, client_of, growing):
        page = client_of().get(at("/outlook/", date(2021, 1, 6))).content.decode()
        assert "this is day 5" in page
        assert max(drawn(page)["curve"]["days"]) == "2021-01-06"

    def test_shows_each_its_own_jurisdiction(self, client_of, growing):
        page = client_of(area_code="130581").get(at("/outlook/", LATE)).content.decode()
        assert drawn(page)["found"]["n_cases"] == 0

    def test_refuses_a_role_without_the_right(self, client_of, outbreak):
        assert client_of(Role.ADMINISTRATOR).get(at("/outlook/")).status_code == 403

    def test_has_no_script_of_its_own_in_the_page(self, client_of, growing):
        page = client_of().get(at("/outlook/", LATE)).content.decode()
        assert re.findall(r"<script(?![^>]*(src=|application/json))", page) == []

    def test_is_led_to_from_the_situation(self, client_of, outbreak):
        assert f'href="{at("/outlook/")}"'.replace("&", "&amp;") in client_of().get(at("/")).content.decode()


class TestTheWorkbook:
    def test_holds_what_the_charts_show(self, client_of, growing):
        client = client_of()
        page = drawn(client.get(at("/outlook/", LATE)).content.decode())
        book = workbook(client.get(at("/outlook/export/", LATE)))
        assert len(book.sheet_names) == 6
        curve = book.get_sheet_by_index(0).to_python()[1:]
        assert [row[0].isoformat() for row in curve] == page["curve"]["days"]
        assert [row[3] for row in curve] == pytest.approx(page["curve"]["median"])
        origin = dict(row[:2] for row in book.get_sheet_by_index(5).to_python()[1:])
        assert origin["Outbreak"] == "here"
        assert "never enter a report" in origin["Notice"]

    def test_gives_one_part_when_asked(self, client_of, growing):
        answer = client_of().get(at("/outlook/export/", LATE, part="forecast"))
        assert "sizao-outlook-forecast-2021-01-23.xlsx" in answer["Content-Disposition"]
        book = workbook(answer)
        assert book.sheet_names == ["Forecast", "Origin"]
        assert len(book.get_sheet_by_index(0).to_python()) > 14

    def test_says_why_a_part_is_empty(self, client_of, outbreak):
        book = workbook(client_of().get(at("/outlook/export/", part="ending")))
        assert "cannot be said" in book.get_sheet_by_index(0).to_python()[1][0]

    def test_refuses_a_part_that_is_none(self, client_of, outbreak):
        answer = client_of().get(at("/outlook/export/", part="weather"))
        assert answer.status_code == 404
        assert "weather" in answer.content.decode()

    def test_reads_no_person(self, client_of, growing):
        client_of().get(at("/outlook/export/", LATE))
        assert not Event.objects.filter(person_id__isnull=False).exists()


class TestSentences:
    @pytest.mark.parametrize(("chance", "said"), [(0.99, "growing"), (0.01, "shrinking"), (0.6, "not certain")])
    def test_says_only_what_is_sure(self, chance, said):
        assert said in outlook_sentences._reproduction(reproduction(Estimate(1.1, 0.9, 1.4), chance))

    def test_names_the_number_that_is_missing(self):
        few = reproduction(TooFew(n=3, least=12), None)
        assert "3 cases" in outlook_sentences._reproduction(few)

    def test_gives_no_doubling_time_where_nothing_is_sure(self):
        level = GrowthTold(7, 60, Estimate(0.01, -0.1, 0.12), None, None)
        assert "no doubling time is given" in outlook_sentences._growth(level)
        halving = GrowthTold(7, 60, Estimate(-0.2, -0.3, -0.1), None, Estimate(3.47, 2.3, 6.9))
        assert "halve in 3.5 (2.3–6.9) days" in outlook_sentences._growth(halving)


@pytest.fixture
def growing(outbreak):
    """Three weeks of ever more cases, most with a known onset, found up to two days later."""
    n = 0
    for day in range(1, 23):
        for _ in range(2 + day // 2):
            n += 1
            found = datetime(2021, 1, 1, 4, 0, tzinfo=UTC) + timedelta(days=day)
            made = factories.case(
                within=outbreak,
                opened_at=found,
                onset_date=found.date() - timedelta(days=n % 3) if n % 4 else None,
                investigated_at=found,
            )
            CaseChange.objects.create(
                case=made, status=CaseStatus.CONFIRMED, at=found, by="x", source_key=f"test:grow:{n}"
            )
    return outbreak


def reproduction(latest, chance):
    return Reproduction(CountedBy.ONSET, (), (), (), (), (), latest, chance, None)


def drawn(page: str) -> dict:
    return json.loads(re.search(r'id="drawing"[^>]*>(.*?)</script>', page).group(1))


def workbook(answer):
    return CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
