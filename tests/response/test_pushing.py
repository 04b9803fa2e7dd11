"""Push lists: pushed once, received by name, answered person by person; what came back goes to the sender."""

from datetime import timedelta

import pytest

from sizao.records.access import NotYours
from sizao.records.models import Event, PushEntry, Task, Trace, TraceMatch
from sizao.response import tasks
from sizao.response.cooperation import pushed, pushing
from sizao.response.cooperation.pushing import Found
from sizao.response.tracing import retention
from sizao.terms import OutbreakKind, PushEnd, PushResult, PushState, Role, TaskKind, TracePurpose, TraceQuestion
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
HERE, THERE, THIRD, NOBODY = "130109", "130581", "130502", "110101"
LATER = NOW + timedelta(hours=1)


class TestPushing:
    def test_puts_each_person_of_an_area_on_one_list_once(self, trace, sender):
        made = pushing.push(trace=trace, area_code=THERE, by=sender, now=NOW)
        assert (made.number, made.n_people) == ("TS130109-2021-00001", 2)
        assert list(made.entries.order_by("ref").values_list("token", "minutes")) == [("T-A", 90), ("T-B", 20)]
        assert Event.objects.filter(verb="person.shared").count() == 2
        with pytest.raises(pushing.NobodyToPush):
            pushing.push(trace=trace, area_code=THERE, by=sender, now=LATER)
        found(trace, "T-NEW", THERE, at=LATER)
        supplement = pushing.push(trace=trace, area_code=THERE, by=sender, now=LATER)
        assert (supplement.number, supplement.n_people) == ("TS130109-2021-00002", 1)

    def test_takes_an_authority_that_works_here(self, trace, sender):
        found(trace, "T-FAR", NOBODY)
        factories.area(NOBODY)
        with pytest.raises(pushing.NobodyReceives):
            pushing.push(trace=trace, area_code=NOBODY, by=sender, now=NOW)

    def test_is_refused_to_whoever_does_not_hold_the_trace(self, trace, receiver):
        with pytest.raises(NotYours):
            pushing.push(trace=trace, area_code=THERE, by=receiver, now=NOW)


class TestReceiving:
    def test_is_once_and_by_name(self, made, receiver, sender):
        with pytest.raises(NotYours):
            pushing.receive(push_list=made, name="张三", by=sender, now=LATER)
        with pytest.raises(pushing.ReceiverMissing):
            pushing.receive(push_list=made, name=" ", by=receiver, now=LATER)
        received = pushing.receive(push_list=made, name="李四", by=receiver, now=LATER)
        assert (received.received_name, received.received_by) == ("李四", receiver.username)
        with pytest.raises(pushing.ReceivedAlready):
            pushing.receive(push_list=made, name="王五", by=receiver, now=LATER)

    def test_comes_before_results(self, made, receiver):
        with pytest.raises(pushing.NotPushedYet):
            pushing.tell(push_list=made, found={1: Found(PushResult.TESTED)}, by=receiver, now=LATER)


class TestTelling:
    def test_keeps_a_result_for_each_and_ends_with_the_last(self, received, receiver):
        told = {1: Found(PushResult.CONTROLLED), 2: Found(PushResult.EXCLUDED, "手机号被他人使用")}
        assert pushing.tell(push_list=received, found={1: told[1]}, by=receiver, now=LATER) == 1
        assert state(received) == PushState.RECEIVED
        assert pushing.tell(push_list=received, found=told, by=receiver, now=LATER) == 1
        assert state(received) == PushState.DONE
        assert pushing.tell(push_list=received, found=told, by=receiver, now=LATER) == 0

    def test_refuses_who_is_not_on_it(self, received, receiver):
        with pytest.raises(pushing.NotOnTheList):
            pushing.tell(push_list=received, found={9: Found(PushResult.TESTED)}, by=receiver, now=LATER)
        with pytest.raises(pushing.NoResultTold):
            pushing.tell(push_list=received, found={}, by=receiver, now=LATER)


class TestWhatCameBack:
    def test_is_pushed_again_to_where_they_are(self, returned, sender):
        assert state(returned) == PushState.RETURNED
        entry = returned.entries.get(ref=2)
        made = pushing.push_again(entry=entry, area_code=THIRD, by=sender, now=LATER)
        entry.refresh_from_db()
        assert (entry.end, entry.again.push_list, made.area_code) == (PushEnd.PUSHED_AGAIN, made, THIRD)
        assert made.entries.get().token == entry.token
        assert state(returned) == PushState.DONE
        with pytest.raises(pushing.NotReturned):
            pushing.push_again(entry=entry, area_code=THIRD, by=sender, now=LATER)

    def test_is_given_up_with_a_reason_only(self, returned, sender):
        entry = returned.entries.get(ref=2)
        with pytest.raises(pushing.PushReasonMissing):
            pushing.give_up(entry=entry, reason=" ", by=sender, now=LATER)
        assert pushing.give_up(entry=entry, reason="号码为空号", by=sender, now=LATER).end == PushEnd.GIVEN_UP

    def test_is_not_what_was_found(self, returned, sender):
        with pytest.raises(pushing.NotReturned):
            pushing.give_up(entry=returned.entries.get(ref=1), reason="x", by=sender, now=LATER)

    def test_a_result_stays_once_the_sender_acted(self, returned, receiver, sender):
        pushing.give_up(entry=returned.entries.get(ref=2), reason="号码为空号", by=sender, now=LATER)
        found_now = {2: Found(PushResult.CONTROLLED)}
        assert pushing.tell(push_list=returned, found=found_now, by=receiver, now=LATER) == 0


