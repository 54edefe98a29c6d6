"""The pictures of lesson 2: what a learning rate does, with the limits that curvature sets drawn into them."""

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.patches import Patch
from matplotlib.ticker import NullFormatter

from gd_helpers.curvature import sharpness
from gd_helpers.figures import base
from gd_helpers.figures.base import BLUE, GREY, INK, SKY, VERMILLION, moving_line, new_figure, panel

ZONES = {"glides": SKY, "bounces": base.ORANGE, "explodes": VERMILLION}


def _found_zones(axes, low, high, curvature):
    """Prepare a ruler of learning rates on which each zone appears as the rate reaches it; return what moves it."""
    axes.set(xlim=(low, high), ylim=(-0.5, 1), xlabel="learning rate", yticks=[])
    axes.spines["left"].set_visible(False)
    edges = (low, 1 / curvature, 2 / curvature, high)
    look = {"linewidth": 12, "alpha": 0.45, "solid_capstyle": "butt"}
    zones = [moving_line(axes, "-", color, **look) for color in ZONES.values()]
    names = [axes.text(left, 0.4, zone, animated=True) for zone, left in zip(ZONES, edges[:-1], strict=True)]
    mark = moving_line(axes, "-", INK, linewidth=3.5)

    def show(learning_rate):
        for zone, name, left, right in zip(zones, names, edges[:-1], edges[1:], strict=True):
            zone.set_data([left, np.clip(learning_rate, left, right)], [0, 0])
            name.set_visible(learning_rate > left)
        mark.set_data([learning_rate] * 2, [-0.4, 0.3])

    return show


def _ruler(axes, low, high, curvatures):
    """Draw the zones of the learning rate for each (largest) curvature by name; return what moves the mark."""
    for row, curvature in enumerate(curvatures.values()):
        edges = np.clip([low, 1 / curvature, 2 / curvature, high], low, high)
        for (zone, color), left, right in zip(ZONES.items(), edges[:-1], edges[1:], strict=True):
            axes.barh(row + 0.2, right - left, left=left, height=0.44, color=color, alpha=0.45, linewidth=0)
            if right / left > (high / low) ** 0.1:
                axes.text(np.sqrt(left * right), row - 0.08, zone, ha="center", va="bottom")
    axes.set(xscale="log", xlim=(low, high), ylim=(len(curvatures) - 0.5, -0.5), xlabel="learning rate")
    axes.set_yticks(np.arange(len(curvatures)) + 0.2, curvatures)
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    mark = moving_line(axes, "-", INK, linewidth=3.5)  # over the bars alone: it strikes through no name
    heights = np.ravel([(row - 0.06, row + 0.46, np.nan) for row in range(len(curvatures))])
    return lambda learning_rate: mark.set_data(np.full(len(heights), learning_rate), heights)


class CurvePathScene:
    """The steps of a descent on a curve, its losses, and with a ``curvature`` its zones of ``rates`` (low, high)."""

    def __init__(self, landscape, *, steps, losses, curvature=None, rates=(0.01, 1.0)):
        mosaic = [["the steps, seen from the side", "loss, step by step"]] * 4 + [["", ""]] * bool(curvature)
        self.figure, self.target, loss, *ruler = new_figure(mosaic, height=2.9)
        across, *_ = landscape.extent
        x = np.linspace(*across, 401)
        heights = landscape.value(x[:, None])
        self.target.plot(x, heights, color=BLUE, linewidth=2.4)
        limits = heights.max() * np.array([-0.06, 1.06])
        self.target.set(xlabel="parameter w", ylabel="loss", xlim=across, ylim=limits)
        self.target.locator_params(axis="x", nbins=6)
        self._move_path = base.path_on_map(self.target)
        self._move_loss = base.loss_curve(loss, steps, *losses)
        self._move_rate = _found_zones(*ruler, *rates, curvature) if curvature else lambda rate: None

    def show(self, run, learning_rate=None):
        """Draw the path (shape (n, 1)) and the losses of ``run``, and the learning rate on the ruler."""
        self._move_path(np.column_stack([run.path, run.losses]))
        self._move_loss(run)
        self._move_rate(learning_rate)


class ArrowScene:
    """A step from the bottom of a ``landscape``, and how the slopes change by it: two arrows."""

    def __init__(self, landscape):
        self.figure, axes = new_figure([["blue: the step; orange: the change of the slopes"]], height=3.6)
        base.contour(axes, landscape, aspect="equal")
        self._arrows = [base.moving_curve(axes, "-", color, "o", color) for color in (BLUE, VERMILLION)]

    def show(self, step, change):
        """Draw both (2,), the change a fifth as long as it is; returns in a sentence whether it lies along the step."""
        for draw, (x, y) in zip(self._arrows, (step, change / 5), strict=True):
            draw(np.array([0, x]), np.array([0, y]))
        along, beside = step @ change, step[0] * change[1] - step[1] * change[0]
        angle = abs(np.degrees(np.arctan2(beside, along)))
        where = f"{angle:.0f} degrees beside the step" if angle >= 0.5 else f"along the step, times {along:.2f}"
        return "Step ({:z.2f}, {:z.2f}): the slopes change by ({:z.2f}, {:z.2f}), ".format(*step, *change) + where + "."


