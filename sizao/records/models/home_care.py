"""Isolation and monitoring at home: is the home fit, who knocks when, and who took over from a site."""

from django.db import models
from django.db.models import Q

from sizao.records.secrecy import SealedField
from sizao.terms import VisitKind, VisitOutcome


class HomeCheck(models.Model):
    """Whether a home will do for isolation, item by item, by somebody who looked; never changed afterwards."""

    OPEN = {"id", "outbreak", "area_code", "checked_at", "recorded_at", "checked_by", "source_key"}
    PERSONAL = {"person", "order", "items", "passed", "note"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="home_checks")
    person = models.ForeignKey("records.Person", on_delete=models.PROTECT, related_name="home_checks")
    order = models.ForeignKey("records.IsolationOrder", null=True, on_delete=models.PROTECT, related_name="home_checks")
    area_code = models.CharField(max_length=12)
    checked_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    checked_by = models.CharField(max_length=150)
    items = models.JSONField()
    passed = models.BooleanField()
    note = SealedField(null=True)
    source_key = models.CharField(max_length=200, unique=True)


class HomeVisit(models.Model):
    """One thing to do at a door or by telephone for somebody at home: planned by rule or asked for, then done."""

    OPEN = {
        "id", "outbreak", "area_code", "planned_at", "planned_by", "due_date", "done_at", "recorded_at", "done_by",
        "source_key",
    }  # fmt: skip
    PERSONAL = {"person", "order", "kind", "priority", "what", "outcome", "note"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="home_visits")
    person = models.ForeignKey("records.Person", on_delete=models.PROTECT, related_name="home_visits")
    order = models.ForeignKey("records.IsolationOrder", null=True, on_delete=models.PROTECT, related_name="home_visits")
    area_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=10, choices=VisitKind.choices())
    priority = models.SmallIntegerField(default=0)  # higher first: the old, the pregnant, children, the chronically ill
    what = models.CharField(max_length=200, blank=True)
    planned_at = models.DateTimeField()
    planned_by = models.CharField(max_length=150)
    due_date = models.DateField()
    done_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=150, blank=True)
    outcome = models.CharField(max_length=10, blank=True, choices=VisitOutcome.choices())
    note = SealedField(null=True)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="home_visit_done_whole",
                condition=Q(done_at__isnull=True, outcome="") | (Q(done_at__isnull=False) & ~Q(outcome="")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["area_code", "due_date"], name="home_visit_due", opclasses=["varchar_pattern_ops", "date_ops"]
            ),
            models.Index(fields=["person", "due_date"], name="home_visit_of_person"),
        ]


class CommunityHandOver(models.Model):
    """A person leaves a site for home: the site told the community, and somebody there took over."""

    OPEN = {
        "id", "outbreak", "site", "area_code", "told_at", "told_by", "due_at", "received_at", "received_by",
        "source_key",
    }  # fmt: skip
    PERSONAL = {"person", "order", "follow_order", "note"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="community_hand_overs")
    person = models.ForeignKey("records.Person", on_delete=models.PROTECT, related_name="community_hand_overs")
    order = models.ForeignKey("records.IsolationOrder", on_delete=models.PROTECT, related_name="hand_overs")
    follow_order = models.ForeignKey("records.IsolationOrder", null=True, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("records.IsolationSite", null=True, on_delete=models.PROTECT, related_name="+")
    area_code = models.CharField(max_length=12)  # of the community that takes over
    told_at = models.DateTimeField()
    told_by = models.CharField(max_length=150)
    due_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    received_by = models.CharField(max_length=150, blank=True)
    note = SealedField(null=True)
    source_key = models.CharField(max_length=200, unique=True)
