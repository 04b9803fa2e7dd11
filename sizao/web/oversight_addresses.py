"""The addresses of oversight, complaints, rewards and the journal; joined to the others in `web.addresses`."""

from django.urls import path

from sizao.web import complaint_public, journal, oversight, oversight_complaints, oversight_findings, oversight_opened

urlpatterns = [
    path("oversight/", oversight.board, name="oversight"),
    path("oversight/rows/", oversight.behind, name="oversight_rows"),
    path("oversight/reports/<int:report_id>/", oversight_opened.report, name="clocked_report"),
    path("oversight/transfer-requests/<int:request_id>/", oversight_opened.transfer, name="clocked_transfer"),
    path("findings/", oversight_findings.listed, name="findings"),
    path("findings/new/", oversight_findings.new, name="finding_new"),
    path("findings/<int:finding_id>/", oversight_findings.one, name="finding"),
    path("findings/<int:finding_id>/act/", oversight_findings.act, name="finding_act"),
    path("findings/<int:finding_id>/mend/", oversight_findings.mend, name="finding_mend"),
    path("finding-photos/<int:photo_id>/", oversight_findings.photo, name="finding_photo"),
    path("complaints/", oversight_complaints.listed, name="complaints"),
    path("complaints/take/", oversight_complaints.take, name="complaint_take"),
    path("complaints/<int:complaint_id>/", oversight_complaints.one, name="complaint"),
    path("complaints/<int:complaint_id>/act/", oversight_complaints.act, name="complaint_act"),
    path("complaint/", complaint_public.own, name="own_complaint"),
    path("rewards/", oversight_complaints.reward_list, name="rewards"),
    path("rewards/<int:reward_id>/decide/", oversight_complaints.reward_decide, name="reward_decide"),
    path("journal/", journal.journal, name="journal"),
    path("journal/check/", journal.check, name="journal_check"),
    path("journal/export/", journal.export, name="journal_export"),
]
