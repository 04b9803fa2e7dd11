"""What an answer of the simulated city says: a sentence for each policy, and what all of them rest on."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import get_language, gettext, ngettext

from sizao.records.models import WhatIf
from sizao.response.reports.what_if_levers import REFERENCE
from sizao.response.reports.what_if_page import Came
from sizao.response.reports.what_if_situation import Situation
from sizao.terms import AreaLevel, Lever
from sizao.web.templatetags.rules import edition_name

# Outcomes in the order of the table, of which those that are nowhere needed are left out.
ALWAYS = ("size", "found", "days", "rooms", "tests", "vehicles")
WHERE_NEEDED = ("beds", "intensive", "no_bed", "no_intensive", "antivirals", "deaths", "closed")
NOTICED = 0.02  # a ratio this near to 1 is none


def heads() -> dict[str, str]:
    """Name the outcomes."""
    return {
        "size": gettext("Infections"),
        "found": gettext("Cases found"),
        "days": gettext("Days until the last infection"),
        "rooms": gettext("Rooms, at most"),
        "tests": gettext("Tests a day, at most"),
        "vehicles": gettext("Vehicles, at most"),
        "beds": gettext("Beds, at most"),
        "intensive": gettext("Intensive care, at most"),
        "no_bed": gettext("Without a bed"),
        "no_intensive": gettext("Without intensive care"),
        "antivirals": gettext("Courses of antivirals"),
        "deaths": gettext("Deaths"),
        "closed": gettext("People in closed areas, at most"),
    }


def name_of(policy: Mapping[str, Any]) -> str:
    """Call a policy by its lever, or by the name that somebody gave it."""
    lever = Lever(policy["lever"])
    return policy["name"] if lever is Lever.OWN else lever.label(get_language() or "zh")


def shown_outcomes(question: WhatIf) -> list[str]:
    """List the outcomes worth a column."""
    told = question.answer["policies"]
    needed = [key for key in WHERE_NEEDED if any(one["outcomes"][key][2] > 0 for one in told)]
    return [*ALWAYS, *needed]


def rows(question: WhatIf) -> dict[str, Any]:
    """Give an answer: a line for each policy with its sentence, and a table with a row for each outcome."""
    keys, named = shown_outcomes(question), heads()
    pairs = list(zip(question.policies, question.answer["policies"], strict=True))
    names = [name_of(policy) for policy, _ in pairs]

    def row(head: str, values: list[str]) -> dict[str, Any]:
        return {"head": head, "cells": list(zip(names, values, strict=True))}

    over = gettext("Nobody infected after %(day)s") % {"day": question.settings["over_by"]}
    table = [
        row(over, [_chance(told["zero"]) for _, told in pairs]),
        row(gettext("Infections beside today's measures"), [_ratio(told["ratio"]) for _, told in pairs]),
        *(row(named[key], [_interval(told["outcomes"][key]) for _, told in pairs]) for key in keys),
    ]
    lines = [{"name": name_of(policy), "said": sentence(question, policy, told)} for policy, told in pairs]
    return {"names": names, "lines": lines, "table": table}


def sentence(question: WhatIf, policy: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """Say in one sentence what would probably come of a policy."""
    out = told["outcomes"]
    said = gettext(
        "%(size)s infections not found yet or to come, four runs of five; nobody infected after %(day)s in %(zero)s of"
        " runs; at most %(rooms)s people in rooms and %(tests)s tests a day."
    ) % {
        "size": _interval(out["size"]),
        "day": question.settings["over_by"],
        "zero": _percent(told["zero"][0]),
        "rooms": _number(out["rooms"][0]),
        "tests": _number(out["tests"][0]),
    }
    if told["ratio"] is not None:
        said = _joined(said, _beside(told["ratio"]))
    if told["stopped"]:
        more = gettext("In %(share)s of runs it grew past %(most)s infections and was not followed further.")
        said = _joined(said, more % {"share": _percent(told["stopped"]), "most": _number(question.answer["stop_at"])})
    return said


def _beside(ratio: list[float]) -> str:
    middle, low, high = ratio
    if low <= 1 <= high or abs(middle - 1) < NOTICED:
        return gettext("Not clearly more or fewer infections than with today's measures.")
    facts = {"times": f"{middle:.2f} ({low:.2f}–{high:.2f})"}
    return gettext("%(times)s times the infections of today's measures, run by run.") % facts


def best(question: WhatIf) -> str:
    """Say first which policy most probably ends it in time."""
    told = list(zip(question.policies, question.answer["policies"], strict=True))
    first = told[0][1]["zero"][0]
    policy, found = max(told, key=lambda one: (one[1]["zero"][0], -one[1]["outcomes"]["size"][0]))
    facts = {"day": question.settings["over_by"], "today": _percent(first), "name": name_of(policy),
             "best": _percent(found["zero"][0])}  # fmt: skip
    if policy is told[0][0]:
        return (
            gettext(
                "With today's measures nobody is infected after %(day)s in %(today)s of runs; no other does better."
            )
            % facts
        )
    return (
        gettext(
            "With today's measures nobody is infected after %(day)s in %(today)s of runs; best does “%(name)s” with"
            " %(best)s."
        )
        % facts
    )


def situation(found: Situation) -> str:
    """Say what a question would start from."""
    low, middle, high = found.not_found
    people = sum(one[1] for one in found.counties)
    return gettext(
        "%(cases)s cases found so far; about %(middle)s (%(low)s–%(high)s) who fell ill are not found yet; one case"
        " infects %(rt)s others. The city has the %(people)s people of the counties with cases."
    ) % {
        "cases": found.cases,
        "middle": _number(middle),
        "low": _number(low),
        "high": _number(high),
        "rt": _small(found.reproduction),
        "people": _number(people),
    }


def assumptions(found: Mapping[str, Any], answer: Mapping[str, Any] | None = None) -> list[str]:
    """Say what the answer rests on, the weakest first."""
    said = []
    if "not_found" in found["assumed"]:
        said.append(
            gettext(
                "Too little is known for a nowcast: as many again as were found in the last week are assumed not to be"
                " found yet, from a third to three times as many."
            )
        )
    if "reproduction" in found["assumed"]:
        said.append(gettext("Nobody can say yet how fast it spreads: a reproduction number of 0.6 to 2.0 is assumed."))
    if answer is not None and found["reproduction"][0] < answer["reached"][0]:
        said.append(
            gettext(
                "Even without any meeting outside homes, a case of this variant infects %(least)s others under these"
                " measures, more than the lower end of today's reproduction number: the answer is rather too dark."
            )
            % {"least": f"{answer['reached'][0]:.2f}"}
        )
    if answer is not None and found["reproduction"][2] > answer["reached"][1]:
        said.append(
            gettext(
                "Even with many times the usual meetings outside homes, a case of this variant infects no more than"
                " %(most)s others under these measures, less than the upper end of today's reproduction number: the"
                " answer is rather too bright."
            )
            % {"most": f"{answer['reached'][1]:.2f}"}
        )
    if found["left_out"]:
        said.append(
            gettext(
                "%(n)s recent cases lie in counties whose population is not known or for which the city has no room;"
                " they are put into the others."
            )
            % {"n": found["left_out"]}
        )
    counties = "、".join(f"{name} ({_number(people)})" for _, people, _, name in found["counties"])
    said += [
        gettext("People: the counties in which cases were found in the last two weeks: %(counties)s.")
        % {"counties": counties},
        gettext(
            "How often people meet outside homes is set such that today's measures give today's reproduction number;"
            " the ages and homes are those of the census, the habits are made up."
        ),
        gettext("Of those not found yet, %(kept)s are taken to be in quarantine already, as among last week's cases.")
        % {"kept": _percent(found["kept"])},
        gettext("Quarantine and its tests follow %(edition)s.") % {"edition": edition_name(found["edition"])},
        gettext(
            "Closed areas and rounds of testing are read from the records of the day. Where a round has just found many"
            " at once, the reproduction number is rather too high, and the answer too dark."
        ),
        gettext(
            "Cases from outside, holidays, people who do not comply and infections that no test finds are not in it. It"
            " ranks policies; it does not foretell a number."
        ),
    ]
    return said


def today(values: Mapping[str, Any]) -> str:
    """Say today's measures as they were taken."""
    base = {**REFERENCE, **values}
    said = [_pace(base)]
    if base["close_at"]:
        level = AreaLevel(_LEVELS.get(base.get("close_level", ""), AreaLevel.VILLAGE)).label(get_language() or "")
        said.append(
            gettext("From %(n)s cases in a week an area is closed, of the size: %(level)s.")
            % {"n": base["close_at"], "level": level}
        )
    if base["round_every"]:
        said.append(gettext("Everybody is tested every %(n)s days.") % {"n": base["round_every"]})
    return " ".join(said)


