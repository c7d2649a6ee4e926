"""The published file: opened by double click, without a network, with a real mouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uptake as up
from browsing import Watched

RUNS = 100


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a scheme with two levers, one of which the timeline moves."""
    scheme = up.scenario("nhs_employers_2009")
    return scheme.publish(
        tmp_path_factory.mktemp("published") / "there", "endorsement",
        ranges={"upfront_fee_gbp": (0, 50_000)}, points=200, runs=RUNS,
    )  # fmt: skip


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["desk", "telephone"])
def page(request: pytest.FixtureRequest, browser: Any, file: Path) -> Iterator[Any]:
    """Open the file in a browser that has no network; it asks nothing and complains of nothing."""
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
    watched = Watched(context.new_page())
    watched.page.goto(file.as_uri())
    yield watched.page
    context.close()
    assert set(watched.outside) <= {file.as_uri()}
    assert watched.complaints == []


def moved(page: Any, number: int, share: float) -> None:
    """Drag a slider to a share of its length, as a hand would."""
    slider = page.locator(f"#lever_{number}")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.5, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * share, middle, steps=4)
    page.mouse.up()


def test_it_opens_with_the_scheme_as_it_was(page: Any) -> None:
    """Its answer, chart, funnel and table are there, and nothing is wider than the window."""
    assert page.inner_text("#answer") == "As it was: 17 join in every run."
    assert page.locator("#chart path").count() == 3
    assert page.locator("#funnel b").first.inner_text().isdigit()
    assert page.locator("#options tr").count() == 2
    assert "0, then" in page.inner_text("#value_0")  # as the timeline moves it
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_lever_moves_the_answer_to_that_of_the_command(page: Any) -> None:
    """To its lowest: no fee; what is shown are the numbers of the what-if question."""
    moved(page, 1, 0.0)
    assert "fee on signing: 0 GBP" in page.inner_text("label[for=lever_1]")
    free = up.scenario("nhs_employers_2009").set(upfront_fee_gbp=0).run(RUNS)
    joined = free["joined"]
    low, high = joined.quantile([0.05, 0.95])
    said = f"{joined.mean():.0f} join on average, {low:.0f} to {high:.0f} in 90 % of runs"
    assert said in page.inner_text("#answer")
    page.focus("#lever_1")
    page.keyboard.press("ArrowRight")
    assert "fee on signing: 200 GBP" in page.inner_text("label[for=lever_1]")


def test_options_are_kept_in_the_address_and_compared(page: Any) -> None:
    """Kept, reset, opened again with all of them, and removed."""
    moved(page, 1, 0.2)
    page.click("#keep")
    moved(page, 0, 0.9)
    page.click("#keep")
    page.click("#keep")  # once is enough
    assert page.locator("#options tr").count() == 4
    page.click("#reset")
    assert page.inner_text("#answer").startswith("As it was: 17 join")
    page.reload()
    assert page.locator("#options tr").count() == 4
    page.locator("#options button").first.click()
    rows = page.locator("#options tr")
    assert rows.count() == 3
    assert "standing of the scheme with the centre 0.8" in rows.nth(2).inner_text()
    page.goto(page.url.partition("#")[0] + "#nonsense")
    assert page.inner_text("#answer").startswith("As it was")


def test_one_lever_opens_with_the_scheme_as_it_was(browser: Any, tmp_path: Path) -> None:
    """An address without levers is none."""
    scheme = up.scenario("nhs_employers_2009")
    made = scheme.publish(tmp_path / "there", "upfront_fee_gbp", points=200, runs=20)
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(made.as_uri())
    assert page.inner_text("#answer") == "As it was: 17 join in every run."
    context.close()


def test_every_control_has_a_name_and_the_chart_says_what_it_shows(page: Any) -> None:
    """Native sliders with labels; the picture's text is the answer."""
    nameless = """() => [...document.querySelectorAll('button, input, summary')]
      .filter((one) => !(one.textContent.trim() || (one.labels || []).length)).length"""
    assert page.evaluate(nameless) == 0
    assert "17 join in every run" in page.get_attribute("#chart", "aria-label")
