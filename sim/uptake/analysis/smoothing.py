"""What is to be expected of a number given one factor: a smoothing spline. Knows no model.

Cubic splines on a few knots with a penalty on curvature (Eilers and Marx 1996), whose strength is
chosen by generalised cross-validation (Craven and Wahba 1979). The fit is linear in the numbers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
KNOTS = 8
_PENALTIES = 10.0 ** np.linspace(-3, 6, 28)


class Smooth(NamedTuple):
    """Fits of some numbers on one factor, a column each."""

    fitted: Floats  # (rows, columns)
    basis: Floats  # (rows, coefficients)
    coefficients: Floats  # (coefficients, columns)
    covariances: Floats  # (columns, coefficients, coefficients)


def _basis(places: Floats) -> Floats:
    """Return cubic B-splines at shares of the way from 0 to 1, shape (rows, coefficients)."""
    from scipy.interpolate import BSpline

    inner = np.linspace(0.0, 1.0, KNOTS)
    knots = np.concatenate([[0.0] * 3, inner, [1.0] * 3])
    made = BSpline.design_matrix(np.clip(places, 0.0, 1.0), knots, 3)
    return np.asarray(made.todense())


def scores_of(factor: Floats) -> Floats:
    """Return the normal score of each value, moved to 0 to 1: equal values have the same.

    So what is normal, or lognormal, lies on a straight line, whatever its unit.
    """
    from scipy.special import ndtri

    known, at, counts = np.unique(factor, return_inverse=True, return_counts=True)
    if len(known) == 1:
        return np.full(len(factor), 0.5)
    scores = ndtri((np.cumsum(counts) - 0.5 * counts) / len(factor))  # of the middle of equals
    return np.asarray((scores - scores[0])[at] / (scores[-1] - scores[0]))


def smooth(factor: Floats, numbers: Floats, weights: Floats | None = None) -> Smooth:
    """Return what is expected of some numbers given a factor.

    Parameters
    ----------
    factor
        Shape (rows,); only the order of its values counts.
    numbers
        Shape (rows, columns), each column fitted by itself.
    weights
        How often each row is seen, shape (rows,); once, if left out.

    Notes
    -----
    A row errs once, however often it is seen. So with ``A = B'WB + l P`` the covariance is
    ``s^2 A^-1 (B'W^2B + c l P) A^-1``, where ``c`` is the mean weight of a row that is seen: with
    equal weights Bayes's ``s^2 c A^-1`` (Wahba 1983), without a penalty the sandwich (White 1980).
    """
    weights = np.ones(len(factor)) if weights is None else weights
    whole, squared, basis = weights.sum(), weights @ weights, _basis(scores_of(factor))
    rows, alike = whole**2 / squared, squared / whole  # as many rows of equal weight; its size
    bent = np.diff(np.eye(basis.shape[1]), 2, axis=0)
    gram, penalty = basis.T @ (basis * weights[:, None]), bent.T @ bent
    noise = basis.T @ (basis * weights[:, None] ** 2)  # what errors of rows bring, each once
    tiny = 1e-9 * np.trace(gram) * np.eye(len(gram))
    middle = weights @ numbers / whole
    moved = numbers - middle  # so that sums of squares lose no digits
    moment, squares = basis.T @ (weights[:, None] * moved), weights @ moved**2
    columns = moved.shape[1]
    best, left_over = np.full(columns, np.inf), np.zeros(columns)
    coefficients, covariances = np.zeros_like(moment), np.zeros((columns, *gram.shape))
    for strength in _PENALTIES:
        inverse = np.linalg.inv(gram + strength * penalty + tiny)
        freedom = min(float(np.trace(inverse @ gram)), rows - 1.0)
        made = inverse @ moment
        left = squares - 2.0 * (made * moment).sum(axis=0) + (made * (gram @ made)).sum(axis=0)
        left = np.maximum(left, 0.0)
        score = left / (1.0 - freedom / rows) ** 2
        spread = inverse @ (noise + alike * strength * penalty) @ inverse
        better = score < best * (1.0 - 1e-9)
        best, left_over = np.where(better, score, best), left / whole / (1.0 - freedom / rows)
        coefficients[:, better] = made[:, better]
        covariances[better] = left_over[better, None, None] * spread
    coefficients += middle  # splines add up to 1
    return Smooth(basis @ coefficients, basis, coefficients, covariances)
