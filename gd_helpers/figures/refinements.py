"""The pictures of lesson 4: descents under different rules, and what sets each rule apart."""

import numpy as np
from matplotlib.ticker import LogLocator

from gd_helpers.curvature import heavy_ball_factor
from gd_helpers.figures import base
from gd_helpers.figures.base import (
    BLUE,
    GREY,
    INK,
    ROAD,
    RULE_LOOKS,
    VERMILLION,
    moving_curve,
    moving_line,
    moving_mark,
)

# Of the two coordinates, which are no rules: the one with the gentler slopes, and the one with the steeper.
COORDINATES = {"rate along, $w_1$": (base.SKY, "-", ""), "rate across, $w_2$": (INK, "--", "")}


class RaceScene:
    """Several descents from one start, by their ``names`` in ``RULE_LOOKS``: their paths on the map, and their losses.

    Of many long runs ``every`` so many-th loss is plain enough, and quicker. Scenes built on this one may have a panel
    ``below`` the losses, by its title, and ``further`` looks in the legend.
    """

    def __init__(self, landscape, names, steps, *, losses=(1e-12, 1e4), every=1, below="", further=None):
        self.every, paths = every, "the paths, seen from above"
        mosaic = [[paths, f"loss, every {every} steps" if every > 1 else "loss, step by step"]]
        mosaic += [[paths, below]] if below else []
        height = 4.8 if below else 2.75
        self.figure, self.target, loss, *self._below = base.new_figure(mosaic, height=height, width_ratios=[3, 2])
        base.contour(self.target, landscape, xlabel="$w_1$", ylabel="$w_2$")
        base.loss_axes(loss, steps, *losses, xlabel="" if below else "step")
        self._start = moving_line(self.target, "s", "white", markeredgecolor=INK, markersize=13)
        looks = {name: RULE_LOOKS[name] for name in names}
        self._curves = [
            [moving_curve(axes, style, color, marker, color, 9, zorder=3) for axes in (self.target, loss)]
            for color, style, marker in looks.values()
        ]
        looks |= further or {}
        for name, (color, style, marker) in looks.items():
            look = {"marker": marker, "markeredgecolor": "white", "markersize": 8, "label": name}
            loss.plot([], [], style, color=color, **look)
        self.figure.legend(loc="outside lower center", ncols=len(looks))

    def show(self, *runs):
        """Draw as many runs as there are names, each by itself (path (n, 2)) or several in one (path (n, k, 2))."""
        paths = np.concatenate([run.path.reshape(len(run.path), -1, 2) for run in runs], axis=1)
        losses = np.concatenate([run.losses.reshape(len(run.losses), -1) for run in runs], axis=1)
        shown = np.append(np.arange(0, len(losses) - 1, self.every), len(losses) - 1)
        self._start.set_data(paths[:1, 0].T)
        for k, (move_path, move_loss) in enumerate(self._curves):
            move_path(*paths[:, k].T)
            move_loss(shown, losses[shown, k])


