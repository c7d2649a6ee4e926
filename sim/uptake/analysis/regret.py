"""Options against structures and draws: what each falls short of the best. Knows no model.

Source: Savage 1951, "The theory of statistical decision".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def regret(worth: Floats) -> Floats:
    """Return by how much each option falls short of the best in each run, (options, runs).

    Parameters
    ----------
    worth
        Of each option in each run, more being better, shape (options, runs).

    Examples
    --------
    >>> regret(np.array([[1.0, 5.0], [3.0, 4.0]]))
    array([[2., 0.],
           [0., 1.]])
    """
    return np.asarray(worth.max(axis=0) - worth)


class Minimax(NamedTuple):
    """The option whose largest mean regret, over structures, is the least."""

    option: str
    largest: float
    structure: str  # under which its regret is the largest


def minimax(options: Sequence[str], regrets: Mapping[str, Floats]) -> Minimax:
    """Return the option whose largest mean regret is the least; of equals the first.

    Parameters
    ----------
    options
        Their names.
    regrets
        Mean regret of each option, shape (options,), by structure.
    """
    names, table = list(regrets), np.array(list(regrets.values()))
    largest = table.max(axis=0)
    at = int(largest.argmin())
    return Minimax(options[at], float(largest[at]), names[int(table[:, at].argmax())])
