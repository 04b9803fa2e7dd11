"""Requests to and from other authorities about named people, and every message about them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from sizao.records.secrecy import SealedField
from sizao.terms import AskedFor, ContactKind, ExchangeWay, MessageKind, PersonAnswer, RequestState


class Authority(models.Model):
    """Another authority: where its system or its letters are reached, and the key that its messages are signed with."""

    OPEN = {
        "id", "name", "area_code", "way", "address", "public_key", "certificate", "phone", "added_at", "added_by",
        "ended_at",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    name = models.CharField(max_length=100)
    area_code = models.CharField(max_length=12)
    way = models.CharField(max_length=10, choices=ExchangeWay.choices())
    address = models.CharField(max_length=200, blank=True)  # https://…, of the other system
    public_key = models.CharField(max_length=60, blank=True)  # Ed25519, base64
    certificate = models.TextField(blank=True)  # of its server, where no public authority vouches for it
    phone = models.CharField(max_length=40, blank=True)  # of the office, never of a person
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=150)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="authority_key_once", fields=["public_key"], condition=~Q(public_key="") & Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="authority_reached_somehow",
                condition=Q(way=str(ExchangeWay.LETTER)) | (~Q(address="") & ~Q(public_key="")),
            ),
        ]


class CooperationRequest(models.Model):
    """
    One request, ours or another authority's: what is asked, about whom, by when, and what was answered.

    `number` names it on both sides. `told_at` is the moment of the newest version that this side knows.
    """

    OPEN = {
        "id", "number", "is_incoming", "authority", "outbreak", "area_code", "state", "asked", "question",
        "legal_basis", "basis", "protocol", "send_by", "due_at", "made_at", "made_by", "told_at", "sent_at",
        "received_at", "decided_at", "decided_by", "refuse_reason", "answered_at", "closed_at", "withdrawn_at",
        "keep_until", "destroyed_at", "reminded_at",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    number = models.CharField(max_length=40, unique=True)
    is_incoming = models.BooleanField()
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="requests")
    outbreak = models.ForeignKey("records.Outbreak", null=True, on_delete=models.PROTECT, related_name="cooperations")
    area_code = models.CharField(max_length=12)  # of the side that keeps this row
    state = models.CharField(max_length=10, choices=RequestState.choices(), default=RequestState.DRAFT)
    asked = ArrayField(models.CharField(max_length=12, choices=AskedFor.choices()))
    question = models.TextField(blank=True)
    legal_basis = models.CharField(max_length=300, blank=True)
    basis = models.JSONField(default=list)
    protocol = models.CharField(max_length=200, blank=True)
    send_by = models.DateTimeField(null=True)  # the edition's hours from when the first of its people was found
    due_at = models.DateTimeField(null=True)  # of the answer; null where no confirmed value says
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    told_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)
    refuse_reason = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    keep_until = models.DateField(null=True)  # what came from another authority is destroyed after this day
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"], name="cooperation_due")]


class CooperationPerson(models.Model):
    """One person of a request, as far as the question needs them, and what was answered about them."""

    OPEN = {"id", "request", "ref"}
    PERSONAL = {
        "person", "name", "id_number", "phone", "address", "area_code", "contact_kind", "last_exposure_date",
        "note", "answer", "answer_note", "answered_at", "answered_by",
    }  # fmt: skip

    request = models.ForeignKey(CooperationRequest, on_delete=models.CASCADE, related_name="people")
    ref = models.PositiveSmallIntegerField()  # the number on the list, the same on both sides
    person = models.ForeignKey("records.Person", null=True, on_delete=models.PROTECT, related_name="cooperations")
    name = SealedField(null=True)
    id_number = SealedField(null=True)
    phone = SealedField(null=True)
    address = SealedField(null=True)
    area_code = models.CharField(max_length=12, blank=True)
    contact_kind = models.CharField(max_length=10, blank=True, choices=ContactKind.choices())
    last_exposure_date = models.DateField(null=True)
    note = SealedField(null=True)
    answer = models.CharField(max_length=12, blank=True, choices=PersonAnswer.choices())
    answer_note = SealedField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="cooperation_person_once", fields=["request", "ref"]),
            models.CheckConstraint(
                name="cooperation_answer_whole",
                condition=Q(answer="", answered_at__isnull=True) | (~Q(answer="") & Q(answered_at__isnull=False)),
            ),
        ]


class ExchangeMessage(models.Model):
    """A signed message, sent or received, word for word; what it led to follows from all of them, in any order."""

    OPEN = {
        "id", "uid", "is_incoming", "authority", "number", "kind", "made_at", "signature", "digest", "recorded_at",
        "settled_at", "next_try_at", "tries", "delivered_at", "receipt", "fault", "destroyed_at",
    }  # fmt: skip
    PERSONAL = {"body"}

    uid = models.UUIDField(unique=True)
    is_incoming = models.BooleanField()
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="messages")
    number = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=MessageKind.choices())
    made_at = models.DateTimeField()
    body = SealedField(null=True)  # the envelope as it was signed; null once its last day has passed
    signature = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)  # when it was worked in; null while its request has not come
    next_try_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)
    receipt = models.JSONField(null=True)  # signed by the other side
    fault = models.CharField(max_length=300, blank=True)  # why the last try failed
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["number", "made_at"], name="exchange_of_request"),
            models.Index(
                fields=["next_try_at"],
                name="exchange_waiting",
                condition=Q(delivered_at__isnull=True, is_incoming=False),
            ),
        ]
