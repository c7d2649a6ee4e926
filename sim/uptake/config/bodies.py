"""What a scenario says of bodies by name, and of those that are members at the start."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from uptake.config.schema import Event, Run, Within
from uptake.config.schema.scenario import DEEDS, MembersAtStart
from uptake.errors import InputError, one_of, wrong
from uptake.model._jit import Records
from uptake.model.entities import NEVER, SERVED, SIGNED
from uptake.model.episode import DEED, START


def check_deeds(config: Run) -> None:
    """Refuse a row of the timeline about a body that is not named, or cannot do what it says."""
    for event in config.scenario.timeline:
        key = f"scenario.timeline.{event.name}.bodies"
        for name, deed in event.bodies.items():
            one_of(key, name, config.scenario.bodies)
            if deed == "leaves" and event.month == 0:
                raise wrong(f"{key}.{name}", deed, "allowed from month 1 on")


def deeds_of(events: list[Event], named: Mapping[str, int]) -> Records:
    """Return what named bodies do, by month; ``named`` has the numbers of those that take part."""
    rows = [
        (event.month, named[name], DEEDS[deed])
        for event in sorted(events, key=lambda event: event.month)
        for name, deed in event.bodies.items()
        if name in named
    ]
    return np.array(rows, DEED).view(np.recarray)


def starts_of(config: Run, named: Mapping[str, int], approached: int) -> Records:
    """Return who is a member at the start, named bodies first; so many are approached at least."""
    starts = config.scenario.members_at_start
    out = [
        name
        for event in config.scenario.timeline
        for name, deed in event.bodies.items()
        if event.month == 0 and deed == "stays_out"
    ]
    times = Counter(name for start in starts for name in start.bodies)
    by_name: list[tuple[float, ...]] = []
    by_chance: list[tuple[float, ...]] = []
    for i, start in enumerate(starts):
        key = f"scenario.members_at_start[{i}]"
        if (start.number is None) + (start.share is None) + (not start.bodies) != 2:
            raise InputError(f"{key}: one of number, share and bodies is needed")
        providers = _providers(config, key, start.provider)
        stage = SIGNED if start.stage == "signed" else SERVED
        what = (stage, start.stage == "aligned")
        for name in start.bodies:
            one_of(f"{key}.bodies", name, config.scenario.bodies)
            if name in out or times[name] > 1:
                why = "it stays out from month 0" if name in out else "it is named twice"
                raise wrong(f"{key}.bodies", name, why)
            if name in named:
                by_name.append((*what, named[name], 0, 0.0, *providers))
        if not start.bodies:
            by_chance.append((*what, NEVER, *_how_many(key, start, approached), *providers))
    return np.array(by_name + by_chance, START).view(np.recarray)


def _how_many(key: str, start: MembersAtStart, approached: int) -> tuple[int, float]:
    """Return a number of trusts, and a share of those approached that comes to it."""
    if start.number is not None:
        within = Within(1, approached, "trusts approached")
        return int(within.checked(f"{key}.number", start.number.value)), 0.0
    return 0, 0.0 if start.share is None else start.share.value


def _providers(config: Run, key: str, name: str | None) -> tuple[int, int]:
    """Return the first row of the providers of a name, or of all, and that after the last."""
    providers, row = config.scenario.providers, 0
    rows: dict[str, tuple[int, int]] = {}
    for one, provider in providers.items():
        number = 1 if provider.number is None else int(provider.number.value)
        rows[one], row = (row, row + number), row + number
    if name is None:
        return 0, row
    provider = providers[one_of(f"{key}.provider", name, providers)]
    if provider.enters_later or (provider.entry_month and provider.entry_month.value > 0):
        raise wrong(f"{key}.provider", name, "one that is open at the launch is needed")
    return rows[name]
