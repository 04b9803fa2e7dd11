"""Who bears a token: found by its size and not the register's, one person once, and destroyed with the key."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sizao.records.models import Person, TokenBearer, TokensDue, TraceAnswer
from sizao.response import outbreaks, tracing
from sizao.response.tracing import bearers, standing, tokens, trace_places
from sizao.response.tracing.naming import IdentityRow
from sizao.terms import Layer, Role, TraceCause, TraceQuestion
from tests import factories
from tests.factories import VILLAGE
from tests.response.presence_world import NOW, at, found, token, world

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
ID_NUMBER, PHONE = "13010919800101001X", "13912345678"


@pytest.fixture
def here(settings, tmp_path):
    settings.PRESENCES_DIR = tmp_path
    return world()


def told(here, kind, identity):
    return tokens.maker(kind, tokens.standing_key(here.outbreak))(identity)


def somebody(**facts):
    known = {"id_number_index": tokens.id_number_index(ID_NUMBER), "phone_index": tokens.phone_index(PHONE)}
    return factories.person(**known | facts)


def present(here, kind, identity, place, begins, ends, now=NOW):
    here.send_columns({"now": now}, **{kind: [identity]}, place=[place], start=[at(begins)], end=[at(ends)])


class TestBearers:
    def test_are_found_by_each_kind_of_token(self, here):
        person = somebody(number="P-1")
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        wanted = [told(here, "id_number", ID_NUMBER), told(here, "phone", PHONE), token(here, "P-1")]
        assert bearers.bearers(here.outbreak, wanted, now=NOW) == dict.fromkeys(wanted, person.pk)

    def test_of_a_phone_of_two_people_are_nobody(self, here):
        for number in ("P-1", "P-2"):
            factories.person(number=number, phone_index=tokens.phone_index(PHONE))
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        assert bearers.bearers(here.outbreak, [told(here, "phone", PHONE)], now=NOW) == {}

    def test_follow_the_register(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        assert bearers.bearers(here.outbreak, [token(here, "P-NEW")], now=NOW) == {}
        person = factories.person(number="P-NEW")
        assert bearers.bearers(here.outbreak, [token(here, "P-NEW")], now=NOW) == {token(here, "P-NEW"): person.pk}
        Person.objects.filter(pk=person.pk).update(number="P-OTHER")
        assert bearers.bearers(here.outbreak, [token(here, "P-NEW")], now=NOW) == {}
        assert bearers.bearers(here.outbreak, [token(here, "P-OTHER")], now=NOW) == {token(here, "P-OTHER"): person.pk}
        assert not TokensDue.objects.exists()

    def test_of_two_outbreaks_are_kept_up_together(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        other = factories.outbreak(slug="other")
        key = tokens.key_of(other, now=NOW)
        for outbreak in (here.outbreak, other):
            bearers.bring_up(outbreak, now=NOW)
        person = factories.person(number="P-NEW")
        bearers.bring_up(here.outbreak, now=NOW)
        wanted = tokens.maker("number", key)("P-NEW")
        assert bearers.bearers(other, [wanted], now=NOW) == {wanted: person.pk}

    def test_are_looked_up_with_as_many_statements_in_a_larger_register(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        wanted = [token(here, "P-CASE")]
        bearers.bearers(here.outbreak, wanted, now=NOW)
        with CaptureQueriesContext(connection) as few:
            bearers.bearers(here.outbreak, wanted, now=NOW)
        for _ in range(50):
            factories.person()
        bearers.bring_up(here.outbreak, now=NOW)
        with CaptureQueriesContext(connection) as many:
            bearers.bearers(here.outbreak, wanted, now=NOW)
        assert len(many) == len(few)
        assert not any("records_person" in one["sql"] for one in many)

    def test_are_not_read_off_the_table_without_the_key(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        bearers.bring_up(here.outbreak, now=NOW)
        marks = {one.mark.hex for one in TokenBearer.objects.all()}
        assert token(here, "P-CASE") not in marks

    def test_are_destroyed_with_the_key(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        bearers.bring_up(here.outbreak, now=NOW)
        outbreaks.close(outbreak=here.outbreak, by=factories.account(role=Role.DUTY_OFFICER), now=NOW)
        here.outbreak.refresh_from_db()
        tracing.close_store(outbreak=here.outbreak, by=None, now=NOW)
        assert not TokenBearer.objects.exists()


class TestOnePerson:
    """A gate tells an id number, a venue code a phone, for one and the same visit."""

    def test_stands_once_with_the_time_of_both(self, here):
        somebody(number="P-1")
        here.send(("P-CASE", "shop", at("10:00"), at("12:00")))
        present(here, "id_number", ID_NUMBER, "shop", "10:00", "10:40")
        present(here, "phone", PHONE, "shop", "10:30", "11:00")
        match = here.ask().matches.get()
        assert (match.minutes, match.meetings, match.days) == (60.0, 1, 1)

    def test_is_found_by_two_pieces_too_short_by_themselves(self, here):
        somebody(number="P-1")
        here.send(("P-CASE", "shop", at("10:00"), at("12:00")))
        present(here, "id_number", ID_NUMBER, "shop", "10:00", "10:06")
        present(here, "phone", PHONE, "shop", "10:06", "10:12")
        assert list(found(here.ask()).values()) == [12.0]

    def test_as_the_case_is_asked_for_once(self, here):
        Person.objects.filter(number="P-CASE").update(phone_index=tokens.phone_index(PHONE))
        here.case.person.refresh_from_db()
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")), ("P-1", "shop", at("10:00"), at("12:00")))
        present(here, "phone", PHONE, "shop", "10:30", "11:30")
        trace = here.ask()
        assert found(trace) == {token(here, "P-1"): 90.0}
        (stay,) = trace_places.stays_of_case(trace, by=here.officer, now=NOW, as_of=NOW)
        assert (stay.end - stay.start) == timedelta(minutes=90)

    def test_is_explained_by_one_stretch(self, here):
        somebody(number="P-1")
        here.send(("P-CASE", "shop", at("10:00"), at("12:00")))
        present(here, "id_number", ID_NUMBER, "shop", "10:00", "10:40")
        present(here, "phone", PHONE, "shop", "10:30", "11:00")
        match = here.ask().matches.get()
        (meeting,) = trace_places.meetings(match, by=here.officer, now=NOW, as_of=NOW)
        assert meeting.minutes == 60.0

    def test_keeps_the_token_that_was_found_first(self, here):
        somebody(number="P-1")
        here.send(("P-CASE", "shop", at("10:00"), at("12:00")))
        present(here, "phone", PHONE, "shop", "10:30", "11:00")
        trace = here.ask()
        present(here, "id_number", ID_NUMBER, "shop", "11:00", "11:30", now=LATER)
        standing.advance(here.outbreak, LATER)
        assert found(trace) == {told(here, "phone", PHONE): 60.0}
        said = trace.answers.order_by("pk").last()
        assert (said.n_new, said.n_gone) == (0, 0)

    def test_becomes_one_when_somebody_says_who_it_is(self, here):
        factories.area(VILLAGE)
        here.send(("P-CASE", "shop", at("10:00"), at("12:00")))
        present(here, "id_number", ID_NUMBER, "shop", "10:00", "10:40")
        present(here, "phone", PHONE, "shop", "10:30", "11:00")
        trace = here.ask()
        assert len(found(trace)) == 2
        row = IdentityRow(id_number=ID_NUMBER, phone=PHONE, name="王小明", area_code=VILLAGE)
        tracing.name_people(trace=trace, rows=[row], by=here.officer, now=LATER)
        assert list(found(trace).values()) == [60.0]
        said = TraceAnswer.objects.filter(trace=trace).order_by("pk").last()
        assert (said.cause, said.n_found, said.n_gone) == (TraceCause.PEOPLE, 1, 1)

    def test_met_under_a_phone_is_a_contact_under_an_id_card_too(self, here):
        somebody(number="P-1")
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")), ("P-2", "bank", at("12:00"), at("13:00")))
        present(here, "phone", PHONE, "shop", "10:00", "11:00")
        present(here, "id_number", ID_NUMBER, "bank", "12:00", "12:30")
        assert found(here.ask(question=TraceQuestion.SECOND_RING)) == {token(here, "P-2"): 30.0}

    def test_of_the_first_ring_is_not_of_the_second(self, here):
        somebody(number="P-1")
        rows = [(who, "shop", at("10:00"), at("11:00")) for who in ("P-CASE", "P-2")]
        here.send(*rows, ("P-2", "bank", at("12:00"), at("13:00")))
        present(here, "phone", PHONE, "shop", "10:00", "11:00")
        present(here, "id_number", ID_NUMBER, "bank", "12:00", "12:30")
        assert found(here.ask(question=TraceQuestion.SECOND_RING)) == {}


class TestScores:
    def test_that_moved_on_a_later_day_begin_anew(self, here):
        here.send(*((who, "shop", at("10:00"), at("11:00")) for who in ("P-CASE", "P-1")))
        trace = here.ask()
        before = trace.matches.get().score
        tomorrow = NOW + timedelta(days=1)
        here.send(("P-2", "shop", at("10:00"), at("11:00")), now=tomorrow)
        standing.advance(here.outbreak, tomorrow)
        own = trace.matches.filter(token=token(here, "P-1"))
        then = own.filter(found_at__lte=NOW).exclude(gone_at__lte=NOW).get()
        now = own.get(gone_at=None)
        assert (then.score, then.gone_at, now.score) == (before, tomorrow, before / 2)
        said = trace.answers.order_by("pk").last()
        assert (said.n_found, said.n_new, said.n_gone) == (2, 1, 0)

    def test_that_moved_on_the_same_day_are_mended(self, here):
        here.send(*((who, "shop", at("10:00"), at("11:00")) for who in ("P-CASE", "P-1")))
        trace = here.ask()
        later = NOW + timedelta(minutes=30)
        here.send(("P-2", "shop", at("10:00"), at("11:00")), now=later)
        standing.advance(here.outbreak, later)
        (row,) = trace.matches.filter(token=token(here, "P-1"), layer=Layer.VENUE)
        assert (row.gone_at, row.score) == (None, 30.0)
