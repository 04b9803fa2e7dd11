"""Which room is proposed or kept for whom."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q

from sizao.terms import PlacementState

OPEN_PLACEMENTS = (str(PlacementState.PROPOSED), str(PlacementState.ACCEPTED))


class RoomAllocation(models.Model):
    """One run of the allocation: who waited, what it proposed, and how near to the best it is known to be."""

    OPEN = {
        "id", "outbreak", "area_code", "made_at", "made_by", "n_waiting", "n_placed", "value", "bound", "shortages",
        "settings", "basis",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="room_allocations")
    area_code = models.CharField(max_length=12)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("records.Account", on_delete=models.PROTECT, related_name="+")
    n_waiting = models.PositiveIntegerField()
    n_placed = models.PositiveIntegerField()
    value = models.FloatField()
    bound = models.FloatField()
    shortages = models.JSONField(default=list)
    settings = models.JSONField(default=dict)
    basis = models.JSONField(default=list)


class RoomPlacement(models.Model):
    """A room proposed or kept for one person; the database gives a single room to one household only."""

    OPEN = {
        "id", "allocation", "outbreak", "room", "site", "state", "party", "single_room", "proposed_at", "due_at",
        "decided_at", "decided_by", "ended_at", "source_key",
    }  # fmt: skip
    PERSONAL = {"person", "order", "reasons", "change_reason", "instead_of"}

    allocation = models.ForeignKey(RoomAllocation, null=True, on_delete=models.PROTECT, related_name="placements")
    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="room_placements")
    person = models.ForeignKey("records.Person", on_delete=models.PROTECT, related_name="room_placements")
    order = models.ForeignKey("records.IsolationOrder", null=True, on_delete=models.PROTECT, related_name="placements")
    room = models.ForeignKey("records.IsolationRoom", on_delete=models.PROTECT, related_name="placements")
    site = models.ForeignKey("records.IsolationSite", on_delete=models.PROTECT, related_name="placements")
    state = models.CharField(max_length=10, choices=PlacementState.choices(), default=PlacementState.PROPOSED)
    # As in the ledger: who may share a single room.
    party = models.BigIntegerField()
    single_room = models.BooleanField(default=True)
    reasons = models.JSONField(default=list)  # why this room: rule by rule
    change_reason = models.CharField(max_length=300, blank=True)
    instead_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    proposed_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="placement_one_open_per_person", fields=["person"], condition=Q(state__in=OPEN_PLACEMENTS)
            ),
            ExclusionConstraint(
                name="placement_one_household_per_single_room",
                expressions=[("room", RangeOperators.EQUAL), ("party", RangeOperators.NOT_EQUAL)],
                condition=Q(single_room=True, state__in=OPEN_PLACEMENTS),
            ),
            models.CheckConstraint(
                name="placement_accepted_by_somebody",
                condition=~Q(state=str(PlacementState.ACCEPTED))
                | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["site", "state"], name="placement_of_site")]
