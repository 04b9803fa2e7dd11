"""How one wants to be told outside the pages: by which way, at which hour, and when not."""

import secrets
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from sizao.adapters import webhook
from sizao.errors import SizaoError
from sizao.records import journal
from sizao.records.models import Account, NoticeSettings

_HOURS = range(24)
_LANGUAGES = ("zh-hans", "en")


class HourUnreadable(SizaoError):
    code = "notice.hour.unreadable"
    message = "{given} is no hour of the day. Choose a whole hour from 0 to 23."


class NoMailAddress(SizaoError):
    code = "notice.no_mail_address"
    message = "Your account has no e-mail address. Ask your administrator to enter one, or choose another way."


class NoWebhookAddress(SizaoError):
    code = "notice.no_webhook_address"
    message = "A webhook needs an address. Enter one, or switch the webhook off."


@transaction.atomic
def set_ways(
    *,
    by: Account,
    now: datetime,
    by_mail: bool,
    by_webhook: bool,
    webhook_url: str,
    digest_hour: int,
    quiet_from: int,
    quiet_until: int,
    language: str,
    hosts: Collection[str],
) -> NoticeSettings:
    """
    Choose one's own ways. A new webhook address gets a new secret, which the pages show to nobody else.

    `hosts` are those that the installation may send to. Raise HourUnreadable, NoMailAddress, NoWebhookAddress, or the
    adapter's WebhookRefused.
    """
    for hour in (digest_hour, quiet_from, quiet_until):
        if hour not in _HOURS:
            raise HourUnreadable(given=hour)
    if by_mail and not by.email:
        raise NoMailAddress
    if by_webhook and not webhook_url:
        raise NoWebhookAddress
    if webhook_url:
        webhook.allowed(webhook_url, hosts)
    found = NoticeSettings.objects.select_for_update().filter(account=by).first() or NoticeSettings(account=by)
    if webhook_url and (webhook_url != found.webhook_url or not found.webhook_secret):
        found.webhook_secret = secrets.token_hex(32)
    found.by_mail, found.by_webhook, found.webhook_url = by_mail, by_webhook, webhook_url[:200]
    found.digest_hour, found.quiet_from, found.quiet_until = digest_hour, quiet_from, quiet_until
    found.language = language if language in _LANGUAGES else _LANGUAGES[0]
    found.changed_at = now
    found.save()
    journal.write("notice.ways_set", found, by=by, at=now, mail=by_mail, webhook=by_webhook)
    return found


def ways_of(account: Account) -> NoticeSettings:
    """Give the ways of an account; one that chose none has none, with the usual hours."""
    return NoticeSettings.objects.filter(account=account).first() or NoticeSettings(account=account)


def is_quiet(ways: NoticeSettings, now: datetime) -> bool:
    """Tell whether an account wants not to be disturbed at a moment; equal hours mean never."""
    hour = timezone.localtime(now).hour
    start, end = ways.quiet_from, ways.quiet_until
    return start <= hour < end if start <= end else hour >= start or hour < end


def digest_due(ways: NoticeSettings, now: datetime) -> bool:
    """Tell whether the hour of today's digest has come, and nobody sleeps."""
    return timezone.localtime(now).hour >= ways.digest_hour and not is_quiet(ways, now)
