"""What every comparison of this course goes through: the best of a grid, a mean with its error, equal training loss."""

import math
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np

from gd_helpers import checks
from gd_helpers.curvature import sharpness
from gd_helpers.data import Digits
from gd_helpers.descent import Run, descend_in_pieces, minibatches, walk
from gd_helpers.losses import SharpnessAware, SoftmaxNetwork
from gd_helpers.rules import chain, sgd


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
    grid, losses = checks.as_floats("grid", grid, finite=True), checks.as_floats("losses", losses)
    if grid.ndim != 1 or grid.shape != losses.shape or len(grid) < 3:
        raise ValueError(f"grid and losses must be of one shape (n,), n > 2, but got {grid.shape} and {losses.shape}")
    if not (np.diff(grid) > 0).all():
        raise ValueError(f"grid must run from low to high, but got {checks.said(grid)}")
    losses = np.where(np.isfinite(losses), losses, np.inf)
    best = int(losses.argmin())
    if not np.isfinite(losses[best]):
        raise ValueError("losses must not all have diverged: begin the grid lower")
    if best in (0, len(grid) - 1) or losses[-1] == losses[best]:
        raise ValueError(f"the lowest loss lies on the edge of the grid, at {grid[best]:.3g}: extend it beyond")
    return Best(float(grid[best]), float(losses[best]))


