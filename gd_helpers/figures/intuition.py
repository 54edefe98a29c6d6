"""The pictures of lesson 1: a slope in fog, a step seen from the side, a descent, a compass, and a line fit."""

import numpy as np

from gd_helpers.figures import base
from gd_helpers.figures.base import GREY, HERE, INK, SKY, moving_line, moving_mark, new_figure


class FogScene:
    """A landscape of two dimensions in fog, which opens a little where you stand and closes in behind you."""

    remembers = True  # every place that was tried stays marked
    PLACES = 60  # the last so many, that is

    def __init__(self, landscape, extent):
        self.landscape, self._tried = landscape, []
        self.figure, self.target = new_figure([["The arrow points downhill"]], height=4.5)
        base.contour(self.target, landscape, extent, lines=12, xticks=[], yticks=[])
        self._grains = [np.linspace(*ends, 2 * n + 1)[1::2] for ends, n in zip(extent, (54, 29), strict=True)]
        x, y = np.meshgrid(*self._grains)  # waves that bend one another look like banks of fog
        banks = np.sin(0.7 * x + 1.2 * np.sin(0.9 * y + 0.5 * x)) + np.sin(2.1 * y - 0.5 * x + 1.5 * np.sin(0.8 * x))
        self._banks = (banks - banks.min()) / np.ptp(banks)
        look = {"origin": "lower", "interpolation": "bicubic", "zorder": 2.5, "animated": True}
        self._fog = self.target.imshow(np.ones((1, 1, 4)), extent=np.ravel(extent), **look)
        look = {"color": GREY, "zorder": 3, "transform": self.target.transAxes} | base.casing(0)
        for wind, x, y in (("N", 0.5, 0.95), ("E", 0.98, 0.5), ("S", 0.5, 0.05), ("W", 0.02, 0.5)):
            base.moving_words(self.target, x, y, wind, **look)
        trail = moving_line(self.target, "o-", INK, markersize=4, markeredgewidth=0, zorder=3, **base.casing(1.2))
        slopes = moving_line(self.target, "-", HERE, linewidth=1.2, zorder=3)
        downhill = moving_line(self.target, "-", HERE, zorder=4, **base.casing(3))
        self._lines = trail, slopes, downhill, moving_mark(self.target, zorder=5)

    def show(self, position, lifted=False):
        """Try the ground at ``position`` (shape (2,)); with ``lifted`` the fog goes. Returns the gradient there."""
        gradient = self.landscape.gradient(position)
        if not self._tried or not np.array_equal(self._tried[-1][0], position):
            self._tried = [*self._tried, (position, gradient)][-self.PLACES :]
        places, gradients = np.swapaxes(self._tried, 0, 1)
        lines = np.stack([places, places - 0.18 * gradients], axis=1)
        base.move(self._lines, (places.T, base.with_gaps(lines), base.arrow(*lines[-1], head=0.28).T, position))
        self._fog.set_visible(not lifted)
        self._fog.set_data(self._fog_around(places))
        return gradient

    def _fog_around(self, places):
        """Return the colours of the fog, clear at the last of the ``places`` and in a smaller ring at those before."""
        sight = 0.95 * np.maximum(0.6, 0.975 ** np.arange(len(places))[::-1])
        across, up = (((ends[:, None] - of) / sight) ** 2 for ends, of in zip(self._grains, places.T, strict=True))
        away = (across + up[:, None]).min(axis=-1) * (0.8 + 0.5 * self._banks)
        colors = [207, 211, 216] + np.rint(35 * self._banks)[..., None]  # alike in all three, which takes few bytes
        return np.dstack([colors, np.rint(255 * (1 - np.exp(-(away**2))))]).astype(np.uint8)


class CurveScene:
    """A ball on the curve of a one-dimensional landscape, the tangent under it, and the step that descent takes."""

    def __init__(self, landscape):
        self.landscape = landscape
        self.figure, self.target = new_figure([["The ground, its tangent, and the next step"]], height=3.6)
        base.ground_from_the_side(self.target, landscape, -0.36, xlabel="place w", ylabel="height L(w)")
        self._floor, self._below = 0.6 * self.target.get_ylim()[0], 0.65 * self.target.get_ylim()[0]
        looks = ("--", HERE, 2), ("-", INK, 2.5), (":", INK, 1.2)  # tangent, step, drops
        self._lines = [moving_line(self.target, *look, **base.casing(width)) for *look, width in looks]
        hollow = moving_line(self.target, "o", "white", markeredgecolor=HERE, markeredgewidth=2, markersize=10)
        self._lines += [hollow, moving_mark(self.target, markersize=13, clip_on=False)]
        self._name_tangent = base.moving_names(self.target, ["tangent"], color=HERE, **base.casing(0))
        self._name_step = base.moving_words(self.target, words="step", va="top", **base.casing(0))

    def show(self, w, after):
        """Put the ball at ``w`` and the open circle at ``after``, where one step leads; both of shape (1,)."""
        (w,), (after,) = w, after
        height, height_after = self.landscape.value([[w], [after]])
        (gradient,) = self.landscape.gradient([w])
        along = np.ptp(self.landscape.extent) * np.array([-0.12, 0.12]) / np.hypot(1, gradient / 4)
        tangent = np.array([w + along, height + gradient * along])
        step = (w, after), (self._floor, self._floor)
        drops = (w, w, np.nan, after, after), (height, self._floor, np.nan, height_after, self._floor)
        base.move(self._lines, (tangent, step, drops, (after, height_after), (w, height)))
        self._name_tangent(tangent.T[[int(gradient <= 0)]])  # at its lower end
        self._name_step.set_position(((w + after) / 2, self._below))


