"""What a file says of bodies: by name, at the start, their gaps, and a file of them beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import uptake as up
from conftest import ROOT
from drawing import refused, said
from test_parity import same_in_mesa
from uptake.config.case import Case
from uptake.config.compose import Question
from uptake.engine.compiled import run_chunk
from uptake.engine.mesa import SharedServiceModel
from uptake.model._jit import Records
from uptake.model.entities import EXEMPT, NEVER, SERVED, SIGNED
from uptake.model.episode import JOINS, LEAVES, STAYS_OUT
from uptake.model.initialization import empty_state, initialise

SCHEME = (ROOT / "configs" / "scenario" / "nhs_employers_2009.yaml").read_text()
SCHEME = SCHEME.replace("name: nhs_employers_2009", "name: mine")
SCHEME = re.sub(
    r"(?m)^approached: .*$", "approached: {value: 200, unit: trusts, source: assumption}", SCHEME
)
BODIES = """
bodies:
  first: {title: "the first", kind: ambulance}
  second:
    title: "the second"
    kind: acute
    region: "North"
    income_gbp: {value: 3e8, unit: GBP a year, source: x}
pathfinder_regions: ["South", "North"]
"""
ROW = """timeline:
  - name: named
    month: MONTH
    date: "then"
    label: "bodies act"
    source: "x"
    bodies: {DEEDS}
"""
TRUSTS = """id,name,kind,region,income_million_gbp
a,the first,acute,x,300
second,Another,acute,y,200
c,Third,acute,y,100
"""


def scheme(more: str = "", deeds: str = "", month: int = 0) -> str:
    """Return a scheme with more in it, and a row of its timeline about bodies."""
    row = ROW.replace("DEEDS", deeds).replace("MONTH", str(month)) if deeds else "timeline:\n"
    assert SCHEME.count("timeline:\n") == 1
    return SCHEME.replace("timeline:\n", row) + more


def written(folder: Path, text: str, files: Iterable[tuple[str, str]] = ()) -> Path:
    """Write a scheme of the user's, and other files beside it; return the folder of it all."""
    own = folder / "mine" / "scenario"
    own.mkdir(parents=True, exist_ok=True)
    for name, content in [("mine.yaml", text), *files]:
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_text(content)
    return folder / "mine"


def case_of(folder: Path, *asked: str) -> Case:
    """Return the case of a scheme that was written."""
    return Question(["scenario=mine", "parameters=prior", *asked], folder).case()


def at_launch(case: Case) -> Records:
    """Return the trusts of a run at month 0."""
    state = empty_state(case.episode)
    return state.trusts[: initialise(state, case.episode, 1, 0)]


def test_named_bodies_are_the_first_rows_and_count_among_their_kind(tmp_path: Path) -> None:
    """As many of each kind as without them; what is given of them is known, the rest is drawn."""
    plain = case_of(written(tmp_path / "plain", scheme()))
    case = case_of(written(tmp_path, scheme(BODIES, "first: joins, second: stays_out", 3)))
    kinds, facts = case.people.kind_names, case.episode.facts
    assert [kinds[row] for row in facts.kind[:2]] == ["ambulance", "acute"]
    assert np.array_equal(np.bincount(facts.kind), np.bincount(plain.episode.facts.kind))
    assert list(facts.named[:3]) == [1, 1, 0]
    assert facts.named.sum() == 2
    assert facts.region[:2].tolist() == [NEVER, 1]
    assert np.isnan(facts.income_gbp[0])
    assert facts.income_gbp[1] == 3e8
    assert case.people.named == {"first": 0, "second": 1}
    assert case.episode.deeds.tolist() == [(3, 0, JOINS), (3, 1, STAYS_OUT)]
    assert at_launch(case)["region"][1] == 1
    names = up.scenario("mine", config_dir=tmp_path / "mine").run(1).trusts(0).column("trust")
    assert names[:2] == ["the first", "the second"]


