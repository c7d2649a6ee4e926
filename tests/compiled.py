"""Compile what the tests run: the engine, and the rules as Mesa's agents call them."""

from __future__ import annotations

import compileall
from pathlib import Path

import uptake


def main() -> None:
    """Run all that is kept on disk once it is compiled: episodes in which every rule is called.

    The source is compiled for Python first, once and not by every process of the tests, which may
    have been told to write nothing.
    """
    compileall.compile_dir(Path(uptake.__file__).parent, quiet=1)
    for name in ("nhs_employers_2009", "commissioning_support_2012", "stp_back_office_2016"):
        scenario = uptake.scenario(name)
        scenario.run(1)
        model = scenario.model()
        while model.running:
            model.step()


if __name__ == "__main__":
    main()
