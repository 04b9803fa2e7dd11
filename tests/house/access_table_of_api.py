"""The rows of `access_table` that are addresses of the API, in the same columns."""

OF_THE_API = """
GET    | api/levels                                      | situation.read     |       |
GET    | api/outbreaks/<slug>/levels                     | situation.read     |       |
GET    | api/command                                     | situation.read     |       |
GET    | api/command/versions                            | situation.read     |       |
GET    | api/command/rows/<figure>                       | situation.read     |       |
GET    | api/openapi.json                                | anyone             |       |
ANY    | api/                                            | nothing            |       |
ANY    | api/<path:rest>                                 | nothing            |       |
GET    | api/outbreaks                                   | situation.read     |       |
GET    | api/areas                                       | situation.read     |       |
GET    | api/outbreaks/<slug>/people                     | person.list        |       |
GET    | api/outbreaks/<slug>/people/<number>            | person.read        | bound | reads
GET    | api/outbreaks/<slug>/signals                    | person.list        |       |
GET    | api/outbreaks/<slug>/four-clears                | situation.read     |       |
GET    | api/outbreaks/<slug>/four-clears/people         | person.list        |       |
GET    | api/outbreaks/<slug>/streams                    | situation.read     |       |
GET    | api/outbreaks/<slug>/people/<number>/access-report | person.account | bound | reads
POST   | api/outbreaks/<slug>/presences                  | presence.send      |       |
POST   | api/outbreaks/<slug>/presences/parquet          | presence.send      |       |
GET    | api/outbreaks/<slug>/traces                     | trace.ask          |       |
POST   | api/outbreaks/<slug>/traces                     | trace.ask          | bound |
GET    | api/traces/<number>                             | trace.ask          | bound |
GET    | api/traces/<number>/matches                     | trace.ask          | bound |
POST   | api/traces/<number>/close                       | trace.ask          | bound |
POST   | api/traces/<number>/people                      | trace.ask          | bound |
GET    | api/outbreaks/<slug>/push-lists                 | cooperation.work   |       |
GET    | api/push-lists/<number>                         | cooperation.work   | bound |
POST   | api/traces/<number>/push                        | cooperation.work   | bound |
POST   | api/push-lists/<number>/receive                 | cooperation.work   | bound |
POST   | api/push-lists/<number>/results                 | cooperation.work   | bound |
POST   | api/push-lists/<number>/entries/<ref>/push-again | cooperation.work  | bound |
POST   | api/push-lists/<number>/entries/<ref>/give-up   | cooperation.work   | bound |
POST   | api/stream-counts                               | signal.send        |       |
POST   | api/outbreaks/<slug>/stream-counts              | signal.send        |       |
GET    | api/outbreaks/<slug>/alerts                     | situation.read     |       |
POST   | api/alerts/<number>/take-up                     | signal.verify      | bound |
POST   | api/alerts/<number>/confirm                     | signal.verify      | bound |
POST   | api/alerts/<number>/dismiss                     | signal.verify      | bound |
POST   | api/alerts/<number>/escalate                    | signal.verify      | bound |
POST   | api/alerts/<number>/close                       | signal.verify      | bound |
POST   | api/alerts/<number>/reopen                      | signal.verify      | bound |
POST   | api/outbreaks/<slug>/signals                    | signal.send        |       |
POST   | api/signals/<number>/verify                     | signal.verify      | bound |
POST   | api/signals/<number>/dismiss                    | signal.verify      | bound |
GET    | api/outbreaks/<slug>/cases                      | person.list        |       |
GET    | api/outbreaks/<slug>/cases/<number>             | person.read        | bound | reads
GET    | api/outbreaks/<slug>/contacts                   | person.list        |       |
GET    | api/outbreaks/<slug>/exposures                  | situation.read     |       |
POST   | api/outbreaks/<slug>/results                    | result.tell        |       |
GET    | api/outbreaks/<slug>/results/released           | result.tell        |       |
GET    | api/outbreaks/<slug>/rounds                     | situation.read     |       |
POST   | api/outbreaks/<slug>/rounds                     | testing.plan       | bound |
POST   | api/outbreaks/<slug>/rounds/<number>/open       | testing.plan       | bound |
POST   | api/outbreaks/<slug>/rounds/<number>/close      | testing.plan       | bound |
POST   | api/outbreaks/<slug>/rounds/<number>/archive    | testing.plan       | bound |
POST   | api/outbreaks/<slug>/rounds/<number>/destroy    | testing.plan       | bound |
GET    | api/outbreaks/<slug>/rounds/<number>/sites      | situation.read     | bound |
POST   | api/outbreaks/<slug>/rounds/<number>/sites      | testing.plan       | bound |
POST   | api/outbreaks/<slug>/rounds/<number>/plans      | testing.plan       | bound |
GET    | api/outbreaks/<slug>/rounds/<number>/plans/<plan> | testing.plan     | bound |
POST   | api/outbreaks/<slug>/rounds/<number>/plans/<plan>/accept | testing.plan | bound |
GET    | api/outbreaks/<slug>/rounds/<number>/board      | situation.read     | bound |
GET    | api/outbreaks/<slug>/rounds/<number>/coverage   | situation.read     | bound |
POST   | api/outbreaks/<slug>/rounds/<number>/swabs      | testing.register   | bound |
POST   | api/outbreaks/<slug>/sites/<site_id>/observations | site.work      | bound |
GET    | api/outbreaks/<slug>/sites/<site_id>/day       | situation.read     | bound |
POST   | api/outbreaks/<slug>/rounds/<number>/box-acts   | sample.carry       | bound |
GET    | api/outbreaks/<slug>/rounds/<number>/boxes      | sample.carry       | bound |
GET    | api/outbreaks/<slug>/rounds/<number>/boxes/<code> | sample.carry       | bound |
GET    | api/outbreaks/<slug>/rounds/<number>/chain      | situation.read     | bound |
POST   | api/outbreaks/<slug>/receipts                   | lab.work           |       |
GET    | api/laboratories                                | situation.read     |       |
POST   | api/laboratories                                | testing.plan       | bound |
GET    | api/laboratories/<code>/plates                  | lab.work           | bound |
POST   | api/laboratories/<code>/plates                  | lab.work           | bound |
GET    | api/laboratories/<code>/runs                    | lab.work           | bound |
POST   | api/laboratories/<code>/runs                    | lab.work           | bound |
POST   | api/laboratories/<code>/runs/file               | lab.work           | bound |
GET    | api/laboratories/<code>/oddities                | lab.work           | bound |
GET    | api/lab-runs/<number>                           | lab.work           | bound |
POST   | api/lab-runs/<number>/release                   | lab.release        | bound |
POST   | api/lab-runs/<number>/withdraw                  | lab.work           | bound |
POST   | api/lab-oddities/<number>/settle                | lab.work           | bound |
GET    | api/isolation-sites                             | situation.read     |       |
POST   | api/isolation-sites                             | site.manage        | bound |
GET    | api/isolation-sites/<number>/rooms              | situation.read     | bound |
POST   | api/isolation-sites/<number>/rooms              | site.manage        | bound |
POST   | api/isolation-sites/<number>/move               | site.manage        | bound |
GET    | api/outbreaks/<slug>/isolation-reserve          | situation.read     |       |
GET    | api/outbreaks/<slug>/rooms/waiting              | room.allocate      |       |
POST   | api/outbreaks/<slug>/rooms/propose              | room.allocate      |       |
GET    | api/outbreaks/<slug>/rooms/placements           | room.allocate      |       |
POST   | api/placements/<number>/accept                  | room.allocate      | bound |
POST   | api/placements/<number>/change                  | room.allocate      | bound |
POST   | api/placements/<number>/refuse                  | room.allocate      | bound |
POST   | api/orders/<number>/room                        | room.allocate      | bound |
POST   | api/people/<number>/needs                       | person.read        | bound | reads
GET    | api/outbreaks/<slug>/transfers                  | situation.read     |       |
POST   | api/outbreaks/<slug>/transfers                  | transfer.ask       | bound |
GET    | api/outbreaks/<slug>/transfers/at-care          | situation.read     |       |
POST   | api/transfers/<number>/back                     | transfer.ask       | bound |
POST   | api/transfers/<number>/approve                  | transfer.approve   | bound |
POST   | api/transfers/<number>/refuse                   | transfer.approve   | bound |
GET    | api/outbreaks/<slug>/trips                      | situation.read     |       |
POST   | api/outbreaks/<slug>/trip-acts                  | transfer.carry     |       |
GET    | api/outbreaks/<slug>/orders                     | person.list        |       |
GET    | api/orders/<number>                             | person.read        | bound | reads
POST   | api/orders/<number>/issue                       | order.issue        | bound |
POST   | api/orders/<number>/decline                     | order.issue        | bound |
GET    | api/orders/<number>/changes                     | person.read        | bound | reads
POST   | api/orders/<number>/serve                       | order.serve        | bound |
POST   | api/orders/<number>/extend                      | order.issue        | bound |
POST   | api/orders/<number>/home                        | order.issue        | bound |
POST   | api/orders/<number>/end                         | order.issue        | bound |
GET    | api/outbreaks/<slug>/objections                 | objection.decide   |       |
POST   | api/outbreaks/<slug>/objections                 | order.serve        |       |
POST   | api/objections/<number>/decide                  | objection.decide   | bound |
GET    | api/outbreaks/<slug>/bulletins                  | report.read        |       |
GET    | api/outbreaks/<slug>/bulletins/file             | report.read        |       |
GET    | api/bulletins/<number>                          | bulletin.issue     | bound |
GET    | api/bulletins/<number>/file                     | bulletin.issue     | bound |
POST   | api/bulletins/<number>/words                    | bulletin.issue     | bound |
POST   | api/bulletins/<number>/issue                    | bulletin.issue     | bound |
POST   | api/bulletins/<number>/correct                  | bulletin.issue     | bound |
GET    | api/oversight/scorecard                         | situation.read     |       |
GET    | api/oversight/measures/<measure>/rows           | situation.read     |       |
GET    | api/findings                                    | situation.read     |       |
POST   | api/exchange                                    | anyone             |       |
GET    | api/outbreaks/<slug>/zones                      | situation.read     |       |
GET    | api/outbreaks/<slug>/official-areas             | situation.read     |       |
GET    | api/zones/<number>                              | situation.read     | bound |
POST   | api/zones/<number>/approve                      | zone.approve       | bound |
POST   | api/zones/<number>/decline                      | zone.approve       | bound |
POST   | api/zones/<number>/publish                      | zone.publish       | bound |
POST   | api/zones/<number>/lift                         | zone.publish       | bound |
GET    | api/outbreaks/<slug>/zone-options               | zone.propose       |       |
POST   | api/outbreaks/<slug>/zones/proposed             | zone.propose       | bound |
POST   | api/outbreaks/<slug>/zones/drawn                | zone.propose       | bound |
POST   | api/zones/<number>/extend                       | zone.approve       | bound |
POST   | api/zones/<number>/regrade                      | zone.approve       | bound |
POST   | api/zones/<number>/measures                     | zone.propose       | bound |
POST   | api/zones/<number>/redraw                       | zone.propose       | bound |
GET    | api/zones/<number>/conditions                   | situation.read     | bound |
GET    | api/zones/<number>/inside                       | zone.serve         | bound |
GET    | api/zones/<number>/requests                     | zone.serve         | bound |
POST   | api/zones/<number>/requests                     | zone.serve         | bound |
POST   | api/zones/<number>/acts                         | zone.serve         | bound |
GET    | api/tasks                                       | task.work          |       |
GET    | api/directives                                  | directive.work     |       |
GET    | api/directives/<number>                         | directive.work     | bound |
GET    | api/directives/<number>/parts                   | directive.work     | bound |
POST   | api/directives/parts/<number>/receive           | directive.work     | bound |
POST   | api/directives/parts/<number>/report            | directive.work     | bound |
POST   | api/directives/parts/<number>/close             | directive.work     | bound |
GET    | api/outbreaks/<slug>/tasks                      | task.work          |       |
POST   | api/tasks/<number>/receive                      | task.work          | bound |
POST   | api/tasks/<number>/finish                       | task.work          | bound |
GET    | api/outbreaks/<slug>/daily-reports              | report.read        |       |
POST   | api/daily-reports/<number>/submit               | report.submit      | bound |
POST   | api/daily-reports/<number>/approve              | report.approve     | bound |
POST   | api/daily-reports/<number>/return               | report.approve     | bound |
POST   | api/daily-reports/<number>/correct              | report.submit      | bound |
GET    | api/outbreaks/<slug>/data-value-set             | report.read        |       |
POST   | api/data-value-sets                             | report.submit      |       |
GET    | api/reports-owed                                | report.read        |       |
GET    | api/teams                                       | situation.read     |       |
GET    | api/teams/readiness                             | situation.read     |       |
GET    | api/team-shifts                                 | situation.read     |       |
POST   | api/team-calls/<number>/answer                  | situation.read     | bound |
GET    | api/protocol/editions                           | protocol.read      |       |
GET    | api/protocol/rules                              | protocol.read      |       |
GET    | api/outbreaks/<slug>/rules                      | protocol.read      |       |
"""
