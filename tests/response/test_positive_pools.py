"""Positive pools: nobody's result, a hold that a named officer orders, single swabs that end it one by one."""

from datetime import timedelta

import pytest

from sizao.protocol import NeedsConfirmation
from sizao.records import access
from sizao.records.models import (
    Case,
    Contact,
    Event,
    IsolationOrder,
    Person,
    PoolHold,
    PoolMember,
    ProtocolConfirmation,
    Signal,
    Swab,
    Test,
)
from sizao.response import outbreaks, testing
from sizao.response.testing import holds, recalls
from sizao.terms import (
    ContactKind,
    ContactState,
    HoldEnd,
    HoldState,
    OddityKind,
    OrderKind,
    OrderState,
    OutbreakKind,
    Role,
    SignalKind,
    SignalState,
    SwabAnswer,
    TubeKind,
)
from tests import factories
from tests.response.pools_world import LATER, LAW, NEGATIVE, POSITIVE, Pools
from tests.response.testing_world import COUNTY, ELSEWHERE, NOW, OTHER_VILLAGE, VILLAGE, id_number

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(noise):
    made = Pools(kind=OutbreakKind.REPLAY)
    made.round.refresh_from_db()
    return made


class TestPositivePool:
    def test_is_proposed_with_its_members_and_touches_nobody(self, world):
        code, hold = world.positive_pool(1, 2, 3)
        assert (hold.state, hold.tube, hold.proposed_at) == (HoldState.PROPOSED, code, LATER)
        assert hold.area_code == "130109110"  # of the two villages that its members live in
        assert [one["key"] for one in hold.basis] == ["testing.pool.positive_pool_action"]
        assert set(hold.members.values_list("entry", "person")) == {(1, None), (2, None), (3, None)}
        assert Person.objects.filter(source_key__startswith="roster:").count() == 0
        assert Event.objects.get(verb="hold.proposed").outbreak_id == world.outbreak.pk

    def test_is_nobody_s_result(self, world):
        world.positive_pool(1, 2, 3)
        assert not Test.objects.filter(outbreak=world.outbreak).exists()
        assert not Signal.objects.filter(outbreak=world.outbreak).exists()
        assert not Case.objects.filter(outbreak=world.outbreak).exists()
        now = world.total()
        assert (now.positive, now.to_recall, now.resulted) == (0, 3, 0)

    def test_followed_twice_changes_nothing(self, world):
        code, hold = world.positive_pool(1, 2, 3)
        world.release(POSITIVE, code, now=LATER + timedelta(hours=1))
        assert PoolHold.objects.get().proposed_at == hold.proposed_at
        assert PoolMember.objects.count() == 3

    def test_gains_who_was_swabbed_into_it_and_sent_late(self, world):
        code, hold = world.positive_pool(1, 2)
        world.register(world.swab("late", code, 3), now=LATER)
        assert set(world.ends(hold)) == {1, 2, 3}

    def test_is_a_household_s_tube_too(self, world):
        code = world.pool(1, 2, kind=TubeKind.HOUSEHOLD)
        world.release(POSITIVE, code)
        assert set(world.ends(PoolHold.objects.get())) == {1, 2}

    def test_is_also_a_single_tube_with_two_swabs_in_it(self, world):
        code = world.pool(1, 2, kind=TubeKind.SINGLE)
        world.release(POSITIVE, code)
        assert set(world.ends(PoolHold.objects.get())) == {1, 2}
        assert not Signal.objects.filter(outbreak=world.outbreak).exists()

    def test_result_that_came_before_any_swab_is_followed_with_the_first(self, world):
        code = world.pool(1)
        Swab.objects.filter(round=world.round).delete()
        world.release(POSITIVE, code)
        assert not PoolHold.objects.exists()
        world.register(world.swab("late", code, 2), now=LATER)
        assert set(world.ends(PoolHold.objects.get())) == {2}


