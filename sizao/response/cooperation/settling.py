"""
Working messages in: what a request is follows from all of them, in whatever order they came.

Each part of a request keeps the moment it was said at, and what was said later wins; equal moments are settled by what
was said, so that both sides come to the same.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from sizao.adapters.exchange import Envelope, EnvelopeUnreadable, Signed, opened
from sizao.errors import SizaoError
from sizao.records.models import Authority, CooperationPerson, CooperationRequest, ExchangeMessage
from sizao.response.cooperation.authorities import own_area, own_key
from sizao.response.cooperation.standing import restate
from sizao.terms import LEVEL_OF_DIGITS, AskedFor, ContactKind, MessageKind, PersonAnswer, Phrase, RequestState

_TEXTS = {"question": 4_000, "legal_basis": 300, "protocol": 200}
_OF_PERSON = {"name": 60, "id_number": 40, "phone": 40, "address": 300}


class NumberOfAnother(SizaoError):
    code = "exchange.number_of_another"
    message = "Request {number} belongs to another authority. Give yours a number of your own."


def check_body(envelope: Envelope, authority: Authority) -> None:
    """Refuse a message that could not be worked in: before it is kept, so that its sender learns of it."""
    known = CooperationRequest.objects.filter(number=envelope.number).first()
    from_asker = envelope.kind in _FROM_ASKER
    if known is not None and (known.authority_id != authority.pk or known.is_incoming != from_asker):
        raise NumberOfAnother(number=envelope.number)
    if known is None and not from_asker:
        raise EnvelopeUnreadable(
            reason=Phrase(
                f"nothing was asked under {envelope.number} here", f"本单位未发出过编号为 {envelope.number} 的协查"
            )
        )
    try:
        if envelope.kind is MessageKind.REQUEST:
            _Snapshot(envelope.body)
        elif envelope.kind is MessageKind.ANSWER:
            for _ in _answers(envelope.body):
                pass
        elif envelope.kind is MessageKind.REFUSED:
            _text(envelope.body, "reason", 300)
    except (KeyError, TypeError, ValueError) as fault:
        raise EnvelopeUnreadable(
            reason=Phrase(
                f"a part of the {envelope.kind} is missing or not of its kind ({fault})",
                f"{envelope.kind.zh}有缺项或格式不符（{fault}）",
            )
        ) from fault


def settle_all(*, number: str, authority: Authority, now: datetime) -> None:
    """Work in what was received about a request and not yet worked in; what came before its request waits."""
    waiting = ExchangeMessage.objects.filter(
        number=number, authority=authority, is_incoming=True, settled_at__isnull=True, destroyed_at__isnull=True
    )
    messages = sorted(waiting, key=lambda one: (one.kind != MessageKind.REQUEST, one.made_at, str(one.uid)))
    key = own_key().public
    for one in messages:
        assert one.body is not None
        envelope = opened(Signed(one.body, one.signature), receiver=key)
        row = CooperationRequest.objects.select_for_update().filter(number=number).first()
        if row is None and envelope.kind is not MessageKind.REQUEST:
            return
        row = _WORK[envelope.kind](row, envelope, authority, now)
        restate(row)
        one.settled_at = now
        one.save(update_fields=["settled_at"])


def _request(
    row: CooperationRequest | None, envelope: Envelope, authority: Authority, now: datetime
) -> CooperationRequest:
    told = _Snapshot(envelope.body)
    if row is None:
        row = CooperationRequest(
            number=envelope.number, is_incoming=True, authority=authority, state=RequestState.RECEIVED,
            area_code=told.area_code or own_area(), made_at=envelope.made_at, made_by=authority.name[:150],
            received_at=now,
        )  # fmt: skip
    elif envelope.made_at <= row.told_at:
        return row  # an older version of what is known already
    row.sent_at = row.told_at = envelope.made_at
    row.asked, row.due_at, row.basis = told.asked, told.due_at, told.basis
    row.question, row.legal_basis, row.protocol = (
        told.texts["question"],
        told.texts["legal_basis"],
        told.texts["protocol"],
    )
    row.save()
    known = {one.ref: one for one in row.people.all()}
    for facts in told.people:
        one = known.get(facts["ref"]) or CooperationPerson(request=row, ref=facts["ref"])
        for field, value in facts.items():
            setattr(one, field, value)
        one.save()
    return row


def _accepted(row: CooperationRequest, envelope: Envelope, authority: Authority, now: datetime) -> CooperationRequest:  # noqa: ARG001 — as all
    reason = str(envelope.body.get("reason", ""))[:300]
    decided = (envelope.made_at, reason)
    if row.decided_at is None or decided > (row.decided_at, row.refuse_reason):
        row.decided_at, row.refuse_reason = decided
        row.decided_by = authority.name[:150]
    return row


def _answer(row: CooperationRequest, envelope: Envelope, authority: Authority, now: datetime) -> CooperationRequest:  # noqa: ARG001 — as all
    people = {one.ref: one for one in row.people.select_for_update()}
    for ref, said, note, at in _answers(envelope.body):
        one = people.get(ref)
        if one is None:
            continue  # a number that is on no list of ours: the message is kept, and shown with the request
        if one.answered_at is None or (at, said, note) > (one.answered_at, one.answer, one.answer_note or ""):
            one.answer, one.answer_note, one.answered_at = said, note or None, at
            one.answered_by = authority.name[:150]
            one.save()
    return row


def _reminder(row: CooperationRequest, envelope: Envelope, authority: Authority, now: datetime) -> CooperationRequest:  # noqa: ARG001 — as all
    row.reminded_at = max(row.reminded_at or envelope.made_at, envelope.made_at)
    return row


def _closed(row: CooperationRequest, envelope: Envelope, authority: Authority, now: datetime) -> CooperationRequest:  # noqa: ARG001 — as all
    row.closed_at = min(row.closed_at or envelope.made_at, envelope.made_at)
    return row


def _withdrawn(row: CooperationRequest, envelope: Envelope, authority: Authority, now: datetime) -> CooperationRequest:  # noqa: ARG001 — as all
    row.withdrawn_at = min(row.withdrawn_at or envelope.made_at, envelope.made_at)
    return row


_WORK: Mapping[MessageKind, Callable[..., CooperationRequest]] = {
    MessageKind.REQUEST: _request,
    MessageKind.ACCEPTED: _accepted,
    MessageKind.REFUSED: _accepted,
    MessageKind.ANSWER: _answer,
    MessageKind.REMINDER: _reminder,
    MessageKind.CLOSED: _closed,
    MessageKind.WITHDRAWN: _withdrawn,
}
_FROM_ASKER = {MessageKind.REQUEST, MessageKind.REMINDER, MessageKind.CLOSED, MessageKind.WITHDRAWN}


class _Snapshot:
    """The parts of a request, each of its kind; KeyError, TypeError or ValueError where one is not."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.asked = [str(AskedFor(one)) for one in body["asked"]]
        self.texts = {name: _text(body, name, most) for name, most in _TEXTS.items()}
        self.due_at = _moment(body["due_at"]) if body["due_at"] else None
        self.basis = body["basis"]
        if not isinstance(self.basis, list) or len(json.dumps(self.basis)) > 20_000:
            reason = "basis"
            raise TypeError(reason)
        self.area_code = _code(body["to_area"])
        self.people = [self._person(one) for one in body["people"]]
        if not self.asked or len({one["ref"] for one in self.people}) < len(self.people):
            reason = "nothing is asked, or a number stands twice on the list"
            raise ValueError(reason)

    def _person(self, told: Mapping[str, Any]) -> dict[str, Any]:
        ref, kind, exposed = told["ref"], told["contact_kind"], told["last_exposure_date"]
        if type(ref) is not int or not 0 < ref < 32_768:
            reason = f"the number {ref!r} on the list"
            raise ValueError(reason)
        return {
            "ref": ref,
            **{name: _text(told, name, most) or None for name, most in _OF_PERSON.items()},
            "area_code": _code(told["area_code"]),
            "contact_kind": str(ContactKind(kind)) if kind else "",
            "last_exposure_date": date.fromisoformat(exposed) if exposed else None,
        }


def _answers(body: Mapping[str, Any]) -> list[tuple[int, str, str, datetime]]:
    return [
        (int(one["ref"]), str(PersonAnswer(one["answer"])), _text(one, "note", 300), _moment(one["answered_at"]))
        for one in body["people"]
    ]


def _text(facts: Mapping[str, Any], name: str, most: int) -> str:
    value = facts[name]
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > most or "\0" in value:
        raise ValueError(name)
    return value


def _moment(written: Any) -> datetime:
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        reason = "a moment without a zone"
        raise ValueError(reason)
    return moment


def _code(written: Any) -> str:
    if written and not (isinstance(written, str) and written.isdigit() and len(written) in LEVEL_OF_DIGITS):
        reason = f"{written!r} is no division code"
        raise ValueError(reason)
    return str(written or "")
