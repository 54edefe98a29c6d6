"""The pictures of lesson 3: how a network learns with batches, what these cost, and what their noise does."""

import numpy as np

from gd_helpers.figures.base import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    map_surface,
    mark_minima,
    moving_line,
    new_figure,
    panel,
    path_on_map,
)

STYLES = ((VERMILLION, ":"), (BLUE, "-"), (GREEN, "--"))  # of curves that stand side by side


class DigitsScene:
    """A network learning to read: its loss, the share it reads rightly, and a row of digits that it gets wrong.

    Args:
        network: a ``losses.SoftmaxNetwork`` over the images to train on.
        images: ``data.Digits``; those to test on are shown.
        epochs: how many epochs the panels are wide.
    """

    SHOWN = 12

    def __init__(self, network, images, epochs=5):
        self.network, self.images, self.epochs = network, images, epochs
        mosaic = [["loss", "right"], ["row", "row"]]
        self.figure, axes = new_figure(mosaic, height=3.7, height_ratios=[3, 1])
        across = {"xlim": (-0.1, epochs + 0.1), "xlabel": "epoch"}
        loss = panel(axes["loss"], yscale="log", ylim=(0.01, 100), title="loss on the digits it trains on", **across)
        right = panel(axes["right"], ylim=(0, 1.02), title="share of unseen digits read rightly", **across)
        guessing = np.log(network.classes)
        loss.axhline(guessing, color=GREY, linestyle=":", linewidth=1.5)
        loss.text(epochs, guessing * 1.15, "guessing", color=GREY, ha="right", va="bottom")
        right.axhline(0.95, color=GREY, linestyle=":", linewidth=1.5)
        right.text(epochs, 0.93, "0.95", color=GREY, ha="right", va="top")
        self._loss = moving_line(loss, "o-", BLUE, markersize=4)
        self._right = moving_line(right, "s-", GREEN, markersize=4)
        row = axes["row"]
        row.axis("off")
        row.set(
            xlim=(0, self.SHOWN),
            ylim=(-0.4, 1),
            title="unseen digits that it gets wrong: what they are, and as what it reads them",
        )
        self._row = row.imshow(
            np.zeros((8, 9 * self.SHOWN)),
            extent=(0, self.SHOWN, 0, 1),
            aspect="auto",
            cmap="Greys",
            vmin=-0.12,
            vmax=1,
            interpolation="nearest",
            animated=True,
        )
        middles = np.arange(self.SHOWN) + 4 / 9  # each image is eight pixels wide, with one to part it from the next
        self._names = [row.text(x, -0.1, "", ha="center", va="top", fontsize=9, animated=True) for x in middles]

    def show(self, run, steps_per_epoch):
        """Draw ``run`` (path of shape (n, d)); returns how the network reads now, in a sentence."""
        epochs = run.steps / steps_per_epoch
        answers = self.network.predict(run.path, self.images.test_X)
        truth = self.images.test_y
        self._loss.set_data(epochs, run.losses)
        self._right.set_data(epochs, (answers == truth).mean(axis=-1))
        wrong = np.flatnonzero(answers[-1] != truth)
        self._show_row(wrong[: self.SHOWN], answers[-1])
        told = f"Epoch {epochs[-1]:.3g}, step {run.steps[-1]}: loss {run.loss:.2g}"
        if not run.loss < np.log(self.network.classes):
            told += ", worse than guessing"
        return f"{told}; reads {len(truth) - len(wrong)} of {len(truth)} unseen digits."

    def _show_row(self, wrong, answers):
        row = np.full((8, self.SHOWN, 9), np.nan)
        row[:, : len(wrong), :8] = self.images.test_X[wrong].reshape(-1, 8, 8).swapaxes(0, 1)
        self._row.set_data(row.reshape(8, -1))
        for k, name in enumerate(self._names):
            name.set_text(f"{self.images.test_y[wrong[k]]} as {answers[wrong[k]]}" if k < len(wrong) else "")


class ClockScene:
    """How long an epoch took with each batch size, on this computer: one point for each size that was tried.

    The times stand in the picture alone, because the texts of a lesson must be the same on every computer.

    Args:
        largest: the largest batch size.
    """

    def __init__(self, largest):
        self._seconds = {}
        self.figure, axes = new_figure([["clock"]], height=2.8)
        clock = panel(axes["clock"], xscale="log", yscale="log", xlim=(0.6, 1.7 * largest), ylim=(0.3, 3000))
        clock.set(xlabel="batch size", ylabel="milliseconds", title="time for one epoch, on this computer")
        self._times = moving_line(clock, "s-", BLUE, markersize=5)
        self._here = moving_line(clock, "o", VERMILLION, markeredgecolor="white", markersize=11)
        self._words = clock.text(0, 0, "", ha="center", va="bottom", animated=True)

    def show(self, batch_size, seconds):
        """Add the time of an epoch at this batch size, or replace the one before."""
        self._seconds[batch_size] = seconds
        sizes = sorted(self._seconds)
        self._times.set_data(sizes, [1000 * self._seconds[size] for size in sizes])
        self._here.set_data([batch_size], [1000 * seconds])
        self._words.set_position((batch_size, 1600 * seconds))
        self._words.set_text(f"{1000 * seconds:.3g} ms")


