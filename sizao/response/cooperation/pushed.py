"""Push lists as they stand: those to us and from us, late ones first, and what came back undelivered."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from sizao.records import access, journal
from sizao.records.models import Account, Outbreak, PushEntry, PushList, Trace
from sizao.response.cooperation.pushing import NotOnTheList
from sizao.terms import UNDELIVERED, PushState, Right


@dataclass(frozen=True, slots=True)
class PushLine:
    """A list as it stood at a moment: how many of its people had a result, how many came back and wait."""

    push_list: PushList
    state: PushState
    told: int
    returned: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class PushedPerson:
    """One person of a list, with who they are as far as the reader may know."""

    entry: PushEntry
    identity: access.Identity | None
    is_undelivered: bool


def known(by: Account, *, area_code: str = "") -> QuerySet[PushList]:
    """Give the lists from and to an account's jurisdiction, or a part of it."""
    access.require(by, Right.COOPERATE)
    within = area_code or by.area_code
    mine = Q(area_code__startswith=within) | Q(from_area_code__startswith=within)
    return PushList.objects.filter(mine).select_related("outbreak", "trace")


def lines(outbreak: Outbreak, by: Account, *, as_of: datetime, most: int) -> list[PushLine]:
    """Give the lists of an outbreak from and to the jurisdiction, late ones first, then the newest."""
    return _lines(known(by).filter(outbreak=outbreak), as_of, most)


def of_trace(trace: Trace, *, as_of: datetime) -> dict[str, list[PushLine]]:
    """Give the lists of a trace by the area that receives them."""
    found: dict[str, list[PushLine]] = {}
    for one in _lines(PushList.objects.filter(trace=trace), as_of, None):
        found.setdefault(one.push_list.area_code, []).append(one)
    return found


def fetch(pk: int, *, by: Account) -> PushList:
    """Fetch a list from or to the jurisdiction, or refuse as if it were not there."""
    found = known(by).filter(pk=pk).first()
    if found is None:
        raise access.NotYours(what="push_list", area=by.area_code)
    return found


def lines_of(push_lists: Iterable[PushList], *, as_of: datetime) -> dict[int, PushLine]:
    """Say how these lists stood at a moment, by their row."""
    rows = PushList.objects.filter(pk__in=[one.pk for one in push_lists]).select_related("outbreak", "trace")
    return {one.push_list.pk: one for one in _lines(rows, as_of, None)}


def entry(push_list: PushList, ref: int) -> PushEntry:
    """Fetch one person of a list by their number on it. Raise NotOnTheList."""
    found = push_list.entries.select_related("push_list").filter(ref=ref).first()
    if found is None:
        raise NotOnTheList(number=push_list.number, refs=str(ref))
    return found


def line(push_list: PushList, *, as_of: datetime) -> PushLine:
    """Say how one list stood at a moment."""
    return _lines(PushList.objects.filter(pk=push_list.pk), as_of, 1)[0]


def stood(push_list: PushList, *, as_of: datetime) -> PushList:
    """Give a copy of a list as it was known at a moment, for reading alone: what came later is taken out of it."""
    told = copy(push_list)
    if told.received_at is not None and told.received_at > as_of:
        told.received_at, told.received_by, told.received_name = None, "", ""
    return told


def people_of(push_list: PushList, *, by: Account, now: datetime, as_of: datetime) -> list[PushedPerson]:
    """Read the people of a list as known at a moment, undelivered ones first; that it was read is journalled."""
    entries = list(push_list.entries.select_related("person", "again__push_list").order_by("ref"))
    journal.write("push.read", push_list, by=by, at=now, number=push_list.number, people=len(entries))
    for one in entries:
        _forget_later(one, as_of)
    people = [
        PushedPerson(
            entry=one,
            identity=access.identity(one.person, to=by) if one.person else None,
            is_undelivered=one.result in UNDELIVERED and not one.end,
        )
        for one in entries
    ]
    return sorted(people, key=lambda one: not one.is_undelivered)


def _forget_later(entry: PushEntry, as_of: datetime) -> None:
    """Take out of an entry that is read what came after a moment; it is not saved."""
    if entry.told_at is not None and entry.told_at > as_of:
        entry.result, entry.note, entry.told_at, entry.told_by, entry.moved_to = "", None, None, "", ""
    if entry.ended_at is not None and entry.ended_at > as_of:
        entry.end, entry.end_note, entry.ended_at, entry.ended_by = "", None, None, ""


def _lines(rows: QuerySet[PushList], as_of: datetime, most: int | None) -> list[PushLine]:
    told = Q(entries__told_at__lte=as_of)
    back = told & Q(entries__result__in=UNDELIVERED) & (Q(entries__ended_at=None) | Q(entries__ended_at__gt=as_of))
    counted = rows.filter(pushed_at__lte=as_of).annotate(
        told=Count("entries", filter=told), back=Count("entries", filter=back)
    )
    found = [_line(one, as_of) for one in counted.order_by("-pushed_at", "-pk")[:most]]
    return sorted(found, key=lambda one: not (one.is_late or one.returned))


def _line(one: PushList, as_of: datetime) -> PushLine:
    told, back = one.told, one.back  # type: ignore[attr-defined]
    received = one.received_at is not None and one.received_at <= as_of
    if back:
        state = PushState.RETURNED
    elif told == one.n_people:
        state = PushState.DONE
    else:
        state = PushState.RECEIVED if received else PushState.PUSHED
    waits_until = one.due_at if received else one.receipt_due_at
    late = told < one.n_people and waits_until is not None and waits_until < as_of
    return PushLine(one, state, told, back, late)
