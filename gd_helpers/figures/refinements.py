"""The pictures of lesson 4: descents under different rules, and what sets each rule apart."""

import numpy as np
from matplotlib.ticker import NullFormatter

from gd_helpers.curvature import heavy_ball_factor
from gd_helpers.figures.base import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    contour,
    light_grid,
    loss_axes,
    moving_line,
    new_figure,
)

# Colour, line style and marker of each competitor, in their order; no two are told apart by colour alone.
LOOKS = (
    (GREY, "--", "s"),
    (BLUE, "-", "o"),
    (PURPLE, "-.", "^"),
    (ORANGE, ":", "D"),
    (VERMILLION, "-", "P"),
    (GREEN, "--", "X"),
)


class RaceScene:
    """Several descents from one start: their paths on the map, and their losses step by step.

    Args:
        landscape: a two-dimensional landscape.
        names: what each competitor is called in the legend.
        steps: the largest number of steps that will be shown.
        losses: the range of the loss axis.
        below: the title of a further panel, below the losses, for the scenes built on this one.
    """

    def __init__(self, landscape, names, steps, *, losses=(1e-12, 1e4), below=None):
        mosaic = [["map", "loss"]] if below is None else [["map", "loss"], ["map", "below"]]
        height = 3.7 if below is None else 4.8
        self.figure, axes = new_figure(mosaic, height=height, width_ratios=[3, 2])
        self.target, self.steps = axes["map"], steps
        contour(self.target, landscape)
        self.target.set(title="the paths, seen from above", xlabel="$w_1$", ylabel="$w_2$")
        loss_axes(axes["loss"], steps, *losses)
        if below is not None:
            axes["loss"].set_xlabel("")
            axes["below"].set_title(below)
        self.below = axes.get("below")
        self._moves = [competitor(self.target, axes["loss"], look) for look in LOOKS[: len(names)]]
        self._start = moving_line(self.target, "s", color="white", markeredgecolor=BLACK, markersize=8)
        self.figure.legend(
            handles=[legend_line(axes["loss"], name, look) for name, look in zip(names, LOOKS, strict=False)],
            loc="outside lower center",
            ncols=len(names),
            frameon=False,
        )

    def show(self, *runs):
        """Draw each run's path (shape (n, 2)) and losses (shape (n,)), in the order of the names.

        One run of many descents at once (path of shape (n, competitors, 2)) will do as well.
        """
        if len(runs) == 1 and runs[0].path.ndim == 3:
            paths, losses = runs[0].path.transpose(1, 2, 0), runs[0].losses.T
        else:
            paths, losses = [run.path.T for run in runs], [run.losses for run in runs]
        self._start.set_data(paths[0][:, :1])
        for move, path, loss in zip(self._moves, paths, losses, strict=True):
            move(path, loss)


def competitor(on_map, on_loss, look):
    """Return a function that moves one competitor to a path of shape (2, n) and losses of shape (n,)."""
    color, style, marker = look
    path = moving_line(on_map, style, color=color, linewidth=1.6)
    curve = moving_line(on_loss, style, color=color)
    dress = {"color": color, "markeredgecolor": "white", "animated": True, "zorder": 3}
    (ball,) = on_map.plot([], [], marker, markersize=10, **dress)
    (end,) = on_loss.plot([], [], marker, markersize=8, **dress)
    steps = np.arange(10_000)

    def move(points, losses):
        path.set_data(points)
        ball.set_data(points[:, -1:])
        curve.set_data(steps[: len(losses)], losses)
        end.set_data([len(losses) - 1], losses[-1:])

    return move


def legend_line(axes, name, look):
    """Return the entry of one competitor for a legend, which stands still."""
    color, style, marker = look
    (line,) = axes.plot([], [], style, color=color, marker=marker, markeredgecolor="white", markersize=8, label=name)
    return line


