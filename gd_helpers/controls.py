"""The controls of a live figure: ipywidgets with the settings that this course needs, and a point to click.

Each has a ``value`` and can be observed; ``live`` gives them their labels from the names of the arguments.
"""

import ipywidgets as widgets
import traitlets

LABEL_WIDTH = "110px"
_LAYOUT = {"width": "380px", "max_width": "100%"}
_STYLE = {"description_width": LABEL_WIDTH}


def slider(low, high, value, step=None):
    """A linear slider: of whole numbers if all its arguments are, of decimal numbers otherwise.

    >>> slider(1, 200, 60).value
    60
    >>> slider(0.0, 1.0, 0.5, step=0.05).value
    0.5
    """
    _check_range(low, high, value)
    whole = all(isinstance(number, int) for number in (low, high, value, step or 1))
    kind = widgets.IntSlider if whole else widgets.FloatSlider
    step = step or (1 if whole else (high - low) / 100)
    readout = {} if whole else {"readout_format": ".3g"}
    return kind(value=value, min=low, max=high, step=step, layout=_LAYOUT, style=_STYLE, **readout)


def log_slider(low, high, value, steps_per_decade=25):
    """A slider on a logarithmic scale, for learning rates; ``low`` and ``high`` are values, not exponents.

    Its value is rounded to the three digits that its label shows: what you read is what is computed with.

    >>> round(log_slider(0.001, 0.3, 0.05).value, 6)
    0.05
    """
    from math import log10

    _check_range(low, high, value)
    if low <= 0:
        raise ValueError(f"low must be above 0 on a logarithmic scale, but got {low}")
    return widgets.FloatLogSlider(
        value=value,
        base=10,
        min=log10(low),
        max=log10(high),
        step=1 / steps_per_decade,
        readout_format=".3g",
        layout=_LAYOUT,
        style=_STYLE,
    )


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
        self.buttons = widgets.Play(min=low, max=high, value=low, interval=interval, layout={"width": "auto"})
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
