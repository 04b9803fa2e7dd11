"""What a machine may do: send signals, work on tasks, decide orders in the name of its account."""

from datetime import date, timedelta

import pytest

from sizao.records.models import Contact, DailyReport, IsolationOrder, Person, Signal, Zone, ZoneChange
from sizao.terms import (
    AreaLevel,
    ContactKind,
    ContactState,
    OrderKind,
    OrderState,
    OutbreakKind,
    Right,
    Role,
    TaskState,
    ZoneAct,
    ZoneLevel,
    ZoneState,
)
from tests import factories
from tests.api.test_reading import task_in
from tests.factories import NOW, VILLAGE

pytestmark = pytest.mark.django_db
SEND = "outbreaks/hebei/signals"


@pytest.fixture
def lab(machine, within):
    factories.area(VILLAGE)
    return machine(Role.DATA_OFFICER, rights=[Right.SIGNAL_SEND])


def hint(**facts):
    defaults = {
        "source_key": "lab-1",
        "kind": "positive_test",
        "area_code": VILLAGE,
        "occurred_at": NOW.isoformat(),
        "source": "county hospital laboratory",
        "person": "P-9001",
    }
    return defaults | facts


class TestSendSignals:
    def test_takes_in_each_hint_once(self, lab):
        first = lab.post(SEND, {"signals": [hint(), hint(source_key="lab-2", person="P-9002")]}).json()
        again = lab.post(SEND, {"signals": [hint()]}).json()
        assert (first["new"], again["new"], again["known"]) == (2, 0, 1)
        assert again["rows"][0]["id"] == first["rows"][0]["id"]
        assert Signal.objects.count() == 2

    def test_registers_a_number_that_nobody_has(self, lab):
        lab.post(SEND, {"signals": [hint()]})
        assert Person.objects.get(number="P-9001").area_code == VILLAGE

    def test_does_not_move_a_known_person(self, lab):
        factories.person(number="P-9001", area_code="130109")
        lab.post(SEND, {"signals": [hint()]})
        assert Person.objects.get(number="P-9001").area_code == "130109"

    def test_two_senders_have_keys_of_their_own(self, lab, machine):
        lab.post(SEND, {"signals": [hint()]})
        other = machine(Role.DATA_OFFICER, rights=[Right.SIGNAL_SEND])
        assert other.post(SEND, {"signals": [hint()]}).json()["new"] == 1

    def test_a_dry_run_keeps_nothing(self, lab):
        body = lab.post(f"{SEND}?dry_run=true", {"signals": [hint()]}).json()
        assert (body["dry_run"], body["new"], body["rows"][0]["id"]) == (True, 1, None)
        assert not Signal.objects.exists()
        assert not Person.objects.filter(number="P-9001").exists()

    @pytest.mark.parametrize("dry_run", ["?dry_run=true", ""])
    def test_names_each_row_and_field_and_keeps_none(self, lab, dry_run):
        future = (NOW + timedelta(days=36500)).isoformat()
        rows = [hint(), hint(source_key="b", area_code="130581"), hint(occurred_at=future)]
        answer = lab.post(SEND + dry_run, {"signals": rows})
        errors = [(one["row"], one["field"]) for one in answer.json()["facts"]["errors"]]
        assert answer.status_code == 422
        assert errors == [(2, "area_code"), (3, "occurred_at"), (3, "source_key")]
        assert not Signal.objects.exists()

    def test_names_the_row_of_an_impossible_date(self, lab):
        rows = [hint(), hint(source_key="b", occurred_at="2021-02-30T08:00:00+08:00")]
        error = lab.post(SEND, {"signals": rows}).json()["facts"]["errors"][0]
        assert (error["row"], error["field"]) == (2, "occurred_at")

    def test_says_that_a_body_is_not_json(self, lab):
        answer = lab._client.post(f"/api/{SEND}", "not json", content_type="application/json")
        assert answer.json()["code"] == "api.unreadable"

    def test_refuses_a_token_without_that_scope(self, machine, within):
        answer = machine(rights=[Right.PERSON_LIST]).post(SEND, {"signals": [hint()]})
        assert answer.status_code == 403


