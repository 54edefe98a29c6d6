"""The pictures of lesson 6: two wells, who ends in which, and what sharpness has to do with unseen digits."""

import numpy as np

from gd_helpers.curvature import sharpness
from gd_helpers.figures import base
from gd_helpers.figures.base import BLUE, GREY, HERE, INK, ORANGE, moving_line, moving_mark, panel
from gd_helpers.landscapes import PASS


def _dig(axes, wells, low, high, depth=0):
    """Draw a loss of one dimension as a cut through the ground, and above it, so deep, how that goes on behind."""
    axes.set(xlim=wells.extent[0], ylim=(low, high), xlabel="w", yticks=[])
    x = np.linspace(*wells.extent[0], 501)
    front = wells.value(x[:, None])
    look = {"cmap": base.GROUND, "vmin": 0, "extent": (*wells.extent[0], low, high), "alpha": 0.5}
    axes.imshow(np.linspace(low, high, 256)[:, None], origin="lower", aspect="auto", **look)
    (colors, _) = base.relief(np.tile(np.clip(front / high, 0, 1), (2, 1))) / 255
    axes.vlines(x, front, front + depth, colors, linewidth=1.2)
    axes.fill_between(x, front + depth, 2 * high, color=base.PAPER, linewidth=1.5, zorder=2)
    axes.plot(x, front, color=INK, linewidth=1.5)
    for at, name in zip(wells.minima[:, 0], ("sharp well", "flat well"), strict=True):
        axes.text(at, 0.6 * low, name, ha="center", va="center")


class ShiftScene:
    """A loss of one dimension with two wells, the same on new data, shifted by up to ``reach``, and what that costs."""

    def __init__(self, wells, reach):
        self.wells, self._x = wells, np.linspace(*wells.extent[0], 301)
        self._curvatures = wells.hessian(wells.minima)[:, 0, 0]
        mosaic = [["the weights stay, the ground moves", "loss on new data"]]
        self.figure, curve, cost = base.new_figure(mosaic, height=3.8, width_ratios=[5, 3])
        _dig(curve, wells, -0.7, 4.2)
        curve.text(2.95, -0.25, "on the training data", fontsize=9.5, ha="right")
        self._test = moving_line(curve, "--", ORANGE, linewidth=2.2)
        self._name = base.moving_words(curve, 0, 2.85, "on new data", ha="left", va="baseline", **base.casing(0))
        panel(cost, xlim=(-1.1 * reach, 1.1 * reach), ylim=(-0.1, 2.6), xlabel="shift")
        shifts = np.linspace(-reach, reach, 101)
        self._lines = []
        looks = ("sharp", HERE, "-", "^", (0, 1.5)), ("flat", BLUE, "-.", "D", (-0.25, 0.2))
        for (name, color, style, marker, place), h in zip(looks, self._curvatures, strict=True):
            cost.plot(shifts, h * shifts**2 / 2, style, color=color)
            cost.text(*place, f"{name} well", color=color, ha="center")
            rise = moving_line(curve, color=color), moving_mark(curve, marker, color)
            self._lines.append((*rise, moving_mark(cost, marker, color, clip_on=False)))

    def show(self, shift):
        """Shift the loss on new data; returns what it costs in either well, in a sentence."""
        moved = self.wells.shifted(shift)
        self._test.set_data(self._x, moved.value(self._x[:, None]))
        self._name.set_x(PASS + shift)
        costs = moved.value(self.wells.minima)
        for lines, x, cost in zip(self._lines, self.wells.minima[:, 0], costs, strict=True):
            base.move(lines, (([x, x], [0, cost]), (x, cost), (shift, cost)))
        wells = zip(("sharp", "flat"), self._curvatures, costs, strict=True)
        square = f"{shift:g}²" if shift >= 0 else f"({shift:g})²"
        told = [f"{cost.round(9):.3f} in the {name} well ({h:g} x {square} / 2)" for name, h, cost in wells]
        return f"Loss on new data: {', '.join(told)}."


class TwoWellsScene:
    """Many runs at once on a loss of one dimension, and step by step what share is to the right of the ``border``."""

    def __init__(self, wells, border, steps):
        self.wells, self.border, self._depth = wells, border, 1.2  # of the lanes together, in units of the loss
        mosaic = [["a hundred of the runs, each in a lane of its own", "share of the runs in the flat well"]]
        self.figure, valley, share = base.new_figure(mosaic, height=4.2, width_ratios=[5, 3])
        _dig(valley, wells, -0.9, 5.6, self._depth)
        self._runs = moving_line(valley, "8", HERE, markersize=6, markeredgecolor=INK, markeredgewidth=0.1)  # not white
        panel(share, xlim=(-0.02 * steps, 1.02 * steps), ylim=(-0.04, 1.04), xlabel="step")
        self._share = base.moving_curve(share, "-", HERE, clip_on=False)

    def show(self, run, step):
        """Draw ``run`` (path of shape (recorded, runs, 1)) up to a step; returns the share in the flat well then."""
        until = np.searchsorted(run.steps, step, side="right")
        w = run.path[until - 1, :100]
        lanes = np.arange(len(w)) * 0.618 % 1  # by the golden section, so that neighbours are far apart
        order = np.argsort(-lanes)  # from the back to the front
        self._runs.set_data(w[order, 0], (self.wells.value(w) + self._depth * lanes)[order])
        share = (run.path[:until, :, 0] > self.border).mean(axis=1)
        self._share(run.steps[:until], share)
        return float(share[-1])


