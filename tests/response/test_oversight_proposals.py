"""What the rule proposes: findings below the line, rewards for leads that proved true; each once."""

from datetime import timedelta

import pytest

from sizao.records.models import Finding, Reward, Signal
from sizao.response import oversight
from sizao.response.oversight import findings
from sizao.terms import FindingSource, FindingState, Role, SignalKind, SignalState
from tests import factories
from tests.factories import NOW
from tests.response.test_scorecards import task

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def outbreak(noise):
    return factories.outbreak()


class TestAFinding:
    def test_is_proposed_below_the_line_and_not_on_it(self, outbreak):
        for n in range(10):
            task(outbreak, "130109", due=4, done=3 if n < 7 else 5)
            task(outbreak, "130581", due=4, done=3 if n < 8 else 5)
        assert oversight.advance(outbreak=outbreak, now=NOW + DAY) == 1
        made = Finding.objects.get()
        assert (made.area_code, made.item, made.state) == ("130109", "task.full_report", FindingState.PROPOSED)
        assert made.evidence["rule"] == "share_kept"
        assert (made.evidence["clocks"], made.evidence["kept"]) == (10, 7)
        assert (made.source, made.found_by) == (FindingSource.RULE, None)

    def test_is_proposed_when_several_are_late_by_a_day(self, outbreak):
        for _ in range(3):
            task(outbreak, "130109", due=4)
        assert oversight.advance(outbreak=outbreak, now=NOW + timedelta(hours=27)) == 0
        assert oversight.advance(outbreak=outbreak, now=NOW + timedelta(hours=28)) == 1
        assert Finding.objects.get().evidence["missed"] == 3

    def test_is_not_proposed_of_too_few(self, outbreak):
        for _ in range(9):
            task(outbreak, "130109", due=4, done=5)
        assert oversight.advance(outbreak=outbreak, now=NOW + DAY) == 0

    def test_is_proposed_once_and_again_only_in_another_period_after_it_is_over(self, outbreak):
        for _ in range(10):
            task(outbreak, "130109", due=4)
        assert oversight.advance(outbreak=outbreak, now=NOW + DAY) == 1
        assert oversight.advance(outbreak=outbreak, now=NOW + DAY) == 0
        assert oversight.advance(outbreak=outbreak, now=NOW + 9 * DAY) == 0
        supervisor = factories.account(role=Role.SUPERVISOR)
        findings.dismiss(finding=Finding.objects.get(), reason="系统录入延迟", by=supervisor, now=NOW + 9 * DAY)
        assert oversight.advance(outbreak=outbreak, now=NOW + 9 * DAY) == 1

    def test_touches_no_other_outbreak(self, outbreak, noise):
        for _ in range(10):
            task(outbreak, "410102", due=4)
        assert oversight.advance(outbreak=noise, now=NOW + DAY) == 0


class TestAReward:
    def lead(self, outbreak, person, **facts):
        known = {
            "kind": SignalKind.SELF_REPORT,
            "state": SignalState.VERIFIED,
            "settled_at": NOW,
            "received_at": NOW - DAY,
        }
        serial = Signal.objects.count()
        return Signal.objects.create(
            outbreak=outbreak, person=person, area_code="130109", occurred_at=NOW,
            source="resident", source_key=f"lead:{serial}", **{**known, **facts},
        )  # fmt: skip

    def test_is_proposed_once_for_a_lead_that_became_a_case(self, outbreak):
        case = factories.case(within=outbreak)
        lead = self.lead(outbreak, case.person)
        assert oversight.advance(outbreak=outbreak, now=NOW) == 1
        assert oversight.advance(outbreak=outbreak, now=NOW) == 0
        made = Reward.objects.get()
        assert (made.signal, made.evidence) == (lead, {"case": case.number})

    @pytest.mark.parametrize(
        "facts",
        [
            {"state": SignalState.DISMISSED},
            {"kind": SignalKind.FEVER_CLINIC},
            {"received_at": NOW + DAY},
        ],
    )
    def test_is_not_proposed_for_anything_else(self, outbreak, facts):
        self.lead(outbreak, factories.case(within=outbreak).person, **facts)
        assert oversight.advance(outbreak=outbreak, now=NOW + 2 * DAY) == 0

    def test_is_not_proposed_while_nobody_became_a_case(self, outbreak):
        self.lead(outbreak, factories.person())
        assert oversight.advance(outbreak=outbreak, now=NOW) == 0
