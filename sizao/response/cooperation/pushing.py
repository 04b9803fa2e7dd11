"""Push lists (大数据推送): sent to where people live, received, answered person by person, returned or pushed again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Left
from django.utils import timezone

from sizao.errors import SizaoError
from sizao.protocol import basis, deadline
from sizao.protocol.escalation import shipped_escalation
from sizao.records import access, journal
from sizao.records.models import Account, Area, Person, PushEntry, PushList, Trace, TraceMatch
from sizao.response import outbreaks
from sizao.response.clocks import clock
from sizao.response.cooperation.asking import REPLY
from sizao.response.numbering import next_number
from sizao.response.tracing.trace_page import standing_matches
from sizao.terms import AREA_DIGITS, UNDELIVERED, AreaLevel, PushEnd, PushResult, Right, Urgency

LONGEST_NOTE = 300
COUNTY_DIGITS = AREA_DIGITS[AreaLevel.COUNTY]


class NobodyToPush(SizaoError):
    code = "push.nobody"
    message = "Everybody whom {trace} found in {area} is on a list already. New people are pushed when they are found."


class NobodyReceives(SizaoError):
    code = "push.nobody_receives"
    message = "No authority of {area} works in this installation. Ask it by an official request (协查函) instead."


class NotPushedYet(SizaoError):
    code = "push.not_received"
    message = "List {number} was not received yet. Receive it by name first."


class ReceivedAlready(SizaoError):
    code = "push.received_already"
    message = "List {number} was received by {name} already. Nothing was changed."


class ReceiverMissing(SizaoError):
    code = "push.receiver_missing.unreadable"
    message = "Say by name who receives list {number}, in at most 100 characters."


class NoResultTold(SizaoError):
    code = "push.no_result.unreadable"
    message = "No result was chosen for anybody of list {number}. Choose one for each person you know of."


class NotOnTheList(SizaoError):
    code = "push.not_on_the_list.unreadable"
    message = "List {number} has nobody under {refs}. Open it again."


class NotReturned(SizaoError):
    code = "push.not_returned"
    message = "No. {ref} of list {number} did not come back undelivered, or was seen to already. Nothing was changed."


class PushReasonMissing(SizaoError):
    code = "push.reason_missing.unreadable"
    message = "Say why no. {ref} of list {number} is not pushed again: it stays on record."


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one person: the result, words, and where they live now if they moved."""

    result: PushResult
    note: str = ""
    moved_to: str = ""


@transaction.atomic
def push(*, trace: Trace, area_code: str, by: Account, now: datetime) -> PushList:
    """
    Push the people of a trace who live in one area to the authority there, in an officer's own name.

    Only whoever is on no list of this trace yet; each sharing of a person is journalled. Raise NobodyToPush,
    NobodyReceives, or the door's refusal.
    """
    access.require(by, Right.COOPERATE, area_code=trace.area_code)
    Trace.objects.select_for_update().get(pk=trace.pk)  # one list at a time
    waiting = to_push(trace, area_code, as_of=now)
    if not waiting:
        raise NobodyToPush(trace=trace.number, area=area_code)
    made = _new_list(trace, area_code, len(waiting), by=by, now=now)
    PushEntry.objects.bulk_create([_entry(made, ref, one) for ref, one in enumerate(waiting, start=1)], batch_size=1000)
    _note_shared(made, [one.person for one in waiting if one.person is not None], by=by, now=now)
    journal.write("push.sent", made, by=by, at=now, number=made.number, area=area_code, people=made.n_people)
    return made


def to_push(trace: Trace, area_code: str, *, as_of: datetime) -> list[TraceMatch]:
    """Give whom a trace found in an area and who is on none of its lists, each once by the nearest meeting."""
    found = _unpushed(trace, as_of).filter(area_code__startswith=area_code)
    nearest = found.select_related("person").order_by(F("score").desc(nulls_last=True), "pk")
    once: dict[str, TraceMatch] = {}
    for one in nearest.iterator(chunk_size=1000):
        once.setdefault(one.token, one)
    return list(once.values())


