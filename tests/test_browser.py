"""The page in a real browser: what is asked is drawn, nothing leaves the machine or breaks."""

from __future__ import annotations

import csv
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import CHROMIUM, Server, Watched, answers, chromium, moved, opened, pixels, serving

if CHROMIUM is None:  # said once, in one line, by the Makefile: how to get it
    if os.environ.get("UPTAKE_NO_BROWSER") != "1":
        raise RuntimeError("no Chromium: make browser, or UPTAKE_NO_BROWSER=1 to go without")
    pytest.skip("no Chromium, and none is wanted", allow_module_level=True)

BLUE, ORANGE = (0, 114, 178), (213, 94, 0)
FILE = "id,name,kind,region,income_million_gbp\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("served")) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page of its own, of which at the end nothing was asked outside, and which was content."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 1000}, permissions=["clipboard-read", "clipboard-write"]
    )
    watched = Watched(context.new_page())
    yield watched.page
    context.close()
    assert (watched.outside, watched.complaints) == ([], [])


def headline(page: Any) -> str:
    return str(page.inner_text("#headline"))


def joined(text: str) -> tuple[int, int, int]:
    """Return ends of the interval and median of a headline."""
    found = re.search(r"(\d+) to (\d+) of 200 trusts join in 9 runs of 10, (\d+) in the", text)
    assert found, text
    low, high, median = map(int, found.groups())
    return low, high, median


def month(page: Any) -> int:
    return int(page.inner_text("#month").split()[1])


def upload(page: Any, name: str, content: str | bytes) -> None:
    content = content.encode() if isinstance(content, str) else content
    payload = {"name": name, "mimeType": "text/csv", "buffer": content}
    page.set_input_files("input[type=file]", payload)


def test_the_question_as_it_was_is_drawn_in_colour(server: Server, page: Any) -> None:
    opened(page, server.url)
    assert headline(page).startswith("As it was: ")
    low, high, median = joined(headline(page))
    assert low <= median <= high
    chart = page.locator("figure.u-curve").first.screenshot()
    assert pixels(chart, BLUE) > 300
    assert pixels(chart, ORANGE) > 50  # what was observed
    assert page.locator("figure.u-curve").first.inner_text().count("observed: 17") == 1


def test_a_slider_moves_band_headline_address_and_command(server: Server, page: Any) -> None:
    """The one who moves the fee sees what the command line would say."""
    opened(page, server.url)
    before = joined(headline(page))
    band = page.locator("path[data-band=most]").first.get_attribute("d")
    assert moved(page, "upfront_fee_gbp", 0) is not None
    page.wait_for_function("location.search.includes('levers.upfront_fee_gbp=0')")
    assert page.locator("path[data-band=most]").first.get_attribute("d") != band
    after = joined(headline(page))
    assert after[2] > before[2]
    assert "fee on signing 0 GBP (was 35,000)" in headline(page)
    assert "more on average than as it was" in headline(page)
    assert page.locator("path.u-base").count() == 1
    page.get_by_role("button", name="copy as command").click()
    page.get_by_text("command copied").wait_for()
    said = page.evaluate("navigator.clipboard.readText()")
    assert said == "uptake run scenario=nhs_employers_2009 levers.upfront_fee_gbp=0"
    page.get_by_role("button", name="put back as it was: fee on signing").click()
    page.wait_for_function("!location.search.includes('levers')")
    page.wait_for_function(
        "document.getElementById('headline').textContent.startsWith('As it was')"
    )
    assert joined(headline(page)) == before


def test_the_page_says_what_the_command_line_says(
    server: Server, page: Any, tmp_path: Path
) -> None:
    """To the number: median and interval of the same question."""
    import json

    from experiments.cli import main

    opened(page, f"{server.url}?levers.upfront_fee_gbp=10000&levers.pressure=0.5")
    arguments = ["levers.upfront_fee_gbp=10000", "levers.pressure=0.5", f"out={tmp_path / 'o'}"]
    assert main(["run", *arguments]) == 0
    summary = json.loads((tmp_path / "o" / "summary.json").read_text())["outcomes"]["joined"]
    page.get_by_text("1,000 runs;").wait_for()
    told = [f"{summary[q]:,.0f}" for q in ("q05", "q95", "median")]
    assert [str(n) for n in joined(headline(page))] == told


