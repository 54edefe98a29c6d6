"""The pictures of lesson 3: how a network learns with batches, what these cost, and what their noise does."""

import math

import numpy as np

from gd_helpers.figures import base
from gd_helpers.figures.base import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, VERMILLION, moving_line, panel


class DigitsScene:
    """A network learning to read: its loss, the share it reads rightly, and a row of digits that it gets wrong.

    ``network`` is a ``losses.SoftmaxNetwork`` over the images to train on, and ``images`` are ``data.Digits``.
    """

    EPOCHS = 5
    SHOWN = 12  # digits in the row

    def __init__(self, network, images):
        self.network, self.images = network, images
        self.guessing = np.log(network.classes)  # the loss when every class gets the probability 1 / classes
        mosaic = [["loss on the digits it trains on", "test accuracy"]]
        mosaic += [["the first test digits that it gets wrong: what they are, and as what it reads them"] * 2]
        self.figure, loss, right, row = base.new_figure(mosaic, height=3.3, height_ratios=[5, 2])
        across = {"xlim": (-0.1, self.EPOCHS + 0.1), "xlabel": "epoch"}
        panel(loss, log="y", ylim=(0.01, 100), **across)
        panel(right, ylim=(0, 1.02), **across)
        loss.axhline(self.guessing, color=GREY, linestyle=":", label="guessing")
        loss.legend(loc="lower left")
        self._loss, self._right = moving_line(loss, "o-", markersize=4), moving_line(right, "s-", GREEN, markersize=4)
        row.set_axis_off()
        row.set(xlim=(0, self.SHOWN), ylim=(-0.4, 1), aspect=8 / 9)  # in pixels of the digits: they stay square
        look = {"cmap": "Greys", "vmin": -0.12, "vmax": 1, "interpolation": "nearest", "animated": True}
        self._row = row.imshow([[0]], extent=(0, self.SHOWN, 0, 1), aspect=8 / 9, **look)
        middles = np.arange(self.SHOWN) + 4 / 9
        self._names = [row.text(x, -0.1, "", ha="center", va="top", fontsize=9, animated=True) for x in middles]

    def show(self, run, steps_per_epoch):
        """Draw ``run`` (path of shape (n, d)); returns how the network reads now, in a sentence."""
        epochs = run.steps / steps_per_epoch
        answers, truth = self.network.predict(run.path, self.images.test_X), self.images.test_y
        self._loss.set_data(epochs, run.losses)
        self._right.set_data(epochs, (answers == truth).mean(axis=-1))
        wrong = np.flatnonzero(answers[-1] != truth)
        row = np.full((8, self.SHOWN, 9), np.nan)  # each image is eight pixels wide, with one to part it from the next
        images = self.images.test_X[wrong[: self.SHOWN]].reshape(-1, 8, 8)
        row[:, : len(images), :8] = images.swapaxes(0, 1)
        self._row.set_data(row.reshape(8, -1))
        names = [f"{truth[k]} as {answers[-1, k]}" for k in wrong] + [""] * self.SHOWN
        for text, name in zip(self._names, names, strict=False):
            text.set_text(name)
        worse = "" if run.loss < self.guessing else ", worse than guessing"
        told = f"Epoch {epochs[-1]:.3g}, step {run.steps[-1]}: loss {run.loss:.2g}{worse}"
        others = f"; {self.SHOWN} of the other {len(wrong)} are shown" if len(wrong) > self.SHOWN else ""
        return f"{told}; reads {len(truth) - len(wrong)} of {len(truth)} test digits{others}."


class ClockScene:
    """How long an epoch took with each batch size, up to ``largest``: one point for each size that was tried.

    The times stand in the picture alone, because the texts of a lesson must be the same on every computer.
    """

    remembers = True  # the sizes that were tried

    def __init__(self, largest):
        self._seconds = {}
        self.figure, clock = base.new_figure([["time for one epoch, on this computer"]], height=2.8)
        panel(clock, log="xy", xlabel="batch size", xlim=(0.6, 1.7 * largest), ylabel="milliseconds", ylim=(0.3, 3000))
        self._times, self._here = moving_line(clock, "s-", markersize=5), base.moving_mark(clock)
        self._words = clock.text(0, 0, "", ha="center", va="bottom", animated=True)

    def show(self, batch_size, seconds):
        """Add the time of an epoch at this batch size, or replace the one before."""
        self._seconds[batch_size] = seconds
        sizes, times = zip(*sorted(self._seconds.items()), strict=True)
        self._times.set_data(sizes, 1000 * np.array(times))
        self._here.set_data([batch_size], [1000 * seconds])
        self._words.set(position=(batch_size, 1600 * seconds), text=f"{1000 * seconds:.3g} ms")


