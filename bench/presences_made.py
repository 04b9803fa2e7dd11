"""A made-up fortnight: who was where in a city, ten presences a person and day, some of them across midnight."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

DAYS = 14
MIDNIGHT = 1_609_459_200
BEYOND = MIDNIGHT + DAYS * 86_400
STEPS = 10 * DAYS  # presences of one person
FIRST_CELL = 10_000_000  # places from here on are cells, those below are venues
# Six dwells in cells (home at night, work, and others), hour and hours, and four venues a day.
DWELLS = ((0, 6), (7, 2), (9, 4), (13, 4), (17, 2), (19, 12))
AT_HOME = (0, 5)
LONGEST = max(hours for _, hours in DWELLS) * 3_600  # no presence lasts longer
# Popularity falls with rank to this power: the busiest of a city of 700,000 sees some 80,000 a day.
VENUE_TAIL, CELL_TAIL = 0.85, 0.87


def people_of(rows: int) -> int:
    """Say how many people make about so many presences."""
    return max(rows // STEPS, 1_000)


def token(person: int | np.ndarray) -> int | np.ndarray:
    """Give the token of a person by number."""
    return person * 7_919 + 11


def make(path: Path, n_people: int) -> None:
    """Write a fortnight of so many people, in no order within a day."""
    rng = np.random.default_rng(1)
    people = np.arange(n_people)
    part = path.with_suffix(".part")
    with pq.ParquetWriter(part, pa.schema({name: pa.int64() for name in ("person", "place", "start", "end")})) as file:
        for day in range(DAYS):
            parts = [
                *(_dwell(rng, people, day, slot) for slot in range(6)),
                *(_venue(rng, people, day) for _ in "1234"),
            ]
            place, start, end = (np.concatenate(column) for column in zip(*parts, strict=True))
            rows = {"person": np.tile(token(people), 10), "place": place, "start": start, "end": end}
            mixed = rng.permutation(len(place))
            file.write_table(pa.table({name: column[mixed] for name, column in rows.items()}), 1 << 20)
    part.rename(path)


def _dwell(rng: np.random.Generator, people: np.ndarray, day: int, slot: int) -> tuple[np.ndarray, ...]:
    hour, hours = DWELLS[slot]
    start = MIDNIGHT + day * 86_400 + hour * 3_600 + rng.integers(0, 1_800, len(people))
    length = rng.integers(900, hours * 3_600 - 1_800, len(people))
    cell = people // 50 if slot in AT_HOME else _popular(rng, len(people), len(people) // 20 + 1, CELL_TAIL)
    return FIRST_CELL + cell, start, start + length


def _venue(rng: np.random.Generator, people: np.ndarray, day: int) -> tuple[np.ndarray, ...]:
    start = MIDNIGHT + day * 86_400 + rng.integers(8 * 3_600, 20 * 3_600, len(people))
    venue = _popular(rng, len(people), len(people) // 5 + 1, VENUE_TAIL)
    return venue, start, start + rng.integers(300, 7_200, len(people))


def _popular(rng: np.random.Generator, n: int, n_places: int, tail: float) -> np.ndarray:
    """Draw places whose popularity falls with a power of their rank; ranks are mixed over the numbers."""
    beyond = float(n_places + 1) ** (1 - tail) - 1
    rank = ((1 + rng.random(n) * beyond) ** (1 / (1 - tail))).astype(np.int64) - 1
    return np.minimum(rank, n_places - 1) * 1_000_003 % n_places