class MomentumScene(RaceScene):
    """Plain descent against momentum on a quadratic landscape, and what theory says for every rate and every beta.

    The panel shows ``curvature.heavy_ball_factor``, the larger of those of both curvatures (Polyak 1964). Above its
    limit, ``rate * h = 2 + 2 beta`` for the largest curvature h, it is over 1.
    """

    def __init__(self, landscape, steps, rates):
        super().__init__(landscape, ["plain", "momentum"], steps, below="what a step leaves")
        self.curvatures = np.linalg.eigvalsh(landscape.hessian(np.zeros(2)))
        rate, beta = np.meshgrid(np.geomspace(*rates, 121), np.linspace(0, 0.99, 100))
        leaves = self._leaves(rate[..., None], beta[..., None])
        (panel,) = self._below
        levels = [0, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0]
        shades = panel.contourf(rate, beta, leaves, levels=levels, cmap=base.GROUND, vmin=0.7, alpha=0.65)
        panel.contourf(rate, beta, leaves, levels=[1.0, 9.0], colors=[VERMILLION], alpha=0.35)
        panel.text(rates[1] * 0.9, 0.05, "explodes", ha="right")
        self.figure.colorbar(shades, ax=panel, ticks=[0, 0.8, 0.9, 0.95, 1.0], pad=0.02)
        low, high = self.curvatures
        root = np.sqrt(high / low)
        base.mark_minima(panel, (4 / (root + 1) ** 2 / low, ((root - 1) / (root + 1)) ** 2))
        panel.plot(2 / (low + high), 0.02, "s", color=GREY, markeredgecolor="white", markersize=8)
        panel.set(xscale="log", xlim=rates, ylim=(0, 0.99), xlabel="learning rate", ylabel="beta")
        self._here = moving_mark(panel, "o", BLUE, 10, clip_on=False)

    def show(self, plain, with_momentum, learning_rate, beta):
        """Draw both runs, and where momentum stands in the plane of rate and beta; return what theory says of it."""
        super().show(plain, with_momentum)
        self._here.set_data([learning_rate], [beta])
        limit = (2 + 2 * beta) / self.curvatures[1]
        return f"In theory a step leaves {self._leaves(learning_rate, beta):.3f}; the limit is a rate of {limit:.4f}."

    def _leaves(self, rate, beta):
        return heavy_ball_factor(rate * self.curvatures, beta).max(axis=-1)


class ConditionScene:
    """Steps to arrive, ``plain`` and with the ``heavy`` ball, against condition numbers ``k``, all of shape (n,)."""

    def __init__(self, k, plain, heavy):
        title = "steps to a millionth of the distance: measured (marks); slopes 1 and 1/2 (lines)"
        self.figure, panel = base.new_figure([[title]], height=3.4)
        along = np.array([2, k[-1]])
        for name, steps, power, says in (("plain", plain, 1, "k"), ("momentum", heavy, 0.5, "the root of k")):
            color, style, marker = RULE_LOOKS[name]
            panel.plot(along, steps[-1] * (along / k[-1]) ** power, style, color=color)
            panel.plot(k, steps, marker, color=color, markersize=8)
            panel.plot([], [], style, marker=marker, color=color, markersize=8, label=f"{name}: grows like {says}")
        base.panel(panel, log="xy", xlabel="condition number k", xlim=(1.8, 1.3 * k[-1]), ylim=(5, 2 * plain[-1]))
        panel.legend(loc="upper left")
        self._ends = moving_mark(panel, "o-", INK, 9, linewidth=1)

    def show(self, k, plain, heavy):
        """Mark the steps that were taken at condition number ``k``."""
        self._ends.set_data([k, k], [plain, heavy])


class RatesScene(RaceScene):
    """Two descents, and below their losses two rates at each step: of each of the two, or ``of_coordinates``."""

    def __init__(self, landscape, names, steps, rates, *, of_coordinates=False, **race):
        further = COORDINATES if of_coordinates else {}
        below = "the rate of each coordinate" if of_coordinates else "the rate at each step"
        super().__init__(landscape, names, steps, below=below, further=further, **race)
        (panel,), log = self._below, "y" if rates[0] > 0 else ""
        base.panel(panel, log=log, ylim=rates, xlim=(-0.03 * steps, steps + 0.03 * steps), xlabel="step")
        looks = further.values() or [RULE_LOOKS[name] for name in names]
        self._rates = [moving_curve(panel, style, color, "o", color, 6) for color, style, _ in looks]

    def show(self, rates, *runs):
        """Draw both rates at each step, of shape (n, 2), and both runs, each by itself or both in one."""
        super().show(*runs)
        for move, rate in zip(self._rates, rates.T, strict=True):
            move(np.arange(len(rate)), rate)


