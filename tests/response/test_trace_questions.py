"""Traces for contacts of contacts, and for the places through which infectious time passed."""

from datetime import date, datetime, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from sizao.adapters.visits import Limits
from sizao.records.access import NotYours
from sizao.records.models import Case, Contact, Event, Stay, Trace, TraceAnswer, TraceMatch
from sizao.response import tracing
from sizao.response.tracing import (
    answers,
    companions,
    presences,
    second_ring,
    standing,
    trace_checks,
    trace_places,
    traces,
)
from sizao.terms import (
    CaseStatus,
    ContactKind,
    ContactState,
    Layer,
    OutbreakKind,
    Role,
    StayKind,
    Tier,
    TraceCause,
    TracePurpose,
    TraceQuestion,
)
from tests import factories
from tests.response.presence_world import NOW, at, found, token, world

pytestmark = pytest.mark.django_db
CELL = "800m:14209:27145"
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def here(settings, tmp_path):
    settings.PRESENCES_DIR = tmp_path
    return world()


def ring(here, **more):
    return here.ask(question=TraceQuestion.SECOND_RING, **more)


def meet_contact(here):
    """P-FIRST was with the case in the shop, and in the bank afterwards with P-SECOND."""
    here.send(
        ("P-CASE", "shop", at("10:00"), at("11:00")),
        ("P-FIRST", "shop", at("10:30"), at("11:00")),
        ("P-FIRST", "bank", at("12:00"), at("13:00")),
        ("P-SECOND", "bank", at("12:30"), at("14:00")),
    )


def stay(person, since, *, recorded=NOW):
    Stay.objects.create(
        person=person, kind=StayKind.ROOM, area_code="130109", party=1, recorded_at=recorded,
        period=DateTimeTZRange(since, None, "[)"), source_key=f"stay-{person.pk}",
    )  # fmt: skip


def moment(clock, day=8):
    return datetime.fromtimestamp(at(clock, day), tz=NOW.tzinfo)


