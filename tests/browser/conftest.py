"""
Journeys through the whole platform in real Chromium, against one `sizao run` of their own.

Where the browser or a Chinese font is missing these tests skip and say why; with CI set they fail instead.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.browser.walking import CHROMIUM_OPTIONS, Walker
from tests.serving import Served, serving

try:
    from playwright.sync_api import Browser, sync_playwright
except ImportError:  # pragma: no cover — the reason is told below
    sync_playwright = None


def lacking() -> str | None:
    """Say what this machine lacks for the browser tests, and how to get it."""
    if sync_playwright is None:
        return "the Python package playwright is missing: run `make setup`"
    if shutil.which("chromium") is None:
        return "Chromium is missing: install Debian's package `chromium`"
    if shutil.which("fc-list") is None:
        return "fc-list is missing, so nobody can tell whether a Chinese font is here: install `fontconfig`"
    fonts = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False).stdout
    if not fonts.strip():
        return "no font has Chinese characters: install `fonts-noto-cjk`"
    return None


@pytest.fixture(scope="session", autouse=True)
def a_browser_is_here() -> None:
    if reason := lacking():
        if os.environ.get("CI"):
            pytest.fail(f"The browser tests may not skip here, and {reason}.")
        pytest.skip(f"{reason[0].upper()}{reason[1:]}.")


@pytest.fixture(scope="session")
def served(a_browser_is_here: None) -> Iterator[Served]:
    """One real `sizao run` for all journeys, with the outbreak loaded and replayed; stopped by SIGTERM."""
    with serving() as server:
        yield server


# One browser a module, not a session: while Playwright runs, Django would refuse the database to other tests.
@pytest.fixture(scope="module")
def chromium(a_browser_is_here: None) -> "Iterator[Callable[..., Browser]]":
    """Give a function that opens Chromium, with further options of its command line when asked."""
    with sync_playwright() as playwright:
        opened: dict[tuple[str, ...], Browser] = {}

        def browser(*options: str) -> Browser:
            if options not in opened:
                opened[options] = playwright.chromium.launch(
                    executable_path=shutil.which("chromium"), args=[*CHROMIUM_OPTIONS, *options]
                )
            return opened[options]

        yield browser
        for one in opened.values():
            one.close()


@pytest.fixture(scope="session")
def sessions() -> dict[str, list[dict]]:
    """The cookies of who has signed in already: to sign in again would test nothing new and cost a second."""
    return {}


@pytest.fixture
def enter(
    sessions: dict[str, list[dict]], served: Served, chromium: "Callable[..., Browser]"
) -> Iterator[Callable[..., Walker]]:
    """
    Give a function that opens a window, signs an account in and returns who walks.

    Each walker notes what no page may do: contact another host, break the content security policy, write
    an error to the console. At the end of the test there must be no such note.
    """
    walkers: list[Walker] = []

    def somebody(account: str | None, *, options: tuple[str, ...] = (), **window: object) -> Walker:
        walker = Walker.open(chromium(*options), served, **window)
        walkers.append(walker)
        if account in sessions:
            walker.context.add_cookies(sessions[account])
            walker.go("/accounts/password/change/", settle=False)
        elif account:
            walker.sign_in(account)
            sessions[account] = walker.context.cookies()
        return walker

    yield somebody
    for walker in walkers:
        walker.leave()
    assert [note for walker in walkers for note in walker.notes] == []
