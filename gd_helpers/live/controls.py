"""The controls of a live figure: sliders, lists, switches, and a point to choose in the picture itself.

Each has a ``value``, which can be observed and set. What a hand moves is a *place*: the values that a control can take
stand in a row, and the browser (``controls.js``) draws and moves the place's number. So what is shown is always what
is computed with, and a figure with its controls is a single widget.
"""

from bisect import bisect_left, insort
from math import floor, isclose, isfinite, log10
from numbers import Integral, Real

import numpy as np
import traitlets

MOST_PLACES = 10_000


class Control(traitlets.HasTraits):
    """Stands at one of several values.

    Attributes:
        value: the one it stands at.
        options: all of them, in order; or a dictionary from words to values.
        kind: how it looks: "slider", "choice" or "switch".
        marks: words to stand under it, each with its value.
        interval: milliseconds between two steps of the button that walks through all values; 0: no such button.
    """

    value = traitlets.Any()

    def __init__(self, options, value, kind, marks=None, interval=0):
        if len(options) > MOST_PLACES:
            raise ValueError(f"step must be larger: {len(options):,} places are more than a hand can find")
        words = options if isinstance(options, dict) else {str(option): option for option in options}
        self.options, self._words = tuple(words.values()), tuple(map(str, words))
        self.kind, self.interval, self.marks = kind, interval, dict(marks or {})
        super().__init__(value=value)

    @property
    def place(self) -> int:
        """The number of the place where it stands, counted from 0."""
        return self._find(self.value)

    @place.setter
    def place(self, number):
        self.value = self.options[min(max(number, 0), len(self.options) - 1)]

    def fitting(self, name, value):
        """Return the value as this control takes it, or raise a ValueError that says which it takes."""
        place = self._find(value)
        if place is None:
            if self.kind == "slider":
                _check_between(name, value, self.options[0], self.options[-1])
            raise ValueError(f"{name} must be one of {self._in_words()}, but got {value!r}")
        return self.options[place]

    def _find(self, value):
        """The number of the place of a value, or None."""
        return next((place for place, option in enumerate(self.options) if _same(option, value)), None)

    @traitlets.validate("value")
    def _validated(self, proposal):
        return self._take(self.fitting("value", proposal["value"]))

    def _take(self, value):
        return value

    def _in_words(self):
        words = [repr(option) for option in self.options]
        return f"[{', '.join(words if len(words) <= 12 else [*words[:3], '...', words[-1]])}]"

    def described(self, name) -> dict:
        """Everything that the browser needs to draw it."""
        return {
            "name": name.replace("_", " "),
            "kind": self.kind,
            "words": self._words,
            "marks": [[self._find(value), words] for words, value in self.marks.items()],
            "interval": self.interval,
        }

    def __repr__(self):
        return f"{self.kind}: {self._in_words()}; at {self.value!r}"


class GridSlider(Control):
    """A slider over decimal numbers. Any number between its ends can be put: it becomes a place.

    Attributes:
        numbers: its places, in order.
    """

    def __init__(self, numbers, value, marks=None):
        self.numbers = sorted(set(numbers))
        marks = {words: self.fitting(f"marks[{words!r}]", place) for words, place in (marks or {}).items()}
        self.numbers = sorted({*self.numbers, *marks.values()})
        super().__init__(self._labelled(), value, "slider", marks)

    def fitting(self, name, value):
        """Return the number, or the place that is this number but for rounding; a ValueError if it lies outside."""
        _check_between(name, value, self.numbers[0], self.numbers[-1])
        i = bisect_left(self.numbers, value)
        near = (place for place in self.numbers[max(i - 1, 0) : i + 1] if isclose(place, value))
        return next(near, float(value))

    def _take(self, number):
        if number not in self.numbers:
            insort(self.numbers, number)
        labelled = self._labelled()
        self.options, self._words = tuple(labelled.values()), tuple(labelled)
        return number

    def _labelled(self):
        digits = 6
        while len({f"{number:.{digits}g}" for number in self.numbers}) < len(self.numbers):
            digits += 1
        return {f"{number:.{digits}g}": number for number in self.numbers}


