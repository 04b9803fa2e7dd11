"""What the surveillance officer narrowed the screens of alerts and streams to; it stands in the address."""

from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest

from sizao.errors import SizaoError
from sizao.records import access
from sizao.response import signals
from sizao.terms import STREAM_GROUP, AlertState, Right, StreamGroup, StreamKind, Word
from sizao.web import shell
from sizao.web.line_table import area_options

_W = TypeVar("_W", bound=Word)
ALL = "all"
# Somebody still has to do something about these.
WAITING = (AlertState.OPEN, AlertState.VERIFYING, AlertState.CONFIRMED)


class NoSuchChoice(SizaoError):
    code = "signals.choice.unreadable"
    message = "“{given}” is not one of the choices here: {allowed}."


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The choices of the address; None or "" leaves everything in, and `area` lies in the reader's jurisdiction."""

    kind: StreamKind | None
    group: StreamGroup | None
    state: AlertState | None
    all_states: bool
    area: str

    @property
    def kinds(self) -> tuple[StreamKind, ...]:
        """The kinds of streams that are left in; empty for all."""
        if self.kind is None and self.group is None:
            return ()
        return tuple(
            kind
            for kind in StreamKind
            if self.kind in (None, kind) and self.group in (None, STREAM_GROUP[kind])
        )  # fmt: skip

    @property
    def nothing_left(self) -> bool:
        """Whether the choices exclude each other, such as a kind of another group."""
        return (self.kind is not None or self.group is not None) and not self.kinds

    @property
    def states(self) -> tuple[AlertState, ...]:
        """The states of alerts that are left in; without a choice those that wait for somebody."""
        return tuple(AlertState) if self.all_states else (self.state,) if self.state else WAITING

    def holds(self, alert: signals.StoodAlert) -> bool:
        """Tell whether an alert was told by a stream of the kinds that are left in."""
        if self.nothing_left:
            return False
        return not self.kinds or any(reason.kind in self.kinds for reason in alert.reasons)

    def query(self, **changed: object) -> str:
        """Write the choices as a part of an address; named ones are changed, `None` leaves one out."""
        state = ALL if self.all_states else self.state
        given = {"kind": self.kind, "group": self.group, "state": state, "area": self.area} | changed
        return urlencode({name: str(value) for name, value in given.items() if value})


def read(request: HttpRequest) -> Narrowed:
    """Read the choices of an address; refuse what is none."""
    within = shell.chosen(request).area_code
    asked = request.GET.get("area", "")
    state = request.GET.get("state", "")
    return Narrowed(
        kind=_word(StreamKind, request.GET.get("kind", "")),
        group=_word(StreamGroup, request.GET.get("group", "")),
        state=None if state == ALL else _word(AlertState, state),
        all_states=state == ALL,
        # Outside the jurisdiction there is nothing to see: the address of a colleague shows one's own area.
        area=asked if asked.isdecimal() and asked.startswith(within) else within,
    )


def choices(request: HttpRequest, asked: Narrowed) -> dict[str, object]:
    """Give what the filters of the board and of the streams offer, and what of it is chosen."""
    chosen = shell.chosen(request)
    return {
        "asked": asked,
        "narrowed": bool(asked.query(area=None)) or asked.area != chosen.area_code,
        "areas": area_options(chosen.area_code, asked.area),
        "groups": tuple(StreamGroup),
        "kinds": tuple(StreamKind),
        "address": asked.query(),
        "may_list": access.may(request.user, Right.PERSON_LIST),
    }


def _word(words: type[_W], code: str) -> _W | None:
    if not code:
        return None
    try:
        return words(code)
    except ValueError as fault:
        raise NoSuchChoice(given=code[:40], allowed=", ".join(words)) from fault
