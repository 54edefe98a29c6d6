"""Update rules: against PyTorch's stored trajectories, against closed forms, and as a family.

``reference/torch_trajectories.npz`` was made by the script beside it; PyTorch is not needed here.
"""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gd_helpers import landscapes, rules
from gd_helpers.descent import descend

REFERENCE = Path(__file__).parent / "reference" / "torch_trajectories.npz"


def quadratic(*curvatures):
    """Half the sum of ``curvature * w^2``; a curvature may be an array over runs."""
    h = np.stack(np.broadcast_arrays(*curvatures), axis=-1)
    return SimpleNamespace(value=lambda w: (h * w**2).sum(axis=-1) / 2, gradient=lambda w: h * w)


# --- against PyTorch ----------------------------------------------------------------------------------------

# What each optimiser of the script is called here.
TORCH = {
    "sgd": rules.sgd(),
    "momentum": rules.momentum(0.9),
    "nesterov": rules.nesterov(0.9),
    "rmsprop": rules.rmsprop(0.98),
    "adagrad": rules.adagrad(),
    "adam": rules.adam(),
    "adamw": rules.adamw(0.1),
    "adamw_without_decay": rules.adamw(0.0),
    "adam_l2": rules.adam_l2(0.1),
}


def quadratic_gradient(w, _):
    x, y, z = w
    return np.array([x + y, 5 * y + x, 25 * z])


def rosenbrock_gradient(w, _):
    x, y = w
    return np.array([2 * (x - 1) - 400 * x * (y - x**2), 200 * (y - x**2)])


def softmax_gradient(w, stored):
    X, y = stored["X"], stored["y"]
    scores = np.exp(X @ w[:12].reshape(4, 3) + w[12:])
    error = scores / scores.sum(axis=1, keepdims=True) - np.eye(3)[y]
    return np.concatenate([(X.T @ error).ravel(), error.sum(axis=0)]) / len(X)


GRADIENTS = {"quadratic": quadratic_gradient, "rosenbrock": rosenbrock_gradient, "softmax": softmax_gradient}


@pytest.fixture(scope="module")
def stored():
    with np.load(REFERENCE) as file:
        return dict(file)


@pytest.mark.parametrize("name", TORCH)
@pytest.mark.parametrize("problem", GRADIENTS)
def test_agrees_with_pytorch(stored, problem, name):
    reference = stored[f"{problem}/{name}"]
    gradient = GRADIENTS[problem]
    loss = SimpleNamespace(value=lambda w: w[..., 0], gradient=lambda w: gradient(w, stored))
    rate = float(stored[f"{problem}/{name}/learning_rate"])
    run = descend(loss, reference[0], learning_rate=rate, steps=200, rule=TORCH[name], record_every=5)
    assert run.path.shape == reference.shape == (41, reference.shape[1])
    np.testing.assert_allclose(run.path, reference, rtol=1e-10, atol=0)


def test_the_reference_covers_every_pair_and_names_its_maker(stored):
    pairs = {f"{problem}/{name}" for problem in GRADIENTS for name in TORCH}
    rates = {f"{pair}/learning_rate" for pair in pairs}
    assert set(stored) == pairs | rates | {"X", "y", "torch_version"}
    assert str(stored["torch_version"]).startswith("2.13.0")


# --- momentum: closed forms ---------------------------------------------------------------------------------


def best(k):
    """Polyak's best rate and beta for curvatures 1 and k; beta is the squared contraction rate."""
    contraction = (np.sqrt(k) - 1) / (np.sqrt(k) + 1)
    return 4 / (np.sqrt(k) + 1) ** 2, contraction**2, contraction


@pytest.mark.parametrize("k", [10.0, 100.0, 1000.0])
def test_heavy_ball_contracts_as_polyak_says(k):
    rate, beta, r = best(k)
    run = descend(quadratic(1.0, k), [1.0, 1.0], learning_rate=rate, steps=300, rule=rules.momentum(beta))
    # Both coordinates have a double root, r or -r, and so move as (1 + slope t) root^t: the k r^k transient.
    t = np.arange(301)
    for path, root, h in zip(run.path.T, (r, -r), (1.0, k), strict=True):
        slope = (1 - rate * h) / root - 1
        exact = (1 + slope * t) * root**t
        np.testing.assert_allclose(path, exact, rtol=1e-7, atol=1e-13)


