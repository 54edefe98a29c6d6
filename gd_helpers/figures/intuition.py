"""The pictures of lesson 1: a slope in fog, a step seen from the side, a descent, a compass, and a line fit."""

import numpy as np

from gd_helpers.figures import base
from gd_helpers.figures.base import BLUE, GREY, INK, SKY, VERMILLION, moving_line, moving_mark, new_figure, panel


class FogScene:
    """An unseen landscape of two dimensions: each place that you try tells its slope alone, until the fog lifts."""

    remembers = True  # every place that was tried stays marked
    PLACES = 60  # the last so many, that is

    def __init__(self, landscape):
        self.landscape = landscape
        self._tried = []
        mosaic = [["the landscape (north is up)", "steepness, place by place"]]
        self.figure, self.target, steepness = new_figure(mosaic, height=3.9)
        base.contour(self.target, landscape, aspect="equal")  # or north-east would not be half-way
        look = {"interpolation": "nearest", "zorder": 2.5, "animated": True}
        self._fog = self.target.imshow([[[0.86, 0.88, 0.9, 1.0]]], extent=np.ravel(landscape.extent), **look)
        self._places = moving_line(self.target, "o", GREY, markersize=4, zorder=3)
        self._slopes = moving_line(self.target, "-", GREY, linewidth=1.2, zorder=3)
        self._downhill = moving_line(self.target, "-", VERMILLION, linewidth=3, zorder=4)
        self._here = moving_mark(self.target, zorder=5)
        across, up = landscape.extent
        places = base.grid(np.linspace(*across, 61), np.linspace(*up, 61))
        steepest = np.linalg.norm(landscape.gradient(places), axis=-1).max()
        panel(steepness, xlim=(0, self.PLACES + 1), ylim=(-0.04 * steepest, steepest))
        self._steepness = moving_line(steepness, "o-", markersize=4, linewidth=1)
        self._length = 0.18 * np.ptp(across) / steepest

    def show(self, position, lifted=False):
        """Try the ground at ``position`` (shape (2,)); with ``lifted`` the fog goes. Returns the gradient there."""
        position = np.asarray(position, dtype=float)
        gradient = self.landscape.gradient(position)
        if not self._tried or not np.array_equal(self._tried[-1][0], position):
            self._tried = [*self._tried, (position, gradient)][-self.PLACES :]
        places, gradients = np.swapaxes(self._tried, 0, 1)
        lines = np.stack([places, places - self._length * gradients], axis=1)
        self._places.set_data(*places.T)
        self._slopes.set_data(*base.with_gaps(lines))
        self._downhill.set_data(*lines[-1].T)
        self._here.set_data(*places[-1:].T)
        self._steepness.set_data(np.arange(1, len(places) + 1), np.linalg.norm(gradients, axis=-1))
        self._fog.set_visible(not lifted)
        return gradient


class CurveScene:
    """A ball on the curve of a one-dimensional landscape, the tangent under it, and the step that descent takes."""

    def __init__(self, landscape):
        self.landscape = landscape
        mosaic = [["the ground, its tangent where the ball is, and the next step"]]
        self.figure, self.target = new_figure(mosaic, height=3.4)
        (across,) = landscape.extent
        self._reach = 0.12 * np.ptp(across)
        x = np.linspace(*across, 401)
        heights = landscape.value(x[:, None])
        high, tall = heights.max(), np.ptp(heights)
        self._floor = heights.min() - 0.16 * tall
        self.target.plot(x, heights, color=BLUE, linewidth=2.4)
        bottom = self._floor - 0.08 * tall
        self.target.set(xlabel="place w", xlim=across, ylabel="height L(w)", ylim=(bottom, high))
        self._tangent = moving_line(self.target, "--", VERMILLION, linewidth=2)
        self._step = moving_line(self.target, "-", INK, linewidth=2.5)
        self._drops = moving_line(self.target, ":", GREY, linewidth=1.2)
        hollow = {"markeredgecolor": VERMILLION, "markeredgewidth": 2, "markersize": 10}
        self._next = moving_line(self.target, "o", "white", **hollow)
        self._ball = moving_mark(self.target, markersize=13)

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
    """A landscape from above with the path of a descent of up to so many ``steps``, and beside it the loss at each."""

    def __init__(self, landscape, steps=100):
        mosaic = [["the path, seen from above", "loss, step by step"]]
        self.figure, self.target, loss = new_figure(mosaic, height=3.7, width_ratios=[3, 2])
        base.contour(self.target, landscape, xlabel="$w_1$", ylabel="$w_2$")
        highest = landscape.value(base.grid(*landscape.extent)).max()  # of the corners
        self.show = base.path_and_losses(self.target, loss, steps, highest * 1e-8, highest * 10)


