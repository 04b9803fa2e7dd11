"""The door of bulk presences: identities become tokens, each batch is taken once, nothing is lost half-way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from django.utils import translation

from sizao.adapters.visits import VisitStore, verify
from sizao.records.access import NotAllowed
from sizao.records.models import Event, PresenceBatch, TokenKey
from sizao.response import tracing
from sizao.response.outbreaks import OutbreakClosed
from sizao.response.tracing import presences, tokens
from sizao.response.tracing.door_columns import PresencesUnreadable
from sizao.terms import Role
from sizao.web import refusals
from tests import factories
from tests.response.presence_world import NOW, at, world

pytestmark = pytest.mark.django_db

ID_NUMBER, PHONE = "13010919800101001X", "13912345678"


class TestIdentities:
    def test_are_not_kept_anywhere(self, here, send):
        send(id_number=[ID_NUMBER], phone=[PHONE], place=["shop"], start=[at("10:00")], end=[at("11:00")])
        kept = [path.read_bytes() for path in presences.folder_of(here.outbreak).rglob("*") if path.is_file()]
        assert kept
        assert not [data for data in kept if ID_NUMBER.encode() in data or PHONE.encode() in data]
        rows = [*PresenceBatch.objects.values(), *Event.objects.values()]
        assert ID_NUMBER not in str(rows)
        assert PHONE not in str(rows)

    def test_become_a_token_however_they_are_written(self, here, send):
        written = [ID_NUMBER, ID_NUMBER.lower(), f" {ID_NUMBER[:6]} {ID_NUMBER[6:]} "]
        send(id_number=written, place=["a", "b", "c"], start=[at("10:00")] * 3, end=[at("11:00")] * 3)
        assert people(here) == {tokens.maker("id_number", tokens.standing_key(here.outbreak))(ID_NUMBER)}

    def test_of_one_phone_are_one_with_and_without_the_country(self, here, send):
        send(phone=[PHONE, f"+86 {PHONE}", "139-1234-5678"], place=["a", "b", "c"], start=[at("10:00")] * 3, end=None)
        assert len(people(here)) == 1

    def test_the_id_number_comes_before_the_phone(self, here, send):
        send(id_number=[ID_NUMBER, None], phone=[PHONE, PHONE], place=["a", "b"], start=[at("10:00")] * 2, end=None)
        assert len(people(here)) == 2

    def test_lead_to_the_person_of_the_register(self, here, send):
        known = factories.person(
            id_number_index=tokens.id_number_index(ID_NUMBER), phone_index=tokens.phone_index(PHONE)
        )
        send(id_number=[ID_NUMBER], place=["a"], start=[at("10:00")], end=None)
        send(phone=[PHONE], place=["a"], start=[at("12:00")], end=None)
        assert people(here) < set(tokens.tokens_of(here.outbreak, known))

    def test_stand_under_other_tokens_in_another_outbreak(self, here, send):
        other = replace(here, outbreak=factories.outbreak())
        for one in (here, other):
            one.send(("P-1", "shop", at("10:00"), at("11:00")))
        assert not people(here) & people(other)
        assert presences.store_of(here.outbreak) != presences.store_of(other.outbreak)

    def test_the_key_lies_sealed(self, here, send):
        here.send(("P-1", "shop", at("10:00"), at("11:00")))
        key = TokenKey.objects.get()
        stored = TokenKey.objects.extra(select={"raw": "key"}).values_list("raw", flat=True).get()  # noqa: S610
        assert key.key != stored


class TestRows:
    def test_are_refused_one_by_one_with_reason_and_row(self, here, send):
        good = at("10:00")
        batch = send(
            number=["P-1", "", "P-3", "P-4", "P-5", "P-6", "P-7", "P-8"],
            place=["shop", "shop", "", "shop", "shop", "shop", "shop", "shop"],
            start=[good, good, good, None, at("10:00", day=11), at("10:00") - 40 * 86_400, good, good],
            end=[good + 600, good, good, good, None, None, good - 1, good + 60],
        )
        assert (batch.rows_taken, batch.rows_refused) == (2, 6)
        assert batch.told["refused"] == {
            "nobody named": 1, "no place": 1, "no start": 1, "starts in the future": 1, "past the days kept": 1,
            "ends before it starts": 1,
        }  # fmt: skip
        assert batch.told["first_rows"]["past the days kept"] == 6
        assert len(people(here)) == 2

    def test_that_are_rubbish_are_each_refused(self, here, send):
        batch = send(
            id_number=["x", "1" * 400, "P;DROP", ID_NUMBER], place=["a"] * 4,
            start=["yesterday", "2021-01-08", "10", "2021-01-08T10:00:00+08:00"], end=["", "soon", "", ""],
        )  # fmt: skip
        assert (batch.rows_taken, batch.told["refused"]) == (1, {"id_number unreadable": 3})

    def test_keep_a_missing_end_apart(self, here, send):
        batch = send(number=["P-1"], place=["shop"], start=[at("10:00")], end=[None])
        assert batch.told["imputed"] == 1

    @pytest.mark.parametrize(
        "start",
        [
            ["2021-01-08T10:00"],
            ["2021-01-08T10:00+08:00"],
            [str(at("10:00"))],
            [at("10:00")],
            pa.array([datetime(2021, 1, 8, 10, 0, tzinfo=UTC) - timedelta(hours=8)], pa.timestamp("us", "UTC")),
            pa.array([datetime(2021, 1, 8, 10, 0)], pa.timestamp("ms")),  # noqa: DTZ001 — without a zone
        ],
        ids=["local text", "zoned text", "text of seconds", "seconds", "zoned", "local"],
    )
    def test_tell_the_time_in_many_ways(self, here, send, start):
        batch = send(number=["P-1"], place=["shop"], start=start, end=None)
        assert batch.earliest_at == datetime(2021, 1, 8, 2, 0, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("columns", "told"),
        [
            ({"number": ["P"], "place": ["a"], "start": [1]}, "column end is missing"),
            ({"place": ["a"], "start": [1], "end": [2]}, "nothing says who"),
            ({"number": [], "place": [], "start": [], "end": []}, "no rows"),
            ({"number": [[1]], "place": ["a"], "start": [1], "end": [2]}, "number holds no texts"),
            ({"number": ["P"], "place": ["a"], "start": [[1]], "end": [2]}, "start holds no texts"),
        ],
    )
    def test_that_are_no_presences_are_refused_whole(self, here, columns, told):
        with pytest.raises(PresencesUnreadable, match=told):
            receive(here, pa.table(columns))
        assert not PresenceBatch.objects.exists()

    def test_are_refused_wholly_in_chinese(self, here):
        with pytest.raises(PresencesUnreadable) as refused:
            receive(here, pa.table({"number": ["P"], "place": ["a"], "start": [1]}))
        with translation.override("zh-hans"):
            assert refusals.sentence(refused.value) == (
                "本批数据无法读取：缺少 end 列；现有：number、place、start。请改正后重新报送；未保存任何数据。"
            )


class TestBatches:
    def test_are_taken_once(self, here):
        rows = [("P-1", "shop", at("10:00"), at("11:00"))]
        first, again = here.send(*rows, key="one"), here.send(*rows, key="one", now=NOW + timedelta(hours=1))
        assert first == again
        assert (PresenceBatch.objects.count(), held(here)) == (1, 1)
        assert Event.objects.filter(verb="presences.received").count() == 1

    def test_of_one_key_that_say_something_else_are_refused(self, here):
        here.send(("P-1", "shop", at("10:00"), at("11:00")), key="one")
        with pytest.raises(presences.BatchDiffers, match="one"):
            here.send(("P-2", "shop", at("10:00"), at("11:00")), key="one")
        assert held(here) == 1

    def test_that_were_killed_after_the_store_had_them_are_healed(self, here, monkeypatch):
        rows = [("P-1", "shop", at("10:00"), None), ("P-1", "shop", at("10:00"), None)]
        with monkeypatch.context() as patched:
            patched.setattr(presences.PresenceBatch.objects, "get_or_create", killed)
            with pytest.raises(KilledError):
                here.send(*rows, key="one")
        assert (held(here), PresenceBatch.objects.count()) == (1, 0)
        batch = here.send(*rows, key="one")
        assert (held(here), batch.rows_taken, batch.told["repeated"], batch.told["imputed"]) == (1, 1, 1, 2)

    def test_whose_store_was_lost_are_healed(self, here):
        rows = [("P-1", "shop", at("10:00"), at("11:00"))]
        batch = here.send(*rows, key="one")
        presences.store_of(here.outbreak).rename(presences.folder_of(here.outbreak) / "lost")
        assert here.send(*rows, key="one") == batch
        assert held(here) == 1

    def test_wait_for_the_one_that_is_being_written(self, here, monkeypatch):
        monkeypatch.setattr(presences, "TRIES", 2)
        monkeypatch.setattr(presences, "WAIT_SECONDS", 0)
        here.send(("P-1", "shop", at("10:00"), at("11:00")))
        with presences.VisitWriter(presences.store_of(here.outbreak)), pytest.raises(presences.PresencesBusy):
            here.send(("P-2", "shop", at("10:00"), at("11:00")), key="two")
        assert here.send(("P-2", "shop", at("10:00"), at("11:00")), key="two").rows_taken == 1

    def test_larger_than_one_writing_are_taken_in_parts(self, here, monkeypatch):
        monkeypatch.setattr(presences, "ROWS_AT_ONCE", 2)
        rows = [(f"P-{n}", "shop", at("10:00"), at("11:00")) for n in range(5)]
        assert here.send(*rows).rows_taken == 5
        assert held(here) == 5
        assert verify(presences.store_of(here.outbreak)) == []

    def test_are_for_who_may_send_them(self, here):
        with pytest.raises(NotAllowed):
            here.send(("P-1", "shop", 1, 2), by=factories.account(role=Role.INVESTIGATOR))

    def test_are_refused_when_the_outbreak_is_over(self, here):
        here.outbreak.closed_at = NOW
        with pytest.raises(OutbreakClosed):
            here.send(("P-1", "shop", at("10:00"), at("11:00")))


class KilledError(Exception):
    """Stands for a process that ends here."""


def killed(**_):
    raise KilledError


def held(here):
    return VisitStore(presences.store_of(here.outbreak)).manifest.rows


def people(here):
    return set(VisitStore(presences.store_of(here.outbreak)).persons.known.to_pylist())


def receive(here, rows, key="batch"):
    return tracing.receive(
        outbreak=here.outbreak, source="network", source_key=key, rows=rows, by=here.officer, now=NOW
    )


@pytest.fixture
def send(here):
    """Send columns as they are; `end=None` leaves every end out."""

    def send(**columns):
        n = len(columns["place"])
        columns["end"] = pa.nulls(n, pa.int64()) if columns["end"] is None else columns["end"]
        return receive(here, pa.table(columns), key=f"batch-{PresenceBatch.objects.count()}")

    return send


@pytest.fixture
def here():
    return world()
