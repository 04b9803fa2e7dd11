"""The replay of January 2021: what it counts, that it can be stopped anywhere, that doing it again changes nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from sizao.cli import start
from sizao.drill import replay, scenario
from sizao.drill.commanding.told import told_of
from sizao.drill.feed import Day, feed, infer_homes
from sizao.drill.scenario import NoSuchScenario, Report, Told
from sizao.records.models import Case, Outbreak
from sizao.response import flow, register
from sizao.terms import EventKind, PlaceKind
from tests.drill.baseline import BASELINE, told
from tests.drill.dumps import normalised

SLUG = "hebei-2021-01"
UNTIL = "2021-01-07"
DAYS = 6
KILLED_AFTER = 2  # whole days
# The presences of these runs lie here, and go when the tests end; each database has a folder of its own below.
PRESENCES = TemporaryDirectory(prefix="sizao-replay-")


def sizao(*arguments, address, **options):
    return subprocess.Popen(
        [sys.executable, "-c", "from sizao.cli import main; main()", *arguments],
        cwd=start.ROOT,
        env=os.environ | {"DATABASE_URL": address, "SIZAO_VAR": PRESENCES.name},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def finished(process):
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return output


class TestKilledHalfWay:
    """A replay that is killed with SIGKILL and run again leaves what one clean run leaves."""

    def test_running_again_gives_the_state_of_one_clean_run(self, loaded_databases):
        clean, killed = loaded_databases
        finished(sizao("replay", "--until", UNTIL, address=clean))

        half_way = sizao("replay", "--until", UNTIL, address=killed)
        self._kill_between_days(half_way, killed)
        done = self._days_done(killed)
        assert KILLED_AFTER <= done < DAYS
        assert finished(sizao("replay", "--until", UNTIL, address=killed)).startswith(f"{DAYS - done} days replayed")

        wanted, found = normalised(clean), normalised(killed)
        assert {name: len(rows) for name, rows in found.items()} == {name: len(rows) for name, rows in wanted.items()}
        for name, rows in wanted.items():
            assert sorted(found[name]) == sorted(rows), name
        assert len(wanted["case"]) > 100

    def _kill_between_days(self, process, address):
        deadline = time.monotonic() + 120
        with psycopg.connect(address, autocommit=True) as watching:
            while self._days_done(address, watching) < KILLED_AFTER:
                assert process.poll() is None, process.stderr.read()
                assert time.monotonic() < deadline
                time.sleep(0.01)
        time.sleep(0.2)  # well inside the day after
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL

    def _days_done(self, address, watching=None):
        if watching is None:
            with psycopg.connect(address, autocommit=True) as fresh:
                return self._days_done(address, fresh)
        query = "SELECT count(*) FROM records_event WHERE verb = %s"
        return watching.execute(query, (replay.DAY_DONE,)).fetchone()[0]


class TestWholeReplay:
    """Counts per day and the top exposures stand in a baseline; a change of it is a commit of its own."""

    def test_counts_and_exposures_equal_the_baseline(self, replayed_database):
        assert told(replayed_database) == json.loads(BASELINE.read_text(encoding="utf-8"))

    def test_the_wedding_of_28_december_is_among_the_first_exposures(self, replayed_database):
        first = told(replayed_database)["exposures"][-1]["first"]
        assert any("欧景生态苑" in name and day == "2020-12-28" for name, day, _ in first[:3])

    def test_nobody_was_touched(self, replayed_database):
        with psycopg.connect(replayed_database) as open_to:
            issued = "SELECT count(*) FROM records_isolationorder WHERE issued_at IS NOT NULL"
            approved = "SELECT count(*) FROM records_zone WHERE approved_at IS NOT NULL"
            actors = "SELECT DISTINCT actor FROM records_event WHERE actor <> 'sizao'"
            open_accounts = "SELECT count(*) FROM records_account WHERE is_active"
            assert open_to.execute(issued).fetchone() == (0,)
            assert open_to.execute(approved).fetchone() == (0,)
            assert {one.split(".")[0] for (one,) in open_to.execute(actors)} == {"replay"}
            assert open_to.execute(open_accounts).fetchone() == (0,)


class TestCommands:
    """The whole replay runs with orders, lists, letters and reports at three levels."""

    DAYS = 44  # 2 January to 14 February

    def test_reports_of_each_day_agree_at_three_levels(self, replayed_database):
        by_day = {}
        for day, code, figures, own in rows(replayed_database, REPORTS):
            by_day.setdefault(day, {})[code] = (figures, own)
        assert len(by_day) == self.DAYS
        for day, found in by_day.items():
            for code, (figures, own) in found.items():
                below = [told for other, (told, _) in found.items() if other[:-2] == code]
                for name, value in figures.items() if below else ():
                    if value is not None:
                        assert value == sum(one[name] for one in below) + own.get(name, 0), (day, code, name)
        assert by_day["2021-01-12"]["13"][0]["confirmed"] > 100

    def test_all_reports_but_those_left_out_are_approved(self, replayed_database):
        query = (
            "SELECT date::text, area_code FROM records_dailyreport WHERE approved_at IS NULL AND corrected_at IS NULL"
        )
        waiting = set(rows(replayed_database, query))
        told = told_of(scenario.load(SLUG)).reports
        assert waiting == {(str(day), code) for day, code in told.missing}
        versions = "SELECT date, area_code FROM records_dailyreport WHERE returned_at IS NOT NULL AND version = 1"
        assert set(rows(replayed_database, versions)) == set(told.returned)

    def test_reports_that_do_not_come_are_late(self, replayed_database):
        query = (
            "SELECT count(*) FROM records_task WHERE kind = 'daily_report' AND done_at IS NULL AND due_at IS NOT NULL"
        )
        assert rows(replayed_database, query) == [(len(told_of(scenario.load(SLUG)).reports.missing),)]

    def test_a_bulletin_of_each_day_is_issued(self, replayed_database):
        query = (
            "SELECT count(DISTINCT date), min(date)::text, max(date)::text FROM records_bulletin WHERE state = 'issued'"
        )
        assert rows(replayed_database, query) == [(self.DAYS, "2021-01-02", "2021-02-14")]

    def test_directives_go_down_to_villages_and_come_back(self, replayed_database):
        query = "SELECT length(area_code), state, count(*) FROM records_directivepart GROUP BY 1, 2"
        found = {(digits, state): n for digits, state, n in rows(replayed_database, query)}
        assert found[12, "accepted"] == 6
        assert found[9, "accepted"] == 2
        assert found[6, "accepted"] > 40
        assert found[4, "accepted"] > 15
        assert found[6, "issued"] == 2  # the last one waits for whoever tries the replay

    def test_letters_are_written_by_county_city_and_province(self, replayed_database):
        query = """SELECT r.area_code, r.state, count(p.id), bool_and(o.is_generated)
            FROM records_cooperationrequest r JOIN records_cooperationperson p ON p.request_id = r.id
            JOIN records_person o ON o.id = p.person_id GROUP BY 1, 2 ORDER BY 1"""
        found = rows(replayed_database, query)
        assert [one[:2] for one in found] == [("13", "sent"), ("1301", "answered"), ("130121", "closed")]
        assert all(n > 0 and is_generated for *_, n, is_generated in found)
        assert rows(replayed_database, "SELECT count(*) FROM records_task WHERE kind = 'transfer_contact'") == [(0,)]

    def test_what_was_made_up_says_so(self, replayed_database):
        mark = told_of(scenario.load(SLUG)).marks
        texts = [text for (text,) in rows(replayed_database, "SELECT text FROM records_directive")]
        texts += [text for (text,) in rows(replayed_database, "SELECT text FROM records_leveldecision")]
        texts += [text for (text,) in rows(replayed_database, "SELECT text FROM records_directiveact WHERE text <> ''")]
        assert len(texts) > 50
        assert all(text.endswith(mark.made_up) or "公开资料：" in text for text in texts)

    def test_the_list_of_findings_is_read_in_a_minute(self, replayed_database):
        query = "SELECT count(*) FROM records_finding WHERE state = 'proposed'"
        assert 0 < rows(replayed_database, query)[0][0] <= 12


REPORTS = """SELECT DISTINCT ON (date, area_code) date::text, area_code, figures, own
    FROM records_dailyreport WHERE unit_id IS NULL ORDER BY date, area_code, version DESC"""


def rows(address, query):
    with psycopg.connect(address) as open_to:
        return open_to.execute(query).fetchall()


class TestReplay:
    pytestmark = pytest.mark.django_db

    def test_needs_the_areas(self):
        with pytest.raises(replay.AreasMissing, match="sizao load"):
            replay.replay(scenario.load(SLUG))

    def test_a_second_run_of_the_same_days_does_nothing(self, areas):
        first = replay.replay(scenario.load(SLUG), until=date(2021, 1, 3))
        cases = Case.objects.count()
        assert (first.days, cases > 0) == (2, True)
        assert replay.replay(scenario.load(SLUG), until=date(2021, 1, 3)).days == 0
        assert Case.objects.count() == cases
        assert Outbreak.objects.count() == 1

    def test_tells_of_each_day(self, areas):
        days = []
        replay.replay(scenario.load(SLUG), until=date(2021, 1, 3), tell=days.append)
        assert days == [date(2021, 1, 2), date(2021, 1, 3)]

    def test_advancing_again_at_the_last_moment_changes_nothing(self, areas):
        replay.replay(scenario.load(SLUG), until=date(2021, 1, 4))
        outbreak = Outbreak.objects.get(slug=SLUG)
        changed = flow.advance(outbreak=outbreak, now=replay.moment(date(2021, 1, 4)))
        assert set(changed.values()) == {0}


class TestScenario:
    def test_refuses_an_unknown_name(self):
        with pytest.raises(NoSuchScenario, match=SLUG):
            scenario.load("atlantis")


class TestFeed:
    def test_every_first_positive_lies_on_a_day_of_the_scenario(self):
        chosen = scenario.load(SLUG)
        found = feed(chosen)
        per_day = {day: len(known.found) for day, known in found.days.items()}
        assert sum(per_day.values()) == len(found.found_dates)
        assert min(per_day) == chosen.first_date
        assert max(per_day) == chosen.last_date

    def test_the_trajectory_is_known_the_day_after_the_first_positive(self):
        found = feed(scenario.load(SLUG))
        for day, known in found.days.items():
            assert all(max(found.found_dates[one], date(2021, 1, 2)) < day for one in known.investigated)
            assert all(found.found_dates[one.report_id] < day for one in known.visits)

    def test_a_day_lists_whom_it_tells_of_once(self):
        assert Day().report_ids() == []


class TestHomes:
    def test_the_named_home_comes_first(self):
        home, visited = "130109110212", "130109110217"
        report = Report("A", home, (at_home(visited),))
        assert infer_homes([report], "13") == {"A": home}

    def test_a_village_where_somebody_was_at_home_comes_next(self):
        report = Report("A", None, (at_home("130109110217"), visit("130109110212")))
        assert infer_homes([report], "13") == {"A": "130109110217"}

    def test_a_county_of_the_report_comes_before_that_of_its_neighbours(self):
        reports = [Report("A", None, (visit("130123"),)), Report("B", None, (visit("130109"),)), Report("C", None, ())]
        assert infer_homes(reports, "13") == {"A": "130123", "B": "130109", "C": "130109"}

    def test_the_province_is_all_that_is_known_of_nothing(self):
        assert infer_homes([Report("A", None, ())], "13") == {"A": "13"}

    def test_other_provinces_are_no_home(self):
        assert infer_homes([Report("A", None, (visit("120114"),))], "13") == {"A": "13"}


def event(kind, area_code, place_kind):
    day = date(2021, 1, 1)
    return Told(kind, day, day, None, None, "某处", place_kind, area_code, None, None)


def at_home(area_code):
    return event(EventKind.HOME, area_code, PlaceKind.HOME)


def visit(area_code):
    return event(EventKind.OTHER_VISIT, area_code, PlaceKind.VILLAGE)


@pytest.fixture
def areas(db):
    """The province and its counties; a replay needs no more than that they are there."""
    entries = [one for one in scenario.load(SLUG).areas() if one.code.startswith("13") and len(one.code) <= 6]
    register.load_areas(entries, by=None, now=replay.moment(date(2021, 1, 2)))


@pytest.fixture(scope="module")
def loaded_databases(django_db_blocker):
    """Two databases with the areas loaded, on the tests' own server."""
    yield from _databases(django_db_blocker, count=2)


@pytest.fixture(scope="module")
def replayed_database(django_db_blocker):
    """A database through which the whole scenario was replayed."""
    for (address,) in _databases(django_db_blocker, count=1):
        finished(sizao("replay", address=address))
        yield address


def _databases(django_db_blocker, *, count):
    names = [f"replay_{uuid4().hex[:8]}" for _ in range(count)]
    addresses = [os.environ["DATABASE_URL"].replace("/sizao?", f"/{name}?") for name in names]
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {names[0]} TEMPLATE template0 ENCODING 'UTF8'")
            finished(sizao("load", address=addresses[0]))
            for name in names[1:]:
                cursor.execute(f"CREATE DATABASE {name} TEMPLATE {names[0]}")
        yield addresses
        with connection.cursor() as cursor:
            for name in names:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.close()
