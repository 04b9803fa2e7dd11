"""The rules in force in one place on one day: what a decision reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sizao.errors import SizaoError
from sizao.protocol.definitions import ClassDefinition, Definitions
from sizao.protocol.faults import allowed_keys
from sizao.protocol.rules.sections import Sections
from sizao.protocol.values import Confirmation, Value
from sizao.terms import CaseStatus


class NoSuchRule(SizaoError):
    """A key that no edition has."""

    code = "protocol.no_such_rule"
    message = "There is no rule called {key}: {allowed}"


class NoValue(SizaoError):
    """The documents in force do not settle this question."""

    code = "protocol.no_value"
    message = (
        "{origin} sets no {key}{meaning}. "
        "Ask the authority that issued it, or set it in a local annex within its bounds."
    )


class NeedsConfirmation(SizaoError):
    """A value rests on memory or on local practice, and nobody has answered for it yet."""

    code = "protocol.needs_confirmation"
    message = (
        "{key} = {shown} of {origin} is {status} and must be confirmed before it decides about people. "
        "Let an officer with that right confirm it on the protocol page, naming the document, or run a drill."
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rules(Sections):
    """
    The rules of one day and place.

    Attributes (`rules.contacts.close.central_days`) are for looking: plain values, None where there is
    none. A decision asks `need`, which refuses what is missing or unconfirmed and returns the value with
    its edition, status and sources, to be stored beside what was decided.
    """

    edition: str
    day: date
    area_code: str
    values: Mapping[str, Value]
    companions: tuple[str, ...] = ()
    annexes: tuple[str, ...] = ()
    drill: bool = False
    confirmations: Mapping[str, Confirmation] = field(default_factory=dict)
    definitions: Definitions | None = None

    @property
    def source(self) -> str:
        """Name the documents these rules come from: the edition, then the annexes that change it here."""
        return "+".join((self.edition, *self.annexes))

    def value(self, key: str) -> Value:
        """Look a value up with its provenance, whatever its state; refuse a key that does not exist."""
        if key not in self.values:
            raise NoSuchRule(key=key, allowed=allowed_keys(key, self.values))
        return self.values[key]

    def need(self, key: str) -> Value:
        """
        Return a value that a decision may rest on.

        Raise NoValue when the documents in force set none, and NeedsConfirmation when the value is
        unverified or local, this is no drill, and no confirmation of exactly this value is recorded.
        """
        value = self.value(key)
        if value.value is None:
            told = f" ({value.meaning})" if value.meaning else ""
            raise NoValue(origin=value.origin, key=key, meaning=told)
        return self._confirmed(value)

    def need_definition(self, status: CaseStatus) -> ClassDefinition:
        """
        Return the definition of a class of case that a decision may rest on.

        Raise NoValue when the edition knows no such class, and NeedsConfirmation as `need` does.
        """
        if self.definitions is None or status not in self.definitions.classes:
            raise NoValue(origin=self.edition, key=f"case.definition.{status}", meaning="")
        self._confirmed(self.definitions.as_value(status, self.edition))
        return self.definitions.classes[status]

    def says(self, key: str) -> bool:
        """Tell whether a value exists that a decision could rest on, once confirmed."""
        return self.value(key).value is not None

    def awaits_confirmation(self, value: Value) -> bool:
        """Tell whether this value still waits for an authority to confirm it."""
        return value.needs_confirmation and not self.drill and value.id not in self.confirmations

    def unconfirmed(self, keys: Iterable[str] | None = None) -> tuple[Value, ...]:
        """List the values that wait for confirmation, of the given keys or of all, in file order."""
        chosen = self.values.values() if keys is None else [self.value(key) for key in keys]
        return tuple(value for value in chosen if self.awaits_confirmation(value))

    def _confirmed(self, value: Value) -> Value:
        if self.awaits_confirmation(value):
            raise NeedsConfirmation(
                key=value.key,
                shown=value.shown,
                origin=value.origin,
                status=value.rests_on.label("en").lower(),
            )
        return value
