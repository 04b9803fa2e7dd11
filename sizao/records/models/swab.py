"""
Roster, tubes and swabs: tables in partitions, one for each round.

Made by the migration, not by Django: the parents hold no row. `response.testing.partitions` gives each round its own
and sets them aside. No foreign key leads to the round: that a row lies in its partition says the same, and costs
nothing in a COPY of ten million. Between the three a round's own partitions refer to each other.
"""

from django.db import models

from sizao.records.secrecy import SealedField
from sizao.terms import MissedReason, OddityKind, RosterKind, TestResult, TubeKind


class RosterEntry(models.Model):
    """
    Somebody expected in a round, or who came without being expected.

    Found again by the blind index of an id number. `person` is empty until something about them must be recorded.
    """

    OPEN = {"round", "number", "area_code", "kind", "single_only", "missed_by", "missed_at"}
    PERSONAL = {"grid", "household", "person", "id_index", "name", "phone", "address", "missed_reason"}

    pk = models.CompositePrimaryKey("round_id", "number")
    round = models.ForeignKey(
        "records.TestingRound", on_delete=models.DO_NOTHING, db_constraint=False, related_name="entries"
    )
    number = models.BigIntegerField()
    area_code = models.CharField(max_length=12)  # where they live, or stay; the village where it is known
    kind = models.CharField(max_length=10, choices=RosterKind.choices())
    single_only = models.BooleanField(default=False)
    grid = models.CharField(max_length=40, null=True)  # noqa: DJ001
    household = models.CharField(max_length=40, null=True)  # noqa: DJ001
    person = models.ForeignKey(
        "records.Person", null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="roster_entries"
    )
    id_index = models.CharField(max_length=32, null=True)  # noqa: DJ001
    name = SealedField(null=True)
    phone = SealedField(null=True)
    address = SealedField(null=True)
    missed_reason = models.CharField(max_length=20, null=True, choices=MissedReason.choices())  # noqa: DJ001
    missed_by = models.CharField(max_length=150, null=True)  # noqa: DJ001
    missed_at = models.DateTimeField(null=True)


class Tube(models.Model):
    """A tube from the first swab in it on. What a laboratory found in it is NULL until it is released."""

    OPEN = {
        "round", "code", "kind", "size", "site", "table", "area_code", "opened_at", "opened_by", "result",
        "resulted_at", "withdrawn_at",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    pk = models.CompositePrimaryKey("round_id", "code")
    round = models.ForeignKey(
        "records.TestingRound", on_delete=models.DO_NOTHING, db_constraint=False, related_name="tubes"
    )
    code = models.CharField(max_length=12)
    kind = models.CharField(max_length=10, choices=TubeKind.choices())
    size = models.PositiveSmallIntegerField()
    site = models.ForeignKey(
        "records.TestingSite", null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="tubes"
    )
    table = models.PositiveSmallIntegerField(null=True)
    area_code = models.CharField(max_length=12)  # of the site, else of the round
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=150)
    result = models.CharField(max_length=10, null=True, choices=TestResult.choices())  # noqa: DJ001
    resulted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)  # when a result of it was last taken back


class Swab(models.Model):
    """
    One person's swab in one tube, under the key of the device that registered it.

    The first of a person in a round counts; a further one in another tube is kept as a double.
    """

    OPEN = {
        "round", "source_key", "tube", "area_code", "recorded_at", "recorded_by", "is_expected", "is_double", "is_late",
        "is_recall", "clock_off_seconds",
    }  # fmt: skip
    PERSONAL = {"entry", "taken_at"}

    pk = models.CompositePrimaryKey("round_id", "source_key")
    round = models.ForeignKey(
        "records.TestingRound", on_delete=models.DO_NOTHING, db_constraint=False, related_name="swabs"
    )
    source_key = models.CharField(max_length=120)
    entry = models.BigIntegerField()  # the number on the round's roster
    tube = models.CharField(max_length=12)
    area_code = models.CharField(max_length=12)  # of the person on the roster
    taken_at = models.DateTimeField()  # by the clock of the device, set right by what it was off when it sent
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    is_expected = models.BooleanField()
    is_double = models.BooleanField(default=False)
    is_late = models.BooleanField(default=False)  # taken while the round was open, and came after it was closed
    is_recall = models.BooleanField(default=False, db_default=False)  # the single swab of somebody of a positive pool
    clock_off_seconds = models.IntegerField(null=True)


class TestingFigures(models.Model):
    """What is counted of a round."""

    __test__ = False

    expected = models.IntegerField(db_default=0)
    kept_elsewhere = models.IntegerField(db_default=0)
    registered = models.IntegerField(db_default=0)  # of those expected
    others = models.IntegerField(db_default=0)  # registered without being expected
    doubled = models.IntegerField(db_default=0)
    late = models.IntegerField(db_default=0)
    explained = models.IntegerField(db_default=0)  # missed, with a reason
    resulted = models.IntegerField(db_default=0)
    positive = models.IntegerField(db_default=0)  # by a tube of their own
    to_recall = models.IntegerField(db_default=0)  # in a positive pool
    recalled = models.IntegerField(db_default=0)  # of those, swabbed singly since
    latest_at = models.DateTimeField()  # of what is counted here; by then all of it was known

    class Meta:
        abstract = True


class TestingCount(TestingFigures):
    """
    How much a round gained in one area in one hour, by the moment it was recorded.

    The database keeps it in the transaction that writes the rows: sums up to an hour are what was known then.
    """

    __test__ = False

    OPEN = {
        "round", "area_code", "hour", "expected", "kept_elsewhere", "registered", "others", "doubled", "late",
        "explained", "resulted", "positive", "to_recall", "recalled", "latest_at",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    pk = models.CompositePrimaryKey("round_id", "area_code", "hour")
    round = models.ForeignKey("records.TestingRound", on_delete=models.PROTECT, related_name="counts")
    area_code = models.CharField(max_length=12)
    hour = models.DateTimeField()


class TestingTotal(TestingFigures):
    """
    What a round has come to in one area in all: the sum of its hours.

    The database keeps it in the transaction that changes an hour. Who asks for a moment before `latest_at` is answered
    from the hours.
    """

    __test__ = False

    OPEN = {
        "round", "area_code", "expected", "kept_elsewhere", "registered", "others", "doubled", "late", "explained",
        "resulted", "positive", "to_recall", "recalled", "latest_at",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    pk = models.CompositePrimaryKey("round_id", "area_code")
    round = models.ForeignKey("records.TestingRound", on_delete=models.PROTECT, related_name="totals")
    area_code = models.CharField(max_length=12)


class TestingOddity(models.Model):
    """
    What was odd about a swab that a device sent, and what somebody did about it.

    One that holds the swab back keeps all that was sent, sealed, until it is settled.
    """

    __test__ = False

    OPEN = {
        "id", "round", "kind", "source_key", "area_code", "tube", "taken_at", "recorded_at", "recorded_by",
        "settled_at", "settled_by", "outcome",
    }  # fmt: skip
    PERSONAL = {"sent", "entry"}

    round = models.ForeignKey("records.TestingRound", on_delete=models.PROTECT, related_name="oddities")
    kind = models.CharField(max_length=20, choices=OddityKind.choices())
    source_key = models.CharField(max_length=120)
    area_code = models.CharField(max_length=12)
    tube = models.CharField(max_length=40)
    entry = models.BigIntegerField(null=True)
    sent = SealedField(null=True)
    taken_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=150, blank=True)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="testing_oddity_once", fields=["round", "source_key", "kind"])]
        indexes = [models.Index(fields=["round", "settled_at", "-recorded_at"], name="testing_oddity_waiting")]
