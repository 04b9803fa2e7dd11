"""The addresses of push lists; joined to the others in `web.addresses`."""

from django.urls import path

from sizao.web import pushes

urlpatterns = [
    path("push-lists/", pushes.listed, name="push_lists"),
    path("push-lists/<int:push_id>/", pushes.one, name="push_list"),
    path("push-lists/<int:push_id>/act/", pushes.act, name="push_list_act"),
    path("traces/<int:trace_id>/push/", pushes.push, name="trace_push"),
]
