"""My tasks: late first, of my role and area, received and finished."""

from datetime import timedelta

import pytest

from sizao.records.models import Task
from sizao.terms import Role, TaskKind, TaskState
from tests.web.conftest import MORNING, at

pytestmark = pytest.mark.django_db


def task(outbreak, label, **facts):
    defaults = {
        "outbreak": outbreak, "kind": TaskKind.FULL_REPORT, "role": Role.INVESTIGATOR, "area_code": "130109",
        "subject_kind": "case", "subject_id": 1, "subject_label": label, "asked_at": MORNING, "source_key": label,
    }  # fmt: skip
    return Task.objects.create(**defaults | facts)


class TestMyTasks:
    def test_show_the_latest_first_and_only_mine(self, outbreak, noise, client_of):
        task(outbreak, "HB-3")
        task(outbreak, "HB-2", due_at=MORNING + timedelta(days=2))
        task(outbreak, "HB-1", due_at=MORNING)
        task(outbreak, "XX-1", role=Role.REPORTER)
        task(outbreak, "XX-2", area_code="410102")
        task(noise, "XX-3")
        task(outbreak, "XX-4", asked_at=MORNING + timedelta(days=1))
        page = client_of(Role.INVESTIGATOR).get(at("/tasks/")).content.decode()
        assert page.index("HB-1") < page.index("HB-2") < page.index("HB-3")
        assert "XX-" not in page
        assert "1 late" in page

    def test_are_received_and_finished_with_an_outcome(self, outbreak, client_of):
        one = task(outbreak, "HB-1")
        investigator = client_of(Role.INVESTIGATOR)
        investigator.post(at(f"/tasks/{one.pk}/receive/"))
        one.refresh_from_db()
        assert one.state == TaskState.RECEIVED
        refused = investigator.post(at(f"/tasks/{one.pk}/finish/"), {"outcome": " "}, follow=True)
        assert "Say in a few words" in refused.content.decode()
        investigator.post(at(f"/tasks/{one.pk}/finish/"), {"outcome": "sent"})
        one.refresh_from_db()
        assert one.state == TaskState.DONE

    def test_of_all_roles_are_for_who_is_in_charge(self, outbreak, client_of):
        task(outbreak, "HB-1")
        asked = at("/tasks/", whose="all")
        assert "HB-1" in client_of(Role.DUTY_OFFICER).get(asked).content.decode()
        assert "HB-1" not in client_of(Role.REPORTER).get(asked).content.decode()

    def test_name_those_of_other_roles_to_who_is_in_charge_of_nothing_else(self, outbreak, client_of):
        task(outbreak, "HB-1")
        assert "other roles that are open: 1" in client_of(Role.DUTY_OFFICER).get(at("/tasks/")).content.decode()
        assert "other roles" not in client_of(Role.REPORTER).get(at("/tasks/")).content.decode()

    @pytest.mark.parametrize("kind", TaskKind)
    def test_of_every_kind_lead_to_the_screen_where_they_are_done(self, outbreak, client_of, kind):
        one = task(outbreak, "HB-1", kind=kind)
        answer = client_of(Role.COMMANDER).get(at(f"/tasks/{one.pk}/"))
        assert answer.status_code == 302

    def test_are_not_seen_by_a_stranger(self, outbreak, client_of):
        one = task(outbreak, "HB-1")
        assert client_of(Role.INVESTIGATOR, "130102").post(at(f"/tasks/{one.pk}/receive/")).status_code == 404
        assert client_of(Role.SUPERVISOR).get(at("/tasks/")).status_code == 403
