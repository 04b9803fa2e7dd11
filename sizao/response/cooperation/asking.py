"""A request of ours: drafted, sent, reminded of, withdrawn or closed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Authority, Contact, CooperationPerson, CooperationRequest, Outbreak
from sizao.response import outbreaks
from sizao.response.clocks import clock
from sizao.response.cooperation.messages import put_out
from sizao.response.cooperation.standing import held, restate
from sizao.response.numbering import next_number
from sizao.terms import AskedFor, ExchangeWay, MessageKind, RequestState, Right

NOTICE, REPLY = "investigation.cross_region_notice_hours", "investigation.cross_region_reply_hours"
MOST_PEOPLE = 2_000  # of one request; a longer list is several requests
# What of a person's identity a question needs; an authority that is only told needs no telephone number.
_NEEDS = {
    AskedFor.FIND: {"name", "id_number", "phone", "address"},
    AskedFor.CONTROL: {"name", "id_number", "phone", "address"},
    AskedFor.TEST: {"name", "id_number", "phone", "address"},
    AskedFor.INVESTIGATE: {"name", "id_number", "phone"},
    AskedFor.INFORM: {"name"},
}


class NobodyAskedAbout(SizaoError):
    code = "cooperation.nobody.unreadable"
    message = "Nobody was chosen. Tick the people whom {authority} is asked about."


class TooManyPeople(SizaoError):
    code = "cooperation.too_many_people"
    message = "{count} people are too many for one request; {most} are the most. Make several requests."


class NoLink(SizaoError):
    code = "cooperation.no_link"
    message = (
        "{count} of these people have no index case in your jurisdiction, so their names may not be shared "
        "({numbers}). Record their index case, or leave them out."
    )


class QuestionMissing(SizaoError):
    code = "cooperation.question_missing"
    message = "Say what {authority} is asked to do, and by which law."


class AuthorityEnded(SizaoError):
    code = "cooperation.authority_ended"
    message = "Nothing is sent to {authority} any more. Choose another authority."


@transaction.atomic
def draft(
    *, outbreak: Outbreak, authority: Authority, contacts: Sequence[Contact], asked: Sequence[AskedFor], question: str,
    legal_basis: str, by: Account, now: datetime,
) -> CooperationRequest:  # fmt: skip
    """
    Draft a request about some contacts. Nothing is shared yet.

    Of each person only what the question needs is taken over. Raise NobodyAskedAbout, TooManyPeople, NoLink for
    contacts without an index case in the officer's jurisdiction, QuestionMissing, AuthorityEnded, or the door's
    refusal.
    """
    access.require(by, Right.COOPERATE)
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # one number at a time
    if authority.ended_at is not None:
        raise AuthorityEnded(authority=authority.name)
    if not asked or not legal_basis.strip():
        raise QuestionMissing(authority=authority.name)
    _check_people(contacts, authority, by)
    rules = outbreaks.rules_at(outbreak, now)
    found_at = min(one.found_at for one in contacts)
    send_by, why_by = clock(rules, NOTICE, found_at, gives="send_by")
    due_at, why_due = clock(rules, REPLY, now)
    sent_by_us = CooperationRequest.objects.filter(is_incoming=False)
    request = CooperationRequest.objects.create(
        number=next_number(sent_by_us, "XC", by.area_code, outbreak.day_of(now).year), is_incoming=False,
        authority=authority, outbreak=outbreak, area_code=by.area_code, asked=list(dict.fromkeys(asked)),
        question=question.strip(),
        legal_basis=legal_basis.strip()[:300], basis=[*why_by, *why_due], protocol=rules.source,
        send_by=send_by, due_at=due_at,
        made_at=now, made_by=by.username, told_at=now,
    )  # fmt: skip
    wanted = set().union(*(_NEEDS[one] for one in asked))
    CooperationPerson.objects.bulk_create(
        [_person(request, ref, one, wanted) for ref, one in enumerate(contacts, start=1)]
    )
    journal.write("cooperation.drafted", request, by=by, at=now, protocol=rules.source, people=len(contacts))
    return request


@transaction.atomic
def send(*, request: CooperationRequest, by: Account, now: datetime) -> CooperationRequest:
    """Send a draft in an officer's own name; each sharing of a person is journalled. Raise RequestCannotMove."""
    request = held(request, by=by, to=RequestState.SENT)
    if request.authority.ended_at is not None:
        raise AuthorityEnded(authority=request.authority.name)
    request.sent_at = request.told_at = now
    people = list(request.people.order_by("ref"))
    put_out(request, MessageKind.REQUEST, snapshot(request, people), now=now)
    if request.authority.way == ExchangeWay.LETTER:
        # A letter is handed over by hand; that it arrived is what its first answer says.
        request.received_at = None
    restate(request)
    shared = [one.person for one in people if one.person is not None]
    journal.write_many(
        [
            journal.line("person.shared", one, by=by, at=now, number=request.number, receiver=request.authority.name)
            for one in shared
        ]
    )
    journal.write("cooperation.sent", request, by=by, at=now, protocol=request.protocol, people=len(people))
    return request


