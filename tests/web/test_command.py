"""The command centre's screens: numbers that open to their rows, parts that are sent again only when changed."""

import random
import re
from datetime import timedelta
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sizao.records import changes, clock
from sizao.records.models import Alert, OfficialArea, Task
from sizao.response.reports import command
from sizao.response.reports.command import STAGES
from sizao.terms import CaseStatus, CommandFigure, CommandPart, OutbreakKind, Role, TaskKind
from sizao.web import command as screens
from sizao.web import command_look, command_together
from sizao.web.command_kept import Kept, Share
from sizao.web.command_together import Together
from tests import factories
from tests.response.command_world import COUNTY, HOUR, NOON, VILLAGE, filled

pytestmark = pytest.mark.django_db
MOMENTS = (NOON, NOON + 2 * HOUR)
NUMBER = re.compile(r'href="(/command/rows/(\w+)/\?[^"]+)"[^>]*>(.*?)</a>', re.DOTALL)


def forget():
    for kept in (screens.KEPT, screens.KEPT_SLOW, screens.TOGETHER):
        kept.forget()


@pytest.fixture(autouse=True)
def nothing_kept():
    forget()
    yield
    forget()


@pytest.fixture
def world(noise):
    return filled(kind=OutbreakKind.REPLAY)


@pytest.fixture
def afresh(db):
    def begin():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('sizao.marked', '', true)")

    begin()
    return begin


def asked(moment=NOON, **more):
    query = "".join(f"&{key}={value}" for key, value in more.items())
    return f"?outbreak=command&at={command_look.written(moment)}{query}"


def have(tags):
    return ",".join(f"{part}:{tag}" for part, tag in tags.items())


def figures_of(html):
    """Give the address and the number of each link to rows."""
    for address, name, inside in NUMBER.findall(html):
        text = re.sub(r"<small>.*?</small>", " ", inside, flags=re.DOTALL)
        said = re.findall(r"<b[^>]*>([\d,]+)</b>", text) or re.findall(r"(?:^|>)\s*([\d,]+)\s*(?:<|$)", text)
        yield address.replace("&amp;", "&"), CommandFigure(name), int(said[0].replace(",", "")) if said else None


