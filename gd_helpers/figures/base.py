"""What the pictures of all lessons share: figures, maps, panels, and lines that move."""

import contextlib
import inspect

import numpy as np
from matplotlib import rcParams, rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

# The look: first what a thing is, then its colour. One accent, HERE, is for where you are and what matters now.
PAPER, INK, GREY, FAINT = "#fcf8f4", "#1b2733", "#6b6b73", "#dddcd4"  # the card, words and paths, small print, lines
# The ground, from low to high: lighter all the way up, so that height is seen in grey, too.
GROUND = LinearSegmentedColormap.from_list("ground", ["#1d3557", "#2f6690", "#5fa0ad", "#a9cdbb", "#e6dfbf", "#f8efdc"])
# Okabe and Ito's, which the colour-blind tell apart, darkened until a line on the card has a contrast of 3, and the
# accent, which words have, too, one of 4.5. Curves differ in their dashes or marks as well.
ORANGE, SKY, GREEN, BLUE, VERMILLION, PURPLE = "#b87d00", "#2b8cc4", "#009e73", "#0072b2", "#bd4d00", "#c2689a"
HERE, MEASURED, THEORY = VERMILLION, BLUE, {"color": GREY, "linestyle": "--"}
LOOKS = (("-", BLUE), ("--", VERMILLION), ("-.", GREEN), (":", PURPLE))  # of curves that stand side by side
# Colour, line style and marker of each rule, the same in every lesson.
RULE_LOOKS = {
    "plain": (GREY, "--", "s"),
    "momentum": (BLUE, "-", "o"),
    "Nesterov": (PURPLE, "-.", "^"),
    "RMSprop": (ORANGE, ":", "D"),
    "Adam": (VERMILLION, "-", "P"),
    "Adagrad": (GREEN, "--", "X"),
    "with decay": (INK, "-", "v"),
    "with a schedule": (INK, "-.", "p"),
}
# What theory says lies as a broad light road under what is measured.
ROAD = {"color": GREY, "linewidth": 0.8, "zorder": 1.5, "path_effects": [withStroke(linewidth=6, foreground="#d6d5cd")]}

STYLE = {
    "axes.labelsize": 9.5,
    "axes.edgecolor": FAINT,
    **dict.fromkeys(["axes.spines.top", "axes.spines.right"], False),
    **dict.fromkeys(["figure.facecolor", "axes.facecolor"], PAPER),
    **dict.fromkeys(["axes.labelcolor", "xtick.color", "ytick.color"], GREY),
    **dict.fromkeys(["xtick.labelsize", "ytick.labelsize"], 9),
    **dict.fromkeys([f"{axis}tick.{kind}.size" for axis in "xy" for kind in ("major", "minor")], 0),
    **dict.fromkeys([f"figure.constrained_layout.{side}_pad" for side in "wh"], 0.1),  # the card's margins, in inches
}
# matplotlib's own, for what a reader's matplotlibrc or `plt.style.use` says must not show; and legends without a frame.
_DEFAULTS = {name: value for name, value in dict.items(rcParamsDefault) if not name.startswith("backend")}
_DEFAULTS |= {"legend.frameon": False, "legend.fontsize": 9.5, "text.color": INK}
_readers = {}  # style, while ours is in force


