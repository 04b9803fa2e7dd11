"""How ready an area stands: what was proposed by rule, what an officer decided, and what a return left over."""

from django.db import models
from django.db.models import Q

from sizao.terms import LeftKind, LevelProposalState, LevelReach, ResponseLevel, Role


class LevelProposal(models.Model):
    """
    A level that the conditions ask for in an area, with each condition as it stood.

    `outbreak` is null in real life, whose levels belong to areas; a replay or a drill has levels of its own.
    """

    OPEN = {
        "id", "outbreak", "area_code", "level", "standing", "reasons", "basis", "state", "proposed_at", "settled_at",
        "settled_by", "note", "source_key",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    outbreak = models.ForeignKey("records.Outbreak", null=True, on_delete=models.PROTECT, related_name="+")
    area_code = models.CharField(max_length=12)
    level = models.CharField(max_length=10, choices=ResponseLevel.choices())
    standing = models.CharField(max_length=10, choices=ResponseLevel.choices())  # the level when it was proposed
    reasons = models.JSONField(default=list)
    basis = models.JSONField(default=list)
    state = models.CharField(
        max_length=10, choices=LevelProposalState.choices(), default=LevelProposalState.WAITING
    )  # fmt: skip
    proposed_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=300, blank=True)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="level_proposal_one_waiting",
                fields=["outbreak", "area_code"],
                nulls_distinct=False,
                condition=Q(state=str(LevelProposalState.WAITING)),
            ),
        ]
        indexes = [models.Index(fields=["outbreak", "area_code", "-proposed_at"], name="level_proposal_of")]


class LevelDecision(models.Model):
    """
    A named officer's decision that an area stands at a level from a moment on; never changed afterwards.

    `ordered_by` is the area of the authority that decided: above the area itself where a higher level ordered it.
    `takes_command`: until its next decision no lower authority decides here (提级指挥).
    """

    OPEN = {
        "id", "outbreak", "area_code", "level", "was", "reach", "takes_command", "ordered_by", "decided_at",
        "decided_by", "starts_at", "expected_until", "legal_basis", "document_no", "text", "proposal", "reasons",
        "basis", "switched", "signed_at", "signed_by", "source_key",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    outbreak = models.ForeignKey("records.Outbreak", null=True, on_delete=models.PROTECT, related_name="+")
    area_code = models.CharField(max_length=12)
    level = models.CharField(max_length=10, choices=ResponseLevel.choices())
    was = models.CharField(max_length=10, choices=ResponseLevel.choices())
    reach = models.CharField(max_length=10, choices=LevelReach.choices(), default=LevelReach.HERE)
    takes_command = models.BooleanField(default=False)
    ordered_by = models.CharField(max_length=12)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey("records.Account", on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    expected_until = models.DateField(null=True)  # stated for every level above routine
    legal_basis = models.CharField(max_length=300)
    document_no = models.CharField(max_length=100, blank=True)
    text = models.CharField(max_length=1000)
    proposal = models.ForeignKey(LevelProposal, null=True, on_delete=models.PROTECT, related_name="decisions")
    reasons = models.JSONField(default=list)  # each condition as it stood
    basis = models.JSONField(default=list)
    switched = models.JSONField(default=dict)  # what the level asked for by the data of that day
    signed_at = models.DateTimeField(null=True)  # of a return to routine: when its checklist was signed
    signed_by = models.CharField(max_length=150, blank=True)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="level_above_routine_says_how_long",
                condition=Q(level=str(ResponseLevel.ROUTINE)) | Q(expected_until__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["outbreak", "area_code", "-starts_at"], name="level_decision_of")]


class LevelLeftItem(models.Model):
    """One line of the checklist of a return to routine: so many closed by it, so many left, and who decides on them."""

    OPEN = {"id", "decision", "kind", "role", "n_closed", "n_left", "earliest", "noted_at", "noted_by", "note"}
    PERSONAL: set[str] = set()

    decision = models.ForeignKey(LevelDecision, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(max_length=20, choices=LeftKind.choices())
    role = models.CharField(max_length=25, choices=Role.choices())
    n_closed = models.PositiveIntegerField(default=0)
    n_left = models.PositiveIntegerField(default=0)
    earliest = models.DateTimeField(null=True)  # since when the oldest of what is left waits
    noted_at = models.DateTimeField(null=True)
    noted_by = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="level_left_once", fields=["decision", "kind"])]
