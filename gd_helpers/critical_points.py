"""Critical points, where the gradient is zero: finding them, and counting them in landscapes that chance has made."""

from math import exp, log, pi, sqrt
from typing import NamedTuple

import numpy as np

from gd_helpers import checks
from gd_helpers.curvature import CriticalKind, classify, hessian_anywhere
from gd_helpers.descent import FAR, as_loss_at

# Newton has arrived once its step is no longer than the first of these, and is reported if its gradient is no longer
# than the second; two ends no further apart than the third are one point.
STEP_TOLERANCE, GRADIENT_TOLERANCE, SAME_POINT = 1e-8, 1e-9, 1e-6
# Steps count as having left the saddle once they are this far from it: half-way to the valley at |y| = 1.
LEFT_AT = 0.5
# The exact share of GOE matrices of size n that are positive definite.
GOE_EXACT = {1: 1 / 2, 2: (2 - sqrt(2)) / 4, 3: 1 / 4 - sqrt(2) / (2 * pi)}


class CriticalPoints(NamedTuple):
    """The distinct critical points that a search found, from the lowest to the highest."""

    points: np.ndarray  # of shape (found, d)
    values: np.ndarray  # the loss at each, of shape (found,)
    curvature: CriticalKind  # as classify returns it for a stack

    def rows(self) -> list[tuple]:
        """Return each as a row for a table: its coordinates, its kind, its eigenvalues."""
        parts = zip(self.points, self.curvature.kind, self.curvature.eigenvalues, strict=True)
        return [(*point, kind, *eigenvalues) for point, kind, eigenvalues in parts]


def critical_points(loss, starts, *, max_steps=100, longest_step=None) -> CriticalPoints:
    """Search for critical points by Newton's method, from all starts at once.

    Newton solves gradient = 0, so it finds saddles and maxima as gladly as minima. Its sample is *biased*: a point is
    found in proportion to its basin under Newton's map, and some may be missed. At a degenerate one it arrives slowly.

    ``loss`` is anything with ``value(w)``, ``gradient(w)`` and preferably ``hessian(w)``; ``starts`` are of shape
    ``(..., d)``. A start finds none if it has not settled after ``max_steps``, or went beyond ``FAR``. Steps are
    cut to ``longest_step``, if given: near a singular Hessian, in many dimensions nearly everywhere, Newton leaps.

    >>> from gd_helpers.landscapes import double_well
    >>> found = critical_points(double_well, [[-2.0, 0.0], [-1.5, 1.0], [0.1, 1.0], [2.0, 2.0]])
    >>> found.points.round(9).tolist(), found.curvature.kind.tolist()
    ([[-1.0, 0.0], [1.0, 0.0], [0.0, 0.0]], ['minimum', 'minimum', 'saddle'])
    """
    checks.check_methods("loss", loss, "value", "gradient")
    starts = checks.as_points("starts", starts, finite=True)
    max_steps = checks.as_whole_number("max_steps", max_steps, at_least=1)
    if longest_step is not None:
        checks.as_number("longest_step", longest_step, "above 0", single=True)
    w = starts.reshape(-1, starts.shape[-1])
    loss = as_loss_at("starts", w, loss)
    with np.errstate(all="ignore"):  # what is no number out there has not settled
        ends = _search(loss, w, max_steps, longest_step)
        norms = np.linalg.norm(loss.gradient(ends), axis=-1)
        points = _distinct(ends[norms <= GRADIENT_TOLERANCE], norms[norms <= GRADIENT_TOLERANCE])
        # Of equal losses the last bit would decide: so they are rounded, and then the first coordinates decide.
        points = points[np.lexsort([*points.round(6).T[::-1], loss.value(points).round(9)])]
        return CriticalPoints(points, loss.value(points), classify(hessian_anywhere(loss, points)))


