"""The addresses of isolation sites and rooms, below `isolation/`; joined to the others in `web.addresses`."""

from django.urls import path

from sizao.web import isolation_sites, isolation_sites_one, isolation_sites_register, rooms

urlpatterns = [
    path("", isolation_sites.board, name="isolation"),
    path("points/", isolation_sites.points, name="isolation_points"),
    path("export/", isolation_sites.export, name="isolation_export"),
    path("reserve/", isolation_sites.reserve, name="isolation_reserve"),
    path("register/", isolation_sites_register.register, name="isolation_register"),
    path("sites/<int:site_id>/", isolation_sites_one.one, name="isolation_site"),
    path("sites/<int:site_id>/move/", isolation_sites_one.move, name="isolation_site_move"),
    path("sites/<int:site_id>/rooms/", isolation_sites_one.add_rooms, name="isolation_site_rooms"),
    path("sites/<int:site_id>/check/", isolation_sites_one.check, name="isolation_check"),
    path("sites/<int:site_id>/check/sign/", isolation_sites_one.check_made, name="isolation_check_made"),
    path("room-acts/<int:room_id>/", isolation_sites_one.room_act, name="isolation_room_act"),
    path("photos/<int:photo_id>/", isolation_sites_one.photo, name="isolation_photo"),
    path("rooms/", rooms.rooms, name="isolation_rooms"),
    path("rooms/act/", rooms.act, name="isolation_rooms_act"),
    path("rooms/<int:placement_id>/", rooms.one, name="isolation_room"),
    path("rooms/<int:placement_id>/decide/", rooms.decide, name="isolation_room_decide"),
    path("by-hand/<int:order_id>/", rooms.by_hand, name="isolation_by_hand"),
    path("by-hand/<int:order_id>/keep/", rooms.keep, name="isolation_keep"),
]