class TestOrder:
    def test_is_in_one_s_own_name_until_a_stated_moment(self, world):
        _, hold = world.positive_pool(1, 2)
        ordered = world.order(hold)
        assert (ordered.state, ordered.ordered_by, ordered.legal_basis) == (HoldState.ORDERED, world.officer, LAW)
        assert ordered.expires_at == LATER + timedelta(hours=12)
        people = {one.entry: one.person for one in ordered.members.select_related("person")}
        assert [people[n].name for n in (1, 2)] == ["王1", "王2"]
        assert people[1].id_number_index
        assert people[1].id_number is None  # the roster keeps only the hash
        line = Event.objects.get(verb="hold.ordered")
        assert (line.actor, line.outbreak_id) == (world.officer.username, world.outbreak.pk)

    def test_finds_people_who_are_in_the_register(self, world):
        from sizao.response.tracing import tokens

        known = factories.person(id_number_index=tokens.id_number_index(id_number(1)))
        _, hold = world.positive_pool(1, 2)
        world.order(hold)
        assert PoolMember.objects.get(entry=1).person == known

    def test_ends_by_the_edition_s_hours_where_nobody_says(self, world):
        _, hold = world.positive_pool(1, 2)
        ordered = world.order(hold, expires_at=None)
        rules = outbreaks.rules_at(world.outbreak, LATER, area_code=hold.area_code)
        hours = [rules.value(f"testing.region.{one}").whole for one in ("transport_hours", "lab_result_hours")]
        assert ordered.expires_at == LATER + timedelta(hours=sum(hours))
        assert [one["key"] for one in ordered.basis] == [
            "testing.pool.positive_pool_action", "testing.region.transport_hours", "testing.region.lab_result_hours",
        ]  # fmt: skip

    def test_says_by_when_single_swabs_are_due(self, world):
        _, hold = world.positive_pool(1, 2)
        ordered = world.order(hold, expires_at=LATER + timedelta(hours=24))
        rules = outbreaks.rules_at(world.outbreak, LATER, area_code=hold.area_code)
        hours = [rules.value(f"testing.region.{one}").whole for one in ("transport_hours", "lab_result_hours")]
        assert ordered.recall_due_at == LATER + timedelta(hours=24 - sum(hours))

    @pytest.mark.parametrize("hours", [-1, 0, 24.1, 240])
    def test_never_ends_later_than_the_law_allows(self, world, hours):
        _, hold = world.positive_pool(1, 2)
        with pytest.raises(holds.EndOutside):
            world.order(hold, expires_at=LATER + timedelta(hours=hours))

    def test_needs_a_law(self, world):
        _, hold = world.positive_pool(1, 2)
        with pytest.raises(holds.LegalBasisMissing):
            world.order(hold, legal_basis=" ")

    def test_is_refused_to_who_may_not(self, world):
        _, hold = world.positive_pool(1, 2)
        for role, area, refusal in (
            (Role.TESTING_COORDINATOR, COUNTY, access.NotAllowed),
            (Role.LAB_REVIEWER, COUNTY, access.NotAllowed),
            (Role.DUTY_OFFICER, ELSEWHERE, access.NotYours),
            (Role.DUTY_OFFICER, OTHER_VILLAGE, access.NotYours),
        ):
            with pytest.raises(refusal):
                holds.order(hold=hold, legal_basis=LAW, by=factories.account(role=role, area_code=area), now=LATER)

    def test_is_decided_once(self, world):
        _, hold = world.positive_pool(1, 2)
        world.order(hold)
        with pytest.raises(holds.HoldCannotMove):
            world.order(hold)
        with pytest.raises(holds.HoldCannotMove):
            holds.decline(hold=hold, reason="x", by=world.officer, now=LATER)

    def test_is_declined_with_a_reason(self, world):
        _, hold = world.positive_pool(1, 2)
        with pytest.raises(holds.ReasonMissing):
            holds.decline(hold=hold, reason="", by=world.officer, now=LATER)
        declined = holds.decline(hold=hold, reason="复检阴性", by=world.officer, now=LATER)
        assert (declined.state, declined.decline_reason) == (HoldState.DECLINED, "复检阴性")
        assert Person.objects.filter(source_key__startswith="roster:").count() == 0

    def test_rests_on_confirmed_values_where_it_acts_on_people(self, noise):
        real = Pools(kind=OutbreakKind.REAL)
        _, hold = real.positive_pool(1, 2)
        with pytest.raises(holds.EndMissing):  # the hours of the edition are unverified or local
            real.order(hold, expires_at=None)
        assert real.order(hold).recall_due_at is None
        assert not ProtocolConfirmation.objects.exists()

    def test_is_not_given_where_the_edition_asks_for_none(self, world, monkeypatch):
        _, hold = world.positive_pool(1, 2)

        def refuse(rules):
            raise NeedsConfirmation(key="x", shown="x", origin="x", status="x")

        monkeypatch.setattr("sizao.response.testing.holds_basis.action", refuse)
        with pytest.raises(NeedsConfirmation):
            world.order(hold)