def test_a_typed_number_a_switch_and_an_event_are_asked_too(server: Server, page: Any) -> None:
    opened(page, server.url)
    field = page.get_by_label("fee on signing, typed")
    field.fill("150000")
    field.press("Enter")
    page.wait_for_function("location.search.includes('levers.upfront_fee_gbp=150000')")
    field.fill("-5")
    field.press("Enter")
    time.sleep(0.3)
    assert "upfront_fee_gbp=150000" in page.url
    page.get_by_role("switch", name="department objects by letter").uncheck()
    page.wait_for_function("location.search.includes('without=letter')")
    page.wait_for_function(
        "document.getElementById('headline').textContent.includes('without letter')"
    )


def test_an_address_restores_levers_events_horizon_structure_and_tab(
    server: Server, page: Any
) -> None:
    search = (
        "?scenario=nhs_employers_2009&structure=regional_peers&levers.upfront_fee_gbp=12000"
        "&without=letter&months=9&seed=4&tab=whatif"
    )
    opened(page, server.url + search)
    assert page.get_by_label("fee on signing", exact=True).input_value() == "12000"
    assert page.get_by_label("Structure of the model").input_value() == "regional_peers"
    assert not page.get_by_role("switch", name="department objects by letter").is_checked()
    assert "by month 9" in headline(page)
    assert page.evaluate("location.search") == search
    page.get_by_role("button", name="Watch one run").click()
    page.wait_for_selector("#month")
    page.wait_for_function("location.search.endsWith('tab=watch')")
    page.reload()
    page.wait_for_selector("#month")
    assert page.inner_text("#month") == "Month 0 of 9"


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


def test_a_run_is_watched_month_by_month(server: Server, page: Any) -> None:
    """Step, play to the end, reset; the counts are those of the trusts drawn."""
    opened(page, f"{server.url}?tab=watch")
    assert month(page) == 0
    assert page.locator(".u-trust").count() == 200
    assert page.locator(".u-trust[data-stage=idle]").count() == 200
    page.get_by_role("button", name="Step").click()
    page.wait_for_function("document.getElementById('month').textContent.startsWith('Month 1 ')")
    page.get_by_role("button", name="play").click()
    page.wait_for_function("document.getElementById('month').textContent.startsWith('Month 5 ')")
    counted = {
        line.split()[0]: int(line.split()[1])
        for line in page.locator(".u-legend li").all_inner_texts()
    }
    assert sum(counted.values()) == 200
    for stage, count in counted.items():
        assert page.locator(f".u-trust[data-stage={stage}]").count() == count, stage
    assert counted["idle"] < 200
    drawn = page.locator(".u-scroll svg").screenshot()
    assert pixels(drawn, (230, 159, 0)) > 20  # considering
    page.get_by_role("button", name="Reset").click()
    page.wait_for_function("document.getElementById('month').textContent.startsWith('Month 0 ')")
    assert page.locator(".u-trust[data-stage=idle]").count() == 200


def test_the_run_that_is_watched_is_the_run_of_the_engine(server: Server, page: Any) -> None:
    """Joined at the end of run 0, as the compiled scheduler has it."""
    from experiments.composition import question
    from sim.scenario import assemble
    from sim.sweep import run_chunk

    opened(page, f"{server.url}?tab=watch")
    page.get_by_role("button", name="play").click()
    page.wait_for_function("document.getElementById('month').textContent.startsWith('Month 5 ')")
    case = assemble(question("run", []).configuration())
    run = run_chunk(case.episode, case.design, case.config.seed, 0, 1).outcomes[0]
    members = sum(
        page.locator(f".u-trust[data-stage={stage}]").count()
        for stage in ("joined", "migrating", "live")
    )
    assert members == run.joined - run.left
    assert page.locator(".u-trust[data-stage=declined]").count() == run.declined


