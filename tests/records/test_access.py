"""The door and the mask: who is fetched for whom, and what is shown of them."""

import pytest

from sizao.records import access
from sizao.records.models import Contact, Event, Outbreak, Stay
from sizao.terms import ContactKind, ContactState, Right, Role, StayKind
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noise")]
NEIGHBOUR = "130581"


@pytest.fixture
def officer():
    return factories.account(role=Role.INVESTIGATOR, area_code="130109")


@pytest.fixture
def neighbour():
    return factories.account(role=Role.INVESTIGATOR, area_code=NEIGHBOUR)


class TestMay:
    def test_follows_the_table_for_every_role_and_right(self):
        for role, rights in access.ROLE_RIGHTS.items():
            account = factories.account(role=role)
            assert {right for right in Right if access.may(account, right)} == rights

    def test_every_role_has_its_rights_and_every_right_somebody_who_holds_it(self):
        assert set(access.ROLE_RIGHTS) == set(Role)
        assert set().union(*access.ROLE_RIGHTS.values()) == set(Right)

    def test_a_closed_account_may_nothing(self, officer):
        officer.is_active = False
        assert not any(access.may(officer, right) for right in Right)

    def test_a_scope_only_narrows(self, officer):
        officer.scope = frozenset({Right.PERSON_LIST, Right.ZONE_APPROVE})
        assert {right for right in Right if access.may(officer, right)} == {Right.PERSON_LIST}


class TestCovers:
    @pytest.mark.parametrize(
        ("mine", "area", "covered"),
        [
            ("13", "130109110212", True),
            ("130109", "130109", True),
            ("130109", "1301", False),
            ("130109", "130581", False),
            ("130109", "", False),
            ("", "130109", False),
        ],
    )
    def test_is_a_prefix_of_the_division_code(self, mine, area, covered):
        assert access.covers(factories.account(area_code=mine), area) == covered


class TestOutbreaks:
    def test_are_those_that_hold_the_jurisdiction_or_lie_in_it(self):
        province, county = factories.outbreak(area_code="13"), factories.outbreak(area_code=NEIGHBOUR)
        seen = {code: set(access.outbreaks(factories.account(area_code=code))) for code in ("13", NEIGHBOUR, "130109")}
        assert seen == {"13": {province, county}, NEIGHBOUR: {province, county}, "130109": {province}}

    def test_of_others_are_as_if_there_were_none(self, officer):
        elsewhere = Outbreak.objects.get(area_code="41")
        with pytest.raises(access.NotYours) as not_yours:
            access.outbreak(elsewhere.slug, to=Right.SITUATION_READ, by=officer)
        with pytest.raises(access.NotYours) as none_such:
            access.outbreak("nowhere", to=Right.SITUATION_READ, by=officer)
        assert str(not_yours.value) == str(none_such.value)


class TestPeople:
    def test_are_those_at_home_there(self, officer, neighbour):
        person = factories.person()
        assert list(access.people(officer)) == [person]
        assert list(access.people(neighbour)) == []

    def test_are_those_who_stay_there(self, neighbour):
        person = factories.person()
        Stay.objects.create(
            person=person, kind=StayKind.ROOM, area_code=NEIGHBOUR, period=(NOW, None), party=1, recorded_at=NOW,
            source_key="stay",
        )  # fmt: skip
        assert list(access.people(neighbour)) == [person]

    def test_are_those_who_are_a_case_or_a_contact_there(self, neighbour):
        case = factories.case(area_code=NEIGHBOUR)
        contact = Contact.objects.create(
            outbreak=case.outbreak, person=factories.person(), kind=ContactKind.CLOSE, state=ContactState.FOUND,
            area_code=NEIGHBOUR, found_at=NOW, source="named", source_key="contact",
        )  # fmt: skip
        assert set(access.people(neighbour)) == {case.person, contact.person}

    def test_are_refused_without_the_right(self):
        with pytest.raises(access.NotAllowed):
            access.people(factories.account(role=Role.SUPERVISOR))


class TestPerson:
    def test_is_journalled_once_with_right_and_purpose(self, officer):
        person = factories.person()
        access.person(person.number, to=Right.PERSON_READ, by=officer, now=NOW, purpose="call back")
        line = Event.objects.get(verb="person.read")
        assert (line.person_id, line.actor, line.at) == (person.pk, officer.username, NOW)
        assert line.facts == {"right": "person.read", "purpose": "call back"}

    def test_of_others_is_as_if_there_were_none_and_leaves_no_line(self, neighbour):
        person = factories.person()
        with pytest.raises(access.NotYours) as not_yours:
            access.person(person.number, to=Right.PERSON_READ, by=neighbour, now=NOW)
        with pytest.raises(access.NotYours) as none_such:
            access.person("P-none", to=Right.PERSON_READ, by=neighbour, now=NOW)
        assert str(not_yours.value) == str(none_such.value)
        assert not Event.objects.filter(verb="person.read").exists()


class TestIdentity:
    @pytest.fixture
    def person(self):
        return factories.person(name="欧阳无双", phone="13800000000", id_number="x", address="1 号", sex="F")

    def test_is_whole_at_home(self, person, officer):
        shown = access.identity(person, to=officer)
        assert (shown.name, shown.phone, shown.masked) == ("欧阳无双", "13800000000", False)

    def test_is_masked_elsewhere(self, person, neighbour):
        shown = access.identity(person, to=neighbour)
        hidden = (shown.sex, shown.birth_date, shown.phone, shown.id_number, shown.address)
        assert (shown.name, shown.masked, set(hidden)) == ("欧***", True, {None})

    def test_is_masked_for_who_may_not_read_people(self, person):
        assert access.identity(person, to=factories.account(role=Role.SUPERVISOR, area_code="130109")).masked

    @pytest.mark.parametrize(("name", "shown"), [(None, None), ("王", "王*"), ("王小明", "王**")])
    def test_keeps_the_family_name(self, name, shown):
        assert access.mask_name(name) == shown
