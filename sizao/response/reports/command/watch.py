"""What a commander looks at: an area at a moment, with an outbreak or, in routine, without one."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from os.path import commonprefix
from typing import Any

from django.db.models import Count, F, Model, Q, QuerySet
from django.db.models.functions import Left
from django.utils import timezone

from sizao.records.models import Outbreak
from sizao.terms import AREA_DIGITS, AreaLevel, OutbreakKind, Word

COUNTY = AREA_DIGITS[AreaLevel.COUNTY]


class ByArea:
    """Rows that begin with the code of an area, in such an order that those of an area and its parts stand together."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._rows = sorted(rows, key=itemgetter(0))
        self._codes = [row[0] for row in self._rows]

    def of(self, area_code: str) -> list[tuple[Any, ...]]:
        """Give the rows of an area."""
        first = bisect_left(self._codes, area_code)
        return self._rows[first : bisect_left(self._codes, f"{area_code}~", first)]  # behind every digit


@dataclass(frozen=True, slots=True)
class Watch:
    """
    An area at a moment: all is read as it was known then.

    `outbreak` None is routine: what belongs to real life. `kind` narrows tasks to one kind, `hours` what is ahead to
    so many hours. `read` holds what several parts of one look need, so that it is read once.

    Many areas that are looked at together share what was read: each question is asked once, of an area around them
    (`around`) and told apart down to so many digits of a code (`grain`), whichever of them asks first.
    """

    outbreak: Outbreak | None
    area_code: str
    as_of: datetime
    kind: str = ""
    hours: int = 24
    read: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    around: str | None = None
    grain: int = 0

    @property
    def whole(self) -> "Watch":
        """Look at all that is looked at together."""
        return self if self.around is None else replace(self, area_code=self.around)

    @property
    def digits(self) -> int:
        """How much of a code has to be known: that of a county at least, and that of the areas looked at."""
        return max(COUNTY, len(self.area_code), self.grain)

    def told(self, what: object, ask: Callable[["Watch"], Iterable[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
        """Give the rows of this area out of those that were asked of the whole, each beginning with its area's code."""
        whole = self.whole
        found: ByArea = whole.once((what, self.kind, self.hours), lambda: ByArea(ask(whole)))
        return found.of(self.area_code)

    def once(self, what: object, ask: Callable[[], Any]) -> Any:
        """Give what this look has read of an area at its moment, or read it."""
        key = what, self.outbreak and self.outbreak.pk, self.area_code, self.as_of
        if key not in self.read:
            self.read[key] = ask()
        return self.read[key]

    @property
    def is_rehearsed(self) -> bool:
        """Whether the outbreak has a world of its own: a replay or a drill."""
        return self.outbreak is not None and not self.outbreak.acts_on_people

    @property
    def is_replayed(self) -> bool:
        """Whether nobody is there who could decide."""
        return self.outbreak is not None and self.outbreak.kind == OutbreakKind.REPLAY

    @property
    def until(self) -> datetime:
        """The end of the hours ahead."""
        return self.as_of + timedelta(hours=self.hours)

    def yesterday(self) -> "Watch":
        """Look at the same at the end of the day before."""
        midnight = timezone.localtime(self.as_of).replace(hour=0, minute=0, second=0, microsecond=0)
        return replace(self, as_of=midnight - timedelta(microseconds=1))

    def own(self) -> Q:
        """Match what belongs here: of the rehearsed outbreak alone, or of real life."""
        if self.is_rehearsed:
            return Q(outbreak=self.outbreak)
        # Named one by one: beside hundreds of thousands of tasks each would be looked up.
        real = self.once(
            "real", lambda: list(Outbreak.objects.filter(kind=OutbreakKind.REAL).values_list("pk", flat=True))
        )
        return Q(outbreak=None) | Q(outbreak__in=real) if real else Q(outbreak=None)


@dataclass(frozen=True, slots=True)
class Row:
    """
    One thing that a figure counts: its number or name, never who it is; where, since when, until when.

    `subject` and `key` say what it is in the records, so that a screen can lead there.
    """

    label: str
    area_code: str
    subject: str
    key: int
    said: Word | str = ""
    since: datetime | None = None
    due_at: datetime | None = None
    label_en: str = ""  # where the label is in Chinese words, not a name or a number


@dataclass(frozen=True, slots=True)
class Counted:
    """
    A figure read from the rows of one question, so that the number and the rows cannot differ.

    `places` are the fields that say where a row lies, more than one where it belongs to several areas; `due` the one
    that says when it is due.
    """

    asked: Callable[[Watch], QuerySet]
    row: Callable[[Model], Row]
    places: tuple[str, ...] = ("area_code",)
    due: str = "due_at"

    def by_area(self, watch: Watch) -> list[tuple[str, int]]:
        found = self._grouped(watch).annotate(n=Count("pk"))
        return [one for *codes, n in found for one in _once_in_each(codes, n)]

    def by_due(self, watch: Watch) -> list[tuple[str, int, datetime]]:
        found = self._grouped(watch, due=F(self.due)).annotate(n=Count("pk"))
        return [(*one, _moment(due)) for *codes, due, n in found for one in _once_in_each(codes, n)]

    def _grouped(self, watch: Watch, **more: Any) -> QuerySet:
        codes = {f"code_{n}": Left(place, watch.digits) for n, place in enumerate(self.places)}
        return self.asked(watch).order_by().values_list(*(codes | more).values())

    def count(self, watch: Watch) -> int:
        return self.asked(watch).order_by().count()

    def rows(self, watch: Watch, *, start: int = 0, most: int = 100) -> list[Row]:
        return [self.row(one) for one in self.asked(watch)[start : start + most]]


@dataclass(frozen=True, slots=True)
class Listed:
    """A figure read from a list that is worked out whole."""

    listed: Callable[[Watch], Sequence[Row]]

    def by_area(self, watch: Watch) -> list[tuple[str, int]]:
        return list(Counter(row.area_code for row in self.listed(watch)).items())

    def by_due(self, watch: Watch) -> list[tuple[str, int, datetime]]:
        return [(row.area_code, 1, row.due_at) for row in self.listed(watch) if row.due_at]

    def count(self, watch: Watch) -> int:
        return len(self.listed(watch))

    def rows(self, watch: Watch, *, start: int = 0, most: int = 100) -> list[Row]:
        return list(self.listed(watch)[start : start + most])


@dataclass(frozen=True, slots=True)
class Keyed:
    """A figure read from the keys of its rows; only the rows that are shown are fetched whole."""

    keys: Callable[[Watch], Sequence[Any]]
    shown: Callable[[Sequence[Any]], list[Row]]

    def by_area(self, watch: Watch) -> list[tuple[str, int]]:
        return list(Counter(row.area_code for row in self.shown(self.keys(watch))).items())

    def count(self, watch: Watch) -> int:
        return len(self.keys(watch))

    def rows(self, watch: Watch, *, start: int = 0, most: int = 100) -> list[Row]:
        return self.shown(self.keys(watch)[start : start + most])


Figure = Counted | Listed | Keyed


def midnight_after(day: date) -> datetime:
    """Give the moment at which a day is over."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def _moment(due: date) -> datetime:
    return due if isinstance(due, datetime) else midnight_after(due)


def _once_in_each(codes: Sequence[str], n: int) -> list[tuple[str, int]]:
    """Count what lies in several areas once in each; an area around them holds it once, and not once for each."""
    shared = [commonprefix([one, other]) for place, one in enumerate(codes) for other in codes[place + 1 :]]
    return [(code, n) for code in codes] + [(code, -n) for code in shared]
