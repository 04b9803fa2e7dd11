"""Push lists: people whom a trace found, told to the authority where they live, and what became of each."""

from django.db import models
from django.db.models import Q

from sizao.records.secrecy import SealedField
from sizao.terms import PushEnd, PushResult


class PushList(models.Model):
    """
    The people of one trace who live in one area, as they were pushed at one moment.

    Who is found later stands on a list of its own. `n_people` stays when the people are destroyed with the trace.
    """

    OPEN = {
        "id", "number", "outbreak", "trace", "from_area_code", "area_code", "n_people", "pushed_at", "pushed_by",
        "pushed_name", "receipt_due_at", "receipt_basis", "due_at", "basis", "protocol", "received_at", "received_by",
        "received_name", "done_at",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    number = models.CharField(max_length=40, unique=True)
    outbreak = models.ForeignKey("records.Outbreak", on_delete=models.PROTECT, related_name="push_lists")
    trace = models.ForeignKey("records.Trace", on_delete=models.PROTECT, related_name="push_lists")
    from_area_code = models.CharField(max_length=12)  # whose trace it is: what returns undelivered goes back there
    area_code = models.CharField(max_length=12)  # whose authority receives it
    n_people = models.PositiveIntegerField()
    pushed_at = models.DateTimeField()
    pushed_by = models.CharField(max_length=150)
    pushed_name = models.CharField(max_length=100, blank=True)
    receipt_due_at = models.DateTimeField()
    receipt_basis = models.JSONField(default=list)
    due_at = models.DateTimeField(null=True)  # of the results; null where no confirmed value says
    basis = models.JSONField(default=list)
    protocol = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField(null=True)
    received_by = models.CharField(max_length=150, blank=True)
    received_name = models.CharField(max_length=100, blank=True)
    done_at = models.DateTimeField(null=True)  # when the last of its people had a result

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="push_received_by_somebody",
                condition=Q(received_at__isnull=True, received_by="")
                | (Q(received_at__isnull=False) & ~Q(received_by="")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["outbreak", "area_code"], name="push_to", opclasses=["int8_ops", "varchar_pattern_ops"]
            ),
            models.Index(
                fields=["outbreak", "from_area_code"], name="push_from", opclasses=["int8_ops", "varchar_pattern_ops"]
            ),
        ]


class PushEntry(models.Model):
    """One person of a push list: what became of them there, and what the sender did where they were not found."""

    OPEN = {"id", "push_list", "ref", "layer", "tier", "minutes", "again"}
    PERSONAL = {
        "token", "person", "last_at", "result", "note", "told_at", "told_by", "moved_to", "end", "end_note", "ended_at",
        "ended_by",
    }  # fmt: skip

    push_list = models.ForeignKey(PushList, on_delete=models.CASCADE, related_name="entries")
    ref = models.PositiveIntegerField()
    token = models.CharField(max_length=40, blank=True)
    person = models.ForeignKey("records.Person", null=True, on_delete=models.PROTECT, related_name="push_entries")
    layer = models.CharField(max_length=10)
    tier = models.CharField(max_length=20)
    minutes = models.FloatField()
    last_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=16, blank=True, choices=PushResult.choices())
    note = SealedField(null=True)
    told_at = models.DateTimeField(null=True)
    told_by = models.CharField(max_length=150, blank=True)
    moved_to = models.CharField(max_length=12, blank=True)  # where they live now, as far as the receiver knows
    end = models.CharField(max_length=12, blank=True, choices=PushEnd.choices())
    end_note = SealedField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=150, blank=True)
    again = models.OneToOneField("self", null=True, on_delete=models.SET_NULL, related_name="before")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="push_entry_once", fields=["push_list", "ref"]),
            models.CheckConstraint(
                name="push_result_whole",
                condition=Q(result="", told_at__isnull=True) | (~Q(result="") & Q(told_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="push_end_whole",
                condition=Q(end="", ended_at__isnull=True) | (~Q(end="") & Q(ended_at__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["token"], name="push_entry_token")]
