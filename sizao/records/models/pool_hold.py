"""A positive pool: its members are held where they are by a named order until their own test says more."""

from django.db import models
from django.db.models import Q

from sizao.terms import HoldEnd, HoldState


class PoolHold(models.Model):
    """
    The members of one positive tube: proposed by rule when its result is released, ordered by a named officer.

    It ends by itself at `expires_at`, whatever has become of the single tests.
    """

    OPEN = {
        "id", "round", "tube", "state", "area_code", "basis", "proposed_at", "ordered_at", "ordered_by", "legal_basis",
        "recall_due_at", "expires_at", "declined_at", "declined_by", "decline_reason", "ended_at",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    round = models.ForeignKey("records.TestingRound", on_delete=models.PROTECT, related_name="pool_holds")
    tube = models.CharField(max_length=12)
    state = models.CharField(max_length=10, choices=HoldState.choices(), default=HoldState.PROPOSED)
    area_code = models.CharField(max_length=12, db_index=True)
    basis = models.JSONField(default=list)
    proposed_at = models.DateTimeField()
    ordered_at = models.DateTimeField(null=True)
    ordered_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="pool_holds")
    legal_basis = models.CharField(max_length=300, blank=True)
    recall_due_at = models.DateTimeField(null=True)  # null where no confirmed value of the edition says
    expires_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    declined_by = models.CharField(max_length=150, blank=True)
    decline_reason = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="pool_hold_once", fields=["round", "tube"]),
            models.CheckConstraint(name="pool_hold_ordered_by_somebody", condition=(
                Q(ordered_at__isnull=True, ordered_by__isnull=True)
                | Q(ordered_at__isnull=False, ordered_by__isnull=False, expires_at__isnull=False)
            )),
        ]  # fmt: skip


class PoolMember(models.Model):
    """One person of a positive pool. Its result is not theirs: they are held until their own test, or the end."""

    OPEN = {"id", "hold", "round", "area_code", "added_at", "ended_at", "ended_by", "end_reason"}
    PERSONAL = {"entry", "person"}

    hold = models.ForeignKey(PoolHold, on_delete=models.PROTECT, related_name="members")
    round = models.ForeignKey("records.TestingRound", on_delete=models.PROTECT, related_name="pool_members")
    entry = models.BigIntegerField()  # the number on the round's roster
    person = models.ForeignKey("records.Person", null=True, on_delete=models.PROTECT, related_name="pool_memberships")
    area_code = models.CharField(max_length=12)
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=150, blank=True)
    end_reason = models.CharField(max_length=10, blank=True, choices=HoldEnd.choices())

    class Meta:
        constraints = [
            models.UniqueConstraint(name="pool_member_once", fields=["hold", "entry"]),
            models.CheckConstraint(name="pool_member_end_whole", condition=(
                Q(ended_at__isnull=True, end_reason="") | (Q(ended_at__isnull=False) & ~Q(end_reason=""))
            )),
        ]  # fmt: skip
        indexes = [models.Index(fields=["round", "entry"], name="pool_member_of_entry")]


class ResultCode(models.Model):
    """A short-lived code under which somebody reads their own result; only its keyed hash is kept."""

    OPEN = {"id", "digest", "round", "made_at", "made_by", "expires_at", "last_used_at", "n_used"}
    PERSONAL = {"entry"}

    digest = models.CharField(max_length=32, unique=True)
    round = models.ForeignKey("records.TestingRound", on_delete=models.PROTECT, related_name="result_codes")
    entry = models.BigIntegerField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    n_used = models.PositiveIntegerField(default=0)
