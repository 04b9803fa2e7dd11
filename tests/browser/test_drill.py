"""A drill in Chromium: it is steered, a day is lived, and its pages fit a phone."""

from collections.abc import Iterator

import pytest

from tests.browser.walking import ENGLISH, PHONE, Walker
from tests.serving import Served, data_folder, start, stop

pytestmark = pytest.mark.browser
# A hamlet of few people and a short history of streams, so that its city and days are built at once.
HAMLET = """
slug = "hamlet"
name = "演练：小村"
name_en = "Drill: a hamlet"
disease = "COVID-19"
variant = "ancestral"
area_code = "411081"
first_date = 2022-01-02
last_date = 2022-01-04
seed = 3
history_days = 2
sources = ["made up"]
seats = [
    { code = "411081", longitude = 113.49, latitude = 34.14 },
    { code = "411082", longitude = 113.81, latitude = 34.20 },
]
[[residents]]
code = "411081002"
population = 600
basis = "generated"
[[beginnings]]
area = "411081002"
day = -8
people = 40
[life]
doses = [[1.0, 0.0, 0.0, 0.0]]
scans = "asked"
[care]
urban = [0.0, 0.0, 0.0, 1.0]
tested = [0.0, 0.0, 1.0]
[habits]
closest = 2
"""
# Whether nothing of a page, nor of the frames of its tables, has to be scrolled sideways.
FITS = """
[document.documentElement, ...document.querySelectorAll(".table-frame")]
  .every((one) => one.scrollWidth <= one.clientWidth)
"""


@pytest.fixture(scope="module")
def drill(a_browser_is_here: None) -> Iterator[Served]:
    """One `sizao drill serve` for all of these tests."""
    with data_folder() as folder:
        scenario = folder / "hamlet.toml"
        scenario.write_text(HAMLET, encoding="utf-8")
        server = start(folder, str(scenario), command=("drill", "serve"))
        try:
            yield server
        finally:
            assert stop(server) == 0, server.said[-3000:]


@pytest.fixture
def walk(drill, chromium) -> Iterator:
    walkers: list[Walker] = []

    def somebody(account: str, **window: object) -> Walker:
        walker = Walker.open(chromium(), drill, language=ENGLISH, **window)
        walkers.append(walker)
        walker.sign_in(account)
        return walker

    yield somebody
    for walker in walkers:
        walker.leave()
    assert [note for walker in walkers for note in walker.notes] == []


def morning_of(walker: Walker, day: str) -> None:
    """Wait until the drill stands in the morning of a day, for as long as a cold machine compiles its city."""
    walker.page.wait_for_function(
        "(text) => document.querySelector('[data-state]').innerText.includes(text)",
        arg=f"It is the morning of {day}", timeout=400_000,
    )  # fmt: skip


class TestADrillAtTheScreens:
    def test_is_steered_day_by_day_and_its_cases_find_beds(self, walk):
        commander = walk("commander_4110")
        commander.go("/drill/", settle=False)
        commander.see("演练", "DRILL", "Drill: a hamlet")
        morning_of(commander, "Sun 2 January 2022")
        commander.page.check("input[name=role][value=isolation_coordinator]")
        commander.press("Play it so from now on")
        commander.page.select_option("select[name=pace]", "most")
        commander.press("Keep this pace")
        commander.press("One day")
        morning_of(commander, "Mon 3 January 2022")
        commander.snap("drill-desk", whole=True)
        commander.go("/drill/wards/")
        commander.see("0 of 1000 beds", "Cases without a bed")
        waiting = (
            commander.page.locator("button[value=bed]").locator("xpath=ancestor::form").locator("input[name=person]")
        )
        n = waiting.count()
        assert n > 0
        commander.press("To a bed")
        commander.see(f"{n} people were moved.", f"{n} of 1000 beds")
        commander.go("/")
        commander.see("A sketch: cells around the seats of the counties")
        commander.page.wait_for_selector("#map[data-drawn=maplibre]")

    def test_fits_a_phone(self, walk):
        commander = walk("commander_4110", size=PHONE)
        for page in ("/drill/", "/drill/wards/", "/drill/report/"):
            commander.go(page, settle=False)
            commander.page.wait_for_selector("h1")
            assert commander.page.evaluate(FITS), page
            commander.snap("drill-phone" + page.replace("/", "-"), whole=True)
