"""
Quantiles of gamma distributions whose shape is a prior's shape plus a count, many at once.

The posterior of a reproduction number is such a gamma, and its quantiles are nearly all the work of a
sliding window. For a fixed probability p the quantile x(a) of a gamma with shape a and scale 1 is written
x = a + sqrt(a) f(1/sqrt(a)). By the expansion of Cornish and Fisher (1938) f is smooth down to 0, where it
is the normal quantile; a Chebyshev polynomial of degree 23 through scipy's own `gammaincinv` follows it for
all shapes from 16 on with a relative error below 1e-14. Smaller counts are looked up in a table of the same
`gammaincinv`. Outside the middle of the distribution, where f bends more, `gammaincinv` is asked itself.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

SMALL = 16  # counts below are looked up
DEGREE = 23
MIDDLE = (0.001, 0.999)


def gamma_quantiles(prior_shape: float, counts: Floats, probabilities: Sequence[float]) -> Floats:
    """
    Give the quantiles of gamma(prior_shape + count) with scale 1; shape (*counts, probabilities).

    `counts` are whole numbers, zero or more.
    """
    flat = counts.ravel()
    if not flat.size:
        return np.empty((*counts.shape, len(probabilities)))
    largest = int(flat.max())
    if largest < flat.size:  # each count occurs often: work each out once
        table = _of_counts(prior_shape, np.arange(largest + 1.0), probabilities)
        quantiles = table[flat.astype(np.intp)]
    else:
        quantiles = _of_counts(prior_shape, flat, probabilities)
    return quantiles.reshape(*counts.shape, len(probabilities))


def _of_counts(prior_shape: float, counts: Floats, probabilities: Sequence[float]) -> Floats:
    if not all(MIDDLE[0] <= p <= MIDDLE[1] for p in probabilities):
        exact: Floats = special.gammaincinv(prior_shape + counts[:, None], np.asarray(probabilities))
        return exact
    quantiles = np.empty((counts.size, len(probabilities)))
    large = counts >= SMALL
    quantiles[~large] = _of_few(prior_shape, tuple(probabilities))[counts[~large].astype(np.intp)]
    quantiles[large] = _of_large(prior_shape + counts[large], tuple(probabilities))
    return quantiles


@lru_cache(maxsize=32)
def _of_few(prior_shape: float, probabilities: tuple[float, ...]) -> Floats:
    table: Floats = special.gammaincinv(prior_shape + np.arange(SMALL)[:, None], np.array(probabilities))
    return table


def _of_large(shape: Floats, probabilities: tuple[float, ...]) -> Floats:
    root = np.sqrt(shape)
    basis = chebyshev.chebvander(2 * np.sqrt(SMALL) / root - 1, DEGREE)
    quantiles: Floats = shape[:, None] + root[:, None] * (basis @ _coefficients(probabilities))
    return quantiles


@lru_cache(maxsize=32)
def _coefficients(probabilities: tuple[float, ...]) -> Floats:
    """Chebyshev coefficients of f over 1/sqrt(shape) from 0 to 1/4; shape (DEGREE + 1, probabilities)."""
    nodes = chebyshev.chebpts1(DEGREE + 1)
    shape = (2 * np.sqrt(SMALL) / (nodes + 1)) ** 2
    f = (special.gammaincinv(shape[:, None], np.array(probabilities)) - shape[:, None]) / np.sqrt(shape)[:, None]
    coefficients: Floats = np.linalg.solve(chebyshev.chebvander(nodes, DEGREE), f)
    return coefficients
