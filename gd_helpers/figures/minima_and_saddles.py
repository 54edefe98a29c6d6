"""The pictures of lesson 5: kinds of level ground, ways off a saddle, and landscapes of many dimensions."""

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_rgb
from matplotlib.ticker import MaxNLocator

from gd_helpers.critical_points import GOE_EXACT, LEFT_AT, critical_points, goe_asymptote, steps_to_leave
from gd_helpers.figures.base import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    YELLOW,
    contour,
    light_grid,
    loss_curve,
    map_surface,
    moving_line,
    new_figure,
    path_on_map,
)


class LevelGroundScene:
    """A surface from above; where you stand, the Hessian's eigenvalues as arrows and as bars.

    Arrows along a direction that curves upwards are solid and point inwards (you would roll back); where it
    curves downwards they are dashed and point outwards.

    Args:
        reach: half the side of the square that is drawn, the same for every surface.
        snap: a place closer than this to a known critical point is moved onto it.
    """

    def __init__(self, reach=2.0, snap=0.12):
        self._reach, self._snap = reach, snap
        self.figure, axes = new_figure([["map", "bars"]], height=3.9, width_ratios=[1, 1])
        self.target, bars = axes["map"], axes["bars"]
        self.target.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", title="the surface from above")
        self.target.set(xlabel="x", ylabel="y")
        blank = np.zeros((1, 1, 3))
        self._surface = self.target.imshow(blank, extent=(-reach, reach) * 2, origin="lower", animated=True)
        moving = {"animated": True}
        (self._known,) = self.target.plot([], [], "*", color="white", markeredgecolor=BLACK, markersize=11, **moving)
        (self._path,) = self.target.plot([], [], "-", color=BLACK, linewidth=1.3, **moving)
        (self._end,) = self.target.plot([], [], "s", color=BLACK, markersize=6, **moving)
        (self._up,) = self.target.plot([], [], "-", color=BLUE, linewidth=3, **moving)
        (self._down,) = self.target.plot([], [], "--", color=VERMILLION, linewidth=3, **moving)
        (self._here,) = self.target.plot([], [], "o", color="white", markeredgecolor=BLACK, markersize=9, **moving)

        bars.set(xlim=(-20, 20), ylim=(1.6, -0.6), title="eigenvalues of the Hessian here")
        bars.set_xscale("symlog", linthresh=1)
        bars.set_yticks([0, 1], ["smallest", "largest"])
        bars.set_xticks([-10, -1, 0, 1, 10], ["-10", "-1", "0", "1", "10"])
        bars.axvline(0, color=BLACK, linewidth=1)
        bars.grid(axis="x", color="#dddddd", linewidth=0.6)
        bars.text(-4, 1.5, "curves down", ha="center", va="center", color=GREY)
        bars.text(4, 1.5, "curves up", ha="center", va="center", color=GREY)
        wide = {"linewidth": 16, "solid_capstyle": "butt", **moving}
        (self._positive,) = bars.plot([], [], "-", color=BLUE, **wide)
        (self._negative,) = bars.plot([], [], "-", color=VERMILLION, **wide)
        self._numbers = [bars.text(0, row - 0.3, "", ha="center", va="center", **moving) for row in (0, 1)]

    def place(self, landscape, place):
        """Return ``place``, or the known critical point of ``landscape`` that is close enough to be meant."""
        known = np.concatenate([landscape.minima, landscape.saddles, landscape.maxima])
        distances = np.linalg.norm(known - np.asarray(place), axis=-1)
        return known[distances.argmin()] if distances.min() < self._snap else np.asarray(place, dtype=float)

    def show(self, landscape, place, run=None):
        """Draw ``landscape``, the curvatures at ``place`` (shape (2,)) and the path of ``run``, if any."""
        grid = np.linspace(-self._reach, self._reach, 141)
        heights = landscape.value(np.stack(np.meshgrid(grid, grid), axis=-1))
        level = np.sqrt((heights - heights.min()) / np.ptp(heights))
        self._surface.set_data(colormaps["cividis"](np.floor(level * 22) / 22)[..., :3] * 0.65 + 0.35)
        self._known.set_data(*landscape.minima.T)
        self._here.set_data(*np.asarray(place)[:, None])
        if run is not None:
            self._path.set_data(*run.path.T)
            self._end.set_data(*run.path[-1:].T)
        eigenvalues, directions = np.linalg.eigh(landscape.hessian(place))
        arrows = {True: [np.full((1, 2), np.nan)], False: [np.full((1, 2), np.nan)]}
        for eigenvalue, direction in zip(eigenvalues, directions.T, strict=True):
            if abs(eigenvalue) < 1e-6:
                continue
            length = self._reach * min(0.16 + 0.1 * abs(eigenvalue), 0.45)
            arrows[bool(eigenvalue > 0)] += _arrows(np.asarray(place), direction * length, inwards=eigenvalue > 0)
        self._up.set_data(*np.concatenate(arrows[True]).T)
        self._down.set_data(*np.concatenate(arrows[False]).T)
        self._positive.set_data(*_bars(np.maximum(eigenvalues, 0)))
        self._negative.set_data(*_bars(np.minimum(eigenvalues, 0)))
        for row, (text, eigenvalue) in enumerate(zip(self._numbers, eigenvalues, strict=True)):
            text.set_text(f"{eigenvalue:.2f}")
            text.set_position((0, row - 0.34))


