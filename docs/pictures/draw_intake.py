"""Draw the picture of docs/intake.md: the form at desktop and phone width, in a real browser.

Where no Chromium is installed it says so and draws nothing.
"""

import base64
import sys
import tempfile
import time
from pathlib import Path
from shutil import which
from subprocess import Popen
from typing import Any

import httpx

from config.settings import child_environment

HERE = Path(__file__).parent
PORT = 8797
ADDRESS = f"http://127.0.0.1:{PORT}"
HEIGHT = 1040
WIDTHS = (820, 375)
START = "from dews.cli import main; main()"
FRAME = (
    "<body style='margin:0;padding:24px;display:flex;gap:24px;background:#dfe4e8'>"
    "<img src='data:image/png;base64,{}'><img src='data:image/png;base64,{}'>"
)


def main() -> None:
    """Write intake_form.png beside this file."""
    chromium = which("chromium") or which("chromium-browser")
    if chromium is None:
        sys.stderr.write("No Chromium is installed; the picture of the intake stays.\n")
        return
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="dews-form-") as home:
        serving = Popen(
            [sys.executable, "-c", START, "intake", "serve", "--port", str(PORT)],
            env=child_environment({"DEWS_HOME": home, "DEWS_DATABASE_URL": ""}),
        )
        try:
            wait_until_up(serving)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=chromium, args=["--no-sandbox"]
                )
                draw(browser)
                browser.close()
        finally:
            serving.terminate()
            serving.wait()


def wait_until_up(serving: "Popen[bytes]") -> None:
    """Wait until the intake answers."""
    while serving.poll() is None:
        try:
            httpx.get(f"{ADDRESS}/health").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The intake ended before it answered.")


def draw(browser: Any) -> None:
    """Put both widths side by side."""
    shots = []
    for width in WIDTHS:
        tab = browser.new_page(viewport={"width": width, "height": HEIGHT})
        tab.goto(f"{ADDRESS}/report")
        shots.append(base64.b64encode(tab.screenshot()).decode())
        tab.close()
    whole = {"width": sum(WIDTHS) + 72, "height": HEIGHT + 48}
    page = browser.new_page(viewport=whole)
    page.set_content(FRAME.format(*shots))
    page.screenshot(path=HERE / "intake_form.png")


if __name__ == "__main__":
    main()
