"""The pictures of lesson 5: kinds of level ground, ways off a saddle, and landscapes of many dimensions."""

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch

from gd_helpers.critical_points import GOE_EXACT, LEFT_AT, critical_points, goe_asymptote, steps_to_leave
from gd_helpers.figures import base
from gd_helpers.figures.base import (
    BLUE,
    GREEN,
    GREY,
    INK,
    PURPLE,
    RULE_LOOKS,
    SKY,
    VERMILLION,
    moving_line,
    new_figure,
    panel,
)


class LevelGroundScene:
    """A surface from above; where you stand, the Hessian's eigenvalues as arrows and as bars.

    Where it curves upwards arrows point inwards, because you would roll back; where it curves downwards, outwards.
    """

    REACH = 2.0  # half the side of the square that is drawn, the same for every surface
    SNAP = 0.12  # a place closer than this to a known critical point is moved onto it

    def __init__(self):
        square = (-self.REACH, self.REACH)
        mosaic = [["the surface from above", "eigenvalues of the Hessian here"]]
        self.figure, self.target, bars = new_figure(mosaic, height=2.8)
        self._surface = self.target.imshow(np.zeros((1, 1, 3)), extent=square * 2, origin="lower", animated=True)
        self._drawn = None  # the landscape whose surface it is
        self.target.set(xlim=square, ylim=square, xlabel="x", ylabel="y")
        self._known = moving_line(self.target, "*", "white", markeredgecolor=INK, markersize=11)
        self._path = moving_line(self.target, "-", INK, linewidth=1.3)
        self._end = moving_line(self.target, "s", INK, markersize=6)
        looks = {1: BLUE, -1: VERMILLION}  # by the sign of the curvature
        self._arrows = {sign: moving_line(self.target, "-", color, linewidth=3) for sign, color in looks.items()}
        self._here = moving_line(self.target, "o", "white", markeredgecolor=INK, markersize=9)
        bars.set_xscale("symlog", linthresh=1)
        bars.set(xlim=(-20, 20), ylim=(1.6, -0.6), yticks=[0, 1], yticklabels=["smallest", "largest"])
        base.name_ticks(bars.xaxis, [-10, -1, 0, 1, 10])
        bars.axvline(0, color=INK, linewidth=1)
        bars.grid(axis="x", color=base.FAINT, linewidth=0.6)
        for x, words in ((-4, "curves down"), (4, "curves up")):
            bars.text(x, 1.5, words, ha="center", va="center", color=GREY)
        thick = {"linewidth": 16, "solid_capstyle": "butt"}
        self._bars = {sign: moving_line(bars, "-", color, **thick) for sign, color in looks.items()}
        self._numbers = [bars.text(0.1, row - 0.36, "", va="center", animated=True) for row in (0, 1)]

    def place(self, landscape, place):
        """Return ``place``, or the known critical point of ``landscape`` that is close enough to be meant."""
        known = np.concatenate([landscape.minima, landscape.saddles, landscape.maxima])
        distances = np.linalg.norm(known - place, axis=-1)
        return known[distances.argmin()] if distances.min() < self.SNAP else np.array(place)

    def show(self, landscape, place, run):
        """Draw ``landscape``, the curvatures at ``place`` (shape (2,)) and the path of ``run``."""
        if landscape is not self._drawn:  # its surface takes longer than all else
            side = np.linspace(-self.REACH, self.REACH, 141)
            heights = landscape.value(base.grid(side, side))
            level = np.sqrt((heights - heights.min()) / np.ptp(heights))
            self._surface.set_data(colormaps["cividis"](np.floor(level * 22) / 22)[..., :3] * 0.65 + 0.35)
            self._drawn = landscape
        lines = self._known, self._here, self._path, self._end
        base.move(lines, (landscape.minima.T, place[:, None], run.path.T, run.path[-1:].T))
        eigenvalues, directions = np.linalg.eigh(landscape.hessian(place))
        for sign in 1, -1:
            arrows, bars = [np.empty((0, 2))], [np.empty((0, 2))]  # there may be none
            for row in np.flatnonzero(sign * eigenvalues > 1e-6):
                length = self.REACH * min(0.16 + 0.1 * abs(eigenvalues[row]), 0.45)
                arrows += [place + part for part in _arrows(directions[:, row] * length, inwards=sign > 0)]
                bars.append([[0, row], [eigenvalues[row], row]])
            self._arrows[sign].set_data(*base.with_gaps(arrows))
            self._bars[sign].set_data(*base.with_gaps(bars))
        for text, eigenvalue in zip(self._numbers, eigenvalues, strict=True):
            text.set_text(f"{eigenvalue:z.2f}")  # z: no minus before a zero


