"""Response levels in the API: how areas stand and why, of a moment, in one's own area."""

from datetime import UTC, datetime

import pytest

from sizao.terms import Role
from tests import factories
from tests.response.test_levels import found

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)
ADDRESS = "outbreaks/levels-here/levels"


@pytest.fixture
def case(db):
    for code in ("13", "1301", "130109"):
        factories.area(code, code)
    found(factories.outbreak(slug="levels-here"), at=NOW)


def test_says_what_is_proposed_and_what_is_not_known(case, machine):
    (one,) = machine().get(ADDRESS, day="2021-01-10").json()
    assert (one["area_code"], one["level"], one["proposed"]) == ("130109", "routine", "emergency")
    told = {cell["key"]: (cell["met"], cell["count"]) for cell in one["conditions"]}
    assert told["local_case"] == ("met", 1)
    assert told["open_alert"] == ("unknown", None)


def test_is_of_the_moment_asked_for(case, machine):
    assert machine().get(ADDRESS, day="2021-01-09").json() == []


def test_is_not_of_another_area(case, machine):
    assert machine(Role.COMMANDER).get(ADDRESS, area="1302").status_code == 404


def test_a_rehearsal_is_not_real_life(case, machine):
    assert machine().get("levels").json() == []
