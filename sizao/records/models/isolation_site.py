"""Isolation sites, the checks that allow their use, and their rooms."""

from django.db import models
from django.db.models import Q

from sizao.terms import SiteState


class IsolationSite(models.Model):
    """A place that can take people for isolation: in reserve, ready, in use or closed."""

    OPEN = {
        "id", "place", "area_code", "state", "phone", "in_closed_loop", "is_generated", "registered_at",
        "registered_by", "opened_at", "closed_at", "note", "source", "source_key",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    place = models.OneToOneField("records.Place", on_delete=models.PROTECT, related_name="isolation_site")
    area_code = models.CharField(max_length=12, db_index=True)
    state = models.CharField(max_length=10, choices=SiteState.choices(), default=SiteState.RESERVE)
    phone = models.CharField(max_length=40, blank=True)  # of the office, never of a person
    in_closed_loop = models.BooleanField(default=True)
    is_generated = models.BooleanField(default=False)  # capacity made up, no published figure
    registered_at = models.DateTimeField()
    registered_by = models.CharField(max_length=150)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=200, blank=True)
    source_key = models.CharField(max_length=200, unique=True)


class SiteCheck(models.Model):
    """One inspection of a site, item by item, signed by who did it; never changed afterwards."""

    OPEN = {
        "id", "site", "checked_at", "recorded_at", "checked_by", "signed_as", "items", "passed", "basis", "note",
        "source_key",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    site = models.ForeignKey(IsolationSite, on_delete=models.PROTECT, related_name="checks")
    checked_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    checked_by = models.ForeignKey("records.Account", on_delete=models.PROTECT, related_name="+")
    signed_as = models.CharField(max_length=60)  # the name typed as signature
    items = models.JSONField()  # item → {"mark": …, "note": …}
    passed = models.BooleanField()
    basis = models.JSONField(default=list)
    note = models.CharField(max_length=300, blank=True)
    source_key = models.CharField(max_length=200, unique=True)


class SitePhoto(models.Model):
    """A photograph of a check, without what the camera wrote into it."""

    OPEN = {"id", "check_made", "item", "image", "media_type", "sha256", "added_at"}
    PERSONAL: set[str] = set()

    check_made = models.ForeignKey(SiteCheck, on_delete=models.PROTECT, related_name="photos")
    item = models.CharField(max_length=20, blank=True)
    image = models.BinaryField()
    media_type = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField()


class IsolationRoom(models.Model):
    """A room of a site: where it lies, who can be in it. Who is in it stands in the location ledger."""

    OPEN = {
        "id", "site", "place", "building", "floor", "number", "position", "opposite", "beds", "is_accessible",
        "is_family", "has_carer_bed", "out_of_service_reason", "disinfected_at", "is_generated", "source_key",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    site = models.ForeignKey(IsolationSite, on_delete=models.PROTECT, related_name="rooms")
    place = models.OneToOneField("records.Place", on_delete=models.PROTECT, related_name="isolation_room")
    building = models.CharField(max_length=20, blank=True)
    floor = models.SmallIntegerField(default=1)
    number = models.CharField(max_length=20)
    position = models.SmallIntegerField(null=True)  # along its side of the corridor, from 1
    opposite = models.BooleanField(default=False)  # on the other side of the corridor
    beds = models.PositiveSmallIntegerField(default=1)
    is_accessible = models.BooleanField(default=False)
    is_family = models.BooleanField(default=False)
    has_carer_bed = models.BooleanField(default=False)
    out_of_service_reason = models.CharField(max_length=200, blank=True)
    disinfected_at = models.DateTimeField(null=True)
    is_generated = models.BooleanField(default=False)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="room_number_once", fields=["site", "building", "number"]),
            models.CheckConstraint(name="room_has_a_bed", condition=Q(beds__gte=1)),
        ]
