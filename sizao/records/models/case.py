from django.db import models

from sizao.terms import CaseStatus, Severity


class CaseQuerySet(models.QuerySet):
    def within(self, code: str):
        return self.filter(area_code__startswith=code)

    def standing(self):
        return self.exclude(status=CaseStatus.DISCARDED)

    def known_at(self, at):
        return self.filter(opened_at__lte=at)


class Case(models.Model):
    """A person's episode under the case definition in one outbreak."""

    OPEN = {
        "id",
        "outbreak",
        "number",
        "status",
        "area_code",
        "opened_at",
        "found_by",
        "investigated_at",
        "unread_spans",
    }
    PERSONAL = {"person", "severity", "onset_date", "first_positive_date", "unread"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="cases")
    person = models.ForeignKey("records.Person", on_delete=models.PROTECT, related_name="cases")
    number = models.CharField(max_length=40)
    status = models.CharField(max_length=15, choices=CaseStatus.choices())
    severity = models.CharField(max_length=10, null=True, choices=Severity.choices())  # noqa: DJ001
    area_code = models.CharField(max_length=12)
    onset_date = models.DateField(null=True)  # unknown, or without symptoms
    first_positive_date = models.DateField(null=True)
    found_by = models.CharField(max_length=20, blank=True)  # screening, contact, fever clinic …
    opened_at = models.DateTimeField()
    investigated_at = models.DateTimeField(null=True)  # when the trajectory became known
    unread = models.JSONField(default=list)  # text of the report that no event was read from
    unread_spans = models.PositiveIntegerField(default=0)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="case_once_per_person", fields=["outbreak", "person"]),
            models.UniqueConstraint(name="case_number_once", fields=["outbreak", "number"]),
            models.CheckConstraint(
                name="case_status_is_a_word",
                condition=models.Q(status__in=[str(word) for word in CaseStatus]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["outbreak", "area_code", "id"],
                name="case_area",
                opclasses=["int8_ops", "varchar_pattern_ops", "int8_ops"],
            ),
            models.Index(fields=["outbreak", "opened_at", "id"], name="case_opened"),  # pages, newest first
        ]


class CaseChange(models.Model):
    """One move of a case through its lifecycle, with the definition it followed."""

    OPEN = {"id", "case", "status", "at", "by", "basis", "source_key"}
    PERSONAL: set[str] = set()

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="changes")
    status = models.CharField(max_length=15, choices=CaseStatus.choices())
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    basis = models.JSONField(default=list)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        indexes = [models.Index(fields=["case", "-at"], name="case_change_latest")]
