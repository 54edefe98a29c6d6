"""The pictures of lesson 3: how a network learns with batches, what these cost, and what their noise does."""

import numpy as np

from gd_helpers.figures import base
from gd_helpers.figures.base import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, moving_line, panel

STYLES = ((":", VERMILLION), ("-", BLUE), ("--", GREEN))  # of curves that stand side by side


class DigitsScene:
    """A network learning to read: its loss, the share it reads rightly, and a row of digits that it gets wrong.

    ``network`` is a ``losses.SoftmaxNetwork`` over the images to train on, and ``images`` are ``data.Digits``.
    """

    EPOCHS = 5
    SHOWN = 12  # digits in the row

    def __init__(self, network, images):
        self.network, self.images = network, images
        mosaic = [["loss", "right"], ["row", "row"]]
        self.figure, loss, right, row = base.new_figure(mosaic, height=3.1, height_ratios=[5, 2])
        across = {"xlim": (-0.1, self.EPOCHS + 0.1), "xlabel": "epoch"}
        panel(loss, yscale="log", ylim=(0.01, 100), title="loss on the digits it trains on", **across)
        panel(right, ylim=(0, 1.02), title="share of the test digits read rightly", **across)
        guessing = np.log(network.classes)  # every class gets the probability 1 / classes
        loss.axhline(guessing, color=GREY, linestyle=":", label="guessing")
        loss.legend(loc="lower left")
        self._loss = moving_line(loss, "o-", BLUE, markersize=4)
        self._right = moving_line(right, "s-", GREEN, markersize=4)
        row.set_axis_off()
        title = "test digits that it gets wrong: what they are, and as what it reads them"
        row.set(xlim=(0, self.SHOWN), ylim=(-0.4, 1), title=title)
        look = {"cmap": "Greys", "vmin": -0.12, "vmax": 1, "interpolation": "nearest", "animated": True}
        self._row = row.imshow([[0]], extent=(0, self.SHOWN, 0, 1), aspect="auto", **look)
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
        worse = "" if run.loss < np.log(self.network.classes) else ", worse than guessing"
        told = f"Epoch {epochs[-1]:.3g}, step {run.steps[-1]}: loss {run.loss:.2g}{worse}"
        return f"{told}; reads {len(truth) - len(wrong)} of {len(truth)} test digits."


class ClockScene:
    """How long an epoch took with each batch size, up to ``largest``: one point for each size that was tried.

    The times stand in the picture alone, because the texts of a lesson must be the same on every computer.
    """

    remembers = True  # the sizes that were tried

    def __init__(self, largest):
        self._seconds = {}
        self.figure, clock = base.new_figure(height=2.8)
        panel(clock, xscale="log", yscale="log", xlim=(0.6, 1.7 * largest), ylim=(0.3, 3000), xlabel="batch size")
        clock.set(ylabel="milliseconds", title="time for one epoch, on this computer")
        self._times = moving_line(clock, "s-", markersize=5)
        self._here = base.moving_mark(clock)
        self._words = clock.text(0, 0, "", ha="center", va="bottom", animated=True)

    def show(self, batch_size, seconds):
        """Add the time of an epoch at this batch size, or replace the one before."""
        self._seconds[batch_size] = seconds
        sizes, times = zip(*sorted(self._seconds.items()), strict=True)
        self._times.set_data(sizes, 1000 * np.array(times))
        self._here.set_data([batch_size], [1000 * seconds])
        self._words.set(position=(batch_size, 1600 * seconds), text=f"{1000 * seconds:.3g} ms")


