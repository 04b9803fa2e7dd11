"""What cooperation does by rule: remind before a deadline, and destroy what came from others after its last day."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from sizao.records import journal
from sizao.records.models import Account, CooperationRequest, ExchangeMessage, Outbreak
from sizao.response.cooperation.asking import remind
from sizao.terms import RequestState

REMIND_BEFORE = timedelta(hours=4)
# No edition says how long; a choice of this installation until one does. Counted from the end of a request, and for one
# that never ended from its arrival.
KEPT_AFTER_END, KEPT_WITHOUT_END = timedelta(days=30), timedelta(days=90)
UNANSWERED = (RequestState.SENT, RequestState.RECEIVED, RequestState.ACCEPTED)


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """Remind of each request of ours that is due soon and was not reminded of since it was sent; return how many."""
    due = CooperationRequest.objects.filter(
        outbreak=outbreak, is_incoming=False, state__in=UNANSWERED, due_at__lte=now + REMIND_BEFORE,
        reminded_at__isnull=True,
    ).order_by("pk")  # fmt: skip
    reminded = [remind(request=one, by=None, now=now) for one in due]
    return len(reminded)


@transaction.atomic
def destroy_old(*, by: Account | None, now: datetime) -> int:
    """
    Destroy the people and the words of requests whose last day has passed; that there was one, and its figures, stay.

    Return how many requests that were.
    """
    ended = Q(closed_at__lt=now - KEPT_AFTER_END) | Q(withdrawn_at__lt=now - KEPT_AFTER_END)
    never = Q(received_at__lt=now - KEPT_WITHOUT_END)
    old = CooperationRequest.objects.filter(ended | never, is_incoming=True, destroyed_at__isnull=True)
    requests = list(old.select_for_update().order_by("pk"))
    for one in requests:
        people = one.people.update(
            person=None, name=None, id_number=None, phone=None, address=None, note=None, answer_note=None, area_code="",
            last_exposure_date=None,
        )  # fmt: skip
        ExchangeMessage.objects.filter(number=one.number).update(body=None, destroyed_at=now)
        one.destroyed_at = now
        one.save(update_fields=["destroyed_at"])
        journal.write("cooperation.destroyed", one, by=by, at=now, people=people)
    return len(requests)
