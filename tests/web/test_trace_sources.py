"""What several cases shared before they fell ill, from presences and from interviews side by side."""

from datetime import timedelta

import pytest

from sizao.records.models import SharedExposure, Trace
from sizao.terms import CaseStatus, Role
from tests import factories
from tests.web import tracing
from tests.web.conftest import DAY, MORNING, at
from tests.web.tracing import ELSEWHERE, REASON, SHOP, VENUE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_folder_of_its_own(settings, tmp_path):
    settings.PRESENCES_DIR = tmp_path


@pytest.fixture
def cases(outbreak):
    """Three cases; two were at the banquet on the eve of the first onset, among few; everybody goes to the shop."""
    factories.area(ELSEWHERE, "南宫市")
    tracing.places()
    facts = {"status": CaseStatus.CONFIRMED, "opened_at": MORNING, "within": outbreak, "onset_date": DAY}
    made = [
        factories.case(
            of=factories.person(number=f"P-{n}", area_code=home, registered_at=MORNING), number=f"HB-{n}", **facts
        )
        for n, home in ((1, "130109110212"), (2, "130109110212"), (3, ELSEWHERE))
    ]
    rows = [(f"P-{n}", VENUE, tracing.at(18), tracing.at(20)) for n in (1, 2, 3)]
    rows += [(f"P-{n}", SHOP, tracing.at(9), tracing.at(9.5)) for n in (1, 2)]
    rows += [(f"T-{n}", SHOP, tracing.at(9), tracing.at(9.5)) for n in range(60)]
    tracing.present(outbreak, rows, key="first", now=MORNING)
    return made


@pytest.fixture
def asked(cases, client_of):
    facts = {"question": "common_source", "case": "HB-1 HB-2，HB-3", "reason": REASON}
    answer = client_of(Role.DATA_OFFICER).post(at("/traces/ask/"), facts, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


class TestPage:
    def test_says_first_where_they_were_more_often_than_chance(self, asked):
        assert "<b>3 of 3 cases</b> were at <b>喜宴厅</b>" in asked
        assert asked.index("喜宴厅") < asked.index("村口小卖部")
        assert "HB-1, HB-2, HB-3" in asked

    def test_counts_who_else_was_there_and_lists_nobody(self, asked, outbreak):
        assert "<b>62</b> people in all were there." in asked
        assert "T-1" not in asked
        assert not Trace.objects.get().matches.exists()

    def test_stands_beside_what_the_interviews_say(self, asked, cases, outbreak, client_of):
        SharedExposure.objects.create(
            outbreak=outbreak, as_of=DAY, rank=1, place=factories.place(name="李家喜宴"), scope="event",
            kind="gathering", first_date=DAY, last_date=DAY, observed=2, expected=0.1, p_value=1e-4, q_value=1e-3,
            people=[cases[0].person_id],
        )  # fmt: skip
        shown = client_of(Role.DATA_OFFICER).get(at(f"/traces/{Trace.objects.get().pk}/")).content.decode()
        assert shown.index("From the presences") < shown.index("From the interviews") < shown.index("李家喜宴")

    def test_counts_cases_outside_one_s_jurisdiction_without_their_numbers(self, asked, client_of):
        trace = Trace.objects.get()
        assert client_of(Role.DATA_OFFICER, "130109").get(at(f"/traces/{trace.pk}/")).status_code == 404
        trace.area_code = "130109"
        trace.save()
        shown = client_of(Role.DATA_OFFICER, "130109").get(at(f"/traces/{trace.pk}/")).content.decode()
        assert "HB-3" not in shown
        assert "and one outside your jurisdiction" in shown

    def test_stays_readable_when_the_presences_are_gone(self, asked, client_of, settings, tmp_path):
        settings.PRESENCES_DIR = tmp_path / "gone"
        shown = client_of(Role.DATA_OFFICER).get(at(f"/traces/{Trace.objects.get().pk}/")).content.decode()
        assert "<b>3 of 3 cases</b>" in shown
        assert "Cases there" not in shown

    def test_is_not_there_before_it_was_asked(self, asked, client_of):
        before = at(f"/traces/{Trace.objects.get().pk}/", DAY - timedelta(days=1))
        assert client_of(Role.DATA_OFFICER).get(before).status_code == 404
