"""A round in which tubes get results, and an officer who decides on positive pools."""

from datetime import timedelta

from django.db import transaction

from sizao.records.models import PoolHold, PoolMember, Tube
from sizao.response.testing import coverage, holds, positives
from sizao.terms import Role, TestResult, TubeKind
from tests import factories
from tests.response.testing_world import COUNTY, NOW, World

LATER = NOW + timedelta(hours=8)
LAW = "传染病防治法第三十九条"
POSITIVE, NEGATIVE = TestResult.POSITIVE, TestResult.NEGATIVE


class Pools(World):
    """A round in which tubes get results, and an officer who decides."""

    def __init__(self, **asked):
        super().__init__(**asked)
        self.officer = factories.account(role=Role.DUTY_OFFICER, area_code=COUNTY)
        self.releaser = factories.account(role=Role.LAB_REVIEWER, area_code="1301")

    def pool(self, *numbers, at=NOW, kind=TubeKind.POOL):
        code = next(self.codes)
        self.register(*(self.swab(f"{code}:{n}", code, n, kind=kind, at=at) for n in numbers), now=at)
        return code

    def single(self, number, at=LATER, **how):
        code = next(self.codes)
        told = self.tell(self.swab(f"{code}:{number}", code, number, kind=TubeKind.SINGLE, at=at), now=at, **how)
        return code, told[0]

    def release(self, result, *codes, now=LATER, again=False):
        """Do what the laboratory's stage does: the tube first, then what follows, in one transaction."""
        follow = {POSITIVE: positives.follow, NEGATIVE: positives.follow_negative}.get(result)
        with transaction.atomic():
            Tube.objects.filter(round=self.round, code__in=codes).update(
                result=result, resulted_at=now if result else None, withdrawn_at=now if again else None
            )
            follow = positives.follow_corrected if again else follow
            follow(testing_round=self.round, tubes=codes, by=self.releaser, now=now)

    def positive_pool(self, *numbers):
        code = self.pool(*numbers)
        self.release(POSITIVE, code)
        return code, PoolHold.objects.get(round=self.round, tube=code)

    def order(self, hold, now=LATER, **how):
        facts = {"legal_basis": LAW, "expires_at": now + timedelta(hours=12)} | how
        return holds.order(hold=hold, by=self.officer, now=now, **facts)

    def right(self):
        """Check that the kept counts say what the rows do."""
        kept = coverage.by_area(self.round, as_of=NOW + timedelta(days=9), digits=12)
        rows = coverage.recount(self.round)
        return {area: one for area, one in kept.items() if one != coverage.Coverage()} == rows

    def total(self):
        return coverage.total(self.round, as_of=NOW + timedelta(days=9))

    def ends(self, hold):
        return dict(PoolMember.objects.filter(hold=hold).values_list("entry", "end_reason"))
