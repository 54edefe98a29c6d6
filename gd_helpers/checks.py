"""What every function asks of its arguments: each check names the argument, what it got and what it wants."""

import math
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from inspect import signature, unwrap
from operator import attrgetter
from reprlib import Repr
from types import MethodType, SimpleNamespace

import numpy as np

# More steps, samples or units than this are a slip, and would take all the memory there is.
TOO_MANY = 10**8
# Numbers beyond this have squares that no float can hold; nothing that was measured is as large.
TOO_LARGE = 1e150
# What a loss may be asked, in the order of the axes that the answer has beside those of the points: none, d, d x d.
METHODS = ("value", "gradient", "hessian")

_SHORT = Repr()
_SHORT.maxother = _SHORT.maxstring = 80


def said(value) -> str:
    """How a message quotes ``value``: as Python would, but never longer than a line.

    >>> said([0.0] * 1000)
    '[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, ...]'
    """
    return " ".join(_SHORT.repr(value).split())


def as_floats(name: str, value, *, finite: bool = False) -> np.ndarray:
    """Return ``value``, a number or an array of any shape, as floats; with ``finite`` all squares must be finite too.

    >>> as_floats("x", [1, 2]).tolist()
    [1.0, 2.0]
    """
    # Floats pass as they are: in every descent each step asks for them.
    array = value if type(value) is np.ndarray and value.dtype == float else _converted(name, value)
    if finite and not (fits := np.abs(array) <= TOO_LARGE).all():
        place = np.argwhere(~fits)[0].tolist()
        raise ValueError(f"{name} must be finite, but {name}{place or ''} is {array[*place]}")
    return array


def _converted(name, value):
    masked = _holds(value, np.ma.MaskedArray)  # below a mask stand numbers that nobody means
    with suppress(ValueError):  # rows of different lengths
        if not masked and np.asarray(value).dtype.kind in "biuf":  # True and False too, but no text, nothing complex
            return np.array(value, dtype=float)
    raise ValueError(f"{name} must be real numbers{', none of them masked' * masked}, but got {said(value)}")


def _holds(value, kind):
    """Whether a value is of some kind, or a list with one of that kind in it."""
    return any(_holds(one, kind) for one in value) if isinstance(value, list | tuple) else isinstance(value, kind)


def as_points(name: str, value, d: int | None = None, *, finite: bool = False) -> np.ndarray:
    """Return ``value`` as floats of shape ``(..., d)``; without ``d``, any length of the last axis but 0 will do."""
    if type(value) is np.ndarray and value.dtype == float and value.shape[-1:] == (d,) and not finite:
        return value  # in a descent each step asks for this
    points = as_floats(name, value, finite=finite)
    length = points.shape[-1] if points.ndim else 0
    if length == 0 or d not in (None, length):
        raise ValueError(f"{name} must be of shape (..., {d or 'd'}), but got shape {points.shape}")
    return points


def as_point(name: str, value, d: int) -> np.ndarray:
    """Return ``value`` as finite floats of shape ``(d,)``."""
    point = as_floats(name, value, finite=True)
    if point.shape != (d,):
        raise ValueError(f"{name} must be of shape ({d},), but got shape {point.shape}")
    return point


def as_table(name: str, value, *shapes: str) -> np.ndarray:
    """Return a fixed copy of data as finite floats, not empty, of one of the ``shapes``: "(n,)", "(n, d)"."""
    table = as_floats(name, value, finite=True).copy()
    table.setflags(write=False)  # a loss may have computed with it already
    if {1: "(n,)", 2: "(n, d)"}.get(table.ndim) not in shapes or table.size == 0:
        raise ValueError(f"{name} must be of shape {' or '.join(shapes)}, not empty, but got shape {table.shape}")
    return table


