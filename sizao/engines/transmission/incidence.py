"""New cases a day, where they were infected, and the windows of days over which a number is estimated."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sizao.errors import SizaoError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class WrongIncidence(SizaoError):
    """A count of cases that can be none."""

    code = "transmission.wrong_incidence"
    message = "The count of day {day} of series {series} is {count}; it must be a whole number, zero or more."


class SeriesTooShort(SizaoError):
    code = "transmission.series_too_short"
    message = (
        "The series has {days} days; a window of {width} days that begins on the second day needs {needed}. "
        "Choose a shorter window or wait for more days."
    )


class WrongWindow(SizaoError):
    code = "transmission.wrong_window"
    message = (
        "The window from position {first} to {last} does not lie within positions 1 to {final}: what the first day "
        "brought cannot be set against earlier cases. Choose windows inside."
    )


@dataclass(frozen=True, slots=True)
class Incidence:
    """
    New cases by day of onset, without gaps; both arrays have the shape (datasets, days).

    `imported` cases were infected elsewhere: they can infect, and are nobody's offspring here. Cases of the
    first day have no possible source in the series and count as imported, whatever was given.
    """

    local: Floats
    imported: Floats

    def __post_init__(self) -> None:
        local, imported = (np.array(counts, dtype=np.float64, ndmin=2) for counts in (self.local, self.imported))
        for counts in (local, imported):
            _check(counts)
        imported[:, 0] += local[:, 0]
        local[:, 0] = 0.0
        object.__setattr__(self, "local", local)
        object.__setattr__(self, "imported", imported)

    @classmethod
    def of(cls, counts: Floats) -> Self:
        """Take all cases after the first day as infected here; `counts` of one series or of several."""
        counts = np.array(counts, dtype=np.float64, ndmin=2)
        return cls(local=counts, imported=np.zeros_like(counts))

    @property
    def total(self) -> Floats:
        return self.local + self.imported

    @property
    def days(self) -> int:
        return int(self.local.shape[1])


@dataclass(frozen=True, slots=True)
class Windows:
    """Positions of the first and the last day of each window, both included; position 0 is the first day."""

    first: Ints
    last: Ints

    @classmethod
    def sliding(cls, days: int, width: int = 7) -> Self:
        """Make every window of `width` days that begins on the second day or later. Raise SeriesTooShort."""
        if not 1 <= width < days:
            raise SeriesTooShort(days=days, width=width, needed=width + 1)
        first = np.arange(1, days - width + 1)
        return cls(first=first, last=first + width - 1)

    def check(self, days: int) -> None:
        """Raise WrongWindow for one that does not lie within the series."""
        wrong = np.flatnonzero((self.first < 1) | (self.last < self.first) | (self.last >= days))
        if len(wrong):
            raise WrongWindow(first=int(self.first[wrong[0]]), last=int(self.last[wrong[0]]), final=days - 1)

    def sums(self, of_days: Floats) -> Floats:
        """
        Sum days over each window: (…, days) to (…, windows).

        Each window is summed by itself: differences of running totals lose the small sums after a large wave.
        """
        width = int(self.last[0] - self.first[0]) + 1 if len(self.first) else 0
        if (
            len(self.first)
            and ((self.last - self.first + 1 == width) & (np.diff(self.first, prepend=self.first[0] - 1) == 1)).all()
        ):
            start, stop = int(self.first[0]), int(self.first[-1]) + 1
            total = of_days[..., start:stop].copy()
            for further in range(1, width):
                total += of_days[..., start + further : stop + further]
            return total
        ends = np.stack((self.first, self.last + 1), axis=1).ravel()
        padded = np.concatenate((of_days, np.zeros((*of_days.shape[:-1], 1))), axis=-1)
        apart: Floats = np.add.reduceat(padded, ends, axis=-1)[..., ::2]
        return apart


def _check(counts: Floats) -> None:
    wrong = np.argwhere(~np.isfinite(counts) | (counts < 0) | (counts != np.floor(counts)))
    if len(wrong):
        series, day = wrong[0]
        raise WrongIncidence(day=int(day) + 1, series=int(series) + 1, count=float(counts[series, day]))
