"""What an outlook says in plain sentences: one for each part, in the reader's language."""

import math

from django.utils.translation import get_language, gettext, ngettext

from sizao.response.reports.outlook import Outlook
from sizao.response.reports.outlook_ahead import EndingTold, ForecastTold
from sizao.response.reports.outlook_curve import OnsetCurve
from sizao.response.reports.outlook_delays import DelayTold, Fitted
from sizao.response.reports.outlook_said import Estimate, TooFew
from sizao.response.reports.outlook_spread import (
    LEAST_PAIRS,
    GrowthTold,
    Reproduction,
    SerialTold,
)
from sizao.terms import Delay

SURE = 0.95  # the chance from which growing or shrinking is said without a doubt


def sentences(read: Outlook) -> dict[str, str]:
    """Say each part of an outlook; the keys are the parts of the page."""
    return {
        "answer": _joined(_reproduction(read.reproduction), _growth(read.growth), _over(read.ending)),
        "curve": _curve(read.curve),
        "reproduction": _joined(_reproduction(read.reproduction), _growth(read.growth)),
        "serial": _serial(read.serial),
        "forecast": _joined(_forecast(read.forecast), _scores(read.forecast)),
        "ending": _ending(read.ending),
        "isolated": _isolated(read),
    }


def _joined(*said: str) -> str:
    """Put sentences one after the other: with a space between them, in Chinese without."""
    return ("" if (get_language() or "zh").startswith("zh") else " ").join(one for one in said if one)


def _curve(curve: OnsetCurve | TooFew) -> str:
    if isinstance(curve, TooFew):
        return gettext(
            "Too few to say: only %(n)s cases have a known day of onset, and %(least)s are needed to place the others."
        ) % {"n": curve.n, "least": curve.least}
    known = gettext(
        "The day of onset is known for %(known)s of %(all)s cases; the others are placed by the delay of cases"
        " found at the same time."
    ) % {"known": curve.n_known, "all": curve.n_known + curve.n_placed}
    if isinstance(curve.not_found, TooFew):
        early = gettext(
            "How many are not found yet cannot be said before day %(least)s of finding cases; this is day %(n)s."
        ) % {"n": curve.not_found.n, "least": curve.not_found.least}
        return _joined(known, early)
    missing = gettext("By this model about %(number)s who already fell ill are not found yet.") % {
        "number": interval(curve.not_found, whole=True)
    }
    return _joined(known, missing)


def _reproduction(found: Reproduction) -> str:
    if isinstance(found.latest, TooFew):
        if found.last_said is not None:
            return gettext(
                "Too few to say how fast it spreads now: %(n)s cases in the last week, and %(least)s are needed."
                " It could last be said on %(day)s."
            ) % {"n": found.latest.n, "least": found.latest.least, "day": found.last_said}
        if found.latest.of_days:
            return gettext(
                "Too early to say how fast it spreads: it takes %(least)s days of counts; this is day %(n)s."
            ) % {"n": found.latest.n, "least": found.latest.least}
        return gettext(
            "Too few to say how fast it spreads: %(n)s cases in the last week, and %(least)s are needed, a serial"
            " interval after the first."
        ) % {"n": found.latest.n, "least": found.latest.least}
    facts = {"number": interval(found.latest), "chance": _percent(found.chance_above_one or 0.0)}
    if (found.chance_above_one or 0.0) >= SURE:
        return gettext("Spread is growing: one case infects %(number)s others (reproduction number Rt).") % facts
    if (found.chance_above_one or 0.0) <= 1 - SURE:
        return gettext("Spread is shrinking: one case infects %(number)s others (reproduction number Rt).") % facts
    return (
        gettext(
            "It is not certain whether spread grows or shrinks: one case infects %(number)s others (reproduction number"
            " Rt); the chance that this is above 1 is %(chance)s."
        )
        % facts
    )


def _growth(found: GrowthTold | TooFew) -> str:
    if isinstance(found, TooFew) and found.of_days:
        return gettext("Whether cases double or halve takes %(least)s days of counts; there are %(n)s.") % {
            "least": found.least,
            "n": found.n,
        }
    if isinstance(found, TooFew):
        return gettext("Too few cases were found in the last week (%(n)s) to say whether they double or halve.") % {
            "n": found.n
        }
    if found.doubling is not None:
        return gettext("Cases found per day double in %(days)s days.") % {"days": interval(found.doubling)}
    if found.halving is not None:
        return gettext("Cases found per day halve in %(days)s days.") % {"days": interval(found.halving)}
    return gettext(
        "Cases found per day neither clearly rose nor fell over the last %(days)s days, so no doubling time is given."
    ) % {"days": found.days}


def _serial(serial: SerialTold) -> str:
    facts = {"mean": interval(serial.mean), "sd": _number(serial.sd.value), "n": serial.n_pairs}
    if serial.is_from_literature:
        return ngettext(
            "Serial interval from the literature: mean %(mean)s days, standard deviation %(sd)s. This outbreak has"
            " %(n)s pair of linked cases with both onsets known; %(least)s are needed.",
            "Serial interval from the literature: mean %(mean)s days, standard deviation %(sd)s. This outbreak has"
            " %(n)s pairs of linked cases with both onsets known; %(least)s are needed.",
            serial.n_pairs,
        ) % {**facts, "least": LEAST_PAIRS}
    return gettext(
        "Serial interval from %(n)s linked pairs of this outbreak, with the literature weighing %(literature)s: mean"
        " %(mean)s days, standard deviation %(sd)s."
    ) % {**facts, "literature": _percent(1 - serial.weight_of_pairs)}


