"""How a signed message gets to another authority, and its signed receipt back: HTTPS, or in memory for rehearsals."""

import http.client
import json
import ssl
from collections.abc import Callable, Mapping
from typing import Protocol
from urllib.parse import urlsplit

from sizao.adapters.connecting import why_unreached
from sizao.adapters.exchange.envelope import MOST_BYTES, Signed
from sizao.errors import SizaoError
from sizao.terms import Phrase

PATH = "/api/exchange"
TIMEOUT_SECONDS = 20


class CouldNotDeliver(SizaoError):
    code = "exchange.not_delivered"
    message = "{address} could not be given the message: {reason} It waits here and is tried again."


class Channel(Protocol):
    """Gives a message to whoever listens at an address."""

    def deliver(self, address: str, message: Signed, *, certificate: str = "") -> Signed:
        """
        Give a message and return the receipt as it came, not checked yet. Raise CouldNotDeliver.

        `certificate`: the only one the other server may show, PEM; else those of the machine's authorities count.
        """
        ...


class Https:
    """Over HTTPS, never over anything else: names and identity numbers do not go in the clear."""

    def deliver(self, address: str, message: Signed, *, certificate: str = "") -> Signed:
        """Post the message; see `Channel`."""
        parts = urlsplit(address)
        if parts.scheme != "https" or not parts.hostname:
            reason = Phrase("the address does not begin with https://.", "地址不以 https:// 开头。")
            raise CouldNotDeliver(address=address, reason=reason)
        context = ssl.create_default_context(cadata=certificate or None)
        if certificate:
            # The certificate itself is pinned; its name may be that of a machine inside.
            context.check_hostname = False
        connection = http.client.HTTPSConnection(
            parts.hostname, parts.port or 443, timeout=TIMEOUT_SECONDS, context=context
        )
        try:
            body = json.dumps({"text": message.text, "signature": message.signature}, ensure_ascii=False).encode()
            headers = {"Content-Type": "application/json"}
            connection.request("POST", parts.path.rstrip("/") + PATH, body, headers)
            answer = connection.getresponse()
            content = answer.read(MOST_BYTES)
        except (OSError, http.client.HTTPException) as fault:
            raise CouldNotDeliver(address=address, reason=why_unreached(fault)) from fault
        finally:
            connection.close()
        return _receipt(address, answer.status, content)


class InMemory:
    """Authorities of one process, for tests and drills: an address and who answers there."""

    def __init__(self, listening: Mapping[str, Callable[[Signed], Signed]]) -> None:
        self.listening = listening

    def deliver(self, address: str, message: Signed, *, certificate: str = "") -> Signed:  # noqa: ARG002 — as Channel
        """Hand the message over; see `Channel`."""
        if address not in self.listening:
            raise CouldNotDeliver(address=address, reason=Phrase("nobody listens there.", "对方未在接收。"))
        return self.listening[address](message)


def _receipt(address: str, status: int, content: bytes) -> Signed:
    try:
        told = json.loads(content)
        if status == http.client.OK:
            return Signed(str(told["text"]), str(told["signature"]))
        said = str(told["message"])[:200]
        reason = Phrase(f"it answered {status}: {said}", f"对方答复 {status}：{said}")
    except (ValueError, KeyError, TypeError):
        reason = Phrase(f"it answered {status}, and nothing that can be read.", f"对方答复 {status}，内容无法读取。")
    raise CouldNotDeliver(address=address, reason=reason)
