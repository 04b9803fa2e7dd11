from django.db import models

from sizao.records.secrecy import SealedField, blind_index


class Household(models.Model):
    """People who live together."""

    OPEN = {"id", "area_code", "place", "source_key"}
    PERSONAL: set[str] = set()

    area_code = models.CharField(max_length=12, db_index=True)
    place = models.ForeignKey("records.Place", null=True, on_delete=models.PROTECT)
    source_key = models.CharField(max_length=200, unique=True)


class PersonQuerySet(models.QuerySet):
    def within(self, code: str):
        return self.filter(area_code__startswith=code)

    def called(self, name: str):
        """People of exactly this name, found without opening any name."""
        return self.filter(name_index=blind_index(name, column="records_person.name"))


class Person(models.Model):
    """One person, one row; case, contact and patient are episodes of it."""

    OPEN = {"id", "number", "area_code", "registered_at", "is_generated", "source_key"}
    PERSONAL = {
        "name", "name_index", "initials", "id_number", "id_number_index", "phone", "phone_index", "sex",
        "birth_date", "household", "address",
    }  # fmt: skip

    number = models.CharField(max_length=40, unique=True)
    name = SealedField(null=True)
    name_index = models.CharField(max_length=32, null=True, db_index=True)  # noqa: DJ001
    initials = models.CharField(max_length=20, null=True)  # noqa: DJ001 — pinyin initials, for search
    id_number = SealedField(null=True)
    id_number_index = models.CharField(max_length=32, null=True, unique=True)  # noqa: DJ001
    phone = SealedField(null=True)
    phone_index = models.CharField(max_length=32, null=True, db_index=True)  # noqa: DJ001
    sex = models.CharField(max_length=1, null=True, choices=[("F", "女"), ("M", "男")])  # noqa: DJ001
    birth_date = models.DateField(null=True)
    address = SealedField(null=True)
    household = models.ForeignKey(Household, null=True, on_delete=models.PROTECT, related_name="members")
    area_code = models.CharField(max_length=12)  # home, as far as known: its jurisdiction
    registered_at = models.DateTimeField()
    is_generated = models.BooleanField(default=False)  # made by a simulation; never counted as real
    source_key = models.CharField(max_length=200, unique=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["area_code", "id"], name="person_area", opclasses=["varchar_pattern_ops", "int8_ops"]),
            models.Index(fields=["registered_at", "id"], name="person_registered"),  # pages, newest first
            models.Index(fields=["initials"], name="person_initials", opclasses=["varchar_pattern_ops"]),
        ]
