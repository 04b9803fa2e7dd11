"""The numbers of an answer of the simulated city as sheets of a workbook, with what they rest on."""

from collections.abc import Sequence
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from sizao.adapters.spreadsheets import Cell, Sheet
from sizao.records.models import WhatIf
from sizao.web import what_if_sentences

Rows = list[Sequence[Cell]]


def sheets(question: WhatIf, request: HttpRequest) -> list[Sheet]:
    """Give the outcomes of each policy, the days, and where the numbers come from."""
    return [_outcomes(question), _days(question), _origin(question, request)]


def _ends(name: str) -> tuple[str, str, str]:
    return name, f"{name} 10 %", f"{name} 90 %"


def _outcomes(question: WhatIf) -> Sheet:
    named = what_if_sentences.heads()
    heads = [gettext("Policy"), *(head for name in named.values() for head in _ends(name)), *_ends(gettext("Chance"))]
    rows: Rows = []
    for policy, told in zip(question.policies, question.answer["policies"], strict=True):
        numbers = [value for key in named for value in told["outcomes"][key]]
        rows.append([what_if_sentences.name_of(policy), *numbers, *told["zero"]])
    return Sheet(gettext("Outcomes"), heads, rows)


def _days(question: WhatIf) -> Sheet:
    heads = [gettext("Policy"), gettext("What"), gettext("Day"), "10 %", "50 %", "90 %"]
    rows: Rows = []
    for policy, told in zip(question.policies, question.answer["policies"], strict=True):
        for what, (low, middle, high) in told["by_day"].items():
            for n, ends in enumerate(zip(low, middle, high, strict=True)):
                rows.append([what_if_sentences.name_of(policy), what, question.date + timedelta(days=n + 1), *ends])
    return Sheet(gettext("Day by day"), heads, rows)


def _origin(question: WhatIf, request: HttpRequest) -> Sheet:
    rows: Rows = [
        (gettext("Outbreak"), question.outbreak.slug),
        (gettext("Area"), question.area_code),
        (gettext("Known at the end of"), question.date),
        (gettext("Asked by"), question.asked_by),
        (gettext("Taken at"), f"{timezone.localtime(request.now):%Y-%m-%d %H:%M}"),
        (gettext("Runs of each policy"), question.settings["runs"]),
        (gettext("Notice"), gettext("Model results. They are not counts and never enter a report.")),
        *(
            (gettext("What it says"), f"{line['name']}: {line['said']}")
            for line in what_if_sentences.rows(question)["lines"]
        ),
        *((gettext("Assumption"), said) for said in what_if_sentences.assumptions(question.situation, question.answer)),
    ]
    return Sheet(gettext("Origin"), (gettext("What"), gettext("Value")), rows)
