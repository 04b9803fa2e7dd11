"""The page that a drill is steered from: how far it is, go on or wait, how fast, and who plays whom."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from sizao.drill.rehearsal import report_file, steering, wheel
from sizao.drill.rehearsal.command import scores as command_scores
from sizao.drill.rehearsal.report_words import written
from sizao.drill.rehearsal.steering import Steering
from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Account, Outbreak, Task
from sizao.terms import Right, Role, TaskState

# What the script does for a role, and a person would do instead.
PLAYS = {
    Role.DUTY_OFFICER: _("verifies hints, answers alerts"),
    Role.INVESTIGATOR: _("asks cases where they were and whom they met, classifies them"),
    Role.DATA_OFFICER: _("asks who was where with a case, takes up companions as contacts"),
    Role.ISOLATION_COORDINATOR: _("signs orders, finds rooms and beds, lets people go"),
    Role.AREA_OFFICER: _("publishes and lifts risk areas"),
    Role.REPORTER: _("submits the daily reports"),
    Role.COMMANDER: _("approves risk areas"),
}
PACES = {
    0.2: _("1 day in 5 minutes"),
    0.5: _("1 day in 2 minutes"),
    1.0: _("1 day a minute"),
    2.0: _("2 days a minute"),
    6.0: _("6 days a minute"),
    None: _("as fast as it can"),
}
SCRIPTED = "scripted_"  # accounts that nobody signs in with
AS_FAST = "most"


class UnknownAct(SizaoError):
    code = "drill.no_such_act"
    message = "A drill cannot be steered by “{act}”. Use the buttons of the page."


@dataclass(frozen=True, slots=True)
class Played:
    """Who plays a role: the script or people, those who have signed in for it, and what waits for them."""

    role: Role
    plays: str
    by_people: bool
    accounts: tuple[Account, ...]
    waiting: int

    @property
    def signed_in(self) -> tuple[Account, ...]:
        return tuple(one for one in self.accounts if one.last_login)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show how far a drill is, and what it can be steered by."""
    drill = _drill(request)
    shown = _state(request, drill) | {
        "paces": [(_written(pace), words, pace == _steered(drill).pace) for pace, words in PACES.items()],
        "roles": list(_roles(drill, _steered(drill))),
        "so_far": _so_far(drill, request.now),
        "may_read_report": _may_read_report(request, drill),
        "may_ask_cases": access.may(request.user, Right.CASE_INVESTIGATE),
        "may_find_rooms": access.may(request.user, Right.ORDER_ISSUE),
    }
    return render(request, "drill/control.html", shown)


@require_safe
def state(request: HttpRequest) -> HttpResponse:
    """Give the part of the page that changes by itself."""
    return render(request, "drill/state.html", _state(request, _drill(request)))


@require_POST
def steer(request: HttpRequest) -> HttpResponse:
    """Do what was pressed, and show the page again."""
    access.require(request.user, Right.DRILL_STEER)
    drill, act = _drill(request), request.POST.get("act", "")
    if act not in ACTS:
        raise UnknownAct(act=act[:20])
    said = ACTS[act](drill, request)
    messages.success(request, said)
    return redirect("drill")


def _go(drill: Outbreak, request: HttpRequest) -> str:
    steering.go(outbreak=drill, by=request.user, now=request.now)
    return gettext("The drill goes on.")


def _pause(drill: Outbreak, request: HttpRequest) -> str:
    steering.pause(outbreak=drill, by=request.user, now=request.now)
    return gettext("The drill waits after this day.")


def _step(drill: Outbreak, request: HttpRequest) -> str:
    steering.step(outbreak=drill, by=request.user, now=request.now)
    return gettext("One more day is lived.")


def _pace(drill: Outbreak, request: HttpRequest) -> str:
    told = request.POST.get("pace", "")
    pace = next((one for one in PACES if _written(one) == told), told)
    steering.keep_pace(outbreak=drill, pace=pace, by=request.user, now=request.now)  # type: ignore[arg-type]
    return gettext("Pace: {pace}.").format(pace=PACES[pace])  # type: ignore[index]


def _roles_chosen(drill: Outbreak, request: HttpRequest) -> str:
    chosen = set(request.POST.getlist("role"))
    roles = [role for role in steering.PLAYED if str(role) in chosen]
    steering.leave_to_people(outbreak=drill, roles=roles, by=request.user, now=request.now)
    return ngettext(
        "From now on people play {n} role, the script all others.",
        "From now on people play {n} roles, the script all others.",
        len(roles),
    ).format(n=len(roles))


ACTS: dict[str, Callable[[Outbreak, HttpRequest], str]] = {
    "go": _go, "pause": _pause, "step": _step, "pace": _pace, "roles": _roles_chosen,
}  # fmt: skip


def _drill(request: HttpRequest) -> Outbreak:
    """Fetch the drill of this installation, for who may look at it."""
    access.require(request.user, Right.SITUATION_READ)
    found: Outbreak = access.outbreak(steering.here().slug, to=Right.SITUATION_READ, by=request.user)
    return found


def _steered(drill: Outbreak) -> Steering:
    return steering.standing(drill)


def _state(request: HttpRequest, drill: Outbreak) -> dict[str, object]:
    done, days = steering.days_done(drill), steering.n_days(drill)
    steered = _steered(drill)
    return {
        "drill": drill,
        "done": done,
        "n_days": days,
        "percent": 100 * done // days,
        "today": _day(drill, min(done, days - 1)),
        "clock": request.now,
        "is_over": done >= days,
        "is_carried": wheel.is_taken(drill),
        "is_awake": steering.is_awake(drill),
        "goes": steered.until > done,
        "goes_to_the_end": steered.until >= days,
        "may_steer": access.may(request.user, Right.DRILL_STEER),
    }


def _day(drill: Outbreak, day: int) -> date:
    return drill.first_date + timedelta(days=day)


def _roles(drill: Outbreak, steered: Steering) -> Iterator[Played]:
    accounts = Account.objects.filter(is_active=True).exclude(username__startswith=SCRIPTED).order_by("username")
    for role in steering.PLAYED:
        mine = tuple(one for one in accounts.filter(role=role) if drill.area_code.startswith(one.area_code[:4]))
        waiting = Task.objects.filter(outbreak=drill, role=role, state__in=(TaskState.OPEN, TaskState.RECEIVED)).count()
        yield Played(role, str(PLAYS[role]), role in steered.by_people, mine, waiting)


def _so_far(drill: Outbreak, now: datetime) -> list[tuple[str, str]]:
    """Write what the records show of the command's work and of clocks; none of it is the truth of the city."""
    is_chinese = (get_language() or "zh").startswith("zh")
    told = [*command_scores.told(drill, now), *command_scores.clocks_by_stage(drill, now)]
    return [(zh if is_chinese else en, written(value, unit)) for _, zh, en, value, unit in told]


def _may_read_report(request: HttpRequest, drill: Outbreak) -> bool:
    return access.may(request.user, Right.DRILL_STEER) or (
        steering.days_done(drill) >= steering.n_days(drill) and report_file.read(drill) is not None
    )


def _written(pace: float | None) -> str:
    return AS_FAST if pace is None else str(pace)
