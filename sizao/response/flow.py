"""The loop: these stages, in this order, nothing else."""

from collections.abc import Callable
from datetime import datetime
from types import ModuleType

from sizao.records.models import Outbreak
from sizao.response import (
    cases,
    cooperation,
    isolation,
    objections,
    outbreaks,
    oversight,
    signals,
    tasks,
    testing,
    tracing,
    transport,
    zoning,
)
from sizao.response.reports import bulletins, daily
from sizao.response.tasks import levels, notices

# A hint waits for a person to verify it; by rule the stage of signals looks at streams and opens alerts.
STAGES: tuple[ModuleType, ...] = (
    signals,
    cases,
    tracing,
    cooperation,
    testing,
    isolation,
    zoning,
    transport,
    objections,
    levels,
    tasks,
    daily,
    bulletins,
    oversight,
    notices,
)


def advance(*, outbreak: Outbreak, now: datetime, tell: Callable[[str], None] | None = None) -> dict[str, int]:
    """
    Carry all that is known at `now` one step through the response; say how much each stage changed.

    A stage looks for records that lack its own, so a run that died half-way is resumed by running
    again, and a second run at one moment changes nothing. `tell` is called with the name of each stage
    when it is done. Raise OutbreakClosed.
    """
    outbreaks.require_open(outbreak)
    changed = {}
    for stage in STAGES:
        name = stage.__name__.rpartition(".")[2]
        changed[name] = stage.advance(outbreak=outbreak, now=now)
        if tell:
            tell(name)
    return changed


def after_closing(*, now: datetime) -> int:
    """Do what the end of a response asks for, for each outbreak closed: destroy where people were, and rounds."""
    closed = Outbreak.objects.filter(closed_at__isnull=False).order_by("id")
    held = closed.filter(token_key__key__isnull=False)
    stores = sum(tracing.close_store(outbreak=one, by=None, now=now) is not None for one in held)
    rounds = sum(testing.destroy_rounds(outbreak=one, now=now) for one in closed)
    watched = oversight.advance_standing(now=now)
    return cooperation.destroy_old(by=None, now=now) + stores + rounds + watched
