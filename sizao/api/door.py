"""The door of the API: a token says who asks; every answer is JSON, a refusal too."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, ClassVar

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, NinjaAPI, Schema
from ninja.renderers import JSONRenderer
from ninja.security import HttpBearer
from pydantic import AwareDatetime

from sizao.api import refusals
from sizao.records import access
from sizao.records.keyset import Key, read_key
from sizao.records.models import Account, Outbreak
from sizao.response import accounts
from sizao.terms import OutbreakKind, Right

# Beyond these no civil day can be counted on, and some of Python's moments have no name in the database.
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)
Moment = Annotated[AwareDatetime, Field(ge=EARLIEST, le=LATEST)]


class Readable(JSONRenderer):
    """JSON in which Chinese stands as Chinese."""

    json_dumps_params: ClassVar = {"ensure_ascii": False}


class Token(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Account:
        return accounts.holder(token, now=request.now)  # type: ignore[attr-defined]


class Asked(Schema):
    """
    What every list and every reading may be asked: what was known when.

    `day` asks for what was known at the end of that civil day, `as_of` at that moment; without either, now.
    """

    day: date | None = Field(
        None, ge=EARLIEST.date(), le=LATEST.date(), description="The end of this civil day of the jurisdiction."
    )
    as_of: Moment | None = Field(None, description="This moment, with its zone. Wins over `day`.")

    def moment(self, request: HttpRequest) -> datetime:
        """Say the moment by which something must have been known to be in the answer."""
        if self.as_of:
            return self.as_of
        if self.day:
            return timezone.make_aware(datetime.combine(self.day, time.min)) + timedelta(days=1, microseconds=-1)
        return request.now  # type: ignore[attr-defined,no-any-return]


class AskedList(Asked):
    """What every list may be asked besides: a part of the jurisdiction, and the next page."""

    area: str | None = Field(None, pattern=r"^\d{2,12}$", description="A part of the jurisdiction: a division code.")
    after: str | None = Field(None, description="`next` of the page before.")
    size: int = Field(100, ge=1, le=500, description="Rows of a page.")

    def area_code(self, by: Account, right: Right) -> str:
        """Say which area is asked for; refuse one outside the jurisdiction."""
        access.require(by, right, area_code=self.area)
        return self.area or by.area_code

    def key(self) -> Key | None:
        """Read where the page before ended."""
        return read_key(self.after) if self.after else None


def outbreak(request: HttpRequest, slug: str, *, to: Right) -> Outbreak:
    """Fetch an outbreak that concerns the account's jurisdiction, for one purpose."""
    return access.outbreak(slug, to=to, by=account(request))


def account(request: HttpRequest) -> Account:
    """Say who asks."""
    return request.auth  # type: ignore[attr-defined,no-any-return]


def now(request: HttpRequest) -> datetime:
    """Say when: read once for the whole request."""
    return request.now  # type: ignore[attr-defined,no-any-return]


def act_at(request: HttpRequest, within: Outbreak, asked: Asked) -> datetime:
    """
    Say which moment an act bears: now (in a drill its clock's), or in a replay the moment asked for, as on screen.

    What acts on people, or on those of a drill, is never dated by whoever sends it.
    """
    return asked.moment(request) if within.kind == OutbreakKind.REPLAY else now(request)


def new_api() -> NinjaAPI:
    """Make the API without its stages."""
    api = NinjaAPI(
        title="sizao",
        version="1",
        description=(
            "The stages of an outbreak response, for machines. Send a token as `Authorization: Bearer …`. "
            "A refusal is JSON too: a code, a sentence that says what to do next, and the facts."
        ),
        auth=Token(),
        renderer=Readable(),
        docs_url=None,  # the page would load its scripts from another host; the schema is enough
        urls_namespace="api",
    )
    refusals.register(api)
    return api
