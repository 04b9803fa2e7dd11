from django.db import models

from sizao.terms import TestMethod, TestResult


class Test(models.Model):
    """One specimen of one person and what was found; a result not yet known is NULL."""

    __test__ = False  # a noun of this field, not a test of ours

    OPEN = {"id", "outbreak", "method", "area_code", "recorded_at", "source_key"}
    PERSONAL = {"person", "taken_date", "taken_at", "result", "resulted_date"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="tests")
    person = models.ForeignKey("records.Person", on_delete=models.PROTECT, related_name="tests")
    method = models.CharField(max_length=15, choices=TestMethod.choices())
    taken_date = models.DateField()
    taken_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=10, null=True, choices=TestResult.choices())  # noqa: DJ001
    resulted_date = models.DateField(null=True)
    area_code = models.CharField(max_length=12)
    recorded_at = models.DateTimeField()
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "taken_date"], name="test_of_person"),
            models.Index(fields=["outbreak", "recorded_at"], name="test_recorded"),
        ]
