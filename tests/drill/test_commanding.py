"""What a scenario tells of commands: each text says what it rests on, and each step fits its directive."""

from datetime import date

import pytest

from sizao.drill import scenario
from sizao.drill.commanding.told import Marks, told_of
from sizao.terms import Role
from tests import factories

SLUG = "hebei-2021-01"
ACTS = {"receive", "issue_on", "report", "close", "accept", "return"}


@pytest.fixture(scope="module")
def told():
    return told_of(scenario.load(SLUG))


class TestMarks:
    MARKS = Marks(made_up="（复盘设定）", published="（公开资料：{source}）", ordered="（内容见{source}）")

    def test_name_the_source_or_say_that_it_was_made_up(self):
        assert self.MARKS.said("已完成", "新华社") == "已完成（公开资料：新华社）"
        assert self.MARKS.said("已完成", "") == "已完成（复盘设定）"
        assert self.MARKS.order("请落实", "") == "请落实（复盘设定）"


class TestTold:
    def test_steps_follow_their_directive_in_time_and_are_known(self, told):
        for one in told.directives:
            moments = [step["at"] for step in one["steps"]]
            assert moments == sorted(moments), one["key"]
            assert all(one["at"] < moment for moment in moments), one["key"]
            assert {step["act"] for step in one["steps"]} <= ACTS

    def test_what_has_figures_of_people_was_published(self, told):
        """A number that is not published would be taken for a fact."""
        texts = [(step["text"], step) for one in told.directives for step in one["steps"] if "text" in step]
        counted = [step for text, step in texts if any(digit.isdigit() for digit in text)]
        assert len(counted) > 5
        assert all(step.get("source") for step in counted)

    def test_everything_lies_within_the_days_of_the_scenario(self, told):
        chosen = scenario.load(SLUG)
        moments = [one["at"] for one in (*told.levels, *told.directives, *told.contacts, *told.letters)]
        assert all(chosen.first_date <= one.date() <= chosen.last_date for one in moments)
        assert all(chosen.first_date <= day <= chosen.last_date for day, _ in told.reports.missing)

    def test_a_report_is_either_missing_or_returned(self, told):
        assert not told.reports.missing & set(told.reports.returned)
        assert (date(2021, 1, 12), "1305") in told.reports.returned


@pytest.mark.django_db
class TestActors:
    def test_act_though_their_accounts_are_closed(self):
        from sizao.drill.commanding.actors import Actors
        from sizao.records import access
        from sizao.records.models import Account
        from sizao.terms import Right

        actors = Actors({"130109": "藁城区"})
        desk = actors.desk("130109", factories.NOW)
        access.require(desk, Right.DIRECTIVE_WORK, area_code="130109")
        assert desk.display_name == "藁城区值班员（复盘）"
        assert not Account.objects.get().is_active
        assert actors.desk("130109110", factories.NOW).role == Role.GRID_WORKER
        assert actors.judge("13", factories.NOW).role == Role.COMMANDER
