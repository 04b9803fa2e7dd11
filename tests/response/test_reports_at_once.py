"""Two officers do the same with one report at the same moment, each on a connection of their own."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection

from sizao.errors import SizaoError
from sizao.records.models import DailyReport, Event
from sizao.response.reports import daily, daily_acts
from sizao.terms import Role
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)
DAY, COUNTY = date(2021, 1, 9), "130109"
HOUR = timedelta(hours=1)


@pytest.fixture
def submitted():
    for code in ("13", "1301", COUNTY):
        factories.area(code)
    outbreak = factories.outbreak(first_date=DAY)
    daily.advance(outbreak=outbreak, now=NOW)
    report = DailyReport.objects.get(area_code=COUNTY, date=DAY)
    return daily_acts.submit(report=report, by=factories.account(role=Role.REPORTER, area_code=COUNTY), now=NOW)


def at_once(*acts):
    """Do all at once; give what was refused to whom."""
    together, refused = threading.Barrier(len(acts)), []

    def do(act):
        together.wait()
        try:
            act()
        except SizaoError as refusal:
            refused.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return refused


class TestTwoOfficers:
    def test_approve_one_report_once(self, submitted):
        officers = [factories.account(role=Role.COMMANDER, area_code="1301") for _ in range(4)]
        refused = at_once(
            *(lambda by=by: daily_acts.approve(report=submitted, by=by, now=NOW + HOUR) for by in officers)
        )
        assert refused == ["report.cannot_move"] * 3
        assert Event.objects.filter(verb="report.approved").count() == 1
        submitted.refresh_from_db()
        assert submitted.approved_by == Event.objects.get(verb="report.approved").actor

    def test_do_not_both_approve_and_return(self, submitted):
        one, other = (factories.account(role=Role.COMMANDER, area_code="1301") for _ in range(2))
        refused = at_once(
            lambda: daily_acts.approve(report=submitted, by=one, now=NOW + HOUR),
            lambda: daily_acts.send_back(report=submitted, reason="核对", by=other, now=NOW + HOUR),
        )
        submitted.refresh_from_db()
        assert refused == ["report.cannot_move"]
        assert {bool(submitted.approved_at), bool(submitted.returned_at)} == {True, False}

    def test_correct_one_report_once(self, submitted):
        DailyReport.objects.filter(pk=submitted.pk).update(returned_at=NOW, returned_by="x", return_reason="核对")
        by = factories.account(role=Role.REPORTER, area_code=COUNTY)
        correct = lambda: daily_acts.correct(report=submitted, reason="重报", by=by, now=NOW + HOUR)  # noqa: E731
        assert len(at_once(correct, correct)) == 1
        assert list(DailyReport.objects.filter(area_code=COUNTY).order_by("version").values_list("version")) == [
            (1,), (2,),
        ]  # fmt: skip
