"""
A request of ours as an official letter, for an authority that no system reaches: what is asked, by when, about whom.

It names the people, so that taking it is journalled. It is written in Chinese or English, on paper or for an office
that edits it before it is sealed.
"""

from datetime import datetime

from django.utils import timezone

from sizao.adapters import documents
from sizao.adapters.documents import Document, Heading, Table, Text
from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Area, CooperationPerson, CooperationRequest
from sizao.terms import AskedFor, ContactKind, LetterText, ListColumn, PersonAnswer, RequestState, Right

LANGUAGES = ("zh", "en")
FORMS = ("pdf", "docx")
_COLUMNS = (
    ListColumn.REF, ListColumn.NAME, ListColumn.ID_NUMBER, ListColumn.PHONE, ListColumn.ADDRESS, ListColumn.KIND,
    ListColumn.LAST_EXPOSURE,
)  # fmt: skip
_WIDTHS = (1.1, 2.0, 3.5, 2.8, 2.6, 2.3, 2.6)


class NotSentYet(SizaoError):
    code = "cooperation.letter_not_sent"
    message = "Request {number} is a draft. Send it in your name first: then its letter may name people."


class NoLetterOfTheirs(SizaoError):
    code = "cooperation.letter_of_theirs"
    message = "Request {number} came from {authority}; the letter is theirs. Answer it here, or by its list."


class LetterFormUnknown(SizaoError):
    code = "cooperation.letter_form.unreadable"
    message = "A letter is made as {forms}, in {languages}. Choose one of each."


def letter(*, request: CooperationRequest, form: str, language: str, by: Account, now: datetime) -> bytes:
    """
    Make the letter of a request that was sent, as `pdf` or `docx`, in `zh` or `en`; that it was taken is journalled.

    Raise NotSentYet, NoLetterOfTheirs, LetterFormUnknown, or the door's refusal.
    """
    access.require(by, Right.COOPERATE, area_code=request.area_code)
    if form not in FORMS or language not in LANGUAGES:
        raise LetterFormUnknown(forms=", ".join(FORMS), languages=", ".join(LANGUAGES))
    if request.is_incoming:
        raise NoLetterOfTheirs(number=request.number, authority=request.authority.name)
    if request.state == RequestState.DRAFT:
        raise NotSentYet(number=request.number)
    people = list(request.people.order_by("ref"))
    made = document(request, people, language)
    journal.write(
        "cooperation.letter_taken", request, by=by, at=now, form=form, language=language, people=len(people)
    )  # fmt: skip
    return documents.pdf(made) if form == "pdf" else documents.docx(made, made_at=now)


def document(request: CooperationRequest, people: list[CooperationPerson], language: str) -> Document:
    """Compose the letter of a request with its people."""

    def say(text: LetterText, **facts: object) -> str:
        return text.label(language).format(**facts)

    own = Area.objects.filter(code=request.area_code).first()
    issuer = own.name if own else request.area_code
    due = _moment(request.due_at, language) if request.due_at else ""
    # Some answers hold a comma themselves.
    answers = ("；" if language == "zh" else "; ").join(one.label(language) for one in PersonAnswer)
    outbreak = request.outbreak
    asked = [f"{n}. {AskedFor(one).label(language)}" for n, one in enumerate(request.asked, start=1)]
    return Document(
        language=language,
        issuer=issuer,
        title=say(LetterText.TITLE, n=len(people)),
        number=request.number,
        to=request.authority.name,
        blocks=(
            Text(say(LetterText.WHY, n=len(people), law=request.legal_basis)),
            *(Text(one) for one in asked),
            *((Text(request.question),) if request.question else ()),
            Text(say(LetterText.BY, due=due) if due else say(LetterText.NO_CLOCK)),
            Text(say(LetterText.ANSWERS, words=answers)),
            Text(say(LetterText.CONTACT)),
            Heading(say(LetterText.PEOPLE, n=len(people))),
            Table(
                heads=tuple(column.label(language) for column in _COLUMNS),
                rows=tuple(_row(one, language) for one in people),
                widths=_WIDTHS,
                numbers=False,
            ),
        ),
        signed=(issuer, _day(request.sent_at, language)),
        seal=True,
        notes=(say(LetterText.PRIVACY),),
        drill=say(LetterText.DRILL, name=outbreak.called(language)) if outbreak and not outbreak.acts_on_people else "",
    )


def _row(one: CooperationPerson, language: str) -> tuple[str, ...]:
    kind = ContactKind(one.contact_kind).label(language) if one.contact_kind else ""
    exposed = one.last_exposure_date.isoformat() if one.last_exposure_date else ""
    return (str(one.ref), one.name or "", one.id_number or "", one.phone or "", one.address or "", kind, exposed)


def _moment(moment: datetime, language: str) -> str:
    at = timezone.localtime(moment)
    return f"{_day(moment, language)}{at.hour}时{at:%M}分" if language == "zh" else f"{at:%Y-%m-%d %H:%M}"


def _day(moment: datetime | None, language: str) -> str:
    if moment is None:
        return ""
    day = timezone.localtime(moment).date()
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else day.isoformat()