class TestRecall:
    def test_is_no_second_swab_by_mistake_and_counts_once(self, world):
        _, hold = world.positive_pool(1, 2, 3)
        code, told = world.single(1)
        assert told == (SwabAnswer.TAKEN, ())
        swab = Swab.objects.get(round=world.round, tube=code)
        assert (swab.is_recall, swab.is_double) == (True, False)
        now = world.total()
        assert (now.registered, now.doubled, now.to_recall, now.recalled) == (3, 0, 3, 1)
        assert world.right()

    def test_is_told_from_a_second_single_swab(self, world):
        world.positive_pool(1, 2)
        world.single(1)
        _, told = world.single(1)
        assert told == (SwabAnswer.TAKEN, (OddityKind.TWO_TUBES,))
        assert world.total().recalled == 1
        assert world.right()

    def test_is_a_swab_of_one_s_own(self, world):
        world.positive_pool(1, 2)
        assert world.tell(world.swab("pool again", next(world.codes), 1))[0][1] == (OddityKind.TWO_TUBES,)

    def test_is_not_for_who_is_in_no_positive_pool(self, world):
        world.positive_pool(1, 2)
        world.pool(4, 5)
        assert world.single(4)[1][1] == (OddityKind.TWO_TUBES,)

    def test_is_taken_after_the_round_was_closed(self, world):
        world.positive_pool(1, 2)
        world.pool(4)
        world.close(now=LATER)
        after = LATER + timedelta(hours=1)
        assert world.single(1, at=after)[1] == (SwabAnswer.TAKEN, ())
        assert world.single(4, at=after)[1] == (SwabAnswer.QUEUED, (OddityKind.NOT_OPEN,))
        assert world.total().recalled == 1
        assert world.right()

    def test_goes_on_until_everybody_was_swabbed_singly(self, world):
        _, hold = world.positive_pool(1, 2, 3)
        world.order(hold)
        assert sum(recalls.waiting_villages([hold])[hold.pk].values()) == 3
        world.single(1)
        assert sum(recalls.waiting_villages([hold])[hold.pk].values()) == 2


