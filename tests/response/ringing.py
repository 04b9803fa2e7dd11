"""Streams that are quiet until they are not, and the alert that follows."""

from datetime import UTC, date, datetime, timedelta

from django.apps import apps

from sizao.records.models import Alert
from sizao.response import signals
from sizao.response.signals import Said, StreamEntry
from sizao.terms import (
    StreamKind,
)

NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)  # noon in the place
DAY = date(2021, 1, 10)
COUNTY = "130109"


def hours_later(hours):
    return NOW + timedelta(hours=hours)


def stream(within, kind=StreamKind.LABORATORY, area_code=COUNTY, **facts):
    defaults = {
        "source_key": f"{kind}:{area_code}:{within.pk if within else 'real'}",
        "kind": kind,
        "area_code": area_code,
        "name": f"{kind.zh} {area_code}",
        "source": "test",
        "first_date": date(2020, 11, 1),
    }
    opened_at = NOW - timedelta(days=60)
    return signals.open_stream(outbreak=within, entry=StreamEntry(**defaults | facts), by=None, now=opened_at)


def hear(within, *said, now=NOW):
    signals.hear(outbreak=within, said=list(said), by=None, now=now)


def quiet(within, one, *, until=DAY, days=60):
    """Let a stream say three or four a day until, and without, a day."""
    said = [Said(one, until - timedelta(days=back), 3 + back % 2) for back in range(1, days)]
    hear(within, *said, now=NOW - timedelta(hours=12))


def rung(within, *, count=1, now=NOW, area_code=COUNTY, day=DAY):
    """Let the laboratory of a county say a positive, and ring."""
    one = stream(within, area_code=area_code)
    hear(within, Said(one, day, count), now=now)
    signals.advance(outbreak=within, now=now)
    return Alert.objects.filter(area_code=area_code).latest("pk")


def all_rows():
    models = apps.get_app_config("records").get_models()
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
