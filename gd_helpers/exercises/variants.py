"""Lesson 3's exercises: batches, their gradient, a rate that fits them, and a loss curve read backwards."""

from itertools import pairwise, product

import numpy as np

from gd_helpers.descent import descend, minibatches
from gd_helpers.exercises.exercise import exercise

_RNG = np.random.default_rng(3)


def _facts_of_an_epoch(epoch, n, batch_size, seed):
    """What is compared of an epoch, whichever way it was shuffled: all that does not hang on chance.

    In 40 epochs a shuffle makes 3 in 4 or more of all the neighbours that it could: less than half never happens; and
    few of them, 2 in n, were neighbours before. Each sample is in both halves of the epoch. An order that is merely
    rolled, or turned round, or shuffled in part, falls short.
    """

    def drawn(rng):
        batches = epoch(n, batch_size, rng)
        rows = [np.arange(n)[batch] for batch in batches]  # whatever is no index fails here
        if isinstance(batches, dict) or any(row.ndim != 1 for row in rows):
            raise TypeError("going through it gives " + ("its keys" if isinstance(batches, dict) else "no arrays"))
        return rows

    batches, rng = drawn(np.random.default_rng(seed)), np.random.default_rng(seed)
    orders = [np.concatenate([[], *drawn(rng)]).astype(int).tolist() for _ in range(40)]
    neighbours = [pair for order in orders for pair in pairwise(order)]
    whole = all(sorted(order) == list(range(n)) for order in orders)
    return {
        "the batches have the right sizes": [len(batch) for batch in batches],
        "each sample comes once an epoch": sorted(orders[0]),
        "the order is not that of the data": n == 1 or any(order != sorted(order) for order in orders),
        "the samples are mixed": n < 10 or sum(abs(one - other) == 1 for one, other in neighbours) < 14 * n,
        "each epoch has another order": n < 10 or len({*neighbours}) > min(n, 40) / 2 * (n - 1),
        "each sample may come early or late": n < 10 or (whole and np.ptp(np.argsort(orders), axis=0).min() >= n / 2),
        "the same seed gives the same batches": n < 10 or np.concatenate([[], *batches]).tolist() == orders[0],
    }


@exercise(
    "3.1 write mini-batching",
    task="Return the batches of one epoch: a list of index arrays that holds each of 0 .. n-1 exactly once, shuffled.",
    # Where the batch size does not divide n the last batch is short; batches of one; the full batch; one sample.
    cases=((12, 4, 0), (342, 16, 1), (10, 3, 2), (30, 1, 3), (30, 30, 4), (11, 10, 5), (1, 1, 6)),
    wrong={
        "range(0, n -> range(0, n - batch_size + 1": "You drop the last samples: let the last batch be shorter.",
        "rng.permutation -> np.arange": "You did not shuffle: data often come sorted, and then a batch is nothing like "
        "the whole.",
        "rng. -> np.random.default_rng(0).": "Each epoch has the same order: draw from `rng`, and do not seed anew.",
        "rng. -> np.random.default_rng().": "Nobody can repeat your run: draw from `rng`, not from `np.random`.",
        "[np.arange(n)[i : i + batch_size] for i in rng.permutation(range(0, n, batch_size))]": "You shuffled the "
        "batches but not the samples: the same samples meet in every epoch. Shuffle the indices first, then cut.",
        "list(rng.permutation(n))": "These are single numbers: return a list of all pieces, each of `batch_size`.",
        "range(0, n -> range(0, n - batch_size": "The last batch is missing: let the range end at n.",
        "range(0, n -> range(0, n + 1": "Where `batch_size` divides `n` your last batch is empty: end the range at n.",
    },
    hints=(
        "Shuffle all the indices once, then cut the result into pieces.",
        "`rng.permutation(n)` shuffles; `order[first : first + batch_size]` is a piece, shorter where the order ends.",
        "`[order[first : first + batch_size] for first in range(0, n, batch_size)]`",
    ),
    why="Every sample has its say in every epoch, and the order never repeats.",
    use=_facts_of_an_epoch,
)
def epoch(n, batch_size, rng):
    """The batches of one epoch: every sample once, in random order."""
    order = rng.permutation(n)
    return [order[first : first + batch_size] for first in range(0, n, batch_size)]


