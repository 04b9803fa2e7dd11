"""The addresses of bulletins and situation reports; joined to the others in `web.addresses`."""

from django.urls import path

from sizao.web import bulletins, situation_report

urlpatterns = [
    path("bulletins/", bulletins.listed, name="bulletins_public"),
    path("bulletins/day/", bulletins.public, name="bulletin_public"),
    path("bulletins/day/file/", bulletins.public_file, name="bulletin_public_file"),
    path("bulletins/desk/", bulletins.desk, name="bulletins"),
    path("bulletins/beside/", bulletins.beside, name="bulletins_beside"),
    path("bulletins/<int:bulletin_id>/", bulletins.one, name="bulletin"),
    path("bulletins/<int:bulletin_id>/file/", bulletins.one_file, name="bulletin_file"),
    path("bulletins/<int:bulletin_id>/act/", bulletins.act, name="bulletin_act"),
    path("situation/report/", situation_report.report, name="situation_report"),
]
