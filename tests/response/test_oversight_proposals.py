"""What the rule proposes: findings below the line, rewards for leads that proved true; each once."""

from datetime import timedelta

import pytest

from sizao.records.models import Complaint, Finding, Reward, Signal, Task
from sizao.response import oversight
from sizao.response.oversight import findings
from sizao.terms import (
    ComplaintChannel,
    ComplaintKind,
    FindingSource,
    FindingState,
    Gravity,
    Role,
    SignalKind,
    SignalState,
    Stage,
    TaskState,
)
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
        oversight.advance(outbreak=outbreak, now=NOW + 9 * DAY)
        assert Finding.objects.count() == 1
        supervisor = factories.account(role=Role.SUPERVISOR)
        findings.dismiss(finding=Finding.objects.get(), reason="系统录入延迟", by=supervisor, now=NOW + 9 * DAY)
        assert oversight.advance(outbreak=outbreak, now=NOW + 9 * DAY) == 1

    def test_touches_no_other_outbreak(self, outbreak, noise):
        for _ in range(10):
            task(outbreak, "410102", due=4)
        assert oversight.advance(outbreak=noise, now=NOW + DAY) == 0


CITY = ("130102", "130104", "130109", "130121")


class TestSeveralAreas:
    """What falls behind in several areas with one measure is one finding of the area above."""

    def behind(self, outbreak, *areas, times=10):
        for code in areas:
            for _ in range(times):
                task(outbreak, code, due=4)

    def shown(self):
        found = Finding.objects.exclude(state=FindingState.DISMISSED).order_by("area_code")
        return [(one.area_code, one.evidence["n_areas"]) for one in found]

    def test_are_one_finding_of_their_city(self, outbreak):
        self.behind(outbreak, *CITY[:3], "130581")
        assert oversight.advance(outbreak=outbreak, now=NOW + DAY) == 2
        assert self.shown() == [("1301", 3), ("130581", 1)]
        made = Finding.objects.get(area_code="1301")
        assert (made.evidence["clocks"], made.evidence["kept"], made.evidence["late_now"]) == (30, 0, 30)
        assert made.evidence["areas"] == list(CITY[:3])

    def test_two_are_two(self, outbreak):
        self.behind(outbreak, *CITY[:2])
        oversight.advance(outbreak=outbreak, now=NOW + DAY)
        assert self.shown() == [("130102", 1), ("130104", 1)]

    def test_three_cities_are_one_finding_of_the_province(self, outbreak):
        for city in ("1301", "1305", "1310"):
            self.behind(outbreak, *(f"{city}{one}" for one in ("02", "23", "81")))
        assert oversight.advance(outbreak=outbreak, now=NOW + DAY) == 1
        assert self.shown() == [("13", 9)]

    def test_take_the_place_of_proposals_that_wait_and_of_no_others(self, outbreak):
        self.behind(outbreak, *CITY[:3])
        first = NOW + DAY
        self.with_gather(outbreak, first, area=CITY[0], confirmed=False)
        assert self.shown() == [("1301", 3)]
        joined = Finding.objects.get(area_code=CITY[0])
        assert joined.acts.last().note == f"→ {Finding.objects.get(area_code='1301').number}"

    def test_leave_alone_what_a_supervisor_took_up(self, outbreak):
        self.behind(outbreak, *CITY[:3])
        self.with_gather(outbreak, NOW + DAY, area=CITY[0], confirmed=True)
        assert self.shown() == [(one, 1) for one in CITY[:3]]

    def with_gather(self, outbreak, now, *, area, confirmed):
        """Let one area fall behind first, then all."""
        others = Task.objects.exclude(area_code=area)
        others.update(due_at=None)
        oversight.advance(outbreak=outbreak, now=now)
        found = Finding.objects.get()
        if confirmed:
            supervisor = factories.account(role=Role.SUPERVISOR)
            findings.confirm(finding=found, note="", by=supervisor, now=now)
        others.update(due_at=NOW + timedelta(hours=4))
        oversight.advance(outbreak=outbreak, now=now)

    def test_are_followed_while_the_proposal_waits(self, outbreak):
        self.behind(outbreak, *CITY[:3])
        oversight.advance(outbreak=outbreak, now=NOW + DAY)
        self.behind(outbreak, CITY[3])
        assert oversight.advance(outbreak=outbreak, now=NOW + 2 * DAY) == 1
        assert self.shown() == [("1301", 4)]
        assert oversight.advance(outbreak=outbreak, now=NOW + 2 * DAY) == 0
        made = Finding.objects.get()
        assert findings.evidence_at(made, NOW + DAY)["n_areas"] == 3
        assert findings.evidence_at(made, NOW + 3 * DAY)["n_areas"] == 4

    def test_say_when_none_is_behind_any_more(self, outbreak):
        self.behind(outbreak, *CITY[:3])
        oversight.advance(outbreak=outbreak, now=NOW + DAY)
        Task.objects.update(done_at=NOW + timedelta(hours=1), state=TaskState.DONE)
        oversight.advance(outbreak=outbreak, now=NOW + 9 * DAY)
        assert self.shown() == [("1301", 0)]
        assert Finding.objects.get().evidence["proposed"]["n_areas"] == 3

    def test_are_not_proposed_one_by_one_after_the_whole_was_dismissed(self, outbreak):
        self.behind(outbreak, *CITY[:3])
        oversight.advance(outbreak=outbreak, now=NOW + DAY)
        supervisor = factories.account(role=Role.SUPERVISOR)
        findings.dismiss(finding=Finding.objects.get(), reason="系统录入延迟", by=supervisor, now=NOW + DAY)
        assert oversight.advance(outbreak=outbreak, now=NOW + DAY) == 0


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

    def test_is_proposed_for_what_a_resident_led_to_in_routine_times(self, outbreak):
        """Then a finding belongs to no outbreak, and no outbreak's turn would ever come to it."""
        found = Finding.objects.create(
            number="DC1", area_code="130109", stage=Stage.SIGNALS, severity=Gravity.MINOR, what="未登记",
            source=FindingSource.COMPLAINT, state=FindingState.CLOSED, found_at=NOW - DAY, closed_at=NOW,
            source_key="f:1",
        )  # fmt: skip
        told = Complaint.objects.create(
            number="JB1", kind=ComplaintKind.LEAD, channel=ComplaintChannel.PHONE, area_code="130109", finding=found,
            received_at=NOW - 2 * DAY, due_at=NOW + DAY, source_key="c:1",
        )  # fmt: skip
        oversight.advance_standing(now=NOW)
        oversight.advance_standing(now=NOW)
        made = Reward.objects.get()
        assert (made.complaint, made.evidence) == (told, {"finding": "DC1"})

    def test_is_not_proposed_while_nobody_became_a_case(self, outbreak):
        self.lead(outbreak, factories.person())
        assert oversight.advance(outbreak=outbreak, now=NOW) == 0
