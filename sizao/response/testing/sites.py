"""Where swabs are taken: a place of the register, how many tables, and whom it serves."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Area, TestingRound, TestingSite
from sizao.response import register
from sizao.response.register import PlaceEntry
from sizao.terms import PlaceKind, Right

MOST_TABLES = 200


class SiteUnreadable(SizaoError):
    code = "testing.site.unreadable"
    message = "A site needs a name, an area of the register inside {area}, and 1 to {most} tables."


@transaction.atomic
def add_site(
    *,
    testing_round: TestingRound,
    name: str,
    area_code: str,
    n_tables: int,
    by: Account,
    now: datetime,
    serves: Sequence[str] = (),
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
) -> TestingSite:
    """Add a site to a round; it becomes a place of the register. Raise SiteUnreadable, or the door's refusal."""
    known = Area.objects.filter(code=area_code).exists() and area_code.startswith(testing_round.area_code)
    if not name.strip() or not known or not 1 <= n_tables <= MOST_TABLES:
        raise SiteUnreadable(area=testing_round.area_code, most=MOST_TABLES)
    access.require(by, Right.TESTING_PLAN, area_code=area_code)
    TestingRound.objects.select_for_update(of=["self"]).get(pk=testing_round.pk)  # one number after the other
    key = f"testing-site:{area_code}:{name.strip()}"[:200]
    entry = PlaceEntry(source_key=key, kind=PlaceKind.PUBLIC_PLACE, name=name.strip()[:200], area_code=area_code)
    place = register.register_places([entry], by=by, now=now)[key]
    added = TestingSite.objects.create(
        round=testing_round,
        place=place,
        number=testing_round.sites.count() + 1,
        area_code=area_code,
        n_tables=n_tables,
        serves=list(serves),
        opens_at=opens_at,
        closes_at=closes_at,
        added_at=now,
    )
    journal.write("site.added", testing_round, by=by, at=now, number=testing_round.number, site=added.number)
    return added
