"""From when to when a case is asked about, and until which day the answer is kept up to date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sizao.errors import SizaoError
from sizao.protocol import Rules
from sizao.records.models import Case
from sizao.response.tracing.known import set_apart_at
from sizao.response.tracing.presences import midnight
from sizao.terms import CaseStatus, TracePurpose

CONTACT_DAYS = "investigation.contact_window_days"
LOOK_BACK_DAYS = "investigation.trajectory_lookback_days"
# What a person met on the last day of a window still has before them; afterwards an answer helps nobody.
APART_DAYS = ("contacts.close.central_days", "contacts.close.home_isolation_days")


class NotConfirmed(SizaoError):
    code = "trace.not_confirmed"
    message = (
        "{number} is no confirmed case ({status}). Presences may be asked about confirmed cases and infections without "
        "symptoms only; classify the case first."
    )


class TracesNobody(SizaoError):
    code = "trace.not_in_edition"
    message = "{edition} looks for no contacts any more, so that presences may not be asked for them."


@dataclass(frozen=True, slots=True)
class CaseWindow:
    """The time of a case that a question is about, half-open, and whether the case has been set apart by then."""

    begins_at: datetime
    ends_at: datetime
    last_date: date
    is_set_apart: bool


def window_of(
    case: Case, purpose: TracePurpose, rules: Rules, *, now: datetime, apart: Mapping[int, datetime] | None = None
) -> CaseWindow:
    """
    Say which time of a case counts, by the edition: for its source the days of the look-back until the onset (or
    first positive sample), else from the days before it on until the case was set apart.

    A case that is not set apart yet may meet people until the last day of the question. Who asks about many cases
    gives since when each person is `apart`.
    Raise NotConfirmed or TracesNobody.
    """
    check(case, rules)
    outbreak = case.outbreak
    start = case.onset_date or case.first_positive_date or outbreak.day_of(case.opened_at)
    standing_days = sum(rules.value(key).value or 0 for key in APART_DAYS)
    if purpose == TracePurpose.FIND_SOURCE:
        begins = start - timedelta(days=rules.need(LOOK_BACK_DAYS).whole)
        return CaseWindow(midnight(begins), midnight(start), start + timedelta(days=standing_days), is_set_apart=True)
    begins_at = midnight(start - timedelta(days=rules.need(CONTACT_DAYS).whole))
    apart_at = (set_apart_at([case.person_id], now) if apart is None else apart).get(case.person_id)
    if apart_at is not None:
        ends_at = max(apart_at, begins_at)
        last = outbreak.day_of(ends_at) + timedelta(days=standing_days)
        return CaseWindow(begins_at, ends_at, last, is_set_apart=True)
    last = outbreak.day_of(now) + timedelta(days=standing_days)
    return CaseWindow(begins_at, midnight(last + timedelta(days=1)), last, is_set_apart=False)


def check(case: Case, rules: Rules) -> None:
    """Refuse what presences may not be asked about: people who are no case, and editions that trace nobody."""
    confirmed = {CaseStatus.CONFIRMED}
    if rules.value("case.asymptomatic_category").value:
        confirmed.add(CaseStatus.ASYMPTOMATIC)
    if case.status not in confirmed:
        raise NotConfirmed(number=case.number, status=CaseStatus(case.status))
    if not rules.need("contacts.close.enabled").flag:
        raise TracesNobody(edition=rules.edition)
