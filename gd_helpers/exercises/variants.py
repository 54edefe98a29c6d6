"""Lesson 3's exercises: batches, their gradient, a rate that fits them, and a loss curve read backwards."""

import numpy as np

from gd_helpers.exercises.exercise import Exercise

_RNG = np.random.default_rng(3)


# --- 3.1 ----------------------------------------------------------------------------------------------------
def epoch(n, batch_size, rng):
    """The batches of one epoch: every sample once, in random order."""
    order = rng.permutation(n)
    return [order[first : first + batch_size] for first in range(0, n, batch_size)]


def _facts(epoch, n, batch_size, seed):
    """What is compared of an epoch, whichever way it was shuffled: all that does not hang on chance."""
    rng = np.random.default_rng(seed)
    batches = [np.asarray(batch).tolist() for batch in epoch(n, batch_size, rng)]
    again = [np.asarray(batch).tolist() for batch in epoch(n, batch_size, rng)]
    repeated = [np.asarray(batch).tolist() for batch in epoch(n, batch_size, np.random.default_rng(seed))]
    sizes = [len(batch) for batch in batches]
    drawn = [row for batch in batches for row in batch]
    return (
        np.array(sizes),
        np.array(sorted(drawn)),
        float(n < 10 or drawn != list(range(n))),  # ten samples stay in order by chance once in 3.6 million
        float(n < 10 or batches != again),
        float(n < 10 or batches == repeated),
    )


def drops_the_rest(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[first : first + batch_size] for first in range(0, n - batch_size + 1, batch_size)]


def in_order(n, batch_size, rng):
    return [np.arange(n)[first : first + batch_size] for first in range(0, n, batch_size)]


def same_shuffle(n, batch_size, rng):
    return epoch(n, batch_size, np.random.default_rng(0))


