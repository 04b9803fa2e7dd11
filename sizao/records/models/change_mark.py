from django.db import models


class ChangeMark(models.Model):
    """
    How many transactions changed a stage's tables; the database counts them (see the migration `changes_are_marked`).

    A stage has a row for each of some slots, and whoever writes takes a slot nobody holds, so that writers never wait
    for one another. The sum over the slots is the stage's version.
    """

    OPEN = {"id", "stage", "slot", "changes"}
    PERSONAL: set[str] = set()

    stage = models.CharField(max_length=20)
    slot = models.PositiveSmallIntegerField()
    changes = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(name="change_mark_once", fields=["stage", "slot"])]
