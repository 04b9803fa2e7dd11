"""Inside a zone: what is asked for and served, who goes through its gates, and who is where; care first of all."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sizao.records import access
from sizao.records.models import CaseFact, Event, Task, ZonePassage, ZoneRequest, ZoneServing
from sizao.response import tasks, zoning
from sizao.response.zoning import asking, gates, serving
from sizao.terms import (
    CaseFactKind,
    DoorAnswer,
    NeedKind,
    PassOutcome,
    PassReason,
    PassWay,
    Role,
    StayKind,
    TaskKind,
    TaskState,
    Whereabouts,
    ZoneChannel,
    ZoneOutcome,
    ZoneRequestKind,
    ZoneState,
)
from tests import factories
from tests.response import zone_world as world
from tests.response.zone_world import HOUR, NOW, VILLAGE

pytestmark = pytest.mark.django_db


def served(request, outcome=ZoneOutcome.SERVED, key="k1", at=NOW, **facts):
    return zoning.ServedSent(source_key=key, happened_at=at, request=request.pk, outcome=outcome, **facts)


def passed(gate, way=PassWay.OUT, reason=PassReason.OTHER, outcome=PassOutcome.PASSED, key="p1", at=NOW, **facts):
    return zoning.PassedSent(
        source_key=key, happened_at=at, gate=gate.pk, way=way, reason=reason, outcome=outcome, **facts
    )


class TestAsking:
    def test_starts_the_clock_of_its_kind(self, zone, worker, home):
        asked = _asked(zone, worker, home, kind=ZoneRequestKind.CARE)
        assert (asked.asked_at, asked.due_at) == (NOW, NOW + timedelta(hours=2))
        assert (asked.area_code, asked.household) == (VILLAGE, home[0])

    def test_is_refused_for_somebody_who_lives_elsewhere(self, zone, worker):
        elsewhere, _ = world.home("外人", area_code="130109110217")
        with pytest.raises(asking.NotInThisZone):
            zoning.ask(zone=zone, kind=ZoneRequestKind.CARE, what="", channel=ZoneChannel.PHONE, household=elsewhere,
                       by=world.officer(), now=NOW)  # fmt: skip

    def test_needs_words_where_something_is_brought(self, zone, worker, home):
        with pytest.raises(asking.RequestUnclear):
            _asked(zone, worker, home, what=" ")

    def test_is_refused_where_no_zone_stands(self, zone, worker, home):
        zone.state = ZoneState.LIFTED
        with pytest.raises(asking.ZoneNotStanding):
            _asked(zone, worker, home)

    def test_is_refused_outside_the_jurisdiction_and_without_the_right(self, zone, home):
        with pytest.raises(access.NotYours):
            _asked(zone, world.worker("130581001001"), home)
        with pytest.raises(access.NotAllowed):
            _asked(zone, factories.account(role=Role.REPORTER), home)

    def test_a_worker_of_one_village_serves_their_part_of_a_county(self, outbreak, home, worker):
        wide = world.zone(outbreak, area_code="130109", place=None)
        assert list(zoning.standing_zones(outbreak, worker)) == [wide]
        assert asking.within(wide, worker) == VILLAGE


class TestNeeds:
    def test_ask_by_themselves_once(self, outbreak, zone, home):
        need = world.need(home[1][0])
        zoning.advance(outbreak=outbreak, now=NOW)
        assert zoning.advance(outbreak=outbreak, now=NOW + HOUR) == 0
        asked = ZoneRequest.objects.get()
        assert (asked.need, asked.kind, asked.channel) == (need, ZoneRequestKind.CARE, ZoneChannel.RULE)
        assert asked.due_at == zone.published_at + timedelta(hours=12)

    def test_of_whoever_lies_in_a_hospital_ask_for_nothing(self, outbreak, zone, home):
        world.need(home[1][0])
        world.stay(home[1][0], StayKind.BED)
        zoning.advance(outbreak=outbreak, now=NOW)
        assert not ZoneRequest.objects.exists()

    def test_outside_every_zone_ask_for_nothing(self, outbreak, zone):
        _, (person,) = world.home("外人", area_code="130109110217")
        world.need(person)
        zoning.advance(outbreak=outbreak, now=NOW)
        assert not ZoneRequest.objects.exists()


class TestServing:
    def test_ends_a_request_and_sending_it_again_changes_nothing(self, zone, worker, home):
        asked = _asked(zone, worker, home)
        for answer in (DoorAnswer.TAKEN, DoorAnswer.KNOWN):
            (told,) = zoning.record(zone=zone, acts=[served(asked)], by=worker, now=NOW)
            assert told.answer == answer
        asked.refresh_from_db()
        assert (asked.outcome, asked.done_by, asked.done_at) == (ZoneOutcome.SERVED, worker.username, NOW)
        assert ZoneServing.objects.count() == 1

    def test_leaves_it_open_where_nobody_answered(self, zone, worker, home):
        asked = _asked(zone, worker, home)
        zoning.record(zone=zone, acts=[served(asked, ZoneOutcome.NOBODY)], by=worker, now=NOW)
        assert list(zoning.open_requests(zone, as_of=NOW)) == [asked]

    def test_refuses_only_with_a_reason_and_care_never(self, zone, worker, home):
        goods, care = _asked(zone, worker, home), _asked(zone, worker, home, kind=ZoneRequestKind.CARE)
        sent = [
            served(goods, ZoneOutcome.REFUSED, "a"),
            served(care, ZoneOutcome.REFUSED, "b", reason="没有车"),
            served(goods, ZoneOutcome.REFUSED, "c", reason="酒类不在保供范围"),
        ]
        told = zoning.record(zone=zone, acts=sent, by=worker, now=NOW)
        assert [type(one.why) for one in told] == [serving.RefusedWithoutReason, serving.CareStaysOpen, type(None)]
        goods.refresh_from_db()
        assert (goods.outcome, goods.reason) == (ZoneOutcome.REFUSED, "酒类不在保供范围")
        care.outcome, care.done_at, care.reason = ZoneOutcome.REFUSED, NOW, "x"
        with pytest.raises(IntegrityError, match="zone_care_is_never_refused"), transaction.atomic():
            care.save()

    def test_is_known_only_from_when_it_was_told(self, zone, worker, home):
        asked = _asked(zone, worker, home)
        later = NOW + 3 * HOUR
        zoning.record(zone=zone, acts=[served(asked, at=NOW + HOUR)], by=worker, now=later)
        assert list(zoning.open_requests(zone, as_of=NOW + 2 * HOUR)) == [asked]
        assert not zoning.open_requests(zone, as_of=later).exists()

    def test_puts_a_wrong_clock_right_and_believes_no_old_one(self, zone, worker, home):
        asked = _asked(zone, worker, home)
        (told,) = zoning.record(zone=zone, acts=[served(asked, at=NOW + 5 * HOUR)], by=worker, now=NOW + HOUR,
                                sent_at=NOW + 6 * HOUR)  # fmt: skip
        assert told.answer == DoorAnswer.TAKEN
        assert ZoneServing.objects.get().happened_at == NOW
        (told,) = zoning.record(zone=zone, acts=[served(asked, key="k2", at=NOW - timedelta(days=9))], by=worker,
                                now=NOW)  # fmt: skip
        assert isinstance(told.why, serving.NotThisMoment)

    def test_what_is_brought_unasked_counts_as_goods(self, zone, worker, home):
        sent = zoning.AskedSent("k1", NOW - HOUR, ZoneRequestKind.GOODS, "蔬菜包", household=home[0].pk, served=True)
        zoning.record(zone=zone, acts=[sent], by=worker, now=NOW)
        zoning.record(zone=zone, acts=[sent], by=worker, now=NOW)
        (found,) = zoning.homes(zone, by=worker, as_of=NOW, now=NOW).homes
        assert (found.brought_at, found.due_at, found.requests) == (NOW - HOUR, NOW - HOUR + timedelta(days=3), [])
        assert (ZoneRequest.objects.count(), ZoneServing.objects.count()) == (1, 1)

    def test_a_home_outside_is_nobodys_door_here(self, zone, worker):
        elsewhere, _ = world.home("外人", area_code="130109110217")
        sent = zoning.AskedSent("k1", NOW, ZoneRequestKind.GOODS, "蔬菜包", household=elsewhere.pk)
        (told,) = zoning.record(zone=zone, acts=[sent], by=worker, now=NOW)
        assert isinstance(told.why, access.NotYours)

    @settings(
        max_examples=25, deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )  # fmt: skip
    @given(order=st.permutations(range(4)), cut=st.integers(0, 4))
    def test_any_order_gives_one_state(self, zone, worker, home, order, cut):
        with transaction.atomic():
            asked = _asked(zone, worker, home)
            acts = [
                served(asked, ZoneOutcome.NOBODY, "a", NOW - HOUR),
                served(asked, ZoneOutcome.REFUSED, "b", NOW - 2 * HOUR, reason="x"),
                served(asked, ZoneOutcome.SERVED, "c", NOW - HOUR / 2),
                served(asked, ZoneOutcome.SERVED, "d", NOW - HOUR / 4),
            ]
            shuffled = [acts[place] for place in order]
            for part in (shuffled[:cut], shuffled[cut:], shuffled[:cut]):
                zoning.record(zone=zone, acts=part, by=worker, now=NOW)
            asked.refresh_from_db()
            assert (asked.outcome, asked.done_at, asked.reason) == (ZoneOutcome.SERVED, NOW - HOUR / 2, "")
            transaction.set_rollback(True)


class TestGates:
    def test_a_way_out_to_care_is_never_refused(self, zone, worker):
        refused = passed(world.gate(zone), reason=PassReason.MEDICAL, outcome=PassOutcome.REFUSED, bearer="王某")
        (told,) = zoning.record(zone=zone, acts=[refused], by=worker, now=NOW)
        assert isinstance(told.why, serving.CareStaysOpen)
        assert not ZonePassage.objects.exists()

    def test_the_database_keeps_it_so(self, zone):
        with pytest.raises(IntegrityError, match="zone_way_to_care_is_never_refused"), transaction.atomic():
            ZonePassage.objects.create(
                zone=zone, gate=world.gate(zone), way="out", reason="medical", outcome="refused", happened_at=NOW,
                recorded_at=NOW, recorded_by="t", source_key="x",
            )  # fmt: skip

    def test_a_way_out_to_care_needs_no_permit_and_serves_who_asked_for_it(self, zone, worker, home):
        person = home[1][0]
        asked = zoning.ask(zone=zone, kind=ZoneRequestKind.CARE, what="", channel=ZoneChannel.PHONE, person=person,
                           by=worker, now=NOW - HOUR)  # fmt: skip
        out = passed(world.gate(zone), reason=PassReason.MEDICAL, person=person.number)
        zoning.record(zone=zone, acts=[out], by=worker, now=NOW)
        asked.refresh_from_db()
        assert (asked.outcome, asked.done_at) == (ZoneOutcome.SERVED, NOW)
        assert not ZonePassage.objects.get().lacks_permit

    def test_another_way_out_without_a_permit_that_holds_is_told(self, zone, worker):
        gate, area_officer = world.gate(zone), world.officer()
        permit = zoning.give_permit(zone=zone, reason=PassReason.DUTY, bearer="冀A12345", starts_at=NOW,
                                    until_at=NOW + HOUR, by=area_officer, now=NOW)  # fmt: skip
        number = gates.number_of(permit)
        acts = [
            passed(gate, reason=PassReason.DUTY, key="a", at=NOW, permit=number),
            passed(gate, reason=PassReason.DUTY, key="b", at=NOW - HOUR, permit=number),
            passed(gate, reason=PassReason.DUTY, key="c"),
            passed(gate, way=PassWay.IN, key="d"),
            passed(gate, outcome=PassOutcome.REFUSED, key="e"),
        ]
        zoning.record(zone=zone, acts=acts, by=worker, now=NOW)
        found = ZonePassage.objects.order_by("source_key").values_list("lacks_permit", flat=True)
        assert list(found) == [False, True, True, False, False]

    def test_a_permit_taken_back_holds_no_more(self, zone):
        area_officer = world.officer()
        permit = zoning.give_permit(zone=zone, reason=PassReason.DUTY, bearer="x", starts_at=NOW,
                                    until_at=NOW + 9 * HOUR, by=area_officer, now=NOW)  # fmt: skip
        ended = zoning.end_permit(permit=permit, by=area_officer, now=NOW + HOUR)
        assert not gates.holds(ended, zone=zone, at=NOW + 2 * HOUR)
        with pytest.raises(gates.PermitOver):
            zoning.end_permit(permit=permit, by=area_officer, now=NOW + 2 * HOUR)

    @pytest.mark.parametrize(
        ("facts", "refusal"),
        [({"bearer": " "}, gates.BearerMissing), ({"until_at": NOW - HOUR}, gates.PermitTwisted)],
    )
    def test_a_permit_says_for_whom_and_how_long(self, zone, facts, refusal):
        given = {"zone": zone, "reason": PassReason.DUTY, "bearer": "x", "starts_at": NOW, "until_at": NOW + HOUR}
        with pytest.raises(refusal):
            zoning.give_permit(**given | facts, by=world.officer(), now=NOW)

    def test_a_worker_gives_no_permits(self, zone, worker):
        with pytest.raises(access.NotAllowed):
            zoning.give_permit(zone=zone, reason=PassReason.DUTY, bearer="x", starts_at=NOW, until_at=NOW + HOUR,
                               by=worker, now=NOW)  # fmt: skip

    def test_the_last_one_stays_open(self, zone, worker):
        gate = zoning.open_gate(zone=zone, name="东门", by=worker, now=NOW)
        with pytest.raises(gates.LastGate):
            zoning.close_gate(gate=gate, by=worker, now=NOW)
        zoning.open_gate(zone=zone, name="西门", by=worker, now=NOW + HOUR)
        assert zoning.close_gate(gate=gate, by=worker, now=NOW + HOUR).closed_at == NOW + HOUR
        with pytest.raises(gates.GateClosed):
            zoning.close_gate(gate=gate, by=worker, now=NOW + HOUR)

    def test_a_permit_number_catches_a_slip(self, zone):
        permit = zoning.give_permit(zone=zone, reason=PassReason.DUTY, bearer="x", starts_at=NOW, until_at=NOW + HOUR,
                                    by=world.officer(), now=NOW)  # fmt: skip
        number = gates.number_of(permit)
        assert gates.read_number(number.lower()) == permit.pk
        assert gates.read_number(number[:-1] + str((int(number[-1]) + 1) % 10)) is None


class TestWhoIsInside:
    def test_is_the_ledgers_answer_home_by_home(self, zone, worker):
        _, (at_home, in_bed) = world.home("甲", "乙")
        _, (away, unknown) = world.home("丙", "丁", key="2")
        world.stay(at_home)
        world.stay(in_bed, StayKind.BED)
        world.stay(away, StayKind.OUTSIDE)
        found = zoning.summary(zone, by=worker, as_of=NOW)
        assert {place: n for place, n in found.by_place.items() if n} == {
            Whereabouts.HOME: 1, Whereabouts.BED: 1, Whereabouts.OUTSIDE: 1, Whereabouts.UNKNOWN: 1,
        }  # fmt: skip
        assert (found.people, found.homes, found.homes_inside) == (4, 2, 2)
        page = zoning.homes(zone, by=worker, as_of=NOW, now=NOW, shown="unknown")
        assert [[one.number for one in home.people] for home in page.homes] == [[away.number, unknown.number]]
        assert Event.objects.filter(verb="person.read", person_id=unknown.pk).exists()

    def test_who_died_is_not_unknown_and_waits_for_nothing(self, outbreak, zone, worker):
        _, (alone,) = world.home("甲")
        world.need(alone)
        case = factories.case(of=alone, within=outbreak, opened_at=NOW - 20 * HOUR)
        died = {"kind": CaseFactKind.DIED, "area_code": VILLAGE, "happened_at": NOW - 2 * HOUR, "by": "officer"}
        CaseFact.objects.create(case=case, recorded_at=NOW - HOUR, **died)
        before, after = (zoning.summary(zone, by=worker, as_of=at) for at in (NOW - 2 * HOUR, NOW))
        assert (before.by_place[Whereabouts.UNKNOWN], before.homes_inside) == (1, 1)
        assert (after.by_place[Whereabouts.DIED], after.by_place[Whereabouts.UNKNOWN], after.homes_inside) == (1, 0, 0)
        (home,) = zoning.homes(zone, by=worker, as_of=NOW, now=NOW).homes
        assert [one.place for one in home.people] == [Whereabouts.DIED]
        assert not zoning.homes(zone, by=worker, as_of=NOW, now=NOW, shown="unknown").homes
        zoning.advance(outbreak=outbreak, now=NOW)
        assert not ZoneRequest.objects.exists()

    def test_asks_for_nobody_who_was_dead_as_was_known_then(self, outbreak, zone, worker):
        """What is withdrawn later still held when the loop looked at that moment, here as in the ledger."""
        _, (alone,) = world.home("甲")
        world.need(alone)
        case = factories.case(of=alone, within=outbreak, opened_at=NOW - 20 * HOUR)
        died = {"kind": CaseFactKind.DIED, "area_code": VILLAGE, "happened_at": NOW - 2 * HOUR, "by": "officer"}
        CaseFact.objects.create(case=case, recorded_at=NOW - HOUR, withdrawn_at=NOW + HOUR, withdrawn_by="o", **died)
        zoning.advance(outbreak=outbreak, now=NOW)
        assert not ZoneRequest.objects.exists()
        zoning.advance(outbreak=outbreak, now=NOW + 2 * HOUR)
        assert ZoneRequest.objects.count() == 1

    def test_knows_no_stay_before_it_was_recorded(self, zone, worker, home):
        world.stay(home[1][0], recorded_at=NOW + HOUR)
        assert zoning.summary(zone, by=worker, as_of=NOW).by_place[Whereabouts.UNKNOWN] == 1
        assert zoning.summary(zone, by=worker, as_of=NOW + HOUR).by_place[Whereabouts.HOME] == 1

    def test_counts_homes_that_wait_for_goods_too_long(self, zone, worker, home):
        assert zoning.summary(zone, by=worker, as_of=NOW).homes_due == 0
        late = NOW + timedelta(days=3)
        assert zoning.summary(zone, by=worker, as_of=late).homes_due == 1
        sent = zoning.AskedSent("k1", late, ZoneRequestKind.GOODS, "蔬菜包", household=home[0].pk, served=True)
        zoning.record(zone=zone, acts=[sent], by=worker, now=late)
        assert zoning.summary(zone, by=worker, as_of=late).homes_due == 0

    def test_goes_on_behind_a_key_and_narrows(self, zone, worker):
        homes = [world.home(f"人{n}", key=str(n)) for n in range(5)]
        world.need(homes[3][1][0], NeedKind.PREGNANT)
        first = zoning.homes(zone, by=worker, as_of=NOW, now=NOW, most=3)
        rest = zoning.homes(zone, by=worker, as_of=NOW, now=NOW, most=3, after=first.more)
        assert [one.key for one in (*first.homes, *rest.homes)] == [home.pk for home, _ in homes]
        assert rest.more is None
        (needing,) = zoning.homes(zone, by=worker, as_of=NOW, now=NOW, shown="needs").homes
        assert (needing.key, needing.people[0].needs) == (homes[3][0].pk, (NeedKind.PREGNANT,))

    def test_a_building_holds_its_own_homes_only(self, outbreak, worker):
        building = factories.place(kind="building", name="1号楼", area_code=VILLAGE)
        room = factories.place(kind="home", name="101", area_code=VILLAGE, parent=building)
        inside, _ = world.home("甲", place=room)
        world.home("乙", key="out")
        small = world.zone(outbreak, place=building, unit="building")
        assert [one.key for one in zoning.homes(small, by=worker, as_of=NOW, now=NOW).homes] == [inside.pk]
        assert zoning.summary(small, by=worker, as_of=NOW).people == 1


class TestTasks:
    def test_care_is_asked_for_one_by_one_and_the_rest_at_once(self, outbreak, zone, worker):
        homes = [world.home(f"人{n}", key=str(n)) for n in range(2)]
        for household, _ in homes:
            _asked(zone, worker, (household, None), kind=ZoneRequestKind.CARE)
            _asked(zone, worker, (household, None))
            _asked(zone, worker, (household, None), kind=ZoneRequestKind.INFANT)
        tasks.advance(outbreak=outbreak, now=NOW)
        found = Task.objects.filter(kind=TaskKind.SERVE_ZONE_NEED).order_by("due_at", "pk")
        assert [one.due_at - NOW for one in found] == [2 * HOUR, 2 * HOUR, 12 * HOUR]
        assert {(one.role, one.area_code, one.subject_id) for one in found} == {(Role.GRID_WORKER, VILLAGE, zone.pk)}

    def test_is_closed_when_nothing_waits(self, outbreak, zone, worker, home):
        asked = _asked(zone, worker, home)
        tasks.advance(outbreak=outbreak, now=NOW)
        zoning.record(zone=zone, acts=[served(asked)], by=worker, now=NOW + HOUR)
        tasks.advance(outbreak=outbreak, now=NOW + HOUR)
        assert Task.objects.get(kind=TaskKind.SERVE_ZONE_NEED).state == TaskState.DONE
        assert tasks.advance(outbreak=outbreak, now=NOW + HOUR) == 0


def _asked(zone, by, home, *, kind=ZoneRequestKind.GOODS, what="米面"):
    return zoning.ask(zone=zone, kind=kind, what=what, channel=ZoneChannel.PHONE, household=home[0], by=by, now=NOW)


@pytest.fixture
def outbreak():
    return factories.outbreak(area_code="13", kind="drill")


@pytest.fixture
def zone(outbreak):
    return world.zone(outbreak)


@pytest.fixture
def worker():
    return world.worker()


@pytest.fixture
def home():
    return world.home("李某")
