"""Testing rounds on screen: planned, given a roster, opened, worked at a table, followed to the doors, closed."""

import json
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sizao.engines.tube_codes import code_of
from sizao.records.models import RosterEntry, Swab, TestingOddity, TestingRound, TestingSite
from sizao.response.testing import tubes
from sizao.terms import OutbreakKind, Role
from sizao.web.testing_labels import label
from tests import factories
from tests.response.testing_world import COUNTY, ELSEWHERE, NOW, OTHER_VILLAGE, VILLAGE, World

pytestmark = pytest.mark.django_db
DAY = date(2021, 2, 20)


@pytest.fixture
def world(noise):
    return World(kind=OutbreakKind.REPLAY)


def at(world, path, **asked):
    more = "".join(f"&{key}={value}" for key, value in asked.items())
    return f"/testing/{path}?outbreak={world.outbreak.slug}&day={DAY}{more}"


def shown(answer):
    assert answer.status_code == 200
    return answer.content.decode()


class TestPlanning:
    def test_goes_from_the_form_to_an_open_round(self, world, client_of):
        officer = client_of(Role.TESTING_COORDINATOR, "13")
        form = {"name": "第二轮", "areas": f"{COUNTY}", "pool_size": "10", "begins_at": "2021-02-20T09:00"}
        page = shown(officer.post(at(world, ""), form, follow=True))
        assert "Planned: R002" in page
        planned = TestingRound.objects.get(number="R002")
        text = f"村居代码,姓名,身份证号\n{VILLAGE},王一,130109198001010001\n{VILLAGE},王二,SECOND\n"
        twice, right = text.replace("SECOND", "130109198001010001"), text.replace("SECOND", "130109198001010002")
        refused = shown(officer.post(at(world, f"{planned.pk}/roster/"), {"roster": csv(twice)}))
        assert "To be corrected" in refused
        assert '<td class="number" data-label="Line">3</td>' in refused
        assert "stands on line 2, too" in refused
        mended = {"roster": csv(right), "dry_run": "1"}
        assert "Nothing was kept." in shown(officer.post(at(world, f"{planned.pk}/roster/"), mended, follow=True))
        mended = {"roster": csv(right)}
        assert "2 people are expected" in shown(officer.post(at(world, f"{planned.pk}/roster/"), mended, follow=True))
        opened = shown(officer.post(at(world, f"{planned.pk}/act/"), {"act": "open"}, follow=True))
        assert "Opened in your name: R002." in opened

    def test_tells_faulty_cells_in_the_words_of_the_file_and_of_the_reader(self, world, client_of):
        officer = client_of(Role.TESTING_COORDINATOR, "13")
        form = {"name": "第二轮", "areas": COUNTY, "pool_size": "10", "begins_at": "2021-02-20T09:00"}
        officer.post(at(world, ""), form)
        here = at(world, f"{TestingRound.objects.get(number='R002').pk}/roster/")
        officer.cookies["django_language"] = "zh-hans"
        cells = f"名册\n居住地代码,姓名,证件号码\n小果庄,王一,SAMPLE0001\n,王二,\n{VILLAGE},王三,1.30109E+17\n"
        refused = shown(officer.post(here, {"roster": csv(cells)}))
        assert "居住地代码</td>" in refused
        told = ("共 3 行，其中 3 处有误", "不是区划代码", "合并单元格", "科学计数")
        assert [one for one in told if one not in refused] == []
        assert "facts.errors" not in refused
        assert "无法读取：表头以下没有数据行" in shown(officer.post(here, {"roster": csv("居住地代码\n")}))

    def test_takes_areas_by_their_names(self, world, client_of):
        factories.area("130109110", "增村镇")
        factories.area("130102110212", "小果庄村")
        form = {"name": "第二轮", "areas": f"小果庄村、{OTHER_VILLAGE}", "pool_size": "10", "begins_at": ""}
        county, city = (client_of(Role.TESTING_COORDINATOR, code) for code in (COUNTY, "1301"))
        unclear = shown(city.post(at(world, ""), form))
        assert f"2 areas are called “小果庄村”: 130102110212 (—), {VILLAGE} (增村镇)." in unclear
        assert "Planned: R002" in shown(county.post(at(world, ""), form, follow=True))
        assert TestingRound.objects.get(number="R002").areas == [VILLAGE, OTHER_VILLAGE]
        assert "Not among them: 大果庄村" in shown(county.post(at(world, ""), form | {"areas": "大果庄村"}))

    @pytest.mark.parametrize(
        ("group", "gives", "why"),
        [
            (None, "population_unknown", "nobody knows how large the city is"),
            (None, "awaits_confirmation", "hours wait for confirmation"),
            ("high_risk", "other", "a key group has its own interval"),
            (None, "other", "the edition gives no hours"),
        ],
    )
    def test_says_why_there_is_no_hour_to_be_complete_by(self, world, client_of, group, gives, why):
        planned = world.plan()
        entry = planned.basis[0] | {"gives": gives}
        TestingRound.objects.filter(pk=planned.pk).update(due_at=None, basis=[entry], key_group=group)
        page = shown(client_of(Role.TESTING_COORDINATOR, "13").get(at(world, f"{planned.pk}/")))
        assert why in page.replace("&#x27;", "'")

    def test_says_what_the_edition_forbids(self, world, client_of):
        form = {"name": "x", "areas": COUNTY, "pool_size": "20", "begins_at": ""}
        page = shown(client_of(Role.TESTING_COORDINATOR, "13").post(at(world, ""), form))
        assert "20 swabs in one tube are not allowed by edition-7" in page

    def test_says_what_cannot_be_read(self, world, client_of):
        form = {"name": "x", "areas": COUNTY, "pool_size": "many", "begins_at": "soon"}
        assert "Give a number of swabs" in shown(client_of(Role.TESTING_COORDINATOR, "13").post(at(world, ""), form))

    def test_of_a_roster_may_rest_on_the_register(self, world, client_of):
        planned = world.plan()
        answer = client_of(Role.TESTING_COORDINATOR, "13").post(
            at(world, f"{planned.pk}/roster/"), {"from": "register"}, follow=True
        )
        assert "Nobody would stand on the roster" in shown(answer)


