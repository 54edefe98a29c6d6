"""What do the checks of ``descend`` cost? Against a loop in bare NumPy: ``python tests/benchmarks/bare_loop.py``.

Both take the same steps and keep every point of the path; ``descend`` works out the losses besides. The ratio is the
median over rounds in which each goes once, one after the other, so that whatever else the machine does hits both; it
counts the processor's time.
"""

import time

import numpy as np

from gd_helpers.descent import descend, minibatches
from gd_helpers.landscapes import ravine
from gd_helpers.losses import LinearRegression, with_intercept

ROUNDS, STEPS, RATE = 41, 1000, 0.05
RNG = np.random.default_rng(0)
X = with_intercept(RNG.normal(size=342))  # as many rows as there are penguins
Y = X @ [2.0, 1.0] + RNG.normal(size=342)
H = np.array([1.0, 10.0])
LOSS = LinearRegression(X, Y)


def on_rows(w, batches):
    """The bare loop, on rows of a table: all at each step if there are no batches."""
    w, path, A, y = np.array(w), [w], X, Y
    for _ in range(STEPS):
        if batches:
            batch = next(batches)
            A, y = X[batch], Y[batch]
        w = w - RATE * (2 / len(A) * (A @ w - y) @ A)
        path.append(w)
    return np.array(path)


def on_a_bowl(w, batches):
    """The bare loop, on a bowl of curvatures 1 and 10."""
    w, path = np.array(w), [w]
    for _ in range(STEPS):
        w = w - RATE * (H * w)
        path.append(w)
    return np.array(path)


def ratio(bare, loss, start, size):
    """How many times the processor's time of the bare loop ``descend`` takes."""
    ratios = []
    for _ in range(ROUNDS):
        one, two = (size and minibatches(342, size, np.random.default_rng(0)) for _ in range(2))
        began = time.process_time()
        path = bare(start, one)
        between = time.process_time()
        run = descend(loss, start, learning_rate=RATE, steps=STEPS, batches=two)
        ratios.append((time.process_time() - between) / (between - began))
        np.testing.assert_allclose(run.path, path, rtol=1e-9, atol=1e-12)
    return np.median(ratios)


if __name__ == "__main__":
    for size, words in {4: "342 rows, batches of 4", 16: "342 rows, batches of 16", None: "342 rows, all"}.items():
        print(f"{words:30} {ratio(on_rows, LOSS, [0.0, 0.0], size):.2f} x a bare loop (goal: at most 1.6)")
    print(f"{'a bowl':30} {ratio(on_a_bowl, ravine, [-2.5, 1.5], None):.2f} x a bare loop (goal: at most 2.5)")
