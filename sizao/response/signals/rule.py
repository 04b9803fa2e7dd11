"""The stage's part of the loop: look at what is new, then ring where there is more than expected."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from sizao.records.models import Outbreak
from sizao.response.signals.judging import judging_at
from sizao.response.signals.looking import look
from sizao.response.signals.ringing import ring
from sizao.response.signals.scope import take_turn


@transaction.atomic
def advance(*, outbreak: Outbreak | None, now: datetime) -> int:
    """
    Judge the streams of an outbreak that said something new, and open, extend or merge alerts by it.

    A real outbreak looks at the streams of real life, and so does None: those are watched also while there is
    no outbreak. Return how many rows changed; a second run at one moment changes nothing.
    """
    take_turn(outbreak)
    judging = judging_at(outbreak, now, timezone.localtime(now).date())
    written = look(outbreak, judging, now=now)
    # Alarms come from verdicts alone, so without a new one there is nothing new to tell.
    return written + ring(outbreak, judging, now=now) if written else 0