def n_to_push(trace: Trace, *, as_of: datetime) -> dict[str, int]:
    """Count whom a trace found and who is on none of its lists, by the county where they live."""
    by_county = _unpushed(trace, as_of).annotate(county=Left("area_code", COUNTY_DIGITS)).values("county").order_by()
    return dict(by_county.annotate(n=Count("token", distinct=True)).values_list("county", "n"))


def _unpushed(trace: Trace, as_of: datetime) -> QuerySet[TraceMatch]:
    pushed = PushEntry.objects.filter(push_list__trace=trace).exclude(token="").values("token")
    # Whose home was learnt later stands among those of unknown home on that day, as on the screen.
    later = Q(person__registered_at__gt=as_of)
    found = standing_matches(trace, as_of=as_of).exclude(area_code="").exclude(later)
    return found.exclude(token__in=pushed)


@transaction.atomic
def receive(*, push_list: PushList, name: str, by: Account, now: datetime) -> PushList:
    """Receive a list for one's own area, by name. Raise ReceiverMissing, ReceivedAlready or the door's refusal."""
    push_list = _held(push_list, by, push_list.area_code)
    if push_list.received_at is not None:
        raise ReceivedAlready(number=push_list.number, name=push_list.received_name)
    if not 0 < len(name.strip()) <= 100:  # noqa: PLR2004 — of the column
        raise ReceiverMissing(number=push_list.number)
    push_list.received_at, push_list.received_by, push_list.received_name = now, by.username, name.strip()
    push_list.save(update_fields=["received_at", "received_by", "received_name"])
    journal.write("push.received", push_list, by=by, at=now, number=push_list.number)
    return push_list


@transaction.atomic
def tell(*, push_list: PushList, found: Mapping[int, Found], by: Account, now: datetime) -> int:
    """
    Tell what became of people of a list, by their number on it; return how many results are new.

    The same again changes nothing; another result replaces the one before unless the sender acted on it. Raise
    NotPushedYet, NoResultTold, NotOnTheList, or the door's refusal.
    """
    push_list = _held(push_list, by, push_list.area_code)
    if push_list.received_at is None:
        raise NotPushedYet(number=push_list.number)
    if not found:
        raise NoResultTold(number=push_list.number)
    entries = {one.ref: one for one in push_list.entries.filter(ref__in=list(found)).select_related("person")}
    if unknown := sorted(set(found) - set(entries)):
        raise NotOnTheList(number=push_list.number, refs=", ".join(map(str, unknown[:5])))
    changed = [one for ref, one in sorted(entries.items()) if _take(one, found[ref], by, now)]
    PushEntry.objects.bulk_update(changed, ["result", "note", "moved_to", "told_at", "told_by"], batch_size=500)
    if not push_list.entries.filter(result="").exists():
        push_list.done_at = push_list.done_at or now
        push_list.save(update_fields=["done_at"])
    for one in changed:
        journal.write("push.told", one, by=by, at=now, number=push_list.number, ref=one.ref, result=one.result)
    return len(changed)


@transaction.atomic
def push_again(*, entry: PushEntry, area_code: str, by: Account, now: datetime) -> PushList:
    """
    Push somebody who came back undelivered to the area where they are, on a list of their own.

    Raise NotReturned, NobodyReceives, or the door's refusal.
    """
    entry = _returned(entry, by)
    made = _new_list(entry.push_list.trace, area_code, 1, by=by, now=now)
    again = PushEntry.objects.create(
        push_list=made, ref=1, token=entry.token, person=entry.person, layer=entry.layer, tier=entry.tier,
        minutes=entry.minutes, last_at=entry.last_at,
    )  # fmt: skip
    _end(entry, PushEnd.PUSHED_AGAIN, None, again, by=by, now=now)
    _note_shared(made, [entry.person] if entry.person else [], by=by, now=now)
    journal.write("push.sent", made, by=by, at=now, number=made.number, area=area_code, people=1)
    return made


