"""Forms about people that an office fills: the notifiable-disease card and others."""

from django.db import models
from django.db.models import Q

from sizao.records.secrecy import SealedField
from sizao.terms import CardState


class Card(models.Model):
    """
    One filled form about one person: what records told, what a person completed, and who signed it.

    `content` maps the numbers of the form's fields to what stands there, sealed as a whole. A correction is a card of
    its own that names the one it corrects.
    """

    OPEN = {
        "id", "number", "form", "form_version", "outbreak", "area_code", "state", "corrects", "drafted_at",
        "drafted_by", "signed_at", "signed_by", "due_at", "basis", "source_key",
    }  # fmt: skip
    PERSONAL = {"person", "case", "content"}

    number = models.CharField(max_length=40, unique=True)
    form = models.CharField(max_length=40)
    form_version = models.CharField(max_length=80)
    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="cards")
    person = models.ForeignKey("records.Person", on_delete=models.PROTECT, related_name="cards")
    case = models.ForeignKey("records.Case", null=True, on_delete=models.PROTECT, related_name="cards")
    area_code = models.CharField(max_length=12)
    state = models.CharField(max_length=10, choices=CardState.choices(), default=CardState.DRAFT)
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")
    content = SealedField()
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=150)
    due_at = models.DateTimeField(null=True)  # by the edition, from the diagnosis; null where no confirmed value says
    basis = models.JSONField(default=list)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        indexes = [models.Index(fields=["outbreak", "area_code", "state"], name="card_of_area")]
        constraints = [
            models.CheckConstraint(
                name="card_signed_by_somebody",
                condition=Q(state=str(CardState.DRAFT), signed_at__isnull=True, signed_by__isnull=True)
                | (~Q(state=str(CardState.DRAFT)) & Q(signed_at__isnull=False, signed_by__isnull=False)),
            )
        ]
