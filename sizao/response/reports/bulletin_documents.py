"""A bulletin as a document: the sentence that matters first, the text, the table by area, the curve as published."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from sizao.adapters import documents
from sizao.adapters.documents import Document, Heading, Picture, Table, Text
from sizao.adapters.documents.pictures import Series, bars
from sizao.errors import SizaoError
from sizao.records import officers
from sizao.records.models import Bulletin
from sizao.response.reports import bulletin_text, bulletins
from sizao.response.reports.bulletin_figures import told_of
from sizao.terms import BulletinState, BulletinText, Figure

LANGUAGES = ("zh", "en")
FORMS = ("pdf", "docx")
CURVE_DAYS = 42


class BulletinFormUnknown(SizaoError):
    code = "bulletin.form.unreadable"
    message = "A bulletin is made as {forms}, in {languages}. Choose one of each."


def made(bulletin: Bulletin, *, form: str, language: str, now: datetime) -> bytes:
    """Make the file of a bulletin, `pdf` or `docx`, in `zh` or `en`. Raise BulletinFormUnknown."""
    if form not in FORMS or language not in LANGUAGES:
        raise BulletinFormUnknown(forms=", ".join(FORMS), languages=", ".join(LANGUAGES))
    told = document(bulletin, language)
    return documents.pdf(told) if form == "pdf" else documents.docx(told, made_at=now)


def document(bulletin: Bulletin, language: str) -> Document:
    """Compose a bulletin; a draft is composed as it would be issued now."""

    def say(text: BulletinText, **facts: object) -> str:
        return text.label(language).format(**facts)

    names = bulletins.names_of(bulletin)
    area = names.get(bulletin.area_code, bulletin.area_code)
    lead, *rest = bulletins.paragraphs(bulletin, language)
    told = told_of(bulletin.figures)
    rows = tuple(row[1:] for row in bulletin_text.table_rows(told, bulletin.area_code, names))
    hides = told.leaves_out or any("*" in row for row in rows)
    heads = (say(BulletinText.AREA), *(one.label(language) for one in (Figure.NEW_CONFIRMED, Figure.NEW_ASYMPTOMATIC)))
    corrected = (say(BulletinText.CORRECTED, reason=bulletin.reason),) if bulletin.reason else ()
    return Document(
        language=language,
        issuer="",
        title=say(BulletinText.TITLE, area=area),
        number=_number(bulletin, language),
        lead=lead,
        blocks=(
            *(Text(one) for one in rest),
            Heading(say(BulletinText.TABLE)),
            Table(heads, rows, say(BulletinText.HIDDEN_NOTE, k=told.least) if hides else "", (2.0, 1.0, 1.0)),
            Picture(curve_svg(bulletin, language), say(BulletinText.CURVE)),
        ),
        signed=_signed(bulletin, area, language),
        notes=(*corrected, say(BulletinText.SOURCE)),
        drill=""
        if bulletin.outbreak.acts_on_people
        else say(BulletinText.DRILL, name=bulletin.outbreak.called(language)),
    )


def _number(bulletin: Bulletin, language: str) -> str:
    day = bulletin_text.day_said(bulletin.date, language)
    return day if bulletin.version == 1 else f"{day} {BulletinText.VERSION.label(language).format(n=bulletin.version)}"


def _signed(bulletin: Bulletin, area: str, language: str) -> tuple[str, ...]:
    if bulletin.issued_at is None or bulletin.issued_by is None:
        return (BulletinState.DRAFT.label(language),)
    by = officers.name_of(bulletin.issued_by, bulletin.issued_at)
    return (f"{area} · {by}", f"{timezone.localtime(bulletin.issued_at):%Y-%m-%d %H:%M}")


def curve_svg(bulletin: Bulletin, language: str) -> str:
    """Draw new confirmed cases by day as they were published until this bulletin; untold days as a dash."""
    days, values = published_curve(bulletin)
    label = Figure.NEW_CONFIRMED.label(language)
    return bars(days, [Series(label, "#cb5333", values)])


def published_curve(bulletin: Bulletin) -> tuple[list[date], tuple[int | None, ...]]:
    """Give the published numbers of new confirmed cases until a bulletin; None where hidden or not issued."""
    first = max(bulletin.outbreak.first_date, bulletin.date - timedelta(days=CURVE_DAYS - 1))
    issued = Bulletin.objects.filter(outbreak=bulletin.outbreak, date__gte=first, date__lt=bulletin.date)
    told = {one.date: told_of(one.figures) for one in issued.filter(state=BulletinState.ISSUED)}
    told[bulletin.date] = told_of(bulletin.figures)
    days = [first + timedelta(days=n) for n in range((bulletin.date - first).days + 1)]
    code = bulletin.area_code
    return days, tuple(told[day].cell(Figure.NEW_CONFIRMED, code) if day in told else None for day in days)
