"""
Take the README's picture of the situation from a running demonstration (`make run`) into docs/situation.png.

Usage: .venv/bin/python tools/screenshot.py [http://127.0.0.1:8000] [day]
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "situation.png"
# The day before the peak: proposals and official areas stand side by side, and onsets are still being learnt.
TELLING_DAY = "2021-01-14"
OPTIONS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-background-networking"]


def main(address: str = "http://127.0.0.1:8000", day: str = TELLING_DAY) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=OPTIONS)
        # The system font draws no better for being twice as sharp, and the file stays small.
        page = browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        page.goto(f"{address}/accounts/login/")
        page.click("[data-demo-account=duty_officer]")
        page.wait_for_url(f"{address}/")
        page.goto(f"{address}/?day={day}")
        page.wait_for_selector("#map[data-drawn]")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURE)
        browser.close()
    sys.stdout.write(f"{PICTURE.relative_to(Path.cwd())}: {PICTURE.stat().st_size // 1024} kB\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
