from django.contrib.postgres.fields import ArrayField
from django.db import models

from sizao.terms import ZoneAct, ZoneLevel, ZoneMeasure, ZoneState, ZoneUnit


class Zone(models.Model):
    """An area with a grade for a time: proposed by rule, decided by a named body."""

    OPEN = {
        "id", "outbreak", "area_code", "name", "unit", "level", "state", "reasons", "basis", "proposed_at",
        "since_date", "may_lift_date", "approved_at", "approved_by", "published_at", "published_by", "lifted_at",
        "lifted_by", "declined_at", "decline_reason", "place", "boundary", "proposed_by", "legal_basis", "measures",
        "expected_until", "population", "alternatives", "text_zh", "text_en", "version", "source_key",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="zones")
    area_code = models.CharField(max_length=12)
    name = models.CharField(max_length=200)
    unit = models.CharField(max_length=10, choices=ZoneUnit.choices())
    level = models.CharField(max_length=10, choices=ZoneLevel.choices())
    state = models.CharField(max_length=10, choices=ZoneState.choices())
    reasons = models.JSONField(default=list)
    basis = models.JSONField(default=list)
    proposed_at = models.DateTimeField()
    since_date = models.DateField()
    may_lift_date = models.DateField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="+")
    declined_at = models.DateTimeField(null=True)
    decline_reason = models.CharField(max_length=300, blank=True)
    # A part of the area that has no code of its own: a compound, building, stairwell, floor or household.
    place = models.ForeignKey("records.Place", null=True, on_delete=models.PROTECT, related_name="zones")
    boundary = models.JSONField(null=True)  # GeoJSON geometry, where drawn
    proposed_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="+")
    legal_basis = models.CharField(max_length=300, blank=True)
    measures = ArrayField(models.CharField(max_length=20, choices=ZoneMeasure.choices()), default=list)
    expected_until = models.DateField(null=True)  # stated in the decision; past it, the next level is told
    population = models.PositiveIntegerField(null=True)  # as known when decided; null: not known
    alternatives = models.JSONField(default=list)  # what else was weighed: people touched, risk left
    text_zh = models.TextField(blank=True)
    text_en = models.TextField(blank=True)
    version = models.PositiveSmallIntegerField(default=1)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="zone_standing_once",
                fields=["outbreak", "area_code", "place"],
                nulls_distinct=False,
                # Several outlines may lie in one village; the officers see them on one map.
                condition=models.Q(lifted_at__isnull=True, declined_at__isnull=True, boundary__isnull=True),
            ),
        ]


class ZoneChange(models.Model):
    """One entry of a zone's history: what happened, its level and lifting day from then on, and why."""

    OPEN = {"id", "zone", "act", "level", "may_lift_date", "reasons", "at", "by", "version", "content", "source_key"}
    PERSONAL: set[str] = set()

    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="changes")
    act = models.CharField(max_length=10, choices=ZoneAct.choices())
    level = models.CharField(max_length=10, choices=ZoneLevel.choices())
    may_lift_date = models.DateField(null=True)
    reasons = models.JSONField(default=list)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    version = models.PositiveSmallIntegerField(default=1)
    # What the decision said from then on: measures, boundary, legal basis, expected end, text.
    content = models.JSONField(default=dict)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        indexes = [models.Index(fields=["zone", "-at"], name="zone_change_latest")]


class OfficialArea(models.Model):
    """A risk area as the authority's daily list named it, for the days on which it was listed."""

    OPEN = {"id", "outbreak", "name", "area_code", "unit", "level", "first_date", "last_date", "source", "source_key"}
    PERSONAL: set[str] = set()

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.CASCADE, related_name="official_areas")
    name = models.CharField(max_length=200)
    area_code = models.CharField(max_length=12)  # the smallest area of the tree that holds it
    unit = models.CharField(max_length=20)  # what the name denotes: compound, village, township, county …
    level = models.CharField(max_length=10, choices=ZoneLevel.choices())
    first_date = models.DateField()
    last_date = models.DateField()
    source = models.CharField(max_length=300)
    source_key = models.CharField(max_length=200, unique=True)
