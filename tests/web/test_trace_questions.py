"""Contacts of contacts, and places of infectious time, on the screen: asked by the form, shown as a list."""

from datetime import timedelta

import pytest

from sizao.records.models import Contact, Event, Trace
from sizao.response.tracing import standing
from sizao.terms import ContactKind, Role, TraceQuestion
from tests import factories
from tests.web import tracing
from tests.web.conftest import DAY, MORNING, at
from tests.web.tracing import ELSEWHERE, REASON, SHOP, VENUE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_folder_of_its_own(settings, tmp_path):
    settings.PRESENCES_DIR = tmp_path


@pytest.fixture
def case(outbreak):
    """The case was at the banquet with P-NEAR, who was in the shop next day with P-SECOND."""
    factories.area(ELSEWHERE, "南宫市")
    tracing.places()
    factories.person(number="P-SECOND", name="李次接", registered_at=MORNING)
    rows = [("P-CASE", VENUE, tracing.at(18), tracing.at(20)), ("P-NEAR", VENUE, tracing.at(18), tracing.at(20))]
    rows += [(who, SHOP, tracing.at(9, 1), tracing.at(9.5, 1)) for who in ("P-NEAR", "P-SECOND")]
    made = tracing.case(outbreak)
    tracing.present(outbreak, rows, key="first", now=MORNING)
    return made


def ask(somebody, question, **facts):
    given = {"question": question, "case": "HB-1", "reason": REASON, "purpose": "find_onward"} | facts
    answer = somebody.post(at("/traces/ask/"), given, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


class TestForm:
    def test_says_of_each_question_what_it_answers(self, case, client_of):
        shown = client_of(Role.DATA_OFFICER).get(at("/traces/ask/")).content.decode()
        for value in ("companions", "seats", "second_ring", "common_source", "hotspots"):
            assert f'value="{value}"' in shown
        assert "Who met somebody of those, after they had met the case?" in shown
        assert "At which places did cases spend most infectious time?" in shown

    @pytest.mark.parametrize(
        ("facts", "said"),
        [
            ({"question": "who"}, "no question of a trace"),
            ({"question": "hotspots", "since": "soon"}, "is no moment"),
            ({"question": "second_ring", "purpose": "find_source"}, "say nothing of where a case caught it"),
            ({"question": "second_ring", "case": "HB-1 HB-1"}, "one case at a time"),
        ],
    )
    def test_refuses_in_one_sentence(self, case, client_of, facts, said):
        assert said in ask(client_of(Role.DATA_OFFICER), **{"question": "companions"} | facts)
        assert not Trace.objects.exists()


class TestSecondRing:
    def test_lists_who_met_a_contact_and_says_what_is_to_be_done(self, case, client_of):
        shown = ask(client_of(Role.DATA_OFFICER), "second_ring")
        assert "<b>1</b> person met a contact of HB-1" in shown
        assert "Contact of a contact" in shown
        assert "whether they are a secondary contact" in shown
        assert "P-SECOND" in shown
        assert "P-NEAR" not in shown

    def test_explains_one_line_by_when_and_where(self, case, client_of):
        somebody = client_of(Role.DATA_OFFICER)
        ask(somebody, "second_ring")
        match = Trace.objects.get().matches.get()
        shown = somebody.get(at(f"/traces/{match.trace_id}/matches/{match.pk}/")).content.decode()
        assert "村口小卖部" in shown
        assert "喜宴厅" not in shown

    def test_makes_secondary_contacts_in_one_s_name(self, case, client_of):
        somebody = client_of(Role.INVESTIGATOR)
        ask(somebody, "second_ring")
        match = Trace.objects.get().matches.get()
        somebody.post(at(f"/traces/{match.trace_id}/contacts/"), {"match": [match.pk], "layer": "venue"})
        assert Contact.objects.get().kind == ContactKind.SECONDARY


class TestHotspots:
    def test_are_a_ranked_list_of_places(self, case, client_of):
        rows = [("P-CASE", SHOP, tracing.at(9, 1), tracing.at(9.25, 1))]
        tracing.present(case.outbreak, rows, key="shop", now=MORNING)
        shown = ask(client_of(Role.DATA_OFFICER), "hotspots")
        assert "passed through <b>喜宴厅</b>: <b>120</b> minutes" in shown
        assert shown.index("喜宴厅") < shown.index("村口小卖部")
        assert "HB-1" in shown
        assert Event.objects.filter(verb="trace.hotspots_read").count() == 1

    def test_count_since_the_moment_that_was_chosen(self, case, client_of):
        shown = ask(client_of(Role.DATA_OFFICER), "hotspots", since="2021-01-07T19:00")
        assert "<b>60</b> minutes" in shown

    def test_say_so_where_no_presence_of_the_case_is_known(self, case, client_of):
        shown = ask(client_of(Role.DATA_OFFICER), "hotspots", since="2021-01-09T19:00")
        assert "no place can be named" in shown

    def test_follow_a_late_batch(self, case, client_of):
        trace = tracing.asked(case, question=TraceQuestion.HOTSPOTS)
        rows, later = [("P-CASE", SHOP, tracing.at(9, 1), tracing.at(15, 1))], MORNING + timedelta(minutes=5)
        tracing.present(case.outbreak, rows, key="late", now=later)
        assert standing.advance(case.outbreak, later) == 1
        shown = client_of(Role.DATA_OFFICER).get(at(f"/traces/{trace.pk}/")).content.decode()
        assert shown.index("村口小卖部") < shown.index("喜宴厅")

    def test_stay_readable_when_the_presences_are_gone(self, case, client_of, settings, tmp_path):
        somebody = client_of(Role.DATA_OFFICER)
        ask(somebody, "hotspots")
        settings.PRESENCES_DIR = tmp_path / "gone"
        assert "<b>120</b> minutes" in somebody.get(at(f"/traces/{Trace.objects.get().pk}/")).content.decode()

    def test_are_of_one_s_own_jurisdiction(self, case, client_of):
        ask(client_of(Role.DATA_OFFICER), "hotspots")
        stranger = client_of(Role.DATA_OFFICER, ELSEWHERE)
        assert stranger.get(at(f"/traces/{Trace.objects.get().pk}/", DAY)).status_code == 404
