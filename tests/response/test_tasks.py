"""Tasks are asked for by rule, grouped so that nobody drowns, and closed when the fact arrives."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from sizao.records import access
from sizao.records.models import (
    CaseChange,
    Contact,
    DailyReport,
    Event,
    IsolationOrder,
    Signal,
    Task,
    UnmatchedPlace,
    Zone,
)
from sizao.response import outbreaks, tasks, tracing
from sizao.terms import (
    TASK_MOVES,
    AreaLevel,
    CaseStatus,
    ContactKind,
    ContactState,
    OrderKind,
    OrderState,
    OutbreakKind,
    PlaceKind,
    Role,
    SignalKind,
    SignalState,
    TaskEnd,
    TaskKind,
    TaskState,
    ZoneLevel,
    ZoneState,
)
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 2, 4, 0, tzinfo=UTC)  # noon of the outbreak's first day
COUNTY = "130109"
UNSET_HOURS = "zones.strict_first_round_hours"  # edition 7 leaves it open


def hours_later(hours):
    return NOW + timedelta(hours=hours)


class TestCaseClocks:
    def test_run_from_the_opening_of_the_case(self, outbreak):
        case = factories.case(within=outbreak, status=CaseStatus.POSITIVE, opened_at=NOW)
        tasks.advance(outbreak=outbreak, now=hours_later(1))
        due = {task.kind: task.due_at - case.opened_at for task in Task.objects.all()}
        assert due == {
            "first_information": timedelta(hours=2),
            "core_information": timedelta(hours=4),
            "full_report": timedelta(hours=24),
        }

    def test_keep_their_sum_in_the_time_of_the_place(self, outbreak):
        factories.case(within=outbreak, opened_at=NOW)
        tasks.advance(outbreak=outbreak, now=NOW)
        kept = Task.objects.get(kind=TaskKind.FULL_REPORT).basis[0]
        assert (kept["key"], kept["edition"]) == ("investigation.full_report_hours", "edition-7")
        assert kept["sum"]["start"] == "2021-01-02T12:00:00+08:00"

    def test_are_asked_of_the_investigators_of_the_county(self, outbreak):
        case = factories.case(within=outbreak, opened_at=NOW)
        tasks.advance(outbreak=outbreak, now=NOW)
        asked = set(Task.objects.values_list("role", "area_code", "subject_label"))
        assert asked == {(Role.INVESTIGATOR, COUNTY, case.number)}

    def test_stop_when_the_fact_arrives(self, outbreak):
        case = factories.case(within=outbreak, status=CaseStatus.POSITIVE, opened_at=NOW)
        tasks.advance(outbreak=outbreak, now=NOW)
        assert states() == {"first_information": "done", "core_information": "open", "full_report": "open"}
        CaseChange.objects.create(
            case=case, status=CaseStatus.CONFIRMED, at=hours_later(3), by="sizao", source_key="change"
        )
        case.investigated_at = hours_later(20)
        case.save()
        tasks.advance(outbreak=outbreak, now=hours_later(30))
        done = dict(Task.objects.values_list("kind", "done_at"))
        assert done == {
            "first_information": NOW, "core_information": hours_later(3), "full_report": hours_later(20),
        }  # fmt: skip

    def test_first_information_waits_for_the_county(self, outbreak):
        factories.case(of=factories.person(area_code="1301"), within=outbreak, opened_at=NOW)
        tasks.advance(outbreak=outbreak, now=NOW)
        assert states()["first_information"] == "open"

    def test_a_discarded_case_needs_nothing_more(self, outbreak):
        case = factories.case(within=outbreak, status=CaseStatus.POSITIVE, opened_at=NOW)
        tasks.advance(outbreak=outbreak, now=NOW)
        case.status = CaseStatus.DISCARDED
        case.save()
        tasks.advance(outbreak=outbreak, now=hours_later(1))
        assert states() == {"first_information": "done", "core_information": "cancelled", "full_report": "cancelled"}

    def test_are_not_asked_where_the_edition_investigates_no_single_case(self):
        later = factories.outbreak(first_date=date(2023, 3, 1))
        march = datetime(2023, 3, 2, tzinfo=UTC)
        factories.case(within=later, opened_at=march)
        tasks.advance(outbreak=later, now=march)
        assert not Task.objects.filter(subject_kind="case").exists()

    def test_have_none_where_the_edition_sets_none(self, outbreak, monkeypatch):
        clocks = {TaskKind.FULL_REPORT: UNSET_HOURS}
        monkeypatch.setattr("sizao.response.tasks.about_cases.CLOCKS", clocks)
        factories.case(within=outbreak, opened_at=NOW)
        tasks.advance(outbreak=outbreak, now=NOW)
        assert Task.objects.get().due_at is None


class TestConfirmation:
    """A real outbreak: what rests on memory or local practice decides nothing until somebody answers for it."""

    def test_is_asked_of_the_commander_once_with_all_that_waits(self, real):
        factories.case(within=real, opened_at=NOW)
        assert tasks.advance(outbreak=real, now=NOW) > 0
        task = Task.objects.get(kind=TaskKind.CONFIRM_VALUES)
        keys = {one["key"] for one in task.basis}
        assert (task.role, task.area_code, task.subject_label) == (Role.COMMANDER, "13", f"edition-7 × {len(keys)}")
        assert {"contacts.close.central_days", "zones.on_new_case", "report.daily_zero_report"} <= keys
        assert tasks.advance(outbreak=real, now=NOW) == 0

    def test_clocks_wait_for_it_but_the_asking_does_not(self, real):
        factories.case(within=real, opened_at=NOW)
        tasks.advance(outbreak=real, now=NOW)
        task = Task.objects.get(kind=TaskKind.FULL_REPORT)
        assert (task.due_at, task.basis[0]["gives"]) == (None, "awaits_confirmation")

    def test_closes_when_all_is_confirmed_and_clocks_run_from_then(self, real, areas):
        tasks.advance(outbreak=real, now=NOW)
        commander = factories.account(role=Role.COMMANDER)
        for value in outbreaks.rules_at(real, NOW).unconfirmed():
            outbreaks.confirm_value(value=value, note="文件号", by=commander, now=NOW)
        factories.case(within=real, opened_at=NOW)
        tasks.advance(outbreak=real, now=hours_later(24))
        assert Task.objects.get(kind=TaskKind.CONFIRM_VALUES).outcome == TaskEnd.NOTHING_WAITS
        assert Task.objects.get(kind=TaskKind.FULL_REPORT).due_at == hours_later(24)
        assert reports().count() == 3

    def test_is_not_asked_in_a_replay(self, outbreak):
        tasks.advance(outbreak=outbreak, now=NOW)
        assert not Task.objects.filter(kind=TaskKind.CONFIRM_VALUES).exists()


class TestSignals:
    def test_somebody_verifies_each_that_no_rule_could(self, outbreak):
        signal = signal_of(outbreak)
        tasks.advance(outbreak=outbreak, now=NOW)
        task = Task.objects.get()
        assert (task.kind, task.role, task.due_at) == (TaskKind.VERIFY_SIGNAL, Role.DUTY_OFFICER, hours_later(2))
        signal.state, signal.settled_at = SignalState.VERIFIED, hours_later(1)
        signal.save()
        tasks.advance(outbreak=outbreak, now=hours_later(5))
        task.refresh_from_db()
        assert (task.state, task.done_at, task.outcome) == (TaskState.DONE, hours_later(1), TaskEnd.FACT_ARRIVED)

    def test_have_no_clock_where_the_edition_sets_none(self, outbreak, monkeypatch):
        monkeypatch.setattr("sizao.response.tasks.signals_waiting.HOURS", UNSET_HOURS)
        signal_of(outbreak)
        tasks.advance(outbreak=outbreak, now=NOW)
        task = Task.objects.get(kind=TaskKind.VERIFY_SIGNAL)
        assert (task.due_at, task.basis) == (None, [])


class TestGathered:
    def test_one_task_a_county_and_day_for_any_number_of_contacts(self, outbreak):
        factories.area(COUNTY, "藁城区")
        for _ in range(5):
            contact_of(outbreak)
        contact_of(outbreak, area_code="130581001")
        tasks.advance(outbreak=outbreak, now=hours_later(1))
        labels = dict(transfers().values_list("area_code", "subject_label"))
        assert labels == {COUNTY: "藁城区 2021-01-02 × 5", "130581": "130581 2021-01-02 × 1"}
        assert set(transfers().values_list("due_at", flat=True)) == {hours_later(12)}

    def test_the_count_follows_what_waits(self, outbreak):
        first, _ = contact_of(outbreak), contact_of(outbreak)
        tasks.advance(outbreak=outbreak, now=NOW)
        tracing.move_contact(contact=first, state=ContactState.PLACED, by=None, now=hours_later(1))
        tasks.advance(outbreak=outbreak, now=hours_later(1))
        assert transfers().get().subject_label == "130109 2021-01-02 × 1"

    def test_closes_when_nothing_of_it_waits_and_opens_anew_when_something_does(self, outbreak):
        contact = contact_of(outbreak)
        tasks.advance(outbreak=outbreak, now=NOW)
        tracing.move_contact(contact=contact, state=ContactState.PLACED, by=None, now=hours_later(1))
        tasks.advance(outbreak=outbreak, now=hours_later(1))
        assert transfers().get().outcome == TaskEnd.NOTHING_WAITS
        contact_of(outbreak, found_at=hours_later(2))
        tasks.advance(outbreak=outbreak, now=hours_later(2))
        assert list(transfers().order_by("id").values_list("state", flat=True)) == ["done", "open"]
        assert tasks.advance(outbreak=outbreak, now=hours_later(2)) == 0

    def test_secondary_contacts_and_contacts_of_the_future_do_not_count(self, outbreak):
        contact_of(outbreak, kind=ContactKind.SECONDARY)
        contact_of(outbreak, found_at=hours_later(9))
        tasks.advance(outbreak=outbreak, now=NOW)
        assert not transfers().exists()

    def test_orders_zones_and_places_wait_for_those_who_decide(self, outbreak):
        order_of(outbreak)
        zone_of(outbreak)
        UnmatchedPlace.objects.create(outbreak=outbreak, text="某饭店", kind=PlaceKind.RESTAURANT, noted_at=NOW)
        tasks.advance(outbreak=outbreak, now=NOW)
        asked = set(Task.objects.values_list("kind", "role", "area_code", "subject_kind"))
        assert asked == {
            ("sign_order", Role.ISOLATION_COORDINATOR, COUNTY, "order"),
            ("decide_zone", Role.AREA_OFFICER, COUNTY, "zone"),
            ("match_place", Role.DATA_OFFICER, "13", "place"),  # where it lies is not known
        }


class TestDailyReports:
    def test_are_asked_of_each_area_once_the_day_is_over(self, outbreak, areas):
        tasks.advance(outbreak=outbreak, now=NOW)
        assert not reports().exists()
        tasks.advance(outbreak=outbreak, now=hours_later(24))
        assert set(reports().values_list("area_code", flat=True)) == {"13", "1301", COUNTY}
        task = reports().get(area_code=COUNTY)
        assert task.subject_label == "藁城区 2021-01-02"
        assert timezone.localtime(task.due_at).isoformat() == "2021-01-04T00:00:00+08:00"

    def test_one_that_is_behind_is_asked_once_not_every_day(self, outbreak, areas):
        for day in range(1, 6):
            tasks.advance(outbreak=outbreak, now=hours_later(24 * day))
        assert reports().count() == 3

    def test_close_when_all_are_submitted_and_the_next_day_is_asked_for(self, outbreak, areas):
        tasks.advance(outbreak=outbreak, now=hours_later(48))
        submit(outbreak, date(2021, 1, 2))
        tasks.advance(outbreak=outbreak, now=hours_later(48))
        assert reports().get(area_code=COUNTY).state == TaskState.OPEN  # the 3rd is missing
        submit(outbreak, date(2021, 1, 3))
        tasks.advance(outbreak=outbreak, now=hours_later(48))
        assert reports().get(area_code=COUNTY).state == TaskState.DONE
        tasks.advance(outbreak=outbreak, now=hours_later(72))
        assert reports().filter(state=TaskState.OPEN).get(area_code=COUNTY).subject_label == "藁城区 2021-01-04"

    def test_are_not_asked_for_days_after_the_end(self, areas):
        ended = factories.outbreak(last_date=date(2021, 1, 1))
        closed = factories.outbreak(closed_at=NOW - timedelta(days=1))
        for over in (ended, closed):
            tasks.advance(outbreak=over, now=hours_later(24 * 9))
        assert not reports().exists()

    def test_have_no_clock_where_the_bulletin_has_no_day(self, outbreak, areas, monkeypatch):
        monkeypatch.setattr("sizao.response.tasks.reporting.INTERVAL", "treatment.discharge_ct_at_least")
        tasks.advance(outbreak=outbreak, now=hours_later(24))
        assert set(reports().values_list("due_at", flat=True)) == {None}

    def test_are_not_asked_where_no_zero_report_is(self, areas):
        later = factories.outbreak(first_date=date(2023, 3, 1))
        march = datetime(2023, 3, 3, tzinfo=UTC)
        tasks.advance(outbreak=later, now=march)
        asks = bool(outbreaks.rules_at(later, march).report.daily_zero_report)
        assert reports().exists() == asks


class TestAdvance:
    def test_twice_at_one_moment_changes_nothing(self, outbreak, areas, noise):
        factories.case(within=outbreak, opened_at=NOW)
        contact_of(outbreak)
        order_of(outbreak)
        signal_of(outbreak)
        assert tasks.advance(outbreak=outbreak, now=hours_later(24)) > 0
        before = list(Task.objects.order_by("id").values()), Event.objects.count()
        assert tasks.advance(outbreak=outbreak, now=hours_later(24)) == 0
        assert (list(Task.objects.order_by("id").values()), Event.objects.count()) == before


class TestWorking:
    def test_received_then_finished(self, task, investigator):
        tasks.receive(task=task, by=investigator, now=hours_later(1))
        done = tasks.finish(task=task, outcome="已上报", by=investigator, now=hours_later(2))
        assert (done.state, done.received_by, done.done_by) == ("done", investigator.username, investigator.username)
        verbs = list(Event.objects.filter(subject_kind="task").order_by("id").values_list("verb", flat=True))
        assert verbs[-2:] == ["task.received", "task.done"]

    @pytest.mark.parametrize("verb", [tasks.finish, tasks.cancel])
    def test_closing_needs_a_word(self, task, investigator, verb):
        word = {"outcome": " "} if verb is tasks.finish else {"reason": ""}
        with pytest.raises(tasks.OutcomeMissing):
            verb(task=task, by=investigator, now=NOW, **word)

    @pytest.mark.parametrize("state", [TaskState.DONE, TaskState.CANCELLED])
    def test_nothing_leaves_a_closed_state(self, task, investigator, state):
        Task.objects.filter(pk=task.pk).update(state=state)
        assert TASK_MOVES[state] == set()
        for act in (
            lambda: tasks.receive(task=task, by=investigator, now=NOW),
            lambda: tasks.finish(task=task, outcome="…", by=investigator, now=NOW),
            lambda: tasks.cancel(task=task, reason="…", by=investigator, now=NOW),
            lambda: tasks.assign(task=task, to=investigator, by=investigator, now=NOW),
        ):
            with pytest.raises(tasks.TaskCannotMove, match="nothing"):
                act()

    def test_refuses_another_role(self, task):
        reporter = factories.account(role=Role.REPORTER, area_code=COUNTY)
        with pytest.raises(tasks.NotForYourRole, match="Case investigator"):
            tasks.receive(task=task, by=reporter, now=NOW)

    def test_refuses_another_area(self, task):
        with pytest.raises(access.NotYours):
            tasks.receive(task=task, by=factories.account(role=Role.INVESTIGATOR, area_code="1305"), now=NOW)

    def test_refuses_who_works_on_no_tasks(self, task):
        with pytest.raises(access.NotAllowed):
            tasks.receive(task=task, by=factories.account(role=Role.SUPERVISOR), now=NOW)

    def test_an_assignee_of_another_role_may_take_it(self, task):
        helper = factories.account(role=Role.DATA_OFFICER, area_code=COUNTY)
        tasks.assign(task=task, to=helper, by=factories.account(role=Role.DUTY_OFFICER), now=NOW)
        assert tasks.receive(task=task, by=helper, now=NOW).state == TaskState.RECEIVED

    @pytest.mark.parametrize(("role", "area"), [(Role.SUPERVISOR, "13"), (Role.INVESTIGATOR, "1305")])
    def test_is_not_assigned_to_who_cannot_take_it(self, task, investigator, role, area):
        with pytest.raises(tasks.TheyCannotTakeIt, match=COUNTY):
            tasks.assign(task=task, to=factories.account(role=role, area_code=area), by=investigator, now=NOW)


class TestReading:
    def test_late_is_what_is_open_past_its_time(self, outbreak, task):
        assert not tasks.late_at(outbreak, task.due_at).filter(pk=task.pk).exists()
        past = task.due_at + timedelta(minutes=1)
        assert tasks.late_at(outbreak, past).filter(pk=task.pk).exists()
        Task.objects.filter(pk=task.pk).update(state="done", done_at=past + timedelta(days=1))
        # Done later than that moment: it was late then, and is not any more.
        assert tasks.late_at(outbreak, past).filter(pk=task.pk).exists()
        assert not tasks.late_at(outbreak, past + timedelta(days=2)).filter(pk=task.pk).exists()

    def test_what_waits_for_an_account_is_of_its_role_and_area_or_assigned(self, outbreak, task, investigator):
        helper = factories.account(role=Role.DATA_OFFICER, area_code=COUNTY)
        elsewhere = factories.account(role=Role.INVESTIGATOR, area_code="1305")
        assert task in tasks.waiting_for(investigator, outbreak, NOW)
        assert task not in tasks.waiting_for(elsewhere, outbreak, NOW)
        tasks.assign(task=task, to=helper, by=investigator, now=NOW)
        assert task in tasks.waiting_for(helper, outbreak, NOW)
        assert task not in tasks.waiting_for(investigator, outbreak, NOW)

    def test_tells_the_state_of_each_moment(self, task, investigator):
        tasks.receive(task=task, by=investigator, now=hours_later(1))
        task = tasks.cancel(task=task, reason="重复", by=investigator, now=hours_later(2))
        found = [tasks.state_at(task, hours_later(hour)) for hour in (-1, 0, 1, 2)]
        assert found == [None, TaskState.OPEN, TaskState.RECEIVED, TaskState.CANCELLED]

    def test_knows_what_was_asked_by_then(self, outbreak, task, noise):
        assert not tasks.known_at(outbreak, hours_later(-1)).exists()
        assert tasks.known_at(outbreak, NOW).filter(pk=task.pk).exists()


# --- Fixtures ----------------------------------------------------------------------------------


@pytest.fixture
def outbreak(db):
    return factories.outbreak()


@pytest.fixture
def real(db):
    return factories.outbreak(kind=OutbreakKind.REAL)


@pytest.fixture
def areas(db):
    factories.area("13", "河北省")
    factories.area("1301", "石家庄市")
    factories.area(COUNTY, "藁城区")
    factories.area(COUNTY + "110", "增村镇")
    factories.area("41", "河南省")
    assert AreaLevel.STREET  # the township reports to its county and has no report of its own


@pytest.fixture
def task(outbreak):
    factories.case(within=outbreak, status=CaseStatus.POSITIVE, opened_at=NOW)
    tasks.advance(outbreak=outbreak, now=NOW)
    return Task.objects.get(kind=TaskKind.FULL_REPORT)


@pytest.fixture
def investigator(db):
    return factories.account(role=Role.INVESTIGATOR, area_code="1301")


def states():
    return dict(Task.objects.filter(subject_kind="case").values_list("kind", "state"))


def transfers():
    return Task.objects.filter(kind=TaskKind.TRANSFER_CONTACT)


def reports():
    return Task.objects.filter(kind=TaskKind.DAILY_REPORT)


def contact_of(outbreak, **facts):
    person = factories.person()
    defaults = {
        "outbreak": outbreak, "person": person, "kind": ContactKind.CLOSE, "state": ContactState.FOUND,
        "area_code": person.area_code, "found_at": NOW, "source": "test", "source_key": f"contact:{person.number}",
    }  # fmt: skip
    return Contact.objects.create(**defaults | facts)


def order_of(outbreak):
    return IsolationOrder.objects.create(
        outbreak=outbreak, person=factories.person(), kind=OrderKind.CENTRAL, state=OrderState.PROPOSED,
        area_code=COUNTY, starts_date=date(2021, 1, 3), ends_date=date(2021, 1, 16), proposed_at=NOW,
        source_key="order",
    )  # fmt: skip


def zone_of(outbreak):
    return Zone.objects.create(
        outbreak=outbreak, area_code=factories.VILLAGE, name="小果庄村", unit=AreaLevel.VILLAGE,
        level=ZoneLevel.MEDIUM, state=ZoneState.PROPOSED, proposed_at=NOW, since_date=date(2021, 1, 2),
        source_key="zone",
    )  # fmt: skip


def signal_of(outbreak, **facts):
    defaults = {
        "outbreak": outbreak, "kind": SignalKind.FEVER_CLINIC, "area_code": COUNTY, "occurred_at": NOW,
        "received_at": NOW, "source": "发热门诊", "source_key": f"signal:{outbreak.pk}",
    }  # fmt: skip
    return Signal.objects.create(**defaults | facts)


def submit(outbreak, day):
    for code in ("13", "1301", COUNTY):
        DailyReport.objects.create(
            outbreak=outbreak, area_code=code, first_date=day, date=day, figures={}, is_zero=True, drafted_at=NOW,
            submitted_at=NOW, submitted_by=factories.account(), source_key=f"report:{code}:{day}",
        )  # fmt: skip
