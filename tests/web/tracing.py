"""Presences around one case, and the traces that ask them, for tests of the screens."""

from datetime import datetime, timedelta

import pyarrow as pa

from sizao.records.models import Account, Outbreak, Place, Trace
from sizao.response import tracing
from sizao.terms import CaseStatus, PlaceKind, TracePurpose
from tests import factories
from tests.web.conftest import DAY, MORNING

COUNTY, ELSEWHERE, FAR = "130109", "130581", "110101"
REASON = "首例，须查明同时空人员"
VENUE, SHOP, BUS = "venue:banquet", "venue:shop", "bus:12"
MIDNIGHT = datetime.fromisoformat("2021-01-07T00:00:00+08:00")


def at(hour: float, day: int = 0) -> int:
    """Give a moment of the days around the case, in seconds: hours since midnight of 7 January where it happens."""
    return int((MIDNIGHT + timedelta(days=day, hours=hour)).timestamp())


def places() -> None:
    """Register the places at which these presences are; the bus is told by its source alone."""
    for key, name, kind in ((VENUE, "喜宴厅", PlaceKind.BANQUET), (SHOP, "村口小卖部", PlaceKind.SHOP)):
        Place.objects.create(source_key=key, name=name, kind=kind, area_code=COUNTY, latitude=38.04, longitude=114.8)


def case(outbreak: Outbreak, **facts):
    """Give a confirmed case of the county that fell ill on 8 January."""
    somebody = factories.person(number="P-CASE", registered_at=MORNING)
    defaults = {"number": "HB-1", "status": CaseStatus.CONFIRMED, "onset_date": DAY - timedelta(days=2)}
    return factories.case(of=somebody, within=outbreak, **defaults | {"opened_at": MORNING} | facts)


def present(
    outbreak: Outbreak,
    rows: list[tuple[str, str, int, int]],
    *,
    key: str,
    now: datetime,
    known_by: str = "number",
    **facts,
) -> None:
    """Send presences (who, place, start, end); whoever begins with T- is nobody of the register."""
    who, place, start, end = zip(*rows, strict=True)
    table = pa.table({known_by: who, "place": place, "start": start, "end": end})
    tracing.receive(outbreak=outbreak, source="场所码", source_key=key, rows=table, by=None, now=now, **facts)


def asked(of, *, by: Account | None = None, now: datetime = MORNING, **facts) -> Trace:
    """Ask who was with a case."""
    given = {"purpose": TracePurpose.FIND_CONTACTS, "reason": REASON} | facts
    return tracing.ask(outbreak=of.outbreak, case=of, by=by, now=now, **given)
