"""The addresses of lists and single people; joined to the others in `web.urls`."""

from django.urls import path

from sizao.web import investigation, orders, people, person

urlpatterns = [
    path("people/", people.people, name="people"),
    path("people/export/", people.people_export, name="people_export"),
    path("people/<str:number>/", person.person, name="person"),
    path("people/<str:number>/investigate/", investigation.investigate, name="person_investigate"),
    path("people/<str:number>/classify/", investigation.classify, name="person_classify"),
    path("people/<str:number>/contact/", investigation.name_contact, name="person_contact"),
    path("orders/next/", orders.next_order, name="order_next"),
    path("orders/<int:order_id>/decide/", orders.decide, name="order_decide"),
]
