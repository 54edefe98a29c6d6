"""Losses: how wrong a model is on data, as a function of its parameters ``w`` of shape ``(..., d)``.

Each has ``value(w)`` of shape ``(...)`` and ``gradient(w)`` of shape ``(..., d)``; some have ``hessian(w)`` of shape
``(..., d, d)``. With ``gradient(w, batch)`` the mean runs over the rows that ``batch``, an index array, names instead
of over all: batch, mini-batch and stochastic gradient descent differ in nothing else. A batch of shape ``(..., size)``
gives each of many ``w`` its own rows, or one ``w`` a gradient for each of many batches.

Inputs ``X`` are of shape ``(n, d)``, targets ``y`` of shape ``(n,)``. A ValueError names what does not fit.
"""

import math
from itertools import pairwise

import numpy as np

from gd_helpers import checks


@checks.over_many_points
class LinearRegression:
    """Mean squared error of a linear model: ``L(w) = |Xw - y|^2 / n``; for an intercept see ``with_intercept``.

    Source: Legendre (1805), "Nouvelles methodes pour la determination des orbites des cometes", appendix.

    >>> loss = LinearRegression(with_intercept([0.0, 1.0, 2.0]), [1.0, 3.0, 5.0])
    >>> round(float(loss.value([2.0, 0.0])), 9), loss.gradient([2.0, 0.0]).tolist()
    (1.0, [-2.0, -2.0])
    >>> loss.least_squares().round(9).tolist()
    [2.0, 1.0]
    """

    def __init__(self, X, y):
        self.X, self.y = checks.as_tables(X=(X, "(n, d)"), y=(y, "(n,)"))
        self._w_best = np.linalg.lstsq(self.X, self.y)[0]
        self._lowest = np.mean((self.X @ self._w_best - self.y) ** 2)
        self._R = np.linalg.qr(self.X, mode="r")

    def value(self, w):
        # With the least-squares solution w*, |Xw - y|^2 = |X(w - w*)|^2 + |Xw* - y|^2. With X = QR, |Xv| is |Rv|.
        # So d rows do the work of n, which makes whole paths quick, and unlike X'X they lose no digits.
        offset = checks.as_points("w", w, self.X.shape[1]) - self._w_best
        return ((offset @ self._R.T) ** 2).sum(axis=-1) / len(self.X) + self._lowest

    def gradient(self, w, batch=None):
        """The gradient ``(2/n) X'(Xw - y)``."""
        X, y = _rows(batch, self.X, self.y)
        w = checks.as_points("w", w, X.shape[-1])
        if X.ndim == 2:  # the same rows for all runs, which is quicker
            return 2 / len(X) * ((w @ X.T - y) @ X)
        error = w[..., None, :] @ X.mT - y[..., None, :]
        return 2 / X.shape[-2] * (error @ X)[..., 0, :]

    def hessian(self, w=None):
        """The Hessian ``(2/n) X'X``, the same everywhere, with or without ``w``."""
        H = 2 / len(self.X) * self.X.T @ self.X
        return H if w is None else np.tile(H, (*checks.as_points("w", w, len(H)).shape[:-1], 1, 1))

    def least_squares(self):
        """The ``w`` with the smallest loss, of shape ``(d,)``, without any descent."""
        return self._w_best.copy()


@checks.over_many_points
class LogisticRegression:
    """Mean cross-entropy of a linear model of two classes: ``L(w) = -mean(y ln p + (1 - y) ln(1 - p))``.

    ``p = 1 / (1 + exp(-Xw))`` is the chance of class 1; each ``y`` is 0 or 1.

    Source: Bishop (2006), "Pattern Recognition and Machine Learning", sections 4.3.2 and 4.3.3.

    >>> loss = LogisticRegression([[1.0], [3.0]], [1, 0])
    >>> round(float(loss.value([0.0])), 4), loss.gradient([0.0]).tolist(), loss.hessian([0.0]).tolist()
    (0.6931, [0.5], [[1.25]])
    """

    def __init__(self, X, y):
        self.X, self.y = _as_labelled(X, y, classes=2)

    def value(self, w):
        z = checks.as_points("w", w, self.X.shape[1]) @ self.X.T
        # -ln p = ln(1 + exp(z)) - z and -ln(1 - p) = ln(1 + exp(z)); logaddexp does not overflow
        return np.mean(np.logaddexp(0, z) - self.y * z, axis=-1)

    def gradient(self, w, batch=None):
        """The gradient ``X'(p - y) / n``."""
        X, y = _rows(batch, self.X, self.y)
        p = _sigmoid(checks.as_points("w", w, X.shape[-1])[..., None, :] @ X.mT)
        return ((p - y[..., None, :]) @ X)[..., 0, :] / X.shape[-2]

    def hessian(self, w):
        """The Hessian ``X' diag(p (1 - p)) X / n``."""
        p = _sigmoid(checks.as_points("w", w, self.X.shape[1]) @ self.X.T)
        return (self.X.T * (p * (1 - p))[..., None, :]) @ self.X / len(self.X)