class MomentumScene(RaceScene):
    """Plain descent against momentum, and below them what theory says for every rate and every beta.

    The panel shows by which factor a step of momentum shrinks the distance, in the long run, on a quadratic: the
    spectral radius of ``[[1 + beta - rate h, -beta], [1, 0]]``, the larger of those of both curvatures. (Polyak
    1964.) Above its limit, ``rate * h = 2 + 2 beta`` for the largest curvature h, it is over 1.

    Args:
        landscape: a quadratic landscape of two dimensions.
        steps: the largest number of steps that will be shown.
        rates: the range of the learning rate.
    """

    def __init__(self, landscape, steps, rates):
        super().__init__(landscape, ["plain descent", "with momentum"], steps, below="what a step leaves")
        curvatures = np.linalg.eigvalsh(landscape.hessian(np.zeros(2)))
        rate, beta = np.meshgrid(np.geomspace(*rates, 121), np.linspace(0, 0.99, 100))
        leaves = heavy_ball_factor(rate[..., None] * curvatures, beta[..., None]).max(axis=-1)
        panel = self.below
        levels = [0, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0]
        shades = panel.contourf(rate, beta, leaves, levels=levels, cmap="cividis", alpha=0.65)
        panel.contourf(rate, beta, leaves, levels=[1.0, 9.0], colors=[VERMILLION], alpha=0.35)
        panel.text(rates[1] * 0.9, 0.05, "explodes", ha="right")
        self.figure.colorbar(shades, ax=panel, ticks=[0, 0.8, 0.9, 0.95, 1.0], pad=0.02)
        root = np.sqrt(curvatures[1] / curvatures[0])
        best = 4 / (root + 1) ** 2 / curvatures[0], ((root - 1) / (root + 1)) ** 2
        panel.plot(*best, "*", color="white", markeredgecolor=BLACK, markersize=12)
        panel.set(xscale="log", xlim=rates, ylim=(0, 0.99), xlabel="learning rate", ylabel="beta")
        panel.plot(2 / curvatures.sum(), 0.02, "s", color=GREY, markeredgecolor="white", markersize=8)
        self._here = moving_line(panel, "o", color=BLUE, markeredgecolor="white", markersize=10)

    def show(self, plain, with_momentum, learning_rate, beta):
        """Draw both runs, and where those of momentum stand in the plane of rate and beta."""
        super().show(plain, with_momentum)
        self._here.set_data([learning_rate], [beta])


class ConditionScene:
    """Steps to arrive against the condition number, on logarithmic axes, where a power is a straight line.

    Args:
        k: the condition numbers that were measured, of shape (n,).
        plain, heavy: the steps that plain descent and the heavy ball took, of shape (n,).
    """

    def __init__(self, k, plain, heavy):
        self.figure, axes = new_figure([["steps"]], height=3.4)
        panel = axes["steps"]
        for steps, power, name, (color, style, marker) in (
            (plain, 1, "plain descent: grows like k", LOOKS[0]),
            (heavy, 0.5, "heavy ball: grows like the root of k", LOOKS[1]),
        ):
            line = np.asarray(steps)[-1] * (np.asarray(k) / k[-1]) ** power
            panel.plot(k, line, style, color=color)
            panel.plot(k, steps, marker, color=color, markersize=8)
            panel.plot([], [], style, marker=marker, color=color, markersize=8, label=name)
        panel.set(xscale="log", yscale="log", xlabel="condition number k", ylabel="steps to 1e-6")
        panel.set_title("marks: measured here; lines: slope 1 and slope 1/2")
        light_grid(panel)
        panel.legend(frameon=False)
        self._gap = moving_line(panel, "-", color=BLACK, linewidth=1)
        self._ends = moving_line(panel, "o", color=VERMILLION, markeredgecolor="white", markersize=9)

    def show(self, k, plain, heavy):
        """Mark the steps that were taken at condition number ``k``."""
        self._gap.set_data([k, k], [plain, heavy])
        self._ends.set_data([k, k], [plain, heavy])


class AdamScene(RaceScene):
    """Plain descent against Adam, and below them the rate that Adam really gives to each coordinate.

    Args:
        landscape: a two-dimensional landscape.
        steps: the largest number of steps that will be shown.
        rates: the range of the panel of rates.
    """

    def __init__(self, landscape, steps, rates=(1e-5, 10.0)):
        super().__init__(landscape, ["plain descent", "Adam"], steps, below="the rate of each coordinate")
        panel = self.below
        panel.set(yscale="log", ylim=rates, xlim=(-0.03 * steps, 1.03 * steps), xlabel="step")
        light_grid(panel)
        looks = ((SKY, "-", "along, $w_1$"), (VERMILLION, "--", "across, $w_2$"))
        self._rates = [panel.plot([], [], style, color=color, animated=True)[0] for color, style, _ in looks]
        for color, style, name in looks:
            panel.plot([], [], style, color=color, label=name)
        panel.legend(frameon=False, loc="lower right", ncols=2, fontsize=9)

    def show(self, plain, adam, rates):
        """Draw both runs, and the rate of each coordinate at each step, of shape (n, 2)."""
        super().show(plain, adam)
        for line, rate in zip(self._rates, rates.T, strict=True):
            line.set_data(np.arange(len(rate)), rate)


