"""The page in a real browser: whose trusts are asked, which folder, which tab was before."""

from __future__ import annotations

import io
import shlex
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from browsing import (
    FILE,
    THEIRS,
    Server,
    headline,
    moved,
    opened,
    serving,
    upload,
    wait_for_headline,
)
from conftest import ROOT
from councils import payroll

AGAIN = "choose it again (What if, Own trusts)"


def trusts(count: int) -> str:
    return FILE + "".join(f"{i},T{i},acute,North,{200 + i % 50}\n" for i in range(count))


def test_the_file_in_use_is_named_always(server: Server, page: Any) -> None:
    """Also beside a refusal, which changes nothing; and in the command, as it was chosen."""
    opened(page, server.url)
    assert page.inner_text("#trusts") == "Asked of the trusts of the episode."
    upload(page, "trusts_b.csv", FILE + "A,Alpha,acute,North,abc\n")
    page.get_by_text(
        "trusts_b.csv was refused; still asked of the trusts of the episode"
    ).wait_for()
    upload(page, "trusts (a).csv", trusts(212))
    page.get_by_text("Asked of trusts (a).csv, 212 trusts.").wait_for()
    page.get_by_text("of 212 trusts").wait_for()
    for name, content in (("trusts_b.csv", FILE), ("old.xls", b"x"), ("odd.\u202e<b>", b"\x00")):
        upload(page, name, content)
        page.get_by_text("was refused; still asked of trusts (a).csv, 212 trusts").wait_for()
        page.get_by_text(name.replace("\u202e", "") + " was refused").wait_for()
        assert page.inner_text("#trusts") == "Asked of trusts (a).csv, 212 trusts."
        if name == "old.xls":
            assert ".csv, .parquet, .xlsx" in page.inner_text(".u-problem")
    command = page.locator(".u-share input").nth(1).input_value()
    assert shlex.split(command)[-2:] == ["population=file", "population.path=trusts (a).csv"]
    assert page.locator(".u-share input").first.input_value().endswith("&own=1&tab=whatif")


@pytest.mark.parametrize("suffix", ["xlsx", "parquet"])
def test_excel_and_parquet_are_read_as_the_command_reads_them(
    server: Server, page: Any, suffix: str
) -> None:
    table, written = pd.read_csv(io.StringIO(trusts(31))), io.BytesIO()
    if suffix == "xlsx":
        table.to_excel(written, index=False)
    else:
        table.to_parquet(written)
    opened(page, server.url)
    assert f".{suffix}" in page.locator("input[type=file]").get_attribute("accept")
    upload(page, f"mine.{suffix.upper()}", written.getvalue())
    page.get_by_text(f"Asked of mine.{suffix.upper()}, 31 trusts.").wait_for()
    page.get_by_text("of 31 trusts").wait_for()


def test_after_a_reload_the_file_has_to_be_chosen_again(server: Server, page: Any) -> None:
    """No address carries it: the page says so, on both tabs, until it is chosen or given up."""
    opened(page, server.url)
    upload(page, "mine.csv", trusts(30))
    page.get_by_text("of 30 trusts").wait_for()
    page.reload()
    page.get_by_text(THEIRS).first.wait_for()
    assert page.inner_text("#trusts").startswith("Asked of the trusts of the episode.")
    assert AGAIN in page.inner_text("#trusts")
    moved(page, "upfront_fee_gbp", 0)
    page.get_by_role("button", name="Watch one run").click()
    page.wait_for_selector(".u-trust")
    assert AGAIN in page.inner_text("#trusts")
    page.get_by_role("button", name="What if").click()
    upload(page, "mine.csv", trusts(30))
    page.get_by_text("Asked of mine.csv, 30 trusts.").wait_for()
    page.get_by_role("button", name="back to the trusts of the episode").click()
    page.wait_for_function("!location.search.includes('own=1')")
    assert page.inner_text("#trusts") == "Asked of the trusts of the episode."