@checks.over_many_points
class SoftmaxNetwork:
    """Mean cross-entropy of a network with one hidden layer: ``L(w) = -mean(ln P[i, y[i]])``.

    Here ``P = softmax(Z)`` and ``Z = tanh(X W1 + b1) W2 + b2``, with ``X`` of shape ``(n, features)``, so many
    ``hidden`` units, and ``y`` of whole numbers from 0 to ``classes - 1``. The parameters W1, b1, W2, b2 are one flat
    vector ``w``, end to end: ``d = features * hidden + hidden + hidden * classes + classes`` numbers.

    Source: Rumelhart, Hinton & Williams (1986), "Learning representations by back-propagating errors"; Bishop
    (2006), "Pattern Recognition and Machine Learning", section 5.3.

    >>> loss = SoftmaxNetwork([[0.0], [1.0], [2.0]], [0, 1, 1], hidden=3, classes=2)
    >>> from gd_helpers.descent import descend
    >>> run = descend(loss, loss.initial(np.random.default_rng(0)), learning_rate=1.0, steps=200)
    >>> loss.d, loss.predict(run.end, [[-1.0], [3.0]]).tolist(), float(loss.accuracy(run.end, loss.X, loss.y))
    (14, [0, 1], 1.0)
    """

    def __init__(self, X, y, hidden=16, classes=10):
        self.hidden = checks.as_whole_number("hidden", hidden, at_least=1)
        self.classes = checks.as_whole_number("classes", classes, at_least=2)
        self.X, self.y = _as_labelled(X, y, classes=self.classes)
        self._Y = (self.y[:, None] == np.arange(self.classes)).astype(float)  # one-hot: row i is 1 at y[i], 0 elsewhere
        shapes = [(self.X.shape[1], self.hidden), (1, self.hidden), (self.hidden, self.classes), (1, self.classes)]
        ends = np.cumsum([0, *map(math.prod, shapes)]).tolist()
        self._parts = [(slice(*ends), shape) for ends, shape in zip(pairwise(ends), shapes, strict=True)]
        self.d = ends[-1]

    def value(self, w):
        def one(w):
            _, Z = self._forward(w, self.X)
            Z = Z - Z.max(axis=-1, keepdims=True)  # softmax does not change, and exp cannot overflow
            return np.mean(np.log(np.exp(Z).sum(axis=-1)) - (Z * self._Y).sum(axis=-1))

        return _for_each(one, checks.as_points("w", w, self.d))

    def gradient(self, w, batch=None):
        """The gradient by back-propagation: the chain rule, from the output to the input."""
        w, (X, Y) = checks.as_points("w", w, self.d), _rows(batch, self.X, self._Y)
        _, _, W2, _ = self._unpack(w)
        H, Z = self._forward(w, X)  # H = tanh(A), A = X W1 + b1, Z = H W2 + b2
        P = np.exp(Z - Z.max(axis=-1, keepdims=True))
        P /= P.sum(axis=-1, keepdims=True)  # softmax(Z)
        dZ = (P - Y) / X.shape[-2]  # dL/dZ
        dA = (dZ @ W2.mT) * (1 - H * H)  # dL/dA = dL/dH * tanh'(A), where tanh' = 1 - tanh^2
        slopes = X.mT @ dA, dA.sum(axis=-2), H.mT @ dZ, dZ.sum(axis=-2)  # of W1, b1, W2, b2
        return np.concatenate([part.reshape(*Z.shape[:-2], -1) for part in slopes], axis=-1)

    def predict(self, w, X):
        """The most likely class of each row of ``X``, of shape ``(..., n)``; -1 where the network has diverged."""
        X = checks.as_table("X", X, "(n, d)")
        if X.shape[1] != self.X.shape[1]:
            raise ValueError(f"X must have {self.X.shape[1]} columns, but has shape {X.shape}")

        def one(w):
            _, Z = self._forward(w, X)
            return np.where(np.isfinite(Z).all(axis=-1), Z.argmax(axis=-1), -1)

        with np.errstate(all="ignore"):
            return _for_each(one, checks.as_points("w", w, self.d), len(X))

    def accuracy(self, w, X, y):
        """The share, 0 to 1, of the rows of ``X`` that are predicted as ``y`` says, of shape ``(...)``."""
        X, y = _as_labelled(X, y, classes=self.classes)
        return np.mean(self.predict(w, X) == y, axis=-1)

    def initial(self, rng: np.random.Generator):
        """Random parameters to start from: weights of variance 1 / (number of inputs of the unit), biases 0.

        Source: LeCun, Bottou, Orr & Mueller (1998), "Efficient BackProp".
        """
        checks.check_generator(rng)
        w = np.zeros(self.d)
        for weights in self._unpack(w)[::2]:  # views of w
            weights[:] = rng.normal(scale=len(weights) ** -0.5, size=weights.shape)
        return w

    def matched(self, w, to):
        """The network ``w``, its hidden units in the order and with the signs in which they are most like ``to``'s.

        Neither changes what it computes: units may change places, and tanh(-a) = -tanh(a). The pairs are made
        greedily, the most alike first, by the scalar product of all weights of a unit.

        Source: Entezari et al. (2022), "The Role of Permutation Invariance in Linear Mode Connectivity of Neural
        Networks"; Ainsworth et al. (2023), "Git Re-Basin: Merging Models modulo Permutation Symmetries".
        """
        mine, wanted = (self._unpack(checks.as_point(name, at, self.d)) for name, at in (("w", w), ("to", to)))
        units, wanted_units = (np.vstack([W1, b1, W2.T]) for W1, b1, W2, _ in (mine, wanted))
        alike = wanted_units.T @ units
        left = np.abs(alike)
        order, signs = np.empty(self.hidden, dtype=int), np.empty(self.hidden)
        for _ in range(self.hidden):
            place, unit = np.unravel_index(left.argmax(), left.shape)
            order[place], signs[place] = unit, 1 if alike[place, unit] >= 0 else -1
            left[place], left[:, unit] = -1, -1
        W1, b1, W2, b2 = mine
        parts = W1[:, order] * signs, b1[:, order] * signs, W2[order] * signs[:, None], b2
        return np.concatenate([part.ravel() for part in parts])

    def _forward(self, w, X):
        W1, b1, W2, b2 = self._unpack(w)
        H = np.tanh(X @ W1 + b1)
        return H, H @ W2 + b2

    def _unpack(self, w):
        return [w[..., part].reshape(*w.shape[:-1], *shape) for part, shape in self._parts]


