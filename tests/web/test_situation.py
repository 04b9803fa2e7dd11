"""The situation page: what was known on the chosen day, inside one's jurisdiction, and nothing later."""

import io
import json
import re
from datetime import UTC, date, datetime

import pytest
from python_calamine import CalamineWorkbook

from sizao.records.models import CaseChange, OfficialArea, Task
from sizao.response.reports import situation
from sizao.terms import CaseStatus, OutbreakKind, Role, TaskKind, TaskState
from sizao.web.shell import end_of
from tests import factories

pytestmark = pytest.mark.django_db
DAY = date(2021, 1, 10)
ENGLISH = {"Accept-Language": "en"}


class TestRead:
    def test_counts_what_was_known_that_day(self, outbreak, noise):
        _case(outbreak, status=CaseStatus.CONFIRMED, on=9, onset=date(2021, 1, 6), investigated=10)
        _case(outbreak, status=CaseStatus.CONFIRMED, on=10, onset=date(2021, 1, 9), investigated=11)
        _case(outbreak, status=CaseStatus.ASYMPTOMATIC, on=10)
        _case(outbreak, status=CaseStatus.CONFIRMED, on=11)
        figures = _read(outbreak).figures
        assert (figures.confirmed, figures.confirmed_new) == (2, 1)
        assert (figures.asymptomatic, figures.asymptomatic_new) == (1, 1)

    def test_leaves_discarded_cases_out(self, outbreak):
        found = _case(outbreak, status=CaseStatus.CONFIRMED, on=9)
        _moved(found, CaseStatus.DISCARDED, on=10)
        assert _read(outbreak).figures.confirmed == 0
        assert _read(outbreak, day=date(2021, 1, 9)).figures.confirmed == 1

    def test_shows_an_onset_only_once_investigated(self, outbreak):
        _case(outbreak, status=CaseStatus.CONFIRMED, on=9, onset=date(2021, 1, 6), investigated=11)
        before, after = _read(outbreak).curve, _read(outbreak, day=date(2021, 1, 11)).curve
        place = before.days.index(date(2021, 1, 6))
        assert (before.onset_known[place], after.onset_known[place]) == (0, 1)
        assert sum(filter(None, before.onset_unknown)) == 1
        assert sum(filter(None, after.onset_unknown)) == 0

    def test_leaves_days_to_come_open(self, outbreak):
        curve = _read(outbreak).curve
        assert curve.confirmed[curve.days.index(DAY)] == 0
        assert curve.confirmed[curve.days.index(date(2021, 1, 11))] is None

    def test_counts_onsets_before_the_axis_apart(self, outbreak):
        _case(outbreak, status=CaseStatus.CONFIRMED, on=9, onset=date(2020, 12, 1), investigated=9)
        assert _read(outbreak).curve.n_earlier_onsets == 1

    def test_finds_what_is_late(self, outbreak):
        _task(outbreak, due=9)
        _task(outbreak, due=9, done=10)
        _task(outbreak, due=12)
        _task(outbreak, due=9, state=TaskState.CANCELLED)
        read = _read(outbreak)
        assert (read.figures.tasks_late, read.figures.tasks_open) == (1, 2)
        assert [(one.kind, one.count) for one in read.late] == [(TaskKind.CORE_INFORMATION, 1)]

    @pytest.mark.parametrize(("kind", "late"), [(OutbreakKind.REPLAY, 0), (OutbreakKind.DRILL, 1)])
    def test_does_not_blame_a_replay_for_what_only_people_decide(self, kind, late):
        rehearsal = factories.outbreak(kind=kind)
        _task(rehearsal, due=9, kind=TaskKind.SIGN_ORDER)
        read = _read(rehearsal)
        assert (read.figures.tasks_late, len(read.undecided)) == (late, 1 - late)

    def test_counts_what_a_replay_plays_and_nobody_did(self):
        replayed = factories.outbreak(kind=OutbreakKind.REPLAY)
        _task(replayed, due=9, kind=TaskKind.DAILY_REPORT)
        read = _read(replayed)
        assert (read.figures.tasks_late, read.undecided) == (1, ())

    def test_counts_only_the_jurisdiction(self, outbreak):
        _case(outbreak, status=CaseStatus.CONFIRMED, on=9)
        elsewhere = factories.person(area_code="130581001001")
        _case(outbreak, status=CaseStatus.CONFIRMED, on=9, of=elsewhere)
        counties = _read(outbreak, area_code="130109").counties
        assert [(county.code, county.confirmed) for county in counties] == [("130109", 1)]

    def test_sets_the_published_series_beside_a_province_only(self):
        outbreak = factories.outbreak(slug="hebei-2021-01")
        assert any(_read(outbreak).curve.official)
        assert not any(_read(outbreak, area_code="1301").curve.official)

    def test_names_the_official_list_of_the_day_by_county(self, outbreak):
        factories.area("130109", "藁城区")
        _listed(outbreak, "小果庄村", first=6, last=12)
        _listed(outbreak, "刘家佐村", first=11, last=12)
        (group,) = _read(outbreak).official
        assert (group.county_name, [area.name for area in group.areas]) == ("藁城区", ["小果庄村"])