class TestTheScreen:
    def test_shows_all_five_parts(self, world, client_of):
        answer = client_of(Role.COMMANDER).get("/command/" + asked())
        assert answer.status_code == 200
        html = answer.content.decode()
        assert all(f'data-part-name="{part}"' in html for part in CommandPart)

    @pytest.mark.parametrize("moment", MOMENTS, ids=["noon", "later"])
    @pytest.mark.parametrize("area", ["13", COUNTY])
    def test_opens_each_number_to_just_its_rows(self, world, client_of, moment, area):
        client = client_of(Role.COMMANDER)
        opened = set()
        for part in screens.AT_ONCE:
            html = client.get(f"/command/part/{part}/" + asked(moment, area=area)).content.decode()
            for address, figure, number in figures_of(html):
                rows = client.get(address).content.decode()
                total = int(re.search(r"data-total>(\d+)<", rows)[1])
                assert rows.count("<tr data-row>") == total, (part, figure)
                assert number in (None, total), (part, figure)
                opened.add(figure)
        assert {CommandFigure.CONFIRMED, CommandFigure.TASKS_LATE, CommandFigure.ROOMS_TAKEN} <= opened
        assert len(opened) >= 18

    def test_says_once_what_all_alerts_share(self, world, client_of):
        alert = Alert.objects.order_by("pk").first()
        Alert.objects.exclude(pk=alert.pk).update(
            rule=alert.rule, area_code=VILLAGE, state=alert.state, answered_at=alert.answered_at
        )
        html = client_of(Role.COMMANDER).get("/command/part/late/" + asked()).content.decode()
        listed = html.partition('<ul class="clocks">')[2]
        assert listed.count("藁城区") == 1

    def test_says_the_sentence_first(self, world, client_of):
        html = client_of(Role.COMMANDER).get("/command/part/where/" + asked()).content.decode()
        assert "1 confirmed, +1 since yesterday" in html

    def test_speaks_chinese(self, world, client_of):
        client = client_of(Role.COMMANDER)
        client.cookies["django_language"] = "zh-hans"
        html = client.get("/command/" + asked()).content.decode()
        assert "指挥中心" in html
        assert "超时未办" in html

    def test_works_in_routine_without_any_outbreak(self, db, client_of):
        factories.area("13", "河北")
        html = client_of(Role.COMMANDER).get("/command/").content.decode()
        assert "no outbreak" in html
        for part in CommandPart:
            assert "Traceback" not in html
            assert client_of(Role.COMMANDER).get(f"/command/part/{part}/").status_code == 200

    def test_asks_the_same_few_questions_in_routine_however_much_there_is(self, db, client_of):
        factories.area("13", "河北")
        client, asked = client_of(Role.COMMANDER), []
        for n in (0, 1):
            for place in range(n, 1 + 39 * n):
                Task.objects.create(
                    kind=TaskKind.SERVE_ORDER, role=Role.GRID_WORKER, area_code=f"1301{place % 20:02}001",
                    subject_kind="case", subject_id=1, subject_label="x", asked_at=NOON, due_at=NOON,
                    source_key=f"x{place}",
                )  # fmt: skip
            forget()
            with CaptureQueriesContext(connection) as found:
                assert client.get("/command/?outbreak=none").status_code == 200
            asked.append(len(found))
        assert asked[0] == asked[1] <= 30
        with CaptureQueriesContext(connection) as found:
            client.get("/command/?outbreak=none")
        assert len(found) <= 10  # opened with what was worked out a moment ago

    def test_shows_the_past_as_it_was_known(self, world, client_of):
        client = client_of(Role.COMMANDER)
        before = client.get("/command/part/where/" + asked(NOON - 3 * HOUR)).content.decode()
        assert "0 confirmed" in before
        assert "2 confirmed" in client.get("/command/part/where/" + asked(NOON + 2 * HOUR)).content.decode()


class TestWhoMayLook:
    def test_keeps_people_from_who_may_not_list_them(self, world, client_of):
        reporter = client_of(Role.REPORTER)
        html = reporter.get("/command/part/where/" + asked()).content.decode()
        assert "/command/rows/confirmed/" not in html
        assert "/command/rows/areas_high/" in html
        for figure in command.OF_PEOPLE:
            assert reporter.get(f"/command/rows/{figure}/" + asked()).status_code == 403

    def test_never_shows_what_was_kept_for_somebody_with_more_rights(self, world, client_of):
        assert "rows/confirmed" in client_of(Role.COMMANDER).get("/command/part/where/" + asked()).content.decode()
        assert "rows/confirmed" not in client_of(Role.REPORTER).get("/command/part/where/" + asked()).content.decode()

    def test_never_shows_another_area(self, world, client_of):
        stranger = client_of(Role.COMMANDER, "1305")
        for address in ("/command/", "/command/version/", "/command/part/where/", "/command/rows/confirmed/"):
            assert stranger.get(address + asked(area=COUNTY)).status_code == 404
        html = stranger.get("/command/part/where/" + asked()).content.decode()
        assert "0 confirmed" in html

    def test_names_nobody(self, world, client_of):
        person = factories.person(name="王小明", number="P-WALL", area_code=VILLAGE)
        factories.case(of=person, within=world.outbreak)
        client = client_of(Role.COMMANDER)
        for part in screens.AT_ONCE:
            html = client.get(f"/command/part/{part}/" + asked()).content.decode()
            assert "王小明" not in html
            assert "P-" not in re.sub(r'href="[^"]*"', "", html)

    @pytest.mark.parametrize(
        ("address", "status"),
        [
            ("/command/part/none/", 404),
            ("/command/rows/none/", 404),
            ("/command/?outbreak=none-such", 404),
            ("/command/?outbreak=command&at=yesterday", 400),
            ("/command/?outbreak=command&at=1999-01-01T00:00", 400),
            ("/command/?outbreak=command&area=xx", 404),
        ],
    )
    def test_refuses_what_is_not_there(self, world, client_of, address, status):
        assert client_of(Role.COMMANDER).get(address).status_code == status


