"""Rules for testing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RegionTesting:
    """Rounds over a whole area: clocks, frequency, sites, tables and samplers."""

    enabled: bool | None
    population_threshold: int | None
    small_city_complete_hours: int | None
    large_city_complete_hours: int | None
    initial_rounds_at_least: int | None
    stop_after_clean_rounds: int | None
    confirm_round_gap_days: int | None
    street_recent_case_interval_days: int | None
    street_14d_case_interval_days: int | None
    street_no_case_interval_days: int | None
    city_wide_decided_by: str | None
    site_people_from: int | None
    site_people_to: int | None
    table_people_from: int | None
    table_people_to: int | None
    people_per_sampler: int | None
    site_ready_hours: int | None
    transport_hours: int | None
    lab_result_hours: int | None
    pooled_result_hours: int | None
    result_push_hours: int | None
    walk_circle_min: int | None
    roster_keep_days: int | None


@dataclass(frozen=True, slots=True)
class PoolTesting:
    """How many swabs may share a tube, and what a positive tube means."""

    sizes_allowed: tuple[int, ...] | None
    single_only_groups: tuple[str, ...] | None
    household_pool_in_closed_area: bool | None
    repool_tubes_forbidden: bool | None
    positive_pool_action: str | None
    dilution_pool_prevalence_below_percent: float | None


@dataclass(frozen=True, slots=True)
class OccupationalTesting:
    """Who is tested as a matter of routine (应检尽检), and how often."""

    high_risk_interval_days: int | None
    crowded_jobs_tests_per_week: int | None
    key_hospital_departments_tests_per_week: int | None
    institution_staff_tests_per_week: int | None
    institution_resident_tests_per_week: int | None
    institution_visitor_test_hours: int | None
    after_loop_place: str | None
    after_loop_days: int | None
    after_loop_test_days: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class AntigenTesting:
    """Antigen tests: who, and what a positive means."""

    enabled: bool | None
    symptoms_not_older_than_days: int | None
    negative_with_symptoms_daily_days: int | None
    positive_needs_nucleic_acid: bool | None
    elderly_tests_per_week: int | None


@dataclass(frozen=True, slots=True)
class Testing:
    """All that concerns swabs."""

    region: RegionTesting
    pool: PoolTesting
    occupational: OccupationalTesting
    antigen: AntigenTesting