class Point(traitlets.HasTraits):
    """A point chosen in the picture itself, with the pointer or the arrow keys; its value is a tuple of numbers."""

    value = traitlets.Tuple()

    def fitting(self, name, value):
        """Return the coordinates as floats, or raise a ValueError that says how many are wanted."""
        wanted, given = len(self.value), np.ravel(np.asarray(value, dtype=object)).tolist()
        if len(given) != wanted:
            raise ValueError(f"{name} must be {wanted} finite numbers, but got {value!r}")
        return tuple(float(_a_number(name, number)) for number in given)


def slider(low, high, value, step=None, marks=None):
    """A linear slider: of whole numbers if all its arguments are, of decimal numbers otherwise.

    Args:
        low: its left end.
        high: its right end.
        value: where it stands at first.
        step: from one place to the next; 1 for whole numbers, for others a round number, about a hundredth of the way.
        marks: words to stand under it, each with its place, such as ``{"2/h": 0.2}``.

    Raises:
        ValueError: if the value is not between the ends, or the step is longer than the way.

    >>> slider(1, 200, 60).value
    60
    >>> slider(0.0, 1.0, 0.5, step=0.05).value
    0.5
    """
    _check_range(low, high, value)
    if step is not None and not 0 < _a_number("step", step) <= high - low:
        raise ValueError(f"step must be above 0 and at most {high - low:g}, the way from low to high, but got {step}")
    if all(isinstance(number, Integral) for number in (low, high, value, step or 1)):
        return Control(range(int(low), int(high) + 1, int(step or 1)), int(value), "slider", marks)
    step = float(step or _round_below((high - low) / 100))
    count = floor((high - low) / step + 1e-9)
    decimals = max(0, 3 - floor(log10(step)))  # 0.3, not 0.30000000000000004
    inner = [round(low + k * step, decimals) for k in range(1, count + 1)]
    return GridSlider([float(low), *(n for n in inner if n < high - step / 1e6), float(high)], value, marks)


def log_slider(low, high, value, steps_per_decade=30, marks=None):
    """A slider on a logarithmic scale, for learning rates; ``low`` and ``high`` are values, not exponents.

    Its places have three digits, and round numbers (0.1, 0.2, 0.3, ...) are among them if the steps are fine enough.
    ``marks`` are words to stand under it, each with its place: ``{"2/h": 0.2}``.

    Raises:
        ValueError: if the ends are not above 0, or the value is not between them.

    >>> log_slider(0.001, 0.3, 0.05).value
    0.05
    >>> log_slider(1, 1000, 10).numbers[-1]
    1000.0
    """
    _check_range(low, high, value)
    if low <= 0:
        raise ValueError(f"low must be above 0 on a logarithmic scale, but got {low}")
    if not _a_number("steps_per_decade", steps_per_decade) > 0:
        raise ValueError(f"steps_per_decade must be above 0, but got {steps_per_decade}")
    decades = log10(high) - log10(low)
    steps = max(1, round(steps_per_decade * decades))
    numbers = [float(low), *(low * 10 ** (decades * k / steps) for k in range(1, steps)), float(high)]
    return GridSlider(_with_round_numbers(numbers, decades / steps), value, marks)


def _with_round_numbers(numbers, step):
    """Move each place to the round number that is nearest to it, if that is within half a step (in decades)."""
    inner, taken = numbers[1:-1], {}
    for power in range(floor(log10(numbers[0])), floor(log10(numbers[-1])) + 1) if inner else ():
        for round_one in (float(f"{digit}e{power}") for digit in range(1, 10)):
            off, i = min((abs(log10(number / round_one)), i) for i, number in enumerate(inner))
            if off < min(0.51 * step, taken.get(i, (1, 0))[0]):
                taken[i] = off, round_one
    digits = 3
    while len({f"{number:.{digits}g}" for number in numbers}) < len(numbers):
        digits += 1
    between = [taken[i][1] if i in taken else float(f"{n:.{digits}g}") for i, n in enumerate(inner)]
    return [numbers[0], *(n for n in between if numbers[0] < n < numbers[-1]), numbers[-1]]


