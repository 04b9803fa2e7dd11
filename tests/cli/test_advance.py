"""`sizao advance`: the loop from the command line, on the day that a rehearsal has reached."""

from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner

from sizao import cli
from sizao.cli import advance
from sizao.records.models import Alert, IsolationOrder
from sizao.response import flow, signals, tracing
from sizao.response.outbreaks import NoSuchOutbreak
from sizao.response.signals import StreamEntry
from sizao.response.tracing.contacts import ContactEntry
from sizao.terms import ContactKind, OutbreakKind, StreamKind
from tests import factories

pytestmark = pytest.mark.django_db
NOON = datetime(2021, 1, 8, 4, 0, tzinfo=UTC)


class TestAdvance:
    def test_takes_up_on_its_day_what_was_added_to_a_rehearsal(self, run):
        replayed = factories.outbreak(kind=OutbreakKind.REPLAY)
        case = factories.case(of=factories.person(area_code="130109001001"), within=replayed)
        entry = ContactEntry(
            factories.person(area_code="130109001001"),
            ContactKind.CLOSE,
            "named",
            index_case=case,
            last_exposure_date=date(2021, 1, 7),
        )
        tracing.add_contact(outbreak=replayed, entry=entry, by=None, now=NOON)
        assert run(replayed.slug, "--day", "2021-01-08").exit_code == 0
        order = IsolationOrder.objects.get()
        assert replayed.day_of(order.proposed_at).isoformat() == "2021-01-08"
        assert "isolation 0" in run(replayed.slug, "--day", "2021-01-08").output

    def test_a_replay_stands_at_the_end_of_its_last_day(self, run):
        replayed = factories.outbreak(kind=OutbreakKind.REPLAY, last_date=date(2021, 1, 8))
        case = factories.case(of=factories.person(area_code="130109001001"), within=replayed)
        someone = factories.person(area_code="130109001001")
        entry = ContactEntry(someone, ContactKind.CLOSE, "named", index_case=case, last_exposure_date=date(2021, 1, 7))
        tracing.add_contact(outbreak=replayed, entry=entry, by=None, now=NOON)
        assert run(replayed.slug).exit_code == 0
        assert replayed.day_of(IsolationOrder.objects.get().proposed_at) == date(2021, 1, 8)

    def test_asks_which_outbreak(self, run):
        refused = run()
        assert refused.exit_code == 1
        assert "--every" in refused.stderr

    def test_streams_of_real_life_are_watched_while_there_is_no_outbreak(self, monkeypatch):
        monkeypatch.setattr("sizao.cli.clock.now", lambda: NOON)
        entry = StreamEntry("lab", StreamKind.LABORATORY, "130109", "实验室", "laboratory", date(2021, 1, 1))
        stream = signals.open_stream(outbreak=None, entry=entry, by=None, now=NOON)
        signals.hear(outbreak=None, said=[signals.Said(stream, date(2021, 1, 8), 1)], by=None, now=NOON)
        advance._advance_open()
        assert Alert.objects.get().outbreak is None

    def test_all_open_outbreaks_are_advanced_and_a_fault_stops_nothing(self, monkeypatch, caplog):
        seen = []

        def step(*, outbreak, now):
            seen.append(outbreak.slug)
            raise NoSuchOutbreak(slug=outbreak.slug, known="")

        factories.outbreak(slug="open-one")
        factories.outbreak(slug="closed-one", closed_at=NOON)
        monkeypatch.setattr(flow, "advance", step)
        advance._advance_open()
        assert seen == ["open-one"]
        assert "will try again" in caplog.text

    def test_refuses_another_day_where_people_are_concerned(self, run):
        real = factories.outbreak(kind=OutbreakKind.REAL)
        refused = run(real.slug, "--day", "2021-01-08")
        assert refused.exit_code == 1
        assert "today's clock" in refused.stderr

    def test_refuses_a_day_before_the_outbreak(self, run):
        replayed = factories.outbreak(kind=OutbreakKind.REPLAY)
        refused = run(replayed.slug, "--day", "2019-01-01")
        assert refused.exit_code == 1
        assert "2019-01-01 lies outside" in refused.stderr


@pytest.fixture
def run():
    return lambda *arguments: CliRunner().invoke(cli.main, ["advance", *arguments])
