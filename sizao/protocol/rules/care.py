"""Rules for treatment, older and ill people, vaccines, medicines and fever clinics."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Treatment:
    """Places of care, discharge, what follows it, and referral from home."""

    protocol: str | None
    asymptomatic_place: str | None
    mild_place: str | None
    severe_place: str | None
    discharge_fever_free_days: int | None
    discharge_tests_count: int | None
    discharge_test_gap_hours: int | None
    discharge_ct_at_least: int | None
    home_release_test_days: tuple[int, ...] | None
    home_end_needs_antigen_negative: bool | None
    after_discharge_days: int | None
    after_discharge_mode: str | None
    after_discharge_visit_weeks: tuple[int, ...] | None
    asymptomatic_observation_days: int | None
    suspected_exclude_tests_count: int | None
    suspected_exclude_test_gap_hours: int | None
    suspected_exclude_antibody_after_days: int | None
    home_temperature_checks_per_day: int | None
    refer_fever_above_celsius: float | None
    refer_fever_days: int | None
    refer_spo2_below_percent: int | None
    icu_beds_at_least_percent: int | None
    icu_convertible_at_least_percent: int | None
    icu_convert_hours: int | None
    icu_extra_staff_from_percent: int | None
    icu_extra_staff_to_percent: int | None
    cabin_hospitals_per_province_at_least: int | None
    cabin_hospital_ready_days: int | None


@dataclass(frozen=True, slots=True)
class PriorityGroups:
    """The red, yellow and green service for older and ill people of December 2022."""

    enabled: bool | None
    age_mid_years: int | None
    age_high_years: int | None
    score_yellow_from: int | None
    score_red_from: int | None
    yellow_followup_interval_days: int | None
    red_followup_interval_days: int | None


@dataclass(frozen=True, slots=True)
class Vaccination:
    """Doses, gaps, checks before a dose, records."""

    inactivated_doses: int | None
    inactivated_gap_at_least_days: int | None
    inactivated_second_within_days: int | None
    adenovirus_doses: int | None
    subunit_doses: int | None
    subunit_gap_at_least_days: int | None
    subunit_second_within_days: int | None
    subunit_third_within_days: int | None
    booster_gap_at_least_days: int | None
    second_booster_gap_at_least_days: int | None
    observation_min: int | None
    record_keep_years_after_expiry: int | None
    three_checks: tuple[str, ...] | None
    seven_matches: tuple[str, ...] | None
    one_verification: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Medicines:
    """Registered sales of the four categories of medicine."""

    register_four_categories: bool | None
    test_after_purchase_hours: int | None


@dataclass(frozen=True, slots=True)
class FeverClinics:
    """Fever clinics, and whether village clinics may treat fever."""

    result_before_leaving: bool | None
    wait_from_hours: int | None
    wait_to_hours: int | None
    village_clinic_may_treat_fever: bool | None
