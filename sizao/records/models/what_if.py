from django.db import models
from django.db.models import F, Q


class WhatIf(models.Model):
    """
    One question to the simulated city: what would come of these policies, from the situation of a day.

    Everything that the answer follows from is kept with it, so that it can be compared with what came. `situation` is
    what was known (see `response.reports.what_if_situation`), `policies` what was asked, `settings` the variant, the
    days and the runs. The answer is a model's and never enters a report.
    """

    OPEN = {
        "id", "outbreak", "area_code", "date", "as_of", "asked_at", "asked_by", "situation", "policies", "settings",
        "begun_at", "done", "runs", "answered_at", "answer", "fault",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="what_ifs")
    area_code = models.CharField(max_length=12)
    date = models.DateField()  # the last day that was known
    as_of = models.DateTimeField()
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=150)
    situation = models.JSONField()
    policies = models.JSONField()
    settings = models.JSONField()
    begun_at = models.DateTimeField(null=True)  # by the clock: who works it out may be gone
    done = models.PositiveIntegerField(default=0)
    runs = models.PositiveIntegerField(default=0)
    answered_at = models.DateTimeField(null=True)
    answer = models.JSONField(null=True)
    fault = models.CharField(max_length=1000, blank=True)  # why it could not be worked out

    class Meta:
        constraints = [models.CheckConstraint(name="what_if_runs_in_order", condition=Q(done__lte=F("runs")))]
        indexes = [models.Index(fields=["outbreak", "-id"], name="what_if_latest")]
