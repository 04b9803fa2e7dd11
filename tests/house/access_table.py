"""
The one expectation: who may do what at each address of the web app and of the API.

`right` is the right it takes, or `anyone`, or `account` (whoever is signed in). `bound` marks an address
about one row: outside its jurisdiction it answers as if there were no such row. `reads` marks a reading
of a person, which leaves exactly one line in the journal.
"""

from dataclasses import dataclass

from tests.house.access_table_of_api import OF_THE_API

TABLE = """
method | address                                         | right              | bound | reads
GET    |                                                 | situation.read     |       |
GET    | situation/day/                                  | situation.read     |       |
GET    | situation/curve/                                | situation.read     |       |
GET    | situation/boundaries/<slug:slug>/               | situation.read     |       |
GET    | command/                                        | situation.read     |       |
GET    | command/version/                                | situation.read     |       |
GET    | command/part/<str:name>/                        | situation.read     |       |
GET    | command/rows/<str:name>/                        | situation.read     |       |
GET    | outlook/                                        | situation.read     |       |
GET    | outlook/export/                                 | situation.read     |       |
GET    | what-ifs/                                       | situation.read     |       |
GET    | what-ifs/ask/                                   | situation.read     |       |
POST   | what-ifs/ask/                                   | situation.read     |       |
GET    | what-ifs/<int:question_id>/                     | situation.read     | bound |
GET    | what-ifs/<int:question_id>/progress/            | situation.read     | bound |
GET    | what-ifs/<int:question_id>/export/              | situation.read     | bound |
GET    | people/                                         | person.list        |       |
GET    | people/export/                                  | person.export      |       |
GET    | people/<str:number>/                            | person.read        | bound | reads
POST   | people/<str:number>/investigate/                | case.investigate   | bound | reads
POST   | people/<str:number>/classify/                   | case.classify      | bound | reads
POST   | people/<str:number>/contact/                    | contact.trace      | bound | reads
GET    | people/<str:number>/access/                     | person.account     | bound | reads
GET    | orders/next/                                    | order.issue        |       | reads
POST   | orders/<int:order_id>/decide/                   | order.issue        | bound |
GET    | orders/<int:order_id>/                          | order.serve        | bound | reads
GET    | orders/<int:order_id>/letter/                   | order.serve        | bound |
POST   | orders/<int:order_id>/serve/                    | order.serve        | bound |
POST   | orders/<int:order_id>/extend/                   | order.issue        | bound |
POST   | orders/<int:order_id>/home/                     | order.issue        | bound |
POST   | orders/<int:order_id>/end/                      | order.issue        | bound |
POST   | orders/<int:order_id>/object/                   | order.serve        | bound |
GET    | orders/to-serve/                                | order.serve        |       |
POST   | orders/to-serve/done/                           | order.serve        |       |
GET    | orders/letters/                                 | order.serve        |       |
GET    | orders/freed/                                   | person.list        |       |
GET    | orders/freed/export/                            | person.export      |       |
POST   | people/<str:number>/through/                    | contact.trace      | bound | reads
GET    | cooperation/                                    | cooperation.work   |       |
GET    | cooperation/new/                                | cooperation.work   |       |
POST   | cooperation/new/                                | cooperation.work   |       |
GET    | cooperation/<int:request_id>/                   | cooperation.work   | bound |
POST   | cooperation/<int:request_id>/act/               | cooperation.work   | bound |
GET    | cooperation/<int:request_id>/letter/            | cooperation.work   | bound |
GET    | cooperation/<int:request_id>/list/              | cooperation.work   | bound |
POST   | cooperation/<int:request_id>/list/answers/      | cooperation.work   | bound |
GET    | objections/                                     | objection.decide   |       |
GET    | objections/<int:objection_id>/                  | objection.decide   | bound | reads
POST   | objections/<int:objection_id>/decide/           | objection.decide   | bound |
GET    | objections/<int:objection_id>/letter/           | objection.decide   | bound |
GET    | objections/take/                                | order.serve        |       |
POST   | objections/take/                                | order.serve        |       |
GET    | objection/                                      | anyone             |       |
POST   | objection/                                      | anyone             |       |
GET    | oversight/                                      | situation.read     |       |
GET    | oversight/rows/                                 | situation.read     |       |
GET    | findings/                                       | situation.read     |       |
GET    | findings/new/                                   | finding.make       |       |
POST   | findings/new/                                   | finding.make       |       |
GET    | findings/<int:finding_id>/                      | situation.read     | bound |
POST   | findings/<int:finding_id>/act/                  | finding.make       | bound |
POST   | findings/<int:finding_id>/mend/                 | finding.mend       | bound |
GET    | finding-photos/<int:photo_id>/                  | situation.read     | bound |
GET    | complaints/                                     | complaint.take     |       |
POST   | complaints/take/                                | complaint.take     |       |
GET    | complaints/<int:complaint_id>/                  | complaint.take     | bound |
POST   | complaints/<int:complaint_id>/act/              | complaint.take     | bound |
GET    | complaint/                                      | anyone             |       |
POST   | complaint/                                      | anyone             |       |
GET    | rewards/                                        | finding.make       |       |
POST   | rewards/<int:reward_id>/decide/                 | finding.make       | bound |
GET    | journal/check/                                  | journal.read       |       |
GET    | journal/export/                                 | journal.read       |       |
POST   | people/<str:number>/needs/                      | person.read        | bound | reads
GET    | isolation/                                      | situation.read     |       |
GET    | isolation/points/                               | situation.read     |       |
GET    | isolation/export/                               | situation.read     |       |
GET    | isolation/reserve/                              | situation.read     |       |
GET    | isolation/register/                             | site.manage        |       |
POST   | isolation/register/                             | site.manage        |       |
GET    | isolation/sites/<int:site_id>/                  | situation.read     | bound |
POST   | isolation/sites/<int:site_id>/move/             | site.manage        | bound |
POST   | isolation/sites/<int:site_id>/rooms/            | site.manage        | bound |
GET    | isolation/sites/<int:site_id>/check/            | site.manage        | bound |
POST   | isolation/sites/<int:site_id>/check/sign/       | site.manage        | bound |
POST   | isolation/room-acts/<int:room_id>/              | situation.read     | bound |
GET    | isolation/photos/<int:photo_id>/                | situation.read     | bound |
GET    | isolation/rooms/                                | room.allocate      |       |
POST   | isolation/rooms/act/                            | room.allocate      |       |
GET    | isolation/rooms/<int:placement_id>/             | room.allocate      | bound |
POST   | isolation/rooms/<int:placement_id>/decide/      | room.allocate      | bound |
GET    | isolation/by-hand/<int:order_id>/               | room.allocate      | bound |
POST   | isolation/by-hand/<int:order_id>/keep/          | room.allocate      | bound |
GET    | directives/                                     | directive.work     |       |
GET    | directives/new/                                 | directive.issue    |       |
POST   | directives/new/                                 | directive.issue    |       |
GET    | directives/answering/                           | team.manage        |       |
POST   | directives/answering/name/                      | team.manage        |       |
GET    | directives/parts/<int:part_id>/                 | directive.work     | bound |
POST   | directives/parts/<int:part_id>/act/             | directive.work     | bound |
GET    | directives/parts/<int:part_id>/on/              | directive.issue    | bound |
POST   | directives/parts/<int:part_id>/on/issue/        | directive.issue    | bound |
GET    | directives/evidence/<int:photo_id>/             | directive.work     | bound |
GET    | directives/<int:directive_id>/                  | directive.work     | bound |
GET    | directives/<int:directive_id>/change/           | directive.issue    | bound |
POST   | directives/<int:directive_id>/change/           | directive.issue    | bound |
POST   | directives/<int:directive_id>/withdraw/         | directive.issue    | bound |
GET    | level/                                          | situation.read     |       |
GET    | level/<str:area_code>/                          | situation.read     | bound |
POST   | level/<str:area_code>/decide/                   | level.decide       | bound |
POST   | level/proposals/<int:proposal_id>/decline/      | level.decide       | bound |
GET    | level/returns/<int:decision_id>/                | situation.read     | bound |
POST   | level/returns/<int:decision_id>/                | level.decide       | bound |
GET    | notices/                                        | account            |       |
POST   | notices/read/                                   | account            |       |
GET    | notices/settings/                               | account            |       |
POST   | notices/settings/                               | account            |       |
GET    | contacts/                                       | person.list        |       |
GET    | home-care/                                      | home.care          |       |
POST   | home-care/                                      | room.allocate      |       |
GET    | home-care/orders/<int:order_id>/                | home.care          | bound | reads
POST   | home-care/orders/<int:order_id>/                | home.care          | bound |
GET    | app.webmanifest                                 | situation.read     |       |
GET    | doors/                                          | home.care          |       |
POST   | doors/                                          | home.care          |       |
GET    | doors/worker.js                                 | situation.read     |       |
GET    | four-clears/                                    | situation.read     |       |
GET    | four-clears/people/                             | person.list        |       |
GET    | four-clears/export/                             | person.export      |       |
GET    | graph/                                          | person.list        |       |
GET    | graph/edges/                                    | person.list        |       |
GET    | zones/                                          | situation.read     |       |
GET    | zones/comparison/                               | situation.read     |       |
GET    | zones/durations/                                | situation.read     |       |
GET    | zones/<int:zone_id>/versions/                   | situation.read     | bound |
GET    | zones/propose/                                  | zone.propose       |       |
POST   | zones/propose/                                  | zone.propose       |       |
POST   | zones/<int:zone_id>/change/                     | zone.propose       | bound |
GET    | inside/                                         | zone.serve         |       |
GET    | inside/worker.js                                | situation.read     |       |
GET    | inside/own/                                     | anyone             |       |
POST   | inside/own/                                     | anyone             |       |
GET    | inside/<int:zone_id>/slips/                     | zone.serve         | bound |
GET    | inside/<int:zone_id>/                           | zone.serve         | bound |
POST   | inside/<int:zone_id>/act/                       | zone.serve         | bound |
GET    | inside/<int:zone_id>/doors/                     | zone.serve         | bound |
POST   | inside/<int:zone_id>/doors/                     | zone.serve         | bound |
GET    | bulletins/                                      | anyone             |       |
GET    | bulletins/day/                                  | anyone             |       |
GET    | bulletins/day/file/                             | anyone             |       |
GET    | bulletins/desk/                                 | report.read        |       |
GET    | bulletins/beside/                               | report.read        |       |
GET    | bulletins/<int:bulletin_id>/                    | bulletin.issue     | bound |
GET    | bulletins/<int:bulletin_id>/file/               | bulletin.issue     | bound |
POST   | bulletins/<int:bulletin_id>/act/                | bulletin.issue     | bound |
GET    | situation/report/                               | report.read        |       |
GET    | cards/                                          | card.fill          |       |
POST   | cards/begin/                                    | card.fill          |       |
GET    | cards/<int:card_id>/                            | card.fill          | bound | reads
POST   | cards/<int:card_id>/act/                        | card.fill          | bound | reads
GET    | cards/<int:card_id>/file/                       | card.fill          | bound | reads
GET    | areas/                                          | anyone             |       |
GET    | areas/export/                                   | anyone             |       |
GET    | areas/geojson/                                  | anyone             |       |
GET    | areas/ground/                                   | anyone             |       |
GET    | zones/<int:zone_id>/                            | situation.read     | bound |
POST   | zones/<int:zone_id>/decide/                     | zone.approve       | bound |
GET    | site/                                           | site.work          |       |
GET    | site/worker.js                                  | situation.read     |       |
GET    | site/hand-overs/                                | home.care          |       |
POST   | site/hand-overs/                                | home.care          |       |
GET    | site/near/<int:exposure_id>/                    | order.issue        | bound |
POST   | site/near/<int:exposure_id>/                    | order.issue        | bound |
GET    | site/<int:site_id>/day/                         | site.work          | bound |
POST   | site/<int:site_id>/day/                         | site.work          | bound |
GET    | site/<int:site_id>/sheet/                       | site.work          | bound |
POST   | site/<int:site_id>/sheet/                       | site.work          | bound |
GET    | site/<int:site_id>/sheet/export/                | site.manage        | bound |
GET    | site/<int:site_id>/leaving/                     | site.work          | bound |
POST   | site/<int:site_id>/leaving/                     | site.work          | bound |
GET    | site/<int:site_id>/near/                        | site.work          | bound |
GET    | site/<int:site_id>/staff/                       | site.work          | bound |
POST   | site/<int:site_id>/staff/                       | site.work          | bound |
GET    | teams/                                          | situation.read     |       |
GET    | teams/register/                                 | team.manage        |       |
POST   | teams/register/                                 | team.manage        |       |
GET    | teams/mine/                                     | situation.read     |       |
POST   | teams/mine/act/                                 | situation.read     |       |
GET    | teams/lending/                                  | situation.read     |       |
POST   | teams/lending/lend/                             | team.manage        |       |
POST   | teams/team-loans/<int:loan_id>/recall/          | team.manage        | bound |
GET    | teams/calls/                                    | situation.read     |       |
POST   | teams/calls/                                    | team.manage        |       |
GET    | teams/kinds/                                    | situation.read     |       |
POST   | teams/kinds/                                    | protocol.confirm   |       |
GET    | teams/<int:team_id>/                            | situation.read     | bound |
POST   | teams/<int:team_id>/act/                        | team.manage        | bound |
GET    | teams/<int:team_id>/roster/                     | team.manage        | bound |
POST   | teams/<int:team_id>/roster/                     | team.manage        | bound |
GET    | tasks/                                          | task.work          |       |
GET    | tasks/<int:task_id>/                            | task.work          | bound |
POST   | tasks/<int:task_id>/receive/                    | task.work          | bound |
POST   | tasks/<int:task_id>/finish/                     | task.work          | bound |
GET    | reports/                                        | report.read        |       |
GET    | reports/export/                                 | report.read        |       |
POST   | reports/<int:report_id>/submit/                 | report.submit      | bound |
POST   | reports/<int:report_id>/recount/                | report.submit      | bound |
POST   | reports/<int:report_id>/correct/                | report.submit      | bound |
POST   | reports/<int:report_id>/return/                 | report.approve     | bound |
GET    | reports/areas/<str:area_code>/                  | report.read        | bound |
POST   | reports/areas/<str:area_code>/keep/             | report.submit      | bound |
GET    | reports/outcomes/                               | case.classify      |       |
POST   | reports/outcomes/                               | case.classify      |       |
GET    | reports/overview/                               | report.read        |       |
GET    | reports/approvals/                              | report.approve     |       |
POST   | reports/approve/                                | report.approve     |       |
GET    | reports/units/                                  | report.read        |       |
POST   | reports/units/                                  | report.read        |       |
GET    | reports/units/<int:unit_id>/                    | report.submit      | bound |
POST   | reports/units/<int:unit_id>/                    | report.submit      | bound |
GET    | reports/files/                                  | report.read        |       |
POST   | reports/files/                                  | report.read        |       |
GET    | reports/files/figures/                          | report.read        |       |
GET    | reports/files/data-value-set/                   | report.read        |       |
GET    | signals/                                        | situation.read     |       |
GET    | signals/hints/                                  | person.list        |       |
POST   | signals/<int:signal_id>/settle/                 | signal.verify      | bound |
GET    | alerts/<int:alert_id>/                          | situation.read     | bound |
POST   | alerts/<int:alert_id>/decide/                   | signal.verify      | bound |
GET    | streams/                                        | situation.read     |       |
GET    | streams/<int:stream_id>/                        | situation.read     | bound |
POST   | streams/<int:stream_id>/count/                  | signal.send        | bound |
GET    | streams/<int:stream_id>/scores/                 | situation.read     | bound |
GET    | streams/<int:stream_id>/export/                 | situation.read     | bound |
GET    | places/unmatched/                               | place.match        |       |
POST   | places/unmatched/<int:unmatched_id>/match/      | place.match        | bound |
GET    | protocol/                                       | protocol.read      |       |
GET    | protocol/confirmations/                         | protocol.read      |       |
POST   | protocol/confirm/                               | protocol.confirm   |       |
GET    | traces/                                         | trace.ask          |       |
GET    | traces/ask/                                     | trace.ask          |       |
POST   | traces/ask/                                     | trace.ask          |       |
GET    | traces/here/                                    | trace.ask          |       |
GET    | traces/<int:trace_id>/                          | trace.ask          | bound |
GET    | traces/<int:trace_id>/places/                   | trace.ask          | bound |
GET    | traces/<int:trace_id>/dilution/                 | trace.ask          | bound |
GET    | traces/<int:trace_id>/matches/<int:match_id>/   | trace.ask          | bound | reads
POST   | traces/<int:trace_id>/contacts/                 | contact.trace      | bound |
POST   | traces/<int:trace_id>/close/                    | trace.ask          | bound |
GET    | traces/<int:trace_id>/names/                    | trace.ask          | bound |
POST   | traces/<int:trace_id>/names/                    | trace.ask          | bound |
GET    | traces/<int:trace_id>/lists/                    | trace.ask          | bound |
POST   | traces/<int:trace_id>/push/                     | cooperation.work   | bound |
GET    | oversight/reports/<int:report_id>/              | report.read        | bound |
GET    | oversight/transfer-requests/<int:request_id>/   | situation.read     | bound |
GET    | push-lists/                                     | cooperation.work   |       |
GET    | push-lists/<int:push_id>/                       | cooperation.work   | bound |
POST   | push-lists/<int:push_id>/act/                   | cooperation.work   | bound |
GET    | traces/<int:trace_id>/lists/export/             | person.export      | bound |
GET    | testing/                                        | situation.read     |       |
POST   | testing/                                        | testing.plan       |       |
GET    | testing/worker.js                               | situation.read     |       |
GET    | testing/next/                                   | situation.read     |       |
GET    | testing/<int:round_id>/                         | situation.read     | bound |
POST   | testing/<int:round_id>/act/                     | testing.plan       | bound |
GET    | testing/<int:round_id>/board/                   | situation.read     | bound |
GET    | testing/<int:round_id>/board/state/             | situation.read     | bound |
GET    | testing/<int:round_id>/plan/                    | testing.plan       | bound |
POST   | testing/<int:round_id>/plan/                    | testing.plan       | bound |
GET    | testing/<int:round_id>/plan/<int:plan_id>/      | testing.plan       | bound |
GET    | testing/<int:round_id>/plan/<int:plan_id>/points/ | testing.plan     | bound |
GET    | testing/<int:round_id>/plan/<int:plan_id>/xlsx/ | testing.plan       | bound |
GET    | testing/<int:round_id>/roster/                  | testing.plan       | bound |
POST   | testing/<int:round_id>/roster/                  | testing.plan       | bound |
GET    | testing/<int:round_id>/labels/                  | testing.plan       | bound |
POST   | testing/<int:round_id>/labels/                  | testing.plan       | bound |
GET    | testing/<int:round_id>/labels/<int:lot_id>/     | testing.plan       | bound |
GET    | testing/<int:round_id>/posters/                 | testing.plan       | bound |
GET    | testing/<int:round_id>/signs/                   | testing.plan       | bound |
GET    | testing/<int:round_id>/missed/                  | testing.follow     | bound |
POST   | testing/<int:round_id>/missed/                  | testing.follow     | bound |
GET    | testing/<int:round_id>/pools/                   | situation.read     | bound |
GET    | testing/pools/<int:hold_id>/                    | situation.read     | bound |
POST   | testing/pools/<int:hold_id>/decide/             | order.issue        | bound |
GET    | testing/pools/<int:hold_id>/notices/            | testing.follow     | bound |
GET    | testing/pools/<int:hold_id>/near/               | contact.trace      | bound |
GET    | testing/<int:round_id>/codes/                   | testing.register   | bound |
POST   | testing/<int:round_id>/codes/                   | testing.register   | bound |
GET    | testing/<int:round_id>/queue/                   | testing.register   | bound |
POST   | testing/<int:round_id>/queue/                   | testing.register   | bound |
GET    | testing/<int:round_id>/table/                   | testing.register   | bound |
POST   | testing/<int:round_id>/table/                   | testing.register   | bound |
GET    | testing/<int:round_id>/boxes/                   | sample.carry       | bound |
POST   | testing/<int:round_id>/boxes/                   | sample.carry       | bound |
POST   | testing/<int:round_id>/boxes/acts/              | sample.carry       | bound |
GET    | testing/<int:round_id>/boxes/labels/            | testing.plan       | bound |
POST   | testing/<int:round_id>/boxes/labels/            | testing.plan       | bound |
GET    | testing/<int:round_id>/pack/                    | sample.carry       | bound |
GET    | testing/<int:round_id>/carry/                   | sample.carry       | bound |
GET    | testing/box/<int:box_id>/                       | sample.carry       | bound |
GET    | testing/receiving/                              | lab.work           |       |
POST   | testing/receiving/                              | lab.work           |       |
GET    | laboratories/                                   | situation.read     |       |
POST   | laboratories/                                   | testing.plan       |       |
GET    | laboratories/<str:code>/                        | lab.work           | bound |
POST   | laboratories/<str:code>/                        | lab.work           | bound |
GET    | laboratories/<str:code>/plates/                 | lab.work           | bound |
POST   | laboratories/<str:code>/plates/                 | lab.work           | bound |
GET    | laboratories/<str:code>/queue/                  | lab.work           | bound |
POST   | laboratories/<str:code>/queue/                  | lab.work           | bound |
GET    | lab-plates/<int:plate_id>/                      | lab.work           | bound |
GET    | lab-runs/<int:run_id>/                          | lab.work           | bound |
POST   | lab-runs/<int:run_id>/release/                  | lab.release        | bound |
POST   | lab-runs/<int:run_id>/withdraw/                 | lab.work           | bound |
GET    | transfers/                                      | situation.read     |       |
POST   | transfers/act/                                  | transfer.approve   |       |
POST   | transfers/ask/                                  | transfer.ask       |       |
POST   | transfers/back/                                 | transfer.ask       |       |
POST   | transfers/settle/                               | transfer.dispatch  |       |
GET    | transfers/export/                               | transfer.dispatch  |       |
GET    | transfers/plan/                                 | transfer.dispatch  |       |
POST   | transfers/plan/                                 | transfer.dispatch  |       |
GET    | transfers/plans/<int:plan_id>/                  | transfer.dispatch  | bound |
POST   | transfers/plans/<int:plan_id>/                  | transfer.dispatch  | bound |
POST   | transfers/trips/                                | transfer.dispatch  |       |
GET    | transfers/trips/<int:trip_id>/                  | situation.read     | bound |
POST   | transfers/trips/<int:trip_id>/change/           | transfer.dispatch  | bound |
GET    | transfers/vehicles/                             | situation.read     |       |
POST   | transfers/vehicles/                             | transfer.dispatch  |       |
GET    | transfers/vehicles/<int:vehicle_id>/            | situation.read     | bound |
POST   | transfers/vehicles/<int:vehicle_id>/act/        | transfer.dispatch  | bound |
GET    | crew/                                           | transfer.carry     |       |
GET    | crew/list/                                      | transfer.carry     |       |
POST   | crew/acts/                                      | transfer.carry     |       |
GET    | crew/worker.js                                  | transfer.carry     |       |
GET    | journal/                                        | journal.read       |       |
GET    | drill/                                          | situation.read     |       |
GET    | drill/state/                                    | situation.read     |       |
POST   | drill/steer/                                    | drill.steer        |       |
GET    | drill/told/                                     | case.investigate   |       |
GET    | drill/wards/                                    | order.issue        |       |
POST   | drill/wards/move/                               | order.issue        |       |
GET    | drill/report/                                   | situation.read     |       |
GET    | drill/report/pdf/                               | situation.read     |       |
POST   | drill/report/ask/                               | drill.steer        |       |
ANY    | accounts/login/                                 | anyone             |       |
ANY    | accounts/inactive/                              | anyone             |       |
ANY    | accounts/2fa/authenticate/                      | anyone             |       |
GET    | result/                                         | anyone             |       |
POST   | result/                                         | anyone             |       |
POST   | language/                                       | anyone             |       |
ANY    | accounts/logout/                                | account            |       |
ANY    | accounts/reauthenticate/                        | account            |       |
ANY    | accounts/password/change/                       | account            |       |
ANY    | accounts/2fa/                                   | account            |       |
ANY    | accounts/2fa/reauthenticate/                    | account            |       |
ANY    | accounts/2fa/totp/activate/                     | account            |       |
ANY    | accounts/2fa/totp/deactivate/                   | account            |       |
ANY    | accounts/2fa/recovery-codes/                    | account            |       |
ANY    | accounts/2fa/recovery-codes/generate/           | account            |       |
ANY    | accounts/2fa/recovery-codes/download/           | account            |       |
"""


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of one address when it is asked with one method."""

    method: str
    address: str
    right: str
    bound: bool
    reads: bool

    def __str__(self) -> str:
        return f"{self.method} {self.address or '(front page)'}"


def expectations() -> list[Expected]:
    """Read the table."""
    _, *lines = (TABLE.strip() + "\n" + OF_THE_API.strip()).splitlines()
    rows = ([cell.strip() for cell in line.split("|")] for line in lines)
    return [Expected(method, address, right, bool(bound), bool(reads)) for method, address, right, bound, reads in rows]
