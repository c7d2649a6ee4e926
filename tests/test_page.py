"""The page without its browser: addresses, answers, words, and how it is started."""

from __future__ import annotations

import json
import re
import shlex
import signal
import socket
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import serving
from conftest import PATIENCE, ROOT
from hypothesis import example, given, settings
from hypothesis import strategies as st
from uptake.app import sliders
from uptake.app.answering import Catalogue, answers
from uptake.app.question import Own, Question, read
from uptake.cli.arguments import question as typed
from uptake.cli.main import main
from uptake.config.case import Case, assemble
from uptake.config.schema import lever_meanings
from uptake.errors import InputError
from uptake.model.levers import IMPULSES, LEVERS
from uptake.report.answer import Answer
from uptake.report.outcomes import costs, stages, who_joins
from uptake.report.text.numbers import average, called, difference
from uptake.report.text.question import departures
from uptake.results.runs import DERIVED, quantiles
from uptake.results.saved import open_run
from uptake.results.summary import SUMMARISED

USUAL = Question("nhs_employers_2009")
HELD = [name for name in LEVERS.names or () if name not in IMPULSES]
TYPED = typed("run", [])
EPISODES = TYPED.choices("scenario")
CATALOGUE = Catalogue(TYPED)


def answered(question: Question) -> Answer:
    """Return the answer to a question, beside the episode as it was."""
    *_, base = CATALOGUE.bases(question)
    assert base is not None
    case = CATALOGUE.case(question)
    if not case.is_changed:
        return Answer(base)
    *_, runs = answers(case, time.perf_counter)
    assert runs is not None
    return Answer(runs, base)


def typed_case(*overrides: str) -> Case:
    """Return the case that the commands make of overrides."""
    return assemble(typed("run", list(overrides)).configuration())


def usual_value(name: str) -> st.SearchStrategy[float]:
    meaning = lever_meanings()[name]
    top = meaning.high if meaning.usual is None else meaning.usual
    if meaning.whole:
        return st.integers(int(meaning.low), int(top)).map(float)
    return st.floats(meaning.low, top)


questions = st.builds(
    Question,
    scenario=st.sampled_from(EPISODES),
    structure=st.sampled_from(["default", "regional_peers"]),
    parameters=st.sampled_from(["posterior", "prior"]),
    levers=st.sampled_from(HELD).flatmap(
        lambda name: usual_value(name).map(lambda value: ((name, value),))
    ),
    months=st.none() | st.integers(1, 40),
    timeline=st.sampled_from(
        [(), (("letter", "endorsement", 0.3), ("review", "review_month", 4.0))]
    ),
    own=st.sampled_from([None, Own()]),
    seed=st.integers(0, 2**53),
    tab=st.sampled_from(["whatif", "watch"]),
)


@settings(max_examples=200)
@given(question=questions)
def test_an_address_is_read_back_as_it_was_written(question: Question) -> None:
    assert read(question.address(), USUAL, TYPED.choices) == question


@settings(max_examples=300)
@example("without=[")
@example("without=]],[")
@given(search=st.text(max_size=200) | st.text("abc.=&%+;<>[]{}$'\"/\\?0123456789", max_size=80))
def test_no_address_does_more_than_to_be_refused(search: str) -> None:
    """Whatever it holds: a question, or one line."""
    said = ""
    try:
        found = read(search, USUAL, TYPED.choices)
    except InputError as problem:
        said = str(problem)
    else:
        assert read(found.address(), USUAL, TYPED.choices) == found
    assert len(said.splitlines()) <= 1
    assert len(said) < 2000


def test_no_address_names_a_file() -> None:
    for search in ("?file=/etc/passwd", "?population.path=/etc/passwd", "?parameters.draws=/tmp"):
        with pytest.raises(InputError, match="the address="):
            read(search, USUAL, TYPED.choices)
    for search in ("?parameters=/tmp/x", "?scenario=../secret", "?without=a,$(x)"):
        with pytest.raises(InputError):
            CATALOGUE.case(read(search, USUAL, TYPED.choices))


