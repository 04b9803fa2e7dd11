"""Traces: who may ask what of the presences, what comes back, and what is kept of it."""

from datetime import date, datetime, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from sizao.records.access import NotAllowed, NotYours
from sizao.records.models import Case, Contact, Event, ProtocolAnnex, Stay, Trace, TraceAnswer, TraceMatch
from sizao.response import tracing
from sizao.response.outbreaks import OutbreakClosed
from sizao.response.tracing import found_contacts, presences, standing, trace_checks, traces
from sizao.response.tracing.windows import NotConfirmed, TracesNobody
from sizao.terms import CaseStatus, ContactKind, Layer, OutbreakKind, Role, StayKind, Tier, TraceCause, TracePurpose
from tests import factories
from tests.response.presence_world import NOW, at, found, token, world

pytestmark = pytest.mark.django_db


class TestAsk:
    def test_returns_who_was_there_for_long_enough(self, here):
        here.send(
            ("P-CASE", "shop", at("10:00"), at("11:00")),
            ("P-LONG", "shop", at("10:30"), at("12:00")),
            ("P-EXACT", "shop", at("10:50"), at("11:30")),
            ("P-SHORT", "shop", at("10:51"), at("11:30")),
            ("P-ELSEWHERE", "bank", at("10:00"), at("11:00")),
        )
        assert found(here.ask()) == {token(here, "P-LONG"): 30.0, token(here, "P-EXACT"): 10.0}

    def test_writes_down_what_it_returned_and_what_it_followed(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")), ("P-1", "shop", at("10:00"), at("11:00")))
        trace = here.ask()
        said = TraceAnswer.objects.get(trace=trace)
        assert (said.cause, said.n_found, said.n_new, said.n_known) == (TraceCause.ASKED, 1, 1, 0)
        lines = {line.verb: line for line in Event.objects.filter(subject_kind="trace", subject_id=trace.pk)}
        assert lines["trace.asked"].actor == here.officer.username
        assert lines["trace.answered"].facts["found"] == 1
        assert "investigation.contact_window_days" in {entry["key"] for entry in trace.settings["basis"]}

    def test_asks_from_the_days_before_onset_on(self, here):
        here.send(
            ("P-CASE", "shop", at("23:00", day=5), at("01:00", day=6)),
            ("P-1", "shop", at("23:00", day=5), at("01:00", day=6)),
        )
        assert set(found(here.ask()).values()) == {60.0}  # cut where the sixth of January begins

    def test_asks_until_the_case_was_set_apart(self, here):
        apart = NOW - timedelta(days=1)
        Stay.objects.create(
            person=here.case.person, kind=StayKind.ROOM, area_code="130109", party=1, recorded_at=apart,
            period=DateTimeTZRange(apart, None, "[)"), source_key="stay",
        )  # fmt: skip
        trace = here.ask()
        assert trace.ends_at == apart
        # 14 days of isolation from the last day on which somebody can have met them (edition 7)
        assert trace.last_date == apart.date() + timedelta(days=14)
        assert trace.settings["is_set_apart"] is True

    def test_for_the_source_asks_before_the_case_fell_ill(self, here):
        here.send(("P-CASE", "shop", at("10:00", day=3), at("11:00", day=3)))
        trace = here.ask(purpose=TracePurpose.FIND_SOURCE)
        days = [moment.astimezone(NOW.tzinfo).date() for moment in (trace.begins_at, trace.ends_at)]
        assert days == [date(2020, 12, 25), date(2021, 1, 8)]

    def test_leaves_cells_out_where_no_annex_turned_the_rule_on(self, here):
        cell = "800m:14209:27145"
        here.send(("P-CASE", cell, at("10:00"), at("11:00")), ("P-1", cell, at("10:00"), at("11:00")))
        assert found(here.ask()) == {}

    def test_links_whom_the_register_knows_and_tells_their_record(self, here):
        known = factories.person(number="P-KNOWN")
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")), ("P-KNOWN", "shop", at("10:00"), at("11:00")))
        trace = here.ask()
        match = trace.matches.get()
        assert (match.person, match.area_code) == (known, known.area_code)
        line = Event.objects.get(verb="trace.returned")
        assert (line.person_id, line.facts["trace"]) == (known.pk, trace.number)
        assert trace.answers.get().n_known == 1

    def test_numbers_follow_each_other(self, here):
        here.ask()
        assert here.ask(case=here.another_case("P-OTHER")).number == "T0002"

    @pytest.fixture(autouse=True)
    def _there_is_something_to_ask(self, here):
        here.send(("P-NOBODY", "station", at("09:00"), at("09:10")))


class TestIsRefused:
    def test_for_who_is_no_confirmed_case(self, here):
        here.case.status = CaseStatus.SUSPECTED
        with pytest.raises(NotConfirmed, match="P-CASE"):
            here.ask()

    def test_but_not_for_an_infection_without_symptoms(self, here):
        here.case.status = CaseStatus.ASYMPTOMATIC
        assert here.ask().case == here.case

    @pytest.mark.parametrize("reason", ["", "  \n"])
    def test_without_a_reason(self, here, reason):
        with pytest.raises(trace_checks.ReasonMissing):
            here.ask(reason=reason)

    def test_in_another_jurisdiction(self, here):
        with pytest.raises(NotYours):
            here.ask(by=factories.account(role=Role.DATA_OFFICER, area_code="130581"))

    def test_for_a_role_that_may_not(self, here):
        with pytest.raises(NotAllowed):
            here.ask(by=factories.account(role=Role.DUTY_OFFICER))

    @pytest.mark.parametrize("minutes", [0, 0.5, 1441, float("nan")])
    def test_for_a_length_that_counts_nobody_or_everybody(self, here, minutes):
        with pytest.raises(trace_checks.MinutesOutside):
            here.ask(least_minutes=minutes)

    def test_twice_for_one_purpose(self, here):
        first = here.ask()
        with pytest.raises(trace_checks.AskedAlready, match=first.number):
            here.ask()
        assert here.ask(purpose=TracePurpose.FIND_SOURCE) != first
        traces.close(trace=first, by=here.officer, now=NOW)
        assert here.ask() != first

    def test_in_an_outbreak_that_is_over(self, here):
        here.outbreak.closed_at = NOW
        with pytest.raises(OutbreakClosed):
            here.ask()

    def test_under_an_edition_that_traces_nobody(self, here):
        with pytest.raises(TracesNobody):
            here.ask(now=NOW.replace(year=2023, month=2))

    @pytest.fixture(autouse=True)
    def _there_is_something_to_ask(self, here):
        here.send(("P-NOBODY", "station", at("09:00"), at("09:10")))


class TestWithoutPresences:
    def test_nothing_can_be_asked(self, here):
        with pytest.raises(presences.NoPresences):
            here.ask()
        assert not Trace.objects.exists()


class TestStanding:
    def test_a_late_batch_is_matched(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        trace = here.ask()
        here.send(("P-LATE", "shop", at("10:00"), at("10:30")))
        later = NOW + timedelta(hours=3)
        assert standing.advance(here.outbreak, later) == 1
        assert found(trace) == {token(here, "P-LATE"): 30.0}
        said = trace.answers.order_by("pk").last()
        assert (said.cause, said.n_new, said.answered_at) == (TraceCause.PRESENCES, 1, later)

    def test_the_case_itself_may_be_told_late(self, here):
        here.send(("P-1", "shop", at("10:00"), at("11:00")))
        trace = here.ask()
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        standing.advance(here.outbreak, NOW)
        assert found(trace) == {token(here, "P-1"): 60.0}

    def test_a_piece_too_short_by_itself_is_matched(self, here):
        """Six minutes came before and six come now: without a gap between them they are twelve."""
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")), ("P-1", "shop", at("10:00"), at("10:06")))
        trace = here.ask()
        assert found(trace) == {}
        here.send(("P-1", "shop", at("10:06"), at("10:12")))
        standing.advance(here.outbreak, NOW)
        assert found(trace) == {token(here, "P-1"): 12.0}

    def test_advancing_again_changes_nothing(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        trace = here.ask()
        here.send(("P-1", "shop", at("10:00"), at("11:00")))
        standing.advance(here.outbreak, NOW)
        kept = [list(model.objects.order_by("pk").values()) for model in (TraceMatch, TraceAnswer, Trace)]
        assert standing.advance(here.outbreak, NOW) == 0
        assert standing.advance(here.outbreak, NOW + timedelta(hours=1)) == 0
        assert [list(model.objects.order_by("pk").values()) for model in (TraceMatch, TraceAnswer, Trace)] == kept
        assert trace.answers.count() == 2

    def test_a_batch_that_concerns_nobody_asks_nothing(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        trace = here.ask()
        here.send(("P-1", "bank", at("10:00"), at("11:00")))
        assert standing.advance(here.outbreak, NOW) == 0
        trace.refresh_from_db()
        assert (trace.answers.count(), int(trace.seen)) == (1, presences.opened(here.outbreak).mark)

    def test_nothing_is_asked_after_the_last_day(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        trace = here.ask()
        here.send(("P-1", "shop", at("10:00"), at("11:00")))
        after = NOW + timedelta(days=(trace.last_date - NOW.date()).days + 1)
        assert standing.advance(here.outbreak, after) == 0
        assert found(trace) == {}

    def test_a_closed_trace_is_asked_no_more(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        trace = here.ask()
        traces.close(trace=trace, by=here.officer, now=NOW)
        here.send(("P-1", "shop", at("10:00"), at("11:00")))
        assert standing.advance(here.outbreak, NOW) == 0
        assert found(trace) == {}

    def test_an_earlier_onset_moves_the_window(self, here):
        here.send(
            ("P-CASE", "shop", at("10:00", day=4), at("11:00", day=4)),
            ("P-1", "shop", at("10:00", day=4), at("11:00", day=4)),
        )
        trace = here.ask()
        assert found(trace) == {}
        Case.objects.filter(pk=here.case.pk).update(onset_date=date(2021, 1, 6))
        assert standing.advance(here.outbreak, NOW) == 1
        assert found(trace) == {token(here, "P-1"): 60.0}
        assert trace.answers.order_by("pk").last().cause == TraceCause.WINDOW

    def test_setting_the_case_apart_ends_the_window(self, here):
        here.send(
            ("P-CASE", "shop", at("10:00", day=9), at("11:00", day=9)),
            ("P-1", "shop", at("10:00", day=9), at("11:00", day=9)),
        )
        trace = here.ask()
        assert len(found(trace)) == 1
        apart = NOW - timedelta(days=2)
        Stay.objects.create(
            person=here.case.person, kind=StayKind.BED, area_code="130109", party=1, recorded_at=NOW,
            period=DateTimeTZRange(apart, None, "[)"), source_key="stay",
        )  # fmt: skip
        later = NOW + timedelta(hours=1)
        assert standing.advance(here.outbreak, later) == 1
        assert found(trace) == {}
        assert trace.matches.get().gone_at == later
        assert trace.answers.order_by("pk").last().n_gone == 1

    def test_a_case_that_was_none_ends_its_trace(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        trace = here.ask()
        Case.objects.filter(pk=here.case.pk).update(status=CaseStatus.DISCARDED)
        assert standing.advance(here.outbreak, NOW) == 1
        trace.refresh_from_db()
        assert trace.closed_at == NOW
        assert Event.objects.get(verb="trace.closed").facts["why"] == standing.NO_CASE

    def test_numbers_that_change_keep_what_was_known_before(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")), ("P-1", "shop", at("10:00"), at("10:20")))
        trace = here.ask()
        here.send(("P-1", "shop", at("10:40"), at("11:00")))
        later = NOW + timedelta(hours=1)
        standing.advance(here.outbreak, later)
        then = trace.matches.filter(found_at__lte=NOW).exclude(gone_at__lte=NOW).get()
        assert (then.minutes, then.gone_at) == (20.0, later)
        assert list(found(trace).values()) == [40.0]
        said = trace.answers.order_by("pk").last()
        assert (said.n_found, said.n_new, said.n_gone) == (1, 0, 0)

    def test_who_is_registered_later_is_linked_then(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")), ("P-NEW", "shop", at("10:00"), at("11:00")))
        trace = here.ask()
        later = NOW + timedelta(hours=1)
        person = factories.person(number="P-NEW", registered_at=later)
        assert standing.advance(here.outbreak, later) == 1
        assert trace.matches.get().person == person
        assert standing.advance(here.outbreak, later) == 0


class TestVehicles:
    def test_are_a_layer_of_their_own(self, here):
        rows = {"number": ["P-CASE", "P-1"], "place": ["bus-511"] * 2, "layer": ["vehicle"] * 2}
        here.send_columns(**rows, start=[at("10:00")] * 2, end=[at("10:30")] * 2)
        here.send(("P-CASE", "shop", at("11:00"), at("12:00")), ("P-1", "shop", at("11:00"), at("11:20")))
        told = here.ask().matches.order_by("layer").values_list("layer", "minutes")
        assert list(told) == [(Layer.VEHICLE, 30.0), (Layer.VENUE, 20.0)]


class TestSpaceTime:
    """In Zhengzhou in August 2021 under edition 8, where an annex may turn the rule on."""

    CELL = "800m:14209:27145"

    def test_returns_who_lived_in_a_cell_of_the_case_where_an_annex_says_so(self, there):
        self._turn_on(there)
        trace = self._ask(there)
        match = trace.matches.get()
        assert (match.token, match.layer, match.tier) == (token(there, "P-LIVES"), Layer.CELL, Tier.SPACE_TIME)
        assert (match.minutes, match.score) == (30.0, None)
        with pytest.raises(found_contacts.OnlyInvited):
            tracing.to_contacts(trace=trace, matches=[match], by=there.officer, now=self.now)

    def test_returns_nobody_where_none_does(self, there):
        assert not self._ask(there).matches.exists()

    def test_sees_hours_that_are_told_later(self, there):
        self._turn_on(there)
        trace = self._ask(there)
        rows = [("P-PASSES", self.CELL, self.second(day, 0), self.second(day, 20)) for day in (10, 11)]
        there.send(*rows, now=self.now)
        assert standing.advance(there.outbreak, self.now) == 1
        assert set(found(trace)) == {token(there, "P-LIVES"), token(there, "P-PASSES")}

    now = datetime.fromisoformat("2021-08-20T20:00+08:00")

    def second(self, day, hour):
        return int(self.now.replace(day=day, hour=hour).timestamp())

    def _ask(self, there):
        lives = [("P-LIVES", self.CELL, self.second(day, 0), self.second(day, 20)) for day in (16, 17)]
        meets = [(who, self.CELL, self.second(19, 10), self.second(19, 10) + 1800)
                 for who in ("P-CASE", "P-LIVES", "P-PASSES")]  # fmt: skip
        there.send(*lives, *meets, now=self.now)
        return there.ask(now=self.now)

    def _turn_on(self, there):
        ProtocolAnnex.objects.create(
            outbreak=there.outbreak, annex_id="space-time", text=ANNEX, published_by=factories.account(),
            published_at=self.now.replace(day=13),
        )  # fmt: skip

    @pytest.fixture
    def there(self):
        one = world(kind=OutbreakKind.DRILL, area_code="4101", first_date=date(2021, 8, 1))
        Case.objects.update(area_code="410102001001", onset_date=date(2021, 8, 20))
        one.case.refresh_from_db()
        one.officer = factories.account(role=Role.DATA_OFFICER, area_code="4101")
        return one


ANNEX = """
id = "space-time"
title = "测试"
area_code = "4101"
issuer = "测试"
document_no = ""
effective_from = 2021-08-12
effective_until = 2021-09-12
editions = ["edition-8"]
drill = true
[[overrides]]
key = "contacts.other.spacetime_enabled_default"
value = true
source = "S24"
reason = "a test"
"""


class TestToContacts:
    def test_makes_contacts_of_whom_a_person_chose(self, here):
        known = factories.person(number="P-KNOWN")
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")), ("P-KNOWN", "shop", at("10:00"), at("11:00")))
        trace = here.ask()
        made = tracing.to_contacts(trace=trace, matches=list(trace.matches.all()), by=here.officer, now=NOW)
        contact = Contact.objects.get()
        assert made == [contact]
        told = (contact.person, contact.kind, contact.source, contact.index_case, contact.last_exposure_date)
        assert told == (known, ContactKind.CLOSE, found_contacts.SOURCE, here.case, date(2021, 1, 8))

    def test_nobody_becomes_one_by_rule(self, here):
        factories.person(number="P-KNOWN")
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")), ("P-KNOWN", "shop", at("10:00"), at("11:00")))
        here.ask()
        tracing.advance(outbreak=here.outbreak, now=NOW)
        assert not Contact.objects.exists()

    @pytest.mark.parametrize(
        ("layer", "tier"), [(Layer.CELL, Tier.SAME), (Layer.CELL, Tier.NEIGHBOUR), (Layer.CELL, Tier.SPACE_TIME)]
    )
    def test_refuses_whom_only_a_cell_shows(self, here, layer, tier):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        match = a_match(here.ask(), layer=layer, tier=tier, person=factories.person())
        with pytest.raises(found_contacts.OnlyInvited):
            tracing.to_contacts(trace=match.trace, matches=[match], by=here.officer, now=NOW)
        assert not Contact.objects.exists()

    def test_refuses_whom_nobody_knows(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")), ("P-X", "shop", at("10:00"), at("11:00")))
        trace = here.ask()
        with pytest.raises(found_contacts.NobodyKnown):
            tracing.to_contacts(trace=trace, matches=list(trace.matches.all()), by=here.officer, now=NOW)

    def test_refuses_a_role_that_may_not(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        with pytest.raises(NotAllowed):
            tracing.to_contacts(
                trace=here.ask(), matches=[], by=factories.account(role=Role.DUTY_OFFICER), now=NOW
            )  # fmt: skip


class TestClose:
    def test_is_said_once(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        trace = here.ask()
        assert tracing.close(trace=trace, by=here.officer, now=NOW).closed_at == NOW
        with pytest.raises(traces.TraceClosed):
            tracing.close(trace=trace, by=here.officer, now=NOW)

    def test_is_for_those_who_may_ask(self, here):
        here.send(("P-CASE", "shop", at("10:00"), at("11:00")))
        with pytest.raises(NotYours):
            tracing.close(trace=here.ask(), by=factories.account(role=Role.DATA_OFFICER, area_code="41"), now=NOW)


class TestCommonSource:
    def test_ranks_what_cases_shared_before_they_fell_ill(self, here):
        others = [here.another_case(f"P-{name}") for name in "ABC"]
        ill = ["P-CASE", "P-A", "P-B", "P-C"]
        crowd = [(f"P-{n:03}", "mall", at("09:00", day=2) + 60 * n, at("10:00", day=2) + 60 * n) for n in range(60)]
        wedding = [(who, "hall", at("11:00", day=2), at("13:00", day=2)) for who in ill]
        here.send(*crowd, *wedding, ("P-CASE", "mall", at("09:30", day=2), at("10:00", day=2)))
        trace = self._ask(here, [here.case, *others])
        first = trace.answers.get().facts["sources"][0]
        assert (first["place"], first["cases"]) == ("hall", 4)
        assert first["p_value"] < 0.01
        assert not trace.matches.exists()
        assert (trace.case, sorted(trace.cases)) == (None, sorted(case.pk for case in (here.case, *others)))

    def test_is_asked_again_when_a_batch_concerns_a_case(self, here):
        other = here.another_case("P-A")
        here.send(("P-CASE", "hall", at("11:00", day=2), at("13:00", day=2)))
        trace = self._ask(here, [here.case, other])
        assert trace.answers.get().facts["sources"] == []
        here.send(("P-A", "hall", at("11:00", day=2), at("13:00", day=2)))
        assert standing.advance(here.outbreak, NOW) == 1
        assert trace.answers.order_by("pk").last().facts["sources"][0]["place"] == "hall"
        assert standing.advance(here.outbreak, NOW) == 0

    def test_is_asked_again_when_a_case_fell_ill_at_another_time(self, here):
        other = here.another_case("P-A")
        rows = [(who, "hall", at("11:00", day=8), at("13:00", day=8)) for who in ("P-CASE", "P-A")]
        here.send(*rows)
        trace = self._ask(here, [here.case, other])
        Case.objects.update(onset_date=date(2021, 1, 9))
        assert standing.advance(here.outbreak, NOW) == 1
        said = trace.answers.order_by("pk").last()
        assert (said.cause, said.facts["sources"][0]["place"]) == (TraceCause.WINDOW, "hall")

    def test_needs_two_cases(self, here):
        here.send(("P-CASE", "hall", at("11:00"), at("13:00")))
        with pytest.raises(traces.TooFewCases, match="P-CASE"):
            self._ask(here, [here.case, here.case])

    def test_is_refused_where_one_of_them_is_elsewhere(self, here):
        here.send(("P-CASE", "hall", at("11:00"), at("13:00")))
        elsewhere = here.another_case("P-A", area_code="410102")
        with pytest.raises(NotYours):
            self._ask(here, [here.case, elsewhere])

    def _ask(self, here, cases):
        return tracing.ask_common_source(
            outbreak=here.outbreak, cases=cases, reason="a wedding?", by=here.officer, now=NOW
        )  # fmt: skip


def a_match(trace, **facts):
    defaults = {
        "token": "0" * 32, "layer": Layer.VENUE, "tier": Tier.SAME, "minutes": 20.0, "meetings": 1, "days": 1,
        "first_at": NOW, "last_at": NOW, "found_at": NOW,
    }  # fmt: skip
    return TraceMatch.objects.create(trace=trace, **defaults | facts)


@pytest.fixture
def here():
    return world()
