"""Giving a mail to a mail server: by SMTP, or in memory for rehearsals and tests."""

import contextlib
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as LINES
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import unquote, urlsplit

from sizao.adapters.connecting import why_unreached
from sizao.errors import SizaoError
from sizao.terms import Phrase

TIMEOUT_SECONDS = 20
_TAKEN, _FOR_EVER = 250, 500  # answers from 500 on will be the same tomorrow


class CouldNotSend(SizaoError):
    code = "mail.not_sent"
    message = "The mail server {address} did not take the message: {reason} It waits here and is tried again."


class MailRefused(SizaoError):
    code = "mail.refused"
    message = "The mail server {address} refused the message for good: {reason} Check the address of the account."


class NotKnownWhetherSent(SizaoError):
    code = "mail.unsure"
    message = "The mail server {address} went away while it took the message: {reason} It is not sent again."


class MailAddressUnreadable(SizaoError):
    code = "mail.server_unreadable"
    message = "{given} names no mail server. Write smtp://name:port, or smtps://user:password@name."


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail in plain text; `uid` makes its Message-ID, by which a mailbox knows it again."""

    to: str
    subject: str
    text: str
    uid: str
    sent_at: datetime


class Mailer(Protocol):
    """Gives a mail to a server."""

    def send(self, mail: Mail, *, handing: Callable[[], None]) -> None:
        """
        Give a mail away; call `handing` just before the server can have taken it.

        Raise CouldNotSend where it surely did not take it, NotKnownWhetherSent where nobody can tell.
        """
        ...


class Smtp:
    """A mail server: `smtp://` (STARTTLS where it is offered) or `smtps://`, with a name and password where needed."""

    def __init__(self, address: str, *, sender: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise MailAddressUnreadable(given=f"{parts.scheme}://{parts.hostname or ''}")
        self.parts, self.sender = parts, sender
        self.shown = f"{parts.scheme}://{parts.hostname}:{parts.port or ''}".rstrip(":")  # without its password

    def send(self, mail: Mail, *, handing: Callable[[], None]) -> None:
        """Give a mail away; see `Mailer`."""
        content = _written(mail, self.sender)
        try:
            server = self._ready(mail.to)
        except (OSError, smtplib.SMTPException) as fault:
            raise CouldNotSend(address=self.shown, reason=_why(fault)) from fault
        try:
            handing()
            self._hand_over(server, content)
        finally:
            _leave(server)

    def _ready(self, to: str) -> smtplib.SMTP:
        """Connect and go as far as the server lets one before it takes anything."""
        host, port = str(self.parts.hostname), self.parts.port or 0
        secure = ssl.create_default_context()
        server: smtplib.SMTP = (
            smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=secure)
            if self.parts.scheme == "smtps"
            else smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
        )
        try:
            server.ehlo_or_helo_if_needed()
            if self.parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=secure)
                server.ehlo()
            if self.parts.username:
                server.login(unquote(self.parts.username), unquote(self.parts.password or ""))
            _require(server.mail(self.sender))
            self._require_recipient(server.rcpt(to))
        except BaseException:
            server.close()
            raise
        return server

    def _require_recipient(self, answer: tuple[int, bytes]) -> None:
        code, said = answer
        if code >= _FOR_EVER:
            raise MailRefused(address=self.shown, reason=f"{code} {said.decode(errors='replace')}.")
        _require(answer)

    def _hand_over(self, server: smtplib.SMTP, content: bytes) -> None:
        try:
            code, said = server.data(content)
        except smtplib.SMTPDataError as refused:  # it answered, and did not take it
            kind = MailRefused if refused.smtp_code >= _FOR_EVER else CouldNotSend
            raise kind(address=self.shown, reason=_why(refused)) from refused
        except (OSError, smtplib.SMTPException) as fault:
            raise NotKnownWhetherSent(address=self.shown, reason=_why(fault)) from fault
        if code != _TAKEN:
            kind = MailRefused if code >= _FOR_EVER else CouldNotSend
            raise kind(address=self.shown, reason=f"{code} {said.decode(errors='replace')}.")


@dataclass(slots=True)
class InMemoryMailer:
    """Keeps mails instead of sending them."""

    sent: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail, *, handing: Callable[[], None]) -> None:
        """Keep a mail; see `Mailer`."""
        handing()
        self.sent.append(mail)


def _leave(server: smtplib.SMTP) -> None:
    """Say good-bye; whatever comes back changes nothing about a mail that was taken."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        server.quit()
    server.close()


def _require(answer: tuple[int, bytes]) -> None:
    code, said = answer
    if code not in (_TAKEN, 251):
        raise smtplib.SMTPResponseException(code, said)


def _written(mail: Mail, sender: str) -> bytes:
    message = EmailMessage(policy=LINES)
    message["From"], message["To"], message["Subject"] = sender, mail.to, mail.subject
    message["Date"] = format_datetime(mail.sent_at)
    message["Message-ID"] = f"<{mail.uid}@{sender.rpartition('@')[2] or 'sizao'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message.as_bytes()


def _why(fault: Exception) -> Phrase:
    if isinstance(fault, smtplib.SMTPException):
        told = str(fault)[:120]
        return Phrase(f"it answered {told}.", f"对方答复 {told}。")
    return why_unreached(fault)
