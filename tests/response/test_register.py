"""Areas, people, places, the queue of unmatched places, and the ledger of where people are."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sizao.records.models import Area, Event, Person, Place, Stay, UnmatchedPlace, Visit
from sizao.response import register
from sizao.response.register import AreaEntry, Move, PersonEntry, PlaceEntry
from sizao.terms import EventKind, PlaceKind, StayKind
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)
HEBEI, COUNTY = AreaEntry("13", "河北省", "河北省"), AreaEntry("130109", "藁城区", "藁城区", 741068, "census 2020")


class TestLoadAreas:
    def test_takes_over_the_list_with_levels_from_the_codes(self):
        assert load(HEBEI, COUNTY) == 2
        county = Area.objects.get(code="130109")
        assert (county.level, county.population, county.population_source) == ("county", 741068, "census 2020")

    def test_loading_again_changes_nothing(self):
        load(HEBEI, COUNTY)
        assert load(HEBEI, COUNTY) == 0
        assert Event.objects.filter(verb="areas.loaded").count() == 1

    def test_a_new_name_replaces_the_old_one(self):
        load(HEBEI, COUNTY)
        assert load(HEBEI, AreaEntry("130109", "藁城市", "藁城市")) == 1
        assert Area.objects.get(code="130109").name == "藁城市"

    def test_an_area_that_the_list_no_longer_names_stays(self):
        load(HEBEI, COUNTY)
        load(HEBEI)
        assert Area.objects.filter(code="130109").exists()

    @pytest.mark.parametrize("code", ["", "1301090", "13010A", "１３"])
    def test_refuses_a_wrong_code_with_its_row_and_loads_nothing(self, code):
        with pytest.raises(register.WrongAreaCode, match="Row 3"):
            load(HEBEI, AreaEntry(code, "某区", "某区"))
        assert not Area.objects.exists()

    def test_refuses_a_code_that_stands_twice(self):
        with pytest.raises(register.AreaTwice, match="Row 4.*130109"):
            load(HEBEI, COUNTY, COUNTY)


class TestRegisterPeople:
    def test_each_number_is_one_person(self, noise):
        first = people(PersonEntry("HB-1", "130109"))
        again = people(PersonEntry("HB-1", "130109"), PersonEntry("HB-2", "130109"))
        assert again["HB-1"].pk == first["HB-1"].pk
        assert Event.objects.filter(verb="person.registered").count() == 2

    @pytest.mark.parametrize(
        ("later", "home"),
        [("130109110212", "130109110212"), ("130123", "130109"), ("13", "130109"), ("130109", "130109")],
    )
    def test_only_a_finer_home_inside_the_known_one_replaces_it(self, later, home):
        people(PersonEntry("HB-1", "130109"))
        people(PersonEntry("HB-1", later))
        assert Person.objects.get(number="HB-1").area_code == home


class TestRegisterPlaces:
    def test_each_key_is_one_place(self, noise):
        entry = PlaceEntry("venue:1", PlaceKind.BANQUET, "某酒店", "130109")
        first = register.register_places([entry, entry], by=None, now=NOW)
        again = register.register_places([entry], by=None, now=NOW)
        assert first["venue:1"].pk == again["venue:1"].pk
        assert Place.objects.filter(source_key="venue:1").count() == 1


class TestUnmatchedPlaces:
    def test_mentions_of_one_text_in_one_area_are_counted_together(self, noise):
        outbreak = factories.outbreak()
        mention = ("某村", "130109", PlaceKind.VILLAGE)
        register.note_unmatched(outbreak=outbreak, mentions=[mention, mention], now=NOW)
        register.note_unmatched(outbreak=outbreak, mentions=[mention, ("某村", "130123", PlaceKind.VILLAGE)], now=NOW)
        waiting = UnmatchedPlace.objects.filter(outbreak=outbreak).order_by("area_code")
        assert [(one.area_code, one.mentions) for one in waiting] == [("130109", 3), ("130123", 1)]

    def test_matching_moves_the_waiting_visits_of_that_area_only(self, noise):
        outbreak, by = factories.outbreak(), factories.account(role="investigator")
        here, there = factories.person(area_code="130109110212"), factories.person(area_code="130123001001")
        for someone in (here, there):
            visit(someone, outbreak, "某村")
        visit(here, outbreak, "别村")
        waiting = wait(outbreak)
        village = factories.place(kind=PlaceKind.VILLAGE, area_code="130109110217")
        register.match_place(unmatched=waiting, place=village, by=by, now=NOW)
        assert [v.person_id for v in Visit.objects.filter(place=village)] == [here.pk]
        matched = Visit.objects.get(place=village)
        assert (matched.place_kind, matched.area_code) == (PlaceKind.VILLAGE, "130109110217")
        waiting.refresh_from_db()
        assert (waiting.place, waiting.matched_by, waiting.matched_at) == (village, by, NOW)

    def test_refuses_to_match_twice(self):
        waiting, by = wait(factories.outbreak()), factories.account(role="investigator")
        place = factories.place(name="南桥寨村")
        register.match_place(unmatched=waiting, place=place, by=by, now=NOW)
        with pytest.raises(register.PlaceMatched, match="南桥寨村"):
            register.match_place(unmatched=waiting, place=place, by=by, now=NOW)


class TestMove:
    def test_a_move_ends_the_stay_before_it(self):
        someone = factories.person()
        move(Move(someone, StayKind.ROOM, NOW, "a", "130109"))
        move(Move(someone, StayKind.BED, NOW + timedelta(hours=3), "b", "130109"))
        periods = [(stay.kind, stay.period.lower, stay.period.upper) for stay in stays(someone)]
        later = NOW + timedelta(hours=3)
        assert periods == [(StayKind.ROOM, NOW, later), (StayKind.BED, later, None)]

    def test_several_moves_of_one_list_follow_each_other_in_time(self):
        someone = factories.person()
        bed = Move(someone, StayKind.BED, NOW + timedelta(hours=3), "b", "130109")
        move(bed, Move(someone, StayKind.ROOM, NOW, "a", "130109"))
        assert [stay.kind for stay in stays(someone)] == [StayKind.ROOM, StayKind.BED]

    def test_a_move_entered_twice_is_one_stay(self):
        someone = factories.person()
        one = Move(someone, StayKind.ROOM, NOW, "a", "130109")
        move(one, one)
        assert move(one) == []
        assert len(stays(someone)) == 1

    def test_a_move_told_late_keeps_the_order_in_which_it_became_known(self):
        someone = factories.person()
        move(Move(someone, StayKind.BED, NOW, "a", "130109"))
        move(Move(someone, StayKind.ROOM, NOW - timedelta(days=1), "b", "130109"))
        assert [stay.kind for stay in stays(someone)] == [StayKind.BED, StayKind.ROOM]
        assert stays(someone)[0].period.upper == NOW + timedelta(minutes=1)

    def test_members_of_a_household_are_one_party(self):
        from sizao.records.models import Household

        household = Household.objects.create(area_code="130109", source_key="h")
        someone = factories.person(household=household)
        stranger = factories.person()
        move(Move(someone, StayKind.HOME, NOW, "a", "130109"), Move(stranger, StayKind.HOME, NOW, "b", "130109"))
        assert stays(someone)[0].party == household.pk
        assert stays(stranger)[0].party == -stranger.pk


def load(*entries):
    return register.load_areas(entries, by=None, now=NOW)


def people(*entries):
    return register.register_people(entries, by=None, now=NOW)


def move(*moves):
    return register.move(moves, by=None, now=NOW)


def stays(someone):
    return list(Stay.objects.filter(person=someone).order_by("period"))


def wait(outbreak):
    mention = ("某村", "130109", PlaceKind.VILLAGE)
    return register.note_unmatched(outbreak=outbreak, mentions=[mention], now=NOW)[0]


def visit(person, outbreak, text):
    return Visit.objects.create(
        outbreak=outbreak,
        person=person,
        kind=EventKind.OTHER_VISIT,
        place_text=text,
        first_date=date(2021, 1, 1),
        last_date=date(2021, 1, 1),
        recorded_at=NOW,
        source_key=f"visit:{person.pk}:{text}",
    )
