from django.db import models
from django.db.models import Q

from sizao.terms import RewardState


class Reward(models.Model):
    """A lead that proved true, and whether it is rewarded. Who gave it stands with the lead, never here."""

    OPEN = {
        "id", "number", "signal", "complaint", "area_code", "state", "evidence", "proposed_at", "decided_at",
        "decided_by", "reason", "yuan", "source_key",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    number = models.CharField(max_length=30, unique=True)
    signal = models.ForeignKey("records.Signal", null=True, on_delete=models.PROTECT, related_name="rewards")
    complaint = models.ForeignKey("records.Complaint", null=True, on_delete=models.PROTECT, related_name="rewards")
    area_code = models.CharField(max_length=12, db_index=True)
    state = models.CharField(max_length=10, choices=RewardState.choices(), default=RewardState.PROPOSED)
    evidence = models.JSONField(default=dict)  # what showed that the lead was true: numbers of records
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    yuan = models.PositiveIntegerField(null=True)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="reward_decided_whole",
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
        ]
