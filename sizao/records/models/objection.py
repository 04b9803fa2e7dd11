from django.db import models
from django.db.models import Q

from sizao.records.secrecy import SealedField
from sizao.terms import ObjectionAbout, ObjectionChannel, ObjectionDecision, ObjectionState


class Objection(models.Model):
    """What a person says against a measure, and what somebody other than who ordered it decided, within its time."""

    OPEN = {
        "id", "outbreak", "number", "about", "subject_id", "area_code", "state", "channel", "received_at",
        "received_by", "due_at", "basis", "decided_at", "decided_by", "decision", "source_key",
    }  # fmt: skip
    PERSONAL = {"person", "text", "decision_reason"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="objections")
    number = models.CharField(max_length=30, unique=True)
    about = models.CharField(max_length=10, choices=ObjectionAbout.choices())
    subject_id = models.BigIntegerField()
    area_code = models.CharField(max_length=12, db_index=True)
    person = models.ForeignKey("records.Person", null=True, on_delete=models.PROTECT, related_name="objections")
    text = SealedField()
    state = models.CharField(max_length=10, choices=ObjectionState.choices(), default=ObjectionState.RECEIVED)
    channel = models.CharField(max_length=10, choices=ObjectionChannel.choices())
    received_at = models.DateTimeField()
    received_by = models.CharField(max_length=150)
    due_at = models.DateTimeField()
    basis = models.JSONField(default=list)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=12, blank=True, choices=ObjectionDecision.choices())
    decision_reason = SealedField(null=True)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="objection_decided_whole",
                condition=Q(decided_at__isnull=True, decision="") | (Q(decided_at__isnull=False) & ~Q(decision="")),
            ),
        ]
        indexes = [models.Index(fields=["about", "subject_id"], name="objection_to")]
