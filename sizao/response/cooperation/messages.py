"""Messages that leave: written and signed in the transaction of what they tell, sent afterwards."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from sizao.adapters.exchange import Envelope, digest_of, sealed
from sizao.records.models import CooperationRequest, ExchangeMessage
from sizao.response.cooperation.authorities import own_key
from sizao.terms import ExchangeWay, MessageKind


def put_out(
    request: CooperationRequest, kind: MessageKind, body: Mapping[str, Any], *, now: datetime
) -> ExchangeMessage | None:
    """Sign a message about a request and leave it to be delivered; None for an authority reached by letter."""
    authority = request.authority
    if authority.way == ExchangeWay.LETTER:
        return None
    key = own_key()
    envelope = Envelope(
        uid=uuid4(), kind=kind, number=request.number, sender=key.public, receiver=authority.public_key, made_at=now,
        body=body,
    )  # fmt: skip
    signed = sealed(envelope, key)
    return ExchangeMessage.objects.create(
        uid=envelope.uid, is_incoming=False, authority=authority, number=request.number, kind=kind, made_at=now,
        body=signed.text, signature=signed.signature, digest=digest_of(signed), recorded_at=now, settled_at=now,
        next_try_at=now,
    )  # fmt: skip
