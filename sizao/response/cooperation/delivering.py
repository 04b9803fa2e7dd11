"""
Delivering what waits: over a channel, until a receipt that the other authority signed is here.

A message is first taken for a time, then given away outside any transaction, then its receipt is kept. Whoever dies in
between leaves a message that is given again, which changes nothing over there.
"""

from datetime import datetime, timedelta

from django.db import transaction

from sizao.adapters.connecting import why_of
from sizao.adapters.exchange import Channel, CouldNotDeliver, EnvelopeUnreadable, Receipt, Signed, opened_receipt
from sizao.records import journal
from sizao.records.models import CooperationRequest, ExchangeMessage
from sizao.response.cooperation.standing import restate
from sizao.terms import MessageKind, Phrase

TAKEN_FOR = timedelta(minutes=2)
# After each failed try it waits twice as long, up to a quarter of an hour: nobody is hammered while they are down.
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=15)


def deliver_waiting(*, channel: Channel, now: datetime) -> tuple[int, int]:
    """Deliver all messages whose time has come; return how many arrived and how many did not."""
    arrived = failed = 0
    while (message := _take(now)) is not None:
        authority = message.authority
        signed = Signed(message.body or "", message.signature)
        try:
            answer = channel.deliver(authority.address, signed, certificate=authority.certificate)
            receipt = opened_receipt(answer, sender=authority.public_key)
            _fits(receipt, message)
        except (CouldNotDeliver, EnvelopeUnreadable) as refusal:
            _not_delivered(message, why_of(refusal), now)
            failed += 1
        else:
            _delivered(message, receipt, answer, now)
            arrived += 1
    return arrived, failed


@transaction.atomic
def _take(now: datetime) -> ExchangeMessage | None:
    waiting = ExchangeMessage.objects.filter(
        is_incoming=False, delivered_at__isnull=True, next_try_at__lte=now, authority__ended_at__isnull=True
    )
    rows = waiting.select_for_update(skip_locked=True, of=["self"]).select_related("authority")
    message = rows.order_by("made_at", "pk").first()
    if message is not None:
        message.next_try_at = now + TAKEN_FOR
        message.save(update_fields=["next_try_at"])
    return message


def _fits(receipt: Receipt, message: ExchangeMessage) -> None:
    if receipt.uid != message.uid or receipt.digest != message.digest:
        raise EnvelopeUnreadable(reason=Phrase("the receipt is for another message", "回执对应的是另一份报文"))


@transaction.atomic
def _delivered(message: ExchangeMessage, receipt: Receipt, answer: Signed, now: datetime) -> None:
    message.delivered_at, message.next_try_at, message.fault = receipt.received_at, None, ""
    message.tries += 1
    message.receipt = {"text": answer.text, "signature": answer.signature}
    message.save(update_fields=["delivered_at", "next_try_at", "fault", "tries", "receipt"])
    if message.kind == MessageKind.REQUEST:
        request = CooperationRequest.objects.select_for_update().get(number=message.number)
        request.received_at = min(request.received_at or receipt.received_at, receipt.received_at)
        restate(request)
    journal.write("exchange.delivered", message, by=None, at=now, number=message.number, kind=message.kind)


@transaction.atomic
def _not_delivered(message: ExchangeMessage, why: Phrase, now: datetime) -> None:
    wait = min(FIRST_WAIT * 2 ** min(message.tries, 10), LONGEST_WAIT)
    message.tries, message.fault, message.next_try_at = message.tries + 1, why.kept(300), now + wait
    message.save(update_fields=["tries", "fault", "next_try_at"])
