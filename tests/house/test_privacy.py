"""Every column says whether it is personal or open, so that a new one cannot be forgotten."""

import pytest
from django.apps import apps

MODELS = list(apps.get_app_config("records").get_models())


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
class TestFields:
    def test_are_each_open_or_personal(self, model):
        fields = {field.name for field in model._meta.concrete_fields}
        assert fields == model.OPEN | model.PERSONAL

    def test_are_not_both(self, model):
        assert not model.OPEN & model.PERSONAL

    def test_sealed_ones_are_personal(self, model):
        sealed = {field.name for field in model._meta.concrete_fields if type(field).__name__ == "SealedField"}
        assert sealed <= model.PERSONAL
