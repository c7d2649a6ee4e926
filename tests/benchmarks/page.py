"""How fast the page is, in a real browser: ``make bench-page`` prints it."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import psutil

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2])]

from browsing import Server, chromium, moved, opened, serving  # noqa: E402

MOVES = {
    "nhs_employers_2009": ("upfront_fee_gbp", np.arange(5000, 30_000, 1000)),
    "stp_back_office_2016": ("pressure", np.arange(1, 25) / 40),
    "cabinet_office_2012": ("mandate", np.arange(1, 19) / 40),
    "nhs_sbs": ("endorsement", np.arange(1, 19) / 40),
}
WATCH_MONTHS = """() => { window.seen = []; const month = document.getElementById('month');
  new MutationObserver(() => window.seen.push(performance.now()))
    .observe(month, { characterData: true, childList: true, subtree: true }); }"""
READERS = 5


def mib(server: Server) -> float:
    """Return the memory that a server holds."""
    return float(psutil.Process(server.process.pid).memory_info().rss) / 2**20


def answer_times(page: Any, server: Server) -> None:
    """Print how long it takes from the move of a slider to the frame with the new band."""
    for episode, (lever, values) in MOVES.items():
        opened(page, f"{server.url}?scenario={episode}")
        page.wait_for_timeout(1000)
        times = [moved(page, lever, float(value)) for value in values]
        found = [time for time in times if time is not None]
        worst = np.quantile(found, 0.95)
        print(
            f"{episode}: slider to new band, median {statistics.median(found):.0f} ms, "
            f"95 % within {worst:.0f} ms ({len(found)} of {len(values)} moves)"
        )


def steps_a_second(page: Any, server: Server) -> None:
    """Print how fast 200 trusts are watched, as the page opens and without a pause."""
    for label, steps_left in (("as it opens", 0), ("without a pause", 20)):
        opened(page, f"{server.url}?scenario=nhs_sbs&tab=watch")
        page.wait_for_selector(".u-trust")
        page.locator("[role=slider]").first.focus()
        for _ in range(steps_left):
            page.keyboard.press("ArrowLeft")
        page.evaluate(WATCH_MONTHS)
        page.get_by_role("button", name="play").click()
        page.wait_for_timeout(6000)
        seen = page.evaluate("window.seen")
        rate = (len(seen) - 1) / ((seen[-1] - seen[0]) / 1000.0)
        print(f"watching 200 trusts, {label}: {rate:.1f} months a second")


def main() -> None:
    """Print all of it."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        print(f"server before anyone came: {mib(server):.0f} MiB")
        with chromium() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            answer_times(page, server)
            steps_a_second(page, server)
            page.close()
            sessions = [browser.new_page() for _ in range(READERS)]
            for place, one in enumerate(sessions):
                opened(one, f"{server.url}?tab={'watch' if place % 2 else 'whatif'}")
                for fee in range(0, 40_000, 1000) if place % 2 == 0 else ():
                    moved(one, "upfront_fee_gbp", fee)
            print(f"server with {READERS} readers: {mib(server):.0f} MiB")


if __name__ == "__main__":
    main()