def test_a_trust_says_why_it_declined(server: Server, page: Any) -> None:
    opened(page, f"{server.url}?tab=watch")
    page.get_by_role("button", name="play").click()
    page.wait_for_function("document.getElementById('month').textContent.startsWith('Month 5 ')")
    trust = page.locator(".u-trust[data-stage=declined]").first
    trust.focus()
    trust.press("Enter")
    page.get_by_text("It declined in month").wait_for()
    assert "fee on signing, less grant" in page.inner_text("body")
    assert "against 35,000 GBP" in page.inner_text("body")
    page.locator(".u-trust[data-stage=idle]").first.click()
    page.get_by_text("It has not decided yet: it is idle").wait_for()


@pytest.mark.parametrize("tab", ["whatif", "watch"])
def test_every_episode_can_be_chosen(server: Server, page: Any, tab: str) -> None:
    opened(page, f"{server.url}?tab={tab}")
    chooser = page.get_by_label("Episode")
    names = chooser.evaluate("(box) => [...box.options].map((option) => option.value)")
    assert len(names) == 7
    for name in names:
        chooser.select_option(name)
        page.wait_for_function(f"location.search.includes('scenario={name}')")
        page.wait_for_selector("path[data-band]", state="attached")


def test_uploads_are_used_or_refused_with_the_lines_of_the_command(
    server: Server, page: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from experiments.cli import main

    opened(page, server.url)
    bad = FILE + "A,Alpha,acute,North,abc\nB,Beta,acute,North,-5\n"
    upload(page, "mine.csv", bad)
    alert = page.locator(".u-problem")
    alert.wait_for()
    shown = alert.inner_text()
    (tmp_path / "mine.csv").write_text(bad)
    path = f"population.path={tmp_path / 'mine.csv'}"
    assert main(["run", "population=file", path, f"out={tmp_path / 'o'}"]) == 2
    told = capsys.readouterr().err.removeprefix("uptake: ").replace(str(tmp_path) + "/", "")
    assert shown.split("\n") == told.strip().split("\n")
    upload(page, "many.csv", FILE + "".join(f"{i},T{i},acute,N,9\n" for i in range(20_001)))
    page.get_by_text("many.csv: 20,001 rows; allowed are 20,000").wait_for()
    upload(page, "large.csv", b"x" * 5_000_001)
    page.get_by_text("large.csv: 5,000,001 bytes; allowed are 5,000,000").wait_for()
    assert headline(page).startswith("As it was: ")


def test_names_of_own_trusts_are_text(server: Server, page: Any) -> None:
    """Shown as they are written, never run; the command says that the file is one's own."""
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    hostile = "<img src=x onerror=alert(1)> {{ 1 + 1 }} ${x}"
    rows = "".join(f"{i},T{i},acute,North,{200 + i}\n" for i in range(30))
    opened(page, server.url)
    upload(page, "mine.csv", FILE + f"Z,{hostile},acute,<b>North</b>,900\n" + rows)
    page.get_by_text("of 31 trusts").wait_for()
    assert "population.path=YOUR_FILE.csv" in page.locator(".u-share input").nth(1).input_value()
    page.get_by_role("button", name="Watch one run").click()
    page.wait_for_selector(".u-trust")
    page.get_by_role("button", name=f"trust {hostile}, idle").click()
    page.get_by_role("heading", name=hostile).wait_for()
    assert page.locator("img[src=x]").count() == 0
    page.get_by_role("button", name="What if").click()
    page.get_by_role("button", name="back to the trusts of the episode").click()
    page.get_by_text("of 200 trusts").wait_for()


def test_questions_are_kept_side_by_side_and_structures_shown(server: Server, page: Any) -> None:
    opened(page, server.url)
    page.get_by_label("name of this question").fill("<i>as it was</i>")
    page.get_by_label("name of this question").press("Enter")
    page.get_by_role("button", name="keep it beside others").click()
    page.get_by_role("heading", name="<i>as it was</i>").wait_for()
    moved(page, "upfront_fee_gbp", 0)
    page.get_by_role("button", name="keep it beside others").click()
    page.get_by_role("heading", name="question 2").wait_for()
    page.get_by_role("button", name="open").first.click()
    page.wait_for_function("!location.search.includes('levers')")
    page.get_by_role("button", name="let go").first.click()
    page.wait_for_function("!document.body.innerText.includes('as it was</i>')")
    page.get_by_role("button", name="every structure of the model").click()
    page.wait_for_function("document.querySelectorAll('figure.u-curve').length >= 8")
    assert "regional peers" in page.inner_text("body")


def test_what_is_shown_can_be_taken_away(server: Server, page: Any, tmp_path: Path) -> None:
    """CSV with a row a run, a figure, and the report of ``uptake run``."""
    opened(page, f"{server.url}?levers.upfront_fee_gbp=10000")
    page.get_by_text("1,000 runs;").wait_for()
    found = {}
    for label in ("CSV of all runs", "figure", "report"):
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
        found[label] = tmp_path / download.value.suggested_filename
        download.value.save_as(found[label])
    with found["CSV of all runs"].open() as lines:
        rows = list(csv.DictReader(lines))
    counts = sorted(int(row["joined"]) for row in rows)
    assert len(rows) == 1000
    assert joined(headline(page))[2] == pytest.approx((counts[499] + counts[500]) / 2, abs=0.51)
    assert found["figure"].read_bytes().startswith(b"\x89PNG")
    report = found["report"].read_text()
    assert "upfront_fee_gbp = 10000" in report


def test_two_tabs_do_not_share_state(server: Server, browser: Any) -> None:
    first, second = browser.new_page(), browser.new_page()
    opened(first, server.url)
    opened(second, server.url)
    before = headline(second)
    moved(first, "upfront_fee_gbp", 0)
    assert headline(first) != before
    moved(second, "pressure", 0.9) if second.locator("#u-pressure").is_visible() else None
    assert "fee on signing" not in headline(second)
    first.close()
    second.close()


def test_controls_can_be_reached_and_are_named(server: Server, page: Any) -> None:
    """By keyboard alone: to the slider, and the answer moves; every control has a name."""
    opened(page, server.url)
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
    for called in ("play", "controls", "light or dark"):
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


def test_the_server_answers_this_machine_only(server: Server) -> None:
    """Not another name of it, nor what another site has the browser send."""
    assert answers(server.url) == 200
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(urllib.request.Request(server.url, headers=headers), timeout=30)


def test_the_server_survives_nonsense_and_crowds(server: Server, browser: Any) -> None:
    """Malformed messages, tabs closed in mid-run, twenty sessions open at once."""
    from websockets.sync.client import connect

    where = server.url.replace("http://", "ws://") + "jupyter/api/kernels/0/channels?session_id=x"
    nonsense: list[str | bytes] = [
        "", "{}", "[]", "nonsense", b"\x00\xff" * 50, '{"header": 3}',
        '{"header": {"msg_type": "comm_msg", "msg_id": "1"}, "content": {}, "channel": "shell"}',
    ]  # fmt: skip
    for message in nonsense:
        with connect(where, open_timeout=30) as socket:
            socket.send(message)
            time.sleep(0.05)
    sessions = []
    for i in range(20):
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{server.url}?tab={'watch' if i % 4 == 0 else 'whatif'}")
        sessions.append((context, page))
    for i, (context, page) in enumerate(sessions):
        page.wait_for_selector("path[data-band]", state="attached", timeout=120_000)
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
            "(levers) => document.querySelector('.u-levers').__vue__.hold("
            "{ levers: eval('(' + levers + ')'), number: 1 })", levers
        )  # fmt: skip
    moved(page, "upfront_fee_gbp", 0)
    assert "fee on signing 0 GBP" in headline(page)
    assert headline(page) != before
