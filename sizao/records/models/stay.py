from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models

from sizao.terms import StayKind


class StayQuerySet(models.QuerySet):
    def current(self, at):
        return self.filter(period__contains=at)


class Stay(models.Model):
    """
    Where a person is, from when to when: the location ledger.

    The database refuses two stays of one person at once, and two households in one single room.
    """

    OPEN = {"id", "kind", "place", "area_code", "party", "single_room", "recorded_at", "source_key"}
    PERSONAL = {"person", "period"}

    person = models.ForeignKey("records.Person", on_delete=models.PROTECT, related_name="stays")
    kind = models.CharField(max_length=10, choices=StayKind.choices())
    place = models.ForeignKey("records.Place", null=True, on_delete=models.PROTECT, related_name="stays")
    area_code = models.CharField(max_length=12, db_index=True)
    period = DateTimeRangeField()
    # Household id, or the negative id of a person without one: who may share a single room.
    party = models.BigIntegerField()
    single_room = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    source_key = models.CharField(max_length=200, unique=True)

    objects = StayQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="stay_one_at_a_time",
                expressions=[("person", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            ),
            ExclusionConstraint(
                name="stay_one_household_per_single_room",
                expressions=[
                    ("place", RangeOperators.EQUAL),
                    ("party", RangeOperators.NOT_EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(single_room=True),
            ),
            models.CheckConstraint(
                name="stay_has_a_start",
                condition=models.Q(period__isempty=False, period__startswith__isnull=False),
            ),
        ]
