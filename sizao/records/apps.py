from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "sizao.records"
    label = "records"