class TestTasks:
    def test_ask_for_receipt_results_and_what_came_back(self, made, receiver, sender):
        assert asked(made) == {(TaskKind.RECEIVE_PUSH, THERE)}
        receipt = Task.objects.get(kind=TaskKind.RECEIVE_PUSH)
        assert receipt.due_at == made.receipt_due_at
        pushing.receive(push_list=made, name="李四", by=receiver, now=LATER)
        assert asked(made) == {(TaskKind.ANSWER_PUSH, THERE)}
        told = {1: Found(PushResult.TESTED), 2: Found(PushResult.MOVED, moved_to=THIRD)}
        pushing.tell(push_list=made, found=told, by=receiver, now=LATER)
        assert asked(made) == {(TaskKind.RESOLVE_PUSH, HERE)}
        pushing.push_again(entry=made.entries.get(ref=2), area_code=THIRD, by=sender, now=LATER)
        assert asked(made) == {(TaskKind.RECEIVE_PUSH, THIRD)}

    def test_an_overdue_receipt_goes_up(self, made):
        lead = factories.account(role=Role.DUTY_OFFICER, area_code=THERE)
        tasks.advance(outbreak=made.outbreak, now=NOW)
        tasks.advance(outbreak=made.outbreak, now=made.receipt_due_at + timedelta(minutes=1))
        assert Task.objects.get(kind=TaskKind.RECEIVE_PUSH).raised_to == lead
        assert pushed.line(made, as_of=made.receipt_due_at + timedelta(minutes=1)).is_late


def test_who_was_pushed_is_destroyed_with_the_trace(returned):
    returned.outbreak.kind = OutbreakKind.DRILL  # a replay that is made up keeps them while it is open
    retention.destroy_past_days(outbreak=returned.outbreak, now=NOW + timedelta(days=60))
    entry = returned.entries.get(ref=2)
    assert (entry.person, entry.token, entry.last_at, entry.moved_to) == (None, "", None, "")
    assert entry.result == PushResult.MOVED


def test_a_list_is_as_it_was_known(returned):
    assert pushed.line(returned, as_of=NOW).state == PushState.PUSHED
    assert pushed.line(returned, as_of=LATER).state == PushState.RETURNED


def state(push_list):
    return pushed.line(push_list, as_of=LATER).state


def asked(push_list):
    tasks.advance(outbreak=push_list.outbreak, now=LATER)
    kinds = (TaskKind.RECEIVE_PUSH, TaskKind.ANSWER_PUSH, TaskKind.RESOLVE_PUSH)
    return set(Task.objects.filter(kind__in=kinds, done_at=None).values_list("kind", "area_code"))


def found(trace, token, area_code, *, at=NOW, minutes=20.0, score=1.0, layer="venue"):
    person = factories.person(number=f"P-{token}-{layer}", area_code=area_code) if layer == "venue" else None
    return TraceMatch.objects.create(
        trace=trace, token=token, person=person, area_code=area_code, layer=layer, tier="same", minutes=minutes,
        meetings=1, days=1, score=score, first_at=NOW - timedelta(days=2), last_at=NOW - timedelta(days=1), found_at=at,
    )  # fmt: skip


@pytest.fixture
def trace(db):
    for code in (HERE, THERE, THIRD):
        factories.area(code)
    for code in (THERE, THIRD):
        factories.account(role=Role.DATA_OFFICER, area_code=code)
    within = factories.outbreak(slug="here")
    case = factories.case(within=within, area_code=HERE)
    made = Trace.objects.create(
        outbreak=within, number="ZZ-1", question=TraceQuestion.COMPANIONS, purpose=TracePurpose.FIND_CONTACTS,
        reason="x", case=case, begins_at=NOW - timedelta(days=3), ends_at=NOW,
        least_minutes=10, protocol="x", asked_at=NOW,
        asked_by="x", area_code=HERE, last_date=within.day_of(NOW) + timedelta(days=21),
    )  # fmt: skip
    found(made, "T-B", THERE)
    found(made, "T-A", THERE, minutes=90.0, score=9.0)
    found(made, "T-A", THERE, layer="cell", score=0.1)
    found(made, "T-C", HERE)
    found(made, "T-NOWHERE", "")
    return made


@pytest.fixture
def sender(trace):
    return factories.account(role=Role.DATA_OFFICER, area_code=HERE)


@pytest.fixture
def receiver(trace):
    return factories.account(role=Role.DATA_OFFICER, area_code=THERE)


@pytest.fixture
def made(trace, sender, receiver):
    return pushing.push(trace=trace, area_code=THERE, by=sender, now=NOW)


@pytest.fixture
def received(made, receiver):
    return pushing.receive(push_list=made, name="李四", by=receiver, now=LATER)


@pytest.fixture
def returned(received, receiver):
    told = {1: Found(PushResult.TESTED), 2: Found(PushResult.MOVED, "房东称已搬走", THIRD)}
    pushing.tell(push_list=received, found=told, by=receiver, now=LATER)
    assert PushEntry.objects.filter(result="").count() == 0
    return received
