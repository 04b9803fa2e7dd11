"""Orders are proposed by the edition, decided on by a named officer, and end by themselves."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from sizao.records import access
from sizao.records.models import ContactChange, Event, IsolationOrder, Stay
from sizao.response import isolation, tracing
from sizao.terms import (
    ORDER_MOVES,
    ContactKind,
    ContactState,
    OrderEnd,
    OrderKind,
    OrderState,
    OutbreakKind,
    Role,
    StayKind,
)
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)  # noon of the 10th in Shijiazhuang
TODAY = date(2021, 1, 10)


def days_later(days, *, hours=0):
    return NOW + timedelta(days=days, hours=hours)


class TestAdvance:
    def test_proposes_the_order_that_a_contact_lacks(self, outbreak, contact):
        assert isolation.advance(outbreak=outbreak, now=NOW) == 1
        order = IsolationOrder.objects.get()
        assert (order.kind, order.state) == (OrderKind.CENTRAL, OrderState.PROPOSED)
        assert (order.starts_date, order.ends_date) == (TODAY, date(2021, 1, 22))
        assert order.test_dates == [date(2021, 1, day) for day in (9, 12, 15, 22)]
        assert order.reason["index_case"] == contact.index_case.number

    def test_keeps_each_value_with_edition_key_and_sum(self, outbreak, contact):
        isolation.advance(outbreak=outbreak, now=NOW)
        first = IsolationOrder.objects.get().basis[0]
        assert (first["edition"], first["key"], first["gives"]) == (
            "edition-7", "contacts.close.central_days", "ends_date",
        )  # fmt: skip
        assert first["sum"] == {"start": "2021-01-08", "amount": 14, "unit": "days", "result": "2021-01-22"}

    def test_twice_at_one_moment_changes_nothing(self, outbreak, contact, noise):
        isolation.advance(outbreak=outbreak, now=NOW)
        before = picture()
        assert isolation.advance(outbreak=outbreak, now=NOW) == 0
        assert picture() == before

    def test_counts_from_the_day_found_when_the_exposure_is_unknown(self, outbreak):
        contact_of(outbreak, last_exposure_date=None, found_at=NOW)
        isolation.advance(outbreak=outbreak, now=NOW)
        order = IsolationOrder.objects.get()
        assert order.reason["counted_from"] == "found"
        # The first day of the period is tomorrow: today is day zero.
        assert (order.starts_date, order.ends_date) == (date(2021, 1, 11), date(2021, 1, 24))

    def test_counts_from_isolation_when_only_that_is_known(self, outbreak):
        contact_of(outbreak, last_exposure_date=None, placed_at=days_later(-1), state=ContactState.PLACED)
        isolation.advance(outbreak=outbreak, now=NOW)
        order = IsolationOrder.objects.get()
        assert (order.reason["counted_from"], order.ends_date) == ("isolated", date(2021, 1, 23))

    def test_proposes_nothing_for_one_found_after_the_whole_period(self, outbreak):
        contact_of(outbreak, last_exposure_date=date(2020, 12, 20))
        assert isolation.advance(outbreak=outbreak, now=NOW) == 0

    def test_one_found_after_the_central_days_goes_straight_to_the_next_stage(self, later_outbreak):
        september = datetime(2021, 9, 20, 4, 0, tzinfo=UTC)
        contact_of(later_outbreak, last_exposure_date=date(2021, 9, 3), found_at=september)
        isolation.advance(outbreak=later_outbreak, now=september)
        order = IsolationOrder.objects.get()
        assert (order.kind, order.ends_date) == (OrderKind.MONITORING, date(2021, 9, 24))

    def test_proposes_the_next_stage_on_the_last_day_of_the_one_before(self, later_outbreak):
        contact_of(later_outbreak, last_exposure_date=date(2021, 9, 1), found_at=datetime(2021, 9, 2, tzinfo=UTC))
        kinds = {}
        for day in (14, 15):
            isolation.advance(outbreak=later_outbreak, now=datetime(2021, 9, day, 4, 0, tzinfo=UTC))
            kinds[day] = sorted(IsolationOrder.objects.values_list("kind", flat=True))
        assert kinds == {14: ["central"], 15: ["central", "monitoring"]}

    def test_a_proposal_that_nobody_decided_on_ends_with_its_period(self, outbreak, contact):
        isolation.advance(outbreak=outbreak, now=NOW)
        isolation.advance(outbreak=outbreak, now=days_later(12))
        assert IsolationOrder.objects.get().state == OrderState.PROPOSED  # the last day is not over
        isolation.advance(outbreak=outbreak, now=days_later(13))
        order = IsolationOrder.objects.get()
        assert (order.state, order.end_reason) == (OrderState.ENDED, OrderEnd.NOT_DECIDED)
        assert timezone.localtime(order.ended_at).isoformat() == "2021-01-23T00:00:00+08:00"

    def test_an_issued_order_ends_by_itself(self, outbreak, contact, officer):
        order = proposed(outbreak)
        isolation.issue(order=order, by=officer, now=NOW)
        isolation.advance(outbreak=outbreak, now=days_later(13))
        order.refresh_from_db()
        assert (order.state, order.end_reason) == (OrderState.ENDED, OrderEnd.EXPIRED)

    def test_ends_the_order_of_a_contact_who_became_a_case(self, outbreak, contact):
        isolation.advance(outbreak=outbreak, now=NOW)
        tracing.move_contact(contact=contact, state=ContactState.BECAME_CASE, by=None, now=days_later(1))
        isolation.advance(outbreak=outbreak, now=days_later(2))
        order = IsolationOrder.objects.get()
        assert (order.end_reason, order.ended_at) == (OrderEnd.BECAME_CASE, days_later(1))

    def test_ends_the_order_of_a_contact_who_was_excluded(self, outbreak, contact):
        isolation.advance(outbreak=outbreak, now=NOW)
        tracing.move_contact(contact=contact, state=ContactState.EXCLUDED, by=None, now=NOW)
        isolation.advance(outbreak=outbreak, now=NOW)
        assert IsolationOrder.objects.get().end_reason == OrderEnd.NO_CONTACT

    def test_a_later_exposure_replaces_the_proposal(self, outbreak, contact):
        isolation.advance(outbreak=outbreak, now=NOW)
        contact.last_exposure_date = date(2021, 1, 9)
        contact.save()
        isolation.advance(outbreak=outbreak, now=NOW)
        ends = dict(IsolationOrder.objects.values_list("state", "ends_date"))
        assert ends == {"ended": date(2021, 1, 22), "proposed": date(2021, 1, 23)}

    def test_shortens_an_issued_order_when_a_milder_edition_comes(self, officer):
        # Edition 9 asks for 7 central days; from 11 November 2022 the twenty measures ask for 5, and 3 at home.
        outbreak = factories.outbreak(first_date=date(2022, 11, 1))
        found_at = datetime(2022, 11, 9, 4, 0, tzinfo=UTC)
        contact_of(outbreak, last_exposure_date=date(2022, 11, 8), found_at=found_at)
        isolation.advance(outbreak=outbreak, now=found_at)
        order = isolation.issue(order=IsolationOrder.objects.get(), by=officer, now=found_at)
        assert order.ends_date == date(2022, 11, 15)
        isolation.advance(outbreak=outbreak, now=found_at + timedelta(days=2))
        order.refresh_from_db()
        assert (order.state, order.ends_date) == (OrderState.ISSUED, date(2022, 11, 13))
        assert max(order.test_dates) <= order.ends_date
        assert [one["edition"] for one in order.basis if one["gives"] == "ends_date"] == [
            "edition-9",
            "twenty-measures",
        ]
        assert Event.objects.filter(verb="order.shortened").count() == 1

    def test_never_lengthens_an_issued_order(self, outbreak, contact, officer):
        order = proposed(outbreak)
        isolation.issue(order=order, by=officer, now=NOW)
        contact.last_exposure_date = date(2021, 1, 9)
        contact.save()
        isolation.advance(outbreak=outbreak, now=NOW)
        order.refresh_from_db()
        assert order.ends_date == date(2021, 1, 22)

    def test_releases_a_placed_contact_after_the_last_day(self, outbreak):
        contact = contact_of(outbreak, state=ContactState.PLACED, placed_at=NOW)
        isolation.advance(outbreak=outbreak, now=days_later(12))
        contact.refresh_from_db()
        assert contact.state == ContactState.PLACED
        isolation.advance(outbreak=outbreak, now=days_later(13))
        contact.refresh_from_db()
        assert (contact.state, contact.closed_at) == (ContactState.RELEASED, days_later(13))

    def test_a_contact_who_was_never_placed_stays_visible_as_such(self, outbreak, contact):
        isolation.advance(outbreak=outbreak, now=days_later(30))
        contact.refresh_from_db()
        assert contact.state == ContactState.FOUND

    def test_a_contact_already_in_a_room_is_placed(self, outbreak, contact):
        stay_of(contact.person, days_later(-1))
        isolation.advance(outbreak=outbreak, now=NOW)
        contact.refresh_from_db()
        assert (contact.state, contact.placed_at) == (ContactState.PLACED, NOW)

    def test_an_order_without_a_contact_still_ends(self, outbreak):
        IsolationOrder.objects.create(
            outbreak=outbreak, person=factories.person(), kind=OrderKind.HOME, state=OrderState.PROPOSED,
            area_code="130109", starts_date=TODAY, ends_date=TODAY, proposed_at=NOW, source_key="by hand",
        )  # fmt: skip
        assert isolation.advance(outbreak=outbreak, now=days_later(1)) == 1


class TestUnconfirmed:
    """A real outbreak under edition 7, whose periods rest on memory until an authority answers for them."""

    def test_proposes_nothing(self):
        real = factories.outbreak(kind=OutbreakKind.REAL)
        contact_of(real)
        assert isolation.advance(outbreak=real, now=NOW) == 0

    def test_but_orders_still_end(self):
        real = factories.outbreak(kind=OutbreakKind.REAL)
        released, ill, isolating = contact_of(real), contact_of(real), contact_of(real)
        for contact, ends_date in (
            (released, date(2021, 1, 9)),
            (ill, date(2021, 1, 20)),
            (isolating, date(2021, 1, 20)),
        ):
            IsolationOrder.objects.create(
                outbreak=real, person=contact.person, contact=contact, kind=OrderKind.CENTRAL,
                state=OrderState.PROPOSED, area_code="130109", starts_date=date(2021, 1, 8), ends_date=ends_date,
                proposed_at=days_later(-2), source_key=f"order:{contact.pk}",
            )  # fmt: skip
        tracing.move_contact(contact=ill, state=ContactState.BECAME_CASE, by=None, now=NOW)
        isolation.advance(outbreak=real, now=NOW)
        ends = dict(IsolationOrder.objects.values_list("contact", "end_reason"))
        assert ends == {released.pk: OrderEnd.NOT_DECIDED, ill.pk: OrderEnd.BECAME_CASE, isolating.pk: ""}


class TestIssue:
    def test_names_the_officer(self, outbreak, contact, officer):
        order = isolation.issue(order=proposed(outbreak), by=officer, now=NOW)
        assert (order.state, order.issued_by, order.issued_at) == (OrderState.ISSUED, officer, NOW)
        line = Event.objects.get(verb="order.issued")
        assert (line.actor, line.protocol) == (officer.username, "edition-7")

    @pytest.mark.parametrize("role", [Role.INVESTIGATOR, Role.REPORTER, Role.ADMINISTRATOR])
    def test_refuses_a_role_without_the_right(self, outbreak, contact, role):
        with pytest.raises(access.NotAllowed):
            isolation.issue(order=proposed(outbreak), by=factories.account(role=role), now=NOW)

    def test_refuses_an_officer_of_another_area(self, outbreak, contact):
        with pytest.raises(access.NotYours):
            isolation.issue(order=proposed(outbreak), by=factories.account(area_code="1305"), now=NOW)

    def test_refuses_a_person_without_an_epidemiological_link(self, outbreak, officer):
        contact_of(outbreak, index_case=None)
        with pytest.raises(isolation.NoEpidemiologicalLink, match="index case"):
            isolation.issue(order=proposed(outbreak), by=officer, now=NOW)

    def test_tells_the_index_case_that_was_found_after_the_proposal(self, outbreak, officer):
        contact = contact_of(outbreak, index_case=None)
        order = proposed(outbreak)
        contact.index_case = factories.case(within=outbreak)
        contact.save()
        issued = isolation.issue(order=order, by=officer, now=NOW)
        assert issued.reason["index_case"] == contact.index_case.number

    def test_refuses_a_second_standing_order(self, outbreak, contact, officer):
        isolation.issue(order=proposed(outbreak), by=officer, now=NOW)
        contact.last_exposure_date = date(2021, 1, 9)
        contact.save()
        with pytest.raises(isolation.AlreadyIsolating, match="2021-01-22"):
            isolation.issue(order=proposed(outbreak), by=officer, now=NOW)

    def test_the_database_refuses_it_too(self, outbreak, contact, officer, monkeypatch):
        isolation.issue(order=proposed(outbreak), by=officer, now=NOW)
        contact.last_exposure_date = date(2021, 1, 9)
        contact.save()
        second = proposed(outbreak)
        # As when another officer issues one between our look and our write.
        monkeypatch.setattr("sizao.response.isolation.orders._standing_beside", lambda order: None)
        with pytest.raises(isolation.AlreadyIsolating):
            isolation.issue(order=second, by=officer, now=NOW)

    def test_another_broken_promise_is_no_refusal(self, outbreak, contact, officer, monkeypatch):
        order = proposed(outbreak)
        monkeypatch.setattr(
            "sizao.response.isolation.orders.IsolationOrder.save",
            lambda self, **kw: (_ for _ in ()).throw(IntegrityError("order_ends_after_it_starts")),
        )
        with pytest.raises(IntegrityError), transaction.atomic():
            isolation.issue(order=order, by=officer, now=NOW)

    def test_lets_the_next_stage_follow_the_first(self, later_outbreak, officer):
        contact_of(later_outbreak, last_exposure_date=date(2021, 9, 1), found_at=datetime(2021, 9, 2, tzinfo=UTC))
        evening = datetime(2021, 9, 15, 12, 0, tzinfo=UTC)
        isolation.advance(outbreak=later_outbreak, now=evening)
        for order in IsolationOrder.objects.order_by("starts_date"):
            isolation.issue(order=order, by=officer, now=evening)
        assert set(IsolationOrder.objects.values_list("state", flat=True)) == {OrderState.ISSUED}

    def test_refuses_when_nothing_is_left_to_serve(self, outbreak, contact, officer):
        order = proposed(outbreak)
        with pytest.raises(isolation.NothingLeftToServe, match="2021-01-22"):
            isolation.issue(order=order, by=officer, now=days_later(13))


class TestIssueMany:
    def test_issues_those_it_can_and_says_why_not_of_the_others(self, outbreak, contact, officer):
        contact_of(outbreak, index_case=None)
        contact_of(outbreak, area_code="130502")
        proposed(outbreak)
        orders = list(IsolationOrder.objects.order_by("pk"))
        issued, refused = isolation.issue_many(orders=orders, by=officer, now=NOW)
        assert [one.contact for one in issued] == [contact]
        assert {type(one) for one in refused} == {isolation.NoEpidemiologicalLink, access.NotYours}
        kept = IsolationOrder.objects.get(state=OrderState.ISSUED)
        assert (kept.issued_by, kept.issued_at) == (officer, NOW)
        assert kept.reason["index_case"] == contact.index_case.number
        line = Event.objects.get(verb="order.issued")
        assert (line.actor, line.protocol, line.subject_id) == (officer.username, "edition-7", kept.pk)
        assert isolation.issue_many(orders=issued, by=officer, now=NOW)[0] == []

    def test_refuses_a_second_order_for_the_same_days_within_one_batch(self, outbreak, contact, officer):
        proposed(outbreak)
        contact.last_exposure_date = date(2021, 1, 9)
        contact.save()
        second = proposed(outbreak)
        first = IsolationOrder.objects.exclude(pk=second.pk).get()
        IsolationOrder.objects.filter(pk=first.pk).update(state=OrderState.PROPOSED, ended_at=None, end_reason="")
        issued, refused = isolation.issue_many(orders=[first, second], by=officer, now=NOW)
        assert issued == [first]
        assert [type(one) for one in refused] == [isolation.AlreadyIsolating]

    def test_issues_one_by_one_what_another_officer_issued_a_part_of(self, outbreak, officer, monkeypatch):
        standing, free = contact_of(outbreak), contact_of(outbreak)
        isolation.issue(order=proposed_to(standing), by=officer, now=NOW)
        standing.last_exposure_date = date(2021, 1, 9)
        standing.save()
        isolation.advance(outbreak=outbreak, now=NOW)
        orders = list(IsolationOrder.objects.filter(state=OrderState.PROPOSED).order_by("pk"))
        monkeypatch.setattr("sizao.response.isolation.orders._overlap", lambda order, other: False)
        issued, refused = isolation.issue_many(orders=orders, by=officer, now=NOW)
        assert [one.contact for one in issued] == [free]
        assert [type(one) for one in refused] == [isolation.AlreadyIsolating]


class TestDecline:
    def test_keeps_the_reason_and_is_not_proposed_again(self, outbreak, contact, officer):
        isolation.decline(order=proposed(outbreak), reason=" 已接种且检测阴性 ", by=officer, now=NOW)
        isolation.advance(outbreak=outbreak, now=NOW)
        order = IsolationOrder.objects.get()
        assert (order.state, order.decline_reason) == (OrderState.DECLINED, "已接种且检测阴性")

    @pytest.mark.parametrize("verb", [isolation.decline, isolation.end])
    def test_needs_a_reason(self, outbreak, contact, officer, verb):
        with pytest.raises(isolation.ReasonMissing):
            verb(order=proposed(outbreak), reason="  ", by=officer, now=NOW)


class TestEnd:
    def test_ends_an_issued_order_early(self, outbreak, contact, officer):
        order = isolation.issue(order=proposed(outbreak), by=officer, now=NOW)
        ended = isolation.end(order=order, reason="排除", by=officer, now=days_later(2))
        assert (ended.state, ended.ended_at, ended.end_reason) == (OrderState.ENDED, days_later(2), "排除")

    @pytest.mark.parametrize("state", [OrderState.DECLINED, OrderState.ENDED])
    @pytest.mark.parametrize("wanted", ["issue", "decline", "end"])
    def test_nothing_leaves_a_closed_state(self, outbreak, contact, officer, state, wanted):
        order = proposed(outbreak)
        IsolationOrder.objects.update(state=state)
        more = {} if wanted == "issue" else {"reason": "…"}
        with pytest.raises(isolation.OrderCannotMove, match="nothing"):
            getattr(isolation, wanted)(order=order, by=officer, now=NOW, **more)
        assert ORDER_MOVES[state] == set()

    def test_a_refusal_says_terms_in_the_language_of_the_reader(self, outbreak, contact, officer):
        order = proposed(outbreak)
        isolation.issue(order=order, by=officer, now=NOW)
        with pytest.raises(isolation.OrderCannotMove) as refused:
            isolation.decline(order=order, reason="…", by=officer, now=NOW)
        assert "is Issued, so it cannot become Declined. From here it may become: Ended" in str(refused.value)
        assert refused.value.told("{was}→{state}：{allowed}", "zh") == "已签发→不予签发：已解除"


class TestHistory:
    def test_tells_the_state_of_each_day(self, outbreak, contact, officer):
        order = proposed(outbreak)
        isolation.issue(order=order, by=officer, now=days_later(1))
        isolation.advance(outbreak=outbreak, now=days_later(20))
        order.refresh_from_db()
        states = [isolation.state_at(order, days_later(day)) for day in (-1, 0, 1, 12, 20)]
        assert states == [None, OrderState.PROPOSED, OrderState.ISSUED, OrderState.ISSUED, OrderState.ENDED]

    def test_gives_what_was_known_by_a_moment(self, outbreak, contact, noise):
        isolation.advance(outbreak=outbreak, now=NOW)
        assert isolation.known_at(outbreak, days_later(-1)).count() == 0
        assert isolation.known_at(outbreak, NOW).count() == 1


class TestNotice:
    def test_tells_why_by_whose_rule_until_when_and_how_to_object(self, outbreak, contact):
        notice = isolation.notice(proposed(outbreak), "zh")
        assert notice.kind == "集中隔离医学观察"
        assert notice.reason == f"病例 {contact.index_case.number} 的密切接触者；自2021-01-08（末次暴露）起算。"
        assert "2021-01-08 + 14 天 = 2021-01-22 24:00 止（edition-7，contacts.close.central_days）" in notice.sums
        assert any("60日" in text for text in notice.remedies)
        assert any("2021-01-22 24:00自动解除" in text for text in notice.remedies)

    def test_says_it_in_english_too(self, outbreak):
        contact_of(outbreak, last_exposure_date=None, index_case=None, found_at=NOW)
        notice = isolation.notice(proposed(outbreak), "en")
        assert notice.reason.startswith("Close contact; counted from 2021-01-10 (day found")
        assert any("within 60 days" in text for text in notice.remedies)

    def test_names_the_exception_that_lets_a_child_stay_at_home(self, outbreak):
        contact = contact_of(outbreak)
        contact.person.birth_date = date(2015, 5, 1)
        contact.person.save()
        order = proposed(outbreak)
        assert order.kind == OrderKind.HOME
        told = " ".join(isolation.notice(order, "en").sums)
        assert "contacts.close.child_age_up_to_years = 14 (edition-7)." in told
        assert "contacts.close.child_age_up_to_years = 14（edition-7）" in " ".join(isolation.notice(order, "zh").sums)


# --- Fixtures ----------------------------------------------------------------------------------


@pytest.fixture
def outbreak(db):
    return factories.outbreak()


@pytest.fixture
def later_outbreak(db):
    return factories.outbreak(first_date=date(2021, 9, 1))


@pytest.fixture
def contact(outbreak):
    return contact_of(outbreak)


@pytest.fixture
def officer(db):
    return factories.account(role=Role.ISOLATION_COORDINATOR, area_code="1301")


def contact_of(outbreak, *, state=ContactState.FOUND, **facts):
    from sizao.records.models import Contact

    person = factories.person()
    defaults = {
        "outbreak": outbreak,
        "person": person,
        "kind": ContactKind.CLOSE,
        "state": state,
        "area_code": person.area_code,
        "last_exposure_date": date(2021, 1, 8),
        "found_at": days_later(-1),
        "source": "test",
        "source_key": f"contact:{person.number}",
    }
    if "index_case" not in facts:
        defaults["index_case"] = factories.case(within=outbreak)
    return Contact.objects.create(**defaults | facts)


def proposed_to(contact):
    isolation.advance(outbreak=contact.outbreak, now=NOW)
    return IsolationOrder.objects.get(contact=contact)


def proposed(outbreak):
    isolation.advance(outbreak=outbreak, now=NOW)
    return IsolationOrder.objects.filter(state=OrderState.PROPOSED).latest("id")


def stay_of(person, start, *, until=None, kind=StayKind.ROOM):
    return Stay.objects.create(
        person=person,
        kind=kind,
        area_code=person.area_code,
        period=(start, until),
        party=-person.pk,
        recorded_at=start,
        source_key=f"stay:{person.pk}:{start}",
    )


def picture():
    rows = list(IsolationOrder.objects.order_by("id").values())
    return rows, Event.objects.count(), ContactChange.objects.count()
