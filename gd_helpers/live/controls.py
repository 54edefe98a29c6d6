"""The controls of a live figure: sliders, lists, switches, and a point to choose in the picture itself.

Each has a ``value``, which can be observed and set. What a hand moves is a *place*: the values that a control can take
stand in a row, and the browser (``controls.js``) draws and moves the place's number. So what is shown is always what
is computed with, and a figure with its controls is a single widget.
"""

from bisect import bisect_left, insort
from itertools import combinations, islice
from math import floor, inf, isclose, log10
from numbers import Integral, Real

import numpy as np
import traitlets

from gd_helpers.checks import as_floats, as_iterator, as_number, as_whole_number, said

MOST_PLACES, MOST_CHOICES = 10_000, 1_000


class Control(traitlets.HasTraits):
    """Stands at one of several values.

    Attributes:
        value: the one it stands at.
        options: all of them, in order; or a dictionary from words to values.
        kind: how it looks: "slider", "choice" or "switch".
        marks: words to stand under it, each with its value.
        interval: milliseconds between two steps of the button that walks through all values; 0: no such button.
    """

    value = traitlets.TraitType()  # not Any, which would take None unseen

    def __init__(self, options, value, kind, marks=None, interval=0):
        self.kind, self.interval = kind, interval
        self._offer(options if isinstance(options, dict) else {str(option): option for option in options})
        if not isinstance(marks, dict | None):
            raise ValueError(f"marks must be a dictionary from words to places, but got {said(marks)}")
        self.marks = {words: self.fitting(f"marks[{words!r}]", place) for words, place in (marks or {}).items()}
        super().__init__(value=value)

    def _offer(self, options):
        self.options, self._words = tuple(options.values()), tuple(options)

    @property
    def place(self) -> int:
        """The number of the place where it stands, counted from 0."""
        return self._place_of(self.value)

    def _place_of(self, option):
        return next(place for place, other in enumerate(self.options) if other is option)

    def fitting(self, name, value):
        """Return the value as this control takes it, or raise a ValueError that says which it takes."""
        for option in self.options:
            if _same(option, _plain(value)):
                return option
        if self.kind == "slider":
            _check_between(name, value, self.options[0], self.options[-1])
        raise ValueError(f"{name} must be one of {said(list(self.options))}, but got {said(value)}")

    @traitlets.validate("value")
    def _validated(self, proposal):
        return self.fitting("value", proposal["value"])

    def described(self, name) -> dict:
        """Everything that the browser needs to draw it."""
        marks = [[self._place_of(value), words] for words, value in self.marks.items()]
        look = {"words": self._words, "marks": marks, "interval": self.interval}
        return {"name": name.replace("_", " "), "kind": self.kind} | look

    def __repr__(self):
        return f"{self.kind}: {said(list(self.options))}; at {self.value!r}"


class GridSlider(Control):
    """A slider over decimal numbers. Any number between its ends can be put: it becomes a place.

    Attributes:
        numbers: its places, in order.
    """

    def __init__(self, numbers, value, marks=None):
        self.numbers = sorted(set(numbers))
        super().__init__(self._labelled(), value, "slider", marks)
        for number in self.marks.values():
            self._add(number)

    def fitting(self, name, value):
        """Return the number, or the place that is this number but for rounding; a ValueError if it lies outside."""
        _check_between(name, value, self.numbers[0], self.numbers[-1])
        i = bisect_left(self.numbers, value)
        near = (place for place in self.numbers[max(i - 1, 0) : i + 1] if isclose(place, value))
        return next(near, float(value))

    @traitlets.validate("value")
    def _validated(self, proposal):
        return self._add(self.fitting("value", proposal["value"]))

    def _add(self, number):
        if number not in self.numbers:
            insort(self.numbers, number)
            self._offer(self._labelled())
        return number

    def _labelled(self):
        digits = 6
        while len({f"{number:.{digits}g}" for number in self.numbers}) < len(self.numbers):
            digits += 1
        return {f"{number:.{digits}g}": number for number in self.numbers}


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
    low, high = _check_range(low, high, value)
    if step is not None and not 0 < as_number("step", step, single=True) <= high - low:
        raise ValueError(f"step must be above 0 and at most {high - low:g}, the way from low to high, but got {step}")
    whole = all(isinstance(number, Integral) for number in (low, high, value, step or 1))
    step = step or (1 if whole else _round_below((high - low) / 100))
    count = (high - low) / step + 1e-9
    if count >= MOST_PLACES + 1:
        raise ValueError(
            f"low and high must be closer, or step larger: {count:,.9g} places are more than a hand can find"
        )
    if whole:
        return Control(range(int(low), int(high) + 1, int(step)), value, "slider", marks)
    low, high, step = float(low), float(high), float(step)
    decimals = max(0, 3 - floor(log10(step)))  # 0.3, not 0.30000000000000004
    inner = [round(low + k * step, decimals) for k in range(1, floor(count) + 1)]
    return GridSlider([low, *(number for number in inner if number < high - step / 1e6), high], value, marks)


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
    low, high = _check_range(low, high, value)
    if low <= 0:
        raise ValueError(f"low must be above 0 on a logarithmic scale, but got {low}")
    steps_per_decade = as_number("steps_per_decade", steps_per_decade, "above 0", single=True)
    decades = log10(high) - log10(low)
    if decades > 300:
        raise ValueError(f"low and high must be closer, within 300 powers of ten, but got low = {low}, high = {high}")
    if decades * steps_per_decade > MOST_PLACES:
        raise ValueError(
            f"steps_per_decade must be at most {MOST_PLACES / decades:.0f} here, but got {steps_per_decade:g}"
        )
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
    high = as_whole_number("high", high, at_least=2)
    _check_between("value", value, 1, high)
    return Control([2**k for k in range(high.bit_length()) if 2**k < high] + [high], value, "slider")