class BudgetScene:
    """The same ``runs``, by batch size, against three budgets: updates, epochs (of ``n`` samples), evaluations."""

    def __init__(self, runs, n):
        self.runs, self.n = runs, n
        self.marks = {"updates": 100, "epochs": 5, "gradient evaluations": 5 * n}  # where the curves are compared
        self.figure, self._axes = base.new_figure(height=3.6)
        losses = np.concatenate([run.losses for run in runs.values()])
        limits = {"ylim": (0.7 * losses.min(), 1.5 * losses.max()), "ylabel": "loss"}
        panel(self._axes, xscale="log", yscale="log", title="the same three runs", **limits)
        looks = zip(runs, STYLES, strict=True)
        self._lines = [moving_line(self._axes, *look, linewidth=2, label=f"batch size {size}") for size, look in looks]
        self.figure.legend(loc="outside lower center", ncols=3)
        self._mark = moving_line(self._axes, "-", GREY, linewidth=1)
        self.show("updates")  # before the picture is laid out, so that there is room for the label

    def spent(self, size, budget):
        """How much of a budget the run of this batch size had used at each of its points, of shape (recorded,)."""
        steps = self.runs[size].steps
        epochs = steps / -(-self.n // size)  # rounded up: the last batch of an epoch may be short
        return {"updates": steps, "epochs": epochs, "gradient evaluations": epochs * self.n}[budget]

    def reached(self, budget):
        """The loss of each run, by batch size, where the curves are compared; nan if it did not come so far."""
        at, runs = self.marks[budget], self.runs.items()
        return {size: float(np.interp(at, self.spent(size, budget), run.losses, right=np.nan)) for size, run in runs}

    def show(self, budget):
        """Draw the runs against a ``budget``; returns what they have ``reached``."""
        spent = [self.spent(size, budget)[1:] for size in self.runs]
        if self._axes.get_xlabel() != budget:  # a change that redraws the background
            self._axes.set(xlabel=budget, xlim=(min(x[0] for x in spent) / 1.3, max(x[-1] for x in spent) * 1.3))
        for line, x, run in zip(self._lines, spent, self.runs.values(), strict=True):
            line.set_data(x, run.losses[1:])
        self._mark.set_data([self.marks[budget]] * 2, self._axes.get_ylim())
        return self.reached(budget)


class LinearScalingScene:
    """The loss after one epoch for each of the ``sizes``: one rate for all, and one that grows past ``limit``."""

    LOSSES = (1e-3, 1e5)

    def __init__(self, sizes, limit):
        self.sizes, self.limit = sizes, limit
        self.figure, axes = base.new_figure(height=3.7)
        panel(axes, xscale="log", yscale="log", xlabel="batch size", ylim=self.LOSSES)
        axes.set(xlim=(sizes[0] / 1.3, sizes[-1] * 1.3), title="loss above the best, after one epoch")
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
        self._edge.set_data([edge, edge], self.LOSSES)
        self._name.set_x(edge / 1.04)
        self._edge.set_visible(edge < self.sizes[-1])
        self._name.set_visible(edge < self.sizes[-1])


class WobbleScene:
    """A descent of so many ``steps`` on the loss surface of a line, and how far above the lowest loss each ends.

    ``loss`` is a ``losses.LinearRegression`` whose parameters are (slope, intercept).
    """

    def __init__(self, loss, steps):
        slope, intercept = best = loss.least_squares()
        self.lowest = float(loss.value(best))
        self.figure, self.target, above = base.new_figure([["map", "loss"]], height=3.6)
        slopes, intercepts = slope + np.linspace(-2, 2, 101), intercept + np.linspace(-2.2, 1.2, 101)
        base.map_line_fit(self.target, loss, slopes, intercepts, "the path on the loss surface")
        self._move_path = base.path_on_map(self.target, dots=False)
        panel(above, xlim=(-6, steps + 6), ylim=(1e-6, 1e3), yscale="log", xlabel="step")
        above.set_title("loss above that of the best line")
        self._above = moving_line(above, linewidth=1.2)

    def show(self, run):
        """Draw ``run`` (path of shape (n, 2)); returns what it did, in a sentence."""
        above = np.maximum(run.losses - self.lowest, 1e-12)  # rounding may put it below the lowest
        self._move_path(run.path)
        self._above.set_data(run.steps, above)
        if run.diverged_at is not None:
            return f"Diverged: by step {run.diverged_at} it was far outside every picture."
        end = f"{above[-1]:.2g}" if above[-1] > 1e-9 else "less than 1e-9"
        return f"Above the best line: {above[0]:.3g} at first, {end} after {run.steps[-1]} steps."


class NoiseScene:
    """The gradients of many batches as a cloud around the true one, and their error against the size of the batch.

    Made from the gradient of each sample alone: ``gradients`` of shape (n, 2).
    """

    remembers = True  # what was measured, as a small dot for each batch size and way of drawing

    def __init__(self, gradients):
        self.n = n = len(gradients)
        self.true = gradients.mean(axis=0)
        self.spread = self.error(gradients)
        self.figure, cloud, noise = base.new_figure([["cloud", "noise"]], height=3.6, width_ratios=[4, 5])
        across, up = self.true[:, None] + 1.1 * np.abs(gradients - self.true).max() * np.array([-1, 1])
        panel(cloud, title="gradients of 400 batches", xlabel="by slope", xlim=across, ylabel="by intercept", ylim=up)
        self._cloud = moving_line(cloud, "o", markersize=3, alpha=0.5, markeredgewidth=0)
        base.mark_minima(cloud, self.true)
        panel(noise, xscale="log", yscale="log", xlabel="batch size", title="RMS error of the gradient")
        self._least = self.spread / n**0.5 / 20  # a logarithmic axis has no place for 0: its lower end stands for it
        noise.set(xlim=(0.8, 1.25 * n), ylim=(self._least, 2 * self.spread))
        self._theory, self._measured, sizes = [], {}, np.arange(1, n + 1)
        for with_replacement, name, style, color in ((True, "with", "-", GREY), (False, "without", "--", ORANGE)):
            self._theory.append(moving_line(noise, style, color, label=f"theory, {name} replacement"))
            self._theory[-1].set_data(sizes, [self.expected(size, with_replacement) or np.nan for size in sizes])
        noise.legend(loc="lower left", fontsize=9)
        self._seen = moving_line(noise, "o", SKY, markersize=5)
        self._here = base.moving_mark(noise, clip_on=False)

    def error(self, gradients):
        """The root mean square distance of ``gradients``, of shape (m, 2), from the true one."""
        return float(np.sqrt(((gradients - self.true) ** 2).sum(axis=-1).mean()))

    def expected(self, batch_size, with_replacement):
        """The root mean square error of a batch's gradient, from that of single samples (which divides by n).

        Source: Cochran (1977), "Sampling Techniques", for drawing without replacement; his spread divides by n - 1.
        """
        left = 1 if with_replacement else (self.n - batch_size) / (self.n - 1)
        return self.spread * (left / batch_size) ** 0.5

    def show(self, gradients, batch_size, with_replacement, theory=False):
        """Draw the ``gradients`` of many batches (shape (m, 2)), and theory if it is asked for; returns their error."""
        error = self.error(gradients)
        self._measured[batch_size, with_replacement] = here = batch_size, max(error, self._least)
        self._cloud.set_data(*gradients[gradients[:, 0].argsort()].T)  # from neighbour to neighbour: fewer bytes
        self._seen.set_data(*zip(*self._measured.values(), strict=True))
        self._here.set_data(*np.array([here]).T)
        for line in self._theory:
            line.set_visible(theory)
        return error


class FloorScene:
    """A parameter that jitters around its ``best`` value, at a constant rate and at one that decays.

    It is shown within ``limits`` (low, high), over so many ``steps``, a multiple of ``WINDOW``.
    """

    WINDOW = 50  # over how many steps the distance is averaged

    def __init__(self, best, limits, steps):
        self.best, self.steps = best, steps
        self.figure, guess, distance = base.new_figure([["guess", "distance"]], height=3.9)
        across = {"xlim": (-10, steps + 10), "xlabel": "step"}
        panel(guess, ylim=limits, title="the guess (kg)", **across)
        panel(distance, ylim=(1e-3, 3), yscale="log", title="RMS distance from the best (kg)", **across)
        guess.axhline(best, color=GREY, linewidth=1)
        self._guesses, self._distances = [], []
        for name, color, style, width in (("constant rate", BLUE, "s-", 0.8), ("decaying rate", ORANGE, "^-", 2.5)):
            self._guesses.append(moving_line(guess, "-", color, linewidth=width))
            self._distances.append(moving_line(distance, style, color, markersize=5, linewidth=width, label=name))
        self._band = moving_line(guess, "--", PURPLE)
        self._floor = moving_line(distance, "--", PURPLE, label="formula")
        self.figure.legend(loc="outside lower center", ncols=3)

    def show(self, constant, decaying, deviation):
        """Draw two runs (paths (steps + 1, 1)) and the RMS distance expected; returns theirs over the second half."""
        middles, ends = np.arange(0, self.steps, self.WINDOW) + self.WINDOW / 2, []
        for run, guess, distance in zip((constant, decaying), self._guesses, self._distances, strict=True):
            away = run.path[1:, 0] - self.best
            guess.set_data(run.steps, run.path[:, 0])
            distance.set_data(middles, np.sqrt((away.reshape(-1, self.WINDOW) ** 2).mean(axis=-1)))
            ends.append(float(np.sqrt((away[self.steps // 2 :] ** 2).mean())))
        edges = self.best + 2 * deviation * np.array([1, 1, np.nan, -1, -1])
        self._band.set_data([0, self.steps, np.nan, 0, self.steps], edges)
        self._floor.set_data([0, self.steps], [deviation, deviation])
        return ends


class RiddleScene:
    """Three loss curves, A, B and C, whose batch sizes are not told, over so many ``steps``."""

    def __init__(self, steps):
        self.figure, *panels = base.new_figure([["A", "B", "C"]], height=2.8, sharey=True)
        for name, axes in zip("ABC", panels, strict=True):
            panel(axes, xlim=(-4, steps + 4), ylim=(0.14, 3), yscale="log", xlabel="step", title=name)
        self._lines = [moving_line(axes, linewidth=1.2) for axes in panels]
        base.name_ticks(panels[0].yaxis, [0.2, 0.5, 1, 2])

    def show(self, runs):
        """Draw the losses of ``runs``, one a panel."""
        for line, run in zip(self._lines, runs, strict=True):
            line.set_data(run.steps, run.losses)
