"""Kinds of team as data, and how their people rotate."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizao.protocol.faults import FaultyProtocol
from sizao.protocol.shipped import shipped_text
from sizao.protocol.sources import load_sources
from sizao.protocol.teams import NoSuchTeamKind, load_team_kinds, shipped_team_kinds, team_kinds_at
from sizao.protocol.teams_rotation import Crew, Hours, Rotation, fault_of, propose
from sizao.terms import ShiftFault

DAWN = datetime(2022, 7, 10, 0, 0, tzinfo=UTC)
EIGHT_AND_REST = Rotation(longest_shift_hours=8, shortest_rest_hours=4, most_shifts_in_24h=2)


def hours(start, end):
    return Hours(DAWN + timedelta(hours=start), DAWN + timedelta(hours=end))


def as_list(area_code="13", **changed):
    row = {
        "key": "search", "title_zh": "搜排队", "title_en": "Search", "members": 5, "teams_per_county": 2,
        "people_per_team": 0, "hours_to_ready": 2, "longest_shift_hours": 8, "shortest_rest_hours": 8,
        "most_shifts_in_24h": 2, "closed_loop": False, "days_after_loop": 7, "status": "local", "sources": [],
        "note": "…",
    } | changed  # fmt: skip
    told = "\n".join(f"{key} = {_toml(value)}" for key, value in row.items() if value is not None)
    return f'id = "own"\ntitle_zh = "本省"\ntitle_en = "Own"\narea_code = "{area_code}"\n[[kinds]]\n{told}\n'


def _toml(value):
    return str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')


class TestTheShippedList:
    def test_names_eight_kinds_of_which_none_is_certain(self):
        kinds = shipped_team_kinds()
        assert len(kinds.kinds) == 8
        assert {str(one.status) for one in kinds.kinds.values()} == {"unverified"}
        assert kinds.is_unverified

    def test_cites_only_known_sources(self):
        known = load_sources(shipped_text("sources.toml"), "sources.toml")
        assert {source for one in shipped_team_kinds().kinds.values() for source in one.sources} <= set(known)


class TestAList:
    def test_of_a_province_takes_the_place_of_the_shipped_one_as_a_whole(self):
        own = load_team_kinds(as_list("13"), "own.toml")
        assert team_kinds_at("130109", [shipped_team_kinds(), own]) is own
        assert list(own.kinds) == ["search"]
        assert team_kinds_at("410102", [shipped_team_kinds(), own]) is shipped_team_kinds()

    def test_given_later_takes_the_place_of_an_earlier_one(self):
        first, second = (load_team_kinds(as_list("13", members=n), "own.toml") for n in (5, 6))
        assert team_kinds_at("130109", [shipped_team_kinds(), first, second]) is second

    def test_asks_for_teams_by_people_but_never_for_fewer_than_the_least(self):
        kind = load_team_kinds(as_list(people_per_team=20_000), "own.toml").kind("search")
        assert [kind.teams_wanted(n) for n in (None, 0, 40_000, 40_001, 200_000)] == [2, 2, 2, 3, 10]

    def test_reads_a_kind_by_key_or_title(self):
        own = load_team_kinds(as_list(), "own.toml")
        assert {own.read(one).key for one in ("search", " 搜排队 ", "SEARCH")} == {"search"}
        assert own.read("采样队") is None
        with pytest.raises(NoSuchTeamKind, match="search"):
            own.kind("sampling")

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"most_shifts_in_24h": 3}, "most_shifts_in_24h: must be from 1 to 2, but is 3"),
            ({"members": 0}, "must be from 1 to 500"),
            ({"status": "certain"}, "holds certain"),
            ({"closed_loop": None}, "closed_loop: is missing"),
            ({"colour": "red"}, "has no colour"),
            ({"key": "搜排"}, "A key is up to 20 letters"),
        ],
    )
    def test_with_a_fault_is_refused_with_its_key(self, changed, said):
        with pytest.raises(FaultyProtocol, match=said):
            load_team_kinds(as_list(**changed), "own.toml")

    def test_without_a_kind_is_refused(self):
        with pytest.raises(FaultyProtocol, match="at least one kind"):
            load_team_kinds('id = "own"\ntitle_zh = "省"\ntitle_en = "Own"\narea_code = "13"\n', "own.toml")


class TestRotation:
    @pytest.mark.parametrize(
        ("held", "wanted", "fault"),
        [
            ([], (0, 8), None),
            ([], (0, 8.5), ShiftFault.TOO_LONG),
            ([(0, 4)], (3, 6), ShiftFault.OVERLAP),
            ([(0, 4)], (7, 9), ShiftFault.REST),
            ([(0, 4)], (8, 12), None),
            ([(8, 12)], (0, 5), ShiftFault.REST),  # too near to the one after it
            ([(0, 4), (8, 12)], (16, 20), ShiftFault.THIRD),
            ([(0, 4), (12, 16)], (24, 28), None),  # the first began a full day before
            ([(0, 4), (16, 20)], (8, 12), ShiftFault.THIRD),  # between the two
            ([(8, 12), (16, 20)], (0, 4), ShiftFault.THIRD),  # before the two
        ],
    )
    def test_says_which_rule_a_shift_would_break(self, held, wanted, fault):
        assert fault_of(EIGHT_AND_REST, [hours(*one) for one in held], hours(*wanted)) is fault


class TestProposal:
    def test_lets_whoever_worked_least_go_first(self):
        crews = [Crew(key=1, worked_hours=30), Crew(key=2, worked_hours=10), Crew(key=3, worked_hours=20)]
        [filled] = propose(EIGHT_AND_REST, {hours(0, 8): 2}, crews)
        assert filled.crew == (2, 3)

    def test_says_how_many_lack(self):
        [filled] = propose(EIGHT_AND_REST, {hours(0, 8): 3}, [Crew(key=1, worked_hours=0)])
        assert (filled.crew, filled.lacking) == ((1,), 2)

    def test_leaves_out_who_is_away(self):
        away = Crew(key=1, worked_hours=0, cannot=((hours(4, 30), ShiftFault.AWAY),))
        first, second = propose(EIGHT_AND_REST, {hours(0, 4): 1, hours(24, 28): 1}, [away])
        assert (first.crew, second.crew) == ((1,), ())

    @given(
        starts=st.lists(st.integers(0, 72), min_size=1, max_size=12, unique=True),
        length=st.integers(1, 8),
        wanted=st.integers(1, 3),
        n_people=st.integers(1, 6),
    )
    def test_never_breaks_a_rule(self, starts, length, wanted, n_people):
        shifts = {hours(start, start + length): wanted for start in starts}
        crews = [Crew(key=key, worked_hours=0) for key in range(n_people)]
        held = {key: [] for key in range(n_people)}
        for filled in propose(EIGHT_AND_REST, shifts, crews):
            assert len(set(filled.crew)) == len(filled.crew) == wanted - filled.lacking
            for key in filled.crew:
                assert fault_of(EIGHT_AND_REST, held[key], filled.hours) is None
                held[key].append(filled.hours)

    def test_shares_the_hours_evenly(self):
        shifts = {hours(24 * day, 24 * day + 8): 2 for day in range(6)}
        worked = dict.fromkeys(range(4), 0.0)
        for filled in propose(EIGHT_AND_REST, shifts, [Crew(key=key, worked_hours=0) for key in worked]):
            for key in filled.crew:
                worked[key] += filled.hours.length
        assert set(worked.values()) == {24.0}
