"""How well histories predict one another, in words: what is missed is told first."""

from collections.abc import Sequence
from typing import Any

from uptake.analysis.skill import BASS, CLASS, FOUR, HALF, LEAST_P, MODEL, MOST, PRIOR, Skill
from uptake.analysis.structures import Weighed
from uptake.errors import counted
from uptake.inference.scores import Coverage, Difference
from uptake.report.tables import Table
from uptake.report.text.numbers import NAMES

TITLE = "Every history predicted by the others"
FIGURE = "PIT of the four predictions, and CRPS by history; the tables hold the figures."
OVERALL, BY_HISTORY, BY_READING = "The four predictions", "History by history", "Reading by reading"
STRUCTURES = "Structures of the model"
_MOST_MISSED = 6  # readings that are told in a sentence
_THE = {
    MODEL: "the model",
    CLASS: "the reference class",
    BASS: "the Bass curve",
    PRIOR: "the prior",
}


def points(share: float) -> str:
    """A share of bodies in percent; a score in points.

    >>> points(0.0714)
    '7.1'
    """
    return f"{100.0 * share:.1f}"


def _signed(share: float) -> str:
    """A difference in points, with its sign."""
    return f"{100.0 * share:+.1f}"


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f} %"


def _span(low: float, high: float) -> str:
    """A share of bodies between two ends, in percent."""
    ends = f"{100.0 * low:.0f}", f"{100.0 * high:.0f}"
    return f"{ends[0]} %" if ends[0] == ends[1] else f"{ends[0]} to {ends[1]} %"


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.2g}"


def _interval(difference: Difference) -> str:
    """The interval of a difference, in points."""
    if difference.low != difference.low:
        return "one history gives no interval"
    return f"95 % interval {_signed(difference.low)} to {_signed(difference.high)}"


def _chance(difference: Difference) -> str:
    """What to make of an interval that holds 0, or of none."""
    is_clear = difference.low > 0.0 or difference.high < 0.0
    return "" if is_clear else ", so chance may have made the order"


def _held(found: Coverage) -> str:
    """How many readings intervals hold, with the test."""
    chance = f"{100 * found.low:.0f} to {_percent(found.high)} if calibrated"
    return f"{_percent(found.held)} ({chance}, {_p(found.p)})"


def headline(found: Skill) -> str:
    """The verdict, in one sentence."""
    best, second = found.best_first[:2]
    other = second if best == MODEL else MODEL
    apart = found.difference(best, other)
    verdict = "Reached" if found.is_reached else "Not reached"
    if found.is_reached and not all(found.difference(MODEL, r).high < 0.0 for r in (CLASS, BASS)):
        verdict = "Reached, but not beyond chance"
    most, half = (found.coverage(MODEL, share) for share in (MOST, HALF))
    named = _THE[other] if other == MODEL else f"{_THE[other]}, the next"
    return (
        f"{verdict}: of four predictions of {counted(len(found.compared), 'reading')} of "
        f"{_histories(len(found.compared_histories))}, each made without the history's own "
        f"numbers, {_THE[best]} is best, with a mean CRPS of {points(found.mean(best))} points of "
        f"share against {points(found.mean(other))} of {named} (difference {_signed(apart.mean)}, "
        f"{_interval(apart)}{_chance(apart)}); of {counted(len(found.rows), 'reading')}, a history "
        f"weighing once, the model's 90 % intervals hold {_held(most)}, its 50 % intervals "
        f"{_held(half)}."
    )


def _histories(number: int) -> str:
    return "1 history" if number == 1 else f"{number:,} histories"


def _why_not(found: Skill) -> str:
    """What keeps it from being reached; nothing if it is."""
    said = []
    for rival in (CLASS, BASS):
        apart = found.difference(MODEL, rival)
        if apart.mean >= 0.0:
            said.append(
                f"{_THE[rival]} predicts as well or better (CRPS of the model less its own "
                f"{_signed(apart.mean)}, {_interval(apart)})"
            )
    for share in (MOST, HALF):
        held = found.coverage(MODEL, share)
        if held.p < LEAST_P:
            how = "too narrow" if held.held < share else "too wide"
            said.append(f"{_percent(share)} intervals are {how}: they hold {_percent(held.held)}")
    return f"Why not: {'; '.join(said)}." if said else ""