class TestTheMomentOfAnAct:
    def test_is_the_day_asked_for_in_a_replay(self, machine, within):
        task = task_in(within)
        machine().post(f"tasks/{task.pk}/receive?day=2021-01-11")
        task.refresh_from_db()
        assert within.day_of(task.received_at) == date(2021, 1, 11)

    def test_is_never_chosen_where_it_acts_on_people(self, machine, within):
        within.kind = OutbreakKind.REAL
        within.save()
        task = task_in(within)
        machine().post(f"tasks/{task.pk}/receive?day=2021-01-11")
        task.refresh_from_db()
        assert within.day_of(task.received_at) > date(2021, 1, 11)


class TestSettleSignals:
    def test_verifies_and_dismisses(self, lab, machine):
        numbers = [row["id"] for row in lab.post(SEND, {"signals": [hint(), hint(source_key="b")]}).json()["rows"]]
        officer = machine(Role.DUTY_OFFICER)
        assert officer.post(f"signals/{numbers[0]}/verify").json()["state"] == "verified"
        done = officer.post(f"signals/{numbers[1]}/dismiss", {"reason": "sample mixed up"}).json()
        assert (done["state"], done["reason"]) == ("dismissed", "sample mixed up")
        assert [row["state"] for row in officer.get(SEND, state="verified").json()["rows"]] == ["verified"]

    def test_refuses_to_dismiss_without_a_reason(self, lab, machine):
        number = lab.post(SEND, {"signals": [hint()]}).json()["rows"][0]["id"]
        answer = machine(Role.DUTY_OFFICER).post(f"signals/{number}/dismiss", {"reason": " "})
        assert (answer.status_code, answer.json()["code"]) == (409, "signal.reason_missing")


class TestTasks:
    def test_are_received_and_finished(self, machine, within):
        task, mine = task_in(within), machine()
        assert mine.post(f"tasks/{task.pk}/receive").json()["state"] == "received"
        done = mine.post(f"tasks/{task.pk}/finish", {"outcome": "report sent"}).json()
        assert (done["state"], done["done_by"]) == ("done", mine.account.username)

    def test_of_a_neighbour_are_refused(self, machine, within):
        task = task_in(within)
        assert machine(area_code="130581").post(f"tasks/{task.pk}/receive").status_code == 404
        task.refresh_from_db()
        assert task.state == TaskState.OPEN


class TestOrders:
    @pytest.fixture
    def order(self, within):
        person = factories.person()
        return IsolationOrder.objects.create(
            outbreak=within, person=person, kind=OrderKind.CENTRAL, state=OrderState.PROPOSED,
            area_code=person.area_code, starts_date=date(2021, 1, 10), ends_date=date(2100, 1, 1),
            basis=[{"edition": "edition-7"}], proposed_at=NOW, source_key="order:1",
        )  # fmt: skip

    def test_are_listed_by_the_state_of_the_day(self, machine, order):
        officer = machine(Role.DUTY_OFFICER)
        assert len(officer.get("outbreaks/hebei/orders", state="proposed").json()["rows"]) == 1
        assert officer.get("outbreaks/hebei/orders", state="issued").json()["rows"] == []
        assert officer.get("outbreaks/hebei/orders", day="2021-01-09").json()["rows"] == []

    def test_are_declined_with_a_reason(self, machine, order):
        officer = machine(Role.DUTY_OFFICER)
        done = officer.post(f"orders/{order.pk}/decline", {"reason": "no exposure"})
        assert done.json()["state"] == "declined"

    def test_reading_one_shows_the_basis(self, machine, order):
        body = machine(Role.DUTY_OFFICER).get(f"orders/{order.pk}").json()
        assert body["basis"] == [{"edition": "edition-7"}]

    def test_are_not_issued_by_who_does_not_hold_the_right(self, machine, order):
        assert machine(Role.INVESTIGATOR).post(f"orders/{order.pk}/issue").status_code == 403

    def test_are_issued_in_the_name_of_the_account(self, machine, order, in_january):
        order.contact = Contact.objects.create(
            outbreak=order.outbreak, person=order.person, kind=ContactKind.CLOSE, state=ContactState.FOUND,
            index_case=factories.case(within=order.outbreak), area_code=order.area_code, found_at=NOW,
            source="named", source_key="contact:1",
        )  # fmt: skip
        order.save()
        officer = machine(Role.DUTY_OFFICER)
        done = officer.post(f"orders/{order.pk}/issue").json()
        assert (done.get("state"), done.get("decided_by")) == ("issued", officer.account.username), done


