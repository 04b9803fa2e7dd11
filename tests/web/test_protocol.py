"""The rules on screen: two editions side by side, and values that an officer answers for."""

from datetime import date

import pytest
from django.urls import reverse

from sizao.protocol.values import UNITS
from sizao.records.models import Event, ProtocolConfirmation
from sizao.terms import OutbreakKind, Role
from sizao.web.templatetags.rules import UNIT_WORDS
from tests import factories

pytestmark = pytest.mark.django_db
ENGLISH = {"Accept-Language": "en"}
UNVERIFIED = "case.cluster_window_days"
SOURCED = "case.epi_history_days"


class TestTheEditions:
    def test_stand_side_by_side_with_their_sources(self, reader):
        page = _page(reader.get("/protocol/", {"day": "2021-01-10"}, headers=ENGLISH))
        assert "<b>Edition 7</b> is in force here" in page
        assert "第八版" in page
        assert 'href="#S26"' in page

    def test_show_only_what_differs_unless_asked(self, reader):
        differing = _page(reader.get("/protocol/", {"left": "edition-7", "right": "edition-8"}))
        everything = _page(reader.get("/protocol/", {"left": "edition-7", "right": "edition-8", "all": "on"}))
        assert "report.case_report_hours" not in differing
        assert "report.case_report_hours" in everything

    def test_are_searched_by_key_name_and_value(self, reader):
        page = _page(reader.get("/protocol/", {"search": "lift_days"}))
        assert "zones.strict_lift_days" in page
        assert "case.suspected_rule" not in page

    def test_show_companions_by_the_chosen_day(self, reader):
        page = _page(reader.get("/protocol/", {"day": "2021-01-10"}, headers=ENGLISH))
        assert "not yet in force" in page

    def test_say_every_unit_of_the_protocol(self):
        assert set(UNIT_WORDS) == set(UNITS.values())

    def test_refuse_an_edition_that_is_none(self, reader):
        answer = reader.get("/protocol/", {"left": "edition-77"}, headers=ENGLISH)
        assert answer.status_code == 404
        assert "There is no edition called edition-77" in _page(answer)


class TestConfirm:
    def test_records_who_answers_for_a_value(self, commander):
        page = _page(_confirm(commander, UNVERIFIED, "Letter 12 of the provincial headquarters"))
        confirmed = ProtocolConfirmation.objects.get()
        assert (confirmed.key, confirmed.edition, confirmed.value) == (UNVERIFIED, "edition-7", "14")
        assert Event.objects.filter(verb="protocol.confirmed").count() == 1
        assert "Letter 12" in page

    def test_refuses_a_second_time(self, commander):
        _confirm(commander, UNVERIFIED, "Letter 12")
        assert "was confirmed by" in _page(_confirm(commander, UNVERIFIED, "Letter 13"))
        assert ProtocolConfirmation.objects.count() == 1

    def test_refuses_without_a_ground(self, commander):
        assert "Name the document" in _page(_confirm(commander, UNVERIFIED, " "))
        assert not ProtocolConfirmation.objects.exists()

    def test_refuses_a_value_that_needs_none(self, commander):
        assert "nothing to confirm" in _page(_confirm(commander, SOURCED, "Letter 12"))

    def test_refuses_a_key_that_is_none(self, commander):
        answer = _confirm(commander, "no.such_key", "Letter 12")
        assert "There is no rule called no.such_key" in _page(answer)

    def test_refuses_a_role_without_the_right(self, reader):
        assert _confirm(reader, UNVERIFIED, "Letter 12").status_code == 403
        assert not ProtocolConfirmation.objects.exists()

    def test_says_what_a_real_outbreak_waits_for(self, reader, outbreak):
        outbreak.kind = OutbreakKind.REAL
        outbreak.save()
        page = _page(reader.get("/protocol/confirmations/", {"day": "2021-01-10"}, headers=ENGLISH))
        assert "no decision about people may rest on it" in page
        assert "waits for an officer with that right" in page


@pytest.fixture(autouse=True)
def outbreak():
    return factories.outbreak(last_date=date(2021, 2, 14))


@pytest.fixture
def reader(client):
    client.force_login(factories.account(role=Role.DUTY_OFFICER))
    return client


@pytest.fixture
def commander(client):
    client.force_login(factories.account(role=Role.COMMANDER))
    return client


def _confirm(client, key, note):
    address = reverse("protocol_confirm") + "?day=2021-01-10"
    return client.post(address, {"key": key, "note": note}, headers=ENGLISH, follow=True)


def _page(answer) -> str:
    return answer.content.decode()
