"""The pictures of lesson 6: two wells, who ends in which, and what sharpness has to do with unseen digits."""

import numpy as np

from gd_helpers.curvature import sharpness
from gd_helpers.figures import base
from gd_helpers.figures.base import BLUE, GREEN, GREY, INK, ORANGE, VERMILLION, moving_line, moving_mark, panel


class ShiftScene:
    """A loss of one dimension with two wells, the same on new data, shifted by up to ``reach``, and what that costs."""

    def __init__(self, wells, reach):
        self.wells = wells
        self._x = np.linspace(*wells.extent[0], 301)
        self._curvatures = wells.hessian(wells.minima)[:, 0, 0]
        self.figure, curve, cost = base.new_figure([["the loss", "loss on new data"]], height=2.8, width_ratios=[4, 3])
        panel(curve, ylim=(-0.3, 5.8), xlabel="w")
        curve.plot(self._x, wells.value(self._x[:, None]), color=BLUE, label="on the training data")
        self._test = moving_line(curve, "--", ORANGE, label="on new data")
        curve.legend(loc="upper center")
        panel(cost, xlim=(-1.1 * reach, 1.1 * reach), ylim=(-0.1, 2.6), xlabel="shift")
        shifts = np.linspace(-reach, reach, 101)
        self._rises, self._dots = [], []
        looks = ("sharp", VERMILLION, "-", "^"), ("flat", GREEN, "-.", "D")
        for (name, color, style, marker), h in zip(looks, self._curvatures, strict=True):
            cost.plot(shifts, h * shifts**2 / 2, style, color=color, marker=marker, markevery=100, label=f"{name} well")
            self._rises.append(moving_mark(curve, f"{marker}-", color, 10, linewidth=2.5))
            self._dots.append(moving_mark(cost, marker, color, 10, clip_on=False))
        cost.legend(loc="upper center")

    def show(self, shift):
        """Shift the loss on new data; returns what it costs in either well, in a sentence."""
        moved = self.wells.shifted(shift)
        self._test.set_data(self._x, moved.value(self._x[:, None]))
        costs = moved.value(self.wells.minima)
        places = self.wells.minima[:, 0]
        base.move(self._rises, (([x, x], [0, cost]) for x, cost in zip(places, costs, strict=True)))
        base.move(self._dots, (([shift], [cost]) for cost in costs))
        wells = zip(("sharp", "flat"), self._curvatures, costs, strict=True)
        square = f"{shift:g}²" if shift >= 0 else f"({shift:g})²"
        told = [f"{cost.round(9):.3f} in the {name} well ({h:g} x {square} / 2)" for name, h, cost in wells]
        return f"Loss on new data: {', '.join(told)}."


class TwoWellsScene:
    """Many runs at once on a loss of one dimension, and step by step what share is to the right of the ``border``."""

    def __init__(self, wells, border, steps):
        self.border = border
        low, high = wells.extent[0]
        x, self._bins = np.linspace(low, high, 301), np.linspace(low, high, 61)
        mosaic = [["the loss, and the runs", "share of the runs in the flat well"]]
        self.figure, curve, share = base.new_figure(mosaic, height=3.4, width_ratios=[4, 3])
        panel(curve, xlim=(low, high), ylim=(-0.1, 5.8), xlabel="w")
        curve.plot(x, wells.value(x[:, None]), color=BLUE, label="loss")
        self._runs = moving_line(curve, "-", VERMILLION, linewidth=1.5, label="where the runs are in the end")
        curve.legend(loc="upper right")
        curve.axvline(border, color=GREY, linestyle=":", linewidth=1.2)
        panel(share, xlim=(-0.02 * steps, 1.02 * steps), ylim=(-0.04, 1.04), xlabel="step")
        self._share = moving_line(share, "o-", VERMILLION, markersize=3.5)

    def show(self, run):
        """Draw ``run`` (path of shape (recorded, runs, 1)); returns the share in the flat well at the end."""
        counts, _ = np.histogram(run.end[:, 0], self._bins)
        heights = 4 * counts / max(counts.max(), 1)
        self._runs.set_data(np.repeat(self._bins, 2), np.concatenate([[0], np.repeat(heights, 2), [0]]))
        share = (run.path[..., 0] > self.border).mean(axis=1)
        self._share.set_data(run.steps, share)
        return float(share[-1])


