"""Which pages are measured, as whom, and what a deep page costs by key and by position."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.db.models import QuerySet
from django.test import Client

from bench import world
from sizao.records import keyset
from sizao.records.models import Case, Outbreak
from sizao.terms import Role

COUNTY, VILLAGE_DIGITS = "130102", 12
LAST, EARLY = "2021-03-01", "2021-01-10"


@dataclass(frozen=True)
class Page:
    name: str
    ask: Callable[[], None]


class Unwell(Exception):
    """A page that is not answered with 200 measures nothing."""


def listed(outbreak: Outbreak) -> list[Page]:
    province, county = "13", COUNTY
    village = Case.objects.filter(outbreak=outbreak).order_by("pk").values_list("area_code", flat=True)[0]
    number = Case.objects.filter(outbreak=outbreak).order_by("pk")[500].number
    deep = _key_after(outbreak, 90_000)
    officer = Role.DUTY_OFFICER
    asked = [
        ("cases, province", officer, province, f"people/?day={LAST}"),
        ("cases, county", officer, county, f"people/?day={LAST}"),
        ("cases, village", officer, village, f"people/?day={LAST}"),
        ("cases, an early day", officer, province, f"people/?day={EARLY}"),
        ("cases, page after row 90,000", officer, province, f"people/?day={LAST}&after={deep}"),
        ("cases, page before it", officer, province, f"people/?day={LAST}&before={deep}"),
        ("cases, common status", officer, province, f"people/?day={LAST}&status=confirmed"),
        ("cases, status of 1 in 1,000", officer, province, f"people/?day={LAST}&status=suspected"),
        ("cases, that status on an early day", officer, province, f"people/?day={EARLY}&status=suspected"),
        ("cases, not yet investigated", officer, province, f"people/?day={LAST}&lack=investigation"),
        ("search by number", officer, province, f"people/?day={LAST}&q={number}"),
        ("search by exact name", officer, province, f"people/?day={LAST}&q=王伟芳"),
        ("search by initials, many", officer, province, f"people/?day={LAST}&q=w"),
        ("search by initials, few", officer, province, f"people/?day={LAST}&q=wwf"),
        ("contacts, province", officer, province, f"people/?day={LAST}&list=contacts"),
        ("contacts without a location", officer, province, f"people/?day={LAST}&list=contacts&lack=location"),
        ("contacts without control, county", officer, county, f"people/?day={LAST}&list=contacts&lack=control"),
        ("contacts without control, province", officer, province, f"people/?day={LAST}&list=contacts&lack=control"),
        ("contacts without identity (none)", officer, province, f"people/?day={LAST}&list=contacts&lack=identity"),
        ("all people, province", officer, province, f"people/?day={LAST}&list=people"),
        ("all people, every column", officer, province, f"people/?day={LAST}&list=people&" + _all_columns()),
        ("one person", officer, province, f"people/{number}/?day={LAST}"),
        ("four clears, province", officer, province, f"four-clears/?day={LAST}"),
        ("four clears, county", officer, county, f"four-clears/?day={LAST}"),
        ("order to decide", officer, province, f"orders/next/?day={LAST}"),
        ("my tasks, province", Role.INVESTIGATOR, province, f"tasks/?day={LAST}"),
        ("all tasks, county", officer, county, f"tasks/?day={LAST}&whose=all"),
        ("signals", officer, province, f"signals/?day={LAST}"),
        ("signals to verify", officer, province, f"signals/?day={LAST}&state=new"),
        ("unmatched places", Role.DATA_OFFICER, province, f"places/unmatched/?day={LAST}"),
        ("shared exposures", officer, province, f"graph/?day={LAST}"),
        ("journal", Role.SUPERVISOR, province, f"journal/?day={LAST}"),
    ]  # fmt: skip
    return [Page(name, _asking(outbreak, role, area, path)) for name, role, area, path in asked]


def deep(outbreak: Outbreak, rows_before: int) -> tuple[Callable[[], None], Callable[[], None]]:
    """Give two ways to the same rows, without the page around them: behind a key, and at a position."""
    rows_before = min(rows_before, Case.objects.filter(outbreak=outbreak).count() * 9 // 10)
    cases = Case.objects.filter(outbreak=outbreak).select_related("person").order_by("-opened_at", "-pk")
    key = _key_after(outbreak, rows_before)
    by_key = cases.filter(keyset.beyond("opened_at", key, "lt"))[: keyset.PAGE_ROWS]
    by_position = cases[rows_before : rows_before + keyset.PAGE_ROWS]
    if [one.pk for one in by_key.all()] != [one.pk for one in by_position.all()]:
        raise Unwell("the two ways do not lead to the same rows")
    return partial(_read, by_key), partial(_read, by_position)


def _read(rows: QuerySet[Case]) -> None:
    list(rows.all())


def _key_after(outbreak: Outbreak, rows: int) -> keyset.Key:
    cases = Case.objects.filter(outbreak=outbreak).order_by("-opened_at", "-pk")
    one = cases[min(rows, cases.count() * 9 // 10) - 1]
    return keyset.Key(one.opened_at, one.pk)


def _asking(outbreak: Outbreak, role: Role, area: str, path: str) -> Callable[[], None]:
    client = Client()
    client.force_login(world.reader(role, area))
    address = f"/{path}&outbreak={outbreak.slug}"

    def ask() -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            message = f"{address} was answered with {answer.status_code}"
            raise Unwell(message)

    return ask


def _all_columns() -> str:
    from sizao.response.reports.lines import COLUMNS
    from sizao.terms import LineList

    return "&".join(f"column={column}" for column in COLUMNS[LineList.PEOPLE])
