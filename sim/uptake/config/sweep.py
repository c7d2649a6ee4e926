"""From a question with axes to a sweep that is ready: each configuration is composed once."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from uptake.config.axes import Axes, Group, axes_of, groups_of
from uptake.config.case import Case
from uptake.config.compose import Question
from uptake.config.design_file import points_of_file
from uptake.config.overrides import CONTROLS, typed
from uptake.config.paths import key_of, names_path
from uptake.config.posterior import AGAIN, HAPPENED, kind_of
from uptake.config.schema import Run
from uptake.engine.designs import MOST_POINTS
from uptake.engine.plan import Part, Plan
from uptake.errors import InputError, wrong


class Watch(Protocol):
    """What is told of work that goes on: sentences, and how far it is."""

    def say(self, *sentences: str) -> None:
        """Show sentences."""

    def progress(
        self, what: str, total: int, pieces: int = 0, work: float = 0.0
    ) -> AbstractContextManager[Callable[..., None]]:
        """Show how far a job of so many steps is; what is given is told of steps that are done."""

    def compile_rules(self, case: Case) -> None:
        """Compile the model for this machine where that has not been done, and say so."""


class Quiet:
    """A watch that shows nothing."""

    def say(self, *sentences: str) -> None:
        """Show nothing."""

    @contextmanager
    def progress(self, *_: Any, **__: Any) -> Iterator[Callable[..., None]]:
        """Show nothing."""
        yield lambda *_: None

    def compile_rules(self, case: Case) -> None:
        """Leave it to the first run."""


@dataclass(frozen=True)
class Sweep:
    """A sweep that is ready: its plan, the case of each part, and what was chosen for each."""

    plan: Plan
    cases: list[Case]
    groups: list[Group]
    axes: Axes
    config: Run  # of the first part
    asked: list[str]  # as typed

    @property
    def is_whole(self) -> bool:
        """Tell whether all of it is asked for, and no share only."""
        return self.config.sweep.chunks == "1/1"

    def choices(self) -> list[dict[str, Any]]:
        """Return for every part what was chosen for all of its points, by key."""
        return [
            {key: choice.label for key, choice in group.choices.items()} for group in self.groups
        ]


def _checked(config: Run) -> Run:
    """Refuse what a sweep cannot do."""
    sweep = config.sweep
    if config.executor.address is not None and config.executor.name != "dask":
        raise InputError(f"executor.address={config.executor.address}: is for executor=dask")
    if sweep.resume and config.out is None:
        raise InputError("sweep.resume=true: out=FOLDER is needed, to say which sweep goes on")
    return config


def _with_written(axes: Axes, config: Run, asked: Question) -> Axes:
    """Return the axes beside those that an experiment writes down; what is typed goes before."""
    typed_keys, said = {key_of(override) for override in asked.overrides}, []
    for key, values in config.sweep.axes.items():
        listed = values if isinstance(values, str) else ",".join(map(typed, _several(key, values)))
        override = f"{key}={listed}"
        if names_path(override) or key.partition(".")[0] in CONTROLS:
            raise InputError(f"sweep.axes.{key}: only the command line can say it")
        if key not in typed_keys:
            said.append(override)
    found = axes_of(replace(asked, overrides=said))
    for override in found.fixed:
        raise InputError(f"sweep.axes.{override}: several values are needed")
    return replace(
        axes, numbers=[*axes.numbers, *found.numbers], composed={**axes.composed, **found.composed}
    )


def _several(key: str, values: Any) -> list[Any]:
    """Return a list of values, or refuse what is none."""
    if not isinstance(values, list) or not values:
        raise wrong(
            f"sweep.axes.{key}",
            values,
            "a list of values is needed, or a text such as range(0,1,0.1)",
        )
    return values


def _same_luck(config: Run, group: Group, asked: Question) -> Run:
    """Return a configuration under which points may differ in parameters: what happened may not."""
    varied = [key for key in group.points.keys if key.startswith("parameters.")]
    if not varied or kind_of(config) != HAPPENED:
        return config
    if config.draws == HAPPENED:
        told = f"what happened cannot be asked with {varied[0]}; draws={AGAIN} can"
        raise wrong("draws", HAPPENED, told)
    return replace(asked, overrides=[*config.asked, f"draws={AGAIN}"]).configuration()


def prepared(asked: Question, axes: Axes, watch: Watch) -> Sweep:
    """Return a sweep that is ready to run: parsed once, composed once per configuration."""
    question = replace(asked, overrides=axes.fixed)
    first = [choices[0].override for choices in axes.composed.values()]
    config = _checked(replace(question, overrides=[*axes.fixed, *first]).configuration())
    axes = _with_written(axes, config, asked)
    groups = groups_of(axes, config, partial(points_of_file, config=config, asked=question))
    watch.say(*dict.fromkeys(group.note for group in groups if group.note))
    cases, parts, start = [], [], 0
    with watch.progress("configurations", len(groups)) as advance:
        for group in groups:
            overrides = [*axes.fixed, *group.overrides()]
            known = overrides == config.asked
            try:
                chosen = config if known else replace(question, overrides=overrides).configuration()
                case = question.assembled(_same_luck(chosen, group, question))
            except InputError as problem:
                raise InputError(f"{group.where}{problem}") from None
            cases.append(case)
            parts.append(
                Part(
                    case.episode,
                    case.priors,
                    case.config.seed,
                    tuple(case.people.kind_names),
                    group.points,
                    start,
                    case.posterior,
                )
            )
            start += group.points.count
            advance(1)
    if start > MOST_POINTS:
        raise InputError(f"{start:,} points: at most {MOST_POINTS:,} can be swept at once")
    sweep = config.sweep
    plan = Plan(
        tuple(parts), sweep.runs or config.runs, sweep.common_random_numbers, sweep.chunk_runs
    )
    return Sweep(plan, cases, groups, axes, cases[0].config, asked.overrides)
