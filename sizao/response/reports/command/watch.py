"""What a commander looks at: an area at a moment, with an outbreak or, in routine, without one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from sizao.records.models import Outbreak
from sizao.terms import AREA_DIGITS, AreaLevel, OutbreakKind, Word

COUNTY = AREA_DIGITS[AreaLevel.COUNTY]


@dataclass(frozen=True, slots=True)
class Watch:
    """
    An area at a moment: all is read as it was known then.

    `outbreak` None is routine: what belongs to real life. `kind` narrows tasks to one kind, `hours` what is ahead to
    so many hours. `read` holds what several parts of one look need, so that it is read once.
    """

    outbreak: Outbreak | None
    area_code: str
    as_of: datetime
    kind: str = ""
    hours: int = 24
    read: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, what: str, ask: Callable[[], Any]) -> Any:
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
    """A figure read from the rows of one question, so that the number and the rows cannot differ."""

    asked: Callable[[Watch], QuerySet]
    row: Callable[[Model], Row]

    def count(self, watch: Watch) -> int:
        return self.asked(watch).order_by().count()

    def rows(self, watch: Watch, *, start: int = 0, most: int = 100) -> list[Row]:
        return [self.row(one) for one in self.asked(watch)[start : start + most]]


@dataclass(frozen=True, slots=True)
class Listed:
    """A figure read from a list that is worked out whole."""

    listed: Callable[[Watch], Sequence[Row]]

    def count(self, watch: Watch) -> int:
        return len(self.listed(watch))

    def rows(self, watch: Watch, *, start: int = 0, most: int = 100) -> list[Row]:
        return list(self.listed(watch)[start : start + most])


@dataclass(frozen=True, slots=True)
class Keyed:
    """A figure read from the keys of its rows; only the rows that are shown are fetched whole."""

    keys: Callable[[Watch], Sequence[Any]]
    shown: Callable[[Sequence[Any]], list[Row]]

    def count(self, watch: Watch) -> int:
        return len(self.keys(watch))

    def rows(self, watch: Watch, *, start: int = 0, most: int = 100) -> list[Row]:
        return self.shown(self.keys(watch)[start : start + most])


Figure = Counted | Listed | Keyed
