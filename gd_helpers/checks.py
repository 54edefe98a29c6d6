"""What every function asks of its arguments: each check names the argument, what it got and what it wants."""

import warnings
from numbers import Real
from reprlib import Repr

import numpy as np

# More steps, samples or units than this are a slip, and would take all the memory there is.
TOO_MANY = 10**9

_SHORT = Repr()
_SHORT.maxother = _SHORT.maxstring = 80


def said(value) -> str:
    """How a message quotes ``value``: as Python would, but never longer than a line.

    >>> said([0.0] * 1000)
    '[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, ...]'
    """
    return " ".join(_SHORT.repr(value).split())


def as_floats(name: str, value, *, finite: bool = False) -> np.ndarray:
    """Return ``value``, a number or an array of any shape, as floats.

    Raises:
        ValueError: if something in it is no real number (a text, a date, a complex number, None), if entries are
            masked, if rows differ in length, or, with ``finite``, if there is nan or infinity in it.

    >>> as_floats("x", [1, 2]).tolist()
    [1.0, 2.0]
    """
    array = value if type(value) is np.ndarray and value.dtype == float else _converted(name, value)
    if finite and not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, but {_where(name, array, ~np.isfinite(array))}")
    return array


def _converted(name, value):
    parts = value if isinstance(value, list | tuple) else [value]
    if any(np.ma.is_masked(part) for part in parts):
        raise ValueError(f"{name} must have no masked entries, but got {said(value)}: fill or drop them first")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            array = np.asarray(value)
            if array.dtype.kind == "O":  # numbers of other kinds, such as fractions, or something that is no number
                wrong = [not isinstance(entry, Real) for entry in array.flat]
                if any(wrong):
                    raise ValueError(_where(name, array, np.reshape(wrong, array.shape)))
            elif array.dtype.kind not in "biuf":
                wrong = np.zeros(array.shape, dtype=bool)
                wrong.flat[:1] = True
                raise ValueError(_where(name, array, wrong))
            return array.astype(float)
    except (TypeError, ValueError, OverflowError, Warning) as problem:
        why = str(problem) if str(problem).startswith(name) else f"got {said(value)}"
        raise ValueError(f"{name} must be real numbers, but {why}") from None


def _where(name, array, wrong):
    """Say which entry of an array is wrong: ``x[3, 0] is nan``."""
    place = np.argwhere(wrong)[0].tolist() if array.ndim else []
    return f"{name}{place or ''} is {said(array.item(tuple(place)))}"


def as_points(name: str, value, d: int | None = None, *, finite: bool = False) -> np.ndarray:
    """Return ``value`` as floats of shape ``(..., d)``; without ``d``, any length of the last axis but 0 will do.

    >>> as_points("w", [[1, 2], [3, 4]], 2).shape
    (2, 2)
    """
    points = as_floats(name, value, finite=finite)
    length = points.shape[-1] if points.ndim else 0
    if length == 0 or d not in (None, length):
        raise ValueError(f"{name} must be of shape (..., {d or 'd'}), but got shape {points.shape}")
    return points


def as_table(name: str, value, ndim: int) -> np.ndarray:
    """Return a copy of data as finite floats, of shape ``(n,)`` or ``(n, d)`` as ``ndim`` says, not empty.

    >>> as_table("y", [1, 2], 1).tolist()
    [1.0, 2.0]
    """
    table = as_floats(name, value, finite=True)
    if table.ndim != ndim or table.size == 0:
        wanted = ("(n,)", "(n, d)")[ndim - 1]
        raise ValueError(f"{name} must be of shape {wanted}, not empty, but got shape {table.shape}")
    return table.copy()


def as_rows(name: str, rows, n: int) -> np.ndarray:
    """Return the numbers of one or more of ``n`` rows, given as such or as a mask, as an index array.

    >>> as_rows("batch", [False, True, True], 3).tolist()
    [1, 2]
    """
    if not isinstance(rows, np.ndarray) or rows.dtype.kind not in "iu":
        numbers = as_floats(name, rows)
        rows = np.asarray(rows)
        if rows.dtype.kind == "b" and rows.shape == (n,):
            rows = np.flatnonzero(rows)
        elif rows.dtype.kind not in "iu" or numbers.ndim != 1:
            raise ValueError(f"{name} must be a list of one or more row numbers, but got {said(rows)}")
    if rows.ndim != 1 or rows.size == 0:
        raise ValueError(f"{name} must be a list of one or more row numbers, but got {said(rows)}")
    if rows.min() < 0 or rows.max() >= n:
        raise ValueError(f"{name} must hold row numbers from 0 to {n - 1}, but got {said(rows)}")
    return rows


_FITS = {
    "": lambda x: np.isfinite(x),
    "at least 0": lambda x: x >= 0,
    "above 0": lambda x: x > 0,
    "at least 0 and below 1": lambda x: (x >= 0) & (x < 1),
}


def as_number(name: str, value, wanted: str = "", *, single: bool = False, infinite: bool = False):
    """Return ``value`` as a float, or as an array of floats where it is an array, if it is as ``wanted``.

    Args:
        name: what the argument is called.
        value: a number, or an array of them.
        wanted: "at least 0", "above 0", "at least 0 and below 1", or nothing.
        single: whether it must be one number.
        infinite: whether infinity will do.

    >>> as_number("eps", 1e-8, "above 0")
    1e-08
    """
    numbers = np.array(np.nan) if isinstance(value, bool | np.bool_ | str) else as_floats(name, value)
    fits = _FITS[wanted](numbers) & (np.isfinite(numbers) | (infinite & ~np.isnan(numbers)))
    if not fits.all() or not numbers.size or (single and numbers.ndim):
        what = " ".join(filter(None, ["a number" if infinite else "a finite number", wanted]))
        raise ValueError(f"{name} must be {what}, but got {said(value)}")
    return numbers if numbers.ndim else float(numbers)


def as_whole_number(name: str, value, *, at_least: int, at_most: int | None = None) -> int:
    """Return ``value`` as an int, or raise a ValueError that names it and says what is wanted."""
    wanted = (
        f"a whole number, {at_least} or more" if at_most is None else f"a whole number from {at_least} to {at_most}"
    )
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise ValueError(f"{name} must be {wanted}, but got {said(value)}")
    if not at_least <= value <= (TOO_MANY if at_most is None else at_most):
        raise ValueError(f"{name} must be {wanted}, but got {said(value)}")
    return int(value)


def check_generator(rng, name: str = "rng") -> None:
    """Raise a ValueError unless ``rng`` is one of NumPy's random generators (a seed is not).

    >>> check_generator(np.random.default_rng(0))
    """
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"{name} must be a generator such as np.random.default_rng(0), but got {said(rng)}")


def check_methods(name: str, thing, *methods: str) -> None:
    """Raise a ValueError unless ``thing`` has all of these methods.

    >>> check_methods("loss", [], "append")
    """
    if not all(callable(getattr(thing, method, None)) for method in methods):
        wanted = " and ".join(f"{method}(w)" for method in methods)
        raise ValueError(f"{name} must have {wanted}, but got {said(thing)}")
