"""The pictures of lesson 3 about noise: what the gradients of few samples do, and what theory expects of them."""

import numpy as np

from gd_helpers.batch_figures import moving_line, panel
from gd_helpers.figures import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    map_surface,
    new_figure,
    path_on_map,
)


class WobbleScene:
    """A descent on the loss surface of a line, and how far above the lowest loss each step ends, with its floor.

    Args:
        loss: a ``losses.LinearRegression`` whose parameters are (slope, intercept).
        steps: the number of steps that are shown.
    """

    def __init__(self, loss, steps):
        self.best = loss.least_squares()
        self.lowest = float(loss.value(self.best))
        self._steps = steps
        self.figure, axes = new_figure([["map", "loss"]], height=3.6, width_ratios=[1, 1])
        self.target = axes["map"]
        slopes, intercepts = np.meshgrid(
            self.best[0] + np.linspace(-2, 2, 101), self.best[1] + np.linspace(-2.2, 1.2, 101)
        )
        heights = loss.value(np.stack([slopes, intercepts], axis=-1))
        map_surface(self.target, slopes, intercepts, heights, levels=18)
        self.target.plot(*self.best, "*", color="white", markeredgecolor=BLACK, markersize=11)
        self.target.set(title="the path on the loss surface", xlabel="slope", ylabel="intercept")
        self._move_path = path_on_map(self.target, dots=False)
        limits = {"xlim": (-6, steps + 6), "ylim": (1e-6, 1e3), "yscale": "log"}
        above = panel(axes["loss"], **limits, xlabel="step", title="loss above that of the best line")
        self._above = moving_line(above, "-", BLUE, linewidth=1.2)
        above.plot([], [], "--", color=VERMILLION, label="noise floor, by theory")
        above.legend(loc="upper right", frameon=False)
        self._floor = moving_line(above, "--", VERMILLION)

    def show(self, run, floor):
        """Draw ``run`` (path of shape (n, 2)) and the noise ``floor`` that theory expects; 0 for none.

        Returns what the run did and what was expected, in a sentence.
        """
        self._move_path(run.path)
        self._above.set_data(run.steps, np.maximum(run.losses - self.lowest, 1e-12))
        drawn = 1e-6 < floor < 1e3
        self._floor.set_data([0, self._steps] if drawn else [], [floor, floor] if drawn else [])
        if run.diverged_at is not None:
            return f"Diverged: by step {run.diverged_at} it was far outside every picture."
        above = run.losses - self.lowest
        first, late = above[0], above[run.steps > 2 / 3 * self._steps].mean()
        expected = f"theory, with replacement: {floor:.2g}" if floor else "the rate is beyond 2/h"
        return f"Above the best line: {first:.3g} at first, {late:.2g} over the last third of its steps ({expected})."