class DecayScene:
    """How weights shrink under decay where the gradient is nothing but noise: a quiet weight and a noisy one.

    Args:
        names: the rules that are compared, one panel each.
        steps: how many steps are shown.
    """

    def __init__(self, names, steps):
        self.figure, axes = new_figure([list(names)], height=3.6)
        self.steps, self._panels = np.arange(steps + 1), []
        looks = ((SKY, "-", "noise 1"), (VERMILLION, "--", "noise 100"))
        for name in names:
            panel = axes[name]
            panel.set(xlim=(0, steps), ylim=(-0.15, 1.15), xlabel="step", title=name)
            light_grid(panel)
            for color, style, label in looks:
                panel.plot([], [], style, color=color, label=label)
            panel.plot([], [], ":", color=BLACK, label="decay alone")
            decay = moving_line(panel, ":", color=BLACK, linewidth=2.5)
            curves = [panel.plot([], [], style, color=color, animated=True)[0] for color, style, _ in looks]
            self._panels.append((curves, decay))
        axes[names[0]].set_ylabel("mean weight")
        self.figure.legend(
            *axes[names[0]].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False
        )
        for name in names[1:]:
            axes[name].set_yticklabels([])

    def show(self, weights, decay_alone):
        """Draw the mean weights, one array of shape (n, 2) a rule, and what decay alone would leave, shape (n,)."""
        for mean, (curves, decay) in zip(weights, self._panels, strict=True):
            for curve, weight in zip(curves, mean.T, strict=True):
                curve.set_data(self.steps, weight)
            decay.set_data(self.steps, decay_alone)


class ScheduleScene(RaceScene):
    """A constant rate against a schedule, in noise, and the rate of each step drawn under the loss.

    Args:
        landscape: a two-dimensional landscape.
        steps: the largest number of steps that will be shown.
        highest: the largest rate that will be shown.
        losses: the range of the loss axis.
    """

    def __init__(self, landscape, steps, highest, losses):
        names = ["constant rate", "with the schedule"]
        super().__init__(landscape, names, steps, losses=losses, below="the rate at each step")
        self.below.set(xlim=(-0.03 * steps, 1.03 * steps), ylim=(-0.05 * highest, 1.05 * highest), xlabel="step")
        light_grid(self.below)
        lines = [self.below.plot([], [], style, color=color, animated=True)[0] for color, style, _ in LOOKS[:2]]
        self._constant, self._schedule = lines

    def show(self, constant, scheduled, rates):
        """Draw both runs and the rate of each step, of shape (n,)."""
        super().show(constant, scheduled)
        steps = np.arange(len(rates))
        self._constant.set_data(steps[[0, -1]], [rates.max()] * 2)
        self._schedule.set_data(steps, rates)


class FairScene:
    """Final loss against base rate, one panel a rule: median over seeds as a line, their range as a band.

    Args:
        rates: the base rates, of shape (n,), ascending.
        results: for each rule's name its final losses, of shape (seeds, n); infinite where a run diverged.
        usable: for each rule's name which of the rates count as usable, of shape (n,).
        losses: the range of the loss axes.
    """

    def __init__(self, rates, results, usable, losses):
        names = list(results)
        rows = [names[i : i + 3] for i in range(0, len(names), 3)]
        self.figure, axes = new_figure(rows, height=1.0 + 1.9 * len(rows), sharex=True, sharey=True)
        self.rates, self._losses, self._marks = rates, losses, {}
        self.medians = {name: np.median(results[name], axis=0) for name in names}
        off_scale = 10 * losses[1]  # where to draw what is infinite
        medians = {name: np.minimum(median, off_scale) for name, median in self.medians.items()}
        for name, look in zip(names, LOOKS, strict=False):
            panel = axes[name]
            for median in medians.values():
                panel.plot(rates, median, "-", color="#cccccc", linewidth=0.8)
            finite = np.minimum(results[name], off_scale)
            color, style, marker = look
            panel.fill_between(rates, finite.min(axis=0), finite.max(axis=0), color=color, alpha=0.25, linewidth=0)
            panel.plot(rates, medians[name], style, color=color, marker=marker, markersize=5)
            fits = rates[usable[name]]
            panel.plot(fits[[0, -1]], [losses[0] * 1.12] * 2, "-", color=BLACK, linewidth=5, solid_capstyle="butt")
            panel.set(xscale="log", yscale="log", xlim=(rates[0], rates[-1]), ylim=losses, title=name)
            panel.yaxis.set_minor_formatter(NullFormatter())
            light_grid(panel)
            line = moving_line(panel, "-", color=BLACK, linewidth=1)
            mark = moving_line(panel, "o", color=BLACK, markeredgecolor="white", markersize=8)
            self._marks[name] = line, mark
        for name in rows[-1]:
            axes[name].set_xlabel("base learning rate")
        for row in rows:
            axes[row[0]].set_ylabel("final loss")

    def show(self, rate):
        """Mark a base rate in every panel; returns each rule's median loss at the grid's nearest rate."""
        nearest = np.abs(np.log(self.rates / rate)).argmin()
        at = {name: float(median[nearest]) for name, median in self.medians.items()}
        for name, (line, mark) in self._marks.items():
            line.set_data([self.rates[nearest]] * 2, self._losses)
            mark.set_data([self.rates[nearest]], [min(at[name], self._losses[1])])
        return at