@exercise(
    "3.2 the gradient of a batch",
    task="Return the gradient of the mean squared error over the rows of `X` and `y` that `batch` names.",
    cases=[  # also a batch of one, the full batch, and one drawn with replacement; the columns have different units
        (_RNG.normal(size=(n, d)) * [1.0, 1e3, 1e-9][:d], _RNG.normal(size=n), _RNG.normal(size=d), np.array(batch))
        for n, d, batch in ((8, 2, [1, 5, 6]), (8, 2, [3]), (9, 3, range(9)), (20, 3, [7, 0, 19, 4]), (6, 1, [2, 2, 5]))
    ],
    wrong={
        "2 / len(batch) -> 2": "Divide by the batch size, or large batches take large steps.",
        "len(batch) -> len(X)": "You divided by the number of all samples: the mean is over the batch, so divide by "
        "`len(batch)`.",
        "batch_gradient(X, y, w, np.arange(len(X)))": "That is the full batch: take the rows `X[batch]`, `y[batch]`.",
        "2 / -> 1 /": "A factor 2 is missing: it comes from the square in the squared error.",
        "-batch_gradient(X, y, w, batch)": "The sign is turned round: the error is predicted minus true.",
        "2 * np.mean((X[batch] @ w - y[batch]) * X[batch].T)": "Take the mean over the samples, for each parameter.",
        "2 / len(batch) * X[batch].T @ error -> 2 / len(batch) * X[batch] * error": "The shapes do not fit: `X[batch] "
        "@ w` predicts a number for each row, and `X[batch].T @ error` adds up each row times its error.",
    },
    hints=(
        "It is the gradient of lesson 1's line fit, with fewer rows.",
        "`X[batch]` and `y[batch]` are the rows that count; the mean runs over `len(batch)` of them.",
        "`error = X[batch] @ w - y[batch]`, then `2 / len(batch) * X[batch].T @ error`.",
    ),
    why="Averaged over all batches of an epoch of equal size, it is the full gradient: noisy, but not biased.",
)
def batch_gradient(X, y, w, batch):
    """The gradient of the mean squared error over the rows that the batch names."""
    error = X[batch] @ w - y[batch]
    return 2 / len(batch) * X[batch].T @ error


@exercise(
    "3.3 scale the rate with the batch",
    task="Return the rate for batches of `new_size` by linear scaling, but never above 1 / curvature.",
    # To larger and to smaller batches, within the stable rates and beyond them.
    cases=list(product((0.01, 0.3, 2e-7), (16, 1, 10), (64, 8, 45), (2.0, 1e-4, 40.0))),
    wrong={
        "rate * new_size / batch_size": "Right scaling, but it has no limit: large batches leave the stable range.",
        "new_size / batch_size -> np.sqrt(new_size / batch_size)": "You scaled by the square root, which others have "
        "proposed too; asked for is the linear rule.",
        "new_size / batch_size -> batch_size / new_size": "Upside down: a larger batch can afford a larger rate.",
        "min(rate, 1 / curvature)": "You kept the rate: it should grow with the batch.",
        "min( -> max(": "You took the larger one: an upper limit wants `min`.",
        "1 / curvature -> 2 / curvature": "From 2 / curvature on runs explode: the limit is half.",
        "1 / curvature -> curvature": "The limit is 1 / curvature, not the curvature itself.",
        " / batch_size -> ": "You forgot the old batch size: what counts is the ratio of the two.",
    },
    hints=(
        "Four times the batch, four times the rate; and then there is lesson 2's limit.",
        "`rate * new_size / batch_size` is the linear rule; `min` keeps it below a limit.",
        "`min(rate * new_size / batch_size, 1 / curvature)`",
    ),
    why="The rule keeps the rate per sample, but curvature has the last word: it does not grow with the batch.",
)
def scaled_rate(rate, batch_size, new_size, curvature):
    """Linear scaling, but never beyond half of the largest stable rate."""
    return min(rate * new_size / batch_size, 1 / curvature)


def riddle_runs(loss, learning_rate, steps):
    """The three runs behind the curves A, B and C, on a loss over 342 samples with two parameters."""
    batches = [minibatches(342, size, np.random.default_rng(size)) for size in batch_sizes().values()]
    return [descend(loss, [0.0, 0.0], learning_rate=learning_rate, steps=steps, batches=each) for each in batches]


@exercise(
    "3.4 read the loss curves",
    task="Look at the curves A, B and C above and say which has batch size 1, which 16 and which 342.",
    stub="{'A': ..., 'B': ..., 'C': ...}",
    cases=(("A",), ("B",), ("C",)),
    wrong={
        "{'A': 1, 'B': 342, 'C': 16}": "B is right. A and C are swapped: smaller batches make larger jumps.",
        "{'A': 16, 'B': 1, 'C': 342}": "The wrong way round: the smooth curve has no noise, so it is the full batch.",
        "{'A': 342, 'B': 16, 'C': 1}": "C is right. Now A and B: only one of them comes down without ever jumping.",
        "{'A': 1, 'B': 16, 'C': 342}": "None is right yet: the curve that never jumps is that of the full batch.",
        "{'A': 342, 'B': 1, 'C': 16}": "None is right yet: the curve that jumps most is that of a single penguin.",
    },
    hints=(
        "The gradient of all 342 penguins has no noise at all: what does its curve look like?",
        "One of the curves is perfectly smooth, and one jumps by more than the others.",
        "The root mean square of the noise at batch size 1 is four times that at 16.",
    ),
    why="How much a loss curve jitters tells the noise of its gradients, and so the size of its batches.",
    use=lambda answer, curve: answer()[curve],
)
def batch_sizes():
    """The curve that never rises is the full batch; the larger the jumps, the smaller the batch."""
    return {"A": 16, "B": 342, "C": 1}
