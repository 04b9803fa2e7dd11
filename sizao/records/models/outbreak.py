from datetime import date, datetime

from django.db import models
from django.utils import timezone

from sizao.terms import OutbreakKind


class Outbreak(models.Model):
    """What a response is about: a disease, an area, and whether it is real or rehearsed."""

    OPEN = {
        "id",
        "slug",
        "name",
        "name_en",
        "disease",
        "kind",
        "area_code",
        "first_date",
        "last_date",
        "opened_at",
        "closed_at",
    }
    PERSONAL: set[str] = set()

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    disease = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=OutbreakKind.choices())
    area_code = models.CharField(max_length=12)
    first_date = models.DateField()
    last_date = models.DateField(null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    def called(self, language: str) -> str:
        """Name the outbreak in the language of a reader."""
        return self.name if language.startswith("zh") else self.name_en or self.name

    @property
    def acts_on_people(self) -> bool:
        """Whether decisions here reach real people today, so that every value must be confirmed."""
        return self.kind == OutbreakKind.REAL

    def day_of(self, moment: datetime) -> date:
        """The civil day of the jurisdiction on which a moment falls."""
        return timezone.localtime(moment).date()


class ProtocolConfirmation(models.Model):
    """An authority's word that a value marked unverified or local may be used outside a drill."""

    OPEN = {"id", "edition", "key", "value", "area_code", "by", "at", "note", "withdrawn_at"}
    PERSONAL: set[str] = set()

    edition = models.CharField(max_length=100)  # the origin of the value: edition, companion or annex
    key = models.CharField(max_length=100)
    value = models.JSONField()
    area_code = models.CharField(max_length=12)
    by = models.ForeignKey("records.Account", on_delete=models.PROTECT)
    at = models.DateTimeField()
    note = models.TextField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="confirmation_standing_once",
                fields=["edition", "key", "area_code"],
                condition=models.Q(withdrawn_at__isnull=True),
            ),
        ]


class ProtocolAnnex(models.Model):
    """A local annex as it was published: the text is quoted and never changes."""

    OPEN = {"id", "outbreak", "annex_id", "text", "published_by", "published_at", "withdrawn_at"}
    PERSONAL: set[str] = set()

    outbreak = models.ForeignKey(Outbreak, on_delete=models.PROTECT, related_name="annexes")
    annex_id = models.CharField(max_length=60)
    text = models.TextField()
    published_by = models.ForeignKey("records.Account", on_delete=models.PROTECT)
    published_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="annex_once", fields=["outbreak", "annex_id"])]
