"""A drill: the platform at work on a simulated city."""

import numpy as np
import pytest
from django.db import transaction
from django.test import override_settings

from sizao import protocol
from sizao.drill import scenario as registers
from sizao.drill import variants
from sizao.drill.rehearsal import effects, officers, run, scenario, scores
from sizao.drill.rehearsal.geography import NoSuchHome, communities, journeys
from sizao.drill.rehearsal.looking import Looking
from sizao.drill.rehearsal.scenario import NoSuchRehearsal, RehearsalUnreadable
from sizao.engines.simulation import orders
from sizao.engines.simulation.areas import Areas, zones
from sizao.engines.simulation.spread import Outbreak
from sizao.records.models import Case, Contact, IsolationOrder, Person, StreamCount, Test, TraceMatch
from sizao.terms import CaseStatus, OutbreakKind, Role, StreamKind
from tests import factories
from tests.engines.simulation import made_up

TOWN = """
slug = "hamlet"
name = "演练：村"
name_en = "Drill: a hamlet"
disease = "COVID-19"
variant = "made up"
area_code = "130109"
first_date = 2021-01-04
last_date = 2021-01-20
seed = 5
history_days = 14
sources = ["made up"]
[[residents]]
code = "130109110"
population = 1_500
basis = "generated"
[[beginnings]]
area = "130109110"
day = -6
people = 6
[life]
doses = [[1.0, 0.0, 0.0, 0.0]]
[care]
rural = [0.3, 0.0, 0.0, 0.7]
tested = [0.0, 0.0, 1.0]
[habits]
closest = 5
[[measures]]
kind = "testing_round"
area = "130109"
for_days = 1
every_days = 2
"""
NAMES = {
    "13": "河北",
    "1301": "石家庄",
    "130109": "藁城",
    "130109110": "增村镇",
    "130109110200": "甲村",
    "130109110201": "乙村",
}


def read(text=TOWN):
    return scenario.read(text.encode(), "town.toml")


class TestScenario:
    def test_shipped_ones_are_read(self):
        assert all(scenario.load(slug).slug == slug for slug in scenario.shipped())

    @pytest.mark.parametrize(
        ("was", "becomes", "told"),
        [
            ("seed = 5", "sed = 5", "has no key called sed"),
            ("seed = 5", "", "lacks the key seed"),
            ("seed = 5", "seed = true", "seed is True and must be a whole number"),
            ("tested = [0.0, 0.0, 1.0]", "tested = [0.0, 0.0, 1.2]", "must be a share from 0 to 1"),
            ("tested = [0.0, 0.0, 1.0]", "tested = 1.0", "must be a row of values"),
            ("[0.3, 0.0, 0.0, 0.7]", "[0.3, 0.0, 0.0, 0.6]", "rural is a row of four shares that sum to 1"),
            ("[1.0, 0.0, 0.0, 0.0]", "[1.0, 0.0, 0.0]", "doses is one row, or 9, of 4 shares"),
            ("[life]", '[life]\nscans = "never"', "scans is 'never' and must be everywhere or asked"),
            ('kind = "testing_round"', 'kind = "prayer"', "prayer is not known; there are testing_round"),
            ("every_days = 2", "every_days = 1", "begins again before it is over"),
            ("for_days = 1", "for_days = 0", "is repeated and has no end"),
            ("closest = 5", "office_hours = [7, 18]", "office_hours follow morning_hour"),
            ("closest = 5", "duty_hours = [9, 18]", "duty_hours follow morning_hour, and are none of office_hours"),
            ("closest = 5", 'duty_roles = ["mayor"]', "mayor is none of"),
            ("closest = 5", "duty_hours = [24]", "an hour of the day lies from 0 to 23"),
            ("[habits]", "[means]\nbeds = 0\n[habits]", "holds a number below 1"),
            ('basis = "generated"', 'basis = "census"', "130109110 names no source"),
            ('area = "130109110"', 'area = "130110"', "nobody lives in 130110"),
            ("population = 1_500", "population = 0", "130109110 has 0 people"),
            ('code = "130109110"', 'code = "410102"', "410102 lies outside"),
            ("last_date = 2021-01-20", "last_date = 2020-01-20", "last_date lies before first_date"),
            ("people = 6", "people = 0", "infects fewer than 1"),
            ("[habits]", "[habit", "it is no TOML"),
        ],
    )
    def test_a_wrong_one_is_refused_with_its_key(self, was, becomes, told):
        with pytest.raises(RehearsalUnreadable, match=told):
            read(TOWN.replace(was, becomes))

    def test_hours_of_the_office_and_of_duty_follow_each_other(self):
        told = read(TOWN.replace("closest = 5", "office_hours = [11, 18]\nduty_hours = [20, 9]"))
        assert Role.AREA_OFFICER not in officers.at_work(told.habits, 20)
        ready = read(TOWN.replace("closest = 5", 'duty_hours = [20]\nduty_roles = ["area_officer", "commander"]'))
        assert {Role.AREA_OFFICER, Role.COMMANDER} < set(officers.at_work(ready.habits, 20))
        assert Role.REPORTER not in officers.at_work(ready.habits, 20)
        assert Role.REPORTER in officers.at_work(ready.habits, 18)
        assert told.habits.hours == (9, 11, 18, 20)

    def test_an_unknown_one_names_those_that_there_are(self):
        with pytest.raises(NoSuchRehearsal, match="small-town"):
            scenario.load("nowhere")


