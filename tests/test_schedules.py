"""Schedules: defaults, shortest lengths, and a rate for each run; the examples in their docstrings do the rest."""

import numpy as np
import pytest

from gd_helpers import schedules


@pytest.mark.parametrize(
    ("schedule", "points"),
    [
        (schedules.step_decay(0.8, every=30), {30: 0.08}),
        (schedules.exponential(0.8, factor=0.25), {0.5: 0.4}),
        (schedules.cosine(0.8, steps=100, end=0.2), {0: 0.8, 50: 0.5, 100: 0.2, 900: 0.2}),
        (schedules.warmup(np.array([[0.8], [4.0]]), steps=4), {1: [[0.4], [2.0]]}),
        (schedules.cosine(np.array([[0.8], [4.0]]), steps=4), {2: [[0.4], [2.0]]}),
        (schedules.join(0.1, schedules.join(0.2, 0.3, at=5), at=10), {9: 0.1, 10: 0.2, 14: 0.2, 15: 0.3}),
        (schedules.join(0.1, 0.2, at=0), {0: 0.2}),
        (schedules.step_decay(0.8, every=1, factor=0.5), {0: 0.8, 1: 0.4}),
        (schedules.cosine(0.8, steps=1), {0: 0.8, 1: 0.0}),
        (schedules.warmup(0.8, steps=1), {0: 0.8}),
    ],
)
def test_schedule_goes_through_its_points(schedule, points):
    for step, rate in points.items():
        np.testing.assert_allclose(schedule(step), rate, rtol=1e-14, atol=1e-16)
