"""What was learnt, in sentences; none claims more than the draws do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from uptake.errors import counted
from uptake.inference.diagnostics import Direction
from uptake.inference.pooling import LEAST_ESS, MOST_K
from uptake.inference.result import LITTLE, StructureResult
from uptake.report.text import learnt
from uptake.report.text.learnt import Check
from uptake.report.text.numbers import share_of_runs
from uptake.report.text.observed import between, fact, reads

_MOST_NAMED = 6  # of anything in a sentence
_ENOUGH = 100  # independent draws, of fewer no interval is steady
_NEAR = 0.1  # sd of the prior, or share of its width, within which a new scheme is as the prior
_MOST_ERROR = 0.2  # of a mean of the pool, in its sd, see ``Pool.error``


def plan(histories: int, particles: int, chains: int, structures: int) -> str:
    """Return what is about to be done, in words.

    >>> plan(24, 200, 4, 1).partition(",")[0]
    'To come: 24 histories'
    """
    what = "1 history" if histories == 1 else f"{histories} histories, each"
    steps = [
        f"{what} fitted by {counted(chains, 'chain')} of {particles:,} particles",
        "all pooled",
        "every episode run on the prior, by the others alone and on its own draws",
        "figures and report",
    ]
    each = f" for each of {structures} structures" if structures > 1 else ""
    return f"To come{each}: {', then '.join(steps)}."


def number(value: float | None, digits: int = 0) -> str:
    """Return a number for a cell, and nothing where there is none.

    >>> number(1234.4), number(0.666, 2), number(float("inf")), number(None)
    ('1,234', '0.67', 'above all bounds', '')
    """
    if value is None or np.isnan(value):
        return ""
    return f"{value:,.{digits}f}" if np.isfinite(value) else "above all bounds"


def in_words(quantiles: Sequence[float]) -> str:
    """Return a median with 90 % of its draws.

    >>> in_words([0.0132, 0.05, 0.187])
    '0.05 (0.013 to 0.19)'
    """
    low, median, high = (f"{value:.2g}" for value in quantiles)
    return f"{median} ({low} to {high})"


def direction_words(direction: Direction) -> str:
    """Return a sum of parameters for a reader."""
    parts = [f"{weight:+.2f} {name}" for name, weight in direction.loadings.items()]
    return " ".join(parts)


def reported(result: StructureResult) -> dict[str, str]:
    """Return how much was fitted of each history, in words."""
    said = {}
    for data in result.variant.data:
        kinds = (("reading", data.readings), ("bound", data.facts), ("finding", data.findings))
        said[data.name] = ", ".join(counted(len(some), what) for what, some in kinds if some)
    for kept in result.variant.kept:
        said[kept.name] = f"{counted(len(kept.about['fitted']), 'number')}, before"
    return said


def _named(names: Sequence[str], join: str = ", ") -> str:
    """Return the first few of many."""
    more = len(names) - _MOST_NAMED
    some = join.join(names[:_MOST_NAMED])
    return f"{some}{join}and {more} more" if more > 0 else some


def _told(missed: Sequence[Check], side: str) -> str:
    """Return the histories of which runs of a side miss something, each with its first."""
    said: dict[str, list[str]] = {}
    for one in missed:
        row = one.sides[side]
        if one.is_finding:
            what = f"{row['statement']}, with which {share_of_runs(row['agree'])} agree"
        else:
            what = f"{fact(row, one.bodies)}: {reads(row)}, predicted {between(row, 'q05', 'q95')}"
        said.setdefault(one.title, []).append(what)
    parts = []
    for title, facts in said.items():
        more = f", and {len(facts) - 1} more" if len(facts) > 1 else ""
        parts.append(f"{title} ({facts[0]}{more})")
    return _named(parts, "; ")


def _misses(result: StructureResult) -> list[str]:
    """Return what is predicted wrongly, by the others alone and tried again."""
    spoken = []
    for side, by, least in (
        ("without", "By the other histories alone", "about one in ten would be, if all were right"),
        ("after", "Tried again on what its own history says", "these were fitted: no test"),
    ):
        scored = [one for one in learnt.checks(result) if one.is_fitted and side in one.sides]
        missed = [one for one in scored if one.is_missed(side)]
        if not scored:
            continue
        head = f"{by}, {len(missed) or 'none'} of {len(scored)} facts are missed ({least})"
        spoken.append(f"{head}: {_told(missed, side)}." if missed else f"{head}.")
    for side in ("after", "without"):
        missed = [one for one in learnt.checks(result) if not one.is_fitted and one.is_missed(side)]
        if missed:
            spoken.append(f"Missed, and not fitted: {_told(missed, side)}.")
            break
    return spoken


def _few(result: StructureResult) -> list[str]:
    """Return the warnings that draws are too few to say much."""
    told, pool = learnt.told_of(result), result.pool
    few = [name for name, one in told.items() if learnt.ess(one) < _ENOUGH]
    spoken = []
    if few:
        spoken.append(
            f"Too few: under {_ENOUGH} independent draws (effective sample size) stand behind "
            f"{len(few)} of {len(told)} histories ({_named(few)}). Take what follows for a trial; "
            "more particles or chains are needed before anything is quoted."
        )
    off = {name: share for name, share in learnt.deviations(result).items() if share}
    if off:
        said = ", ".join(f"{name} ({100 * share:g} %)" for name, share in off.items())
        spoken.append(
            f"Not shown to be reproduced: hardly a run comes as near to what was reported of {said}"
            " as its errors say; each is fitted with a further error of so many of the bodies "
            "approached, and counts in no evidence."
        )
    nearer = [one.name for one in result.fits.values() if one.nearer]
    if nearer:
        spoken.append(
            f"The draws of {len(nearer)} of {len(told)} histories did not reach where the others "
            "point; as many were drawn nearer to that."
        )
    far = pool.out_of_reach
    if far:
        spoken.append(
            f"The draws of {len(far)} of {len(told)} histories serve badly where the pool lies "
            f"(effective sample size under {LEAST_ESS:g}, or Pareto k above {MOST_K:g}): "
            f"{_named(far)}."
        )
    error = float(np.max(pool.error, initial=0.0))
    if error > _MOST_ERROR:
        spoken.append(
            "What histories say together is not to be trusted: as their draws are few, means are "
            f"off by {error:.2f} of their sd, where {_MOST_ERROR:g} is the most."
        )
    return spoken


def _fitted(result: StructureResult) -> str:
    """Return what was fitted, and how."""
    data = result.variant.data
    numbers = sum(len(one.readings) for one in data)
    facts = sum(len(one.facts) + len(one.findings) for one in data)
    before = len(result.variant.kept)
    others = f" {before} more had been fitted before." if before else ""
    wrong = (
        f", and {facts} bounds and findings, each wrong with a chance of "
        f"{100 * data[0].error_rate:g} % (assumption)"
        if facts
        else ""
    )
    return (
        f"Structure {result.name}. {_histories(len(data))} fitted by itself to all that was "
        f"reported of it: {counted(numbers, 'reading')}, each with its error{wrong}.{others} No "
        "number was set by hand."
    )


def _histories(count: int) -> str:
    """Return how many histories there are, one by one."""
    return "One history was" if count == 1 else f"Each of {count} histories was"


def _new(result: StructureResult) -> list[str]:
    """Return what is known of a new scheme, and what is not."""
    pool, new = result.pool, learnt.new(result)
    if not new:
        return ["No parameter was pooled: a new scheme has the prior."]
    known, differ, as_before = [], [], []
    for place, name in enumerate(pool.names):
        low, _, middle, _, high = new[name]
        if abs(middle) < _NEAR and abs((high - low) / (2.0 * learnt.PRIOR[4]) - 1.0) < _NEAR:
            as_before.append(name)
            continue
        before, after = (
            in_words(learnt.in_unit(result, name, at))
            for at in (learnt.PRIOR[::2], [low, middle, high])
        )
        known.append(f"{name} {after}, before {before}")
        differ.append(f"{name} {learnt.between(result, pool.t[:, place])[1]:.2f}")
    spoken = []
    if known:
        spoken += [
            f"In a new scheme (median, 90 % of draws): {'; '.join(known)}.",
            "So far do schemes differ (sd of the prior; 1: they have nothing in common): "
            f"{', '.join(differ)}.",
        ]
    if as_before:
        spoken.append(
            f"Of {', '.join(as_before)} a new scheme has about the prior: histories differ as "
            "widely as it does, or say too little."
        )
    rest = len(result.variant.names) - len(pool.names)
    if rest:
        spoken.append(
            f"Not pooled: {counted(rest, 'other parameter')}. Whatever a history says of these, a "
            "new scheme has the prior, an assumption."
        )
    return spoken


def _most(result: StructureResult) -> str:
    """Return what single histories teach most."""
    found = [
        (one.bits, f"{history} of {one.name} ({one.shift:+.1f} sd, {one.bits:.1f} bits)")
        for history in result.fits
        for one in result.updates(history)[:1]
        if one.bits > LITTLE
    ]
    told = [words for _, words in sorted(found, key=lambda pair: -pair[0])[:3]]
    if not told:
        return ""
    return (
        f"Most is said by {'; '.join(told)}. Several causes share each number that was reported: "
        "single parameters of a history are not to be quoted alone."
    )


def _limits(result: StructureResult) -> list[str]:
    """Return what the draws do not know."""
    cut = [
        summary["title"]
        for name, summary in result.after.items()
        if summary["scrapped_share"] > 0.5 and name in result.fits
    ]
    spoken = [
        "What a scenario takes as given (who was approached, what was offered, for how long) is no "
        "part of what is learnt; if it was otherwise, so are the draws."
    ]
    if cut:
        spoken.append(
            f"A review cuts numbers off, which are then not where adoption would have settled: "
            f"{_named(cut, '; ')}."
        )
    return spoken


def sentences(results: list[StructureResult]) -> list[str]:
    """Return what was missed, what was learnt, and what was not; of the main structure first."""
    result = results[0]
    spoken = [
        *_few(result),
        *_misses(result),
        _fitted(result),
        *_new(result),
        _most(result),
        *_limits(result),
    ]
    if len(results) > 1:
        shared = learnt.reproduced(results)
        values = ", ".join(f"{one.name} {learnt.evidence(one, shared):.1f}" for one in results)
        spoken.append(
            f"Log marginal likelihood by structure, of {len(shared)} histories that all of them "
            f"reproduce: {values}. Answers are given by "
            "structure and never averaged; differences of less than 3 say little."
        )
    return [sentence for sentence in spoken if sentence]
