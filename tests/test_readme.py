"""Every line that the README asks a reader to type: in bash and zsh, and what it promises."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from contextlib import chdir
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import PATIENCE, ROOT
from uptake.cli.arguments import question
from uptake.config.axes import axes_of
from uptake.config.case import Case, assemble
from uptake.config.sweep import Quiet, prepared
from uptake.engine.compiled import run_chunk

README = (ROOT / "README.md").read_text()
PAGES = {
    path.name: path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
}
COMMANDS = ("make", "uptake", "python", "python3")
ACTIVATE = ". .venv/bin/activate"
RUNS = 300


def blocks(text: str) -> list[str]:
    """Return what stands in the blocks of a page that are to be typed."""
    return re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def cells(text: str) -> list[str]:
    """Return the commands that stand in cells of tables."""
    return re.findall(rf"\| `((?:{'|'.join(COMMANDS)}) [^`]*)` \|", text)


def lines(text: str) -> list[str]:
    """Return all lines that are to be typed, in their order; a continued one is one line."""
    found = []
    for block in [*blocks(text), "\n".join(cells(text))]:
        found += [line for line in block.replace("\\\n", " ").splitlines() if line.strip()]
    return found


def runs() -> list[str]:
    """Return the lines with which the README asks for runs, but not for a sweep."""
    return [line for line in lines(README) if line.startswith("uptake run") and " -m " not in line]


def stub(path: Path) -> None:
    """Write a command that notes what it is called with, and does nothing."""
    path.write_text('#!/bin/sh\n{ printf "%s\\t" "${0##*/}" "$@"; echo; } >> "$NOTED"\n')
    path.chmod(0o755)


@pytest.mark.parametrize("shell", [["bash", "--norc", "--noprofile"], ["zsh", "-f"]], ids=str)
def test_every_line_can_be_pasted(shell: list[str], tmp_path: Path) -> None:
    """Into a shell that is open: what arrives is what is written, and ``uptake`` is found."""
    if shutil.which(shell[0]) is None:
        pytest.skip(f"there is no {shell[0]} here")
    virtual, on_path, noted = tmp_path / ".venv" / "bin", tmp_path / "bin", tmp_path / "noted"
    for folder in (virtual, on_path):
        folder.mkdir(parents=True)
    (virtual / "activate").write_text(f'PATH="{virtual}:$PATH"\n')
    for name in ("uptake", "python"):
        stub(virtual / name)
    for name in ("make", "python3"):
        stub(on_path / name)
    typed = lines(README)
    assert len(typed) > 20
    assert ACTIVATE in typed
    done = subprocess.run(
        [*shell, "-i", "-s"], input="\n".join([*typed, "exit", ""]), cwd=tmp_path,
        env={"PATH": f"{on_path}:/usr/bin:/bin", "HOME": str(tmp_path), "NOTED": str(noted)},
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    expected = [shlex.split(line) for line in typed if line != ACTIVATE]
    arrived = [line.split("\t")[:-1] for line in noted.read_text().splitlines()]
    assert arrived == expected, done.stderr


@pytest.mark.parametrize("page", PAGES)
def test_no_line_to_be_typed_has_a_comment(page: str) -> None:
    """A shell that is open may take it for words of the command; a script may have them."""
    for block in blocks(PAGES[page]):
        assert block.startswith("#!") or not re.search(r"(^|\s)#", block), block


@pytest.mark.parametrize("page", PAGES)
def test_no_package_is_named_that_is_not_published(page: str) -> None:
    """What is installed is installed from the checkout."""
    assert "install 'uptake-sim" not in PAGES[page]
    assert "uptake-sim[" not in PAGES[page]


def asked(line: str, folder: Path) -> Case:
    """Return the case that a line asks for."""
    command, name, *arguments = shlex.split(line)
    assert (command, name) == ("uptake", "run")
    with chdir(folder):
        return assemble(question("run", arguments).configuration())


def mean_and_error(case: Case, other: Case, outcome: str) -> tuple[float, float]:
    """Return the mean of an outcome less that of another case, in pairs, and its error."""
    one, two = (
        run_chunk(of.episode, of.design, 1, 0, RUNS).outcomes[outcome].astype(float)
        for of in (case, other)
    )
    return float((one - two).mean()), float((one - two).std(ddof=1) / np.sqrt(RUNS))


# What a question of the README promises: which outcome moves which way, against the scheme as it
# was; None where it promises no direction.
PROMISES: dict[str, tuple[str, int] | None] = {
    "it had cost less?": ("joined", +1),
    "it had been given two years and its contract, and had opened?": ("joined", +1),
    "the jobs website had stayed free?": ("joined", +1),
    "more had been asked, and nobody knew how many?": ("approached", +1),
    "another scheme had had a year to plan?": ("disrupted_months", -1),
    "the discount were for those who align only?": ("provider_loss_gbp", -1),
    "nothing had been learnt from the episodes?": ("joined", -1),
    "trusts looked at their region, not the nation?": None,
    "a refusal had no memory?": ("joined", +1),
    "the model had another structure? All, side by side": None,
    "trusts cared more about control?": ("joined", -1),
}


def questions() -> dict[str, str]:
    """Return the lines of the README's questions, by the question."""
    table = README[README.index("| what if ... |") :].split("\n\n")[0]
    return dict(re.findall(r"^\| (.*?) \| `(.*?)` \|$", table, flags=re.MULTILINE))


