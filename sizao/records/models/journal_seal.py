from django.db import models


class JournalSeal(models.Model):
    """
    One link of the journal's chain: the digest of the lines since the link before, together with its digest.

    The database refuses to change or delete a link, as it does for lines.
    """

    OPEN = {"id", "first_line", "last_line", "lines", "before", "digest", "sealed_at"}
    PERSONAL: set[str] = set()

    first_line = models.BigIntegerField()  # numbers of lines, both included; some numbers are never used
    last_line = models.BigIntegerField(unique=True)
    lines = models.PositiveIntegerField()
    before = models.CharField(max_length=64)  # digest of the link before; empty for the first
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(db_default=models.functions.Now())
