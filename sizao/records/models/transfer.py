"""Closed transport of people: vehicles and crews, requests, trips, and each timed act of a crew."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from sizao.records.secrecy import SealedField
from sizao.terms import (
    NeedKind,
    NotBoarded,
    Symptom,
    TransferKind,
    TransferOddityKind,
    TransferState,
    TransferVehicleKind,
    TripActKind,
    TripState,
    VehicleState,
)

OPEN_TRANSFERS = tuple(
    str(state) for state in (TransferState.ASKED, TransferState.APPROVED, TransferState.PLANNED, TransferState.ON_WAY)
)


class TransferVehicle(models.Model):
    """A vehicle for closed transport; who is in it stands in the location ledger, at its place."""

    OPEN = {
        "id", "place", "plate", "kind", "area_code", "state", "negative_pressure", "cab_separated", "seats",
        "stretcher_places", "wheelchair_places", "disinfected_at", "out_of_service_reason", "is_generated",
        "registered_at", "source_key",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    place = models.OneToOneField("records.Place", on_delete=models.PROTECT, related_name="transfer_vehicle")
    plate = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=20, choices=TransferVehicleKind.choices())
    area_code = models.CharField(max_length=12, db_index=True)
    state = models.CharField(max_length=15, choices=VehicleState.choices(), default=VehicleState.FREE)
    negative_pressure = models.BooleanField(default=False)
    cab_separated = models.BooleanField(default=False)
    seats = models.PositiveSmallIntegerField()
    stretcher_places = models.PositiveSmallIntegerField(default=0)
    wheelchair_places = models.PositiveSmallIntegerField(default=0)
    disinfected_at = models.DateTimeField(null=True)
    out_of_service_reason = models.CharField(max_length=200, blank=True)
    is_generated = models.BooleanField(default=False)
    registered_at = models.DateTimeField()
    source_key = models.CharField(max_length=200, unique=True)


class CrewShift(models.Model):
    """Who is with a vehicle, from when to when."""

    OPEN = {"id", "vehicle", "starts_at", "ends_at", "driver", "recorded_at", "recorded_by", "source_key"}
    PERSONAL = {"crew"}

    vehicle = models.ForeignKey(TransferVehicle, on_delete=models.PROTECT, related_name="shifts")
    driver = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="crew_shifts")
    crew = SealedField(null=True)  # names of who goes along
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="shift_ends_after_it_starts", condition=Q(starts_at__lt=F("ends_at"))),
            ExclusionConstraint(
                name="shift_one_per_vehicle",
                expressions=[
                    ("vehicle", RangeOperators.EQUAL),
                    (
                        Func(
                            "starts_at", "ends_at", Value("[)"), function="tstzrange", output_field=DateTimeRangeField()
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]


class TransferRequest(models.Model):
    """Somebody has to be taken from where they are to another place, by a moment, in a vehicle that fits."""

    OPEN = {
        "id", "outbreak", "number", "kind", "state", "area_code", "to_place", "to_area_code", "party", "asked_at",
        "asked_by", "due_at", "basis", "approved_at", "approved_by", "refused_at", "refused_by", "ended_at",
        "source_key",
    }  # fmt: skip
    PERSONAL = {"person", "from_place", "from_area_code", "needs", "placement", "order", "reason", "refuse_reason"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="transfers")
    number = models.CharField(max_length=30, unique=True)
    person = models.ForeignKey("records.Person", on_delete=models.PROTECT, related_name="transfers")
    party = models.BigIntegerField()  # as in the ledger: who may share a vehicle
    kind = models.CharField(max_length=10, choices=TransferKind.choices())
    state = models.CharField(max_length=10, choices=TransferState.choices(), default=TransferState.ASKED)
    area_code = models.CharField(max_length=12, db_index=True)  # of the dispatcher who answers for it
    from_place = models.ForeignKey("records.Place", null=True, on_delete=models.PROTECT, related_name="+")
    from_area_code = models.CharField(max_length=12)
    to_place = models.ForeignKey("records.Place", null=True, on_delete=models.PROTECT, related_name="+")  # null: home
    to_area_code = models.CharField(max_length=12)
    needs = ArrayField(models.CharField(max_length=20, choices=NeedKind.choices()), default=list)
    placement = models.ForeignKey(
        "records.RoomPlacement", null=True, on_delete=models.PROTECT, related_name="transfers"
    )
    order = models.ForeignKey("records.IsolationOrder", null=True, on_delete=models.PROTECT, related_name="transfers")
    reason = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=150)
    due_at = models.DateTimeField(null=True)
    basis = models.JSONField(default=list)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="+")
    refused_at = models.DateTimeField(null=True)
    refused_by = models.CharField(max_length=150, blank=True)
    refuse_reason = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="transfer_one_open_per_person", fields=["person"], condition=Q(state__in=OPEN_TRANSFERS)
            ),
            models.CheckConstraint(
                name="transfer_approved_by_somebody",
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["outbreak", "state", "due_at"], name="transfer_due")]


class TransferTrip(models.Model):
    """One trip of a vehicle: out, along its doors, to where its people go, and disinfected at the end."""

    OPEN = {
        "id", "outbreak", "vehicle", "shift", "state", "area_code", "planned_start_at", "planned_end_at", "made_at",
        "made_by", "set_out_at", "disinfected_at", "returned_at", "cancelled_at", "cancel_reason", "overrule_reason",
        "source_key",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="trips")
    vehicle = models.ForeignKey(TransferVehicle, on_delete=models.PROTECT, related_name="trips")
    shift = models.ForeignKey(CrewShift, null=True, on_delete=models.PROTECT, related_name="trips")
    state = models.CharField(max_length=15, choices=TripState.choices(), default=TripState.PLANNED)
    area_code = models.CharField(max_length=12)
    planned_start_at = models.DateTimeField()
    planned_end_at = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("records.Account", on_delete=models.PROTECT, related_name="+")
    set_out_at = models.DateTimeField(null=True)
    disinfected_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=200, blank=True)
    overrule_reason = models.CharField(max_length=200, blank=True)  # why a vehicle the edition does not prefer
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        # Two trips may be said to be under way: a phone tells later what was done, and nothing of it is lost.
        indexes = [models.Index(fields=["vehicle", "planned_start_at"], name="trip_of_vehicle")]


class TransferLeg(models.Model):
    """One person of a trip: at which door, to which place, planned when, and what became of it."""

    OPEN = {
        "id", "trip", "request", "rank", "planned_pick_up_at", "planned_arrival_at", "at_door_at", "taken_off_at",
        "ended_at",
    }  # fmt: skip
    PERSONAL = {
        "boarded_at", "not_boarded_at", "not_boarded_reason", "arrived_at", "handed_over_at", "receiver", "reason",
    }  # fmt: skip

    trip = models.ForeignKey(TransferTrip, on_delete=models.PROTECT, related_name="legs")
    request = models.ForeignKey(TransferRequest, on_delete=models.PROTECT, related_name="legs")
    rank = models.PositiveSmallIntegerField()
    planned_pick_up_at = models.DateTimeField()
    planned_arrival_at = models.DateTimeField()
    at_door_at = models.DateTimeField(null=True)
    boarded_at = models.DateTimeField(null=True)
    not_boarded_at = models.DateTimeField(null=True)
    not_boarded_reason = models.CharField(max_length=15, blank=True, choices=NotBoarded.choices())
    arrived_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    receiver = models.CharField(max_length=60, blank=True)
    taken_off_at = models.DateTimeField(null=True)  # by a dispatcher
    reason = models.CharField(max_length=300, blank=True)  # why they were put on this trip by hand, or taken off it
    ended_at = models.DateTimeField(null=True)  # arrived, not boarded, or taken off the trip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                # Somebody taken off one trip and put on another may turn out to have boarded the first.
                name="leg_one_open_per_request",
                fields=["request"],
                condition=Q(ended_at__isnull=True, taken_off_at__isnull=True),
            ),
        ]


class TripAct(models.Model):
    """One timed act of a crew, as their phone sent it; never changed, and sending it again changes nothing."""

    OPEN = {"id", "trip", "kind", "happened_at", "recorded_at", "recorded_by", "source_key"}
    PERSONAL = {"leg", "identity_checked", "temperature_c", "symptoms", "reason", "receiver", "note"}

    trip = models.ForeignKey(TransferTrip, on_delete=models.PROTECT, related_name="acts")
    leg = models.ForeignKey(TransferLeg, null=True, on_delete=models.PROTECT, related_name="acts")
    kind = models.CharField(max_length=12, choices=TripActKind.choices())
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    identity_checked = models.BooleanField(null=True)
    temperature_c = models.FloatField(null=True)
    symptoms = ArrayField(models.CharField(max_length=15, choices=Symptom.choices()), null=True)  # null: not asked
    reason = models.CharField(max_length=15, blank=True, choices=NotBoarded.choices())
    receiver = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=200, blank=True)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        indexes = [models.Index(fields=["trip", "happened_at"], name="trip_act_of_trip")]


class TransferPlan(models.Model):
    """Trips proposed for a shift: a dispatcher looked at them, and accepted them or not."""

    OPEN = {
        "id", "outbreak", "area_code", "made_at", "made_by", "starts_at", "ends_at", "n_requests", "n_vehicles",
        "accepted_at", "accepted_by",
    }  # fmt: skip
    PERSONAL = {"result"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="transfer_plans")
    area_code = models.CharField(max_length=12)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("records.Account", on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    n_requests = models.PositiveIntegerField()
    n_vehicles = models.PositiveIntegerField()
    result = models.JSONField()  # trips, lateness, who is not served and why, what one more vehicle would save
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="+")


class TransferOddity(models.Model):
    """What a crew told and does not agree with what is known; a person settles it, or what comes later does."""

    OPEN = {
        "id", "outbreak", "trip", "kind", "area_code", "recorded_at", "recorded_by", "settled_at", "settled_by",
        "source_key",
    }  # fmt: skip
    PERSONAL = {"leg", "facts", "outcome", "sent"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="transfer_oddities")
    trip = models.ForeignKey(TransferTrip, null=True, on_delete=models.PROTECT, related_name="oddities")
    leg = models.ForeignKey(TransferLeg, null=True, on_delete=models.PROTECT, related_name="oddities")
    kind = models.CharField(max_length=20, choices=TransferOddityKind.choices())
    area_code = models.CharField(max_length=12, db_index=True)
    facts = models.JSONField(default=dict)
    sent = SealedField(null=True)  # all that the phone said, where nothing could be recorded of it
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=150, blank=True)
    outcome = models.CharField(max_length=300, blank=True)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        indexes = [models.Index(fields=["outbreak", "settled_at"], name="transfer_oddity_waiting")]
