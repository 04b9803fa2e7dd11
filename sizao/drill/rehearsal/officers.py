"""
The scripted officers of a drill: what they decide, by the rules of the scenario and no others.

Each signs in the name of an account of its own, through the verbs that people use, and sees only what is
recorded. A duty looks for what waits for it, so that doing it twice changes nothing the second time.
"""

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from django.db.models import F, Q

from sizao.drill.rehearsal import parts, round_officers, site_officers, site_vehicles, wards
from sizao.drill.rehearsal.command import work as command
from sizao.drill.rehearsal.office import FIELD, ROLES, WHY, Office, each
from sizao.errors import SizaoError
from sizao.records.models import (
    Alert,
    Case,
    Contact,
    DailyReport,
    IsolationOrder,
    Signal,
    Trace,
    TraceMatch,
    Zone,
)
from sizao.response import cases, isolation, signals, tracing, zoning
from sizao.response.reports import daily_acts
from sizao.response.tracing import traces
from sizao.terms import (
    AlertState,
    CaseStatus,
    ContactKind,
    Layer,
    OrderState,
    Role,
    SignalState,
    TracePurpose,
    ZoneState,
)

TRACES_STAND_DAYS = 3
# Whose clocks run in hours, day and night: a hint is verified within two, a contact is moved within twelve.
ON_DUTY = (Role.DUTY_OFFICER, Role.ISOLATION_COORDINATOR, *FIELD)
# Whose rounds are of made-up people, who come to no round that somebody plans at the screens.
ALWAYS_SCRIPTED = (Role.TESTING_COORDINATOR, *FIELD)
NEW_CASE = "演练：区域内新增感染者"
LATER = "演练：末次暴露更晚，另签新的决定"


Duty = Callable[[Office, datetime], int]


def at_work(habits: parts.Habits, hour: int) -> tuple[Role, ...]:
    """Say which officers work at an hour: all at office hours, at others those on duty."""
    if hour in habits.office_hours:
        return (*ROLES, *FIELD)
    return (*ON_DUTY, *(Role(one) for one in habits.duty_roles))


def work(office: Office, now: datetime, roles: Collection[Role] = (*ROLES, *FIELD)) -> dict[str, int]:
    """
    Let the officers of these roles do what waits, as far as it is not left to people; say how much each did.

    What the command did since the last time comes first: each of its acts has a moment of its own, up to now.
    """
    scripted, acted = set(roles) - office.by_people, command.work(office, now)
    return acted | {name: duty(office, now) for name, duty in DUTIES.items() if DUTY_OF[name] in scripted}


def verify_hints(office: Office, now: datetime) -> int:
    """Verify each hint after as many hours as the scenario says."""
    heard = now - timedelta(hours=office.rehearsal.habits.verifies_after_hours)
    waiting = Signal.objects.filter(outbreak=office.outbreak, state=SignalState.NEW, received_at__lte=heard)
    found = list(waiting.order_by("pk"))
    signals.verify_many(signals=found, by=office.staff[Role.DUTY_OFFICER], now=now, reason=WHY)
    return len(found)


def answer_alerts(office: Office, now: datetime) -> int:
    """Take each open alert as true: the clinics of its area then test everybody with symptoms."""
    waiting = list(Alert.objects.filter(outbreak=office.outbreak, state=AlertState.OPEN).order_by("pk"))
    for alert in waiting:
        taken = signals.take_up(alert=alert, by=office.staff[Role.DUTY_OFFICER], now=now)
        signals.confirm_alert(alert=taken, by=office.staff[Role.DUTY_OFFICER], now=now, note=WHY)
    return len(waiting)


def diagnose(office: Office, now: datetime) -> int:
    """Diagnose who was investigated: confirmed with symptoms, else an infection without; who falls ill later, too."""
    waiting = Case.objects.filter(
        outbreak=office.outbreak, status__in=(CaseStatus.POSITIVE, CaseStatus.SUSPECTED, CaseStatus.ASYMPTOMATIC)
    ).exclude(investigated_at=None)
    diagnoses = []
    for case in waiting.select_related("person").order_by("pk"):
        is_ill = case.onset_date is not None or office.asking.has_symptoms(case, now)
        status = CaseStatus.CONFIRMED if is_ill else CaseStatus.ASYMPTOMATIC
        if status != case.status:
            key = f"case:diagnosed:{case.pk}:{status}"
            diagnoses.append(cases.Diagnosis(case, status, key, basis=[{"source": WHY}]))
    cases.reclassify_many(diagnoses=diagnoses, by=office.staff[Role.INVESTIGATOR], now=now)
    return len(diagnoses)


