"""
Standing traces are asked again when what they follow from has changed, so that nobody is missed because of order.

A late batch is matched against every standing trace, and a trace whose case fell ill earlier than was thought, or
has been set apart since, is asked for its new window. Past its last day a trace is never asked again.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sizao.adapters.visits import VisitStore
from sizao.protocol import NeedsConfirmation, NoValue
from sizao.records.models import Outbreak, Person, Trace, TraceMatch
from sizao.response import outbreaks
from sizao.response.tracing import (
    answers,
    bearers,
    common_answers,
    companions,
    hotspot_answers,
    presences,
    questions,
    rides,
    second_ring,
    tokens,
    traces,
)
from sizao.response.tracing.known import set_apart_at
from sizao.response.tracing.windows import CaseWindow, NotConfirmed, TracesNobody, window_of
from sizao.terms import TraceCause, TracePurpose, TraceQuestion

NO_CASE = "the case was found to be none"


def advance(outbreak: Outbreak, now: datetime) -> int:
    """Ask again what may be answered otherwise now; return how many traces were answered, closed or linked anew."""
    standing = list(
        Trace.objects.select_for_update(of=["self"])
        .filter(outbreak=outbreak, closed_at=None, last_date__gte=outbreak.day_of(now))
        .select_related("outbreak", "case__person", "case__outbreak")
        .order_by("pk")
    )
    if not standing:
        return 0
    try:
        store = presences.opened(outbreak)
    except (presences.NoPresences, tokens.TokensDestroyed):
        return 0
    except presences.PresencesDamaged:
        # Said, and left: the rest of the response must not wait for a disk.
        logging.getLogger("sizao.loop").exception("Standing traces of %s cannot be asked.", outbreak.slug)
        return 0
    about_one = [one for one in standing if one.case_id is not None]
    moved, left = _by_window(about_one, now)
    for one in moved:
        questions.answer(one, store, cause=TraceCause.WINDOW, by=None, now=now)
    beyond = [one for one in left if one.question == TraceQuestion.SECOND_RING]
    of_the_case = [one for one in left if one.question in (TraceQuestion.COMPANIONS, TraceQuestion.SEATS)]
    fresh = _touched(of_the_case, store)
    for one in fresh:
        answers.answer(one, store, cause=TraceCause.PRESENCES, by=None, now=now)
    untouched = [one for one in of_the_case if one not in fresh]
    _see(untouched, store)
    seats = {one.area_code: one for one in untouched}
    told = {area_code: rides.seen(one, now) for area_code, one in seats.items()}
    seated = sum(answers.again_for_seats(one, store, told[one.area_code], now) for one in untouched)
    about_places = [one for one in standing if one.case_id is None]
    again = sum(_ask_again(one, store, now) for one in (*beyond, *about_places))
    closed = len(about_one) - len(moved) - len(left)
    changed = closed + len(moved) + len(fresh) + seated + again
    return changed + _link(outbreak, about_one, store, now)


# --- Windows -----------------------------------------------------------------------------------


def _by_window(standing: Sequence[Trace], now: datetime) -> tuple[list[Trace], list[Trace]]:
    """Take the new window where a case has one; say which traces moved, and which stand as they stood."""
    moved, left = [], []
    rules_of = cache(lambda area_code: outbreaks.rules_at(standing[0].outbreak, now, area_code=area_code))
    apart = set_apart_at({trace.case.person_id for trace in standing}, now)
    for trace in standing:
        try:
            rules = rules_of(trace.area_code)
            window = window_of(trace.case, TracePurpose(trace.purpose), rules, now=now, apart=apart)
        except NotConfirmed:
            traces.close(trace=trace, by=None, now=now, why=NO_CASE)
            continue
        except (TracesNobody, NeedsConfirmation, NoValue):
            left.append(trace)  # what was asked under the rules of its day is answered until its last day
            continue
        (moved if _moves(trace, window) else left).append(trace)
    return moved, left


def _moves(trace: Trace, window: CaseWindow) -> bool:
    if not window.is_set_apart and not trace.settings["is_set_apart"]:
        # Still among people: the window is open to the last day, which was said when it was asked.
        window = CaseWindow(window.begins_at, trace.ends_at, trace.last_date, is_set_apart=False)
    if (window.begins_at, window.ends_at) == (trace.begins_at, trace.ends_at):
        return False
    trace.begins_at, trace.ends_at, trace.last_date = window.begins_at, window.ends_at, window.last_date
    trace.settings = trace.settings | {"is_set_apart": window.is_set_apart}
    trace.save(update_fields=["begins_at", "ends_at", "last_date", "settings"])
    return True


# --- Presences ---------------------------------------------------------------------------------


def _touched(standing: Sequence[Trace], store: VisitStore) -> list[Trace]:
    """List the traces whose answer what arrived since may change."""
    # Hours in a cell may be told that touch no meeting, so that a trace for cells is asked at every change.
    found = [trace for trace in standing if companions.asks_cells(trace) and _seen(trace) != store.mark]
    alike: dict[int, list[Trace]] = defaultdict(list)
    for trace in standing:
        if not companions.asks_cells(trace) and _seen(trace) != store.mark:
            alike[_seen(trace)].append(trace)
    for seen, some in alike.items():
        asked = {trace.pk: companions.windows(trace) for trace in some}
        every = [window for windows in asked.values() for window in windows]
        news = set(store.touched(every, since=seen, manner=companions.manner_of(store)))
        found += [trace for trace in some if any(one.person in news for one in asked[trace.pk])]
    return found


def _ask_again(trace: Trace, store: VisitStore, now: datetime) -> bool:
    """Ask again what is no question for companions; tell whether it was answered anew."""
    try:
        return _AGAIN[TraceQuestion(trace.question)](trace, store, now)
    except (TracesNobody, NeedsConfirmation, NoValue):
        return False  # what was asked under the rules of its day stays as it was answered


def _rank_again(trace: Trace, store: VisitStore, now: datetime) -> bool:
    """Rank a common source again where a case fell ill at another time than was thought, or presences concern one."""
    asked = common_answers.windows(trace, now)
    moved = common_answers.print_of(asked) != trace.settings.get("windows")
    if not moved and (_seen(trace) == store.mark or not common_answers.affected(trace, store, asked)):
        return False
    cause = TraceCause.WINDOW if moved else TraceCause.PRESENCES
    common_answers.answer(trace, store, cause=cause, by=None, now=now)
    return True


_AGAIN = {
    TraceQuestion.SECOND_RING: second_ring.again,
    TraceQuestion.COMMON_SOURCE: _rank_again,
    TraceQuestion.HOTSPOTS: hotspot_answers.again,
}


def _seen(trace: Trace) -> int:
    return int(trace.seen or -1)


def _see(standing: Sequence[Trace], store: VisitStore) -> None:
    """Note that these answers hold for what is there now, so that it is not looked at again."""
    late = [one for one in standing if _seen(one) != store.mark]
    Trace.objects.filter(pk__in=[one.pk for one in late]).update(seen=str(store.mark))


# --- People ------------------------------------------------------------------------------------


def _link(outbreak: Outbreak, standing: Sequence[Trace], store: VisitStore, now: datetime) -> int:
    """Link people who were registered after a trace had found their token; return how many traces it concerns."""
    nameless = TraceMatch.objects.filter(trace__in=standing, person=None).order_by()
    with_nameless = set(nameless.values_list("trace_id", flat=True).distinct())
    waiting = [one for one in standing if one.pk in with_nameless]
    since = min((one.answered_at for one in waiting if one.answered_at), default=now)
    new = Person.objects.filter(registered_at__gte=since, registered_at__lte=now)
    homes = dict(new.order_by("pk").values_list("pk", "area_code")) if waiting else {}
    borne = {token: (person, homes[person]) for token, person in bearers.tokens_of_people(outbreak, homes).items()}
    concerned = [one for one in waiting if borne and answers.link(one, borne, by=None, now=now)]
    for one in concerned:
        if answers.stands_twice(one):
            questions.answer(one, store, cause=TraceCause.PEOPLE, by=None, now=now)
    return len(concerned)