class EdgeScene:
    """Trainings with the full batch, of so many ``steps``: the sharpness beside 2 / rate, and the loss."""

    remembers = True  # those before stay, in grey

    def __init__(self, loss, steps):
        self.loss, self._steps, self._earlier = loss, steps, {}
        self.figure, sharp, losses = base.new_figure([["sharpness", "loss"]], height=4, width_ratios=[5, 3])
        ticks = [2, 5, 10, 20, 50]
        panel(sharp, log="y", xlim=(-0.02 * steps, 1.2 * steps), ylim=(1.6, 90), yticks=ticks, xlabel="step")
        base.loss_axes(losses, steps, 1e-3, 20)
        self._lines = [moving_line(losses, linewidth=1), moving_line(sharp, color=GREY, alpha=0.4)]
        self._lines += [moving_line(sharp, "o-", HERE, markersize=4), moving_line(sharp, "--", GREY)]
        self._name = base.moving_names(sharp, ["2 / rate"], color=GREY)

    def show(self, run, rate):
        """Draw the ``run`` so far; returns the sharpness at every tenth recorded point, as far as it is finite."""
        near = (np.abs(points := run.path[::10]) < 1e3).all(axis=-1)
        sharp = np.atleast_1d(sharpness(self.loss, points[near]))
        now = np.column_stack([run.steps[::10][: len(sharp)], sharp])
        others = base.with_gaps([now[:0], *(curve for other, curve in self._earlier.items() if other != rate)])
        base.move(self._lines, ((run.steps, run.losses), others, now.T, ([0, self._steps], [2 / rate] * 2)))
        self._name([[self._steps, 2 / rate]])
        if run.steps[-1] == self._steps:
            self._earlier = dict([*self._earlier.items(), (rate, now)][-6:])
        return sharp


class CutScene:
    """One of k networks at a time: its two losses, of shape (n, k), at n ``distances`` along a direction of its own."""

    def __init__(self, distances, train, test):
        self._distances, self._both = distances, (train, test)
        self.figure, axes = base.new_figure([["ten networks, cut along the most curved direction"]], height=4)
        panel(axes, xlim=(distances[0], 1.3 * distances[-1]), ylim=(-0.05, 1.05 * np.max([train, test])), ylabel="loss")
        axes.set_xlabel("distance from the end of training")
        self._lines = []
        for losses, style, color, mark in (train, "-", BLUE, "s"), (test, "--", HERE, "o"):
            axes.plot(distances, losses, style, linewidth=0.8, color=GREY, alpha=0.4)
            self._lines += [moving_line(axes, style, color, linewidth=2.2), moving_mark(axes, mark, color, 9)]
        self._names = base.moving_names(axes, ["training digits", "test digits"])

    def show(self, k):
        """Draw network ``k``; returns where its test loss is lowest."""
        x, (train, test) = self._distances, [loss[:, k] for loss in self._both]
        lows = [(x[loss.argmin()], loss.min()) for loss in (train, test)]
        base.move(self._lines, ((x, train), lows[0], (x, test), lows[1]))
        self._names([[x[-1], train[-1]], [x[-1], test[-1]]])
        return float(lows[1][0])


