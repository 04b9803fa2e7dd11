"""Join web and api."""

from django.urls import include, path

urlpatterns = [
    path("", include("sizao.web.urls")),
]
