"""The page's server: nothing leaves the machine, nobody is obeyed, nothing breaks it."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest
from browsing import Server, answers, headline, moved, opened, serving, wait_for_headline
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


def answered(server: Server, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    """Return status and content of an answer to a path as it stands: no dots are taken out."""
    where = server.url.removeprefix("http://").rstrip("/")
    connection = http.client.HTTPConnection(where, timeout=PATIENCE)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers={"Host": where} | given)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def test_the_server_answers_this_machine_only(server: Server) -> None:
    """Not another name of it, nor what another site has the browser send."""
    with urllib.request.urlopen(server.url, timeout=PATIENCE) as response:
        assert response.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    for headers in (
        {"Host": "evil.example"}, {"Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
    ):  # fmt: skip
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(
                urllib.request.Request(server.url, headers=headers), timeout=PATIENCE
            )
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    with urllib.request.urlopen(
        urllib.request.Request(server.url, headers=link), timeout=PATIENCE
    ) as to:
        assert to.status == 200


@pytest.mark.parametrize(
    "name",
    ["X-Script-Name", "Script-Name", "X-Forwarded-Prefix", "X-Forwarded-Host", "X-Forwarded-Proto",
     "X-Forwarded-For", "Forwarded", "X-Original-Url", "Root-Path"],
)  # fmt: skip
def test_no_header_says_where_the_page_is(server: Server, name: str) -> None:
    """What such a header holds is in no page, neither its own nor that of a later reader."""
    plain = answered(server, "/")
    for evil in ("//127.0.0.1:9/evil", "https", "for=127.0.0.1:9;host=evil"):
        assert answered(server, "/", **{name: evil}) == plain
        assert answered(server, "/") == plain
    assert b'"/static/' in plain[1]


def test_the_first_header_says_nothing_either(tmp_path: Path) -> None:
    """Solara keeps what the first request says: assets of a later reader come from here."""
    with serving(tmp_path) as fresh:
        first = answered(fresh, "/", X_Script_Name="//127.0.0.1:9/evil")
        assert answered(fresh, "/") == first
    assert b"evil" not in first[1]


def test_only_files_of_the_page_are_served(server: Server) -> None:
    """Folders least of all: Solara deletes a folder of assets that is asked for."""
    from solara.server import settings

    folder = settings.assets.proxy_cache_dir
    kept = sorted(path for path in folder.rglob("*") if path.is_dir())
    assert kept
    gone = folder / "uptake_test_folder"
    gone.mkdir(exist_ok=True)
    for path in (f"/_solara/cdn/{gone.name}/", f"/_solara/cdn/{gone.name}/.", "/_solara/cdn/x/y"):
        assert answered(server, path)[0] == 404
    assert gone.is_dir()
    gone.rmdir()
    for path in (
        "/_solara/cdn/../../../etc/passwd", "/_solara/cdn//etc/passwd", "/static/../../x",
        "/static/%2e%2e/%2e%2e/x", "/resourcez?verbose", "/readyz", "/jupyter/api/kernels/1",
        "/nowhere", "/%00",
    ):  # fmt: skip
        assert answered(server, path)[0] == 404, path
    for method in ("PUT", "DELETE", "POST", "OPTIONS"):
        assert answered(server, "/", method)[0] == 404
    assert answered(server, "/_solara/api/close/1", "POST")[0] == 404


OPEN = (
    '{"header": {"msg_type": "comm_open", "msg_id": "1"}, "channel": "shell", "metadata": {}, '
    '"content": {"comm_id": "a", "target_name": "jupyter.widget", "data": {"state": {}}}}'
)
NONSENSE: list[str | bytes] = [
    "", "{}", "[]", "null", "1e999", "nonsense", b"\x00\xff" * 50, '{"header": 3}',
    b"\x7f\xff\xff\xff",  # that many parts, says Jupyter's header: 4.5 GB of memory, and a minute
    b"\x00\x00\x00\x01\x00\x00\x00\x08{}",
    "[" * 6_000_000, "[" * 9_000 + "]" * 9_000, "[" + "[]," * 2_000_000 + "0]", "9" * 6_000_000,
    '{"a":' * 100_000, '"' + "x" * 6_990_000 + '"',
    '{"header": {"msg_type": "comm_msg", "msg_id": "1"}, "content": {}, "channel": "shell"}',
    '{"header": {"msg_type": ["comm_msg"], "msg_id": "1"}, "content": {}, "channel": "shell"}',
    OPEN,  # any of the widgets that there are
    OPEN.replace("comm_open", "execute_request"), OPEN.replace("shell", "control"),
]  # fmt: skip


def test_the_server_survives_nonsense(server: Server) -> None:
    """Each is answered by closing, with little memory spent, and with no traceback in the log."""
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    where = server.url.replace("http://", "ws://") + "jupyter/api/kernels/{}/channels?session_id=x"
    process = psutil.Process(server.process.pid)
    before = process.memory_info().rss
    for number, message in enumerate([*NONSENSE, "x" * 7_100_000]):
        with connect(where.format(number), open_timeout=PATIENCE) as socket:
            socket.send(message)
            with pytest.raises(ConnectionClosed):
                socket.recv(timeout=PATIENCE)
    assert process.memory_info().rss - before < 100_000_000
    assert answers(server.url) == 200
    log = (Path(process.cwd()) / "watch.log").read_text()
    assert "Traceback" not in log


def test_a_connection_that_was_lost_comes_back(server: Server, browser: Any) -> None:
    """With the session: what the browser sends then is let in as well.

    What the page's framework complains of while its messages are cut off is not held against it.
    """
    context = browser.new_context()
    page = context.new_page()
    opened(page, server.url)
    moved(page, "upfront_fee_gbp", 0)
    assert page.evaluate("solara.debug.dropConnection()")
    # The socket closes in its own time: until it did, the connection counts as there.
    page.wait_for_function("solara.debug.reconnectCount > 0")
    assert moved(page, "term_years", 9) is not None
    wait_for_headline(page, "term that a trust signs for 9")
    assert "fee on signing 0 GBP" in headline(page)
    context.close()


def test_a_move_is_not_lost_with_the_connection(server: Server, browser: Any) -> None:
    """What was sent while the connection broke is asked again once it is there."""
    context = browser.new_context()
    page = context.new_page()
    opened(page, server.url)
    page.evaluate("""() => {
      solara.debug.dropConnection();
      const slider = document.getElementById('u-upfront_fee_gbp');
      slider.value = '0';
      slider.dispatchEvent(new Event('input'));
    }""")
    wait_for_headline(page, "fee on signing 0 GBP")
    assert moved(page, "term_years", 9) is not None
    wait_for_headline(page, "term that a trust signs for 9")
    context.close()


@pytest.mark.parametrize("crowd", [8, pytest.param(20, marks=pytest.mark.slow)])
def test_the_server_survives_crowds(server: Server, browser: Any, crowd: int) -> None:
    """Tabs closed in mid-run, many sessions open at once."""
    sessions = []
    for i in range(crowd):
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
    wait_for_headline(page, "fee on signing 0 GBP")
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
        ("?timeline.leter.endorsement=1", "did you mean letter?"),
        ("?timeline.letter.endorsement=1&levers.endorsement=1", "holds it throughout"),
        ("?own=/etc/passwd", "allowed is one of 1"),
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
