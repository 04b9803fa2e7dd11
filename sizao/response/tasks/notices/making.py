"""By rule: put what there is to tell before whoever it concerns, once each; and let them say that they read it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from sizao.records import journal
from sizao.records.models import Account, Notice, NoticeSettings, Outbreak
from sizao.response.tasks.notices.sources import SOURCES, Asking


@transaction.atomic
def advance(*, outbreak: Outbreak | None, now: datetime) -> int:
    """
    Make the notices of an outbreak, or of real life where there is none; return how many are new.

    A second run makes none. Where nobody asked for messages, and in rehearsals, a notice stands on the pages only.
    """
    if outbreak is not None and outbreak.acts_on_people:
        return 0  # all real life is told of at once
    asking = Asking.at(outbreak, now)
    reached = set(_asked_for_messages()) if asking.outbreak is None else set()
    wanted: dict[str, Notice] = {}
    for source in SOURCES:
        for one in source.find(asking):
            key = f"{source.kind}:{asking.outbreak.pk if asking.outbreak else ''}:{one.key}:{one.account_id}"
            wanted[key] = Notice(
                account_id=one.account_id,
                outbreak=asking.outbreak,
                kind=source.kind,
                is_urgent=source.urgent if one.urgent is None else one.urgent,
                area_code=one.area_code,
                count=one.count,
                due_at=one.due_at,
                path=one.path,
                made_at=now,
                told_at=None if one.account_id in reached else now,
                source_key=key,
            )
    return _keep(wanted)


def _keep(wanted: dict[str, Notice]) -> int:
    known = set(Notice.objects.filter(source_key__in=wanted).values_list("source_key", flat=True))
    new = [one for key, one in wanted.items() if key not in known]
    # Two loops at one moment: the second finds the row there.
    Notice.objects.bulk_create(new, batch_size=500, ignore_conflicts=True)
    return len(new)


def _asked_for_messages() -> Iterable[int]:
    asked = NoticeSettings.objects.filter(Q(by_mail=True) | Q(by_webhook=True))
    return asked.values_list("account_id", flat=True)


def of_account(account: Account) -> QuerySet[Notice]:
    """Give the notices of an account, the newest first."""
    return Notice.objects.filter(account=account).order_by("-made_at", "-pk")


def unread(account: Account) -> int:
    """Count what an account has not read: one question of one small index."""
    return Notice.objects.filter(account=account, read_at__isnull=True).count()


@transaction.atomic
def read(*, notices: Iterable[int] | None, by: Account, now: datetime) -> int:
    """Say that one has read some of one's own notices, or (None) all; return how many were not read before."""
    mine = Notice.objects.filter(account=by, read_at__isnull=True)
    if notices is not None:
        mine = mine.filter(pk__in=list(notices))
    count = mine.update(read_at=now)
    if count:
        journal.write("notice.read", by, by=by, at=now, count=count)
    return count
