"""Two sets of rules side by side, key by key, in the order of the files."""

from collections.abc import Iterator
from dataclasses import dataclass

from sizao.protocol.rules.rules import Rules
from sizao.protocol.schema import KEYS
from sizao.protocol.titles import key_title, section_title
from sizao.protocol.values import Value


@dataclass(frozen=True, slots=True)
class Row:
    """One key under two sets of rules."""

    key: str
    section: str
    left: Value
    right: Value

    @property
    def differs(self) -> bool:
        """Tell whether the two say something else; where it was found does not matter here."""
        return self.left.value != self.right.value

    def section_title(self, language: str) -> str:
        """Name the section in `zh` or `en`."""
        return section_title(self.section, language)

    def title(self, language: str) -> str:
        """Name the key in `zh` or `en`."""
        return key_title(self.key, language)


def compare(left: Rules, right: Rules, *, only_differing: bool = False) -> Iterator[Row]:
    """Yield a row for each key, in file order; `only_differing` leaves out what is the same."""
    for key in KEYS.values():
        row = Row(key.path, key.section, left.values[key.path], right.values[key.path])
        if row.differs or not only_differing:
            yield row
