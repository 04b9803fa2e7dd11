"""Directives: what a command asks, its versions, its part in each area, and what was done there, with evidence."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from sizao.terms import DirectiveActKind, PartState, Role, Urgency


class Directive(models.Model):
    """One order of a command: what, why, by when, and what counts as done. Its number holds at every level."""

    OPEN = {
        "id", "number", "outbreak", "area_code", "title", "text", "reason", "basis", "urgency", "due_at", "items",
        "counts", "version", "issued_at", "issued_by", "issued_name", "changed_at", "withdrawn_at", "withdrawn_by",
        "withdraw_reason", "source_key",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    number = models.CharField(max_length=40, unique=True)
    outbreak = models.ForeignKey("records.Outbreak", null=True, on_delete=models.PROTECT, related_name="directives")
    area_code = models.CharField(max_length=12)  # of the command that issued it
    title = models.CharField(max_length=100)
    text = models.TextField()
    reason = models.CharField(max_length=300)
    basis = models.CharField(max_length=300, blank=True)  # the law, the edition or the document it rests on
    urgency = models.CharField(max_length=10, choices=Urgency.choices(), default=Urgency.ROUTINE)
    due_at = models.DateTimeField()
    items = models.JSONField(default=list)  # texts of a checklist; empty where there is none
    counts = models.CharField(max_length=60, blank=True)  # what is counted, n of m; empty where nothing is
    version = models.PositiveSmallIntegerField(default=1)
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=150)
    issued_name = models.CharField(max_length=100)
    changed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)
    withdraw_reason = models.CharField(max_length=300, blank=True)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="directive_withdrawn_with_reason",
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdraw_reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["area_code", "issued_at"], name="directive_of_area"),
        ]


class DirectiveVersion(models.Model):
    """What a directive said before it was changed, word for word."""

    OPEN = {
        "id", "directive", "version", "title", "text", "reason", "basis", "urgency", "due_at", "items", "counts",
        "until", "changed_by", "change_reason",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    directive = models.ForeignKey(Directive, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=100)
    text = models.TextField()
    reason = models.CharField(max_length=300)
    basis = models.CharField(max_length=300, blank=True)
    urgency = models.CharField(max_length=10, choices=Urgency.choices())
    due_at = models.DateTimeField()
    items = models.JSONField(default=list)
    counts = models.CharField(max_length=60, blank=True)
    until = models.DateTimeField()
    changed_by = models.CharField(max_length=150)
    change_reason = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="directive_version_once", fields=["directive", "version"]),
        ]


class DirectivePart(models.Model):
    """
    A directive in one area: of whom it is asked there, who answers for it by name, and how it stands.

    `above` is the area that asked and that accepts what was done. What stands here follows from the acts.
    """

    OPEN = {
        "id", "directive", "area_code", "level", "role", "team", "parent", "above", "note", "own_due_at", "due_at",
        "answers_for", "issued_at", "issued_by", "issued_name", "state", "received_at", "received_by",
        "received_version", "told_at", "n_done", "n_total", "checks", "closed_at", "closed_by", "decided_at",
        "decided_by",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    directive = models.ForeignKey(Directive, on_delete=models.PROTECT, related_name="parts")
    area_code = models.CharField(max_length=12)
    level = models.PositiveSmallIntegerField()  # digits of the area's code
    role = models.CharField(max_length=25, choices=Role.choices())
    # One team of the area instead of its office: its leader receives, by name.
    team = models.ForeignKey("records.Team", null=True, on_delete=models.PROTECT, related_name="directive_parts")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="below")
    above = models.CharField(max_length=12)
    note = models.CharField(max_length=500, blank=True)  # what a lower command added when it issued on
    own_due_at = models.DateTimeField(null=True)  # an earlier time of a lower command
    due_at = models.DateTimeField()
    answers_for = models.CharField(max_length=100, blank=True)  # who answers for it here, by name
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=150)
    issued_name = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=PartState.choices(), default=PartState.ISSUED)
    received_at = models.DateTimeField(null=True)
    received_by = models.CharField(max_length=100, blank=True)  # the name on the receipt
    received_version = models.PositiveSmallIntegerField(default=0)
    told_at = models.DateTimeField(null=True)  # when something was last reported
    n_done = models.PositiveIntegerField(null=True)
    n_total = models.PositiveIntegerField(null=True)
    checks = ArrayField(models.PositiveSmallIntegerField(), default=list)  # which items are done, by place
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=100, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="directive_part_once", fields=["directive", "area_code", "role"], condition=Q(team__isnull=True)
            ),
            models.UniqueConstraint(
                name="directive_team_once", fields=["directive", "team"], condition=Q(team__isnull=False)
            ),
        ]
        indexes = [
            models.Index(
                fields=["area_code", "issued_at"],
                name="directive_part_of_area",
                opclasses=["varchar_pattern_ops", "timestamptz_ops"],
            ),
            models.Index(fields=["directive", "level", "area_code"], name="directive_part_level"),
            # What waits, for the loop and for the lists of those who wait.
            models.Index(
                fields=["area_code", "due_at"],
                name="directive_part_open",
                opclasses=["varchar_pattern_ops", "timestamptz_ops"],
                condition=Q(state__in=["issued", "received", "returned"]),
            ),
        ]


class DirectiveAct(models.Model):
    """One act on a directive in one area: receipt, progress, closure, decision. Never changed afterwards."""

    OPEN = {
        "id", "part", "kind", "happened_at", "recorded_at", "made_by", "made_name", "version", "text", "answers_for",
        "n_done", "n_total", "checks", "signed_as", "exception", "source_key",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    part = models.ForeignKey(DirectivePart, on_delete=models.PROTECT, related_name="acts")
    kind = models.CharField(max_length=10, choices=DirectiveActKind.choices())
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    made_name = models.CharField(max_length=100)
    version = models.PositiveSmallIntegerField()  # of the directive, as whoever acted saw it
    text = models.CharField(max_length=1000, blank=True)
    answers_for = models.CharField(max_length=100, blank=True)
    n_done = models.PositiveIntegerField(null=True)
    n_total = models.PositiveIntegerField(null=True)
    checks = ArrayField(models.PositiveSmallIntegerField(), null=True)
    signed_as = models.CharField(max_length=60, blank=True)
    exception = models.CharField(max_length=300, blank=True)  # why it is done though something below is not
    source_key = models.CharField(max_length=200, unique=True)


class DirectivePhoto(models.Model):
    """A photograph as evidence of an act, without what the camera wrote into it."""

    OPEN = {"id", "act", "image", "media_type", "sha256", "added_at"}
    PERSONAL: set[str] = set()

    act = models.ForeignKey(DirectiveAct, on_delete=models.PROTECT, related_name="photos")
    image = models.BinaryField()
    media_type = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField()