def test_back_returns_to_the_tab_before_and_its_question(server: Server, page: Any) -> None:
    """Forward too; own trusts are still there, and moves of a slider are no entries."""
    page.goto("about:blank")
    opened(page, server.url)
    upload(page, "mine.csv", trusts(30))
    page.get_by_text("of 30 trusts").wait_for()
    for fee in (20_000, 10_000, 0):
        moved(page, "upfront_fee_gbp", fee)
    wait_for_headline(page, "fee on signing 0 GBP")  # not only a closer answer to the move before
    page.get_by_role("button", name="Watch one run").click()
    page.wait_for_selector(".u-trust")
    page.get_by_label("Structure of the model").select_option("regional_peers")
    page.wait_for_function("location.search.includes('regional_peers')")
    page.get_by_role("button", name="What if").click()
    page.wait_for_selector("#headline")
    for _ in range(2):
        page.go_back()
        page.wait_for_selector("#month")
        assert "structure=regional_peers" in page.url
        page.go_back()
        page.wait_for_selector("#headline")
        page.get_by_text("of 30 trusts").wait_for()
        assert "fee on signing 0 GBP" in headline(page)
        assert page.get_by_label("Structure of the model").input_value() == "default"
        assert page.inner_text("#trusts") == "Asked of mine.csv, 30 trusts."
        page.go_forward()
        page.wait_for_selector("#month")
        page.go_forward()
        page.wait_for_selector("#headline")
    for _ in range(3):
        page.go_back()
    page.wait_for_function("location.href === 'about:blank'")


def test_a_long_title_and_a_folder_of_ones_own(
    tmp_path: Path, browser: Any, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    """The command finds the folder as it was typed; a title of 1,900 letters pushes nothing."""
    from uptake.cli.main import main

    folder = tmp_path / "my configs" / "scenario"
    folder.mkdir(parents=True)
    text = (ROOT / "configs" / "scenario" / "nhs_employers_2009.yaml").read_text()
    text = text.replace("name: nhs_employers_2009", "name: mine", 1)
    text = text.replace('"NHS Employers membership, 2009-10"', f'"{"long" * 475}"', 1)
    (folder / "mine.yaml").write_text(text)
    with serving(tmp_path, "--config-dir", "my configs", "scenario=mine") as own:
        page = browser.new_page(viewport={"width": 390, "height": 844})
        opened(page, own.url)
        wide = "document.querySelector('.u-page').scrollWidth"
        assert page.evaluate(wide) <= 390
        assert "long" * 80 not in page.inner_text("body")
        said = page.locator(".u-share input").nth(1).input_value()
        page.close()
    assert said == "uptake run --config-dir 'my configs' scenario=mine"
    monkeypatch.chdir(tmp_path)
    assert main([*shlex.split(said)[1:], "runs=10", "out=o"]) == 0, capsys.readouterr().err


def test_councils_are_not_called_trusts(tmp_path: Path, browser: Any) -> None:
    """On either tab, levers included, with own ones and without.

    The chooser of episodes is left out: other schemes have titles of their own.
    """
    payroll(tmp_path / "mine").save(tmp_path / "mine")
    texts = """() => [...document.querySelectorAll('.u-page, .u-page *')]
      .filter((one) => !one.closest('.u-share, #c-episode'))
      .flatMap((one) => [one.getAttribute('aria-label') || '', one.getAttribute('title') || '',
        ...[...one.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent)])
      .filter((text) => /trust/i.test(text))"""
    kinds = "acute,North,200\n"
    mine = FILE + "".join(f"{i},Council {i},{kinds}" for i in range(30))
    with serving(tmp_path, "--config-dir", "mine", "scenario=payroll") as own:
        page = browser.new_page()
        opened(page, own.url)
        assert "of 40 councils approached" in headline(page)
        assert page.inner_text("#trusts") == "Asked of the councils of the episode."
        moved(page, "upfront_fee_gbp", 0)
        page.get_by_text("What else differs from the scheme as it was").wait_for()
        assert "cost to the public: councils and centre" in page.inner_text("body")
        assert page.evaluate(texts) == []
        upload(page, "mine.csv", mine)
        page.get_by_text("Asked of mine.csv, 30 councils.").wait_for()
        page.get_by_role("button", name="back to the councils of the episode").wait_for()
        assert page.evaluate(texts) == []
        page.get_by_role("button", name="Watch one run").click()
        page.get_by_text("Choose one of the councils").wait_for()
        page.locator(".u-trust").first.click()
        page.get_by_role("heading", name="What it is").wait_for()
        assert page.evaluate(texts) == []
        page.reload()
        page.get_by_text("This was asked of own councils").wait_for()
        page.close()
