"""The accounts that a newcomer may try, where an installation only rehearses."""

import re
from dataclasses import dataclass

from django.conf import settings

from sizao.records.models import Outbreak
from sizao.terms import OutbreakKind

_ACCOUNT = re.compile(r"^(?P<username>\S+)\s+(?P<who>.+)$")


@dataclass(frozen=True, slots=True)
class Demonstration:
    """The accounts anybody may try, and the password they share."""

    password: str
    accounts: tuple[tuple[str, str], ...]


def demonstration() -> Demonstration | None:
    """
    Say which accounts a newcomer may try; None unless this installation only rehearses.

    It must say of itself that it does, and hold no real outbreak: a forgotten setting alone shows nothing.
    """
    if not settings.DEMONSTRATION or Outbreak.objects.filter(kind=OutbreakKind.REAL).exists():
        return None
    try:
        first, *rest = settings.DEMONSTRATION_ACCOUNTS.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    found = [match for line in rest if (match := _ACCOUNT.match(line))]
    return Demonstration(first.rpartition(": ")[2], tuple((one["username"], one["who"]) for one in found))