def test_a_row_that_is_left_out_does_nothing_to_its_bodies(tmp_path: Path) -> None:
    """Its deeds go with it; a lever that is held leaves them there."""
    text = scheme(BODIES, "first: leaves", 4)
    set_too = text.replace(
        "{first: leaves}\n",
        "{first: leaves}\n    set: {pressure: {value: 1, unit: x, source: y}}\n",
    )
    for one in (text, set_too):
        folder = written(tmp_path, one)
        assert case_of(folder).episode.deeds.tolist() == [(4, 0, LEAVES)]
        assert case_of(folder, "levers.pressure=0").episode.deeds.tolist() == [(4, 0, LEAVES)]
        assert len(case_of(folder, "without=[named]").episode.deeds) == 0
        assert len(case_of(folder).overriding({}, ["named"]).episode.deeds) == 0


def test_the_department_that_was_let_off_is_always_exempt() -> None:
    """One of 27, the same in every run; without the strategy nobody is."""
    result = up.scenario("cabinet_office_2012").run(50)
    assert set(result["exempt"]) == {1}
    assert set(up.scenario("cabinet_office_2012").without("strategy").run(50)["exempt"]) == {0}


def test_members_at_the_start_are_as_the_file_says(tmp_path: Path) -> None:
    """By name before by chance; with a provider by its name, one of its number."""
    more = (
        BODIES
        + """
members_at_start:
  - {stage: signed, share: {value: 0.1, unit: share, source: x}}
  - {stage: aligned, bodies: [second], provider: nhs_employers}
"""
    )
    case = case_of(written(tmp_path, scheme(more)))
    trusts = at_launch(case)
    assert case.episode.starts.number.tolist() == [1, NEVER]
    assert np.sum(trusts["stage"] == SIGNED) == 20
    assert (trusts["stage"][1], trusts["aligned"][1]) == (SERVED, 1)
    told = up.scenario("mine", config_dir=tmp_path / "mine").facts
    assert "signed at the start: share" in told.column("fact")


def test_members_at_the_start_are_with_a_provider_by_its_name() -> None:
    """With any of them, where several have one name."""
    start = "[{stage: served, provider: NAME, number: {value: 9, unit: x, source: y}}]"
    first = 0
    for name, provider in up.scenario("nhs_sbs").case.config.scenario.providers.items():
        number = 1 if provider.number is None else int(provider.number.value)
        asked = f"scenario.members_at_start={start.replace('NAME', name)}"
        starts = Question(["scenario=nhs_sbs", asked]).case().episode.starts[0]
        assert starts["count"] == 9
        assert (starts["first_provider"], starts["last_provider"]) == (first, first + number)
        first += number


def test_gaps_lie_between_those_of_the_sector(tmp_path: Path) -> None:
    """Evenly; without bounds they are what they were, to the bit."""
    plain = case_of(written(tmp_path, scheme()))
    bounds = [
        f"scenario.sector.gap_{end}={{value: {v}, unit: x, source: y}}"
        for end, v in (("low", 0.2), ("high", 0.6))
    ]
    narrow = case_of(tmp_path / "mine", *bounds)
    drawn = at_launch(plain)["gap"]
    assert 0.0 < drawn.min() < 0.05 < 0.95 < drawn.max() < 1.0
    assert np.allclose(at_launch(narrow)["gap"], 0.2 + 0.4 * drawn)


def test_how_many_are_members_at_the_start_may_be_a_range(tmp_path: Path) -> None:
    """Drawn between its ends with each run, in both schedulers; as are the ends of gaps."""
    more = (
        BODIES
        + """
members_at_start:
  - {stage: served, share: {value: 0.2, low: 0.1, high: 0.4, unit: share, source: assumption}}
  - {stage: signed, bodies: [first]}
  - {stage: signed, number: {value: 5, low: 2, high: 9, unit: trusts, source: assumption}}
"""
    )
    gap = "scenario.sector.gap_high={value: 0.5, low: 0.4, high: 0.9, unit: x, source: y}"
    asked = (gap, "population.approached=40", "months=6")
    case = case_of(written(tmp_path, scheme(more)), *asked)
    design = case.design(0, 30)
    chunk = run_chunk(case.episode, lambda first, runs: design[first : first + runs], 1, 0, 30)
    served, joined = chunk.curves["served"][:, 0], chunk.curves["joined"][:, 0]
    assert 4 <= served.min() < 7 < 9 < served.max() <= 16
    assert 3 <= (joined - served).min() < 5 < 7 < (joined - served).max() <= 10
    same_in_mesa(case.episode, design[:3], chunk, 1)
    greatest = [
        SharedServiceModel(case.episode, one, 1, 0).state.trusts["gap"].max() for one in design
    ]
    assert 0.35 < min(greatest) < 0.5 < 0.6 < max(greatest) < 0.9
    fixed = case_of(tmp_path / "mine", *asked, "fix=assumptions")
    assert np.sum(at_launch(fixed)["stage"] == SERVED) == 8


