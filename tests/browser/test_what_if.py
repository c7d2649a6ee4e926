"""The page in a real browser: what is asked is drawn, said, kept and taken away."""

from __future__ import annotations

import csv
import json
import re
import shlex
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from browsing import FILE, Server, drawn, headline, joined, moved, opened, serving, upload
from conftest import ROOT
from uptake.report.text.numbers import average

BLUE, ORANGE = (0, 114, 178), (213, 94, 0)


def test_the_question_as_it_was_is_drawn_in_colour(server: Server, page: Any) -> None:
    opened(page, server.url)
    assert headline(page).startswith("As it was: ")
    low, high, mean = map(float, joined(headline(page)))
    assert low <= mean <= high
    chart = page.locator("figure.u-curve").first
    assert drawn(chart, BLUE, 300)
    assert drawn(chart, ORANGE, 50)  # what was observed
    assert page.locator("figure.u-curve").first.inner_text().count("observed: 17") == 1


def test_a_slider_moves_band_headline_address_and_command(server: Server, page: Any) -> None:
    """The one who moves the fee sees what the command line would say."""
    opened(page, server.url)
    before = joined(headline(page))
    band = page.locator("path[data-band=most]").first.get_attribute("d")
    assert moved(page, "upfront_fee_gbp", 0) is not None
    page.wait_for_function("location.search.includes('levers.upfront_fee_gbp=0')")
    page.wait_for_function(
        "(d) => document.querySelector('path[data-band=most]').getAttribute('d') !== d", arg=band
    )
    page.wait_for_function(
        "document.getElementById('headline').textContent.includes('fee on signing 0 GBP')"
    )
    after = joined(headline(page))
    assert float(after[2]) > float(before[2])
    assert "fee on signing 0 GBP (was 35,000)" in headline(page)
    assert f"The scheme as it was has {before[2]} on average: " in headline(page)
    assert "more now" in headline(page)
    assert "What else differs from the scheme as it was, on average: " in page.inner_text("body")
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
    """To the number: mean and interval of the same question."""
    from uptake.cli.main import main

    opened(page, f"{server.url}?levers.upfront_fee_gbp=10000&levers.pressure=0.5")
    arguments = ["levers.upfront_fee_gbp=10000", "levers.pressure=0.5", f"out={tmp_path / 'o'}"]
    assert main(["run", *arguments]) == 0
    summary = json.loads((tmp_path / "o" / "summary.json").read_text())["outcomes"]["joined"]
    page.get_by_text("1,000 runs;").wait_for()
    told = [f"{summary[q]:,.0f}" for q in ("q05", "q95")]
    assert joined(headline(page)) == (*told, average("joined", summary["mean"]))


def test_the_launch_and_a_row_of_the_timeline_are_asked_by_themselves(
    server: Server, page: Any, tmp_path: Path
) -> None:
    """Each has a slider; what they come to is what the command that is shown comes to."""
    from uptake.cli.main import main

    opened(page, server.url)
    page.locator(".u-course", has_text="0, then -0.5 from month 2").wait_for()
    moved(page, "timeline.letter.endorsement", 1)
    moved(page, "timeline.launch.endorsement", 0.5)
    for asked in ("timeline.letter.endorsement=1&", "timeline.launch.endorsement=0.5&"):
        page.wait_for_function("(asked) => location.search.includes(asked)", arg=asked)
    page.get_by_text("centre 0.5 at the launch (was 0)").first.wait_for()
    page.get_by_text("1,000 runs;").wait_for()
    command = page.locator(".u-share input").nth(1).input_value()
    assert main([*shlex.split(command)[1:], f"out={tmp_path / 'o'}"]) == 0
    summary = json.loads((tmp_path / "o" / "summary.json").read_text())["outcomes"]["joined"]
    told = [f"{summary[q]:,.0f}" for q in ("q05", "q95")]
    assert joined(headline(page)) == (*told, average("joined", summary["mean"]))
    moved(page, "endorsement", -1)
    page.wait_for_function("!location.search.includes('timeline')")
    assert page.locator("#u-timeline\\.letter\\.endorsement").is_disabled()
    page.get_by_role("button", name="put back as it was: standing of the scheme").first.click()
    page.wait_for_function("!location.search.includes('endorsement')")
    assert page.locator("#u-timeline\\.letter\\.endorsement").is_enabled()


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
        "document.getElementById('headline').textContent.includes('without the event letter')"
    )