def choice(options, value=None):
    """A drop-down list of ``options`` (or a dictionary from words to values); the first unless ``value`` says.

    >>> choice(["sgd", "momentum"]).value
    'sgd'
    """
    offered = as_iterator("options", options, "one or more in a list or a dictionary")
    pairs = options.items() if isinstance(options, dict) else ((option, option) for option in offered)
    pairs = [(str(words), _plain(option)) for words, option in islice(pairs, MOST_CHOICES + 1)]
    offered = dict(pairs)
    if not 0 < len(offered) == len(pairs) or any(_same(*two) for two in combinations(offered.values(), 2)):
        raise ValueError(f"options must be one or more that differ, but got {said(options)}")
    if len(offered) > MOST_CHOICES:
        raise ValueError(f"options must be at most {MOST_CHOICES:,}, but got more")
    return Control(offered, next(iter(offered.values())) if value is None else value, "choice")


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
    for name, number in {"low": low, "high": high, "value": value}.items():
        if isinstance(number, bool) or not isinstance(number, Integral):
            raise ValueError(f"{name} must be a whole number, but got {said(number)}")
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


def move_to(name, control, value):
    """Give a control a value, exactly this one."""
    if isinstance(control, Control | Point):
        control.value = control.fitting(name, value)
        return
    before = control.value
    try:
        control.value = value
    except traitlets.TraitError as error:
        raise ValueError(f"{name} cannot be {said(value)}: {error}") from None
    if control.value != value:  # an ipywidget moves a value that is out of range to its end
        nearest, control.value = control.value, before
        raise ValueError(f"{name} cannot be {said(value)}; the nearest that it can be is {nearest!r}")


def _plain(value):
    """Python's own number, truth or text in place of NumPy's."""
    return value.item() if isinstance(value, np.generic) else value


def _same(one, other):
    """Whether two values are the same to a reader; 1 and 1.0 are, 1 and True are not."""
    if one is other:
        return True
    if all(isinstance(value, Real) and not isinstance(value, bool) for value in (one, other)):
        return one == other
    return type(one) is type(other) and np.array_equal(one, other)


def _check_range(low, high, value):
    """Return low and high as Python's own numbers, which do not overflow, if they and the value are in order."""
    for name, number in {"low": low, "high": high, "value": value}.items():
        as_number(name, number, single=True)
    low, high = (int(end) if isinstance(end, Integral) else float(end) for end in (low, high))
    if not low < high:
        raise ValueError(f"low must be below high, but got low = {low}, high = {high}")
    way = float(high) - float(low)
    if not way < inf or way / 100 <= np.spacing(float(max(abs(low), abs(high)))):
        raise ValueError(f"low and high must have numbers between them, but got low = {low}, high = {high}")
    _check_between("value", value, low, high)
    return low, high


def _check_between(name, value, low, high):
    if not low <= as_number(name, value, single=True) <= high:
        raise ValueError(f"{name} must be between {low:g} and {high:g}, but got {said(value)}")


def _round_below(number):
    """The largest of 1, 2, 5, 10, 20, 50, ... (and 0.1, 0.2, 0.5, ...) that is not above a number."""
    power = 10.0 ** floor(log10(number))
    return next(digit * power for digit in (5, 2, 1) if digit * power <= number * (1 + 1e-9))
