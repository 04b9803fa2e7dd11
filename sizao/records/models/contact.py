from django.db import models

from sizao.terms import ContactKind, ContactState


class Contact(models.Model):
    """A person with an exposure to a case, and where they stand in being looked after."""

    OPEN = {
        "id",
        "outbreak",
        "kind",
        "state",
        "area_code",
        "found_at",
        "placed_at",
        "closed_at",
        "source",
        "source_key",
    }
    PERSONAL = {"person", "index_case", "through", "last_exposure_date"}

    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="contacts")
    person = models.ForeignKey("records.Person", on_delete=models.PROTECT, related_name="contacts")
    kind = models.CharField(max_length=10, choices=ContactKind.choices())
    state = models.CharField(max_length=12, choices=ContactState.choices())
    index_case = models.ForeignKey("records.Case", null=True, on_delete=models.PROTECT, related_name="contacts")
    # Of a secondary contact: the close contact whom they met, as far as somebody said whom.
    through = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="secondary")
    area_code = models.CharField(max_length=12)
    last_exposure_date = models.DateField(null=True)  # unknown where only the isolation is published
    found_at = models.DateTimeField()
    placed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=40)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="contact_once_per_person", fields=["outbreak", "person"])]
        indexes = [
            models.Index(
                fields=["outbreak", "area_code", "id"],
                name="contact_area",
                opclasses=["int8_ops", "varchar_pattern_ops", "int8_ops"],
            ),
            models.Index(fields=["outbreak", "found_at", "id"], name="contact_found"),  # pages, newest first
        ]


class ContactChange(models.Model):
    """One move of a contact."""

    OPEN = {"id", "contact", "state", "at", "by", "source_key"}
    PERSONAL: set[str] = set()

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="changes")
    state = models.CharField(max_length=12, choices=ContactState.choices())
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        indexes = [models.Index(fields=["contact", "-at"], name="contact_change_latest")]
