"""Swabs of objects in a zone: taken by whoever looks after it, answered once; lifting waits for them."""

from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import journal
from sizao.records.models import Account, EnvironmentSample, Zone
from sizao.response.zoning.asking import ZoneNotStanding, within
from sizao.terms import SampledObject, ZoneState


class ZoneSampleAnswered(SizaoError):
    code = "zone.sample_answered"
    message = "{by} has recorded the result of this sample already. Take another sample if it is in doubt."


class ZoneSampleUnclear(SizaoError):
    code = "zone.sample_unclear"
    message = "Say where in the zone it was taken: which building, which door."


@transaction.atomic
def take_sample(
    *, zone: Zone, what: SampledObject, where: str, by: Account, now: datetime, tube: str = ""
) -> EnvironmentSample:
    """Record a swab of an object in a standing zone. Raise the door's refusal, ZoneNotStanding, ZoneSampleUnclear."""
    within(zone, by)
    if zone.state != ZoneState.PUBLISHED:
        raise ZoneNotStanding(name=zone.name)
    if not where.strip():
        raise ZoneSampleUnclear
    sample = EnvironmentSample.objects.create(
        outbreak=zone.outbreak,
        zone=zone,
        what=what,
        note=where.strip()[:200],
        tube=tube.strip()[:20],
        taken_at=now,
        taken_by=by.username,
        source_key=f"environment:zone:{zone.pk}:{by.pk}:{what}:{now.isoformat()}",
    )
    journal.write("environment.sampled", sample, by=by, at=now, what=str(what))
    return sample


@transaction.atomic
def answer_sample(*, sample: EnvironmentSample, is_positive: bool, by: Account, now: datetime) -> EnvironmentSample:
    """Record what was found on an object of a zone. Raise ZoneSampleAnswered or the door's refusal."""
    held = EnvironmentSample.objects.select_for_update(of=["self"]).select_related("zone")
    sample = held.get(pk=sample.pk, zone__isnull=False)
    within(sample.zone, by)
    if sample.result_at is not None:
        raise ZoneSampleAnswered(by=sample.result_by)
    sample.is_positive, sample.result_at, sample.result_by = is_positive, now, by.username
    sample.save(update_fields=["is_positive", "result_at", "result_by"])
    journal.write("environment.answered", sample, by=by, at=now, positive=is_positive)
    return sample
