"""What an edition asks of contacts and areas, in the words of a policy that a simulated city can follow."""

from collections.abc import Mapping

from sizao.protocol.values import Value

# Where an edition asks for contacts of contacts, so many of a contact's companions are found: all at home, few of class
# and work, nobody of venues and transport. An assumption; editions name no share.
SECONDARY_FOUND = (1.0, 0.2, 0.2, 0.0, 0.0)
NOBODY = (0.0, 0.0, 0.0, 0.0, 0.0)

Told = int | bool | tuple[int, ...] | tuple[float, ...]


def measures(values: Mapping[str, Value]) -> dict[str, Told]:
    """
    Give the keys of a what-if policy that an edition decides: lengths, places and test days of quarantine, second ring.

    `values` are an edition's (`Edition.values_on`) or those in force (`Rules.values`). Health monitoring at home counts
    as days at home. What the edition leaves open is left out. Where it traces no contacts any more, nobody is found.
    """
    if not values["contacts.close.enabled"].value:
        return {"traced": NOBODY, "secondary": NOBODY}
    told = _close(values)
    if not values["contacts.secondary.enabled"].value:
        return told | {"secondary": NOBODY}
    told["secondary"] = SECONDARY_FOUND
    told["secondary_at_home"] = values["contacts.secondary.place"].value != "central"
    if days := _days(values, "contacts.secondary.days"):
        told["secondary_days"] = days
    if (tests := _tests(values, "contacts.secondary.test_days")) is not None:
        told["secondary_test_days"] = tests
    return told


def _close(values: Mapping[str, Value]) -> dict[str, Told]:
    central = _days(values, "contacts.close.central_days")
    home = _days(values, "contacts.close.home_isolation_days") + _days(values, "contacts.close.home_monitoring_days")
    in_room = _tests(values, "contacts.close.central_test_days") or ()
    at_home = _tests(values, "contacts.close.home_test_days") or ()
    told: dict[str, Told] = {"quarantine_at_home": central == 0}
    if central:
        told |= {"quarantine_days": central, "test_days": in_room, "home_days": home}
        told["home_test_days"] = tuple(day for day in at_home if day <= home)
    elif home:
        told |= {"quarantine_days": home, "test_days": at_home, "home_days": 0, "home_test_days": ()}
    if lift := _days(values, "zones.strict_lift_days"):
        told["close_days"] = lift
    return told


def _days(values: Mapping[str, Value], key: str) -> int:
    value = values[key].value if key in values else None
    return value if isinstance(value, int) else 0


def _tests(values: Mapping[str, Value], key: str) -> tuple[int, ...] | None:
    value = values[key].value
    return tuple(int(day) for day in value) if isinstance(value, tuple | list) else None
