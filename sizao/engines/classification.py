"""
Does this person meet the case definition? A definition is a tree of named criteria.

A criterion is true, false or unknown, and so is every branch (Kleene's strong three-valued logic): a
branch is settled as soon as no answer still open could change it. As long as no criterion stands in a tree
both plain and negated, "unknown" means exactly that some answers would meet the definition and others
would not; `contradicted` lists the criteria that break this.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that can be asked about a person, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `count` of these hold: 1 is any of them, their number is all of them."""

    count: int
    of: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """This does not hold."""

    of: "Tree"


Tree = Criterion | AtLeast | Not
Facts = Mapping[str, bool | None]


def any_of(*trees: Tree) -> AtLeast:
    """Make a branch of which one is enough."""
    return AtLeast(1, trees)


def all_of(*trees: Tree) -> AtLeast:
    """Make a branch that needs all."""
    return AtLeast(len(trees), trees)


def meets(tree: Tree, facts: Facts) -> bool | None:
    """Tell whether the facts meet the definition; None while they do not settle it. A gap is unknown."""
    if isinstance(tree, Criterion):
        return facts.get(tree.name)
    if isinstance(tree, Not):
        inner = meets(tree.of, facts)
        return None if inner is None else not inner
    verdicts = [meets(one, facts) for one in tree.of]
    if verdicts.count(True) >= tree.count:
        return True
    return None if verdicts.count(True) + verdicts.count(None) >= tree.count else False


def meets_many(tree: Tree, facts: Mapping[str, NDArray[np.float64]], n: int) -> NDArray[np.float64]:
    """
    Judge `n` people at once: 1.0 meets the definition, 0.0 does not, NaN is not settled.

    `facts` holds one array of length `n` per criterion with the same three values; a criterion that is
    missing is unknown for everybody.
    """
    if isinstance(tree, Criterion):
        known = facts.get(tree.name)
        return np.full(n, np.nan) if known is None else np.asarray(known, dtype=np.float64)
    if isinstance(tree, Not):
        return 1.0 - meets_many(tree.of, facts, n)
    sure, possible = np.zeros(n), np.zeros(n)
    for one in tree.of:
        verdict = meets_many(one, facts, n)
        sure += verdict == 1.0
        possible += verdict != 0.0
    return np.where(sure >= tree.count, 1.0, np.where(possible >= tree.count, np.nan, 0.0))


def criteria(tree: Tree) -> tuple[str, ...]:
    """List the criteria of a tree, each once, in the order in which it asks for them."""
    return tuple(dict.fromkeys(name for name, _ in _leaves(tree)))


def contradicted(tree: Tree) -> tuple[str, ...]:
    """List the criteria that stand in the tree both plain and negated."""
    plain = {name for name, positive in _leaves(tree) if positive}
    negated = {name for name, positive in _leaves(tree) if not positive}
    return tuple(name for name in criteria(tree) if name in plain & negated)


def reasons(tree: Tree, facts: Facts) -> tuple[str, ...]:
    """List the criteria whose answers carry a settled verdict; empty while it is not settled."""
    verdict = meets(tree, facts)
    return () if verdict is None else tuple(dict.fromkeys(_carrying(tree, facts, verdict=verdict)))


def still_open(tree: Tree, facts: Facts) -> tuple[str, ...]:
    """List the unknown criteria that are worth asking next: those below branches not yet settled."""
    return tuple(dict.fromkeys(_unsettled(tree, facts)))


@dataclass(frozen=True, slots=True)
class Classification:
    """
    What a set of definitions says about one person.

    `meets` is the first definition met in the order given, None when none is met so far. `could_be` are the
    definitions before it that are still open, `reasons` the criteria that carry `meets`, and `ask` the
    criteria that could settle `could_be`.
    """

    meets: str | None
    could_be: tuple[str, ...]
    reasons: tuple[str, ...]
    ask: tuple[str, ...]


def classify(definitions: Mapping[str, Tree], facts: Facts) -> Classification:
    """Judge the facts by definitions in order of precedence, the strongest first."""
    found: str | None = None
    before: list[str] = []
    for name, tree in definitions.items():
        verdict = meets(tree, facts)
        if verdict:
            found = name
            break
        if verdict is None:
            before.append(name)
    return Classification(
        meets=found,
        could_be=tuple(before),
        reasons=reasons(definitions[found], facts) if found else (),
        ask=tuple(dict.fromkeys(one for name in before for one in still_open(definitions[name], facts))),
    )


def _leaves(tree: Tree, *, positive: bool = True) -> Iterator[tuple[str, bool]]:
    if isinstance(tree, Criterion):
        yield tree.name, positive
    elif isinstance(tree, Not):
        yield from _leaves(tree.of, positive=not positive)
    else:
        for one in tree.of:
            yield from _leaves(one, positive=positive)


def _carrying(tree: Tree, facts: Facts, *, verdict: bool) -> Iterator[str]:
    if isinstance(tree, Criterion):
        yield tree.name
    elif isinstance(tree, Not):
        yield from _carrying(tree.of, facts, verdict=not verdict)
    else:
        for one in _agreeing(tree.of, facts, verdict=verdict):
            yield from _carrying(one, facts, verdict=verdict)


def _agreeing(trees: Sequence[Tree], facts: Facts, *, verdict: bool) -> list[Tree]:
    return [one for one in trees if meets(one, facts) is verdict]


def _unsettled(tree: Tree, facts: Facts) -> Iterator[str]:
    if meets(tree, facts) is not None:
        return
    if isinstance(tree, Criterion):
        yield tree.name
    elif isinstance(tree, Not):
        yield from _unsettled(tree.of, facts)
    else:
        for one in tree.of:
            yield from _unsettled(one, facts)
