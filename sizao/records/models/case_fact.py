from django.db import models

from sizao.terms import CaseFactKind


class CaseFact(models.Model):
    """
    What happened to a case besides its classification: discharged, died, severe, counted elsewhere.

    Somebody entered it in their name. `happened_at` is when it was so, `recorded_at` when it became known here.
    """

    OPEN = {
        "id",
        "case",
        "kind",
        "was_area_code",
        "area_code",
        "recorded_at",
        "by",
        "reason",
        "withdrawn_at",
        "withdrawn_by",
    }
    PERSONAL = {"happened_at"}

    case = models.ForeignKey("records.Case", on_delete=models.CASCADE, related_name="facts")
    kind = models.CharField(max_length=12, choices=CaseFactKind.choices())
    happened_at = models.DateTimeField()
    was_area_code = models.CharField(max_length=12, blank=True)  # of a move: where it was counted before
    area_code = models.CharField(max_length=12)  # where it is counted from then on
    recorded_at = models.DateTimeField()
    by = models.CharField(max_length=150)
    reason = models.CharField(max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)

    class Meta:
        indexes = [models.Index(fields=["case", "happened_at"], name="case_fact_of_case")]


class FactKeeping(models.Model):
    """
    An authority's word that it enters every outcome of its cases from a day on, so that none means zero.

    Without it the figures that rest on outcomes are not known.
    """

    OPEN = {"id", "outbreak", "area_code", "first_date", "severity_too", "by", "recorded_at", "withdrawn_at"}
    PERSONAL: set[str] = set()

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="fact_keepings")
    area_code = models.CharField(max_length=12)
    first_date = models.DateField()
    severity_too = models.BooleanField(default=False)  # whether severe and eased are entered too
    by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="fact_keeping_once",
                fields=["outbreak", "area_code"],
                condition=models.Q(withdrawn_at__isnull=True),
            )
        ]