STEPS_TO_A_MILLIONTH = [(10, 71, 27), (100, 709, 95), (1000, 7082, 321), (10_000, 70_811, 1074)]


@pytest.mark.parametrize(("k", "plain", "heavy"), STEPS_TO_A_MILLIONTH)
def test_steps_until_the_distance_is_a_millionth(k, plain, heavy):
    """Distance |w| from the minimum of (x^2 + k y^2) / 2, start (1, 1), best fixed rate of each method."""
    rate, beta, _ = best(k)
    for steps, settings_ in (
        (plain, {"learning_rate": 2 / (1 + k)}),
        (heavy, {"learning_rate": rate, "rule": rules.momentum(beta)}),
    ):
        run = descend(quadratic(1.0, float(k)), [1.0, 1.0], steps=steps, **settings_)
        near = np.linalg.norm(run.path, axis=-1) <= 1e-6
        assert near.argmax() == steps
        assert near[-1]


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9, 0.99])
def test_momentum_is_stable_up_to_2_plus_2_beta(beta):
    h = 7.0
    rate = (2 + 2 * beta) / h * np.array([[0.99], [1.01]])
    run = descend(quadratic(h), [1.0], learning_rate=rate, steps=3000, rule=rules.momentum(beta))
    below, above = run.end[:, 0]
    assert abs(below) < 1e-5
    assert not abs(above) < 1e10  # "not below" so that nan counts


def test_a_beta_for_each_run():
    betas = np.array([[0.0], [0.5], [0.9]])
    rule = rules.momentum(betas)
    many = descend(quadratic(1.0, 9.0), np.ones((3, 2)), learning_rate=0.1, steps=20, rule=rule)
    for path, beta in zip(np.moveaxis(many.path, 1, 0), betas[:, 0], strict=True):
        one = descend(quadratic(1.0, 9.0), np.ones(2), learning_rate=0.1, steps=20, rule=rules.momentum(beta))
        np.testing.assert_allclose(path, one.path, rtol=1e-12)


# --- Adam and weight decay ----------------------------------------------------------------------------------


def first_step(rule, learning_rate=0.01):
    gradient = np.array([-300.0, -1.0, 0.01, 20.0])
    loss = SimpleNamespace(value=lambda w: w @ gradient, gradient=lambda w: gradient)
    run = descend(loss, np.zeros(4), learning_rate=learning_rate, steps=1, rule=rule)
    return run.end / (learning_rate * np.sign(gradient))


def test_adams_first_step_has_the_length_of_the_rate():
    np.testing.assert_allclose(first_step(rules.adam()), -1, rtol=2e-6)  # eps / |gradient| is 1e-6 at most


def test_without_bias_correction_the_first_step_is_sqrt_10_times_longer():
    step = first_step(rules.adam(bias_correction=False))
    np.testing.assert_allclose(step, -np.sqrt(10), rtol=5e-5)


def test_eps_stands_outside_the_root():
    for rule, eps in (
        (rules.adagrad(eps=0.5), 0.5),
        (rules.rmsprop(0.0, eps=0.5), 0.5),
        (rules.adam(0.0, 0.0, eps=0.5), 0.5),
    ):
        direction, _ = rule.update(np.array([2.0]), rule.init(np.zeros(1)), np.zeros(1))
        assert direction == pytest.approx(2 / (2 + eps), rel=1e-14)


def pure_noise(seeds, steps):
    """A flat loss whose gradient is noise of size 1 and 100, from one generator a run."""
    drawn = np.stack([np.random.default_rng(seed).standard_normal((steps, 2)) for seed in seeds], axis=1)
    noise = iter(drawn * [1.0, 100.0])
    return SimpleNamespace(value=lambda w: np.zeros(w.shape[:-1]), gradient=lambda w: next(noise))


@pytest.mark.parametrize(
    ("make", "of_20", "expected"), [(rules.adamw, 0.012, np.exp(-3)), (rules.adam_l2, 0.974, 0.97)]
)
def test_l2_hardly_decays_the_noisy_weight_and_adamw_does(make, of_20, expected):
    """Rate 0.01, decay 0.1, 3,000 steps from 1. Pure decay is exp(-3) = 0.05; the rest is a random walk.

    L2 is divided by the size of the gradient, 100, and so leaves about exp(-3 / 100) = 0.97.
    """
    ends = {}
    for runs in (20, 1000):
        loss = pure_noise(range(runs), 3000)
        start = np.ones((runs, 2))
        run = descend(loss, start, learning_rate=0.01, steps=3000, rule=make(0.1), record_every=3000)
        ends[runs] = run.end[:, 1]
    assert ends[20].mean() == pytest.approx(of_20, abs=0.001)
    standard_error = ends[1000].std() / np.sqrt(1000)
    assert standard_error < 0.02
    assert abs(ends[1000].mean() - expected) < 3 * standard_error


