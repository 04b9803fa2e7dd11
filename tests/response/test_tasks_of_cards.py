"""A diagnosed case without a disease card is a task by the edition's clock; the signed card ends it."""

from datetime import timedelta

import pytest

from sizao.records.models import CaseChange, Task
from sizao.response import tasks
from sizao.response.reports import cards
from sizao.terms import CaseStatus, OutbreakKind, Role, TaskEnd, TaskKind, TaskState
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=3)


def test_is_asked_of_no_replay(case):
    case.outbreak.kind = OutbreakKind.REPLAY
    tasks.advance(outbreak=case.outbreak, now=NOW)
    assert not standing()


def test_is_asked_from_the_diagnosis_by_the_editions_hours(case):
    tasks.advance(outbreak=case.outbreak, now=NOW)
    (task,) = standing()
    assert (task.asked_at, task.due_at) == (NOW, NOW + timedelta(hours=2))
    assert (task.role, task.area_code, task.subject_id) == (Role.INVESTIGATOR, case.area_code[:6], case.pk)
    assert task.basis[0]["key"] == "report.case_report_hours"
    tasks.advance(outbreak=case.outbreak, now=LATER)
    assert len(standing()) == 1


def test_goes_up_when_the_hours_are_over(case):
    lead = factories.account(role=Role.DUTY_OFFICER, area_code=case.area_code[:6])
    tasks.advance(outbreak=case.outbreak, now=NOW)
    tasks.advance(outbreak=case.outbreak, now=LATER)
    assert standing()[0].raised_to == lead


def test_is_done_by_a_signed_card_and_not_by_a_draft(case):
    officer = factories.account(role=Role.INVESTIGATOR, area_code=case.area_code[:6])
    tasks.advance(outbreak=case.outbreak, now=NOW)
    card = cards.begin(outbreak=case.outbreak, number=case.person.number, code=cards.CARD, by=officer, now=LATER)
    tasks.advance(outbreak=case.outbreak, now=LATER)
    assert len(standing()) == 1
    given = {str(one.no): one.options[0] if one.options else "1" for one in cards.lacking(card)}
    card = cards.complete(card=card, given=given, by=officer, now=LATER)
    cards.sign(card=card, by=officer, now=LATER)
    tasks.advance(outbreak=case.outbreak, now=LATER + timedelta(hours=1))
    done = Task.objects.get(kind=TaskKind.FILL_CARD)
    assert (done.state, done.outcome, done.done_at) == (TaskState.DONE, TaskEnd.FACT_ARRIVED, LATER)
    tasks.advance(outbreak=case.outbreak, now=LATER + timedelta(hours=2))
    assert standing() == []


def test_of_a_discarded_case_is_cancelled(case):
    tasks.advance(outbreak=case.outbreak, now=NOW)
    case.status = CaseStatus.DISCARDED
    case.save()
    tasks.advance(outbreak=case.outbreak, now=LATER)
    assert Task.objects.get(kind=TaskKind.FILL_CARD).state == TaskState.CANCELLED


def test_is_not_asked_before_the_diagnosis(db):
    case = factories.case(
        within=factories.outbreak(slug="here", kind=OutbreakKind.DRILL), area_code="130109", opened_at=NOW
    )
    tasks.advance(outbreak=case.outbreak, now=NOW)
    assert standing() == []


def standing():
    return list(Task.objects.filter(kind=TaskKind.FILL_CARD, done_at=None))


@pytest.fixture
def case(db):
    factories.area("130109", "藁城区")
    within = factories.outbreak(slug="here", kind=OutbreakKind.DRILL)
    made = factories.case(within=within, area_code="130109", status=CaseStatus.CONFIRMED, opened_at=NOW)
    CaseChange.objects.create(case=made, status=CaseStatus.CONFIRMED, at=NOW, by="sizao", source_key="test:1")
    return made