class BudgetScene:
    """The same ``runs``, by batch size, against three budgets: updates, epochs (of ``n`` samples), evaluations.

    They are compared by their mean losses within a tenth of a mark, because the loss at a single step is chance.
    """

    def __init__(self, runs, n):
        self.runs, self.n = runs, n
        self.marks = {"updates": 100, "epochs": 5, "gradient evaluations": 5 * n}  # where the curves are compared
        self.figure, self._axes = base.new_figure([["the same three runs"]], height=3.6)
        losses = np.concatenate([run.losses for run in runs.values()])
        panel(self._axes, log="xy", ylim=(0.7 * losses.min(), 1.5 * losses.max()), ylabel="loss")
        looks = zip(runs, (":", "-", "--"), (VERMILLION, BLUE, GREEN), strict=True)
        self._lines = [moving_line(self._axes, *look, linewidth=2, label=f"batch size {size}") for size, *look in looks]
        self.figure.legend(loc="outside lower center", ncols=3)
        self._edges = moving_line(self._axes, "-", GREY, linewidth=1)
        self.show("updates")  # before the picture is laid out, so that there is room for the label

    def spent(self, size, budget):
        """How much of a budget the run of this batch size had used at each of its points, of shape (recorded,)."""
        steps = self.runs[size].steps
        epochs = steps / -(-self.n // size)  # rounded up: the last batch of an epoch may be short
        return {"updates": steps, "epochs": epochs, "gradient evaluations": epochs * self.n}[budget]

    def reached(self, budget):
        """The mean loss of each run, by batch size, near the mark of a budget; nan if it did not come so far."""
        low, high, means = 0.9 * self.marks[budget], 1.1 * self.marks[budget], {}
        for size, run in self.runs.items():
            spent = self.spent(size, budget)
            near = (low <= spent) & (spent <= high)
            means[size] = float(run.losses[near].mean()) if spent[-1] >= self.marks[budget] else math.nan
        return means

    def show(self, budget):
        """Draw the runs against a ``budget``; returns what they have ``reached``."""
        curves = [(self.spent(size, budget)[1:], run.losses[1:]) for size, run in self.runs.items()]
        if self._axes.get_xlabel() != budget:  # a change that redraws the background
            first, last = min(x[0] for x, _ in curves), max(x[-1] for x, _ in curves)
            self._axes.set(xlabel=budget, xlim=(first / 1.3, last * 1.3))
        base.move(self._lines, curves)
        low, high = 0.9 * self.marks[budget], 1.1 * self.marks[budget]
        self._edges.set_data([low, low, np.nan, high, high], [*self._axes.get_ylim(), np.nan, *self._axes.get_ylim()])
        return self.reached(budget)


class LinearScalingScene:
    """The loss after one epoch for each of the ``sizes``: one rate for all, and one that grows past ``limit``."""

    LOSSES = (1e-3, 1e5)

    def __init__(self, sizes, limit):
        self.sizes, self.limit = sizes, limit
        self.figure, axes = base.new_figure([["loss above the best, after one epoch"]], height=3.7)
        panel(axes, log="xy", xlabel="batch size", xlim=(sizes[0] / 1.3, sizes[-1] * 1.3), ylim=self.LOSSES)
        base.name_ticks(axes.xaxis, sizes)
        self._same = moving_line(axes, "^--", GREEN, label="one rate for every batch size")
        self._scaled = moving_line(axes, "s-", BLUE, label="rate proportional to the batch size")
        self.figure.legend(loc="outside lower center", ncols=2)
        self._edge = moving_line(axes, ":", VERMILLION, linewidth=2.2)
        look = {"ha": "right", "va": "bottom", "animated": True, "in_layout": False}
        self._name = axes.text(1, 1.3 * self.LOSSES[0], "rate = 2 / largest curvature", color=VERMILLION, **look)

    def show(self, same, scaled, rate_per_sample):
        """Draw the losses with the same rate and with the scaled one, one for each batch size."""
        self._same.set_data(self.sizes, np.minimum(same, 1e300))
        self._scaled.set_data(self.sizes, np.minimum(scaled, 1e300))
        edge = self.limit / rate_per_sample
        self._edge.set(data=([edge, edge], self.LOSSES), visible=edge < self.sizes[-1])
        self._name.set(x=edge / 1.04, visible=edge < self.sizes[-1])


class WobbleScene:
    """A descent on the loss surface of a line, a ``losses.LinearRegression``, and how far above the best line it is."""

    def __init__(self, loss, steps):
        self.lowest = float(loss.value(loss.least_squares()))
        mosaic = [["the path on the loss surface", "loss above that of the best line"]]
        self.figure, self.target, above = base.new_figure(mosaic, height=3.6)
        base.map_line_fit(self.target, loss, (-2, 2), (-2.2, 1.2))
        self._move_path = base.path_on_map(self.target, dots=False)
        panel(above, log="y", xlim=(-6, steps + 6), ylim=(1e-6, 1e3), xlabel="step")
        self._above = moving_line(above, linewidth=1.2)

    def show(self, run):
        """Draw ``run`` (path of shape (n, 2)); returns what it did, in a sentence."""
        above = np.maximum(run.losses - self.lowest, 1e-12)  # rounding may put it below the lowest
        self._move_path(run.path)
        self._above.set_data(run.steps, above)
        if run.diverged_at is not None:
            return f"Diverged: by step {run.diverged_at} it was far outside every picture."
        end = f"{above[-1]:.3g}" if above[-1] > 1e-9 else "less than 1e-9"
        return f"Above the best line: {above[0]:.3g} at first, {end} after {run.steps[-1]} steps."


class NoiseScene:
    """The gradients of batches as a cloud, and their error by batch size, from the gradients of samples, (n, 2)."""

    remembers = "_measured"  # a small mark for each batch size: a disc with replacement, a ring without
    SHOWN = 60  # batches in the cloud: enough to see its shape, few enough to be sent three times at each move

    def __init__(self, gradients):
        self.n = n = len(gradients)
        self.true = gradients.mean(axis=0)
        self.spread = self.error(gradients)
        mosaic = [[f"gradients of {self.SHOWN} of the batches", "RMS error of the gradient"]]
        self.figure, cloud, noise = base.new_figure(mosaic, height=3.6, width_ratios=[4, 5])
        across, up = self.true[:, None] + 1.1 * np.abs(gradients - self.true).max() * np.array([-1, 1])
        panel(cloud, xlabel="by slope", xlim=across, ylabel="by intercept", ylim=up)
        self._cloud = moving_line(cloud, "o", markersize=3, alpha=0.5, markeredgewidth=0)
        cloud.plot(*self.true, "P", color="white", markeredgecolor=INK, markersize=11)
        low, high = self.spread / n**0.5 / 20, 2 * self.spread
        panel(noise, log="xy", xlabel="batch size", xlim=(0.8, 1.25 * n), ylim=(low, high))
        self._theory, self._measured, sizes = [], {True: {}, False: {}}, np.arange(1, n + 1)
        for with_replacement, name, style, color in ((True, "with", "-", GREY), (False, "without", "--", ORANGE)):
            self._theory.append(moving_line(noise, style, color, label=f"theory, {name} replacement"))
            self._theory[-1].set_data(sizes, [self.expected(size, with_replacement) or np.nan for size in sizes])
        noise.legend(loc="lower left", fontsize=9)
        ring = {"markerfacecolor": "none", "markeredgewidth": 1.5}
        self._seen = moving_line(noise, "o", BLUE, markersize=5), moving_line(noise, "o", BLUE, markersize=8, **ring)
        self._here = base.moving_mark(noise)

    def error(self, gradients):
        """The root mean square distance of ``gradients``, of shape (m, 2), from the true one."""
        return float(np.sqrt(((gradients - self.true) ** 2).sum(axis=-1).mean()))

    def expected(self, batch_size, with_replacement):
        """The root mean square error of a batch's gradient, from that of single samples (which divides by n).

        Source: Cochran (1977), "Sampling Techniques", for drawing without replacement; his spread divides by n - 1.
        """
        left = 1 if with_replacement else (self.n - batch_size) / (self.n - 1)
        return self.spread * (left / batch_size) ** 0.5

    def show(self, gradients, batch_size, with_replacement, theory):
        """Draw the ``gradients`` of many batches (shape (m, 2)), with theory or not; returns their error in words."""
        error, expected = self.error(gradients), self.expected(batch_size, with_replacement)
        shown = gradients[: self.SHOWN]
        self._cloud.set_data(*shown[shown[:, 0].argsort()].T)  # from neighbour to neighbour: fewer bytes
        if batch_size < self.n or with_replacement:
            self._measured[with_replacement][batch_size] = error
            told = f"RMS error of the gradient: {error:.3f}{f' (theory: {expected:.3f})' if theory else ''}."
        else:
            told = "All of them are in each batch: no error at all, for which a logarithmic axis has no place."
        for line, replaced in zip(self._seen, (True, False), strict=True):
            line.set_data([*self._measured[replaced]], [*self._measured[replaced].values()])
        here = self._measured[with_replacement].get(batch_size, np.nan)
        self._here.set_data([batch_size], [here])
        for line in self._theory:
            line.set_visible(theory)
        return told


class FloorScene:
    """A parameter that jitters around its ``best`` value, within ``limits``, at a constant rate and a decaying one."""

    WINDOW = 200  # over how many steps the distance is averaged; ``steps`` are a multiple of it
    EVERY = 4  # so many-th guess is drawn: there are more steps than pixels

    def __init__(self, best, limits, steps):
        self.best, self.steps = best, steps
        mosaic = [[f"the guess (kg), every {self.EVERY} steps", "RMS distance from the best (kg)"]]
        self.figure, guess, distance = base.new_figure(mosaic, height=3.9)
        across = {"xlim": (-10, steps + 10), "xlabel": "step"}
        panel(guess, ylim=limits, **across)
        panel(distance, log="y", ylim=(1e-3, 3), **across)
        guess.axhline(best, color=GREY, linewidth=1)
        self._lines = []
        for name, color, style, width in (("constant rate", BLUE, "s-", 0.8), ("decaying rate", ORANGE, "^-", 2.5)):
            self._lines.append(moving_line(guess, "-", color, linewidth=width))
            self._lines.append(moving_line(distance, style, color, markersize=5, linewidth=width, label=name))
        self._band = moving_line(guess, "--", PURPLE)
        self._floor = moving_line(distance, "--", PURPLE, label="formula")
        self.figure.legend(loc="outside lower center", ncols=3)

    def show(self, run, deviation):
        """Draw a ``run`` at both rates (path (steps + 1, 2, 1)) and the RMS distance expected; returns how far off."""
        squares = (run.path[1:, :, 0] - self.best) ** 2
        rms = np.sqrt(squares.reshape(-1, self.WINDOW, 2).mean(axis=1))
        middles = np.arange(0, self.steps, self.WINDOW) + self.WINDOW / 2
        steps, guesses = run.steps[:: self.EVERY], run.path[:: self.EVERY, :, 0]
        for k in (0, 1):
            base.move(self._lines[2 * k : 2 * k + 2], [(steps, guesses[:, k]), (middles, rms[:, k])])
        edges = self.best + 2 * deviation * np.array([1, 1, np.nan, -1, -1])
        self._band.set_data([0, self.steps, np.nan, 0, self.steps], edges)
        self._floor.set_data([0, self.steps], [deviation, deviation])
        off = f"Over the last {self.WINDOW} steps off by {rms[-1, 0]:.3f} kg at the constant rate"
        return f"{off} (formula: {deviation:.3f} kg), by {rms[-1, 1]:.3f} kg at the other."


class RiddleScene:
    """Three loss curves, A, B and C, whose batch sizes are not told, over so many ``steps``."""

    def __init__(self, steps):
        self.figure, *panels = base.new_figure([["A", "B", "C"]], height=2.8, sharey=True)
        limits = {"xlim": (-4, steps + 4), "ylim": (0.14, 3)}
        self._lines = [moving_line(panel(axes, log="y", xlabel="step", **limits), linewidth=1.2) for axes in panels]
        base.name_ticks(panels[0].yaxis, [0.2, 0.5, 1, 2])

    def show(self, runs):
        """Draw the losses of ``runs``, one a panel."""
        base.move(self._lines, ((run.steps, run.losses) for run in runs))
