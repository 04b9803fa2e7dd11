"""A laboratory that reads the tubes of a round: a technician, a reviewer, and files as instruments write them."""

from datetime import timedelta

from sizao.protocol.kits import kit_called
from sizao.records.models import TestingRound, Tube, TubeStep
from sizao.response.testing import laboratory
from sizao.response.testing.laboratory import ReadingSent, RunSent
from sizao.terms import LabFeed, Reading, Role, TubeKind, TubeStepKind
from tests import factories
from tests.response.testing_world import COUNTY, NOW, World

LATER = NOW + timedelta(hours=3)
KIT = kit_called("orf1ab-n")
NONE = {"ORF1ab": None, "N": None, "IC": 27.5}
BOTH = {"ORF1ab": 28.1, "N": 27.4, "IC": 29.0}
QUANTSTUDIO = """\
* Block Type = 96-Well Block (0.2mL)
* Experiment File Name = D:\\runs\\20210220.eds
* Experiment Run End Time = 2021-02-20 12:41:07 PM CST
* Instrument Type = QuantStudio(TM) 5 System
* Passive Reference = NONE

[Results]
Well\tWell Position\tOmit\tSample Name\tTarget Name\tTask\tReporter\tQuencher\tCT\tCt Mean\tCt SD
"""
SDS7500 = """\
Block Type\t96well
Experiment Run End Time\t2021-02-20 12:41:07
Instrument Type\tsds7500

[Results]
Well\tSample Name\tTarget Name\tTask\tReporter\tQuencher\tCт\tCт Mean\tCт SD
"""
CFX = ",Well,Fluor,Target,Content,Sample,Biological Set Name,Cq,Cq Mean,Cq Std. Dev,Starting Quantity (SQ)\n"
WELLS = [f"{row}{column}" for row in "ABCDEFGH" for column in range(1, 13)]


class Laboratory(World):
    """The round of `World` with tubes that hold swabs, a laboratory that received them, and its people."""

    def __init__(self, *, n_tubes=4, tube_kind=TubeKind.POOL, **asked):
        super().__init__(people=2 * n_tubes + 2, **asked)
        self.technician = factories.account(role=Role.LAB_TECHNICIAN, area_code=COUNTY)
        self.reviewer = factories.account(role=Role.LAB_REVIEWER, area_code=COUNTY)
        self.laboratory = self.add("GC-1")
        self.tubes = [next(self.codes) for _ in range(n_tubes)]
        for place, code in enumerate(self.tubes):
            self.register(self.swab(f"t{place}", code, 2 * place + 1, kind=tube_kind))
            if tube_kind == TubeKind.POOL:
                self.register(self.swab(f"u{place}", code, 2 * place + 2, kind=tube_kind))
        self.receive(*self.tubes)

    def add(self, code):
        return laboratory.add_laboratory(
            laboratory_code=code, name=f"{code}检验所", area_code=COUNTY, tubes_per_hour=2000, by=self.coordinator,
            now=NOW,
        )  # fmt: skip

    def receive(self, *tubes, at=None, now=NOW):
        TubeStep.objects.bulk_create(
            TubeStep(
                round=self.round, tube=code, step=TubeStepKind.RECEIVED, laboratory=at or self.laboratory,
                happened_at=now, recorded_at=now, recorded_by=self.technician.username,
            )
            for code in tubes
        )  # fmt: skip

    def send(self, *readings, key="a run", by=None, at=None, **more):
        sent = RunSent(LabFeed.BY_HAND, key, "by hand", readings, **{"kit": KIT} | more)
        return laboratory.record_run(
            laboratory=at or self.laboratory, sent=sent, by=by or self.technician, now=LATER
        )  # fmt: skip

    def file(self, text, *, name="run.txt", by=None, now=LATER, **more):
        content = text if isinstance(text, bytes) else text.encode()
        return laboratory.take_file(
            laboratory=self.laboratory, content=content, name=name, by=by or self.technician, now=now,
            **{"kit": KIT} | more,
        )  # fmt: skip

    def release(self, run, *, by=None, now=LATER):
        return laboratory.release_run(run=run, by=by or self.reviewer, now=now)

    def results(self):
        """Say what is known of each tube that has a result."""
        told = Tube.objects.filter(round=self.round, result__isnull=False)
        return dict(told.values_list("code", "result"))

    def fresh(self):
        return TestingRound.objects.get(pk=self.round.pk)


def told(tube, found=Reading.NEGATIVE, **more):
    return ReadingSent(tube, found, **more)


def cycles(tube, ct=NONE, **more):
    return ReadingSent(tube, ct=ct, **more)


def quantstudio(tubes, *, positive=(), controls=True, changes=()):
    """Write a QuantStudio export; `changes` replaces the Ct of a well and gene."""
    return QUANTSTUDIO + "".join(
        f"{place}\t{well}\tfalse\t{name}\t{gene}\t{task}\tFAM\tNFQ\t{ct}\t\t\n"
        for place, well, name, task, gene, ct in _rows(tubes, positive, controls, dict(changes))
    )


def sds7500(tubes, *, positive=(), controls=True, changes=()):
    return SDS7500 + "".join(
        f"{well}\t{name}\t{gene}\t{task}\tFAM\tNone\t{ct}\t\t\n"
        for _, well, name, task, gene, ct in _rows(tubes, positive, controls, dict(changes))
    )


def cfx(tubes, *, positive=(), controls=True, changes=()):
    contents = {"UNKNOWN": "Unkn", "NTC": "NTC", "STANDARD": "Pos Ctrl"}
    nothing = {"Undetermined": "NaN"}
    return CFX + "".join(
        f",{well[0]}{int(well[1:]):02},FAM,{gene},{contents[task]},{name},,{nothing.get(ct, ct)},0,0,N/A\n"
        for _, well, name, task, gene, ct in _rows(tubes, positive, controls, dict(changes))
    )


def _rows(tubes, positive, controls, changes):
    samples = [(code, "UNKNOWN", code in positive) for code in tubes]
    if controls:
        samples += [("NC", "NTC", False), ("PC", "STANDARD", True)]
    for place, (name, task, is_positive) in enumerate(samples):
        for gene in KIT.genes:
            ct = "28.413" if is_positive or (gene == "IC" and task == "UNKNOWN") else "Undetermined"
            yield place + 1, WELLS[place], name, task, gene, changes.get((WELLS[place], gene), ct)
