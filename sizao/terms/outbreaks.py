"""Outbreaks."""

from sizao.terms.word import Word


class OutbreakKind(Word):
    """Whether what is recorded acts on people now, or rehearses."""

    REAL = "real", "实战", "Real"
    REPLAY = "replay", "复盘", "Replay of a past outbreak"
    DRILL = "drill", "演练", "Drill"
