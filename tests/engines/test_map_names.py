"""Names on a sketch: near to what they name, and none upon another."""

from itertools import combinations

from sizao.engines.map_names import Name, apart, width_of

SKETCH = {"size": 10.0, "wide": 600.0, "high": 400.0}


def boxes(names, placed):
    for name, spot in zip(names, placed, strict=True):
        if spot:
            half = width_of(name.text) * 5.0
            yield spot[0] - half, spot[1] - 10, spot[0] + half, spot[1]


class TestPlacing:
    def test_leaves_a_name_alone_where_nothing_is_in_its_way(self):
        names = [Name("藁城区 479", 100, 100), Name("南宫市 22", 300, 300)]
        assert apart(names, **SKETCH) == [(100, 100), (300, 300)]

    def test_moves_later_names_off_the_first_and_keeps_it(self):
        names = [Name(f"县{n} {n}", 200 + n, 200 + n) for n in range(6)]
        placed = apart(names, **SKETCH)
        assert placed[0] == (200, 200)
        assert None not in placed
        for one, other in combinations(boxes(names, placed), 2):
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]

    def test_keeps_names_inside_the_sketch(self):
        (spot,) = apart([Name("石家庄市 5", 3, 399)], **SKETCH)
        assert spot[0] >= width_of("石家庄市 5") * 5.0

    def test_leaves_out_what_has_no_room(self):
        placed = apart([Name("同一处", 50, 20)] * 60, size=10.0, wide=100.0, high=40.0)
        assert placed.count(None) > 50
        assert placed[0] == (50, 20)

    def test_knows_that_a_chinese_letter_is_wider(self):
        assert width_of("县县") > width_of("aa")
