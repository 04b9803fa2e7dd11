"""Oversight for machines: scorecards, the rows of a number, findings."""

from datetime import timedelta

import pytest

from sizao.response.oversight import findings
from sizao.response.oversight.findings import Answering, Seen
from sizao.terms import FindingSource, Gravity, Role, Stage
from tests import factories
from tests.factories import NOW
from tests.response.test_scorecards import task

pytestmark = pytest.mark.django_db
COUNTY = "130109"
WHEN = (NOW + timedelta(days=1)).isoformat()


def test_a_scorecard_and_its_rows(machine):
    within = factories.outbreak(slug="here")
    task(within, due=4, done=3)
    task(within, due=4)
    asker = machine(Role.COMMANDER, COUNTY)
    said = asker.get("oversight/scorecard", as_of=WHEN).json()
    assert (said["total"]["clocks"], said["total"]["kept"], said["total"]["late_now"]) == (2, 1, 1)
    assert said["total"]["worst_delay_seconds"] == 20 * 3600
    (measure,) = said["measures"]
    rows = asker.get(f"oversight/measures/{measure['measure']}/rows", as_of=WHEN, state="late_now").json()["rows"]
    assert [row["state"] for row in rows] == ["late_now"]
    assert asker.get("oversight/scorecard", as_of=WHEN, outbreak="here").json()["total"]["clocks"] == 2


def test_refusals(machine):
    asker = machine(Role.COMMANDER, COUNTY)
    assert asker.get("oversight/scorecard", area="1305").status_code == 404
    assert asker.get("oversight/scorecard", outbreak="nowhere").status_code == 404
    assert asker.get("oversight/measures/nothing/rows").status_code == 422
    assert asker.get("oversight/scorecard", days=0).status_code == 422


def test_findings_without_who_answers_in_person(machine):
    factories.area(COUNTY)
    seen = Seen("样本超时", COUNTY, Stage.TESTING, Gravity.MAJOR, item="testing-site:transport")
    findings.record(
        seen=seen, answering=Answering(individual="张三"), source=FindingSource.DESK,
        by=factories.account(role=Role.SUPERVISOR), now=NOW,
    )  # fmt: skip
    answer = machine(Role.COMMANDER, COUNTY).get("findings", as_of=WHEN)
    (row,) = answer.json()["rows"]
    assert (row["state"], row["item"]) == ("recorded", "testing-site:transport")
    assert "张三" not in answer.content.decode()
    assert machine(Role.COMMANDER, "1305").get("findings", as_of=WHEN).json()["rows"] == []
