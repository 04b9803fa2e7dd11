"""Traces: questions to the presences of an outbreak, what they answered, and whom they returned."""

from django.db import models
from django.db.models import F, Q

from sizao.terms import Seating, TracePurpose, TraceQuestion


class Trace(models.Model):
    """
    One question to the presences of an outbreak: for which case, why, by whom, and until when it stands.

    A standing trace is asked again by the loop when presences arrive that could change its answer, never after
    its last day. A question about several cases (common source, hotspots) names each in `cases`.
    """

    OPEN = {
        "id", "outbreak", "number", "question", "purpose", "reason", "least_minutes", "settings", "protocol",
        "asked_at", "asked_by", "area_code", "last_date", "closed_at", "seen", "answered_at",
    }  # fmt: skip
    PERSONAL = {"case", "cases", "begins_at", "ends_at"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="traces")
    number = models.CharField(max_length=40)
    question = models.CharField(max_length=16, choices=TraceQuestion.choices())
    purpose = models.CharField(max_length=16, choices=TracePurpose.choices())
    reason = models.CharField(max_length=500)
    case = models.ForeignKey("records.Case", null=True, on_delete=models.PROTECT, related_name="traces")
    cases = models.JSONField(default=list)  # the ids of the cases, where it is about several
    begins_at = models.DateTimeField()  # the case's window, or the widest of the cases' windows
    ends_at = models.DateTimeField()
    least_minutes = models.FloatField()
    settings = models.JSONField(default=dict)
    protocol = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=150)
    area_code = models.CharField(max_length=12)  # of the case: whose jurisdiction it is
    last_date = models.DateField()
    closed_at = models.DateTimeField(null=True)
    seen = models.CharField(max_length=200, blank=True)  # how far the store had been seen by the last answer
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="trace_number_once", fields=["outbreak", "number"]),
            models.CheckConstraint(name="trace_window_in_order", condition=Q(begins_at__lte=F("ends_at"))),
        ]
        indexes = [
            models.Index(
                fields=["outbreak", "area_code", "id"],
                name="trace_area",
                opclasses=["int8_ops", "varchar_pattern_ops", "int8_ops"],
            ),
        ]


class TraceAnswer(models.Model):
    """What a trace returned at one moment, in numbers, and why it was asked then. Never changed."""

    OPEN = {"id", "trace", "answered_at", "cause", "n_found", "n_new", "n_gone", "n_known", "facts"}
    PERSONAL: set[str] = set()

    trace = models.ForeignKey(Trace, on_delete=models.PROTECT, related_name="answers")
    answered_at = models.DateTimeField()
    cause = models.CharField(max_length=20)  # asked, presences (arrived since), window (of the case changed)
    n_found = models.PositiveIntegerField()
    n_new = models.PositiveIntegerField()
    n_gone = models.PositiveIntegerField()
    n_known = models.PositiveIntegerField()  # of those found, how many are people of the register
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["trace", "-answered_at"], name="trace_answer_latest")]


class TraceMatch(models.Model):
    """
    One person, under a token, whom a trace returned; which person it is, where the register knows.

    A match that a later answer does not return any more keeps its row, with `gone_at`.
    """

    OPEN = {
        "id", "trace", "area_code", "layer", "tier", "minutes", "meetings", "days", "score", "seating", "found_at",
        "gone_at", "is_generated",
    }  # fmt: skip
    PERSONAL = {"token", "person", "first_at", "last_at", "rides"}

    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="matches")
    token = models.CharField(max_length=40)
    person = models.ForeignKey("records.Person", null=True, on_delete=models.PROTECT, related_name="trace_matches")
    area_code = models.CharField(max_length=12, blank=True)  # where they live; empty while nobody knows
    layer = models.CharField(max_length=10)  # venue, vehicle or cell: totals of layers are never added together
    tier = models.CharField(max_length=20)
    minutes = models.FloatField()
    meetings = models.PositiveIntegerField()
    days = models.PositiveSmallIntegerField()
    score = models.FloatField(null=True)
    # In vehicles: what the seat rule says of them, the nearest of all rides; and each ride with what it rests on.
    seating = models.CharField(max_length=10, blank=True, choices=Seating.choices())
    rides = models.JSONField(default=list)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    found_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    is_generated = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="trace_match_once", fields=["trace", "token", "layer", "tier", "found_at"])
        ]
        indexes = [
            models.Index(fields=["trace", "layer", "-score", "id"], name="trace_match_ranked"),
            models.Index(fields=["token"], name="trace_match_token"),
            # Whom the register knows: few of very many.
            models.Index(fields=["trace", "person"], name="trace_match_known", condition=Q(person__isnull=False)),
        ]