class BudgetScene:
    """The same runs against three budgets: updates, epochs, gradient evaluations. One curve a batch size.

    Args:
        runs: by batch size, each a ``Run`` with its losses.
        n: the number of samples, which makes an epoch.
    """

    def __init__(self, runs, n):
        self.runs, self.n = runs, n
        self.marks = {"updates": 100, "epochs": 5, "gradient evaluations": 5 * n}  # where the curves are compared
        self.figure, axes = new_figure([["loss"]], height=3.6)
        losses = [run.losses for run in runs.values()]
        limits = {"ylim": (0.7 * min(map(np.min, losses)), 1.5 * max(map(np.max, losses)))}
        self._axes = panel(axes["loss"], xscale="log", yscale="log", title="the same three runs", **limits)
        self._axes.set_ylabel("loss")
        self._lines = []
        for (size, _), (color, style) in zip(runs.items(), STYLES, strict=True):
            self._axes.plot([], [], style, color=color, linewidth=2, label=f"batch size {size}")
            self._lines.append(moving_line(self._axes, style, color, linewidth=2))
        self._axes.legend(loc="lower left", frameon=False)
        self._mark = moving_line(self._axes, "-", GREY, linewidth=1)
        self.show("updates")  # before the picture is laid out, so that there is room for the label

    def spent(self, size, budget):
        """How much of a budget the run of this batch size had used at each of its points, of shape (recorded,)."""
        steps, per_epoch = self.runs[size].steps, -(-self.n // size)
        return {"updates": steps, "epochs": steps / per_epoch, "gradient evaluations": steps / per_epoch * self.n}[
            budget
        ]

    def show(self, budget):
        """Draw the runs against a ``budget``; returns the loss of each at the mark, nan if not reached."""
        most = max(self.spent(size, budget)[-1] for size in self.runs)
        least = min(self.spent(size, budget)[1] for size in self.runs)
        if self._axes.get_xlabel() != budget:  # a change that redraws the background
            self._axes.set(xlabel=budget, xlim=(least / 1.3, most * 1.3))
        at, reached = self.marks[budget], {}
        for line, (size, run) in zip(self._lines, self.runs.items(), strict=True):
            spent = self.spent(size, budget)
            line.set_data(spent[1:], run.losses[1:])
            reached[size] = float(np.interp(at, spent, run.losses, right=np.nan))
        self._mark.set_data([at, at], self._axes.get_ylim())
        return reached


class LinearScalingScene:
    """The loss after one epoch against the batch size: with one rate for all, and with a rate that grows with it.

    Args:
        sizes: the batch sizes.
        limit: the largest stable learning rate.
        losses: the range of the loss axis.
    """

    def __init__(self, sizes, limit, losses):
        self.sizes, self.limit, self._losses = sizes, limit, losses
        self.figure, axes = new_figure([["loss"]], height=3.7)
        axes = panel(axes["loss"], xscale="log", yscale="log", xlabel="batch size", ylim=losses)
        axes.set(xlim=(sizes[0] / 1.3, sizes[-1] * 1.3), title="loss above the best, after one epoch")
        axes.set_xticks(sizes, [str(size) for size in sizes])
        axes.minorticks_off()
        kinds = {"one rate for every batch size": (GREEN, "^--"), "rate proportional to the batch size": (BLUE, "s-")}
        self._lines = []
        for name, (color, style) in kinds.items():
            axes.plot([], [], style, color=color, label=name)
            self._lines.append(moving_line(axes, style, color))
        self.figure.legend(loc="outside lower center", ncols=2, frameon=False)
        self._edge = moving_line(axes, ":", VERMILLION, linewidth=2.2)
        self._name = axes.text(0, 0, "", color=VERMILLION, ha="right", va="bottom", animated=True)

    def show(self, same, scaled, rate_per_sample):
        """Draw the losses with the same rate and with the scaled one, one for each batch size."""
        for line, losses in zip(self._lines, (same, scaled), strict=True):
            line.set_data(self.sizes, np.minimum(losses, 1e300))
        edge = self.limit / rate_per_sample
        inside = edge < self.sizes[-1]
        self._edge.set_data([edge, edge] if inside else [], self._losses if inside else [])
        self._name.set_position((edge / 1.04 if inside else 1, 1.3 * self._losses[0]))
        self._name.set_text("rate = 2 / largest curvature" if inside else "")


class RiddleScene:
    """Loss curves whose batch sizes are not told.

    Args:
        names: the names of the panels.
        steps: how many steps are shown.
        losses: the range of the loss axis, near 1.
    """

    def __init__(self, names, steps, losses):
        self.figure, axes = new_figure([list(names)], height=2.8)
        self._lines = []
        for name in names:
            limits = {"xlim": (-4, steps + 4), "ylim": losses, "yscale": "log"}
            panel(axes[name], **limits, xlabel="step", title=name)
            self._lines.append(moving_line(axes[name], "-", BLUE, linewidth=1.2))
            axes[name].set_yticks([0.2, 0.5, 1, 2], ["0.2", "0.5", "1", "2"] if name == names[0] else [""] * 4)
            axes[name].minorticks_off()

    def show(self, runs):
        """Draw the losses of ``runs``, one a panel."""
        for line, run in zip(self._lines, runs, strict=True):
            line.set_data(run.steps, run.losses)


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
        mark_minima(self.target, self.best)
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
        mark_minima(cloud, self.true)
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