@checks.over_many_points
class TanhNetwork:
    """Half the mean squared error of a network that draws a curve: ``L(w) = mean((f(x) - y)^2) / 2``.

    Here ``f(x) = c . tanh(a x + b) + e`` for ``x`` of shape ``(n,)``; ``w`` is a, b, c, a number for each unit, and e.

    Source: the task, not the network, is that of Cohen et al. (2021), "Gradient Descent on Neural Networks Typically
    Occurs at the Edge of Stability".

    >>> loss = TanhNetwork([-1.0, 0.0, 1.0], [1.0, 0.0, 1.0], hidden=2)
    >>> loss.d, round(float(loss.value(np.zeros(loss.d))), 4), loss.gradient(np.zeros(loss.d)).round(4).tolist()
    (7, 0.3333, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -0.6667])
    """

    def __init__(self, x, y, hidden=20):
        self.hidden = checks.as_whole_number("hidden", hidden, at_least=1)
        self.x, self.y = checks.as_tables(x=(x, "(n,)"), y=(y, "(n,)"))
        self.d = 3 * self.hidden + 1

    def value(self, w):
        _, _, error = self._forward(w)
        return (error**2).mean(axis=-1) / 2

    def gradient(self, w):
        """The gradient by back-propagation."""
        c, H, error = self._forward(w)
        error = error[..., None] / len(self.x)  # dL/df, of shape (..., n, 1)
        dA = error * c[..., None, :] * (1 - H * H)  # A = a x + b and H = tanh(A), of shape (..., n, hidden)
        parts = [dA * self.x[:, None], dA, error * H, error]
        return np.concatenate([part.sum(axis=-2) for part in parts], axis=-1)

    def initial(self, rng: np.random.Generator):
        """Random parameters to start from: weights of variance 1 / (number of inputs of the unit), the rest 0."""
        checks.check_generator(rng)
        a, c = rng.normal(size=(2, self.hidden))
        return np.concatenate([a, np.zeros(self.hidden), c * self.hidden**-0.5, [0.0]])

    def _forward(self, w):
        a, b, c, e = np.split(checks.as_points("w", w, self.d), [k * self.hidden for k in (1, 2, 3)], axis=-1)
        H = np.tanh(self.x[:, None] * a[..., None, :] + b[..., None, :])
        return c, H, (H @ c[..., None])[..., 0] + e - self.y