def _arrows(reach, *, inwards):
    """The shafts and the heads of two arrows from (0, 0), along ``reach`` and against it."""
    across = 0.2 * np.array([-reach[1], reach[0]])
    for tip in (reach, -reach):
        at, back = (0.35 * tip, 0.6 * tip) if inwards else (tip, 0.75 * tip)
        yield np.stack([0.2 * tip, tip])
        yield np.stack([back + across, at, back - across])


class BasinScene:
    """A map on which every pixel is a start, coloured by the minimum, one of at most four, where a descent arrives."""

    COLORS = (SKY, base.ORANGE, GREEN, base.ORANGE)
    PIXELS = 200  # along each side; each is a start
    NEAR, LEVEL = 0.3, 1.0  # a run has arrived within this distance of a minimum, where it is no steeper than this

    def __init__(self, landscape):
        self._landscape, self._minima = landscape, landscape.minima
        colors = [*self.COLORS[: len(landscape.minima)], "#cccccc", "#222222"]
        self._palette = np.array([to_rgb(color) for color in colors])
        self.figure, self.target = new_figure([["every pixel is a start"]], height=4.6)
        middles = (np.arange(self.PIXELS) + 0.5) / self.PIXELS
        self.starts = base.grid(*(low + (high - low) * middles for low, high in landscape.extent))
        place = {"extent": np.ravel(landscape.extent), "origin": "lower", "aspect": "auto", "animated": True}
        self._image = self.target.imshow(np.zeros((1, 1, 3), dtype=np.uint8), interpolation="nearest", **place)
        # What lies over a picture that moves has to move too, or it would lie under it.
        self.target.plot(*landscape.saddles.T, "X", color=INK, markeredgecolor="white", markersize=11, animated=True)
        for number, minimum in enumerate(landscape.minima, start=1):
            self.target.plot(*minimum, "o", color="white", markeredgecolor=INK, markersize=15, animated=True)
            self.target.text(*minimum, str(number), ha="center", va="center", weight="bold", zorder=5, animated=True)
        across, up = landscape.extent
        self.target.set(xlabel="x of the start", xlim=across, ylabel="y of the start", ylim=up)
        kinds = [f"arrives at {number + 1}" for number in range(len(self._minima))] + ["not there yet", "diverged"]
        handles = [Patch(facecolor=color, edgecolor=GREY) for color in colors]
        self.figure.legend(handles, kinds, loc="outside right center", title="crosses: saddles")

    def show(self, ends):
        """Colour the map by where the runs are now; return their ``shares``."""
        kinds = self._kinds(ends)
        self._image.set_data((255 * self._palette[kinds]).astype(np.uint8))
        return self._shares(kinds)

    def shares(self, ends):
        """Return the share of the runs that are at rest at each minimum, then of those not there yet, and diverged."""
        return self._shares(self._kinds(ends))

    def _kinds(self, ends):
        with np.errstate(all="ignore"):
            squares = np.stack([((ends - minimum) ** 2).sum(axis=-1) for minimum in self._minima])
            # One that only passes a minimum, or bounces about it, is on a slope.
            at_rest = (self._landscape.gradient(ends) ** 2).sum(axis=-1) <= self.LEVEL**2
            there = (squares.min(axis=0) <= self.NEAR**2) & at_rest
        kinds = np.where(there, squares.argmin(axis=0), len(squares))
        kinds[~(np.abs(ends).max(axis=-1) <= 100)] = len(squares) + 1
        return kinds

    def _shares(self, kinds):
        return np.bincount(kinds.ravel(), minlength=len(self._palette)) / kinds.size


