from django.db import models
from django.db.models import Q

from sizao.records.secrecy import SealedField
from sizao.terms import ComplaintChannel, ComplaintKind, ComplaintState


class Complaint(models.Model):
    """What a resident says went wrong, with or without their name, and the answer they are owed by a moment."""

    OPEN = {
        "id", "number", "area_code", "kind", "channel", "state", "received_at", "received_by", "due_at", "basis",
        "answered_at", "answered_by", "finding", "objection", "raised_at", "raised_to", "source_key",
    }  # fmt: skip
    PERSONAL = {"text", "name", "phone", "answer"}

    number = models.CharField(max_length=30, unique=True)
    area_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=12, choices=ComplaintKind.choices())
    channel = models.CharField(max_length=10, choices=ComplaintChannel.choices())
    state = models.CharField(max_length=10, choices=ComplaintState.choices(), default=ComplaintState.RECEIVED)
    text = SealedField()
    name = SealedField(null=True)  # null: not given
    phone = SealedField(null=True)
    received_at = models.DateTimeField()
    received_by = models.CharField(max_length=150)
    due_at = models.DateTimeField()
    basis = models.JSONField(default=list)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="+")
    answer = SealedField(null=True)
    finding = models.ForeignKey("records.Finding", null=True, on_delete=models.PROTECT, related_name="complaints")
    objection = models.ForeignKey("records.Objection", null=True, on_delete=models.PROTECT, related_name="complaints")
    raised_at = models.DateTimeField(null=True)  # not answered in time: the area above sees it as its own
    raised_to = models.CharField(max_length=12, blank=True)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="complaint_answered_whole",
                condition=Q(answered_at__isnull=True, answered_by__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["area_code", "received_at"],
                name="complaint_of_area",
                opclasses=["varchar_pattern_ops", "timestamptz_ops"],
            ),
            models.Index(fields=["due_at"], name="complaint_due", condition=Q(answered_at__isnull=True)),
        ]
