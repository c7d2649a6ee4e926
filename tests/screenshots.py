"""The pictures of the page in README and docs: ``make screenshots`` takes them anew."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from browsing import chromium, moved, opened, serving, watched
from conftest import ROOT

FIGURES = ROOT / "docs" / "figures"


def main() -> None:
    """Take a picture of either tab, in a window and on a telephone."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder)) as server,
        chromium() as browser,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        opened(page, server.url)
        moved(page, "upfront_fee_gbp", 10_000)
        page.mouse.move(700, 60)
        page.wait_for_timeout(800)
        page.screenshot(path=FIGURES / "page_what_if.png")
        opened(page, f"{server.url}?tab=watch")
        page.get_by_role("button", name="play").click()
        watched(page, 5)
        page.locator(".u-trust[data-stage=declined], .u-trust[data-stage=signed]").first.click()
        page.get_by_text(re.compile("^It (declined|joined) in month")).wait_for()
        page.mouse.move(700, 60)
        page.wait_for_timeout(500)
        page.screenshot(path=FIGURES / "page_watch.png")
        page.set_viewport_size({"width": 390, "height": 844})
        opened(page, f"{server.url}?levers.upfront_fee_gbp=10000")
        page.wait_for_timeout(800)
        page.screenshot(path=FIGURES / "page_telephone.png")


if __name__ == "__main__":
    main()
