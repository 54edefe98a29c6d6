"""What the pictures of all lessons share: figures, maps, panels, and lines that move."""

import contextlib
import inspect

import numpy as np
from matplotlib import rcParams, rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#777777"
LOOKS = (("-", BLUE), ("--", VERMILLION), ("-.", GREEN), (":", PURPLE))  # of curves that stand side by side

STYLE = {"font.size": 11, "axes.edgecolor": GREY, "axes.spines.top": False, "axes.spines.right": False}
# matplotlib's own, for what a reader's matplotlibrc or `plt.style.use` says must not show; and legends without a frame.
_DEFAULTS = {name: value for name, value in dict.items(rcParamsDefault) if not name.startswith("backend")}
_DEFAULTS["legend.frameon"] = False
_in_force = []


@contextlib.contextmanager
def our_style(**settings):
    """Draw by matplotlib's defaults and ``settings``, whatever the reader's are; those are back afterwards."""
    if _in_force:  # this was called from within
        yield
        return
    before = dict(dict.items(rcParams))
    _in_force.append(settings)
    dict.update(rcParams, _DEFAULTS | settings)  # `rc_context` would check all 300 each time, which takes milliseconds
    try:
        yield
    finally:
        _in_force.clear()
        dict.update(rcParams, before)


def _always_in_our_style(kind):
    """Return a subclass in which everything that is added or drawn looks the same in every environment."""
    ours = type(f"Course{kind.__name__}", (kind,), {})
    for name, method in inspect.getmembers(kind, inspect.isfunction):
        if not name.startswith(("_", "get_", "stale")):
            setattr(ours, name, our_style()(method))
    return ours


CourseAxes, CourseFigure = _always_in_our_style(Axes), _always_in_our_style(Figure)


def new_figure(mosaic, *, height, **options):
    """Make a figure 8 inches wide and of a ``height`` in inches; return it and its panels, row by row.

    The ``mosaic``, of the panels' titles, and ``options`` such as ``width_ratios`` are those of ``subplot_mosaic``.

    >>> figure, surface, loss = new_figure([["map", "loss"]], height=3.6)
    >>> figure.axes == [surface, loss], loss.get_title()
    (True, 'loss')
    """
    with our_style(**STYLE):
        figure = CourseFigure(figsize=(8, height), dpi=200, layout="constrained")
        panels = figure.subplot_mosaic(mosaic, subplot_kw={"axes_class": CourseAxes}, **options)
    for title, axes in panels.items():
        axes.set_title(title, y=1)  # where it would be put, after a fifth of the time that laying out takes
        axes.tick_params(color=GREY)
    return figure, *panels.values()


def panel(axes, *, log="", **settings):
    """Set up one panel with a light grid: ``log`` names its logarithmic axes, the rest is as at ``axes.set``."""
    axes.set(**{f"{axis}scale": "log" for axis in log}, **settings)
    axes.grid(color="#dddddd", linewidth=0.6)
    return axes


def name_ticks(axis, places):
    """Have ticks at these places alone, with their numbers written out, not as powers of ten."""
    axis.set_ticks(places, [f"{place:g}" for place in places])
    axis.axes.minorticks_off()


def grid(x, y):
    """Return every pair of a number from x and one from y, of shape (len(y), len(x), 2)."""
    return np.stack(np.meshgrid(x, y), axis=-1)


def contour(axes, landscape, **settings):
    """Draw a landscape as a map, seen from above: dark is low, light is high; a white star marks each minimum."""
    across, up = landscape.extent
    map_surface(axes, landscape.value, np.linspace(*across, 161), np.linspace(*up, 121), **settings)
    mark_minima(axes, landscape.minima)


def map_surface(axes, value, x, y, *, levels=24, **settings):
    """Draw a loss as filled contours, closer together near the bottom so that valleys show; return its heights."""
    heights = value(grid(x, y))
    at = heights.min() + np.ptp(heights) * np.linspace(0, 1, levels) ** 2
    axes.contourf(x, y, heights, levels=at, cmap="cividis", alpha=0.65)
    axes.contour(x, y, heights, levels=at, colors="white", linewidths=0.4, alpha=0.6)
    axes.set(**{"xlim": (x[0], x[-1]), "ylim": (y[0], y[-1])} | settings)
    return heights


