"""The addresses of letters and lists of requests, below `cooperation/`; joined to the others in `web.addresses`."""

from django.urls import path

from sizao.web import cooperation_letters

urlpatterns = [
    path("<int:request_id>/letter/", cooperation_letters.letter, name="cooperation_letter"),
    path("<int:request_id>/list/", cooperation_letters.people, name="cooperation_list"),
    path("<int:request_id>/list/answers/", cooperation_letters.take_in, name="cooperation_list_answers"),
]
