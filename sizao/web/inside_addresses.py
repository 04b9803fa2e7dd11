"""The addresses inside zones, below `inside/`; joined to the others in `web.addresses`."""

from django.urls import path

from sizao.web import inside, inside_phone

urlpatterns = [
    path("", inside.listed, name="inside"),
    path("worker.js", inside_phone.worker, name="inside_worker"),
    path("<int:zone_id>/", inside.one, name="inside_zone"),
    path("<int:zone_id>/act/", inside.act, name="inside_act"),
    path("<int:zone_id>/doors/", inside_phone.page, name="inside_phone"),
]
