"""Inside a zone: what households ask for, who served them, its gates, permits, and who went through."""

from django.db import models
from django.db.models import Q

from sizao.records.secrecy import SealedField
from sizao.terms import PassOutcome, PassReason, PassWay, ZoneChannel, ZoneOutcome, ZoneRequestKind


class ZoneGate(models.Model):
    """A way in and out of a zone, while it is manned."""

    OPEN = {
        "id", "zone", "name", "latitude", "longitude", "hours", "opened_at", "opened_by", "closed_at", "source_key",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    zone = models.ForeignKey("records.Zone", on_delete=models.PROTECT, related_name="gates")
    name = models.CharField(max_length=100)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    hours = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=150)
    closed_at = models.DateTimeField(null=True)
    source_key = models.CharField(max_length=200, unique=True)


class ZoneRequest(models.Model):
    """
    Something that a household inside a zone asked for, and what became of it: care first of all.

    What was brought without being asked for is a request that is served at once, so that a household's supplies are one
    list. The database itself keeps anybody from refusing a request for care.
    """

    OPEN = {
        "id", "zone", "area_code", "channel", "asked_at", "recorded_at", "asked_by", "due_at", "done_at", "done_by",
        "outcome", "reason", "source_key",
    }  # fmt: skip
    PERSONAL = {"household", "person", "kind", "what", "need"}

    zone = models.ForeignKey("records.Zone", on_delete=models.PROTECT, related_name="requests")
    area_code = models.CharField(max_length=12)
    household = models.ForeignKey("records.Household", null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("records.Person", null=True, on_delete=models.PROTECT, related_name="+")
    need = models.ForeignKey("records.PersonNeed", null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=ZoneRequestKind.choices())
    channel = models.CharField(max_length=6, choices=ZoneChannel.choices(), default=ZoneChannel.PHONE)
    what = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    asked_by = models.CharField(max_length=150)
    due_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=150, blank=True)
    outcome = models.CharField(max_length=10, blank=True, choices=ZoneOutcome.choices())
    reason = models.CharField(max_length=200, blank=True)  # why it was refused
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["zone", "done_at"], name="zone_request_open"),
            # The goods that a household was brought last.
            models.Index(fields=["household", "kind", "-done_at"], name="zone_request_of_home"),
        ]
        constraints = [
            models.CheckConstraint(
                name="zone_care_is_never_refused", condition=~Q(kind=ZoneRequestKind.CARE, outcome=ZoneOutcome.REFUSED)
            ),
            models.CheckConstraint(
                name="zone_request_refused_with_reason", condition=~Q(outcome=ZoneOutcome.REFUSED) | ~Q(reason="")
            ),
            models.CheckConstraint(
                name="zone_request_done_whole",
                condition=Q(done_at__isnull=True, outcome__in=["", ZoneOutcome.NOBODY])
                | Q(done_at__isnull=False, outcome__in=[ZoneOutcome.SERVED, ZoneOutcome.REFUSED]),
            ),
        ]


class ZoneServing(models.Model):
    """
    What somebody did about one request, as their phone sent it; never changed, and sending it again changes nothing.

    What became of the request follows from all of these, in whatever order they came.
    """

    OPEN = {
        "id", "request", "outcome", "happened_at", "recorded_at", "recorded_by", "clock_off_seconds", "reason",
        "source_key",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    request = models.ForeignKey(ZoneRequest, on_delete=models.PROTECT, related_name="servings")
    outcome = models.CharField(max_length=10, choices=ZoneOutcome.choices())
    reason = models.CharField(max_length=200, blank=True)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    clock_off_seconds = models.IntegerField(null=True)  # how far the phone's clock was ahead, where it was
    source_key = models.CharField(max_length=200, unique=True)


class ZonePermit(models.Model):
    """Leave for somebody to go through the gates of a zone for a time and a purpose, given by a named officer."""

    OPEN = {"id", "zone", "reason", "starts_at", "until_at", "issued_at", "issued_by", "ended_at", "source_key"}
    PERSONAL = {"person", "bearer"}

    zone = models.ForeignKey("records.Zone", on_delete=models.PROTECT, related_name="permits")
    person = models.ForeignKey("records.Person", null=True, on_delete=models.PROTECT, related_name="+")
    bearer = SealedField(null=True)  # who or which vehicle, where the register does not know them
    reason = models.CharField(max_length=10, choices=PassReason.choices())
    starts_at = models.DateTimeField()
    until_at = models.DateTimeField()
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey("records.Account", on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="zone_permit_ends_later", condition=Q(until_at__gt=models.F("starts_at"))),
        ]


class ZonePassage(models.Model):
    """
    Somebody at a gate: who, which way, why, when, on whose permit, and whether they were let through.

    The database itself keeps anybody from recording that a way out to medical care was refused.
    """

    OPEN = {
        "id", "zone", "gate", "way", "reason", "outcome", "permit", "lacks_permit", "happened_at", "recorded_at",
        "recorded_by", "clock_off_seconds", "source_key",
    }  # fmt: skip
    PERSONAL = {"person", "bearer", "note"}

    zone = models.ForeignKey("records.Zone", on_delete=models.PROTECT, related_name="passages")
    gate = models.ForeignKey(ZoneGate, on_delete=models.PROTECT, related_name="passages")
    way = models.CharField(max_length=3, choices=PassWay.choices())
    reason = models.CharField(max_length=10, choices=PassReason.choices())
    outcome = models.CharField(max_length=8, choices=PassOutcome.choices())
    person = models.ForeignKey("records.Person", null=True, on_delete=models.PROTECT, related_name="+")
    bearer = SealedField(null=True)
    note = SealedField(null=True)
    permit = models.ForeignKey(ZonePermit, null=True, on_delete=models.PROTECT, related_name="passages")
    lacks_permit = models.BooleanField(default=False)  # let out for no care, and no permit that held
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    clock_off_seconds = models.IntegerField(null=True)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        indexes = [models.Index(fields=["zone", "-happened_at"], name="zone_passage_latest")]
        constraints = [
            models.CheckConstraint(
                name="zone_way_to_care_is_never_refused",
                condition=~Q(way=PassWay.OUT, reason=PassReason.MEDICAL, outcome=PassOutcome.REFUSED),
            ),
        ]
