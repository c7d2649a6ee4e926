"""The page in a real browser: one run is watched, trust by trust."""

from __future__ import annotations

from typing import Any

import pytest
import uptake as up
from browsing import FILE, THEIRS, Server, drawn, month, opened, upload, watched
from uptake.analysis.reasons import reasons
from uptake.report.text import reasons as words


def test_a_run_is_watched_month_by_month(server: Server, page: Any) -> None:
    """Step, play to the end, reset; the counts are those of the trusts drawn."""
    opened(page, f"{server.url}?tab=watch")
    assert month(page) == 0
    trusts = len(up.scenario("nhs_employers_2009").model(run=0).trusts)
    assert page.locator(".u-trust").count() == trusts
    assert page.locator(".u-trust[data-stage=idle]").count() == trusts
    page.get_by_role("button", name="Step").click()
    watched(page, 1)
    page.get_by_role("button", name="play").click()
    watched(page, 5)
    counted = {
        line.split()[0]: int(line.split()[1])
        for line in page.locator(".u-legend li").all_inner_texts()
    }
    assert sum(counted.values()) == trusts
    for stage, count in counted.items():
        assert page.locator(f".u-trust[data-stage={stage}]").count() == count, stage
    assert counted["idle"] < trusts
    assert drawn(page.locator(".u-scroll svg"), (230, 159, 0), 20)  # considering
    page.get_by_role("button", name="Reset").click()
    watched(page, 0)
    idle = "document.querySelectorAll('.u-trust[data-stage=idle]').length"
    page.wait_for_function(f"{idle} === {trusts}")


def test_the_run_that_is_watched_is_the_run_of_the_engine(server: Server, page: Any) -> None:
    """Joined at the end of run 0, as the compiled scheduler has it."""
    from uptake.cli.arguments import question
    from uptake.config.case import assemble
    from uptake.engine.compiled import run_chunk

    opened(page, f"{server.url}?tab=watch")
    page.get_by_role("button", name="play").click()
    watched(page, 5)
    case = assemble(question("run", []).configuration())
    run = run_chunk(case.episode, case.design, case.config.seed, 0, 1).outcomes[0]
    members = sum(
        page.locator(f".u-trust[data-stage={stage}]").count() for stage in ("signed", "served")
    )
    assert members == run.joined - run.left
    assert page.locator(".u-trust[data-stage=declined]").count() == run.declined


def test_a_trust_says_why_it_decided(server: Server, page: Any) -> None:
    """One that looked and let it be, and one that has not looked, as the model of that run has."""
    model = up.scenario("nhs_employers_2009").model(run=0)
    while model.running:
        model.step()
    decided, made = next((trust, trust.decision) for trust in model.trusts if trust.decision)
    waiting = next(trust for trust in model.trusts if not trust.record.looked)
    opened(page, f"{server.url}?tab=watch")
    page.get_by_role("button", name="play").click()
    watched(page, 5)
    trust = page.locator(f".u-trust[data-row='{decided.row}']")
    trust.focus()
    trust.press("Enter")
    for sentence in words.why(reasons(made)):
        page.get_by_text(sentence).wait_for()
    assert "fee on signing, less grant" in page.inner_text("body")
    assert "against 35,000 GBP" in page.inner_text("body")
    page.locator(f".u-trust[data-row='{waiting.row}']").click()
    page.get_by_text("It has not looked at the scheme yet").wait_for()


@pytest.mark.parametrize("tab", ["whatif", "watch"])
def test_every_episode_can_be_chosen(server: Server, page: Any, tab: str) -> None:
    opened(page, f"{server.url}?tab={tab}")
    chooser = page.get_by_label("Episode")
    names = chooser.evaluate("(box) => [...box.options].map((option) => option.value)")
    assert set(names) == set(up.scenarios().column("name"))
    for name in names[::4]:
        title = chooser.locator(f"option[value={name}]").inner_text()
        chooser.select_option(name)
        page.wait_for_function(f"location.search.includes('scenario={name}')")
        page.wait_for_function(
            "(title) => [...document.querySelectorAll('h2.u-title, p.u-quiet')]"
            ".some((one) => one.textContent.startsWith(title))",
            arg=title,
        )


def test_names_of_own_trusts_are_text(server: Server, page: Any) -> None:
    """Shown as they are written, never run; the command names the file."""
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    hostile = "<img src=x onerror=alert(1)> {{ 1 + 1 }} ${x}"
    rows = "".join(f"{i},T{i},acute,North,{200 + i}\n" for i in range(30))
    opened(page, server.url)
    upload(page, "mine.csv", FILE + f"Z,{hostile},acute,<b>North</b>,900\n" + rows)
    page.get_by_text("of 31 trusts").wait_for()
    assert "population.path=mine.csv" in page.locator(".u-share input").nth(1).input_value()
    page.get_by_role("button", name="Watch one run").click()
    page.wait_for_selector(".u-trust")
    page.get_by_role("button", name=f"trust {hostile}, idle").click()
    page.get_by_role("heading", name=hostile).wait_for()
    assert page.locator("img[src=x]").count() == 0
    page.get_by_role("button", name="What if").click()
    page.get_by_role("button", name="back to the trusts of the episode").click()
    page.get_by_text(THEIRS).first.wait_for()
