"""Presences and matches have a last day: they are destroyed on it, certified and journalled."""

import json
from datetime import timedelta

import pytest

from sizao.adapters import visits
from sizao.adapters.visits import VisitStore, VisitWriter
from sizao.records.access import NotAllowed
from sizao.records.models import Event, PresenceBatch, TokenKey, Trace, TraceAnswer, TraceMatch
from sizao.response import flow, outbreaks, tracing
from sizao.response.tracing import presences, retention, standing, tokens
from sizao.terms import OutbreakKind, Role, TracePurpose
from tests import factories
from tests.response.presence_world import NOW, at, found, token, world

pytestmark = pytest.mark.django_db
KEPT_DAYS = 21  # edition 7


class TestPresences:
    def test_past_their_days_are_destroyed_with_a_certificate(self, here):
        here.send(("P-1", "shop", at("10:00", day=2), at("11:00", day=2)), ("P-2", "bank", at("10:00"), at("11:00")))
        later = NOW + timedelta(days=14)
        assert destroy(here, later) == 1
        store = VisitStore(presences.store_of(here.outbreak))
        assert store.manifest.rows == 1
        assert token(here, "P-1") not in store.persons.known.to_pylist()
        line = Event.objects.get(verb=retention.DESTROYED)
        assert (line.facts["destroyed_presences"], line.facts["destroyed_tokens"], line.at) == (1, 2, later)
        certificate = presences.store_of(here.outbreak) / "certificates" / line.facts["certificate"]
        assert json.loads(certificate.read_text())["reason"] == retention.PAST_DAYS

    def test_are_kept_to_their_last_day(self, here):
        here.send(("P-1", "shop", at("00:00", day=2), at("11:00", day=2)))
        last = NOW.replace(day=2) + timedelta(days=KEPT_DAYS)
        assert destroy(here, last) == 0
        assert destroy(here, last + timedelta(days=1)) == 1

    def test_are_destroyed_once(self, here):
        here.send(("P-1", "shop", at("10:00", day=2), at("11:00", day=2)))
        later = NOW + timedelta(days=20)
        assert (destroy(here, later), destroy(here, later)) == (1, 0)
        assert Event.objects.filter(verb=retention.DESTROYED).count() == 1

    def test_that_a_killed_run_destroyed_are_journalled_by_the_next(self, here):
        here.send(("P-1", "shop", at("10:00", day=2), at("11:00", day=2)))
        later = NOW + timedelta(days=20)
        before = int(presences.kept_since(here.outbreak, later).timestamp())
        visits.forget(
            presences.store_of(here.outbreak), before=before, by="sizao", reason=retention.PAST_DAYS, now=later
        )
        assert destroy(here, later) == 1
        assert Event.objects.filter(verb=retention.DESTROYED).count() == 1

    def test_wait_while_somebody_writes(self, here):
        here.send(("P-1", "shop", at("10:00", day=2), at("11:00", day=2)))
        later = NOW + timedelta(days=20)
        with VisitWriter(presences.store_of(here.outbreak)):
            assert destroy(here, later) == 0
        assert destroy(here, later) == 1

    def test_that_came_too_late_are_not_taken(self, here):
        batch = here.send(("P-1", "shop", at("10:00", day=2), None), now=NOW + timedelta(days=30))
        assert batch.told["refused"] == {"past the days kept": 1}

    def test_are_destroyed_by_the_loop(self, here):
        here.send(("P-1", "shop", at("10:00", day=2), at("11:00", day=2)))
        tracing.advance(outbreak=here.outbreak, now=NOW + timedelta(days=20))
        assert VisitStore(presences.store_of(here.outbreak)).manifest.rows == 0

    def test_made_up_for_a_replay_are_kept_while_it_is_open(self, here):
        here.send(("P-1", "shop", at("10:00", day=2), at("11:00", day=2)), is_generated=True)
        assert destroy(here, NOW + timedelta(days=40)) == 0
        here.send(("P-2", "shop", at("10:00"), at("11:00")))  # of a person
        assert destroy(here, NOW + timedelta(days=40)) == 2

    def test_made_up_for_anything_else_are_destroyed(self):
        drill = world(kind=OutbreakKind.DRILL)
        drill.send(("P-1", "shop", at("10:00", day=2), at("11:00", day=2)), is_generated=True)
        assert destroy(drill, NOW + timedelta(days=40)) == 1