def test_every_question_of_the_readme_has_its_promise() -> None:
    assert questions().keys() == PROMISES.keys()


@pytest.mark.parametrize("promised", [name for name, promise in PROMISES.items() if promise])
def test_what_a_question_promises_comes_out(promised: str, tmp_path: Path) -> None:
    """In the mean over pairs of runs, by more than three standard errors.

    Another structure is asked on the prior, and so is the scheme that it is compared with.
    """
    outcome, sign = PROMISES[promised] or ("", 0)
    line = questions()[promised]
    same = ("scenario=", "parameters=prior") if "structure=" in line else ("scenario=",)
    kept = [word for word in shlex.split(line) if word.startswith(same)]
    as_it_was = asked(" ".join(["uptake", "run", *kept]), tmp_path)
    mean, error = mean_and_error(asked(line, tmp_path), as_it_was, outcome)
    assert sign * mean > 3 * error, (mean, error)


def test_more_were_asked_and_nobody_knew_how_many(tmp_path: Path) -> None:
    """The number differs from run to run, a quarter around 400."""
    case = asked(questions()["more had been asked, and nobody knew how many?"], tmp_path)
    number = run_chunk(case.episode, case.design, 1, 0, RUNS).outcomes.approached
    assert (number.min() >= 300, number.max() <= 500, len(set(number)) > 50) == (True,) * 3


@pytest.mark.parametrize("line", runs())
def test_every_line_asks_for_something_that_runs(line: str, tmp_path: Path) -> None:
    """One's own trusts and one's own scheme are made as the README says."""
    columns = re.findall(r"^\| `(\w+)` \| .* \|$", README, flags=re.MULTILINE)
    header = [name for name in columns if name in ("id", "name", "kind", "region")]
    rows = "\n".join(f"{i},,acute,,{100 + i}" for i in range(30))
    (tmp_path / "trusts.csv").write_text(f"{','.join(header)},income_million_gbp\n{rows}\n")
    mine = tmp_path / "my_configs" / "scenario" / "my_scheme.yaml"
    mine.parent.mkdir(parents=True)
    scheme = yaml.safe_load((ROOT / "configs" / "scenario" / "nhs_employers_2009.yaml").read_text())
    mine.write_text(yaml.safe_dump(scheme | {"name": "my_scheme"}))
    case = asked(line, tmp_path)
    assert len(run_chunk(case.episode, case.design, 1, 0, 5).outcomes) == 5


def test_every_sweep_of_the_readme_can_be_composed() -> None:
    """What takes minutes is not run here: sweeps and calibration are tested elsewhere."""
    swept = [line for line in lines(README) if line.startswith("uptake run -m")]
    assert len(swept) == 3
    for line in swept:
        sought = question("run", shlex.split(line)[2:])
        assert sought.is_sweep
        assert prepared(sought, axes_of(sought), Quiet()).plan.points > 20
