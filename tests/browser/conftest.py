"""One server and one browser for all tests of the page, and a page of its own for each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from browsing import CHROMIUM, Server, Watched, chromium, serving


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve the page."""
    with serving(tmp_path_factory.mktemp("served")) as served:
        yield served


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """Start Chromium."""
    if CHROMIUM is None and os.environ.get("UPTAKE_NO_BROWSER") == "1":
        pytest.skip("no Chromium, and none is wanted")
    assert CHROMIUM is not None, "no Chromium: make browser, or UPTAKE_NO_BROWSER=1 to go without"
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """Give a page of its own, which in the end asked nothing of others and had no complaint."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 1000}, permissions=["clipboard-read", "clipboard-write"]
    )
    watched = Watched(context.new_page())
    yield watched.page
    context.close()
    assert (watched.outside, watched.complaints) == ([], [])
