"""The document itself and the limits set to local bodies."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Identity:
    """Which document this is, and the days on which decisions may cite it."""

    id: str
    title_zh: str
    document_no: str | None
    management_class: str
    published: date
    effective_from: date
    effective_until: date
    base: str | None
    overlay: bool
    schema_version: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What no local body may do, and what every measure must carry."""

    local_extension_of_days: bool | None
    local_extension_of_scope: bool | None
    blocking_of_exits: bool | None
    refusal_of_urgent_care: bool | None
    expected_duration_must_be_stated: bool | None
    data_destroyed_after_emergency: bool | None
