"""A machine sends presences, asks who was there, names people, and tells residents who looked."""

import io
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sizao.records.models import Event, Person, PresenceBatch, Trace
from sizao.terms import CaseStatus, Role
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_january")]
PRESENCES, TRACES = "outbreaks/hebei/presences", "outbreaks/hebei/traces"


def presence(number, place="shop", start="2021-01-09T10:00:00+08:00", end="2021-01-09T11:00:00+08:00", **facts):
    return {"number": number, "place": place, "start": start, "end": end} | facts


def batch(*rows, key="one"):
    return {"source_key": key, "source": "venues", "presences": list(rows)}


class TestPresences:
    def test_are_taken_once(self, sender):
        sent = batch(presence("P-1"), presence("P-2", end=None), presence(None))
        first, again = sender.post(PRESENCES, sent), sender.post(PRESENCES, sent)
        told = first.json()
        assert (told["rows_taken"], told["rows_refused"]) == (2, 1)
        assert (told["refused"], told["first_rows"]) == ({"nobody named": 1}, {"nobody named": 3})
        assert told["told"]["imputed"] == 1
        assert again.json() == told
        assert PresenceBatch.objects.get().by == sender.account.username

    def test_of_two_senders_do_not_share_a_key(self, sender, machine):
        other = machine(Role.DATA_OFFICER)
        for one in (sender, other):
            assert one.post(PRESENCES, batch(presence(one.account.username))).json()["rows_taken"] == 1

    def test_of_one_key_that_say_something_else_are_refused(self, sender):
        sender.post(PRESENCES, batch(presence("P-1")))
        answer = sender.post(PRESENCES, batch(presence("P-2")))
        assert (answer.status_code, answer.json()["code"]) == (409, "presences.batch_differs")

    @pytest.mark.parametrize(
        ("row", "field"),
        [
            (presence("P", place=""), "place"),
            (presence("P", start="today"), "start"),
            (presence("P", start="2021-01-09T10:00:00"), "start"),  # no zone
            (presence("P", layer="balcony"), "layer"),
            (presence("P" * 41), "number"),
        ],
    )
    def test_that_cannot_be_read_are_refused_whole(self, sender, row, field):
        answer = sender.post(PRESENCES, batch(presence("P-1"), row))
        assert (answer.status_code, answer.json()["code"]) == (422, "api.unreadable")
        assert (answer.json()["facts"]["errors"][0]["row"], answer.json()["facts"]["errors"][0]["field"]) == (2, field)
        assert not PresenceBatch.objects.exists()

    def test_are_for_data_officers(self, machine):
        answer = machine(Role.INVESTIGATOR).post(PRESENCES, batch(presence("P-1")))
        assert (answer.status_code, answer.json()["code"]) == (403, "access.not_allowed")

    def test_come_as_parquet_too(self, sender):
        moment = datetime(2021, 1, 9, 2, 0, tzinfo=UTC)
        rows = pa.table({"id_number": ["13010919800101001X"], "place": ["shop"], "start": [moment], "end": [None]})
        sink = io.BytesIO()
        pq.write_table(rows, sink)
        told = parquet(sender, sink.getvalue()).json()
        assert (told["rows_taken"], told["told"]["imputed"]) == (1, 1)
        assert PresenceBatch.objects.get().earliest_at == moment

    @pytest.mark.parametrize("body", [b"", b"PAR1 not really", b'{"presences": []}'])
    def test_that_are_no_parquet_are_refused(self, sender, body):
        answer = parquet(sender, body)
        assert (answer.status_code, answer.json()["code"]) == (422, "presences.unreadable")

    def test_that_are_too_many_bytes_are_refused(self, sender):
        answer = parquet(sender, b"0" * 2_700_000)
        assert answer.status_code == 413


