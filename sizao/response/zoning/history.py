"""The history of a zone: each act is one entry, and the journal tells it too."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sizao.records import journal
from sizao.records.models import Account, Zone, ZoneChange
from sizao.terms import ZoneAct


def entry(
    zone: Zone, act: ZoneAct, *, by: Account | None, at: datetime, reasons: Sequence[dict[str, Any]] | None = None
) -> ZoneChange:
    """Compose one entry of a zone's history as the zone stands now, without writing it."""
    return ZoneChange(
        zone=zone,
        act=act,
        level=zone.level,
        may_lift_date=zone.may_lift_date,
        reasons=list(zone.reasons if reasons is None else reasons),
        at=at,
        by=journal.actor_name(by),
        version=zone.version,
        content=content(zone),
        source_key=f"zone:{zone.pk}:{act}:{at.isoformat()}",
    )


def content(zone: Zone) -> dict[str, Any]:
    """Say what a zone's decision holds, as its history keeps it: so that any two versions can be compared."""
    until = zone.expected_until
    return {
        "name": zone.name,
        "measures": list(zone.measures),
        "legal_basis": zone.legal_basis,
        "expected_until": until.isoformat() if until else None,
        "population": zone.population,
        "boundary": zone.boundary,
        "text_zh": zone.text_zh,
        "text_en": zone.text_en,
    }


def write(entries: Sequence[ZoneChange], *, by: Account | None, at: datetime, protocol: str = "") -> int:
    """Write entries and their lines in the journal; return how many."""
    ZoneChange.objects.bulk_create(entries, batch_size=500)
    journal.write_many(
        [
            journal.line(f"zone.{one.act}", one.zone, by=by, at=at, protocol=protocol, level=str(one.level))
            for one in entries
        ]
    )
    return len(entries)
