"""Each figure of the command centre with the rows it counts: the number and the rows come from one question."""

from datetime import datetime

from sizao.response.reports.command import ahead, full, late, standing
from sizao.response.reports.command.standing import alert_row, cases, contacts, task_row
from sizao.response.reports.command.watch import Counted, Figure, Keyed, Listed, Row, Watch
from sizao.terms import CaseStatus, CommandFigure, ContactState, ZoneLevel


def _of(*statuses: CaseStatus) -> Counted:
    return Counted(lambda watch: cases(watch, *statuses), standing.case_row, places=("case__area_code",))


def _areas(level: ZoneLevel) -> Listed:
    return Listed(lambda watch: standing.areas(watch, level))


def _contacts(state: ContactState) -> Counted:
    return Counted(lambda watch: contacts(watch, state), standing.contact_row)


FIGURES: dict[CommandFigure, Figure] = {
    CommandFigure.CONFIRMED: _of(CaseStatus.CONFIRMED),
    CommandFigure.ASYMPTOMATIC: _of(CaseStatus.ASYMPTOMATIC),
    CommandFigure.PRELIMINARY: _of(CaseStatus.POSITIVE, CaseStatus.SUSPECTED),
    CommandFigure.CONTACTS_PLACED: _contacts(ContactState.PLACED),
    CommandFigure.CONTACTS_FOUND: _contacts(ContactState.FOUND),
    CommandFigure.AREAS_HIGH: _areas(ZoneLevel.HIGH),
    CommandFigure.AREAS_MEDIUM: _areas(ZoneLevel.MEDIUM),
    CommandFigure.ALERTS_WAITING: Listed(lambda watch: [alert_row(one) for one in standing.alerts(watch)]),
    CommandFigure.SIGNALS_WAITING: Counted(standing.signals_waiting, standing.signal_row),
    CommandFigure.TASKS_OPEN: Counted(standing.tasks_open, task_row),
    CommandFigure.TASKS_LATE: Counted(late.tasks_late, task_row),
    CommandFigure.ALERTS_LATE: Listed(lambda watch: [alert_row(one) for one in late.alerts_late(watch)]),
    CommandFigure.TRANSFERS_LATE: Counted(late.transfers_late, late.transfer_row),
    CommandFigure.ARRIVALS_LATE: Counted(late.arrivals_late, late.arrival_row, places=("order__area_code",)),
    CommandFigure.FINDINGS_LATE: Counted(late.findings_late, late.finding_row),
    CommandFigure.ROOMS_TAKEN: Keyed(full.rooms_taken, full.room_rows),
    CommandFigure.BEDS_TAKEN: Counted(full.beds_taken, full.bed_row, places=("place__area_code",)),
    CommandFigure.VEHICLES_OUT: Counted(full.vehicles_out, full.vehicle_row),
    CommandFigure.LABORATORIES_FULL: Listed(full.laboratories_full),
    CommandFigure.AHEAD_TASKS: Counted(ahead.tasks, task_row),
    CommandFigure.AHEAD_ALERTS: Listed(lambda watch: [alert_row(one) for one in ahead.alerts_due(watch)]),
    CommandFigure.AHEAD_TRANSFERS: Counted(ahead.transfers, late.transfer_row),
    CommandFigure.AHEAD_ROUNDS: Counted(ahead.rounds, ahead.round_row),
    CommandFigure.AHEAD_RELEASES: Counted(ahead.releases, ahead.release_row, due="ends_date"),
    CommandFigure.AHEAD_ZONES: Listed(ahead.zones),
    CommandFigure.AHEAD_LEVELS: Listed(ahead.levels),
    CommandFigure.AHEAD_LOANS: Counted(
        ahead.loans, ahead.loan_row, places=("from_area_code", "to_area_code"), due="ends_at"
    ),
}

# Whose rows name people by their number, and so take the right to list people.
OF_PEOPLE = frozenset(
    {
        CommandFigure.CONFIRMED,
        CommandFigure.ASYMPTOMATIC,
        CommandFigure.PRELIMINARY,
        CommandFigure.CONTACTS_PLACED,
        CommandFigure.CONTACTS_FOUND,
        CommandFigure.BEDS_TAKEN,
        CommandFigure.AHEAD_RELEASES,
    }
)


def count(figure: CommandFigure, watch: Watch) -> int:
    """Count the rows of a figure."""
    return FIGURES[figure].count(watch)


def told(figure: CommandFigure, watch: Watch) -> list[tuple[str, int]]:
    """Count the rows of a figure by where they lie, out of what was asked of all areas that are looked at together."""
    return watch.told(figure, FIGURES[figure].by_area)


def stood(figure: CommandFigure, watch: Watch) -> int:
    """Count the rows of a figure in the same way: as many as `count`."""
    return sum(n for _, n in told(figure, watch))


def due(figure: CommandFigure, watch: Watch) -> list[tuple[str, int, datetime]]:
    """Say where how many rows of a figure of what is ahead are due at which moment."""
    asked = FIGURES[figure]
    assert not isinstance(asked, Keyed)
    return watch.told((figure, "due"), asked.by_due)


def rows(figure: CommandFigure, watch: Watch, *, start: int = 0, most: int = 100) -> list[Row]:
    """Give the rows that a figure counts, from one on, at most so many."""
    return FIGURES[figure].rows(watch, start=start, most=most)
