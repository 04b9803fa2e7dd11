"""One value of a protocol, with all that explains it."""

import json
from dataclasses import dataclass
from datetime import date, datetime

from sizao.errors import SizaoError
from sizao.terms import NEEDS_CONFIRMATION, ValueStatus

Setting = bool | int | float | str | date | tuple[int, ...] | tuple[str, ...]

# The unit stands at the end of a key's name; a name that ends otherwise is a plain count, text or choice.
UNITS = {
    "hours": "hours",
    "days": "days",
    "day": "day number",
    "weeks": "weeks",
    "years": "years",
    "min": "minutes",
    "m": "metres",
    "percent": "percent",
    "celsius": "degrees Celsius",
    "mmhg": "mmHg",
    "minute": "per minute",
    "week": "per week",
}


class NotOfThatKind(SizaoError):
    """A value was read as something it is not: a mistake of the caller, told like any refusal."""

    code = "protocol.not_of_that_kind"
    message = "{key} holds {shown} in {origin}, which is not {wanted}. Ask for a key that holds one."


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Who confirmed a value that a public source does not settle, when and on what ground."""

    by: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """
    A value, the key and edition it belongs to, and where it was found.

    `value` is None when the edition sets none. A Value is no number: it cannot be added or compared by
    accident, and `whole`, `number`, `text`, `flag`, `numbers`, `texts` and `day` refuse what is not there.
    `rests_on` is the status at the end of the line of inheritance: a value inherited from a local
    practice is still a local practice. `instead_of` is the national value that a local annex replaced.
    """

    key: str
    value: Setting | None
    edition: str
    status: ValueStatus
    rests_on: ValueStatus
    sources: tuple[str, ...] = ()
    note: str = ""
    meaning: str = ""
    companion: str | None = None
    annex: str | None = None
    instead_of: "Value | None" = None

    @property
    def origin(self) -> str:
        """Name the documents this came from, most specific last."""
        return "+".join(part for part in (self.edition, self.companion, self.annex) if part)

    @property
    def id(self) -> str:
        """
        Name this value so exactly that a change of any part is another name.

        A confirmation is kept under this name, so it lapses by itself when a later edition, a companion
        or an annex says something else.
        """
        return f"{self.origin}:{self.key}={self.shown}"

    @property
    def unit(self) -> str:
        """Say the unit that the key's name carries; empty for counts, texts and choices."""
        return UNITS.get(self.key.rpartition(".")[2].rpartition("_")[2], "")

    @property
    def shown(self) -> str:
        """Write the value down without its unit; an empty string when there is none."""
        match self.value:
            case None:
                return ""
            case date() as day:
                return day.isoformat()
            case str() as text:
                return text
            case other:
                return json.dumps(other, ensure_ascii=False)

    @property
    def needs_confirmation(self) -> bool:
        """Tell whether an authority must confirm this before it decides about people."""
        return self.value is not None and self.rests_on in NEEDS_CONFIRMATION

    @property
    def whole(self) -> int:
        """Read a whole number."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return self.value
        raise self._not("a whole number")

    @property
    def number(self) -> float:
        """Read a number, whole or not."""
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            return float(self.value)
        raise self._not("a number")

    @property
    def flag(self) -> bool:
        """Read yes or no."""
        if isinstance(self.value, bool):
            return self.value
        raise self._not("yes or no")

    @property
    def text(self) -> str:
        """Read a text."""
        if isinstance(self.value, str):
            return self.value
        raise self._not("a text")

    @property
    def day(self) -> date:
        """Read a civil date."""
        if isinstance(self.value, date):
            return self.value
        raise self._not("a date")

    @property
    def numbers(self) -> tuple[int, ...]:
        """Read a list of whole numbers; an empty one is a statement."""
        if isinstance(self.value, tuple) and all(isinstance(one, int) for one in self.value):
            return tuple(one for one in self.value if isinstance(one, int))
        raise self._not("a list of whole numbers")

    @property
    def texts(self) -> tuple[str, ...]:
        """Read a list of texts; an empty one is a statement."""
        if isinstance(self.value, tuple) and all(isinstance(one, str) for one in self.value):
            return tuple(one for one in self.value if isinstance(one, str))
        raise self._not("a list of texts")

    def _not(self, wanted: str) -> NotOfThatKind:
        return NotOfThatKind(key=self.key, shown=self.shown or "no value", origin=self.origin, wanted=wanted)
