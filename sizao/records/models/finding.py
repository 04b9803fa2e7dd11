"""What a supervisor found, who answers for it, how it was mended, and who looked at it again."""

from django.db import models
from django.db.models import Q

from sizao.terms import FindingSource, FindingState, Gravity, Stage

OPEN_FINDINGS = tuple(
    str(state) for state in FindingState if state not in (FindingState.CLOSED, FindingState.DISMISSED)
)


class Finding(models.Model):
    """
    Something that was not as it should be: what, where, who answers by name, by when.

    `territory`, `department`, `unit` and `individual` are the four responsibilities. `item` names the line of a
    checklist or the measure of a scorecard, so that the same thing found again is recognised.
    """

    OPEN = {
        "id", "number", "outbreak", "area_code", "place", "stage", "item", "what", "severity", "source", "state",
        "territory", "department", "unit", "answerable", "due_at", "basis", "found_at", "found_by", "notified_at",
        "notified_by", "mended_at", "mended_by", "closed_at", "closed_by", "returns", "repeats", "evidence",
        "source_key",
    }  # fmt: skip
    PERSONAL = {"individual"}

    number = models.CharField(max_length=30, unique=True)
    outbreak = models.ForeignKey("records.Outbreak", null=True, on_delete=models.PROTECT, related_name="findings")
    area_code = models.CharField(max_length=12)
    place = models.ForeignKey("records.Place", null=True, on_delete=models.PROTECT, related_name="findings")
    stage = models.CharField(max_length=12, choices=Stage.choices())
    item = models.CharField(max_length=60, blank=True)
    what = models.CharField(max_length=1000)  # what was seen; never a patient's name
    severity = models.CharField(max_length=10, choices=Gravity.choices())
    source = models.CharField(max_length=10, choices=FindingSource.choices())
    state = models.CharField(max_length=10, choices=FindingState.choices())
    territory = models.CharField(max_length=100, blank=True)
    department = models.CharField(max_length=100, blank=True)
    unit = models.CharField(max_length=100, blank=True)
    individual = models.CharField(max_length=60, blank=True)
    answerable = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField(null=True)  # set when it is notified
    basis = models.JSONField(default=list)
    evidence = models.JSONField(default=dict)  # of a proposal by rule: the numbers it rests on
    found_at = models.DateTimeField()
    found_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="+")
    notified_at = models.DateTimeField(null=True)
    notified_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="+")
    mended_at = models.DateTimeField(null=True)  # the latest report; null again when it is returned
    mended_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("records.Account", null=True, on_delete=models.PROTECT, related_name="+")
    returns = models.PositiveSmallIntegerField(default=0)
    # The latest earlier finding of the same item in the same area and unit.
    repeats = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="repeated_by")
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="finding_notified_whole",
                condition=Q(notified_at__isnull=True, due_at__isnull=True)
                | Q(notified_at__isnull=False, due_at__isnull=False, notified_by__isnull=False),
            ),
            models.CheckConstraint(
                name="finding_closed_by_another",
                condition=Q(closed_by__isnull=True) | Q(mended_by__isnull=True) | ~Q(closed_by=models.F("mended_by")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["area_code", "found_at"],
                name="finding_of_area",
                opclasses=["varchar_pattern_ops", "timestamptz_ops"],
            ),
            models.Index(fields=["item", "area_code"], name="finding_of_item"),
            models.Index(fields=["found_at", "id"], name="finding_found"),
        ]


class FindingAct(models.Model):
    """One step of a finding: its state from then on, who did it, and what they said; never changed afterwards."""

    OPEN = {"id", "finding", "state", "at", "by", "note", "signed_as", "source_key"}
    PERSONAL: set[str] = set()

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="acts")
    state = models.CharField(max_length=10, choices=FindingState.choices())
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    note = models.CharField(max_length=1000, blank=True)
    signed_as = models.CharField(max_length=60, blank=True)
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        indexes = [models.Index(fields=["finding", "at"], name="finding_act_of")]


class FindingPhoto(models.Model):
    """A photograph of what was found or mended, without what the camera wrote into it."""

    OPEN = {"id", "act", "image", "media_type", "sha256", "added_at"}
    PERSONAL: set[str] = set()

    act = models.ForeignKey(FindingAct, on_delete=models.PROTECT, related_name="photos")
    image = models.BinaryField()
    media_type = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField()