@transaction.atomic
def give_up(*, entry: PushEntry, reason: str, by: Account, now: datetime) -> PushEntry:
    """Say why somebody who came back undelivered is not pushed again. Raise NotReturned, PushReasonMissing, or so."""
    entry = _returned(entry, by)
    if not reason.strip():
        raise PushReasonMissing(number=entry.push_list.number, ref=entry.ref)
    _end(entry, PushEnd.GIVEN_UP, reason.strip()[:LONGEST_NOTE], None, by=by, now=now)
    return entry


def _end(
    entry: PushEntry, how: PushEnd, note: str | None, again: PushEntry | None, *, by: Account, now: datetime
) -> None:
    entry.end, entry.end_note, entry.again, entry.ended_at, entry.ended_by = how, note, again, now, by.username
    entry.save(update_fields=["end", "end_note", "again", "ended_at", "ended_by"])
    journal.write("push.returned_ended", entry, by=by, at=now, number=entry.push_list.number, ref=entry.ref, how=how)


def _held(push_list: PushList, by: Account, area_code: str) -> PushList:
    access.require(by, Right.COOPERATE, area_code=area_code)
    rows = PushList.objects.select_for_update(of=["self"]).select_related("outbreak", "trace")
    found: PushList = rows.get(pk=push_list.pk)
    return found


def _returned(entry: PushEntry, by: Account) -> PushEntry:
    _held(entry.push_list, by, entry.push_list.from_area_code)
    entry = PushEntry.objects.select_related("push_list__trace__outbreak", "person").get(pk=entry.pk)
    if entry.result not in UNDELIVERED or entry.end:
        raise NotReturned(number=entry.push_list.number, ref=entry.ref)
    return entry


def _take(entry: PushEntry, found: Found, by: Account, now: datetime) -> bool:
    note, moved_to = found.note.strip()[:LONGEST_NOTE] or None, found.moved_to.strip()[:12]
    if entry.end or (entry.result, entry.note, entry.moved_to) == (found.result, note, moved_to):
        return False
    entry.result, entry.note, entry.moved_to, entry.told_at, entry.told_by = (
        found.result, note, moved_to, now, by.username
    )  # fmt: skip
    return True


def _new_list(trace: Trace, area_code: str, n_people: int, *, by: Account, now: datetime) -> PushList:
    outbreak = trace.outbreak
    known = Area.objects.filter(code=area_code, level__in=[AreaLevel.COUNTY, AreaLevel.STREET]).exists()
    receivers = Account.objects.filter(area_code__startswith=area_code, is_active=True)
    if not known or not any(access.may(one, Right.COOPERATE) for one in receivers):
        raise NobodyReceives(area=area_code[:12] or "—")
    hours = shipped_escalation().receipt(Urgency.URGENT)
    receipt = deadline(timezone.localtime(now), hours)
    rules = outbreaks.rules_at(outbreak, now)
    due_at, why = clock(rules, REPLY, now)
    number = next_number(PushList.objects.all(), "TS", trace.area_code, outbreak.day_of(now).year)
    return PushList.objects.create(
        number=number, outbreak=outbreak, trace=trace,
        from_area_code=trace.area_code, area_code=area_code, n_people=n_people, pushed_at=now, pushed_by=by.username,
        pushed_name=by.display_name or by.username, receipt_due_at=receipt.result,
        receipt_basis=[basis.entry(hours, receipt, gives="receipt_due_at")], due_at=due_at, basis=why,
        protocol=rules.source,
    )  # fmt: skip


def _entry(made: PushList, ref: int, match: TraceMatch) -> PushEntry:
    return PushEntry(
        push_list=made, ref=ref, token=match.token, person=match.person, layer=match.layer, tier=match.tier,
        minutes=match.minutes, last_at=match.last_at,
    )  # fmt: skip


def _note_shared(made: PushList, people: Sequence[Person], *, by: Account, now: datetime) -> None:
    about: dict[str, Any] = {"number": made.number, "receiver": made.area_code}
    for one in people:
        one.outbreak_id = made.outbreak_id  # whose journal the line belongs to
    journal.write_many([journal.line("person.shared", one, by=by, at=now, **about) for one in people])
