from django.db import models

from sizao.terms import SignalKind, SignalState


class Signal(models.Model):
    """Everything learnt enters here first, unverified, under a key that makes sending it twice harmless."""

    OPEN = {
        "id",
        "outbreak",
        "kind",
        "state",
        "area_code",
        "occurred_at",
        "received_at",
        "settled_at",
        "settled_by",
        "reason",
        "source",
        "source_key",
    }
    PERSONAL = {"person", "facts"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="signals")
    kind = models.CharField(max_length=20, choices=SignalKind.choices())
    state = models.CharField(max_length=10, choices=SignalState.choices(), default=SignalState.NEW)
    person = models.ForeignKey("records.Person", null=True, on_delete=models.PROTECT, related_name="signals")
    area_code = models.CharField(max_length=12, db_index=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(db_index=True)
    facts = models.JSONField(default=dict)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT)
    reason = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=300)
    source_key = models.CharField(max_length=200, unique=True)
