"""The outlook in Chromium: charts are drawn, taken away as pictures and as numbers, and fit on paper."""

from pathlib import Path
from xml.dom import minidom

import pytest

from tests.browser.walking import ENGLISH

pytestmark = pytest.mark.browser
PARTS = ("curve", "reproduction", "delays", "forecast", "ending")
PNG = b"\x89PNG\r\n\x1a\n"


class TestOutlook:
    def test_is_drawn_on_a_day_with_enough_cases(self, enter):
        officer = enter("duty_officer")
        officer.go("/outlook/?day=2021-01-25")
        officer.see("传播在减弱", "再生数 Rt", "模型推算", "系列间隔取自文献")
        for part in PARTS:
            assert officer.page.locator(f"#{part} svg path").count() > 3, part
        officer.snap("outlook-25-january", whole=True)

    def test_says_so_while_it_is_too_early(self, enter):
        officer = enter("duty_officer", language=ENGLISH)
        officer.go("/outlook/?day=2021-01-06")
        officer.see("Too early to say how fast it spreads", "this is day 5", "Too early for a forecast")
        assert officer.page.locator("#reproduction, #forecast, #ending").count() == 0

    def test_gives_each_chart_as_a_picture_that_says_what_it_is(self, enter):
        officer = enter("duty_officer", language=ENGLISH)
        officer.go("/outlook/?day=2021-01-25")
        for part in PARTS:
            svg = _picture(officer, part)
            words = " ".join(text.firstChild.data for text in svg.getElementsByTagName("text") if text.firstChild)
            heading = officer.page.locator(f"section:has(#{part}) h2").inner_text()
            assert heading in words
            assert "as known on 2021-01-25 · model results" in words
            picture = _taken(officer, f"[data-chart={part}][data-chart-export=png]")
            assert picture.startswith(PNG)
            assert int.from_bytes(picture[16:20]) == 2200  # wide enough for print

    def test_gives_the_situations_curve_too(self, enter):
        officer = enter("duty_officer")
        officer.go("/?day=2021-01-25")
        assert len(_picture(officer, "curve").getElementsByTagName("path")) > 50
        assert _taken(officer, ".curve-panel a.button").startswith(b"PK")

    def test_fits_on_paper(self, enter):
        officer = enter("duty_officer")
        officer.go("/outlook/?day=2021-01-25")
        _until(officer, f"drawn().length === {len(PARTS)}")
        officer.page.emulate_media(media="print")
        # The page hears of paper when it is next drawn. A4 leaves so many points within its margins.
        _until(officer, "drawn().every((one) => one.clientWidth <= 680)")


def _until(officer, condition: str) -> None:
    officer.page.wait_for_function(
        f"() => {{ const drawn = () => [...document.querySelectorAll('.chart svg')]; return {condition}; }}"
    )


def _picture(officer, part: str) -> minidom.Document:
    """Take a chart away as SVG and insist that other programs can read it."""
    return minidom.parseString(_taken(officer, f"[data-chart={part}][data-chart-export=svg]"))  # noqa: S318 — our own


def _taken(officer, button: str) -> bytes:
    with officer.page.expect_download() as download:
        officer.page.locator(button).click()
    return Path(download.value.path()).read_bytes()
