"""Curvature: how a loss bends, what that allows the learning rate, and what kind of point you stand on.

A Hessian here is an array of shape ``(..., d, d)``; answers about one are a number, about many an array of shape
``(...)``. A ValueError names an argument that does not fit.
"""

from typing import NamedTuple

import numpy as np

from gd_helpers import checks

# Up to this many parameters the whole Hessian is cheap; beyond, only its products with vectors are, so many at most.
DENSE_UP_TO, MOST_PRODUCTS = 200, 400
# Eigenvalues of at most this magnitude (in the Hessian's own units, not relative) count as zero.
ZERO = 1e-6


def hessian(loss, w) -> np.ndarray:
    """Return the Hessian at ``w`` of shape ``(..., d)``: the loss's own ``hessian(w)`` where it has one.

    Else it is measured by ``2 d`` central differences of ``gradient(w)``, which has to be in double precision. Rounding
    leaves an error of about 1e-10 times the gradient, and the loss's fourth derivatives one of 1e-11 times themselves.

    >>> from types import SimpleNamespace
    >>> cubic = SimpleNamespace(gradient=lambda w: 3 * w**2)  # of x^3 + y^3
    >>> hessian(cubic, [1.0, 2.0]).round(6).tolist()
    [[6.0, 0.0], [0.0, 12.0]]
    """
    w = checks.as_points("w", w, finite=True)
    checks.check_size("w", w.size, w.shape[-1])
    checks.check_methods("loss", loss, "hessian" if callable(getattr(loss, "hessian", None)) else "gradient")
    with np.errstate(all="ignore"):
        h = hessian_anywhere(checks.as_loss(loss), w)
    if not np.isfinite(h).all():
        raise ValueError(f"loss must have a finite hessian at w, but got {checks.said(h)}")
    return h


def hessian_anywhere(loss, w):
    """Return the Hessian as ``hessian`` does, of a loss from ``as_loss``; where the loss overflows it may be nan."""
    if callable(getattr(loss, "hessian", None)):
        return loss.hessian(w)
    product = _hessian_product(loss, w)
    columns = np.stack([product(e) for e in np.eye(w.shape[-1])], axis=-1)
    return (columns + np.swapaxes(columns, -1, -2)) / 2


def sharpness(loss, w, *, tolerance=1e-6):
    """Return the algebraically largest eigenvalue of the Hessian at ``w`` of shape ``(..., d)``.

    Up to ``DENSE_UP_TO`` parameters the whole Hessian is solved; beyond, Lanczos' method makes do with products
    ``H v``, each the difference of two gradients, until ``|H v - eigenvalue v|``, which bounds the distance to the
    nearest eigenvalue, is at most ``tolerance`` times the largest in size; after ``MOST_PRODUCTS`` an ArithmeticError.

    Source: Lanczos (1950), "An Iteration Method for the Solution of the Eigenvalue Problem of Linear Differential and
    Integral Operators"; Pearlmutter (1994), "Fast exact multiplication by the Hessian", where the products are exact.

    >>> from types import SimpleNamespace
    >>> saddle = SimpleNamespace(gradient=lambda w: w * [3.0, -7.0])
    >>> round(sharpness(saddle, [0.0, 0.0]), 5)
    3.0
    """
    w = checks.as_points("w", w, finite=True)
    tolerance = checks.as_number("tolerance", tolerance, "above 0", single=True)
    checks.check_methods("loss", loss, "gradient")
    if w.shape[-1] <= DENSE_UP_TO:
        _, largest = _extremes(hessian(loss, w))
        return largest
    with np.errstate(all="ignore"):
        return _lanczos(_hessian_product(checks.as_loss(loss), w), w.shape, tolerance)


def condition_number(hessian):
    """Return lambda_max / lambda_min of Hessians ``(..., d, d)``; inf where one is not positive definite.

    >>> condition_number([[1.0, 0.0], [0.0, 100.0]])
    100.0
    """
    smallest, largest = _extremes(hessian)
    return _where(smallest > 0, largest, smallest, otherwise=np.inf)


def stable_rate(hessian):
    """Return 2 / lambda_max, the rate at which plain descent stops coming closer; inf where nothing curves upwards.

    >>> stable_rate([[1.0, 0.0], [0.0, 100.0]])
    0.02
    """
    _, largest = _extremes(hessian)
    return _where(largest > 0, 2.0, largest, otherwise=np.inf)