class TestTraces:
    def test_are_asked_and_answered_at_once(self, sender, asked):
        told = asked.json()
        assert (told["number"], told["case"], told["found"], told["known"]) == ("T0001", "C-1", 2, 1)
        assert (told["state"], told["asked_by"]) == ("standing", sender.account.username)
        assert [one["cause"] for one in told["answers"]] == ["asked"]

    def test_give_whom_they_found_through_the_mask(self, sender, asked):
        told = sender.get(f"traces/{asked.json()['id']}/matches").json()
        assert [(row["rank"], row["minutes"], row["tier"]) for row in told["rows"]] == [
            (1, 60.0, "same"), (2, 20.0, "same"),
        ]  # fmt: skip
        known = told["rows"][0]
        assert (known["who"]["number"], known["who"]["masked"], known["who"]["name"]) == ("P-FAR", True, "欧***")
        assert told["rows"][1]["who"] is None
        assert "token" not in str(told)

    def test_give_nobody_of_another_layer(self, sender, asked):
        assert sender.get(f"traces/{asked.json()['id']}/matches", layer="cell").json()["rows"] == []

    def test_tell_seats_with_their_why(self, sender, asked):
        ride = {"place": "coach", "vehicle_kind": "coach_aired", "carriage": "1"}
        seats = {"P-CASE": 5, "P-9": 7, "P-8": 30}
        sent = batch(*(presence(number, **ride, row=row) for number, row in seats.items()), key="tickets")
        assert sender.post(PRESENCES, sent).json()["told"]["seats"] == 3
        told = sender.post(TRACES, question() | {"question": "seats", "vehicle": "coach"}).json()
        assert (told["found"], told["vehicle"]) == (2, "coach")
        assert {"seating": "near", "people": 1} in told["seatings"]
        (row,) = sender.get(f"traces/{told['id']}/matches", layer="vehicle", seating="near").json()["rows"]
        (ridden,) = row["rides"]
        assert (row["seating"], ridden["seat"]["row"], ridden["rows_behind"], ridden["reach"]) == ("near", 7, 2, "rows")

    def test_stand_in_a_list(self, sender, asked):
        told = sender.get(TRACES).json()
        assert [(row["number"], row["found"]) for row in told["rows"]] == [("T0001", 2)]
        assert told["next"] is None

    def test_are_as_they_were_at_the_moment_asked_for(self, sender, asked):
        assert sender.get(TRACES, day="2021-01-09").json()["rows"] == []
        answer = sender.get(f"traces/{asked.json()['id']}", day="2021-01-09")
        assert (answer.status_code, answer.json()["code"]) == (404, "trace.not_known_yet.not_found")

    def test_are_closed_once(self, sender, asked):
        path = f"traces/{asked.json()['id']}/close"
        assert sender.post(path, {"reason": "done"}).json()["state"] == "closed"
        assert sender.post(path, {}).json()["code"] == "trace.closed"

    @pytest.mark.parametrize(
        ("change", "status", "code"),
        [
            ({"cases": ["C-NOBODY"]}, 404, "access.not_found"),
            ({"reason": " "}, 409, "trace.reason_missing"),
            ({"reason": ""}, 422, "api.unreadable"),
            ({"purpose": "curiosity"}, 422, "api.unreadable"),
            ({"cases": []}, 422, "api.unreadable"),
            ({"least_minutes": 0}, 422, "api.unreadable"),
            ({"question": "who?"}, 422, "api.unreadable"),
            ({"question": "second_ring", "purpose": "find_source"}, 409, "trace.purpose_unfit"),
            ({"question": "second_ring", "cases": ["C-1", "C-1"]}, 422, "traces.one_case.unreadable"),
        ],
    )
    def test_are_refused(self, sender, case, change, status, code):
        sender.post(PRESENCES, batch(presence("P-1")))
        answer = sender.post(TRACES, question() | change)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert not Trace.objects.exists()

    def test_are_not_asked_by_those_who_only_look(self, machine, case):
        answer = machine(Role.DUTY_OFFICER).post(TRACES, question())
        assert answer.json()["code"] == "access.not_allowed"

    def test_of_another_county_do_not_exist(self, machine, asked):
        stranger = machine(Role.DATA_OFFICER, "130581")
        assert stranger.get(f"traces/{asked.json()['id']}").status_code == 404
        assert stranger.get(TRACES).json()["rows"] == []

    def test_about_several_cases_rank_what_they_shared(self, sender, case, within):
        other = factories.person(number="P-OTHER")
        factories.case(of=other, within=within, number="C-2", onset_date=date(2021, 1, 8))
        rows = [presence(who, "hall", "2021-01-05T10:00:00+08:00", "2021-01-05T12:00:00+08:00")
                for who in ("P-CASE", "P-OTHER")]  # fmt: skip
        sender.post(PRESENCES, batch(*rows))
        told = sender.post(TRACES, question() | {"cases": ["C-1", "C-2"], "purpose": "find_source"}).json()
        assert (told["question"], told["sources"][0]["place"], told["sources"][0]["cases"]) == (
            "common_source", "hall", 2,
        )  # fmt: skip

    def test_about_contacts_of_contacts_find_who_met_one(self, sender, case):
        bank = {"place": "bank", "start": "2021-01-09T12:00:00+08:00", "end": "2021-01-09T13:00:00+08:00"}
        rows = (presence("P-CASE"), presence("P-1"), presence("P-1", **bank), presence("P-2", **bank))
        sender.post(PRESENCES, batch(*rows))
        told = sender.post(TRACES, question() | {"question": "second_ring"}).json()
        assert (told["question"], told["found"]) == ("second_ring", 1)
        (row,) = sender.get(f"traces/{told['id']}/matches").json()["rows"]
        assert (row["tier"], row["minutes"]) == ("second-ring", 60.0)

    def test_about_places_rank_infectious_time(self, sender, case):
        sender.post(PRESENCES, batch(presence("P-CASE"), presence("P-1")))
        sent = question() | {"question": "hotspots", "since": "2021-01-09T10:30:00+08:00"}
        told = sender.post(TRACES, sent).json()
        (spot,) = told["hotspots"]
        assert (told["case"], spot["place"], spot["minutes"], spot["visitors"]) == (None, "shop", 30.0, 2)


