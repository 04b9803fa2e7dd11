"""On a machine without WebGL the map is drawn another way and says the same."""

import pytest

pytestmark = pytest.mark.browser
WITHOUT = ("--disable-gpu", "--disable-3d-apis", "--disable-webgl", "--disable-webgl2")


class TestMap:
    def test_is_drawn_by_the_charts_library(self, enter):
        officer = enter("duty_officer", options=WITHOUT)
        officer.go("/?day=2021-01-14")
        officer.page.wait_for_selector("#map[data-drawn=echarts] canvas")
        assert officer.page.evaluate("() => !document.createElement('canvas').getContext('webgl')")
        officer.snap("without-webgl")
        # The map follows the day here as well.
        before = officer.page.locator("#map canvas").screenshot()
        with officer.page.expect_response(lambda answer: "/situation/day/" in answer.url):
            officer.page.locator("[data-day-range]").press("Home")
        officer.page.wait_for_function("() => document.querySelector('h1').textContent.includes('1月2日')")
        assert officer.page.locator("#map canvas").screenshot() != before

    def test_is_drawn_by_webgl_where_there_is_some(self, enter):
        officer = enter("duty_officer")
        officer.go("/")
        officer.page.wait_for_selector("#map[data-drawn=maplibre]")
