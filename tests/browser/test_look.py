"""The page for everybody: by keyboard, on a telephone, with little contrast."""

from __future__ import annotations

from typing import Any

import pytest
from browsing import Server, opened


def test_controls_can_be_reached_and_are_named(server: Server, page: Any) -> None:
    """By keyboard alone: to the slider, and the answer moves; every control has a name."""
    opened(page, server.url)
    assert page.evaluate("document.documentElement.lang") == "en"
    undescribed = """() => [...document.querySelectorAll('[aria-describedby]')]
      .filter((one) => !document.getElementById(one.getAttribute('aria-describedby')))
      .map((one) => one.outerHTML.slice(0, 120))"""
    assert page.evaluate(undescribed) == []
    nameless = """() => [...document.querySelectorAll('button, input, select, [role=button]')]
      .filter((one) => one.offsetParent !== null && one.type !== 'hidden')
      .filter((one) => !(one.getAttribute('aria-label') || one.textContent.trim()
        || [...(one.labels || [])].some((label) => label.textContent.trim())))
      .map((one) => one.outerHTML.slice(0, 120))"""
    assert page.evaluate(nameless) == []
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "u-upfront_fee_gbp":
            break
    else:
        pytest.fail("the slider of the fee is not reached")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("location.search.includes('levers.upfront_fee_gbp=34000')")
    opened(page, f"{server.url}?tab=watch")
    for called in ("play", "controls"):
        page.wait_for_selector(f"button[aria-label='{called}']")
    assert page.evaluate(nameless) == []


@pytest.mark.parametrize("tab", ["whatif", "watch"])
def test_nothing_is_cut_off_on_a_telephone(server: Server, page: Any, tab: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, f"{server.url}?tab={tab}")
    wide = """() => [...document.querySelectorAll('.u-page *')]
      .filter((one) => !one.closest('.u-scroll svg') && one.getBoundingClientRect().width > 0)
      .filter((one) => one.getBoundingClientRect().right > 391
        && !one.closest('.u-scroll') && getComputedStyle(one).visibility !== 'hidden')
      .map((one) => one.outerHTML.slice(0, 100))"""
    page.wait_for_timeout(300)
    assert page.evaluate(wide) == []


def test_contrast_is_enough(server: Server, page: Any) -> None:
    """4.5 to 1 of every text against its ground (WCAG AA)."""
    opened(page, f"{server.url}?levers.upfront_fee_gbp=10000")
    poor = """() => {
      const light = (c) => { const [r, g, b] = c.map((v) => { v /= 255;
        return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
      const parse = (text) => text.match(/[\\d.]+/g).map(Number);
      const ground = (one) => { for (let e = one; e; e = e.parentElement) {
        const c = parse(getComputedStyle(e).backgroundColor);
        if (c.length < 4 || c[3] > 0.5) return c.slice(0, 3); }
        return [255, 255, 255]; };
      return [...document.querySelectorAll('.u-page *')].filter((one) =>
        [...one.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())
        && one.getClientRects().length && !one.closest('svg') && !one.disabled
        && getComputedStyle(one).visibility !== 'hidden')
      .map((one) => { const a = light(parse(getComputedStyle(one).color).slice(0, 3));
        const b = light(ground(one));
        return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), one.outerHTML.slice(0, 90)]; })
      .filter((found) => found[0] < 4.5); }"""
    assert page.evaluate(poor) == []


def test_the_page_stays_light(server: Server, browser: Any) -> None:
    """Whatever the browser prefers, and whatever was chosen here before; Mesa offers no dark."""
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(f"{server.url}static/main-vuetify.js")
    page.evaluate("localStorage.setItem(':solara:theme.variant', '\"dark\"')")
    for tab in ("whatif", "watch", "watch"):
        opened(page, f"{server.url}?tab={tab}")
        page.wait_for_selector(".v-application.theme--light")
        grounds = "[...document.querySelectorAll('body, .u-page, .v-sheet, .v-main')].map((one) =>"
        grounds += " getComputedStyle(one).backgroundColor).filter((c) => c === 'rgb(30, 30, 30)')"
        assert page.evaluate(grounds) == []
        assert page.locator("[class*=mdi-weather], [class*=mdi-brightness]").count() == 0
        assert page.evaluate("localStorage.getItem(':solara:theme.variant')") is None
    page.emulate_media(color_scheme="light")
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(200)
    assert page.locator(".v-application.theme--light").count() == 1
    context.close()
