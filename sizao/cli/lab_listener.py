"""
The listener of a laboratory's system: HL7 v2 in MLLP frames over TCP, a thread for each connection.

A frame is a vertical tab, the message, a file separator and a carriage return. A message is acted on when its frame is
whole; a connection that ends in mid-message has sent nothing. The token is asked for with each message, so that a
revoked one ends what its machine may do at once.
"""

import logging
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import close_old_connections

from sizao.adapters.laboratories import acknowledgement
from sizao.cli import clock
from sizao.errors import SizaoError
from sizao.protocol.kits import Kit
from sizao.response import accounts
from sizao.response.testing import laboratory
from sizao.response.testing.laboratory import laboratories
from sizao.terms import Right

START, END = b"\x0b", b"\x1c\r"
MOST_BYTES = 5_000_000
IDLE_SECONDS = 600
_log = logging.getLogger(__name__)


class Listener(socketserver.ThreadingTCPServer):
    """Who is listened to, and what is done with a message."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(
        self, address: tuple[str, int], *, code: str, secret: str, kit: Kit | None, tls: ssl.SSLContext | None
    ) -> None:
        self.code, self.secret, self.kit, self.tls = code, secret, kit, tls
        super().__init__(address, _Connection)

    def answer(self, text: str) -> str:
        """Take a message in the name of the token's account, and write the answer."""
        now = clock.here()
        try:
            by = accounts.holder(self.secret, now=now)
            found = laboratories.fetch(self.code, to=Right.LAB_WORK, by=by)
        except SizaoError as refusal:
            return acknowledgement(None, "AR", str(refusal), now=now)
        return laboratory.answer(laboratory=found, text=text, by=by, now=now, kit=self.kit)


class _Connection(socketserver.StreamRequestHandler):
    server: Listener
    timeout = IDLE_SECONDS

    def setup(self) -> None:
        # Here, in the connection's own thread: a caller that never shakes hands holds up nobody else.
        if self.server.tls is not None:
            self.request.settimeout(IDLE_SECONDS)
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        """Answer message after message until the sender hangs up."""
        try:
            for message in frames(self.rfile):
                self.wfile.write(START + self._answer(message).encode() + END)
                self.wfile.flush()
        except (OSError, FrameTooLong) as fault:
            _log.warning("A connection of a laboratory ended: %s", type(fault).__name__)
        finally:
            close_old_connections()

    def _answer(self, message: bytes) -> str:
        close_old_connections()
        try:
            return self.server.answer(_text(message))
        except Exception:
            # Nothing was written; the sender keeps the message and sends it again.
            _log.exception("A message of a laboratory could not be taken.")
            sentence = "The platform could not take this message. Nothing was changed; send it again."
            return acknowledgement(None, "AE", sentence, now=clock.here())


class FrameTooLong(Exception):
    """A frame that goes on without an end."""


def frames(stream: object) -> Iterator[bytes]:
    """Yield the messages of a stream as their frames become whole; what stands between frames is passed over."""
    held = b""
    while True:
        chunk = stream.read1(65536)  # type: ignore[attr-defined]
        if not chunk:
            return
        held += chunk
        while (end := held.find(END)) >= 0:
            frame, held = held[:end], held[end + len(END) :]
            yield frame[frame.rfind(START) + 1 :]
        if len(held) > MOST_BYTES:
            raise FrameTooLong


def _text(message: bytes) -> str:
    """Read a message in the character set it names in MSH-18, GB 18030 or UTF-8."""
    head = message.split(b"\r", 1)[0].split(b"|")
    named = head[17].upper() if len(head) > 17 else b""  # noqa: PLR2004 — MSH-18
    first, other = ("gb18030", "utf-8") if b"GB" in named else ("utf-8", "gb18030")
    try:
        return message.decode(first)
    except UnicodeDecodeError:
        return message.decode(other, errors="replace")


@contextmanager
def listener(
    *, code: str, secret: str, kit: Kit | None, address: tuple[str, int], certificate: Path | None, key: Path | None
) -> Iterator[Listener]:
    """Open the door; it closes with the block."""
    tls = None
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.minimum_version = ssl.TLSVersion.TLSv1_2
        tls.load_cert_chain(certificate, key)
    with Listener(address, code=code, secret=secret, kit=kit, tls=tls) as server:
        yield server
