"""
Laboratories, their plates and their runs.

A run is what an instrument said of a plate: recorded by one person, released by another. Its readings lie in the
partitions of the rounds their tubes belong to, and no row of them is a person's result.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from sizao.records.secrecy import SealedField
from sizao.terms import LabFeed, LabOddityKind, Reading, RunState


class Laboratory(models.Model):
    """Where tubes are read, and how many it can read in an hour."""

    OPEN = {"id", "code", "name", "place", "area_code", "tubes_per_hour", "opened_at", "closed_at", "added_by"}
    PERSONAL: set[str] = set()

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    place = models.ForeignKey("records.Place", null=True, on_delete=models.PROTECT, related_name="laboratories")
    area_code = models.CharField(max_length=12, db_index=True)
    tubes_per_hour = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    added_by = models.CharField(max_length=150)


class Plate(models.Model):
    """Which tube, or which control, stands in which well; an empty well is NULL."""

    OPEN = {"id", "laboratory", "code", "wells", "made_at", "made_by"}
    PERSONAL: set[str] = set()

    laboratory = models.ForeignKey(Laboratory, on_delete=models.PROTECT, related_name="plates")
    code = models.CharField(max_length=40)
    wells = ArrayField(models.CharField(max_length=12, null=True))  # row by row: A1, A2 …; PC and NC are controls
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(name="plate_once", fields=["laboratory", "code"])]


class LabRun(models.Model):
    """
    What an instrument said of a plate, or a file of a batch: recorded by one person, released by a second one.

    `cutoff_ct` and `genes` are the kit's, as they stood when it was recorded; `source_key` makes sending it again
    harmless.
    """

    OPEN = {
        "id", "laboratory", "plate", "feed", "state", "source_key", "name", "instrument", "genes", "cutoff_ct",
        "n_readings", "n_positive", "n_again", "by_round", "ran_at", "recorded_at", "recorded_by", "released_at",
        "released_by", "withdrawn_at", "withdrawn_by", "withdraw_reason",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    laboratory = models.ForeignKey(Laboratory, on_delete=models.PROTECT, related_name="runs")
    plate = models.ForeignKey(Plate, null=True, on_delete=models.PROTECT, related_name="runs")
    feed = models.CharField(max_length=12, choices=LabFeed.choices())
    state = models.CharField(max_length=10, choices=RunState.choices(), default=RunState.RECORDED)
    source_key = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200)  # of the file, or of the batch
    instrument = models.CharField(max_length=100, blank=True)
    genes = ArrayField(models.CharField(max_length=20), default=list)
    cutoff_ct = models.FloatField(null=True)
    n_readings = models.PositiveIntegerField(default=0)
    n_positive = models.PositiveIntegerField(default=0)
    n_again = models.PositiveIntegerField(default=0)  # inconclusive or invalid
    by_round = models.JSONField(default=dict)  # of each round: how many readings, and how many of them settle a tube
    ran_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=150, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)
    withdraw_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="run_released_by_a_second_person", condition=(
                Q(released_at__isnull=True, released_by="")
                | (Q(released_at__gte=F("recorded_at")) & ~Q(released_by="") & ~Q(released_by=F("recorded_by")))
            )),
            models.CheckConstraint(name="run_state_whole", condition=(
                Q(state=str(RunState.RECORDED), released_at__isnull=True, withdrawn_at__isnull=True)
                | Q(state=str(RunState.RELEASED), released_at__isnull=False, withdrawn_at__isnull=True)
                | Q(state=str(RunState.WITHDRAWN), withdrawn_at__isnull=False)
            )),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["laboratory", "-recorded_at"], name="run_latest"),
            models.Index(fields=["state", "recorded_at"], name="run_waiting"),
        ]


class LabReading(models.Model):
    """What a run says of a tube: the cycle threshold of each of the run's genes; NULL where nothing was amplified."""

    OPEN = {"round", "run", "tube", "well", "found", "ct"}
    PERSONAL: set[str] = set()

    pk = models.CompositePrimaryKey("round_id", "tube", "run_id")
    round = models.ForeignKey(
        "records.TestingRound", on_delete=models.DO_NOTHING, db_constraint=False, related_name="readings"
    )
    run = models.ForeignKey(LabRun, on_delete=models.DO_NOTHING, db_constraint=False, related_name="readings")
    tube = models.CharField(max_length=12)
    well = models.CharField(max_length=8, null=True)  # noqa: DJ001
    found = models.CharField(max_length=12, choices=Reading.choices())
    ct = ArrayField(models.FloatField(null=True), null=True)


class LabMessage(models.Model):
    """A message of a laboratory's system, under its own control number, and what was answered."""

    OPEN = {"id", "laboratory", "control_id", "digest", "run", "received_at", "answer"}
    PERSONAL: set[str] = set()

    laboratory = models.ForeignKey(Laboratory, on_delete=models.PROTECT, related_name="messages")
    control_id = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    run = models.ForeignKey(LabRun, null=True, on_delete=models.PROTECT, related_name="messages")
    received_at = models.DateTimeField()
    answer = models.CharField(max_length=10)

    class Meta:
        constraints = [models.UniqueConstraint(name="lab_message_once", fields=["laboratory", "control_id"])]


class LabOddity(models.Model):
    """
    What was odd about a box, a tube or a reading, and what somebody did about it.

    One that holds something back keeps all that was sent, sealed, until it is settled.
    """

    OPEN = {
        "id", "laboratory", "round", "run", "box", "kind", "tube", "source_key", "area_code", "facts", "recorded_at",
        "recorded_by", "settled_at", "settled_by", "outcome",
    }  # fmt: skip
    PERSONAL = {"sent"}

    laboratory = models.ForeignKey(Laboratory, null=True, on_delete=models.PROTECT, related_name="oddities")
    round = models.ForeignKey("records.TestingRound", null=True, on_delete=models.PROTECT, related_name="lab_oddities")
    run = models.ForeignKey(LabRun, null=True, on_delete=models.PROTECT, related_name="oddities")
    box = models.ForeignKey("records.SampleBox", null=True, on_delete=models.PROTECT, related_name="oddities")
    kind = models.CharField(max_length=20, choices=LabOddityKind.choices())
    tube = models.CharField(max_length=40, blank=True)
    source_key = models.CharField(max_length=200)
    area_code = models.CharField(max_length=12, db_index=True)
    facts = models.JSONField(default=dict)  # row, column, the other laboratory: nothing personal
    sent = SealedField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=150, blank=True)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="lab_oddity_once", fields=["source_key", "kind"])]
        indexes = [models.Index(fields=["laboratory", "settled_at", "-recorded_at"], name="lab_oddity_waiting")]
