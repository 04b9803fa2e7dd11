"""How many clocks of tasks ended on each day in each area, kept by the database beside the tasks themselves."""

from django.db import models


class ClockDay(models.Model):
    """Clocks of one kind of task that ran out on one day in one area, at one level: all, kept, and without a clock."""

    OPEN = {"id", "kind", "outbreak_id", "area_code", "day", "clocks", "kept", "unknown"}
    PERSONAL: set[str] = set()

    kind = models.CharField(max_length=20)
    outbreak_id = models.BigIntegerField()  # 0: no outbreak
    area_code = models.CharField(max_length=12)  # cut to province, city, county or street
    day = models.DateField()  # civil day on which the clock ran out; of a task without a clock, when it was asked
    clocks = models.IntegerField()
    kept = models.IntegerField()
    unknown = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="clock_day_once", fields=["area_code", "day", "kind", "outbreak_id"]),
        ]
        indexes = [
            models.Index(
                fields=["area_code", "day"], name="clock_day_of_area", opclasses=["varchar_pattern_ops", "date_ops"]
            ),
        ]


class ClockChange(models.Model):
    """What a statement on tasks changed in these counts; the loop adds it to its day. Both together are the count."""

    OPEN = {"id", "kind", "outbreak_id", "area_code", "day", "clocks", "kept", "unknown"}
    PERSONAL: set[str] = set()

    kind = models.CharField(max_length=20)
    outbreak_id = models.BigIntegerField()
    area_code = models.CharField(max_length=12)
    day = models.DateField()
    clocks = models.IntegerField()
    kept = models.IntegerField()
    unknown = models.IntegerField()
