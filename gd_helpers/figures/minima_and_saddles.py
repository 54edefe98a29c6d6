"""The pictures of lesson 5: kinds of level ground, ways off a saddle, and landscapes of many dimensions."""

import numpy as np
from contourpy import contour_generator
from matplotlib.colors import to_rgb

from gd_helpers.critical_points import GOE_EXACT, LEFT_AT, critical_points, goe_asymptote, steps_to_leave
from gd_helpers.figures import base
from gd_helpers.figures.base import BLUE, GREY, HERE, INK, RULE_LOOKS, moving_line, moving_mark, new_figure, panel

UP, DOWN = BLUE, HERE  # what curves up, and what curves down
SHARES = [0, 25, 50, 75, 100], ["none:\na minimum", "25 %", "half", "75 %", "all:\na maximum"]  # of such directions


class LevelGroundScene:
    """The ground from above and, through where you stand, two cuts along the Hessian's eigenvectors.

    Where it curves upwards arrows point inwards, because you would roll back; where it curves downwards, outwards.
    """

    REACH = 2.0  # half the side of the square that is drawn, the same for every surface
    SNAP = 0.12  # a place closer than this to a known critical point is moved onto it
    CUT = np.linspace(-1.5, 1.5, 49)  # places along a cut
    SIDE = np.linspace(-REACH, REACH, 41)  # pixels along the picture's side, which the browser makes smooth

    def __init__(self):
        mosaic = [["the ground from above", letter] for letter in "AB"]
        self.figure, self.target, *cuts = new_figure(mosaic, height=4.3, width_ratios=[10, 7])
        smooth = {"origin": "lower", "interpolation": "bilinear", "animated": True}
        edges = 1.025 * self.REACH * np.array([-1, 1, -1, 1])
        self._surface = self.target.imshow(np.zeros((1, 1, 3)), extent=edges, **smooth)
        self._drawn = None  # the landscape whose surface it is
        self.target.set(xticks=range(-2, 3), yticks=range(-2, 3), xlabel="x", ylabel="y")
        self._rings = moving_line(self.target, "-", "white", linewidth=0.7, alpha=0.55)
        minima = moving_line(self.target, "*", "white", markeredgecolor=INK, markersize=13)
        sections, path = (moving_line(self.target, "-", INK, **base.casing(width)) for width in (0.8, 1.5))
        end = moving_mark(self.target, "o", INK, 7)
        arrows = [moving_line(self.target, "-", color, **base.casing(3)) for color in (UP, DOWN)]
        self._lines = minima, sections, path, end, *arrows, moving_mark(self.target)
        self._names = base.moving_names(self.target, "AB", weight="bold", **base.casing(0))
        self._cuts = []
        for axes in cuts:
            axes.set(aspect="equal", xlim=self.CUT[[0, -1]], ylim=(-0.9, 0.9), xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
            looks = (":", GREY, 1), ("-", INK, 2.5), ("--", UP, 2), ("--", DOWN, 2)
            lines = [moving_line(axes, style, color, linewidth=width) for style, color, width in looks]
            moving_mark(axes).set_data([0], [0])
            look = {"ha": "left", "va": "baseline", "transform": axes.transAxes}
            self._cuts.append((lines, base.moving_words(axes, 0.08, 1.04, **look)))

    def place(self, landscape, place):
        """Return ``place``, or the known critical point of ``landscape`` that is close enough to be meant."""
        known = np.concatenate([landscape.minima, landscape.saddles, landscape.maxima])
        distances = np.linalg.norm(known - place, axis=-1)
        return known[distances.argmin()] if distances.min() < self.SNAP else np.array(place)

    def show(self, landscape, place, run):
        """Draw ``landscape``, the curvatures at ``place`` (shape (2,)) and the path of ``run``."""
        if landscape is not self._drawn:  # its surface takes longer than all else
            heights = landscape.value(base.grid(self.SIDE, self.SIDE))
            level = (base.levels(heights) + base.ranks(heights)) / 2
            self._surface.set_data(base.relief(level) & 0xFC)  # the last bits are unseen, and half the bytes
            rings = contour_generator(self.SIDE, self.SIDE, level)
            self._rings.set_data(*base.with_gaps([ring for eighth in range(1, 8) for ring in rings.lines(eighth / 8)]))
            self._drawn = landscape
        eigenvalues, directions = np.linalg.eigh(landscape.hessian(place))
        directions = directions.T * np.where(directions.T @ [1, 1e-6] < 0, -1, 1)[:, None]  # to the right
        places = place + self.CUT[:, None] * directions[:, None]
        seen = np.where(np.abs(places).max(axis=2) < 1.03 * self.REACH, self.CUT, 0).argmax(axis=1)  # last in the map
        self._names(np.where(self.CUT[seen, None] > 0.3, np.minimum(places[[0, 1], seen], 0.9 * self.REACH), np.nan))
        heights = landscape.value(places) - landscape.value(place)
        tangents = (directions @ landscape.gradient(place))[:, None] * self.CUT
        parabolas = tangents + eigenvalues[:, None] * self.CUT**2 / 2
        signs = np.sign(eigenvalues.round(6))
        for row, (lines, words) in enumerate(self._cuts):
            bends = [np.where(signs[row] == sign, parabolas[row], np.nan) for sign in (1, -1)]
            base.move(lines, ((self.CUT, curve) for curve in (tangents[row], heights[row], *bends)))
            kind = {1: "curves up", -1: "curves down"}.get(signs[row], "does not curve")
            words.set_text(f"{kind}: eigenvalue {eigenvalues[row]:z.2f}".replace("-", "\u2212"))  # z: no minus zero
        reaches = directions * self.REACH * np.minimum(0.16 + 0.1 * np.abs(eigenvalues), 0.45)[:, None]
        arrows = []
        for sign, begin, end in (1, 1, 0.3), (-1, 0.2, 1):
            tips = [tip for reach in reaches[signs == sign] for tip in (reach, -reach)]
            parts = [base.arrow(place + begin * tip, place + end * tip, head=0.2) for tip in tips]
            arrows.append(base.with_gaps(parts or [np.empty((0, 2))]))
        sections = base.with_gaps(places[:, [0, -1]])
        base.move(self._lines, (landscape.minima.T, sections, run.path.T, run.end, *arrows, place))


class BasinScene:
    """A map on which every pixel is a start, coloured by the minimum, one of at most four, where a descent arrives."""

    COLORS = ("#FFD27A", "#1F5F8B", "#DB6A33", "#7CCBB5")  # they differ in lightness, too
    PIXELS = 200  # along each side; each is a start
    NEAR, LEVEL = 0.3, 1.0  # a run has arrived within this distance of a minimum, where it is no steeper than this

    def __init__(self, landscape):
        self._landscape, self._minima = landscape, landscape.minima
        colors = [*self.COLORS[: len(self._minima)], "#e6e2da", INK]
        self._palette = np.array([to_rgb(color) for color in colors])
        mosaic = [["every pixel is a start", "where they are now"]]
        self.figure, self.target, bars = new_figure(mosaic, height=4.4, width_ratios=[5, 3])
        self.starts = base.grid(*(np.linspace(*ends, 2 * self.PIXELS + 1)[1::2] for ends in landscape.extent))
        base.contour(self.target, landscape, lines=9, xlabel="x of the start", ylabel="y of the start")
        place = {"extent": np.ravel(landscape.extent), "origin": "lower", "alpha": 0.72, "animated": True}
        self._image = self.target.imshow(np.zeros((1, 1, 3), dtype=np.uint8), interpolation="nearest", **place)
        # What lies over a picture that moves has to move too, or it would lie under it.
        self.target.plot(*landscape.saddles.T, "X", color="white", markeredgecolor=INK, markersize=11, animated=True)
        for number, minimum in enumerate(landscape.minima, start=1):
            self.target.plot(*minimum, "o", color="white", markeredgecolor=INK, markersize=15, animated=True)
            base.moving_words(self.target, *minimum, str(number), weight="bold", zorder=5)
        kinds = [f"at minimum {number + 1}" for number in range(len(self._minima))] + ["not there yet", "diverged"]
        bars.set(xlim=(0, 100), xlabel="% of the starts", ylim=(len(kinds) - 0.3, -0.7))
        bars.set_yticks(range(len(kinds)), kinds)
        look = {"solid_capstyle": "butt", "path_effects": [base.withStroke(linewidth=19, foreground=GREY)]}
        self._bars = [moving_line(bars, "-", color, linewidth=17, **look) for color in colors]

    def show(self, ends):
        """Colour the map by where the runs are now; return their ``shares``."""
        kinds = self._kinds(ends)
        self._image.set_data((255 * self._palette[kinds]).astype(np.uint8))
        shares = self._shares(kinds)
        base.move(self._bars, (([0, 100 * share], [row, row]) for row, share in enumerate(shares)))
        return shares

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
        mosaic = [["the pass from above", "|y|, the distance from the ridge"]]
        self.figure, surface, away = new_figure(mosaic, height=4.0, width_ratios=[13, 16])
        base.contour(surface, landscape, xlabel="x", ylabel="y", xlim=(-1.2, 1.6), ylim=(-1.6, 1.6))
        panel(away, log="y", xlim=(0, 1.15 * steps), xticks=range(0, steps + 1, 100), ylim=(1e-17, 1e5), xlabel="step")
        away.set_yticks([1e-16, 1e-12, 1e-8, 1e-4, LEFT_AT], ["1e-16", "1e-12", "1e-8", "1e-4", "has left"])
        away.axhline(LEFT_AT, **base.THEORY, linewidth=1)
        self._lines = []
        for row, name in enumerate(names):
            color, style, marker = RULE_LOOKS.get(name, (GREY, ":", "v"))  # with noise, which lesson 4 has not
            path = moving_line(surface, style, color, **base.casing(2)), moving_mark(surface, marker, color, 9)
            pole, curve = moving_line(away, "-", color, linewidth=1), moving_line(away, style, color, linewidth=2)
            flag = base.moving_words(away, 0, 10.0 ** (row + 1), f" {name}", ha="left", fontsize=9.5)
            self._lines.append((*path, curve, pole, moving_mark(away, marker, color, 9), flag))

    def show(self, paths):
        """Draw each rule's path, of shape (steps, 2), until it has left; return the steps at which, -1 for never."""
        left = []
        for path, (*lines, flag) in zip(paths, self._lines, strict=True):
            heights = np.abs(path[:, 1])
            left.append(at := steps_to_leave(heights))
            shown = slice(at + 40 if at >= 0 else None)  # later it only settles in its valley
            curve = np.arange(len(path))[shown], np.maximum(heights, 1e-18)[shown]
            at = at if at >= 0 else len(path) - 1
            pole = [at, at], [heights[at], flag.get_position()[1]]
            base.move(lines, (path[shown].T, path[-1], curve, pole, (at, heights[at])))
            flag.set_x(at)
        return left


class DimensionScene:
    """Random matrices: how many directions curve down, and the ``shares`` of ``samples``, by size, where none does."""

    def __init__(self, shares, samples):
        mosaic = [["which way does random ground curve?", "share of minima"]]
        self.figure, index, share = new_figure(mosaic, height=4.0, width_ratios=[5, 4])
        panel(index, grid="y", xlim=(-5, 105), xlabel="directions that curve down", ylim=(0, 100))
        index.set(xticks=SHARES[0], xticklabels=SHARES[1], ylabel="% of the matrices")
        self._lines = [moving_line(index, "-", BLUE, linewidth=8, solid_capstyle="butt")]
        look = {"markeredgecolor": INK, "markersize": 15, "clip_on": False}
        self._lines += [moving_line(index, mark, "white", **look) for mark in "*^"]
        sizes = np.arange(1, len(shares) + 1)
        panel(share, log="y", xlim=(0.5, len(sizes) + 0.5), xlabel="dimension d", ylim=(1 / samples, 1.5))
        share.plot(sizes, [goe_asymptote(int(d)) for d in sizes], **base.THEORY)
        share.text(4.05, 1.5 * goe_asymptote(4), "asymptote", color=GREY, fontsize=9.5)
        exact = {"color": "white", "markeredgecolor": INK, "markersize": 11, "label": "exact, d = 1, 2, 3"}
        share.plot(list(GOE_EXACT), list(GOE_EXACT.values()), "o", **exact)
        self._shares = np.stack([sizes, shares])  # none is drawn before its dimension is: the last one is guessed
        self._lines += [moving_line(share, "x", BLUE, markersize=9, markeredgewidth=2, label="measured, so far")]
        share.legend(loc="lower left")

    def show(self, d, index):
        """Draw the ``index`` of some matrices of size ``d``, of shape (n,)."""
        counts = np.bincount(index, minlength=d + 1) / len(index) * 100
        places, gap = 100 * np.arange(d + 1) / d, np.full(d + 1, np.nan)
        bars = np.repeat(places, 3), np.stack([counts * 0, counts, gap], axis=1).ravel()
        base.move(self._lines, (bars, (0, counts[0]), (100, counts[-1]), self._shares[:, :d]))


class FieldScene:
    """The critical points of a random landscape: the share of directions that curve down, against the height."""

    def __init__(self):
        self.figure, points = new_figure([["the higher a critical point lies, the more ways lead down"]], height=4.2)
        panel(points, grid="y", xlim=(-6, 6), xlabel="height", ylim=(-6, 106), ylabel="directions that curve down")
        points.set_yticks(*SHARES)
        self._points = moving_line(points, "o", markersize=5, alpha=0.4, markeredgewidth=0)
        self._minima = moving_line(points, "*", "white", markeredgecolor=INK, markersize=11, markeredgewidth=0.8)

    def show(self, found):
        """Draw the ``CriticalPoints`` that a search found."""
        d, index = found.points.shape[-1], found.curvature.index
        wobble = np.random.default_rng(0).uniform(-1, 1, len(index)) * min(3, 25 / d)  # so that dots do not hide dots
        for dots, chosen in (self._minima, index == 0), (self._points, index > 0):
            dots.set_data(found.values[chosen], (100 * index / d + wobble)[chosen])


class LineScene:
    """The loss at places ``along`` straight lines from 0 to 1, the two ``ends``: one or two, by their ``names``."""

    def __init__(self, along, losses, ends, *names):
        self._along = along
        self.figure, line = new_figure([["loss along a straight line through 1,210 dimensions"]], height=3.8)
        panel(line, log="y", xlim=(-0.04, 1.04), yticks=[0.03, 0.1, 0.3, 1, 3], ylim=losses, ylabel="loss")
        line.set_xticks([0, 0.5, 1], [ends[0], "half-way", ends[1]])
        self._lines = [moving_line(line, *look, linewidth=2.5) for _, look in zip(names, base.LOOKS, strict=False)]
        self._marks = moving_mark(line, "o", INK, 9)
        self._names = base.moving_names(line, names, va="bottom", ha="center", **base.casing(0))

    def show(self, *losses):
        """Draw each line, losses of shape (n,)."""
        base.move(self._lines, ((self._along, on_line) for on_line in losses))
        self._marks.set_data([0, 1] * len(losses), np.concatenate([on_line[[0, -1]] for on_line in losses]))
        middle = len(self._along) // 2
        self._names([(self._along[middle], 1.1 * on_line[middle]) for on_line in losses])


class SpectrumScene:
    """All ``d`` eigenvalues of a Hessian in order, up to ``limit``; those up to ``tolerance`` count as zero."""

    def __init__(self, d, limit, tolerance):
        self._tolerance = tolerance
        self.figure, spectrum = new_figure([[f"curvature in all {d} directions"]], height=4.0)
        spectrum.set_yscale("symlog", linthresh=1e-3)
        panel(spectrum, grid="y", xlim=(-d * 0.02, d * 1.02), xlabel="eigenvalues in order", ylim=(-limit, limit))
        spectrum.set_yticks(ticks := [-1, -0.1, -0.01, 0, 0.01, 0.1, 1], ticks)
        spectrum.axhline(0, color=INK, linewidth=0.8)
        self._dots = [moving_line(spectrum, *look, markersize=5) for look in (("v", DOWN), ("o", GREY), ("^", UP))]
        spectrum.text(0.02 * d, -0.5, "curve down", color=DOWN)
        spectrum.text(0.93 * d, 0.5, "curve up", color=UP, ha="right")
        self._flat = base.moving_words(spectrum, 0, 2e-4, "flat", va="baseline", color=GREY)

    def show(self, eigenvalues):
        """Draw ``eigenvalues``, sorted, of shape (d,); return how many curve down, are flat, curve up."""
        down, up = eigenvalues < -self._tolerance, eigenvalues > self._tolerance
        kinds = [np.flatnonzero(kind) for kind in (down, ~down & ~up, up)]
        base.move(self._dots, ((places, eigenvalues[places]) for places in kinds))
        self._flat.set_x(kinds[1].mean() if len(kinds[1]) else np.nan)
        return [len(places) for places in kinds]


class StaircaseScene:
    """The loss of linear networks, step by step, with the ``levels`` of all their saddles and, last, their minimum.

    Those have names on which a small start waits, as the directions, of these ``strengths``, are learned one by one.
    """

    def __init__(self, levels, strengths, steps):
        self.figure, loss = new_figure([["saddles on the way down: four random starts"]], height=4.2)
        base.loss_axes(loss, steps, levels[-1] / 2, 2 * levels[0], yticks=[0.3, 1, 3, 10, 30, 100])
        loss.grid(visible=False)
        loss.hlines(levels, 0, steps, color=base.FAINT, linewidth=1)
        for learned, level in enumerate(levels[0] - np.cumsum([0, *strengths])):
            kind = "saddle" if learned < len(strengths) else "minimum"
            loss.plot([0, steps], [level, level], **base.ROAD)
            loss.text(1.04 * steps, level, f"{kind}: {learned} of {len(strengths)} learned", va="center", color=GREY)
        self._lines = [moving_line(loss, *look, linewidth=2) for look in base.LOOKS]

    def show(self, run):
        """Draw the losses of four runs, of shape (n, 4)."""
        base.move(self._lines, ((run.steps, losses) for losses in run.losses.T))


class BadMinimumScene:
    """The loss of a neuron with two weights, each from low to high, its critical points by kind, and a descent."""

    def __init__(self, loss, extent, steps):
        mosaic = [["the loss of one neuron: four valleys", "loss, step by step"]]
        self.figure, self.target, losses = new_figure(mosaic, height=4.3, width_ratios=[8, 5])
        side, look = np.linspace(*extent, 141), {"xlabel": "weight $w_1$", "ylabel": "weight $w_2$"}
        heights = base.map_surface(self.target, loss.value, side, side, scale=base.ranks, lines=10, **look)
        self.found = critical_points(loss, base.grid(side[::4], side[::4]), longest_step=0.2)
        looks = {"minimum": ("*", 0.1, -0.42), "saddle": ("X", 0.17, -0.07), "maximum": ("^", 0.12, 0.13)}
        for kind, (marker, *aside) in looks.items():
            points = self.found.points[self.found.curvature.kind == kind]
            self.target.plot(*points.T, marker, color="white", markeredgecolor=INK, markersize=12)
            self.target.text(*points[len(points) // 2] + aside, kind, fontsize=9.5, **base.casing(0))
        self.show = base.path_and_losses(self.target, losses, steps, 0, 1.1 * heights.max(), log="")
        bottoms = self.found.values[self.found.curvature.kind == "minimum"]
        for name, level in zip(("the best minimum", "two more", "the worst"), bottoms[[0, 1, -1]], strict=True):
            losses.axhline(level, **base.THEORY, linewidth=1)
            losses.text(0, level - 0.02, name, va="top", color=GREY, fontsize=9.5)