_LEVELS = {"town": AreaLevel.STREET, "county": AreaLevel.COUNTY, "city": AreaLevel.CITY, "province": AreaLevel.PROVINCE}


def _pace(base: Mapping[str, Any]) -> str:
    return gettext(
        "Today's measures as taken: %(testing)s a day of those with symptoms are tested, results after %(result)s days,"
        " contacts in quarantine %(trace)s days later for %(quarantine)s days; of contacts at school and work %(group)s"
        " are found, at venues %(venue)s."
    ) % {
        "testing": _percent(base["testing"]),
        "result": base["result_days"],
        "trace": base["trace_days"],
        "quarantine": base["quarantine_days"],
        "group": _percent(base["traced"][1]),
        "venue": _percent(base["traced"][3]),
    }


def came(question: WhatIf, counted: Came) -> str:
    """Compare with what came, as far as it is known on the chosen day."""
    if not counted.days:
        return ""
    at = len(counted.days) - 1
    low, middle, high = (row[at] for row in question.answer["policies"][0]["by_day"]["found_so_far"])
    facts = {
        "n": counted.total,
        "days": len(counted.days),
        "low": _number(low),
        "middle": _number(middle),
        "high": _number(high),
    }
    said = ngettext(
        "In the %(days)s day since, %(n)s cases were found; with the measures of that day four runs of five had"
        " %(low)s to %(high)s, the middle one %(middle)s.",
        "In the %(days)s days since, %(n)s cases were found; with the measures of that day four runs of five had"
        " %(low)s to %(high)s, the middle one %(middle)s.",
        len(counted.days),
    )
    return said % facts


