"""The pictures of lesson 5 in two dimensions: kinds of level ground, basins, and ways off a saddle."""

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_rgb

from gd_helpers.figures import (
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
    new_figure,
)

# Steps count as having left the saddle once they are this far from it: half-way to the valley at |y| = 1.
LEFT_AT = 0.5


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
        (self._away,) = away.plot([], [], "-", color=BLUE, animated=True)
        (self._leaves,) = away.plot([], [], "o", color=VERMILLION, markeredgecolor="white", markersize=9, animated=True)
        count.set(xscale="log", xlim=(distances[-1] * 2, distances[0] / 2), ylim=(0, steps))
        count.set(xlabel="distance at the start (closer to the right)", title="steps until it has left")
        for panel in (away, count):
            panel.grid(color="#dddddd", linewidth=0.6)
        (self._theory,) = count.plot([], [], "--", color=BLACK, linewidth=1.3, animated=True, label="theory")
        (self._measured,) = count.plot([], [], "o", color=BLUE, markersize=4, animated=True, label="measured")
        (self._now,) = count.plot([], [], "o", color=VERMILLION, markeredgecolor="white", markersize=9, animated=True)
        count.legend(loc="upper left", frameon=False)

    def show(self, heights, distance, learning_rate, measured):
        """Draw ``|y|`` at each step (shape (n,)) and the ``measured`` number of steps for each distance."""
        gone = left_after(heights)
        self._away.set_data(np.arange(len(heights)), np.maximum(heights, 1e-300))
        self._leaves.set_data([gone], [heights[gone]] if gone >= 0 else [np.nan])
        theory = np.log(LEFT_AT / self._distances) / np.log(1 + learning_rate)
        self._theory.set_data(self._distances, theory)
        self._measured.set_data(self._distances, np.where(measured >= 0, measured, np.nan))
        self._now.set_data([distance], [gone if gone >= 0 else np.nan])


def left_after(heights):
    """Return the first step at which ``|y|``, of shape (steps, ...), exceeds ``LEFT_AT``; -1 for never.

    >>> left_after(np.array([0.1, 0.3, 0.6, 0.9])), left_after(np.array([0.0, 0.0]))
    (2, -1)
    """
    left = np.asarray(heights) > LEFT_AT
    first = np.where(left.any(axis=0), left.argmax(axis=0), -1)
    return first if first.ndim else int(first)


class RaceScene:
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
        away.grid(color="#dddddd", linewidth=0.6)
        self._lines = []
        styles = zip(names, (BLACK, BLUE, VERMILLION, PURPLE), ("-", "--", "-.", ":"), "osD^", strict=False)
        for name, color, style, marker in styles:
            look = {"color": color, "linestyle": style, "animated": True, "linewidth": 2}
            (path,) = axes["map"].plot([], [], **look)
            (end,) = axes["map"].plot([], [], marker, color=color, markersize=8, animated=True)
            (curve,) = away.plot([], [], **look, label=name)
            (mark,) = away.plot([], [], marker, color=color, markersize=8, animated=True)
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
            left.append(left_after(heights))
            mark.set_data([left[-1]], [heights[left[-1]]] if left[-1] >= 0 else [np.nan])
        return left
