"""Live figures: controls -> your function -> the moving artists.

Matplotlib draws what stands still, once; the browser draws what moves, as SVG (``svg.py``, ``live.js``). The kernel
sends only path strings, so a move costs little more than the round trip of the slider itself.
"""

import asyncio
import base64
import contextlib
import inspect
import io
import sys
from pathlib import Path

import anywidget
import ipywidgets as widgets
import traitlets
from IPython import get_ipython
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg

from gd_helpers.live import svg
from gd_helpers.live.controls import GridSlider, Point

_FILES = Path(__file__).parent


def live(scene, **controls):
    """Decorate a function so that controls move its picture; shown at once, below the cell.

    Args:
        scene: what the function draws into: a matplotlib ``Figure``, or anything with a ``figure``. Artists made
            with ``animated=True`` move smoothly; any other change redraws the whole picture, which is slower.
        **controls: one for each argument of the function: ``slider``, ``log_slider``, ``choice``, ``switch``,
            ``play``, ``point``, ``powers_of_two`` or any ipywidget with a value.

    The function moves the artists and returns a sentence that says what the picture shows. Work that takes longer
    than about 50 ms is written as a generator: it yields sentences on the way and returns the last one, and it is
    dropped as soon as a control moves on.

    Returns:
        A ``Live``, in the function's place.

    >>> from matplotlib.figure import Figure
    >>> from gd_helpers.live import slider
    >>> figure = Figure()
    >>> (ball,) = figure.subplots().plot([], [], "o", animated=True)
    >>> @live(figure, x=slider(0, 10, 3))
    ... def explore(x):
    ...     ball.set_data([x], [x**2])
    ...     return f"height {x**2}"
    x = 3
    height 9
    >>> explore.set(x=5)
    >>> explore.verdict
    'height 25'
    """

    def decorate(function):
        shown = Live(function, scene, controls)
        display(shown)
        return shown

    return decorate


class Picture(anywidget.AnyWidget):
    """The widget that ``live.js`` draws. All lengths are in the SVG units of ``svg.py``."""

    _esm = _FILES / "live.js"
    _css = _FILES / "live.css"
    size = traitlets.List().tag(sync=True)
    units_per_pixel = traitlets.Int(svg.PER_PIXEL).tag(sync=True)
    background = traitlets.Bytes().tag(sync=True)
    styles = traitlets.List().tag(sync=True)
    moves = traitlets.List().tag(sync=True)
    words = traitlets.Unicode().tag(sync=True)
    failed = traitlets.Bool().tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)
    target = traitlets.List(help="left, top, right, bottom of the axes to aim at").tag(sync=True)
    aim = traitlets.List(help="the point chosen").tag(sync=True)