class AgainstPlainScene:
    """Trainings of ``DigitsTrials`` beside a ``plain`` one, compared at a ``level`` of the training loss: means."""

    def __init__(self, trials, plain, level, epochs):
        self.trials, self.level = trials, level
        self.figure, loss, right = base.new_figure([["training loss", "test accuracy"]], height=4, width_ratios=[3, 4])
        base.loss_axes(loss, epochs, 0.05, 4, xlabel="epoch", yticks=[0.1, 0.2, 0.5, 1, 2])
        panel(right, xlim=(-2, 1.45 * epochs), ylim=(0, 1), xlabel="epoch", xticks=range(0, epochs + 1, 30))
        loss.axhline(level, color=INK, linestyle=":", linewidth=1.2)
        loss.text(0, 0.93 * level, "compared here", fontsize=9.5, va="top")
        self._lines = []
        for axes, curve, mark in zip((loss, right), *self._curves(plain), strict=True):
            self._lines += [moving_line(axes, color=HERE, linewidth=2), moving_mark(axes)]
            axes.plot(*curve, "--", color=GREY)
            axes.plot(*mark, "s", color=GREY, markeredgecolor="white", markersize=11)
        right.text(curve[0][-1], curve[1][-1] - 0.04, "plain descent", color=GREY, ha="right", va="top")
        self._name = base.moving_names(right, ["sharpness-aware"], color=HERE)

    def show(self, run):
        """Draw the ``run`` so far; returns its epoch at the level and its test accuracy there, or None before that."""
        curves, marks = self._curves(run)
        base.move(self._lines, (curves[0], marks[0], curves[1], marks[1]))
        self._name([[line[-1] for line in curves[1]]])
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
    """Sharpness against test accuracy, from the ``Ending`` of each setting by its name; what the learner adds stays."""

    remembers = True  # what is drawn depends on what was drawn before
    LOOKS = ((BLUE, "s"), (ORANGE, "^"), (base.GREEN, "D"), (base.PURPLE, "v"), (base.SKY, "o"))  # colour, marker

    def __init__(self, endings, sharp, accuracy):
        self.figure, axes = base.new_figure([["a line joins the five settings of one trial"]], height=4.5)
        panel(axes, log="x", xlim=sharp, xticks=[0.3, 0.5, 1], ylim=accuracy, ylabel="test accuracy")
        axes.set_xlabel("sharpness at the end of training")
        x, y = np.swapaxes([ending[1:] for ending in endings.values()], 0, 1)  # each of shape (settings, trials)
        self._trials = np.take_along_axis(np.stack([x, y]), x.argsort(axis=0)[None], axis=1)
        axes.plot(*self._trials, linewidth=0.8, zorder=1.6, color=GREY, alpha=0.4)
        # where all would lie if the correlation were -1, with the settings spread as they are within a trial
        spread = [2 * (each - each.mean(axis=0)).std() * np.array([-1, 1]) for each in (np.log(x), y)]
        axes.plot(*(falling := (np.exp(np.log(x).mean() + spread[0]), y.mean() - spread[1])), **base.ROAD)
        axes.text(*np.transpose(falling)[1], "\u2002if flatter were better", color=GREY, va="center")
        for (name, (_, x, y)), (color, marker) in zip(endings.items(), self.LOOKS, strict=False):
            axes.plot(x, y, marker, color=color, markersize=5, markeredgewidth=0)
            middle, error = np.exp(np.log(x).mean()), y.std(ddof=1) / len(y) ** 0.5
            look = {"color": color, "markeredgecolor": INK, "markersize": 11, "ecolor": INK, "capsize": 4, "zorder": 3}
            axes.errorbar(middle, y.mean(), yerr=error, fmt=marker, label=name, **look)
        axes.legend(loc="lower right", title="mean, with its error")
        self._lines = [moving_line(axes, color=HERE), *(moving_mark(axes, "*", markersize=size) for size in (13, 20))]
        self._name = base.moving_words(axes, 0.99, 0.95, color=HERE, ha="right", transform=axes.transAxes)
        self._mark_rim, self.added = base.mark_on_rim(axes), {}

    def show(self, key, sharp, accuracy):
        """Add the ending of one training, of batch size, rate and trial, or nan for none; returns it in a sentence."""
        self.added.pop(key, None)  # the latest stands last
        self.added[key] = sharp, accuracy
        points = np.array([*self.added.values()])
        base.move(self._lines, (self._trials[..., key[-1]], points.T, points[-1:].T))
        self._mark_rim(points[-1:])
        self._name.set_text(f"{'' if sharp > 0 else 'no '}★ batch {key[0]}, rate {key[1]:g}, trial {key[2]}")
        return f"Sharpness {sharp:.2f}, test accuracy {accuracy:.3f}."


class RescaleScene:
    """The smallest deep network u v x, rescaled: its point on the map, the loss across it, and what it computes."""

    def __init__(self, loss, reach):
        self.loss = loss
        mosaic = [[title := "one function along the curve", "the loss across"], [title, "what it computes: u v x"]]
        self.figure, surface, across, function = base.new_figure(mosaic, height=4.5, width_ratios=[5, 4])
        side, floor = np.linspace(-0.85, reach, 161), np.geomspace(1 / reach, reach, 101)
        base.map_surface(surface, lambda w: np.log1p(loss.value(w)), side, side, xlabel="u", ylabel="v")
        surface.plot(floor, 1 / floor, color="white", linewidth=2.5)
        surface.text(0.65, reach - 0.3, "u v = 1", **base.casing(0))
        panel(across, xlim=(-1, 1), ylim=(-0.3, 9), xlabel="distance")
        panel(function, xlim=(-1, 1), ylim=(-1.2, 1.2), xlabel="x")
        self._away, self._lines = np.linspace(-1, 1, 81), [moving_line(surface, color=INK, **base.casing(1.5))]
        self._lines += [moving_mark(surface), moving_line(across, color=HERE), moving_line(function, linewidth=2.5)]

    def show(self, u, v):
        """Move to (u, v); returns the sharpness there."""
        w = np.array([u, v])
        eigenvalues, directions = np.linalg.eigh(self.loss.hessian(w))
        sharpest = np.abs(directions[:, -1])  # towards larger u and v, or the picture would turn round as it moves
        cut = w + self._away[:, None] * sharpest
        across, function = (self._away, self.loss.value(cut)), ([-1, 1], [-u * v, u * v])
        base.move(self._lines, (cut[[0, -1]].T, w, across, function))
        return float(eigenvalues[-1])
