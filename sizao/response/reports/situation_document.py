"""The situation report of a day, for those in charge: what matters first, then figures, curve, map and lists."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime

from django.utils import timezone

from sizao.adapters import documents
from sizao.adapters.documents import Document, Facts, Heading, Picture, Table, Text
from sizao.adapters.documents.pictures import Series, bars, shaded_map
from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Area, Outbreak
from sizao.response.reports import daily
from sizao.response.reports.bulletin_text import day_said
from sizao.response.reports.curve import DAYS_BEFORE_FIRST_REPORT
from sizao.response.reports.situation import Situation, read
from sizao.terms import BulletinText, Figure, Right, Role, SituationText, TaskKind, ZoneLevel, ZoneState

FORMS, LANGUAGES = ("pdf", "docx"), ("zh", "en")
MOST_COUNTIES = 40


class ReportFormUnknown(SizaoError):
    code = "situation_report.form.unreadable"
    message = "A situation report is made as {forms}, in {languages}. Choose one of each."


def made(
    *, outbreak: Outbreak, area_code: str, day: date, as_of: datetime, boundaries: bytes | None, form: str,
    language: str, by: Account, now: datetime,
) -> bytes:  # fmt: skip
    """
    Make the situation report of a day for an area, `pdf` or `docx`, in `zh` or `en`; that it was taken is journalled.

    `boundaries` is what the map is drawn on; without it there is none. Raise ReportFormUnknown, or the door's refusal.
    """
    access.require(by, Right.REPORT_READ, area_code=area_code)
    if form not in FORMS or language not in LANGUAGES:
        raise ReportFormUnknown(forms=", ".join(FORMS), languages=", ".join(LANGUAGES))
    told = document(outbreak, area_code, day=day, as_of=as_of, boundaries=boundaries, language=language)
    journal.write(
        "situation_report.taken", outbreak, by=by, at=now, date=str(day), area=area_code, form=form
    )  # fmt: skip
    return documents.pdf(told) if form == "pdf" else documents.docx(told, made_at=now)


def document(
    outbreak: Outbreak, area_code: str, *, day: date, as_of: datetime, boundaries: bytes | None, language: str
) -> Document:
    """Compose the situation report of a day as it was known at a moment."""
    found = read(outbreak, area_code, day=day, last_date=day, as_of=as_of)
    area = Area.objects.filter(code=area_code).first()
    name = area.name if area else area_code
    maps = _map(found, boundaries, language) if boundaries else ()
    return Document(
        language=language,
        issuer="",
        title=_say(SituationText.TITLE, language, area=name),
        number=f"{day_said(day, language)} · {_say(SituationText.INTERNAL, language)}",
        lead=_lead(outbreak, area_code, name, found, day, as_of, language),
        blocks=(
            Heading(_say(SituationText.STANDS, language)),
            _stands(found, language),
            Picture(_curve(found, language), _say(SituationText.CURVE, language)),
            Heading(_say(SituationText.BY_COUNTY, language)),
            _by_county(found, language),
            *_late(found, language),
            # Last: it takes half a page, and would leave the first one half empty.
            *maps,
        ),
        notes=(_say(SituationText.KNOWN, language, at=f"{timezone.localtime(as_of):%Y-%m-%d %H:%M}"),),
        drill="" if outbreak.acts_on_people else _say(BulletinText.DRILL, language, name=outbreak.called(language)),
    )


def _lead(
    outbreak: Outbreak, area_code: str, name: str, found: Situation, day: date, as_of: datetime, language: str
) -> str:
    figures = found.figures
    new = figures.confirmed_new + figures.asymptomatic_new
    change = new - _new_before(outbreak, area_code, day, as_of)
    word = SituationText.MORE if change > 0 else SituationText.LESS if change < 0 else SituationText.SAME
    if figures.tasks_late:
        worst = _say(SituationText.LATE, language, n=figures.tasks_late)
    elif figures.contacts_unplaced:
        worst = _say(SituationText.UNPLACED, language, n=figures.contacts_unplaced)
    else:
        worst = _say(SituationText.CALM, language)
    return _say(
        SituationText.LEAD, language, day=day_said(day, language), area=name, new=new,
        confirmed=figures.confirmed_new, asymptomatic=figures.asymptomatic_new,
        change=_say(word, language, n=abs(change)), worst=worst,
    )  # fmt: skip


def _new_before(outbreak: Outbreak, area_code: str, day: date, as_of: datetime) -> int:
    """Count new infections of the day before as the situation of that day did; none before the first day."""
    before = date.fromordinal(day.toordinal() - 1)
    if before < outbreak.first_date:
        return 0
    then = read(outbreak, area_code, day=before, last_date=before, as_of=min(as_of, daily.day_of(before).end_at))
    return then.figures.confirmed_new + then.figures.asymptomatic_new


def _stands(found: Situation, language: str) -> Facts:
    one = found.figures
    waiting = Counter(zone.level for zone in found.proposed if zone.state is not ZoneState.PUBLISHED)
    rows = (
        (SituationText.CONFIRMED, f"{one.confirmed} (+{one.confirmed_new})"),
        (SituationText.ASYMPTOMATIC, f"{one.asymptomatic} (+{one.asymptomatic_new})"),
        (SituationText.PLACED, str(one.contacts_placed)),
        (SituationText.WAITING, str(one.contacts_unplaced)),
        (SituationText.TESTS, str(one.tests_new)),
        (SituationText.AREAS, f"{one.areas_high} / {one.areas_medium}"),
        (SituationText.ZONES, f"{waiting[ZoneLevel.HIGH]} / {waiting[ZoneLevel.MEDIUM]}"),
    )
    return Facts(tuple((_say(label, language), text) for label, text in rows))


def _curve(found: Situation, language: str) -> str:
    curve, first = found.curve, DAYS_BEFORE_FIRST_REPORT
    return bars(
        curve.days[first:],
        [
            Series(Figure.NEW_CONFIRMED.label(language), "#cb5333", curve.confirmed[first:]),
            Series(Figure.NEW_ASYMPTOMATIC.label(language), "#e7b25a", curve.asymptomatic[first:]),
        ],
    )


def _map(found: Situation, boundaries: bytes, language: str) -> tuple[Picture, ...]:
    counts: Mapping[str, int] = {one.code: one.confirmed + one.asymptomatic for one in found.counties}
    drawn = shaded_map(boundaries, counts, none="0")
    return (Picture(drawn, _say(SituationText.MAP, language), 92.0),)


def _by_county(found: Situation, language: str) -> Table | Text:
    if not found.counties:
        return Text(_say(SituationText.NOTHING, language))
    heads = (BulletinText.AREA, SituationText.NEW, SituationText.CONFIRMED, SituationText.ASYMPTOMATIC)
    rows = tuple(
        (one.name or one.code, str(one.new), str(one.confirmed), str(one.asymptomatic))
        for one in found.counties[:MOST_COUNTIES]
    )
    return Table(tuple(_say(one, language) for one in heads), rows, widths=(2.0, 1.0, 1.0, 1.0))


def _late(found: Situation, language: str) -> tuple[Heading | Table, ...]:
    if not found.late:
        return ()
    heads = (SituationText.KIND, SituationText.ROLE, SituationText.COUNT, SituationText.SINCE)
    rows = tuple(
        (TaskKind(one.kind).label(language), Role(one.role).label(language), str(one.count),
         f"{timezone.localtime(one.since):%m-%d %H:%M}")
        for one in found.late
    )  # fmt: skip
    return (
        Heading(_say(SituationText.LATE_TABLE, language)),
        Table(tuple(_say(one, language) for one in heads), rows, widths=(2.0, 1.6, 0.8, 1.2)),
    )


def _say(text: SituationText | BulletinText, language: str, **facts: object) -> str:
    return text.label(language).format(**facts)
