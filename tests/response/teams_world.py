"""Two counties of a city with teams, their members and accounts."""

from datetime import UTC, datetime, timedelta

from sizao.protocol.teams_rotation import Hours
from sizao.response.tasks import teams
from sizao.response.tasks.teams import MemberEntry, ShiftEntry, TeamEntry
from sizao.terms import Role
from tests import factories

NOW = datetime(2022, 7, 10, 0, 0, tzinfo=UTC)  # eight in the morning there; edition 9
COUNTY, NEXT, CITY = "130109", "130108", "1301"


def hours(n):
    return NOW + timedelta(hours=n)


class TeamsWorld:
    def __init__(self):
        for code, name, people in ((CITY, "石家庄市", None), (COUNTY, "藁城区", 800_000), (NEXT, "裕华区", 100_000)):
            factories.area(code, name, population=people)
        self.manager = factories.account(role=Role.DUTY_OFFICER, area_code=COUNTY)
        self.neighbour = factories.account(role=Role.DUTY_OFFICER, area_code=NEXT)
        self.city = factories.account(role=Role.COMMANDER, area_code=CITY)
        self._serial = 0

    def team(self, name="流调一队", kind="investigation", people=4, area_code=COUNTY, **facts):
        entry = TeamEntry(
            name, kind, area_code, lead="刘队长", phone="13900000000",
            members=tuple(self.person() for _ in range(people)), **facts,
        )  # fmt: skip
        return teams.register_team(entry=entry, by=self.city, now=NOW - timedelta(days=40))

    def person(self, **facts):
        self._serial += 1
        return MemberEntry(f"S{self._serial:04}", f"队员{self._serial}", f"1380000{self._serial:04}", **facts)

    def shift(self, member, start, end, *, by=None, now=None, inside=False):
        wanted = [ShiftEntry(member.pk, Hours(hours(start), hours(end)), "机场路", inside=inside)]
        [made] = teams.confirm_shifts(team=member.team, shifts=wanted, by=by or self.manager, now=now or NOW)
        return made
