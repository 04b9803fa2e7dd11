"""What another authority sends: checked, kept word for word, acknowledged with a signed receipt, and worked in."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from sizao.adapters.exchange import Envelope, Receipt, Signed, digest_of, opened, sealed_receipt
from sizao.errors import SizaoError
from sizao.records import journal
from sizao.records.models import Account, Authority, ExchangeMessage
from sizao.response.cooperation.authorities import own_key
from sizao.response.cooperation.settling import check_body, settle_all

# A message from further in the future than this has a wrong clock behind it, and would win over every later one.
CLOCKS_APART = timedelta(minutes=10)
_LOCKS = 7_408_135  # the class of the advisory locks of cooperation


class SenderUnknown(SizaoError):
    code = "exchange.sender_unknown.not_allowed"
    message = (
        "This installation knows no authority with the key {key}…. Ask it to add yours, giving it your name, address "
        "and key by another way than this network."
    )


class ClockAhead(SizaoError):
    code = "exchange.clock_ahead.unreadable"
    message = "The message is dated {made_at}, which lies ahead of {now}. Set the clock of the sending system right."


class SaidOtherwise(SizaoError):
    code = "exchange.said_otherwise"
    message = "Message {uid} was received with another content before. Send what is new as a message of its own."


@transaction.atomic
def take_in(*, signed: Signed, by: Account | None, now: datetime) -> Signed:
    """
    Keep a signed message and give the signed receipt; the same message again changes nothing and has the same receipt.

    `by` is None for what comes over the network: its signature says who it is.

    Raise EnvelopeUnreadable, SenderUnknown, ClockAhead, SaidOtherwise, or what working it in refuses.
    """
    key = own_key()
    envelope = opened(signed, receiver=key.public)
    authority = Authority.objects.filter(public_key=envelope.sender, ended_at__isnull=True).first()
    if authority is None:
        raise SenderUnknown(key=envelope.sender[:12])
    if envelope.made_at > now + CLOCKS_APART:
        raise ClockAhead(made_at=envelope.made_at.isoformat(), now=now.isoformat())
    _hold(envelope.number)
    kept = ExchangeMessage.objects.filter(uid=envelope.uid).first()
    if kept is None:
        check_body(envelope, authority)
        kept = _keep(envelope, signed, authority, by, now)
        settle_all(number=envelope.number, authority=authority, now=now)
    elif kept.digest != digest_of(signed) or not kept.is_incoming:
        raise SaidOtherwise(uid=envelope.uid)
    return sealed_receipt(Receipt(kept.uid, kept.digest, kept.recorded_at), key)


def _hold(number: str) -> None:
    """Let one message of a request in at a time, also before there is a row of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCKS, number])


def _keep(
    envelope: Envelope, signed: Signed, authority: Authority, by: Account | None, now: datetime
) -> ExchangeMessage:
    kept = ExchangeMessage.objects.create(
        uid=envelope.uid, is_incoming=True, authority=authority, number=envelope.number, kind=envelope.kind,
        made_at=envelope.made_at, body=signed.text, signature=signed.signature, digest=digest_of(signed),
        recorded_at=now,
    )  # fmt: skip
    journal.write("exchange.received", kept, by=by, at=now, number=envelope.number, kind=str(envelope.kind))
    return kept
