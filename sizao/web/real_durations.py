"""How long official areas really stood, from the file of results that `sizao zones durations --out` writes."""

from dataclasses import dataclass

from django.conf import settings

from sizao.adapters.tables import read_table
from sizao.terms import ZoneLevel

FILE = "zone-durations.csv"  # in the folder of this installation's data


@dataclass(frozen=True, slots=True)
class Durations:
    """Areas of one edition and level: the days asked for, how many were judged, and what they came to."""

    edition: str
    level: ZoneLevel
    rule_days: int
    judged: int
    shorter: int
    kept: int
    longer: int
    median_days: float

    @property
    def share_kept(self) -> int:
        """Give the percentage that stood as long as asked for, or a day more."""
        return round(100 * self.kept / self.judged)

    @property
    def share_longer(self) -> int:
        """Give the percentage that stood longer."""
        return round(100 * self.longer / self.judged)


def known() -> list[Durations]:
    """Read the results, the largest groups first; nothing where nobody has computed them here."""
    path = settings.DRILL_REPORT.with_name(FILE)
    if not path.is_file():
        return []
    numbers = ("rule_days", "judged", "shorter", "kept", "longer", "median_days")
    table = read_table(path, needs=("edition", "level", *numbers))
    texts = [table.read(name, str, what="a text", empty="") for name in ("edition", "level")]
    rows = zip(*texts, *(table.numbers(name, empty=0.0).tolist() for name in numbers), strict=True)
    found = [
        Durations(edition, ZoneLevel(level), *map(int, counts), median)
        for edition, level, *counts, median in rows
        if counts[0] and counts[1]
    ]
    return sorted(found, key=lambda one: -one.judged)