def investigate(office: Office, now: datetime) -> int:
    """Ask each case about onset and places, and name the contacts it names."""
    waiting = Case.objects.filter(outbreak=office.outbreak, investigated_at=None).standing().select_related("person")
    by, most = office.staff[Role.INVESTIGATOR], office.rehearsal.habits.investigates_per_day
    if most >= 0:
        since = office.outbreak.cases.filter(investigated_at__gte=now - timedelta(days=1)).count()
        waiting = waiting.filter(pk__in=waiting.order_by("opened_at", "pk").values("pk")[: max(most - since, 0)])
    found = list(waiting.order_by("pk"))
    told = [office.asking.interview(case, now) for case in found]
    cases.record_investigations(found=[one.investigation for one in told], by=by, now=now)
    for case, one in zip(found, told, strict=True):
        entries = [
            tracing.ContactEntry(person, ContactKind.CLOSE, "interview", case, day) for person, day in one.contacts
        ]
        known = set(Case.objects.filter(outbreak=office.outbreak).standing().values_list("person_id", flat=True))
        tracing.add_contacts(
            outbreak=office.outbreak, entries=[entry for entry in entries if entry.person.pk not in known],
            by=by, now=now,
        )  # fmt: skip
    return len(found)


def trace(office: Office, now: datetime) -> int:
    """Ask the presences for each confirmed case that was investigated, and find out who the closest were."""
    habits = office.rehearsal.habits
    if not habits.traces:
        return 0
    by, done = office.staff[Role.DATA_OFFICER], 0
    asked = Trace.objects.filter(outbreak=office.outbreak).values("case")
    found = (CaseStatus.CONFIRMED, CaseStatus.ASYMPTOMATIC)
    waiting = Case.objects.filter(outbreak=office.outbreak, status__in=found).exclude(pk__in=asked)
    for case in waiting.exclude(investigated_at=None).select_related("person").order_by("pk"):
        try:
            made = traces.ask(
                outbreak=office.outbreak, case=case, purpose=TracePurpose.FIND_CONTACTS, reason=WHY, by=by, now=now
            )
        except SizaoError as refusal:
            office.asking.note(refusal)
            continue
        done += 1 + office.asking.identify(made, habits.closest, now)
    return done


def take_up_matches(office: Office, now: datetime) -> int:
    """Make contacts of those whom a trace found closest and who are known by now."""
    done = 0
    for made in Trace.objects.filter(outbreak=office.outbreak, closed_at=None).order_by("pk"):
        found = TraceMatch.objects.filter(trace=made, gone_at=None).exclude(layer=str(Layer.CELL))
        closest = [one.pk for one in found.order_by("-minutes", "pk")[: office.rehearsal.habits.closest]]
        followed = Contact.objects.filter(outbreak=office.outbreak).values("person")
        fresh = found.filter(pk__in=closest).exclude(person=None).exclude(person__in=followed)
        by = office.staff[Role.DATA_OFFICER]
        done += len(tracing.to_contacts(trace=made, matches=list(fresh), by=by, now=now)) if fresh else 0
    return done


def close_traces(office: Office, now: datetime) -> int:
    """Close traces that have stood for some days: late scans have come by then."""
    asked = now - timedelta(days=TRACES_STAND_DAYS)
    standing = Trace.objects.filter(outbreak=office.outbreak, closed_at=None, asked_at__lte=asked)
    by = office.staff[Role.DATA_OFFICER]
    return each(office, standing, lambda one: traces.close(trace=one, by=by, now=now, why=WHY))


def sign_orders(office: Office, now: datetime) -> int:
    """Sign every proposed order whose contact is linked to a case."""
    if not office.rehearsal.habits.signs_orders:
        return 0
    by = office.staff[Role.ISOLATION_COORDINATOR]
    proposed = IsolationOrder.objects.filter(outbreak=office.outbreak, state=OrderState.PROPOSED)
    proposed = proposed.exclude(contact__index_case=None).filter(ends_date__gte=office.outbreak.day_of(now))
    waiting = list(proposed.order_by("pk"))
    for one in _giving_way(waiting):
        isolation.end(order=one, reason=LATER, by=by, now=now)
    issued, refused = isolation.issue_many(orders=waiting, by=by, now=now)
    for refusal in refused:
        office.asking.note(refusal)
    return len(issued)


def _giving_way(waiting: list[IsolationOrder]) -> list[IsolationOrder]:
    """Give the orders that stand, and are over sooner than one for the same days that waits to be signed."""
    later: dict[int, list[IsolationOrder]] = defaultdict(list)
    for order in waiting:
        later[order.person_id].append(order)
    standing = IsolationOrder.objects.filter(person__in=later, state=OrderState.ISSUED).order_by("pk")
    return [
        one for one in standing if any(new.starts_date <= one.ends_date < new.ends_date for new in later[one.person_id])
    ]


def approve_areas(office: Office, now: datetime) -> int:
    """Approve what is proposed."""
    if not office.rehearsal.habits.publishes_zones:
        return 0
    proposed = Zone.objects.filter(outbreak=office.outbreak, state=ZoneState.PROPOSED)
    commander = office.staff[Role.COMMANDER]
    return each(office, proposed, lambda zone: zoning.approve(zone=zone, by=commander, now=now))