def _search(loss, w, max_steps, longest_step):
    """Return where those of the points ``w`` end that settle as Newton's method moves them."""
    ends = []
    for _ in range(max_steps):
        w = w[(np.abs(w) <= FAR).all(axis=-1)]  # the others are lost
        hessians, gradients = hessian_anywhere(loss, w), loss.gradient(w)
        finite = np.isfinite(hessians).all(axis=(-1, -2)) & np.isfinite(gradients).all(axis=-1)
        step = _newton_step(hessians[finite], gradients[finite])
        length = np.linalg.norm(step, axis=-1, keepdims=True)
        w = w[finite] - step / np.maximum(1, length / (longest_step or np.inf))
        settled = length[:, 0] <= STEP_TOLERANCE
        ends.append(w[settled])
        w = w[~settled]
    return np.concatenate(ends)


def steps_to_leave(heights):
    """Return the first step at which ``|y|``, of shape (steps, ...), exceeds ``LEFT_AT``; -1 for never.

    >>> steps_to_leave(np.array([0.1, 0.3, 0.6, 0.9])), steps_to_leave(np.array([0.0, 0.0]))
    (2, -1)
    """
    left = ~(np.abs(checks.as_floats("heights", heights)) <= LEFT_AT)  # "not within", so that nan counts as out
    if left.size == 0 or left.ndim == 0:
        raise ValueError(f"heights must be of shape (steps, ...), but got shape {left.shape}")
    first = np.where(left.any(axis=0), left.argmax(axis=0), -1)
    return first if first.ndim else int(first)


