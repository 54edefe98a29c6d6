"""The controls of a live figure: ipywidgets with the settings that this course needs, and a point to click.

Each has a ``value`` and can be observed; ``live`` gives them their labels from the names of the arguments.
"""

from html import escape
from math import log10

import ipywidgets as widgets
import traitlets

LABEL_WIDTH = "140px"
_LAYOUT = {"width": "400px", "max_width": "100%"}
_STYLE = {"description_width": LABEL_WIDTH}


def slider(low, high, value, step=None, marks=None):
    """A linear slider: of whole numbers if all its arguments are, of decimal numbers otherwise.

    Args:
        low: its left end.
        high: its right end.
        value: where it stands at first.
        step: how far one key press moves it; 1 for whole numbers, a hundredth of the way for others.
        marks: words to stand under it, each with its place, such as ``{"2/h": 0.2}`` (decimal numbers only).

    >>> slider(1, 200, 60).value
    60
    >>> slider(0.0, 1.0, 0.5, step=0.05).value
    0.5
    """
    _check_range(low, high, value)
    if all(isinstance(number, int) for number in (low, high, value, step or 1)):
        return widgets.IntSlider(value=value, min=low, max=high, step=step or 1, layout=_LAYOUT, style=_STYLE)
    steps = round((high - low) / step) if step else 100
    return GridSlider([low + (high - low) * k / steps for k in range(steps + 1)], value, marks)


def log_slider(low, high, value, steps_per_decade=30, marks=None):
    """A slider on a logarithmic scale, for learning rates; ``low`` and ``high`` are values, not exponents.

    ``marks`` are words to stand under it, each with its place: ``{"2/h": 0.2}``.

    >>> log_slider(0.001, 0.3, 0.05).value
    0.05
    >>> log_slider(1, 1000, 10).options[-1]
    ('1000', 1000.0)
    """
    _check_range(low, high, value)
    if low <= 0:
        raise ValueError(f"low must be above 0 on a logarithmic scale, but got {low}")
    steps = round(steps_per_decade * log10(high / low))
    return GridSlider([low * (high / low) ** (k / steps) for k in range(steps + 1)], value, marks)


def powers_of_two(high, value):
    """A slider over 1, 2, 4, 8, ... and at its right end ``high`` itself: for batch sizes.

    >>> powers_of_two(20, 4).options
    (1, 2, 4, 8, 16, 20)
    """
    _check_range(1, high, value)
    sizes = [2**k for k in range(high.bit_length()) if 2**k < high] + [high]
    return widgets.SelectionSlider(options=sizes, value=value, layout=_LAYOUT, style=_STYLE)


class GridSlider(widgets.SelectionSlider):
    """A slider over numbers rounded to three digits, so that its label is exactly what is computed with.

    (The float sliders of ipywidgets show the nearest step in place of a value that was set from code.)
    """

    def __init__(self, numbers, value, marks=None):
        self.marks = {} if marks is None else {words: _rounded(number) for words, number in marks.items()}
        places = [*numbers, value, *self.marks.values()]
        super().__init__(options=_labelled(places), value=_rounded(value), layout=_LAYOUT, style=_STYLE)

    def marked(self):
        """The slider with its marks under it, as one widget to lay out; the slider itself where it has none."""
        if not self.marks:
            return self
        strip = widgets.HTML(layout={"width": "100%", "margin": "0"})

        def place_marks(change=None):
            last = len(self.numbers) - 1
            strip.value = "<div class='gd-marks'>" + "".join(
                f"<span style='left:{100 * self.numbers.index(number) / last:.2f}%'>{escape(words)}</span>"
                for words, number in self.marks.items()
            ) + "</div>"  # fmt: skip

        place_marks()
        self.observe(place_marks, "_options_labels")
        return widgets.VBox([self, strip], layout={"max_width": "100%", "overflow": "visible"})

    @property
    def numbers(self):
        """The values that the slider can take, in order."""
        return [number for _, number in self.options]

    def put(self, number):
        """Move to ``number``, which becomes a place on the slider if it is not one yet."""
        if _rounded(number) not in self.numbers:
            self.options = _labelled([*self.numbers, number])
        self.value = _rounded(number)


def _labelled(numbers):
    return [(f"{number:g}", number) for number in sorted(set(map(_rounded, numbers)))]


def _rounded(number):
    return float(f"{number:.3g}")


def choice(options, value=None):
    """A drop-down list of ``options`` (texts, or a dictionary from text to value); the first unless ``value`` says.

    >>> choice(["sgd", "momentum"]).value
    'sgd'
    """
    first = next(iter(options.values() if isinstance(options, dict) else options))
    chosen = first if value is None else value
    return widgets.Dropdown(options=options, value=chosen, layout=_LAYOUT, style=_STYLE)


def switch(value=False):
    """A check box.

    >>> switch().value
    False
    """
    return widgets.Checkbox(value=value, indent=False, layout={"width": "auto"})


def play(low, high, value, interval=80):
    """A slider of whole numbers with buttons that walk it, one step every ``interval`` milliseconds.

    >>> play(0, 100, 40).value
    40
    """
    return Play(low, high, value, interval)


class Play(widgets.HBox):
    """Play, pause and stop buttons linked (in the browser, so without the kernel) to a slider beside them."""

    value = traitlets.Int()

    def __init__(self, low, high, value, interval):
        self.slider = slider(low, high, value)
        self.buttons = widgets.Play(min=low, max=high, value=value, interval=interval, layout={"width": "auto"})
        widgets.jslink((self.buttons, "value"), (self.slider, "value"))
        super().__init__([self.slider, self.buttons], layout={"flex_flow": "row wrap", "max_width": "100%"})
        traitlets.link((self.slider, "value"), (self, "value"))

    @property
    def description(self):
        """The label, as every ipywidget has one."""
        return self.slider.description

    @description.setter
    def description(self, text):
        self.slider.description = text


class Point(traitlets.HasTraits):
    """A point chosen in the picture itself, with the pointer or the arrow keys; its value is a tuple of numbers."""

    value = traitlets.Tuple()


def point(*coordinates):
    """A point to choose by clicking, dragging or with the arrow keys: one coordinate on a curve, two on a map.

    >>> point(-2.5, 1.5).value
    (-2.5, 1.5)
    """
    if len(coordinates) not in (1, 2):
        raise ValueError(f"point wants one or two coordinates, but got {coordinates!r}")
    return Point(value=tuple(float(number) for number in coordinates))


def _check_range(low, high, value):
    if not low < high:
        raise ValueError(f"low must be below high, but got low = {low}, high = {high}")
    if not low <= value <= high:
        raise ValueError(f"value must be between {low} and {high}, but got {value}")
