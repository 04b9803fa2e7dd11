"""Requests between authorities: what is shared, what arrives in any order, what is refused."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sizao.adapters.exchange import (
    CouldNotDeliver,
    Envelope,
    EnvelopeUnreadable,
    InMemory,
    Key,
    Signed,
    opened,
    opened_receipt,
    sealed,
    sealed_receipt,
)
from sizao.adapters.exchange.channel import Https
from sizao.adapters.exchange.envelope import Receipt, digest_of
from sizao.records.access import NotAllowed, NotYours
from sizao.records.models import CooperationRequest, Event, ExchangeMessage
from sizao.response import cooperation, flow
from sizao.response.cooperation import answering, asking, authorities, receiving, settling, standing
from sizao.terms import AskedFor, ExchangeWay, MessageKind, PersonAnswer, RequestState, Role, phrase_of
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 10, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LAW = "《中华人民共和国传染病防治法》第三十九条"
THEIRS = Key.from_secret(b"z" * 32)


class TestAsking:
    def test_shares_what_the_question_needs_and_no_more(self, world):
        request = world.draft(asked=[AskedFor.INFORM])
        assert [(one.name, one.phone, one.id_number) for one in request.people.all()] == [("甲一", None, None)] * 2
        full = world.draft()
        assert {one.phone for one in full.people.all()} == {"13800000000"}

    def test_sets_both_clocks_by_the_edition(self, world):
        request = world.draft()
        assert request.due_at == NOW + 24 * HOUR
        assert {entry["gives"] for entry in request.basis} == {"send_by", "due_at"}

    def test_gives_each_request_a_number_of_its_own(self, world):
        assert [world.draft().number for _ in range(2)] == ["XC1301-2021-00001", "XC1301-2021-00002"]

    def test_counts_on_whatever_numbers_others_send(self, world):
        take(request_body(), number="XC1301-2021-zzz")
        assert world.draft().number == "XC1301-2021-00001"

    def test_sends_a_signed_snapshot_that_stands_for_itself(self, world):
        request = world.sent()
        message = ExchangeMessage.objects.get(number=request.number)
        envelope = opened(Signed(message.body, message.signature), receiver=THEIRS.public)
        assert envelope.body["people"][0]["name"] == "甲一"
        assert envelope.body["due_at"] == request.due_at.isoformat()
        assert request.state == RequestState.SENT

    def test_journals_whose_name_went_where(self, world):
        request = world.sent()
        told = Event.objects.filter(verb="person.shared")
        assert [line.facts for line in told] == [{"number": request.number, "receiver": "郑州市疾控中心"}] * 2
        assert {line.person_id for line in told} == {one.person_id for one in world.contacts}

    @pytest.mark.parametrize(
        ("facts", "refusal"),
        [
            ({"contacts": []}, asking.NobodyAskedAbout),
            ({"asked": []}, asking.QuestionMissing),
            ({"legal_basis": " "}, asking.QuestionMissing),
        ],
    )
    def test_refuses_what_cannot_be_asked(self, world, facts, refusal):
        with pytest.raises(refusal):
            world.draft(**facts)

    def test_refuses_names_without_a_link_to_a_case_of_the_jurisdiction(self, world):
        stranger = factories.contact(within=world.outbreak, index_case=None)
        with pytest.raises(asking.NoLink, match=stranger.person.number):
            world.draft(contacts=[*world.contacts, stranger])
        assert not CooperationRequest.objects.exists()

    def test_refuses_the_wrong_user(self, world):
        with pytest.raises(NotAllowed):
            world.draft(by=factories.account(role=Role.GRID_WORKER, area_code="1301"))
        with pytest.raises(NotYours):
            cooperation.send(
                request=world.draft(), by=factories.account(role=Role.DATA_OFFICER, area_code="1305"), now=NOW
            )

    def test_sends_once(self, world):
        request = world.sent()
        with pytest.raises(standing.RequestCannotMove, match="cannot become"):
            cooperation.send(request=request, by=world.officer, now=NOW)

    def test_sends_nothing_to_an_authority_that_ended(self, world):
        request = world.draft()
        cooperation.end_authority(authority=world.authority, by=world.officer, now=NOW)
        with pytest.raises(asking.AuthorityEnded):
            cooperation.send(request=request, by=world.officer, now=NOW)

    def test_is_withdrawn_or_closed_with_a_reason_that_is_told(self, world):
        request = world.sent()
        with pytest.raises(asking.ReasonMissing):
            cooperation.withdraw(request=request, reason=" ", by=world.officer, now=NOW)
        cooperation.withdraw(request=request, reason="判定有误", by=world.officer, now=NOW + HOUR)
        message = ExchangeMessage.objects.latest("pk")
        assert (message.kind, "判定有误" in message.body) == (MessageKind.WITHDRAWN, True)
        assert fresh(request).state == RequestState.WITHDRAWN

    def test_reminds_once_before_the_deadline(self, world):
        request = world.sent()
        assert flow.advance(outbreak=world.outbreak, now=NOW + 10 * HOUR)["cooperation"] == 0
        assert flow.advance(outbreak=world.outbreak, now=NOW + 21 * HOUR)["cooperation"] == 1
        assert flow.advance(outbreak=world.outbreak, now=NOW + 21 * HOUR)["cooperation"] == 0
        assert ExchangeMessage.objects.filter(number=request.number, kind=MessageKind.REMINDER).count() == 1


class TestDelivering:
    def test_keeps_the_receipt_of_the_other_side(self, world):
        request = world.sent()
        assert cooperation.deliver_waiting(channel=world.listening(), now=NOW + HOUR) == (1, 0)
        message = ExchangeMessage.objects.get()
        receipt = opened_receipt(Signed(**message.receipt), sender=THEIRS.public)
        assert (receipt.digest, message.delivered_at) == (message.digest, NOW + HOUR)
        assert fresh(request).state == RequestState.RECEIVED
        assert cooperation.deliver_waiting(channel=world.listening(), now=NOW + HOUR) == (0, 0)

    def test_waits_longer_after_each_failure_and_loses_nothing(self, world):
        world.sent()
        nobody = InMemory({})
        moments = [NOW, NOW + timedelta(seconds=20), NOW + timedelta(seconds=50)]
        assert [cooperation.deliver_waiting(channel=nobody, now=at) for at in moments] == [(0, 1)] * 3
        waiting = ExchangeMessage.objects.get()
        assert (waiting.tries, waiting.next_try_at - moments[-1]) == (3, timedelta(seconds=60))
        why = phrase_of(waiting.fault)
        assert (why.label("en"), why.label("zh")) == ("nobody listens there.", "对方未在接收。")
        assert cooperation.deliver_waiting(channel=world.listening(), now=NOW + HOUR) == (1, 0)

    def test_takes_no_receipt_that_another_signed_or_that_is_for_another_message(self, world):
        world.sent()
        stranger = Key.from_secret(b"s" * 32)
        for key, uid in ((stranger, None), (THEIRS, uuid4())):
            channel = InMemory({world.authority.address: lambda one, k=key, u=uid: receipt_of(one, k, uid=u)})
            assert cooperation.deliver_waiting(channel=channel, now=NOW + HOUR) == (0, 1)
            ExchangeMessage.objects.update(next_try_at=NOW)
        assert ExchangeMessage.objects.get().delivered_at is None

    def test_never_goes_in_the_clear(self):
        with pytest.raises(CouldNotDeliver, match="https"):
            Https().deliver("http://127.0.0.1:1", Signed("x", "y"))

    def test_says_who_does_not_answer(self):
        with pytest.raises(CouldNotDeliver, match="https://127.0.0.1:1"):
            Https().deliver("https://127.0.0.1:1", Signed("x", "y"))


class TestReceiving:
    def test_keeps_a_request_with_its_people_and_acknowledges_it(self, world):
        answer = take(request_body())
        row = CooperationRequest.objects.get()
        assert (row.number, row.state, row.area_code, row.is_incoming) == ("XC41-1", "received", "130109", True)
        assert [(one.ref, one.name) for one in row.people.order_by("ref")] == [(1, "丙"), (2, "丁")]
        assert opened_receipt(answer, sender=cooperation.own_key().public).received_at == NOW

    def test_the_same_message_again_changes_nothing_and_has_the_same_receipt(self, world):
        message = message_of(MessageKind.REQUEST, request_body())
        first = cooperation.take_in(signed=message, by=None, now=NOW)
        before = picture()
        assert cooperation.take_in(signed=message, by=None, now=NOW + HOUR) == first
        assert picture() == before

    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.permutations(range(7)), st.lists(st.integers(0, 6), max_size=4))
    def test_comes_to_the_same_in_any_order_and_however_often(self, world, order, again):
        messages = [
            message_of(MessageKind.REQUEST, request_body()),
            message_of(MessageKind.REQUEST, request_body(question="更正", more=1), at=NOW + HOUR),
            message_of(MessageKind.REMINDER, {}, at=NOW + 2 * HOUR),
            message_of(MessageKind.REMINDER, {}, at=NOW + 3 * HOUR),
            message_of(MessageKind.CLOSED, {"reason": "已办结"}, at=NOW + 5 * HOUR),
            message_of(MessageKind.CLOSED, {"reason": "已办结"}, at=NOW + 4 * HOUR),
            message_of(MessageKind.WITHDRAWN, {"reason": "撤回"}, at=NOW + 6 * HOUR),
        ]
        pictures = []
        for sequence in (range(7), [*order, *again]):
            with transaction.atomic():
                for n in sequence:
                    cooperation.take_in(signed=messages[n], by=None, now=NOW + 9 * HOUR)
                pictures.append(picture())
                transaction.set_rollback(True)
        assert pictures[0] == pictures[1]
        assert pictures[0][0][1:3] == ("withdrawn", "更正")

    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.permutations(range(6)), st.lists(st.integers(0, 5), max_size=4))
    def test_answers_come_to_the_same_in_any_order(self, world, order, again):
        with transaction.atomic():
            request = world.sent()
            messages = [
                world.theirs(request, MessageKind.ACCEPTED, {}, at=NOW + HOUR),
                world.theirs(request, MessageKind.REFUSED, {"reason": "非本辖区"}, at=NOW + 2 * HOUR),
                world.theirs(request, MessageKind.ACCEPTED, {}, at=NOW + 3 * HOUR),
                world.theirs(request, MessageKind.ANSWER, told((1, "not_reached", 4)), at=NOW + 4 * HOUR),
                world.theirs(request, MessageKind.ANSWER, told((1, "placed", 5), (2, "left", 5)), at=NOW + 5 * HOUR),
                world.theirs(request, MessageKind.ANSWER, told((2, "negative", 5), (9, "left", 5)), at=NOW + 6 * HOUR),
            ]
            pictures = []
            for sequence in (range(6), [*order, *again]):
                with transaction.atomic():
                    for n in sequence:
                        cooperation.take_in(signed=messages[n], by=None, now=NOW + 9 * HOUR)
                    pictures.append(picture())
                    transaction.set_rollback(True)
            transaction.set_rollback(True)
        assert pictures[0] == pictures[1]
        assert [one[1] for one in pictures[0][1:]] == ["placed", "negative"]
        assert pictures[0][0][1] == "answered"

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"asked": ["dance"]}, "not of its kind"),
            ({"asked": []}, "nothing is asked"),
            ({"to_area": "13x"}, "no division code"),
            ({"question": "x" * 4001}, "question"),
            ({"due_at": "2021-01-11T00:00:00"}, "without a zone"),
            ({"people": [{"ref": 1}]}, "not of its kind"),
            ({"basis": "none"}, "basis"),
        ],
    )
    def test_refuses_rubbish_in_a_sentence_and_keeps_nothing(self, world, change, reason):
        with pytest.raises(EnvelopeUnreadable, match=reason):
            take(request_body() | change)
        assert not ExchangeMessage.objects.exists()

    def test_refuses_what_another_signed_or_what_is_for_another(self, world):
        message = message_of(MessageKind.REQUEST, request_body())
        with pytest.raises(EnvelopeUnreadable, match="signature"):
            cooperation.take_in(signed=Signed(message.text.replace("丙", "戊"), message.signature), by=None, now=NOW)
        with pytest.raises(receiving.SenderUnknown):
            take(request_body(), key=Key.from_secret(b"s" * 32))
        with pytest.raises(EnvelopeUnreadable, match="another authority"):
            take(request_body(), receiver=THEIRS.public)
        with pytest.raises(EnvelopeUnreadable, match="no signed envelope"):
            cooperation.take_in(signed=Signed("[]", "x"), by=None, now=NOW)

    def test_refuses_a_clock_that_runs_ahead(self, world):
        with pytest.raises(receiving.ClockAhead):
            take(request_body(), at=NOW + HOUR)

    def test_refuses_another_authoritys_number(self, world):
        take(request_body())
        other = Key.from_secret(b"o" * 32)
        world.add("洛阳市疾控中心", other)
        with pytest.raises(settling.NumberOfAnother):
            take(request_body(), key=other)

    def test_refuses_an_answer_to_what_nobody_asked(self, world):
        with pytest.raises(EnvelopeUnreadable, match="nothing was asked"):
            take(told((1, "placed", 1)), kind=MessageKind.ANSWER)

    def test_takes_nothing_from_an_authority_that_ended(self, world):
        cooperation.end_authority(authority=world.authority, by=world.officer, now=NOW)
        with pytest.raises(receiving.SenderUnknown):
            take(request_body())


class TestAnswering:
    def test_tells_the_asking_side_person_by_person(self, world):
        take(request_body())
        row = CooperationRequest.objects.get()
        cooperation.accept(request=row, by=world.county, now=NOW + HOUR)
        found = {1: (PersonAnswer.PLACED, "某酒店")}
        cooperation.answer(request=row, found=found, by=world.county, now=NOW + 2 * HOUR)
        assert fresh(row).state == RequestState.ACCEPTED
        cooperation.answer(request=row, found={2: (PersonAnswer.NOT_FOUND, "")}, by=world.county, now=NOW + 3 * HOUR)
        assert fresh(row).state == RequestState.ANSWERED
        sent = ExchangeMessage.objects.filter(is_incoming=False).order_by("pk")
        assert [one.kind for one in sent] == ["accepted", "answer", "answer"]

    def test_refuses_a_number_that_is_not_on_the_list_and_keeps_none(self, world):
        take(request_body())
        row = CooperationRequest.objects.get()
        found = {1: (PersonAnswer.PLACED, ""), 7: (PersonAnswer.PLACED, "")}
        with pytest.raises(answering.NotOnTheList, match="7"):
            cooperation.answer(request=row, found=found, by=world.county, now=NOW)
        assert not row.people.exclude(answer="").exists()

    def test_refuses_a_refusal_without_a_reason(self, world):
        take(request_body())
        with pytest.raises(asking.ReasonMissing):
            cooperation.refuse(request=CooperationRequest.objects.get(), reason="", by=world.county, now=NOW)

    def test_of_a_letter_are_entered_by_hand(self, world):
        by_letter = cooperation.add_authority(
            name="洛阳市疾控中心", area_code="4103", way=ExchangeWay.LETTER, by=world.officer, now=NOW
        )
        request = cooperation.send(request=world.draft(authority=by_letter), by=world.officer, now=NOW)
        assert not ExchangeMessage.objects.exists()
        found = {1: (PersonAnswer.PLACED, ""), 2: (PersonAnswer.LEFT, "去往西安")}
        cooperation.answer(request=request, found=found, by=world.officer, now=NOW + HOUR)
        assert fresh(request).state == RequestState.ANSWERED


class TestDestroying:
    def test_forgets_the_people_of_others_after_their_last_day(self, world):
        take(request_body())
        take({"reason": "已办结"}, kind=MessageKind.CLOSED, at=NOW)
        assert cooperation.destroy_old(by=None, now=NOW + timedelta(days=29)) == 0
        assert cooperation.destroy_old(by=None, now=NOW + timedelta(days=31)) == 1
        assert cooperation.destroy_old(by=None, now=NOW + timedelta(days=31)) == 0
        row = CooperationRequest.objects.get()
        assert {(one.name, one.phone, one.area_code) for one in row.people.all()} == {(None, None, "")}
        assert not ExchangeMessage.objects.filter(body__isnull=False).exists()


class TestAuthorities:
    @pytest.mark.parametrize(
        ("facts", "reason"),
        [
            ({"name": " "}, "no name"),
            ({"area_code": "41x"}, "41x is no division code"),
            ({"area_code": ""}, "has no division code"),
            ({"address": "http://x"}, "https"),
            ({"public_key": "short"}, "32 bytes"),
        ],
    )
    def test_refuses_what_could_not_be_reached(self, world, facts, reason):
        asked = {"name": "甲", "area_code": "41", "way": ExchangeWay.SYSTEM, "address": "https://x",
                 "public_key": Key.from_secret(b"o" * 32).public}  # fmt: skip
        with pytest.raises(authorities.AuthorityUnusable, match=reason):
            cooperation.add_authority(**asked | facts, by=world.officer, now=NOW)

    def test_refuses_its_own_key_and_one_that_is_known(self, world):
        for key, reason in ((cooperation.own_key(), "own"), (THEIRS, "already")):
            with pytest.raises(authorities.AuthorityUnusable, match=reason):
                world.add("乙", key)


class World:
    """A city that traced two contacts to Zhengzhou, a county of its own, and Zhengzhou's authority."""

    def __init__(self):
        self.outbreak = factories.outbreak()
        self.officer = factories.account(role=Role.DATA_OFFICER, area_code="1301")
        self.county = factories.account(role=Role.DATA_OFFICER, area_code="130109")
        self.authority = self.add("郑州市疾控中心", THEIRS)
        index = factories.case(within=self.outbreak, area_code="130109110212")
        self.contacts = [
            factories.contact(
                within=self.outbreak, index_case=index, found_at=NOW - HOUR,
                person=factories.person(name="甲一", phone="13800000000", area_code="410105"),
            )
            for _ in range(2)
        ]  # fmt: skip

    def add(self, name, key):
        return cooperation.add_authority(
            name=name, area_code="4101", way=ExchangeWay.SYSTEM, address=f"https://{len(name)}{key.public[0]}.example",
            public_key=key.public, by=self.officer, now=NOW,
        )  # fmt: skip

    def draft(self, **facts):
        asked = {
            "outbreak": self.outbreak, "authority": self.authority, "contacts": self.contacts,
            "asked": [AskedFor.FIND, AskedFor.CONTROL], "question": "请协助查找", "legal_basis": LAW,
            "by": self.officer, "now": NOW,
        }  # fmt: skip
        return cooperation.draft(**asked | facts)

    def sent(self):
        return cooperation.send(request=self.draft(), by=self.officer, now=NOW)

    def listening(self):
        return InMemory({self.authority.address: lambda one: receipt_of(one, THEIRS)})

    def theirs(self, request, kind, body, *, at):
        return message_of(kind, body, at=at, number=request.number)


