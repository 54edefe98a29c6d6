"""Lesson 2's exercises: the largest stable rate, a loop to repair, the best rate, and scaling the inputs."""

import numpy as np

from gd_helpers.exercises.exercise import exercise
from gd_helpers.exercises.intuition import DESCENTS

_RNG = np.random.default_rng(2)


def _rotated(eigenvalues):
    """Return an exactly symmetric Hessian with these eigenvalues, in a random direction each."""
    q, _ = np.linalg.qr(_RNG.normal(size=(len(eigenvalues), len(eigenvalues))))
    hessian = q @ np.diag(eigenvalues) @ q.T
    return (hessian + hessian.T) / 2


# Rotated ones matter most: there the curvatures do not stand on the diagonal.
_HESSIANS = (
    *((np.diag(e),) for e in ([1.0, 10.0], [2.0, 2.0], [4.0])),  # the same curvature everywhere; a single parameter
    (np.array([[3.0, 2.0], [2.0, 3.0]]),),
    (np.array([[2.0, -3.0], [-3.0, 6.0]]),),
    *((_rotated(e),) for e in ([1.0, 100.0], [0.5, 2.0, 7.0], [0.01, 0.3, 1.0, 4.0, 9.0], [1e-4, 4e-4], [1e3, 4e6])),
)


@exercise(
    "2.1 the largest stable rate",
    task="Return the learning rate above which descent on a bowl with this Hessian explodes.",
    stub="[hessian] and ...",
    cases=_HESSIANS,
    wrong={
        "2 / -> 1 /": "1 / curvature lands in one step; up to 2 / curvature the ball still bounces in.",
        "max() -> min()": "You used the smallest curvature: the steepest direction explodes first.",
        "2 / np.trace(hessian)": "You used the trace, the sum of all curvatures: only the largest one decides.",
        "np.linalg.eigvalsh -> np.diag": "You took the largest entry: where a ravine runs askew take the eigenvalues.",
        "2 / np.linalg.norm(hessian)": "`np.linalg.norm` mixes all curvatures together: take the largest eigenvalue.",
        "np.linalg.eigvalsh(hessian).max() / 2": "Upside down: the steeper the bowl, the *smaller* the rate it bears.",
        "2 / -> ": "That is the curvature itself: the rate must stay below 2 divided by it.",
        "2 / np.linalg.eigvalsh(hessian)": "One rate must suit all directions: take the smallest of these.",
    },
    hints=(
        "A step multiplies the distance in a direction of curvature h by `1 - rate * h`. When is that below 1 in size?",
        "It is while rate * h < 2. Which direction breaks that first?",
        "The one with the largest eigenvalue: `2 / eigenvalues.max()`.",
    ),
    why="Now a Hessian tells you which learning rate will explode, before a single step is taken.",
)
def largest_stable_rate(hessian):
    """The rate above which gradient descent explodes: 2 / the largest curvature."""
    return 2 / np.linalg.eigvalsh(hessian).max()


@exercise(
    "2.2 repair the loop",
    task="This loop climbs instead of descending. Mend it; there is a second mistake behind the first.",
    stub="start + steps * learning_rate * gradient(start)",
    cases=DESCENTS,
    wrong={
        "gradient(w) -> gradient(start)": "The sign is mended, well done; now the second: the slope goes stale. "
        "Measure it anew at each `w`.",
        "w = w - -> w = w +": "The slope is fresh now, well done; but the loop still climbs: mend the step's sign.",
        "w = w - -> w -=": "The end is right, but `-=` has also moved the caller's `start`: write `w = w - ...`.",
        "    return ->         return": "Only one step counts: both lines belong into the loop, all else outside it.",
        "learning_rate * -> ": "The learning rate got lost: the step is `learning_rate * slope`.",
    },
    hints=(
        "Which way does the gradient point, and which way does the loop walk?",
        "How often is `gradient` called? How often does `w` change?",
        "Move `slope = gradient(w)` into the loop, and write `w = w - learning_rate * slope`.",
    ),
    why="A wrong sign shows at once, but a stale slope still descends for a while: such a mistake can live long.",
)
def repaired(gradient, start, learning_rate, steps):
    """The repaired loop: measure the slope at every step, and walk against it."""
    w = start
    for _ in range(steps):
        slope = gradient(w)
        w = w - learning_rate * slope
    return w


