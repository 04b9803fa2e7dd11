from django.db import models

from sizao.terms import AreaLevel


class AreaQuerySet(models.QuerySet):
    def within(self, code: str):
        return self.filter(code__startswith=code)

    def at_level(self, level: AreaLevel):
        return self.filter(level=level)


class Area(models.Model):
    """One node of the official division tree; the code's length is its level."""

    OPEN = {"code", "name", "short_name", "level", "population", "population_source"}
    PERSONAL: set[str] = set()

    code = models.CharField(max_length=12, primary_key=True)
    name = models.CharField(max_length=100)
    short_name = models.CharField(max_length=100)
    level = models.CharField(max_length=10, choices=AreaLevel.choices())
    population = models.PositiveIntegerField(null=True)
    population_source = models.CharField(max_length=300, null=True)  # noqa: DJ001 — unknown is NULL

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="area_code_is_digits",
                condition=models.Q(code__regex=r"^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$"),
            ),
        ]
        indexes = [
            models.Index(fields=["short_name"], name="area_short_name"),
            models.Index(fields=["level", "code"], name="area_level", opclasses=["varchar_ops", "varchar_pattern_ops"]),
        ]
