from django.db import models


class DailyReport(models.Model):
    """
    The figures of one area for one day, counted from rows. Zero is a statement somebody made.

    `figures` maps each figure's code to a number, or to NULL where it is not known.
    """

    OPEN = {
        "id",
        "outbreak",
        "area_code",
        "date",
        "figures",
        "is_zero",
        "drafted_at",
        "submitted_at",
        "submitted_by",
        "source_key",
    }
    PERSONAL: set[str] = set()

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="daily_reports")
    area_code = models.CharField(max_length=12)
    date = models.DateField()
    figures = models.JSONField()
    is_zero = models.BooleanField()
    drafted_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="daily_report_once", fields=["outbreak", "area_code", "date"])]
