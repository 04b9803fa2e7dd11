"""The addresses of teams; joined to the others in `web.addresses`."""

from django.urls import path

from sizao.web import teams, teams_calls, teams_kinds, teams_lending, teams_mine, teams_one

urlpatterns = [
    path("", teams.board, name="teams"),
    path("register/", teams.register, name="team_register"),
    path("mine/", teams_mine.mine, name="team_mine"),
    path("mine/act/", teams_mine.act, name="team_mine_act"),
    path("lending/", teams_lending.lending, name="team_lending"),
    path("lending/lend/", teams_lending.lend, name="team_lend"),
    path("team-loans/<int:loan_id>/recall/", teams_lending.recall, name="team_recall"),
    path("calls/", teams_calls.called, name="team_calls"),
    path("kinds/", teams_kinds.kinds, name="team_kinds"),
    path("<int:team_id>/", teams_one.one, name="team"),
    path("<int:team_id>/act/", teams_one.act, name="team_act"),
    path("<int:team_id>/roster/", teams_one.roster, name="team_roster"),
]
