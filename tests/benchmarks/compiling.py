"""What compiling the engine costs, function by function: ``python tests/benchmarks/compiling.py``.

Seconds of the processor, not of the clock: compiling uses one core, whatever else the machine does.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter, defaultdict
from typing import Any

with tempfile.TemporaryDirectory() as folder:
    os.environ["NUMBA_CACHE_DIR"] = folder

    from numba.core import event
    from uptake.cli.arguments import configuration
    from uptake.config.case import assemble
    from uptake.engine.compiled import run_chunk

    class Clock(event.Listener):
        """The processor's seconds that each function takes, without those that it calls."""

        def __init__(self) -> None:
            self.own: defaultdict[str, float] = defaultdict(float)
            self.compiled: Counter[str] = Counter()
            self._began: list[float] = []
            self._within = [0.0]

        def on_start(self, event: Any) -> None:
            """Note when a function began."""
            self._began.append(time.thread_time())
            self._within.append(0.0)

        def on_end(self, event: Any) -> None:
            """Count what it took."""
            whole, within = time.thread_time() - self._began.pop(), self._within.pop()
            function = event.data["dispatcher"].py_func
            name = f"{function.__module__}.{function.__name__}"
            self.own[name] += whole - within
            self.compiled[name] += 1
            self._within[-1] += whole

    config = configuration("run", [])
    assert config is not None
    case, clock = assemble(config), Clock()
    with event.install_listener("numba:compile", clock):
        run_chunk(case.episode, case.design, case.config.seed, 0, 0)
    for name in sorted(clock.own, key=clock.own.__getitem__, reverse=True)[:20]:
        print(f"{clock.own[name]:6.2f} s  {clock.compiled[name]:2} x  {name}")
    print(f"{sum(clock.own.values()):6.2f} s  {clock.compiled.total():2} functions in all")