class TestNaming:
    def test_links_whom_the_trace_found(self, sender, case):
        sender.post(PRESENCES, batch(presence("P-CASE"), presence(None, phone="13912345678")))
        number = sender.post(TRACES, question()).json()["id"]
        sent = {"people": [{"name": "王小明", "phone": "13912345678", "area_code": "130109"}]}
        assert sender.post(f"traces/{number}/people", sent).json() == {"linked": 1, "new": 1, "skipped": []}

    def test_skips_whom_it_did_not_find(self, sender, asked):
        sent = {"people": [{"name": "王小明", "phone": "13912345678", "area_code": "130109"}]}
        answer = sender.post(f"traces/{asked.json()['id']}/people", sent)
        assert answer.json() == {"linked": 0, "new": 0, "skipped": [1]}
        assert not Person.objects.filter(phone_index__isnull=False).exists()


class TestAccessReport:
    def test_tells_who_looked(self, machine, sender, asked):
        desk = machine(Role.DUTY_OFFICER, "13")
        told = desk.get("outbreaks/hebei/people/P-FAR/access-report").json()
        assert [(one["trace"], one["desk"], one["minutes"]) for one in told["returned"]] == [
            ("T0001", "data_officer", 60.0)
        ]
        assert "C-1" not in str(told)
        assert Event.objects.filter(verb="person.account_given").count() == 1

    def test_is_not_for_others(self, sender, asked):
        answer = sender.get("outbreaks/hebei/people/P-FAR/access-report")
        assert (answer.status_code, answer.json()["code"]) == (403, "access.not_allowed")


def question():
    return {"cases": ["C-1"], "purpose": "find_contacts", "reason": "who was there?"}


def parquet(sender, body):
    path = f"/api/{PRESENCES}/parquet?source=network&source_key=p"
    return sender._client.post(path, body, content_type="application/vnd.apache.parquet")


@pytest.fixture
def sender(machine, within):
    return machine(Role.DATA_OFFICER)


@pytest.fixture
def case(within):
    return factories.case(
        of=factories.person(number="P-CASE"), within=within, number="C-1", status=CaseStatus.CONFIRMED,
        onset_date=date(2021, 1, 8),
    )  # fmt: skip


@pytest.fixture
def asked(sender, case):
    """A trace that found somebody whose home is in another county, and somebody whom nobody knows."""
    factories.person(number="P-FAR", name="欧阳无双", area_code="130581202202")
    half = presence("P-UNKNOWN", end="2021-01-09T10:20:00+08:00")
    sender.post(PRESENCES, batch(presence("P-CASE"), presence("P-FAR"), half))
    return sender.post(TRACES, question())
