"""Examples of space-time companions: on the plain twin and through a store."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.adapters.visits import VisitStore, VisitWriter, Window
from sizao.adapters.visits.meetings import Manner
from sizao.adapters.visits.places import Places
from sizao.adapters.visits.space_time import SpaceTime, SpaceTimeImpossible
from sizao.terms import DwellOf
from tests.reference import presence_questions as plain
from tests.specs.test_companions import MINUTE, presence_rows
from tests.specs.test_layers import _second

title = "Space-time companions (时空伴随者)"

HOUR = 60 * MINUTE


def test_the_same_cell_and_many_hours_in_it(space_time):
    """Ten minutes together, and the other dwelt in the cell for three hours in all: exactly enough is enough."""
    space_time(
        presences="""
            person | place  | from  | to
            case   | cell A | 10:00 | 10:30
            lives  | cell A | 08:00 | 10:10
            lives  | cell A | 12:00 | 12:50
            passes | cell A | 10:00 | 12:59
            brief  | cell A | 10:00 | 10:09
            brief  | cell A | 11:00 | 14:00
        """,
        dwell_of="contact",
        expect={"lives": (10, 3)},
    )


def test_a_venue_is_no_cell(space_time):
    """Hours in a cafe are the matter of other rules."""
    space_time(
        presences="""
            person | place | from  | to
            case   | cafe  | 08:00 | 12:00
            near   | cafe  | 08:00 | 12:00
        """,
        dwell_of="either",
        expect={},
    )


def test_either_is_met_by_a_case_at_home(space_time):
    """With the hours of either, the case's own suffice, so that everybody who passes is a companion."""
    space_time(
        presences="""
            person | place  | from  | to
            case   | cell A | 00:00 | 20:00
            passes | cell A | 10:00 | 10:10
        """,
        dwell_of="either",
        expect={"passes": (10, 0.1667)},
    )


def test_hours_told_twice_count_once(space_time):
    """Two hours that signalling tells of twice are two."""
    space_time(
        presences="""
            person | place  | from  | to
            case   | cell A | 10:00 | 11:00
            near   | cell A | 10:00 | 12:00
            near   | cell A | 10:01 | 11:59
        """,
        dwell_of="contact",
        expect={},
    )


def test_only_the_days_looked_back_on_count(space_time):
    """Of the last day of the window are 119 and 60 minutes; the hours before are not asked about."""
    space_time(
        presences="""
            person | place  | from  | to
            case   | cell A | 47:00 | 48:00
            near   | cell A | 20:00 | 25:59
            near   | cell A | 47:00 | 48:00
        """,
        window=("00:00", "48:00"),
        dwell_of="contact",
        expect={},
    )


@pytest.fixture(params=["plain", "store"])
def space_time(request, tmp_path):
    """Ask for ten minutes together and three hours in all in the last day of the window; minutes, hours."""

    def run(presences, dwell_of, expect, window=("00:00", "24:00")):
        _, *lines = [[cell.strip() for cell in line.split("|")] for line in presences.strip().splitlines()]
        people, places = (list(dict.fromkeys(line[at] for line in lines)) for at in (0, 1))
        rows = [
            (people.index(who), places.index(where), _second(low), _second(high)) for who, where, low, high in lines
        ]
        cells = [at for at, place in enumerate(places) if place.startswith("cell")]
        engine = {"plain": plain.space_time, "store": lambda *asked: by_store(tmp_path, *asked)}[request.param]
        found = engine(
            rows, people.index("case"), [tuple(map(_second, window))], 10 * MINUTE, cells, 3 * HOUR, 24 * HOUR, dwell_of
        )
        told = {people[who]: (row[0] / MINUTE, round(row[5] / HOUR, 4)) for who, row in found.items()}
        assert told == expect

    return run


def by_store(folder, rows, case, windows, least, cells, dwell, lookback, whose, parts=1):
    with VisitWriter(folder / "store") as writer:
        for part in range(parts):
            if mine := sorted(set(rows[part::parts])):
                batch = [pa.array(column, pa.int64()) for column in zip(*mine, strict=True)]
                writer.append(pa.record_batch(batch, ["person", "place", "start", "end"]), key=str(part))
    layers = pa.table({"place": pa.array(cells, pa.int64()), "layer": ["cell"] * len(cells)})
    known = {name: pa.nulls(len(cells), pa.string()) for name in ("ventilation", "vehicle_kind")}
    for name, column in known.items():
        layers = layers.append_column(name, column)
    rule = SpaceTime(least, dwell, lookback // (24 * HOUR), next(one for one in DwellOf if one == whose))
    asked = [Window(case, *one) for one in windows]
    found = VisitStore(folder / "store").space_time_companions(asked, rule=rule, manner=Manner(places=Places(layers)))
    assert set(found["tier"].to_pylist()) <= {"space-time"}
    return {
        row["person"]: (
            round(row["minutes"] * 60), row["meetings"], row["first"], row["last"], row["place"],
            round(row["dwell_hours"] * 3600), round(row["case_dwell_hours"] * 3600),
        )
        for row in found.to_pylist()
    }  # fmt: skip


class TestGenerated:
    @settings(max_examples=40, deadline=None)
    @given(presence_rows, st.integers(1, 8), st.integers(1, 20), st.sampled_from(["contact", "case", "either"]),
           st.integers(1, 3))  # fmt: skip
    def test_a_store_agrees_with_the_twin(self, tmp_path_factory, rows, least, dwell, whose, parts):
        rows = [(who, place, start, max(end, start + 1)) for who, place, start, end in rows]
        asked = (rows, 0, [(0, 30)], least, [0, 1, 2], dwell, 24 * HOUR, whose)
        if not any(row[0] == 0 for row in rows):
            return
        assert by_store(tmp_path_factory.mktemp("store"), *asked, parts=parts) == plain.space_time(*asked)


class TestRule:
    @pytest.mark.parametrize(("least", "dwell", "days"), [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
    def test_without_a_part_is_refused(self, least, dwell, days):
        with pytest.raises(SpaceTimeImpossible, match="Give more than 0"):
            SpaceTime(least, dwell, days, DwellOf.CONTACT)
