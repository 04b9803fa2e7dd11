"""Somebody at a screen: signs in, looks, clicks; and notes whatever no page of sizao may do."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

from tests.serving import Served

# WebGL is drawn by the processor. No name but this machine's can be found, so nothing could leave unnoticed.
CHROMIUM_OPTIONS = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
CHINESE, ENGLISH = "zh-CN", "en-US"
HARMLESS = ("data", "blob", "about")  # addresses that stay inside the browser
TELLS_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error("policy broken: " + event.violatedDirective + " by " + event.blockedURI));
"""


class Walker:
    def __init__(self, context: BrowserContext, served: Served) -> None:
        self.served = served
        self.context = context
        self.notes: list[str] = []
        self._expected: set[int] = set()
        context.add_init_script(TELLS_VIOLATIONS)
        context.on("request", self._look_at_request)
        context.on("response", self._look_at_response)
        context.on("console", self._look_at_console)
        context.on("weberror", lambda fault: self.notes.append(f"script broke: {fault.error}"))
        self.page: Page = context.new_page()

    @classmethod
    def open(
        cls, browser: Browser, served: Served, *, language: str = CHINESE, size: dict[str, int] = DESK, **more: object
    ) -> "Walker":
        context = browser.new_context(
            viewport=size, locale=language, timezone_id="Asia/Shanghai", reduced_motion="reduce", **more
        )
        context.set_default_timeout(15_000)
        return cls(context, served)

    # --- what somebody does -------------------------------------------------------------------------
    def sign_in(self, account: str) -> None:
        self.go("/accounts/login/")
        self.page.fill("input[name=login]", account)
        self.page.fill("input[name=password]", self.served.password)
        self.page.click("form[action*=login] button.primary")
        self.page.wait_for_url(lambda address: "/accounts/login" not in address)

    def go(self, path: str, *, expect: int = 200, settle: bool = True) -> None:
        """Open an address of the app; `expect` is the answer's status. Once settled, nothing is fetched any more."""
        if expect >= 400:
            self._expected.add(expect)
        answer = self.page.goto(self.served.address + path)
        assert answer.status == expect, f"{path} answered {answer.status}"
        if settle:
            self.page.wait_for_load_state("networkidle")

    def press(self, name: str, *, within: str = "main") -> None:
        """Press a button by what stands on it, and wait for the page that follows."""
        button = self.page.locator(within).get_by_role("button", name=name, exact=True).first
        with self.page.expect_navigation():
            button.click()

    def see(self, *texts: str) -> None:
        """Insist that each text can be read on the screen."""
        read = self.read()
        for text in texts:
            assert text in read, f"“{text}” is not on {self.page.url}:\n{read[:1500]}"

    def read(self, within: str = "body") -> str:
        return self.page.locator(within).first.inner_text()

    def number(self, within: str) -> int:
        """The first number in a part of the screen."""
        return int(re.search(r"\d[\d,]*", self.read(within))[0].replace(",", ""))

    def snap(self, name: str, *, whole: bool = False) -> None:
        """Keep a picture when somebody asked for pictures: SIZAO_SHOTS=folder."""
        if folder := os.environ.get("SIZAO_SHOTS"):
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=whole)

    def leave(self) -> None:
        self.context.close()

    # --- what nobody's page may do -------------------------------------------------------------------
    def _look_at_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in HARMLESS and parts.netloc != self.served.host:
            self.notes.append(f"asked another host: {request.url} from {self.page.url}")

    def _look_at_response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._expected:
            self.notes.append(f"{response.status} for {response.url}")

    def _look_at_console(self, message: ConsoleMessage) -> None:
        expected = "Failed to load resource" in message.text and any(str(one) in message.text for one in self._expected)
        if message.type == "error" and not expected:
            self.notes.append(f"console on {self.page.url}: {message.text}")
