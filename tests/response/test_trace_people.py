"""Who people are whom a trace found, and what residents may know of who looked."""

from datetime import timedelta

import pytest

from sizao.records import access
from sizao.records.access import NotAllowed, NotYours
from sizao.records.models import Event, Person, Trace
from sizao.response import tracing
from sizao.response.tracing import naming, retention, tokens
from sizao.response.tracing.access_report import access_report
from sizao.response.tracing.naming import IdentityRow
from sizao.terms import Right, Role, TracePurpose
from tests import factories
from tests.factories import VILLAGE
from tests.response.presence_world import NOW, at, world

pytestmark = pytest.mark.django_db

ID_NUMBER, PHONE = "13010919800101001X", "13912345678"


def who(**facts):
    return IdentityRow(**{"id_number": ID_NUMBER, "name": "王小明", "area_code": VILLAGE} | facts)


class TestNaming:
    def test_registers_and_links_whom_the_trace_found(self, here, trace):
        said = name(trace, here, who(phone="13800000000", address="1号"))
        assert (said.linked, said.new) == (1, 1)
        person = Person.objects.get(name_index__isnull=False)
        assert (person.name, person.initials, person.id_number, person.address) == ("王小明", "wxm", ID_NUMBER, "1号")
        match = trace.matches.get(person=person)
        assert match.area_code == VILLAGE
        assert Event.objects.get(verb="trace.returned").person_id == person.pk

    def test_again_changes_nothing(self, here, trace):
        name(trace, here, who())
        said = name(trace, here, who())
        assert (said.linked, said.new, Person.objects.filter(name_index__isnull=False).count()) == (0, 0, 1)

    def test_links_somebody_who_is_registered_by_then(self, here, trace):
        known = factories.person(id_number_index=tokens.id_number_index(ID_NUMBER))
        assert name(trace, here, who()).new == 0
        assert trace.matches.filter(person=known).exists()

    def test_by_phone_where_that_is_all_there_is(self, here, trace):
        assert name(trace, here, who(id_number="", phone=PHONE)).linked == 1

    @pytest.mark.parametrize(
        ("row", "field"),
        [
            (who(id_number="?"), "id_number"),
            (who(id_number=""), "id_number"),
            (who(phone="call me"), "phone"),
            (who(name=" "), "name"),
            (who(name="王" * 61), "name"),
            (who(area_code="130109999999"), "area_code"),
            (who(area_code="13"), "area_code"),
        ],
    )
    def test_refuses_all_rows_where_one_is_wrong(self, here, trace, row, field):
        with pytest.raises(naming.IdentitiesRefused) as refusal:
            name(trace, here, who(), row)
        errors = refusal.value.facts["errors"]
        assert (errors[0]["row"], errors[0]["field"]) == (2, field)
        assert not Person.objects.filter(name_index__isnull=False).exists()

    def test_skips_and_counts_rows_about_nobody_whom_the_trace_found(self, here, trace):
        said = name(trace, here, who(id_number="13010919800101002X"), who(), who(id_number="", phone="13700000000"))
        assert (said.linked, said.new, said.skipped) == (1, 1, (1, 3))
        assert Person.objects.filter(name_index__isnull=False).count() == 1
        assert Event.objects.get(verb="trace.named").facts["skipped"] == 2

    def test_a_fault_in_a_row_about_somebody_else_refuses_too(self, here, trace):
        with pytest.raises(naming.IdentitiesRefused, match="row 2, area_code"):
            name(trace, here, who(), who(id_number="13010919800101002X", area_code="13"))

    def test_refuses_one_person_twice(self, here, trace):
        with pytest.raises(naming.IdentitiesRefused, match="row 1 too"):
            name(trace, here, who(), who(phone=PHONE))

    def test_is_for_who_may_ask(self, here, trace):
        with pytest.raises(NotYours):
            tracing.name_people(
                trace=trace, rows=[who()], by=factories.account(role=Role.DATA_OFFICER, area_code="41"), now=NOW
            )


class TestAccessReport:
    def test_lists_traces_and_readings(self, here, trace, desk):
        name(trace, here, who())
        person = Person.objects.get(name_index__isnull=False)
        access.person(person.number, to=Right.PERSON_READ, by=here.officer, now=NOW, purpose="find_contacts")
        said = access_report(person, to=desk, now=NOW + timedelta(minutes=1))
        (returned,) = said.returned
        assert (returned.number, returned.purpose, returned.minutes) == ("T0001", TracePurpose.FIND_CONTACTS, 60.0)
        assert (returned.asked_by, returned.last_date, returned.became_contact) == (
            Role.DATA_OFFICER, trace.last_date, False,
        )  # fmt: skip
        (looked,) = said.looked
        assert (looked.by, looked.right, looked.purpose) == (
            Role.DATA_OFFICER, Right.PERSON_READ, TracePurpose.FIND_CONTACTS,
        )  # fmt: skip

    def test_never_tells_the_case(self, here, trace, desk):
        name(trace, here, who())
        said = access_report(Person.objects.get(name_index__isnull=False), to=desk, now=NOW)
        assert here.case.number not in repr(said.returned) + repr(said.looked)
        assert here.officer.username not in repr(said.returned) + repr(said.looked)

    def test_finds_traces_that_did_not_know_then_who_it_was(self, trace, desk):
        stranger = factories.person(phone_index=tokens.phone_index(PHONE))
        said = access_report(stranger, to=desk, now=NOW)
        assert [one.number for one in said.returned] == ["T0001"]

    def test_tells_what_became_of_it(self, here, trace, desk):
        name(trace, here, who())
        person = Person.objects.get(name_index__isnull=False)
        tracing.to_contacts(trace=trace, matches=list(trace.matches.filter(person=person)), by=here.officer, now=NOW)
        assert access_report(person, to=desk, now=NOW).returned[0].became_contact

    def test_still_tells_of_matches_that_were_destroyed(self, here, trace, desk):
        name(trace, here, who())
        person = Person.objects.get(name_index__isnull=False)
        Trace.objects.update(last_date=NOW.date())
        later = NOW + timedelta(days=1)
        retention.destroy_past_days(outbreak=here.outbreak, now=later)
        (returned,) = access_report(person, to=desk, now=later).returned
        assert (returned.number, returned.minutes, returned.days) == ("T0001", None, None)

    def test_is_itself_told_the_next_time(self, trace, desk):
        person = factories.person()
        access_report(person, to=desk, now=NOW)
        (looked,) = access_report(person, to=desk, now=NOW).looked
        assert (looked.by, looked.right) == (Role.DUTY_OFFICER, Right.PERSON_ACCOUNT)

    def test_of_somebody_nobody_looked_at_is_empty(self, trace, desk):
        said = access_report(factories.person(), to=desk, now=NOW)
        assert (said.returned, said.looked) == ((), ())

    def test_is_given_at_the_desk_that_may(self, here, trace):
        with pytest.raises(NotAllowed):
            access_report(here.case.person, to=here.officer, now=NOW)


def name(trace, here, *rows):
    return tracing.name_people(trace=trace, rows=rows, by=here.officer, now=NOW)


@pytest.fixture
def desk(db):
    return factories.account(role=Role.DUTY_OFFICER)


@pytest.fixture
def trace(here):
    """A trace that found one person by an id number, and another by a phone number."""
    factories.area(VILLAGE)
    here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
    start, end = [at("10:00")] * 2, [at("11:00")] * 2
    here.send_columns(id_number=[ID_NUMBER, None], phone=[None, PHONE], place=["shop"] * 2, start=start, end=end)
    return here.ask()


@pytest.fixture
def here():
    return world()
