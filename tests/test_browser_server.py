"""The page's server: nothing leaves the machine, nobody is obeyed, nothing breaks it."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from typing import Any

import pytest
from browsing import Server, answers, headline, moved, opened
from conftest import PATIENCE


def test_two_tabs_do_not_share_state(server: Server, browser: Any) -> None:
    first, second = browser.new_page(), browser.new_page()
    opened(first, server.url)
    opened(second, server.url)
    before = headline(second)
    moved(first, "upfront_fee_gbp", 0)
    assert headline(first) != before
    assert moved(second, "term_years", 9) is not None
    assert "term that a trust signs for" in headline(second)
    assert "fee on signing" not in headline(second)
    assert "term that a trust signs for" not in headline(first)
    first.close()
    second.close()


def test_the_server_answers_this_machine_only(server: Server) -> None:
    """Not another name of it, nor what another site has the browser send."""
    with urllib.request.urlopen(server.url, timeout=PATIENCE) as response:
        assert response.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(
                urllib.request.Request(server.url, headers=headers), timeout=PATIENCE
            )


def test_the_server_survives_nonsense_and_crowds(server: Server, browser: Any) -> None:
    """Malformed messages, tabs closed in mid-run, twenty sessions open at once."""
    from websockets.sync.client import connect

    where = server.url.replace("http://", "ws://") + "jupyter/api/kernels/0/channels?session_id=x"
    nonsense: list[str | bytes] = [
        "", "{}", "[]", "nonsense", b"\x00\xff" * 50, '{"header": 3}',
        '{"header": {"msg_type": "comm_msg", "msg_id": "1"}, "content": {}, "channel": "shell"}',
    ]  # fmt: skip
    for message in nonsense:
        with connect(where, open_timeout=PATIENCE) as socket:
            socket.send(message)
            time.sleep(0.05)
    sessions = []
    for i in range(20):
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{server.url}?tab={'watch' if i % 4 == 0 else 'whatif'}")
        sessions.append((context, page))
    for i, (context, page) in enumerate(sessions):
        page.wait_for_selector("path[data-band]", state="attached")
        if i % 4 == 0:
            page.get_by_role("button", name="play").click()
            context.close()
    context, page = sessions[1]
    assert moved(page, "upfront_fee_gbp", 1000) is not None
    for context, _ in sessions:
        context.close()
    assert server.process.poll() is None
    assert answers(server.url) == 200


def test_words_sent_in_place_of_numbers_change_nothing(server: Server, page: Any) -> None:
    """What the browser sends is checked like an address: the question stays as it is."""
    opened(page, server.url)
    before = headline(page)
    for levers in ("{pressure: 'x'}", "{nothing: 1}", "{pressure: 1e99}", "{}", "[1]", "null"):
        page.evaluate(
            "(levers) => void document.querySelector('.u-levers').__vue__.hold("
            "{ levers: eval('(' + levers + ')'), number: 1 })", levers
        )  # fmt: skip
    moved(page, "upfront_fee_gbp", 0)
    assert "fee on signing 0 GBP" in headline(page)
    assert headline(page) != before


@pytest.mark.parametrize(
    ("search", "told"),
    [
        ("?scenario=nowhere", "scenario=nowhere: allowed is one of"),
        ("?levers.upfront_fee_gbp=abc", "levers.upfront_fee_gbp=abc: a number is needed"),
        ("?levers.upfront_fee_gbp=-1", "allowed is 0 to"),
        ("?levers.upfront_fe_gbp=1", "did you mean upfront_fee_gbp?"),
        ("?levers.news_weight=1", "it acts in one month"),
        ("?scenario=<img src=x onerror=alert(1)>", "allowed is one of"),
        ("?structure=../../etc/passwd", "allowed is one of"),
        ("?levers.pressure=${oc.env:HOME}", "a number is needed"),
        ("?without=<script>window.hacked=1</script>", "allowed is one of"),
        ("?hydra.run.dir=/tmp/x", "allowed is one of"),
        ("?seed=1&seed=2", "stands twice"),
        ("?months=1e9", "allowed is 1 to 1200"),
        ("?" + "levers.pressure=1&" * 800, "characters"),
    ],
)
def test_a_bad_address_is_told_and_never_obeyed(
    server: Server, page: Any, search: str, told: str
) -> None:
    """One line says why, and the usual question is shown."""
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    opened(page, server.url + search)
    alert = page.locator(".v-alert")
    assert told in alert.inner_text()
    assert "This address cannot be opened" in alert.inner_text()
    assert headline(page).startswith("As it was: ")
    assert page.evaluate("window.hacked") is None
