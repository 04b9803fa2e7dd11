"""The addresses inside zones, below `inside/`; joined to the others in `web.addresses`."""

from django.urls import path

from sizao.web import inside, inside_phone, inside_public

urlpatterns = [
    path("", inside.listed, name="inside"),
    path("worker.js", inside_phone.worker, name="inside_worker"),
    path("own/", inside_public.own, name="inside_own"),
    path("<int:zone_id>/slips/", inside_public.slips, name="inside_slips"),
    path("<int:zone_id>/", inside.one, name="inside_zone"),
    path("<int:zone_id>/act/", inside.act, name="inside_act"),
    path("<int:zone_id>/doors/", inside_phone.page, name="inside_phone"),
]