def random_symmetric(n: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw ``count`` matrices from the Gaussian orthogonal ensemble (GOE), of shape ``(count, n, n)``.

    Convention: independent normal entries of mean 0, variance 1 off the diagonal and 2 on it.

    >>> random_symmetric(3, 10, np.random.default_rng(0)).shape
    (10, 3, 3)
    """
    n, count = checks.as_whole_number("n", n, at_least=1), checks.as_whole_number("count", count, at_least=1)
    checks.check_generator(rng)
    checks.check_size("n or count", count, n, n)
    a = rng.standard_normal((count, n, n))
    return (a + a.swapaxes(-1, -2)) / np.sqrt(2)


def positive_definite_fraction(n: int, samples: int, rng: np.random.Generator) -> float:
    """Return which share of ``samples`` GOE matrices of size ``n`` is positive definite.

    A symmetric matrix is positive definite if and only if all its leading blocks have positive determinants
    (Sylvester). So the matrices grow by a row and a column at a time, and only those that can still make it.

    >>> positive_definite_fraction(1, 1000, np.random.default_rng(0))
    0.466
    """
    n, samples = checks.as_whole_number("n", n, at_least=1), checks.as_whole_number("samples", samples, at_least=1)
    checks.check_generator(rng)
    blocks = np.zeros((samples, 0, 0))
    for size in range(n):
        if not len(blocks):
            break
        border = rng.standard_normal((len(blocks), size, 1))
        corner = np.sqrt(2) * rng.standard_normal((len(blocks), 1, 1))
        # The Schur complement: what the larger determinant is, divided by the smaller one.
        rest = corner - border.swapaxes(-1, -2) @ np.linalg.solve(blocks, border)
        grown = np.block([[blocks, border], [border.swapaxes(-1, -2), corner]])
        blocks = grown[rest[:, 0, 0] > 0]
    return len(blocks) / samples


def goe_asymptote(n: int) -> float:
    """Return exp(-(ln 3 / 4) n^2), how the share of positive definite GOE matrices falls for large ``n``.

    It is the leading term of the logarithm only, so at small ``n`` well above the true share (``GOE_EXACT``).
    Source: Dean & Majumdar (2006), "Large Deviations of Extreme Eigenvalues of Random Matrices".

    >>> round(goe_asymptote(1), 3)
    0.76
    """
    return exp(-log(3) / 4 * checks.as_whole_number("n", n, at_least=1) ** 2)


@checks.over_many_points
class RandomField:
    """A smooth random landscape in ``d`` dimensions: ``sqrt(2 / waves) * sum of cos(k_i . w + phase_i)``.

    The wave vectors ``k_i`` are standard normal and the phases uniform. With many waves this comes close to a
    Gaussian field of mean 0, variance 1 and covariance exp(-r^2 / 2) at distance r (Rahimi & Recht 2007,
    "Random Features for Large-Scale Kernel Machines"). Bray & Dean (2007), "Statistics of Critical Points of Gaussian
    Fields on Large-Dimensional Spaces", derive how the index of its critical points rises with their height.

    >>> field = RandomField(5, np.random.default_rng(0))
    >>> points = np.zeros((7, 4, 5))
    >>> field.value(points).shape, field.gradient(points).shape, field.hessian(points).shape
    ((7, 4), (7, 4, 5), (7, 4, 5, 5))
    """

    def __init__(self, d: int, rng: np.random.Generator):
        d, waves = checks.as_whole_number("d", d, at_least=1), 200
        checks.check_generator(rng)
        self.wave_vectors = rng.standard_normal((waves, d))
        self.phases = rng.uniform(0, 2 * np.pi, waves)
        self._amplitude = np.sqrt(2 / waves)
        self._products = (self.wave_vectors[:, :, None] * self.wave_vectors[:, None, :]).reshape(waves, d * d)

    def value(self, w):
        return self._amplitude * np.cos(self._angles(w)).sum(axis=-1)

    def gradient(self, w):
        return -self._amplitude * np.sin(self._angles(w)) @ self.wave_vectors

    def hessian(self, w):
        h = -self._amplitude * np.cos(self._angles(w)) @ self._products
        return h.reshape(*h.shape[:-1], *self.wave_vectors.shape[1:] * 2)

    def _angles(self, w):
        return checks.as_points("w", w, self.wave_vectors.shape[1]) @ self.wave_vectors.T + self.phases


def kac_rice(d: int, samples: int, rng: np.random.Generator) -> tuple[float, float]:
    """Return two averages over *all* critical points of a Gaussian field, each counted once, without any search.

    They are the correlation of index and height, and the share that are minima, measured on so many GOE matrices.

    The field is the limit of ``RandomField``. Where it has height f, its Hessian is a GOE matrix minus f on the
    diagonal, and the Kac-Rice formula counts critical points by weighting with the size of its determinant. The weight
    makes f one more eigenvalue of a GOE matrix that is one size larger, but for a factor exp(-f^2 / 4): so every
    eigenvalue of such a matrix stands for a critical point, its rank for the index.

    Source: Fyodorov (2004), "Complexity of Random Energy Landscapes, Glass Transition, and Absolute Value of the
    Spectral Determinant of Random Matrices", and Bray & Dean (2007) as at ``RandomField``.

    >>> correlation, minima = kac_rice(2, 4000, np.random.default_rng(0))
    >>> round(correlation, 2), round(minima, 2)
    (0.74, 0.25)
    """
    d = checks.as_whole_number("d", d, at_least=1)
    samples = checks.as_whole_number("samples", samples, at_least=2)
    checks.check_size("d or samples", samples, d + 1, d + 1)
    heights = np.linalg.eigvalsh(random_symmetric(d + 1, samples, rng))
    index = np.broadcast_to(np.arange(d + 1), heights.shape)
    weights = np.exp(-(heights**2) / 4)
    covariance = np.cov(index.ravel(), heights.ravel(), aweights=weights.ravel())
    correlation = covariance[0, 1] / sqrt(covariance[0, 0] * covariance[1, 1])
    return float(correlation), float(weights[:, 0].sum() / weights.sum())


def _newton_step(hessians, gradients):
    """Return H^-1 g, or its least-squares stand-in if one of the Hessians is singular to the last bit."""
    gradients = gradients[..., None]
    try:
        return np.linalg.solve(hessians, gradients)[..., 0]
    except np.linalg.LinAlgError:
        return (np.linalg.pinv(hessians, hermitian=True) @ gradients)[..., 0]


def _distinct(ends, norms):
    """Return the ends that differ, each as the run left it that came closest to level."""
    left, distinct = ends[np.argsort(norms, kind="stable")], []
    while len(left):
        distinct.append(left[0])
        left = left[np.linalg.norm(left - left[0], axis=-1) > SAME_POINT]
    return np.reshape(distinct, (-1, ends.shape[-1]))