def test_an_address_restores_levers_events_horizon_structure_and_tab(
    server: Server, page: Any
) -> None:
    search = (
        "?scenario=nhs_employers_2009&structure=regional_peers&parameters=prior"
        "&levers.upfront_fee_gbp=12000&without=letter&months=4&seed=4&tab=whatif"
    )
    opened(page, server.url + search)
    assert page.get_by_label("fee on signing", exact=True).input_value() == "12000"
    assert page.get_by_label("Structure of the model").input_value() == "regional_peers"
    assert page.get_by_label("Behaviour").input_value() == "prior"
    assert not page.get_by_role("switch", name="department objects by letter").is_checked()
    assert "approached over 4 months" in headline(page)
    assert "Beyond month 4, so not in this run: the event tender (month 5)" in page.inner_text(
        "body"
    )
    assert page.evaluate("location.search") == search
    page.get_by_role("button", name="Watch one run").click()
    page.wait_for_selector("#month")
    page.wait_for_function("location.search.endsWith('tab=watch')")
    page.reload()
    page.wait_for_selector("#month")
    assert page.inner_text("#month") == "Month 0 of 4"


def test_uploads_are_used_or_refused_with_the_lines_of_the_command(
    server: Server, page: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from uptake.cli.main import main

    opened(page, server.url)
    bad = FILE + "A,Alpha,acute,North,abc\nB,Beta,acute,North,-5\n"
    upload(page, "mine.csv", bad)
    alert = page.locator(".u-problem")
    alert.wait_for()
    first, *shown = alert.inner_text().split("\n")
    assert first == "mine.csv was refused; still asked of the trusts of the episode"
    (tmp_path / "mine.csv").write_text(bad)
    path = f"population.path={tmp_path / 'mine.csv'}"
    assert main(["run", "population=file", path, f"out={tmp_path / 'o'}"]) == 2
    told = capsys.readouterr().err.removeprefix("uptake: ").replace(str(tmp_path) + "/", "")
    assert shown == told.strip().split("\n")
    upload(page, "many.csv", FILE + "".join(f"{i},T{i},acute,N,9\n" for i in range(20_001)))
    page.get_by_text("many.csv: 20,001 rows; allowed are 20,000").wait_for()
    upload(page, "large.csv", b"x" * 5_000_001)
    page.get_by_text("large.csv: 5,000,001 bytes; allowed are 5,000,000").wait_for()
    assert headline(page).startswith("As it was: ")


def test_questions_are_kept_side_by_side_and_structures_shown(server: Server, page: Any) -> None:
    opened(page, server.url)
    page.get_by_label("name of this question").fill("<i>as it was</i>")
    page.get_by_label("name of this question").press("Enter")
    page.get_by_role("button", name="keep it beside others").click()
    page.get_by_role("heading", name="<i>as it was</i>").wait_for()
    moved(page, "upfront_fee_gbp", 0)
    page.get_by_role("button", name="keep it beside others").click()
    page.get_by_role("heading", name="question 2").wait_for()
    page.get_by_role("button", name="open", exact=True).first.click()
    page.wait_for_function("!location.search.includes('levers')")
    page.get_by_role("button", name="let go").first.click()
    page.wait_for_function("!document.body.innerText.includes('as it was</i>')")
    page.get_by_role("button", name="every structure of the model").click()
    page.wait_for_function("document.querySelectorAll('figure.u-curve').length >= 8")
    assert "regional peers" in page.inner_text("body")


def test_a_structure_under_which_nothing_was_inferred_is_asked_on_the_prior(
    tmp_path: Path, browser: Any
) -> None:
    """Its option says so, then the behaviour, the answer and the command; draws are refused."""
    text = (ROOT / "configs" / "structure" / "regional_peers.yaml").read_text()
    (tmp_path / "my" / "structure").mkdir(parents=True)
    named = text.replace("name: regional_peers", "name: mine")
    (tmp_path / "my" / "structure" / "mine.yaml").write_text(named)
    told = "nothing was inferred under the structure mine; ask with parameters=prior"
    with serving(tmp_path, "--config-dir", "my") as own:
        context = browser.new_context()
        page = context.new_page()
        opened(page, f"{own.url}?structure=mine")
        assert told in page.locator(".v-alert").inner_text()
        opened(page, own.url)
        page.get_by_text("1,000 runs; as it happened").wait_for()
        chooser, behaviour = map(page.get_by_label, ("Structure of the model", "Behaviour"))
        said = chooser.locator("option[value=mine]").inner_text()
        assert said == "mine, before anything was learnt"
        assert chooser.locator("option[value=default]").inner_text() == "default"
        page.get_by_role("button", name="every structure of the model").click()
        page.get_by_text(
            re.compile("^Behaviour is drawn from the prior in all of these")
        ).wait_for()
        page.get_by_role("heading", name="mine", exact=True).wait_for()
        chooser.select_option("mine")
        page.wait_for_function("location.search.includes('structure=mine&parameters=prior')")
        page.get_by_text("1,000 runs; drawn from the prior").wait_for()
        assert behaviour.input_value() == "prior"
        command = page.locator(".u-share input").nth(1).input_value()
        assert command.endswith("structure=mine parameters=prior")
        behaviour.select_option("posterior")
        page.get_by_text(told).wait_for()
        assert behaviour.input_value() == "prior"
        assert "parameters=prior" in page.url
        context.close()


def test_what_is_shown_can_be_taken_away(server: Server, page: Any, tmp_path: Path) -> None:
    """CSV with a row a run, a figure, all that ``uptake run`` writes, while the page goes on."""
    opened(page, f"{server.url}?levers.upfront_fee_gbp=10000")
    page.get_by_text("1,000 runs;").wait_for()
    found = {}
    for label in ("CSV of all runs", "figure", "report and tables"):
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
            page.get_by_label("name of this question").fill(f"while {label} is written")
        found[label] = tmp_path / download.value.suggested_filename
        download.value.save_as(found[label])
    with found["CSV of all runs"].open() as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 1000
    mean = sum(int(row["joined"]) for row in rows) / 1000
    assert joined(headline(page))[2] == average("joined", mean)
    assert all("upfront_fee_gbp=10000" in path.name for path in found.values())
    assert found["figure"].read_bytes().startswith(b"\x89PNG")
    with zipfile.ZipFile(found["report and tables"]) as archive:
        assert "fee on signing 10,000 GBP (was 35,000)" in archive.read("report.html").decode()
        assert {"outcomes.parquet", "summary.json", "provenance.json"} <= set(archive.namelist())


def test_a_part_of_a_whole_is_refused_and_the_levers_go_on(server: Server, page: Any) -> None:
    """A month and a half: told in the field, or in a line, and the next lever moves."""
    opened(page, server.url)
    field = page.get_by_label("month after the launch in which the centre reviews", exact=False)
    typed = field.locator("xpath=self::input[@type='number']").first
    typed.fill("1.5")
    typed.press("Enter")
    assert typed.evaluate("(field) => field.validationMessage").startswith("a whole number, 0 to")
    page.evaluate(
        "void document.querySelector('.u-levers').__vue__"
        ".hold({ levers: { review_month: 1.5 }, number: 1 })"
    )
    page.get_by_text("levers.review_month=1.5: a whole number is needed").wait_for()
    assert moved(page, "upfront_fee_gbp", 1000) is not None
    page.wait_for_function("location.search.includes('upfront_fee_gbp=1000')")


def test_kept_questions_and_own_trusts_outlive_a_look_at_the_other_tab(
    server: Server, page: Any
) -> None:
    """Both are the session's; own trusts can be asked of another structure afterwards."""
    opened(page, server.url)
    rows = "".join(f"{i},T{i},acute,North,{200 + i}\n" for i in range(30))
    upload(page, "mine.csv", FILE + rows)
    page.get_by_text("of 30 trusts").wait_for()
    page.get_by_role("button", name="keep it beside others").click()
    page.get_by_role("heading", name="question 1").wait_for()
    page.get_by_role("button", name="Watch one run").click()
    page.wait_for_selector(".u-trust")
    page.get_by_label("Structure of the model").select_option("professional_peers")
    page.wait_for_function("location.search.includes('professional_peers')")
    page.get_by_role("button", name="What if").click()
    page.get_by_role("heading", name="question 1").wait_for()
    page.get_by_text("of 30 trusts approached").first.wait_for()
    page.get_by_role("button", name="every structure of the model").click()
    page.get_by_role("heading", name="regional peers").wait_for()


def test_a_choice_that_is_refused_is_not_shown(server: Server, page: Any) -> None:
    """A name that is none of those offered: the box goes back to what is asked."""
    opened(page, server.url)
    before = headline(page)
    chooser = page.get_by_label("Episode")
    chooser.evaluate(
        "(box) => { box.add(new Option('other', '../secret')); box.value = '../secret';"
        " box.dispatchEvent(new Event('change')); }"
    )
    page.wait_for_function("document.getElementById('c-episode').value === 'nhs_employers_2009'")
    assert moved(page, "upfront_fee_gbp", 1000) is not None
    assert headline(page) != before
    assert "scenario=nhs_employers_2009&" in page.evaluate("location.search")
