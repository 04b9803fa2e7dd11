from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, BigIntegerRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from sizao.terms import KeyGroup, RoundState


class TestingRound(models.Model):
    """
    One round of testing: who is expected, from when to when, how many share a tube, and by which rule.

    Its roster, tubes and swabs lie in partitions of their own. What it came to is written down when it is closed;
    swabs of devices that were offline may still come, marked as late, and change nothing of that.
    """

    __test__ = False

    OPEN = {
        "id", "outbreak", "number", "name", "area_code", "areas", "key_group", "pool_size", "household_tubes",
        "begins_at", "due_at", "basis", "protocol", "roster_made_at", "roster_source", "is_generated", "planned_at",
        "planned_by", "opened_at", "opened_by", "closed_at", "closed_by", "archived_at", "expected", "registered",
        "missed", "explained", "plan", "destroyed_at", "certificate",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="testing_rounds")
    number = models.CharField(max_length=20)
    name = models.CharField(max_length=100)
    area_code = models.CharField(max_length=12)  # what holds all its areas: its jurisdiction
    areas = ArrayField(models.CharField(max_length=12), default=list)
    key_group = models.CharField(max_length=25, null=True, choices=KeyGroup.choices())  # noqa: DJ001
    pool_size = models.PositiveSmallIntegerField()
    household_tubes = models.BooleanField(default=False)
    begins_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # null where the edition sets no time, or nobody has confirmed it
    basis = models.JSONField(default=list)
    protocol = models.CharField(max_length=200)
    roster_made_at = models.DateTimeField(null=True)
    roster_source = models.CharField(max_length=200, blank=True)
    is_generated = models.BooleanField(default=False)  # people made by a model, and said so on every screen
    planned_at = models.DateTimeField()
    planned_by = models.CharField(max_length=150)
    opened_at = models.DateTimeField(null=True)
    opened_by = models.CharField(max_length=150, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=150, blank=True)
    archived_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)  # its people, tubes and swabs; the figures stay
    certificate = models.JSONField(null=True)  # of what was destroyed: counts and hashes, nothing personal
    plan = models.JSONField(null=True)  # sums of the layout that was accepted: its gap, its hours, what it lacked
    # What it had come to when it was closed; null until then.
    expected = models.PositiveIntegerField(null=True)
    registered = models.PositiveIntegerField(null=True)
    missed = models.PositiveIntegerField(null=True)
    explained = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="testing_round_once", fields=["outbreak", "number"]),
            models.CheckConstraint(name="testing_round_in_order", condition=(
                Q(opened_at__isnull=True, closed_at__isnull=True)
                | Q(opened_at__isnull=False, closed_at__isnull=True)
                | Q(opened_at__isnull=False, closed_at__gte=F("opened_at"))
            )),
            models.CheckConstraint(name="testing_round_opened_with_a_roster", condition=(
                Q(opened_at__isnull=True) | Q(roster_made_at__isnull=False)
            )),
            models.CheckConstraint(name="testing_round_closed_with_figures", condition=(
                Q(closed_at__isnull=True, expected__isnull=True, missed__isnull=True)
                | Q(closed_at__isnull=False, expected__isnull=False, registered__isnull=False, missed__isnull=False)
            )),
            models.CheckConstraint(name="testing_round_archived_when_closed", condition=(
                Q(archived_at__isnull=True) | Q(closed_at__isnull=False)
            )),
            models.CheckConstraint(name="testing_round_destroyed_with_a_certificate", condition=(
                Q(destroyed_at__isnull=True, certificate__isnull=True)
                | Q(destroyed_at__isnull=False, archived_at__isnull=False, certificate__isnull=False)
            )),
        ]  # fmt: skip
        indexes = [models.Index(fields=["outbreak", "-begins_at"], name="testing_round_latest")]

    def state_at(self, as_of) -> RoundState:
        """Say where the round stood at a moment."""
        if self.archived_at is not None and self.archived_at <= as_of:
            return RoundState.ARCHIVED
        if self.closed_at is not None and self.closed_at <= as_of:
            return RoundState.CLOSED
        return RoundState.OPEN if self.opened_at is not None and self.opened_at <= as_of else RoundState.PLANNED


class TestingSite(models.Model):
    """A place where swabs of one round are taken: how many tables, for whom, from when to when."""

    __test__ = False

    OPEN = {
        "id", "round", "place", "number", "area_code", "n_tables", "serves", "opens_at", "closes_at", "added_at",
        "n_samplers", "people", "laboratory",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    round = models.ForeignKey(TestingRound, on_delete=models.PROTECT, related_name="sites")
    place = models.ForeignKey("records.Place", on_delete=models.PROTECT, related_name="testing_sites")
    number = models.PositiveIntegerField()
    area_code = models.CharField(max_length=12)
    n_tables = models.PositiveSmallIntegerField()
    serves = ArrayField(models.CharField(max_length=12), default=list)
    opens_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField()
    n_samplers = models.PositiveSmallIntegerField(null=True)
    people = models.PositiveIntegerField(null=True)  # expected here by the plan
    laboratory = models.ForeignKey(
        "records.Laboratory", null=True, on_delete=models.PROTECT, related_name="testing_sites"
    )  # where its tubes go

    class Meta:
        constraints = [models.UniqueConstraint(name="testing_site_once", fields=["round", "number"])]


class TubeLot(models.Model):
    """Labels that were printed for a round: serial numbers from a first one on. A code of no lot was never printed."""

    OPEN = {"id", "round", "first_serial", "size", "printed_at", "printed_by"}
    PERSONAL: set[str] = set()

    round = models.ForeignKey(TestingRound, on_delete=models.PROTECT, related_name="lots")
    first_serial = models.BigIntegerField()
    size = models.PositiveIntegerField()
    printed_at = models.DateTimeField()
    printed_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="tube_lot_serials_once",
                expressions=[
                    (
                        Func(
                            F("first_serial"), F("first_serial") + F("size"), function="int8range",
                            output_field=BigIntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]  # fmt: skip
