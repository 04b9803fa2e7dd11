"""Shared exposures: said in words, drawn with numbers only, inside the jurisdiction."""

import pytest

from sizao.records.models import SharedExposure
from sizao.terms import EventKind, ExposureScope, Role
from tests import factories
from tests.web.conftest import DAY, at
from tests.web.test_people import known_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def shared(outbreak, noise):
    cases = [known_case(outbreak, number=f"HB-{number}", name="王小明") for number in (1, 2)]
    hall = factories.place(name="某酒店")
    for row, of in enumerate((outbreak, noise)):
        SharedExposure.objects.create(
            outbreak=of, as_of=DAY, rank=1, place=hall, scope=ExposureScope.EVENT, kind=EventKind.GATHERING,
            first_date=DAY.replace(day=2), last_date=DAY.replace(day=2), observed=2 + row, expected=0.1,
            p_value=0.001, q_value=0.01, people=[case.person_id for case in cases],
        )  # fmt: skip
    return cases


class TestTheRanking:
    def test_says_each_exposure_in_a_sentence(self, shared, client_of):
        page = client_of().get(at("/graph/")).content.decode()
        assert "<b>2 cases</b> were at <b>某酒店</b>" in page
        assert "chance alone would have put 0.1 there" in page
        assert "3 cases" not in page

    def test_shows_nothing_before_it_was_ranked(self, shared, client_of):
        assert "某酒店" not in client_of().get(at("/graph/", DAY.replace(day=9))).content.decode()


class TestTheGraph:
    def test_joins_cases_to_what_they_shared_by_number_only(self, shared, client_of):
        answer = client_of().get(at("/graph/edges/"), headers={"accept": "application/json"})
        drawn = answer.json()
        assert {node["label"] for node in drawn["nodes"] if node["kind"] == "case"} == {"HB-1", "HB-2"}
        assert len(drawn["edges"]) == 2
        assert "王" not in answer.content.decode()

    def test_shows_no_case_outside_the_jurisdiction(self, shared, client_of):
        drawn = client_of(area_code="130102").get(at("/graph/edges/")).json()
        assert drawn["nodes"] == []

    def test_takes_the_right_to_lists_of_people(self, shared, client_of):
        assert client_of(Role.REPORTER).get(at("/graph/edges/")).status_code == 403
