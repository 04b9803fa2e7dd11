"""The addresses of directives; joined to the others in `web.addresses`."""

from django.urls import path

from sizao.web import directives, directives_part

urlpatterns = [
    path("directives/", directives.listed, name="directives"),
    path("directives/new/", directives.new, name="directives_new"),
    path("directives/answering/", directives_part.answering, name="directives_answering"),
    path("directives/answering/name/", directives_part.name, name="directives_name"),
    path("directives/parts/<int:part_id>/", directives_part.one, name="directive_part"),
    path("directives/parts/<int:part_id>/act/", directives_part.act, name="directive_act"),
    path("directives/parts/<int:part_id>/on/", directives_part.issuing_on, name="directive_on"),
    path("directives/parts/<int:part_id>/on/issue/", directives_part.issue_on, name="directive_issue_on"),
    path("directives/evidence/<int:photo_id>/", directives_part.photo, name="directive_photo"),
    path("directives/<int:directive_id>/", directives.one, name="directive_one"),
    path("directives/<int:directive_id>/change/", directives.change, name="directive_change"),
    path("directives/<int:directive_id>/withdraw/", directives.withdraw, name="directive_withdraw"),
]