def wraps_around(n, batch_size, rng):
    order = np.resize(rng.permutation(n), -(-n // batch_size) * batch_size)
    return list(order.reshape(-1, batch_size))


def too_few(n, batch_size, rng):
    return [rng.permutation(n)[:batch_size]]


def shuffles_batches_only(n, batch_size, rng):
    batches = in_order(n, batch_size, rng)
    return [batches[i] for i in rng.permutation(len(batches))]


def equal_parts(n, batch_size, rng):
    return np.array_split(rng.permutation(n), -(-n // batch_size))


def empty_at_the_end(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[i * batch_size : (i + 1) * batch_size] for i in range(n // batch_size + 1)]


def chosen_for_each_batch(n, batch_size, rng):
    return [rng.choice(n, batch_size, replace=False) for _ in range(0, n, batch_size)]


def not_from_rng(n, batch_size, rng):
    return epoch(n, batch_size, np.random.default_rng())


def one_start_a_sample(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[first : first + batch_size] for first in range(n)]


WRITE_MINI_BATCHING = Exercise(
    number="3.1",
    name="write mini-batching",
    task="Return the batches of one epoch: a list of index arrays that holds each of 0 .. n-1 exactly once, shuffled.",
    stub="""\
def epoch(n, batch_size, rng):
    order = ...  # the numbers 0 .. n-1 in random order; rng is a np.random.Generator
    return ...  # a list of index arrays""",
    solution=epoch,
    cases=(
        (12, 4, 0),
        (342, 16, 1),  # 16 does not divide 342: the last batch is short
        (10, 3, 2),
        (30, 1, 3),  # stochastic
        (30, 30, 4),  # the full batch
        (11, 10, 5),  # a last batch of one
        (1, 1, 6),
    ),
    wrong=(
        (drops_the_rest, "You drop the samples that do not fill a last batch: let that batch be shorter."),
        (in_order, "You did not shuffle: data often come sorted, and then a batch is nothing like the whole."),
        (same_shuffle, "Each epoch has the same order: take the random numbers from `rng`, and do not seed anew."),
        (
            wraps_around,
            "You filled up the last batch with samples that had their turn: some count twice in this epoch.",
        ),
        (too_few, "That is one batch: an epoch goes on until every sample has had its turn."),
        (
            shuffles_batches_only,
            "You shuffled the batches but not the samples: the same samples meet in every epoch. "
            "Shuffle the indices first, then cut.",
        ),
        (
            one_start_a_sample,
            "Your batches overlap: begin a new one every `batch_size` samples, with `range(0, n, batch_size)`.",
        ),
        (
            equal_parts,
            "You cut the epoch into parts of about equal size: each batch has `batch_size` samples, and only the last "
            "may be shorter.",
        ),
        (
            empty_at_the_end,
            "Where `batch_size` divides `n` your last batch is empty: step through the samples with "
            "`range(0, n, batch_size)`.",
        ),
        (
            lambda n, batch_size, rng: list(rng.permutation(n)),
            "That is the shuffled order, well begun: now cut it into pieces of `batch_size`.",
        ),
        (
            chosen_for_each_batch,
            "Each batch is drawn without looking at the others: some samples come twice and others not at all. "
            "Shuffle once, then cut.",
        ),
        (
            not_from_rng,
            "The same seed gives another order each time, so nobody can repeat your run: take the random numbers from "
            "`rng`, not from `np.random`.",
        ),
        (
            lambda n, batch_size, rng: [rng.integers(n, size=batch_size) for _ in range(0, n, batch_size)],
            "You drew with replacement: some samples come twice and others not at all. Shuffle once, then cut.",
        ),
    ),
    hints=(
        "Shuffle all the indices once, then cut the result into pieces.",
        "`rng.permutation(n)` shuffles; `order[first : first + batch_size]` is a piece, and a slice that runs past "
        "the end is simply shorter.",
        "`[order[first : first + batch_size] for first in range(0, n, batch_size)]`",
    ),
    why="Every sample has its say in every epoch, and the order never repeats.",
    use=_facts,
)


# --- 3.2 ----------------------------------------------------------------------------------------------------
def batch_gradient(X, y, w, batch):
    """The gradient of the mean squared error over the rows that the batch names."""
    error = X[batch] @ w - y[batch]
    return 2 / len(batch) * X[batch].T @ error


def _gradient_case(n, d, batch):
    return _RNG.normal(size=(n, d)), _RNG.normal(size=n), _RNG.normal(size=d), np.array(batch)


MINI_BATCH_GRADIENT = Exercise(
    number="3.2",
    name="the gradient of a batch",
    task="Return the gradient of the mean squared error over the rows of `X` and `y` that `batch` names.",
    stub="""\
def batch_gradient(X, y, w, batch):
    error = ...  # predicted minus true, for the rows in the batch
    return ...  # one number for each parameter""",
    solution=batch_gradient,
    cases=(
        _gradient_case(8, 2, [1, 5, 6]),
        _gradient_case(8, 2, [3]),  # stochastic
        _gradient_case(20, 5, range(20)),  # the full batch
        _gradient_case(20, 5, [7, 0, 19, 4]),
        _gradient_case(6, 1, [2, 2, 5]),  # drawn with replacement: a row may come twice
    ),
    wrong=(
        (
            lambda X, y, w, batch: 2 * X[batch].T @ (X[batch] @ w - y[batch]),
            "You forgot to divide by the batch size: a larger batch would take larger steps.",
        ),
        (
            lambda X, y, w, batch: 2 / len(X) * X[batch].T @ (X[batch] @ w - y[batch]),
            "You divided by the number of all samples: the mean is over the batch, so divide by `len(batch)`.",
        ),
        (
            lambda X, y, w, batch: 2 / len(X) * X.T @ (X @ w - y),
            "That is the gradient of the full batch: take the rows `X[batch]` and `y[batch]` first.",
        ),
        (
            lambda X, y, w, batch: 1 / len(batch) * X[batch].T @ (X[batch] @ w - y[batch]),
            "The factor 2 is missing: it comes from the square in the squared error.",
        ),
        (
            lambda X, y, w, batch: -batch_gradient(X, y, w, batch),
            "The sign is turned round: the error is predicted minus true.",
        ),
        (
            lambda X, y, w, batch: 2 / len(batch) * X[: len(batch)].T @ (X[: len(batch)] @ w - y[: len(batch)]),
            "You took the first rows: `batch` says which ones, so write `X[batch]`.",
        ),
        (
            lambda X, y, w, batch: 2 * np.mean((X[batch] @ w - y[batch]) * X[batch].T),
            "You took the mean over the parameters as well: each keeps a number of its own, so take the mean over the "
            "samples alone.",
        ),
        (
            lambda X, y, w, batch: 2 * (X[batch] @ w - y[batch]) * X[batch] / len(batch),
            "The shapes do not fit: each row of `X[batch]` goes with one error. `X[batch].T @ error` multiplies them "
            "and adds up.",
        ),
    ),
    hints=(
        "It is the gradient of lesson 1's line fit, with fewer rows.",
        "`X[batch]` and `y[batch]` are the rows that count; the mean runs over `len(batch)` of them.",
        "`error = X[batch] @ w - y[batch]`, then `2 / len(batch) * X[batch].T @ error`.",
    ),
    why="Averaged over all batches of an epoch of equal size, it is the full gradient: noisy, but not biased.",
)


# --- 3.3 ----------------------------------------------------------------------------------------------------
def scaled_rate(rate, batch_size, new_size, curvature):
    """Linear scaling, but never beyond half of the largest stable rate."""
    return min(rate * new_size / batch_size, 1 / curvature)


SCALE_THE_RATE = Exercise(
    number="3.3",
    name="scale the rate with the batch",
    task="Return the rate for batches of `new_size` by linear scaling, but never above 1 / curvature.",
    stub="""\
def scaled_rate(rate, batch_size, new_size, curvature):
    return ...  # rate was good for batches of batch_size""",
    solution=scaled_rate,
    cases=(
        (0.01, 16, 64, 2.0),
        (0.1, 32, 8, 2.0),  # a smaller batch takes a smaller rate
        (0.05, 16, 16, 2.0),
        (0.01, 16, 1024, 2.0),  # here the rule would leave the stable rates
        (0.2, 1, 342, 0.5),
        (0.3, 100, 250, 1.0),
    ),
    wrong=(
        (
            lambda rate, batch_size, new_size, curvature: rate * new_size / batch_size,
            "The scaling is right, but it has no limit: with large batches the rate leaves the stable range.",
        ),
        (
            lambda rate, batch_size, new_size, curvature: min(rate * np.sqrt(new_size / batch_size), 1 / curvature),
            "You scaled by the square root, which others have proposed too; asked for is the linear rule.",
        ),
        (
            lambda rate, batch_size, new_size, curvature: min(rate * batch_size / new_size, 1 / curvature),
            "Upside down: a larger batch has less noise, so it can afford a larger rate.",
        ),
        (
            lambda rate, batch_size, new_size, curvature: min(rate, 1 / curvature),
            "You kept the rate: it should grow with the batch.",
        ),
        (
            lambda rate, batch_size, new_size, curvature: max(rate * new_size / batch_size, 1 / curvature),
            "You took the larger of the two: the limit is an upper one, so `min`.",
        ),
        (
            lambda rate, batch_size, new_size, curvature: min(rate * new_size / batch_size, 2 / curvature),
            "2 / curvature is where runs just about explode: keep to 1 / curvature, as asked.",
        ),
        (
            lambda rate, batch_size, new_size, curvature: min(rate * new_size / batch_size, curvature),
            "The limit is 1 / curvature, not the curvature itself.",
        ),
        (
            lambda rate, batch_size, new_size, curvature: min(rate * new_size, 1 / curvature),
            "You forgot the old batch size: what counts is how many times larger the batch has become.",
        ),
    ),
    hints=(
        "Four times the batch, four times the rate; and then there is lesson 2's limit.",
        "`rate * new_size / batch_size` is the linear rule; `min` keeps it below a limit.",
        "`min(rate * new_size / batch_size, 1 / curvature)`",
    ),
    why="The rule keeps the rate per sample, but curvature has the last word: it does not grow with the batch.",
)


# --- 3.4 ----------------------------------------------------------------------------------------------------
HIDDEN = {"A": 16, "B": 342, "C": 1}  # the batch sizes behind the curves of the riddle


def batch_sizes():
    """The curve that never rises is the full batch; the larger the jumps, the smaller the batch."""
    return {"A": 16, "B": 342, "C": 1}


def _reading(**sizes):
    return lambda: sizes


READ_THE_CURVES = Exercise(
    number="3.4",
    name="read the loss curves",
    task="Look at the curves A, B and C above and say which has batch size 1, which 16 and which 342.",
    stub="""\
def batch_sizes():
    return {"A": ..., "B": ..., "C": ...}  # 1, 16 or 342""",
    solution=batch_sizes,
    cases=(("A",), ("B",), ("C",)),
    wrong=(
        (
            _reading(A=1, B=342, C=16),
            "B is right, but A and C are the wrong way round: the smaller the batch, the larger the jumps.",
        ),
        (
            _reading(A=16, B=1, C=342),
            "You have it the wrong way round: the smooth curve is the one without noise, the full batch.",
        ),
        (_reading(A=342, B=16, C=1), "C is right. Now A and B: only one of them comes down without ever jumping."),
        (_reading(A=1, B=16, C=342), "None is right yet: look for the curve that never jumps. That is the full batch."),
        (
            _reading(A=342, B=1, C=16),
            "None is right yet: look for the curve that jumps most. Its gradients come from a single penguin.",
        ),
    ),
    hints=(
        "The gradient of all 342 penguins has no noise at all: what does its curve look like?",
        "One of the curves is perfectly smooth, and one jumps by more than the others.",
        "The root mean square of the noise at batch size 1 is four times that at 16.",
    ),
    why="How much a loss curve jitters tells the noise of its gradients, and so the size of its batches.",
    use=lambda answer, curve: answer()[curve],
)

EXERCISES = (WRITE_MINI_BATCHING, MINI_BATCH_GRADIENT, SCALE_THE_RATE, READ_THE_CURVES)
