"""The addresses of the command centre; joined to the others in `web.addresses`."""

from django.urls import path

from sizao.web import command

urlpatterns = [
    path("command/", command.page, name="command"),
    path("command/version/", command.version, name="command_version"),
    path("command/part/<str:name>/", command.part, name="command_part"),
    path("command/rows/<str:name>/", command.figure, name="command_rows"),
]
