"""What the presences say several cases shared before they fell ill; places and numbers are kept, people are not."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pyarrow as pa

from sizao.adapters.visits import VisitStore, Window
from sizao.records import journal
from sizao.records.models import Account, Case, Trace, TraceAnswer
from sizao.response import outbreaks
from sizao.response.tracing import tokens
from sizao.response.tracing.windows import NotConfirmed, window_of
from sizao.terms import TraceCause, TracePurpose

KEPT = 50  # rows of a ranking: more than anybody reads, fewer than all


def answer(trace: Trace, store: VisitStore, *, cause: TraceCause, by: Account | None, now: datetime) -> TraceAnswer:
    """Rank what the cases of a trace shared, as the presences are now, and write the ranking down."""
    asked = windows(trace, now)
    found = store.common_sources(
        asked,
        span_seconds=round(trace.settings["span_hours"] * 3600),
        least_seconds=round(trace.least_minutes * 60),
    )
    rows = ranking(found)
    trace.seen, trace.answered_at = str(store.mark), now
    trace.settings = trace.settings | {"windows": print_of(asked)}
    trace.save(update_fields=["seen", "answered_at", "settings"])
    said = TraceAnswer.objects.create(
        trace=trace,
        answered_at=now,
        cause=cause,
        n_found=found.num_rows,
        n_new=0,
        n_gone=0,
        n_known=0,
        facts={"presences": store.manifest.rows, "cases": len(trace.cases), "sources": rows},
    )
    journal.write(
        "trace.answered", trace, by=by, at=now, protocol=trace.protocol, number=trace.number, cause=str(cause),
        purpose=trace.purpose, found=found.num_rows, cases=len(trace.cases),
    )  # fmt: skip
    return said


def windows(trace: Trace, now: datetime) -> list[Window]:
    """
    Give the time of each case before it fell ill, under each of its tokens.

    A case that was found to be none since is left out. A person known under several tokens would count as several
    cases, so that the first token alone stands for them here.
    """
    found = []
    for case in Case.objects.filter(pk__in=trace.cases).select_related("person", "outbreak").order_by("pk"):
        rules = outbreaks.rules_at(trace.outbreak, now, area_code=case.area_code)
        try:
            window = window_of(case, TracePurpose.FIND_SOURCE, rules, now=now)
        except NotConfirmed:
            continue
        begins, ends = int(window.begins_at.timestamp()), int(window.ends_at.timestamp())
        found += [Window(token, begins, ends) for token in tokens.tokens_of(trace.outbreak, case.person)[:1]]
    return found


def print_of(asked: Sequence[Window]) -> str:
    """Sum up the windows of the cases, without saying whose they are."""
    return sha256(repr(sorted((one.person, one.start, one.end) for one in asked)).encode()).hexdigest()[:16]


def ranking(found: pa.Table) -> list[dict[str, Any]]:
    """Give the first rows of an answer without people: place, span, cases, expected, visitors, p and q values."""
    rows = found.slice(0, KEPT).to_pylist()
    return [
        {
            "scope": row["scope"],
            "place": row["place"],
            "from": _moment(row["from"]),
            "to": _moment(row["to"]),
            "cases": row["cases"],
            "expected": row["expected"],
            "visitors": row["visitors"],
            "p_value": row["p_value"],
            "q_value": row["q_value"],
        }
        for row in rows
    ]


def affected(trace: Trace, store: VisitStore, asked: Sequence[Window]) -> bool:
    """Tell whether what arrived since the last answer concerns any of the cases."""
    least = round(trace.least_minutes * 60)
    return bool(store.affected(asked, least_seconds=least, since=int(trace.seen or -1)))


def _moment(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()
