"""
A message as it is signed and read: canonical JSON under an Ed25519 signature (RFC 8032).

What is signed are the bytes that were sent, so that nothing depends on how either side would write the facts again.
An envelope names both keys: a message for one authority cannot be shown to another as if it were for them.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sizao.errors import SizaoError
from sizao.terms import MessageKind, Phrase

VERSION = 1
MOST_BYTES = 2_000_000
_KEY_BYTES = 32


class EnvelopeUnreadable(SizaoError):
    code = "exchange.unreadable"
    message = "The message cannot be read: {reason}. Nothing was kept; correct it and send it again."


@dataclass(frozen=True, slots=True)
class Key:
    """The signing key of an installation; `public` is what other authorities are given."""

    private: Ed25519PrivateKey

    @classmethod
    def from_secret(cls, secret: bytes) -> "Key":
        """Derive it from the secret of the installation (HKDF, RFC 5869), so that one secret is kept safe, not two."""
        seed = HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=b"sizao exchange signing 1").derive(secret)
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> str:
        """The public key, base64."""
        return base64.b64encode(self.private.public_key().public_bytes_raw()).decode()

    def sign(self, content: bytes) -> str:
        """Sign some bytes; base64."""
        return base64.b64encode(self.private.sign(content)).decode()


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message: who says what to whom about which request, and when. `made_at` has a zone."""

    uid: UUID
    kind: MessageKind
    number: str
    sender: str
    receiver: str
    made_at: datetime
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Signed:
    """The bytes of an envelope or a receipt as text, and their signature."""

    text: str
    signature: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the receiving side signs: this message, of this content, is kept since this moment."""

    uid: UUID
    digest: str
    received_at: datetime


def sealed(envelope: Envelope, key: Key) -> Signed:
    """Write an envelope down and sign it."""
    return _signed(
        {
            "sizao": VERSION,
            "uid": str(envelope.uid),
            "kind": str(envelope.kind),
            "number": envelope.number,
            "sender": envelope.sender,
            "receiver": envelope.receiver,
            "made_at": envelope.made_at.astimezone(UTC).isoformat(),
            "body": envelope.body,
        },
        key,
    )


def opened(signed: Signed, *, receiver: str) -> Envelope:
    """
    Check the signature against the key that the envelope names, and read it.

    Whether that key is an authority's is for the caller to say. Raise EnvelopeUnreadable.
    """
    told = _checked(signed)
    try:
        envelope = Envelope(
            uid=UUID(told["uid"]),
            kind=MessageKind(told["kind"]),  # type: ignore[call-arg]  # a word by its code
            number=str(told["number"]),
            sender=told["sender"],
            receiver=told["receiver"],
            made_at=_moment(told["made_at"]),
            body=told["body"],
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise EnvelopeUnreadable(
            reason=Phrase(f"a part of it is missing or not of its kind ({fault})", f"内容有缺项或格式不符（{fault}）")
        ) from fault
    if envelope.receiver != receiver:
        raise EnvelopeUnreadable(reason=Phrase("it is for another authority, whose key it names", "收件单位不是本单位"))
    if not isinstance(envelope.body, dict) or not 0 < len(envelope.number) <= 40:
        raise EnvelopeUnreadable(reason=Phrase("its number or its body is not of its kind", "编号或正文格式不符"))
    return envelope


def sealed_receipt(receipt: Receipt, key: Key) -> Signed:
    """Write a receipt down and sign it."""
    facts = {
        "sizao": VERSION, "uid": str(receipt.uid), "digest": receipt.digest,
        "received_at": receipt.received_at.astimezone(UTC).isoformat(), "sender": key.public,
    }  # fmt: skip
    return _signed(facts, key)


def opened_receipt(signed: Signed, *, sender: str) -> Receipt:
    """Read a receipt that must bear the signature of `sender`. Raise EnvelopeUnreadable."""
    told = _checked(signed)
    if told.get("sender") != sender:
        raise EnvelopeUnreadable(
            reason=Phrase("the receipt is signed with another key than this authority's", "回执不是由该单位的密钥签名")
        )
    try:
        return Receipt(UUID(told["uid"]), str(told["digest"]), _moment(told["received_at"]))
    except (KeyError, TypeError, ValueError) as fault:
        raise EnvelopeUnreadable(
            reason=Phrase(
                f"a part of the receipt is missing or not of its kind ({fault})", f"回执有缺项或格式不符（{fault}）"
            )
        ) from fault


def digest_of(signed: Signed) -> str:
    """Give the SHA-256 of what was signed."""
    return hashlib.sha256(signed.text.encode()).hexdigest()


def _signed(facts: Mapping[str, Any], key: Key) -> Signed:
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return Signed(text, key.sign(text.encode()))


def _checked(signed: Signed) -> dict[str, Any]:
    content = signed.text.encode()
    if len(content) > MOST_BYTES:
        size, most = f"{len(content):,}", f"{MOST_BYTES:,}"
        raise EnvelopeUnreadable(
            reason=Phrase(f"it has {size} bytes, and {most} are the most", f"共 {size} 字节，超过上限 {most} 字节")
        )
    try:
        told = json.loads(content)
        sender = Ed25519PublicKey.from_public_bytes(base64.b64decode(told["sender"], validate=True))
        sender.verify(base64.b64decode(signed.signature, validate=True), content)
    except InvalidSignature as fault:
        raise EnvelopeUnreadable(reason=Phrase("its signature does not fit its content", "签名与内容不符")) from fault
    except (KeyError, TypeError, ValueError, RecursionError) as fault:
        raise EnvelopeUnreadable(reason=Phrase("it is no signed envelope", "不是经签名的报文")) from fault
    if told.get("sizao") != VERSION:
        told_version = repr(told.get("sizao"))
        raise EnvelopeUnreadable(
            reason=Phrase(
                f"it is of version {told_version}, and {VERSION} is read here",
                f"版本为 {told_version}，本系统只读取版本 {VERSION}",
            )
        )
    return dict(told)


def _moment(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        reason = "a moment has no zone"
        raise ValueError(reason)
    return moment