class TestMatches:
    def test_are_destroyed_after_the_last_day_of_their_trace(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")), ("P-1", "shop", at("10:00"), at("11:00")))
        trace = here.ask()
        last = NOW + timedelta(days=(trace.last_date - NOW.date()).days)
        assert destroy(here, last) == 0
        destroy(here, last + timedelta(days=1))
        assert not TraceMatch.objects.exists()
        assert TraceAnswer.objects.get().n_found == 1  # how many were found stays, and who asked
        assert Event.objects.get(verb="trace.matches_destroyed").facts["matches"] == 1

    def test_stay_when_the_presences_behind_them_are_destroyed(self, here):
        early, late = at("10:00", day=1), at("10:00")
        here.send(
            ("P-CASE", "shop", early, early + 3600), ("P-1", "shop", early, early + 3600),
            ("P-CASE", "shop", late, late + 3600),
        )  # fmt: skip
        trace = here.ask(purpose=TracePurpose.FIND_SOURCE)
        assert set(found(trace)) == {token(here, "P-1")}
        Trace.objects.update(last_date=NOW.date() + timedelta(days=60))
        later = NOW + timedelta(days=14)
        destroy(here, later)
        here.send(("P-2", "shop", at("10:00", day=7), at("11:00", day=7)), now=later)
        here.send(("P-CASE", "shop", at("10:00", day=7), at("11:00", day=7)), now=later)
        assert standing.advance(here.outbreak, later) == 1
        assert set(found(trace)) == {token(here, "P-1"), token(here, "P-2")}


class TestClosing:
    def test_destroys_presences_matches_and_the_key(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")), ("P-1", "shop", at("10:00"), at("11:00")))
        trace = here.ask()
        store = presences.store_of(here.outbreak)
        outbreaks.close(outbreak=here.outbreak, by=here.officer, now=NOW)
        assert flow.after_closing(now=NOW) == 1
        assert not store.exists()
        assert TokenKey.objects.get().key is None
        assert not TraceMatch.objects.exists()
        trace.refresh_from_db()
        assert trace.closed_at == NOW
        line = Event.objects.get(verb=retention.DESTROYED)
        assert (line.facts["reason"], line.facts["destroyed_presences"]) == (retention.CLOSED, 2)
        assert (presences.folder_of(here.outbreak) / "certificates" / line.facts["certificate"]).exists()
        assert flow.after_closing(now=NOW) == 0

    def test_leaves_nothing_that_leads_to_anybody(self, here):
        here.send(("P-1", "shop", at("10:00"), at("11:00")))
        closed = outbreaks.close(outbreak=here.outbreak, by=here.officer, now=NOW)
        flow.after_closing(now=NOW)
        with pytest.raises(tokens.TokensDestroyed):
            tokens.tokens_of(closed, here.case.person)

    def test_that_was_killed_half_way_is_finished_by_the_next(self, here, monkeypatch):
        here.send(("P-1", "shop", at("10:00"), at("11:00")))
        closed = outbreaks.close(outbreak=here.outbreak, by=here.officer, now=NOW)
        with monkeypatch.context() as patched:
            patched.setattr(retention, "_destroy_of", None)
            patched.setattr(TokenKey, "save", None)
            with pytest.raises(TypeError):
                tracing.close_store(outbreak=closed, by=None, now=NOW)
        TokenKey.objects.update(destroyed_at=None)
        said = tracing.close_store(outbreak=closed, by=None, now=NOW + timedelta(minutes=1))
        assert (said["destroyed_presences"], said["at"]) == (1, NOW.isoformat())  # as the first run certified it
        assert TokenKey.objects.get().key is None

    def test_is_refused_while_the_outbreak_is_open(self, here):
        with pytest.raises(retention.StillOpen):
            tracing.close_store(outbreak=here.outbreak, by=here.officer, now=NOW)

    def test_is_for_who_may_send_presences(self, here):
        with pytest.raises(NotAllowed):
            tracing.close_store(outbreak=here.outbreak, by=factories.account(role=Role.REPORTER), now=NOW)

    def test_of_an_outbreak_without_presences_does_nothing(self, here):
        closed = outbreaks.close(outbreak=here.outbreak, by=here.officer, now=NOW)
        assert tracing.close_store(outbreak=closed, by=None, now=NOW) is None
        assert not PresenceBatch.objects.exists()


def destroy(here, now):
    return retention.destroy_past_days(outbreak=here.outbreak, now=now)


@pytest.fixture
def here():
    return world()
