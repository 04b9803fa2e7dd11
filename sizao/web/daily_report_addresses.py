"""The addresses of daily reports, below `reports/`; joined to the others in `web.addresses`."""

from django.urls import path

from sizao.web import (
    daily_reports,
    daily_reports_files,
    daily_reports_one,
    daily_reports_outcomes,
    daily_reports_units,
)

urlpatterns = [
    path("", daily_reports.daily_reports, name="reports"),
    path("export/", daily_reports.daily_reports_export, name="reports_export"),
    path("files/", daily_reports_files.page, name="reports_files"),
    path("files/figures/", daily_reports_files.figures, name="reports_figures"),
    path("files/data-value-set/", daily_reports_files.data_value_set, name="reports_data_value_set"),
    path("overview/", daily_reports_units.overview, name="reports_overview"),
    path("approvals/", daily_reports_one.approvals, name="reports_approvals"),
    path("approve/", daily_reports_one.approve, name="reports_approve"),
    path("areas/<str:area_code>/", daily_reports_one.one, name="report_area"),
    path("areas/<str:area_code>/keep/", daily_reports_outcomes.keep, name="report_keep"),
    path("outcomes/", daily_reports_outcomes.outcomes, name="reports_outcomes"),
    path("units/", daily_reports_units.listed, name="report_units"),
    path("units/<int:unit_id>/", daily_reports_units.one, name="report_unit"),
    path("<int:report_id>/submit/", daily_reports_one.submit, name="report_submit"),
    path("<int:report_id>/recount/", daily_reports_one.recount, name="report_recount"),
    path("<int:report_id>/correct/", daily_reports_one.correct, name="report_correct"),
    path("<int:report_id>/return/", daily_reports_one.send_back, name="report_return"),
]