def _forecast(found: ForecastTold | TooFew) -> str:
    if isinstance(found, TooFew) and found.of_days:
        return gettext("Too early for a forecast: it takes %(least)s days of counts; there are %(n)s.") % {
            "least": found.least,
            "n": found.n,
        }
    if isinstance(found, TooFew):
        return gettext("Too few for a forecast: it takes %(least)s cases; there are %(n)s.") % {
            "least": found.least,
            "n": found.n,
        }
    return gettext(
        "If spread drifts as it did in the last weeks, %(number)s more cases will be found in the next %(days)s days."
    ) % {"number": interval(found.total, whole=True), "days": len(found.days)}


def _scores(found: ForecastTold | TooFew) -> str:
    if isinstance(found, TooFew):
        return ""
    if not found.scores:
        return gettext("No earlier forecast can be checked against what came yet.")
    week = found.scores[0]
    facts = {
        "n": found.origins,
        "crps": _number(week.crps),
        "naive": _number(week.naive_crps),
        "held": _percent(week.coverage),
    }
    if week.crps < week.naive_crps:
        return (
            gettext(
                "Made again on %(n)s earlier days of this outbreak, it did better than carrying the last week on (mean"
                " error %(crps)s against %(naive)s cases a day over a week), and its 95 %% band held what came on"
                " %(held)s of days."
            )
            % facts
        )
    return (
        gettext(
            "Made again on %(n)s earlier days of this outbreak, it did no better than carrying the last week on (mean"
            " error %(crps)s against %(naive)s cases a day over a week), and its 95 %% band held what came on %(held)s"
            " of days. Do not lean on it."
        )
        % facts
    )


def _over(found: EndingTold | TooFew) -> str:
    return "" if isinstance(found, TooFew) else _ending(found)


def _ending(found: EndingTold | TooFew) -> str:
    if isinstance(found, TooFew):
        return gettext(
            "When it will be over cannot be said: there are too few cases or days to tell how fast it spreads now."
        )
    if found.over_on is None:
        return gettext(
            "With spread as it is now, no end can be seen within %(days)s days: the chance that nobody else is found"
            " after %(day)s is %(chance)s."
        ) % {"days": len(found.days), "day": found.days[-1], "chance": _percent(found.chance[-1])}
    return gettext(
        "If control stays as over the last %(days)s days (Rt %(number)s), the last case will have been found by"
        " %(day)s with a probability of %(sure)s."
    ) % {
        "days": found.reproduction_days,
        "number": interval(found.reproduction),
        "day": found.over_on,
        "sure": _percent(found.sure),
    }


def _isolated(read: Outlook) -> str:
    found = read.found
    return gettext(
        "%(n)s of %(all)s cases (%(share)s) were in a quarantine room or a bed already when they were found; in the"
        " last week %(week)s of %(week_all)s."
    ) % {
        "n": found.n_isolated_before,
        "all": found.n_cases,
        "share": _percent(found.n_isolated_before / found.n_cases if found.n_cases else 0.0),
        "week": found.n_isolated_before_week,
        "week_all": found.n_week,
    }


def delay(told: DelayTold) -> str:
    """Say one delay in a sentence."""
    if told.n == 0:
        return gettext("Nothing is on record.")
    if told.same_day == told.n:
        return gettext("All %(n)s on the same day.") % {"n": told.n}
    said = [_lasted(told)]
    if told.before:
        said.append(_before(told))
    if told.waiting:
        said.append(gettext("%(n)s are not there yet.") % {"n": told.waiting})
    return _joined(*said)


def _lasted(told: DelayTold) -> str:
    if not isinstance(told.fitted, Fitted):
        return gettext(
            "Half of the %(n)s counted within %(days)s days; too few or too early to say what those still to come add."
        ) % {"n": told.n, "days": _number(told.middle or 0.0, whole=True)}
    nine = interval(told.fitted.nine_in_ten)
    if told.fitted.median.value < 1:
        return gettext("%(same)s of %(n)s on the same day, nine in ten within %(nine)s days.") % {
            "same": told.same_day,
            "n": told.n,
            "nine": nine,
        }
    return gettext("Half of %(n)s within %(median)s days, nine in ten within %(nine)s.") % {
        "n": told.n,
        "median": interval(told.fitted.median),
        "nine": nine,
    }


def _before(told: DelayTold) -> str:
    if told.kind is Delay.ONSET_TO_FOUND:
        return gettext("%(n)s more were found before they fell ill.") % {"n": told.before}
    return gettext("%(n)s more were isolated before they were found.") % {"n": told.before}


def interval(estimate: Estimate, *, whole: bool = False) -> str:
    """Write an estimate with the ends of its interval: 2.4 (1.9–3.0)."""
    value, lower, upper = (_number(one, whole=whole) for one in (estimate.value, estimate.lower, estimate.upper))
    return gettext("%(value)s (%(lower)s–%(upper)s)") % {"value": value, "lower": lower, "upper": upper}


def _number(value: float, *, whole: bool = False) -> str:
    if math.isnan(value):
        return "—"
    if math.isinf(value):
        return "∞"
    if whole or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 1 else f"{value:.1f}"


def _percent(share: float) -> str:
    if 0 < share < 0.01:
        return "< 1 %"
    if 0.99 < share < 1:
        return "> 99 %"
    return f"{100 * share:.0f} %"
