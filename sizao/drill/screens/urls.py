"""The addresses of a drill's pages; `sizao.urls` puts them below /drill/."""

from django.urls import path

from sizao.drill.screens import control, report, told, wards

urlpatterns = [
    path("", control.page, name="drill"),
    path("state/", control.state, name="drill_state"),
    path("steer/", control.steer, name="drill_steer"),
    path("told/", told.page, name="drill_told"),
    path("wards/", wards.page, name="drill_wards"),
    path("wards/move/", wards.act, name="drill_wards_act"),
    path("report/", report.page, name="drill_report"),
    path("report/pdf/", report.paper, name="drill_report_pdf"),
    path("report/ask/", report.ask, name="drill_report_ask"),
]
