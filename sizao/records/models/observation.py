"""The days of isolation: what was observed, what was swabbed, who was next door, and who works inside."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from sizao.records.secrecy import SealedField
from sizao.terms import Mood, ObservationOddity, SampledObject, Seen, Session, Symptom


class Observation(models.Model):
    """One look after one person, in a site or at home; sending it again changes nothing."""

    OPEN = {
        "id", "outbreak", "site", "area_code", "session", "observed_at", "recorded_at", "recorded_by", "source_key",
        "oddity", "clock_off_seconds", "counts", "settled_at", "settled_by", "settle_reason",
    }  # fmt: skip
    PERSONAL = {
        "person", "order", "place", "seen", "temperature_c", "symptoms", "medicines_taken", "needs", "mood", "note",
        "is_alarming",
    }  # fmt: skip

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="observations")
    person = models.ForeignKey("records.Person", on_delete=models.PROTECT, related_name="observations")
    order = models.ForeignKey(
        "records.IsolationOrder", null=True, on_delete=models.PROTECT, related_name="observations"
    )
    site = models.ForeignKey("records.IsolationSite", null=True, on_delete=models.PROTECT, related_name="observations")
    place = models.ForeignKey("records.Place", null=True, on_delete=models.PROTECT, related_name="+")
    area_code = models.CharField(max_length=12)
    session = models.CharField(max_length=10, choices=Session.choices())
    seen = models.CharField(max_length=10, choices=Seen.choices(), default=Seen.SEEN)
    observed_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    temperature_c = models.FloatField(null=True)
    symptoms = ArrayField(models.CharField(max_length=15, choices=Symptom.choices()), null=True)  # null: not asked
    medicines_taken = models.BooleanField(null=True)
    needs = models.CharField(max_length=200, blank=True)
    mood = models.CharField(max_length=10, blank=True, choices=Mood.choices())
    note = SealedField(null=True)
    is_alarming = models.BooleanField(default=False)  # fever or a symptom that is reported at once
    # What somebody has to look at first counts for nothing until they did; its alarm is given at once.
    oddity = models.CharField(max_length=10, blank=True, choices=ObservationOddity.choices())
    clock_off_seconds = models.IntegerField(null=True)
    counts = models.BooleanField(default=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=150, blank=True)
    settle_reason = models.CharField(max_length=200, blank=True)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="observation_temperature_of_a_living_person",
                condition=Q(temperature_c__isnull=True) | Q(temperature_c__range=(30.0, 45.0)),
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-observed_at"], name="observation_of_person"),
            models.Index(fields=["site", "-observed_at"], name="observation_of_site"),
        ]


class EnvironmentSample(models.Model):
    """A swab of an object, in a room or an area, with its result once known."""

    OPEN = {
        "id", "outbreak", "site", "zone", "place", "what", "tube", "taken_at", "taken_by", "is_positive",
        "result_at", "result_by", "note", "source_key",
    }  # fmt: skip
    PERSONAL = {"order"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="environment_samples")
    site = models.ForeignKey("records.IsolationSite", null=True, on_delete=models.PROTECT, related_name="+")
    zone = models.ForeignKey("records.Zone", null=True, on_delete=models.PROTECT, related_name="environment_samples")
    place = models.ForeignKey("records.Place", null=True, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("records.IsolationOrder", null=True, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=12, choices=SampledObject.choices())
    tube = models.CharField(max_length=20, blank=True)
    taken_at = models.DateTimeField()
    taken_by = models.CharField(max_length=150)
    is_positive = models.BooleanField(null=True)  # null: no result yet
    result_at = models.DateTimeField(null=True)
    result_by = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=200, blank=True)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="environment_result_whole",
                condition=Q(is_positive__isnull=True, result_at__isnull=True)
                | Q(is_positive__isnull=False, result_at__isnull=False),
            ),
        ]


class SiteExposure(models.Model):
    """Somebody in a site was found positive: which rooms were near, and what was decided about each, by whom."""

    OPEN = {
        "id", "outbreak", "site", "room", "found_at", "due_at", "basis", "decided_at", "decided_by", "decision",
        "source_key",
    }  # fmt: skip
    PERSONAL = {"person", "rooms", "first_risk_at", "last_risk_at"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="site_exposures")
    site = models.ForeignKey("records.IsolationSite", on_delete=models.PROTECT, related_name="exposures")
    room = models.ForeignKey("records.IsolationRoom", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("records.Person", on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField()
    first_risk_at = models.DateTimeField()  # from when the person may have been infectious in that room
    last_risk_at = models.DateTimeField(null=True)  # until they left it; null while they are in it
    due_at = models.DateTimeField(null=True)
    basis = models.JSONField(default=list)
    rooms = models.JSONField(default=list)  # room → how it lies, who was in it, exposed or not
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=500, blank=True)
    source_key = models.CharField(max_length=200, unique=True)


class SiteStaff(models.Model):
    """Somebody who works in a site, from when to when inside its closed loop."""

    OPEN = {"id", "site", "number", "duty", "recorded_at", "recorded_by", "source_key"}
    PERSONAL = {"name", "phone", "starts_date", "ends_date", "watched_until"}

    site = models.ForeignKey("records.IsolationSite", on_delete=models.PROTECT, related_name="staff")
    number = models.CharField(max_length=40)  # the staff number, one per person
    name = SealedField(null=True)
    phone = SealedField(null=True)
    duty = models.CharField(max_length=60)
    starts_date = models.DateField()
    ends_date = models.DateField(null=True)  # last day inside; null while inside
    watched_until = models.DateField(null=True)  # last day of observation after leaving the loop
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="staff_in_one_loop_at_a_time",
                expressions=[
                    ("number", RangeOperators.EQUAL),
                    (
                        Func(
                            "starts_date", "ends_date", Value("[]"), function="daterange", output_field=DateRangeField()
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(
                name="staff_leaves_after_coming",
                condition=Q(ends_date__isnull=True) | Q(starts_date__lte=F("ends_date")),
            ),
        ]


class StaffTest(models.Model):
    """A test of somebody in the closed loop."""

    OPEN = {"id", "taken_at", "result_at", "recorded_by", "source_key"}
    PERSONAL = {"staff", "is_positive"}

    staff = models.ForeignKey(SiteStaff, on_delete=models.PROTECT, related_name="tests")
    taken_at = models.DateTimeField()
    is_positive = models.BooleanField(null=True)
    result_at = models.DateTimeField(null=True)
    recorded_by = models.CharField(max_length=150)
    source_key = models.CharField(max_length=200, unique=True)


class SiteRelease(models.Model):
    """Somebody signed for a person's leaving a site: what they knew, and why where something was lacking."""

    OPEN = {
        "id", "outbreak", "site", "order", "release_date", "signed_at", "signed_by", "signed_as", "withdrawn_at",
        "withdrawn_by", "source_key",
    }  # fmt: skip
    PERSONAL = {"person", "lacks", "facts", "reason", "withdrawn_reason"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="site_releases")
    site = models.ForeignKey("records.IsolationSite", on_delete=models.PROTECT, related_name="releases")
    order = models.ForeignKey("records.IsolationOrder", on_delete=models.PROTECT, related_name="releases")
    person = models.ForeignKey("records.Person", on_delete=models.PROTECT, related_name="+")
    release_date = models.DateField()  # the last day of the order
    lacks = models.JSONField(default=list)  # what was lacking when it was signed
    facts = models.JSONField(default=dict)  # the tests and samples that were known then
    reason = models.CharField(max_length=300, blank=True)
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey("records.Account", on_delete=models.PROTECT, related_name="+")
    signed_as = models.CharField(max_length=60)  # the name typed as signature
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="release_signed_once", fields=["order"], condition=Q(withdrawn_at__isnull=True)
            ),
        ]
        indexes = [models.Index(fields=["site", "release_date"], name="release_of_site")]
