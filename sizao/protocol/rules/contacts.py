"""Rules for contacts, arrivals and people from risk areas."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CloseContacts:
    """Close contacts (密切接触者): transfer, periods, test days, home exceptions."""

    enabled: bool | None
    transfer_hours: int | None
    central_days: int | None
    home_isolation_days: int | None
    home_monitoring_days: int | None
    central_test_days: tuple[int, ...] | None
    home_test_days: tuple[int, ...] | None
    specimen: str | None
    double_sampling_at_release: bool | None
    environment_sampling_at_release: bool | None
    day_zero: str | None
    home_allowed_generally: bool | None
    home_exempt_groups: tuple[str, ...] | None
    child_age_up_to_years: int | None


@dataclass(frozen=True, slots=True)
class SecondaryContacts:
    """Contacts of close contacts (次密接); release hangs on the close contact's first tests."""

    enabled: bool | None
    only_of_high_risk_contacts: bool | None
    place: str | None
    days: int | None
    test_days: tuple[int, ...] | None
    release_needs_index_negative_tests: int | None
    upgrade_when_index_positive: bool | None


@dataclass(frozen=True, slots=True)
class OtherContacts:
    """General contacts, exposed venues and space-time companions (时空伴随者, local practice)."""

    general_contact_enabled: bool | None
    exposed_venue_enabled: bool | None
    exposed_venue_test_days: tuple[int, ...] | None
    spacetime_enabled_default: bool | None
    spacetime_cell_m: int | None
    spacetime_overlap_min: int | None
    spacetime_lookback_days: int | None
    spacetime_cumulative_hours: int | None
    spacetime_tests_count: int | None
    spacetime_tests_within_days: int | None
    spacetime_test_gap_hours: int | None
    spacetime_self_monitoring_days: int | None


@dataclass(frozen=True, slots=True)
class Inbound:
    """Arrivals from abroad."""

    enabled: bool | None
    central_days: int | None
    home_isolation_days: int | None
    home_monitoring_days: int | None
    central_test_days: tuple[int, ...] | None
    home_test_days: tuple[int, ...] | None
    repeat_at_destination: bool | None
    positive_ct_below: int | None
    assess_ct_up_to: int | None
    boarding_test_hours: int | None


@dataclass(frozen=True, slots=True)
class Spillover:
    """People who come from risk areas elsewhere (外溢)."""

    enabled: bool | None
    lookback_days: int | None
    high_place: str | None
    high_days: int | None
    high_test_days: tuple[int, ...] | None
    medium_place: str | None
    medium_days: int | None
    medium_test_days: tuple[int, ...] | None
    low_tests_count: int | None
    low_tests_within_days: int | None


@dataclass(frozen=True, slots=True)
class Contacts:
    """The rings around a case."""

    close: CloseContacts
    secondary: SecondaryContacts
    other: OtherContacts