class TestOwnResult:
    def test_that_is_negative_frees_at_once(self, world):
        _, hold = world.positive_pool(1, 2)
        world.order(hold)
        code, _ = world.single(1)
        world.release(NEGATIVE, code, now=LATER + timedelta(hours=3))
        assert world.ends(hold) == {1: HoldEnd.NEGATIVE, 2: ""}
        assert PoolMember.objects.get(entry=1).ended_at == LATER + timedelta(hours=3)
        assert PoolHold.objects.get().state == HoldState.ORDERED
        code, _ = world.single(2)
        world.release(NEGATIVE, code, now=LATER + timedelta(hours=4))
        ended = PoolHold.objects.get()
        assert (ended.state, ended.ended_at) == (HoldState.ENDED, LATER + timedelta(hours=4))
        assert not Test.objects.filter(outbreak=world.outbreak).exists()
        assert world.total().resulted == 2
        assert world.right()

    def test_of_a_swab_taken_with_the_pool_frees_nobody(self, world):
        code = world.pool(1, 2)
        early, told = world.single(1, at=NOW)
        assert told[1] == (OddityKind.TWO_TUBES,)
        world.release(POSITIVE, code)
        world.release(NEGATIVE, early)
        assert world.ends(PoolHold.objects.get()) == {1: "", 2: ""}

    def test_in_another_round_frees_too(self, world):
        _, hold = world.positive_pool(1, 2)
        world.order(hold)
        other = Pools.plan(world, now=LATER, begins_at=LATER)
        testing.take_over_roster(testing_round=other, former=world.round, by=world.coordinator, now=LATER)
        other = testing.open_round(testing_round=other, by=world.coordinator, now=LATER)
        first, world.round = world.round, other
        world.codes = iter(testing.tubes.codes_of(world.print(3)))
        code, told = world.single(1, at=LATER + timedelta(hours=1))
        assert told == (SwabAnswer.TAKEN, ())
        world.release(NEGATIVE, code, now=LATER + timedelta(hours=2))
        world.round = first
        assert world.ends(hold) == {1: HoldEnd.NEGATIVE, 2: ""}

    def test_that_is_positive_is_a_signal_when_the_release_returns(self, world):
        _, hold = world.positive_pool(1, 2)
        world.order(hold)
        code, _ = world.single(1)
        world.release(POSITIVE, code, now=LATER + timedelta(hours=3))
        signal = Signal.objects.get(outbreak=world.outbreak)
        assert (signal.kind, signal.state, signal.area_code) == (SignalKind.POSITIVE_TEST, SignalState.NEW, VILLAGE)
        assert (signal.person.name, signal.occurred_at) == ("王1", LATER)
        assert world.ends(hold) == {1: HoldEnd.POSITIVE, 2: ""}
        test = Test.objects.get(outbreak=world.outbreak)
        assert (test.person, test.result, test.taken_at) == (signal.person, POSITIVE, LATER)

    def test_that_is_positive_is_one_signal_however_often_it_is_told(self, world):
        code = world.pool(1, kind=TubeKind.SINGLE)
        world.release(POSITIVE, code)
        world.release(POSITIVE, code)
        assert Signal.objects.filter(outbreak=world.outbreak).count() == 1

    def test_that_is_negative_is_a_test_of_contacts_and_of_people_under_an_order(self, world):
        from sizao.response.tracing import tokens

        contact, held, nobody = (
            factories.person(id_number_index=tokens.id_number_index(id_number(n))) for n in (1, 2, 3)
        )
        Contact.objects.create(
            outbreak=world.outbreak, person=contact, kind=ContactKind.CLOSE, state=ContactState.PLACED,
            area_code=VILLAGE, found_at=NOW, source="named", source_key="pool:contact",
        )  # fmt: skip
        IsolationOrder.objects.create(
            outbreak=world.outbreak, person=held, kind=OrderKind.HOME, state=OrderState.ISSUED, area_code=VILLAGE,
            starts_date=NOW.date(), ends_date=NOW.date(), proposed_at=NOW, issued_at=NOW, issued_by=world.officer,
            source_key="pool:order",
        )  # fmt: skip
        codes = [world.pool(n, kind=TubeKind.SINGLE) for n in (1, 2, 3, 4)]
        world.release(NEGATIVE, *codes)
        found = Test.objects.filter(outbreak=world.outbreak)
        assert set(found.values_list("person", "result")) == {(contact.pk, "negative"), (held.pk, "negative")}
        assert not found.filter(person=nobody).exists()


