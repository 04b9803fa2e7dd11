"""The journal's chain: a changed, taken or added line shows, wherever it lies; nobody who writes waits."""

import threading

import pytest
from django.db import connection, connections, transaction

from sizao.records import journal
from sizao.records.access import NotAllowed
from sizao.records.models import Event, JournalSeal
from sizao.response.oversight import chain
from sizao.terms import Role
from tests import factories
from tests.factories import NOW


@pytest.fixture
def lines(db, monkeypatch):
    monkeypatch.setattr(chain, "MOST_LINES", 7)
    place = factories.place()
    for n in range(30):
        journal.write("test.written", place, by=None, at=NOW, n=n, text="四早", share=0.5)
    return Event.objects.order_by("pk")


def overruling(sql: str, *values: object) -> None:
    """Change the table as somebody may who owns the database."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE records_event DISABLE TRIGGER journal_is_append_only")
        cursor.execute(sql, values)
        cursor.execute("ALTER TABLE records_event ENABLE TRIGGER journal_is_append_only")


class TestTheChain:
    def test_holds_all_lines_once(self, lines):
        assert chain.seal(now=NOW) == lines.count()
        assert chain.seal(now=NOW) == 0
        found = chain.verify()
        assert (found.holds, found.lines, found.last_line) == (True, lines.count(), lines.last().pk)
        assert found.head == JournalSeal.objects.latest("last_line").digest

    def test_grows(self, lines):
        chain.seal(now=NOW)
        journal.write("test.later", factories.place(), by=None, at=NOW)
        assert chain.unlinked() == 1
        assert chain.seal(now=NOW) == 1
        assert chain.verify().holds

    @pytest.mark.parametrize("place", [0, 12, 29])
    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE records_event SET actor = 'somebody' WHERE id = %s",
            "UPDATE records_event SET facts = '{\"n\": 99}' WHERE id = %s",
            "UPDATE records_event SET written_at = written_at - interval '1 microsecond' WHERE id = %s",
            "DELETE FROM records_event WHERE id = %s",
        ],
    )
    def test_shows_where_a_line_was_changed_or_taken(self, lines, place, change):
        chain.seal(now=NOW)
        changed = lines[place].pk
        overruling(change, changed)
        found = chain.verify()
        assert not found.holds
        first, last = found.broken_lines
        assert first <= changed <= last

    def test_shows_a_line_put_in_afterwards(self, lines):
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('records_event_id_seq')")
            unused = cursor.fetchone()[0]
        journal.write("test.written", factories.place(), by=None, at=NOW)
        chain.seal(now=NOW)
        Event.objects.create(
            id=unused, verb="test.late", subject_kind="place", subject_id=1, actor="x", at=NOW, facts={}
        )
        assert not chain.verify().holds

    def test_shows_a_link_taken_out(self, lines):
        chain.seal(now=NOW)
        taken = JournalSeal.objects.order_by("last_line")[2]
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE records_journalseal DISABLE TRIGGER seals_are_append_only")
            cursor.execute("DELETE FROM records_journalseal WHERE id = %s", [taken.pk])
        assert not chain.verify().holds

    def test_a_chain_made_anew_is_betrayed_by_a_digest_kept_elsewhere(self, lines):
        chain.seal(now=NOW)
        kept = chain.verify().head
        overruling("UPDATE records_event SET actor = 'somebody' WHERE id = %s", lines[3].pk)
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE records_journalseal DISABLE TRIGGER seals_are_append_only")
            cursor.execute("DELETE FROM records_journalseal")
        chain.seal(now=NOW)
        assert chain.verify().holds
        assert chain.knows(kept) is None

    def test_is_looked_at_in_slices(self, lines):
        chain.seal(now=NOW)
        seen, at = 0, 0
        while True:
            part = chain.verify(from_link=at, most_links=2)
            seen += part.lines
            if part.next_link is None:
                break
            at = part.next_link
        assert seen == lines.count()

    def test_does_not_change(self, lines):
        chain.seal(now=NOW)
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            JournalSeal.objects.update(digest="0")


class TestAnExport:
    def test_proves_itself_and_shows_a_change(self, lines):
        chain.seal(now=NOW)
        some = Event.objects.filter(pk__in=[lines[2].pk, lines[3].pk, lines[20].pk])
        supervisor = factories.account(role=Role.SUPERVISOR)
        made = chain.export(lines=some, by=supervisor, now=NOW)
        assert len(made["lines"]) == 3
        assert len(made["links"]) == 2
        assert chain.proves(made)
        made["lines"][1]["text"] = made["lines"][1]["text"].replace("sizao", "nobody")
        assert not chain.proves(made)

    def test_of_unlinked_lines_proves_nothing(self, lines):
        made = chain.export(lines=Event.objects.all(), by=factories.account(role=Role.SUPERVISOR), now=NOW)
        assert not chain.proves(made)

    def test_takes_the_right(self, lines):
        with pytest.raises(NotAllowed):
            chain.export(lines=Event.objects.none(), by=factories.account(), now=NOW)


@pytest.mark.django_db(transaction=True)
def test_a_line_still_being_written_is_waited_for_and_not_passed_over():
    """A number that was drawn before, but committed after, must not be left outside a closed link."""
    written, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            journal.write("test.slow", factories.place(), by=None, at=NOW)
            written.set()
            go_on.wait(20)
        connections.close_all()

    other = threading.Thread(target=slow)
    other.start()
    assert written.wait(20)
    journal.write("test.quick", factories.place(), by=None, at=NOW)
    with pytest.raises(chain.JournalBusy):
        chain.seal(now=NOW, patience=0.1)
    assert not JournalSeal.objects.exists()
    go_on.set()
    other.join()
    assert chain.seal(now=NOW) == Event.objects.count() == 2
    assert chain.verify().holds
