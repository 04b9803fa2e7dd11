"""Findings: four who answer, a clock, evidence, and another person who looks again."""

from datetime import timedelta

import pytest

from sizao.adapters.photographs import Photograph
from sizao.records.access import NotAllowed, NotYours
from sizao.records.models import Event, Finding, FindingPhoto, Task
from sizao.response import tasks
from sizao.response.oversight import findings, rewards
from sizao.response.oversight.findings import Answering, Seen
from sizao.terms import FINDING_MOVES, FindingSource, FindingState, Gravity, RewardState, Role, Stage, TaskKind
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
COUNTY = "130109"
FOUR = {"territory": "藁城区", "department": "卫生健康局", "unit": "某隔离点", "individual": "张三"}
HOUR = timedelta(hours=1)


class World:
    def __init__(self):
        factories.area("13", "河北")
        factories.area(COUNTY, "藁城区")
        self.finder = factories.account(role=Role.SUPERVISOR, area_code="1301")
        self.other = factories.account(role=Role.SUPERVISOR, area_code="13")
        self.mender = factories.account(role=Role.ISOLATION_COORDINATOR, area_code=COUNTY)
        self.commander = factories.account(role=Role.COMMANDER, area_code=COUNTY)

    def found(self, *, item="isolation-site:waste", now=NOW, **facts) -> Finding:
        seen = Seen("医疗废物未日产日清", COUNTY, Stage.ISOLATION, Gravity.MAJOR, item=item)
        return findings.record(
            seen=seen, answering=Answering(**{**FOUR, **facts}), source=FindingSource.FIELD, by=self.finder, now=now
        )

    def notified(self, now=NOW, **facts) -> Finding:
        answering = Answering(**FOUR, account=self.mender)
        return findings.notify(finding=self.found(now=now, **facts), answering=answering, by=self.finder, now=now)

    def mended(self, finding, now=NOW + HOUR, by=None) -> Finding:
        return findings.mend(finding=finding, what="已清运并补签记录", signed_as="李四", by=by or self.mender, now=now)

    def looked(self, finding, *, is_mended, by=None, now=NOW + 2 * HOUR) -> Finding:
        return findings.look_again(
            finding=finding, is_mended=is_mended, note="现场复查", signed_as="王五", by=by or self.other, now=now
        )


@pytest.fixture
def world(noise):
    return World()


class TestAFinding:
    def test_goes_from_recorded_to_closed(self, world):
        found = world.looked(world.mended(world.notified()), is_mended=True)
        assert (found.state, found.closed_by, found.closed_at) == (FindingState.CLOSED, world.other, NOW + 2 * HOUR)
        assert [one.state for one in findings.acts_of(found, NOW + 3 * HOUR)] == [
            "recorded", "notified", "mended", "closed",
        ]  # fmt: skip
        verbs = Event.objects.filter(subject_kind="finding", subject_id=found.pk).order_by("id")
        assert [one.verb.partition(".")[2] for one in verbs] == ["recorded", "notified", "mended", "closed"]

    def test_bears_the_clock_of_its_gravity_from_notification_on(self, world):
        found = world.notified()
        assert found.due_at == NOW + timedelta(hours=72)
        assert found.basis[0]["key"] == "oversight.major_mend_hours"

    def test_recorded_twice_under_one_key_is_one(self, world):
        seen = Seen("…", COUNTY, Stage.ISOLATION, Gravity.MINOR)
        known = {"seen": seen, "answering": Answering(), "source": FindingSource.FIELD, "by": world.finder}
        first = findings.record(**known, now=NOW, source_key="phone-1")
        assert findings.record(**known, now=NOW + HOUR, source_key="phone-1") == first
        assert Finding.objects.count() == 1

    def test_returned_gets_its_clock_anew_and_is_mended_again(self, world):
        found = world.looked(world.mended(world.notified()), is_mended=False)
        assert (found.state, found.returns, found.mended_at) == (FindingState.RETURNED, 1, None)
        assert found.due_at == NOW + 2 * HOUR + timedelta(hours=72)
        again = world.looked(world.mended(found, NOW + 3 * HOUR), is_mended=True, now=NOW + 4 * HOUR)
        assert again.state == FindingState.CLOSED

    def test_shows_a_past_moment_as_it_stood(self, world):
        found = world.looked(world.mended(world.notified()), is_mended=True)
        states = [findings.known_at("13", NOW + n * HOUR).get(pk=found.pk).stood for n in range(3)]
        assert states == ["notified", "mended", "closed"]
        assert not findings.known_at("13", NOW - HOUR).exists()

    def test_is_late_after_its_time(self, world):
        found = world.notified()
        assert not findings.late_at("13", found.due_at).exists()
        assert list(findings.late_at("13", found.due_at + HOUR)) == [found]

    def test_recognises_what_was_found_before(self, world):
        first = world.found()
        again = world.found(now=NOW + HOUR)
        elsewhere = world.found(now=NOW + HOUR, unit="另一隔离点")
        other = world.found(item="isolation-site:care", now=NOW + HOUR)
        assert again.repeats == first
        assert elsewhere.repeats is None
        assert other.repeats is None
        assert list(findings.repeated("13", NOW + 2 * HOUR)) == [again]

    def test_keeps_photographs_with_the_act(self, world):
        found = world.notified()
        findings.mend(
            finding=found, what="…", signed_as="李四", by=world.mender, now=NOW, photos=[Photograph(b"x", "image/png")]
        )
        held = FindingPhoto.objects.get()
        assert held.act.state == FindingState.MENDED
        assert findings.photo(held.pk, by=world.finder) == held
        with pytest.raises(NotYours):
            findings.photo(held.pk, by=factories.account(role=Role.SUPERVISOR, area_code="41"))