class Live:
    """A function, its controls and its picture. Made by ``live``.

    Attributes:
        widget: the ipywidget to lay out elsewhere, should you want to.
    """

    def __init__(self, function, scene, controls):
        self._function, self._scene = function, scene
        self._controls = controls
        self._figure = getattr(scene, "figure", scene)
        self._setting, self._task = False, None
        self.__doc__ = function.__doc__
        _forget_pyplot(self._figure)
        _close_earlier(self)
        self._picture = Picture(size=list(svg.size(self._figure)))
        self._draw_background()
        for name, control in controls.items():
            if isinstance(control, Point):
                self._connect_point(name, control)
            else:
                control.description = name.replace("_", " ")
            control.observe(self._moved, "value")
        row = [_to_lay_out(control) for control in controls.values() if isinstance(control, widgets.Widget)]
        self.widget = widgets.VBox([widgets.HBox(row, layout={"flex_flow": "row wrap"}), self._picture])
        self._run()

    @property
    def value(self) -> dict:
        """The value of every control, by name."""
        return {name: control.value for name, control in self._controls.items()}

    @property
    def verdict(self) -> str:
        """The sentence under the picture."""
        return self._picture.words

    def set(self, **values):
        """Move the controls from code, and the picture with them: ``explore.set(learning_rate=0.21)``.

        Raises:
            ValueError: if there is no control of that name, or its value is out of range.
        """
        for name, value in values.items():
            if name not in self._controls:
                raise ValueError(f"there is no control {name!r}, only {', '.join(self._controls)}")
            _check_value(name, self._controls[name], value)
        self._setting = True
        try:
            for name, value in values.items():
                control = self._controls[name]
                if isinstance(control, GridSlider):
                    control.put(value)
                else:
                    control.value = value
        finally:
            self._setting = False
        self._run()

    def close(self):
        """Take the figure and its controls out of the notebook and out of memory."""
        for control in self._controls.values():
            control.unobserve_all()
        for widget in (*self.widget.children[0].children, self.widget.children[0], self._picture, self.widget):
            widget.close()

    def _moved(self, change):
        if not self._setting:
            self._run(by_hand=True)

    def _run(self, by_hand=False):
        """Call the function with what the controls say and show what it did, or how it failed."""
        if self._task is not None:
            self._task.cancel()  # a newer value has come: what is still being worked out is no longer wanted
            self._task = None
        with self._guarded():
            result = self._function(**self.value)
            if not inspect.isgenerator(result):
                self._show(result)
            elif by_hand and (loop := _running_loop()):
                self._task = loop.create_task(self._work(result))
            else:
                self._show(list(_sentences(result))[-1])

    async def _work(self, generator):
        with self._guarded():
            for words in _sentences(generator):
                self._show(words)
                await asyncio.sleep(0.001)  # lets the kernel take in a newer value, which cancels this task

    @contextlib.contextmanager
    def _guarded(self):
        try:
            yield
        except Exception as error:
            self._show(f"{type(error).__name__}: {error}", failed=True)

    def _show(self, words, failed=False):
        """Send the moving artists and the sentence in one message."""
        if self._figure.stale:
            self._draw_background()
        elements = [element for artist in self._moving for element in svg.encode(artist)]
        with self._picture.hold_sync():
            self._picture.styles = [style for style, _ in elements]
            self._picture.moves = [move for _, move in elements]
            self._picture.words = "" if words is None else str(words)
            self._picture.failed = failed

    def _draw_background(self):
        self._moving = svg.moving(self._figure)
        png = io.BytesIO()
        FigureCanvasAgg(self._figure).print_png(png)  # unlike savefig, this leaves the animated artists out
        self._figure.set_layout_engine("none")  # later drawings must not move the axes
        self._figure.stale = False
        self._picture.background = png.getvalue()

    def _connect_point(self, name, control):
        axes = getattr(self._scene, "target", None) or self._figure.axes[0]
        coordinates = len(control.value)
        (left, bottom), (right, top) = svg.to_units(self._figure, axes.bbox.get_points())

        def to_picture(change=None):
            place = (*control.value, *axes.viewLim.max)[:2]  # on a curve only the first coordinate matters
            self._picture.aim = svg.to_units(self._figure, axes.transData.transform(place)).tolist()

        def from_picture(change):
            if not self._setting:
                place = axes.transData.inverted().transform(svg.to_pixels(self._figure, change["new"]))
                control.value = tuple(float(f"{number:.3g}") for number in place[:coordinates])

        self._picture.target = [left, top, right, bottom]
        what = name.replace("_", " ")
        self._picture.hint = f"Click or drag in the picture to move the {what}, or focus it and use the arrow keys."
        to_picture()
        self._picture.observe(from_picture, "aim")
        control.observe(lambda change: self._setting and to_picture(), "value")

    def __repr__(self):
        values = ", ".join(f"{name} = {_in_words(value)}" for name, value in self.value.items())
        return f"{values}\n{self.verdict}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return self.widget._repr_mimebundle_() | {
            "image/png": base64.b64encode(self.png()).decode(),
            "text/plain": repr(self),
        }

    def png(self) -> bytes:
        """The whole picture as it is now, drawn by matplotlib alone: for print, and where no kernel runs."""
        png, stale = io.BytesIO(), self._figure.stale
        self._figure.savefig(png, format="png", dpi=svg.CSS_DPI)  # saving includes the animated artists
        self._figure.stale = stale
        return png.getvalue()


def _to_lay_out(control):
    return control.marked() if isinstance(control, GridSlider) else control


def _sentences(generator):
    """Yield what a generator yields, and at last what it returns, if anything."""
    returned = yield from generator
    if returned is not None:
        yield returned


def _running_loop():
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _in_words(value):
    if isinstance(value, tuple):
        return "(" + ", ".join(_in_words(number) for number in value) + ")"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _check_value(name, control, value):
    """Sliders would move a value that is out of range to their end without a word."""
    control = getattr(control, "slider", control)
    if isinstance(control, GridSlider):
        low, high = control.numbers[0], control.numbers[-1]
    else:
        low, high = getattr(control, "min", None), getattr(control, "max", None)
    if low is not None and not low <= value <= high:
        raise ValueError(f"{name} must be between {low:.4g} and {high:.4g}, but got {value!r}")
    if isinstance(control, widgets.Dropdown | widgets.SelectionSlider) and not isinstance(control, GridSlider):
        allowed = list(control.options.values() if isinstance(control.options, dict) else control.options)
        if value not in allowed:
            raise ValueError(f"{name} must be one of {allowed}, but got {value!r}")


def _forget_pyplot(figure):
    """A figure made by ``plt.subplots()`` would also be shown by pyplot, and kept for ever."""
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(figure)


_open: dict[tuple, Live] = {}


def _close_earlier(shown):
    """Running a cell again replaces its figure: close the one before, or each run would leave one in memory."""
    shell = get_ipython()
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    cell = parent.get("metadata", {}).get("cellId")
    if cell is None:
        return
    key = (cell, shown._function.__name__)
    if key in _open:
        _open[key].close()
    _open[key] = shown
