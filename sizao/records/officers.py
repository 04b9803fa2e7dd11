"""Who stood behind an account when it acted: their name and office, as these were then."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sizao.records.models import Account, Area, Event
from sizao.terms import Role


@dataclass(frozen=True, slots=True)
class Officer:
    """A person behind an account at a moment: their name, and the office they held."""

    name: str
    role: Role
    area_code: str
    area: str

    def office(self, language: str) -> str:
        """Say the office: the area and what they do for it."""
        return f"{self.area}{self.role.zh}" if language.startswith("zh") else f"{self.role.en}, {self.area}"

    def said(self, language: str) -> str:
        """Say name and office; an account that bears no person's name is its office."""
        office = self.office(language)
        if self.name in ("", self.office("zh")):
            return office
        return f"{self.name}（{office}）" if language.startswith("zh") else f"{self.name} ({office})"


class Officers:
    """
    The officers behind accounts, each looked up once; for one page, list or document.

    The journal keeps what an account was before each change, so nothing else need keep the name of then.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str, str] | None] = {}
        self._changes: dict[str, list[tuple[datetime, dict[str, str]]]] = defaultdict(list)
        self._areas: dict[str, str] = {}

    def learn(self, usernames: Iterable[str]) -> None:
        """Look up many accounts at once."""
        wanted = set(usernames) - set(self._known)
        if not wanted:
            return
        self._known |= dict.fromkeys(wanted)
        rows = Account.objects.filter(username__in=wanted)
        names = {}
        for pk, username, name, role, area_code in rows.values_list(
            "pk", "username", "display_name", "role", "area_code"
        ):
            names[pk], self._known[username] = username, (name, role, area_code)
        lines = Event.objects.filter(subject_kind="account", subject_id__in=names, verb="account.changed")
        for pk, at, facts in lines.order_by("at", "id").values_list("subject_id", "at", "facts"):
            self._changes[names[pk]].append((at, facts.get("was", {})))
        codes = {one[2] for one in self._known.values() if one} | {
            was["area_code"] for changes in self._changes.values() for _, was in changes if "area_code" in was
        }
        areas = Area.objects.filter(code__in=codes - set(self._areas))
        self._areas |= dict(areas.values_list("code", "short_name"))

    def of(self, username: str, at: datetime | None = None) -> Officer | None:
        """Give who stood behind an account at a moment, else now; None where there is no such account."""
        self.learn([username])
        known = self._known[username]
        if known is None:
            return None
        told = dict(zip(("display_name", "role", "area_code"), known, strict=True))
        # What each later change replaced, the latest first, leaves what stood at the moment.
        for changed_at, was in reversed(self._changes[username] if at is not None else []):
            if changed_at > at:
                told |= {field: was[field] for field in told if field in was}
        name, role, code = told["display_name"], Role(told["role"]), told["area_code"]
        return Officer(name if name != username else "", role, code, self._areas.get(code, code))


def behind(account: Account, at: datetime | None) -> Officer:
    """Give who stood behind an account at a moment, for a document that bears their name."""
    found = Officers().of(account.username, at)
    assert found is not None  # accounts are closed, never deleted
    return found


def name_of(account: Account, at: datetime | None) -> str:
    """Give the name of the person behind an account at a moment; their office where it bears no name."""
    found = behind(account, at)
    return found.name or found.office("zh")
