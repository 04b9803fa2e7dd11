from django.db import models

from sizao.terms import STREAM_GROUP, StreamGroup, StreamKind, StreamStep


class Stream(models.Model):
    """What one source counts in one area, day by day or week by week; counts of people, never people."""

    OPEN = {
        "id",
        "outbreak",
        "kind",
        "area_code",
        "place",
        "name",
        "step",
        "is_generated",
        "source",
        "source_key",
        "first_date",
        "opened_at",
        "closed_at",
        "looked_at",
        "looked_with",
        "counts_seen",
    }
    PERSONAL: set[str] = set()

    # A replay or drill has streams of its own; the streams that watch real life belong to no outbreak.
    outbreak = models.ForeignKey("records.Outbreak", null=True, on_delete=models.PROTECT, related_name="streams")
    kind = models.CharField(max_length=20, choices=StreamKind.choices())
    area_code = models.CharField(max_length=12)
    place = models.ForeignKey("records.Place", null=True, on_delete=models.PROTECT, related_name="streams")
    name = models.CharField(max_length=200)
    step = models.CharField(max_length=4, choices=StreamStep.choices())
    is_generated = models.BooleanField(default=False)  # made by a model, and said so on every screen
    source = models.CharField(max_length=300)
    source_key = models.CharField(max_length=200, unique=True)
    first_date = models.DateField()  # what it speaks of begins here; its weeks begin on this weekday
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    # It is looked at again when there are more counts than were seen, or when it is judged by other settings.
    looked_at = models.DateTimeField(null=True)
    looked_with = models.CharField(max_length=300, blank=True)
    counts_seen = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["outbreak", "area_code", "id"],
                name="stream_area",
                opclasses=["int8_ops", "varchar_pattern_ops", "int8_ops"],
            ),
        ]

    @property
    def group(self) -> StreamGroup:
        """Whether it watches people, goods or places."""
        return STREAM_GROUP[StreamKind(self.kind)]


class StreamCount(models.Model):
    """
    What a stream said of one day (or of the week that begins on it) at one moment.

    A late or corrected count is a further row; what was known at a moment is the latest row until then.
    """

    OPEN = {"id", "stream", "date", "count", "denominator", "heard_at", "by"}
    PERSONAL: set[str] = set()

    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="counts")
    date = models.DateField()
    count = models.PositiveIntegerField()  # zero is said by the source; a day that nobody counted has no row
    denominator = models.PositiveIntegerField(null=True)  # all visits, all pupils, all swabs, where it is known
    heard_at = models.DateTimeField()
    by = models.CharField(max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(name="stream_count_once", fields=["stream", "date", "heard_at"])]
        indexes = [models.Index(fields=["stream", "date", "-heard_at"], name="stream_count_latest")]


class Verdict(models.Model):
    """What one detector said of one day of a stream, from the counts known when it looked."""

    OPEN = {
        "id",
        "stream",
        "date",
        "method",
        "count",
        "expected",
        "upperbound",
        "statistic",
        "p_value",
        "is_alarm",
        "looked_at",
        "basis",
    }
    PERSONAL: set[str] = set()

    stream = models.ForeignKey(Stream, on_delete=models.CASCADE, related_name="verdicts")
    date = models.DateField()
    method = models.CharField(max_length=30)
    count = models.PositiveIntegerField()
    expected = models.FloatField(null=True)  # null where the method could not say
    upperbound = models.FloatField(null=True)
    statistic = models.FloatField(null=True)
    p_value = models.FloatField(null=True)
    is_alarm = models.BooleanField()
    looked_at = models.DateTimeField()
    basis = models.JSONField(default=list)  # the settings of the method and the annex they came from

    class Meta:
        constraints = [
            models.UniqueConstraint(name="verdict_once", fields=["stream", "date", "method", "looked_at"]),
        ]
        indexes = [models.Index(fields=["stream", "method", "date", "-looked_at"], name="verdict_latest")]
