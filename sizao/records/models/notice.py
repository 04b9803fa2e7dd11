"""What accounts are told: notices on the pages, each person's settings, and the messages that leave the house."""

from django.db import models
from django.db.models import Q

from sizao.records.secrecy import SealedField
from sizao.terms import DeliveryState, NoticeChannel


class Notice(models.Model):
    """One thing that one account is told of: a count, an area and where to look; never a person's name."""

    OPEN = {
        "id", "account", "outbreak", "kind", "is_urgent", "area_code", "count", "due_at", "path", "made_at", "read_at",
        "told_at", "source_key",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    account = models.ForeignKey("records.Account", on_delete=models.PROTECT, related_name="notices")
    outbreak = models.ForeignKey("records.Outbreak", null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)  # a NoticeKind; without choices, so that a new source needs no migration
    is_urgent = models.BooleanField()
    area_code = models.CharField(max_length=12)
    count = models.PositiveIntegerField(default=1)
    due_at = models.DateTimeField(null=True)
    path = models.CharField(max_length=200)  # of the page that it leads to
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)  # when it was put into a message, or found to need none
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["account"], name="notice_unread", condition=Q(read_at__isnull=True)),
            models.Index(fields=["account", "-made_at", "-id"], name="notice_of_account"),
            models.Index(fields=["account", "made_at"], name="notice_untold", condition=Q(told_at__isnull=True)),
        ]


class NoticeSettings(models.Model):
    """How one account wants to be told outside the pages; without a row, not at all."""

    OPEN = {
        "id", "account", "by_mail", "by_webhook", "webhook_url", "digest_hour", "quiet_from", "quiet_until",
        "language", "changed_at",
    }  # fmt: skip
    PERSONAL = {"webhook_secret"}

    account = models.OneToOneField("records.Account", on_delete=models.PROTECT, related_name="notice_settings")
    by_mail = models.BooleanField(default=False)
    by_webhook = models.BooleanField(default=False)
    webhook_url = models.CharField(max_length=200, blank=True)
    webhook_secret = SealedField(null=True)  # with it each webhook is signed
    digest_hour = models.PositiveSmallIntegerField(default=8)
    quiet_from = models.PositiveSmallIntegerField(default=22)  # hours of the day; equal ones: never quiet
    quiet_until = models.PositiveSmallIntegerField(default=7)
    language = models.CharField(max_length=10, default="zh-hans")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="notice_hours_are_hours",
                condition=Q(digest_hour__lt=24, quiet_from__lt=24, quiet_until__lt=24),
            ),
        ]


class NoticeDelivery(models.Model):
    """
    One message out of the house, kept word for word with what became of it.

    `handing_at` is written before the other side can have taken it: whoever dies after that leaves an e-mail that is
    not sent a second time, and a webhook that is, under the same key.
    """

    OPEN = {
        "id", "account", "channel", "address", "is_digest", "is_urgent", "facts", "state", "made_at", "next_try_at",
        "tries", "handing_at", "sent_at", "fault", "uid", "source_key",
    }  # fmt: skip
    PERSONAL: set[str] = set()

    account = models.ForeignKey("records.Account", on_delete=models.PROTECT, related_name="notice_deliveries")
    channel = models.CharField(max_length=10, choices=NoticeChannel.choices())
    address = models.CharField(max_length=254)
    is_digest = models.BooleanField()
    is_urgent = models.BooleanField()
    facts = models.JSONField()  # what the message says: kinds, counts, areas, addresses of pages
    state = models.CharField(max_length=10, choices=DeliveryState.choices(), default=DeliveryState.WAITING)
    made_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    handing_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=300, blank=True)
    uid = models.UUIDField(unique=True)  # the Message-ID, or the webhook's key
    source_key = models.CharField(max_length=200, unique=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="notice_delivery_waiting",
                condition=Q(state__in=[str(DeliveryState.WAITING), str(DeliveryState.HANDING)]),
            ),
            models.Index(fields=["account", "-made_at"], name="notice_delivery_of"),
        ]