class OffSaddleScene:
    """Several rules off the same saddle: their paths on the map, and their distance from the ridge at each step."""

    def __init__(self, landscape, names, steps):
        mosaic = [["seen from above", "|y|, the distance from the ridge"]]
        self.figure, surface, away = new_figure(mosaic, height=3.9, width_ratios=[2, 3])
        base.contour(surface, landscape, xlabel="x", xlim=(-1.2, 1.6), ylabel="y", ylim=(-1.6, 1.6))
        away.axhline(LEFT_AT, color=GREY, linestyle=":", label="left the saddle")
        panel(away, log="y", xlim=(0, steps), ylim=(1e-17, 10), xlabel="step")
        self._lines = []
        for name in names:
            color, style, marker = RULE_LOOKS.get(name, (PURPLE, ":", "^"))  # with noise, which lesson 4 has not
            away.plot([], [], style, marker=marker, color=color, label=name)
            both = [(moving_line(on, style, color), base.moving_mark(on, marker, color, 8)) for on in (surface, away)]
            self._lines.append(sum(both, ()))
        away.legend(loc="lower right", frameon=True)

    def show(self, paths):
        """Draw each rule's path, of shape (steps, 2), until it has left; return the steps at which, -1 for never."""
        left = []
        for path, lines in zip(paths, self._lines, strict=True):
            heights = np.abs(path[:, 1])
            left.append(at := steps_to_leave(heights))
            shown = slice(at + 40 if at >= 0 else None)  # later it only settles in its valley
            curve = np.arange(len(path))[shown], np.maximum(heights, 1e-18)[shown]
            mark = [at], [heights[at] if at >= 0 else np.nan]
            base.move(lines, (path[shown].T, path[-1:].T, curve, mark))
        return left


class DimensionScene:
    """Random matrices: how many directions curve down, and the ``shares`` of ``samples``, by size, where none does."""

    def __init__(self, shares, samples):
        mosaic = [["what random level ground is like", "share of minima"]]
        self.figure, index, share = new_figure(mosaic, height=3.7)
        panel(index, xlim=(-5, 105), xlabel="directions that curve down (%)", ylim=(0, 100), ylabel="% of the matrices")
        self._bars = moving_line(index, "-", SKY, linewidth=7, solid_capstyle="butt")
        self._minima = moving_line(index, "*", VERMILLION, markersize=14, label="minima", clip_on=False)
        self._maxima = moving_line(index, "^", INK, markersize=9, label="maxima", clip_on=False)
        index.legend(loc="upper left")

        sizes, shares = np.arange(1, len(shares) + 1), np.asarray(shares)
        panel(share, log="y", xlim=(0.5, len(sizes) + 0.5), xlabel="dimension d", ylim=(1 / samples, 1.5))
        share.plot(sizes, [goe_asymptote(int(d)) for d in sizes], "--", color=GREY, label="asymptote")
        exact = {"color": "white", "markeredgecolor": INK, "markersize": 11, "label": "exact, d = 1, 2, 3"}
        share.plot(list(GOE_EXACT), list(GOE_EXACT.values()), "o", **exact)
        self._shares = shares  # each is drawn when its dimension is: who is asked for the last one shall not see it yet
        self._measured = moving_line(share, "x", BLUE, markersize=8, label="measured, so far")
        share.legend(loc="lower left")

    def show(self, d, index):
        """Draw the ``index`` of some matrices of size ``d``, of shape (n,)."""
        counts = np.bincount(index, minlength=d + 1) / len(index) * 100
        places, gap = 100 * np.arange(d + 1) / d, np.full(d + 1, np.nan)
        self._bars.set_data(np.repeat(places, 3), np.stack([counts * 0, counts, gap], axis=1).ravel())
        self._minima.set_data([0], [counts[0]])
        self._maxima.set_data([100], [counts[-1]])
        self._measured.set_data(np.arange(1, len(self._shares) + 1)[:d], self._shares[:d])


class FieldScene:
    """The critical points of a random landscape: the share of directions that curve down, against the height."""

    def __init__(self):
        self.figure, points = new_figure([["each dot is a critical point"]], height=3.7)
        panel(points, xlim=(-6, 6), xlabel="height", ylim=(-5, 105), ylabel="directions that curve down (%)")
        self._points = moving_line(points, "o", markersize=3.5, alpha=0.5, label="saddles and maxima")
        self._minima = moving_line(points, "*", VERMILLION, markersize=8, label="minima")
        points.legend(loc="upper left")

    def show(self, found):
        """Draw the ``CriticalPoints`` that a search found."""
        d, index = found.points.shape[-1], found.curvature.index
        wobble = np.random.default_rng(0).uniform(-1, 1, len(index)) * min(3, 25 / d)  # so that dots do not hide dots
        for dots, chosen in (self._minima, index == 0), (self._points, index > 0):
            dots.set_data(found.values[chosen], (100 * index / d + wobble)[chosen])


