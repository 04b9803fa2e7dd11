"""My notices: what I was told, and how I want to be told outside the pages."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sizao.errors import SizaoError
from sizao.records.models import Area, Notice, NoticeDelivery
from sizao.response.tasks import notices
from sizao.web import refusals

MOST_ROWS = 100
MOST_MESSAGES = 10


@dataclass(frozen=True, slots=True)
class Told:
    """A notice with the name of its area."""

    notice: Notice
    area: str

    @property
    def day(self) -> date:
        return timezone.localtime(self.notice.made_at).date()


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: what have I not read yet, and what was I told before?"""
    mine = notices.of_account(request.user)
    unread = list(mine.filter(read_at__isnull=True)[: MOST_ROWS + 1])
    read = list(mine.filter(read_at__isnull=False)[:MOST_ROWS])
    rows = [*unread[:MOST_ROWS], *read]
    names = dict(Area.objects.filter(code__in={one.area_code for one in rows}).values_list("code", "short_name"))
    told = [Told(one, names.get(one.area_code, one.area_code)) for one in rows]
    facts = {
        "urgent": [one for one in told if one.notice.read_at is None and one.notice.is_urgent],
        "others": [one for one in told if one.notice.read_at is None and not one.notice.is_urgent],
        "read": [one for one in told if one.notice.read_at is not None],
        "more": len(unread) > MOST_ROWS,
        "n_unread": notices.unread(request.user),
    }
    return render(request, "web/notices.html", facts)


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Say that I read one of my notices and go to its page, or that I read all."""
    given = request.POST.get("notice", "")
    if given.isascii() and given.isdigit() and len(given) < 19:  # noqa: PLR2004 — as long as a key may be
        found = notices.of_account(request.user).filter(pk=int(given)).first()
        if found is not None:
            notices.read(notices=[found.pk], by=request.user, now=request.now)
            return redirect(found.path)
    elif request.POST.get("all"):
        notices.read(notices=None, by=request.user, now=request.now)
    return redirect("notices")


@require_http_methods(["GET", "POST"])
def ways(request: HttpRequest) -> HttpResponse:
    """Choose how I am told outside the pages: which way, at which hour, and when not."""
    if request.method == "POST":
        try:
            _set(request)
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            messages.success(request, gettext("Kept."))
        return redirect("notice_ways")
    facts = {
        "ways": notices.ways_of(request.user),
        "hours": range(24),
        "mail_is_set": bool(settings.NOTICE_SMTP),
        "webhook_is_set": bool(settings.NOTICE_WEBHOOK_HOSTS),
        "hosts": settings.NOTICE_WEBHOOK_HOSTS,
        "sent": NoticeDelivery.objects.filter(account=request.user).order_by("-made_at", "-pk")[:MOST_MESSAGES],
    }
    answer = render(request, "web/notice_ways.html", facts)
    answer["Cache-Control"] = "no-store"  # the secret stands on it
    return answer


def _set(request: HttpRequest) -> None:
    given = request.POST
    notices.set_ways(
        by=request.user,
        now=request.now,
        by_mail=given.get("by_mail") == "on",
        by_webhook=given.get("by_webhook") == "on",
        webhook_url=given.get("webhook_url", "").strip(),
        digest_hour=_hour(given.get("digest_hour", "")),
        quiet_from=_hour(given.get("quiet_from", "")),
        quiet_until=_hour(given.get("quiet_until", "")),
        language=given.get("language", ""),
        hosts=settings.NOTICE_WEBHOOK_HOSTS,
    )


def _hour(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 3 else -1  # noqa: PLR2004