@contextlib.contextmanager
def our_style(**settings):
    """Draw by matplotlib's defaults and ``settings``, whatever the reader's are; those are back afterwards."""
    if _readers:  # this was called from within
        yield
        return
    _readers.update(dict.items(rcParams))
    dict.update(rcParams, _DEFAULTS | settings)  # `rc_context` would check all 300 each time, which takes milliseconds
    try:
        yield
    finally:
        dict.update(rcParams, _readers)
        _readers.clear()


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
    >>> figure.axes == [surface, loss], loss.get_title("left")
    (True, 'Loss')
    """
    with our_style(**STYLE):
        figure = CourseFigure(figsize=(8, height), dpi=200, layout="constrained")
        panels = figure.subplot_mosaic(mosaic, subplot_kw={"axes_class": CourseAxes}, **options)
    for title, axes in panels.items():
        # y=1 is where it would be put, after a fifth of the time that laying out takes
        axes.set_title(title[:1].upper() + title[1:], y=1, loc="left")
    return figure, *panels.values()


def panel(axes, *, log="", grid="both", **settings):
    """Set up one panel with a light ``grid``: ``log`` names its logarithmic axes, the rest is as at ``axes.set``."""
    axes.set(**{f"{axis}scale": "log" for axis in log}, **settings)
    for axis in (axes.xaxis, axes.yaxis):
        if f"{axis.axis_name}ticks" in settings:
            axis.set_major_formatter("{x:g}")  # written out, not as powers of ten
    axes.grid(axis=grid, color=FAINT, linewidth=0.6)
    axes.minorticks_off()  # nine for each power of ten, unseen, would be half the work of laying out
    return axes


def grid(x, y):
    """Return every pair of a number from x and one from y, of shape (len(y), len(x), 2)."""
    return np.stack(np.meshgrid(x, y), axis=-1)


def contour(axes, landscape, extent=None, **settings):
    """Draw a landscape as a map of its ``extent``, or another, with a star at each minimum; return its heights."""
    across, up = extent or landscape.extent
    mark_minima(axes, landscape.minima)
    return map_surface(axes, landscape.value, np.linspace(*across, 161), np.linspace(*up, 121), **settings)


def levels(heights):
    """Return how high each place is, from 0 to 1: on a logarithmic scale, which gives room to the valleys."""
    low, span = heights.min(), np.ptp(heights) or 1.0
    return np.log1p(25 * (heights - low) / span) / np.log1p(25)


def ranks(heights):
    """Return how high each place is, from 0 to 1: the share of the ground that is lower; no height lacks room."""
    return heights.ravel().argsort().argsort().reshape(heights.shape) / (heights.size - 1)


def relief(level):
    """Return the colours of ground of these ``levels`` (rows, columns), lit from the upper left: (rows, columns, 3)."""
    up, across = np.gradient(level, *(1 / np.array(level.shape)))
    lit = 0.3 * (across - up) / np.sqrt(2 * (1 + up**2 + across**2))  # negative in the shade
    colors, shade = GROUND(level)[..., :3], np.minimum(lit, 0)[..., None]
    return (255 * (colors * (1 + shade) + (1 - colors) * (lit[..., None] - shade))).astype(np.uint8)


def map_surface(axes, value, x, y, *, lines=14, scale=levels, **settings):
    """Draw a loss as ground in relief, on a ``scale``, with so many contour ``lines``; return its heights."""
    heights = value(grid(x, y))
    level, ends = scale(heights), (x[0], x[-1], y[0], y[-1])
    axes.imshow(relief(level), extent=ends, origin="lower", interpolation="bilinear", zorder=0.5)  # of equal aspect
    axes.contour(x, y, level, np.arange(1, lines + 1) / (lines + 1), colors="white", linewidths=0.6, alpha=0.55)
    axes.spines[:].set_visible(False)
    axes.set(**{"xlim": ends[:2], "ylim": ends[2:]} | settings)
    return heights


def map_line_fit(axes, loss, across, up):
    """Draw the loss of a ``losses.LinearRegression`` by (slope, intercept), from low to high around its minimum."""
    slope, intercept = best = loss.least_squares()
    slopes, intercepts = slope + np.linspace(*across, 101), intercept + np.linspace(*up, 101)
    map_surface(axes, loss.value, slopes, intercepts, xlabel="slope", ylabel="intercept")
    mark_minima(axes, best)


def mark_minima(axes, points):
    """Mark minima, of shape (k, 2) or (2,), with the white star that stands for one in every picture."""
    axes.plot(*np.reshape(points, (-1, 2)).T, "*", color="white", markeredgecolor=INK, markersize=13, zorder=2.2)


def ground_from_the_side(axes, landscape, low, **settings):
    """Draw a landscape of one dimension from the side, from ``low`` heights above its lowest place: dark is low."""
    x = np.linspace(*landscape.extent[0], 401)
    heights = landscape.value(x[:, None])
    ends = *x[[0, -1]], *heights.min() + np.ptp(heights) * np.array([low, 1.06])
    axes.imshow(GROUND(np.linspace(0, 1, 256) ** 0.6)[:, None], extent=ends, origin="lower", aspect="auto")
    axes.fill_between(x, heights, 1.1 * ends[3], color=PAPER, linewidth=0)
    axes.plot(x, heights, color=INK, linewidth=1.5)
    mark_minima(axes, np.column_stack([landscape.minima[:, 0], landscape.value(landscape.minima)]))
    axes.spines[:].set_visible(False)
    axes.set(**{"xlabel": "parameter w", "xlim": ends[:2], "ylim": ends[2:]} | settings)


def casing(linewidth, alpha=1):
    """Return what gives a line of this width a white rim, which keeps it readable on any ground (words: of 0)."""
    rim = [withStroke(linewidth=linewidth + 2.4 * alpha, foreground=(1, 1, 1, alpha))]
    return {"path_effects": rim, "alpha": alpha} | ({"linewidth": linewidth} if linewidth else {})


def moving_line(axes, style="-", color=MEASURED, **settings):
    """Return a line that moves, empty as yet; wherever it goes, the panels keep their places."""
    (line,) = axes.plot([], [], style, color=color, animated=True, in_layout=False, **settings)
    return line


def moving_mark(axes, marker="o", color=HERE, markersize=11, **settings):
    """Return a mark with a white rim, the ball that stands for where a run is unless you say otherwise; it moves."""
    return moving_line(axes, marker, color, markeredgecolor="white", markersize=markersize, **settings)


def moving_words(axes, x=0, y=0, words="", *, ha="center", va="center", **look):
    """Return words that move; wherever they go, the panels keep their places."""
    return axes.text(x, y, words, ha=ha, va=va, animated=True, in_layout=False, **look)


def move(lines, curves):
    """Move each of the ``lines`` to its curve, x and y: of shape (n,), or two numbers, for a mark."""
    for line, curve in zip(lines, curves, strict=True):
        line.set_data(*np.atleast_1d(*curve))


def moving_curve(axes, style="-", color=MEASURED, *mark, **settings):
    """Prepare a curve with a mark at its end (``moving_mark``); return what moves it to x and y, of shape (n,)."""
    line, end = moving_line(axes, style, color), moving_mark(axes, *mark, **settings)
    return lambda x, y: move((line, end), ((x, y), (x[-1:], y[-1:])))


def moving_names(axes, names, **look):
    """Return what puts each name, or another, at the end of its curve, (n, 2) in all; none stands on another."""
    texts = [moving_words(axes, **{"ha": "left", "fontsize": 9.5} | look) for _ in names]

    def show(ends, names=names):
        apart = 1.3 * texts[0].get_fontsize() / 72 * axes.figure.dpi
        inside = axes.bbox.padded(0, -apart / 2)
        places = np.clip(axes.transData.transform(ends), *inside.get_points())
        order, rows = places[:, 1].argsort(), apart * np.arange(len(places))
        pushed_up = np.maximum.accumulate(places[order, 1] - rows)
        places[order, 1] = np.minimum(pushed_up, inside.y1 - rows[-1]) + rows
        for text, place, name in zip(texts, axes.transData.inverted().transform(places), names, strict=True):
            text.set(position=place, text=f"\u2002{name}")

    return show


def named_curves(axes, looks):
    """Prepare curves of these ``looks`` by name (color, style, marker); return what moves them to x (n,), y (k, n)."""
    curves = [moving_curve(axes, style, color, marker, color, 8) for color, style, marker in looks.values()]
    move_names = moving_names(axes, looks)

    def show(x, heights):
        for move_curve, y in zip(curves, heights, strict=True):
            move_curve(x, y)
        move_names([(x[-1], y[-1]) for y in heights])

    return show


def room_at_the_right(figure, names, *, between=0.0):
    """Leave room beside the panels for the longest of the ``names`` at the ends of curves, and ``between`` panels."""
    figure.get_layout_engine().set(rect=(0, 0, 0.98 - 0.008 * max(map(len, names)), 1), wspace=between)


def mark_on_rim(axes):
    """Return what puts a hollow ball where points (n, 2) that end beyond a panel were last seen in it."""
    rim = moving_line(axes, "o", "white", markeredgecolor=HERE, markeredgewidth=2, clip_on=False)

    def show(points):
        place = points[np.isfinite(points).all(axis=1)][-1:]
        nearest = np.clip(place, *np.sort([axes.get_xlim(), axes.get_ylim()]).T)
        beyond = (nearest != place).any(axis=1)
        if beyond.any():
            way = Path(axes.transData.transform(points))
            way = way.cleaned(remove_nans=True, clip=axes.bbox.padded(-1).extents, simplify=False)  # which adds 1
            crossings = way.vertices[way.codes == Path.LINETO][-1:]
            nearest = axes.transData.inverted().transform(crossings) if len(crossings) else nearest
        rim.set_data(*nearest[beyond].T)

    return show


def arrow(start, end, head):
    """Return the points (5, 2) of an arrow as one line, with a head that is so long, or shorter on a short arrow."""
    back = np.subtract(start, end)
    back = back * min(0.6, head / max(np.linalg.norm(back), 1e-300))
    aside = 0.5 * back[::-1] * [1, -1]
    return np.array([start, end, end + back + aside, end, end + back - aside])


def path_on_map(axes, *, dots=True):
    """Prepare a path, with a dot at each step if you like; return what moves it to points of shape (n, 2)."""
    path = [moving_line(axes, "-", INK, **casing(1.5))]
    path += [moving_line(axes, "o", INK, markersize=3.2, markeredgewidth=0)] if dots else []
    start = moving_line(axes, "s", color="white", markeredgecolor=INK, markersize=12)  # seen behind the ball, too
    ball, mark_rim = moving_mark(axes), mark_on_rim(axes)

    def show(points):
        move((*path, start, ball), (*[points.T] * len(path), points[:1].T, points[-1:].T))
        mark_rim(points)

    return show


def loss_axes(axes, steps, low, high, *, log="y", **settings):
    """Prepare a panel for the loss at each of so many steps, with fixed limits."""
    margin = max(2, steps * 0.03)
    panel(axes, log=log, xlim=(-margin, steps + margin), ylim=(low, high), **{"xlabel": "step"} | settings)
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
        """Draw the path (shape (n, 2); on a curve (n, 1)) and the losses of ``run``."""
        move_path(run.path if run.path.shape[1] > 1 else np.column_stack([run.path, run.losses]))
        move_loss(run)

    return show


def with_gaps(pieces):
    """Return x and y of one line that is made of several, each of shape (n, 2), with a gap after each."""
    gap = np.full((1, 2), np.nan)
    return np.concatenate([part for piece in pieces for part in (piece, gap)]).T
