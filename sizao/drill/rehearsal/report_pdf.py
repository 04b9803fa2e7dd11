"""The report of a drill as a PDF, typeset from the same words, tables and pictures as the page."""

import json
from dataclasses import asdict
from importlib.resources import files

from django.utils import translation
from django.utils.translation import get_language, gettext

from sizao.adapters import typesetting
from sizao.drill.rehearsal.report_file import Facts
from sizao.drill.rehearsal.report_words import Report, report


def pdf(facts: Facts, language: str) -> bytes:
    """Typeset the report of a drill in a language ("zh-hans" or "en")."""
    with translation.override(language):
        return typeset(report(facts))


def typeset(told: Report) -> bytes:
    """Typeset a report in the language that is active."""
    pictures = {f"{n}.svg": one.picture.encode() for n, one in enumerate(told.sections) if one.picture}
    content = asdict(told) | {
        "language": (get_language() or "zh")[:2],
        "drill": gettext("DRILL: everybody in this report is made up"),
        "pictures": [f"{n}.svg" if f"{n}.svg" in pictures else "" for n in range(len(told.sections))],
    }
    template = files("sizao.drill").joinpath("report.typ").read_text(encoding="utf-8")
    return typesetting.pdf(template, {"report.json": json.dumps(content, ensure_ascii=False).encode(), **pictures})
