"""The controls of a live figure: sliders, lists, switches, and a point to choose in the picture itself.

Each has a ``value``, which can be observed and set. What a hand moves is a *place*: the values that a control can take
stand in a row, and the browser (``controls.js``) draws and moves the place's number. So what is shown is always what
is computed with, and a figure with its controls is a single widget. A ValueError names an argument that does not fit.
"""

from math import ceil, floor, isclose, log10
from numbers import Integral

import numpy as np
import traitlets

from gd_helpers.checks import TOO_LARGE, as_floats, as_iterator, as_number, as_whole_number, said

MOST_PLACES = 10_000  # more than a hand can find


class Control(traitlets.HasTraits):
    """Stands at one of several values.

    Attributes:
        value: the one it stands at.
        options: all of them, in order; ``words`` is how the browser shows each.
        kind: how it looks: "slider", "choice" or "switch".
        marks: words to stand under it, each with its value.
        between: whether any number between its ends can be put, and becomes a place.
        interval: milliseconds between two steps of the button that walks through all values; 0: no such button.
    """

    value = traitlets.TraitType()  # not Any, which would take None unseen

    def __init__(self, options, value, kind, *, marks=None, between=False):
        if not isinstance(marks, dict | None):
            raise ValueError(f"marks must be a dictionary from words to places, but got {said(marks)}")
        self.kind, self.between, self.interval = kind, between, 0
        self._offer(options)
        self.marks = {words: self._place_for(f"marks[{said(words)}]", place) for words, place in (marks or {}).items()}
        super().__init__(value=value)

    def _offer(self, options):
        self.options = tuple(options)
        self._places = {id(option): place for place, option in enumerate(self.options)}  # not all can be compared
        for digits in range(6, 18):  # as many as it takes to tell all places apart
            form = f".{digits}g"
            self.words = [format(option, form) if isinstance(option, float) else str(option) for option in self.options]
            if len(set(self.words)) == len(self.options):
                break

    @property
    def place(self) -> int:
        """The number of the place where it stands, counted from 0."""
        return self._places[id(self.value)]

    def fitting(self, name, value):
        """Return the value as this control takes it, or raise a ValueError that says which it takes."""
        if self.kind == "slider":
            number = _number(name, value, self.options[0], self.options[-1])
            nearest = min(self.options, key=lambda option: abs(option - number))
            if isclose(nearest, number):
                return nearest
            if self.between:
                return float(number)
        for option in self.options:
            if option is value or (value is not np.ma.masked and np.array_equal(option, value)):
                return option
        raise ValueError(f"{name} must be one of {said(list(self.options))}, but got {said(value)}")

    @traitlets.validate("value")
    def _validated(self, proposal):
        return self._place_for("value", proposal["value"])

    def _place_for(self, name, value):
        option = self.fitting(name, value)
        if id(option) not in self._places:
            self._offer(sorted([*self.options, option]))
        return option

    def described(self, name) -> dict:
        """Everything that the browser needs to draw it."""
        marks = [[self._places[id(value)], words] for words, value in self.marks.items()]
        name = name.replace("_", " ")
        return {"name": name, "kind": self.kind, "words": self.words, "marks": marks, "interval": self.interval}


class Point(traitlets.HasTraits):
    """A point chosen in the picture itself, with the pointer or the arrow keys; its value is a tuple of numbers."""

    value = traitlets.TraitType(())

    def fitting(self, name, value):
        """Return the coordinates as floats, or raise a ValueError that says how many are wanted."""
        given = as_floats(name, value, finite=True)
        if given.size != len(self.value) or given.ndim > 1:
            raise ValueError(f"{name} must be {len(self.value)} finite numbers, but got {said(value)}")
        return tuple(given.ravel().tolist())

    @traitlets.validate("value")
    def _validated(self, proposal):
        return self.fitting("value", proposal["value"])


def slider(low, high, value, step=None, marks=None):
    """A linear slider: of whole numbers if all its arguments are, of decimal numbers otherwise.

    At first it stands at ``value``. From one place to the next it is a ``step``: 1 for whole numbers, else a power of
    ten, at most a hundredth of the way. ``marks`` are words to stand under it, each with its place: ``{"2/h": 0.2}``.

    >>> slider(1, 200, 60).value, slider(0.0, 1.0, 0.5, step=0.05).options[-2]
    (60, 0.95)
    """
    low, high, value = _in_order(low, high, value)
    whole = all(isinstance(number, Integral | None) for number in (low, high, value, step))
    if step is None:
        step = 1 if whole else 10.0 ** floor(log10(high - low) - 2)
    if not 0 < as_number("step", step, single=True) <= high - low:
        raise ValueError(f"step must be above 0 and at most {high - low:g}, the way from low to high, but got {step}")
    count = (high - low) / float(step) - 1e-9
    if count > MOST_PLACES:
        raise ValueError(f"low and high must be closer, or step larger, but got {count:,.9g} places")
    if whole:
        return Control(range(low, high + 1, int(step)), value, "slider", marks=marks)
    decimals = max(0, 3 - floor(log10(step)))  # 0.3, not 0.30000000000000004
    inner = [round(low + k * float(step), decimals) for k in range(1, ceil(count))]
    return Control([float(low), *inner, float(high)], value, "slider", marks=marks, between=True)


