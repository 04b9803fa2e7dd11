from django.db import models

from sizao.terms import AlertState


class Alert(models.Model):
    """More than expected in one area, told by one or several streams, with a clock and a person who answers for it."""

    OPEN = {
        "id",
        "outbreak",
        "area_code",
        "rule",
        "state",
        "first_date",
        "last_date",
        "score",
        "p_value",
        "reasons",
        "basis",
        "opened_at",
        "due_at",
        "answered_at",
        "settled_at",
        "settled_by",
        "note",
        "merged_into",
        "signal",
        "source_key",
    }
    PERSONAL: set[str] = set()

    # The outbreak that a replay or drill rehearses, or the one that a confirmed alert was escalated into.
    outbreak = models.ForeignKey("records.Outbreak", null=True, on_delete=models.PROTECT, related_name="alerts")
    area_code = models.CharField(max_length=12)
    rule = models.CharField(max_length=60)  # the key of the trigger rule in its annex
    state = models.CharField(max_length=10, choices=AlertState.choices(), default=AlertState.OPEN)
    first_date = models.DateField()  # the days that the story covers
    last_date = models.DateField()
    score = models.FloatField()  # by which alerts are ranked; larger is more urgent
    p_value = models.FloatField(null=True)  # combined over the streams
    reasons = models.JSONField(default=list)  # one entry a stream and day: what was counted, what was expected
    basis = models.JSONField(default=list)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)  # when somebody first took it up
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT)
    note = models.CharField(max_length=300, blank=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged")
    signal = models.ForeignKey("records.Signal", null=True, on_delete=models.PROTECT, related_name="alerts")
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["outbreak", "area_code", "id"],
                name="alert_area",
                opclasses=["int8_ops", "varchar_pattern_ops", "int8_ops"],
            ),
            models.Index(fields=["opened_at", "id"], name="alert_opened"),
        ]


class AlertChange(models.Model):
    """One move or growth of an alert, so that a past day shows it as it stood."""

    OPEN = {"id", "alert", "state", "last_date", "score", "reasons", "note", "at", "by", "source_key"}
    PERSONAL: set[str] = set()

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="changes")
    state = models.CharField(max_length=10, choices=AlertState.choices())
    last_date = models.DateField()
    score = models.FloatField()
    reasons = models.JSONField(default=list)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        indexes = [models.Index(fields=["alert", "-at"], name="alert_change_latest")]
