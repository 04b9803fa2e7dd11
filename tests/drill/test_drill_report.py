"""The report of a drill: its facts beside the records, the lives beside it, one telling on page and paper."""

import json

import pytest
from django.test import override_settings
from django.utils import translation

from sizao.drill.rehearsal import (
    answering,
    lives,
    report_facts,
    report_file,
    report_pdf,
    report_words,
    run,
    told_file,
)
from sizao.drill.rehearsal.looking import Looking
from sizao.records.models import Case
from sizao.terms import Role
from tests.drill.test_rehearsal import begun


@pytest.mark.django_db
class TestFacts:
    def test_come_from_the_drill_and_are_told_alike_on_page_and_paper(self, tmp_path):
        with override_settings(PRESENCES_DIR=tmp_path, DRILL_REPORT=tmp_path / "told.json"):
            running = begun()
            run.run(running, until=3, tell=lambda *_: None)
            running.office.by_people.update({Role.INVESTIGATOR, Role.DATA_OFFICER})
            run.run(running, until=4, tell=lambda *_: None)
            self.cases_tell_who_asks_at_the_screens(running)
            self.the_same_orders_give_the_same_life(running)
            facts = report_facts.facts(running)
            report_file.write(running.outbreak, facts)
            assert report_file.read(running.outbreak)["facts"] == json.loads(json.dumps(facts))
            n_cases = Case.objects.standing().count()
        value = {key: value for key, _, _, value, _ in facts["scored"]}
        assert sum(facts["found"]) == value["cases_found"] == n_cases
        assert sum(facts["infections"]["drill"]) == value["infected"]
        assert value["infected_perfect"] <= value["infected"] <= value["infected_without"]
        assert 0 <= value["free_infectious_share"] <= 1
        for one in facts["contacts"]:
            assert one["met"] == sum(one["found"]) + one["never"]
        assert facts["helped"]["ill_at_once"] <= value["infected"]
        self.is_told_in_both_languages(facts)

    def cases_tell_who_asks_at_the_screens(self, running):
        """What the script does not ask is written down for a person, once, and only of cases that wait."""
        outbreak, now = running.outbreak, running.life.moment(4)
        waiting = Case.objects.filter(outbreak=outbreak, investigated_at=None).standing()
        assert waiting.exists()
        answers = answering.answer(running.office, now)
        told = told_file.told(outbreak)
        assert set(told) == set(waiting.values_list("number", flat=True))
        assert answers >= len(told)
        homes = [running.life.household(running.life.person(one["person"])) for one in told.values()]
        for one, home in zip(told.values(), homes, strict=True):
            named = {number for number, _ in one["contacts"]}
            assert {running.life.number(int(other)) for other in home} - {one["person"]} <= named
        answering.answer(running.office, now)
        assert told_file.told(outbreak) == told
        first = waiting.first()
        waiting.filter(pk=first.pk).update(investigated_at=now)
        answering.answer(running.office, now)
        assert first.number not in told_file.told(outbreak)
        Case.objects.filter(pk=first.pk).update(investigated_at=None)

    def the_same_orders_give_the_same_life(self, running):
        """What differs between two lives comes from the orders alone, so that with the same ones they are one."""
        again = lives.lived(running, lives.as_ordered(running), lives.gather_as(running))
        assert again == lives.by_day(running.life, running.next_day)
        earlier = lives.as_ordered(running, days_earlier=1)
        assert sum(lives.lived(running, earlier, lives.gather_as(running))) <= sum(again)
        assert sum(lives.lived(running, lives.gather)) >= sum(again)
        assert len(Looking(running).met) > 0

    def is_told_in_both_languages(self, facts):
        for language, word in (("zh-hans", "流行曲线"), ("en", "Epidemic curve")):
            with translation.override(language):
                told = report_words.report(facts)
            assert word in [one.title for one in told.sections]
            assert report_pdf.pdf(facts, language).startswith(b"%PDF-")