def _arrows(place, reach, *, inwards):
    """Two arrows from ``place`` along ``reach`` and against it, as points with gaps between."""
    gap, parts = np.full((1, 2), np.nan), []
    across = np.array([-reach[1], reach[0]])
    for tip in (reach, -reach):
        at = 0.35 * tip if inwards else tip
        back = at + (0.25 if inwards else -0.25) * tip
        head = np.stack([back + 0.2 * across, at, back - 0.2 * across])
        parts += [place + np.stack([0.2 * tip, tip]), gap, place + head, gap]
    return parts


def _bars(lengths):
    rows = np.arange(len(lengths))
    points = np.stack([np.zeros_like(lengths), lengths, np.full_like(lengths, np.nan)], axis=-1)
    return points.ravel(), np.repeat(rows, 3)


class BasinScene:
    """A map on which every pixel is a start, coloured by the minimum where a descent from there arrives.

    Args:
        landscape: a two-dimensional landscape with at most four minima.
        pixels: how many starts along each side.
        near: a run has arrived if it ends within this distance of a minimum.
    """

    COLORS = (SKY, ORANGE, GREEN, YELLOW)

    def __init__(self, landscape, pixels=200, near=0.3):
        self.landscape, self._near = landscape, near
        self.figure, axes = new_figure([["map", "legend"]], height=4.6, width_ratios=[5, 2])
        self.target, legend = axes["map"], axes["legend"]
        (left, right), (bottom, top) = landscape.extent
        halves = (right - left) / pixels / 2, (top - bottom) / pixels / 2
        x = np.linspace(left + halves[0], right - halves[0], pixels)
        y = np.linspace(bottom + halves[1], top - halves[1], pixels)
        self.starts = np.stack(np.meshgrid(x, y), axis=-1)
        self._image = self.target.imshow(
            np.zeros((1, 1, 3), dtype=np.uint8),
            extent=(left, right, bottom, top),
            origin="lower",
            aspect="auto",
            interpolation="nearest",
            animated=True,
        )
        # What lies over a picture that moves has to move too, or it would lie under it.
        self.target.plot(*landscape.saddles.T, "x", color=BLACK, markersize=8, markeredgewidth=2, animated=True)
        for number, minimum in enumerate(landscape.minima, start=1):
            self.target.plot(*minimum, "o", color="white", markeredgecolor=BLACK, markersize=15, animated=True)
            self.target.text(
                *minimum, str(number), ha="center", va="center", fontweight="bold", zorder=5, animated=True
            )
        self.target.set(xlim=(left, right), ylim=(bottom, top), xlabel="x of the start", ylabel="y of the start")
        self.target.set_title("every pixel is a start")
        legend.axis("off")
        names = [f"arrives at {number}" for number in range(1, len(landscape.minima) + 1)]
        for row, (name, color) in enumerate(zip([*names, "not there yet", "diverged"], self._colors(), strict=True)):
            legend.barh(-row, 0.25, height=0.6, color=color, edgecolor=GREY)
            legend.text(0.35, -row, name, va="center")
        legend.plot(0.12, -len(names) - 2, "x", color=BLACK, markersize=8, markeredgewidth=2)
        legend.text(0.35, -len(names) - 2, "a saddle", va="center")
        legend.set(xlim=(0, 1.8), ylim=(-6.5, 0.8))

    def _colors(self):
        return [*self.COLORS[: len(self.landscape.minima)], "#cccccc", "#222222"]

    def show(self, ends):
        """Colour the map by where the runs are now, of shape (pixels, pixels, 2).

        ``shares`` then holds the share of each colour: the minima in order, not there yet, diverged.
        """
        minima = self.landscape.minima
        with np.errstate(all="ignore"):
            squares = np.stack([((ends - minimum) ** 2).sum(axis=-1) for minimum in minima])
            kinds = np.where(squares.min(axis=0) <= self._near**2, squares.argmin(axis=0), len(minima))
            kinds[~(np.abs(ends).max(axis=-1) <= 100)] = len(minima) + 1
        palette = np.array([to_rgb(color) for color in self._colors()])
        self._image.set_data((255 * palette[kinds]).astype(np.uint8))
        self.shares = np.bincount(kinds.ravel(), minlength=len(palette)) / kinds.size