class TestThePage:
    def test_says_first_how_things_stand(self, reader, outbreak):
        _case(outbreak, status=CaseStatus.CONFIRMED, on=10)
        page = reader.get("/", {"day": "2021-01-10"}, headers=ENGLISH).content.decode()
        assert "<b>1</b> newly confirmed, <b>1</b> in all" in page
        assert "Nothing is late." in page
        assert "Replay of a past outbreak" in page

    def test_moves_to_another_day_in_parts(self, reader, outbreak):
        _case(outbreak, status=CaseStatus.CONFIRMED, on=10)
        parts = reader.get("/situation/day/", {"day": "2021-01-09"}).content.decode()
        drawing = json.loads(re.search(r'id="drawing"[^>]*>(.*?)</script>', parts).group(1))
        assert drawing["counties"] == []
        assert "<html" not in parts

    def test_gives_the_counts_of_the_curve_as_a_workbook(self, reader, outbreak):
        _case(outbreak, status=CaseStatus.CONFIRMED, on=9, onset=date(2021, 1, 6), investigated=9)
        answer = reader.get("/situation/curve/", {"day": "2021-01-10"}, headers=ENGLISH)
        book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
        head, *rows = book.get_sheet_by_index(0).to_python()
        assert head[:2] == ["Day", "Confirmed, by onset"]
        assert {row[0]: row[1] for row in rows}[date(2021, 1, 6)] == 1
        assert {row[0]: row[1] for row in rows}[date(2021, 1, 11)] == ""  # a day to come is no zero

    def test_leads_to_lists_only_where_the_role_may_see_them(self, client, reader, outbreak):
        _case(outbreak, status=CaseStatus.CONFIRMED, on=10)
        assert "list=cases" in reader.get("/").content.decode()
        client.force_login(factories.account(role=Role.REPORTER))
        assert "list=cases" not in client.get("/").content.decode()

    def test_has_no_script_of_its_own_in_the_page(self, reader):
        page = reader.get("/").content.decode()
        assert re.findall(r"<script(?![^>]*(src=|application/json))", page) == []
        assert not re.search(r"\son\w+=", page)

    def test_contacts_no_other_host(self, reader):
        assert not re.search(r'(src|href|action)="(https?:)?//', reader.get("/").content.decode())

    @pytest.mark.parametrize("day", ["yesterday", "2021-02-30", "2020-12-31", "2021-03-01"])
    def test_refuses_a_day_that_is_none(self, reader, day):
        answer = reader.get("/", {"day": day}, headers=ENGLISH)
        assert answer.status_code == 400
        assert day in answer.content.decode()

    def test_refuses_a_role_without_the_right(self, client, outbreak):
        client.force_login(factories.account(role=Role.ADMINISTRATOR))
        assert client.get("/").status_code == 403

    def test_hides_the_outbreak_from_another_province(self, client, outbreak):
        client.force_login(factories.account(area_code="41"))
        # There is nothing of it: the page leads to what somebody does in routine, and no name leads to it.
        assert client.get("/").status_code == 302
        assert client.get(f"/?outbreak={outbreak.slug}").status_code == 404
        assert client.get(f"/situation/boundaries/{outbreak.slug}/").status_code == 404

    def test_gives_the_boundaries_that_ship(self, reader):
        factories.outbreak(slug="hebei-2021-01")
        shapes = json.loads(reader.get("/situation/boundaries/hebei-2021-01/").content)
        assert len(shapes["features"]) == 167

    def test_says_so_where_no_map_ships(self, client):
        outbreak = factories.outbreak(area_code="44", last_date=date(2021, 2, 14))
        client.force_login(factories.account(area_code="44"))
        assert client.get(f"/situation/boundaries/{outbreak.slug}/").status_code == 404
        assert "data-boundaries" not in client.get("/").content.decode()


@pytest.fixture
def outbreak():
    return factories.outbreak(last_date=date(2021, 2, 14))


@pytest.fixture
def reader(client, outbreak):
    client.force_login(factories.account())
    return client


def _at(day: int) -> datetime:
    return datetime(2021, 1, day, 4, 0, tzinfo=UTC)


def _read(outbreak, *, day=DAY, area_code="13"):
    return situation.read(outbreak, area_code, day=day, last_date=date(2021, 2, 14), as_of=end_of(day))


def _case(outbreak, *, status, on, onset=None, investigated=None, of=None):
    found = factories.case(
        of=of,
        within=outbreak,
        status=status,
        opened_at=_at(on),
        onset_date=onset,
        investigated_at=_at(investigated) if investigated else None,
    )
    _moved(found, status, on=on)
    return found


def _moved(case, status, *, on):
    CaseChange.objects.create(
        case=case, status=status, at=_at(on), by="sizao", source_key=f"test:{case.pk}:{status}:{on}"
    )


def _task(outbreak, *, due, done=None, state=TaskState.OPEN, kind=TaskKind.CORE_INFORMATION):
    count = Task.objects.count()
    Task.objects.create(
        outbreak=outbreak, kind=kind, state=state, role=Role.INVESTIGATOR, area_code="130109",
        subject_kind="case", subject_id=1, subject_label="HB-0001", asked_at=_at(8), due_at=_at(due),
        done_at=_at(done) if done else None, source_key=f"test:task:{count}",
    )  # fmt: skip


def _listed(outbreak, name, *, first, last):
    OfficialArea.objects.create(
        outbreak=outbreak, name=name, area_code=factories.VILLAGE, unit="village", level="medium",
        first_date=date(2021, 1, first), last_date=date(2021, 1, last), source="", source_key=f"test:official:{name}",
    )  # fmt: skip
