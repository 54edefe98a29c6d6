"""What every function asks of its arguments: each check names the argument, what it got and what it wants."""

from numbers import Real

import numpy as np


def as_whole_number(name: str, value, *, at_least: int, at_most: int | None = None) -> int:
    """Return ``value`` as an int, or raise a ValueError that names it and says what is wanted."""
    wanted = f"a whole number from {at_least} to {at_most}" if at_most else f"a whole number, {at_least} or more"
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise ValueError(f"{name} must be {wanted}, but got {value!r}")
    if value < at_least or (at_most is not None and value > at_most):
        raise ValueError(f"{name} must be {wanted}, but got {value}")
    return int(value)


_FITS = {
    "at least 0": lambda x: x >= 0,
    "above 0": lambda x: x > 0,
    "at least 0 and below 1": lambda x: (x >= 0) & (x < 1),
}


def check_numbers(wanted: str, **arguments) -> None:
    """Raise a ValueError that names the first argument that is not a number (or array of numbers) as wanted.

    >>> check_numbers("above 0", eps=1e-8)
    """
    for name, value in arguments.items():
        number = isinstance(value, Real | np.ndarray)
        if not (number and np.all(np.isfinite(value) & _FITS[wanted](np.asarray(value)))):
            raise ValueError(f"{name} must be a finite number {wanted}, but got {value!r}")


def check_generator(rng) -> None:
    """Raise a ValueError unless ``rng`` is one of NumPy's random generators (a seed is not).

    >>> check_generator(np.random.default_rng(0))
    """
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng must be a generator such as np.random.default_rng(0), but got {rng!r}")
