"""
Delivering messages out of the house: urgent ones at once, the rest once a day, each at most once.

A message is first taken for a time, then given away outside any transaction. Whoever dies before the other side can
have taken it leaves a message that is tried again. After that an e-mail is not sent a second time, and said to be
unsure; a webhook is, under the same key, which the receiver knows.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from sizao.adapters.connecting import why_of
from sizao.adapters.mail import CouldNotSend, Mail, Mailer, MailRefused, NotKnownWhetherSent
from sizao.adapters.webhook import Call, CouldNotPost, Poster, WebhookRefused
from sizao.records.models import Area, Notice, NoticeDelivery, NoticeSettings
from sizao.response.tasks.notices import wording
from sizao.response.tasks.notices.ways import digest_due
from sizao.terms import DeliveryState, NoticeChannel, Phrase

TAKEN_FOR = timedelta(minutes=2)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
MOST_TRIES = 12  # the waits between them come to some nine hours


@dataclass(frozen=True, slots=True)
class Outside:
    """The ways out of the house; None where the installation has none. `address` is where its pages are."""

    address: str
    mailer: Mailer | None
    poster: Poster | None


@transaction.atomic
def prepare(*, outside: Outside, now: datetime) -> int:
    """
    Put what is untold into messages: urgent notices at once, the others when the hour of the digest has come.

    Several for one account make one message a way. Return how many messages are new.
    """
    made = 0
    chosen = NoticeSettings.objects.filter(Q(by_mail=True) | Q(by_webhook=True), account__is_active=True)
    for ways in chosen.select_for_update(of=["self"], skip_locked=True).select_related("account").order_by("pk"):
        untold = list(Notice.objects.filter(account=ways.account_id, told_at__isnull=True).order_by("made_at", "pk"))
        urgent = [one for one in untold if one.is_urgent]
        made += _message(ways, urgent, outside, now, digest=False)
        rest = [one for one in untold if not one.is_urgent]
        if rest and digest_due(ways, now) and not _had_digest(ways, now):
            made += _message(ways, rest, outside, now, digest=True)
    return made


def _had_digest(ways: NoticeSettings, now: datetime) -> bool:
    keys = [_digest_key(channel, ways, now) for channel in NoticeChannel]
    return NoticeDelivery.objects.filter(source_key__in=keys).exists()


def _digest_key(channel: NoticeChannel, ways: NoticeSettings, now: datetime) -> str:
    return f"{channel}:{ways.account_id}:digest:{timezone.localtime(now).date()}"


def _message(
    ways: NoticeSettings, notices: Sequence[Notice], outside: Outside, now: datetime, *, digest: bool
) -> int:  # fmt: skip
    if not notices:
        return 0
    codes = {one.area_code for one in notices}
    names = dict(Area.objects.filter(code__in=codes).values_list("code", "short_name"))
    facts = wording.facts_of(notices, names, language=ways.language)
    made = [
        NoticeDelivery(
            account=ways.account,
            channel=channel,
            address=address,
            is_digest=digest,
            is_urgent=not digest,
            facts=facts,
            made_at=now,
            next_try_at=now,
            uid=uuid.uuid4(),
            source_key=_digest_key(channel, ways, now)
            if digest
            else f"{channel}:{ways.account_id}:urgent:{notices[0].pk}",
        )
        for channel, address in _ways_out(ways, outside)
    ]
    NoticeDelivery.objects.bulk_create(made)
    Notice.objects.filter(pk__in=[one.pk for one in notices]).update(told_at=now)
    return len(made)


def _ways_out(ways: NoticeSettings, outside: Outside) -> Iterable[tuple[NoticeChannel, str]]:
    if ways.by_mail and ways.account.email and outside.mailer is not None:
        yield NoticeChannel.MAIL, ways.account.email
    if ways.by_webhook and ways.webhook_url and outside.poster is not None:
        yield NoticeChannel.WEBHOOK, ways.webhook_url


def deliver_waiting(*, outside: Outside, clock: Callable[[], datetime]) -> tuple[int, int]:
    """Deliver all messages whose time has come; return how many were sent and how many were not."""
    sent = failed = 0
    while (one := _take(clock())) is not None:
        if _given(one, outside, clock):
            sent += 1
        else:
            failed += 1
    return sent, failed


@transaction.atomic
def _take(now: datetime) -> NoticeDelivery | None:
    waiting = NoticeDelivery.objects.filter(
        state__in=(DeliveryState.WAITING, DeliveryState.HANDING), next_try_at__lte=now
    )
    rows = waiting.select_for_update(skip_locked=True, of=["self"]).select_related("account")
    one = rows.order_by("next_try_at", "pk").first()
    if one is not None:
        one.next_try_at = now + TAKEN_FOR
        one.save(update_fields=["next_try_at"])
    return one


def _given(one: NoticeDelivery, outside: Outside, clock: Callable[[], datetime]) -> bool:
    if _is_given_up(one):
        _settled(one, DeliveryState.DROPPED, None, clock())
        return False
    if one.channel == NoticeChannel.MAIL and one.state == DeliveryState.HANDING:
        why = Phrase(
            "The process ended while the mail server was taking the message; it is not sent a second time.",
            "邮件服务器接收期间本程序中断；不再重复发送。",
        )
        _settled(one, DeliveryState.UNSURE, why, clock())
        return False
    try:
        _give(one, outside, clock)
    except (CouldNotSend, CouldNotPost) as refusal:
        _try_again(one, why_of(refusal), clock())
    except NotKnownWhetherSent as refusal:
        _settled(one, DeliveryState.UNSURE, why_of(refusal), clock())
    except (MailRefused, WebhookRefused) as refusal:
        _settled(one, DeliveryState.FAILED, why_of(refusal), clock())
    else:
        _settled(one, DeliveryState.SENT, None, clock())
        return True
    return False


def _is_given_up(one: NoticeDelivery) -> bool:
    return not one.account.is_active


def _give(one: NoticeDelivery, outside: Outside, clock: Callable[[], datetime]) -> None:
    if one.channel == NoticeChannel.MAIL:
        if outside.mailer is None:
            raise CouldNotSend(address="-", reason=Phrase("no mail server is set.", "未设置邮件服务器。"))
        told = wording.text(one.facts, address=outside.address)
        mail = Mail(one.address, wording.subject(one.facts), told, str(one.uid), clock())
        outside.mailer.send(mail, handing=lambda: _handing(one, clock()))
        return
    if outside.poster is None:
        raise CouldNotPost(address=one.address, reason=Phrase("no host is allowed.", "未允许任何主机。"))
    ways = NoticeSettings.objects.filter(account=one.account).first()
    _handing(one, clock())
    facts = wording.called(one.facts, address=outside.address)
    secret = (ways.webhook_secret if ways else "") or ""
    outside.poster.post(one.address, Call(facts, str(one.uid), int(clock().timestamp()), secret))


@transaction.atomic
def _handing(one: NoticeDelivery, now: datetime) -> None:
    one.state, one.handing_at = DeliveryState.HANDING, now
    one.save(update_fields=["state", "handing_at"])


@transaction.atomic
def _try_again(one: NoticeDelivery, why: Phrase, now: datetime) -> None:
    one.tries += 1
    if one.tries >= MOST_TRIES:
        _settled(one, DeliveryState.FAILED, why, now)
        return
    wait = min(FIRST_WAIT * 2 ** (one.tries - 1), LONGEST_WAIT)
    one.state, one.fault, one.next_try_at = DeliveryState.WAITING, why.kept(300), now + wait
    one.save(update_fields=["state", "fault", "next_try_at", "tries"])


@transaction.atomic
def _settled(one: NoticeDelivery, state: DeliveryState, why: Phrase | None, now: datetime) -> None:
    one.state, one.fault, one.next_try_at = state, why.kept(300) if why else "", None
    one.sent_at = now if state == DeliveryState.SENT else None
    one.save(update_fields=["state", "fault", "next_try_at", "sent_at", "tries"])
