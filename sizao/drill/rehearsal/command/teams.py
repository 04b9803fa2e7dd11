"""Teams in a drill: made up in each county, called out when it comes to an emergency, ready after a while."""

from collections.abc import Iterator
from datetime import datetime, time

from sizao.drill.rehearsal.command.acts import Waiting, counties, delay, officer
from sizao.drill.rehearsal.office import Office
from sizao.records.models import CallAnswer, LevelDecision, Team, TeamCall
from sizao.response.tasks import teams
from sizao.response.tasks.teams import MemberEntry, TeamEntry
from sizao.terms import CallKind, ResponseLevel, Role

SOURCE = "演练虚构"
REASON = "演练：进入应急状态，各队集结待命"
HEARS_HOURS = 0.25
OPENS = time(8)


def waiting(office: Office, now: datetime) -> Iterator[Waiting]:
    """Give what waits of teams and their calls, with its moment."""
    known = set(Team.objects.values_list("area_code", flat=True))
    for area_code in counties(office):
        if area_code not in known:
            yield _to_register(office, area_code)
    yield from _to_call(office, now)
    for answer in CallAnswer.objects.filter(ready_at=None).select_related("team", "call").order_by("pk"):
        yield _to_answer(office, answer)


def _to_register(office: Office, area_code: str) -> Waiting:
    def register(at: datetime) -> None:
        by, name = officer(office, Role.DUTY_OFFICER, area_code, at), office.asking.life.names.get(area_code, area_code)
        for kind, told in teams.in_force(area_code, at).kinds.items():
            members = [
                MemberEntry(f"演练{told.title_zh}-{area_code}-{number}")
                for number in range(1, office.rehearsal.command.team_members + 1)
            ]
            entry = TeamEntry(f"演练{name}{told.title_zh}", kind, area_code, source=SOURCE, members=tuple(members))
            teams.register_team(entry=entry, by=by, now=at)

    first = office.asking.life.moment(0, OPENS)
    return Waiting(f"teams:{area_code}", "register_teams", Role.DUTY_OFFICER, first, register)


def _to_call(office: Office, now: datetime) -> Iterator[Waiting]:
    """Call the teams of a county for each decision that brings it to an emergency."""
    made = LevelDecision.objects.filter(
        outbreak=office.outbreak, level=ResponseLevel.EMERGENCY, decided_at__lte=now, area_code__in=counties(office),
    ).exclude(was=ResponseLevel.EMERGENCY)  # fmt: skip
    for one in made.order_by("pk"):
        called = TeamCall.objects.filter(area_code=one.area_code, called_at__gte=one.decided_at)
        if not called.exists():
            yield Waiting(
                f"call:{one.area_code}:{one.decided_at.isoformat()}", "call_teams", Role.COMMANDER, one.decided_at,
                lambda at, area_code=one.area_code: teams.call_out(
                    area_code=area_code, kind=CallKind.DRILL, reason=REASON, now=at,
                    by=officer(office, Role.COMMANDER, area_code, at),
                ),
            )  # fmt: skip


def _to_answer(office: Office, answer: CallAnswer) -> Waiting:
    key = f"called:{answer.team.name}:{answer.called_at.isoformat()}"
    hears = delay(office, f"{key}: hears", HEARS_HOURS)

    def hear(at: datetime) -> None:
        teams.answer_call(answer=answer, by=_of(office, answer, at), now=at)

    def ready(at: datetime) -> None:
        people = answer.team.members.filter(left_at=None).count()
        teams.report_ready(answer=answer, people=people, by=_of(office, answer, at), now=at)

    if answer.answered_at is None:
        return Waiting(f"{key}:heard", "answer_calls", Role.DUTY_OFFICER, answer.called_at + hears, hear)
    takes = hears + delay(office, f"{key}: ready", office.rehearsal.command.ready_hours)
    return Waiting(f"{key}:ready", "stand_ready", Role.DUTY_OFFICER, answer.called_at + takes, ready)


def _of(office: Office, answer: CallAnswer, at: datetime):  # noqa: ANN202 — an account of the register
    return officer(office, Role.DUTY_OFFICER, answer.area_code, at)