class Mean(NamedTuple):
    """A mean and its standard error, printed as ``0.938 +- 0.002``: of an error that begins with 1, two digits.

    That is decided on numbers of six digits, so that the last bit, in which processors differ, decides nothing.

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
    samples = checks.as_table("samples", samples, "(n,)")
    if len(samples) < 2:
        raise ValueError(f"samples must be two or more numbers, but got {len(samples)}")
    if (samples == samples[0]).all():
        return Mean(float(samples[0]), 0.0)  # without the rounding of a mean
    return Mean(float(samples.mean()), float(samples.std(ddof=1) / np.sqrt(len(samples))))


class Ending(NamedTuple):
    """Of each of k trainings: its loss, the largest curvature there, and the share of the test digits read rightly."""

    loss: np.ndarray
    sharpness: np.ndarray
    accuracy: np.ndarray


@checks.over_many_points
class SideBySide:
    """The losses of k networks of one form, each on so many rows of its own, as one loss of ``w`` ``(..., k, d)``.

    A ``batch`` names rows, the same numbers for each network.

    >>> two = SideBySide([SoftmaxNetwork([[1.0], [2.0]], [0, 1]), SoftmaxNetwork([[1.0], [2.0]], [1, 0])])
    >>> two.value(np.zeros((2, 202))).round(4).tolist(), two.gradient(np.zeros((2, 202)), [0]).shape
    ([2.3026, 2.3026], (2, 202))
    """

    def __init__(self, networks):
        self.networks = list(checks.as_iterator("networks", networks, "a list of networks"))
        ours = all(isinstance(one, SoftmaxNetwork) for one in self.networks)
        forms = {(one.X.shape, one.hidden, one.classes) for one in self.networks} if ours else {}
        if len(forms) != 1:
            raise ValueError(f"networks must be SoftmaxNetworks of one form and size, but got {checks.said(networks)}")
        ((_, *form),) = forms
        X, y = (np.concatenate([getattr(one, name) for one in self.networks]) for name in ("X", "y"))
        self._all, self._rows = SoftmaxNetwork(X, y, *form), np.arange(len(X)).reshape(len(self.networks), -1)

    def value(self, w):
        return np.stack([one.value(w[..., k, :]) for k, one in enumerate(self.networks)], axis=-1)

    def gradient(self, w, batch=None):
        return self._all.gradient(w, self._rows if batch is None else self._rows[:, batch])


class DigitsTrials:
    """Networks that each learn from 200 of ``images``, which are ``data.digits()``, and are tested on the other 1,597.

    Each of the k ``seeds`` makes one trial: it decides which digits these are, which ``wrong_labels`` the first of the
    200 bear, and where training starts. All are trained side by side, in batches of the same row numbers. So two ways
    of training differ in their settings alone, and can be compared in pairs, trial by trial.

    Attributes:
        networks: the loss of each trial on its 200 digits, a list of ``SoftmaxNetwork``; ``loss`` is all of them.
        tests: of each trial the other digits with their right labels, a list of ``(X, y)``.
        start: where every training starts, of shape ``(k, d)``.

    >>> from gd_helpers.data import digits
    >>> trials = DigitsTrials(digits(), seeds=[0, 1])
    >>> w, steps = trials.until(0.02, batch_size=20, learning_rate=1.0)
    >>> ending = trials.measure(w)
    >>> ending.loss.round(4).tolist(), (ending.accuracy > 0.9).tolist()
    ([0.02, 0.02], [True, True])
    """

    SIZE = 200

    def __init__(self, images: Digits, seeds, wrong_labels: int = 0):
        if not isinstance(images, Digits):
            raise ValueError(f"images must be data.digits(), but got {checks.said(images)}")
        seeds = checks.as_iterator("seeds", seeds, "whole numbers")
        seeds = [checks.as_whole_number("seeds", one, at_least=0) for one in seeds]
        if not seeds:
            raise ValueError("seeds must be one or more whole numbers, but there is none")
        wrong_labels = checks.as_whole_number("wrong_labels", wrong_labels, at_least=0, at_most=self.SIZE)
        X, y = np.concatenate([images.train_X, images.test_X]), np.concatenate([images.train_y, images.test_y])
        self.networks, self.tests, starts = [], [], []
        for seed in seeds:
            rng = np.random.default_rng(seed)
            train, test = np.split(rng.permutation(len(X)), [self.SIZE])
            labels, off = y[train], rng.integers(1, 10, wrong_labels)  # by 1 to 9: never the right one
            labels[:wrong_labels] = (labels[:wrong_labels] + off) % 10
            self.networks.append(SoftmaxNetwork(X[train], labels))
            self.tests.append((X[test], y[test]))
            starts.append(self.networks[-1].initial(rng))
        self.loss, self.start = SideBySide(self.networks), np.stack(starts)
        self.start.setflags(write=False)

    def training(self, batch_size, learning_rate, epochs, *, rho=0.0, piece=100) -> Iterator[Run]:
        """Train as ``descend_in_pieces`` does, sharpness-aware with ``rho``, and record a point an epoch."""
        how, every = self._how(batch_size, epochs, rho)
        return descend_in_pieces(start=self.start, learning_rate=learning_rate, record_every=every, piece=piece, **how)

    def train(self, batch_size, learning_rate, epochs, *, rho=0.0) -> Run:
        """Train to the end; ``run.path[n]`` are the weights after epoch ``n``, of shape ``(k, d)``."""
        *_, run = self.training(batch_size, learning_rate, epochs, rho=rho, piece=None)
        return run

    def until(self, loss, batch_size, learning_rate, epochs=1500, *, rho=0.0, rule=None):
        """Train until the training loss is ``loss``, one for all trials or one each; the last step is cut to end there.

        The loss is looked at every ten steps, or twice an epoch if that is rarer; then the first low enough is found.

        Returns:
            The weights ``(k, d)`` and how many steps it took ``(k,)``: nan and inf where it never came so far down.
        """
        levels, n = checks.as_number("loss", loss, "above 0"), len(self.start)
        if np.shape(levels) not in ((), (n,)):
            raise ValueError(f"loss must be one number, or one for each of {n} trials, but got {checks.said(loss)}")
        levels = levels + np.zeros(n)
        rate = checks.as_number("learning_rate", learning_rate, "above 0", single=True)
        how, updates = self._how(batch_size, epochs, rho)
        w, look = self.start, max(10, updates // 2)
        above, there = np.full((2, *w.shape), np.nan)  # the last point before, and the first that is low enough
        arrived = np.full(n, np.inf)
        steps = walk(w=w, rate=lambda t: rate, rule=chain(sgd() if rule is None else rule), **how)
        with np.errstate(all="ignore"):  # a training may diverge, and nan stays nan
            for t in range(0, how["steps"], look):
                points = np.stack([w, *islice(steps, look)])
                w = points[-1]
                for k in np.flatnonzero((self.loss.value(w) <= levels) & np.isinf(arrived)):
                    first = int((self.networks[k].value(points[:, k]) <= levels[k]).argmax())
                    arrived[k], above[k], there[k] = t + first, points[max(first - 1, 0), k], points[first, k]
                if np.isfinite(arrived).all():
                    break
            for _ in range(10):  # halve the last step again and again
                middle = (above + there) / 2
                low = (self.loss.value(middle) <= levels)[:, None]
                above, there = np.where(low, above, middle), np.where(low, middle, there)
        return there, arrived

    def accuracy(self, w):
        """The share of the test digits that is read rightly, for ``w`` of shape ``(..., k, d)``."""
        w = checks.as_points("w", w, self.start.shape[-1])
        trials = enumerate(zip(self.networks, self.tests, strict=True))
        return np.stack([network.accuracy(w[..., k, :], *test) for k, (network, test) in trials], axis=-1)

    def measure(self, w) -> Ending:
        """Loss, sharpness (to one per cent or better) and accuracy of each trial at ``w``, of shape ``(k, d)``."""
        w = checks.as_points("w", w, self.start.shape[-1])
        return Ending(self.loss.value(w), sharpness(self.loss, w, tolerance=0.01), self.accuracy(w))

    def _how(self, batch_size, epochs, rho):
        """What ``walk`` and ``descend`` are told alike, and how many updates an epoch has."""
        epochs = checks.as_whole_number("epochs", epochs, at_least=0)
        batches = minibatches(self.SIZE, batch_size, np.random.default_rng(1))
        updates = math.ceil(self.SIZE / batch_size)
        how = {"loss": SharpnessAware(self.loss, rho), "steps": epochs * updates}
        return how | {"batches": None if updates == 1 else batches}, updates
