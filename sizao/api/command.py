"""The command centre for machines: the figures of the wall, the rows behind each, and a version to poll."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, account, outbreak
from sizao.api.shapes import answers
from sizao.records import access, changes
from sizao.response.reports import command
from sizao.response.reports.command import OF_PEOPLE, STAGES, Watch
from sizao.terms import CommandFigure, CommandPart, Right, Word

router = Router(tags=["reports"])


class CommandAsked(Asked):
    """Which outbreak is looked at, none in routine, and which part of the jurisdiction."""

    outbreak: str | None = Field(None, description="The outbreak's slug; without it, what belongs to no rehearsal.")
    area: str | None = Field(None, pattern=r"^\d{2,12}$", description="A part of the jurisdiction: a division code.")

    def watch(self, request: HttpRequest, *, kind: str = "", hours: int = 24) -> Watch:
        """Say what is looked at; refuse what lies outside the jurisdiction."""
        by = account(request)
        access.require(by, Right.SITUATION_READ, area_code=self.area)
        found = outbreak(request, self.outbreak, to=Right.SITUATION_READ) if self.outbreak else None
        area = self.area or (max(found.area_code, by.area_code, key=len) if found else by.area_code)
        return Watch(found, area, self.moment(request), kind, hours)


class CommandRowsAsked(CommandAsked):
    """Which rows: the next so many from one on, within so many hours where they lie ahead."""

    hours: int = Field(24, ge=1, le=24)
    start: int = Field(0, ge=0, le=1_000_000)
    size: int = Field(100, ge=1, le=500)


class CommandFigureOut(Schema):
    """A figure at the moment asked for."""

    figure: CommandFigure
    count: int


class CommandOut(Schema):
    """All figures of an area at one moment; those that lie ahead are within 24 hours."""

    area_code: str
    as_of: datetime
    figures: list[CommandFigureOut]


class CommandRowOut(Schema):
    """One thing that a figure counts: by number or name, never who it is."""

    label: str
    area_code: str
    subject: str
    key: int
    said: str
    since: datetime | None
    due_at: datetime | None


class CommandRowsOut(Schema):
    """Some rows of a figure, and how many there are in all."""

    figure: CommandFigure
    as_of: datetime
    count: int
    rows: list[CommandRowOut]


class CommandVersionOut(Schema):
    """The version of one part: another one after each change that may concern it."""

    part: CommandPart
    version: int


@router.get("/command", response=answers(CommandOut))
def read_command(request: HttpRequest, asked: Query[CommandAsked]) -> CommandOut:
    """Count every figure of the command centre."""
    watch = asked.watch(request)
    figures = [CommandFigureOut(figure=one, count=command.count(one, watch)) for one in CommandFigure]
    return CommandOut(area_code=watch.area_code, as_of=watch.as_of, figures=figures)


@router.get("/command/versions", response=answers(list[CommandVersionOut]))
def read_command_versions(request: HttpRequest) -> list[CommandVersionOut]:
    """Say whether anything changed, in one small statement: poll this, and read figures when a version is new."""
    access.require(account(request), Right.SITUATION_READ)
    found = changes.versions()
    return [CommandVersionOut(part=one, version=changes.together(found, STAGES[one])) for one in CommandPart]


@router.get("/command/rows/{figure}", response=answers(CommandRowsOut))
def read_command_rows(request: HttpRequest, figure: CommandFigure, asked: Query[CommandRowsAsked]) -> CommandRowsOut:
    """List what a figure counts, one by one; rows that name people by number take the right to list people."""
    watch = asked.watch(request, hours=asked.hours)
    if figure in OF_PEOPLE:
        access.require(account(request), Right.PERSON_LIST)
    found = command.rows(figure, watch, start=asked.start, most=asked.size)
    return CommandRowsOut(
        figure=figure,
        as_of=watch.as_of,
        count=command.count(figure, watch),
        rows=[
            CommandRowOut(
                label=one.label,
                area_code=one.area_code,
                subject=one.subject,
                key=one.key,
                said=str(one.said) if isinstance(one.said, Word) else one.said,
                since=one.since,
                due_at=one.due_at,
            )
            for one in found
        ],
    )
