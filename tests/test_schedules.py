"""Schedules: the points they must go through, a rate for each run, and bad input."""

from types import SimpleNamespace

import numpy as np
import pytest

from gd_helpers import schedules
from gd_helpers.descent import descend

BOWL = SimpleNamespace(value=lambda w: (w**2).sum(axis=-1) / 2, gradient=lambda w: w)


@pytest.mark.parametrize(
    ("schedule", "points"),
    [
        (schedules.constant(0.3), {0: 0.3, 99: 0.3}),
        (schedules.step_decay(0.8, every=30, factor=0.5), {0: 0.8, 29: 0.8, 30: 0.4, 59: 0.4, 60: 0.2}),
        (schedules.step_decay(0.8, every=30), {30: 0.08}),
        (schedules.exponential(0.8, factor=0.9), {0: 0.8, 1: 0.72, 50: 0.8 * 0.9**50}),
        (schedules.cosine(0.8, steps=100), {0: 0.8, 50: 0.4, 100: 0.0, 101: 0.0}),
        (schedules.cosine(0.8, steps=90), {30: 0.6, 60: 0.2}),  # cos 60 and 120 degrees
        (schedules.cosine(0.8, steps=100, end=0.2), {0: 0.8, 50: 0.5, 100: 0.2, 900: 0.2}),
        (schedules.warmup(0.8, steps=4), {0: 0.2, 1: 0.4, 2: 0.6, 3: 0.8, 4: 0.8, 99: 0.8}),
        (
            schedules.join(schedules.warmup(0.8, steps=10), schedules.cosine(0.8, steps=90), at=10),
            {0: 0.08, 9: 0.8, 10: 0.8, 55: 0.4, 100: 0.0},
        ),
        (schedules.join(0.1, schedules.join(0.2, 0.3, at=5), at=10), {9: 0.1, 10: 0.2, 14: 0.2, 15: 0.3}),
        (schedules.join(0.1, 0.2, at=0), {0: 0.2}),
    ],
)
def test_schedule_goes_through_its_points(schedule, points):
    assert {step: schedule(step) for step in points} == pytest.approx(points, rel=1e-14, abs=1e-16)


def test_a_schedule_may_hold_a_rate_for_each_run():
    rates = np.array([[0.1], [0.2]])
    for make in (lambda r: schedules.cosine(r, steps=9), lambda r: schedules.warmup(r, steps=4)):
        many = descend(BOWL, [1.0], learning_rate=make(rates), steps=9).end
        one_by_one = [descend(BOWL, [1.0], learning_rate=make(r), steps=9).end for r in (0.1, 0.2)]
        np.testing.assert_allclose(many, one_by_one, rtol=1e-12)
