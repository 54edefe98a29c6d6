"""The pictures of lesson 1: a slope in fog, one step seen from the side, a descent, and a line fit."""

import numpy as np

from gd_helpers.figures.base import (
    BLACK,
    BLUE,
    GREY,
    SKY,
    VERMILLION,
    contour,
    loss_curve,
    map_surface,
    mark_minima,
    moving_line,
    new_figure,
    panel,
    path_on_map,
)


class FogScene:
    """An unseen landscape: at each place that you try you learn its slope, and nothing else, until the fog lifts.

    Args:
        landscape: a two-dimensional landscape.
        remember: how many places stay marked.
    """

    remembers = True  # every place that was tried stays marked

    def __init__(self, landscape, remember=60):
        self.landscape, self.remember = landscape, remember
        self._tried = []
        self.figure, axes = new_figure([["map", "steepness"]], height=2.9, width_ratios=[3, 2])
        self.target = axes["map"]
        contour(self.target, landscape)
        self.target.set(title="the landscape (north is up)")
        (left, right), (bottom, top) = landscape.extent
        fog = np.full((1, 1, 4), 1.0) * [0.86, 0.88, 0.9, 1.0]
        look = {"aspect": "auto", "interpolation": "nearest", "zorder": 2.5, "animated": True}
        self._fog = self.target.imshow(fog, extent=(left, right, bottom, top), **look)
        self._places = moving_line(self.target, "o", color=GREY, markersize=4, zorder=3)
        self._slopes = moving_line(self.target, "-", color=GREY, linewidth=1.2, zorder=3)
        self._downhill = moving_line(self.target, "-", color=VERMILLION, linewidth=3, zorder=4)
        self._here = moving_line(self.target, "o", color=VERMILLION, markeredgecolor="white", markersize=11, zorder=5)
        grid = np.stack(np.meshgrid(np.linspace(left, right, 61), np.linspace(bottom, top, 61)), axis=-1)
        steepest = np.linalg.norm(landscape.gradient(grid), axis=-1).max()
        limits = {"xlim": (0, remember + 1), "ylim": (-0.04 * steepest, steepest)}
        panel(axes["steepness"], title="steepness, place by place", **limits)
        self._steepness = moving_line(axes["steepness"], "o-", color=BLUE, markersize=4, linewidth=1)
        self._length = 0.18 * (right - left) / steepest

    def show(self, position, lifted=False):
        """Try the ground at ``position`` (shape (2,)); with ``lifted`` the fog goes. Returns the gradient there."""
        position = np.asarray(position, dtype=float)
        gradient = self.landscape.gradient(position)
        if not self._tried or not np.array_equal(self._tried[-1][0], position):
            self._tried = [*self._tried, (position, gradient)][-self.remember :]
        places, gradients = (np.array(column) for column in zip(*self._tried, strict=True))
        tips = places - self._length * gradients
        gap = np.full_like(places, np.nan)
        self._places.set_data(*places.T)
        self._slopes.set_data(*np.stack([places, tips, gap], axis=1).reshape(-1, 2).T)
        self._downhill.set_data(*np.stack([places[-1], tips[-1]]).T)
        self._here.set_data(*places[-1:].T)
        self._steepness.set_data(np.arange(1, len(places) + 1), np.linalg.norm(gradients, axis=-1))
        self._fog.set_visible(not lifted)
        return gradient


class CurveScene:
    """A ball on a one-dimensional curve, the tangent under it, and the step that gradient descent would take.

    Args:
        landscape: a one-dimensional landscape.
    """

    def __init__(self, landscape):
        self.landscape = landscape
        self.figure, axes = new_figure([["curve"]], height=3.4)
        self.target = axes["curve"]
        ((left, right),) = landscape.extent
        x = np.linspace(left, right, 401)
        heights = landscape.value(x[:, None])
        low, high = heights.min(), heights.max()
        self._reach = 0.12 * (right - left)
        self._floor = low - 0.16 * (high - low)
        self.target.plot(x, heights, color=BLUE, linewidth=2.4)
        self.target.set(xlim=(left, right), ylim=(self._floor - 0.08 * (high - low), high))
        self.target.set(xlabel="parameter w", ylabel="loss L(w)")
        self.target.set_title("the loss, its tangent where the ball is, and the next step")
        self._tangent = moving_line(self.target, "--", color=VERMILLION, linewidth=2)
        self._step = moving_line(self.target, "-", color=BLACK, linewidth=2.5)
        self._drops = moving_line(self.target, ":", color=GREY, linewidth=1.2)
        hollow = {"color": "white", "markeredgecolor": VERMILLION, "markeredgewidth": 2, "markersize": 10}
        self._next = moving_line(self.target, "o", **hollow)
        self._ball = moving_line(self.target, "o", color=VERMILLION, markeredgecolor="white", markersize=13)

    def show(self, w, after):
        """Put the ball at ``w`` and the open circle at ``after``, where one step leads; both of shape (1,)."""
        (w,), (after,) = w, after
        height, height_after = self.landscape.value([[w], [after]])
        (gradient,) = self.landscape.gradient([w])
        along = np.array([-1, 1]) * self._reach / np.hypot(1, gradient / 4)
        self._tangent.set_data(w + along, height + gradient * along)
        self._ball.set_data([w], [height])
        self._next.set_data([after], [height_after])
        self._step.set_data([w, after], [self._floor, self._floor])
        self._drops.set_data([w, w, np.nan, after, after], [height, self._floor, np.nan, height_after, self._floor])


