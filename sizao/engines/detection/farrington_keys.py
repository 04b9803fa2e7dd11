"""The settings of Farrington's two methods, named as in the literature, with the defaults of R's `surveillance`."""

import re

from sizao.engines.detection.settings import YES_NO, Key, Kind, choice, either, number, span, whole


def _cases_and_weeks(text: str) -> tuple[int, int]:
    found = [int(digits) for digits in re.findall(r"\d+", text)]
    if len(found) != 2 or found[1] < 1 or not re.fullmatch(r"[\d\s,;:()]+", text):
        raise ValueError(text)
    return found[0], found[1]


_CHANCE = number(0, 1, open_ended=True)

_BASELINE = {
    "b": Key(whole(1), "5", "How many past years the baseline reaches back."),
    "w": Key(whole(0), "3", "Half the width of the window around the same week of each past year, in weeks."),
}
_FIT = {
    "reweight": Key(YES_NO, "true", "Fit a second time, past outbreaks with less weight (Anscombe residuals)."),
    "trend": Key(YES_NO, "true", "Fit a trend, and keep it where it passes its rule."),
    "trend_p": Key(
        number(0, 1),
        "0.05",
        "The trend stays when its p-value is below this (and b is 3 or more, and the "
        "expected count is not above all of the baseline).",
    ),
    "limit54": Key(
        Kind("two whole numbers, CASES,WEEKS", _cases_and_weeks),
        "5,4",
        "Alarm only with so many cases or more in so many weeks, the current one included; 0,4 for always.",
    ),
    "power_transform": Key(choice("2/3", "1/2", "none"), "2/3", "Power that makes counts normal, for the bound."),
    "population_offset": Key(YES_NO, "false", "Judge the count per head of the population."),
    "calendar": Key(
        choice("auto", "dates", "period"),
        "auto",
        "How to find the same week of past years: by dates (same weekday nearest to the same date, so that years of 53 "
        "weeks do not shift the season), or `period` weeks back. auto: by dates where they are given.",
    ),
    "range": Key(
        either(span(), "auto"),
        "auto",
        "Which times to judge, counted from 1: FIRST or FIRST:LAST. auto: all that have a baseline.",
    ),
}

FARRINGTON_KEYS = {
    **_BASELINE,
    "alpha": Key(_CHANCE, "0.05", "Two-sided chance outside the interval: the bound is its 1 - alpha/2 quantile."),
    "weights_threshold": Key(
        number(0, open_ended=True), "1", "Anscombe residual above which a past count loses weight."
    ),
    **_FIT,
}

FLEXIBLE_KEYS = {
    **_BASELINE,
    "alpha": Key(_CHANCE, "0.05", "One-sided chance of a false alarm: the bound is the 1 - alpha quantile."),
    "no_periods": Key(
        whole(1), "1", "Into how many seasons a year is cut, the window counted as one; 10 in the paper."
    ),
    "past_weeks_excluded": Key(
        either(whole(0), "none"),
        "none",
        "How many weeks before the current one to leave out, so that a running outbreak is not taken for normal; "
        "none: w of them; 26 in the paper.",
    ),
    "threshold": Key(
        choice("delta", "nbplugin", "muan"),
        "delta",
        "How the bound is made: delta (normal after the power), nbPlugin (negative binomial at the expected count), "
        "muan (negative binomial at the upper limit of the expected count).",
    ),
    "weights_threshold": Key(
        number(0, open_ended=True), "2.58", "Anscombe residual above which a past count loses weight."
    ),
    **_FIT,
    "as_surveillance": Key(
        YES_NO, "false", "Standard errors and trend test as R's farringtonFlexible ships them, without the mean."
    ),
}