class TestSecondRing:
    def test_is_who_met_a_contact_after_its_exposure(self, here):
        meet_contact(here)
        here.send(
            ("P-FIRST", "cafe", at("08:00"), at("09:00")), ("P-BEFORE", "cafe", at("08:00"), at("09:00")),
            ("P-SHORT", "bank", at("12:00"), at("12:09")),
        )  # fmt: skip
        match = ring(here).matches.get()
        assert (match.token, match.tier, match.layer) == (token(here, "P-SECOND"), Tier.SECOND_RING, Layer.VENUE)
        assert (match.minutes, match.meetings, match.days, match.score) == (30.0, 1, 1, 30.0)
        assert (match.first_at, match.last_at) == (moment("12:30"), moment("13:00"))

    def test_is_what_the_store_says_of_places_without_cells(self, here):
        meet_contact(here)
        here.send(
            ("P-CASE", "bar", at("20:00"), at("21:00")), ("P-OTHER", "bar", at("20:10"), at("21:00")),
            ("P-OTHER", "bank", at("12:40", 9), at("15:00", 9)), ("P-FIRST", "bank", at("12:00", 9), at("13:00", 9)),
            ("P-SECOND", "bank", at("12:30", 9), at("14:00", 9)), ("P-THIRD", "bank", at("14:30", 9), at("15:00", 9)),
        )  # fmt: skip
        trace = ring(here)
        told = presences.opened(here.outbreak).second_ring(
            companions.windows(trace), least_seconds=companions.least_seconds(trace), limits=Limits()
        )
        expected = dict(zip(told["person"].to_pylist(), told["minutes"].to_pylist(), strict=True))
        assert found(trace) == pytest.approx(expected)
        assert len(expected) == 2

    def test_leaves_the_case_and_its_companions_out(self, here):
        meet_contact(here)
        here.send(
            ("P-CASE", "bank", at("12:00"), at("12:20")),
            ("P-MATE", "bank", at("12:00"), at("13:00")), ("P-MATE", "shop", at("10:00"), at("11:00")),
        )  # fmt: skip
        assert set(found(ring(here))) == {token(here, "P-SECOND")}

    def test_knows_no_cells(self, here):
        here.send(*((who, CELL, at("10:00"), at("11:00")) for who in ("P-CASE", "P-A", "P-FIRST")))
        here.send(*((who, "shop", at("12:00"), at("13:00")) for who in ("P-A", "P-OTHER")))
        here.send(*((who, "bank", at("15:00"), at("16:00")) for who in ("P-CASE", "P-FIRST")))
        here.send(*((who, CELL, at("18:00"), at("19:00")) for who in ("P-FIRST", "P-PASSES")))
        assert found(ring(here)) == {}

    def test_keeps_layers_apart(self, here):
        meet_contact(here)
        here.send_columns(
            number=["P-FIRST", "P-SECOND"], place=["bus"] * 2, layer=["vehicle"] * 2,
            start=[at("15:00")] * 2, end=[at("15:20")] * 2,
        )  # fmt: skip
        told = ring(here).matches.order_by("layer").values_list("layer", "minutes")
        assert list(told) == [(Layer.VEHICLE, 20.0), (Layer.VENUE, 30.0)]

    def test_ends_where_the_contact_was_set_apart(self, here):
        meet_contact(here)
        first = factories.person(number="P-FIRST")
        of_register(here, first, NOW, index_case=None)
        trace = ring(here)
        assert len(found(trace)) == 1
        stay(first, moment("12:35"), recorded=LATER)
        assert standing.advance(here.outbreak, LATER) == 1
        assert found(trace) == {}
        assert trace.answers.order_by("pk").last().cause == TraceCause.CONTACTS
        assert standing.advance(here.outbreak, LATER) == 0

    def test_is_journalled_with_what_it_rests_on(self, here):
        meet_contact(here)
        trace = ring(here)
        line = Event.objects.get(verb="trace.asked")
        assert line.facts["question"] == TraceQuestion.SECOND_RING
        assert second_ring.SECONDARY in {entry["key"] for entry in trace.settings["basis"]}
        assert Event.objects.get(verb="trace.answered").facts["found"] == 1

    def test_says_when_and_where_somebody_met_a_contact(self, here):
        meet_contact(here)
        match = ring(here).matches.get()
        (told,) = trace_places.meetings(match, by=here.officer, now=NOW, as_of=NOW)
        assert (told.spot.code, told.start, told.end) == ("bank", moment("12:30"), moment("13:00"))

    def test_stands_beside_the_question_for_companions(self, here):
        meet_contact(here)
        assert set(found(here.ask())) == {token(here, "P-FIRST")}
        trace = ring(here)
        with pytest.raises(trace_checks.AskedAlready, match=trace.number):
            ring(here)


class TestSecondRingStands:
    def test_a_late_batch_of_a_contact_is_matched(self, here):
        meet_contact(here)
        trace = ring(here)
        here.send(("P-LATE", "bank", at("12:00"), at("12:30")))
        assert standing.advance(here.outbreak, LATER) == 1
        assert found(trace) == {token(here, "P-SECOND"): 30.0, token(here, "P-LATE"): 30.0}
        said = trace.answers.order_by("pk").last()
        assert (said.cause, said.n_new) == (TraceCause.PRESENCES, 1)

    def test_a_late_batch_may_show_that_somebody_was_with_the_case(self, here):
        meet_contact(here)
        trace = ring(here)
        here.send(("P-SECOND", "shop", at("10:00"), at("10:30")))
        standing.advance(here.outbreak, LATER)
        assert found(trace) == {}

    def test_advancing_twice_changes_nothing(self, here):
        meet_contact(here)
        ring(here)
        here.send(("P-LATE", "bank", at("12:00"), at("12:30")))
        standing.advance(here.outbreak, LATER)
        kept = kept_rows()
        assert standing.advance(here.outbreak, LATER) == 0
        assert standing.advance(here.outbreak, LATER + timedelta(hours=1)) == 0
        assert kept_rows() == kept

    def test_what_concerns_no_contact_is_not_written_down(self, here):
        meet_contact(here)
        trace = ring(here)
        here.send(("P-FAR", "station", at("12:00"), at("12:30")))
        assert standing.advance(here.outbreak, LATER) == 0
        assert trace.answers.count() == 1

    def test_an_earlier_onset_moves_it(self, here):
        here.send(
            ("P-CASE", "shop", at("10:00", 4), at("11:00", 4)), ("P-FIRST", "shop", at("10:00", 4), at("11:00", 4)),
            ("P-FIRST", "bank", at("12:00"), at("13:00")), ("P-SECOND", "bank", at("12:00"), at("13:00")),
        )  # fmt: skip
        trace = ring(here)
        assert found(trace) == {}
        Case.objects.filter(pk=here.case.pk).update(onset_date=date(2021, 1, 6))
        assert standing.advance(here.outbreak, LATER) == 1
        assert set(found(trace)) == {token(here, "P-SECOND")}

    def test_rows_stay_when_the_first_meeting_was_destroyed(self, here, monkeypatch):
        meet_contact(here)
        trace = ring(here)
        monkeypatch.setattr(presences, "kept_since", lambda *_: trace.begins_at + timedelta(hours=1))
        assert answers.differs(trace, {}, LATER) is False