def _what(found: Skill, i: int) -> str:
    """The reading, by its history."""
    row = found.rows[i]
    one = row.reading
    return f"{row.title}, {NAMES[one.outcome]}, month {one.month}"


def _missed(found: Skill) -> str:
    """The readings outside the model's 90 % intervals, the worst first."""
    if not found.missed:
        return "No reading lies outside the 90 % interval of the model."
    said = [
        f"{_what(found, i)}: {_percent(found.rows[i].reading.share)} read, "
        f"{_span(*found.scores[i][MODEL].ends)} predicted"
        for i in found.missed[:_MOST_MISSED]
    ]
    more = len(found.missed) - len(said)
    last = f"; and {more} more, in the table" if more else ""
    return f"Outside the 90 % interval of the model: {'; '.join(said)}{last}."


def _rivals(found: Skill) -> str:
    """The model against each of the others."""
    said = []
    for rival in FOUR[1:]:
        apart = found.difference(MODEL, rival)
        said.append(f"{_THE[rival]} {_signed(apart.mean)} ({_interval(apart)})")
    return f"CRPS of the model less that of another, in points: {'; '.join(said)}."


def _left(found: Skill) -> str:
    """The readings that rivals do not speak of; nothing if there are none."""
    left = set(range(len(found.rows))) - set(found.compared)
    if not left:
        return ""
    steps = " and ".join(sorted({found.rows[i].reading.step for i in left}))
    return (
        f"Too few other histories speak of {steps} for the reference class and the Bass curve: "
        f"{counted(len(left), 'reading')} of it in the coverage of model and prior alone."
    )


def sentences(found: Skill) -> list[str]:
    """The verdict, what was missed, and how it was told."""
    return [*verdict(found), *others(found)]


def verdict(found: Skill) -> list[str]:
    """The verdict, why it is not reached if it is not, and what was missed."""
    return [sentence for sentence in (headline(found), _why_not(found), _missed(found)) if sentence]


def others(found: Skill) -> list[str]:
    """The model beside each rival, and how all are scored."""
    spoken = [
        _rivals(found),
        _left(found),
        "A history weighs once, however many readings it has, and resamples are of histories. CRPS "
        "is in points of the share of bodies approached, less is better; a log score is of the "
        "density, more is better. All predictions include the error of the reading.",
        "The prior is the model before anything was learnt; the reference class are the shares of "
        "other histories of the same kind of offer at the nearest age; the Bass curve is fitted to "
        "the others, with means by kind of offer and step.",
    ]
    return [sentence for sentence in spoken if sentence]


def overall(found: Skill) -> Table:
    """A row a prediction, the best first."""
    rows = []
    for name in found.best_first:
        apart = found.difference(MODEL, name)
        less = "" if name == MODEL else f"{_signed(apart.mean)} ({_ends(apart)})"
        held = [_held(found.coverage(name, share)) for share in (MOST, HALF)]
        rows.append(
            [
                name,
                points(found.mean(name)),
                less,
                f"{found.mean(name, 'log_score'):+.2f}",
                *held,
            ]
        )
    columns = (
        "prediction", "CRPS", "model less it (95 %)", "log score", "90 % intervals hold",
        "50 % intervals hold",
    )  # fmt: skip
    said = "In points of share; coverage with what chance allows, and its p-value."
    return Table(OVERALL, said, columns, rows)


def _ends(difference: Difference) -> str:
    """The ends of an interval, in points."""
    if difference.low != difference.low:
        return "no interval"
    return f"{_signed(difference.low)} to {_signed(difference.high)}"


