"""Update rules: against PyTorch's stored trajectories, against closed forms, and as a family.

``reference/torch_trajectories.npz`` was made by the script beside it; PyTorch is not needed here.
"""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from gd_helpers import landscapes, rules
from gd_helpers.descent import descend

with np.load(Path(__file__).parent / "reference" / "torch_trajectories.npz") as file:
    STORED = dict(file)

# What each optimiser of the script is called here.
TORCH = {
    "sgd": rules.sgd(),
    "momentum": rules.momentum(),
    "nesterov": rules.nesterov(),
    "rmsprop": rules.rmsprop(0.98),
    "adagrad": rules.adagrad(),
    "adam": rules.adam(),
    "adamw": rules.adamw(0.1),
    "adamw_without_decay": rules.adamw(0.0),
    "adam_l2": rules.adam_l2(0.1),
}


def softmax_gradient(w):
    scores = np.exp(STORED["X"] @ w[:12].reshape(4, 3) + w[12:])
    error = scores / scores.sum(axis=1, keepdims=True) - np.eye(3)[STORED["y"]]
    return np.concatenate([(STORED["X"].T @ error).ravel(), error.sum(axis=0)]) / len(STORED["X"])


GRADIENTS = {
    "quadratic": lambda w: np.array([[1, 1, 0], [1, 5, 0], [0, 0, 25]]) @ w,
    "rosenbrock": landscapes.rosenbrock.gradient,
    "softmax": softmax_gradient,
}


def flat(gradient):
    """A loss that is zero everywhere, whose gradient is whatever is given: what a rule makes of it is all there is."""
    return SimpleNamespace(value=lambda w: np.zeros(w.shape[:-1]), gradient=gradient)


@pytest.mark.parametrize("name", TORCH)
@pytest.mark.parametrize("problem", GRADIENTS)
def test_agrees_with_pytorch(problem, name):
    reference, rate = STORED[f"{problem}/{name}"], float(STORED[f"{problem}/{name}/learning_rate"])
    loss = flat(GRADIENTS[problem])
    run = descend(loss, reference[0], learning_rate=rate, steps=200, rule=TORCH[name], record_every=5)
    np.testing.assert_allclose(run.path, reference, rtol=1e-10, atol=0)


def test_the_reference_covers_every_pair_and_names_its_maker():
    pairs = {f"{problem}/{name}" for problem in GRADIENTS for name in TORCH}
    assert set(STORED) == pairs | {f"{pair}/learning_rate" for pair in pairs} | {"X", "y", "torch_version"}
    assert str(STORED["torch_version"]).startswith("2.13.0")


# --- momentum: closed forms ---------------------------------------------------------------------------------


def best(k):
    """Polyak's best rate and beta for curvatures 1 and k; beta is the squared contraction rate."""
    contraction = (np.sqrt(k) - 1) / (np.sqrt(k) + 1)
    return 4 / (np.sqrt(k) + 1) ** 2, contraction**2, contraction


@pytest.mark.parametrize("k", [10.0, 100.0, 1000.0])
def test_heavy_ball_contracts_as_polyak_says(k):
    rate, beta, r = best(k)
    run = descend(landscapes.bowl(1.0, k), [1.0, 1.0], learning_rate=rate, steps=300, rule=rules.momentum(beta))
    # Both coordinates have a double root, r or -r, and so move as (1 + slope t) root^t: the k r^k transient.
    t = np.arange(301)
    for path, root, h in zip(run.path.T, (r, -r), (1.0, k), strict=True):
        exact = (1 + ((1 - rate * h) / root - 1) * t) * root**t
        np.testing.assert_allclose(path, exact, rtol=1e-7, atol=1e-13)


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9, 0.99])
def test_momentum_is_stable_up_to_2_plus_2_beta(beta):
    rate = (2 + 2 * beta) / 7 * np.array([[0.99], [1.01]])
    run = descend(landscapes.bowl(7.0), [1.0], learning_rate=rate, steps=3000, rule=rules.momentum(beta))
    below, above = run.end[:, 0]
    assert abs(below) < 1e-5
    assert not abs(above) < 1e10  # "not below" so that nan counts


def test_a_beta_for_each_run():
    betas, bowl = np.array([[0.0], [0.5], [0.9]]), landscapes.bowl(1.0, 9.0)
    many = descend(bowl, np.ones((3, 2)), learning_rate=0.1, steps=20, rule=rules.momentum(betas))
    for i, beta in enumerate(betas[:, 0]):
        one = descend(bowl, np.ones(2), learning_rate=0.1, steps=20, rule=rules.momentum(beta))
        np.testing.assert_allclose(many.path[:, i], one.path, rtol=1e-12)


# --- defaults, the first step, epsilon ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        (rules.momentum(), 1),
        (rules.rmsprop(), 10),  # 1 / sqrt(1 - 0.99)
        (rules.adagrad(), 1),
        (rules.adam(), 1),
        (rules.adam(bias_correction=False), np.sqrt(10)),  # 0.1 / sqrt(1 - 0.999)
        (rules.adagrad(eps=0.5), 2 / 2.5),
        (rules.rmsprop(0.0, eps=0.5), 2 / 2.5),
        (rules.adam(0.0, 0.0, eps=0.5), 2 / 2.5),
        (rules.adamw(eps=0.5), 2 / 2.5 + 0.01),
        (rules.adam_l2(eps=0.5), 2.01 / 2.51),
        (rules.weight_decay(), 2.01),
    ],
)
def test_the_first_direction_with_the_defaults(rule, first):
    w, g = np.ones(1), np.array([1.0 if first in (1, 10, np.sqrt(10)) else 2.0])
    assert rule.update(g, rule.init(w), w)[0] == pytest.approx(first, rel=1e-6)