def best_rate(hessian):
    """Return 2 / (lambda_min + lambda_max), the fixed rate that shrinks the slowest direction the most.

    Where the Hessian is not positive definite no rate shrinks every direction, and the answer is nan. Source: Nesterov
    (2004), "Introductory Lectures on Convex Optimization".

    >>> best_rate([[1.0, 0.0], [0.0, 3.0]])
    0.5
    """
    smallest, largest = _extremes(hessian)
    return _where(smallest > 0, 2.0, smallest + largest, otherwise=np.nan)


class CriticalKind(NamedTuple):
    """What the Hessian says of a critical point; for a stack of Hessians, arrays of it."""

    kind: str | np.ndarray  # "minimum", "maximum", "saddle" or "degenerate"
    index: int | np.ndarray  # how many eigenvalues are negative beyond the tolerance: the number of ways down
    eigenvalues: np.ndarray  # of shape (..., d), from the smallest to the largest


def classify(hessian) -> CriticalKind:
    """Say what kind of critical point has this Hessian; for a stack ``(..., d, d)``, each of them.

    One eigenvalue that counts as ``ZERO`` makes the point degenerate: second derivatives do not tell what kind it is.

    >>> answer = classify([[2.0, 0.0], [0.0, -1.0]])
    >>> answer.kind, answer.index
    ('saddle', 1)
    """
    eigenvalues = np.linalg.eigvalsh(_as_hessian(hessian))
    index = (eigenvalues < -ZERO).sum(axis=-1)
    conditions = [(np.abs(eigenvalues) <= ZERO).any(axis=-1), index == 0, index == eigenvalues.shape[-1]]
    kind = np.select(conditions, ["degenerate", "minimum", "maximum"], default="saddle")
    return CriticalKind(kind if kind.ndim else str(kind), index if index.ndim else int(index), eigenvalues)


def _hessian_product(loss, w):
    """Return the function from ``v`` to ``H v``, a central difference of gradients."""
    # eps^(1/3) balances the rounding of such a difference against its bias
    step = np.cbrt(np.finfo(float).eps) * np.maximum(1, np.abs(w).max(axis=-1, keepdims=True))
    return lambda v: (loss.gradient(w + step * v) - loss.gradient(w - step * v)) / (2 * step)


def _lanczos(product, shape, tolerance):
    """The largest eigenvalue as the directions v, H v, H H v ... see it: among them the Hessian is tridiagonal, T."""
    v = _unit(np.random.default_rng(0).standard_normal(shape))
    basis, T = v[..., None, :], np.zeros((*shape[:-1], 1, 1))
    answer = np.full(shape[:-1], np.nan)
    for n in range(MOST_PRODUCTS):
        Hv = product(v)
        T[..., n, n] = (v * Hv).sum(axis=-1)
        for _ in range(2):  # once leaves rounding errors that grow
            Hv = Hv - ((basis @ Hv[..., None]).swapaxes(-1, -2) @ basis)[..., 0, :]
        beta = np.linalg.norm(Hv, axis=-1)
        eigenvalues, vectors = np.linalg.eigh(T)
        residual = beta * np.abs(vectors[..., -1, -1])
        near = residual <= tolerance * np.abs(eigenvalues).max(axis=-1)
        answer = np.where(near & np.isnan(answer), eigenvalues[..., -1], answer)
        if not np.isnan(answer).any():
            return _plain(answer)
        v = _unit(Hv)
        T = np.pad(T, [(0, 0)] * (T.ndim - 2) + [(0, 1)] * 2)
        T[..., n + 1, n] = T[..., n, n + 1] = beta
        basis = np.concatenate([basis, v[..., None, :]], axis=-2)
    raise ArithmeticError(f"sharpness is not within {tolerance=} after {MOST_PRODUCTS} products: raise it")


def _unit(v):
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), np.finfo(float).tiny)


def _extremes(hessian):
    eigenvalues = np.linalg.eigvalsh(_as_hessian(hessian))
    return _plain(eigenvalues[..., 0]), _plain(eigenvalues[..., -1])


def _where(holds, numerator, denominator, otherwise):
    with np.errstate(over="ignore"):
        return _plain(np.where(holds, numerator / np.where(holds, denominator, 1), otherwise))


def _plain(value):
    """Return a float for a single number, an array for many."""
    return value if np.ndim(value) else float(value)


def _as_hessian(value):
    h = checks.as_floats("hessian", value, finite=True)
    if h.ndim < 2 or h.shape[-1] != h.shape[-2] or h.shape[-1] == 0:
        raise ValueError(f"hessian must be of shape (..., d, d), but got shape {h.shape}")
    if (np.abs(h - np.swapaxes(h, -1, -2)) > 1e-6 * np.abs(h).max(axis=(-1, -2), keepdims=True)).any():
        raise ValueError(f"hessian must be symmetric, but got {checks.said(value)}")
    return h
