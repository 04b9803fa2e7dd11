"""Questions to the simulated city: what they start from, who answers them, and what is kept."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sizao.cli import answer, answer_question, clock
from sizao.drill import variants
from sizao.engines.simulation.policy import Policy
from sizao.records.models import Area, CaseChange, Event, Stay, TestingRound, WhatIf, Zone
from sizao.response.reports import what_if, what_if_page, what_if_situation
from sizao.response.reports.what_if import Asked, Settings
from sizao.response.reports.what_if_levers import offered, values_of
from sizao.terms import CaseStatus, Lever, Role, StayKind, Variant, WhatIfState, ZoneLevel, ZoneState
from tests import factories

pytestmark = pytest.mark.django_db
FIRST, DAY = date(2021, 1, 2), date(2021, 1, 18)
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TWO = (Asked(Lever.TODAY), Asked(Lever.LIFT))


class TestSituation:
    def test_says_what_is_known_on_the_day(self, growing):
        found, today = read(growing)
        assert found.cases == sum(range(1, 18))
        assert found.counties == (("130109", 40_000, sum(range(4, 18)), "藁城区"),)
        assert found.left_out == 0
        assert sum(found.onsets) == pytest.approx(found.cases)
        assert sum(found.missing) == pytest.approx(1)
        assert 0 <= found.not_found[0] <= found.not_found[1] <= found.not_found[2]
        assert found.reproduction[0] < found.reproduction[1] < found.reproduction[2]
        assert found.assumed == ()
        assert (found.edition, today["quarantine_days"]) == ("edition-7", 14)
        assert max(found.found_onsets) == -1 > min(found.found_onsets) >= -31

    def test_knows_nothing_of_later_days(self, growing):
        early, _ = read(growing, day=date(2021, 1, 12))
        assert early.cases == sum(range(1, 12))

    def test_says_what_nobody_could_estimate(self, growing):
        early, _ = read(growing, day=date(2021, 1, 4))
        assert early.assumed == ("not_found", "reproduction")
        assert early.not_found == pytest.approx((1 / 3 * 6, 6, 18))

    def test_counts_the_rooms_of_those_in_them(self, growing):
        for n, days in enumerate((3, 3, 9)):
            one = factories.person()
            start = at(DAY) - timedelta(days=1)
            Stay.objects.create(
                person=one, kind=StayKind.ROOM, area_code="130109", period=(start, start + timedelta(days=days + 1.4)),
                party=-one.pk, recorded_at=start, source_key=f"t:{n}",
            )  # fmt: skip
        found, _ = read(growing)
        assert found.rooms[:10] == (3, 3, 3, 1, 1, 1, 1, 1, 1, 0)

    def test_reads_closed_areas_and_rounds_that_stand(self, growing):
        assert not {"close_at", "round_every"} & set(read(growing)[1])
        officer = factories.account(role=Role.AREA_OFFICER, area_code="1301")
        for code, unit, since, lifted in (
            ("130109102", "street", date(2021, 1, 6), None),
            ("130109103", "street", date(2021, 1, 8), None),
            ("130109104001", "village", date(2021, 1, 8), None),
            ("130109104002", "village", date(2021, 1, 8), date(2021, 1, 12)),
            ("130109104003", "village", date(2021, 1, 25), None),
        ):
            Zone.objects.create(
                outbreak=growing, area_code=code, name=code, unit=unit, level=ZoneLevel.HIGH, state=ZoneState.PUBLISHED,
                proposed_at=at(since), since_date=since, published_at=at(since), published_by=officer,
                lifted_at=lifted and at(lifted), source_key=code,
            )  # fmt: skip
        for number, day in enumerate((date(2021, 1, 6), date(2021, 1, 12), date(2021, 1, 16), date(2021, 1, 20))):
            TestingRound.objects.create(
                outbreak=growing, number=f"T{number}", name="round", area_code="1301", pool_size=10, begins_at=at(day),
                protocol="edition-7", planned_at=at(day), planned_by="x", opened_at=at(day), opened_by="x",
                roster_made_at=at(day), is_generated=True,
            )  # fmt: skip
        _, today = read(growing)
        assert (today["close_at"], today["close_level"], today["round_every"]) == (1, "town", 5)

    def test_says_the_share_of_cases_in_villages(self, growing):
        assert read(growing)[0].in_villages is None
        Area.objects.create(code="130109102201", name="贾市庄村民委员会", short_name="贾市庄村", level="village")
        Area.objects.create(code="130109001001", name="棉一东社区居民委员会", short_name="棉一东", level="village")
        for code in ("130109102201", "130109102201", "130109001001"):
            case(growing, found=DAY, area_code=code)
        assert read(growing)[0].in_villages == pytest.approx(2 / 3)

    def test_counts_the_cases_of_counties_without_people(self, growing):
        factories.area("130581", "南宫市")
        case(growing, found=DAY, area_code="130581")
        assert read(growing)[0].left_out == 1

    def test_refuses_an_area_without_recent_cases(self, growing):
        with pytest.raises(what_if_situation.NobodyToStartFrom):
            read(growing, area_code="1305")

    def test_refuses_where_no_population_is_known(self, outbreak):
        factories.area("130109", "藁城区")
        case(outbreak, found=DAY)
        with pytest.raises(what_if_situation.PopulationUnknown, match="130109"):
            read(outbreak)


class TestLevers:
    def test_are_policies_that_the_city_can_follow(self, growing):
        _, today = read(growing)
        for lever in offered(today):
            values = {**today, **(values_of(lever, today) or {})}
            Policy("x", **{key: tuple(one) if isinstance(one, list) else one for key, one in values.items()})

    def test_are_offered_only_where_they_change_something(self):
        assert Lever.RESULTS_FASTER in offered({"result_days": 1})
        assert Lever.RESULTS_FASTER not in offered({"result_days": 0})
        assert Lever.ROUNDS not in offered({"round_every": 3, "round_pool": 10})
        assert offered({})[0] is Lever.TODAY

    def test_name_the_variants_that_there_are(self):
        assert {str(one) for one in Variant} == set(variants.names())
        assert what_if.likely_variant(date(2021, 1, 5)) is Variant.ANCESTRAL
        assert what_if.likely_variant(date(2022, 12, 5)) is Variant.BF7


class TestAsk:
    def test_keeps_the_question_with_all_it_follows_from(self, growing, officer):
        made = ask(growing, officer, changes={"trace_days": 2})
        made.refresh_from_db()
        assert what_if.state_of(made) is WhatIfState.WAITING
        assert made.settings["today"]["trace_days"] == 2
        assert made.situation["counties"] == [["130109", 40_000, sum(range(4, 18)), "藁城区"]]
        assert [one["lever"] for one in made.policies] == ["today", "lift"]
        assert made.runs == 20
        assert Event.objects.filter(verb="what_if.asked", subject_id=made.pk, actor=officer.username).count() == 1

    def test_refuses_a_second_one_before_the_first_is_answered(self, growing, officer):
        ask(growing, officer)
        with pytest.raises(what_if.AskedAlready):
            ask(growing, officer)

    @pytest.mark.parametrize(
        ("policies", "days", "runs", "refusal"),
        [
            (TWO[:1], 30, 10, what_if.NothingToCompare),
            (TWO, 30, 9, what_if.RunsOutside),
            (TWO, 91, 10, what_if.RunsOutside),
        ],
    )
    def test_refuses_what_cannot_be_worked_out(self, growing, officer, policies, days, runs, refusal):
        with pytest.raises(refusal):
            ask(growing, officer, policies=policies, days=days, runs=runs)


class TestTake:
    def test_takes_each_question_once_and_again_when_its_worker_fell_silent(self, growing, officer):
        made = ask(growing, officer)
        assert what_if.take(by=None, now=NOW) == made
        assert what_if.take(by=None, now=NOW) is None
        later = NOW + timedelta(minutes=what_if.SILENT_MINUTES + 1)
        what_if.tell(question=made, done=3, by=None, now=later)
        assert what_if.take(by=None, now=later) is None
        assert what_if.take(by=None, now=later + timedelta(hours=1)) == made

    def test_never_changes_an_answer(self, growing, officer):
        made = ask(growing, officer)
        what_if.answer(question=made, found={"first": 1}, by=None, now=NOW)
        what_if.answer(question=made, found={"second": 2}, by=None, now=NOW)
        made.refresh_from_db()
        assert made.answer == {"first": 1}
        assert what_if.state_of(made) is WhatIfState.ANSWERED

    def test_says_why_a_question_cannot_be_worked_out(self, growing, officer):
        made = ask(growing, officer, changes={"quarantine_days": 0})
        assert answer.answer_next()
        made.refresh_from_db()
        assert what_if.state_of(made) is WhatIfState.FAILED
        assert "below 1" in made.fault
        assert not answer.answer_next()


class TestAnswer:
    def test_tells_what_comes_of_each_policy(self, growing, officer, monkeypatch):
        monkeypatch.setattr(clock, "now", lambda: NOW)
        made = ask(growing, officer)
        assert answer.answer_next()
        made.refresh_from_db()
        assert what_if.state_of(made) is WhatIfState.ANSWERED
        today, lift = made.answer["policies"]
        middle = made.situation["not_found"][1]
        assert made.answer["people"] == 40_000
        # Also those infected who are not ill yet.
        assert made.answer["unseen"][1] > middle
        assert today["outcomes"]["size"][0] >= made.answer["unseen"][0]
        assert today["outcomes"]["rooms"][0] > lift["outcomes"]["rooms"][0] > 0
        assert lift["outcomes"]["size"][0] > today["outcomes"]["size"][0]
        assert lift["ratio"][0] > 1
        assert today["ratio"] is None
        for told in (today, lift):
            assert all(low <= middle <= high for low, middle, high in zip(*told["by_day"]["found"], strict=True))
            assert len(told["by_day"]["rooms"][0]) == 20
        assert made.done == made.runs == 20

    def test_starts_from_the_same_situations_under_every_policy(self, growing, officer):
        made = ask(growing, officer)
        asked, _, policies, _ = answer_question.prepared(made)
        assert len(policies) == 2
        assert asked.start.kept == made.situation["kept"]
        assert asked.zero_by == 13
        assert asked.start.unseen.shape[0] == len(asked.start.mixing) == answer_question.DRAWS


class TestCameSince:
    def test_counts_what_was_found_after_the_day(self, growing, officer):
        early = date(2021, 1, 12)
        made = ask(growing, officer, day=early)
        came = what_if_page.came_since(made, day=DAY, as_of=at(DAY))
        assert came.days == tuple(early + timedelta(days=n) for n in range(1, 7))
        assert came.found == tuple(range(12, 18))
        assert what_if_page.came_since(made, day=early, as_of=at(early)).total == 0


@pytest.fixture
def outbreak(noise):
    return factories.outbreak(slug="here", first_date=FIRST, last_date=date(2021, 2, 14))


@pytest.fixture
def growing(outbreak):
    """One more case each day, most of them with an onset two days before."""
    factories.area("130109", "藁城区", population=40_000)
    for day in range(1, 18):
        for n in range(day):
            case(outbreak, found=FIRST + timedelta(days=day - 1), onset=None if n % 4 == 3 else -(n % 3))
    return outbreak


@pytest.fixture
def officer(db):
    return factories.account(role=Role.COMMANDER, area_code="13")


def case(outbreak, *, found, onset=None, area_code="130109110212"):
    moment = at(found) - timedelta(hours=10)
    ill = {} if onset is None else {"onset_date": found + timedelta(days=onset), "investigated_at": moment}
    made = factories.case(within=outbreak, opened_at=moment, area_code=area_code, **ill)
    CaseChange.objects.create(
        case=made, status=CaseStatus.CONFIRMED, at=moment, by="x", source_key=f"t:{made.pk}:confirmed"
    )
    return made


def at(day):
    """The end of a civil day of the jurisdiction, near enough."""
    return datetime(day.year, day.month, day.day, 15, 59, 59, tzinfo=UTC)


def read(outbreak, *, day=DAY, area_code="13"):
    return what_if_situation.read(outbreak, area_code, day=day, as_of=at(day))


def ask(outbreak, by, *, day=DAY, policies=TWO, changes=(), days=20, runs=10):
    settings = Settings(Variant.ANCESTRAL, days, runs, day + timedelta(days=13))
    return what_if.ask(
        outbreak=outbreak, area_code="13", day=day, as_of=at(day), policies=policies, changes=dict(changes),
        settings=settings, by=by, now=NOW,
    )  # fmt: skip


def test_questions_hold_no_person():
    assert not WhatIf.PERSONAL
