"""The answer to a question in a folder: summary, tables, figures, report."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from uptake.config.case import Case
from uptake.config.offers import Like, nearest
from uptake.errors import counted
from uptake.files import write_json
from uptake.report import html
from uptake.report.figures import (
    Adoption,
    Alike,
    Base,
    Panel,
    Seen,
    adoption_curve,
    seen_of,
    small_multiples,
    who_joins,
)
from uptake.report.options import options
from uptake.report.text import question as words
from uptake.report.text.answer import Compared, beside, headline, in_pairs, offer, told
from uptake.report.text.numbers import called, unit_of
from uptake.report.text.observed import reads, row_of
from uptake.results import tables
from uptake.results.money import money as money_of
from uptake.results.provenance import provenance
from uptake.results.runs import Runs, quantiles, run
from uptake.results.standings import told_by
from uptake.results.summary import differences, summarise

AS_IT_WAS = "as_it_was"  # the folder of the runs that a what-if is compared with


@dataclass(frozen=True)
class Answer:
    """The runs of a question, and what they are shown beside.

    ``base`` are those of the scheme as it was, on the same behaviour and draws, if the question
    changes it; ``variants`` those under other structures of the model, by name.
    """

    runs: Runs
    base: Runs | None = None
    variants: Mapping[str, Runs] = field(default_factory=dict)

    @property
    def case(self) -> Case:
        """The case that was asked."""
        return self.runs.case

    @property
    def was(self) -> Runs:
        """The runs of the scheme as it was: those of the question, if it changes nothing."""
        return self.base or self.runs

    @cached_property
    def compared(self) -> Compared | None:
        """What differs from the scheme as it was, if the question changes it."""
        if self.base is None:
            return None
        than = words.reference(self.base.case)
        return Compared(than, *differences(self.runs, self.base), self.case.bodies)

    @cached_property
    def nearest(self) -> list[Like]:
        """The histories that offered the like, if behaviour is drawn from those of others."""
        return nearest(self.case)

    @cached_property
    def summary(self) -> dict[str, Any]:
        """Content of ``summary.json``."""
        summary = summarise(self.runs) | told_by(self.runs)
        summary["money"] = money_of(self.runs)
        summary |= {"question": words.title(self.case), "departures": words.departures(self.case)}
        if self.compared:
            summary[AS_IT_WAS] = {
                "called": self.compared.than,
                "outcomes": summarise(self.was)["outcomes"],
                "mean": self.compared.was,
                "differences": self.compared.moved,
            }
        if self.nearest:
            summary["nearest"] = [
                {"scenario": one.name, "title": one.offer.title, "distance": one.distance}
                for one in self.nearest
            ]
        if self.variants:
            outcomes = {name: summarise(runs)["outcomes"] for name, runs in self.variants.items()}
            summary["variants"] = outcomes
        return summary

    @property
    def headline(self) -> tuple[str, str]:
        """The answer in a sentence or two beside the scheme as it was, and what else differs.

        It is about the outcome that tells the scenario's story.
        """
        case, runs = self.case, len(self.runs)
        shown, of = case.config.scenario.shows, quantiles(self.runs["approached"])
        now = quantiles(self.runs.at_month(shown, case.months))
        said = headline(case, runs, shown, now, of)
        return beside(said, case, shown, runs, self.compared)

    @property
    def sentences(self) -> list[str]:
        """The answer in words, a sentence a fact: who joins comes first."""
        return told(self.case, self.summary, self.compared)


def answered(case: Case, run: Callable[[Case], Runs] = run) -> Answer:
    """Answer to a case, beside the scheme as it was if the case changes that."""
    return Answer(run(case), run(case.as_it_was()) if case.is_changed else None)


def of_scheme(case: Case) -> str:
    """What is added to "observed", so that nobody takes it for an observation of a what-if."""
    return " of the scheme as it was" if words.departures(case) else ""


def observed(case: Case, curve: str) -> list[Seen]:
    """What was observed of a curve within the horizon, at each date.

    A share of the bodies approached is drawn as that share of as many as are asked here, of an
    uncertain number as that share of the value that the scenario gives it.
    """
    asked = (case.people.approached_low + case.people.approached_high) / 2.0
    said = float(case.config.scenario.approached.value)
    approached = said if case.people.is_number_open else asked
    return [
        seen_of(row, reads(row), approached if seen.of else 1.0)
        for name, seen in case.observed
        if name == curve and seen.of in (None, "approached") and seen.month <= case.months
        for row in [row_of(name, seen)]
    ]


def events(case: Case) -> list[tuple[int, str]]:
    """Month and label of every event within the horizon; a date stands before its first event."""
    labels, dated = [], set()
    for event in case.events:
        if event.month <= case.months:
            date = "" if event.date in dated else f"{event.date}: "
            dated.add(event.date)
            labels.append((event.month, f"{date}{event.label}"))
    return labels


def counted_on(case: Case, curve: str) -> str:
    """Label of a curve: what it counts."""
    if curve == "joined":
        return f"{case.bodies} that have joined"
    return called(curve, case.bodies) + (" so far" if unit_of(curve) == "GBP" else "")


def adoption(answer: Answer, curve: str | None = None) -> Adoption:
    """A curve of an answer as it is drawn: the one that tells the scenario's story."""
    case, runs = answer.case, len(answer.runs)
    shown = curve or case.config.scenario.shows
    compared, base, change = answer.compared, None, ""
    if compared:
        base = Base(compared.than, answer.was.bands(shown))
        change = f" {in_pairs(shown, runs, compared)}"
    return Adoption(
        bands=answer.runs.bands(shown),
        runs=runs,
        outcome=shown,
        title=words.title(case),
        subtitle=f"{offer(case)}; {counted(runs, 'run')}, {case.config.parameters.title}.{change}",
        start=case.config.scenario.start,
        label=counted_on(case, shown),
        observed=observed(case, shown),
        seen=f"observed{of_scheme(case)}",
        events=events(case),
        base=base,
        alike=_alike(answer, shown),
        target=case.target.number if case.target and case.target.outcome == shown else None,
    )


