"""The next round on screen: streets from closed rounds and cases, by the edition, proposed and never ordered."""

from datetime import date, timedelta

import pytest

from sizao.response.testing import next_round
from sizao.terms import AreaLevel, NextRound, OutbreakKind, Role, RoundScope
from tests import factories
from tests.response.testing_world import ELSEWHERE, NOW, VILLAGE, World

pytestmark = pytest.mark.django_db
DAY = date(2021, 2, 20)
STREET = VILLAGE[:9]
LATER = NOW + timedelta(hours=5)


@pytest.fixture
def world(noise):
    """Give a closed round in one street without a positive, in which a case lives."""
    made = World(kind=OutbreakKind.REPLAY)
    factories.area(STREET, "增村镇", level=AreaLevel.STREET)
    factories.case(of=factories.person(area_code=VILLAGE), within=made.outbreak, opened_at=NOW - timedelta(days=3))
    made.close()
    return made


def proposed(world, *, source_unknown=False, chain_known=True):
    return next_round.propose(
        world.outbreak, world.coordinator, as_of=LATER, source_unknown=source_unknown, chain_known=chain_known
    )


def test_takes_streets_from_rounds_and_cases(world):
    told = proposed(world)
    [street] = told.streets
    assert (street.code, street.positives, street.clean) == (STREET, 0, 1)
    assert street.last_case == world.outbreak.day_of(NOW) - timedelta(days=3)
    assert (told.scope, street.in_scope) == (RoundScope.STREETS, True)
    # Edition 7 sets neither rounds by street nor clean rounds.
    assert street.reason is NextRound.NOT_SAID
    assert "testing.region.enabled" in {one["key"] for one in told.basis}


def test_reaches_the_county_while_the_chain_is_unknown(world):
    assert proposed(world, chain_known=False).scope is RoundScope.COUNTIES


def test_of_a_past_moment_knows_no_later_round(world):
    told = next_round.propose(
        world.outbreak, world.coordinator, as_of=NOW - timedelta(days=4), source_unknown=True, chain_known=False
    )
    assert (told.scope, told.streets) == (RoundScope.NONE, ())


def test_is_shown_with_what_it_rests_on_and_orders_nothing(world, client_of):
    address = f"/testing/next/?outbreak={world.outbreak.slug}&day={DAY}&chain_known=1"
    page = client_of(Role.TESTING_COORDINATOR, "1301").get(address).content.decode()
    assert "Affected streets and townships" in page
    assert "增村镇" in page
    assert "Nothing is ordered by this" in page
    elsewhere = client_of(Role.REPORTER, ELSEWHERE).get(address).content.decode()
    assert "增村镇" not in elsewhere
