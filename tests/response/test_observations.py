"""A round through a site: what a device sends is taken once each, and fever is reported in the same transaction."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from sizao.errors import SizaoError
from sizao.records.access import NotAllowed, NotYours
from sizao.records.models import Event, Observation, Signal
from sizao.response.isolation.days import observing, rounds
from sizao.terms import Mood, ObservationAnswer, ObservationOddity, OutbreakKind, Right, Role, Seen, Session, Symptom
from tests import factories
from tests.response.days_world import ARRIVED, NOW, TODAY, World, hours

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(noise):
    return World()


def look(person, key="a", *, at=NOW, **more):
    facts = {"temperature_c": 36.5, "symptoms": ()} | more
    return observing.ObservationSent(source_key=key, person=person.number, observed_at=at, **facts)


def send(world, *looks, now=NOW, by=None, sent_at=None):
    return observing.record_observations(
        site=world.site, outbreak=world.outbreak, observations=looks, by=by or world.worker, now=now, sent_at=sent_at
    )


class TestRecordObservations:
    def test_keeps_what_was_seen(self, world):
        person = world.people[0]
        [told] = send(world, look(person, symptoms=(Symptom.EYES,), medicines_taken=True, mood=Mood.LOW, note="盼家"))
        row = Observation.objects.get()
        assert told.answer == ObservationAnswer.KEPT
        assert (row.person, row.place, row.session) == (person, world.rooms["101"].place, Session.MORNING)
        assert (row.temperature_c, row.symptoms, row.medicines_taken, row.mood) == (36.5, ["eyes"], True, "low")
        assert row.note == "盼家"
        assert row.order == person.isolation_orders.get()
        assert Event.objects.filter(verb="observation.recorded", person_id=person.pk).count() == 1

    def test_sent_twice_is_one(self, world):
        looks = [look(person, f"k{place}") for place, person in enumerate(world.people)]
        send(world, *looks)
        again = send(world, *looks, look(world.people[0], "new"), now=NOW + hours(1))
        assert [one.answer for one in again] == [ObservationAnswer.AGAIN] * 4 + [ObservationAnswer.KEPT]
        assert Observation.objects.count() == 5

    def test_one_key_of_two_devices_is_two(self, world):
        other = factories.account(role=Role.SITE_WORKER, area_code="130109")
        send(world, look(world.people[0]))
        send(world, look(world.people[0]), by=other)
        assert Observation.objects.count() == 2

    def test_twice_in_one_box_is_one(self, world):
        told = send(world, look(world.people[0]), look(world.people[0]))
        assert [one.answer for one in told] == [ObservationAnswer.KEPT, ObservationAnswer.AGAIN]

    def test_a_refused_line_leaves_the_others(self, world):
        outsider = factories.person()
        told = send(
            world, look(world.people[0], "a"), look(outsider, "b"), look(world.people[1], "c", temperature_c=3.65),
            look(world.people[2], "d"), look(world.people[3], "e", temperature_c=None, symptoms=None),
        )  # fmt: skip
        refusals = [one.refusal and one.refusal.code for one in told]
        assert refusals == [
            None, "observation.not_in_this_site", "observation.temperature", None, "observation.nothing_seen",
        ]  # fmt: skip
        assert "30 to 45" in str(told[2].refusal)
        assert set(Observation.objects.values_list("person", flat=True)) == {world.people[0].pk, world.people[2].pk}

    def test_a_refused_line_sent_again_mended_is_taken(self, world):
        send(world, look(world.people[0], temperature_c=365))
        assert send(world, look(world.people[0]))[0].answer == ObservationAnswer.KEPT

    @pytest.mark.parametrize("temperature", [29.9, 45.1, 365])
    def test_the_database_holds_the_line_too(self, world, temperature):
        send(world, look(world.people[0]))
        with pytest.raises(IntegrityError), transaction.atomic():
            Observation.objects.update(temperature_c=temperature)

    def test_takes_a_look_of_yesterday_at_somebody_who_has_left_since(self, world):
        left = world.lodge("204", until=NOW - hours(2), ends=None)
        told = send(world, look(left, "then", at=NOW - hours(20)), look(left, "now", at=NOW))
        assert [one.answer for one in told] == [ObservationAnswer.KEPT, ObservationAnswer.REFUSED]

    def test_not_answering_is_an_entry(self, world):
        send(world, look(world.people[0], seen=Seen.NO_ANSWER, temperature_c=None, symptoms=None))
        assert Observation.objects.get().symptoms is None


class TestClock:
    @pytest.fixture
    def world(self, noise):
        return World(kind=OutbreakKind.REAL)

    def test_of_a_rehearsal_jumps_and_holds_nothing_back(self, noise):
        drill = World()
        [told] = send(drill, look(drill.people[0], at=NOW + hours(40)), sent_at=NOW + hours(40))
        assert told.answer == ObservationAnswer.KEPT

    def test_a_device_a_day_off_waits_for_a_person(self, world):
        wrong = NOW + timedelta(days=1)
        [told] = send(world, look(world.people[0], at=wrong), sent_at=wrong)
        assert (told.answer, told.oddities) == (ObservationAnswer.QUEUED, (ObservationOddity.CLOCK,))
        row = Observation.objects.get()
        assert (row.counts, row.observed_at, row.clock_off_seconds) == (False, NOW, 86400)
        assert [line.seen for line in rounds.lines(world.site, TODAY, Session.MORNING, as_of=NOW)] == [None] * 4

    def test_a_few_minutes_are_set_right(self, world):
        [told] = send(world, look(world.people[0], at=NOW + hours(0.5)), sent_at=NOW + hours(0.5))
        assert told.answer == ObservationAnswer.KEPT
        assert Observation.objects.get().observed_at == NOW

    def test_a_look_in_the_future_waits(self, world):
        assert send(world, look(world.people[0], at=NOW + hours(2)))[0].answer == ObservationAnswer.QUEUED

    def test_fever_does_not_wait(self, world):
        wrong = NOW + timedelta(days=1)
        send(world, look(world.people[0], at=wrong, temperature_c=38.2), sent_at=wrong)
        assert Signal.objects.get().person == world.people[0]

    def test_counts_once_a_person_says_so(self, world):
        send(world, look(world.people[0], at=NOW + hours(3)))
        [row] = observing.waiting(world.site)
        observing.settle(observation=row, counts=True, by=world.worker, now=NOW)
        assert observing.waiting(world.site) == []
        assert sum(line.seen is not None for line in rounds.lines(world.site, TODAY, Session.MORNING, as_of=NOW)) == 1
        with pytest.raises(observing.NothingWaits):
            observing.settle(observation=row, counts=True, by=world.worker, now=NOW)

    def test_is_set_aside_with_a_reason_only(self, world):
        send(world, look(world.people[0], at=NOW + hours(3)))
        [row] = observing.waiting(world.site)
        with pytest.raises(observing.SettleReasonMissing):
            observing.settle(observation=row, counts=False, reason=" ", by=world.worker, now=NOW)
        observing.settle(observation=row, counts=False, reason="别人的手机", by=world.worker, now=NOW)
        assert Observation.objects.get().counts is False


class TestReporting:
    def test_fever_is_a_signal_at_once(self, world):
        person = world.people[0]
        [told] = send(world, look(person, temperature_c=37.3))
        signal = Signal.objects.get()
        assert told.reported == {Symptom.FEVER}
        assert (signal.kind, signal.person, signal.area_code) == ("observation", person, "130109")
        assert signal.facts["clinical.any_symptom"] is True
        assert signal.facts["temperature_c"] == 37.3
        assert signal.facts["unverified"] is True  # whence the threshold is known

    def test_chest_pain_without_fever_is_urgent(self, world):
        send(world, look(world.people[0], symptoms=(Symptom.CHEST,)))
        assert Signal.objects.get().facts["urgent"] is True

    def test_two_devices_that_see_one_fever_send_one_signal(self, world):
        other = factories.account(role=Role.SITE_WORKER, area_code="130109")
        send(world, look(world.people[0], temperature_c=38))
        send(world, look(world.people[0], temperature_c=38.4), by=other, now=NOW + hours(1))
        assert Signal.objects.count() == 1
        send(world, look(world.people[0], "b", temperature_c=38, symptoms=(Symptom.BREATHLESS,)))
        assert Signal.objects.count() == 2

    def test_nothing_is_kept_of_a_fever_whose_signal_fails(self, world, monkeypatch):
        def fails(**_):
            raise RuntimeError

        monkeypatch.setattr(observing.signals, "receive_many", fails)
        with pytest.raises(RuntimeError):
            send(world, look(world.people[0], temperature_c=38))
        assert not Observation.objects.exists()

    def test_a_blocked_nose_is_no_signal(self, world):
        send(world, look(world.people[0], symptoms=(Symptom.BLOCKED_NOSE,)))
        assert not Signal.objects.exists()


class TestTheDoor:
    def test_is_shut_for_who_does_not_work_in_sites(self, world):
        with pytest.raises(NotAllowed):
            send(world, look(world.people[0]), by=factories.account(role=Role.REPORTER, area_code="130109"))

    def test_is_shut_elsewhere(self, world):
        with pytest.raises(NotYours):
            send(world, look(world.people[0]), by=factories.account(role=Role.SITE_WORKER, area_code="130581"))

    def test_takes_so_many_at_once(self, world):
        with pytest.raises(SizaoError, match="at most 500"):
            send(world, *[look(world.people[0], str(place)) for place in range(501)])


class TestRounds:
    def test_list_who_is_missing_first_as_one_walks(self, world):
        send(world, look(world.people[0]), look(world.people[3], "b"))
        lines = rounds.lines(world.site, TODAY, Session.MORNING, as_of=NOW)
        assert [(line.inside.room.number, line.is_missing) for line in lines] == [
            ("103", True), ("102", True), ("101", False), ("201", False),
        ]  # fmt: skip

    def test_who_did_not_answer_is_still_missing_and_who_refused_is_not(self, world):
        nothing = {"temperature_c": None, "symptoms": None}
        send(
            world, look(world.people[0], "a", seen=Seen.NO_ANSWER, **nothing),
            look(world.people[1], "b", seen=Seen.REFUSED, **nothing),
        )  # fmt: skip
        missing = {line.inside.room.number: line.is_missing for line in rounds.lines(
            world.site, TODAY, Session.MORNING, as_of=NOW
        )}  # fmt: skip
        assert missing == {"101": True, "102": False, "103": True, "201": True}

    def test_no_answer_later_does_not_undo_what_was_seen(self, world):
        send(world, look(world.people[0], "a"))
        send(world, look(world.people[0], "b", seen=Seen.NO_ANSWER, temperature_c=None, symptoms=None))
        line = next(one for one in rounds.lines(world.site, TODAY, Session.MORNING, as_of=NOW) if one.seen)
        assert line.seen.seen == Seen.SEEN

    def test_are_two_a_day_by_edition_9(self, world):
        plan = rounds.plan(rules(world))
        assert plan.sessions == (Session.MORNING, Session.AFTERNOON)
        assert plan.basis[0]["key"] == "isolation_site.temperature_checks_per_day"
        assert plan.unconfirmed is False

    def test_say_where_their_number_is_unconfirmed(self, noise):
        real = World(kind=OutbreakKind.REAL)
        plan = rounds.plan(rules(real))
        assert (len(plan.sessions), plan.unconfirmed) == (2, True)

    def test_miss_nobody_before_they_are_over(self, world):
        assert rounds.missed(world.site, TODAY, Session.MORNING, as_of=NOW) == []
        late = NOW + hours(4)
        world.lodge("104", since=NOW)  # came during the morning
        assert {one.room.number for one in rounds.missed(world.site, TODAY, Session.MORNING, as_of=late)} == {
            "101", "102", "103", "201",
        }  # fmt: skip

    def test_know_of_a_past_moment_what_was_known_then(self, world):
        send(world, look(world.people[0], at=NOW), now=NOW + hours(2))
        before = rounds.lines(world.site, TODAY, Session.MORNING, as_of=NOW + hours(1))
        assert not any(line.seen for line in before)
        assert rounds.lines(world.site, TODAY, Session.MORNING, as_of=ARRIVED - hours(1)) == []

    def test_are_read_by_name_with_a_line_in_the_journal(self, world):
        found, _ = rounds.read_list(
            world.site, outbreak=world.outbreak, session=Session.MORNING, by=world.worker, now=NOW
        )  # fmt: skip
        assert len(found) == 4
        event = Event.objects.get(verb="site.round_read")
        assert (event.actor, event.facts["people"], event.facts["right"]) == (
            world.worker.username, 4, str(Right.SITE_WORK),
        )  # fmt: skip


def rules(world):
    from sizao.response import outbreaks

    return outbreaks.rules_at(world.outbreak, NOW)
