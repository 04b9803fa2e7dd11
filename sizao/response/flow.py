"""The loop: these stages, in this order, nothing else."""

from datetime import datetime
from types import ModuleType

from sizao.records.models import Outbreak
from sizao.response import cases, isolation, tasks, tracing, zoning
from sizao.response.reports import daily

# A hint waits for a person to verify it, so the stage of signals has nothing to do by rule.
STAGES: tuple[ModuleType, ...] = (cases, tracing, isolation, zoning, tasks, daily)


def advance(*, outbreak: Outbreak, now: datetime) -> dict[str, int]:
    """
    Carry all that is known at `now` one step through the response; say how much each stage changed.

    A stage looks for records that lack its own, so a run that died half-way is resumed by running
    again, and a second run at one moment changes nothing.
    """
    return {stage.__name__.rpartition(".")[2]: stage.advance(outbreak=outbreak, now=now) for stage in STAGES}
