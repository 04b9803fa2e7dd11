"""
Keeping the clocks of boxes current: swabs come after their tube was boxed, and values are confirmed later.

A city has thousands of boxes on their way, each of a hundred tubes; the loop looks again at those of which something
was said since, and at those whose clock the rules of today would set otherwise.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from sizao.records.models import LateSwab, Outbreak, SampleBox
from sizao.response import outbreaks
from sizao.response.testing.chain import clocks, standing, steps

# A swab and the boxing of its tube that are written at one moment do not see each other; by then both are there.
_SETTLES = timedelta(minutes=10)


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """
    Work out anew where boxes stand of which something was said since; say how many changed.

    That is a swab that came after its tube was boxed, or a value of the edition that was confirmed or changed. Of boxes
    received, only the ones without a clock for their results follow the edition.
    """
    steps.hold(outbreak.pk)
    boxes = SampleBox.objects.filter(round__outbreak=outbreak, round__archived_at=None)
    late = LateSwab.objects.filter(box__in=boxes)
    noted = dict(late.values_list("pk", "box_id"))
    recent = boxes.filter(worked_out_at__gt=now - _SETTLES).values_list("pk", flat=True)
    stale = {*noted.values(), *recent, *_otherwise(outbreak, boxes, now)}
    before = {pk: facts for pk, *facts in boxes.filter(pk__in=stale).values_list("pk", *_FACTS)}
    standing.work_out(before, now=now)
    LateSwab.objects.filter(pk__in=noted).delete()
    after = SampleBox.objects.filter(pk__in=before).values_list("pk", *_FACTS)
    return sum(before[pk] != facts for pk, *facts in after)


_FACTS = ("first_swab_at", "transport_due_at", "result_due_at", "laboratory_id", "basis")


def _otherwise(outbreak: Outbreak, boxes: QuerySet[SampleBox], now: datetime) -> Iterator[int]:
    """Give the boxes whose clock is not what the rules say now."""
    rules = clocks.Standing(now)
    waiting = boxes.filter(received_at=None, first_swab_at__isnull=False)
    rows = waiting.values_list("pk", "area_code", "first_swab_at", "transport_due_at", "basis")
    for pk, area_code, first_swab_at, due_at, basis in rows:
        told_at, cited = clocks.transport(rules.rules(outbreak, area_code), first_swab_at)
        # As they are kept: JSON knows no tuples.
        if (told_at, json.loads(json.dumps(cited))) != (due_at, basis):
            yield pk
    if clocks.sets_results(outbreaks.rules_at(outbreak, now)):
        yield from boxes.filter(received_at__isnull=False, result_due_at=None).values_list("pk", flat=True)
