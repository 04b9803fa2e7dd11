"""Bulk presences in the database: the key of their tokens, who bears them, what was delivered, who sat where."""

from django.db import models

from sizao.records.secrecy import SealedField


class TokenKey(models.Model):
    """
    The key under which one outbreak's presences bear tokens in the place of people.

    Each outbreak has its own, so that tokens of two outbreaks cannot be laid side by side. When the data are
    destroyed the key is too: `key` is NULL and no token leads to a person any more.
    """

    OPEN = {"id", "outbreak", "made_at", "borne_at", "destroyed_at"}
    PERSONAL = {"key"}

    outbreak = models.OneToOneField("records.Outbreak", on_delete=models.PROTECT, related_name="token_key")
    key = SealedField(null=True)
    made_at = models.DateTimeField()
    borne_at = models.DateTimeField(null=True)  # since when TokenBearer holds the tokens of the whole register
    destroyed_at = models.DateTimeField(null=True)


class PresenceBatch(models.Model):
    """One delivery of presences: from which source, how much of it could be used, and when it came."""

    OPEN = {
        "id", "outbreak", "source", "source_key", "rows_taken", "rows_refused", "told", "earliest_at", "latest_at",
        "arrived_at", "by", "is_generated",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="presence_batches")
    source = models.CharField(max_length=100)
    source_key = models.CharField(max_length=200)
    rows_taken = models.PositiveBigIntegerField()
    rows_refused = models.PositiveBigIntegerField()
    told = models.JSONField(default=dict)  # ends imputed, rows repeated, places not matched …
    earliest_at = models.DateTimeField(null=True)
    latest_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField()
    by = models.CharField(max_length=150)
    is_generated = models.BooleanField(default=False)  # made by a model, and said so on every screen

    class Meta:
        constraints = [models.UniqueConstraint(name="presence_batch_once", fields=["outbreak", "source_key"])]
        indexes = [models.Index(fields=["outbreak", "-arrived_at"], name="presence_batch_latest")]


class PresenceSeat(models.Model):
    """
    Where somebody, under a token, sat in a vehicle on a ride; the ride itself lies in the store of presences.

    A carriage (or cabin) and a row counted from the front, each empty or NULL where the source did not tell it.
    """

    OPEN = {"id", "outbreak", "batch", "carriage", "row", "is_crew"}
    PERSONAL = {"token", "place", "started_at"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="presence_seats")
    batch = models.ForeignKey(PresenceBatch, on_delete=models.PROTECT, related_name="seats")
    token = models.CharField(max_length=40)
    place = models.CharField(max_length=200)
    carriage = models.CharField(max_length=20, blank=True)
    row = models.PositiveSmallIntegerField(null=True)
    is_crew = models.BooleanField(default=False)
    started_at = models.DateTimeField()  # of the presence, whose days are its days too

    class Meta:
        indexes = [
            models.Index(fields=["outbreak", "place", "token"], name="presence_seat_place"),
            models.Index(fields=["outbreak", "started_at"], name="presence_seat_day"),
        ]


class TokenBearer(models.Model):
    """
    Which person of the register bears a token of one outbreak, found by the token's mark.

    A mark is a keyed hash of the token: without the outbreak's key nobody can lay this table beside the store.
    The rows are destroyed with the key.
    """

    OPEN = {"id", "outbreak"}
    PERSONAL = {"mark", "person"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="token_bearers")
    mark = models.UUIDField()
    person = models.ForeignKey("records.Person", on_delete=models.CASCADE, related_name="token_marks")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="token_bearer_once", fields=["outbreak", "mark", "person"]),
        ]


class TokensDue(models.Model):
    """
    A person whose tokens have to be worked out: new in the register, or known by something else since.

    The database itself writes these rows (a trigger), so that no way into the register can forget it.
    """

    OPEN = {"id"}
    PERSONAL = {"person"}

    person = models.ForeignKey("records.Person", on_delete=models.CASCADE, related_name="+")
