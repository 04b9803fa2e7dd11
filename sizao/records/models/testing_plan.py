from django.db import models
from django.db.models import Q


class TestingPlan(models.Model):
    """
    A layout of sites for a round: asked for by a person, worked out by a machine, accepted by a person or never.

    `question` holds places, means and terms as they stood, `answer` the layout, its gap, its load by hour, and what
    it lacks; `after` is the plan that this one changes, moving as few people as it can.
    """

    __test__ = False

    OPEN = {
        "id", "round", "after", "asked_at", "asked_by", "question", "begun_at", "made_at", "answer", "fault",
        "accepted_at", "accepted_by",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    round = models.ForeignKey("records.TestingRound", on_delete=models.PROTECT, related_name="plans")
    after = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="changes")
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=150)
    question = models.JSONField()
    begun_at = models.DateTimeField(null=True)  # by the clock: who works it out may be gone
    made_at = models.DateTimeField(null=True)
    answer = models.JSONField(null=True)
    fault = models.CharField(max_length=1000, blank=True)  # why it could not be worked out
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="testing_plan_made_whole", condition=(
                Q(made_at__isnull=True, answer__isnull=True) | Q(made_at__isnull=False, answer__isnull=False)
            )),
            models.CheckConstraint(name="testing_plan_accepted_when_made", condition=(
                Q(accepted_at__isnull=True, accepted_by="")
                | (Q(accepted_at__isnull=False, made_at__isnull=False) & ~Q(accepted_by=""))
            )),
            models.UniqueConstraint(
                name="testing_plan_one_accepted", fields=["round"], condition=Q(accepted_at__isnull=False)
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["round", "-id"], name="testing_plan_latest")]
