"""Small networks about which theorems are known: linear ones, and a single neuron. All else is as in ``losses``."""

import math
from itertools import accumulate, combinations, pairwise

import numpy as np

from gd_helpers import checks


@checks.over_many_points
class LinearNetwork:
    """Squared error of layers without a nonlinearity between them: ``L(w) = |X W1 W2 ... Wk - Y|^2 / n``.

    ``X`` is of shape ``(n, p)``, ``Y`` of shape ``(n, q)``; ``hidden`` lists the number of units of each hidden layer.
    Theorem for two layers (Baldi & Hornik 1989, "Neural networks and principal component analysis: Learning from
    examples without local minima"): every local minimum is global and every other critical point a saddle, if X and the
    covariance between X and Y have full rank and the ``strengths`` are distinct. Kawaguchi (2016), "Deep Learning
    without Poor Local Minima", extends it to any depth, where some saddles have no negative curvature.

    >>> loss = LinearNetwork(np.eye(2), np.diag([2.0, 1.0]), hidden=[2])
    >>> loss.d, float(loss.value(np.zeros(8))), loss.levels().tolist()
    (8, 2.5, [2.5, 2.0, 0.5, 0.0])
    """

    def __init__(self, X, Y, hidden=(2,)):
        self.X, self.Y = checks.as_tables(X=(X, "(n, d)"), Y=(Y, "(n, d)"))
        if not isinstance(hidden, list | tuple):
            raise ValueError(f"hidden must be a list of whole numbers, one a layer, but got {checks.said(hidden)}")
        units = [checks.as_whole_number("hidden", size, at_least=1) for size in hidden]
        self._shapes = [*pairwise([self.X.shape[1], *units, self.Y.shape[1]])]
        *self._ends, self.d = np.cumsum([*map(math.prod, self._shapes)]).tolist()

    def value(self, w):
        return ((self._layers(w)[0][-1] - self.Y) ** 2).sum(axis=(-1, -2)) / len(self.X)

    def gradient(self, w):
        """The gradient by back-propagation."""
        outputs, weights = self._layers(w)
        delta = 2 * (outputs[-1] - self.Y) / len(self.X)
        parts = []
        for below, W in zip(outputs[-2::-1], weights[::-1], strict=True):
            gradient = np.matrix_transpose(below) @ delta
            parts.append(gradient.reshape(*W.shape[:-2], math.prod(W.shape[-2:])))
            delta = delta @ np.matrix_transpose(W)
        return np.concatenate(parts[::-1], axis=-1)

    def strengths(self) -> np.ndarray:
        """By how much each direction lowers the loss once it is learned, from the strongest, of shape ``(min(p, q),)``.

        Up to a factor n these are the eigenvalues of Baldi & Hornik's matrix. X must have full column rank.
        """
        Q, _ = np.linalg.qr(self.X)
        return np.linalg.svd(Q.T @ self.Y, compute_uv=False) ** 2 / len(self.X)

    def levels(self) -> np.ndarray:
        """The loss at every critical point, from the highest to the lowest, which is the minimum.

        There is a saddle for any set of learned directions that the narrowest layer has room for.
        """
        strengths = self.strengths()
        room = min(min(shape) for shape in self._shapes)
        learned = [sum(some) for size in range(room + 1) for some in combinations(strengths, size)]
        return np.sort(np.maximum((self.Y**2).sum() / len(self.X) - learned, 0))[::-1]

    def _layers(self, w):
        """Return the input and the output of every layer, and the weights of every layer."""
        w = checks.as_points("w", w, self.d)
        parts = np.split(w, self._ends, axis=-1)
        weights = [part.reshape(*w.shape[:-1], *shape) for part, shape in zip(parts, self._shapes, strict=True)]
        return [*accumulate(weights, np.matmul, initial=self.X)], weights


@checks.over_many_points
class Neuron:
    """A network of one neuron, with squared error: ``L(w) = |tanh(X w) - y|^2 / n``.

    Source: Auer, Herbster & Warmuth (1996), "Exponentially many local minima for single neurons", who show that
    with d inputs there can be about (n / d)^d local minima.

    >>> loss = Neuron(*contradictions(2))
    >>> loss.d, loss.X.tolist()
    (2, [[10.0, 0.0], [0.5, 0.0], [0.0, 10.0], [0.0, 0.5]])
    """

    def __init__(self, X, y):
        self.X, self.y = checks.as_tables(X=(X, "(n, d)"), y=(y, "(n,)"))
        self.d = self.X.shape[1]

    def value(self, w):
        return ((np.tanh(self._sums(w)) - self.y) ** 2).mean(axis=-1)

    def gradient(self, w):
        out = np.tanh(self._sums(w))
        return (2 * (out - self.y) * (1 - out**2)) @ self.X / len(self.X)

    def hessian(self, w):
        out = np.tanh(self._sums(w))
        bend = 2 * (1 - out**2) * ((1 - out**2) - 2 * out * (out - self.y))
        return (self.X.T * bend[..., None, :]) @ self.X / len(self.X)

    def _sums(self, w):
        return checks.as_points("w", w, self.d) @ self.X.T


def contradictions(d: int) -> tuple[np.ndarray, np.ndarray]:
    """Return 2 d data points that one neuron with ``d`` weights cannot all fit: inputs and targets.

    For each weight there are two points: a strong input of 10 that wants -0.8, and a weak one of 0.5 that wants
    +0.5. The loss is then a sum of one curve per weight, each with two valleys: 2^d local minima.

    >>> X, y = contradictions(1)
    >>> X.tolist(), y.tolist()
    ([[10.0], [0.5]], [-0.8, 0.5])
    """
    d = checks.as_whole_number("d", d, at_least=1)
    return np.kron(np.eye(d), [[10.0], [0.5]]), np.tile([-0.8, 0.5], d)
