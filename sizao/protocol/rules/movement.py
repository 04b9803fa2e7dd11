"""Rules for travel, health codes and imported goods."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Movement:
    """Tests asked of travellers inside the country."""

    landing_test: bool | None
    landing_test_principle_zh: str | None
    boarding_test_hours: int | None
    hotel_test_hours: int | None
    exempt_age_below_years: int | None
    arrival_tests_count: int | None
    arrival_tests_within_days: int | None
    arrival_test_gap_hours: int | None


@dataclass(frozen=True, slots=True)
class HealthCode:
    """Where a code was checked, and whom each colour meant. Never the priority groups' colours."""

    used_for_access: bool | None
    places_still_checking: tuple[str, ...] | None
    red_groups: tuple[str, ...] | None
    yellow_groups: tuple[str, ...] | None
    purpose_limited_to_epidemic: bool | None


@dataclass(frozen=True, slots=True)
class ColdChain:
    """Imported goods."""

    enabled: bool | None
    central_warehouse: bool | None
    prenotice_hours: int | None
    test_each_batch: bool | None
    disinfect_each_piece: bool | None
