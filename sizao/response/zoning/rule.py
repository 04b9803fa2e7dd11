"""What zoning does by rule: proposals follow the cases, and what people inside need is asked for unasked."""

from datetime import datetime

from django.db import transaction

from sizao.records.models import Outbreak
from sizao.response.zoning import asking, proposals


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """Bring proposals and requests to what is known at `now`; return how many acts that took."""
    return proposals.advance(outbreak=outbreak, now=now) + asking.advance(outbreak=outbreak, now=now)
