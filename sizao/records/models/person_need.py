from django.db import models
from django.db.models import F, Q

from sizao.terms import NeedKind


class PersonNeed(models.Model):
    """What a person needs wherever they are, as long as it lasts."""

    OPEN = {"id", "recorded_at", "recorded_by", "ended_at", "source_key"}
    PERSONAL = {"person", "kind", "since_date", "until_date", "detail"}

    person = models.ForeignKey("records.Person", on_delete=models.PROTECT, related_name="needs")
    kind = models.CharField(max_length=20, choices=NeedKind.choices())
    since_date = models.DateField(null=True)
    until_date = models.DateField(null=True)
    detail = models.CharField(max_length=200, blank=True)  # three times a week, at which hospital
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    ended_at = models.DateTimeField(null=True)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="need_once_at_a_time", fields=["person", "kind"], condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="need_ends_after_it_starts",
                condition=Q(until_date__isnull=True) | Q(since_date__isnull=True) | Q(since_date__lte=F("until_date")),
            ),
        ]
        indexes = [models.Index(fields=["person", "ended_at"], name="need_of_person")]