class TestCoverage:
    def test_is_told_in_one_sentence_and_by_area(self, world, client_of):
        world.register(*(world.swab(f"s{n}", next(world.codes), n) for n in (1, 2, 3)))
        page = shown(client_of(Role.REPORTER, COUNTY).get(at(world, f"{world.round.pk}/", area=COUNTY)))
        assert "<b>3</b> of 12 people are registered; <b>9</b> are missed, 9 without a known reason." in page
        assert "25.0 %" in page

    def test_is_closed_in_one_s_own_name(self, world, client_of):
        officer = client_of(Role.TESTING_COORDINATOR, "1301")
        page = shown(officer.post(at(world, f"{world.round.pk}/act/"), {"act": "close"}, follow=True))
        assert "Closed in your name: 12 of 12 people were missed." in page
        assert "12 of 12 missed, on the record" in page

    def test_knows_no_other_act(self, world, client_of):
        officer = client_of(Role.TESTING_COORDINATOR, "1301")
        assert officer.post(at(world, f"{world.round.pk}/act/"), {"act": "forget"}).status_code == 400


class TestMissed:
    def test_are_names_for_the_grid_worker_of_the_village(self, world, client_of):
        worker = client_of(Role.GRID_WORKER, VILLAGE)
        page = shown(worker.get(at(world, f"{world.round.pk}/missed/")))
        assert "王1" in page
        assert "王3" not in page  # of the next village
        answer = worker.post(
            at(world, f"{world.round.pk}/missed/"), {"entry": ["1", "2"], "reason": "away"}, follow=True
        )
        assert "Noted for 2 people." in shown(answer)
        assert RosterEntry.objects.filter(round=world.round, missed_reason="away").count() == 2

    def test_are_numbers_for_a_whole_county(self, world, client_of):
        page = shown(client_of(Role.TESTING_COORDINATOR, COUNTY).get(at(world, f"{world.round.pk}/missed/")))
        assert "Choose a township" in page
        assert "王1" not in page

    def test_need_a_reason_and_somebody(self, world, client_of):
        worker = client_of(Role.GRID_WORKER, VILLAGE)
        answer = worker.post(at(world, f"{world.round.pk}/missed/"), {"reason": "lazy"}, follow=True)
        assert "Choose at least one person" in shown(answer)


