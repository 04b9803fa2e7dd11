"""The addresses of the web app, stage by stage."""

from allauth.account import views as account_views
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from sizao.web import protocol, situation, zones, zones_propose, zones_public

# No sign-up, no e-mail: accounts are given, and a forgotten password is set by an administrator.
_signing_in = [
    path("accounts/login/", account_views.login, name="account_login"),
    path("accounts/logout/", account_views.logout, name="account_logout"),
    path("accounts/inactive/", account_views.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", account_views.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/change/", account_views.password_change, name="account_change_password"),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("language/", login_not_required(set_language), name="set_language"),
]

urlpatterns = [
    *_signing_in,
    path("", include("sizao.web.addresses")),
    path("", situation.page, name="situation"),
    path("situation/day/", situation.parts, name="situation_parts"),
    path("situation/curve/", situation.curve_export, name="situation_curve"),
    path("situation/boundaries/<slug:slug>/", situation.boundaries, name="situation_boundaries"),
    path("zones/", zones.zones, name="zones"),
    path("zones/propose/", zones_propose.propose, name="zones_propose"),
    path("zones/<int:zone_id>/change/", zones_propose.change, name="zone_change"),
    path("areas/", zones_public.areas, name="areas"),
    path("areas/export/", zones_public.areas_export, name="areas_export"),
    path("areas/geojson/", zones_public.areas_geojson, name="areas_geojson"),
    path("areas/ground/", zones_public.areas_ground, name="areas_ground"),
    path("zones/comparison/", zones.comparison, name="zones_comparison"),
    path("zones/durations/", zones.durations, name="zones_durations"),
    path("zones/<int:zone_id>/versions/", zones.zone_versions, name="zone_versions"),
    path("zones/<int:zone_id>/", zones.zone, name="zone"),
    path("zones/<int:zone_id>/decide/", zones.decide, name="zone_decide"),
    path("protocol/", protocol.editions, name="protocol"),
    path("protocol/confirmations/", protocol.confirmations, name="protocol_confirmations"),
    path("protocol/confirm/", protocol.confirm, name="protocol_confirm"),
]