class NoiseScene:
    """The gradients of many batches as a cloud around the true one, and their error against the size of the batch.

    Args:
        gradients: the gradient of each sample, of shape (n, 2).
    """

    def __init__(self, gradients):
        self.n = n = len(gradients)
        self.true = gradients.mean(axis=0)
        self.spread = float(np.sqrt(((gradients - self.true) ** 2).sum(axis=-1).mean()))
        self.figure, axes = new_figure([["cloud", "noise"]], height=3.6, width_ratios=[4, 5])
        reach = 1.1 * np.abs(gradients - self.true).max()
        cloud = panel(axes["cloud"], title="gradients of 400 batches", xlabel="by slope", ylabel="by intercept")
        cloud.set(xlim=self.true[0] + np.array([-reach, reach]), ylim=self.true[1] + np.array([-reach, reach]))
        self._cloud = moving_line(cloud, "o", BLUE, markersize=3, alpha=0.5, markeredgewidth=0)
        cloud.plot(*self.true, "*", color="white", markeredgecolor=BLACK, markersize=13, zorder=5)
        noise = panel(axes["noise"], xscale="log", yscale="log", xlabel="batch size", title="RMS error of the gradient")
        sizes = np.arange(1, n + 1)
        for with_replacement, name, style, color in ((True, "with", "-", GREY), (False, "without", "--", ORANGE)):
            errors = [self.expected(size, with_replacement) or np.nan for size in sizes]
            noise.plot(sizes, errors, style, color=color, label=f"theory, {name} replacement")
        noise.set(xlim=(0.8, 1.25 * n), ylim=(self.spread / n**0.5 / 20, 2 * self.spread))
        noise.legend(loc="lower left", frameon=False, fontsize=9)
        self._seen = moving_line(noise, "o", SKY, markersize=5)
        self._here = moving_line(noise, "o", VERMILLION, markeredgecolor="white", markersize=11)
        self._measured = {}

    def expected(self, batch_size, with_replacement):
        """The root mean square error of a batch's gradient, from that of single samples.

        Source: Cochran (1977), "Sampling Techniques", for drawing without replacement.
        """
        left = 1 if with_replacement else (self.n - batch_size) / (self.n - 1)
        return self.spread * (left / batch_size) ** 0.5

    def show(self, gradients, batch_size, key=None):
        """Draw the ``gradients`` of many batches (shape (m, 2)); ``error`` is then their root mean square error.

        What was measured stays as a small dot, one for each batch size and ``key``.
        """
        self.error = error = float(np.sqrt(((gradients - self.true) ** 2).sum(axis=-1).mean()))
        self._measured[batch_size, key] = batch_size, max(error, 1e-9)
        self._cloud.set_data(*gradients.T)
        self._seen.set_data(*np.array(list(self._measured.values())).T)
        self._here.set_data([batch_size], [max(error, 1e-9)])


class FloorScene:
    """A parameter that jitters around its best value: at a constant rate, and at one that decays.

    Args:
        best: the best value.
        limits: the range of the parameter.
        steps: how many steps are shown.
        window: over how many steps the distance is averaged.
    """

    def __init__(self, best, limits, steps, window=50):
        self.best, self.steps, self.window = best, steps, window
        self.figure, axes = new_figure([["guess", "distance"]], height=3.6)
        guess = panel(axes["guess"], xlim=(-10, steps + 10), ylim=limits, xlabel="step", title="the guess (kg)")
        distance = panel(
            axes["distance"],
            **{"xlim": (-10, steps + 10), "ylim": (1e-3, 3), "yscale": "log", "xlabel": "step"},
            title="RMS distance from the best (kg)",
        )
        guess.axhline(best, color=GREY, linewidth=1)
        self._guesses, self._distances = [], []
        for name, color, style, marker in (("constant rate", BLUE, "-", "s"), ("decaying rate", ORANGE, "-", "^")):
            self._guesses.append(moving_line(guess, style, color, linewidth=1.2))
            distance.plot([], [], marker + style, color=color, markersize=5, label=name)
            self._distances.append(moving_line(distance, marker + style, color, markersize=5))
        distance.plot([], [], "--", color=PURPLE, label="formula")
        distance.legend(loc="lower left", frameon=False)
        self._band = moving_line(guess, "--", PURPLE)
        self._floor = moving_line(distance, "--", PURPLE)

    def show(self, constant, decaying, deviation):
        """Draw two runs (paths of shape (steps + 1, 1)) and the standard deviation expected of the first.

        Returns the root mean square distance of each from the best over the second half of its steps.
        """
        ends = []
        for run, guess, distance in zip((constant, decaying), self._guesses, self._distances, strict=True):
            away = run.path[1:, 0] - self.best
            guess.set_data(run.steps, run.path[:, 0])
            middles = np.arange(0, self.steps, self.window) + self.window / 2
            distance.set_data(middles, np.sqrt((away.reshape(-1, self.window) ** 2).mean(axis=-1)))
            ends.append(float(np.sqrt((away[self.steps // 2 :] ** 2).mean())))
        across = np.array([0, self.steps])
        edges = self.best + 2 * deviation * np.array([1, 1, np.nan, -1, -1])
        self._band.set_data([*across, np.nan, *across], edges)
        self._floor.set_data(across, [deviation, deviation])
        return ends
