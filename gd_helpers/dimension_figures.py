"""The pictures of lesson 5 in many dimensions: random matrices and fields, and the landscapes of networks."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from gd_helpers.critical_points import GOE_EXACT, critical_points, goe_asymptote
from gd_helpers.figures import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    loss_curve,
    map_surface,
    new_figure,
    path_on_map,
)


class DimensionScene:
    """Random symmetric matrices of size n: how many directions curve down, and how rarely none does.

    Args:
        largest: the largest size.
        floor: the lowest share on the logarithmic axis.
    """

    def __init__(self, largest, floor):
        self._floor = floor
        self.figure, axes = new_figure([["index", "share"]], height=3.7)
        index, share = axes["index"], axes["share"]
        index.set(xlim=(-5, 105), ylim=(0, 100), xlabel="directions that curve down (%)", ylabel="% of the matrices")
        index.set_title("what random level ground is like")
        index.grid(axis="y", color="#dddddd", linewidth=0.6)
        (self._bars,) = index.plot([], [], "-", color=SKY, linewidth=7, solid_capstyle="butt", animated=True)
        free = {"animated": True, "clip_on": False}
        (self._minima,) = index.plot([], [], "*", color=VERMILLION, markersize=14, label="minima", **free)
        (self._maxima,) = index.plot([], [], "^", color=BLACK, markersize=9, label="maxima", **free)
        index.legend(loc="upper left", frameon=False)

        share.set(yscale="log", xlim=(0.5, 8.5), ylim=(floor, 1.5), xlabel="dimension n", title="share of minima")
        share.xaxis.set_major_locator(MaxNLocator(integer=True))
        share.grid(color="#dddddd", linewidth=0.6)
        sizes = np.arange(1, min(largest, 8) + 1)
        share.plot(sizes, [goe_asymptote(int(n)) for n in sizes], "--", color=GREY, label="asymptote")
        exact = {"color": "white", "markeredgecolor": BLACK, "markersize": 11, "label": "exact, n = 1, 2, 3"}
        share.plot(list(GOE_EXACT), list(GOE_EXACT.values()), "o", **exact)
        (self._shares,) = share.plot([], [], "x", color=BLUE, markersize=8, label="measured", animated=True)
        (self._errors,) = share.plot([], [], "-", color=BLUE, linewidth=1, animated=True)
        (self._now,) = share.plot([], [], "*", color=VERMILLION, markersize=14, animated=True)
        share.legend(loc="upper right", frameon=False)
        self._seen = {}

    def show(self, n, index, share, samples):
        """Draw the ``index`` of some matrices of size ``n`` and which ``share`` of ``samples`` is positive definite."""
        self._seen[n] = (share, np.sqrt(max(share, 1 / samples) * (1 - share) / samples))
        counts = np.bincount(index, minlength=n + 1) / len(index) * 100
        places, gap = 100 * np.arange(n + 1) / n, np.full(n + 1, np.nan)
        self._bars.set_data(np.repeat(places, 3), np.stack([counts * 0, counts, gap], axis=1).ravel())
        self._minima.set_data([0], [counts[0]])
        self._maxima.set_data([100], [counts[-1]])
        sizes = np.array(sorted(self._seen))
        shares, errors = np.array([self._seen[size] for size in sizes]).T
        self._shares.set_data(sizes, np.where(shares > 0, shares, np.nan))
        low, high = np.maximum(shares - errors, self._floor), shares + errors
        self._errors.set_data(np.repeat(sizes, 3), np.stack([low, high, high * np.nan], 1).ravel())
        self._now.set_data([n], [share if share > 0 else np.nan])


class FieldScene:
    """The critical points of a random landscape: the share of directions that curve down, against the height."""

    def __init__(self):
        self.figure, axes = new_figure([["points", "kinds"]], height=3.7, width_ratios=[3, 2])
        points, kinds = axes["points"], axes["kinds"]
        points.set(xlim=(-6, 6), ylim=(-5, 105), xlabel="height", ylabel="directions that curve down (%)")
        points.set_title("each dot is a critical point")
        points.grid(color="#dddddd", linewidth=0.6)
        (self._points,) = points.plot([], [], "o", color=BLUE, markersize=3.5, alpha=0.5, animated=True)
        (self._minima,) = points.plot([], [], "*", color=VERMILLION, markersize=8, animated=True)
        kinds.set(xlim=(0, 100), ylim=(2.6, -0.6), xlabel="% of those found", title="what kind they are")
        kinds.set_yticks(range(3), ["minima", "saddles", "maxima"])
        wide = {"linewidth": 18, "solid_capstyle": "butt", "animated": True}
        self._bars = [kinds.plot([], [], "-", color=color, **wide)[0] for color in (VERMILLION, BLUE, GREEN)]

    def show(self, found):
        """Draw the ``CriticalPoints`` that a search found."""
        d = found.points.shape[-1]
        index = found.curvature.index
        wobble = np.random.default_rng(0).uniform(-1, 1, len(index)) * min(3, 25 / d)  # so that dots do not hide dots
        self._points.set_data(found.values, 100 * index / d + wobble)
        lowest = index == 0
        self._minima.set_data(found.values[lowest], (100 * index / d + wobble)[lowest])
        shares = [100 * np.mean(found.curvature.kind == kind) for kind in ("minimum", "saddle", "maximum")]
        for row, (bar, share) in enumerate(zip(self._bars, shares, strict=True)):
            bar.set_data([0, share], [row, row])


class LineScene:
    """The loss along straight lines between parameter vectors.

    Args:
        along: the positions on the line, of shape (n,); 0 is one end and 1 the other.
        losses: the range of the loss axis.
    """

    def __init__(self, along, losses):
        self._along = along
        self.figure, axes = new_figure([["line"]], height=3.4)
        panel = axes["line"]
        panel.set(yscale="log", xlim=(along[0], along[-1]), ylim=losses, ylabel="loss")
        panel.set(xlabel="position on the straight line", title="loss along a straight line through 1,210 dimensions")
        panel.grid(color="#dddddd", linewidth=0.6)
        for place in (0, 1):
            panel.axvline(place, color=GREY, linestyle=":")
        (self._solid,) = panel.plot(
            [], [], "-", color=BLUE, label="from its start (0) to its own end (1)", animated=True
        )
        (self._dashed,) = panel.plot(
            [], [], "--", color=VERMILLION, label="from its end (0) to the other network's end (1)", animated=True
        )
        (self._marks,) = panel.plot([], [], "o", color=BLACK, markersize=7, animated=True)
        panel.legend(loc="upper center", frameon=True)

    def show(self, to_own_end, to_other_end):
        """Draw both lines, losses of shape (n,)."""
        self._solid.set_data(self._along, to_own_end)
        self._dashed.set_data(self._along, to_other_end)
        ends = [int(np.abs(self._along - place).argmin()) for place in (0, 1)]
        self._marks.set_data([0, 1, 0, 1], [*to_own_end[ends], *to_other_end[ends]])


class SpectrumScene:
    """All eigenvalues of a Hessian, from the most negative to the most positive.

    Args:
        d: how many there are.
        limit: the largest magnitude on the axis.
        tolerance: eigenvalues up to this magnitude count as zero.
    """

    def __init__(self, d, limit, tolerance):
        self._tolerance = tolerance
        self.figure, axes = new_figure([["spectrum", "counts"]], height=3.6, width_ratios=[3, 2])
        spectrum, counts = axes["spectrum"], axes["counts"]
        spectrum.set(xlim=(-d * 0.02, d * 1.02), ylim=(-limit, limit), xlabel="eigenvalues in order")
        spectrum.set_yscale("symlog", linthresh=1e-3)
        spectrum.set_yticks([-1, -0.1, -0.01, 0, 0.01, 0.1, 1], ["-1", "-0.1", "-0.01", "0", "0.01", "0.1", "1"])
        spectrum.axhline(0, color=BLACK, linewidth=0.8)
        spectrum.grid(color="#dddddd", linewidth=0.6)
        spectrum.set_title("curvature in every direction")
        looks = {"curve down": (VERMILLION, "v"), "flat": (GREY, "o"), "curve up": (BLUE, "^")}
        self._dots = [
            spectrum.plot([], [], marker, color=color, markersize=4, animated=True)[0]
            for color, marker in looks.values()
        ]
        counts.set(xlim=(0, d), ylim=(2.6, -0.6), xlabel="directions", title="by sign")
        counts.set_yticks(range(3), looks)
        wide = {"linewidth": 18, "solid_capstyle": "butt", "animated": True}
        self._bars = [counts.plot([], [], "-", color=color, **wide)[0] for color, _ in looks.values()]

    def show(self, eigenvalues):
        """Draw ``eigenvalues``, sorted, of shape (d,); return how many curve down, are flat, curve up."""
        places = np.arange(len(eigenvalues))
        down, up = eigenvalues < -self._tolerance, eigenvalues > self._tolerance
        counts = []
        for row, (mask, dots, bar) in enumerate(zip((down, ~down & ~up, up), self._dots, self._bars, strict=True)):
            dots.set_data(places[mask], eigenvalues[mask])
            counts.append(int(mask.sum()))
            bar.set_data([0, counts[-1]], [row, row])
        return counts


class StaircaseScene:
    """The loss of linear networks, step by step, with the levels on which their saddles lie.

    Args:
        levels: the loss of each saddle, from rank 0, and at last that of the minimum.
        steps: the largest number of steps that will be shown.
        runs: how many runs will be shown.
    """

    def __init__(self, levels, steps, runs):
        self.figure, axes = new_figure([["loss"]], height=3.6)
        panel = axes["loss"]
        loss_curve(panel, steps, levels[-1] / 2, 2 * levels[0])
        panel.set_title("loss of a two-layer linear network, from several random starts")
        for rank, level in enumerate(levels):
            name = "the minimum" if rank == len(levels) - 1 else f"saddles of rank {rank}"
            panel.axhline(level, color=GREY, linestyle="--", linewidth=1)
            panel.text(steps * 1.02, level * 1.05, name, ha="right", va="bottom", color=GREY)
        looks = zip((BLUE, VERMILLION, GREEN, PURPLE, ORANGE, BLACK), ("-", "--", "-.", ":", "-", "--"), strict=True)
        self._lines = [
            panel.plot([], [], style, color=color, animated=True)[0]
            for (color, style), _ in zip(looks, range(runs), strict=False)
        ]

    def show(self, run):
        """Draw the losses of several runs at once, of shape (n, runs)."""
        for line, losses in zip(self._lines, run.losses.T, strict=True):
            line.set_data(run.steps, losses)


class BadMinimumScene:
    """The loss of a neuron with two weights from above, its critical points numbered by kind, and a descent.

    Args:
        loss: a loss over two parameters.
        extent: the part to draw, (low, high) for both axes.
        steps: the largest number of steps that will be shown.
    """

    def __init__(self, loss, extent, steps):
        self.figure, axes = new_figure([["map", "loss"]], height=3.8, width_ratios=[3, 2])
        self.target = axes["map"]
        grid = np.linspace(*extent, 141)
        x, y = np.meshgrid(grid, grid)
        starts = np.stack([x, y], axis=-1)
        heights = loss.value(starts)
        map_surface(self.target, x, y, heights)
        self.found = critical_points(loss, starts[::4, ::4], longest_step=0.2)
        markers = {"minimum": "*", "saddle": "X", "maximum": "^"}
        for kind, marker in markers.items():
            points = self.found.points[self.found.curvature.kind == kind]
            look = {"color": "white", "markeredgecolor": BLACK, "markersize": 10, "label": kind}
            self.target.plot(*points.T, marker, **look)
        self.target.legend(loc="lower right", fontsize=8)
        self.target.set(xlabel="weight $w_1$", ylabel="weight $w_2$", title="the loss of one neuron")
        self._move_path = path_on_map(self.target)
        self._move_loss = loss_curve(axes["loss"], steps, 0, 1.1 * heights.max(), log=False)
        axes["loss"].axhline(self.found.values[0], color=GREY, linestyle=":", linewidth=1.5)

    def show(self, run):
        """Draw the path and the losses of ``run`` (path of shape (n, 2))."""
        self._move_path(run.path)
        self._move_loss(run)