class TestTable:
    def test_takes_an_outbox_and_answers_each(self, world, client_of):
        sampler = client_of(Role.SAMPLER, COUNTY)
        assert "table-facts" in shown(sampler.get(at(world, f"{world.round.pk}/table/")))
        years_on = (NOW + timedelta(days=2000)).isoformat()
        box = {
            "sent_at": years_on,
            "swabs": [
                {"key": "a", "tube": next(world.codes), "taken_at": years_on, "kind": "pool", "entry": 1},
                {"key": "b", "tube": code_of(77), "taken_at": years_on, "name": "外来的人", "phone": None},
            ],
        }
        told = send(sampler, world, box).json()["swabs"]
        assert [(one["key"], one["answer"]) for one in told] == [("a", "taken"), ("b", "queued")]
        assert send(sampler, world, box).json()["swabs"][0]["answer"] == "repeated"
        assert Swab.objects.filter(round=world.round).count() == 1

    @pytest.mark.parametrize(
        "body",
        ["", "{}", "[]", '{"swabs": 3, "sent_at": "2021-02-20T10:00:00Z"}', '{"swabs": [{}], "sent_at": "now"}',
         '{"sent_at": "2021-02-20T10:00:00Z", "swabs": [{"key": "a", "tube": "1", "taken_at": "yesterday"}]}'],
    )  # fmt: skip
    def test_says_what_it_cannot_read(self, world, client_of, body):
        answer = send(client_of(Role.SAMPLER, COUNTY), world, body)
        assert answer.status_code == 400
        assert "keeps what it holds" in answer.json()["message"]

    def test_has_a_worker_that_keeps_it(self, world, client_of):
        script = client_of(Role.SAMPLER, COUNTY).get("/testing/worker.js")
        assert script["Content-Type"].startswith("text/javascript")
        assert "/static/web/testing-table.js" in script.content.decode()

    def test_is_not_shown_elsewhere(self, world, client_of):
        assert client_of(Role.SAMPLER, ELSEWHERE).get(at(world, f"{world.round.pk}/table/")).status_code == 404


class TestQueue:
    def test_lets_somebody_set_right_what_was_held_back(self, world, client_of):
        world.register(world.swab("a", "123456789012", 1))
        officer = client_of(Role.SAMPLER, COUNTY)
        assert "The code of the tube is mistyped" in shown(officer.get(at(world, f"{world.round.pk}/queue/")))
        waiting = {"oddity": TestingOddity.objects.get().pk, "tube": next(world.codes)}
        page = shown(officer.post(at(world, f"{world.round.pk}/queue/"), waiting, follow=True))
        assert "Settled in your name." in page
        assert Swab.objects.filter(round=world.round).count() == 1


class TestLabels:
    def test_are_printed_with_codes_of_their_own(self, world, client_of):
        officer = client_of(Role.TESTING_COORDINATOR, "1301")
        page = shown(officer.post(at(world, f"{world.round.pk}/labels/"), {"size": "41"}, follow=True))
        assert "41 labels have codes now" in page
        lot = world.round.lots.order_by("-pk").first()
        sheet = shown(officer.get(at(world, f"{world.round.pk}/labels/{lot.pk}/")))
        assert sheet.count('<ol class="label-sheet">') == 2
        assert label(tubes.codes_of(lot)[40]).spoken in sheet

    def test_are_drawn_as_the_standard_says(self):
        # Code 128, set C: start, six pairs, check and stop make 11 modules each and two more.
        drawn = label("000000000195")
        assert drawn.width == 11 * 9 + 2
        assert drawn.bars[:3] == ((0, 2), (3, 1), (6, 3))

    def test_have_no_size_that_is_none(self, world, client_of):
        officer = client_of(Role.TESTING_COORDINATOR, "1301")
        assert "cannot be printed at once" in shown(
            officer.post(at(world, f"{world.round.pk}/labels/"), {"size": "-3"}, follow=True)
        )

    def test_stand_beside_the_sites(self, world, client_of):
        officer = client_of(Role.TESTING_COORDINATOR, "1301")
        form = {"what": "site", "name": "村委会", "area_code": VILLAGE, "n_tables": "3"}
        assert "Site 1 was added." in shown(officer.post(at(world, f"{world.round.pk}/labels/"), form, follow=True))
        assert TestingSite.objects.get().place.name == "村委会"


def csv(text):
    return SimpleUploadedFile("roster.csv", text.encode())


def send(somebody, world, box):
    body = box if isinstance(box, str) else json.dumps(box)
    return somebody.post(
        at(world, f"{world.round.pk}/table/"),
        body,
        content_type="application/json",
        headers={"accept": "application/json"},
    )