def powers_of_two(high, value):
    """A slider over 1, 2, 4, 8, ... and at its right end ``high`` itself: for batch sizes.

    >>> powers_of_two(20, 4).options
    (1, 2, 4, 8, 16, 20)
    """
    if isinstance(high, bool) or not isinstance(high, Integral) or high < 2:
        raise ValueError(f"high must be a whole number, 2 or more, but got {high!r}")
    high = int(high)
    _check_between("value", value, 1, high)
    return Control([2**k for k in range(high.bit_length()) if 2**k < high] + [high], value, "slider")


def choice(options, value=None):
    """A drop-down list of ``options`` (or a dictionary from words to values); the first unless ``value`` says.

    >>> choice(["sgd", "momentum"]).value
    'sgd'
    """
    if isinstance(options, str) or not hasattr(options, "__iter__") or not len(options := _listed(options)):
        raise ValueError(f"options must be one or more in a list or a dictionary, but got {options!r}")
    words = list(map(str, options))
    if len(set(words)) < len(words):
        raise ValueError(f"options must differ, but got {options!r}")
    first = next(iter(options.values() if isinstance(options, dict) else options))
    return Control(options, first if value is None else value, "choice")


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
    for name, number in {"low": low, "high": high, "value": value, "interval": interval}.items():
        if isinstance(number, bool) or not isinstance(number, Integral):
            raise ValueError(f"{name} must be a whole number, but got {number!r}")
    _check_range(low, high, value)
    if interval < 1:
        raise ValueError(f"interval must be 1 millisecond or more, but got {interval}")
    return Control(range(int(low), int(high) + 1), int(value), "slider", interval=int(interval))


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
        raise ValueError(f"point wants one or two coordinates, but got {coordinates!r}")
    return Point(value=tuple(float(_a_number("coordinates", number)) for number in coordinates))


def move_to(name, control, value):
    """Give a control a value, exactly this one."""
    if isinstance(control, Control | Point):
        control.value = control.fitting(name, value)
        return
    before = control.value
    try:
        control.value = value
    except traitlets.TraitError as error:
        raise ValueError(f"{name} cannot be {value!r}: {error}") from None
    if control.value != value:  # an ipywidget moves a value that is out of range to its end
        nearest, control.value = control.value, before
        raise ValueError(f"{name} cannot be {value!r}; the nearest that it can be is {nearest!r}")


def _listed(options):
    return options if isinstance(options, dict) else list(options)


def _same(one, other):
    """Whether two values are the same to a reader; 1 and 1.0 are, 1 and True are not."""
    if one is other:
        return True
    if all(isinstance(n, Real | np.number) and not isinstance(n, bool) for n in (one, other)):
        return isclose(one, other)
    equal = type(one) is type(other) and one == other
    return equal if isinstance(equal, bool) else bool(np.all(equal))


def _a_number(name, value):
    real = isinstance(value, Real | np.number) and not isinstance(value, bool | np.bool_ | np.complexfloating)
    if not real or not isfinite(value):
        raise ValueError(f"{name} must be a finite number, but got {value!r}")
    return value


def _check_range(low, high, value):
    for name, number in {"low": low, "high": high, "value": value}.items():
        _a_number(name, number)
    if not low < high:
        raise ValueError(f"low must be below high, but got low = {low}, high = {high}")
    _check_between("value", value, low, high)


def _check_between(name, value, low, high):
    if not low <= _a_number(name, value) <= high:
        raise ValueError(f"{name} must be between {low:g} and {high:g}, but got {value}")


def _round_below(number):
    """The largest of 1, 2, 5, 10, 20, 50, ... (and 0.1, 0.2, 0.5, ...) that is not above a number."""
    power = 10.0 ** floor(log10(number))
    return next(digit * power for digit in (5, 2, 1) if digit * power <= number * (1 + 1e-9))
