"""The pictures of lesson 2: what a learning rate does, with the limits that curvature sets drawn into them."""

import numpy as np
from matplotlib.colors import to_rgb

from gd_helpers.curvature import sharpness
from gd_helpers.figures import base
from gd_helpers.figures.base import GREY, HERE, INK, moving_line, new_figure, panel

ZONES = {"glides": "#a9d5f0", "bounces": "#f0cc7c", "explodes": "#e9a27d"}
BAR = {"linewidth": 19, "solid_capstyle": "butt"}  # of a ruler


def _ruler(axes, low, high, curvatures, **settings):
    """Draw the zones of the learning rate for each (largest) curvature by name; return what moves the mark."""
    rows = range(len(curvatures))
    for row, curvature in enumerate(curvatures.values()):
        edges = np.clip([low, 1 / curvature, 2 / curvature, high], low, high)
        for (zone, color), left, right in zip(ZONES.items(), edges[:-1], edges[1:], strict=True):
            axes.plot([left, right], [row, row], color=color, **BAR)
            if not row:  # the others have the same colours
                base.moving_words(axes, np.sqrt(left * right), -0.5, zone, va="bottom", fontsize=9, color=GREY)
    axes.set(xlim=(low, high), ylim=(len(rows) - 0.4, -1), **settings)
    axes.set_yticks(rows, [f"{name}\u2003" for name in curvatures])  # with room for the mark at the left end
    axes.spines[:].set_visible(False)
    mark = base.moving_mark(axes, markersize=15, clip_on=False)
    return lambda learning_rate: mark.set_data(np.full(len(rows), learning_rate), rows)


class RegimesScene:
    """A ball in a bowl, from as far away as needed, a ruler of ``rates`` (low, high), and the zones found so far."""

    def __init__(self, bowl, curvature, rates):
        mosaic = [["learning rate"], ["too long a step ends higher up on the other side"]]
        self.figure, ruler, axes = new_figure(mosaic, height=4.6, height_ratios=[3, 20])
        base.ground_from_the_side(axes, bowl, -0.06, xticks=[0], yticks=[], ylabel="loss")
        self._reach, high = bowl.extent[0][1], axes.get_ylim()[1]
        self._move_path = base.path_on_map(axes)
        below = {"va": "top", "fontsize": 9, "color": GREY, "transform": axes.get_xaxis_transform()}
        self._places = [base.moving_words(axes, 0, -0.018, **below) for _ in range(4)]
        self._far = base.moving_words(axes, 0, 0.96 * high, va="top", fontsize=13, color=HERE, **base.casing(0))
        self._unknown = moving_line(ruler, "-", base.FAINT, **BAR | {"linewidth": 21})  # no rim of a zone shows
        self._high, self._move_rate = rates[1], _ruler(ruler, *rates, {"": curvature})
        self._names = [*zip(ruler.texts, (0, 1 / curvature, 2 / curvature), strict=True)]

    def show(self, run, learning_rate):
        """Draw the path of ``run`` (shape (n, 1)), from as far away as it takes, and the learning rate."""
        points = np.column_stack([run.path, run.losses])[: run.diverged_at and run.diverged_at + 1]
        zoom = max(1.0, np.abs(points[:, 0]).max() * 1.06 / self._reach)
        self._move_path(points / [zoom, zoom**2])  # from any distance a bowl looks the same, but for its numbers
        tick = self._reach / 2 * max(n for n in np.outer(10.0 ** np.arange(8), [1, 2, 5]).flat if n <= zoom)
        for text, place in zip(self._places, tick * np.array([-2, -1, 1, 2]), strict=True):
            text.set(x=place / zoom, text=f"{place:,.0f}".replace("-", "\u2212"))
        self._far.set_text(f"zoomed out {float(f'{zoom:.2g}'):,.0f} times" if zoom >= 2 else "")
        for name, start in self._names:
            name.set_visible(start < learning_rate)
        self._unknown.set_data([learning_rate, self._high], [0, 0])
        self._move_rate(learning_rate)


