"""The pictures of lesson 4: descents under different rules, and what sets each rule apart."""

import numpy as np

from gd_helpers.figures import base
from gd_helpers.figures.base import BLUE, GREY, HERE, INK, ROAD, RULE_LOOKS, moving_line, moving_mark

# Of the two coordinates, which are no rules: the one with the gentler slopes, and the one with the steeper.
COORDINATES = {"along": (base.SKY, "-", "o"), "across": (INK, "--", "o")}
FADING = ((0.8, 0.35), (1.0, 0.7), (1.7, 1.0))  # linewidth and alpha of each third of a tail, the oldest first


def _trails(axes, landscape, names, tails):
    """Prepare paths by the ``names`` of rules, dotted ones on top, or fading ``tails``; return what moves them."""
    base.contour(axes, landscape, xlabel="$w_1$", ylabel="$w_2$", anchor="N")
    start, trails = moving_line(axes, "s", "white", markeredgecolor=INK, markersize=12), []
    far = 10 * np.abs(landscape.extent).max()  # from there on nothing is drawn of a path
    for name in names:
        color, style, marker = RULE_LOOKS[name]
        each, looks = (tails[name] // 3, FADING) if name in tails else (10**9, [(1.8, 1.0)])
        pieces = [moving_line(axes, style, color, zorder=2 + (style == ":") / 2, **base.casing(*one)) for one in looks]
        trails.append((each, pieces[::-1], moving_mark(axes, marker, color, zorder=3)))

    def show(paths):
        start.set_data(paths[:1, 0].T)
        for path, (each, pieces, ball) in zip(np.moveaxis(paths, 1, 0), trails, strict=True):
            path = path[: (np.abs(path) < far).all(axis=1).cumprod().sum() + 1]
            for age, piece in enumerate(pieces):
                end = max(len(path) - age * each, 0)
                piece.set_data(path[max(end - each - 1, 0) : end].T)
            ball.set_data(path[-1:].T)

    return show


class RaceScene:
    """Several descents from one start, by their ``names`` in ``RULE_LOOKS``: their paths on the map, and their losses.

    Of many long runs ``every`` so many-th loss is plain enough, and quicker; of a path that zigzags, so many steps at
    its end, in ``tails`` by the rule's name. Scenes built on this one may have a panel ``below`` the losses, by title.
    """

    def __init__(self, landscape, names, steps, *, losses=(1e-12, 1e4), every=1, below="", tails=()):
        self.every, paths = every, "the paths, seen from above"
        mosaic = [[paths, f"loss, every {every} steps" if every > 1 else "loss, step by step"]]
        mosaic += [[paths, below]] if below else []
        self.figure, self.target, loss, *self._below = base.new_figure(mosaic, height=4.3, width_ratios=[7, 5])
        base.room_at_the_right(self.figure, names)
        base.loss_axes(loss, steps, *losses, xlabel="" if below else "step")
        self._move_paths = _trails(self.target, landscape, names, dict(tails))
        self._move_losses = base.named_curves(loss, {name: RULE_LOOKS[name] for name in names})

    def show(self, *runs):
        """Draw as many runs as there are names, each by itself (path (n, 2)) or several in one (path (n, k, 2))."""
        self._move_paths(np.concatenate([run.path.reshape(len(run.path), -1, 2) for run in runs], axis=1))
        losses = np.concatenate([run.losses.reshape(len(run.losses), -1) for run in runs], axis=1)
        shown = np.append(np.arange(0, len(losses) - 1, self.every), len(losses) - 1)
        self._move_losses(shown, losses[shown].T)


class MomentumScene:
    """What theory says of every rate and every beta, and plain descent against momentum on a quadratic landscape.

    The ground is the largest root, in size, of ``z^2 - (1 + beta - rate h) z + beta`` for each curvature h (Polyak
    1964); beyond ``rate h = 2 + 2 beta``, the limit, it is over 1. Of each run the last ``tail`` steps are drawn.
    """

    def __init__(self, landscape, rates, tail=15):
        mosaic = [["what a step leaves of the distance", f"plain and momentum: the last {tail} steps"]]
        self.figure, self.target, ravine = base.new_figure(mosaic, height=4.1)
        self._move_paths = _trails(ravine, landscape, ["plain", "momentum"], {"plain": tail, "momentum": tail})
        self.curvatures = low, high = np.linalg.eigvalsh(landscape.hessian(np.zeros(2)))
        rate, beta = np.meshgrid(np.geomspace(*rates, 301), np.linspace(0, 0.99, 300))
        leaves, plane, root = self._leaves(rate[..., None], beta[..., None]), self.target, np.sqrt(high / low)
        ground = -np.log(-np.log(np.minimum(leaves, 0.9995)))  # how many steps, on a logarithmic scale
        colors, whole = base.relief((ground - ground.min()) / np.ptp(ground)), (0, 1, 0, 1)
        plane.imshow(colors, extent=whole, origin="lower", transform=plane.transAxes, interpolation="bilinear")
        plane.set(xscale="log", xlim=rates, ylim=(0, 0.99), aspect="auto", xlabel="learning rate", ylabel="beta")
        plane.set_xticks([0.003, 0.01, 2 / high, 4 / high, 0.1], [0.003, 0.01, "2/h", "4/h", 0.1])
        plane.set_yticks([0, 0.5, 0.9, 0.99], [0, 0.5, 0.9, 0.99])
        lines = plane.contour(rate, beta, leaves, [0.85, 0.9, 0.95, 0.98, 0.99], colors="white", linewidths=0.7)
        plane.clabel(lines, fmt="%g", fontsize=9, manual=[(0.0065, 0.3), (0.012, 0.42), (0.018, 0.67), (0.017, 0.81)])
        plane.contourf(rate, beta, leaves, levels=[1.0, 9.0], colors=["#f3c9ae"])
        plane.text(0.049, 0.15, "explodes", ha="center")
        best, plain = (4 / (root + 1) ** 2 / low, ((root - 1) / (root + 1)) ** 2), (2 / (low + high), 0.02)
        base.mark_minima(plane, best)
        plane.plot(*plain, "s", color=GREY, markeredgecolor="white", markersize=11)
        for words, place in (("the best", best), ("plain", plain)):
            plane.annotate(words, place, (10, 0), textcoords="offset points", va="center", fontsize=9.5)
        self._here = moving_mark(plane, "o", BLUE, 12, clip_on=False)

    def show(self, plain, with_momentum, learning_rate, beta):
        """Draw both runs, and where momentum stands in the plane of rate and beta; return what theory says of it."""
        self._move_paths(np.stack([plain.path, with_momentum.path], axis=1))
        base.move([self._here], [(learning_rate, beta)])
        limit = (2 + 2 * beta) / self.curvatures[1]
        return f"In theory a step leaves {self._leaves(learning_rate, beta):.3f}; the limit is a rate of {limit:.4f}."

    def _leaves(self, rate, beta):
        half = np.abs(1 + beta - rate * self.curvatures) / 2
        roots = np.where(half**2 < beta, np.sqrt(beta), half + np.sqrt(np.maximum(half**2 - beta, 0)))
        return roots.max(axis=-1)


class ConditionScene:
    """Steps to arrive, ``plain`` and with the ``heavy`` ball, against condition numbers ``k``, all of shape (n,)."""

    def __init__(self, k, plain, heavy):
        title = "steps to a millionth of the distance: measured (marks); slopes 1 and 1/2 (lines)"
        (self.figure, panel), along = base.new_figure([[title]], height=3.8), np.array([2, k[-1]])
        for name, steps, power, says in (("plain", plain, 1, "k"), ("momentum", heavy, 0.5, "the root of k")):
            color, style, marker = RULE_LOOKS[name]
            panel.plot(along, steps[-1] * (along / k[-1]) ** power, style, color=color)
            panel.plot(k, steps, marker, color=color, markersize=8, markeredgecolor="white")
            panel.text(1.25 * k[-1], steps[-1], f"{name}: grows\nlike {says}", color=color, va="center")
        base.panel(panel, log="xy", xlabel="condition number k", xlim=(1.8, 1.2 * k[-1]), ylim=(5, 2 * plain[-1]))
        self._ends = moving_mark(panel, "o-", HERE, 10, linewidth=2)
        self._move_words = base.moving_names(panel, [""], color=HERE, **base.casing(0))

    def show(self, k, plain, heavy):
        """Mark the steps that were taken at condition number ``k``."""
        self._ends.set_data([k, k], [plain, heavy])
        self._move_words([(k, np.sqrt(plain * heavy))], [f"\u2002{plain / heavy:.1f} times fewer"])


class RatesScene(RaceScene):
    """Two descents, and below their losses two rates at each step: of each of the two, or ``of_coordinates``."""

    def __init__(self, landscape, names, steps, rates, *, of_coordinates=False, **race):
        below = "the rate of each coordinate" if of_coordinates else "the rate at each step"
        super().__init__(landscape, names, steps, below=below, **race)
        (axes,), log = self._below, "y" if rates[0] > 0 else ""
        base.panel(axes, log=log, ylim=rates, xlim=(-0.03 * steps, steps + 0.03 * steps), xlabel="step")
        self._move_rates = base.named_curves(axes, COORDINATES if of_coordinates else {n: RULE_LOOKS[n] for n in names})

    def show(self, rates, *runs):
        """Draw both rates at each step, of shape (n, 2), and both runs, each by itself or both in one."""
        super().show(*runs)
        self._move_rates(np.arange(len(rates)), rates.T)


class DecayScene:
    """How a quiet and a noisy weight shrink where the gradient is nothing but noise, with a panel for each rule."""

    def __init__(self, names, steps):
        self.figure, *panels = base.new_figure([list(names)], height=3.6, sharey=True)
        names, looks = ["decay alone", "noise 1", "noise 100"], COORDINATES.values()
        base.room_at_the_right(self.figure, names, between=0.16)
        self.steps, self._panels = np.arange(steps + 1), []
        for panel in panels:
            base.panel(panel, xlim=(0, steps), ylim=(-0.25, 1.25), xlabel="step")
            lines = [moving_line(panel, **ROAD), *(moving_line(panel, style, color) for color, style, _ in looks)]
            self._panels.append((lines, base.moving_names(panel, names)))
        panels[0].set_ylabel("mean weight")

    def show(self, weights, decay_alone):
        """Draw the mean weights, one array of shape (n, 2) a rule, and what decay alone would leave, shape (n,)."""
        for mean, (lines, move_names) in zip(weights, self._panels, strict=True):
            curves = (decay_alone, *np.transpose(mean))
            base.move(lines, ((self.steps, curve) for curve in curves))
            move_names([(self.steps[-1], curve[-1]) for curve in curves])


class PullScene(RaceScene):
    """Descent without and with weight decay on a bowl along the axes; a road leads through the places where it ends."""

    def __init__(self, landscape, steps, losses):
        super().__init__(landscape, ["plain", "with decay"], steps, losses=losses)
        self.target.locator_params(integer=True)
        self.minimum, self.curvatures = landscape.minima[0], np.diag(landscape.hessian(landscape.minima[0]))
        self.target.plot(*self.theory(np.geomspace(1e-3, 1e4, 200)[:, None]).T, **ROAD)
        for decay, (x, y) in (("0", self.minimum), ("∞", (0, 0))):
            self.target.text(x, y - 0.3, f"λ = {decay}", ha="center", va="top", **base.casing(0))

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
        self.figure, *panels = base.new_figure(rows, height=0.9 + 1.8 * len(rows), sharex=True, sharey=True)
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
            panel.locator_params(axis="x", numticks=5)
            words = panel.set_title("lowest", y=1, loc="right", color=HERE, fontsize=10, animated=True, in_layout=False)
            self._marks.append((moving_mark(panel, "o-", HERE, 9), words))
        self.figure.supxlabel("base learning rate", fontsize="medium", color=GREY)
        self.figure.supylabel("final loss", fontsize="medium", color=GREY)

    def show(self, rate):
        """Mark the grid's nearest rate in every panel; returns each rule's median loss there."""
        nearest = np.abs(np.log(self.rates / rate)).argmin()
        at = {name: float(median[nearest]) for name, median in self.medians.items()}
        for (mark, words), loss in zip(self._marks, at.values(), strict=True):
            mark.set_data([self.rates[nearest]] * 2, (self._low / 10, loss))
            words.set_visible(loss == min(at.values()) < np.inf)
        return at