class DescentScene:
    """A landscape from above with the path of a descent, and beside it the loss at each step.

    Args:
        landscape: a two-dimensional landscape.
        steps: the largest number of steps that will be shown.
    """

    def __init__(self, landscape, steps=100):
        self.figure, axes = new_figure([["map", "loss"]], height=3.7, width_ratios=[3, 2])
        self.target = axes["map"]
        contour(self.target, landscape)
        self.target.set(title="the path, seen from above", xlabel="$w_1$", ylabel="$w_2$")
        (left, right), (bottom, top) = landscape.extent
        corners = landscape.value(np.array([[left, bottom], [left, top], [right, bottom], [right, top]]))
        self._move_path = path_on_map(self.target)
        self._move_loss = loss_curve(axes["loss"], steps, corners.max() * 1e-8, corners.max() * 10)

    def show(self, run):
        """Draw the path and the losses of ``run`` (path of shape (n, 2))."""
        self._move_path(run.path)
        self._move_loss(run)


class LineFitScene:
    """One fit in three linked panels: the line on the data, the point on the loss surface, the loss per step.

    Args:
        loss: a ``losses.LinearRegression`` whose parameters are (slope, intercept).
        x, y: the data, each of shape (n,).
        steps: the largest number of steps that will be shown.
        labels: what the axes of the data say, with units.
    """

    def __init__(self, loss, x, y, steps=100, labels=("x", "y")):
        best, mosaic = loss.least_squares(), [["data", "map"], ["data", "loss"]]
        self.figure, axes = new_figure(mosaic, height=4.6, width_ratios=[4, 3], height_ratios=[4, 3])
        data, self.target = axes["data"], axes["map"]
        data.plot(x, y, "o", color=SKY, markersize=3.5, alpha=0.7, markeredgewidth=0)
        self._ends = np.array([x.min() - 0.2, x.max() + 0.2])
        data.set(xlim=self._ends, ylim=(min(0, y.min()) - 0.3, y.max() + 1.2), title="the data and the line")
        data.set(xlabel=labels[0], ylabel=labels[1])
        data.plot(self._ends, best[0] * self._ends + best[1], ":", color=GREY, linewidth=2, label="least squares")
        data.legend(loc="upper left", frameon=False)
        self._line = moving_line(data, "-", color=VERMILLION, linewidth=2.4)

        reach = 1.25 * max(abs(best[1]), 1.0)
        around = (best[0] + np.linspace(-reach, reach, 101), best[1] + np.linspace(-reach, 0.6 * reach, 101))
        slopes, intercepts = np.meshgrid(*around)
        heights = loss.value(np.stack([slopes, intercepts], axis=-1))
        map_surface(self.target, slopes, intercepts, heights, levels=18)
        mark_minima(self.target, best)
        self.target.set(title="the loss surface", xlabel="slope", ylabel="intercept")
        self._move_path = path_on_map(self.target)
        top = 1.1 * float(loss.value([0.0, 0.0]))
        self._move_loss = loss_curve(axes["loss"], steps, -0.05 * top, top, log=False)
        axes["loss"].axhline(float(loss.value(best)), color=GREY, linestyle=":", linewidth=1.5)

    def show(self, run):
        """Draw the line after the last step of ``run``, its path (shape (n, 2)) and its losses."""
        slope, intercept = run.end
        self._line.set_data(self._ends, slope * self._ends + intercept)
        self._move_path(run.path)
        self._move_loss(run)