@checks.over_many_points
class SharpnessAware:
    """A loss whose gradient is taken a little uphill: ``gradient(w + rho g / |g|)``, where ``g = gradient(w)``.

    Within the distance ``rho`` the steepest way up leads, to first order, to the worst neighbour of ``w``; to descend
    from there is to prefer places whose neighbours are low too. With ``batch``, both gradients are those of the batch.

    Source: Foret, Kleiner, Mobahi & Neyshabur (2021), "Sharpness-Aware Minimization for Efficiently Improving
    Generalization", Algorithm 1.

    >>> from gd_helpers.landscapes import bowl
    >>> SharpnessAware(bowl(1.0, 10.0), rho=0.5).gradient([2.0, 0.0]).tolist()
    [2.5, 0.0]
    """

    def __init__(self, loss, rho):
        checks.check_methods("loss", loss, "value", "gradient")
        self.loss, self.rho = loss, checks.as_number("rho", rho, "at least 0", single=True)
        self._loss, self._takes_batches = checks.as_loss(loss), checks.takes(loss.gradient, "w", "batch")

    def value(self, w):
        return self._loss.value(checks.as_points("w", w))

    def gradient(self, w, batch=None):
        if batch is not None and not self._takes_batches:
            checks.check_samples(self.loss)
        w, rows = checks.as_points("w", w), () if batch is None else (batch,)
        g = self._loss.gradient(w, *rows)
        if not self.rho:
            return g
        length = np.linalg.norm(g, axis=-1, keepdims=True)
        uphill = g / np.where(length > 0, length, 1)  # where it is level, there is no way up
        return self._loss.gradient(w + self.rho * uphill, *rows)


def with_intercept(x):
    """Return ``x``, of shape ``(n,)`` or ``(n, d)``, with a last column of ones: ``w`` is (slope, intercept).

    >>> with_intercept([5.0, 6.0]).tolist(), with_intercept([[5.0, 7.0]]).tolist()
    ([[5.0, 1.0], [6.0, 1.0]], [[5.0, 7.0, 1.0]])
    """
    x = checks.as_table("x", x, "(n,)", "(n, d)")
    return np.column_stack([x, np.ones(len(x))])


def _sigmoid(z):
    return (1 + np.tanh(z / 2)) / 2  # 1 / (1 + exp(-z)), without overflow


def _for_each(function, w, *shape):
    """Apply ``function`` to one parameter vector at a time: many at once would need memory for each."""
    answers = [function(one) for one in w.reshape(-1, w.shape[-1])]
    return np.reshape(answers, (*w.shape[:-1], *shape))[()]  # of a single loss a number


def _rows(batch, X, y):
    if batch is None:
        return X, y
    rows = checks.as_rows("batch", batch, len(X))
    return X.take(rows, axis=0), y.take(rows, axis=0)  # a third of the time of X[rows], where they are few


def _as_labelled(X, y, classes):
    """Return X as floats (n, d) and y as labels (n,)."""
    X, y = checks.as_tables(X=(X, "(n, d)"), y=(y, "(n,)"))
    wrong = y[(y != np.floor(y)) | (y < 0) | (y >= classes)]
    if wrong.size:
        raise ValueError(f"y must hold whole numbers from 0 to {classes - 1}, but got {wrong[0]:g}")
    return X, y.astype(int)