class LineScene:
    """The loss at places ``along`` straight lines from 0, one end, to 1, the other: one or two, by their ``names``."""

    def __init__(self, along, losses, *names):
        self._along = along
        self.figure, line = new_figure([["loss along a straight line through 1,210 dimensions"]], height=3.4)
        panel(line, log="y", xlim=(0, 1), xlabel="position on the straight line", ylim=losses, ylabel="loss")
        line.vlines([0, 1], *losses, color=GREY, linestyle=":")
        looks = zip(names, base.LOOKS, strict=False)
        self._lines = [moving_line(line, *look, label=name) for name, look in looks]
        self._marks = moving_line(line, "o", INK, markersize=7, clip_on=False)
        line.legend(loc="upper center", frameon=True)

    def show(self, *losses):
        """Draw each line, losses of shape (n,)."""
        base.move(self._lines, ((self._along, on_line) for on_line in losses))
        self._marks.set_data([0, 1] * len(losses), np.concatenate([on_line[[0, -1]] for on_line in losses]))


class SpectrumScene:
    """All ``d`` eigenvalues of a Hessian in order, up to ``limit``; those up to ``tolerance`` count as zero."""

    def __init__(self, d, limit, tolerance):
        self._tolerance = tolerance
        self.figure, spectrum = new_figure([["curvature in every direction"]], height=3.6)
        spectrum.set_yscale("symlog", linthresh=1e-3)
        panel(spectrum, xlim=(-d * 0.02, d * 1.02), xlabel="eigenvalues in order", ylim=(-limit, limit))
        places = [-1, -0.1, -0.01, 0, 0.01, 0.1, 1]
        spectrum.set_yticks(places, [f"{place:g}" for place in places])
        spectrum.axhline(0, color=INK, linewidth=0.8)
        looks = (VERMILLION, "v", "curve down"), (GREY, "o", "flat"), (BLUE, "^", "curve up")
        self._dots = [moving_line(spectrum, marker, color, markersize=4, label=name) for color, marker, name in looks]
        spectrum.legend(loc="upper left")

    def show(self, eigenvalues):
        """Draw ``eigenvalues``, sorted, of shape (d,); return how many curve down, are flat, curve up."""
        down, up = eigenvalues < -self._tolerance, eigenvalues > self._tolerance
        kinds = [np.flatnonzero(kind) for kind in (down, ~down & ~up, up)]
        base.move(self._dots, ((places, eigenvalues[places]) for places in kinds))
        return [len(places) for places in kinds]


class StaircaseScene:
    """The loss of linear networks, step by step, with the ``levels`` of all their saddles and, last, their minimum."""

    def __init__(self, levels, steps):
        mosaic = [["loss of a two-layer linear network, from several random starts"]]
        self.figure, loss = new_figure(mosaic, height=3.8)
        base.loss_axes(loss, steps, levels[-1] / 2, 2 * levels[0])
        for level in levels[:-1]:
            saddles = loss.axhline(level, color=GREY, linestyle="--", linewidth=0.8, label="a saddle's level")
        minimum = loss.axhline(levels[-1], color=GREY, linewidth=1.5, label="the minimum's level")
        self.figure.legend(handles=[saddles, minimum], loc="outside lower center", ncols=2)
        self._lines = [moving_line(loss, *look) for look in base.LOOKS]

    def show(self, run):
        """Draw the losses of four runs, of shape (n, 4)."""
        base.move(self._lines, ((run.steps, losses) for losses in run.losses.T))


class BadMinimumScene:
    """The loss of a neuron with two weights, each from low to high, its critical points by kind, and a descent."""

    def __init__(self, loss, extent, steps):
        mosaic = [["the loss of one neuron", "loss, step by step"]]
        self.figure, self.target, losses = new_figure(mosaic, height=3.8, width_ratios=[3, 2])
        side, labels = np.linspace(*extent, 141), {"xlabel": "weight $w_1$", "ylabel": "weight $w_2$"}
        heights = base.map_surface(self.target, loss.value, side, side, **labels)
        self.found = critical_points(loss, base.grid(side[::4], side[::4]), longest_step=0.2)
        for kind, marker in {"minimum": "*", "saddle": "X", "maximum": "^"}.items():
            points = self.found.points[self.found.curvature.kind == kind]
            self.target.plot(*points.T, marker, color="white", markeredgecolor=INK, markersize=10, label=kind)
        self.target.legend(loc="lower right", fontsize=8, frameon=True, framealpha=1)
        self.show = base.path_and_losses(self.target, losses, steps, 0, 1.1 * heights.max(), log="")
        losses.axhline(self.found.values[0], color=GREY, linestyle=":")
        losses.text(0, 0.9 * self.found.values[0], "the best minimum", va="top", color=GREY)
