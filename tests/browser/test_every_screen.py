"""Every screen, in both languages, at a desk and on a phone: readable, reachable, within the window."""

import re
from pathlib import Path

import pytest

from tests.browser.walking import CHINESE, DESK, ENGLISH, PHONE, Walker

pytestmark = pytest.mark.browser
DAY = "day=2021-01-14"
SCREENS = {
    "duty_officer": (
        f"/outlook/?{DAY}", f"/what-ifs/?{DAY}", f"/what-ifs/ask/?{DAY}",
        f"/?{DAY}", f"/signals/?{DAY}", f"/signals/hints/?{DAY}", f"/alerts/1/?{DAY}",
        f"/streams/?{DAY}", f"/streams/1/?{DAY}", f"/streams/1/scores/?{DAY}",
        f"/people/?{DAY}", f"/people/?{DAY}&list=contacts", f"/people/HB-0244/?{DAY}", f"/people/HB-0385/access/?{DAY}",
        "/graph/?day=2021-01-20", f"/contacts/?{DAY}", f"/orders/next/?{DAY}", f"/zones/?{DAY}", "/zones/1/?" + DAY,
        f"/zones/comparison/?{DAY}", f"/tasks/?{DAY}&whose=all", f"/reports/?{DAY}", f"/protocol/?{DAY}",
        "/protocol/confirmations/", "/accounts/password/change/", "/accounts/2fa/",
    ),
    "investigator": (f"/places/unmatched/?{DAY}", f"/people/HB-0244/?{DAY}"),
    "data_officer": (
        f"/traces/?{DAY}", f"/traces/ask/?{DAY}", f"/traces/here/?{DAY}", f"/traces/2/?{DAY}&keep=10",
        f"/traces/2/lists/?{DAY}", f"/traces/2/names/?{DAY}", f"/traces/3/?{DAY}",
    ),
    "testing_coordinator": (f"/testing/?{DAY}",),
    "supervisor": (f"/journal/?{DAY}", f"/journal/?{DAY}&part=other"),
}  # fmt: skip
DRAWN = "/graph/"
# These screens quote: values of the editions, facts of the journal, reasons of officers and names of sources, as they
# were written.
QUOTING = ("/protocol/", "/journal/", "/traces/")
# Written in Latin letters in Chinese as well: names, formats, tests, and the source that the replay's rows state.
LATIN = {
    "sizao", "English", "xlsx", "CSV", "PNG", "SVG", "HB", "PCR", "Ct", "TOTP", "published", "report", "generated",
    "Rt", "BA", "BF", "EARS", "ESSENCE", "CUSUM", "GLR", "Farrington", "Clopper", "Pearson",
}  # fmt: skip
# The name of a place, of an account or of an edition stays Chinese.
NAMED = re.compile(r"^中文$|[省市区县镇乡村路院店苑场中]|第.版|员$")
LOOKING = (Path(__file__).parent / "looking.js").read_text(encoding="utf-8")
AXE = (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


class TestAtTheDesk:
    def test_are_whole_in_chinese(self, enter):
        def look(walker: Walker) -> list[str]:
            language = walker.page.get_attribute("html", "lang")
            wrong = [] if language == "zh-Hans" else [f"lang {language}"]
            return wrong + _english(walker) + _unreachable(walker) + _cut_off(walker)

        assert _walked(enter, look, language=CHINESE, size=DESK, shots="zh-desk") == {}

    def test_have_english_words_around_what_is_named_in_chinese(self, enter):
        def look(walker: Walker) -> list[str]:
            texts = walker.page.locator("h2, th:not([scope=row]), .chips, nav a, .answer").all_inner_texts()
            return [text for text in texts if re.search(r"[一-鿿]", text) and not NAMED.search(text)]

        assert _walked(enter, look, language=ENGLISH, size=DESK, shots="en-desk") == {}

    def test_show_where_the_keyboard_is(self, enter):
        walker = enter("duty_officer")
        walker.go("/")
        walker.page.keyboard.press("Tab")
        assert walker.page.locator(".skip:focus").is_visible()
        for _ in range(6):
            walker.page.keyboard.press("Tab")
            assert _ask(walker, "focus") == []


class TestOnAPhone:
    def test_fit_the_window_in_chinese(self, enter):
        assert _walked(enter, _cut_off, language=CHINESE, size=PHONE, shots="zh-phone") == {}

    def test_fit_the_window_in_english(self, enter):
        assert _walked(enter, _cut_off, language=ENGLISH, size=PHONE, shots="en-phone") == {}

    def test_lead_from_the_menu_to_every_screen(self, enter):
        walker = enter("duty_officer", size=PHONE)
        walker.go("/")
        places = walker.page.locator("nav.menu a")
        for index in range(places.count()):
            walker.page.locator("[data-menu]").click()
            place = places.nth(index)
            place.scroll_into_view_if_needed()
            with walker.page.expect_navigation():
                place.click()


class TestLanguage:
    def test_is_switched_in_the_header_and_stays(self, enter):
        walker = enter("duty_officer")
        walker.go(f"/zones/?{DAY}")
        walker.press("English", within="header")
        assert walker.page.get_attribute("html", "lang") == "en"
        assert walker.page.url.endswith(f"/zones/?{DAY}")
        walker.see("Zones", "Replay")
        for path, word in ((f"/people/?{DAY}", "Line list"), (f"/reports/?{DAY}", "Daily report"), ("/", "Situation")):
            walker.go(path)
            walker.see(word)
        walker.press("中文", within="header")
        walker.see("态势")
        assert walker.page.get_attribute("html", "lang") == "zh-Hans"


def _walked(enter, look, *, language: str, size: dict[str, int], shots: str = "") -> dict[str, list[str]]:
    """Look at every screen; return what was found wrong, by screen."""
    wrong = {}
    for account, paths in SCREENS.items():
        walker = enter(account, language=language, size=size)
        for path in paths:
            walker.go(path, settle=DRAWN in path)
            if found := look(walker):
                wrong[path] = found[:12]
            if shots:
                walker.snap(re.sub(r"\W+", "-", f"{shots}{path.split('day=')[0]}").strip("-"))
    return wrong


def _english(walker: Walker) -> list[str]:
    """English words on a Chinese screen that are neither names nor codes."""
    if any(part in walker.page.url for part in QUOTING):
        return []
    known = LATIN | set(re.findall(r"[A-Za-z]+", walker.page.url))
    words = (re.findall(r"(?<![\w.:/-])[A-Za-z]{2,}(?![\w.:/-])", text) for text in _ask(walker, "words"))
    return sorted({word for found in words for word in found} - known)


def _unreachable(walker: Walker) -> list[str]:
    """What stands in the way of a screen reader, a keyboard or tired eyes, by all of axe's rules."""
    walker.page.evaluate(AXE)
    found = walker.page.evaluate("async () => (await axe.run({ resultTypes: ['violations'] })).violations")
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


def _cut_off(walker: Walker) -> list[str]:
    return _ask(walker, "cutOff")


def _ask(walker: Walker, question: str) -> list[str]:
    """Put one question of looking.js to the page."""
    return walker.page.evaluate(f"() => {LOOKING}.{question}()")
