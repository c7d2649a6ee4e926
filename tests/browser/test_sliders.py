"""The sliders under a real pointer: what is set is what was pointed at, and nothing moves away."""

from __future__ import annotations

from typing import Any

import pytest
from browsing import Server, opened

THUMB = 16.0  # pixels: Chromium's thumb goes from half of it to half of it before the end
STEPS, TO = 30, 30_000.0


def _is_kept(now: dict[str, float], before: dict[str, float]) -> bool:
    """Tell whether a box is where it was; a page that scrolls along rounds to the pixel."""
    is_moved = abs(now["y"] - before["y"]) > 1.0
    return not is_moved and {**now, "y": 0.0} == {**before, "y": 0.0}


@pytest.mark.parametrize(("wide", "tall"), [(1280, 900), (390, 844)])
def test_a_slider_is_set_to_what_the_pointer_is_on(
    server: Server, page: Any, wide: int, tall: int
) -> None:
    """Pressed on the thumb and drawn along; the slider keeps its place before, during and after."""
    page.set_viewport_size({"width": wide, "height": tall})
    opened(page, server.url)
    slider = page.locator("#u-upfront_fee_gbp")
    slider.scroll_into_view_if_needed()
    page.wait_for_timeout(300)  # what scrolls smoothly has come to rest
    before, top = slider.bounding_box(), float(slider.get_attribute("max"))
    step, value = float(slider.get_attribute("step")), float(slider.input_value())

    def at(value: float) -> float:
        return float(before["x"] + THUMB / 2 + (before["width"] - THUMB) * value / top)

    middle = before["y"] + before["height"] / 2
    page.mouse.move(at(value), middle)
    page.mouse.down()
    for i in range(1, STEPS + 1):
        page.mouse.move(at(value + (TO - value) * i / STEPS), middle)
        page.wait_for_timeout(10)  # answers come meanwhile
        assert _is_kept(slider.bounding_box(), before)
    page.mouse.up()
    assert float(slider.input_value()) == pytest.approx(TO, abs=step)
    page.wait_for_function(
        "(asked) => location.search.includes('levers.upfront_fee_gbp=' + asked)",
        arg=slider.input_value(),
    )
    page.wait_for_function(
        "document.getElementById('headline').getAttribute('aria-busy') === 'false'"
    )
    assert _is_kept(slider.bounding_box(), before)


@pytest.mark.parametrize("wide", [1280, 390])
def test_nothing_beside_a_slider_moves_when_it_is_moved(
    server: Server, page: Any, wide: int
) -> None:
    """Of every lever that is open: slider, number, unit and words have the places that they had."""
    places = """() => [...document.querySelectorAll('details[open] .u-lever > *, .u-row > *')]
      .map((one) => { const b = one.getBoundingClientRect();
        const top = b.y - one.closest('.u-levers').getBoundingClientRect().y;
        return [b.x, b.width, b.height, top].join(' '); })"""
    page.set_viewport_size({"width": wide, "height": 844})
    opened(page, server.url)
    before = page.evaluate(places)
    for lever, value in (("upfront_fee_gbp", 1000), ("term_years", 9), ("months", 7)):
        page.locator(f"#u-{lever}").fill(str(value))
        page.wait_for_function(f"location.search.includes('{lever}={value}')")
    page.locator(".u-back:not(:disabled)").nth(2).wait_for()
    assert page.evaluate(places) == before
