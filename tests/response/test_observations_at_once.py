"""One outbox that a device sends several times at once, beside another device: each look once, one signal a fever."""

import threading

import pytest
from django.db import connection

from sizao.records.models import Observation, Signal
from sizao.response.isolation.days import observing
from sizao.terms import ObservationAnswer, Role
from tests import factories
from tests.response.days_world import COUNTY, NOW, World

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 4


def test_each_look_is_kept_once_and_a_fever_reported_once():
    world = World()
    other = factories.account(role=Role.SITE_WORKER, area_code=COUNTY)
    looks = [
        observing.ObservationSent(f"k{place}", person.number, NOW, temperature_c=38.0 if place == 0 else 36.5)
        for place, person in enumerate(world.people)
    ]
    answers, faults = [], []

    def send(by):
        try:
            told = observing.record_observations(
                site=world.site, outbreak=world.outbreak, observations=looks, by=by, now=NOW
            )
            answers.extend(one.answer for one in told)
        except Exception as fault:  # noqa: BLE001 — told below
            faults.append(fault)
        finally:
            connection.close()

    senders = [threading.Thread(target=send, args=(by,)) for by in [world.worker] * TIMES + [other]]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    assert faults == []
    assert answers.count(ObservationAnswer.KEPT) == 2 * len(looks)
    assert answers.count(ObservationAnswer.AGAIN) == (TIMES - 1) * len(looks)
    assert Observation.objects.count() == 2 * len(looks)
    assert Signal.objects.count() == 1