def as_tables(**given) -> list[np.ndarray]:
    """Return data as ``as_table`` does, each given with its shape, if all have as many rows.

    >>> X, y = as_tables(X=([[1], [2]], "(n, d)"), y=([3, 4], "(n,)"))
    """
    tables = [as_table(name, *one) for name, one in given.items()]
    if len(set(map(len, tables))) > 1:
        got = " and ".join(str(len(table)) for table in tables)
        raise ValueError(f"{' and '.join(given)} must be of the same length, but got {got} rows")
    return tables


def as_rows(name: str, rows, n: int) -> np.ndarray:
    """Return the numbers of rows, of ``n``, as an index array: one batch or, of shape (..., size), many."""
    if type(rows) is not np.ndarray:
        as_floats(name, rows)  # which says what is no number
        rows = np.asarray(rows)
    if rows.dtype.kind not in "iu" or rows.ndim == 0 or rows.size == 0:
        raise ValueError(f"{name} must be a list of one or more row numbers, but got {said(rows)}")
    if rows.item(rows.argmin()) < 0 or rows.item(rows.argmax()) >= n:  # a fifth of the time that min and max take
        raise ValueError(f"{name} must hold row numbers from 0 to {n - 1}, but got {said(rows)}")
    return rows


_FITS = {
    "": np.isfinite,
    "at least 0": lambda x: x >= 0,
    "above 0": lambda x: x > 0,
    "at least 0 and below 1": lambda x: (x >= 0) & (x < 1),
}


def as_number(name: str, value, wanted: str = "", *, single: bool = False):
    """Return a finite number as a float, or an array of such as an array of floats, if all are as ``wanted``.

    That is one of the texts in ``_FITS``. With ``single`` it must be one number.

    >>> as_number("eps", 1e-8, "above 0")
    1e-08
    """
    if type(value) is float and math.isfinite(value) and _FITS[wanted](value):
        return value  # in a descent each step asks for its rate
    numbers = as_floats(name, value)
    truth = _holds(value, bool | np.bool_) or np.asarray(value).dtype.kind == "b"
    fits = _FITS[wanted](numbers) & np.isfinite(numbers) & (not truth)
    if not fits.all() or not fits.size or (single and fits.ndim):
        raise ValueError(f"{name} must be {f'a finite number {wanted}'.rstrip()}, but got {said(value)}")
    return numbers.copy() if numbers.ndim else float(numbers)


def as_whole_number(name: str, value, *, at_least: int, at_most: int | None = None) -> int:
    """Return ``value`` as an int, if it is a whole number within these bounds.

    >>> as_whole_number("steps", 5, at_least=0)
    5
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool | np.timedelta64)
    if not whole or not at_least <= value <= (TOO_MANY if at_most is None else at_most):
        wanted = f", {at_least} or more" if at_most is None else f" from {at_least} to {at_most}"
        raise ValueError(f"{name} must be a whole number{wanted}, but got {said(value)}")
    return int(value)


def check_truth(name: str, value) -> None:
    """Raise a ValueError unless ``value`` is True or False."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} must be True or False, but got {said(value)}")


def check_broadcast(**arrays) -> None:
    """Raise a ValueError unless the shapes of these fit each other."""
    shapes = [np.shape(array) for array in arrays.values()]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        raise ValueError(f"{' and '.join(arrays)} must broadcast, but got shapes {shapes}") from None


def as_iterator(name: str, value, wanted: str) -> Iterator:
    """Return what goes through ``value``, if it is something to go through, and no text."""
    try:
        return iter(None if isinstance(value, str | bytes) or _holds(value, np.ma.MaskedArray) else value)
    except TypeError:
        raise ValueError(f"{name} must be {wanted}, but got {said(value)}") from None


def check_size(name: str, *counts: int) -> None:
    """Raise a ValueError if so many numbers, multiplied, are more than the memory could hold."""
    if math.prod(counts) > TOO_MANY:
        raise ValueError(f"{name} must be smaller, but got {' x '.join(map(str, counts))} numbers to keep in memory")


