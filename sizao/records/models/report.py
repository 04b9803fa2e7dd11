from datetime import date, datetime, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models

from sizao.terms import ReportState, UnitKind


class ReportingUnit(models.Model):
    """Somebody below or beside the counties with the duty to report: who, from when, how often, by when."""

    OPEN = {
        "id",
        "area_code",
        "name",
        "kind",
        "every_days",
        "due_hour",
        "first_date",
        "last_date",
        "basis",
        "added_at",
        "added_by",
        "source_key",
    }
    PERSONAL: set[str] = set()

    area_code = models.CharField(max_length=12)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=15, choices=UnitKind.choices())
    every_days = models.PositiveSmallIntegerField(default=1)  # counted from the first day
    due_hour = models.PositiveSmallIntegerField()  # hours after the end of the day it is about
    first_date = models.DateField()
    last_date = models.DateField(null=True)
    basis = models.CharField(max_length=300)  # the notice that gave the duty
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=150)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["area_code"], name="reporting_unit_area", opclasses=["varchar_pattern_ops"]),
        ]
        constraints = [
            models.CheckConstraint(name="reporting_unit_rhythm", condition=models.Q(every_days__gte=1)),
        ]

    def owes(self, day: date) -> bool:
        """Tell whether a report is owed that ends with this day; with the last day of a duty one ends in any case."""
        begun = self.first_date <= day and (self.last_date is None or day <= self.last_date)
        return begun and ((day - self.first_date).days % self.every_days == 0 or day == self.last_date)

    def first_of(self, day: date) -> date:
        """Say with which day the period begins that ends with this one: after the day of the report before."""
        days = (day - self.first_date).days % self.every_days or self.every_days
        return max(self.first_date, day - timedelta(days=days - 1))


class DailyReportQuerySet(models.QuerySet):
    def of_areas(self):
        """Reports of province, city and county, whose figures are counted from rows."""
        return self.filter(unit__isnull=True)

    def standing(self):
        """Leave out versions that a later one has taken the place of."""
        return self.filter(corrected_at__isnull=True)

    def standing_at(self, as_of: datetime):
        """Give the version of each report that stood at a moment."""
        known = self.filter(drafted_at__lte=as_of)
        return known.filter(models.Q(corrected_at__isnull=True) | models.Q(corrected_at__gt=as_of))

    def holding(self, first: date, last: date):
        """Those whose periods hold any of some days."""
        # Most end on one of them; those that end later are of several days, and few.
        later = models.Q(date__gt=last, first_date__lte=last, first_date__lt=models.F("date"))
        return self.filter(models.Q(date__range=(first, last)) | later)

    def waiting_for_approval(self):
        return self.filter(
            submitted_at__isnull=False, approved_at__isnull=True, returned_at__isnull=True, corrected_at__isnull=True
        )


class DailyReport(models.Model):
    """
    One version of the figures of one area or unit for a period: `first_date` to `date`, often one day.

    Flows are those of the whole period, stocks those at its end. Zero is a statement somebody made.

    `figures` maps each figure's code to a number, or to NULL where it is not known; of an area they are counted from
    rows, of a unit it states them. The database refuses to change them once the version is submitted.
    """

    OPEN = {
        "id",
        "outbreak",
        "unit",
        "area_code",
        "first_date",
        "date",
        "version",
        "figures",
        "own",
        "is_zero",
        "drafted_at",
        "due_at",
        "submitted_at",
        "submitted_by",
        "signature",
        "approved_at",
        "approved_by",
        "returned_at",
        "returned_by",
        "return_reason",
        "correction_reason",
        "corrected_at",
        "differs_at",
        "source_key",
    }
    PERSONAL: set[str] = set()

    outbreak = models.ForeignKey("records.Outbreak", null=True, on_delete=models.PROTECT, related_name="daily_reports")
    unit = models.ForeignKey(ReportingUnit, null=True, on_delete=models.PROTECT, related_name="reports")
    area_code = models.CharField(max_length=12)
    first_date = models.DateField()  # the first day it holds, that of a daily report its only one
    date = models.DateField()  # the last day it holds, by which it is called
    version = models.PositiveSmallIntegerField(default=1)
    figures = models.JSONField()
    # What of these figures no area below can count, because it is known to this level only.
    own = models.JSONField(default=dict)
    is_zero = models.BooleanField()
    due_at = models.DateTimeField(null=True)  # by when it is owed; null where no rule says
    drafted_at = models.DateTimeField()  # the figures are those known then
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT)
    signature = models.CharField(max_length=64, blank=True)  # over whom, what and when; see reports.signing
    approved_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=150, blank=True)
    returned_at = models.DateTimeField(null=True)
    returned_by = models.CharField(max_length=150, blank=True)
    return_reason = models.CharField(max_length=300, blank=True)
    correction_reason = models.CharField(max_length=300, blank=True)  # why this version was made
    corrected_at = models.DateTimeField(null=True)  # when a later version took its place
    differs_at = models.DateTimeField(null=True)  # when the loop found that its rows now tell something else
    source_key = models.CharField(max_length=200, unique=True)

    objects = DailyReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="daily_report_once",
                fields=["outbreak", "unit", "area_code", "date", "version"],
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                name="daily_report_one_stands",
                fields=["outbreak", "unit", "area_code", "date"],
                condition=models.Q(corrected_at__isnull=True),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="daily_report_ends_after_it_begins", condition=models.Q(first_date__lte=models.F("date"))
            ),
            # No day of an area stands in two reports.
            ExclusionConstraint(
                name="daily_report_holds_a_day_once",
                expressions=[
                    ("outbreak", RangeOperators.EQUAL),
                    ("area_code", RangeOperators.EQUAL),
                    (
                        models.Func(
                            "first_date",
                            "date",
                            models.Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=models.Q(unit__isnull=True, corrected_at__isnull=True),
            ),
        ]
        indexes = [
            # What is not sent yet, or was sent after some moment.
            models.Index(fields=["submitted_at"], name="daily_report_sent"),
            models.Index(
                fields=["date", "area_code"],
                name="daily_report_day",
                opclasses=["date_ops", "varchar_pattern_ops"],
            ),
            models.Index(
                fields=["date"],
                name="daily_report_of_days",
                condition=models.Q(first_date__lt=models.F("date")),
            ),
            models.Index(
                fields=["area_code", "date"],
                name="daily_report_to_approve",
                opclasses=["varchar_pattern_ops", "date_ops"],
                condition=models.Q(
                    submitted_at__isnull=False,
                    approved_at__isnull=True,
                    returned_at__isnull=True,
                    corrected_at__isnull=True,
                ),
            ),
        ]

    def state_at(self, moment: datetime) -> ReportState:
        """Say where this version stood at a moment."""
        steps = (
            (self.corrected_at, ReportState.CORRECTED),
            (self.returned_at, ReportState.RETURNED),
            (self.approved_at, ReportState.APPROVED),
            (self.submitted_at, ReportState.SUBMITTED),
        )
        return next((state for at, state in steps if at is not None and at <= moment), ReportState.DRAFTED)
