"""Which rooms are near one in which somebody was found positive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizao.engines.neighbours import Reach, RoomAt, neighbours
from sizao.terms import NextDoor

EDITION_9 = Reach(each_side=1, opposite=3, vertical=1)


def hotel(*, floors=5, positions=10, building="A"):
    """Give rooms numbered floor, position, side: 3051 lies on floor 3 at position 5 across the corridor."""
    return [
        RoomAt(floor * 1000 + position * 10 + opposite, building, floor, position, bool(opposite))
        for floor in range(1, floors + 1)
        for position in range(1, positions + 1)
        for opposite in (0, 1)
    ]


def near(key, reach=EDITION_9, rooms=None):
    rooms = rooms or hotel()
    of = next(room for room in rooms if room.key == key)
    return {room.key: str(how) for room, how in neighbours(of, rooms, reach)}


class TestNeighbours:
    def test_of_a_room_in_the_middle_are_left_right_three_opposite_above_and_below(self):
        assert near(3050) == {
            3050: "same", 3040: "side", 3060: "side", 3041: "opposite", 3051: "opposite", 3061: "opposite",
            4050: "above", 2050: "below",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("key", "expected"),
        [
            (1010, {1010: "same", 1020: "side", 1011: "opposite", 1021: "opposite", 2010: "above"}),
            (5101, {5101: "same", 5091: "side", 5100: "opposite", 5090: "opposite", 4101: "below"}),
        ],
    )
    def test_at_a_corner_are_fewer(self, key, expected):
        assert near(key) == expected

    def test_a_gap_along_the_corridor_stays_a_gap(self):
        rooms = [room for room in hotel(floors=1) if room.key not in (1040, 1050)]
        assert [key for key, how in near(1030, rooms=rooms).items() if how == "side"] == [1020]

    def test_another_building_is_never_near(self):
        assert set(near(3050, rooms=hotel() + [RoomAt(1, "B", 3, 5)])) == set(near(3050))

    @pytest.mark.parametrize(
        ("reach", "count"),
        [
            (Reach(0, 0, 0), 1),
            (Reach(2, 0, 0), 5),
            (Reach(0, 1, 0), 2),
            (Reach(0, 2, 0), 4),
            (Reach(0, 5, 0), 6),
            (Reach(0, 0, 2), 5),
        ],
    )
    def test_as_far_as_the_edition_says(self, reach, count):
        assert len(near(3050, reach)) == count

    def test_a_room_of_unknown_position_is_given_for_a_person_to_look_at(self):
        rooms = [*hotel(), RoomAt(7, "A", 3), RoomAt(8, "A", 1)]
        found = near(3050, rooms=rooms)
        assert found[7] == "unplaced"
        assert 8 not in found  # two floors below

    def test_around_a_room_of_unknown_position_all_of_the_floors_are_to_be_looked_at(self):
        rooms = [*hotel(positions=2), RoomAt(7, "A", 3)]
        found = near(7, rooms=rooms)
        assert found.pop(7) == "same"
        assert set(found.values()) == {"unplaced"}
        assert len(found) == 3 * 4

    @given(
        st.lists(
            st.builds(
                lambda floor, position, side: (floor, position, side),
                st.integers(1, 4), st.none() | st.integers(1, 6), st.booleans(),
            ),
            min_size=2, max_size=20, unique=True,
        ),
        st.builds(Reach, st.integers(0, 3), st.integers(0, 5), st.integers(0, 2)),
    )  # fmt: skip
    def test_is_mutual(self, places, reach):
        rooms = [RoomAt(key, "A", *place) for key, place in enumerate(places)]
        pairs = {(of.key, room.key) for of in rooms for room, _ in neighbours(of, rooms, reach)}
        assert pairs == {(b, a) for a, b in pairs}
        turned = {NextDoor.ABOVE: NextDoor.BELOW, NextDoor.BELOW: NextDoor.ABOVE}
        for of in rooms:
            for room, how in neighbours(of, rooms, reach):
                back = {one.key: other for one, other in neighbours(room, rooms, reach)}
                assert back[of.key] == turned.get(how, how)
