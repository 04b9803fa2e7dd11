"""How long the risk areas of a drill stood, and how many people were kept in them for longer than needed."""

from statistics import fmean

from sizao.drill.rehearsal.command.shares import Told
from sizao.drill.rehearsal.looking import Looking
from sizao.records.models import Zone


def told(looking: Looking) -> list[Told]:
    """Say what risk areas came to; who lived in two of them at a time counts in both."""
    until = looking.life.moment(looking.days)
    zones = list(Zone.objects.filter(outbreak=looking.outbreak, published_at__lt=until))
    if not zones:
        return []
    stood = [(min(one.lifted_at or until, until) - one.published_at).total_seconds() / 86_400 for one in zones]
    return [
        ("zones", "发布风险区", "Risk areas published", float(len(zones)), ""),
        ("zone_days", "风险区平均存续（天）", "Days that a risk area stood, on average", fmean(stood), "d"),
        ("zone_days_too_long", "应解除而未解除的人日", "Days of people in areas that might have been lifted",
         float(sum(_too_long(looking, one) for one in zones)), "d"),
    ]  # fmt: skip


def _too_long(looking: Looking, zone: Zone) -> int:
    """Count the days, times people, that an area stood after the day on which it might have been lifted."""
    if zone.may_lift_date is None:
        return 0
    might = (zone.may_lift_date - looking.running.rehearsal.first_date).days
    last = min(looking.life.day_of(zone.lifted_at), looking.days) if zone.lifted_at else looking.days
    people = int(looking.life.city.zones.size[looking.life.within(zone.area_code)].sum())
    return max(last - might - (zone.lifted_at is None), 0) * people