def check_generator(rng) -> None:
    """Raise a ValueError unless ``rng`` is one of NumPy's random generators (a seed is not)."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng must be a generator such as np.random.default_rng(0), but got {said(rng)}")


def check_methods(name: str, thing, *methods: str) -> None:
    """Raise a ValueError unless ``thing`` has all of these methods, and each takes one argument."""
    if isinstance(thing, type):
        raise ValueError(f"{name} must be made by a call, {thing.__name__}(...), but got the class itself")
    has = hasattr if _is_ours(thing) else lambda thing, method: takes(getattr(thing, method, None), "w")
    if not all(has(thing, method) for method in methods):
        wanted = " and ".join(f"{method}(w)" for method in methods)
        raise ValueError(f"{name} must have {wanted}, but got {said(thing)}")


def check_samples(loss) -> None:
    """Raise a ValueError unless ``loss`` has a ``gradient(w, batch)``."""
    if not takes(getattr(loss, "gradient", None), "w", "batch"):
        raise ValueError(f"batches need a loss over samples, with gradient(w, batch), but got {said(loss)}")


def takes(function, *arguments) -> bool:
    """Whether ``function`` is one that takes such arguments.

    >>> takes(abs, -1), takes(None, -1)
    (True, False)
    """
    try:
        signature(function).bind(*arguments)
    except (TypeError, ValueError) as problem:
        return isinstance(problem, ValueError)  # some built-in functions do not tell what they take
    return True


def over_many_points(loss_class):
    """Mark a class of losses whose methods take any leading axes of ``w``, so that ``as_loss`` lets it pass.

    Where numbers overflow, far out, its methods return infinity or nan, and warn nobody: a divergence is a result.
    """
    loss_class.broadcasts = loss_class.ours = True
    for name in vars(loss_class).keys() & METHODS:
        setattr(loss_class, name, np.errstate(all="ignore")(vars(loss_class)[name]))
    return loss_class


def as_loss(loss, *, fits=False):
    """Return the methods of ``loss`` as the maths can trust them; who calls them sees to numbers that overflow.

    Where its class is ``over_many_points`` they are as they were written, without that guard, which takes time; where
    it is known that the loss ``fits`` what it will be asked for, also without a landscape's look at the points.
    Learners write losses for one point and for plain numbers: theirs get a copy of ``w``, the shape of every answer
    is checked, and they are asked point by point unless they say ``broadcasts = True``.

    >>> from types import SimpleNamespace
    >>> loss = as_loss(SimpleNamespace(value=lambda w: w[0] * w[1]))
    >>> loss.value(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [2.0, 12.0]
    """
    names, kind = [name for name in METHODS if callable(getattr(loss, name, None))], type(loss)
    if _is_ours(loss):
        written = unwrap if fits else attrgetter("__wrapped__")
        return SimpleNamespace(**{name: MethodType(written(getattr(kind, name)), loss) for name in names})
    return SimpleNamespace(**{name: partial(_ask, loss, name) for name in names})


def _is_ours(loss):
    own = getattr(loss, "__dict__", {}).keys() & METHODS  # methods that somebody has put in the place of ours
    return "ours" in vars(type(loss)) and not own  # its own mark: a class derived from ours may have other methods


def _ask(loss, name, w, *batch):
    wanted = (*w.shape[:-1], *w.shape[-1:] * METHODS.index(name))
    if w.ndim > 1 and not getattr(loss, "broadcasts", False):
        return np.reshape([_ask(loss, name, point, *batch) for point in w.reshape(-1, w.shape[-1])], wanted)
    answer = np.array(as_floats(f"{name}(w) of loss", getattr(loss, name)(w.copy(), *batch)))
    if wanted == () and answer.size == 1:
        return answer.reshape(())[()]
    if (got := answer.shape) != wanted:
        raise ValueError(f"{name}(w) of loss must be of shape {wanted} for w of shape {w.shape}, but got {got}")
    return answer
