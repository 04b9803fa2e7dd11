from django.db import models

from sizao.terms import Role, TaskKind, TaskState


class Task(models.Model):
    """Something asked of a role in an area: with a clock, a receipt and a closure."""

    OPEN = {
        "id", "outbreak", "kind", "state", "role", "area_code", "subject_kind", "subject_id",
        "subject_label", "basis", "asked_at", "due_at", "assigned_to", "received_at", "received_by",
        "done_at", "done_by", "outcome", "source_key",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=20, choices=TaskKind.choices())
    state = models.CharField(max_length=10, choices=TaskState.choices(), default=TaskState.OPEN)
    role = models.CharField(max_length=25, choices=Role.choices())
    area_code = models.CharField(max_length=12)
    subject_kind = models.CharField(max_length=20)  # case, contact, zone, signal, report, place
    subject_id = models.BigIntegerField()
    subject_label = models.CharField(max_length=200)  # a number or an area, never a person's name
    basis = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    assigned_to = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="tasks")
    received_at = models.DateTimeField(null=True)
    received_by = models.CharField(max_length=150, blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=150, blank=True)
    outcome = models.CharField(max_length=300, blank=True)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["outbreak", "state", "due_at"], name="task_due"),
            models.Index(fields=["outbreak", "due_at", "id"], name="task_late_first"),
            models.Index(
                fields=["role", "area_code"],
                name="task_for",
                opclasses=["varchar_ops", "varchar_pattern_ops"],
            ),
        ]
