"""The two data sets of this course: 342 penguins and 1,797 handwritten digits.

Both lie beside this file (the README there has origin and licences); a ValueError names one that is damaged.
"""

import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gd_helpers.checks import as_table

FOLDER = Path(__file__).parent
SPECIES = ("Adelie", "Chinstrap", "Gentoo")


class Penguins(NamedTuple):
    """Body measures of penguins, one entry a bird."""

    flipper_mm: np.ndarray  # the length of the flipper in millimetres, of shape (342,)
    mass_kg: np.ndarray  # the body mass in kilograms (the file has grams), of shape (342,)
    species: np.ndarray  # "Adelie", "Chinstrap" or "Gentoo", of shape (342,)
    dropped: int  # how many birds were left out because flipper or mass was not measured: 2


class Digits(NamedTuple):
    """Handwritten digits, one row an image: ``row.reshape(8, 8)``."""

    train_X: np.ndarray  # ink from 0 (none) to 1 (full), of shape (1500, 64)
    train_y: np.ndarray  # the digit that is shown, 0 to 9, of shape (1500,)
    test_X: np.ndarray  # of shape (297, 64)
    test_y: np.ndarray  # of shape (297,)


def penguins() -> Penguins:
    """Load the Palmer penguins of Gorman, Williams & Fraser (2014), PLoS ONE 9(3): e90081 (CC0).

    >>> birds = penguins()
    >>> len(birds.flipper_mm), birds.dropped, float(birds.flipper_mm[0]), float(birds.mass_kg[0])
    (342, 2, 181.0, 3.75)
    """
    measures = dict.fromkeys((4, 5), lambda text: float(text.replace("NA", "nan")))
    columns = {"usecols": (0, 4, 5), "converters": {0: SPECIES.index, **measures}}
    table = _read("penguins.csv", (344, 3), [0, 100, 1000], [2, 300, 10_000], skiprows=1, **columns)
    whole = table[~np.isnan(table).any(axis=1)]
    species, flipper, mass = whole.T.copy()
    return Penguins(flipper, mass / 1000, np.array(SPECIES)[species.astype(int)], dropped=len(table) - len(whole))


def digits() -> Digits:
    """Load the handwritten digits of Alpaydin & Kaynak (1998), doi 10.24432/C50P49 (CC BY 4.0).

    The rows are shuffled, always in the same order (seed 0), before 1,500 of them are taken to train on: in the order
    of the file the last 297 images are unlike the rest.

    >>> data = digits()
    >>> data.train_X.shape, data.test_X.shape, float(data.train_X.max()), data.test_y[:5].tolist()
    ((1500, 64), (297, 64), 1.0, [0, 4, 4, 8, 4])
    """
    table = np.random.default_rng(0).permutation(_read("digits.csv.gz", (1797, 65), 0, [16] * 64 + [9], dtype=int))
    X, y = table[:, :64] / 16, table[:, 64].copy()
    return Digits(X[:1500], y[:1500], X[1500:], y[1500:])


def standardise(x) -> np.ndarray:
    """Shift and scale ``x``, of shape ``(n,)`` or ``(n, d)``, so that each column has mean 0 and standard deviation 1.

    The deviation is the one that divides by n. A column in which nothing varies is refused.

    >>> standardise([1.0, 2.0, 3.0]).round(4).tolist()
    [-1.2247, 0.0, 1.2247]
    """
    x = as_table("x", x, "(n,)", "(n, d)")
    constant = np.flatnonzero(x.max(axis=0) == x.min(axis=0))
    if constant.size:
        raise ValueError(f"x must vary, but is constant in column {constant[0]}: it cannot be scaled")
    x = x - x[0]  # so that the smallest differences count, and no square of one is too small for a float
    x /= np.abs(x).max(axis=0)
    return (x - x.mean(axis=0)) / x.std(axis=0)


def _read(name, shape, low, high, **how):
    """Return the table in a file of this folder, if it has this shape and every column is within its range."""
    try:
        table = np.loadtxt(FOLDER / name, delimiter=",", **how)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise ValueError(f"{name} is damaged: {error}") from error
    if table.shape != shape or ((table < low) | (table > high)).any():
        raise ValueError(f"{name} is damaged: it must be a table of shape {shape}, with numbers from {low} to {high}")
    return table
