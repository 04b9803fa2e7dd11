"""Streams and alerts for tests of the surveillance officer's screens."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from sizao.records.models import Alert, AlertChange, Stream, StreamCount, Verdict
from sizao.response.signals import told
from sizao.terms import AlertState, StreamKind, StreamStep
from tests.web.conftest import DAY

COUNTY = "130109"
RULE = "multi_point"
BASIS = {"key": f"triggers.{RULE}", "origin": "early-warning-2020", "value": 2, "shown": "2", "gives": "alert"}


def evening(day: date) -> datetime:
    """18:00 of a day where it happens."""
    return timezone.make_aware(datetime.combine(day, time(18)))


def stream(outbreak, serial=1, **facts) -> Stream:
    defaults = {
        "kind": StreamKind.FEVER_CLINIC,
        "area_code": COUNTY,
        "name": f"藁城区发热门诊{serial}",
        "step": StreamStep.DAY,
        "source": "clinic",
        "source_key": f"stream:{serial}",
        "first_date": date(2020, 12, 1),
        "opened_at": evening(date(2020, 12, 1)),
    }
    return Stream.objects.create(outbreak=outbreak, **defaults | facts)


def counted(of: Stream, counts: dict[date, int], *, heard: date | None = None) -> None:
    """Say counts, each on the evening of its day, or all on one later evening."""
    StreamCount.objects.bulk_create(
        StreamCount(stream=of, date=day, count=count, heard_at=evening(heard or day), by="clinic")
        for day, count in counts.items()
    )


def quiet(of: Stream, *, days: int = 30, count: int = 4, until: date = DAY) -> None:
    """Count the same on each of the days before a day."""
    counted(of, {until - timedelta(days=n): count for n in range(1, days + 1)})


def judged(of: Stream, day: date, *, count: int, alarm: bool, **facts) -> Verdict:
    defaults = {
        "method": "ears-c2",
        "expected": 4.0,
        "upperbound": 7.5,
        "statistic": (count - 4.0) / 1.2,
        "p_value": 0.0002 if alarm else 0.4,
        "looked_at": evening(day),
        "basis": [],
    }
    return Verdict.objects.create(stream=of, date=day, count=count, is_alarm=alarm, **defaults | facts)


def alert(outbreak, *, of: list[Stream], day: date = DAY, serial=1, score=10.0, **facts) -> Alert:
    """Raise an alert that the streams told on a day, each with 19 counted where 4 were expected."""
    reasons = []
    for one in of:
        verdict = Verdict(
            stream=one, date=day, method="ears-c2", count=19, expected=4.0, upperbound=7.5, p_value=1e-6, is_alarm=True
        )
        reasons.append(told.entry(one, verdict))
    defaults = {
        "area_code": of[0].area_code,
        "rule": RULE,
        "state": AlertState.OPEN,
        "first_date": day,
        "last_date": day,
        "p_value": 1e-6,
        "reasons": reasons,
        "basis": [BASIS],
        "opened_at": evening(day),
        "due_at": evening(day) + timedelta(hours=2),
        "source_key": f"alert:{serial}",
    }
    made = Alert.objects.create(outbreak=outbreak, score=score, **defaults | facts)
    AlertChange.objects.create(
        alert=made, state=made.state, last_date=made.last_date, score=made.score, reasons=made.reasons,
        at=made.opened_at, by="sizao", source_key=f"alert:{serial}:1",
    )  # fmt: skip
    return made