def drawing(question: WhatIf, counted: Came) -> dict[str, Any]:
    """What the chart is drawn from: plain lists, days as text."""
    days = [question.date + timedelta(days=n + 1) for n in range(question.settings["days"])]
    told = question.answer["policies"]
    so_far: list[int] = []
    for one in counted.found:
        so_far.append(one + (so_far[-1] if so_far else 0))
    return {
        "days": [day.isoformat() for day in days],
        "policies": [
            {"name": name_of(policy), "by_day": one["by_day"]}
            for policy, one in zip(question.policies, told, strict=True)
        ],
        "counted": {"found": list(counted.found), "found_so_far": so_far},
    }


def _joined(*said: str) -> str:
    return ("" if (get_language() or "zh").startswith("zh") else " ").join(one for one in said if one)


def _interval(ends: list[float]) -> str:
    middle, low, high = ends
    return f"{_number(middle)} ({_number(low)}–{_number(high)})" if high > low else _number(middle)


def _chance(ends: list[float]) -> str:
    return f"{_percent(ends[0])} ({_percent(ends[1])}–{_percent(ends[2])})"


def _ratio(ends: list[float] | None) -> str:
    return "—" if ends is None else f"{ends[0]:.2f} ({ends[1]:.2f}–{ends[2]:.2f})"


def _small(ends: tuple[float, float, float]) -> str:
    low, middle, high = ends
    return f"{middle:.1f} ({low:.1f}–{high:.1f})"


def _number(value: float) -> str:
    return f"{value:,.0f}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
