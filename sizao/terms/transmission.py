"""How a disease spreads, and how late it is known."""

from sizao.terms.word import Word


class Delay(Word):
    """From one step of a case to the next, in days."""

    ONSET_TO_FOUND = "onset_to_found", "发病至发现", "Onset to being found"
    FOUND_TO_ISOLATED = "found_to_isolated", "发现至隔离", "Found to isolated"
    TAKEN_TO_RESULT = "taken_to_result", "采样至出结果", "Swab to result"


class DelayShape(Word):
    """The distribution that a delay follows best."""

    LOGNORMAL = "lognormal", "对数正态分布", "Lognormal"
    GAMMA = "gamma", "伽马分布", "Gamma"
    WEIBULL = "weibull", "韦布尔分布", "Weibull"


class CountedBy(Word):
    """By which day cases are counted."""

    ONSET = "onset", "按发病日期", "by day of onset"
    FOUND = "found", "按发现日期", "by day of being found"