@pytest.fixture
def world():
    return World()


def fresh(request):
    return CooperationRequest.objects.get(pk=request.pk)


def message_of(kind, body, *, at=NOW, key=THEIRS, receiver=None, number="XC41-1"):
    receiver = receiver or cooperation.own_key().public
    return sealed(Envelope(uuid4(), kind, number, key.public, receiver, at, body), key)


def take(body, *, kind=MessageKind.REQUEST, at=NOW, **facts):
    return cooperation.take_in(signed=message_of(kind, body, at=at, **facts), by=None, now=NOW)


def receipt_of(signed, key, *, uid=None):
    envelope = opened(signed, receiver=THEIRS.public)
    return sealed_receipt(Receipt(uid or envelope.uid, digest_of(signed), NOW + HOUR), key)


def request_body(*, question="请协助查找", more=0):
    people = [
        {"ref": ref, "name": name, "id_number": None, "phone": "139", "address": None, "area_code": "130109",
         "contact_kind": "close", "last_exposure_date": "2021-01-05"}
        for ref, name in enumerate(["丙", "丁", "戊"][: 2 + more], start=1)
    ]  # fmt: skip
    return {
        "area": "41", "to_area": "130109", "asked": ["find"], "question": question, "legal_basis": LAW,
        "protocol": "edition-7", "basis": [], "due_at": "2021-01-11T02:00:00+00:00", "people": people,
    }  # fmt: skip


def told(*answers):
    return {
        "people": [
            {"ref": ref, "answer": answer, "note": None, "answered_at": (NOW + hours * HOUR).isoformat()}
            for ref, answer, hours in answers
        ]
    }


def picture():
    """All that is known of the one request, whatever order its rows were written in."""
    row = CooperationRequest.objects.get()
    people = row.people.order_by("ref")
    return [
        (row.number, row.state, row.question, row.told_at, row.decided_at, row.refuse_reason, row.closed_at,
         row.withdrawn_at, row.reminded_at, row.answered_at, date.min),
        *((one.ref, one.answer, one.answered_at, one.name) for one in people),
    ]  # fmt: skip
