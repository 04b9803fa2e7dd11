"""Boxes of tubes on their way from a site to a laboratory, with every hand-over and the clock from the first swab."""

from django.db import models
from django.db.models import F, Q

from sizao.terms import HandOverKind, TubeStepKind


class SampleBox(models.Model):
    """A box under the code on its label: packed at a site, carried, received by a laboratory."""

    OPEN = {
        "id", "round", "code", "printed_at", "printed_by", "site", "area_code", "laboratory", "packed_at", "packed_by",
        "n_tubes", "first_swab_at", "transport_due_at", "received_at", "received_by", "n_received", "result_due_at",
        "basis", "worked_out_at",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    round = models.ForeignKey("records.TestingRound", on_delete=models.PROTECT, related_name="boxes")
    code = models.CharField(max_length=13, unique=True)
    printed_at = models.DateTimeField()
    printed_by = models.CharField(max_length=150)
    site = models.ForeignKey("records.TestingSite", null=True, on_delete=models.PROTECT, related_name="boxes")
    area_code = models.CharField(max_length=12)  # of the site, else of the round
    laboratory = models.ForeignKey("records.Laboratory", null=True, on_delete=models.PROTECT, related_name="boxes")
    packed_at = models.DateTimeField(null=True)
    packed_by = models.CharField(max_length=150, blank=True)
    n_tubes = models.PositiveSmallIntegerField(null=True)
    first_swab_at = models.DateTimeField(null=True)
    transport_due_at = models.DateTimeField(null=True)  # null where the edition's hours wait for confirmation
    received_at = models.DateTimeField(null=True)
    received_by = models.CharField(max_length=150, blank=True)
    n_received = models.PositiveSmallIntegerField(null=True)
    result_due_at = models.DateTimeField(null=True)
    basis = models.JSONField(default=list)
    worked_out_at = models.DateTimeField(null=True)  # when all of this was last brought up to date with what was said

    class Meta:
        constraints = [
            models.CheckConstraint(name="box_packed_whole", condition=(
                Q(packed_at__isnull=True, n_tubes__isnull=True) | Q(packed_at__isnull=False, n_tubes__isnull=False)
            )),
            models.CheckConstraint(name="box_received_whole", condition=(
                Q(received_at__isnull=True, n_received__isnull=True)
                | Q(received_at__gte=F("packed_at"), n_received__isnull=False)
                | Q(received_at__isnull=False, packed_at__isnull=True, n_received__isnull=False)
            )),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["round", "received_at"], name="box_of_round"),
            models.Index(fields=["laboratory", "received_at"], name="box_of_laboratory"),
        ]


class HandOver(models.Model):
    """
    A box was closed, or went from one hand to the next, in which vehicle, at what moment; never changed afterwards.

    Where a box stands follows from these rows and those of its tubes alone, in whatever order they came.
    """

    OPEN = {
        "id", "box", "kind", "happened_at", "recorded_at", "recorded_by", "giver", "vehicle", "source_key", "note",
        "site", "laboratory",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    box = models.ForeignKey(SampleBox, on_delete=models.PROTECT, related_name="hand_overs")
    kind = models.CharField(max_length=10, choices=HandOverKind.choices())
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)  # who took it
    giver = models.CharField(max_length=150, blank=True)
    vehicle = models.CharField(max_length=40, blank=True)
    source_key = models.CharField(max_length=120, unique=True)
    note = models.CharField(max_length=200, blank=True)
    site = models.ForeignKey("records.TestingSite", null=True, on_delete=models.PROTECT, related_name="hand_overs")
    laboratory = models.ForeignKey("records.Laboratory", null=True, on_delete=models.PROTECT, related_name="hand_overs")

    class Meta:
        indexes = [models.Index(fields=["box", "happened_at"], name="hand_over_of_box")]


class TubeStep(models.Model):
    """A tube was put into a box, or received by a laboratory. Rows of a round lie in its partition."""

    OPEN = {"round", "tube", "step", "box", "laboratory", "happened_at", "recorded_at", "recorded_by"}
    PERSONAL: set[str] = set()

    pk = models.CompositePrimaryKey("round_id", "tube", "step")
    round = models.ForeignKey(
        "records.TestingRound", on_delete=models.DO_NOTHING, db_constraint=False, related_name="tube_steps"
    )
    tube = models.CharField(max_length=12)
    step = models.CharField(max_length=10, choices=TubeStepKind.choices())
    box = models.ForeignKey(
        SampleBox, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="steps"
    )
    laboratory = models.ForeignKey(
        "records.Laboratory", null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="steps"
    )
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)


class LateSwab(models.Model):
    """
    A swab was registered whose tube lay in a box by then: what is known of the box must be worked out anew.

    Written by the database beside the swab, and taken away by the loop.
    """

    OPEN = {"id", "box"}
    PERSONAL: set[str] = set()

    box = models.ForeignKey(SampleBox, on_delete=models.CASCADE, related_name="late_swabs")
