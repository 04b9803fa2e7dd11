"""Bulletins: read as figures and words or as files, issued and corrected. What the page hides is hidden here too."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, AskedList, account, act_at, now, outbreak
from sizao.api.refusals import Refusal
from sizao.api.shapes import REFUSED, PageOf, answers, page
from sizao.errors import SizaoError
from sizao.records import access, keyset
from sizao.records.models import Account, Bulletin
from sizao.response.reports import bulletin_documents, bulletins
from sizao.terms import BulletinState, Right

router = Router(tags=["bulletins"])
_DAY = "%Y-%m-%d"
_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
# What the schema says of an answer that is a file.
_FILE: dict[str, Any] = {
    "responses": {
        200: {
            "description": "The file.",
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _TYPES.values()},
        }
    }
}


class NothingIssued(SizaoError):
    code = "bulletin.none_issued"
    message = "No bulletin of {outbreak} for {date} was issued. List those there are: GET /api/outbreaks/…/bulletins."


class StockOut(Schema):
    """A total as it was last told, and of which day."""

    count: int
    date: date


class BulletinOut(Schema):
    """
    One version of the bulletin of a day.

    `figures` gives each figure by area: null is hidden; an area that is left out has nothing where its level is one of
    `told_levels_digits` (digits of its code), else nothing or fewer than `least`. `text_zh` and `text_en` are the
    paragraphs with the figures in them, the sentence that matters first.
    """

    id: int
    outbreak: str
    area_code: str
    date: date
    version: int
    state: BulletinState
    figures: dict[str, dict[str, int | None]]
    stocks: dict[str, StockOut]
    least: int
    told_levels_digits: list[int]
    text_zh: list[str]
    text_en: list[str]
    reason: str
    drafted_at: datetime
    issued_at: datetime | None
    issued_by: str | None
    replaced_at: datetime | None


class AskedFile(Asked):
    """As which file, in which language."""

    form: Literal["pdf", "docx"] = "pdf"
    language: Literal["zh", "en"] = "zh"


class AskedIssued(AskedFile):
    """Of which day; without a version, the one that stood."""

    date: date
    version: int | None = Field(None, ge=1, le=999)


class BulletinWords(Schema):
    """The words of a draft in both languages, with gaps such as {confirmed} for the locked figures."""

    text_zh: str = Field(max_length=4000)
    text_en: str = Field(max_length=4000)


class CorrectionReason(Schema):
    """What is corrected; it is printed."""

    reason: str = Field(max_length=300)


@router.get("/outbreaks/{slug}/bulletins", response=answers(PageOf[BulletinOut]))
def list_bulletins(request: HttpRequest, slug: str, asked: Query[AskedList]) -> Any:
    """List what was issued by the moment asked for, newest first; for who may issue it, the drafts too."""
    within = outbreak(request, slug, to=Right.REPORT_READ)
    by, as_of = account(request), asked.moment(request)
    if access.may(by, Right.BULLETIN_ISSUE):
        rows = bulletins.of_outbreak(within, by=by, as_of=as_of)
    else:
        rows = bulletins.public(as_of=as_of).filter(outbreak=within)
    rows = rows.filter(area_code__startswith=asked.area) if asked.area else rows
    found = keyset.page(
        rows.select_related("outbreak").order_by(), moment="drafted_at", older_than=asked.key(), size=asked.size
    )
    return page(found, lambda row: _bulletin(row, as_of))


@router.get("/outbreaks/{slug}/bulletins/file", response={200: None, REFUSED: Refusal}, openapi_extra=_FILE)
def read_issued_file(request: HttpRequest, slug: str, asked: Query[AskedIssued]) -> Any:
    """Give an issued bulletin of a day as a file."""
    within = outbreak(request, slug, to=Right.REPORT_READ)
    versions = bulletins.public(as_of=asked.moment(request)).filter(outbreak=within, date=asked.date)
    found = (versions.filter(version=asked.version) if asked.version else versions).first()
    if found is None:
        raise NothingIssued(outbreak=within.slug, date=asked.date)
    return _file(found, asked, now(request))


@router.get("/bulletins/{number}", response=answers(BulletinOut))
def read_bulletin(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Read one version, also a draft, as whoever may issue it."""
    return _bulletin(_found(request, number), asked.moment(request))


@router.get("/bulletins/{number}/file", response={200: None, REFUSED: Refusal}, openapi_extra=_FILE)
def read_file(request: HttpRequest, number: int, asked: Query[AskedFile]) -> Any:
    """Give one version as a file, also a draft."""
    return _file(_found(request, number), asked, now(request))


@router.post("/bulletins/{number}/words", response=answers(BulletinOut))
def edit_bulletin(request: HttpRequest, number: int, asked: Query[Asked], words: BulletinWords) -> Any:
    """Change the words of a draft; its figures are locked."""
    return _said(bulletins.edit(text_zh=words.text_zh, text_en=words.text_en, **_act(request, number, asked)))


@router.post("/bulletins/{number}/issue", response=answers(BulletinOut))
def issue_bulletin(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Issue a draft in the name of the token's account: from now on everybody may read it."""
    return _said(bulletins.issue(**_act(request, number, asked)))


@router.post("/bulletins/{number}/correct", response=answers(BulletinOut))
def correct_bulletin(request: HttpRequest, number: int, asked: Query[Asked], why: CorrectionReason) -> Any:
    """Draft a correction of an issued one; answered with the new draft."""
    return _said(bulletins.correct(reason=why.reason, **_act(request, number, asked)))


def _found(request: HttpRequest, number: int) -> Bulletin:
    return bulletins.fetch(number, by=account(request))


def _act(request: HttpRequest, number: int, asked: Asked) -> dict[str, Any]:
    found = _found(request, number)
    return {"bulletin": found, "by": account(request), "now": act_at(request, found.outbreak, asked)}


def _file(row: Bulletin, asked: AskedFile, at: datetime) -> HttpResponse:
    made = bulletin_documents.made(row, form=asked.form, language=asked.language, now=at)
    answer = HttpResponse(made, content_type=_TYPES[asked.form])
    name = f"sizao-bulletin-{row.date:{_DAY}}-v{row.version}-{asked.language}.{asked.form}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _said(row: Bulletin) -> BulletinOut:
    return _bulletin(row, None)


def _bulletin(row: Bulletin, as_of: datetime | None) -> BulletinOut:
    told = bulletins.figures_of(row)
    is_issued = row.issued_at is not None and (as_of is None or row.issued_at <= as_of)
    is_replaced = row.replaced_at is not None and (as_of is None or row.replaced_at <= as_of)
    issued = BulletinState.REPLACED if is_replaced else BulletinState.ISSUED
    return BulletinOut(
        id=row.pk,
        outbreak=row.outbreak.slug,
        area_code=row.area_code,
        date=row.date,
        version=row.version,
        state=issued if is_issued else BulletinState.DRAFT,
        figures={figure: dict(cells) for figure, cells in told.cells.items()},
        stocks={figure: StockOut(count=count, date=day) for figure, (count, day) in told.stocks.items()},  # type: ignore[arg-type]
        least=told.least,
        told_levels_digits=list(told.whole_digits),
        text_zh=bulletins.paragraphs(row, "zh"),
        text_en=bulletins.paragraphs(row, "en"),
        reason=row.reason,
        drafted_at=row.drafted_at,
        issued_at=row.issued_at if is_issued else None,
        issued_by=_name(row.issued_by) if is_issued else None,
        replaced_at=row.replaced_at if is_replaced else None,
    )


def _name(by: Account | None) -> str | None:
    return by and (by.display_name or by.username)
