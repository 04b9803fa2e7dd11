"""In whose name a replay acts: accounts by role and area that nobody can sign in with."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sizao.records.models import Account
from sizao.response import accounts
from sizao.terms import AREA_DIGITS, AreaLevel, Role

PREFIX = "replay"
_COUNTY = AREA_DIGITS[AreaLevel.COUNTY]


class Actors:
    """
    The accounts of a replay, made when they are first needed.

    They are closed: no task is asked of them and nobody signs in. Only here, in memory, they stand open to act.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self.known: dict[tuple[Role, str], Account] = {}

    def of(self, role: Role, area_code: str, now: datetime) -> Account:
        """Give the account of a role in an area."""
        if (role, area_code) not in self.known:
            self.prepare([(role, area_code)], now)
        return self.known[role, area_code]

    def desk(self, area_code: str, now: datetime) -> Account:
        """Give who does what an area is asked: its duty officer, below a county its grid worker."""
        return self.of(Role.DUTY_OFFICER if len(area_code) <= _COUNTY else Role.GRID_WORKER, area_code, now)

    def judge(self, area_code: str, now: datetime) -> Account:
        """Give who decides on what others did for an area: the commander, in a county the duty officer."""
        return self.of(Role.COMMANDER if len(area_code) < _COUNTY else Role.DUTY_OFFICER, area_code[:_COUNTY], now)

    def prepare(self, wanted: Iterable[tuple[Role, str]], now: datetime) -> None:
        """Give several accounts at once."""
        missing = {_username(role, code): (role, code) for role, code in wanted if (role, code) not in self.known}
        entries = [(name, role, code, self._shown(role, code)) for name, (role, code) in missing.items()]
        accounts.give_closed(wanted=entries, by=None, now=now)
        for one in Account.objects.filter(username__in=missing):
            one.is_active = True  # in memory alone
            self.known[missing[one.username]] = one

    def _shown(self, role: Role, area_code: str) -> str:
        return f"{self.names.get(area_code, area_code)}{role.zh}（复盘）"


def _username(role: Role, area_code: str) -> str:
    return f"{PREFIX}.{role}.{area_code}"
