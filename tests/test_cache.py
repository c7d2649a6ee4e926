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


# Ten keys, each of a constant stream: compiled code calls a rule, then Python does.
COUNT = """
from uptake.model.blanks import keys_of_launch
from uptake.model.draws import KIND, month_key, run_key, word
inner, keys = month_key.get_overload.__self__, keys_of_launch(1, 2)
print(len(inner.signatures), len(month_key.signatures))
print(month_key(word(run_key(1, 2)), KIND, 0) == keys.kind, len(month_key.signatures))
"""


def asked(checkout: Path, cache: Path, script: str = ASK) -> list[str]:
    environment = os.environ | {"PYTHONPATH": str(checkout / "sim"), "NUMBA_CACHE_DIR": str(cache)}
    environment.pop("NUMBA_DISABLE_JIT", None)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=checkout, env=environment, capture_output=True,
        text=True, check=True,
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


def test_a_rule_is_compiled_once_for_all_constants_and_apart_for_python(tmp_path: Path) -> None:
    assert asked(ROOT, tmp_path, COUNT) == ["1", "0", "True", "1"]