def _alike(answer: Answer, shown: str) -> list[Alike]:
    """What was read of the nearest histories, as counts among as many bodies as were approached."""
    approached, found = float(answer.runs["approached"].mean()), []
    for one in answer.nearest:
        read = one.share_read(shown, answer.case.months)
        if read:
            counts = [share * approached for _, share in read]
            found.append(Alike(f"as in: {one.offer.title}", [month for month, _ in read], counts))
    return found


def panel(title: str, runs: Runs, lines: Mapping[str, list[float]] | None = None) -> Panel:
    """The curve that tells the scenario's story, as one of several small ones."""
    scenario = runs.case.config.scenario
    shown = scenario.shows
    label, seen = called(shown, runs.case.bodies), observed(runs.case, shown)
    return Panel(title, shown, label, scenario.start, runs.bands(), seen, lines or {})


def _draw(answer: Answer, folder: Path) -> dict[str, str]:
    """Draw the adoption curve and who joins; return the files that the report shows.

    Those of a what-if carry the question in their names. None, if none are wanted.
    """
    case = answer.case
    if not case.config.figures:
        return {}
    after = f"_{words.stem(case)}" if answer.summary["departures"] else ""
    adoption_curve(adoption(answer), folder / f"adoption_curve{after}")
    who_joins(answer.summary, folder / f"who_joins{after}")
    found = {kind: f"{kind}{after}.svg" for kind in ("adoption_curve", "who_joins")}
    if answer.variants:
        panels = [panel(name, runs) for name, runs in answer.variants.items()]
        title = f"{answer.summary['question']}: structures side by side"
        small_multiples(panels, title, "", len(answer.runs), folder / "variants")
        found["variants"] = "variants.svg"
    return found


def write(answer: Answer, folder: Path) -> None:
    """Write all that is said of an answer into a folder that is there."""
    said = provenance(answer.case)
    places = {"": answer.runs, **{f"variants/{n}": runs for n, runs in answer.variants.items()}}
    if answer.base is not None:
        places[AS_IT_WAS] = answer.base
    for place, runs in places.items():
        (folder / place).mkdir(parents=True, exist_ok=True)
        tables.save(runs, folder / place)
    write_json(folder / "summary.json", answer.summary)
    write_json(folder / "provenance.json", said)
    drawn = _draw(answer, folder)
    side_by_side = options(answer.runs, answer.base)
    html.write(answer.case, answer.summary, answer.compared, side_by_side, drawn, said, folder)