def map_line_fit(axes, loss, across, up):
    """Draw the loss of a ``losses.LinearRegression`` by (slope, intercept), from low to high around its minimum."""
    slope, intercept = best = loss.least_squares()
    slopes, intercepts = slope + np.linspace(*across, 101), intercept + np.linspace(*up, 101)
    map_surface(axes, loss.value, slopes, intercepts, levels=18, xlabel="slope", ylabel="intercept")
    mark_minima(axes, best)


def mark_minima(axes, points):
    """Mark minima, of shape (k, 2) or (2,), with the white star that stands for one in every picture."""
    x, y = np.reshape(points, (-1, 2)).T
    axes.plot(x, y, "*", color="white", markeredgecolor=BLACK, markersize=12, zorder=2.2)


def moving_line(axes, style="-", color=BLUE, **settings):
    """Return a line that moves, empty as yet; wherever it goes, the panels keep their places."""
    (line,) = axes.plot([], [], style, color=color, animated=True, in_layout=False, **settings)
    return line


def moving_mark(axes, marker="o", color=VERMILLION, markersize=11, **settings):
    """Return a mark with a white rim, the ball that stands for where a run is unless you say otherwise; it moves."""
    return moving_line(axes, marker, color, markeredgecolor="white", markersize=markersize, **settings)


def move(lines, curves):
    """Move each of the ``lines`` to its curve, x and y."""
    for line, (x, y) in zip(lines, curves, strict=True):
        line.set_data(x, y)


def moving_curve(axes, style="-", color=BLUE, *mark, **settings):
    """Prepare a curve with a mark at its end (``moving_mark``); return what moves it to x and y, of shape (n,)."""
    line, end = moving_line(axes, style, color), moving_mark(axes, *mark, **settings)
    return lambda x, y: move((line, end), ((x, y), (x[-1:], y[-1:])))


def mark_on_rim(axes):
    """Return what puts a hollow ball on the rim of a panel where points (n, 2) end beyond it: the last finite one."""
    rim = moving_line(axes, "o", "white", markeredgecolor=VERMILLION, markeredgewidth=2, clip_on=False)

    def show(points):
        place = points[np.isfinite(points).all(axis=1)][-1:]
        nearest = np.clip(place, *np.sort([axes.get_xlim(), axes.get_ylim()]).T)
        rim.set_data(*nearest[(nearest != place).any(axis=1)].T)

    return show


def path_on_map(axes, *, dots=True):
    """Prepare a path, with a dot at each step if you like; return what moves it to points of shape (n, 2)."""
    line = moving_line(axes, "o-" if dots else "-", BLACK, linewidth=1.3, markersize=3.2, markeredgewidth=0)
    start = moving_line(axes, "s", color="white", markeredgecolor=BLACK, markersize=12)  # seen behind the ball, too
    ball, mark_rim = moving_mark(axes), mark_on_rim(axes)

    def show(points):
        move((line, start, ball), (points.T, points[:1].T, points[-1:].T))
        mark_rim(points)

    return show


def loss_axes(axes, steps, low, high, *, xlabel="step", log="y"):
    """Prepare a panel for the loss at each of so many steps, with fixed limits."""
    margin = max(2, steps * 0.03)
    panel(axes, log=log, xlim=(-margin, steps + margin), ylim=(low, high), xlabel=xlabel)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))


def loss_curve(axes, *settings, **options):
    """Prepare the panel of ``loss_axes``; return what moves its curve to a run."""
    loss_axes(axes, *settings, **options)
    move_curve, mark_rim = moving_curve(axes, markersize=9), mark_on_rim(axes)

    def show(run):
        move_curve(run.steps, run.losses)
        mark_rim(np.column_stack([run.steps, run.losses]))

    return show


def path_and_losses(target, losses, *settings, **options):
    """Prepare a path in the ``target`` and the panel of its ``losses`` (``loss_axes``); return what moves both."""
    move_path, move_loss = path_on_map(target), loss_curve(losses, *settings, **options)

    def show(run):
        """Draw the path (shape (n, 2)) and the losses of ``run``."""
        move_path(run.path)
        move_loss(run)

    return show


def with_gaps(pieces):
    """Return x and y of one line that is made of several, each of shape (n, 2), with a gap after each."""
    gap = np.full((1, 2), np.nan)
    return np.concatenate([part for piece in pieces for part in (piece, gap)]).T