class EscapeScene:
    """How far from the saddle, step by step, and the number of steps to leave for every starting distance.

    Args:
        steps: the largest number of steps.
        distances: the starting distances that were measured, for the panel on the right.
    """

    def __init__(self, steps, distances):
        self.figure, axes = new_figure([["away", "steps"]], height=3.6)
        away, count = axes["away"], axes["steps"]
        self._steps, self._distances = steps, distances
        away.set(yscale="log", xlim=(0, steps), ylim=(distances[0] / 10, 100), xlabel="step")
        away.set_title("|y|, the distance from the ridge")
        away.axhline(LEFT_AT, color=GREY, linestyle=":")
        away.text(steps, 5 * LEFT_AT, "left the saddle", ha="right", va="bottom", color=GREY)
        self._away = moving_line(away, "-", color=BLUE)
        self._leaves = moving_line(away, "o", color=VERMILLION, markeredgecolor="white", markersize=9)
        count.set(xscale="log", xlim=(distances[-1] * 2, distances[0] / 2), ylim=(0, steps))
        count.set(xlabel="distance at the start (closer to the right)", title="steps until it has left")
        for panel in (away, count):
            light_grid(panel)
        self._theory = moving_line(count, "--", color=BLACK, linewidth=1.3, label="theory")
        self._measured = moving_line(count, "o", color=BLUE, markersize=4, label="measured")
        self._now = moving_line(count, "o", color=VERMILLION, markeredgecolor="white", markersize=9)
        count.legend(loc="upper left", frameon=False)

    def show(self, heights, distance, learning_rate, measured):
        """Draw ``|y|`` at each step (shape (n,)) and the ``measured`` number of steps for each distance."""
        gone = steps_to_leave(heights)
        self._away.set_data(np.arange(len(heights)), np.maximum(heights, 1e-300))
        self._leaves.set_data([gone], [heights[gone]] if gone >= 0 else [np.nan])
        theory = np.log(LEFT_AT / self._distances) / np.log(1 + learning_rate)
        self._theory.set_data(self._distances, theory)
        self._measured.set_data(self._distances, np.where(measured >= 0, measured, np.nan))
        self._now.set_data([distance], [gone if gone >= 0 else np.nan])


