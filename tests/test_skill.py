"""Skill: what is kept of predictions, how it is scored, and what the command says of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uptake as up
from drawing import refused, said
from matplotlib.image import imread
from predicting import kept, predicted, reading, twelve
from uptake.analysis.skill import BASS, CLASS, FOUR, MODEL, PRIOR, scored
from uptake.cli.arguments import configuration, question
from uptake.config.offers import KINDS, MANDATED, MARKET, STEPS, VOLUNTARY, WAVES, kind_of_offer
from uptake.inference.data import EpisodeData
from uptake.inference.predictions import QUANTILES, read
from uptake.inference.predictions import predicted as beside
from uptake.model.observation import CURVES
from uptake.report.figures import style
from uptake.report.text import skill as words
from uptake.results.runs import run

FILES = {"skill.png", "skill.svg", "provenance.json", "report.html", "summary.json"}


def test_a_reading_is_kept_as_a_share_beside_the_runs() -> None:
    """Counts over what was approached, ratios as they are; no bounds, nothing but bodies."""
    asked = ["scenario=secure_network_2005", "parameters=prior", "runs=40"]
    case = question("run", asked).case()
    runs = run(case)
    rows = beside(EpisodeData(case, 0.1), runs, runs.rows(0, 20))
    assert [(row.reading.outcome, row.reading.month) for row in rows] == [
        ("interested", 12), ("served", 48), ("served", 54),
    ]  # fmt: skip
    last = rows[-1]
    assert (last.reading.share, last.reading.step) == (0.984, "service")
    assert last.model.shape == last.prior.shape == (QUANTILES,)
    shares = runs.curve("served")[:, 54] / np.asarray(runs["approached"])
    assert set(last.model) == set(shares)  # of fewer runs than quantiles each is kept
    assert last.model.mean() == pytest.approx(shares.mean())
    assert (np.diff(last.model) >= 0.0).all()


def test_a_count_is_a_share_of_what_the_scenario_says_was_approached() -> None:
    """Also where runs draw another number: observation and runs are divided by the same."""
    case = question("run", ["scenario=nhs_employers_2009", "parameters=prior", "runs=40"]).case()
    runs, whole = run(case), case.config.scenario.approached.value
    joined = beside(EpisodeData(case, 0.1), runs, runs)[0]
    assert (joined.reading.share, joined.reading.error) == (17 / whole, 0.0)
    assert set(joined.model) == set(np.asarray(runs["joined"]) / whole)


def test_a_calibration_keeps_what_the_others_say_of_each_history(calibration: Path) -> None:
    """Quantiles of the runs without it and on the prior, as both lie in the checks."""
    config = configuration("skill", [])
    assert config is not None
    rows = read(calibration / "here" / "skill" / "default.parquet", config)
    found = [(row.reading.history, row.reading.outcome, row.reading.month) for row in rows]
    assert sorted(found) == [
        ("county", "joined", 6), ("county", "joined", 12), ("county", "served", 12),
        ("shire", "interested", 12), ("shire", "joined", 12),
    ]  # fmt: skip
    for row in rows:
        history, _, outcome, _, month, *_ = row.reading
        for side, quantiles in (("without", row.model), ("before", row.prior)):
            path = calibration / "here" / "checks" / "default" / side / history / "curves.parquet"
            curves = pq.read_table(path)[outcome].to_pylist()
            shares = np.array([curve[month] for curve in curves]) / 20  # so many were approached
            assert len(shares) == 50
            assert np.array_equal(quantiles, np.repeat(np.sort(shares), QUANTILES // 50))
    err = refused(calibration, "skill", "parameters.draws=here")
    assert "no step was read of four histories" in err


@pytest.mark.parametrize(
    ("overrides", "kind"),
    [
        ((), VOLUNTARY),
        (("levers.mandate=0.5",), VOLUNTARY),
        (("levers.mandate=0.6",), MANDATED),
        (("levers.mandate=0.6", "levers.waves_per_month=2"), WAVES),
        (("levers.waves_per_month=2",), VOLUNTARY),
        (("levers.deadline_month=4",), VOLUNTARY),
        (("levers.deadline_month=4", "levers.sanction_share=0.1"), MANDATED),
        (("levers.deadline_month=9", "levers.sanction_share=0.1"), VOLUNTARY),
        (("scenario=commissioning_support_2012",), MARKET),
    ],
)
def test_the_kind_of_an_offer_follows_from_its_levers(
    overrides: tuple[str, ...], kind: str
) -> None:
    """Who decides, then who sets the pace; a deadline beyond the horizon is none."""
    assert kind in KINDS
    assert kind_of_offer(question("run", ["parameters=prior", *overrides]).case()) == kind


def test_every_outcome_that_has_a_step_is_a_curve() -> None:
    """So that it is known at every date."""
    assert set(STEPS) <= set(CURVES)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """To the bit."""
    rows, config = twelve(), configuration("skill", [])
    assert config is not None
    found = read(kept(tmp_path, rows), config)
    for one, same in zip(rows, found, strict=True):
        assert (one.title, one.reading) == (same.title, same.reading)
        assert np.array_equal(one.model, same.model)
        assert np.array_equal(one.prior, same.prior)


def test_scores_are_means_over_histories_and_not_over_readings() -> None:
    """A history that is told ten times over weighs as much as it did."""
    rows = twelve()
    again = [rows[0]] * 9 + rows
    one, other = scored(rows, 1), scored(again, 1)
    name = rows[0].reading.history
    first = [one.scores[i][MODEL].crps for i in one.compared_histories[name]]
    assert one.of_history(MODEL, name) == pytest.approx(np.mean(first))
    others = [n for n in one.compared_histories if n != name]
    for prediction in (MODEL, PRIOR):
        means = [one.of_history(prediction, n) for n in others]
        assert [other.of_history(prediction, n) for n in others] == pytest.approx(means)
    every = [np.mean(one.of_history(MODEL, n)) for n in one.compared_histories]
    assert one.mean(MODEL) == pytest.approx(np.mean(every))
    assert one.coverage(PRIOR, 0.9).held != 0.0


def test_a_model_that_knows_wins_and_is_calibrated() -> None:
    """Of histories that differ by more than its error: it beats all three, and the prior most."""
    found = scored(twelve(sd=0.03), 1)
    assert found.best_first[0] == MODEL
    assert found.best_first[-1] == PRIOR
    for rival in (CLASS, BASS, PRIOR):
        apart = found.difference(MODEL, rival)
        assert apart.low < apart.mean < 0.0
    assert found.is_reached
    assert words.headline(found).startswith("Reached: of four predictions of 24 readings of 12")


def test_a_win_within_chance_is_told_so() -> None:
    """Four histories: better than both rivals on average, and an interval that holds 0."""
    rows = [reading(f"h{i}", 12 + i, share) for i, share in enumerate((0.3, 0.31, 0.33, 0.9))]
    found = scored(predicted(rows, 0.05, 1.0), 1)
    assert found.is_reached
    assert found.difference(MODEL, CLASS).high > 0.0
    assert words.headline(found).startswith("Reached, but not beyond chance: ")


def test_a_model_that_is_too_sure_is_told_so_first() -> None:
    """Intervals a third as wide as its error: not reached, and the first words say it."""
    found = scored(twelve(sd=0.15, wide=0.3), 1)
    assert not found.is_reached
    first, second, third, *_ = words.sentences(found)
    assert first.startswith("Not reached: ")
    assert "90 % intervals are too narrow" in second
    assert third.startswith("Outside the 90 % interval of the model: ")
    assert len(found.missed) == len(set(found.missed)) > 3
    inside = words.by_history(found).column("within 90 %")
    counts = [[int(n) for n in cell.split(" of ")] for cell in inside]
    assert sum(held for held, _ in counts) == len(found.rows) - len(found.missed)


def test_readings_of_a_rare_step_count_in_the_coverage_alone() -> None:
    """One history tells of attention: neither rival speaks of it."""
    found = scored(twelve(), 1)
    assert len(found.compared) == len(found.rows) - 1
    assert set(found.scores[-1]) == {MODEL, PRIOR}
    assert len(found.spans(CLASS)) == len(found.spans(MODEL)) == 12
    assert any("speak of attention" in sentence for sentence in words.sentences(found))


def test_the_command_says_the_verdict_first_and_keeps_all(tmp_path: Path) -> None:
    """Figure, report, summary; the same again from the same seed, and in Python."""
    kept(tmp_path / "mine", twelve())
    code, out, err = said(tmp_path, "skill", "parameters.draws=mine", "out=here", "figures=true")
    assert code == 0, err
    assert {path.name for path in (tmp_path / "here").iterdir()} == FILES
    assert " ".join(out.split()).startswith("Reached: of four predictions")
    summary = json.loads((tmp_path / "here" / "summary.json").read_text())
    assert set(summary["predictions"]) == set(FOUR)
    assert len(summary["readings"]) == 25
    page = (tmp_path / "here" / "report.html").read_text()
    assert page.index("Reached: of four") < page.index("<img")
    about = json.loads((tmp_path / "here" / "provenance.json").read_text())
    assert list(about["input_files_sha256"]) == ["mine/skill/default.parquet"]

    (tmp_path / "mine" / "draws").mkdir()
    code, _, err = said(tmp_path, "skill", "parameters.draws=mine/draws", "out=again")
    assert code == 0, err
    assert json.loads((tmp_path / "again" / "summary.json").read_text()) == summary
    found = up.skill(tmp_path / "mine")
    assert found.is_reached is summary["is_reached"] is True
    model = summary["predictions"]["model"]["crps"]
    assert found.overall.column("CRPS")[0] == f"{100 * model:.1f}"
    assert "the model is best" in repr(found)
    assert {path.name for path in found.report(tmp_path / "there").iterdir()} == FILES
    assert len(found.readings.rows) == 25


def _table(folder: Path, **columns: object) -> None:
    """Write a table of predictions of which some columns are other ones."""
    path = kept(folder, twelve())
    table = pq.read_table(path)
    for name, values in columns.items():
        at = table.column_names.index(name)
        table = table.set_column(at, name, pa.array([values] * len(table)))
    pq.write_table(table, path)


BAD = {
    "kind": "offered",
    "outcome": "grants_gbp",
    "month": -1,
    "observed": float("nan"),
    "error": -0.1,
    "model": [0.5],
    "prior": [float("inf")] * QUANTILES,
    "history": None,
}


@pytest.mark.parametrize("column", BAD)
def test_a_table_that_cannot_be_used_is_refused(tmp_path: Path, column: str) -> None:
    """In one line that names key and file, before anything is written."""
    _table(tmp_path / "mine", **{column: BAD[column]})
    err = refused(tmp_path, "skill", "parameters.draws=mine")
    assert "parameters.draws=mine/skill/default.parquet: no table of predictions" in err


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    """No draws, no folder, no predictions, another structure, a key that is not read."""
    (tmp_path / "empty").mkdir()
    for asked, told in {
        "parameters=prior": "is kept beside draws",
        "parameters.draws=nowhere": "skill/default.parquet is not there",
        "parameters.draws=empty": "of two histories or more",
        "structure=defalt": "did you mean default?",
        "levers.pressure=1": "uptake skill does not read levers",
        "runs=5": "uptake skill does not read runs",
        "seed=-1": "seed=-1",
    }.items():
        assert told in refused(tmp_path, "skill", asked), asked
    path = kept(tmp_path / "mine", twelve())
    path.rename(path.with_name("fresh_taste.parquet"))
    err = refused(tmp_path, "skill", "parameters.draws=mine", "structure=fresh_taste")
    assert "not made under the structure fresh_taste" in err
    path.with_name("default.parquet").write_text("no table")
    assert "no table of predictions" in refused(tmp_path, "skill", "parameters.draws=mine")


def test_rivals_need_four_histories_of_a_step(tmp_path: Path) -> None:
    """Three do not do: the command is refused, as nothing can be compared."""
    rows = [reading(f"h{i}", 12, 0.1 * i) for i in range(3)]
    kept(tmp_path / "mine", predicted(rows, 0.1, 1.0))
    err = refused(tmp_path, "skill", "parameters.draws=mine")
    assert "no step was read of four histories" in err


def test_long_labels_stand_whole_at_the_size_that_is_saved(tmp_path: Path) -> None:
    """Letters have other widths at another size: what is laid out for one is cut at the next."""
    titles = ["The books of commissioning groups in one", "A centre for human resources of the"]
    figure, axes = style.new(9.0, 3.0)
    axes.set_yticks(range(len(titles)), titles, fontsize=7.5)
    style.save(figure, tmp_path / "labels")
    width = imread(tmp_path / "labels.png").shape[1]
    figure.set_dpi(width / 9.0)
    figure.draw_without_rendering()
    assert min(label.get_window_extent().x0 for label in axes.get_yticklabels()) >= 0.0