def _order(found: Skill) -> list[str]:
    """Names of the histories: those that all predict first, by the model's CRPS, worst first."""

    def badness(name: str) -> tuple[bool, float]:
        compared = name in found.compared_histories
        rows = found.compared_histories[name] if compared else found.histories[name]
        return compared, sum(found.scores[i][MODEL].crps for i in rows) / len(rows)

    return sorted(found.histories, key=badness, reverse=True)


def by_history(found: Skill) -> Table:
    """A row a history: CRPS of the four, and what the model's intervals hold."""
    rows, missed = [], set(found.missed)
    for name in _order(found):
        every = found.histories[name]
        row = found.rows[every[0]]
        scores = ["" for _ in FOUR]
        if name in found.compared_histories:
            scores = [points(found.of_history(one, name)) for one in FOUR]
        held = len([i for i in every if i not in missed])
        inside = f"{held} of {len(every)}"
        rows.append([row.title, row.reading.kind, *scores, inside])
    said = (
        "CRPS in points, worst first; none where too few other histories speak of what was read. "
        "The last column counts readings within the model's 90 % interval."
    )
    return Table(BY_HISTORY, said, ("history", "offer", *FOUR, "within 90 %"), rows)


def by_reading(found: Skill) -> Table:
    """A row a reading, in the order of the histories."""
    rows = []
    for name in _order(found):
        for i in found.histories[name]:
            one, scores = found.rows[i].reading, found.scores[i]
            error = f" +- {points(one.error)}" if one.error else ""
            rows.append(
                [
                    found.rows[i].title,
                    NAMES[one.outcome],
                    str(one.month),
                    f"{points(one.share)}{error}",
                    _span(*scores[MODEL].ends),
                    *(points(scores[s].crps) if s in scores else "" for s in FOUR),
                    f"{sum(scores[MODEL].pit) / 2:.2f}",
                ]
            )
    columns = ("history", "outcome", "month", "read (%)", "90 % of the model", *FOUR, "PIT, model")
    said = "Shares of the bodies approached, in percent, and CRPS in points."
    return Table(BY_READING, said, columns, rows)


def structures(weighed: Sequence[Weighed]) -> Table:
    """A row a structure, the weightiest first."""
    rows = [
        [
            one.name.replace("_", " "),
            f"{one.weight:.2f} ({one.low:.2f} to {one.high:.2f})",
            points(one.crps),
            f"{one.log_score:+.2f}",
            _held(one.held),
        ]
        for one in weighed
    ]
    said = (
        "Weight in the mixture that predicts best, with 90 % of resamples of the histories; all "
        "scores are of the readings that every structure predicts."
    )
    columns = ("structure", "weight", "CRPS", "log score", "90 % intervals hold")
    return Table(STRUCTURES, said, columns, rows)


def tables(found: Skill, weighed: Sequence[Weighed] = ()) -> Sequence[Table]:
    """All tables, the shortest first."""
    beside = [structures(weighed)] if weighed else []
    return overall(found), *beside, by_history(found), by_reading(found)


def summary(found: Skill, weighed: Sequence[Weighed] = ()) -> dict[str, Any]:
    """The content of ``summary.json``."""

    def number(value: float) -> float | None:
        return value if value == value else None

    four = {}
    for name in FOUR:
        apart = found.difference(MODEL, name)
        four[name] = {
            "crps": found.mean(name),
            "log_score": found.mean(name, "log_score"),
            "model_less_it": {k: number(v) for k, v in apart._asdict().items()},
            "coverage": [found.coverage(name, share)._asdict() for share in (HALF, MOST)],
        }
    readings = []
    for row, scores in zip(found.rows, found.scores, strict=True):
        by_name = {name: one._asdict() for name, one in scores.items()}
        readings.append({"title": row.title, **row.reading._asdict(), "scores": by_name})
    said = {"is_reached": found.is_reached, "predictions": four, "readings": readings}
    if weighed:
        every = [one._asdict() | {"held": one.held._asdict()} for one in weighed]
        said["structures"] = every
    return said