START = "members_at_start: [{stage: served, WHAT}]"
NUMBER = "number: {value: 5, unit: x, source: y}"
# What is added to a good file, what bodies do in which month, and what is said of it.
WRONG: dict[str, tuple[str, str, int, list[str]]] = {
    "a body that is not named": (
        BODIES,
        "frist: joins",
        1,
        ["timeline.named.bodies=frist", "did you mean first?"],
    ),
    "a deed that there is not": (
        BODIES,
        "first: join",
        1,
        ["timeline.named.bodies.first=join", "did you mean joins?"],
    ),
    "leaving at the launch": (
        BODIES,
        "first: leaves",
        0,
        ["bodies.first=leaves: allowed from month 1 on"],
    ),
    "an unknown kind": (
        BODIES.replace("ambulance", "ambulence"),
        "",
        0,
        ["bodies.first.kind=ambulence", "ambulance"],
    ),
    "an unknown region": (
        BODIES.replace('region: "North"', "region: Nort"),
        "",
        0,
        ["bodies.second.region=Nort", "did you mean North?"],
    ),
    "an income that is none": (
        BODIES.replace("3e8", "3"),
        "",
        0,
        ["bodies.second.income_gbp.value=3", "allowed is 1000 to"],
    ),
    "no title": (
        "bodies: {first: {kind: acute}}",
        "",
        0,
        ["bodies.first.title: a value is needed"],
    ),
    "more than there are of a kind": (
        "bodies: {" + ", ".join(f"a{i}: {{title: x, kind: ambulance}}" for i in range(9)) + "}",
        "",
        0,
        ["scenario.bodies: more of the kind ambulance than are approached"],
    ),
    "neither number, share nor bodies": (
        START.replace(", WHAT", ""),
        "",
        0,
        ["members_at_start[0]: one of number"],
    ),
    "number and bodies": (
        BODIES + START.replace("WHAT", NUMBER + ", bodies: [first]"),
        "",
        0,
        ["members_at_start[0]: one of number"],
    ),
    "more than are approached": (
        START.replace("WHAT", NUMBER.replace("5", "201")),
        "",
        0,
        ["members_at_start[0].number=201", "1 to 200"],
    ),
    "half a trust": (
        START.replace("WHAT", NUMBER.replace("5", "2.5")),
        "",
        0,
        ["number.value=2.5", "whole number"],
    ),
    "a share above all": (
        START.replace("WHAT", "share: {value: 2, unit: x, source: y}"),
        "",
        0,
        ["share.value=2", "0 to 1"],
    ),
    "a stage that there is not": (
        START.replace("served", "left").replace("WHAT", NUMBER),
        "",
        0,
        ["members_at_start[0].stage=left", "signed, served"],
    ),
    "a provider that there is not": (
        START.replace("WHAT", NUMBER + ", provider: nhs_employer"),
        "",
        0,
        ["provider=nhs_employer", "did you mean nhs_employers?"],
    ),
    "members that are not named": (
        BODIES + START.replace("WHAT", "bodies: [third]"),
        "",
        0,
        ["members_at_start[0].bodies=third"],
    ),
    "a member twice": (
        BODIES + START.replace("WHAT", "bodies: [first, first]"),
        "",
        0,
        ["members_at_start[0].bodies=first: it is named twice"],
    ),
    "a member that stays out": (
        BODIES + START.replace("WHAT", "bodies: [first]"),
        "first: stays_out",
        0,
        ["bodies=first: it stays out from month 0"],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_said_of_bodies_is_refused(name: str, tmp_path: Path) -> None:
    """In one line: file and line, key, value, what is allowed."""
    more, deeds, month, told = WRONG[name]
    written(tmp_path, scheme(more, deeds, month))
    err = refused(tmp_path, "run", "--config-dir", "mine", "scenario=mine")
    for text in ("mine/scenario/mine.yaml, line ", *told):
        assert text in err


def test_more_than_that_is_refused_with_the_question(tmp_path: Path) -> None:
    """A provider that enters later, fewer approached than are named, gaps upside down."""
    folder = written(
        tmp_path, scheme(BODIES + START.replace("WHAT", NUMBER + ", provider: nhs_employers"))
    )
    ask = ("run", "--config-dir", folder.name, "scenario=mine")
    shares = "{value: 1, unit: x, source: y}"
    facts = f"title: x, enters_later: true, public_share: {shares}, quality: {shares}"
    later = f"scenario.providers.late={{{facts}}}"
    err = refused(
        tmp_path,
        *ask,
        later,
        "scenario.members_at_start=[{stage: signed, provider: late, " + NUMBER + "}]",
    )
    assert "members_at_start[0].provider=late: one that is open at the launch is needed" in err
    err = refused(tmp_path, *ask, "population.approached=1", "scenario.members_at_start=[]")
    assert "scenario.bodies: more of the kind ambulance than are approached: 0" in err
    spread = ("population.approached=200", "population.approached_spread=0.95")
    many = ", ".join(f"a{i}: {{title: x, kind: acute}}" for i in range(11))
    err = refused(
        tmp_path, *ask, *spread, f"scenario.bodies={{{many}}}", "scenario.members_at_start=[]"
    )
    assert "population.approached=10: the 13 named bodies are always approached" in err
    err = refused(tmp_path, *ask, "scenario.sector.gap_low={value: 0.5, unit: x, source: y}",
                  "scenario.sector.gap_high={value: 0.4, unit: x, source: y}")  # fmt: skip
    assert "scenario.sector.gap_low.value=0.5: allowed is up to gap_high, 0.4" in err


def test_bodies_are_looked_up_in_a_file(tmp_path: Path) -> None:
    """By id or name, of key or title; one that is missing, or there twice, is refused."""
    folder = written(tmp_path, scheme(BODIES, "first: stays_out"), [("../trusts.csv", TRUSTS)])
    case = case_of(folder, "population=file", f"population.path={folder / 'trusts.csv'}")
    trusts, facts = at_launch(case), case.episode.facts
    assert facts.named.tolist() == [1, 1, 0]
    assert case.people.named == {"first": facts.number[0], "second": facts.number[1]}
    assert (trusts["stage"] == EXEMPT).tolist() == [True, False, False]
    ask = (
        "run",
        "--config-dir",
        "mine",
        "scenario=mine",
        "population=file",
        "population.path=mine/trusts.csv",
    )
    for old, new, told in (
        ("Third", "the first", "bodies.first: 2 rows of population.path have this name"),
        ("second,Another", "first,the second", "bodies.second: no row of its own"),
    ):
        (folder / "trusts.csv").write_text(TRUSTS.replace(old, new))
        if "of its own" in told:
            (folder / "trusts.csv").write_text(
                "id,name,kind,region,income_million_gbp\nfirst,the second,acute,x,300\n"
            )
        assert told in refused(tmp_path, *ask)


def test_who_is_not_in_a_file_is_told_and_in_the_schemes_own_refused(tmp_path: Path) -> None:
    """Trusts of a user's own take the place of the scheme's; its own file has to have them all."""
    typed = TRUSTS.replace("the first", "the frist")
    folder = written(tmp_path, scheme(BODIES, "first: stays_out"), [("../trusts.csv", typed)])
    case = case_of(folder, "population=file", f"population.path={folder / 'trusts.csv'}")
    assert list(case.people.named) == ["second"]
    assert not len(case.episode.deeds)
    (told,) = [note for note in case.notes if "does nothing" in note]
    assert told == (
        "the first (first) is not among them (did you mean the frist?): what the scenario says "
        "of it does nothing."
    )
    own = scheme(BODIES + "\ntrusts: trusts.csv", "first: stays_out")
    written(tmp_path / "own", own, [("trusts.csv", typed)])
    err = refused(tmp_path / "own", "run", "--config-dir", "mine", "scenario=mine")
    assert "bodies.first: no row of population.path has this id or name" in err


# A file of its own


def test_a_scheme_brings_its_own_trusts(tmp_path: Path) -> None:
    """They are approached, in every command; a question that says population= has others."""
    folder = written(tmp_path, scheme("trusts: trusts.csv"), [("trusts.csv", TRUSTS)])
    case = case_of(folder)
    assert (case.config.population.source, len(case.episode.facts)) == ("file", 3)
    assert list(case.people.trust_names.values()) == ["the first", "Another", "Third"]
    assert len(case_of(folder, "population=synthetic").episode.facts) == 200
    (tmp_path / "other.csv").write_text(TRUSTS + "d,Fourth,acute,y,100\n")
    other = ("population=file", f"population.path={tmp_path / 'other.csv'}")
    assert len(case_of(folder, *other).episode.facts) == 4
    assert len(case_of(folder, "population.approached=2").episode.facts) == 3
    assert said(tmp_path, "check", "mine")[0] == 0
    ask = ("run", "--config-dir", "mine", "scenario=mine", "runs=5", "parameters=prior", "out=out")
    assert said(tmp_path, *ask)[0] == 0
    code, out, err = said(tmp_path, "rerun", "out")
    assert code == 0, err
    assert "same" in out
    (folder / "scenario" / "trusts.csv").write_text(TRUSTS.replace("300", "301"))
    with pytest.raises(up.InputError, match=r"scenario\.trusts=trusts\.csv: copy that file into"):
        up.scenario("mine", config_dir=folder).save(tmp_path / "kept")
    there = tmp_path / "kept" / "scenario" / "trusts.csv"
    there.parent.mkdir(parents=True)
    there.write_text(TRUSTS)
    up.scenario("mine", config_dir=folder).save(tmp_path / "kept")
    assert up.scenario("mine", config_dir=tmp_path / "kept").run(1)["approached"][0] == 3
    assert said(tmp_path, "rerun", "out")[0] == 2


@pytest.mark.parametrize(
    "name",
    [
        "../trusts.csv",
        "../../trusts.csv",
        "inner/../../trusts.csv",
        "/ROOT/trusts.csv",
        "~/trusts.csv",
        "link.csv",
        "folder",
    ],
)
def test_its_own_trusts_lie_beside_it(name: str, tmp_path: Path) -> None:
    """A path that leaves the folder, by steps, from the root or by a link, is refused."""
    name = name.replace("/ROOT", str(tmp_path))
    folder = written(
        tmp_path, scheme(f"trusts: {name}"), [("../trusts.csv", TRUSTS), ("folder/x.csv", TRUSTS)]
    )
    (tmp_path / "trusts.csv").write_text(TRUSTS)
    os.symlink(tmp_path / "trusts.csv", folder / "scenario" / "link.csv")
    err = refused(tmp_path, "run", "--config-dir", "mine", "scenario=mine")
    assert "mine/scenario/mine.yaml, line " in err
    assert f"scenario.trusts={name}: " in err
    assert "beside that of the scenario" in err


def test_a_scheme_of_the_package_or_of_python_has_no_file_beside_it() -> None:
    """There is no folder of its own to look in; and none of the package names a file."""
    told = r"scenario\.trusts=x\.csv: a file beside"
    with pytest.raises(up.InputError, match=told):
        up.Scenario(
            "own",
            title="x",
            start="2026-04",
            months=9,
            approached=5,
            sector="nhs_wales",
            trusts="x.csv",
        )
    for name in up.scenarios().column("name"):
        assert up.scenario(name).case.config.scenario.trusts is None
        with pytest.raises(up.InputError, match=told):
            Question([f"scenario={name}", "scenario.trusts=x.csv"]).case()


def test_a_range_stands_at_its_entry_though_a_named_body_is_missing(tmp_path: Path) -> None:
    """Of members at the start: the entry of a body that a file has not is left out."""
    starts = (
        "\nmembers_at_start:\n  - {stage: signed, bodies: [first]}\n"
        "  - {stage: served, share: {value: 0.4, low: 0.3, high: 0.5, unit: share, source: x}}\n"
    )
    folder = written(tmp_path, scheme(BODIES + starts), [("../trusts.csv", TRUSTS)])
    theirs = case_of(folder)
    (folder / "trusts.csv").write_text(TRUSTS.replace("the first", "another"))
    own = case_of(folder, "population=file", f"population.path={folder / 'trusts.csv'}")
    for case, row in ((theirs, 1), (own, 0)):
        (place,) = (i for i, one in enumerate(case.assumptions) if "members_at" in one.name)
        assert case.episode.cells[place].row == row == len(case.episode.starts) - 1
