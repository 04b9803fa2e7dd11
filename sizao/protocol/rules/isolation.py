"""Rules for isolation sites and vehicles."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IsolationSites:
    """Central isolation sites: rooms, layout, checks, and a positive found inside."""

    enabled: bool | None
    rooms_per_10k_people: int | None
    single_room: bool | None
    zones_count: int | None
    corridors_count: int | None
    temperature_checks_per_day: int | None
    positive_found_review_hours: int | None
    neighbour_rooms_same_side: int | None
    neighbour_rooms_opposite: int | None
    neighbour_rooms_vertical: int | None
    exposure_restart_days: int | None
    staff_closed_loop: bool | None
    release_transport: str | None


@dataclass(frozen=True, slots=True)
class Transport:
    """Vehicles for cases and contacts."""

    case_vehicle: str | None
    one_case_per_vehicle: bool | None
    same_strain_may_share: bool | None
    case_transfer_hours: int | None
    buses_per_county_at_least: int | None
    drivers_per_bus_from: int | None
    drivers_per_bus_to: int | None
    disinfect_after_each_trip: bool | None
    cross_city_request_lead_hours: int | None
