"""The pictures of lesson 2: what a learning rate does, with the limits that curvature sets drawn into them."""

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_rgba
from matplotlib.ticker import LogLocator, NullFormatter

from gd_helpers.figures.base import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    SKY,
    VERMILLION,
    YELLOW,
    light_grid,
    loss_curve,
    moving_line,
    new_figure,
    path_on_map,
)

ZONES = {"glides": SKY, "bounces": ORANGE, "explodes": VERMILLION}


def ruler(axes, low, high, curvatures, labels=None):
    """Draw the zones of the learning rate for each curvature, one row each; return a function that moves the mark.

    Up to 1/curvature a quadratic glides down, up to 2/curvature it bounces down, above it explodes.

    Args:
        axes: where to draw.
        low: the lowest learning rate, on a logarithmic scale.
        high: the highest.
        curvatures: the largest eigenvalue of the Hessian, one a row, from the top.
        labels: the names of the rows.
    """
    for row, curvature in enumerate(curvatures):
        edges = np.clip([low, 1 / curvature, 2 / curvature, high], low, high)
        for (zone, color), left, right in zip(ZONES.items(), edges[:-1], edges[1:], strict=True):
            axes.barh(row, right - left, left=left, height=0.72, color=color, alpha=0.45, linewidth=0)
            if right / left > (high / low) ** 0.1:
                axes.text(np.sqrt(left * right), row, zone, ha="center", va="center")
    axes.set(xscale="log", xlim=(low, high), ylim=(len(curvatures) - 0.5, -0.5), xlabel="learning rate")
    axes.set_yticks(range(len(curvatures)), labels or [""] * len(curvatures))
    if high / low < 300:  # few powers of ten: name more places than those
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(lambda rate, position: f"{rate:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    mark = moving_line(axes, "-", color=BLACK, linewidth=2.5)
    head = moving_line(axes, "v", color=BLACK, markersize=8, clip_on=False, in_layout=False)

    def move(learning_rate):
        mark.set_data([learning_rate] * 2, [-0.5, len(curvatures) - 0.5])
        head.set_data([learning_rate], [-0.42])

    return move


class CurvePathScene:
    """The steps of a descent drawn on a one-dimensional curve, the loss at each step, and the ruler of zones.

    Args:
        landscape: a one-dimensional landscape.
        steps: the largest number of steps that will be shown.
        rates: the range of the learning rate on the ruler.
        curvature: the curvature that sets the zones; no ruler without one.
        losses: the range of the loss axis.
        extent: the part of the curve to draw, instead of the landscape's own.
    """

    def __init__(self, landscape, *, steps, rates=(0.01, 1.0), curvature=None, losses=(1e-6, 1e3), extent=None):
        mosaic, ratios = [["curve", "loss"]], [1]
        if curvature is not None:
            mosaic, ratios = [*mosaic, ["ruler", "ruler"]], [5, 1]
        self.figure, axes = new_figure(mosaic, height=3.4 + 0.7 * (len(mosaic) - 1), height_ratios=ratios)
        self.landscape, self.target = landscape, axes["curve"]
        left, right = landscape.extent[0] if extent is None else extent
        x = np.linspace(left, right, 401)
        heights = landscape.value(x[:, None])
        self.target.plot(x, heights, color=BLUE, linewidth=2.4)
        low, high = heights.min(), heights.max()
        self.target.set(
            xlim=(left, right),
            ylim=(low - 0.06 * (high - low), high),
            xlabel="parameter w",
            ylabel="loss",
            title="the steps, seen from the side",
        )
        self._move_path = path_on_map(self.target)
        self._move_loss = loss_curve(axes["loss"], steps, *losses)
        self._move_rate = ruler(axes["ruler"], *rates, [curvature]) if curvature is not None else None

    def show(self, run, learning_rate=None):
        """Draw the path (shape (n, 1)) and the losses of ``run``, and the learning rate on the ruler."""
        self._move_path(np.column_stack([run.path[:, 0], run.losses]))
        self._move_loss(run)
        if self._move_rate is not None:
            self._move_rate(learning_rate)


class EllipseScene:
    """A quadratic valley of any condition number, seen from above, with path, loss and ruler.

    The valley has curvature 1 along and ``k`` across; its contour lines are ellipses, and they move with ``k``.
    The ruler shows the learning rate times the largest curvature, so that its zones stay where they are.

    Args:
        steps: the largest number of steps that will be shown.
    """

    def __init__(self, steps):
        mosaic = [["map", "loss"], ["ruler", "ruler"]]
        self.figure, axes = new_figure(mosaic, height=4.3, height_ratios=[5, 1], width_ratios=[3, 2])
        self.target = axes["map"]
        self.target.set(xlim=(-3, 3), ylim=(-1.5, 1.5), xlabel="$w_1$ (curvature 1)", ylabel="$w_2$ (curvature k)")
        self.target.set_title("the valley from above")
        self._ellipses = moving_line(self.target, "-", color=SKY, linewidth=1.2)
        self._move_path = path_on_map(self.target)
        self._move_loss = loss_curve(axes["loss"], steps, 1e-8, 1e3)
        self._move_rate = ruler(axes["ruler"], 0.02, 4, [1])
        axes["ruler"].set_xlabel("learning rate x largest curvature")

    def show(self, run, condition_number, learning_rate):
        """Draw ``run`` (path of shape (n, 2)) in the valley with curvatures 1 and ``condition_number``."""
        turn = np.linspace(0, 2 * np.pi, 73)
        rings = [
            radius * np.column_stack([np.cos(turn), np.sin(turn) / np.sqrt(condition_number)])
            for radius in (0.5, 1.25, 2, 2.75, 3.5)
        ]
        gap = np.full((1, 2), np.nan)
        self._ellipses.set_data(*np.vstack([part for ring in rings for part in (ring, gap)]).T)
        self._move_path(run.path)
        self._move_loss(run)
        self._move_rate(learning_rate * condition_number)


def end_of(run):
    """Say in a word or a number where the loss of a single run ended.

    >>> from gd_helpers.descent import descend
    >>> from gd_helpers.landscapes import bowl
    >>> end_of(descend(bowl(1), [1.0], learning_rate=0.5, steps=2))
    '0.0312'
    """
    return "exploded" if run.diverged_at is not None else f"{run.loss:.3g}"


class SideBySideScene:
    """One learning rate on several problems at once: their zones above each other, their losses side by side.

    Args:
        curvatures: the largest curvature of each problem, by its name.
        steps: the largest number of steps that will be shown.
        rates: the range of the learning rate.
        losses: the range of the loss axes.
        best: the lowest loss there is.
    """

    def __init__(self, curvatures, steps, *, rates, losses, best):
        names = list(curvatures)
        mosaic = [["ruler"] * len(names), names]
        self.figure, axes = new_figure(mosaic, height=4.4, height_ratios=[2, 3])
        self._move_rate = ruler(axes["ruler"], *rates, list(curvatures.values()), names)
        self._move_losses = []
        for name in names:
            self._move_losses.append(loss_curve(axes[name], steps, *losses))
            axes[name].set_title(name)
            axes[name].axhline(best, color=GREY, linestyle=":", linewidth=1.5)
        for name in names[1:]:
            axes[name].set_yticklabels([])

    def show(self, runs, learning_rate):
        """Draw the losses of ``runs``, one for each problem in their order, and the learning rate they share."""
        for move, run in zip(self._move_losses, runs, strict=True):
            move(run)
        self._move_rate(learning_rate)


class ValleyScene:
    """The valley of minima u v = 1: the path of a descent, and the sharpness it meets on its way against 2/rate.

    Args:
        loss: the loss over (u, v).
        steps: the largest number of steps that will be shown.
    """

    def __init__(self, loss, steps):
        self.figure, axes = new_figure([["map", "sharpness"]], height=3.8, width_ratios=[3, 2])
        self.target = axes["map"]
        u, v = np.meshgrid(np.linspace(-0.5, 4, 121), np.linspace(-1.5, 3, 121))
        heights = loss.value(np.stack([u, v], axis=-1))
        levels = 0.5 * np.linspace(0, 4, 17) ** 2
        self.target.contourf(u, v, np.minimum(heights, levels[-1]), levels=levels, cmap="cividis", alpha=0.65)
        along = np.linspace(1 / 3, 4, 100)
        self.target.plot(along, 1 / along, "--", color="white", linewidth=2.5)
        self.target.set(xlabel="u", ylabel="v", title="dashed: the minima", xlim=(-0.5, 4), ylim=(-1.5, 3))
        self._move_path = path_on_map(self.target)
        panel = axes["sharpness"]
        panel.set(xlim=(-2, steps + 2), ylim=(0, 14), xlabel="step", title="sharpness on the way")
        light_grid(panel)
        self._limit = moving_line(panel, "--", color=VERMILLION)
        (self._limit_name,) = [panel.text(0, 0, "", color=VERMILLION, ha="right", va="bottom", animated=True)]
        self._sharpness = moving_line(panel, "-", color=BLUE)
        self._steps = steps

    def show(self, run, sharpness, learning_rate):
        """Draw ``run`` (path of shape (n, 2)) and the ``sharpness`` at each of its points (shape (n,))."""
        self._move_path(run.path)
        self._sharpness.set_data(run.steps, sharpness)
        limit = 2 / learning_rate
        self._limit.set_data([0, self._steps], [limit, limit])
        self._limit_name.set_position((self._steps, min(limit + 0.3, 13)))
        self._limit_name.set_text("2 / learning rate" if limit < 14 else "2 / learning rate is above this picture")


def rate_grid(rates_u, rates_v, resolution):
    """Return every pair of two learning rates, of shape (resolution, resolution, 2), rows from low to high v.

    >>> rate_grid((0, 1), (2, 3), 2).tolist()
    [[[0.0, 2.0], [1.0, 2.0]], [[0.0, 3.0], [1.0, 3.0]]]
    """
    u, v = np.meshgrid(np.linspace(*rates_u, resolution), np.linspace(*rates_v, resolution))
    return np.stack([u, v], axis=-1)


def outcome_colours(run):
    """Colour what became of each of many descents on f = (1 - u v)^2 / 2: RGBA of the runs' shape.

    Yellow: arrived in the valley with u above 0; blue: in the one with u below 0. Green: still moving. Red: exploded,
    the earlier the darker.
    """
    pixels = np.where((run.end[..., :1] > 0), to_rgba(YELLOW), to_rgba(BLUE))
    pixels[run.loss > 1e-6] = to_rgba(GREEN)
    gone = run.diverged_at >= 0
    late = np.log(np.maximum(run.diverged_at[gone], 4) / 4) / np.log(run.steps[-1] / 4)
    pixels[gone] = colormaps["RdGy"](0.08 + 0.27 * late)
    return pixels


class RateMapScene:
    """A map of learning-rate pairs, where each pixel is a whole descent, and beside it a part of it magnified.

    Args:
        run: the descents of the whole map, of shape (rows, columns), over ``rate_grid((0, limit), (0, limit), n)``.
        limit: the largest of both learning rates.
    """

    def __init__(self, run, limit):
        self.limit = limit
        self.figure, axes = new_figure([["whole", "part"], ["legend", "legend"]], height=4.9, height_ratios=[9, 1])
        self.target, part = axes["whole"], axes["part"]
        look = {"origin": "lower", "aspect": "auto", "interpolation": "nearest"}
        self.target.imshow(outcome_colours(run), extent=(0, limit, 0, limit), **look)
        self.target.set(xlabel="learning rate of u", ylabel="learning rate of v", title="the whole map")
        self._box = moving_line(self.target, "-", color=BLACK, linewidth=2)
        self._cross = moving_line(self.target, "+", color=BLACK, markersize=12, markeredgewidth=2)
        self._part = part.imshow(np.zeros((1, 1, 4)), extent=(0, 1, 0, 1), animated=True, **look)
        part.set(title="the square, magnified", xticks=[], yticks=[])
        corner = {"animated": True, "clip_on": False, "fontsize": 10}
        self._corners = [
            part.text(x, -0.02, "", ha=side, va="top", **corner) for x, side in ((0, "left"), (1, "right"))
        ]
        legend = axes["legend"]
        legend.axis("off")
        words = ("arrived, u > 0", "arrived, u < 0", "still moving", "exploded early", "exploded late")
        colours = (YELLOW, BLUE, GREEN, colormaps["RdGy"](0.08), colormaps["RdGy"](0.35))
        for place, (word, colour) in enumerate(zip(words, colours, strict=True)):
            legend.barh(0, 0.12, left=place, height=0.7, color=colour)
            legend.text(place + 0.17, 0, word, va="center")
        legend.set(xlim=(0, 5), ylim=(-0.5, 0.5))

    def window(self, centre, zoom):
        """Return (low, high) of both rates, for a square around ``centre`` that is ``zoom`` times smaller."""
        half = self.limit / zoom / 2
        middles = np.clip(centre, half, self.limit - half)
        return [(float(middle - half), float(middle + half)) for middle in middles]

    def show(self, run, window):
        """Show the descents of ``run`` as the magnified part, and where ``window`` lies on the whole map."""
        (left, right), (bottom, top) = window
        self._part.set_data(outcome_colours(run))
        self._box.set_data([left, right, right, left, left], [bottom, bottom, top, top, bottom])
        self._cross.set_data([(left + right) / 2], [(bottom + top) / 2])
        for text, u in zip(self._corners, (left, right), strict=True):
            text.set_text(f"u {u:.4f}")


class RangeTestScene:
    """A learning-rate range test: the loss against the rate, which grows at every step.

    Args:
        rates: the rate at each step.
        losses: the range of the loss axis.
    """

    def __init__(self, rates, losses):
        self.figure, axes = new_figure([["test"]], height=3.2)
        panel = axes["test"]
        panel.set(xscale="log", yscale="log", xlim=(rates[0], rates[-1]), ylim=losses)
        panel.set(xlabel="learning rate at that step", ylabel="loss", title="range test: raise the rate at every step")
        light_grid(panel)
        self._curve = moving_line(panel, "-", color=BLUE)
        self._ball = moving_line(panel, "o", color=VERMILLION, markeredgecolor="white", markersize=11)

    def show(self, rates, losses):
        """Draw the losses so far against the rates that led to them, both of shape (n,)."""
        self._curve.set_data(rates, losses)
        self._ball.set_data(rates[-1:], losses[-1:])