def log_slider(low, high, value, steps_per_decade=30, marks=None):
    """A slider on a logarithmic scale, for learning rates; ``low`` and ``high`` are values above 0, not exponents.

    Its places have three digits; fine steps meet round numbers (0.1, 0.2, ...), too. ``marks`` are as at ``slider``.

    >>> log_slider(0.001, 0.3, 0.05).options[-1]
    0.3
    """
    low, high, value = _in_order(low, high, value)
    if low < 1 / TOO_LARGE:
        raise ValueError(f"low must be above 0, {1 / TOO_LARGE:g} or more, on a logarithmic scale, but got {low}")
    steps_per_decade = as_number("steps_per_decade", steps_per_decade, "above 0", single=True)
    decades = log10(high) - log10(low)
    steps = max(1, round(steps_per_decade * decades))
    if steps > MOST_PLACES:
        raise ValueError(f"low and high must be closer, or steps_per_decade smaller, but got {steps:,.9g} places")
    inner = {_rounded(low * 10 ** (decades * k / steps), decades / steps) for k in range(1, steps)}
    places = sorted({float(low), *(number for number in inner if low < number < high), float(high)})
    return Control(places, value, "slider", marks=marks, between=True)


def _rounded(number, step):
    """The round number nearest to a place of a slider, if within half a step (in decades); else three of its digits."""
    nearest = float(f"{number:.0e}")
    return nearest if abs(log10(number / nearest)) < 0.5 * step else float(f"{number:.3g}")


def powers_of_two(high, value):
    """A slider over 1, 2, 4, 8, ... and at its right end ``high`` itself: for batch sizes.

    >>> powers_of_two(20, 4).options
    (1, 2, 4, 8, 16, 20)
    """
    high = as_whole_number("high", high, at_least=2)
    return Control([2**k for k in range(high.bit_length()) if 2**k < high] + [high], value, "slider")


def choice(options, value=None):
    """A drop-down list of ``options`` (or a dictionary from words to options); the first unless ``value`` says.

    >>> choice(["sgd", "momentum"]).value
    'sgd'
    """
    words = list(as_iterator("options", options, "one or more in a list or a dictionary"))
    offered = list(options.values()) if isinstance(options, dict) else words
    if not 0 < len(offered) == len({str(option) for option in offered}):
        raise ValueError(f"options must be one or more that differ, but got {said(options)}")
    chosen = Control(offered, offered[0] if value is None else value, "choice")
    chosen.words = [str(word) for word in words]
    return chosen


def switch(value=False):
    """A check box.

    >>> switch().value
    False
    """
    return Control([False, True], value, "switch")


def play(low, high, value, interval=80):
    """A slider of whole numbers with buttons that walk it, one step every ``interval`` milliseconds.

    >>> play(0, 100, 40).value
    40
    """
    if not all(isinstance(number, Integral) for number in (low, high, value)):
        raise ValueError(f"low, high and value must be whole numbers, but got {said((low, high, value))}")
    walked = slider(low, high, value)
    walked.interval = as_whole_number("interval", interval, at_least=1)
    return walked


def point(*coordinates):
    """A point to choose by clicking, dragging or with the arrow keys: one coordinate on a curve, two on a map.

    It is chosen in the scene's ``target``, the axes of that name, or else in its first axes. Three things more a scene
    may have: ``targets``, further axes to click in, such as a part that is magnified; then also
    ``to_place(axes, x, y)``, which returns the coordinates on the target for a click at (x, y) in those axes; and
    ``key_step``, how far an arrow key goes compared with the usual 8 pixels: below 1 for a finer one.

    >>> point(-2.5, 1.5).value
    (-2.5, 1.5)
    """
    if len(coordinates) not in (1, 2):
        raise ValueError(f"point wants one or two coordinates, but got {said(coordinates)}")
    return Point(value=tuple(as_number("coordinates", number, single=True) for number in coordinates))


def _in_order(low, high, value):
    """Return the ends of a slider and its value as Python's own numbers, which do not overflow, if they fit."""
    low, high = _number("low", low), _number("high", high)
    if not high - low > max(1 / TOO_LARGE, 1e-9 * max(abs(low), abs(high))):  # else its places would be one
        raise ValueError(f"low must be below high, by more than rounding, but got low = {low}, high = {high}")
    return low, high, _number("value", value, low, high)


def _number(name, value, low=-TOO_LARGE, high=TOO_LARGE):
    """Return a number between two others as a float, or as an int if it is a whole one."""
    number = as_number(name, value, single=True)
    if not low <= number <= high:
        raise ValueError(f"{name} must be between {low:g} and {high:g}, but got {said(value)}")
    return int(value) if isinstance(value, Integral) else number
