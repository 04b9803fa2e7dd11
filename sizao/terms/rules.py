"""The rules of the authority: how sure a value is."""

from sizao.terms.word import Word


class ValueStatus(Word):
    """What stands behind a value of a protocol."""

    SOURCED = "sourced", "有出处", "Sourced"
    LAW = "law", "法定", "Law"
    INHERITED = "inherited", "沿用", "Inherited"
    DERIVED = "derived", "推得", "Derived"
    LOCAL = "local", "地方做法", "Local practice"
    UNVERIFIED = "unverified", "未核实", "Unverified"
    UNSET = "unset", "未规定", "Not set"


# Outside a drill these decide about people only after an authority has confirmed them.
NEEDS_CONFIRMATION = frozenset({ValueStatus.LOCAL, ValueStatus.UNVERIFIED})
