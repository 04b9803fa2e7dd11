"""`sizao load`, `replay` and `advance`: what they print, and with which code they end."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

from sizao.cli import main
from sizao.drill import replay, scenario
from sizao.records.models import Area, Case, Outbreak
from sizao.response import register
from tests import factories

pytestmark = pytest.mark.django_db
SLUG = "hebei-2021-01"


def sizao(*arguments):
    return CliRunner().invoke(main, arguments)


class TestLoad:
    def test_loads_the_areas_and_says_how_many_changed(self):
        first, again = sizao("load"), sizao("load")
        assert (first.exit_code, again.exit_code) == (0, 0)
        assert f"{Area.objects.count()} areas are new or changed." in first.stdout
        assert "0 areas are new or changed." in again.stdout

    def test_refuses_an_unknown_scenario(self):
        refused = sizao("load", "--scenario", "atlantis")
        assert (refused.exit_code, SLUG in refused.stderr) == (1, True)

    def test_puts_what_was_not_read_of_a_report_on_its_case(self, areas, tmp_path):
        replay.replay(scenario.load(SLUG), until=scenario.load(SLUG).first_date)
        case = Case.objects.order_by("id").first()
        reports = tmp_path / "reports.jsonl"
        line = {"report_id": case.number, "text": "2021年1月1日居家未外出。天气晴朗。"}
        elsewhere = {"report_id": "XX-1", "text": "2021年1月1日在家。"}
        text = "\n".join(json.dumps(one, ensure_ascii=False) for one in (line, elsewhere))
        reports.write_text(text + "\n", encoding="utf-8")
        done = sizao("load", "--reports", str(reports))
        assert "1 cases now show" in done.stdout
        case.refresh_from_db()
        assert case.unread_spans == len(case.unread) > 0


class TestReplay:
    def test_needs_the_areas(self):
        refused = sizao("replay")
        assert (refused.exit_code, "sizao load" in refused.stderr) == (1, True)

    def test_stops_after_the_day_asked_for_and_goes_on(self, areas):
        first = sizao("replay", "--until", "2021-01-02")
        assert first.exit_code == 0
        assert first.stdout.startswith("1 days replayed. Facts left out:")
        assert sizao("replay", "--until", "2021-01-02").stdout.startswith("All days are replayed already.")
        assert sizao("replay", "--until", "2021-01-03").stdout.startswith("1 days replayed.")

    def test_prints_the_comparison_when_asked(self, areas):
        compared = sizao("replay", "--until", "2021-01-02", "--compare")
        assert compared.exit_code == 0
        assert "76 official areas" in compared.stdout

    def test_a_day_that_is_none_is_an_error_of_use(self):
        assert sizao("replay", "--until", "2021-02-30").exit_code == 2


class TestAdvance:
    def test_says_what_each_stage_changed(self, areas):
        outbreak = factories.outbreak(last_date=date(2021, 1, 5))  # else the loop reports every day until today
        done = sizao("advance", outbreak.slug)
        assert done.exit_code == 0
        assert "cases 0, tracing 0" in done.stdout

    def test_refuses_an_unknown_outbreak(self):
        refused = sizao("advance", "atlantis")
        assert (refused.exit_code, "There is no outbreak called atlantis" in refused.stderr) == (1, True)

    def test_refuses_a_closed_outbreak(self):
        closed = factories.outbreak(closed_at=factories.NOW)
        refused = sizao("advance", closed.slug)
        assert (refused.exit_code, "was closed on 2021-01-10" in refused.stderr) == (1, True)
        assert Outbreak.objects.count() == 1


@pytest.fixture
def areas(db):
    entries = [one for one in scenario.load(SLUG).areas() if one.code.startswith("13") and len(one.code) <= 6]
    register.load_areas(entries, by=None, now=factories.NOW)