class TestSecondRingIsRefused:
    now = datetime.fromisoformat("2022-11-20T20:00+08:00")

    def test_where_the_edition_looks_for_none(self, here):
        later(here, date(2022, 11, 19))
        meet_contact(here)
        with pytest.raises(second_ring.NoSecondRing, match="twenty"):
            ring(here, now=self.now)
        assert not Trace.objects.exists()

    def test_for_the_source(self, here):
        meet_contact(here)
        with pytest.raises(trace_checks.NotOfInfectiousTime):
            ring(here, purpose=TracePurpose.FIND_SOURCE)

    def test_in_another_jurisdiction(self, here):
        with pytest.raises(NotYours):
            ring(here, by=factories.account(role=Role.DATA_OFFICER, area_code="130581"))

    def test_for_contacts_once_the_edition_looks_for_none(self, here):
        meet_contact(here)
        factories.person(number="P-SECOND")
        trace = ring(here)
        officer = factories.account(role=Role.INVESTIGATOR)
        with pytest.raises(second_ring.NoSecondRing):
            tracing.to_contacts(trace=trace, matches=list(trace.matches.all()), by=officer, now=self.now)
        assert not Contact.objects.exists()


class TestOnlyHighRisk:
    """Edition 9 follows the contacts of high-risk contacts alone."""

    now = datetime.fromisoformat("2022-08-20T20:00+08:00")

    def test_counts_whom_the_register_has_as_contacts(self, settings, tmp_path):
        settings.PRESENCES_DIR = tmp_path
        there = world(kind=OutbreakKind.DRILL, first_date=date(2022, 8, 1))
        later(there, date(2022, 8, 18))
        second = [int(self.now.replace(day=18, hour=hour).timestamp()) for hour in range(24)]
        rows = [(who, "shop", second[10], second[11]) for who in ("P-CASE", "P-FIRST", "P-PASSER")]
        rows += [(who, "bank", second[12], second[13]) for who in ("P-FIRST", "P-SECOND")]
        rows += [(who, "bar", second[12], second[13]) for who in ("P-PASSER", "P-OTHER")]
        there.send(*rows, now=self.now)
        trace = ring(there, now=self.now)
        assert found(trace) == {}
        first = factories.person(number="P-FIRST")
        of_register(there, first, self.now, index_case=there.case)
        assert standing.advance(there.outbreak, self.now) == 1
        assert set(found(trace)) == {token(there, "P-SECOND")}
        Contact.objects.update(state=ContactState.EXCLUDED)
        assert standing.advance(there.outbreak, self.now) == 1
        assert found(trace) == {}


class TestToContacts:
    def test_makes_secondary_contacts(self, here):
        meet_contact(here)
        factories.person(number="P-SECOND")
        trace = ring(here)
        officer = factories.account(role=Role.INVESTIGATOR)
        (made,) = tracing.to_contacts(trace=trace, matches=list(trace.matches.all()), by=officer, now=NOW)
        assert (made.kind, made.index_case, made.last_exposure_date) == (
            ContactKind.SECONDARY, here.case, date(2021, 1, 8),
        )  # fmt: skip


def hotspots(here, **more):
    return here.ask(question=TraceQuestion.HOTSPOTS, **more)


def ranked(trace):
    said = trace.answers.order_by("pk").last()
    return [(row["place"], row["minutes"], row["cases"], row["visitors"]) for row in said.facts["hotspots"]]


