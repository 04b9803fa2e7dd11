"""The versions of a zone's decision, and what two of them say differently."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sizao.records.models import Zone, ZoneChange
from sizao.terms import ZoneAct

# In the order in which a reader asks; the English text follows the Chinese one.
FIELDS = ("level", "measures", "expected_until", "legal_basis", "population", "boundary", "text_zh")


@dataclass(frozen=True, slots=True)
class Version:
    """What the decision said from a moment on, by whose act and why."""

    number: int
    act: ZoneAct
    at: datetime
    by: str
    reasons: list[dict[str, Any]]
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two versions say differently; None where a version does not say it."""

    field: str
    before: Any
    after: Any


def versions(zone: Zone, *, as_of: datetime) -> list[Version]:
    """List the acts on a zone known at a moment, first to last, numbered by their order; each says all that held."""
    changes = ZoneChange.objects.filter(zone=zone, at__lte=as_of).order_by("at", "id")
    return [
        Version(rank, ZoneAct(one.act), one.at, one.by, one.reasons, one.content | {"level": one.level})
        for rank, one in enumerate(changes, start=1)
    ]


def differences(before: Version, after: Version) -> list[Difference]:
    """Say what the later version says differently."""
    pairs = ((name, before.content.get(name), after.content.get(name)) for name in FIELDS)
    return [Difference(name, *said) for name, *said in pairs if said[0] != said[1]]
