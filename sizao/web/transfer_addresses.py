"""The addresses of transport: requests, trips, vehicles, and the page of a crew; joined in `web.addresses`."""

from django.urls import path

from sizao.web import crew, transfers, transfers_plan, transfers_trips, transfers_vehicles

urlpatterns = [
    path("transfers/", transfers.board, name="transfers"),
    path("transfers/act/", transfers.act, name="transfers_act"),
    path("transfers/ask/", transfers.ask, name="transfers_ask"),
    path("transfers/back/", transfers.back, name="transfers_back"),
    path("transfers/settle/", transfers.settle, name="transfers_settle"),
    path("transfers/export/", transfers.export, name="transfers_export"),
    path("transfers/plan/", transfers_plan.plan, name="transfers_plan"),
    path("transfers/plans/<int:plan_id>/", transfers_plan.one, name="transfers_plan_one"),
    path("transfers/trips/", transfers_trips.make, name="transfers_trips"),
    path("transfers/trips/<int:trip_id>/", transfers_trips.one, name="transfers_trip"),
    path("transfers/trips/<int:trip_id>/change/", transfers_trips.change, name="transfers_trip_change"),
    path("transfers/vehicles/", transfers_vehicles.listed, name="transfers_vehicles"),
    path("transfers/vehicles/<int:vehicle_id>/", transfers_vehicles.one, name="transfers_vehicle"),
    path("transfers/vehicles/<int:vehicle_id>/act/", transfers_vehicles.act, name="transfers_vehicle_act"),
    path("crew/", crew.page, name="crew"),
    path("crew/list/", crew.trips, name="crew_list"),
    path("crew/acts/", crew.acts, name="crew_acts"),
    path("crew/worker.js", crew.worker, name="crew_worker"),
]