def test_weight_decay_alone_shrinks_geometrically():
    flat = quadratic(0.0)
    run = descend(flat, [2.0], learning_rate=0.5, steps=10, rule=rules.weight_decay(0.2))
    np.testing.assert_allclose(run.path[:, 0], 2 * 0.9 ** np.arange(11), rtol=1e-14)


# --- clip and noise -----------------------------------------------------------------------------------------


@settings(derandomize=True, max_examples=50)
@given(st.lists(st.tuples(*[st.floats(-1e6, 1e6)] * 3), min_size=1, max_size=6), st.floats(1e-3, 1e3))
def test_clip_shortens_each_run_by_itself_and_never_turns_it(gradients, max_norm):
    gradients = np.array(gradients)
    clipped, _ = rules.clip(max_norm).update(gradients, (), gradients)
    for before, after in zip(gradients, clipped, strict=True):
        norm = np.linalg.norm(before)
        wanted = before if norm <= max_norm else before / norm * max_norm
        np.testing.assert_allclose(after, wanted, rtol=1e-12, atol=1e-300)


def test_noise_has_its_size_is_afresh_at_each_step_and_follows_its_seed():
    still = np.zeros((20_000, 2))
    rule = rules.noise(0.3, np.random.default_rng(5))
    first, _ = rule.update(still + 7, (), still)
    second, _ = rule.update(still + 7, (), still)
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


@pytest.mark.parametrize("landscape", landscapes.ALL)
@pytest.mark.parametrize("name", EVERY_RULE)
def test_every_rule_goes_downhill_on_every_landscape(name, landscape):
    make, rate = EVERY_RULE[name]
    surface = landscapes.ALL[landscape]
    run = descend(surface, surface.start, learning_rate=rate, steps=100, rule=make(), record_every=10)
    assert run.diverged_at is None
    assert (np.diff(run.losses) < 0).all()


@pytest.mark.parametrize("name", PURE)
def test_a_thousand_rates_in_one_call_equal_a_thousand_calls(name):
    make, rate = EVERY_RULE[name]
    rates = np.geomspace(rate / 100, rate * 3, 1000)
    many = descend(
        landscapes.rosenbrock, landscapes.rosenbrock.start, learning_rate=rates[:, None], steps=8, rule=make()
    )
    singles = [
        descend(
            landscapes.rosenbrock, landscapes.rosenbrock.start, learning_rate=r, steps=8, rule=make(), record_every=8
        ).end
        for r in rates
    ]
    np.testing.assert_allclose(many.end, singles, rtol=1e-12, atol=0)


@pytest.mark.parametrize("name", PURE)
def test_updates_are_pure(name):
    rule = EVERY_RULE[name][0]()
    w, gradient = np.array([1.0, -2.0]), np.array([30.0, 0.1])
    _, state = rule.update(gradient, rule.init(w), w)
    first, _ = rule.update(gradient, state, w)
    again, _ = rule.update(gradient, state, w)  # the same state once more: it must not have moved on
    np.testing.assert_array_equal(first, again)
    assert (w.tolist(), gradient.tolist()) == ([1.0, -2.0], [30.0, 0.1])


# --- bad input ----------------------------------------------------------------------------------------------

RNG = np.random.default_rng(0)


# --- rules side by side -------------------------------------------------------------------------------------
def test_rules_side_by_side_do_what_each_does_alone():
    makes = [EVERY_RULE[name][0] for name in PURE]
    rates = np.array([EVERY_RULE[name][1] for name in PURE])[:, None]
    starts = np.tile(landscapes.rosenbrock.start, (len(makes), 1))
    together = rules.side_by_side(*(make() for make in makes))
    run = descend(landscapes.rosenbrock, starts, learning_rate=rates, steps=50, rule=together)
    for i, make in enumerate(makes):
        alone = descend(landscapes.rosenbrock, starts[i], learning_rate=rates[i], steps=50, rule=make())
        np.testing.assert_allclose(run.path[:, i], alone.path, rtol=1e-12)
