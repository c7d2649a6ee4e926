"""Compiled code is found again: by another checkout of the same source, and by none of another."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from conftest import ROOT

# One rule is enough: it is found as all are.
ASK = """
from uptake.model import _jit
from uptake.model.rules.clocks import strikes
strikes(0.1, 0.05)
print(_jit.CACHE_FOLDER, sum(strikes.stats.cache_hits.values()), _jit.is_warm())
"""


def asked(checkout: Path, cache: Path) -> list[str]:
    environment = os.environ | {"PYTHONPATH": str(checkout / "sim"), "NUMBA_CACHE_DIR": str(cache)}
    environment.pop("NUMBA_DISABLE_JIT", None)
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=checkout, env=environment, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return done.stdout.split()


def test_a_second_checkout_compiles_nothing_again(tmp_path: Path) -> None:
    """And one rule on disk is not yet the whole engine: that is said to be compiled still."""
    copies = [tmp_path / "first", tmp_path / "a second one"]
    for copy in copies:
        shutil.copytree(ROOT / "sim", copy / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    first, second = (asked(copy, tmp_path / "cache") for copy in copies)
    assert first[0] == second[0]
    assert (first[1], second[1]) == ("0", "1")
    assert (first[2], second[2]) == ("False", "False")
    changed = copies[1] / "sim" / "uptake" / "model" / "rules" / "peers.py"
    changed.write_text(changed.read_text() + "\n# another source\n")
    third = asked(copies[1], tmp_path / "cache")
    assert third[0] != first[0]
    assert third[1] == "0"