def snapshot(request: CooperationRequest, people: Sequence[CooperationPerson]) -> dict[str, Any]:
    """Put all of a request into one message: whoever has it needs no other."""
    return {
        "area": request.area_code,
        "to_area": request.authority.area_code,
        "asked": list(request.asked),
        "question": request.question,
        "legal_basis": request.legal_basis,
        "protocol": request.protocol,
        "basis": request.basis,
        "due_at": request.due_at.isoformat() if request.due_at else None,
        "people": [
            {
                "ref": one.ref,
                "name": one.name,
                "id_number": one.id_number,
                "phone": one.phone,
                "address": one.address,
                "area_code": one.area_code,
                "contact_kind": str(one.contact_kind),
                "last_exposure_date": one.last_exposure_date.isoformat() if one.last_exposure_date else None,
            }
            for one in people
        ],
    }


@transaction.atomic
def remind(*, request: CooperationRequest, by: Account | None, now: datetime) -> CooperationRequest:
    """Remind an authority of a request that it has not answered; by rule before the deadline, or by an officer."""
    if by is not None:
        access.require(by, Right.COOPERATE, area_code=request.area_code)
    request = CooperationRequest.objects.select_for_update(of=["self"]).select_related("authority").get(pk=request.pk)
    if request.is_incoming or request.state not in (RequestState.SENT, RequestState.RECEIVED, RequestState.ACCEPTED):
        return request
    put_out(request, MessageKind.REMINDER, {}, now=now)
    request.reminded_at = now
    request.save(update_fields=["reminded_at"])
    journal.write("cooperation.reminded", request, by=by, at=now)
    return request


@transaction.atomic
def withdraw(*, request: CooperationRequest, reason: str, by: Account, now: datetime) -> CooperationRequest:
    """Take back a request of ours, with the reason: nobody of it is to be looked for any more."""
    return _ended(request, RequestState.WITHDRAWN, reason, by=by, now=now)


@transaction.atomic
def close(*, request: CooperationRequest, reason: str, by: Account, now: datetime) -> CooperationRequest:
    """Close a request of ours that was answered, or that needs no answer any more, with what came of it."""
    return _ended(request, RequestState.CLOSED, reason, by=by, now=now)


class ReasonMissing(SizaoError):
    code = "cooperation.reason_missing"
    message = "Say in a few words why; the other authority reads it."


def _ended(
    request: CooperationRequest, state: RequestState, reason: str, *, by: Account, now: datetime
) -> CooperationRequest:
    if not reason.strip():
        raise ReasonMissing
    request = held(request, by=by, to=state)
    was_sent = request.sent_at is not None and not request.is_incoming
    if state is RequestState.WITHDRAWN:
        request.withdrawn_at = now
    else:
        request.closed_at = now
    restate(request)
    if was_sent:
        kind = MessageKind.WITHDRAWN if state is RequestState.WITHDRAWN else MessageKind.CLOSED
        put_out(request, kind, {"reason": reason.strip()[:300]}, now=now)
    journal.write(f"cooperation.{state}", request, by=by, at=now, reason=reason.strip()[:300])
    return request


def _check_people(contacts: Sequence[Contact], authority: Authority, by: Account) -> None:
    if not contacts:
        raise NobodyAskedAbout(authority=authority.name)
    if len(contacts) > MOST_PEOPLE:
        raise TooManyPeople(count=len(contacts), most=MOST_PEOPLE)
    strange = [
        one.person.number
        for one in contacts
        if one.index_case is None or not one.index_case.area_code.startswith(by.area_code)
    ]
    if strange:
        raise NoLink(count=len(strange), numbers=", ".join(strange[:5]))


def _person(request: CooperationRequest, ref: int, contact: Contact, wanted: set[str]) -> CooperationPerson:
    return CooperationPerson(
        request=request, ref=ref, person=contact.person, area_code=contact.person.area_code,
        contact_kind=contact.kind, last_exposure_date=contact.last_exposure_date,
        **{field: getattr(contact.person, field) for field in sorted(wanted)},
    )  # fmt: skip
