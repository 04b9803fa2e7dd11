"""Directives on the screen: issued, received, closed with a photograph, accepted, in routine times and in a replay."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sizao.records.models import Answerable, Directive, DirectiveAct, DirectivePart, DirectivePhoto, Task
from sizao.response import tasks
from sizao.terms import PartState, Role, TaskKind
from tests import factories
from tests.adapters.test_photographs import FRAME, JFIF, SCAN, jpeg
from tests.web.conftest import MORNING, at

pytestmark = pytest.mark.django_db
COUNTY = "130109"
FORM = {
    "key": "form-1", "title": "设置卡点", "text": "各村设置卡点", "reason": "防止外溢", "basis": "",
    "items": "落实人员\n公布电话",
    "counts": "", "due_at": "2100-01-01T18:00", "urgency": "urgent", "levels": ["county"], "areas": ["13"], "role": "",
}  # fmt: skip


@pytest.fixture
def routine(noise):
    """Areas, and no outbreak that concerns them."""
    factories.area("13", "河北")
    factories.area(COUNTY, "藁城区")
    factories.area()


def issued(client_of, **more):
    commander = client_of(Role.COMMANDER)
    commander.post("/directives/new/", FORM | more)
    return commander, Directive.objects.get()


def act(client, part, what, **more):
    return client.post(f"/directives/parts/{part.pk}/act/", {"act": what, "key": what, **more}, follow=True)


class TestRoutine:
    def test_a_directive_goes_down_and_comes_back_done(self, routine, client_of):
        commander, made = issued(client_of)
        part = DirectivePart.objects.get()
        county = client_of(Role.DUTY_OFFICER, COUNTY)
        assert "设置卡点" in county.get("/tasks/").content.decode()
        assert "1 wait for you" in county.get("/directives/").content.decode()
        assert "Receive in my name" in county.get(f"/directives/parts/{part.pk}/").content.decode()
        act(county, part, "receive", answers_for="王主任")
        photo = SimpleUploadedFile("a.jpg", jpeg(JFIF, FRAME, SCAN), content_type="image/jpeg")
        told = act(county, part, "close", text="已完成", checks=["0", "1"], signed_as="王主任", photos=photo)
        assert "Done, and signed" in told.content.decode()
        shown = commander.get(f"/directives/{made.pk}/").content.decode()
        assert "藁城区" in shown
        assert "Look at it" in shown
        kept = DirectivePhoto.objects.get()
        assert commander.get(f"/directives/evidence/{kept.pk}/")["Content-Type"] == "image/jpeg"
        assert "Accept in my name" in commander.get(f"/directives/parts/{part.pk}/").content.decode()
        act(commander, part, "accept")
        part.refresh_from_db()
        assert part.state == PartState.ACCEPTED

    def test_the_form_sent_twice_is_one_directive(self, routine, client_of):
        commander, made = issued(client_of)
        again = commander.post("/directives/new/", FORM)
        assert again["Location"] == f"/directives/{made.pk}/"
        assert Directive.objects.count() == 1

    def test_a_form_with_a_fault_comes_back_as_it_was_filled_in(self, routine, client_of):
        answer = client_of(Role.COMMANDER).post(
            "/directives/new/", FORM | {"reason": " ", "due_at": "2100-01-01T18:00"}
        )
        assert "A directive says what is asked" in answer.content.decode()
        assert "各村设置卡点" in answer.content.decode()
        wrong = client_of(Role.COMMANDER).post("/directives/new/", FORM | {"due_at": "soon"})
        assert "is no time" in wrong.content.decode()

    def test_what_is_not_whole_is_said_and_kept_out(self, routine, client_of):
        _, made = issued(client_of)
        part = made.parts.get()
        county = client_of(Role.DUTY_OFFICER, COUNTY)
        assert "not done: 落实人员" in act(county, part, "close", text="x", signed_as="y").content.decode()
        assert "no whole number" in act(county, part, "report", text="x", n_done="many").content.decode()
        assert county.post(f"/directives/parts/{part.pk}/act/", {"act": "eat"}).status_code == 400
        assert not DirectiveAct.objects.exists()

    def test_is_issued_on_changed_and_withdrawn(self, routine, client_of):
        factories.area("130109110", "镇")
        commander, made = issued(client_of)
        part = made.parts.get()
        county = client_of(Role.COMMANDER, COUNTY)
        act(county, part, "receive", answers_for="王主任")
        assert "镇" in county.get(f"/directives/parts/{part.pk}/on/").content.decode()
        county.post(f"/directives/parts/{part.pk}/on/issue/", {"levels": ["street"], "areas": [COUNTY], "note": "今晚"})
        assert made.parts.count() == 2
        assert "镇" in commander.get(f"/directives/{made.pk}/?area={COUNTY}").content.decode()
        commander.post(f"/directives/{made.pk}/change/", FORM | {"text": "新要求", "why": "情况变化"})
        shown = county.get(f"/directives/parts/{part.pk}/").content.decode()
        assert "changed since you received it" in shown
        assert "新要求" in shown
        assert "Version 1" in commander.get(f"/directives/{made.pk}/").content.decode()
        assert "各村设置卡点" in commander.get(f"/directives/{made.pk}/").content.decode()
        commander.post(f"/directives/{made.pk}/withdraw/", {"reason": "不再需要"})
        assert "不再需要" in county.get(f"/directives/{made.pk}/").content.decode()

    def test_a_lower_area_is_chosen_level_by_level(self, routine, client_of):
        page = client_of(Role.COMMANDER).get(f"/directives/new/?within={COUNTY}").content.decode()
        assert f'value="{COUNTY}"' in page
        assert "One level up" in page
        outside = client_of(Role.COMMANDER, COUNTY).get("/directives/new/?within=41").content.decode()
        assert 'name="areas" value="41"' not in outside

    def test_who_answers_is_named_and_ended(self, routine, client_of):
        lead = factories.account(role=Role.INVESTIGATOR, area_code=COUNTY, display_name="流调组长")
        commander = client_of(Role.COMMANDER)
        commander.post(
            "/directives/answering/name/", {"area": COUNTY, "role": "investigator", "account": lead.username}
        )
        assert "流调组长" in commander.get("/directives/answering/").content.decode()
        commander.post("/directives/answering/name/", {"end": Answerable.objects.get().pk})
        assert Answerable.objects.get().until is not None


class TestReplay:
    def test_acts_bear_the_chosen_day(self, outbreak, client_of):
        commander = client_of(Role.COMMANDER)
        commander.post(at("/directives/new/"), FORM | {"due_at": "2021-01-12T18:00"})
        made = Directive.objects.get()
        assert (made.outbreak, made.issued_at.date().isoformat()) == (outbreak, "2021-01-10")
        before = commander.get(at("/directives/", day="2021-01-09")).content.decode()
        assert "设置卡点" not in before


class TestQueue:
    def test_says_with_whom_a_task_is_since_when_and_shows_what_is_late_below(self, outbreak, client_of):
        lead = factories.account(role=Role.COMMANDER, area_code=COUNTY, display_name="县指挥长")
        Task.objects.create(
            outbreak=outbreak, kind=TaskKind.FULL_REPORT, role=Role.INVESTIGATOR, area_code=COUNTY, subject_kind="case",
            subject_id=1, subject_label="HB-1", asked_at=MORNING, due_at=MORNING + timedelta(hours=1), source_key="q",
        )  # fmt: skip
        tasks.advance_standing(now=MORNING)
        from sizao.response.tasks.escalating import raise_late

        raise_late(outbreak=outbreak, now=MORNING + timedelta(hours=2))
        page = client_of(Role.INVESTIGATOR, COUNTY).get(at("/tasks/")).content.decode()
        assert f"with {lead.display_name}, because it is overdue" in page
        above = client_of(Role.DUTY_OFFICER).get(at("/tasks/")).content.decode()
        assert "Late in the areas below" in above
        assert re.search(r"area=1301\b", above)

    def test_of_a_grid_worker_leads_to_the_lists_of_the_day_in_one_tap(self, outbreak, client_of):
        page = client_of(Role.GRID_WORKER, COUNTY).get(at("/tasks/")).content.decode()
        for address in ("/doors/", "/orders/to-serve/", "/site/hand-overs/", "/testing/"):
            assert f'href="{address}' in page
        assert "data-made-at" in page

    def test_groups_by_place_for_who_walks_and_by_clock_for_an_office(self, outbreak, client_of):
        for n, (role, code) in enumerate([(Role.GRID_WORKER, COUNTY), (Role.INVESTIGATOR, COUNTY)]):
            Task.objects.create(
                outbreak=outbreak, kind=TaskKind.CHECK_HOME, role=role, area_code=code, subject_kind="area",
                subject_id=1, subject_label="一组", asked_at=MORNING, due_at=MORNING, source_key=str(n),
            )  # fmt: skip
        walks = client_of(Role.GRID_WORKER, COUNTY).get(at("/tasks/")).content.decode()
        office = client_of(Role.INVESTIGATOR, COUNTY).get(at("/tasks/")).content.decode()
        assert '<h2 class="queue-group">藁城区</h2>' in walks
        assert '<h2 class="queue-group">Late</h2>' in office

    def test_works_without_an_outbreak(self, routine, client_of):
        Task.objects.create(
            kind=TaskKind.ANSWER_COOPERATION, role=Role.DATA_OFFICER, area_code=COUNTY, subject_kind="cooperation",
            subject_id=1, subject_label="XC-1", asked_at=MORNING, due_at=MORNING, source_key="c",
        )  # fmt: skip
        officer = client_of(Role.DATA_OFFICER, COUNTY)
        assert "XC-1" in officer.get("/tasks/").content.decode()
        one = Task.objects.get()
        assert officer.get(f"/tasks/{one.pk}/")["Location"] == "/cooperation/1/"
        officer.post(f"/tasks/{one.pk}/finish/", {"outcome": "已答复"})
        one.refresh_from_db()
        assert one.outcome == "已答复"