class EdgeScene:
    """One training with the full batch, of so many ``steps``: its loss, and its sharpness beside 2 / rate."""

    def __init__(self, loss, steps):
        self.loss, self._steps = loss, steps
        self.figure, losses, sharp = base.new_figure([["loss", "sharpness"]], height=3.4)
        across = {"xlim": (-0.02 * steps, 1.02 * steps), "xlabel": "step"}
        self._loss = moving_line(panel(losses, log="y", ylim=(1e-3, 3), **across))
        panel(sharp, log="y", ylim=(0.5, 100), **across)
        base.name_ticks(sharp.yaxis, [1, 2, 5, 10, 20, 50, 100])
        self._sharp = moving_line(sharp, "o-", GREEN, markersize=4, label="measured")
        self._edge = moving_line(sharp, "--", VERMILLION, label="2 / rate")
        sharp.legend(loc="lower right")

    def show(self, run, rate):
        """Draw the ``run`` so far; returns the sharpness at every tenth recorded point, as far as it is finite."""
        points = run.path[::10]
        points = points[(np.abs(points) < 1e3).all(axis=-1)]
        sharp = np.atleast_1d(sharpness(self.loss, points))
        self._loss.set_data(run.steps, run.losses)
        self._sharp.set_data(run.steps[::10][: len(sharp)], sharp)
        self._edge.set_data([0, self._steps], [2 / rate] * 2)
        return sharp


class CutScene:
    """The loss of k networks on training and test data, each along a direction of its own, one network at a time.

    Made from the ``distances`` along the direction, of shape ``(n,)``, and the two losses there, of shape ``(n, k)``.
    """

    def __init__(self, distances, train, test):
        self._distances, self._both = distances, (train, test)
        self.figure, axes = base.new_figure([[""]], height=3.2)
        panel(axes, xlim=distances[[0, -1]], ylim=(0, 1), xlabel="distance from the end of training", ylabel="loss")
        self._curves = [moving_line(axes, *how) for how in (("-", BLUE), ("--", ORANGE))]
        self._lowest = [moving_mark(axes, "s", BLUE, 8), moving_mark(axes, "o", ORANGE, 8)]
        axes.legend(self._curves, ["training digits", "test digits"], loc="upper center")

    def show(self, k):
        """Draw network ``k``; returns where its test loss is lowest."""
        curves = [loss[:, k] for loss in self._both]
        lows = [loss.argmin() for loss in curves]
        base.move(self._curves, ((self._distances, loss) for loss in curves))
        base.move(self._lowest, (([self._distances[at]], [loss[at]]) for at, loss in zip(lows, curves, strict=True)))
        return float(self._distances[lows[1]])


class AgainstPlainScene:
    """Trainings beside plain descent, compared at a ``level`` of the training loss: means over all trials.

    ``plain`` is the ``Run`` of plain descent of ``experiments.DigitsTrials``, with one recorded point an epoch.
    """

    def __init__(self, trials, plain, level, epochs):
        self.trials, self.level = trials, level
        self.figure, loss, right = base.new_figure([["training loss", "test accuracy"]], height=3.4)
        across = {"xlim": (-2, epochs + 2), "xlabel": "epoch"}
        panel(loss, log="y", ylim=(0.05, 4), **across)
        panel(right, ylim=(0, 1), **across)
        loss.axhline(level, color=INK, linestyle=":", linewidth=1.2, label="equal training loss")
        self._lines, self._marks = [], []
        for axes, curve, mark in zip((loss, right), *self._curves(plain), strict=True):
            self._lines.append(moving_line(axes, label="sharpness-aware"))
            self._marks.append(moving_mark(axes))
            axes.plot(*curve, "--", color=GREY, label="plain descent")
            axes.plot(*mark, "s", color=GREY, markeredgecolor="white", markersize=9)
        loss.legend(loc="lower left")

    def show(self, run):
        """Draw the ``run`` so far; returns its epoch at the level and its test accuracy there, or None before that."""
        curves, marks = self._curves(run)
        base.move(self._lines + self._marks, curves + marks)
        (epoch, _), (_, accuracy) = marks
        return (int(epoch[0]), float(accuracy[0])) if len(epoch) else None

    def _curves(self, run):
        """The loss, and every five epochs the accuracy, each as (x, y); and both where the loss meets the level."""
        losses = run.losses.mean(axis=1)
        at = np.flatnonzero(losses <= self.level)[:1]
        epochs = np.union1d(np.arange(0, len(losses), 5), at)
        accuracy = self.trials.accuracy(run.path[epochs]).mean(axis=1)
        curves = (np.arange(len(losses)), losses), (epochs, accuracy)
        return curves, ((at, losses[at]), (at, accuracy[np.isin(epochs, at)]))


