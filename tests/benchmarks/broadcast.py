"""How much quicker are many descents in one call than one by one? ``python tests/benchmarks/broadcast.py``.

Lesson 2's map: 10,000 pairs of learning rates, 200 steps each, as one broadcast ``descend``, against a Python loop
over the pairs that calls the same function. The loop is timed on 200 of the pairs, drawn at random, and scaled up.
Rounds alternate, so that noise hits both alike; the ratio is that of the medians.
"""

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from gd_helpers import losses
from gd_helpers.descent import descend
from gd_helpers.figures import learning_rate as figures

PAIRS = figures.rate_grid((0, 1.2), (0, 1.2), 100)
SAMPLE = np.random.default_rng(0).permutation(PAIRS.reshape(-1, 2))[:200]


def seconds(rates):
    """Time the descents of all ``rates``, of shape (..., 2), in one call."""
    began = time.perf_counter()
    descend(losses.ProductLoss(), [2.0, -1.0], learning_rate=rates, steps=200)
    return time.perf_counter() - began


def main():
    """Measure, and print both and their ratio."""
    at_once, one_by_one = [], []
    for _ in range(7):
        at_once.append(seconds(PAIRS))
        one_by_one.append(sum(seconds(pair) for pair in SAMPLE) * PAIRS[..., 0].size / len(SAMPLE))
    at_once, one_by_one = np.median(at_once), np.median(one_by_one)
    print(f"in one call: {at_once:.2f} s; one by one: {one_by_one:.1f} s")
    print(f"{one_by_one / at_once:.0f} times quicker in one call (goal: at least 50)")


if __name__ == "__main__":
    main()
