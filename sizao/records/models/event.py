from django.db import models


class Event(models.Model):
    """
    One line of the journal: append-only, without foreign keys, readable without personal data.

    The database refuses to change or delete a line (see the migration `what_the_database_holds_to`).
    """

    OPEN = {
        "id",
        "verb",
        "subject_kind",
        "subject_id",
        "actor",
        "area_code",
        "outbreak_id",
        "at",
        "written_at",
        "facts",
        "protocol",
    }
    PERSONAL: set[str] = set()

    verb = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    person_id = models.BigIntegerField(null=True, db_index=True)  # whose record it concerns
    actor = models.CharField(max_length=150)
    area_code = models.CharField(max_length=12, blank=True)
    outbreak_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()  # the moment in the response
    written_at = models.DateTimeField(db_default=models.functions.Now())  # the database's own clock
    facts = models.JSONField(default=dict)
    protocol = models.CharField(max_length=200, blank=True)

    OPEN |= {"person_id"}

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "at"], name="event_of_subject"),
            models.Index(fields=["outbreak_id", "at"], name="event_of_outbreak"),
            # Most lines of routine belong to no outbreak; the newest of them are what the journal opens with.
            models.Index(
                fields=["at", "id"], name="event_of_no_outbreak", condition=models.Q(outbreak_id__isnull=True)
            ),
        ]