class TestShippedScenarios:
    @pytest.mark.parametrize("slug", scenario.shipped())
    def test_it_lives_on_real_areas_with_sources(self, slug):
        told = scenario.load(slug)
        codes = {one.code for one in registers.load("hebei-2021-01").areas()}
        named = [*told.residents, *told.beginnings, *told.occasions, *told.measures, *(told.published)]
        assert {getattr(one, "code", getattr(one, "area", "")) for one in named} <= codes | {""}
        assert told.sources
        assert all(one.source for one in told.residents if one.basis != "generated")

    @pytest.mark.parametrize("slug", scenario.shipped())
    def test_its_edition_and_variant_are_of_its_time(self, slug):
        told = scenario.load(slug)
        assert protocol.rules_at(told.first_date, told.area_code, drill=True).edition == EDITIONS[slug]
        assert told.variant in variants.names()


EDITIONS = {
    "small-town": "edition-7", "small-town-stages": "edition-7",
    "shijiazhuang-2021": "edition-7", "guangzhou-2021": "edition-8",
    "xian-2021": "edition-8",
    "yuzhou-2022": "edition-8", "shanghai-2022": "edition-8", "beijing-2022-12": "twenty-measures",
}  # fmt: skip


class TestGeography:
    def test_everybody_lives_in_a_village_of_the_area(self):
        areas = communities(read(), NAMES)
        assert areas.population.sum() == 1500
        assert set(areas.codes[:, 0].tolist()) == {130109110200, 130109110201}

    def test_a_township_without_villages_is_divided_under_codes_of_our_own(self):
        few = {code: name for code, name in NAMES.items() if len(code) < 12}
        areas = communities(read(TOWN.replace("1_500", "9_000")), few)
        assert areas.population.sum() == 9000
        assert areas.codes[:, 0].tolist() == [130109110901, 130109110902, 130109110903]

    def test_the_parts_that_are_not_told_share_the_rest(self):
        part = 'code = "130109110201"\npopulation = 200\nbasis = "generated"\n[[beginnings]]'
        told = read(TOWN.replace("[[beginnings]]", f"[[residents]]\n{part}"))
        areas = communities(told, NAMES)
        assert dict(zip(areas.codes[:, 0].tolist(), areas.population.tolist(), strict=True)) == {
            130109110200: 1300, 130109110201: 200,
        }  # fmt: skip
        assert told.population == 1500

    def test_more_people_than_the_whole_has_are_refused(self):
        part = 'code = "130109110201"\npopulation = 2_000\nbasis = "generated"\n[[beginnings]]'
        with pytest.raises(RehearsalUnreadable, match="2000 people are told of parts of 130109110"):
            read(TOWN.replace("[[beginnings]]", f"[[residents]]\n{part}"))

    def test_travellers_are_a_share_of_their_county_and_go_by_size(self):
        codes = np.array([[n, n, n, 1, 1] for n in (1, 2, 3)])
        found = journeys(zones(Areas(codes, np.array([1000, 300, 100]))), 0.1)
        assert found == {(0, 1): 75, (0, 2): 25, (1, 0): 27, (1, 2): 2, (2, 0): 7, (2, 1): 2}

    def test_an_area_that_nobody_knows_is_refused(self):
        with pytest.raises(NoSuchHome, match="130109110"):
            communities(read(), {"13": "河北"})


@pytest.mark.django_db
class TestRefusals:
    @pytest.mark.parametrize("kind", [OutbreakKind.REAL, OutbreakKind.REPLAY])
    def test_it_does_not_begin_beside_an_outbreak(self, kind):
        factories.outbreak(slug="real-one", kind=kind)
        with pytest.raises(run.RealOutbreakHere, match="real-one"):
            begun()
        assert not Person.objects.exists()

    def test_it_does_not_go_on_in_another_city(self):
        begun()
        with pytest.raises(run.ScenarioChanged, match="hamlet was begun with another scenario"):
            begun(TOWN.replace("seed = 5", "seed = 6"))

    def test_it_does_not_go_on_with_another_variant(self):
        begun()
        with pytest.raises(run.ScenarioChanged, match="another variant"):
            begun(severe=np.full((9, 4), 0.3))
        begun(sources={"severe": "told elsewhere"})


