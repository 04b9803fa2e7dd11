from django.db import models
from django.db.models import F, Q

from sizao.terms import EventKind, ExposureScope, PlaceKind


class Visit(models.Model):
    """
    Where a case was and what it did there, as far as the investigation says.

    Days are always known; clock times only where the report gives them. `place` is NULL while a
    place waits to be matched, and `place_text` keeps what was written.
    """

    OPEN = {"id", "outbreak", "kind", "place", "place_kind", "area_code", "recorded_at", "source_key"}
    PERSONAL = {"person", "place_text", "first_date", "last_date", "started_at", "ended_at", "transport"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="visits")
    person = models.ForeignKey("records.Person", on_delete=models.PROTECT, related_name="visits")
    kind = models.CharField(max_length=20, choices=EventKind.choices())
    place = models.ForeignKey("records.Place", null=True, on_delete=models.PROTECT, related_name="visits")
    place_text = models.CharField(max_length=200, blank=True)
    place_kind = models.CharField(max_length=20, choices=PlaceKind.choices(), blank=True)
    area_code = models.CharField(max_length=12, blank=True)
    first_date = models.DateField()
    last_date = models.DateField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    transport = models.CharField(max_length=40, blank=True)
    recorded_at = models.DateTimeField()
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="visit_days_in_order", condition=Q(first_date__lte=F("last_date"))),
            models.CheckConstraint(
                name="visit_moments_in_order",
                condition=Q(started_at__isnull=True) | Q(ended_at__isnull=True) | Q(started_at__lte=F("ended_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["person", "first_date"], name="visit_of_person"),
            models.Index(fields=["place", "first_date"], name="visit_at_place"),
        ]


class Encounter(models.Model):
    """The edge between two people: where, when, how long, and how it is known."""

    OPEN = {"id", "outbreak", "place", "found_at", "source", "source_key"}
    PERSONAL = {"index_person", "other_person", "first_date", "last_date", "minutes"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="encounters")
    index_person = models.ForeignKey("records.Person", on_delete=models.PROTECT, related_name="+")
    other_person = models.ForeignKey("records.Person", on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey("records.Place", null=True, on_delete=models.PROTECT, related_name="encounters")
    first_date = models.DateField()
    last_date = models.DateField()
    minutes = models.FloatField(null=True)  # unknown when only the day is known
    found_at = models.DateTimeField()
    source = models.CharField(max_length=40)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="encounter_of_two", condition=~Q(index_person=F("other_person"))),
            models.CheckConstraint(name="encounter_days_in_order", condition=Q(first_date__lte=F("last_date"))),
        ]


class SharedExposure(models.Model):
    """
    A place, or a place on one day, that links more cases before they fell ill than chance would.

    One row for each day on which the ranking was made, so that the picture of that day remains.
    """

    OPEN = {
        "id",
        "outbreak",
        "as_of",
        "rank",
        "place",
        "scope",
        "kind",
        "first_date",
        "last_date",
        "observed",
        "expected",
        "p_value",
        "q_value",
    }
    PERSONAL = {"people"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.CASCADE, related_name="shared_exposures")
    as_of = models.DateField()
    rank = models.PositiveIntegerField()
    place = models.ForeignKey("records.Place", on_delete=models.PROTECT)
    scope = models.CharField(max_length=10, choices=ExposureScope.choices())
    kind = models.CharField(max_length=20, choices=EventKind.choices())
    first_date = models.DateField()
    last_date = models.DateField()
    observed = models.PositiveIntegerField()
    expected = models.FloatField()
    p_value = models.FloatField()
    q_value = models.FloatField()
    people = models.JSONField(default=list)  # ids of the people who were there

    class Meta:
        constraints = [models.UniqueConstraint(name="shared_exposure_rank", fields=["outbreak", "as_of", "rank"])]
