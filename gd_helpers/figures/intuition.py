"""The pictures of lesson 1: feeling the slope in fog, one step seen from the side, a descent, and a line fit."""

import numpy as np

from gd_helpers.figures.base import (
    BLACK,
    BLUE,
    GREY,
    SKY,
    VERMILLION,
    contour,
    light_grid,
    loss_curve,
    map_surface,
    mark_minima,
    moving_line,
    new_figure,
    path_on_map,
)


class FogScene:
    """An unseen landscape: where you feel the ground you learn its slope, and nothing else, until the fog lifts.

    Args:
        landscape: a two-dimensional landscape.
        remember: how many places stay marked.
    """

    def __init__(self, landscape, remember=60):
        self.landscape, self.remember = landscape, remember
        self.felt = []
        self.figure, axes = new_figure([["map", "steepness"]], height=3.9, width_ratios=[3, 2])
        self.target = axes["map"]
        contour(self.target, landscape)
        self.target.set(title="the landscape", xlabel="east", ylabel="north")
        fog = np.full((1, 1, 4), 1.0) * [0.86, 0.88, 0.9, 1.0]
        extent = np.ravel(landscape.extent)
        self._fog = self.target.imshow(
            fog, extent=extent, aspect="auto", interpolation="nearest", zorder=2.5, animated=True
        )
        self._places = moving_line(self.target, "o", color=GREY, markersize=4, zorder=3)
        self._slopes = moving_line(self.target, "-", color=GREY, linewidth=1.2, zorder=3)
        self._arrow = moving_line(self.target, "-", color=VERMILLION, linewidth=3, zorder=4)
        self._here = moving_line(self.target, "o", color=VERMILLION, markeredgecolor="white", markersize=11, zorder=5)
        panel = axes["steepness"]
        panel.set(title="how steep it felt", xlabel="place, in order", xlim=(0, remember + 1))
        (x, y), steepest = self._grid(), 0.0
        steepest = np.linalg.norm(landscape.gradient(np.stack([x, y], axis=-1)), axis=-1).max()
        panel.set_ylim(-0.04 * steepest, steepest)
        light_grid(panel)
        self._steepness = moving_line(panel, "o-", color=BLUE, markersize=4, linewidth=1)
        self._longest = 0.18 * (extent[1] - extent[0]) / steepest

    def _grid(self):
        (left, right), (bottom, top) = self.landscape.extent
        return np.meshgrid(np.linspace(left, right, 61), np.linspace(bottom, top, 61))

    def show(self, position, lifted=False):
        """Feel the ground at ``position`` (shape (2,)); with ``lifted`` the fog goes. Returns the slope there."""
        position = np.asarray(position, dtype=float)
        gradient = self.landscape.gradient(position)
        if not self.felt or not np.array_equal(self.felt[-1][0], position):
            self.felt = [*self.felt, (position, gradient)][-self.remember :]
        places, gradients = (np.array(column) for column in zip(*self.felt, strict=True))
        tips = places - self._longest * gradients
        gap = np.full_like(places, np.nan)
        self._places.set_data(*places.T)
        self._slopes.set_data(*np.stack([places, tips, gap], axis=1).reshape(-1, 2).T)
        self._arrow.set_data(*np.stack([places[-1], tips[-1]]).T)
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
        self.target.set(
            xlim=(left, right),
            ylim=(self._floor - 0.08 * (high - low), high),
            xlabel="parameter w",
            ylabel="loss L(w)",
            title="the loss, its tangent where the ball is, and the next step",
        )
        self._tangent = moving_line(self.target, "--", color=VERMILLION, linewidth=2)
        self._step = moving_line(self.target, "-", color=BLACK, linewidth=2.5)
        self._drops = moving_line(self.target, ":", color=GREY, linewidth=1.2)
        self._next = moving_line(
            self.target, "o", color="white", markeredgecolor=VERMILLION, markeredgewidth=2, markersize=10
        )
        self._ball = moving_line(self.target, "o", color=VERMILLION, markeredgecolor="white", markersize=13)

    def show(self, w, learning_rate):
        """Put the ball at ``w`` (shape (1,)); returns the slope there and the parameter after one step."""
        w = np.asarray(w, dtype=float)
        gradient = self.landscape.gradient(w)
        after = w - learning_rate * gradient
        height, height_after = self.landscape.value(w), self.landscape.value(after)
        along = np.array([-1, 1]) * self._reach / np.hypot(1, gradient / 4)
        self._tangent.set_data(w + along, height + gradient * along)
        self._ball.set_data(w, [height])
        self._next.set_data(after, [height_after])
        self._step.set_data([w[0], after[0]], [self._floor, self._floor])
        drops_x = [w[0], w[0], np.nan, after[0], after[0]]
        self._drops.set_data(drops_x, [height, self._floor, np.nan, height_after, self._floor])
        return float(gradient[0]), float(after[0])


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
        best = loss.least_squares()
        self.figure, axes = new_figure(
            [["data", "map"], ["data", "loss"]], height=4.6, width_ratios=[4, 3], height_ratios=[4, 3]
        )
        data, self.target = axes["data"], axes["map"]
        data.plot(x, y, "o", color=SKY, markersize=3.5, alpha=0.7, markeredgewidth=0)
        self._ends = np.array([x.min() - 0.2, x.max() + 0.2])
        data.set(xlim=self._ends, xlabel=labels[0], ylabel=labels[1], title="the data and the line")
        data.set_ylim(min(0, y.min()) - 0.3, y.max() + 0.4)
        data.plot(self._ends, best[0] * self._ends + best[1], ":", color=GREY, linewidth=2, label="least squares")
        data.legend(loc="upper left", frameon=False)
        self._line = moving_line(data, "-", color=VERMILLION, linewidth=2.4)

        reach = 1.25 * max(abs(best[1]), 1.0)
        slopes, intercepts = np.meshgrid(
            best[0] + np.linspace(-reach, reach, 101), best[1] + np.linspace(-reach, 0.6 * reach, 101)
        )
        heights = loss.value(np.stack([slopes, intercepts], axis=-1))
        map_surface(self.target, slopes, intercepts, heights, levels=18)
        mark_minima(self.target, best)
        self.target.set(title="the loss surface", xlabel="slope", ylabel="intercept")
        self._move_path = path_on_map(self.target)

        lowest = float(loss.value(best))
        self._move_loss = loss_curve(axes["loss"], steps, lowest / 2, heights.max() * 2)
        axes["loss"].axhline(lowest, color=GREY, linestyle=":", linewidth=1.5)

    def show(self, run):
        """Draw the line after the last step of ``run``, its path (shape (n, 2)) and its losses."""
        slope, intercept = run.end
        self._line.set_data(self._ends, slope * self._ends + intercept)
        self._move_path(run.path)
        self._move_loss(run)
