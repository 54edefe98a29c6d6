"""What every comparison of this course goes through: the best of a grid, a mean with its error, equal training loss."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from gd_helpers.checks import as_floats, as_number, as_point, as_table, as_whole_number, said
from gd_helpers.curvature import sharpness
from gd_helpers.data import Digits
from gd_helpers.descent import Run, descend_in_pieces, minibatches
from gd_helpers.losses import SharpnessAware, SoftmaxNetwork


class Best(NamedTuple):
    """The best place of a grid and the loss there."""

    at: float
    loss: float


def best_of_grid(grid, losses) -> Best:
    """Return where on a ``grid`` of shape ``(n,)``, from low to high, the ``losses`` of that shape are lowest.

    Losses that are nan or infinite count as diverged. A ValueError refuses a best that lies on the grid's edge: nobody
    knows what comes beyond it, so "the best of the grid" would say nothing.

    >>> best_of_grid([0.01, 0.1, 1.0], [2.0, 0.5, np.inf])
    Best(at=0.1, loss=0.5)
    """
    grid, losses = as_floats("grid", grid, finite=True), as_floats("losses", losses)
    if grid.ndim != 1 or grid.shape != losses.shape or len(grid) < 3:
        raise ValueError(f"grid and losses must be of one shape (n,), n > 2, but got {grid.shape} and {losses.shape}")
    if not (np.diff(grid) > 0).all():
        raise ValueError(f"grid must run from low to high, but got {said(grid)}")
    losses = np.where(np.isfinite(losses), losses, np.inf)
    best = int(losses.argmin())
    if not np.isfinite(losses[best]):
        raise ValueError("losses must not all have diverged: begin the grid lower")
    if best in (0, len(grid) - 1) or losses[-1] == losses[best]:
        raise ValueError(f"the lowest loss lies on the edge of the grid, at {grid[best]:.3g}: extend it beyond")
    return Best(float(grid[best]), float(losses[best]))


class Mean(NamedTuple):
    """A mean and its standard error, printed as ``0.938 +- 0.002``: of an error that begins with 1, two digits.

    How many digits stand there is decided on numbers of six digits, so that a last bit, which is another one on other
    processors, decides nothing.

    >>> print(Mean(0.9375, 0.0131), Mean(0.9375, 0.0097), Mean(0.9375, 0.0271))
    0.938 +- 0.013 0.938 +- 0.010 0.94 +- 0.03
    """

    value: float
    error: float

    def __str__(self) -> str:
        value, error = (float(f"{number:.6g}") for number in self)
        if error == 0:
            return f"{value:.4g} +- 0"
        begins, exponent = f"{error:.1e}".split("e")
        digits = max(0, begins.startswith("1") - int(exponent))
        return f"{value:.{digits}f} +- {error:.{digits}f}"


def mean_with_error(samples) -> Mean:
    """The mean of two or more independent samples, of shape ``(n,)``, with its standard error: deviation / sqrt(n).

    >>> mean_with_error([1.0, 3.0]), str(mean_with_error([1.0, 2.0, 3.0, 4.0]))
    (Mean(value=2.0, error=1.0), '2.5 +- 0.6')
    """
    samples = as_table("samples", samples, "(n,)")
    if len(samples) < 2:
        raise ValueError(f"samples must be two or more numbers, but got {len(samples)}")
    if (samples == samples[0]).all():
        return Mean(float(samples[0]), 0.0)  # without the rounding of a mean
    return Mean(float(samples.mean()), float(samples.std(ddof=1) / np.sqrt(len(samples))))


class Ending(NamedTuple):
    """Where a training ended: its loss, the largest curvature there, and the share of the test digits read rightly."""

    loss: float
    sharpness: float
    accuracy: float


class DigitsTrial:
    """A network that learns from 200 of ``images``, which are ``data.digits()``, and is tested on the other 1,597.

    So many as ``wrong_labels`` says of the 200 bear a wrong label. The seed decides which these are, the start, and the
    order of the batches. So two trainings of one trial differ in their settings alone, and can be compared in pairs.

    Attributes:
        network: the loss on the 200 digits, a ``losses.SoftmaxNetwork``.
        start: where every training starts, of shape ``(d,)``.
        test_X, test_y: the other digits, with their right labels.

    >>> from gd_helpers.data import digits
    >>> trial = DigitsTrial(digits(), seed=0)
    >>> run = trial.until(0.02, batch_size=20, learning_rate=1.0)
    >>> bool(0.018 < run.loss <= 0.02), trial.measure(run.end).accuracy > 0.9
    (True, True)
    """

    SIZE = 200

    def __init__(self, images: Digits, seed: int, wrong_labels: int = 0):
        if not isinstance(images, Digits):
            raise ValueError(f"images must be data.digits(), but got {said(images)}")
        self.seed = as_whole_number("seed", seed, at_least=0)
        wrong_labels = as_whole_number("wrong_labels", wrong_labels, at_least=0, at_most=self.SIZE)
        rng = np.random.default_rng(self.seed)
        X, y = np.concatenate([images.train_X, images.test_X]), np.concatenate([images.train_y, images.test_y])
        train, test = np.split(rng.permutation(len(X)), [self.SIZE])
        labels = y[train]
        labels[:wrong_labels] = (labels[:wrong_labels] + rng.integers(1, 10, wrong_labels)) % 10  # never the right one
        self.network = SoftmaxNetwork(X[train], labels)
        self.start = self.network.initial(rng)
        self.start.setflags(write=False)
        self.test_X, self.test_y = X[test], y[test]

    def training(self, batch_size, learning_rate, epochs, *, rho=0.0, rule=None, points=1, piece=100) -> Iterator[Run]:
        """Train as ``descend_in_pieces`` does, sharpness-aware with ``rho``, recording up to ``points`` an epoch."""
        epochs, points = as_whole_number("epochs", epochs, at_least=0), as_whole_number("points", points, at_least=1)
        batches = minibatches(self.SIZE, batch_size, np.random.default_rng([self.seed, 1]))
        updates = math.ceil(self.SIZE / batch_size)
        return descend_in_pieces(
            SharpnessAware(self.network, rho), self.start, learning_rate=learning_rate, steps=epochs * updates,
            rule=rule, batches=None if updates == 1 else batches, record_every=max(1, updates // points), piece=piece,
        )  # fmt: skip

    def train(self, batch_size, learning_rate, epochs, *, rho=0.0, rule=None) -> Run:
        """Train to the end; ``run.path[k]`` are the weights after epoch ``k``."""
        *_, run = self.training(batch_size, learning_rate, epochs, rho=rho, rule=rule, piece=None)
        return run

    def until(self, loss, batch_size, learning_rate, epochs=1500, *, rho=0.0, rule=None) -> Run | None:
        """Train until the training loss is at most ``loss``; returns start and end alone, or None if it never does."""
        loss = as_number("loss", loss, "above 0", single=True)
        for run in self.training(batch_size, learning_rate, epochs, rho=rho, rule=rule, points=10):
            if (run.losses <= loss).any():
                ends = [0, int((run.losses <= loss).argmax())]
                return Run(run.path[ends], run.losses[ends], run.steps[ends], None)
        return None

    def accuracy(self, w):
        """The share of the test digits that is read rightly, for ``w`` of shape ``(..., d)``."""
        return self.network.accuracy(w, self.test_X, self.test_y)

    def measure(self, w) -> Ending:
        """Loss, sharpness (to one per cent or better) and accuracy at ``w``, of shape ``(d,)``."""
        w = as_point("w", w, self.network.d)
        sharp = sharpness(self.network, w, tolerance=0.01)
        return Ending(float(self.network.value(w)), float(sharp), float(self.accuracy(w)))