class TestHotspots:
    def test_are_ranked_by_infectious_minutes(self, here):
        here.send(
            ("P-CASE", "shop", at("10:00"), at("10:20")), ("P-CASE", "bank", at("12:00"), at("13:00")),
            ("P-1", "bank", at("12:00"), at("12:30")), ("P-CASE", "school", at("08:00", 3), at("18:00", 3)),
            ("P-CASE", CELL, at("06:00"), at("22:00")),
        )  # fmt: skip
        trace = hotspots(here)
        assert ranked(trace) == [("bank", 60.0, 1, 2), ("shop", 20.0, 1, 1)]
        assert (trace.case, trace.cases, trace.matches.exists()) == (None, [here.case.pk], False)

    def test_count_since_a_moment(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("10:20")), ("P-CASE", "bank", at("12:00"), at("13:00")))
        assert ranked(places_since(here, moment("12:45"))) == [("bank", 15.0, 1, 1)]

    def test_add_up_the_cases(self, here):
        other = here.another_case("P-OTHER", status=CaseStatus.CONFIRMED)
        here.send(("P-CASE", "shop", at("10:00"), at("10:20")), ("P-OTHER", "shop", at("11:00"), at("11:20")))
        assert ranked(places_since(here, None, cases=[here.case, other])) == [("shop", 40.0, 2, 2)]

    def test_count_a_case_of_two_tokens_once(self, here):
        here.case.person.phone_index = tracing.tokens.phone_index("13912345678")
        here.case.person.save()
        here.send(("P-CASE", "shop", at("10:00"), at("10:20")))
        here.send_columns(phone=["13912345678"], place=["shop"], start=[at("11:00")], end=[at("11:20")])
        ((place, minutes, cases, _),) = ranked(hotspots(here))
        assert (place, minutes, cases) == ("shop", 40.0, 1)

    def test_change_with_a_late_batch_and_only_once(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("10:20")))
        trace = hotspots(here)
        here.send(("P-CASE", "bank", at("12:00"), at("13:00")))
        assert standing.advance(here.outbreak, LATER) == 1
        assert [row[0] for row in ranked(trace)] == ["bank", "shop"]
        kept = kept_rows()
        assert standing.advance(here.outbreak, LATER) == 0
        assert standing.advance(here.outbreak, LATER + timedelta(days=1)) == 0
        assert kept_rows() == kept
        assert trace.answers.count() == 2

    def test_a_batch_of_a_place_far_away_writes_nothing(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("10:20")), ("P-1", "shop", at("10:00"), at("10:20")))
        trace = hotspots(here)
        here.send(("P-1", "station", at("10:00", 1), at("10:20", 1)))
        standing.advance(here.outbreak, LATER)
        assert trace.answers.count() == 1

    def test_end_when_the_case_is_set_apart(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        trace = hotspots(here)
        stay(here.case.person, moment("10:30"), recorded=LATER)
        assert standing.advance(here.outbreak, LATER) == 1
        assert ranked(trace) == [("shop", 30.0, 1, 1)]
        assert trace.answers.order_by("pk").last().cause == TraceCause.WINDOW

    def test_are_refused_for_the_source_and_twice(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        with pytest.raises(trace_checks.NotOfInfectiousTime):
            hotspots(here, purpose=TracePurpose.FIND_SOURCE)
        first = hotspots(here)
        with pytest.raises(trace_checks.AskedAlready, match=first.number):
            hotspots(here)
        assert places_since(here, moment("09:00")) != first

    def test_are_refused_without_presences(self, here):
        with pytest.raises(presences.NoPresences):
            hotspots(here)


class TestCommonSource:
    def test_is_not_asked_of_one_case(self, here):
        with pytest.raises(traces.TooFewCases, match="C-|P-|HB"):
            here.ask(question=TraceQuestion.COMMON_SOURCE)


def places_since(here, since, cases=None):
    return tracing.ask_hotspots(
        outbreak=here.outbreak, cases=cases or [here.case], purpose=TracePurpose.FIND_ONWARD, reason="look",
        by=here.officer, now=NOW, since=since,
    )  # fmt: skip


def of_register(here, person, now, **facts):
    entry = tracing.ContactEntry(person=person, kind=ContactKind.CLOSE, source="interview", **facts)
    return tracing.add_contact(outbreak=here.outbreak, entry=entry, by=None, now=now)


def later(here, onset):
    Case.objects.filter(pk=here.case.pk).update(onset_date=onset)
    here.case.refresh_from_db()


def kept_rows():
    return [list(model.objects.order_by("pk").values()) for model in (TraceMatch, TraceAnswer, Trace)]