class TestCorrection:
    def test_of_a_pool_frees_its_members(self, world):
        code, hold = world.positive_pool(1, 2)
        world.order(hold)
        world.release(NEGATIVE, code, now=LATER + timedelta(hours=1), again=True)
        assert world.ends(hold) == {1: HoldEnd.CORRECTED, 2: HoldEnd.CORRECTED}
        assert PoolHold.objects.get().state == HoldState.ENDED
        assert world.total().to_recall == 0
        assert world.right()

    def test_back_proposes_anew(self, world):
        code, hold = world.positive_pool(1, 2)
        world.order(hold)
        world.release(NEGATIVE, code, now=LATER + timedelta(hours=1), again=True)
        world.release(POSITIVE, code, now=LATER + timedelta(hours=2), again=True)
        again = PoolHold.objects.get()
        assert (again.state, again.proposed_at) == (HoldState.PROPOSED, LATER + timedelta(hours=2))
        assert (again.ordered_by, again.expires_at) == (None, None)
        assert world.ends(hold) == {1: "", 2: ""}

    def test_of_a_withdrawn_pool_frees_too(self, world):
        code, hold = world.positive_pool(1, 2)
        world.release(None, code, again=True)
        assert world.ends(hold) == {1: HoldEnd.CORRECTED, 2: HoldEnd.CORRECTED}

    def test_of_a_single_result_dismisses_a_signal_that_nobody_settled(self, world):
        code = world.pool(1, kind=TubeKind.SINGLE)
        world.release(POSITIVE, code)
        world.release(NEGATIVE, code, now=LATER + timedelta(hours=1), again=True)
        signal = Signal.objects.get(outbreak=world.outbreak)
        assert (signal.state, signal.facts["corrected_to"]) == (SignalState.DISMISSED, "negative")
        assert Test.objects.get(outbreak=world.outbreak).result == NEGATIVE
        world.release(POSITIVE, code, now=LATER + timedelta(hours=2), again=True)
        signal.refresh_from_db()
        assert (signal.state, "corrected_to" in signal.facts) == (SignalState.NEW, False)
        assert Test.objects.get(outbreak=world.outbreak).result == POSITIVE

    def test_of_a_single_result_leaves_what_somebody_settled_to_them(self, world):
        code = world.pool(1, kind=TubeKind.SINGLE)
        world.release(POSITIVE, code)
        Signal.objects.filter(outbreak=world.outbreak).update(state=SignalState.VERIFIED)
        world.release(None, code, again=True)
        signal = Signal.objects.get(outbreak=world.outbreak)
        assert (signal.state, signal.facts["corrected_to"]) == (SignalState.VERIFIED, "withdrawn")
        assert Test.objects.get(outbreak=world.outbreak).result is None


class TestObjection:
    def test_that_is_upheld_frees_one(self, world):
        commander = factories.account(role=Role.COMMANDER, area_code="13")
        _, hold = world.positive_pool(1, 2)
        world.order(hold)
        member = PoolMember.objects.get(entry=1)
        with pytest.raises(holds.ReasonMissing):
            holds.uphold_objection(member=member, reason="", by=commander, now=LATER)
        freed = holds.uphold_objection(member=member, reason="未在该管采样", by=commander, now=LATER)
        assert (freed.end_reason, freed.ended_by) == (HoldEnd.OBJECTION, commander.username)
        assert Event.objects.get(verb="hold.member_freed").facts["reason"] == "未在该管采样"
        with pytest.raises(holds.FreeAlready):
            holds.uphold_objection(member=member, reason="x", by=commander, now=LATER)

    def test_is_not_decided_by_who_orders(self, world):
        _, hold = world.positive_pool(1, 2)
        world.order(hold)
        with pytest.raises(access.NotAllowed):
            holds.uphold_objection(member=hold.members.first(), reason="x", by=world.officer, now=LATER)


class TestExpiry:
    def test_ends_the_hold_by_itself_and_once(self, world):
        _, hold = world.positive_pool(1, 2)
        world.order(hold, expires_at=LATER + timedelta(hours=2))
        assert holds.advance(outbreak=world.outbreak, now=LATER + timedelta(hours=1)) == 0
        assert holds.advance(outbreak=world.outbreak, now=LATER + timedelta(hours=5)) == 1
        assert holds.advance(outbreak=world.outbreak, now=LATER + timedelta(hours=6)) == 0
        assert world.ends(hold) == {1: HoldEnd.EXPIRED, 2: HoldEnd.EXPIRED}
        assert PoolHold.objects.get().ended_at == LATER + timedelta(hours=2)
        assert PoolMember.objects.filter(ended_by="sizao").count() == 2

    def test_is_a_stage_of_the_loop(self, world):
        _, hold = world.positive_pool(1, 2)
        world.order(hold, expires_at=LATER + timedelta(hours=2))
        testing.advance(outbreak=world.outbreak, now=LATER + timedelta(hours=5))
        assert PoolHold.objects.get().state == HoldState.ENDED
