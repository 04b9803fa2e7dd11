"""Whether the values of one edition agree with each other."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from sizao.protocol.editions import Companion
from sizao.protocol.values import Value

# Test days must lie inside the period they belong to (the sum, when there are two periods at home).
_TEST_DAYS_WITHIN = {
    "contacts.close.central_test_days": ("contacts.close.central_days",),
    "contacts.close.home_test_days": (
        "contacts.close.home_isolation_days",
        "contacts.close.home_monitoring_days",
    ),
    "contacts.secondary.test_days": ("contacts.secondary.days",),
    "inbound.central_test_days": ("inbound.central_days",),
    "inbound.home_test_days": ("inbound.home_isolation_days", "inbound.home_monitoring_days"),
    "spillover.high_test_days": ("spillover.high_days",),
    "spillover.medium_test_days": ("spillover.medium_days",),
    "testing.occupational.after_loop_test_days": ("testing.occupational.after_loop_days",),
}
_RISING = (
    ("testing.region.site_people_from", "testing.region.site_people_to"),
    ("testing.region.table_people_from", "testing.region.table_people_to"),
    ("transport.drivers_per_bus_from", "transport.drivers_per_bus_to"),
    ("treatment.icu_extra_staff_from_percent", "treatment.icu_extra_staff_to_percent"),
    ("fever_clinic.wait_from_hours", "fever_clinic.wait_to_hours"),
    ("inbound.positive_ct_below", "inbound.assess_ct_up_to"),
    ("priority_groups.age_mid_years", "priority_groups.age_high_years"),
    ("priority_groups.score_yellow_from", "priority_groups.score_red_from"),
    ("investigation.contact_window_days", "investigation.contact_window_local_longest_days"),
    ("meta.published", "meta.effective_from"),
    ("meta.effective_from", "meta.effective_until"),
)
# Nobody may be shut in or turned away from urgent care, whatever an edition or an annex says.
_NEVER = ("limits.blocking_of_exits", "limits.refusal_of_urgent_care")


def nonsense(values: Mapping[str, Value], companions: Iterable[Companion]) -> Iterator[tuple[str, str]]:
    """Yield key and sentence for each contradiction inside one edition."""
    yield from _late_test_days(values)
    yield from _falling(values)
    for key in _NEVER:
        if values[key].value is True:
            yield key, "may never be true."
    last = values["meta.effective_until"].day
    for number, companion in enumerate(companions):
        if companion.effective_from > last:
            text = f"{companion.id} starts on {companion.effective_from}, after the edition ends on {last}."
            yield f"companions[{number}].effective_from", text


def _late_test_days(values: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    for key, periods in _TEST_DAYS_WITHIN.items():
        lengths = [values[period].value for period in periods]
        days = values[key].value
        if days and isinstance(days, tuple) and None not in lengths:
            longest = sum(values[period].whole for period in periods)
            if max(values[key].numbers) > longest:
                yield key, f"has a test on day {max(values[key].numbers)} of a period of {longest} days."


def _falling(values: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    for low, high in _RISING:
        lower, upper = values[low].value, values[high].value
        if isinstance(lower, date) and isinstance(upper, date):
            falls = upper < lower
        elif lower is None or upper is None:
            falls = False
        else:
            falls = values[high].number < values[low].number
        if falls:
            yield high, f"is {values[high].shown}, below {low} = {values[low].shown}."