class TestAVersion:
    def test_is_304_while_nothing_changed(self, world, client_of):
        client = client_of(Role.COMMANDER)
        first = client.get("/command/version/" + asked())
        again = client.get("/command/version/" + asked(), headers={"If-None-Match": first["ETag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")

    @pytest.mark.parametrize("stage", sorted({stage for stages in STAGES.values() for stage in stages}))
    def test_changes_with_each_stage_for_just_the_parts_that_show_it(self, world, client_of, afresh, stage):
        client = client_of(Role.COMMANDER)
        before = client.get("/command/version/" + asked())
        afresh()
        with connection.cursor() as cursor:
            cursor.execute(TOUCHES[stage])
        after = client.get("/command/version/" + asked(), headers={"If-None-Match": before["ETag"]})
        assert after.status_code == 200
        changed = {part for part in CommandPart if before.json()[part] != after.json()[part]}
        assert changed == {part for part, stages in STAGES.items() if stage in stages}

    def test_brings_the_parts_that_a_screen_does_not_have_whole(self, world, client_of):
        client = client_of(Role.COMMANDER)
        first = client.get("/command/version/" + asked(have="")).json()
        assert set(first["parts"]) == set(screens.AT_ONCE)
        assert (first["behind"], first["fetch"]) == (["over"], ["over"])  # it takes seconds, and is fetched by itself
        tags = {part: one["tag"] for part, one in first["parts"].items()}
        tags["over"] = client.get("/command/part/over/" + asked())["ETag"].strip('"')
        told = client.get("/command/version/" + asked(have=have(tags | {"late": "old"}))).json()
        assert set(told["parts"]) == {"late"}
        assert told["behind"] == []
        assert told["parts"]["late"]["tag"] == tags["late"]
        assert told["parts"]["late"]["html"] == client.get("/command/part/late/" + asked()).content.decode()
        whole = client.get("/command/version/" + asked(have=have(tags)))
        assert whole.json() == {}
        again = client.get("/command/version/" + asked(have=have(tags)), headers={"If-None-Match": whole["ETag"]})
        assert (again.status_code, again.content) == (304, b"")

    def test_keeps_a_text_that_says_the_same_and_its_tag(self, world, client_of, afresh, monkeypatch):
        client = client_of(Role.COMMANDER)
        first = client.get("/command/version/" + asked(have="")).json()
        afresh()
        with connection.cursor() as cursor:
            cursor.execute(TOUCHES["tasks"])
        monkeypatch.setattr(screens, "render_to_string", None)  # nothing is written again
        tags = {part: one["tag"] for part, one in first["parts"].items()}
        told = client.get("/command/version/" + asked(have=have(tags))).json()
        assert (told["parts"], told["behind"]) == ({}, ["over"])

    def test_says_what_is_behind_and_from_when_it_is(self, world, client_of, afresh, monkeypatch):
        client = client_of(Role.COMMANDER)
        first = client.get("/command/version/" + asked(have="")).json()
        tags = {part: one["tag"] for part, one in first["parts"].items()}
        afresh()
        world.task(asked_at=NOON - HOUR, due_at=NOON - HOUR)
        screens.KEPT._share.use(60)  # as if much had been worked out
        etags = {"If-None-Match": client.get("/command/version/" + asked(have=have(tags))).get("ETag", '""')}
        told = client.get("/command/version/" + asked(have=have(tags)), headers=etags)
        assert told.status_code == 200
        assert "ETag" not in told
        assert told.json()["parts"] == {}
        assert {"where", "late", "ahead"} <= set(told.json()["behind"])
        assert told.json()["old"] == ["over"]  # the others are from the moment looked at
        assert told.json()["at"]["late"] == "12:00:00"
        assert client.get("/command/part/late/" + asked()).status_code == 202
        screens.KEPT._share.refill()
        told = client.get("/command/version/" + asked(have=have(tags)), headers=etags).json()
        assert "late" in told["parts"]
        assert told["behind"] == ["over"]

    def test_changes_by_itself_with_every_minute_of_the_present(self, world):
        look = command_look.Look(
            command.Watch(world.outbreak, "13", NOON), is_live=True, first_at=NOON, last_at=NOON, may_list=True
        )
        later = command_look.Look(
            command.Watch(world.outbreak, "13", NOON + timedelta(minutes=1)),
            is_live=True, first_at=NOON, last_at=NOON, may_list=True,
        )  # fmt: skip
        changed = {part for part in CommandPart if look.versions({})[part] != later.versions({})[part]}
        assert changed == set(CommandPart) - {CommandPart.OVER}

    def test_brings_the_new_number(self, world, client_of, afresh):
        client = client_of(Role.COMMANDER)
        part = client.get("/command/part/where/" + asked())
        assert client.get("/command/part/where/" + asked(), headers={"If-None-Match": part["ETag"]}).status_code == 304
        afresh()
        factories.area("130102", "长安区")
        OfficialArea.objects.filter(name="小果庄村").delete()
        answer = client.get("/command/part/where/" + asked(), headers={"If-None-Match": part["ETag"]})
        assert answer.status_code == 200
        assert "1 risk areas" in answer.content.decode()

    def test_opens_with_what_was_worked_out_last_and_brings_what_changed(self, world, client_of, afresh):
        client = client_of(Role.COMMANDER)
        opened = [client.get("/command/" + asked()).content.decode()]
        afresh()
        factories.area("130102", "长安区")
        OfficialArea.objects.filter(name="小果庄村").delete()
        opened.append(client.get("/command/" + asked()).content.decode())
        (before, after) = (re.search(r'data-part-name="where" data-tag="([^"]+)"', html)[1] for html in opened)
        assert (before, "2 risk areas" in opened[1]) == (after, True)
        brought = client.get("/command/version/" + asked(have=f"where:{after}")).json()["parts"]["where"]
        assert "1 risk areas" in brought["html"]
        assert brought["tag"] != after
        assert "1 risk areas" in client.get("/command/" + asked()).content.decode()

    def test_stays_the_same_for_a_fixed_moment_that_nobody_touched(self, world):
        assert changes.versions() == changes.versions()
        assert Task.objects.exists()


TOUCHES = {
    "cases": "UPDATE records_case SET id = id",
    "isolation": "UPDATE records_isolationorder SET id = id",
    "oversight": "UPDATE records_finding SET id = id",
    "register": "UPDATE records_area SET name = name",
    "signals": "UPDATE records_signal SET id = id",
    "tasks": "UPDATE records_task SET id = id",
    "testing": "UPDATE records_laboratory SET id = id",
    "tracing": "UPDATE records_contact SET id = id",
    "transport": "UPDATE records_transfertrip SET id = id",
    "zoning": "UPDATE records_zone SET id = id",
}


class TestManyAreas:
    AREAS = ("13", "1301", COUNTY, VILLAGE, "1305", "130581")
    AT = re.compile(r"at=[\w%.-]+")

    def write(self, draw, world, now):
        """Write something that a screen shows, or nothing, somewhere."""
        area, before = draw.choice([COUNTY, VILLAGE, "130581", "1301"]), now - draw.random() * 3 * HOUR
        due_at, outbreak = now + draw.uniform(-3, 3) * HOUR, draw.choice([world.outbreak, None])
        some = Task.objects.filter(pk=draw.choice(Task.objects.values_list("pk", flat=True)))
        draw.choice([
            lambda: world.task(asked_at=before, due_at=due_at, area_code=area, outbreak=outbreak),
            lambda: some.update(done_at=before),
            lambda: world.case((CaseStatus.CONFIRMED, before), area_code=area),
            lambda: world.signal(received_at=before),
            lambda: world.alert(opened_at=before, due_at=due_at),
            lambda: world.stay(world.site(rooms=2, area_code=area)[1][0].place, since=before),
            lambda: world.vehicle(out_at=before),
            lambda: world.transfer(asked_at=before, due_at=due_at),
            lambda: None,
        ])()  # fmt: skip

    def shown(self, clients, begin=lambda: None):
        """Give each part as each screen has it; the moment in its links aside."""
        told = {}
        for (area, client), name, part in product(clients.items(), ("command", "none"), screens.AT_ONCE):
            begin()
            answer = client.get(f"/command/part/{part}/?outbreak={name}")
            assert answer.status_code == 200
            told[area, name, part] = self.AT.sub("", answer.content.decode())
        return told

    def test_are_not_read_again_at_once_and_never_called_current_meanwhile(self, noise, client_of, afresh, monkeypatch):
        world, now = filled(kind=OutbreakKind.REAL), [NOON]
        monkeypatch.setattr(clock, "present", lambda drill, at: now[0])
        monkeypatch.setattr(command_together, "READ_AGAIN_SECONDS", 60)
        client, look = client_of(Role.COMMANDER), "/command/version/?outbreak=command&have="
        for code in ("", "&area=13"):
            assert client.get(look + code).json()["behind"] == ["over"]
        afresh()
        world.task(asked_at=NOON - HOUR, due_at=NOON - HOUR)
        told = client.get(look)
        assert "ETag" not in told
        assert {"late", "where", "ahead"} < set(told.json()["behind"])
        assert told.json()["old"] == ["over"]
        now[0] += timedelta(seconds=10)
        told = client.get(look).json()
        assert {"late", "where", "ahead"} < set(told["old"])
        assert (told["at"]["late"], told["soon"]) == ("12:00:00", True)
        monkeypatch.setattr(command_together, "READ_AGAIN_SECONDS", 0)
        told = client.get(look).json()
        assert (told["at"]["late"], told["behind"]) == ("12:00:10", ["over"])

    @pytest.mark.parametrize("seed", range(2))
    def test_show_what_each_would_show_alone_and_afresh(self, noise, client_of, afresh, monkeypatch, seed):
        world, draw, now = filled(kind=OutbreakKind.REAL), random.Random(seed), NOON
        for code in ("1301", "1305"):
            factories.area(code, code)
        clients = {area: client_of(Role.COMMANDER, area) for area in self.AREAS}
        monkeypatch.setattr(clock, "present", lambda drill, at: now)
        monkeypatch.setattr(command_together, "READ_AGAIN_SECONDS", 0)
        for kept in ("KEPT", "TOGETHER"):
            monkeypatch.setattr(screens, kept, getattr(screens, kept))
        n_kept = 0
        for _ in range(5):
            afresh()
            self.write(draw, world, now)
            before = {key: one.text for key, one in screens.KEPT._held.items()}
            screens.KEPT._share.refill()
            seen = self.shown(clients)
            n_kept += sum(one.text == before.get(key) for key, one in screens.KEPT._held.items())
            with monkeypatch.context() as alone:
                alone.setattr(screens, "KEPT", Kept(99, Share(1, 60)))
                alone.setattr(screens, "TOGETHER", Together())
                assert seen == self.shown(clients, begin=lambda: (screens.KEPT.forget(), screens.TOGETHER.forget()))
            now += draw.choice([1, 90, 200, 700]) * timedelta(seconds=1)
        assert 0 < n_kept < 5 * len(seen)  # some texts are kept, and some are written again
