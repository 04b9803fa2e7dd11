"""The addresses of lists and single people; joined to the others in `web.urls`."""

from django.urls import path

from sizao.web import (
    contacts,
    daily_reports,
    graph,
    investigation,
    journal,
    orders,
    people,
    person,
    places,
    signals,
    tasks,
)

urlpatterns = [
    path("people/", people.people, name="people"),
    path("people/export/", people.people_export, name="people_export"),
    path("people/<str:number>/", person.person, name="person"),
    path("people/<str:number>/investigate/", investigation.investigate, name="person_investigate"),
    path("people/<str:number>/classify/", investigation.classify, name="person_classify"),
    path("people/<str:number>/contact/", investigation.name_contact, name="person_contact"),
    path("orders/next/", orders.next_order, name="order_next"),
    path("orders/<int:order_id>/decide/", orders.decide, name="order_decide"),
    path("contacts/", contacts.contacts, name="contacts"),
    path("graph/", graph.graph, name="graph"),
    path("graph/edges/", graph.edges, name="graph_edges"),
    path("tasks/", tasks.my_tasks, name="tasks"),
    path("tasks/<int:task_id>/", tasks.task_open, name="task_open"),
    path("tasks/<int:task_id>/receive/", tasks.task_receive, name="task_receive"),
    path("tasks/<int:task_id>/finish/", tasks.task_finish, name="task_finish"),
    path("reports/", daily_reports.daily_reports, name="reports"),
    path("reports/export/", daily_reports.daily_reports_export, name="reports_export"),
    path("reports/<int:report_id>/submit/", daily_reports.daily_report_submit, name="report_submit"),
    path("signals/", signals.signals, name="signals"),
    path("signals/<int:signal_id>/settle/", signals.signal_settle, name="signal_settle"),
    path("places/unmatched/", places.unmatched, name="places_unmatched"),
    path("places/unmatched/<int:unmatched_id>/match/", places.match, name="place_match"),
    path("journal/", journal.journal, name="journal"),
]
