"""The case definitions of an edition, as trees of criteria."""

from collections.abc import Mapping
from dataclasses import dataclass

from sizao.engines.classification import Tree
from sizao.protocol.values import Value
from sizao.terms import CaseStatus, ValueStatus


@dataclass(frozen=True, slots=True)
class ClassDefinition:
    """The definition of one class of case: its tree, and what stands behind it."""

    status: CaseStatus
    tree: Tree
    standing: ValueStatus
    sources: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Definitions:
    """
    The classes that some editions know, in order of precedence: the first one met is the person's class.

    `trees` is what `engines.classification.classify` takes.
    """

    id: str
    editions: tuple[str, ...]
    classes: Mapping[CaseStatus, ClassDefinition]
    file: str

    @property
    def trees(self) -> dict[str, Tree]:
        """Give the trees by class, in order of precedence."""
        return {str(status): definition.tree for status, definition in self.classes.items()}

    def as_value(self, status: CaseStatus, edition: str) -> Value:
        """Present a definition as a value of an edition, to be confirmed and cited like any other."""
        one = self.classes[status]
        return Value(
            key=f"case.definition.{status}",
            value=self.id,
            edition=edition,
            status=one.standing,
            rests_on=one.standing,
            sources=one.sources,
            note=one.note,
            meaning=f"definition of a {status.label('en').lower()}",
        )
