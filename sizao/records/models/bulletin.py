"""What is told to everybody about a day of an outbreak."""

from django.db import models
from django.db.models import Q

from sizao.terms import BulletinState


class Bulletin(models.Model):
    """
    One version of the bulletin of a day: locked figures that may be told, and the text around them.

    `figures` holds nothing that may not be told: hidden cells are NULL in it.
    """

    OPEN = {
        "id", "outbreak", "area_code", "date", "version", "state", "figures", "text_zh", "text_en", "drafted_at",
        "edited_at", "edited_by", "issued_at", "issued_by", "replaced_at", "reason", "source_key",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="bulletins")
    area_code = models.CharField(max_length=12)
    date = models.DateField()
    version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=BulletinState.choices(), default=BulletinState.DRAFT)
    figures = models.JSONField()
    text_zh = models.TextField()
    text_en = models.TextField()
    drafted_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    edited_by = models.CharField(max_length=150, blank=True)
    issued_at = models.DateTimeField(null=True)
    issued_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT)
    replaced_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)  # why it corrects the version before
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="bulletin_version_once", fields=["outbreak", "date", "version"]),
            models.UniqueConstraint(
                name="bulletin_issued_once", fields=["outbreak", "date"], condition=Q(state=str(BulletinState.ISSUED))
            ),
            models.CheckConstraint(
                name="bulletin_issued_by_somebody",
                condition=Q(state=str(BulletinState.DRAFT), issued_at__isnull=True, issued_by__isnull=True)
                | (~Q(state=str(BulletinState.DRAFT)) & Q(issued_at__isnull=False, issued_by__isnull=False)),
            ),
        ]