class DecayScene:
    """How a quiet and a noisy weight shrink where the gradient is nothing but noise, with a panel for each rule."""

    def __init__(self, names, steps):
        self.figure, *panels = base.new_figure([list(names)], height=3.4, sharey=True)
        self.steps, self._panels = np.arange(steps + 1), []
        for panel in panels:
            base.panel(panel, xlim=(0, steps), ylim=(-0.25, 1.25), xlabel="step")
            road, looks = moving_line(panel, **ROAD), COORDINATES.values()
            self._panels.append([road, *(moving_line(panel, style, color) for color, style, _ in looks)])
        panels[0].set_ylabel("mean weight")
        labels = ["decay alone (theory)", "noise 1", "noise 100"]
        self.figure.legend(self._panels[-1], labels, loc="outside lower center", ncols=3)

    def show(self, weights, decay_alone):
        """Draw the mean weights, one array of shape (n, 2) a rule, and what decay alone would leave, shape (n,)."""
        for mean, lines in zip(weights, self._panels, strict=True):
            base.move(lines, ((self.steps, weight) for weight in (decay_alone, *mean.T)))


class PullScene(RaceScene):
    """Descent without and with weight decay on a bowl along the axes; a road leads through the places where it ends."""

    def __init__(self, landscape, steps, losses):
        super().__init__(landscape, ["plain", "with decay"], steps, losses=losses)
        self.minimum, self.curvatures = landscape.minima[0], np.diag(landscape.hessian(landscape.minima[0]))
        self.target.plot(*self.theory(np.geomspace(1e-3, 1e4, 200)[:, None]).T, **ROAD)

    def theory(self, decay):
        """Where the slope and the decay are in balance, ``h (minimum - w) = decay w``: of shape (..., 2)."""
        return self.curvatures * self.minimum / (self.curvatures + decay)

    def show(self, plain, with_decay, decay):
        """Draw both runs; return where the ball is, and where theory says that it ends."""
        super().show(plain, with_decay)
        here, there = ("({:z.3f}, {:z.3f})".format(*place) for place in (with_decay.end, self.theory(decay)))
        return f"It is at {here}; theory says that it ends at {there}."


class FairScene:
    """Final loss against base rate, one panel a rule: median over seeds as a line, their range as a band.

    Of the ``rates``, of shape (n,), ``results`` has for each rule's name the final losses, of shape (seeds, n), which
    are infinite where a run diverged, and ``usable`` which of the rates are, of shape (n,).
    """

    def __init__(self, rates, results, usable, losses):
        rows = [list(results)[i : i + 3] for i in range(0, len(results), 3)]
        self.figure, *panels = base.new_figure(rows, height=1.0 + 1.9 * len(rows), sharex=True, sharey=True)
        self.rates, self._low, self._marks = rates, losses[0], []
        self.medians = {name: np.median(runs, axis=0) for name, runs in results.items()}
        off_scale = 10 * losses[1]  # where to draw what is infinite
        for name, panel in zip(results, panels, strict=True):
            color, style, marker = RULE_LOOKS[name]
            for median in self.medians.values():
                panel.plot(rates, np.minimum(median, off_scale), "-", color="#cccccc", linewidth=0.8)
            finite = np.minimum(results[name], off_scale)
            panel.fill_between(rates, finite.min(axis=0), finite.max(axis=0), color=color, alpha=0.25, linewidth=0)
            panel.plot(rates, np.median(finite, axis=0), style, color=color, marker=marker, markersize=5)
            fits = rates[usable[name]]
            panel.plot(fits[[0, -1]], [losses[0] * 1.12] * 2, "-", color=INK, linewidth=5, solid_capstyle="butt")
            base.panel(panel, log="xy", xlim=rates[[0, -1]] * [0.7, 1.4], ylim=losses)
            panel.xaxis.set_major_locator(LogLocator(numticks=5))
            panel.minorticks_off()
            self._marks.append(moving_mark(panel, "o-", INK, 8))
        self.figure.supxlabel("base learning rate", fontsize="medium")
        self.figure.supylabel("final loss", fontsize="medium")

    def show(self, rate):
        """Mark the grid's nearest rate in every panel; returns each rule's median loss there."""
        nearest = np.abs(np.log(self.rates / rate)).argmin()
        at = {name: float(median[nearest]) for name, median in self.medians.items()}
        base.move(self._marks, (([self.rates[nearest]] * 2, (self._low / 10, loss)) for loss in at.values()))
        return at
