"""How isolation and transport of a drill went through their stage: in time, nobody in two places."""

from datetime import time, timedelta
from statistics import fmean

from django.db.models import F

from sizao.drill.rehearsal.looking import Looking
from sizao.drill.rehearsal.site_officers import go_through_the_stage
from sizao.records.models import IsolationOrder, Observation, Stay, TransferRequest
from sizao.response.isolation import serving
from sizao.response.reports.four_clears import four_clears
from sizao.terms import StayKind, TransferState

Told = tuple[str, str, str, float | None, str]  # key, Chinese, English, value, unit
NOON = time(12)


def told(looking: Looking) -> list[Told]:
    """Say what isolation and transport came to; nothing where they were counted only."""
    if not go_through_the_stage(looking.running.rehearsal):
        return []
    outbreak, until = looking.outbreak, looking.life.moment(looking.days)
    issued = IsolationOrder.objects.filter(outbreak=outbreak, issued_at__lt=until)
    served = issued.exclude(served_at=None)
    in_time = served.filter(served_at__lte=F("issued_at") + timedelta(hours=serving.hours()))
    carried = TransferRequest.objects.filter(outbreak=outbreak, state=TransferState.DONE)
    late = carried.filter(due_at__isnull=False, ended_at__gt=F("due_at"))
    hours = [(end - start).total_seconds() / 3600 for start, end in carried.values_list("asked_at", "ended_at") if end]
    looks = Observation.objects.filter(outbreak=outbreak, counts=True)
    return [
        ("orders_served", "送达决定", "Orders served", float(served.count()), ""),
        ("orders_served_in_time", "按时送达比例", "Share of orders served in time",
         _share(in_time.count(), issued.count()), "share"),
        ("carried", "转运人次", "People carried", float(carried.count()), ""),
        ("carried_late", "超时转运", "Carried late", float(late.count()), ""),
        ("hours_to_arrival", "申请至送达（平均）", "Hours from asking to arrival, on average",
         fmean(hours) if hours else None, "h"),
        ("looks", "隔离点健康监测人次", "Looks after people in sites", float(looks.count()), ""),
        ("looks_alarming", "其中发现症状", "Of these, with fever or symptoms",
         float(looks.filter(is_alarming=True).count()), ""),
        ("held_past", "超期滞留人日", "Days that people were kept after their order ended",
         float(_held_past(looking)), "d"),
        ("unexplained", "去向不明的人", "People whom the four clears cannot explain",
         float(four_clears(outbreak, outbreak.area_code, as_of=until - timedelta(seconds=1)).unexplained), ""),
    ]  # fmt: skip


def _held_past(looking: Looking) -> int:
    """Count who was in a room at noon of each day although the last order of theirs had ended, and who is no case."""
    total = 0
    for day in range(looking.days):
        at = looking.life.moment(day, NOON)
        standing = IsolationOrder.objects.filter(outbreak=looking.outbreak, issued_at__lte=at).exclude(ended_at__lte=at)
        standing = standing.filter(ends_date__gte=looking.outbreak.day_of(at))
        cases = looking.outbreak.cases.filter(opened_at__lte=at)
        there = Stay.objects.filter(kind=StayKind.ROOM, period__contains=at, recorded_at__lte=at)
        total += there.exclude(person__in=standing.values("person")).exclude(person__in=cases.values("person")).count()
    return total


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None