def test_adams_second_moment_forgets_at_its_default_rate():
    rule, w = rules.adam(), np.zeros(1)
    _, (_, v, _) = rule.update(np.ones(1), rule.init(w), w)
    assert v == pytest.approx(0.001)


@pytest.mark.parametrize(("make", "expected"), [(rules.adamw, np.exp(-3)), (rules.adam_l2, 0.97)])
def test_l2_hardly_decays_the_noisy_weight_and_adamw_does(make, expected):
    """Rate 0.01, decay 0.1, 3,000 steps from 1. Pure decay is exp(-3) = 0.05; the rest is a random walk.

    L2 is divided by the size of the gradient, 100, and so leaves about exp(-3 / 100) = 0.97.
    """
    noise = np.random.default_rng(0)
    loss = flat(lambda w: 100 * noise.standard_normal(w.shape))
    ends = descend(loss, np.ones((1000, 1)), learning_rate=0.01, steps=3000, rule=make(0.1), record_every=3000).end
    standard_error = ends.std() / np.sqrt(1000)
    assert standard_error < 0.02
    assert abs(ends.mean() - expected) < 3 * standard_error


# --- clip and noise -----------------------------------------------------------------------------------------


def test_clip_shortens_each_run_by_itself_and_never_turns_it():
    gradients = np.random.default_rng(0).normal(size=(50, 3)) * np.geomspace(1e-3, 1e3, 50)[:, None]
    clipped, _ = rules.clip(2.0).update(gradients, (), gradients)
    norms = np.linalg.norm(gradients, axis=1, keepdims=True)
    np.testing.assert_allclose(clipped, gradients * np.minimum(1, 2 / norms), rtol=1e-12)


def test_noise_has_its_size_is_afresh_at_each_step_and_follows_its_seed():
    still = np.zeros((20_000, 2))
    rule = rules.noise(0.3, np.random.default_rng(5))
    first, second = (rule.update(still + 7, (), still)[0] for _ in range(2))
    assert first.mean() == pytest.approx(7, abs=0.006)
    assert first.std() == pytest.approx(0.3, rel=0.02)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.02
    again, _ = rules.noise(0.3, np.random.default_rng(5)).update(still + 7, (), still)
    np.testing.assert_array_equal(first, again)


# --- every rule ---------------------------------------------------------------------------------------------

# name: (how to make it, a rate that suits it)
EVERY_RULE = {
    "sgd": (rules.sgd, 1e-3),
    "momentum": (rules.momentum, 1e-4),
    "nesterov": (rules.nesterov, 1e-4),
    "rmsprop": (rules.rmsprop, 1e-3),
    "adagrad": (rules.adagrad, 1e-2),
    "adam": (rules.adam, 1e-3),
    "adam, uncorrected": (lambda: rules.adam(bias_correction=False), 3e-4),
    "adamw": (rules.adamw, 1e-3),
    "adam_l2": (rules.adam_l2, 1e-3),
    "weight_decay": (lambda: rules.weight_decay(1e-4), 1e-3),
    "clip": (lambda: rules.clip(1.0), 1e-3),
    "noise": (lambda: rules.noise(0.1, np.random.default_rng(0)), 1e-3),
    "clip, then adam": (lambda: rules.chain(rules.clip(1.0), rules.adam()), 1e-3),
}
PURE = [name for name in EVERY_RULE if name != "noise"]


@pytest.mark.parametrize("name", EVERY_RULE)
def test_every_rule_goes_downhill_on_every_landscape(name):
    make, rate = EVERY_RULE[name]
    for surface in landscapes.ALL.values():
        run = descend(surface, surface.start, learning_rate=rate, steps=100, rule=make(), record_every=10)
        assert run.diverged_at is None
        assert (np.diff(run.losses) < 0).all()


@pytest.mark.parametrize("name", PURE)
def test_many_rates_in_one_call_equal_many_calls_and_updates_are_pure(name):
    make, rate = EVERY_RULE[name]
    rates, surface = np.geomspace(rate / 100, rate * 3, 100), landscapes.rosenbrock
    many = descend(surface, surface.start, learning_rate=rates[:, None], steps=8, rule=make())
    singles = [descend(surface, surface.start, learning_rate=r, steps=8, rule=make()).end for r in rates]
    np.testing.assert_allclose(many.end, singles, rtol=1e-12, atol=0)
    rule, w, gradient = make(), np.array([1.0, -2.0]), np.array([30.0, 0.1])
    _, state = rule.update(gradient, rule.init(w), w)
    first, again = (rule.update(gradient, state, w)[0] for _ in range(2))  # the same state: it must not have moved on
    np.testing.assert_array_equal(first, again)
    assert (w.tolist(), gradient.tolist()) == ([1.0, -2.0], [30.0, 0.1])


def test_rules_side_by_side_do_what_each_does_alone():
    makes = [EVERY_RULE[name][0] for name in PURE]
    rates = np.array([EVERY_RULE[name][1] for name in PURE])[:, None]
    starts = np.tile(landscapes.rosenbrock.start, (len(makes), 1))
    together = rules.side_by_side(*(make() for make in makes))
    run = descend(landscapes.rosenbrock, starts, learning_rate=rates, steps=50, rule=together)
    for i, make in enumerate(makes):
        alone = descend(landscapes.rosenbrock, starts[i], learning_rate=rates[i], steps=50, rule=make())
        np.testing.assert_allclose(run.path[:, i], alone.path, rtol=1e-12)