@pytest.mark.usefixtures("in_january")
class TestZones:
    @pytest.fixture
    def zone(self, within):
        zone = Zone.objects.create(
            outbreak=within, area_code=VILLAGE, name="小果庄村", unit=AreaLevel.VILLAGE, level=ZoneLevel.MEDIUM,
            state=ZoneState.PROPOSED, proposed_at=NOW, since_date=NOW.date(), source_key="zone:1",
            legal_basis="《传染病防治法》第四十二条", expected_until=date(2021, 1, 24),
        )  # fmt: skip
        ZoneChange.objects.create(
            zone=zone, act=ZoneAct.PROPOSED, level=zone.level, at=NOW, by="sizao", source_key="zone:1:proposed"
        )
        return zone

    def test_are_approved_and_published(self, machine, zone):
        body = machine(Role.AREA_OFFICER, area_code="13")
        assert body.post(f"zones/{zone.pk}/approve").json()["zone"]["state"] == "approved"
        Zone.objects.update(expected_until=None)
        assert body.post(f"zones/{zone.pk}/publish").json()["code"] == "zone.duration_missing"
        Zone.objects.update(expected_until=date(2021, 1, 24))
        done = body.post(f"zones/{zone.pk}/publish").json()
        assert [one["act"] for one in done["history"]] == ["proposed", "approved", "published"]

    def test_are_listed_as_they_stood(self, machine, zone):
        reader = machine(Role.AREA_OFFICER)
        assert [one["state"] for one in reader.get("outbreaks/hebei/zones").json()] == ["proposed"]
        assert reader.get("outbreaks/hebei/zones", day="2021-01-09").json() == []
        assert reader.get("outbreaks/hebei/official-areas").json() == []

    def test_are_declined_with_a_reason_only(self, machine, zone):
        body = machine(Role.AREA_OFFICER, area_code="13")
        assert body.post(f"zones/{zone.pk}/decline", {"reason": ""}).json()["code"] == "zone.reason_missing"
        assert body.post(f"zones/{zone.pk}/decline", {"reason": "one case"}).json()["zone"]["state"] == "declined"

    def test_are_lifted_before_their_day_with_a_reason_only(self, machine, zone):
        zone.state, zone.may_lift_date = ZoneState.PUBLISHED, date(2021, 1, 20)
        zone.save()
        body = machine(Role.AREA_OFFICER, area_code="13")
        assert body.post(f"zones/{zone.pk}/lift", {}).json()["code"] == "zone.lifted_too_early"
        done = body.post(f"zones/{zone.pk}/lift", {"reason": "listed by mistake"}).json()
        assert done["zone"]["state"] == "lifted"

    def test_of_a_neighbour_are_not_found(self, machine, zone):
        assert machine(Role.AREA_OFFICER, area_code="130581").get(f"zones/{zone.pk}").status_code == 404


class TestReports:
    @pytest.fixture
    def report(self, within):
        return DailyReport.objects.create(
            outbreak=within, area_code="130109", first_date=date(2021, 1, 9), date=date(2021, 1, 9),
            figures={"new_confirmed": 0, "died": None}, is_zero=True, drafted_at=NOW, source_key="report:1",
        )  # fmt: skip

    def test_are_read_and_submitted_once(self, machine, report):
        reporter = machine(Role.REPORTER)
        assert reporter.get("outbreaks/hebei/daily-reports").json()[0]["figures"] == {"new_confirmed": 0, "died": None}
        done = reporter.post(f"daily-reports/{report.pk}/submit").json()
        assert done["submitted_by"] == reporter.account.username
        assert reporter.post(f"daily-reports/{report.pk}/submit").json()["code"] == "report.already_submitted"

    def test_name_the_days_that_a_data_value_set_leaves_out(self, machine, report, settings, tmp_path):
        mapping = tmp_path / "dhis2.toml"
        mapping.write_text(
            'data_set = "DsDailyCov1"\n[data_elements]\nnew_confirmed = "De000000001"\n[org_units]\n'
            f'{report.area_code} = "Ou000000001"\n'
        )
        settings.DHIS2_MAPPING = str(mapping)
        DailyReport.objects.filter(pk=report.pk).update(first_date=date(2021, 1, 7))
        reporter = machine(Role.REPORTER)
        reporter.post(f"daily-reports/{report.pk}/submit")
        answer = reporter.get("outbreaks/hebei/data-value-set", on=report.date.isoformat())
        assert answer.json()["dataValues"] == []
        assert answer.headers["Left-Out"] == "1: 130109 2021-01-07/2021-01-09"