def extend_areas(office: Office, now: datetime) -> int:
    """Let published areas in which a new case was found last until the day before they may be lifted."""
    if not office.rehearsal.habits.publishes_zones:
        return 0
    moved = Zone.objects.filter(
        outbreak=office.outbreak, state=ZoneState.PUBLISHED, may_lift_date__gt=F("expected_until") + timedelta(days=1)
    )
    commander = office.staff[Role.COMMANDER]

    def extend(zone: Zone) -> None:
        assert zone.may_lift_date is not None  # it was compared
        until = zone.may_lift_date - timedelta(days=1)
        zoning.extend(zone=zone, until=until, reason=NEW_CASE, by=commander, now=now)

    return each(office, moved, extend)


def publish_areas(office: Office, now: datetime) -> int:
    """Publish what is approved, and lift what may be lifted."""
    if not office.rehearsal.habits.publishes_zones:
        return 0
    officer = office.staff[Role.AREA_OFFICER]
    zones = Zone.objects.filter(outbreak=office.outbreak)
    done = each(
        office,
        zones.filter(state=ZoneState.APPROVED),
        lambda zone: zoning.publish(zone=zone, by=officer, now=now),
    )
    over = Q(may_lift_date__lte=office.outbreak.day_of(now))
    return done + each(
        office, zones.filter(over, state=ZoneState.PUBLISHED), lambda zone: zoning.lift(zone=zone, by=officer, now=now)
    )


def report(office: Office, now: datetime) -> int:
    """Submit the daily reports that are drafted, where the drill does not play them level by level."""
    if parts.REPORTS in office.rehearsal.command.plays:
        return 0
    drafted = DailyReport.objects.filter(outbreak=office.outbreak, submitted_by=None)
    drafted = drafted.filter(area_code__startswith=office.staff[Role.REPORTER].area_code)
    return each(office, drafted, lambda one: daily_acts.submit(report=one, by=office.staff[Role.REPORTER], now=now))


# In the order in which a day's work follows from itself. A stage adds what its officers decide here.
DUTIES: dict[str, Duty] = {
    "verify_hints": verify_hints,
    "answer_alerts": answer_alerts,
    "prepare_sites": site_officers.prepare_sites,
    "man_vehicles": site_vehicles.man_vehicles,
    "tell_of_trips": site_vehicles.tell_of_trips,
    "take_to_hospital": wards.take_to_hospital,
    "discharge": wards.discharge,
    "investigate": investigate,
    "diagnose": diagnose,
    "take_up_matches": take_up_matches,
    "trace": trace,
    "close_traces": close_traces,
    "sign_orders": sign_orders,
    "serve_orders": site_officers.serve_orders,
    "clean_rooms": site_officers.clean_rooms,
    "give_rooms": site_officers.give_rooms,
    "fill_rooms": wards.fill_rooms,
    "look_after_rooms": site_officers.look_after_rooms,
    "look_at_homes": site_officers.look_at_homes,
    "sign_who_leaves": site_officers.sign_who_leaves,
    "receive_at_home": site_officers.receive_at_home,
    "free_rooms": wards.free_rooms,
    "send_vehicles": site_vehicles.send_vehicles,
    "approve_areas": approve_areas,
    "extend_areas": extend_areas,
    "publish_areas": publish_areas,
    "hold_pools": round_officers.hold_pools,
    "call_back": round_officers.call_back,
    "close_rounds": round_officers.close_rounds,
    "open_rounds": round_officers.open_rounds,
    "report": report,
}
# Whose work each duty is, so that a person can do it instead; each duty stands here.
DUTY_OF: dict[str, Role] = {
    "verify_hints": Role.DUTY_OFFICER,
    "answer_alerts": Role.DUTY_OFFICER,
    "prepare_sites": Role.ISOLATION_COORDINATOR,
    "man_vehicles": Role.DISPATCHER,
    "tell_of_trips": Role.DISPATCHER,
    "take_to_hospital": Role.ISOLATION_COORDINATOR,
    "discharge": Role.ISOLATION_COORDINATOR,
    "investigate": Role.INVESTIGATOR,
    "diagnose": Role.INVESTIGATOR,
    "take_up_matches": Role.DATA_OFFICER,
    "trace": Role.DATA_OFFICER,
    "close_traces": Role.DATA_OFFICER,
    "sign_orders": Role.ISOLATION_COORDINATOR,
    "serve_orders": Role.GRID_WORKER,
    "clean_rooms": Role.SITE_WORKER,
    "give_rooms": Role.ISOLATION_COORDINATOR,
    "fill_rooms": Role.ISOLATION_COORDINATOR,
    "look_after_rooms": Role.SITE_WORKER,
    "look_at_homes": Role.GRID_WORKER,
    "sign_who_leaves": Role.ISOLATION_COORDINATOR,
    "receive_at_home": Role.GRID_WORKER,
    "free_rooms": Role.ISOLATION_COORDINATOR,
    "send_vehicles": Role.DISPATCHER,
    "approve_areas": Role.COMMANDER,
    "extend_areas": Role.COMMANDER,
    "publish_areas": Role.AREA_OFFICER,
    "hold_pools": Role.DUTY_OFFICER,
    "call_back": Role.GRID_WORKER,
    "close_rounds": Role.TESTING_COORDINATOR,
    "open_rounds": Role.TESTING_COORDINATOR,
    "report": Role.REPORTER,
}
