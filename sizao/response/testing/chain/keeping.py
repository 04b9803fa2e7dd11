"""Keeping the clocks of boxes current: swabs come after their tube was boxed, and values are confirmed later."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from sizao.records.models import HandOver, Outbreak, SampleBox, TubeStep
from sizao.response import outbreaks
from sizao.response.testing.chain import clocks, standing, steps


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """
    Work out anew where boxes stand that nobody has received; say how many changed.

    Of those received, only the ones without a clock, once the edition's hours were confirmed.
    """
    steps.hold(outbreak.pk)
    used = Exists(TubeStep.objects.filter(box=OuterRef("pk"))) | Exists(HandOver.objects.filter(box=OuterRef("pk")))
    open_boxes = SampleBox.objects.filter(used, round__outbreak=outbreak, round__archived_at=None)
    waiting = open_boxes.filter(received_at=None)
    if clocks.sets_results(outbreaks.rules_at(outbreak, now)):
        waiting |= open_boxes.filter(result_due_at=None)
    before = {pk: facts for pk, *facts in waiting.values_list("pk", *_FACTS)}
    standing.work_out(before, now=now)
    after = SampleBox.objects.filter(pk__in=before).values_list("pk", *_FACTS)
    return sum(before[pk] != facts for pk, *facts in after)


_FACTS = ("first_swab_at", "transport_due_at", "result_due_at", "laboratory_id", "basis")