@exercise(
    "2.3 the best rate",
    task="Return the best fixed rate, and the factor by which a step then shrinks the slowest directions.",
    stub="[hessian] and (..., ...)",
    cases=_HESSIANS,
    wrong={
        "(flattest + steepest) -> steepest": "At your rate the steepest direction bounces for ever: go lower.",
        "2 / (flattest + steepest), (k - 1) / (k + 1) -> 1 / steepest, 1 - 1 / k": "That is right for the rate 1 / "
        "steepest, but a larger one is better: until both shrink equally fast.",
        "2 / ( -> 1 / (": "You forgot the 2 in the rate: it is 2 / (the sum of both).",
        "(k - 1) / (k + 1) -> 1 / k": "A contraction of 1 / k makes long ravines quick: it is 1 - rate * flattest.",
        "(k - 1) / (k + 1) -> 1 - 1 / k": "That belongs to the rate 1 / steepest: put yours into 1 - rate * flattest.",
        "(k - 1) -> (1 - k)": "Negative: that is the steepest direction, which bounces. Give the contraction's size.",
        "np.linalg.eigvalsh -> np.diag": "You took the diagonal: where a ravine runs askew take the eigenvalues.",
        "best_rate_and_contraction(hessian)[::-1]": "You swapped the two: the rate comes first.",
    },
    hints=(
        "A step leaves `1 - rate * h` of the distance. The flattest wants a large rate, the steepest a small one.",
        "At the best rate both shrink equally fast: `1 - rate * flattest = rate * steepest - 1`. Solve for the rate.",
        "The rate is `2 / (flattest + steepest)`; put it into `1 - rate * flattest` for the contraction.",
    ),
    why="One number, the condition number, says how long the best of all fixed rates must take.",
)
def best_rate_and_contraction(hessian):
    """The fixed rate that suits the flattest and the steepest direction equally, and what a step leaves."""
    eigenvalues = np.linalg.eigvalsh(hessian)
    flattest, steepest = eigenvalues.min(), eigenvalues.max()
    k = steepest / flattest
    return 2 / (flattest + steepest), (k - 1) / (k + 1)


@exercise(
    "2.4 standardise the inputs",
    task="Return the table with each column (a feature) at mean 0 and standard deviation 1.",
    cases=(
        (np.array([[1.0, 10.0], [2.0, 50.0], [6.0, 30.0]]),),
        (np.array([201.0, 44.0]) + _RNG.normal(size=(40, 2)) @ [[14.0, 3.5], [0.0, 4.2]],),  # flippers and bills
        (_RNG.normal(size=(25, 4)) * [0.5, 1.0, 50.0, 4000.0] + [5.0, -2.0, 0.0, 1e4],),
        (np.array([[-9.0], *[[0.0]] * 400, [1e-4], [-1e-4], [9.0]]),),  # a single feature, far from normal
        (np.array([[1.0, -2.0, 4.0], [3.0, 2.0, 4.5]]),),  # two samples
    ),
    wrong={
        "X - X.mean(axis=0)": "You only centred: divide by the standard deviation of each column, too.",
        "X / X.std(axis=0)": "You scaled but did not centre: subtract each column's mean first.",
        ".std -> .var": "You divided by the variance: the standard deviation, its root, has the units of the feature.",
        "X - X.mean(axis=0) / X.std(axis=0)": "Brackets are missing: only the mean was divided.",
        "axis=0 -> axis=1, keepdims=True": "You standardised each row, which mixes millimetres with grams: each column "
        "is a feature, so `axis=0`.",
        "axis=0 -> ": "You used one mean and one deviation for the whole table: each column needs its own, `axis=0`.",
        "std(axis=0 -> std(axis=0, ddof=1": "Nearly: `ddof=1` divides by n - 1, but the curvature is a mean over n.",
    },
    hints=(
        "Two things: move each column's mean to 0, then divide by how far the column spreads.",
        "`X.mean(axis=0)` is the mean of each column; `X.std(axis=0)` how far it spreads.",
        "`(X - X.mean(axis=0)) / X.std(axis=0)`, with both brackets.",
    ),
    why="Every feature now has the same curvature: where they are not correlated, one rate suits them all.",
)
def standardise(X):
    """Each column of X with mean 0 and standard deviation 1."""
    return (X - X.mean(axis=0)) / X.std(axis=0)