class CompassScene:
    """How far a nudge takes you down, in each of some ``directions`` (n, 2) once round: the longer a ray, the further.

    ``show`` takes a place (2,) and the drop in each direction (n,), and says where the largest and the star are.
    """

    def __init__(self, landscape, directions):
        self.landscape, self._directions = landscape, directions
        mosaic = [["orange: the largest drop; dotted: to the star"]]
        self.figure, self.target = new_figure(mosaic, height=3.6)
        base.contour(self.target, landscape, xlabel="$w_1$", ylabel="$w_2$", aspect="equal")
        self._rays = moving_line(self.target, "-", "white", linewidth=1)
        self._to_star = moving_line(self.target, ":", INK, linewidth=2)
        self._downhill = moving_line(self.target, "-", VERMILLION, linewidth=3)
        self._ball = moving_mark(self.target)

    def show(self, place, drops):
        """Draw the drops around the place, as shares of the largest; a drop below zero is a rise, and not drawn."""
        (star,) = self.landscape.minima
        tips = place + self._directions * (np.maximum(drops, 0) / max(drops.max(), 1e-300))[:, None]
        self._rays.set_data(*base.with_gaps([(place, tip) for tip in tips]))
        lines, ends = (self._to_star, self._downhill), (star, tips[np.argmax(drops)])
        base.move(lines, [np.transpose([place, end]) for end in ends])
        self._ball.set_data(*np.transpose([place]))
        to_star, down = (np.degrees(np.arctan2(*(end - place)[::-1])) % 360 for end in ends)
        return f"The largest drop is at {down:.0f} degrees; the star is at {to_star:.0f}."


class LineFitScene:
    """One fit in three linked panels: the line on the data, the point on the loss surface, the loss of 100 steps.

    ``loss`` is a ``losses.LinearRegression`` by (slope, intercept), of the data ``x`` and ``y``, each of shape (n,).
    """

    def __init__(self, loss, x, y, labels=("x", "y")):
        fit, shape = "the data and the line", {"width_ratios": [4, 3], "height_ratios": [4, 3]}
        mosaic = [[fit, "the loss surface"], [fit, "loss, step by step"]]
        self.figure, data, self.target, losses = new_figure(mosaic, height=4.6, **shape)
        best = loss.least_squares()
        data.plot(x, y, "o", color=SKY, markersize=3.5, alpha=0.7, markeredgewidth=0)
        self._ends = np.array([x.min() - 0.2, x.max() + 0.2])
        data.set(xlim=self._ends, xlabel=labels[0], ylim=(min(0, y.min()) - 0.3, y.max() + 1.2), ylabel=labels[1])
        data.plot(self._ends, np.polyval(best, self._ends), ":", color=GREY, linewidth=2, label="least squares")
        data.legend(loc="upper left")
        self._line = moving_line(data, "-", VERMILLION, linewidth=2.4)

        reach = 1.25 * max(abs(best[1]), 1.0)
        base.map_line_fit(self.target, loss, (-reach, reach), (-reach, 0.6 * reach))
        top = 1.05 * float(loss.value(best - reach))  # of the corner that is furthest down
        self._move = base.path_and_losses(self.target, losses, 100, -0.05 * top, top, log="")
        losses.axhline(float(loss.value(best)), color=GREY, linestyle=":")

    def show(self, run):
        """Draw the line after the last step of ``run``, its path (shape (n, 2)) and its losses."""
        self._line.set_data(self._ends, np.polyval(run.end, self._ends))
        self._move(run)
