"""How far so many runs tell a chance. Knows no model.

Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
"""

from __future__ import annotations

from typing import Any

import numpy as np

Z95 = 1.96
Z999 = 3.29


def wilson(share: Any, runs: float, z: float = Z95) -> tuple[Any, Any]:
    """Return between which chances the one lies of which a share of runs was seen.

    ``(p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)``.

    Parameters
    ----------
    share
        Of the runs: a number, or an array of any shape.
    runs
        How many there are.
    z
        Half the width in standard deviations of a normal: 1.96 for 95 %.

    Examples
    --------
    >>> [round(float(end), 3) for end in wilson(0.37, 1000)]
    [0.341, 0.4]
    """
    z2 = z * z / runs
    middle = (share + z2 / 2.0) / (1.0 + z2)
    half = np.sqrt(share * (1.0 - share) * z2 + z2 * z2 / 4.0) / (1.0 + z2)
    return middle - half, middle + half