class TestRefusals:
    def test_whoever_found_it_does_not_mend_it(self, world):
        found = world.found()
        Finding.objects.filter(pk=found.pk).update(state=FindingState.NOTIFIED, found_by=world.commander)
        with pytest.raises(findings.MendedByFinder):
            world.mended(found, by=world.commander)

    def test_whoever_mended_it_does_not_look_again(self, world):
        found = world.mended(world.notified())
        found.acts.filter(state=FindingState.MENDED).update(by=world.other.username)
        with pytest.raises(findings.LookedAtByMender):
            world.looked(found, is_mended=True)

    def test_somebody_else_does_not_mend_for_who_was_asked(self, world):
        stranger = factories.account(role=Role.DUTY_OFFICER, area_code=COUNTY)
        with pytest.raises(findings.MendedByAnother):
            world.mended(world.notified(), by=stranger)

    @pytest.mark.parametrize("lacking", FOUR)
    def test_each_of_the_four_is_named_before_it_is_notified(self, world, lacking):
        found = world.found(**{lacking: ""})
        with pytest.raises(findings.NobodyAnswers) as refused:
            findings.notify(finding=found, answering=Answering(), by=world.finder, now=NOW)
        assert refused.value.facts == {"missing": lacking}

    def test_only_an_account_there_is_asked_to_mend(self, world):
        far = factories.account(role=Role.ISOLATION_COORDINATOR, area_code="41")
        with pytest.raises(findings.CannotMend):
            findings.notify(finding=world.found(), answering=Answering(account=far), by=world.finder, now=NOW)

    def test_evidence_is_signed(self, world):
        with pytest.raises(findings.NoSignature):
            findings.mend(finding=world.notified(), what="…", signed_as=" ", by=world.mender, now=NOW)

    def test_another_area_is_out_of_reach(self, world):
        far = factories.account(role=Role.SUPERVISOR, area_code="1305")
        with pytest.raises(NotYours):
            findings.notify(finding=world.found(), answering=Answering(**FOUR), by=far, now=NOW)

    def test_a_role_without_the_right_records_nothing(self, world):
        seen = Seen("…", COUNTY, Stage.ISOLATION, Gravity.MINOR)
        with pytest.raises(NotAllowed):
            findings.record(
                seen=seen, answering=Answering(), source=FindingSource.DESK, by=world.commander, now=NOW
            )  # fmt: skip

    @pytest.mark.parametrize("state", FindingState)
    def test_no_act_leaves_the_table_of_moves(self, world, state):
        found = world.found()
        Finding.objects.filter(pk=found.pk).update(
            state=state, notified_at=NOW, notified_by=world.finder, due_at=NOW, answerable=world.mender
        )
        acts = {
            FindingState.RECORDED: lambda: findings.confirm(finding=found, note="", by=world.other, now=NOW),
            FindingState.DISMISSED: lambda: findings.dismiss(finding=found, reason="…", by=world.other, now=NOW),
            FindingState.NOTIFIED: lambda: findings.notify(
                finding=found, answering=Answering(**FOUR), by=world.other, now=NOW
            ),
            FindingState.MENDED: lambda: world.mended(found),
            FindingState.CLOSED: lambda: world.looked(found, is_mended=True),
            FindingState.RETURNED: lambda: world.looked(found, is_mended=False),
        }
        for target, act in acts.items():
            if target not in FINDING_MOVES[state]:
                with pytest.raises(findings.FindingCannotMove):
                    act()


class TestTheTask:
    def test_asks_the_mender_and_closes_when_it_is_mended(self, world):
        found = world.notified()
        tasks.advance_standing(now=NOW)
        tasks.advance_standing(now=NOW)
        asked = Task.objects.get(kind=TaskKind.MEND_FINDING)
        assert (asked.assigned_to, asked.due_at, asked.subject_id) == (world.mender, found.due_at, found.pk)
        world.mended(found)
        tasks.advance_standing(now=NOW + HOUR)
        asked.refresh_from_db()
        assert asked.state == "done"

    def test_asks_anew_when_it_is_returned(self, world):
        found = world.looked(world.mended(world.notified()), is_mended=False)
        tasks.advance_standing(now=NOW + 3 * HOUR)
        assert Task.objects.get(kind=TaskKind.MEND_FINDING).due_at == found.due_at


class TestAReward:
    def test_is_decided_once_with_a_reason_and_an_amount(self, world):
        from sizao.records.models import Reward

        made = Reward.objects.create(number="XS1", area_code=COUNTY, proposed_at=NOW, source_key="reward:1")
        known = {"reward": made, "by": world.finder, "now": NOW}
        with pytest.raises(rewards.RewardWithoutReason):
            rewards.decide(state=RewardState.GRANTED, yuan=500, reason="", **known)
        for yuan in (None, 0, -1, rewards.MOST_YUAN + 1):
            with pytest.raises(rewards.RewardWithoutAmount):
                rewards.decide(state=RewardState.GRANTED, yuan=yuan, reason="…", **known)
        granted = rewards.decide(state=RewardState.GRANTED, yuan=500, reason="线索属实", **known)
        assert (granted.yuan, granted.decided_by) == (500, world.finder)
        with pytest.raises(rewards.RewardCannotMove):
            rewards.decide(state=RewardState.DECLINED, yuan=None, reason="…", **known)
