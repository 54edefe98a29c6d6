"""Update rules, against PyTorch's stored trajectories; what all have in common; and schedules.

``reference/torch_trajectories.npz`` was made by the script beside it; PyTorch is not needed here.
"""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from gd_helpers import landscapes, rules, schedules
from gd_helpers.descent import descend

with np.load(Path(__file__).parent / "reference" / "torch_trajectories.npz") as file:
    STORED = dict(file)

# What each optimiser of the script is called here.
TORCH = {
    "sgd": rules.sgd(), "momentum": rules.momentum(), "nesterov": rules.nesterov(), "rmsprop": rules.rmsprop(0.98),
    "adagrad": rules.adagrad(), "adam": rules.adam(), "adamw": rules.adamw(0.1),
    "adamw_without_decay": rules.adamw(0.0), "adam_l2": rules.adam_l2(0.1),
}  # fmt: skip
BOWL = [[1, 1, 0], [1, 5, 0], [0, 0, 25]]
GRADIENTS = {
    "quadratic": lambda w: BOWL @ w,
    "rosenbrock": lambda w: [2 * (w[0] - 1) - 400 * w[0] * (w[1] - w[0] ** 2), 200 * (w[1] - w[0] ** 2)],
}


@pytest.mark.parametrize("name", TORCH)
@pytest.mark.parametrize("problem", GRADIENTS)
def test_agrees_with_pytorch(problem, name):
    reference, rate = STORED[f"{problem}/{name}"], float(STORED[f"{problem}/{name}/learning_rate"])
    loss = SimpleNamespace(value=lambda w: 0 * w[..., 0], gradient=GRADIENTS[problem])
    run = descend(loss, reference[0], learning_rate=rate, steps=200, rule=TORCH[name], record_every=5)
    np.testing.assert_allclose(run.path, reference, rtol=1e-10, atol=0)


@pytest.mark.parametrize(("rule", "gradient", "first"), [
    (rules.rmsprop(), 1, 1 / np.sqrt(1 - 0.99)), (rules.adam(bias_correction=False), 1, 0.1 / np.sqrt(1 - 0.999)),
    (rules.adagrad(eps=0.5), 2, 2 / 2.5), (rules.rmsprop(0.0, eps=0.5), 2, 2 / 2.5),
    (rules.adam(0.0, 0.0, eps=0.5), 2, 2 / 2.5), (rules.adamw(eps=0.5), 2, 2 / 2.5 + 0.01),
    (rules.adam_l2(eps=0.5), 2, 2.01 / 2.51), (rules.weight_decay(), 2, 2.01),
])  # fmt: skip
def test_the_first_direction_with_defaults_and_epsilon(rule, gradient, first):
    w = np.ones(1)
    assert rule.update(gradient * w, rule.init(w), w)[0] == pytest.approx(first, rel=1e-6)


def test_recent_squares_are_those_of_adam_with_its_defaults():
    assert rules.recent_squares([[1.0]], bias_correction=False) == pytest.approx(0.001)


def test_noise_is_afresh_in_each_run_and_at_each_step():
    w, rule = np.zeros((3, 2)), rules.noise(0.3, np.random.default_rng(5))
    directions = [rule.update(w + 7, (), w)[0] for _ in range(2)]
    expected = 7 + 0.3 * np.random.default_rng(5).standard_normal((2, 3, 2))
    np.testing.assert_allclose(directions, expected, rtol=1e-14)


# Rules whose update does nothing but return what it says.
PURE = TORCH | {"adam, uncorrected": rules.adam(bias_correction=False), "weight_decay": rules.weight_decay(0.1)}


@pytest.mark.parametrize("rule", PURE.values(), ids=PURE)
def test_updates_are_pure(rule):
    w, gradient = np.array([1.0, -2.0]), np.array([30.0, 0.1])
    _, state = rule.update(gradient, rule.init(w), w)
    first, again = (rule.update(gradient, state, w)[0] for _ in range(2))  # the same state: it must not have moved on
    np.testing.assert_array_equal(first, again)
    assert (w.tolist(), gradient.tolist()) == ([1.0, -2.0], [30.0, 0.1])


def test_rules_side_by_side_do_what_each_does_alone_with_each_of_many_rates():
    surface, rates = landscapes.beale, np.geomspace(1e-5, 1e-4, 5)[:, None]
    starts = np.random.default_rng(0).uniform(-1, 1, (len(PURE), 5, 2))
    together = descend(surface, starts, learning_rate=rates, steps=50, rule=rules.side_by_side(*PURE.values())).path
    for place, start in zip(np.ndindex(starts.shape[:2]), starts.reshape(-1, 2), strict=True):
        rule, rate = [*PURE.values()][place[0]], float(rates[place[1], 0])
        alone = descend(surface, start, learning_rate=rate, steps=50, rule=rule).path
        np.testing.assert_allclose(together[:, *place], alone, rtol=1e-12)


TWO = np.array([[0.8], [4.0]])
SCHEDULES = [
    (schedules.step_decay(0.8, every=30), {30: 0.08}), (schedules.step_decay(0.8, every=1, factor=0.5), {1: 0.4}),
    (schedules.cosine(TWO, steps=4), {2: TWO / 2}), (schedules.cosine(0.8, steps=1), {0: 0.8, 1: 0.0}),
    (schedules.warmup(TWO, steps=4), {1: TWO / 2}), (schedules.warmup(0.8, steps=1), {0: 0.8}),
    (schedules.join(0.1, schedules.join(0.2, 0.3, at=5), at=10), {9: 0.1, 10: 0.2, 14: 0.2, 15: 0.3}),
    (schedules.join(0.1, 0.2, at=0), {0: 0.2}),
]  # fmt: skip


@pytest.mark.parametrize(("schedule", "points"), SCHEDULES)
def test_schedule_goes_through_its_points(schedule, points):
    for step, rate in points.items():
        np.testing.assert_allclose(schedule(step), rate, rtol=1e-14, atol=1e-16)
