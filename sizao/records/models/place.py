from django.db import models

from sizao.terms import PlaceKind


class Place(models.Model):
    """A venue, home, site, room or vehicle that visits, stays and zones point to."""

    OPEN = {
        "id",
        "kind",
        "name",
        "area_code",
        "latitude",
        "longitude",
        "parent",
        "single_household",
        "capacity",
        "source_key",
    }
    PERSONAL: set[str] = set()

    kind = models.CharField(max_length=20, choices=PlaceKind.choices())
    name = models.CharField(max_length=200)
    area_code = models.CharField(max_length=12, db_index=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="rooms")
    single_household = models.BooleanField(default=False)  # one household at a time, held by the database
    capacity = models.PositiveIntegerField(null=True)  # people at a time, held by the database; null: not limited
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="place_on_earth",
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
            ),
        ]


class UnmatchedPlace(models.Model):
    """A place as somebody wrote it that no register entry answers to; a person matches it."""

    OPEN = {
        "id",
        "outbreak",
        "text",
        "area_code",
        "kind",
        "mentions",
        "noted_at",
        "place",
        "matched_at",
        "matched_by",
    }
    PERSONAL: set[str] = set()

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.CASCADE, related_name="unmatched_places")
    text = models.CharField(max_length=200)
    area_code = models.CharField(max_length=12, blank=True)  # where it was mentioned, as far as known
    kind = models.CharField(max_length=20, choices=PlaceKind.choices())
    mentions = models.PositiveIntegerField(default=0)
    noted_at = models.DateTimeField()
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT)
    matched_at = models.DateTimeField(null=True)
    matched_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="unmatched_place_once", fields=["outbreak", "text", "area_code"]),
            models.CheckConstraint(
                name="unmatched_place_matched_whole",
                condition=models.Q(place__isnull=True, matched_at__isnull=True, matched_by__isnull=True)
                | models.Q(place__isnull=False, matched_at__isnull=False, matched_by__isnull=False),
            ),
        ]