class EllipseScene:
    """A valley with curvature 1 along and any across: path, loss, and what a step leaves along and across."""

    def __init__(self, steps):
        mosaic = [["the valley from above", "loss, step by step"], ["what a step leaves of the distance"] * 2]
        self.figure, self.target, loss, left = new_figure(mosaic, height=5.4, width_ratios=[3, 2], height_ratios=[4, 3])
        self.target.set(xlim=(-3, 3), xlabel="$w_1$ (curvature 1)", ylim=(-1.5, 1.5), ylabel="$w_2$ (curvature k)")
        self.target.set_aspect("equal")
        self._ellipses = moving_line(self.target, "-", SKY, linewidth=1.2)
        self._move = base.path_and_losses(self.target, loss, steps, 1e-8, 1e3)
        panel(left, xlim=(0, 2.4), ylim=(0, 1.45), xlabel="learning rate x largest curvature")
        left.axhline(1, color=INK, linewidth=1)
        self._rates = np.linspace(0, 2.4, 49)
        left.plot(self._rates, np.abs(1 - self._rates), "--", color=VERMILLION, label="across")
        self._along = moving_line(left, "-", BLUE, label="along")
        left.legend(loc="upper left")
        self._mark = moving_line(left, "o-", INK, linewidth=1.5)

    def show(self, run, condition_number, learning_rate):
        """Draw ``run`` (path of shape (n, 2)) in the valley with curvatures 1 and ``condition_number``."""
        turn = np.append(np.linspace(0, 2 * np.pi, 73), np.nan)  # nan: a gap between one ring and the next
        x, y = (np.outer((0.5, 1.25, 2, 2.75, 3.5), side).ravel() for side in (np.cos(turn), np.sin(turn)))
        self._ellipses.set_data(x, y / np.sqrt(condition_number))
        self._move(run)
        self._along.set_data(self._rates, np.abs(1 - self._rates / condition_number))
        left = 1 - learning_rate * np.array([0, 1, condition_number])
        self._mark.set_data([learning_rate * condition_number] * 3, np.abs(left) * [-1, 1, 1])


class SideBySideScene:
    """One rate on several problems, by name and largest curvature: their zones, and their losses above the ``best``."""

    def __init__(self, curvatures, steps, *, rates, losses, best):
        mosaic = [[""] * len(curvatures), list(curvatures)]
        self.figure, ruler, *panels = new_figure(mosaic, height=4.4, height_ratios=[2, 3])
        self._move_rate = _ruler(ruler, *rates, curvatures)
        self._move_losses = [base.loss_curve(loss, steps, *losses) for loss in panels]
        for loss in panels:
            loss.axhline(best, color=GREY, linestyle=":")
            loss.label_outer()

    def show(self, runs, learning_rate):
        """Draw the losses of ``runs``, one for each problem in their order, and the learning rate they share."""
        for move, run in zip(self._move_losses, runs, strict=True):
            move(run)
        self._move_rate(learning_rate)


class ValleyScene:
    """The valley of minima u v = 1 of ``loss``: a descent, and the sharpness it meets on its way against 2/rate."""

    def __init__(self, loss, steps):
        self._loss = loss
        mosaic = [["dashed: the minima", "sharpness (dashed: 2 / rate)"]]
        self.figure, self.target, side = new_figure(mosaic, height=3.8, width_ratios=[3, 2])
        heights = np.minimum(loss.value(base.grid(np.linspace(-0.5, 4, 121), np.linspace(-1.5, 3, 121))), 8)
        levels = 0.5 * np.linspace(0, 4, 17) ** 2
        self.target.contourf(heights, levels, extent=(-0.5, 4, -1.5, 3), cmap=base.GROUND, alpha=0.65)
        along = np.linspace(1 / 3, 4, 100)
        self.target.plot(along, 1 / along, "--", color="white", linewidth=2.5)
        self.target.set(xlabel="u", ylabel="v", xlim=(-0.5, 4), ylim=(-1.5, 3))
        self._move_path = base.path_on_map(self.target)
        panel(side, xlim=(-2, steps), ylim=(0, 14), xlabel="step")
        self._limit, self._sharpness = moving_line(side, "--", VERMILLION), moving_line(side)

    def show(self, run, learning_rate):
        """Draw ``run`` (path of shape (n, 2)) and its sharpness; returns what that is at its end, in a sentence."""
        self._move_path(run.path)
        near = np.abs(run.path).max(axis=-1) < 1e3
        sharp = np.full(len(run.path), np.nan)
        sharp[near] = sharpness(self._loss, run.path[near])
        self._sharpness.set_data(run.steps, sharp)
        self._limit.set_data(self._limit.axes.get_xlim(), [2 / learning_rate] * 2)
        end = f"Sharpness at the end: {sharp[-1]:.2f}; " if near[-1] else ""
        return f"{end}2 / rate is {2 / learning_rate:.3g}."