class OffSaddleScene:
    """Several rules off the same saddle: their paths on the map, and their distance from the ridge at each step.

    Args:
        landscape: the saddle.
        names: the names of the rules, at most four.
        steps: the largest number of steps.
    """

    def __init__(self, landscape, names, steps):
        self.figure, axes = new_figure([["map", "away"]], height=3.9, width_ratios=[2, 3])
        contour(axes["map"], landscape)
        axes["map"].set(xlabel="x", ylabel="y", title="seen from above", xlim=(-1.2, 1.6), ylim=(-1.6, 1.6))
        away = axes["away"]
        away.set(
            yscale="log", xlim=(0, steps), ylim=(1e-13, 10), xlabel="step", title="|y|, the distance from the ridge"
        )
        away.axhline(LEFT_AT, color=GREY, linestyle=":")
        light_grid(away)
        self._lines = []
        styles = zip(names, (BLACK, BLUE, VERMILLION, PURPLE), ("-", "--", "-.", ":"), "osD^", strict=False)
        for name, color, style, marker in styles:
            look = {"color": color, "linestyle": style, "animated": True, "linewidth": 2}
            (path,) = axes["map"].plot([], [], **look)
            end = moving_line(axes["map"], marker, color=color, markersize=8)
            (curve,) = away.plot([], [], **look, label=name)
            mark = moving_line(away, marker, color=color, markersize=8)
            self._lines.append((path, end, curve, mark))
        away.legend(loc="lower right", frameon=True)

    def show(self, run):
        """Draw a run of all rules side by side, path of shape (n, rules, 2); return the step at which each left."""
        left = []
        for points, (path, end, curve, mark) in zip(run.path.transpose(1, 2, 0), self._lines, strict=True):
            heights = np.abs(points[1])
            path.set_data(points)
            end.set_data(points[:, -1:])
            curve.set_data(run.steps, np.maximum(heights, 1e-14))
            left.append(steps_to_leave(heights))
            mark.set_data([left[-1]], [heights[left[-1]]] if left[-1] >= 0 else [np.nan])
        return left


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
        self._bars = moving_line(index, "-", color=SKY, linewidth=7, solid_capstyle="butt")
        free = {"animated": True, "clip_on": False}
        (self._minima,) = index.plot([], [], "*", color=VERMILLION, markersize=14, label="minima", **free)
        (self._maxima,) = index.plot([], [], "^", color=BLACK, markersize=9, label="maxima", **free)
        index.legend(loc="upper left", frameon=False)

        share.set(yscale="log", xlim=(0.5, 8.5), ylim=(floor, 1.5), xlabel="dimension n", title="share of minima")
        share.xaxis.set_major_locator(MaxNLocator(integer=True))
        light_grid(share)
        sizes = np.arange(1, min(largest, 8) + 1)
        share.plot(sizes, [goe_asymptote(int(n)) for n in sizes], "--", color=GREY, label="asymptote")
        exact = {"color": "white", "markeredgecolor": BLACK, "markersize": 11, "label": "exact, n = 1, 2, 3"}
        share.plot(list(GOE_EXACT), list(GOE_EXACT.values()), "o", **exact)
        self._shares = moving_line(share, "x", color=BLUE, markersize=8, label="measured")
        self._errors = moving_line(share, "-", color=BLUE, linewidth=1)
        self._now = moving_line(share, "*", color=VERMILLION, markersize=14)
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
        light_grid(points)
        self._points = moving_line(points, "o", color=BLUE, markersize=3.5, alpha=0.5)
        self._minima = moving_line(points, "*", color=VERMILLION, markersize=8)
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
        light_grid(panel)
        for place in (0, 1):
            panel.axvline(place, color=GREY, linestyle=":")
        (self._solid,) = panel.plot(
            [], [], "-", color=BLUE, label="from its start (0) to its own end (1)", animated=True
        )
        (self._dashed,) = panel.plot(
            [], [], "--", color=VERMILLION, label="from its end (0) to the other network's end (1)", animated=True
        )
        self._marks = moving_line(panel, "o", color=BLACK, markersize=7)
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
        light_grid(spectrum)
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
