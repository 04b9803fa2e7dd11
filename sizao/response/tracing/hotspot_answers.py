"""Where cases spent infectious time, by place; places and numbers are kept, people are not."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pyarrow as pa

from sizao.adapters.visits import VisitStore, Window
from sizao.adapters.visits.places import known_places
from sizao.records import journal
from sizao.records.models import Account, Case, Trace, TraceAnswer
from sizao.response import outbreaks
from sizao.response.tracing import tokens
from sizao.response.tracing.windows import NotConfirmed, window_of
from sizao.terms import TraceCause, TracePurpose

KEPT = 50  # rows of a ranking: more than anybody reads, fewer than all
_OPEN = -1  # the end of a window that goes on

Asked = tuple[Window, bool]


def answer(trace: Trace, store: VisitStore, *, cause: TraceCause, by: Account | None, now: datetime) -> TraceAnswer:
    """Rank the places of the cases of a trace, as the presences are now, and write the ranking down."""
    asked = windows(trace, now)
    return _write(trace, store, _facts(trace, store, asked), print_of(asked), cause=cause, by=by, now=now)


def again(trace: Trace, store: VisitStore, now: datetime) -> bool:
    """Rank again where presences arrived or a case has another window; tell whether the ranking is different."""
    asked = windows(trace, now)
    moved = print_of(asked) != trace.settings.get("windows")
    if not moved and int(trace.seen or -1) == store.mark:
        return False
    facts = _facts(trace, store, asked)
    latest = trace.answers.order_by("-answered_at", "-pk").first()
    if latest is not None and latest.facts["hotspots"] == facts["hotspots"]:
        _see(trace, store, print_of(asked))
        return False
    cause = TraceCause.WINDOW if moved else TraceCause.PRESENCES
    _write(trace, store, facts, print_of(asked), cause=cause, by=None, now=now)
    return True


def windows(trace: Trace, now: datetime) -> list[Asked]:
    """
    Give the infectious time of each case under each of its tokens, and whether it is over.

    A case that was found to be none since is left out.
    """
    found = []
    for case in Case.objects.filter(pk__in=trace.cases).select_related("person", "outbreak").order_by("pk"):
        rules = outbreaks.rules_at(trace.outbreak, now, area_code=case.area_code)
        try:
            window = window_of(case, TracePurpose(trace.purpose), rules, now=now)
        except NotConfirmed:
            continue
        begins, ends = int(window.begins_at.timestamp()), int(window.ends_at.timestamp())
        borne = tokens.tokens_of(trace.outbreak, case.person)
        found += [(Window(token, begins, ends), window.is_set_apart) for token in borne]
    return found


def print_of(asked: list[Asked]) -> str:
    """Sum up the windows of the cases, without saying whose they are; where one is open its end says nothing."""
    rows = sorted((one.person, one.start, one.end if is_over else _OPEN) for one, is_over in asked)
    return sha256(repr(rows).encode()).hexdigest()[:16]


def ranking(trace: Trace, store: VisitStore, asked: list[Asked]) -> pa.Table:
    """
    Rank the places of the layers that the trace asks, by the infectious minutes since its moment.

    A case that sources know by two things stands under two tokens; it is counted once where it is asked about alone.
    """
    since = trace.settings.get("since")
    since = None if since is None else int(datetime.fromisoformat(since).timestamp())
    found = store.hotspots([one for one, _ in asked], since=since)
    if not found.num_rows:
        return found
    layers = known_places(store.path).layers(found["place"].combine_chunks())
    return found.filter(pa.array([str(layer) in trace.settings["layers"] for layer in layers]))


def _facts(trace: Trace, store: VisitStore, asked: list[Asked]) -> dict[str, Any]:
    found = ranking(trace, store, asked)
    return {
        "presences": store.manifest.rows,
        "cases": len(trace.cases),
        "places": found.num_rows,
        "hotspots": [
            {
                "place": row["place"],
                "minutes": round(row["minutes"], 3),
                "cases": min(row["cases"], len(trace.cases)),
                "expected": round(row["expected_cases"], 6),
                "visitors": row["visitors"],
                "first": _moment(row["first"]),
                "last": _moment(row["last"]),
            }
            for row in found.slice(0, KEPT).to_pylist()
        ],
    }


def _write(
    trace: Trace, store: VisitStore, facts: dict[str, Any], windows_print: str, *, cause: TraceCause,
    by: Account | None, now: datetime,
) -> TraceAnswer:  # fmt: skip
    trace.answered_at = now
    _see(trace, store, windows_print)
    said = TraceAnswer.objects.create(
        trace=trace, answered_at=now, cause=cause, n_found=facts["places"], n_new=0, n_gone=0, n_known=0, facts=facts
    )
    journal.write(
        "trace.answered", trace, by=by, at=now, protocol=trace.protocol, number=trace.number, cause=str(cause),
        purpose=trace.purpose, found=said.n_found, cases=len(trace.cases),
    )  # fmt: skip
    return said


def _see(trace: Trace, store: VisitStore, windows_print: str) -> None:
    trace.seen = str(store.mark)
    trace.settings = trace.settings | {"windows": windows_print}
    trace.save(update_fields=["seen", "answered_at", "settings"])


def _moment(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()
