"""Rules for cases: definition, report, bulletin, investigation."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CaseRules:
    """Classes of case, clinical types, severity thresholds and the surveillance cluster."""

    suspected_category: bool | None
    asymptomatic_category: bool | None
    epi_history_days: int | None
    suspected_rule: str | None
    confirm_basis: tuple[str, ...] | None
    severity_levels: tuple[str, ...] | None
    severe_resp_rate_at_least_per_minute: int | None
    severe_spo2_at_most_percent: int | None
    severe_oxygenation_index_at_most_mmhg: int | None
    severe_lesion_growth_over_percent: int | None
    severe_lesion_growth_window_hours: int | None
    altitude_correction_above_m: int | None
    cluster_at_least_cases: int | None
    cluster_window_days: int | None


@dataclass(frozen=True, slots=True)
class ReportRules:
    """Clocks of the card, of corrections and of the emergency chain up the line."""

    case_report_hours: int | None
    cdc_review_hours: int | None
    clinical_type_update_hours: int | None
    discharge_update_hours: int | None
    death_update_hours: int | None
    fever_suspect_report_hours: int | None
    institution_to_county_hours: int | None
    county_to_city_hours: int | None
    city_to_province_hours: int | None
    province_to_national_hours: int | None
    daily_zero_report: bool | None
    day_cutoff: str | None


@dataclass(frozen=True, slots=True)
class BulletinRules:
    """What the public is told, and how often."""

    interval_days: int | None
    publish_asymptomatic: bool | None
    publish_contacts: bool | None
    split_imported: bool | None
    fields: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class InvestigationRules:
    """Clocks and look-backs of the investigation of one infection."""

    enabled: bool | None
    first_report_hours: int | None
    core_info_hours: int | None
    full_report_hours: int | None
    contact_window_days: int | None
    contact_window_local_longest_days: int | None
    window_from_last_negative: bool | None
    trajectory_lookback_days: int | None
    cross_region_notice_hours: int | None
    cross_region_reply_hours: int | None
    presence_keep_days: int | None