class DescentScene:
    """A landscape from above with the path of a descent of up to so many ``steps``, and beside it the loss at each."""

    def __init__(self, landscape, steps=100):
        mosaic = [["The path, seen from above", "Loss, step by step"]]
        self.figure, self.target, loss = new_figure(mosaic, height=3.9, width_ratios=[5, 2])
        highest = base.contour(self.target, landscape, xlabel="$w_1$", ylabel="$w_2$").max()
        self.show = base.path_and_losses(self.target, loss, steps, highest * 1e-8, highest * 10)


class CompassScene:
    """How far a nudge takes you down, in each of some ``directions`` (n, 2) once round, by the length of a ray."""

    def __init__(self, landscape, directions):
        self.landscape, self._directions = landscape, directions
        self.figure, self.target = new_figure([[f"{len(directions)} tiny moves, and the drop of each"]], height=4.4)
        base.contour(self.target, landscape, xlabel="$w_1$", ylabel="$w_2$")
        looks = ("-", INK, 0.7), (":", INK, 2), ("-", HERE, 3)  # all rays, to the star, downhill
        self._lines = [moving_line(self.target, *look, **base.casing(width)) for *look, width in looks]
        self._lines.append(moving_mark(self.target, zorder=4))  # on the words, too
        self._name = base.moving_names(self.target, ["steepest", "the star"], ha="center", **base.casing(0))

    def show(self, place, drops):
        """Draw the drops (n,) around a place (2,), but for rises; says where the largest and the star are."""
        (star,) = self.landscape.minima
        tips = place + self._directions * (np.maximum(drops, 0) / max(drops.max(), 1e-300))[:, None]
        rays, lowest = base.with_gaps([(place, tip) for tip in tips]), tips[np.argmax(drops)]
        base.move(self._lines, (rays, np.transpose([place, star]), base.arrow(place, lowest, 0.15).T, place))
        downhill, ends = drops.max() > 0, [lowest + (lowest - place) * [0.4, 0.22], np.add(star, [0.4, 0])]
        self._name(ends, ["steepest", "the star"] if downhill else ["", ""])
        to_star, down = (np.degrees(np.arctan2(*(end - place)[::-1])) % 360 for end in (star, lowest))
        said = f"The largest drop is at {down:.0f} degrees; the star is at {to_star:.0f}."
        return said if downhill else "Every way leads up from here."


class LineFitScene:
    """One fit: the line on the data ``x`` and ``y`` (n,), the point on the ``loss``, and the losses of 100 steps."""

    def __init__(self, loss, x, y, labels=("x", "y")):
        fit, shape = "A line on the data ...", {"width_ratios": [1, 1], "height_ratios": [5, 2]}
        mosaic = [[fit, "... is a point on the loss surface"], [fit, "Loss, step by step"]]
        self.figure, data, self.target, losses = new_figure(mosaic, height=4.6, **shape)
        best = loss.least_squares()
        data.plot(x, y, "o", color=SKY, markersize=3.5, alpha=0.7, markeredgewidth=0)
        self._ends = np.array([x.min() - 0.2, x.max() + 0.2])
        data.set(xlim=self._ends, xlabel=labels[0], ylim=(min(0, y.min()) - 0.3, y.max() + 1.2), ylabel=labels[1])
        data.plot(self._ends, np.polyval(best, self._ends), ":", color=GREY, linewidth=2, label="least squares")
        data.legend(loc="upper left")
        self._line = moving_line(data, "-", HERE, **base.casing(2.4))
        self._gone = base.moving_words(data, 0.5, 0.1, color=HERE, transform=data.transAxes)

        reach = 1.15 * max(abs(best[1]), 1.0) * np.array([1.25, 1])
        base.map_line_fit(self.target, loss, (-reach[0], reach[0]), (-reach[1], 0.6 * reach[1]))
        top = 1.05 * float(loss.value(best - reach))  # of the corner that is furthest down
        self._move = base.path_and_losses(self.target, losses, 100, -0.05 * top, top, log="")
        losses.axhline(float(loss.value(best)), color=GREY, linestyle=":")

    def show(self, run):
        """Draw the line after the last step of ``run``, its path (shape (n, 2)) and its losses."""
        heights, (low, high) = np.polyval(run.end, self._ends), self._line.axes.get_ylim()
        seen = low < heights.max() and heights.min() < high and np.ptp(heights) < 1e4
        self._line.set_data(self._ends, heights)
        self._gone.set_text("" if seen else "the line is out of sight")
        self._move(run)
