"""
The facts of a drill's report as a file of its installation: worked out by who carries the days, read by the pages.

Not in the database: the response must not be able to look at the truth, nor may its screens before the drill is over.
"""

import json
from datetime import datetime
from typing import Any

from django.conf import settings

from sizao.adapters.tables import write_whole
from sizao.drill.rehearsal import steering
from sizao.records import access, journal
from sizao.records.models import Account, Outbreak
from sizao.terms import Right

Facts = dict[str, Any]
ASKED = "drill.report_asked"


def ask(*, outbreak: Outbreak, by: Account, now: datetime) -> None:
    """Ask for the report of a drill as far as it has gone."""
    access.require(by, Right.DRILL_STEER)
    journal.write(ASKED, outbreak, by=by, at=now)


def is_wanted(outbreak: Outbreak) -> bool:
    """Tell whether the report is to be worked out: somebody asked since the last time, or the drill is over."""
    written = read(outbreak)
    done = steering.days_done(outbreak)
    if written is not None and written["asked"] == _asked(outbreak) and written["facts"]["days"] == done:
        return False
    return done >= steering.n_days(outbreak) or _asked(outbreak) > (written["asked"] if written else 0)


def write(outbreak: Outbreak, facts: Facts) -> None:
    """Put the facts where the pages find them, whole or not at all."""
    told = {"drill": outbreak.slug, "asked": _asked(outbreak), "facts": facts}
    settings.DRILL_REPORT.parent.mkdir(parents=True, exist_ok=True)
    write_whole(settings.DRILL_REPORT, json.dumps(told, ensure_ascii=False, indent=1).encode())


def read(outbreak: Outbreak) -> dict[str, Any] | None:
    """Give what was written last of this drill, or None."""
    try:
        told = json.loads(settings.DRILL_REPORT.read_bytes())
    except (OSError, ValueError):
        return None
    return told if told.get("drill") == outbreak.slug else None


def _asked(outbreak: Outbreak) -> int:
    return steering.lines(outbreak, ASKED).count()