@pytest.mark.django_db
class TestDays:
    def test_the_outbreak_is_found_and_scored_by_those_who_cannot_see_it(self, tmp_path):
        with override_settings(PRESENCES_DIR=tmp_path):
            running = begun()
            run.run(running, until=4, tell=lambda *_: None)
            # Its people are found, traced, and held, by officers who sign in.
            assert Case.objects.filter(status=CaseStatus.CONFIRMED).exists()
            assert Contact.objects.filter(source="presences").exists()
            assert IsolationOrder.objects.exclude(issued_by=None).exists()
            # Whose order stood at the last midnight was kept from others on that day.
            midnight = running.life.moment(3)
            standing = IsolationOrder.objects.filter(issued_at__lt=midnight).exclude(ended_at__lt=midnight)
            held = effects._people(running.life, standing)
            assert len(held)
            day = np.full(len(held), 3 + running.life.lead)
            assert orders.held_all(running.life.log.orders, held, day).all()
            # Working again at that moment decides nothing new.
            now = running.life.moment(3, run.EVENING)
            officers.work(running.office, now)
            assert not any(officers.work(running.office, now).values())
            self.knows_only_what_it_was_told(running)
            found = {one.key: one.value for one in scores.scores(Looking(running))}
        assert found["infected_perfect"] <= found["infected"] <= found["infected_without"]
        assert found["days_to_case"] >= 6  # nobody looked before the first day
        assert 0 <= found["free_infectious_share"] <= 1
        assert found["cases_found"] == Case.objects.standing().count()

    def knows_only_what_it_was_told(self, running):
        """A person whom no source, interview or trace brought up is unknown to the register."""
        infected = {running.life.number(one) for one in running.life.outbreak.ledger.person.tolist()}
        known = set(Person.objects.values_list("number", flat=True))
        heard = set(Test.objects.values_list("person__number", flat=True))
        heard |= set(Contact.objects.values_list("person__number", flat=True))
        heard |= set(TraceMatch.objects.exclude(person=None).values_list("person__number", flat=True))
        assert infected - known
        assert known & infected <= heard
        assert set(Person.objects.values_list("is_generated", flat=True)) == {True}

    def test_a_great_wave_is_told_in_counts_and_of_persons_only_the_severely_ill(self, tmp_path):
        text = TOWN.replace("[care]", '[care]\nnames = "counts"\nreports = ["fever_clinic", "pharmacy"]')
        text = text.replace("[life]", '[life]\nscans = "asked"').replace(
            "[[measures]]", "[[measures]]\nafter_days = 99"
        )
        with override_settings(PRESENCES_DIR=tmp_path):
            running = begun(text, severe=np.full((9, 4), 0.3))
            run.run(running, until=3, tell=lambda *_: None)
        severe = {
            running.life.number(one) for day in range(-1, 2) for one in running.sending.illness.severe_on(day).tolist()
        }
        swabbed = set(Test.objects.values_list("person__number", flat=True))
        assert severe
        assert severe <= swabbed
        ordered = set(Contact.objects.values_list("person__number", flat=True))
        assert swabbed <= severe | ordered
        counted = StreamCount.objects.filter(
            stream__kind=StreamKind.LABORATORY, date__gte=running.rehearsal.date_of(-3)
        )
        told = sum(counted.values_list("count", flat=True))
        seen = [running.sending.illness.seeking(day) for day in range(-3, 2)]
        assert 0 < told <= sum(len(people) for people, _ in seen)
        kinds = set(StreamCount.objects.values_list("stream__kind", flat=True))
        assert kinds == {StreamKind.FEVER_CLINIC, StreamKind.ANTIPYRETIC_SALES, StreamKind.LABORATORY}

    def test_stopping_and_going_on_is_as_going_on(self, tmp_path):
        def straight():
            run.run(begun(), until=2, tell=lambda *_: None)
            return told()

        def with_a_stop():
            run.run(begun(), until=1, tell=lambda *_: None)
            again = begun()
            assert again.next_day == 1
            run.run(again, until=2, tell=lambda *_: None)
            return told()

        assert apart(tmp_path / "one", straight) == apart(tmp_path / "other", with_a_stop)

    def test_its_days_are_not_lived_again_by_another_engine(self, tmp_path, monkeypatch):
        with override_settings(PRESENCES_DIR=tmp_path):
            run.run(begun(), until=1, tell=lambda *_: None)
            infect = Outbreak.infect
            monkeypatch.setattr(Outbreak, "infect", lambda self, people: infect(self, people[:-1]))
            with pytest.raises(run.ScenarioChanged, match="another version of the simulated city"):
                begun()


def apart(folder, act):
    """Do something in a database and folder of its own, of which nothing stays."""
    with override_settings(PRESENCES_DIR=folder), transaction.atomic():
        found = act()
        transaction.set_rollback(True)
    return found


def begun(text=TOWN, **facts):
    areas = [registers.AreaEntry(code, name, name) for code, name in NAMES.items()]
    disease = made_up.disease(rates=np.array([1.2, 0.4, 0.4, 0.12, 0.12]), **facts)
    return run.begin(read(text), disease, areas)


def told():
    """What is on record, without the numbers that differ from run to run."""
    return {
        "cases": sorted(Case.objects.values_list("person__number", "status", "onset_date", "opened_at")),
        "contacts": sorted(Contact.objects.values_list("person__number", "state", "found_at", "last_exposure_date")),
        "tests": sorted(Test.objects.values_list("source_key", "result")),
        "orders": sorted(
            IsolationOrder.objects.values_list("person__number", "state", "starts_date", "ends_date", "issued_at"),
            key=repr,
        ),
    }
