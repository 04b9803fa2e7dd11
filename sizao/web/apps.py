from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "sizao.web"
    label = "web"
