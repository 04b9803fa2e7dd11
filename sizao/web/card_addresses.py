"""The addresses of forms about people, below `cards/`; joined to the others in `web.addresses`."""

from django.urls import path

from sizao.web import cards

urlpatterns = [
    path("", cards.listed, name="cards"),
    path("begin/", cards.begin, name="card_begin"),
    path("<int:card_id>/", cards.one, name="card"),
    path("<int:card_id>/act/", cards.act, name="card_act"),
    path("<int:card_id>/file/", cards.file, name="card_file"),
]
