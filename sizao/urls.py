"""Join web and api."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("sizao.api.urls")),
    path("", include("sizao.web.urls")),
]
