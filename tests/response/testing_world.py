"""A county with two villages, a round in it, and people at its tables."""

from datetime import UTC, datetime, timedelta

from sizao.records.models import TestingRound
from sizao.response import testing
from sizao.response.testing import tubes
from sizao.response.testing.roster import RosterRow
from sizao.terms import AreaLevel, OutbreakKind, Role
from tests import factories

COUNTY, VILLAGE, OTHER_VILLAGE, ELSEWHERE = "130109", "130109110212", "130109110213", "130581"
BEGIN = datetime(2021, 2, 20, 1, 0, tzinfo=UTC)
NOW = BEGIN + timedelta(hours=2)


class World:
    """An open round, its labels, and somebody who registers."""

    def __init__(self, *, kind=OutbreakKind.REAL, people=12, pool_size=5, opened=True, **asked):
        factories.area("1301", "石家庄市", population=11_000_000)
        factories.area(COUNTY, "藁城区", level=AreaLevel.COUNTY)
        factories.area(VILLAGE, "小果庄村")
        factories.area(OTHER_VILLAGE, "刘家佐村")
        factories.area(ELSEWHERE, "南宫市")
        self.outbreak = factories.outbreak(kind=kind, area_code="13")
        self.coordinator = factories.account(role=Role.TESTING_COORDINATOR, area_code="1301")
        self.sampler = factories.account(role=Role.SAMPLER, area_code=COUNTY)
        self.grid_worker = factories.account(role=Role.GRID_WORKER, area_code=VILLAGE)
        self.round = self.plan(pool_size=pool_size, **asked)
        self.roster(people)
        self.codes = iter(tubes.codes_of(self.print(50)))
        if opened:
            self.open()

    def plan(self, *, pool_size=5, now=None, **asked):
        facts = {"outbreak": self.outbreak, "name": "第一轮", "areas": [COUNTY], "begins_at": BEGIN} | asked
        return testing.plan_round(
            **facts, pool_size=pool_size, by=self.coordinator, now=now or BEGIN - timedelta(hours=5)
        )

    def roster(self, people, *, of=None, **cells):
        rows = [self.row(number, **cells) for number in range(1, people + 1)]
        return testing.upload_roster(
            testing_round=of or self.round, rows=rows, source="villages.csv", by=self.coordinator,
            now=BEGIN - timedelta(hours=4),
        )  # fmt: skip

    def row(self, number, **cells):
        village = VILLAGE if number % 3 else OTHER_VILLAGE
        return RosterRow(**{"area_code": village, "id_number": id_number(number), "name": f"王{number}"} | cells)

    def print(self, size, *, of=None):
        return testing.print_lot(testing_round=of or self.round, size=size, by=self.coordinator, now=BEGIN)

    def open(self, now=BEGIN):
        self.round = testing.open_round(testing_round=self.round, by=self.coordinator, now=now)

    def close(self, now=NOW):
        self.round = testing.close_round(testing_round=self.round, by=self.coordinator, now=now)

    def swab(self, key, tube, number=None, *, at=None, **more):
        who = {"id_number": id_number(number)} if number else {}
        return testing.SwabSent(source_key=key, tube=tube, taken_at=at or NOW, **who | more)

    def register(self, *swabs, now=NOW, by=None, sent_at=None):
        return testing.register_swabs(
            testing_round=TestingRound.objects.get(pk=self.round.pk), swabs=swabs, by=by or self.sampler, now=now,
            sent_at=sent_at,
        )  # fmt: skip

    def tell(self, *swabs, **how):
        """Register swabs; say of each what became of it and what was odd."""
        return [(one.answer, one.oddities) for one in self.register(*swabs, **how)]


def id_number(number):
    return f"13010919800101{number:04}"