def rate_grid(rates_u, rates_v, resolution):
    """Return the pair of learning rates in the middle of each square, shape (n, n, 2), rows from low to high v.

    >>> rate_grid((0, 1), (2, 3), 2).tolist()
    [[[0.25, 2.25], [0.75, 2.25]], [[0.25, 2.75], [0.75, 2.75]]]
    """
    return base.grid(*(np.linspace(*rates, 2 * resolution + 1)[1::2] for rates in (rates_u, rates_v)))


OUTCOMES = {"arrived, u > 0": base.ORANGE, "arrived, u < 0": BLUE, "still moving": base.GREEN, "exploded": VERMILLION}


def outcome_colours(run):
    """Colour what became of many descents on (1 - u v)^2 / 2, the sooner exploded the darker: RGBA for each run."""
    exploded, moving, right = run.diverged_at >= 0, ~(run.loss <= 1e-6), run.end[..., 0] > 0
    outcome = np.select([exploded, moving, right], [3, 2, 0], default=1)
    colours = np.array([to_rgba(colour) for colour in OUTCOMES.values()])[outcome]
    late = np.log(np.clip(run.diverged_at[exploded], 4, 16) / 4) / np.log(4)
    colours[exploded, :3] *= 0.5 + 0.5 * late[:, None]
    return colours


class RateMapScene:
    """A map of learning-rate pairs, where each pixel is a whole descent, and beside it a part of it magnified.

    A place can be chosen in either of the ``targets``, and the arrow keys go as finely as the part is magnified.
    ``run`` is the descents of the whole map, of shape (n, n), over ``rate_grid((0, limit), (0, limit), n)``. ``border``
    is a line to draw over both if asked to: the rate of v for each rate of u, of shape (m,).
    """

    def __init__(self, run, limit, border):
        self.limit, self._border = limit, border
        self.figure, *self.targets = new_figure([["the whole map", "the square, magnified"]], height=4.7)
        self.target, part = self.targets
        look = {"origin": "lower", "aspect": "auto", "interpolation": "nearest"}
        self.target.imshow(outcome_colours(run), extent=(0, limit, 0, limit), **look)
        self.target.set(xlabel="learning rate of u", ylabel="learning rate of v")
        self._lines = [moving_line(axes, "-", "white", linewidth=2) for axes in self.targets]
        looks = {"white": 4.5, INK: 2}  # the white rim is seen on dark ground, too
        self._box = [moving_line(self.target, "-", color, linewidth=width) for color, width in looks.items()]
        self._part = part.imshow(np.zeros((1, 1, 4)), extent=(0, 1, 0, 1), animated=True, **look)
        part.set(xticks=[], yticks=[])
        self._range = part.text(0.5, -0.02, "", ha="center", va="top", clip_on=False, animated=True)
        handles = [Patch(color=colour, label=outcome) for outcome, colour in OUTCOMES.items()]
        self.figure.legend(handles=handles, loc="outside lower center", ncols=4)

    def window(self, centre, zoom):
        """Return (low, high) of both rates, for a square around ``centre`` that is ``zoom`` times smaller."""
        half = self.limit / zoom / 2
        middles = np.clip(centre, half, self.limit - half)
        return [(float(middle - half), float(middle + half)) for middle in middles]

    def to_place(self, axes, x, y):
        """Return the rates at (x, y) in the magnified part, whose axes run from 0 to 1."""
        return [low + share * (high - low) for share, (low, high) in zip((x, y), self._window, strict=True)]

    def show(self, run, window, formula=False):
        """Show the descents of ``run`` as the magnified part, where ``window`` lies, and the border if asked to."""
        self._window, ((left, right), (bottom, top)) = window, window
        self.key_step = (right - left) / self.limit
        self._part.set_data(outcome_colours(run))
        box = [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]
        cross = np.mean(window, axis=1) + 0.02 * self.limit * np.array([[(-1, 0), (1, 0)], [(0, -1), (0, 1)]])
        for line in self._box:
            line.set_data(*base.with_gaps([box, *cross]))
        rates = np.linspace(left, right, 101)
        magnified = np.linspace(0, 1, 101), (self._border(rates) - bottom) / (top - bottom)
        whole = np.linspace(0, self.limit, 101)
        base.move(self._lines, [(whole, self._border(whole)), magnified] if formula else [((), ())] * 2)
        self._range.set_text(f"u: {left:.4f} to {right:.4f}, v: {bottom:.4f} to {top:.4f}")


class RangeTestScene:
    """A range test, at rates that grow as ``ramp`` says: ``show`` takes the rates and the losses so far, both (n,)."""

    def __init__(self, ramp, losses, border):
        self.figure, test = new_figure([["range test; dashed: 2 / sharpness at the lowest loss"]], height=3.2)
        panel(test, log="xy", xlim=(ramp[0] / 1.3, 1.3 * ramp[-1]), ylim=losses)
        test.set(xlabel="learning rate at that step", ylabel="loss")
        test.axvline(border, color=VERMILLION, linestyle="--")
        self.show = base.moving_curve(test)
