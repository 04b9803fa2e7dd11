"""Isolation and monitoring at home: is the home fit, who knocks when, and who took over from a site."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from sizao.records.secrecy import SealedField
from sizao.terms import Symptom, VisitKind, VisitOutcome


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


class DoorAct(models.Model):
    """
    What somebody did about one visit, as their phone sent it; never changed, and sending it again changes nothing.

    What became of the visit follows from all its acts, in whatever order they came.
    """

    OPEN = {"id", "visit", "happened_at", "recorded_at", "recorded_by", "clock_off_seconds", "source_key"}
    PERSONAL = {"outcome", "temperature_c", "symptoms", "wants_transfer", "note", "signal"}

    visit = models.ForeignKey(HomeVisit, on_delete=models.PROTECT, related_name="acts")
    outcome = models.CharField(max_length=10, choices=VisitOutcome.choices())
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    clock_off_seconds = models.IntegerField(null=True)  # how far the phone's clock was ahead, where it was
    temperature_c = models.FloatField(null=True)
    symptoms = ArrayField(models.CharField(max_length=15, choices=Symptom.choices()), null=True)  # null: not asked
    wants_transfer = models.BooleanField(default=False)  # to a doctor; transport looks for these
    note = SealedField(null=True)
    signal = models.ForeignKey("records.Signal", null=True, on_delete=models.PROTECT, related_name="+")
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="door_act_temperature_of_a_living_person",
                condition=Q(temperature_c__isnull=True) | Q(temperature_c__range=(30.0, 45.0)),
            ),
        ]


class CareContact(models.Model):
    """The number that people at home in an area call, day and night; the latest of the narrowest area answers."""

    OPEN = {"id", "area_code", "office", "phone", "hours", "since_at", "recorded_by", "source_key"}
    PERSONAL: set[str] = set()

    area_code = models.CharField(max_length=12, db_index=True)
    office = models.CharField(max_length=60)
    phone = models.CharField(max_length=40)  # of the office, never of a person
    hours = models.CharField(max_length=60, blank=True)
    since_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    source_key = models.CharField(max_length=200, unique=True)


class DependentCare(models.Model):
    """Who looks after somebody that an order would otherwise leave alone."""

    OPEN = {"id", "outbreak", "area_code", "recorded_at", "recorded_by", "ended_at", "source_key"}
    PERSONAL = {"person", "carer", "phone", "agreed"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="dependents_cared_for")
    person = models.ForeignKey("records.Person", on_delete=models.PROTECT, related_name="cared_for")
    area_code = models.CharField(max_length=12)
    carer = SealedField(null=True)
    phone = SealedField(null=True)
    agreed = models.CharField(max_length=200)  # how: moves in, goes along into the room, a care home
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    ended_at = models.DateTimeField(null=True)
    source_key = models.CharField(max_length=200, unique=True)


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
