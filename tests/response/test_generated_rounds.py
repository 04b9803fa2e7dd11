"""The bulk door of rounds: generated people by set, held to what the tables hold one by one."""

from datetime import timedelta

import numpy as np
import pytest

from sizao.records.models import Swab
from sizao.response import testing
from sizao.response.testing import coverage, generated
from sizao.response.testing.generated import SwabBatch
from sizao.terms import MissedReason, OutbreakKind
from tests.response import testing_world
from tests.response.testing_world import BEGIN, NOW

pytestmark = pytest.mark.django_db


class World(testing_world.World):
    """A round with a site, whose swabs come in bulk."""

    def __init__(self, **facts):
        super().__init__(**facts)
        self.site = testing.add_site(
            testing_round=self.round, name="村委会", area_code=testing_world.VILLAGE, n_tables=2, by=self.coordinator,
            now=BEGIN,
        )  # fmt: skip

    def batch(self, entries, **change):
        facts = {
            "begins_at": BEGIN,
            "entry": np.array(entries),
            "tube": np.zeros(len(entries), int),
            "second": np.arange(len(entries)),
            "codes": [next(self.codes)],
            "sites": [self.site.pk],
            "tables": [1],
        }
        return SwabBatch(**facts | change)


class TestTheBulkDoor:
    """It takes nothing of real people, and nothing that the tables would not take."""

    def test_refuses_a_round_that_is_not_marked_as_generated(self):
        world = World(kind=OutbreakKind.REPLAY)

        with pytest.raises(generated.OnlyGenerated):
            generated.register_generated(testing_round=world.round, batch=world.batch([1]), by=world.sampler, now=NOW)

    def test_refuses_a_real_outbreak_whatever_its_round_says(self):
        world = World(kind=OutbreakKind.REAL, is_generated=True)

        with pytest.raises(generated.OnlyGenerated):
            generated.register_generated(testing_round=world.round, batch=world.batch([1]), by=world.sampler, now=NOW)

    @pytest.mark.parametrize(
        ("entries", "change"),
        [
            ([1, 1], {}),
            ([1, 99], {}),
            ([1], {"codes": ["000000000042"]}),
            ([1, 2, 3, 4, 5, 6], {}),
            ([1], {"begins_at": NOW + timedelta(hours=1)}),
            ([1], {"begins_at": BEGIN - timedelta(days=1)}),
        ],
        ids=["twice", "on no roster", "a label never printed", "six in a tube of five", "not yet", "before it opened"],
    )
    def test_refuses_whole_what_the_tables_would_not_take(self, entries, change):
        world = World(kind=OutbreakKind.REPLAY, is_generated=True)

        with pytest.raises(generated.BulkRefused):
            generated.register_generated(
                testing_round=world.round, batch=world.batch(entries, **change), by=world.sampler, now=NOW
            )
        assert Swab.objects.count() == 0

    def test_registers_once_what_is_sent_twice(self):
        world = World(kind=OutbreakKind.REPLAY, is_generated=True)
        batch = world.batch([1, 2, 3])

        counts = [
            generated.register_generated(testing_round=world.round, batch=batch, by=world.sampler, now=NOW)
            for _ in range(2)
        ]

        assert counts == [3, 0]
        assert coverage.total(world.round, as_of=NOW).registered == 3
        assert sum(coverage.recount(world.round).values(), coverage.Coverage()) == coverage.total(
            world.round, as_of=NOW
        )

    def test_refuses_somebody_who_stands_in_another_tube(self):
        world = World(kind=OutbreakKind.REPLAY, is_generated=True)
        generated.register_generated(testing_round=world.round, batch=world.batch([1]), by=world.sampler, now=NOW)

        with pytest.raises(generated.BulkRefused):
            generated.register_generated(testing_round=world.round, batch=world.batch([1]), by=world.sampler, now=NOW)

    def test_explains_nobody_who_was_swabbed(self):
        world = World(kind=OutbreakKind.REPLAY, is_generated=True)
        generated.register_generated(testing_round=world.round, batch=world.batch([1]), by=world.sampler, now=NOW)

        told = {"testing_round": world.round, "reason": MissedReason.AWAY, "by": world.coordinator, "now": NOW}
        with pytest.raises(generated.BulkRefused):
            generated.explain_generated(entries=[1, 2], **told)
        assert generated.explain_generated(entries=[2, 3], **told) == 2
        assert coverage.total(world.round, as_of=NOW).explained == 2