@pytest.mark.parametrize("episode", EPISODES)
def test_the_answer_is_that_of_the_command_it_names(
    episode: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every quantile of every outcome, curve and group, as ``uptake run`` has them."""
    question = (
        Question(episode, seed=3).overriding("mandate", 0.9).overriding("upfront_fee_gbp", 5000.0)
    )
    for move in CATALOGUE.case(question).moves:  # by half of what it was, or to 1
        if move.lever != "mandate" and not lever_meanings()[move.lever].whole:
            question = question.moving(move.event, move.lever, move.was / 2 or 1.0)
    answer = answered(question).runs
    _, command, *arguments = shlex.split(question.command())
    assert main([command, *arguments, f"out={tmp_path}"]) == 0, capsys.readouterr().err
    told = json.loads((tmp_path / "summary.json").read_text())
    for name, outcome in told["outcomes"].items():
        for quantile, value in quantiles(answer[name]).items():
            assert value == pytest.approx(outcome[quantile], rel=1e-9, abs=1e-9)
    for name in answer.groups:
        of = told["by_kind"] | told["by_size"]
        assert answer[f"joined_{name}"].quantile(0.95) == pytest.approx(of[name]["joined"]["q95"])
    shown = answer.case.config.scenario.shows
    for quantile, band in open_run(tmp_path).bands(shown).items():
        assert answer.bands()[quantile] == pytest.approx(band)


@pytest.mark.parametrize("episode", EPISODES)
def test_a_case_that_is_held_is_the_case_that_is_composed(episode: str) -> None:
    """Month by month, to the bit; and what it was made from is as it was."""
    plain = typed_case(f"scenario={episode}")
    before = plain.episode.levers.copy()
    held = plain.overriding({"mandate": 0.3, "term_years": 4.0}, (), 60, {})
    overrides = [f"scenario={episode}", "levers.mandate=0.3", "levers.term_years=4", "months=60"]
    composed = typed_case(*overrides)
    assert held.episode.levers.tobytes() == composed.episode.levers.tobytes()
    assert departures(held) == departures(composed)
    assert plain.episode.levers.tobytes() == before.tobytes()
    assert held.overriding({}).episode.levers.tobytes() == before.tobytes()


def test_answers_of_fewer_runs_come_first_where_it_takes_long() -> None:
    """Each holds the runs of the one before; the last has them all."""
    clock = iter(np.arange(0.0, 1e6, 0.1))
    found = [one for one in answers(CATALOGUE.case(USUAL), lambda: float(next(clock))) if one]
    runs = [len(answer) for answer in found]
    assert runs == sorted(runs)
    assert (len(runs) > 2, runs[-1]) == (True, 1000)
    for fewer in found:
        assert fewer.chunk.outcomes.tobytes() == found[-1].chunk.outcomes[: len(fewer)].tobytes()


def test_the_headline_compares_run_by_run() -> None:
    """The difference is the mean over pairs of runs that share behaviour and random numbers."""
    answer = answered(USUAL.overriding("upfront_fee_gbp", 10_000.0))
    said, runs, base = answer.headline[0], answer.runs, answer.was
    mean = float((runs["joined"] - base["joined"]).mean())
    assert "fee on signing 10,000 GBP (was 35,000)" in said
    means = [float(one["joined"].mean()) for one in (runs, base)]
    assert means[0] - means[1] == pytest.approx(mean)
    ends = np.quantile(runs["joined"], [0.05, 0.95])
    assert f"{means[0]:.2g} join on average (90 % of runs: {ends[0]:.0f} to {ends[1]:.0f})" in said
    assert f"The scheme as it was has {means[1]:.2g} on average: {mean:.2g} more now" in said
    told, others = answered(USUAL.overriding("upfront_fee_gbp", 35_000.0)).headline
    assert "Joined: no run differs from the scheme as it was" in told
    assert others == "Nothing else differs from the scheme as it was."
    assert "fewer now" in answered(USUAL.overriding("upfront_fee_gbp", 100_000.0)).headline[0]
    told, others = answered(USUAL).headline
    assert re.match(r"As it was: of \d+ to \d+ trusts approached", told)
    assert others == ""
    pairs = np.quantile(runs["joined"] - base["joined"], [0.05, 0.95])
    found = re.search(r"90 % of pairs of runs: ([-+]?[0-9.]+) to ([-+]?[0-9.]+)", said)
    assert found
    assert np.allclose([float(one) for one in found.groups()], pairs, atol=0.06)


def test_all_that_differs_is_said_where_the_curve_does_not() -> None:
    """Fees kept instead of paid back: no trust more joins, but money changes hands."""
    answer = answered(USUAL.overriding("review_month", 0.0))
    told, said = answer.headline
    runs, base = answer.runs, answer.was
    assert "Joined: no run differs" in told
    less = float((runs["provider_loss_gbp"] - base["provider_loss_gbp"]).mean())
    assert less < 0.0
    assert f"providers' loss {difference('provider_loss_gbp', less)}" in said
    more = float((runs["trusts_cost_gbp"] - base["trusts_cost_gbp"]).mean())
    assert f"net cost to trusts {difference('trusts_cost_gbp', more)}" in said
    assert "runs in which it is scrapped -100 points" in said
    assert answer.compared is not None
    differs = {name for name in SUMMARISED if np.any(runs[name] != base[name])}
    reasons = {name for name in answer.compared.moved if name.startswith("scrapped_")}
    assert set(answer.compared.moved) == differs | reasons
    assert "scrapped_share" in reasons
    assert set(answer.compared.was) == {*SUMMARISED, *DERIVED}


def test_only_what_was_is_called_so() -> None:
    """Another structure or horizon is compared with nothing held; a lever that moves was more."""
    other = Question("nhs_employers_2009", structure="regional_peers", parameters="prior")
    said, others = answered(other).headline
    assert said.startswith("What if structure.peers = region? Of ")
    assert others == ""
    said, _ = answered(sliders.moved(other, "event-letter", 0.0)).headline
    assert said.startswith("What if without the event letter (department objects by letter); str")
    assert "with nothing held" in said
    said, _ = answered(Question("cabinet_office_2012").overriding("mandate", 0.9)).headline
    assert "0.9 (was 0.5, then 0 from month 18)" in said
    said, _ = answered(Question("stp_back_office_2016").overriding("deadline_month", 12.0)).headline
    assert "What if month in which the time for a decision ends 12 months (was 1, " in said


def test_a_structure_under_which_nothing_was_inferred_is_asked_on_the_prior(tmp_path: Path) -> None:
    """What its choice comes to; asked on draws it is refused, as the command refuses it."""
    text = (ROOT / "configs" / "structure" / "regional_peers.yaml").read_text()
    (tmp_path / "structure").mkdir()
    named = text.replace("name: regional_peers", "name: mine")
    (tmp_path / "structure" / "mine.yaml").write_text(named)
    catalogue = Catalogue(typed("run", ["--config-dir", str(tmp_path)]))
    for name, is_learnt in (("default", True), ("mine", False)):
        assert catalogue.is_learnt(name, "posterior") == is_learnt
        assert catalogue.is_learnt(name, "prior")
    mine = USUAL.overriding("pressure", 1.0).choosing("structure", "mine")
    asked = catalogue.answerable(mine)
    assert asked == mine.choosing("parameters", "prior")
    assert (catalogue.case(asked).draws, catalogue.answerable(asked)) == ("prior", asked)
    assert catalogue.answerable(USUAL) == USUAL
    with pytest.raises(InputError, match="nothing was inferred under the structure mine; ask with"):
        catalogue.case(mine)


def test_fewer_runs_are_paired_with_as_many() -> None:
    """Tables and band of a partial answer stand beside the same runs of the episode as it was."""
    answer = answered(USUAL.overriding("upfront_fee_gbp", 0.0))
    few, now = answer.was.rows(0, 50), answer.runs.rows(0, 50)
    assert (len(few), few.is_whole, answer.was.is_whole) == (50, False, True)
    assert few["run"].tolist() == now["run"].tolist()
    table = who_joins(now, few, "as it was")
    means = dict(zip(table.column(""), table.column("mean as it was"), strict=True))
    sizes = sum(float(means[size]) for size in ("small", "medium", "large"))
    assert sizes == pytest.approx(few["joined"].mean(), abs=0.6)


def test_what_is_too_long_for_the_page_is_left_to_the_command(tmp_path: Path) -> None:
    """A run of more than five million trust-months; own trusts are forgotten with their folder."""
    rows = "".join(f"{i},T,acute,North,{100 + i % 7}\n" for i in range(5000))
    (tmp_path / "t.csv").write_text("id,name,kind,region,income_million_gbp\n" + rows)
    catalogue = Catalogue(TYPED)
    own = Question("nhs_employers_2009", own=Own(str(tmp_path / "t.csv"), "t.csv", 5000))
    assert catalogue.case(own).episode.approached_high == 5000
    with pytest.raises(InputError, match="the page allows 5,000,000"):
        catalogue.case(sliders.moved(own, "months", 1200.0))
    (tmp_path / "t.csv").unlink()
    assert catalogue.case(own).episode.approached_high == 5000
    catalogue.forget(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        catalogue.case(own)


def test_a_month_or_a_limit_past_all_others_is_none() -> None:
    """On a slider it lies beyond the end, and words call it none: no deadline, never opened."""
    rows = [row for g in sliders.lever_groups(CATALOGUE.case(USUAL)) for row in g["levers"]]
    found = {row["name"]: row for row in rows if row.get("none")}
    never = {name for name, row in found.items() if row["was"] >= row["none"]}
    assert never == {"deadline_month", "opens_month", "scrap_above_cost_gbp", "waves_per_month"}
    assert all(found[name]["usual"] < found[name]["none"] for name in never - {"opens_month"})
    said, _ = answered(USUAL.overriding("opens_month", 6.0)).headline
    assert said.startswith("What if month in which the service opens 6 months (was none)? Of ")
    said, _ = answered(USUAL.overriding("service_month", 1e6)).headline
    assert said.startswith("What if month for which the service is announced none (was 6)? Of")


def test_how_far_they_come_and_who_pays_what_is_told() -> None:
    """Means of the runs: no fewer look than join; the sentence says what is net of what."""
    runs = answered(Question("cabinet_office_2012")).runs
    table = stages(runs, runs, "as it was")
    names = ("looked", "considering", "joined", "served", "aligned")
    assert table.column("") == [called(name, "bodies") for name in names]
    assert table.column("mean") == [average(name, runs[name].mean()) for name in names]
    assert runs["looked"].mean() >= runs["joined"].mean() >= runs["served"].mean()
    paid = costs(runs, runs, "as it was")
    assert "less grants, what is bundled in, and the saving in the price" in paid.sentence
    cells = dict(zip(paid.column(""), paid.column("mean"), strict=True))
    assert cells["net cost to bodies"] == average("_gbp", runs["trusts_cost_gbp"].mean())
    assert cells["saving in the price of the service"] == average(
        "_gbp", runs["price_saving_gbp"].mean()
    )
    assert runs["price_saving_gbp"].mean() > 0.0


@pytest.mark.parametrize("value", [7.9, 0.0, 1201.0, float("nan")])
def test_the_horizon_is_whole(value: float) -> None:
    with pytest.raises(InputError, match="months="):
        sliders.moved(USUAL, "months", value)


@pytest.mark.parametrize("episode", EPISODES)
def test_every_lever_has_a_slider_with_unit_range_and_source(episode: str) -> None:
    """Those of the scheme first; what it was lies on the slider."""
    case = CATALOGUE.case(Question(episode))
    groups = sliders.lever_groups(case)
    rows = {row["name"]: row for group in groups for row in group["levers"]}
    assert set(HELD) <= set(rows)
    for name, row in rows.items():
        assert row["low"] <= row["was"] <= row["high"], name
        assert row["low"] < row["usual"] <= row["high"], name
        assert row["was"] <= row["usual"] or row["was"] >= row["none"], name
        assert 0.0 < row["step"] <= max(row["usual"] - row["low"], 1.0), name
        assert row["unit"], name
        assert row["source"], name
    first = {row["name"] for row in groups[0]["levers"]}
    assert {name for name in first if not name.startswith("timeline.")} - {"months"} == {
        *case.config.scenario.levers,
        *(name for event in case.config.scenario.timeline for name in event.set),
    } - set(IMPULSES)


def test_an_event_or_the_horizon_moves_like_a_lever() -> None:
    without = sliders.moved(USUAL, "event-letter", 0.0)
    assert without.without == ("letter",)
    assert sliders.moved(without, "event-letter", 1.0) == USUAL
    longer = sliders.moved(USUAL, "months", 24.0)
    assert (longer.months, sliders.moved(longer, "months", None)) == (24, USUAL)
    case = CATALOGUE.case(without)
    assert sliders.held(case) == {"event-letter": 0.0}


def test_the_launch_and_a_row_of_the_timeline_move_by_themselves() -> None:
    """What is held throughout, and an event that is left out, put what stands in their way back."""
    review = sliders.moved(USUAL, "timeline.review.review_month", 4.0)
    assert review.timeline == (("review", "review_month", 4.0),)
    both = sliders.moved(review, "timeline.launch.endorsement", -0.2)
    path = CATALOGUE.case(both).episode.levers
    assert path.review_month.tolist() == [0, 0, 0, 0, 0, 4]
    assert path.endorsement.tolist() == [-0.2, -0.2, -0.5, -0.5, -0.5, -0.5]
    assert sliders.held(CATALOGUE.case(both)) == {
        "timeline.review.review_month": 4.0,
        "timeline.launch.endorsement": -0.2,
    }
    throughout = sliders.moved(both, "review_month", 3.0)
    assert throughout.timeline == (("launch", "endorsement", -0.2),)
    assert sliders.moved(throughout, "timeline.review.review_month", 4.0) == both
    without = sliders.moved(both, "event-review", 0.0)
    assert (without.timeline, without.without) == (throughout.timeline, ("review",))
    assert sliders.moved(without, "timeline.review.review_month", 4.0) == both
    assert sliders.moved(review, "timeline.review.review_month", None) == USUAL


def test_the_headline_names_a_row_that_is_moved() -> None:
    """It is no answer to the question as it was."""
    moved = sliders.moved(USUAL, "timeline.letter.endorsement", 1.0)
    said, _ = answered(sliders.moved(moved, "timeline.launch.endorsement", 0.5)).headline
    assert "standing of the scheme with the centre 0.5 at the launch (was 0)" in said
    assert "standing of the scheme with the centre 1 from month 2 on (was -0.5)" in said
    assert "more now" in said


def test_a_lever_that_moves_says_how() -> None:
    """The launch and each row have a slider, which says from when on; the lever says them all."""
    for episode, lever, course, parts in (
        ("nhs_employers_2009", "review_month", "0, then 5 from month 5", ["launch", "review"]),
        ("nhs_employers_2009", "endorsement", "0, then -0.5 from month 2", ["launch", "letter"]),
        ("cabinet_office_2012", "mandate", "0.5, then 0 from month 18", ["launch", "no_lead"]),
    ):
        case = CATALOGUE.case(Question(episode))
        rows = [row for group in sliders.lever_groups(case) for row in group["levers"]]
        at = [row["name"] for row in rows].index(lever)
        assert rows[at]["course"] == course
        found = rows[at + 1 : at + 1 + len(parts)]
        assert [row["name"] for row in found] == [f"timeline.{part}.{lever}" for part in parts]
        assert {row["of"] for row in found} == {lever}
        assert len(rows) == len({row["name"] for row in rows})


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["timeline.leter.endorsement=0"], "(did you mean letter?)"),
        (["without=[leter]"], "(did you mean letter?)"),
        (["parameters.draws=x"], "uptake watch does not read parameters.draws"),
        (["--port", "abc"], "--port=abc: a number is needed"),
        (["--port", "70000"], "--port=70000.0: allowed is 1 to 65535"),
        (["levers.upfront_fee_gbp=-1"], "levers.upfront_fee_gbp=-1.0: allowed is 0 to"),
        (["scenario=nowhere"], "scenario=nowhere: allowed is one of"),
        (["population=file"], "does not read population"),
        (["--prot", "1"], "--prot: no such option"),
    ],
)
def test_what_cannot_be_served_is_told_in_one_line(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["watch", "--no-open", *arguments]) == 2
    said = capsys.readouterr().err
    assert (told in said, said.count("\n")) == (True, 1)


def test_what_an_address_leaves_out_is_what_the_command_line_leaves_out() -> None:
    """The usual choices of a question are those of ``run.yaml``."""
    config = typed("run", []).configuration()
    usual = Question(config.scenario.name)
    found = (config.structure.name, config.parameters.name, config.seed, config.months)
    assert found == (usual.structure, usual.parameters, usual.seed, usual.months)


def test_the_options_of_the_server_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["watch", "--help"])
    assert {"--port", "--no-open"} <= set(capsys.readouterr().out.split())


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["watch", "--no-open", "--port", str(port)]) == 2
    assert f"--port={port}: " in capsys.readouterr().err


def test_it_listens_here_only_and_stops_when_told(tmp_path: Path) -> None:
    """Bound to 127.0.0.1, opened with what was typed; Ctrl-C ends it with exit code 130."""
    import psutil

    arguments = ("levers.upfront_fee_gbp=10000", "scenario=nhs_employers_2009")
    with serving(tmp_path, *arguments) as server:
        connections: Any = psutil.Process(server.process.pid).net_connections(kind="inet")
        listening = [one.laddr.ip for one in connections if one.status == psutil.CONN_LISTEN]
        assert set(listening) == {"127.0.0.1"}
        assert "levers.upfront_fee_gbp=10000" in (tmp_path / "watch.log").read_text()
        with urllib.request.urlopen(server.url, timeout=PATIENCE) as response:
            assert response.status == 200
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(30) == 130
    assert "Traceback" not in (tmp_path / "watch.log").read_text()
