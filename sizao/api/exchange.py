"""Where other authorities leave their signed messages: the signature says who it is, no account does."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from sizao.adapters.exchange import Signed
from sizao.adapters.exchange.envelope import MOST_BYTES
from sizao.api.door import now
from sizao.api.shapes import answers
from sizao.response import cooperation

router = Router(tags=["cooperation"])


class SignedText(Schema):
    """A text and its Ed25519 signature in base64; what a text holds is in docs/guide/cooperation.md."""

    text: str = Field(min_length=2, max_length=MOST_BYTES)
    signature: str = Field(min_length=1, max_length=120)


@router.post("/exchange", response=answers(SignedText), auth=None)
def take_message(request: HttpRequest, message: SignedText) -> Any:
    """
    Take a signed message of another authority, and answer with a signed receipt.

    The same message may be sent any number of times and changes nothing after the first. Messages about one request may
    come in any order.
    """
    receipt = cooperation.take_in(signed=Signed(message.text, message.signature), by=None, now=now(request))
    return {"text": receipt.text, "signature": receipt.signature}
