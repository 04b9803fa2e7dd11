"""Traces on the screen: asked with a reason, shown as known on a day, each line explained, acts in a name."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sizao.records.models import Contact, Event, Trace
from sizao.response.tracing import standing
from sizao.terms import ContactKind, Role
from tests import factories
from tests.web import tracing
from tests.web.conftest import DAY, MORNING, at
from tests.web.tracing import BUS, COUNTY, ELSEWHERE, REASON, SHOP, VENUE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_folder_of_its_own(settings, tmp_path):
    settings.PRESENCES_DIR = tmp_path


@pytest.fixture
def case(outbreak):
    factories.area(ELSEWHERE, "南宫市")
    tracing.places()
    return tracing.case(outbreak)


@pytest.fixture
def neighbour(case):
    """Somebody of the same county, at the banquet with the case and in the shop the day after."""
    return factories.person(number="P-NEAR", name="王小明", registered_at=MORNING)


@pytest.fixture
def visitor(case):
    """Somebody of another county who was at the banquet."""
    return factories.person(number="P-AWAY", name="欧阳无双", area_code=ELSEWHERE, registered_at=MORNING)


@pytest.fixture
def arrived(case, neighbour, visitor):
    """Presences of the case, of two people of the register, and of three of whom only a number is told."""
    rows = [
        ("P-CASE", VENUE, tracing.at(18), tracing.at(20)),
        ("P-CASE", SHOP, tracing.at(9, 1), tracing.at(9.5, 1)),
        ("P-CASE", BUS, tracing.at(10, 1), tracing.at(11, 1)),
        ("P-NEAR", VENUE, tracing.at(18), tracing.at(20)),
        ("P-NEAR", SHOP, tracing.at(9, 1), tracing.at(9.4, 1)),
        ("P-AWAY", VENUE, tracing.at(19), tracing.at(19.5)),
        ("T-1", VENUE, tracing.at(18.5), tracing.at(19)),
        ("T-2", SHOP, tracing.at(9, 1), tracing.at(9.25, 1)),
        ("T-SHORT", VENUE, tracing.at(19.95), tracing.at(20)),
        ("T-LATER", VENUE, tracing.at(20), tracing.at(22)),
    ]
    tracing.present(case.outbreak, rows, key="first", now=MORNING)


@pytest.fixture
def trace(case, arrived):
    return tracing.asked(case)


def learn(case, rows, *, now):
    """Let presences arrive, and let the loop ask the standing traces again."""
    tracing.present(case.outbreak, rows, key=f"late:{now}", now=now)
    standing.advance(case.outbreak, now)


def read(answer):
    assert answer.status_code == 200, answer.content.decode()[-600:]
    return answer.content.decode()


class TestList:
    def test_says_what_stands_until_when(self, trace, client_of):
        shown = read(client_of(Role.DATA_OFFICER).get(at("/traces/")))
        assert "1 trace stands." in shown
        assert trace.number in shown
        assert trace.last_date.isoformat() in shown
        assert "not opened yet" in shown
        assert "场所码" in shown

    def test_counts_what_is_new_since_one_looked(self, trace, case, client_of):
        officer = client_of(Role.DATA_OFFICER)
        officer.get(at(f"/traces/{trace.pk}/"))
        assert "Nothing new was found since you last looked." in read(officer.get(at("/traces/")))
        learn(case, [("T-9", VENUE, tracing.at(18), tracing.at(19))], now=MORNING + timedelta(days=1))
        tomorrow = read(officer.get(at("/traces/", DAY + timedelta(days=1))))
        assert "1 person was found since you last looked." in tomorrow
        assert "<b>+1</b>" in tomorrow
        assert "Nothing new" in read(officer.get(at("/traces/")))

    def test_shows_those_of_one_s_jurisdiction(self, trace, client_of):
        assert trace.number not in read(client_of(Role.DATA_OFFICER, ELSEWHERE).get(at("/traces/")))

    def test_is_for_who_may_ask(self, outbreak, client_of):
        assert client_of(Role.REPORTER).get(at("/traces/")).status_code == 403

    def test_asks_as_often_for_many_as_for_one(self, trace, client_of):
        officer = client_of(Role.DATA_OFFICER)
        officer.get(at("/traces/"))
        with CaptureQueriesContext(connection) as one:
            officer.get(at("/traces/"))
        for minutes in (11, 12, 13, 14):
            tracing.asked(trace.case, least_minutes=minutes, purpose="find_onward")
        with CaptureQueriesContext(connection) as many:
            read(officer.get(at("/traces/")))
        assert len(many) == len(one)


class TestAsk:
    def ask(self, somebody, **given):
        facts = {"question": "companions", "case": "HB-1", "purpose": "find_contacts", "reason": REASON} | given
        return somebody.post(at("/traces/ask/"), facts, follow=True)

    def test_is_answered_at_once_and_journalled(self, case, arrived, client_of):
        shown = read(self.ask(client_of(Role.INVESTIGATOR, COUNTY)))
        found = Trace.objects.get()
        assert f"Asked in your name: {found.number}." in shown
        assert "<b>4</b> people were with HB-1" in shown
        assert Event.objects.filter(verb="trace.asked", subject_id=found.pk).count() == 1

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"reason": " "}, "Say why presences are to be asked"),
            ({"case": "HB-9"}, "There is no case HB-9 in your jurisdiction"),
            ({"purpose": "curiosity"}, "is no purpose of a trace"),
            ({"case": "HB-1 HB-1"}, "are asked for one case at a time"),
            ({"question": "common_source"}, "among two cases or more"),
        ],
    )
    def test_is_refused_in_one_sentence_and_keeps_what_was_written(self, case, arrived, client_of, given, said):
        shown = read(self.ask(client_of(Role.DATA_OFFICER), **given))
        assert said in shown
        assert not Trace.objects.exists()
        assert given.get("reason", REASON).strip() in shown

    def test_is_refused_for_a_case_that_is_not_confirmed(self, case, arrived, client_of):
        case.status = "suspected"
        case.save()
        assert "is no confirmed case" in read(self.ask(client_of(Role.DATA_OFFICER)))

    def test_offers_the_case_of_the_page_one_came_from(self, case, client_of):
        shown = read(client_of(Role.INVESTIGATOR).get(at("/traces/ask/", case="HB-1")))
        assert 'name="case" value="HB-1"' in shown
        assert "No presences had arrived" in shown

    def test_takes_no_case_of_another_county(self, case, arrived, client_of):
        shown = read(self.ask(client_of(Role.DATA_OFFICER, ELSEWHERE)))
        assert "There is no case HB-1 in your jurisdiction" in shown


class TestPage:
    def test_says_first_how_many_and_what_is_to_be_done(self, trace, client_of):
        shown = read(client_of(Role.DATA_OFFICER).get(at(f"/traces/{trace.pk}/")))
        assert "<b>4</b> people were with HB-1 for at least 10 minutes" in shown
        assert "The register knows 2; 2 are a token only" in shown
        assert "at the isolation site within 12 hours, 14 days there" in shown
        assert "Edition 7: Central days = 14" in shown
        assert f"Asked again with each delivery until {trace.last_date}" in shown
        assert shown.index("P-NEAR") < shown.index("P-AWAY")

    def test_counts_who_lives_outside_one_s_jurisdiction_and_masks_them(self, trace, client_of):
        shown = read(client_of(Role.DATA_OFFICER, COUNTY).get(at(f"/traces/{trace.pk}/")))
        assert "1 live outside your jurisdiction" in shown
        assert "王小明" in shown
        assert "欧阳无双" not in shown
        assert "欧***" in shown

    def test_is_not_there_for_another_county(self, trace, client_of):
        assert client_of(Role.DATA_OFFICER, ELSEWHERE).get(at(f"/traces/{trace.pk}/")).status_code == 404

    def test_shows_what_was_known_on_the_chosen_day(self, trace, case, client_of):
        learn(case, [("T-9", VENUE, tracing.at(18), tracing.at(20))], now=MORNING + timedelta(days=1))
        officer = client_of(Role.DATA_OFFICER)
        assert "<b>4</b> people" in read(officer.get(at(f"/traces/{trace.pk}/")))
        later = read(officer.get(at(f"/traces/{trace.pk}/", DAY + timedelta(days=1))))
        assert "<b>5</b> people" in later
        assert "1 added, 0 no longer found, 5 in all." in later
        before = officer.get(at(f"/traces/{trace.pk}/", DAY - timedelta(days=1)))
        assert before.status_code == 404
        assert "This trace was asked on 2021-01-10" in before.content.decode()

    def test_ranks_layers_apart(self, case, client_of):
        tracing.present(
            case.outbreak,
            [("P-CASE", VENUE, tracing.at(18), tracing.at(20)), ("T-1", VENUE, tracing.at(18), tracing.at(20))],
            key="only", now=MORNING,
        )  # fmt: skip
        trace = tracing.asked(case)
        officer = client_of(Role.DATA_OFFICER)
        assert "Venue 1" in read(officer.get(at(f"/traces/{trace.pk}/")))
        assert "nobody was found" in read(officer.get(at(f"/traces/{trace.pk}/", layer="vehicle")))
        assert officer.get(at(f"/traces/{trace.pk}/", layer="air")).status_code == 400

    def test_says_what_a_cut_leaves_out_and_shows_them_still(self, trace, client_of):
        shown = read(client_of(Role.DATA_OFFICER).get(at(f"/traces/{trace.pk}/", keep=1)))
        assert "leaves out <b>3</b> people" in shown
        assert shown.count('class="beyond"') == 3
        refused = client_of(Role.DATA_OFFICER).get(at(f"/traces/{trace.pk}/", keep="many"))
        assert refused.status_code == 400

    def test_refuses_a_place_in_the_list_that_is_none(self, trace, client_of):
        assert client_of(Role.DATA_OFFICER).get(at(f"/traces/{trace.pk}/", after="x~y")).status_code == 400

    def test_journals_who_read_it(self, trace, client_of):
        client_of(Role.DATA_OFFICER).get(at(f"/traces/{trace.pk}/"))
        line = Event.objects.get(verb="trace.read")
        assert (line.subject_id, line.facts["found"]) == (trace.pk, 4)

    def test_marks_what_a_model_made_up(self, case, neighbour, client_of):
        rows = [("P-CASE", VENUE, tracing.at(18), tracing.at(20)), ("P-NEAR", VENUE, tracing.at(18), tracing.at(20))]
        tracing.present(case.outbreak, rows, key="made", now=MORNING, is_generated=True)
        shown = read(client_of(Role.DATA_OFFICER).get(at(f"/traces/{tracing.asked(case).pk}/")))
        assert "Made by a model, not counted" in shown

    def test_pages_by_key_through_everybody(self, case, client_of):
        rows = [("P-CASE", VENUE, tracing.at(18), tracing.at(20))]
        rows += [(f"T-{n}", VENUE, tracing.at(18), tracing.at(18) + 900 + 60 * (n % 40)) for n in range(120)]
        tracing.present(case.outbreak, rows, key="many", now=MORNING)
        trace, officer = tracing.asked(case), client_of(Role.DATA_OFFICER)
        seen, ranks, key = [], [], ""
        for _ in range(4):
            answer = officer.get(at(f"/traces/{trace.pk}/", after=key))
            ranking = answer.context["ranking"]
            seen += [row.match.token for row in ranking.rows]
            ranks += [row.rank for row in ranking.rows]
            key = ranking.more
        assert key == ""
        assert ranks == list(range(1, 121))
        assert len(set(seen)) == 120
        scores = list(trace.matches.order_by("-score", "pk").values_list("token", flat=True))
        assert seen == scores

    def test_asks_as_often_for_many_as_for_few(self, trace, case, client_of):
        officer = client_of(Role.DATA_OFFICER)
        learn(case, [("T-5", VENUE, tracing.at(18), tracing.at(19))], now=MORNING)
        officer.get(at(f"/traces/{trace.pk}/"))
        with CaptureQueriesContext(connection) as few:
            officer.get(at(f"/traces/{trace.pk}/"))
        people = [factories.person(registered_at=MORNING) for _ in range(30)]
        rows = [(one.number, VENUE, tracing.at(18), tracing.at(19)) for one in people]
        learn(case, rows, now=MORNING + timedelta(minutes=1))
        with CaptureQueriesContext(connection) as many:
            shown = read(officer.get(at(f"/traces/{trace.pk}/")))
        assert "<b>35</b> people" in shown
        assert len(many) == len(few)


class TestWhyListed:
    def test_tells_each_meeting_and_is_journalled_as_a_reading(self, trace, neighbour, client_of):
        match = trace.matches.get(person=neighbour)
        shown = read(client_of(Role.INVESTIGATOR).get(at(f"/traces/{trace.pk}/matches/{match.pk}/")))
        assert "with HB-1 2 times, <b>144 minutes</b> in all, on 2 days (Venue, Same place)" in shown
        assert "2021-01-07 18:00–20:00" in shown
        assert "2021-01-08 09:00–09:24" in shown
        assert "喜宴厅" in shown
        assert Event.objects.get(verb="person.read").person_id == neighbour.pk

    def test_keeps_to_the_case_of_the_trace(self, trace, client_of):
        other = factories.case(within=trace.outbreak, number="HB-2", opened_at=MORNING)
        foreign = trace.matches.first()
        foreign_trace = Trace.objects.create(
            outbreak=trace.outbreak, number="T-X", question="companions", purpose="find_contacts", reason="x",
            case=other, begins_at=MORNING, ends_at=MORNING, least_minutes=10, protocol="", asked_at=MORNING,
            asked_by="x", area_code=other.area_code, last_date=DAY,
        )  # fmt: skip
        officer = client_of(Role.DATA_OFFICER)
        assert officer.get(at(f"/traces/{foreign_trace.pk}/matches/{foreign.pk}/")).status_code == 404

    def test_says_so_where_the_presences_were_destroyed(self, trace, neighbour, client_of, settings, tmp_path):
        settings.PRESENCES_DIR = tmp_path / "gone"
        match = trace.matches.get(person=neighbour)
        shown = read(client_of(Role.DATA_OFFICER).get(at(f"/traces/{trace.pk}/matches/{match.pk}/")))
        assert "destroyed on their last day" in shown

    def test_is_not_there_for_another_county(self, trace, visitor, client_of):
        match = trace.matches.get(person=visitor)
        stranger = client_of(Role.DATA_OFFICER, ELSEWHERE)
        assert stranger.get(at(f"/traces/{trace.pk}/matches/{match.pk}/")).status_code == 404


class TestPicture:
    def test_gives_places_and_times_as_clocks_there_showed_them(self, trace, client_of):
        told = client_of(Role.DATA_OFFICER).get(at(f"/traces/{trace.pk}/places/")).json()
        names = [spot["name"] for spot in told["spots"]]
        first = told["stays"][0]
        assert names[first["spot"]] == "喜宴厅"
        assert (first["from"], first["to"]) == ("2021-01-07T18:00:00", "2021-01-07T20:00:00")
        assert first["others"] == 3
        assert told["spots"][first["spot"]]["at"] == [114.8, 38.04]
        bus = told["spots"][told["stays"][-1]["spot"]]
        assert bus["at"] is None

    def test_is_refused_for_another_county_and_where_presences_are_gone(self, trace, client_of, settings, tmp_path):
        assert client_of(Role.DATA_OFFICER, ELSEWHERE).get(at(f"/traces/{trace.pk}/places/")).status_code == 404
        settings.PRESENCES_DIR = tmp_path / "gone"
        address, json = at(f"/traces/{trace.pk}/places/"), {"accept": "application/json"}
        answer = client_of(Role.DATA_OFFICER).get(address, headers=json)
        assert answer.status_code == 409
        assert "destroyed" in answer.json()["message"]

    def test_gives_the_curve_of_a_cut(self, trace, client_of):
        told = client_of(Role.DATA_OFFICER).get(at(f"/traces/{trace.pk}/dilution/", layer="venue", keep=2)).json()
        shares = [share for _, share in told["curve"]]
        assert [n for n, _ in told["curve"]] == [1, 2, 3, 4]
        assert shares == sorted(shares)
        assert shares[-1] == 1
        assert told["n"] == 4
        cut = client_of(Role.DATA_OFFICER).get(at(f"/traces/{trace.pk}/", keep=2)).context["cut"]
        assert (cut.keep, cut.left_out) == (2, 2)
        assert cut.share_left_out == pytest.approx(1 - shares[1], abs=1e-3)
        beyond = trace.matches.order_by("-score", "pk")[2:]
        assert cut.longest_minutes == max(match.minutes for match in beyond)
        assert client_of(Role.DATA_OFFICER).get(at(f"/traces/{trace.pk}/dilution/", layer="x")).status_code == 400


class TestContacts:
    def make(self, somebody, trace, *matches):
        ids = {"match": [match.pk for match in matches], "layer": "venue"}
        return somebody.post(at(f"/traces/{trace.pk}/contacts/"), ids, follow=True)

    def test_are_made_of_chosen_people_in_a_name(self, trace, neighbour, client_of):
        shown = read(self.make(client_of(Role.INVESTIGATOR), trace, trace.matches.get(person=neighbour)))
        assert "1 person is now a contact." in shown
        assert "is a contact" in shown
        made = Contact.objects.get()
        assert (made.person, made.kind, made.source) == (neighbour, ContactKind.CLOSE, "presences")
        assert made.index_case == trace.case

    def test_are_refused_whole_where_nobody_knows_who_one_is(self, trace, neighbour, client_of):
        unknown = trace.matches.filter(person=None).first()
        shown = read(self.make(client_of(Role.DATA_OFFICER), trace, trace.matches.get(person=neighbour), unknown))
        assert "not known to the register" in shown
        assert not Contact.objects.exists()

    def test_are_not_made_of_nobody(self, trace, client_of):
        assert "Nobody was chosen" in read(self.make(client_of(Role.DATA_OFFICER), trace))

    def test_are_for_who_may_and_where(self, trace, client_of):
        address = at(f"/traces/{trace.pk}/contacts/")
        assert client_of(Role.DUTY_OFFICER).post(address, {}).status_code == 403
        assert client_of(Role.DATA_OFFICER, ELSEWHERE).post(address, {}).status_code == 404


class TestClose:
    def test_ends_it_in_a_name_and_only_once(self, trace, client_of):
        officer = client_of(Role.DATA_OFFICER)
        shown = read(officer.post(at(f"/traces/{trace.pk}/close/"), follow=True))
        assert "Asked no more." in shown
        assert "Ask no more</button>" not in shown
        assert "was closed on 2021-01-10" in read(officer.post(at(f"/traces/{trace.pk}/close/"), follow=True))
        trace.refresh_from_db()
        assert trace.closed_at is not None
        assert client_of(Role.DATA_OFFICER, ELSEWHERE).post(at(f"/traces/{trace.pk}/close/")).status_code == 404
