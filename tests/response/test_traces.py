"""Traces: who may ask what of the presences, what comes back, and what is kept of it."""

import pytest

from tests.response.presence_world import at, found, world

pytestmark = pytest.mark.django_db


class TestAsk:
    def test_returns_who_was_there(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")), ("P-1", "shop", at("10:30"), at("12:00")))
        trace = here.ask()
        assert list(found(trace).values()) == [30.0]


@pytest.fixture
def here():
    return world()
