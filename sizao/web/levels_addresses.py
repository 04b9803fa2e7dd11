"""The addresses of response levels and notices; joined to the others in `web.addresses`."""

from django.urls import path

from sizao.web import levels, notices

urlpatterns = [
    path("level/", levels.listed, name="level"),
    path("level/proposals/<int:proposal_id>/decline/", levels.decline, name="level_decline"),
    path("level/returns/<int:decision_id>/", levels.returned, name="level_return"),
    path("level/<str:area_code>/", levels.one, name="level_one"),
    path("level/<str:area_code>/decide/", levels.decide, name="level_decide"),
    path("notices/", notices.listed, name="notices"),
    path("notices/read/", notices.read, name="notices_read"),
    path("notices/settings/", notices.ways, name="notice_ways"),
]
