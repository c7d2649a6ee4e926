"""A user's own configuration files: what is wrong is named, with its line, and stops no other."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from conftest import ROOT
from drawing import refused, said

SCHEME = (ROOT / "configs" / "scenario" / "nhs_employers_2009.yaml").read_text()
SCHEME = SCHEME.replace("name: nhs_employers_2009", "name: mine")
ASK = ("run", "--config-dir", "mine", "scenario=mine", "--cfg")


def own(folder: Path, content: str | bytes, name: str = "scenario/mine.yaml") -> Path:
    """Write a file of the user's, and return it."""
    file = folder / "mine" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def changed(old: str, new: str) -> str:
    """Return the scheme with one thing changed."""
    text = re.sub(old, lambda _: new, SCHEME, count=1, flags=re.MULTILINE)
    assert text != SCHEME
    return text


def line(text: str, start: str) -> int:
    """Return the number of the last line that begins so."""
    lines = text.splitlines()
    return max(i for i, one in enumerate(lines, 1) if one.strip().startswith(start))


# What is changed in a good file, the line that is then wrong, and what is said of it.
WRONG = {
    "a decimal comma": (
        r"bundle_share: \{value: 0.01", "bundle_share: {value: 0,01",
        "bundle_share: {value: 0,01", ["levers.bundle_share.value=0,01: ", "a point (0.03)"],
    ),
    "a decimal comma on its own line": (
        r"^  misfit: \{value: 1,.*$",
        "  misfit:\n    value: 0,5\n    unit: x\n    source: y",
        "value: 0,5", ["scenario.levers.misfit.value=0,5: a number is needed, with a point: 0.5"],
    ),
    "a bare number": (
        r"misfit: \{value: 1,.*$", "misfit: 1",
        "misfit:", ["levers.misfit=1: this number needs {value: ..., unit: ..., source: ...}"],
    ),
    "no unit": (
        r"misfit: \{value: 1,.*$", "misfit: {value: 1, source: x}",
        "misfit:", ["scenario.levers.misfit.unit: a value is needed"],
    ),
    "a word": (
        r"misfit: \{value: 1,", "misfit: {value: abc,",
        "misfit:", ["scenario.levers.misfit.value=abc: a number is needed"],
    ),
    "a misspelt lever": (
        r"misfit:", "misfitt:",
        "misfitt:", ["scenario.levers.misfitt: no such lever (did you mean misfit?)"],
    ),
    "a lever out of its range": (
        r"misfit: \{value: 1,", "misfit: {value: 5,",
        "misfit:", ["scenario.levers.misfit.value=5.0: allowed is 0 to 1"],
    ),
    "a misspelt lever in an event": (
        r"endorsement:", "endorsment:",
        "endorsment:", ["timeline.letter.set.endorsment: no such lever (did you mean endorsement?"],
    ),
    "a misspelt key of an event": (
        r"month: 2$", "mont: 2",
        "mont:", ["mont: no such key (did you mean month?)"],
    ),
    "a misspelt key of a provider": (
        r"quality: \{", "qualty: {",
        "qualty:", ["scenario.providers.nhs_employers.qualty: no such key", "quality?"],
    ),
    "a month in words": (
        r"month: 2$", "month: two",
        "month: two", ["month=two: a whole number is needed"],
    ),
    "an event beyond the horizon": (
        r"month: 2$", "month: 7",
        "month: 7", ["scenario.timeline.letter.month=7: allowed is 0 to 5", "months=N"],
    ),
    "an observation beyond the horizon": (
        r"unit: trusts, month: 5", "unit: trusts, month: 8",
        "joined:", ["scenario.observed.joined.month=8: allowed is 1 to 5"],
    ),
    "an observation without a curve at its month": (
        r"  provider_loss_gbp: \{value: 3.4e6, unit: GBP, month: 5",
        "  grants_gbp: {value: 3.4e6, unit: GBP, month: 4",
        "grants_gbp:", ["grants_gbp.month=4: ", "known at the last month, 5, only"],
    ),
    "an outcome that is none": (
        r"^  interested:", "  intrested:",
        "intrested:", ["scenario.observed.intrested: no such outcome (did you mean interested?)"],
    ),
    "a name that is another's": (
        r"name: mine", "name: nhs_employers_2009",
        "name: nhs_employers_2009", ["scenario.name=nhs_employers_2009: ", "its file, mine"],
    ),
    "a key twice": (
        r"\Z", "start: x\n",
        "start: x", ["start: stands in line 8 already"],
    ),
    "a list for keys": (
        r"^providers:\n(  .*\n)+", "providers: [1]\n",
        "providers:", ["providers=[1]: keys with values are needed"],
    ),
    "keys for a list": (
        r"^timeline:\n(  .*\n)+", "timeline: {a: 1}\n",
        "timeline:", ["timeline={'a': 1}: a list is needed"],
    ),
    "nothing for levers": (
        r"^levers:\n(  .*\n)+", "levers:\n",
        "levers:", ["scenario.levers: a value is needed"],
    ),
    "an octal number": (
        r"misfit: \{value: 1,", "misfit: {value: 01,",
        "misfit:", ["levers.misfit.value=01: write a plain decimal number"],
    ),
    "a tab": (r"\Z", "\tx: 3\n", "x: 3", ["a tab; indent with spaces"]),
    "an open bracket": (r"^title: ", "title: [", "start:", ["not YAML: "]),
    "two documents": (r"\Z", "---\na: 1\n", "---", ["not YAML: ", "another document"]),
    "no text": (r"\Z", "!!float nothing: 1\n", "!!float", ["tags are not read"]),
    "what is to be a number": (r"\Z", "x: !!float nothing\n", "x:", ["tags are not read"]),
    "code": (r"\Z", "x: !!python/object/apply:os.mkdir [y]\n", "x:", ["tags are not read"]),
    "an interpolation": (r"\Z", "x: ${y}${y}\n", "x:", ["x=${y}${y}: ${...} is not read"]),
    "a merge": (r"\Z", "<<: {a: 1}\n", "<<:", ["<<: no name of a key"]),
    "a number for a key": (r"\Z", "5: 1\n", "5:", ["5: no name of a key"]),
    "400 digits": (
        r"misfit: \{value: 1,", "misfit: {value: " + "1" * 400 + ",",
        "misfit:", ["levers.misfit.value=111", "...", "at most 18 digits"],
    ),
    "a title without end": (
        r'^title: ".*"', "title: " + "x" * 100_000,
        "title: xx", ["scenario.title=xxx", "at most 2,000 characters are read"],
    ),
    "a key without end": (r"\Z", "? " + "k" * 5000 + "\n: 1\n", "? k", ["at most 100 characters"]),
    "an escape": (r'title: "NHS', r'title: "\e[31mNHS', 'title: "\\', ["control characters"]),
    "an escape in a key": (r"\Z", '"a\\e[31mb": 3\n', '"a', ["that can be seen"]),
    "defaults that are no list": (
        r"^defaults:\n(  .*\n)+", "defaults: 5\n",
        "defaults:", ["defaults: a list is needed"],
    ),
    "defaults outside": (r"nhs_england_2010", "../../x", "- /sector", ["files of the configura"]),
    "defaults from the root": (r"- _self_", "- //etc/hydra", "- //etc", ["files of the configura"]),
    "defaults that are not there": (
        r"nhs_england_2010", "nhs_england_2011",
        "- /sector", ["sector/nhs_england_2011: no such file (did you mean nhs_england_201"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_in_a_file_is_told_with_its_line(what: str, tmp_path: Path) -> None:
    """One line: the file, the line, the key and what is needed; ``--cfg`` refuses as a run does."""
    old, new, start, told = WRONG[what]
    text = changed(old, new)
    own(tmp_path, text)
    err = refused(tmp_path, *ASK)
    assert err.startswith(f"uptake: mine/scenario/mine.yaml, line {line(text, start)}: ")
    for part in told:
        assert part in err
    assert err.rstrip("\n").isprintable()
    assert len(err) < 1200


BOMB = "a: &a [x,x]\n" + "".join(
    f"b{i}: &b{i} [*{'ab'[i > 0]}{i - 1 if i else ''}]\n" for i in range(9)
)
UNREADABLE: dict[str, tuple[str | bytes, str]] = {
    "UTF-16": (SCHEME.encode("utf-16"), "mine.yaml: UTF-16, not UTF-8"),
    "Latin-1": (SCHEME.encode() + b"x: caf\xe9\n", "line 97: not UTF-8"),
    "a NUL": (SCHEME.encode() + b"x: \0\n", "line 97: control characters"),
    "an escape": (SCHEME.encode() + b"x: \x1b[31m\n", "line 97: control characters"),
    "an alias": ("a: &a [1]\nb: *a\n", "line 1: anchors and aliases"),
    "an alias bomb": (BOMB, "line 1: anchors and aliases"),
    "brackets": ("x: " + "[" * 5000, "line 1: at most 20 levels"),
    "keys within keys": ("x: " + "{a: " * 5000, "line 1: at most 20 levels"),
    "many values": ("x: [" + "1," * 60_000 + "]", "line 1: at most 20,000 keys and values"),
    "many bytes": ("#" * 3_000_000, "mine.yaml: at most 200,000 bytes"),
    "a number": ("3", "line 1: keys with values are needed"),
    "a list": ("[1, 2]", "line 1: keys with values are needed"),
    "nothing": ("", "mine.yaml: scenario."),
    "half a header": ("# @package\n" + SCHEME, "mine.yaml: Expected header"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_file_that_is_no_configuration_is_named(what: str, tmp_path: Path) -> None:
    """Other encodings, bombs and files without end: one line, at once."""
    content, told = UNREADABLE[what]
    own(tmp_path, content)
    err = refused(tmp_path, *ASK)
    assert "mine/scenario/mine.yaml" in err
    assert told in err


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """Return a folder with a good scheme, and all kinds of broken ones beside it."""
    folder = own(tmp_path, SCHEME).parent
    own(tmp_path, "x: [\n", "scenario/broken.yaml")
    own(tmp_path, b"\0\5\x16\7\xff", "scenario/._mine.yaml")
    own(tmp_path, SCHEME, "scenario/nhs_wales.yaml")
    os.mkfifo(folder / "pipe.yaml")
    (tmp_path / "secret.yaml").write_text(SCHEME)
    for name, to in (("zero", "/dev/zero"), ("out", "../../secret.yaml"), ("loop", "loop.yaml")):
        (folder / f"{name}.yaml").symlink_to(to)
    (folder / "gone.yaml").symlink_to("nowhere")
    (folder / "dir.yaml").mkdir()
    return tmp_path


def test_a_broken_file_stops_only_runs_that_need_it(beside: Path) -> None:
    """A scheme beside them runs; each of them is named when it is asked for."""
    code, out, err = said(beside, *ASK)
    assert (code, err) == (0, "")
    assert "name: mine" in out
    for name, told in (
        ("broken", "line 2: not YAML"),
        ("pipe", "not a regular file"),
        ("zero", "a link that leads out"),
        ("out", "a link that leads out"),
        ("loop", "circle"),
        ("gone", "No such file"),
        ("dir", ""),
        ("nhs_wales", "in the package already"),
    ):
        err = refused(beside, "run", "--config-dir", "mine", f"scenario={name}")
        assert f"mine/scenario/{name}.yaml" in err
        assert told in err
    assert "allowed is one of" in refused(beside, "run", "--config-dir", "mine", "scenario=._mine")


def test_a_study_of_all_episodes_needs_every_file(tmp_path: Path) -> None:
    """The broken one is named."""
    own(tmp_path, "x: [\n", "scenario/a.yaml")
    assert "mine/scenario/a.yaml, line 2: " in refused(
        tmp_path, "episodes", "--config-dir", "mine", "parameters=prior"
    )


def test_the_page_titles_what_it_can_read(beside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheme that cannot be read goes by its name; a device is not read."""
    from uptake.app.answering import Catalogue
    from uptake.cli.arguments import question

    monkeypatch.chdir(beside)
    titles = Catalogue(question("watch", ["--config-dir", "mine"])).titles
    assert titles["mine"] == "NHS Employers membership, 2009-10"
    assert (titles["broken"], titles["zero"], titles["pipe"]) == ("broken", "zero", "pipe")


def test_defaults_that_lead_back_or_multiply_are_refused_at_once(tmp_path: Path) -> None:
    """A file that names itself, two that name one another, and a tree of two to the 26 files."""
    ask = ("run", "--config-dir", "mine", "--cfg")
    own(tmp_path, "defaults: [self]\n", "structure/self.yaml")
    assert "structure/self -> structure/self" in refused(tmp_path, *ask, "structure=self")
    own(tmp_path, "defaults: [two]\n", "structure/one.yaml")
    own(tmp_path, "defaults: [one]\n", "structure/two.yaml")
    assert "one -> structure/two -> structure/one" in refused(tmp_path, *ask, "structure=one")
    for i in range(26):
        own(tmp_path, f"defaults: [a{i + 1}@x, a{i + 1}@y]\n", f"structure/a{i}.yaml")
    own(tmp_path, "name: x\n", "structure/a26.yaml")
    began = time.monotonic()
    assert "at most 100 files" in refused(tmp_path, *ask, "structure=a0")
    assert time.monotonic() - began < 60


def test_a_file_that_builds_on_another_keeps_to_its_form(tmp_path: Path) -> None:
    """Keys for a list, or a list for keys, cannot be merged: told as in a file of its own."""
    for key, value, told in (
        ("timeline", "{a: 1}", "scenario.timeline={'a': 1}: a list is needed"),
        ("levers", "[1]", "scenario.levers=[1]: keys with values are needed"),
        ("levers", "5", "scenario.levers=5: keys with values are needed"),
    ):
        own(tmp_path, f"defaults: [nhs_wales, _self_]\nname: mine\n{key}: {value}\n")
        assert f"mine/scenario/mine.yaml, line 3: {told}" in refused(tmp_path, *ASK)


def test_a_sector_and_a_structure_of_ones_own_are_told_by_their_files(tmp_path: Path) -> None:
    """Not by the scheme that uses them; what is typed is told as it was typed."""
    sector = (ROOT / "configs" / "sector" / "nhs_england_2010.yaml").read_text()
    own(tmp_path, sector.replace("budget_share: {value: 0.0005", "budget_share: {value: 7"),
        "sector/s.yaml")  # fmt: skip
    own(tmp_path, SCHEME.replace("nhs_england_2010", "s"))
    err = refused(tmp_path, *ASK)
    assert f"mine/sector/s.yaml, line {line(sector, 'budget_share')}: scenario.sector" in err
    own(tmp_path, "defaults: [default, _self_]\nname: mine\npeers: town\n", "structure/mine.yaml")
    err = refused(tmp_path, "run", "--config-dir", "mine", "structure=mine")
    assert "mine/structure/mine.yaml, line 3: structure.peers=town: " in err
    own(tmp_path, SCHEME)
    assert "uptake: scenario.levers.misfit.value=3: " in refused(
        tmp_path, *ASK, "scenario.levers.misfit.value=3"
    )


def test_what_a_shorter_run_leaves_out_is_told(tmp_path: Path) -> None:
    """In the terminal, the summary and the report; a horizon as it was has nothing to tell."""
    code, out, _ = said(tmp_path, "run", "runs=3", "months=3", "out=short", "levers.review_month=6")
    assert code == 0
    told = " ".join(out.split())
    for what in (
        "Beyond month 3, so not in this run: the event tender (month 5), the event broken_promise",
        "joined observed in month 5", "provider_loss_gbp observed in month 5", "review_month = 6",
    ):  # fmt: skip
        assert what in told
    assert "the event tender (month 5)" in (tmp_path / "short" / "report.html").read_text()
    assert "the event tender (month 5)" in (tmp_path / "short" / "summary.json").read_text()
    seen = "scenario.observed.grants_gbp={value: 1, unit: GBP, month: 5, source: x}"
    longer = ("run", "runs=3", "months=9", "out=long", "levers.review_month=0", f"+{seen}")
    _, out, _ = said(tmp_path, *longer)
    told = " ".join(out.split())
    assert "Known at the last month, 9, only, so not compared: grants_gbp" in told
    assert "Beyond" not in told
    _, out, _ = said(tmp_path, "run", "runs=3", "out=usual")
    assert "Beyond" not in out
    assert "so not compared" not in out
