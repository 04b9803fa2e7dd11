from django.db import models
from django.db.models import Q

from sizao.terms import Role, TaskKind, TaskState


class Task(models.Model):
    """
    Something asked of a role in an area: with a clock, a receipt and a closure.

    Routine work has no outbreak. An overdue task goes up by itself: `raised_to` is whom it stands with now, since
    `raised_at`, after so many steps.
    """

    OPEN = {
        "id", "outbreak", "kind", "state", "role", "area_code", "subject_kind", "subject_id",
        "subject_label", "basis", "asked_at", "due_at", "assigned_to", "received_at", "received_by",
        "done_at", "done_by", "outcome", "raised_to", "raised_at", "raised_steps", "source_key",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    outbreak = models.ForeignKey("records.Outbreak", null=True, on_delete=models.PROTECT, related_name="tasks")
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
    raised_to = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="raised_tasks")
    raised_at = models.DateTimeField(null=True)
    raised_steps = models.PositiveSmallIntegerField(default=0)
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
            # What is open is little beside what was ever asked; queues of today read only that.
            models.Index(
                fields=["role", "area_code", "due_at"],
                name="task_open_for",
                opclasses=["varchar_ops", "varchar_pattern_ops", "timestamptz_ops"],
                condition=Q(done_at__isnull=True),
            ),
            models.Index(
                fields=["area_code", "due_at"],
                name="task_open_in",
                opclasses=["varchar_pattern_ops", "timestamptz_ops"],
                condition=Q(done_at__isnull=True),
            ),
            # What was open at a moment: done since, or never, which the indexes of what is open find by themselves.
            models.Index(fields=["done_at"], name="task_done", condition=Q(done_at__isnull=False)),
            models.Index(fields=["raised_steps", "due_at"], name="task_to_raise", condition=Q(done_at__isnull=True)),
            models.Index(fields=["subject_kind", "subject_id"], name="task_about", condition=Q(done_at__isnull=True)),
        ]


class TaskStep(models.Model):
    """One step up of an overdue task: to whom, when, and with whom it was before. Each step happens at most once."""

    OPEN = {"id", "task", "step", "raised_at", "raised_to", "area_code", "before"}
    PERSONAL: set[str] = set()

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="steps")
    step = models.PositiveSmallIntegerField()
    raised_at = models.DateTimeField()
    raised_to = models.ForeignKey("records.Account", on_delete=models.PROTECT, related_name="+")
    area_code = models.CharField(max_length=12)  # where that account answers
    before = models.CharField(max_length=150)  # the account or the role it stood with

    class Meta:
        constraints = [models.UniqueConstraint(name="task_step_once", fields=["task", "step"])]


class Answerable(models.Model):
    """Who answers by name for what a role is asked in an area; an overdue task goes to them first."""

    OPEN = {"id", "area_code", "role", "account", "since", "until", "named_by"}
    PERSONAL: set[str] = set()

    area_code = models.CharField(max_length=12)
    role = models.CharField(max_length=25, choices=Role.choices())
    account = models.ForeignKey("records.Account", on_delete=models.PROTECT, related_name="answers_for")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    named_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="answerable_once", fields=["area_code", "role"], condition=Q(until__isnull=True)
            ),
        ]
