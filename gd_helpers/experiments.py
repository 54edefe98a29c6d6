"""What every comparison of this course goes through: the best of a grid, and a mean with its error."""

from typing import NamedTuple

import numpy as np


class Best(NamedTuple):
    """The best place of a grid and the loss there."""

    at: float
    loss: float


def best_of_grid(grid, losses) -> Best:
    """Return where on a grid the loss is lowest, and refuse a best that lies on the grid's edge.

    On the edge nobody knows what comes beyond it, so "the best of the grid" would say nothing.

    Args:
        grid: the values that were tried, of shape ``(n,)``, from low to high.
        losses: the loss with each of them, of shape ``(n,)``; nan and infinity count as diverged.

    Raises:
        ValueError: if the two do not fit each other, the grid does not ascend, every loss diverged, or the lowest
            is that of the first or last value.

    >>> best_of_grid([0.01, 0.1, 1.0], [2.0, 0.5, np.inf])
    Best(at=0.1, loss=0.5)
    """
    grid, losses = np.asarray(grid, dtype=float), np.asarray(losses, dtype=float)
    if grid.ndim != 1 or grid.shape != losses.shape or len(grid) < 3:
        raise ValueError(
            "grid and losses must be of one shape (n,) with n at least 3, "
            f"but got shapes {grid.shape} and {losses.shape}"
        )
    if not (np.diff(grid) > 0).all():
        raise ValueError(f"grid must run from low to high, but got {grid}")
    losses = np.where(np.isfinite(losses), losses, np.inf)
    best = int(losses.argmin())
    if not np.isfinite(losses[best]):
        raise ValueError("losses must not all have diverged: begin the grid lower")
    if best in (0, len(grid) - 1):
        raise ValueError(
            f"the lowest loss lies on the edge of the grid, at {grid[best]:.3g}: extend the grid beyond it, "
            "so that it is known to be the best"
        )
    return Best(float(grid[best]), float(losses[best]))


class Mean(NamedTuple):
    """A mean and its standard error; printed, it reads ``0.938 +- 0.001``, the error to one digit."""

    value: float
    error: float

    def __str__(self) -> str:
        if self.error == 0:
            return f"{self.value:.4g} +- 0"
        digits = max(0, -int(np.floor(np.log10(self.error))))
        return f"{self.value:.{digits}f} +- {self.error:.{digits}f}"


def mean_with_error(samples) -> Mean:
    """The mean of independent samples, of shape ``(n,)``, with its standard error: deviation / sqrt(n).

    Raises:
        ValueError: if there are fewer than two samples, or one that is not finite.

    >>> print(mean_with_error([1.0, 2.0, 3.0, 4.0]))
    2.5 +- 0.6
    """
    samples = np.asarray(samples, dtype=float)
    if samples.ndim != 1 or len(samples) < 2 or not np.isfinite(samples).all():
        raise ValueError(f"samples must be two or more finite numbers, of shape (n,), but got {samples!r}")
    return Mean(float(samples.mean()), float(samples.std(ddof=1) / np.sqrt(len(samples))))