class CurvePathScene:
    """The steps of a descent on a curve, and its losses: ``show`` takes the run (path of shape (n, 1))."""

    def __init__(self, landscape, *, steps, losses):
        mosaic = [["the steps, seen from the side", "loss, step by step"]]
        self.figure, self.target, loss = new_figure(mosaic, height=3.6, width_ratios=[3, 2])
        base.ground_from_the_side(self.target, landscape, -0.1, ylabel="loss")
        self.show = base.path_and_losses(self.target, loss, steps, *losses)


class ArrowScene:
    """A step from the bottom of a ``landscape``, and how the slopes change by it: two arrows."""

    def __init__(self, landscape):
        self.figure, axes = new_figure([["a step, and the change of the slopes (a sixth as long)"]], height=4.5)
        base.contour(axes, landscape)
        look = (INK, 2, 2.5), (HERE, 3.5, 2.4)  # the step lies on top, or it would not be seen
        self._arrows = [moving_line(axes, "-", color, zorder=z, **base.casing(width)) for color, width, z in look]
        self._names = [base.moving_words(axes, words=name, **base.casing(0)) for name in ("step", "change")]

    def show(self, step, change):
        """Draw both (2,), the change a sixth as long as it is; returns in a sentence whether it lies along the step."""
        for line, name, tip in zip(self._arrows, self._names, (step, change / 6), strict=True):
            line.set_data(*base.arrow((0, 0), tip, 0.12).T)
            name.set_position(tip + 0.24 * tip / np.linalg.norm(tip))
        along, beside = step @ change, step[0] * change[1] - step[1] * change[0]
        angle = abs(np.degrees(np.arctan2(beside, along)))
        where = f"{angle:.0f} degrees beside the step" if angle >= 0.5 else f"along the step, times {along:.2f}"
        return "Step ({:z.2f}, {:z.2f}): the slopes change by ({:z.2f}, {:z.2f}), ".format(*step, *change) + where + "."


class EllipseScene:
    """A valley with curvature 1 along and any across: path, loss, and what a step leaves along and across."""

    def __init__(self, steps):
        mosaic = [[part, "loss"] for part in ("the valley from above", "what a step leaves of the distance")]
        self.figure, self.target, loss, left = new_figure(mosaic, height=4.6, width_ratios=[5, 2], height_ratios=[7, 3])
        self.target.set(xlim=(-3, 3), xlabel="w₁ (curvature 1)", ylim=(-1.5, 1.5), ylabel="w₂ (curvature k)")
        self.target.set_aspect("equal", anchor="W")
        base.mark_minima(self.target, [0, 0])
        turn = np.append(np.exp(1j * np.linspace(0, 2 * np.pi, 49)), np.nan)
        self._rings = np.outer(np.geomspace(0.6, 12, 6), turn).reshape(3, -1)  # two and two are one line
        self._lines = [moving_line(self.target, "-", color) for color in base.GROUND([0.1, 0.4, 0.7])]
        self._move = base.path_and_losses(self.target, loss, steps, 1e-8, 1e3)
        panel(left, xlim=(0, 2.75), ylim=(0, 1.45), xticks=[0, 1, 2], xlabel="learning rate x largest curvature")
        left.plot([0, 2.4], [1, 1], "-", [0, 1, 2.4], [1, 0, 1.4], "--", color=GREY, linewidth=1.2)
        self._lines += [moving_line(left), moving_line(left, "o-", HERE, linewidth=1.5)]
        left.text(2.4, 1.4, "\u2002across", va="center")
        self._name = base.moving_words(left, 2.4, 1, "\u2002along", ha="left")

    def show(self, run, condition_number, learning_rate):
        """Draw ``run`` (path of shape (n, 2)) in the valley with curvatures 1 and ``condition_number``."""
        self._move(run)
        rings = zip(self._rings.real, self._rings.imag / np.sqrt(condition_number), strict=True)
        along = np.abs(1 - np.array([0, min(condition_number, 2.4), 2.4]) / condition_number)
        self._name.set_y(min(along[-1], 1.18))  # below the other
        left = np.abs(1 - learning_rate * np.array([0, 1, condition_number])) * [-1, 1, 1]
        mark = [learning_rate * condition_number] * 3, left
        base.move(self._lines, (*rings, ([0, min(condition_number, 2.4), 2.4], along), mark))


