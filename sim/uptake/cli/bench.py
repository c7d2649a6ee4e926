"""uptake bench: what the engine costs, side by side with a plain Mesa model and a bare draw.

What is timed lives with the tests of a checkout, as the plain Mesa model does.
"""

import importlib
import sys
from pathlib import Path

from uptake.cli.arguments import configuration
from uptake.errors import InputError


def main(arguments: list[str]) -> None:
    """Measure, print and save."""
    config = configuration("bench", arguments)
    if config is None:
        return
    tests = Path(__file__).resolve().parents[3] / "tests"
    if not (tests / "benchmarks").is_dir():
        raise InputError("bench: the plain Mesa model is part of the source, not of the package")
    sys.path.insert(0, str(tests))
    importlib.import_module("benchmarks.speed").measure(config)
