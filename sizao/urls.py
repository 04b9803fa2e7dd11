"""Join web, api and the pages of a drill."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("sizao.api.urls")),
    path("drill/", include("sizao.drill.screens.urls")),
    path("", include("sizao.web.urls")),
]