class SideBySideScene:
    """One rate on several problems, by name and largest curvature: their zones, and their losses above the ``best``."""

    def __init__(self, curvatures, steps, *, rates, losses, best):
        mosaic = [["learning rate"] * len(curvatures), list(curvatures)]
        self.figure, ruler, *panels = new_figure(mosaic, height=4.4, height_ratios=[2, 3])
        self._move_rate = _ruler(ruler, *rates, curvatures, xscale="log")
        self._move_losses = [base.loss_curve(loss, steps, *losses) for loss in panels]
        for loss in panels:
            loss.axhline(best, color=GREY, linestyle=":")
            loss.label_outer()
            loss.set_title(loss.get_title("left"), y=1, loc="left", pad=11)  # above a ball on the rim

    def show(self, runs, learning_rate):
        """Draw the losses of ``runs``, one for each problem in their order, and the learning rate they share."""
        for move, run in zip(self._move_losses, runs, strict=True):
            move(run)
        self._move_rate(learning_rate)


class ValleyScene:
    """The valley of minima u v = 1 of ``loss``: a descent, and the sharpness it meets on its way against 2/rate."""

    def __init__(self, loss, steps):
        self._loss, self._steps = loss, steps
        mosaic = [["solid: minima that can hold the ball", "sharpness"]]
        self.figure, self.target, side = new_figure(mosaic, height=4.5, width_ratios=[3, 2])
        u, v = np.linspace(-0.5, 4, 161), np.linspace(-1.5, 3, 161)
        base.map_surface(self.target, lambda w: loss.value(w).clip(max=8), u, v, xlabel="u", ylabel="v")
        self.target.plot(u[u > 0.3], 1 / u[u > 0.3], ":", color="white", linewidth=2.5)
        self._lines = moving_line(self.target, "-", "white", linewidth=4.5), moving_line(side, "--", GREY)
        self._move_path = base.path_on_map(self.target)
        panel(side, xlim=(-2, 1.4 * steps), ylim=(0, 14), xlabel="step", xticks=range(0, steps + 1, 20))
        self._sharpness = base.moving_curve(side)
        self._name = base.moving_words(side, 1.03 * steps, 0, "2 / rate", ha="left", color=GREY)

    def show(self, run, learning_rate):
        """Draw ``run`` (path of shape (n, 2)) and its sharpness; returns what that is at its end, in a sentence."""
        self._move_path(run.path)
        near = np.abs(run.path).max(axis=-1) < 1e3
        sharp = np.full(len(run.path), np.nan)
        sharp[near] = sharpness(self._loss, run.path[near])
        self._sharpness(run.steps, sharp)
        limit = 2 / learning_rate
        self._name.set_y(min(limit, 13.6))
        # the sharpest that can hold it are at u and 1 / u, where u^2 + 1 / u^2 is the limit
        sharpest = np.sqrt(limit / 2 + np.sqrt(limit**2 / 4 - 1)) if limit >= 2 else np.nan
        holding = min(sharpest, 4.0) ** np.linspace(-1, 1, 25)
        base.move(self._lines, ((holding, 1 / holding), ([-2, self._steps], [limit, limit])))
        end = f"Sharpness at the end: {sharp[-1]:.2f}; " if near[-1] else ""
        return f"{end}2 / rate is {limit:.3g}."


def rate_grid(rates_u, rates_v, resolution):
    """Return the pair of learning rates in the middle of each square, shape (n, n, 2), rows from low to high v.

    >>> rate_grid((0, 1), (2, 3), 2).tolist()
    [[[0.25, 2.25], [0.75, 2.25]], [[0.25, 2.75], [0.75, 2.75]]]
    """
    return base.grid(*(np.linspace(*rates, 2 * resolution + 1)[1::2] for rates in (rates_u, rates_v)))


# Of descents that arrived with u > 0 (late, soon) or u < 0, or exploded (soon, late): no shade of grey is shared.
DARK, BRIGHT = np.array([[to_rgb(shade) for shade in shades.split()] for shades in (
    "#d9c48f #2f6690 #1f1420", "#f8efdc #6fafba #84452a")])  # fmt: skip


