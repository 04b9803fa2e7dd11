"""Boxes of a round on their way to two laboratories: who packs, who carries, who receives."""

from datetime import timedelta

from sizao.records.models import (
    HandOver,
    LabOddity,
    Laboratory,
    LabReading,
    LabRun,
    SampleBox,
    TestingRound,
    TubeStep,
)
from sizao.response import testing
from sizao.response.testing import chain
from sizao.terms import BoxAct, HandOverKind, LabFeed, OutbreakKind, Reading, Role
from tests import factories
from tests.response.testing_world import BEGIN, COUNTY, NOW, VILLAGE, World


class ChainWorld(World):
    """A round with three boxes, a site that sends to the first of two laboratories, and a courier."""

    def __init__(self, *, kind=OutbreakKind.DRILL, boxes=3, **asked):
        super().__init__(kind=kind, **asked)
        self.courier = factories.account(role=Role.COURIER, area_code=COUNTY)
        self.technician = factories.account(role=Role.LAB_TECHNICIAN, area_code=COUNTY)
        self.laboratory, self.other_laboratory = (
            Laboratory.objects.create(
                code=code, name=name, area_code=COUNTY, tubes_per_hour=100, opened_at=BEGIN, added_by="test"
            )
            for code, name in (("L1", "藁城检验所"), ("L2", "方舱实验室"))
        )
        self.site = testing.add_site(
            testing_round=self.round, name="村委会", area_code=VILLAGE, n_tables=2, by=self.coordinator, now=BEGIN
        )
        self.site.laboratory = self.laboratory
        self.site.save(update_fields=["laboratory"])
        self.boxes = chain.print_boxes(testing_round=self.round, count=boxes, by=self.coordinator, now=BEGIN)

    def filled(self, n_tubes, *, at=NOW):
        """Register one swab into each of some tubes, a minute apart; give their codes."""
        codes = [next(self.codes) for _ in range(n_tubes)]
        swabs = [
            self.swab(f"swab {code}", code, entry=1 + n, at=at + timedelta(minutes=n)) for n, code in enumerate(codes)
        ]
        self.register(*swabs, now=at + timedelta(hours=1))
        return codes

    def put(self, key, box, tube, *, at=NOW, **more):
        return self._act(key, BoxAct.PUT_IN, box, at, tube=tube, **({"site": self.site.pk} | more))

    def closed(self, key, box, *, at=NOW, **more):
        return self._act(key, BoxAct.CLOSED, box, at, **({"site": self.site.pk} | more))

    def handed(self, key, box, kind=HandOverKind.PICKED_UP, *, at=NOW, **more):
        return self._act(key, BoxAct.HANDED_OVER, box, at, kind=kind, **more)

    def _act(self, key, act, box, at, **facts):
        code = box if isinstance(box, str) else box.code
        return chain.BoxActSent(source_key=key, act=act, box=code, happened_at=at, **facts)

    def act(self, *acts, by=None, now=NOW + timedelta(hours=3), sent_at=None):
        return chain.record_acts(
            testing_round=TestingRound.objects.get(pk=self.round.pk), acts=acts, by=by or self.sampler, now=now,
            sent_at=sent_at,
        )  # fmt: skip

    def tell(self, *acts, **how):
        """Record acts; say of each what became of it and what was odd."""
        return [(one.answer, one.oddities) for one in self.act(*acts, **how)]

    def pack(self, box, codes, *, at=NOW):
        """Put tubes into a box a minute after the other, and close it."""
        puts = [self.put(f"put {code}", box, code, at=at + timedelta(minutes=n)) for n, code in enumerate(codes)]
        self.act(*puts, self.closed(f"close {box.code}", box, at=at + timedelta(hours=1)))
        return SampleBox.objects.get(pk=box.pk)

    def receive(self, box, tubes=(), *, key="receipt", now=NOW + timedelta(hours=4), laboratory=None, **more):
        return chain.receive_box(
            box=SampleBox.objects.get(pk=box.pk), laboratory=laboratory or self.laboratory, tubes=tubes, source_key=key,
            by=self.technician, now=now, **more,
        )  # fmt: skip

    def read(self, code, *, at, found=Reading.NEGATIVE):
        """Let the first laboratory read a tube."""
        run = LabRun.objects.create(
            laboratory=self.laboratory, feed=LabFeed.BY_HAND, source_key=f"run {code}", name="run", n_readings=1,
            by_round={str(self.round.pk): [1, int(found in (Reading.NEGATIVE, Reading.POSITIVE))]},
            recorded_at=at, recorded_by=self.technician.username,
        )  # fmt: skip
        LabReading.objects.create(round=self.round, run=run, tube=code, found=found)

    def waiting(self):
        """Say what is odd and unsettled: kind, tube, the boxes it names."""
        found = LabOddity.objects.filter(settled_at=None).select_related("box")
        return {(one.kind, one.tube, one.box.code if one.box else "") for one in found}

    def state(self):
        """All that stands: boxes, where tubes are, what is odd; nothing of when it arrived."""
        box_facts = ("code", "site_id", "area_code", "laboratory_id", "packed_at", "packed_by", "n_tubes",
                     "first_swab_at", "transport_due_at", "received_at", "received_by", "n_received", "result_due_at",
                     "basis")  # fmt: skip
        odd = LabOddity.objects.filter(settled_at=None).values_list("kind", "tube", "box__code", "facts")
        return {
            "boxes": sorted(map(repr, SampleBox.objects.values_list(*box_facts))),
            "steps": sorted(map(repr, TubeStep.objects.filter(round=self.round).values_list(
                "tube", "step", "box__code", "laboratory__code", "happened_at"))),
            "acts": sorted(map(repr, HandOver.objects.values_list("box__code", "kind", "happened_at", "source_key"))),
            "odd": sorted(map(repr, odd)),
        }  # fmt: skip