class ScatterScene:
    """Sharpness against test accuracy, a point a training; what the learner adds stays.

    Made from the ``experiments.Ending`` of each setting, by its name, and the ranges of the two axes.
    """

    remembers = True  # what is drawn depends on what was drawn before
    LOOKS = ((BLUE, "s"), (VERMILLION, "^"), (GREEN, "D"), (base.PURPLE, "v"), (ORANGE, "o"))  # colour, marker

    def __init__(self, endings, sharp, accuracy):
        self.figure, axes = base.new_figure([[""]], height=4.2)
        panel(axes, log="x", xlim=sharp, ylim=accuracy)
        axes.set(xlabel="sharpness at the end of training", ylabel="test accuracy")
        base.name_ticks(axes.xaxis, [0.1, 0.2, 0.5, 1, 2])
        for (name, (_, x, y)), (color, marker) in zip(endings.items(), self.LOOKS, strict=False):
            axes.plot(x, y, marker, color=color, markersize=4.5, alpha=0.55, markeredgewidth=0)
            middle, error = np.exp(np.log(x).mean()), y.std(ddof=1) / len(y) ** 0.5
            look = {"color": color, "markeredgecolor": INK, "markersize": 10, "ecolor": INK, "capsize": 4}
            axes.errorbar(middle, y.mean(), yerr=error, fmt=marker, label=name, **look)
        self.figure.legend(loc="outside right upper", fontsize=9, title="mean, with its error")
        self._added = moving_line(axes, "*", base.SKY, markeredgecolor=INK, markeredgewidth=0.5, markersize=9)
        self._latest = moving_line(axes, "*", INK, markeredgecolor="white", markersize=17)
        self.added = {}

    def show(self, key, sharp, accuracy):
        """Add the ending of one training, or replace the one with the same key; returns it in a sentence."""
        self.added.pop(key, None)  # the latest stands last
        self.added[key] = sharp, accuracy
        points = np.array([*self.added.values()])
        self._added.set_data(*points.T)
        self._latest.set_data(*points[-1:].T)
        return f"Sharpness {sharp:.2f}, test accuracy {accuracy:.3f}."


class RescaleScene:
    """The smallest deep network u v x, rescaled: its point on the map, the loss across it, and what it computes."""

    def __init__(self, loss, reach):
        self.loss = loss
        mosaic = [["the loss; white: u v = 1", "the loss across", "what it computes: u v x"]]
        self.figure, surface, across, function = base.new_figure(mosaic, height=3.2, width_ratios=[5, 4, 4])
        side = np.linspace(0, reach, 121)
        base.map_surface(surface, lambda w: np.minimum(loss.value(w), 8), side, side, xlabel="u", ylabel="v")
        floor = np.geomspace(1 / reach, reach, 101)
        surface.plot(floor, 1 / floor, color="white", linewidth=2.5)
        self._point = moving_mark(surface, clip_on=False)
        self._away = np.linspace(-1, 1, 81)
        self._across = moving_line(panel(across, xlim=(-1, 1), ylim=(-0.1, 3), xlabel="distance"))
        panel(function, xlim=(-1, 1), ylim=(-1.2, 1.2), xlabel="x")
        self._function = moving_line(function, "-", GREEN, linewidth=2.5)

    def show(self, u, v):
        """Move to (u, v); returns the sharpness there."""
        w = np.array([u, v])
        self._point.set_data([u], [v])
        eigenvalues, directions = np.linalg.eigh(self.loss.hessian(w))
        sharpest = np.abs(directions[:, -1])  # towards larger u and v, or the picture would turn round as it moves
        self._across.set_data(self._away, self.loss.value(w + self._away[:, None] * sharpest))
        self._function.set_data([-1, 1], [-u * v, u * v])
        return float(eigenvalues[-1])
