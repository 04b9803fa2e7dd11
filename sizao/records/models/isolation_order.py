from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from sizao.terms import FamilyTold, OrderAct, OrderKind, OrderState, ServedHow


class IsolationOrder(models.Model):
    """
    What one person is asked to do, why, by whose rule, until when, and how to object.

    A proposal is made by rule and touches nobody; an officer who holds the right issues it.
    `basis` lists each value used: edition, key, value, source, and the sum of each date.
    """

    OPEN = {
        "id", "outbreak", "kind", "state", "area_code", "place", "basis", "proposed_at", "issued_at", "issued_by",
        "declined_at", "decline_reason", "ended_at", "end_reason", "legal_basis", "served_at", "served_by",
        "served_how", "served_with", "family_told", "follows", "source_key",
    }  # fmt: skip
    PERSONAL = {"person", "contact", "starts_date", "ends_date", "test_dates", "reason"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="orders")
    person = models.ForeignKey("records.Person", on_delete=models.PROTECT, related_name="isolation_orders")
    contact = models.ForeignKey("records.Contact", null=True, on_delete=models.PROTECT, related_name="orders")
    kind = models.CharField(max_length=12, choices=OrderKind.choices())
    state = models.CharField(max_length=10, choices=OrderState.choices())
    area_code = models.CharField(max_length=12, db_index=True)
    place = models.ForeignKey("records.Place", null=True, on_delete=models.PROTECT)
    starts_date = models.DateField()
    ends_date = models.DateField()
    test_dates = ArrayField(models.DateField(), default=list)
    reason = models.JSONField(default=dict)
    basis = models.JSONField(default=list)
    proposed_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)
    issued_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT)
    declined_at = models.DateTimeField(null=True)
    decline_reason = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=300, blank=True)
    legal_basis = models.CharField(max_length=300, blank=True)  # the law's article, cited on the letter
    served_at = models.DateTimeField(null=True)
    served_by = models.CharField(max_length=150, blank=True)
    served_how = models.CharField(max_length=12, blank=True, choices=ServedHow.choices())
    served_with = models.CharField(max_length=150, blank=True)  # the second officer, or the witness
    family_told = models.CharField(max_length=12, blank=True, choices=FamilyTold.choices())
    # The order that this one took the place of: another kind for the same person.
    follows = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="followed_by")
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="order_one_issued_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (
                        Func(
                            "starts_date", "ends_date", Value("[]"), function="daterange", output_field=DateRangeField()
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state=str(OrderState.ISSUED)),
            ),
            models.CheckConstraint(name="order_ends_after_it_starts", condition=Q(starts_date__lte=F("ends_date"))),
            models.CheckConstraint(
                name="order_issued_by_somebody",
                condition=Q(issued_at__isnull=True, issued_by__isnull=True)
                | Q(issued_at__isnull=False, issued_by__isnull=False),
            ),
        ]


class OrderChange(models.Model):
    """One entry of an order's history: what happened, its last day from then on, and why; never changed afterwards."""

    OPEN = {"id", "order", "act", "at", "by", "basis", "source_key"}
    PERSONAL = {"ends_date", "was_ends_date", "reason"}

    order = models.ForeignKey(IsolationOrder, on_delete=models.CASCADE, related_name="changes")
    act = models.CharField(max_length=10, choices=OrderAct.choices())
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    ends_date = models.DateField()
    was_ends_date = models.DateField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    basis = models.JSONField(default=list)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        indexes = [models.Index(fields=["order", "-at"], name="order_change_latest")]
