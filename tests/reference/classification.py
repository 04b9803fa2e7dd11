"""The plain twin of the classification engine: try every answer to every open question."""

from itertools import product

from sizao.engines.classification import AtLeast, Criterion, Not


def holds(tree, answers):
    """Judge a tree with every answer known."""
    if isinstance(tree, Criterion):
        return answers[tree.name]
    if isinstance(tree, Not):
        return not holds(tree.of, answers)
    assert isinstance(tree, AtLeast)
    return sum(holds(one, answers) for one in tree.of) >= tree.count


def names(tree):
    if isinstance(tree, Criterion):
        return {tree.name}
    parts = [tree.of] if isinstance(tree, Not) else tree.of
    return set().union(*(names(one) for one in parts))


def verdicts(tree, facts):
    """All verdicts that some completion of the facts gives."""
    asked = sorted(names(tree))
    choices = [[facts[name]] if facts.get(name) is not None else [True, False] for name in asked]
    return {holds(tree, dict(zip(asked, answers, strict=True))) for answers in product(*choices)}


def meets(tree, facts):
    """True or false when all completions agree, otherwise unknown."""
    found = verdicts(tree, facts)
    return found.pop() if len(found) == 1 else None