def outcome_colours(run):
    """Return the red, green and blue of each of many descents on (1 - u v)^2 / 2: white are those that still move."""
    arrived, exploded, last = run.losses <= 1e-6, run.diverged_at >= 0, run.steps[-1]
    soon = np.log10(last / np.maximum(run.steps[arrived.argmax(axis=0)], last / 10))
    late = np.log(np.clip(run.diverged_at, 4, 16) / 4) / np.log(4)
    share = np.rint(4 * np.where(exploded, late, soon))[..., None] / 4
    outcome = np.where(exploded, 2, run.end[..., 0] <= 0)
    colours = DARK[outcome] + share * (BRIGHT - DARK)[outcome]
    colours[~exploded & ~arrived[-1]] = 1
    return colours


class RateMapScene:
    """A map of learning-rate pairs, where each pixel is a whole descent, and beside it a part of it magnified.

    ``run`` is the descents of the whole map, over ``rate_grid((0, limit), (0, limit), n)``, and ``border`` a line over
    both: the rate of v for each of u. A place can be chosen in either, and keys go as finely as it is magnified.
    """

    def __init__(self, run, limit, border):
        self.limit, self._border = limit, border
        mosaic = [["the whole map", "the square, magnified"]]
        self.figure, *self.targets = new_figure(mosaic, height=4.6, width_ratios=[3, 4])
        self.target, part = self.targets
        look = {"origin": "lower", "interpolation": "bilinear"}
        self.target.imshow(outcome_colours(run), extent=(0, limit, 0, limit), **look)
        self.target.set(xlabel="learning rate of u", ylabel="learning rate of v", anchor="N")
        for x, y, name, color in (0.3, 0.35, "u > 0", INK), (0.85, 0.1, "u < 0", INK), (0.65, 0.9, "exploded", "white"):
            self.target.text(x, y, name, color=color)
        key = "bright: arrives soon, u > 0 or u < 0\ndark: explodes, the darker the sooner\nwhite: still moving"
        self.target.text(0, -0.25, key, transform=self.target.transAxes, va="top", fontsize=9, color=GREY)
        looks = (self.target, "--"), (part, "--"), (self.target, "-")  # the border over both, and the square
        self._lines = [moving_line(axes, style, INK, **base.casing(2)) for axes, style in looks]
        self._part = part.imshow(np.zeros((1, 1, 3)), extent=(0, 1, 0, 1), animated=True, **look)
        part.set(xticks=[], yticks=[], anchor="N")
        self._range = base.moving_words(part, 0.5, -0.02, va="top", color=GREY, fontsize=9)

    def window(self, centre, zoom):
        """Return (low, high) of both rates, for a square around ``centre`` that is ``zoom`` times smaller."""
        half = self.limit / zoom / 2
        return [(middle - half, middle + half) for middle in np.clip(centre, half, self.limit - half).tolist()]

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
        rates, whole = np.linspace(left, right, 101), np.linspace(0, self.limit, 101)
        magnified = np.linspace(0, 1, 101), (self._border(rates) - bottom) / (top - bottom)
        borders = [(whole, self._border(whole)), magnified] if formula else [((), ())] * 2
        base.move(self._lines, (*borders, base.with_gaps([box, *cross])))
        self._range.set_text(f"u: {left:.4f} to {right:.4f}, v: {bottom:.4f} to {top:.4f}")


class RangeTestScene:
    """A range test, at rates that grow as ``ramp`` says: ``show`` takes the rates and the losses so far, both (n,)."""

    def __init__(self, ramp, losses, border):
        self.figure, test = new_figure([["the loss, while the rate rises at every step"]], height=3.8)
        panel(test, log="xy", xlim=(ramp[0] / 1.3, 1.3 * ramp[-1]), ylim=losses, yticks=[0.3, 0.5, 1, 2, 5])
        test.set_xlabel("learning rate at that step")
        test.axvline(border, **base.THEORY)
        test.text(border, losses[1] * 0.8, "2 / sharpness at the lowest loss\u2002", color=GREY, ha="right", va="top")
        self.show = base.moving_curve(test)
