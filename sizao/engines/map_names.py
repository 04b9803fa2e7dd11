"""Where names stand on a sketch of areas, so that none covers another."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDE_FROM = 0x2E7F  # from there on, letters as wide as they are high
LATIN_WIDTH = 0.58
LINE = 1.15  # heights of a letter from one line to the next
FURTHEST = 6  # lines that a name may stand away from its area
ASIDE = (0.0, 0.6, -0.6)  # of its width


@dataclass(frozen=True, slots=True)
class Name:
    """A name and the middle of what it names, in units of the sketch, y downwards."""

    text: str
    x: float
    y: float


def apart(names: Sequence[Name], *, size: float, wide: float, high: float) -> list[tuple[float, float] | None]:
    """
    Place names of letters `size` high on a sketch `wide` × `high`: each as near to its area as those before it allow.

    Returns for each the middle of the foot of its line, in the order given (give the most important first); None where
    there is no room for it within a few lines. Greedy: not the best placing of all, but no name moves for a later one.
    """
    taken: list[tuple[float, float, float, float]] = []
    placed: list[tuple[float, float] | None] = []
    for name in names:
        width = width_of(name.text) * size
        spot = next(
            (
                (x, y)
                for x, y in _spots(name, width, size)
                if width / 2 <= x <= wide - width / 2
                and size <= y <= high
                and not any(_cover(_box(x, y, width, size), other) for other in taken)
            ),
            None,
        )
        placed.append(spot)
        if spot:
            taken.append(_box(*spot, width, size))
    return placed


def width_of(text: str) -> float:
    """Tell how wide a text is, in heights of a letter: a Chinese letter is a square, a Latin one about half."""
    return sum(1.0 if ord(one) > WIDE_FROM else LATIN_WIDTH for one in text)


def _spots(name: Name, width: float, size: float) -> list[tuple[float, float]]:
    """Where a name may stand, the nearest to its area first."""
    moves = [(across * width, lines * LINE * size) for lines in range(-FURTHEST, FURTHEST + 1) for across in ASIDE]
    moves.sort(key=lambda move: (abs(move[0]) + abs(move[1]), move))
    return [(name.x + across, name.y + down) for across, down in moves]


def _box(x: float, y: float, width: float, size: float) -> tuple[float, float, float, float]:
    """The room of a line of text whose foot stands at y: left, top, right, bottom."""
    return x - width / 2, y - size, x + width / 2, y + (LINE - 1) * size


def _cover(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
