"""The numbers behind the charts of the outlook as sheets of a workbook, and a sheet that says where they come from."""

from collections.abc import Iterator, Sequence

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, gettext

from sizao.adapters.spreadsheets import Cell, Sheet
from sizao.records.models import Outbreak
from sizao.response.reports.outlook import Outlook
from sizao.response.reports.outlook_delays import Fitted
from sizao.response.reports.outlook_said import TooFew
from sizao.web import outlook_sentences

PARTS = ("curve", "reproduction", "delays", "forecast", "ending")
Rows = list[Sequence[Cell]]


def sheets(read: Outlook, parts: Sequence[str]) -> list[Sheet]:
    """Give a sheet for each part; one that cannot be told says so in its only row."""
    made = {
        "curve": _curve,
        "reproduction": _reproduction,
        "delays": _delays,
        "forecast": _forecast,
        "ending": _ending,
    }
    return [made[part](read) for part in parts]


def origin(read: Outlook, outbreak: Outbreak, area_code: str, request: HttpRequest) -> Sheet:
    """Say what the numbers are of, when they were taken, and by which methods."""
    rows: Rows = [
        (gettext("Outbreak"), outbreak.slug),
        (gettext("Area"), area_code),
        (gettext("Known at the end of"), read.day),
        (gettext("Taken at"), f"{timezone.localtime(request.now):%Y-%m-%d %H:%M}"),
        (gettext("Notice"), gettext("Model results. They are not counts and never enter a report.")),
        *((gettext("What it says"), said) for said in outlook_sentences.sentences(read).values() if said),
        *((gettext("Method"), method) for method in METHODS),
    ]
    return Sheet(gettext("Origin"), (gettext("What"), gettext("Value")), rows)


# The works that the parts rest on, as the page cites them.
METHODS = (
    "Günther et al. 2021, Biometrical Journal 63:490–502",
    "Höhle & an der Heiden 2014, Biometrics 70:993–1002",
    "Cori et al. 2013, American Journal of Epidemiology 178:1505–1512",
    "Wallinga & Teunis 2004, American Journal of Epidemiology 160:509–516",
    "Lloyd-Smith et al. 2005, Nature 438:355–359",
    "Gneiting & Raftery 2007, Journal of the American Statistical Association 102:359–378",
)


def _curve(read: Outlook) -> Sheet:
    heads = (
        gettext("Day of onset"),
        gettext("Onset known"),
        gettext("Onset not known, placed by model"),
        *_median_band(),
    )
    title = gettext("Curve with nowcast")
    if isinstance(read.curve, TooFew):
        return _nothing(title, heads, outlook_sentences.sentences(read)["curve"])
    told = read.curve
    return Sheet(
        title, heads, list(zip(told.days, told.known, told.placed, told.median, told.lower, told.upper, strict=True))
    )


def _reproduction(read: Outlook) -> Sheet:
    told, language = read.reproduction, get_language() or "zh"
    heads = (gettext("Week that ends on"), *_median_band(), gettext("By cohort (Wallinga–Teunis)"))
    rows = list(zip(told.days, told.median, told.lower, told.upper, told.cohort, strict=True))
    return Sheet(f"Rt {told.basis.label(language)}", heads, rows)


def _delays(read: Outlook) -> Sheet:
    language = get_language() or "zh"

    def rows() -> Iterator[Sequence[Cell]]:
        for told in read.delays:
            fitted = told.fitted if isinstance(told.fitted, Fitted) else None
            for days, count in enumerate(told.counts):
                yield told.kind.label(language), days, count, fitted.chances[days] if fitted else None

    heads = (gettext("Delay"), gettext("Days"), gettext("Counted"), gettext("Chance by the fitted distribution"))
    return Sheet(gettext("Delays"), heads, rows)


def _forecast(read: Outlook) -> Sheet:
    heads = (gettext("Day"), gettext("Found, counted"), *_median_band(), gettext("Last week carried on (naive)"))
    title, told = gettext("Forecast"), read.forecast
    if isinstance(told, TooFew):
        return _nothing(title, heads, outlook_sentences.sentences(read)["forecast"])
    seen: Rows = [(day, count, None, None, None, None) for day, count in zip(told.seen_days, told.seen, strict=True)]
    ahead = zip(told.days, told.median, told.lower, told.upper, told.naive, strict=True)
    return Sheet(title, heads, [*seen, *((day, None, *rest) for day, *rest in ahead)])


def _ending(read: Outlook) -> Sheet:
    heads = (gettext("Day"), gettext("Chance that nobody else is found later"))
    title = gettext("When it will be over")
    if isinstance(read.ending, TooFew):
        return _nothing(title, heads, outlook_sentences.sentences(read)["ending"])
    return Sheet(title, heads, list(zip(read.ending.days, read.ending.chance, strict=True)))


def _median_band() -> tuple[str, str, str]:
    return gettext("Median (model)"), gettext("Lower end, 95 %"), gettext("Upper end, 95 %")


def _nothing(title: str, heads: Sequence[str], said: str) -> Sheet:
    return Sheet(title, heads, [(said,)])
