"""Teams: who is in them, when they work, when they are away, what they are called and lent for."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce, Greatest

from sizao.records.secrecy import SealedField
from sizao.terms import AbsenceReason, CallKind, Skill


def _hours(starts: str, ends) -> Func:
    return Func(starts, ends, Value("[)"), function="tstzrange", output_field=DateTimeRangeField())


class TeamKindList(models.Model):
    """A list of kinds of team that an authority adopted for its area, as text; the latest counts."""

    OPEN = {"id", "area_code", "text", "adopted_at", "adopted_by"}
    PERSONAL: set[str] = set()

    area_code = models.CharField(max_length=12)
    text = models.TextField()
    adopted_at = models.DateTimeField()
    adopted_by = models.ForeignKey("records.Account", on_delete=models.PROTECT, related_name="+")


class Team(models.Model):
    """People of one kind who go out together, kept by one area."""

    OPEN = {
        "id", "name", "kind", "area_code", "in_closed_loop", "registered_at", "registered_by", "disbanded_at",
        "disbanded_by", "source",
    }  # fmt: skip
    PERSONAL = {"lead", "phone"}

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)  # a key of the list of kinds in force in its area
    area_code = models.CharField(max_length=12)
    lead = SealedField(null=True)  # who answers for it, by name
    phone = SealedField(null=True)  # under which the lead is reached
    in_closed_loop = models.BooleanField(default=False)  # works inside the closed loop
    registered_at = models.DateTimeField()
    registered_by = models.CharField(max_length=150)
    disbanded_at = models.DateTimeField(null=True)
    disbanded_by = models.CharField(max_length=150, blank=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="team_named_once_an_area", fields=["area_code", "name"], condition=Q(disbanded_at=None)
            ),
        ]
        indexes = [
            models.Index(fields=["area_code"], name="team_of_area", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["-registered_at", "-id"], name="team_newest"),
        ]


class TeamMember(models.Model):
    """Somebody of a team, from when to when; nobody is of two teams at once."""

    OPEN = {"id", "team", "number", "account", "skills", "joined_at", "left_at", "recorded_by"}
    PERSONAL = {"name", "phone"}

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="members")
    number = models.CharField(max_length=40)  # the staff number, one per person
    account = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="team_memberships")
    name = SealedField(null=True)
    phone = SealedField(null=True)
    skills = ArrayField(models.CharField(max_length=20, choices=Skill.choices()), default=list)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    recorded_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="member_of_one_team_at_a_time",
                expressions=[
                    ("number", RangeOperators.EQUAL),
                    (_hours("joined_at", "left_at"), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="member_leaves_after_joining", condition=Q(left_at=None) | Q(joined_at__lte=F("left_at"))
            ),
        ]


class TeamShift(models.Model):
    """A member works from when to when, as planned and as it was; the database refuses two shifts at once."""

    OPEN = {
        "id", "team", "place", "task", "inside", "starts_at", "ends_at", "came_at", "went_at", "recorded_at",
        "confirmed_by", "cancelled_at", "cancelled_by",
    }  # fmt: skip
    PERSONAL = {"member"}

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="shifts")
    member = models.ForeignKey(TeamMember, on_delete=models.PROTECT, related_name="shifts")
    place = models.CharField(max_length=100, blank=True)
    task = models.ForeignKey("records.Task", null=True, on_delete=models.PROTECT, related_name="team_shifts")
    inside = models.BooleanField(default=False)  # inside the closed loop
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    came_at = models.DateTimeField(null=True)
    went_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()
    confirmed_by = models.ForeignKey("records.Account", on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="team_shift_one_at_a_time",
                expressions=[
                    ("member", RangeOperators.EQUAL),
                    (_hours("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(cancelled_at=None),
            ),
            models.CheckConstraint(name="team_shift_has_hours", condition=Q(starts_at__lt=F("ends_at"))),
            models.CheckConstraint(
                name="team_shift_goes_after_coming",
                condition=Q(went_at=None) | Q(came_at__isnull=False, came_at__lte=F("went_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["ends_at"], name="team_shift_by_end"),
            models.Index(fields=["team", "starts_at"], name="team_shift_of_team"),
        ]


class TeamAbsence(models.Model):
    """A member is away from when to when."""

    OPEN = {"id", "recorded_at", "recorded_by", "withdrawn_at", "withdrawn_by"}
    PERSONAL = {"member", "reason", "starts_at", "ends_at"}

    member = models.ForeignKey(TeamMember, on_delete=models.PROTECT, related_name="absences")
    reason = models.CharField(max_length=10, choices=AbsenceReason.choices())
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="absence_has_hours", condition=Q(starts_at__lt=F("ends_at")))]
        indexes = [models.Index(fields=["ends_at"], name="absence_by_end")]


class LoopStay(models.Model):
    """A member is inside a closed loop, and is watched for some days after leaving it."""

    OPEN = {"id", "recorded_at", "recorded_by", "left_recorded_at", "left_by", "basis"}
    PERSONAL = {"member", "entered_at", "left_at", "apart_until"}

    member = models.ForeignKey(TeamMember, on_delete=models.PROTECT, related_name="loop_stays")
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)  # null while inside
    apart_until = models.DateField(null=True)  # the last day of being watched
    basis = models.JSONField(default=list)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    left_recorded_at = models.DateTimeField(null=True)
    left_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="member_in_one_loop_at_a_time",
                expressions=[
                    ("member", RangeOperators.EQUAL),
                    (_hours("entered_at", "left_at"), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="loop_left_after_entering", condition=Q(left_at=None) | Q(entered_at__lte=F("left_at"))
            ),
        ]


class TeamCall(models.Model):
    """Teams of an area were called out, to see whether they come or because they are needed."""

    OPEN = {"id", "area_code", "kind", "team_kind", "reason", "called_at", "called_by", "directive"}
    PERSONAL: set[str] = set()

    area_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=10, choices=CallKind.choices())
    team_kind = models.CharField(max_length=20, blank=True)  # empty: every kind
    reason = models.CharField(max_length=200)
    called_at = models.DateTimeField()
    called_by = models.ForeignKey("records.Account", on_delete=models.PROTECT, related_name="+")
    directive = models.ForeignKey(
        "records.Directive", null=True, on_delete=models.PROTECT, related_name="team_calls"
    )  # that was addressed to them, if it called them

    class Meta:
        indexes = [models.Index(fields=["-called_at"], name="team_call_newest")]


class CallAnswer(models.Model):
    """What became of a call at one team: answered when, ready when, with how many people."""

    OPEN = {
        "id", "call", "team", "area_code", "called_at", "answered_at", "answered_by", "ready_at", "ready_by", "people",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    call = models.ForeignKey(TeamCall, on_delete=models.PROTECT, related_name="answers")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="calls")
    area_code = models.CharField(max_length=12)  # where the team stood when it was called
    called_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=150, blank=True)
    ready_at = models.DateTimeField(null=True)
    ready_by = models.CharField(max_length=150, blank=True)
    people = models.PositiveSmallIntegerField(null=True)  # who came, as told when ready

    class Meta:
        constraints = [
            models.UniqueConstraint(name="team_called_once_a_call", fields=["call", "team"]),
            models.CheckConstraint(
                name="team_ready_after_answering",
                condition=Q(ready_at=None) | Q(answered_at__isnull=False, answered_at__lte=F("ready_at")),
            ),
        ]
        indexes = [models.Index(fields=["team", "-called_at"], name="call_answer_of_team")]


class TeamLoan(models.Model):
    """A team works for another area from when to when; it ends by itself, or is recalled."""

    OPEN = {
        "id", "team", "from_area_code", "to_area_code", "starts_at", "ends_at", "reason", "lent_at", "lent_by",
        "recalled_at", "recalled_by", "recall_reason",
    }  # fmt: skip
    PERSONAL = {"agreed_from", "agreed_to"}

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="loans")
    from_area_code = models.CharField(max_length=12)
    to_area_code = models.CharField(max_length=12)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()  # as agreed
    agreed_from = models.CharField(max_length=100)  # who agreed on each side, by office and name
    agreed_to = models.CharField(max_length=100)
    reason = models.CharField(max_length=200, blank=True)
    lent_at = models.DateTimeField()
    lent_by = models.ForeignKey("records.Account", on_delete=models.PROTECT, related_name="+")
    recalled_at = models.DateTimeField(null=True)
    recalled_by = models.CharField(max_length=150, blank=True)
    recall_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="team_lent_once_at_a_time",
                expressions=[
                    ("team", RangeOperators.EQUAL),
                    (
                        _hours("starts_at", Greatest("starts_at", Coalesce("recalled_at", "ends_at"))),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(name="loan_has_hours", condition=Q(starts_at__lt=F("ends_at"))),
        ]
        indexes = [models.Index(fields=["ends_at"], name="team_loan_by_end")]
