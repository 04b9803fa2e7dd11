"""
Giving a notice to another system: a signed POST that may be sent again without harm.

The body is signed with HMAC-SHA256 together with its moment, so that nobody can replay an old one unnoticed; the key of
the message stands in `Idempotency-Key`, the same at each try.
"""

import hashlib
import hmac
import http.client
import json
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from sizao.adapters.connecting import why_unreached
from sizao.errors import SizaoError
from sizao.terms import Phrase

TIMEOUT_SECONDS = 20
_MOST_BYTES = 2_000


class CouldNotPost(SizaoError):
    code = "webhook.not_posted"
    message = "{address} did not take the notice: {reason} It waits here and is tried again."


class WebhookRefused(SizaoError):
    code = "webhook.not_allowed"
    message = (
        "{address} is no address that this installation may send notices to. Allowed hosts: {allowed}. "
        "Ask your administrator to add it (SIZAO_WEBHOOK_HOSTS)."
    )


@dataclass(frozen=True, slots=True)
class Call:
    """What is posted: the facts, the key of the message, the moment in seconds since 1970, and the shared secret."""

    facts: Mapping[str, Any]
    uid: str
    sent_at: int
    secret: str


class Poster(Protocol):
    """Gives a notice to an address."""

    def post(self, address: str, call: Call) -> None:
        """Post a notice. Raise CouldNotPost, or WebhookRefused where the address is not allowed."""
        ...


class Http:
    """Over HTTPS, or HTTP inside the house; only to hosts that the administrator listed."""

    def __init__(self, hosts: Collection[str]) -> None:
        self.hosts = frozenset(hosts)

    def post(self, address: str, call: Call) -> None:
        """Post a notice; see `Poster`."""
        allowed(address, self.hosts)
        parts = urlsplit(address)
        host = str(parts.hostname)
        connection = (
            http.client.HTTPSConnection(host, parts.port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
            if parts.scheme == "https"
            else http.client.HTTPConnection(host, parts.port, timeout=TIMEOUT_SECONDS)
        )
        body = written(call)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": call.uid,
            "Sizao-Signature": f"t={call.sent_at},v1={signature(body, call.sent_at, call.secret)}",
        }
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read(_MOST_BYTES)
        except (OSError, http.client.HTTPException) as fault:
            raise CouldNotPost(address=address, reason=why_unreached(fault)) from fault
        finally:
            connection.close()
        if not http.client.OK <= answer.status < http.client.MULTIPLE_CHOICES:
            reason = Phrase(f"it answered {answer.status}.", f"对方答复 {answer.status}。")
            raise CouldNotPost(address=address, reason=reason)


def allowed(address: str, hosts: Collection[str]) -> None:
    """Raise WebhookRefused for an address whose host, with its port where one is given, is not on the list."""
    parts = urlsplit(address)
    try:
        known = parts.scheme in ("https", "http") and parts.netloc in hosts
    except ValueError:
        known = False
    if not known:
        raise WebhookRefused(address=address[:80], allowed=", ".join(sorted(hosts)) or "none")


def written(call: Call) -> bytes:
    """Write the body of a call."""
    return json.dumps({"id": call.uid, **call.facts}, ensure_ascii=False, sort_keys=True).encode()


def signature(body: bytes, sent_at: int, secret: str) -> str:
    """Sign a body with its moment; the receiver computes the same and compares."""
    return hmac.new(secret.encode(), f"{sent_at}.".encode() + body, hashlib.sha256).hexdigest()
