"""Curvature: Hessians, their extreme eigenvalues, the rates they allow, and kinds of critical points.

Each is held against a closed form or against NumPy's own solver, and the rates against what ``descend`` does.
"""

from types import SimpleNamespace

import numpy as np
import pytest

from gd_helpers.curvature import (
    DENSE_UP_TO,
    best_rate,
    classify,
    condition_number,
    contraction,
    heavy_ball_factor,
    hessian,
    sharpness,
    stable_rate,
)
from gd_helpers.descent import descend
from gd_helpers.landscapes import ALL
from gd_helpers.losses import SoftmaxNetwork
from gd_helpers.rules import momentum


def quadratic(matrix):
    """Return the loss w' H w / 2, without a Hessian of its own."""
    return SimpleNamespace(value=lambda w: ((w @ matrix) * w).sum(axis=-1) / 2, gradient=lambda w: w @ matrix)


def with_eigenvalues(eigenvalues, rng):
    """Return a symmetric matrix with these eigenvalues, and its eigenvectors as columns."""
    axes, _ = np.linalg.qr(rng.standard_normal((len(eigenvalues),) * 2))
    return (axes * eigenvalues) @ axes.T, axes


@pytest.mark.parametrize("name", ["monkey_saddle", "rosenbrock", "himmelblau", "beale", "plateau"])
def test_differences_agree_with_the_closed_form(name):
    bare, w = SimpleNamespace(gradient=ALL[name].gradient), np.random.default_rng(1).uniform(-2, 2, (7, 5, 2))
    expected, measured = ALL[name].hessian(w), hessian(bare, w)
    np.testing.assert_allclose(measured, expected, rtol=1e-7, atol=1e-6)
    assert (measured == measured.swapaxes(-1, -2)).all()


def test_a_loss_of_known_curvature_is_asked_rather_than_measured():
    assert hessian(SimpleNamespace(hessian=lambda w: np.full((1, 1), 5.0)), [3.0]).tolist() == [[5.0]]


def test_a_network_measured_whole_and_by_power_iteration_agree():
    rng = np.random.default_rng(2)
    loss = SoftmaxNetwork(rng.standard_normal((40, 6)), rng.integers(0, 3, 40), hidden=20, classes=3)
    w = rng.standard_normal(loss.d)
    eigenvalues = np.linalg.eigvalsh(hessian(loss, w))
    within = 1e-5 * np.abs(eigenvalues).max()
    assert sharpness(loss, w, dense=False, tolerance=1e-5) == pytest.approx(eigenvalues[-1], abs=within)


@pytest.mark.parametrize("shift", [0.0, 8.0, -8.0, 30.0, -30.0])
def test_power_iteration_finds_the_algebraically_largest(shift):
    for d in 1, 2, 60:
        rng = np.random.default_rng(d)
        a = rng.standard_normal((d, d))
        matrix = (a + a.T) / 2 + shift * np.eye(d)
        for sign in 1, -1:
            exact = np.linalg.eigvalsh(sign * matrix)
            measured = sharpness(quadratic(sign * matrix), np.ones(d), dense=False, max_steps=10_000)
            assert measured == pytest.approx(exact[-1], abs=1e-6 * np.abs(exact).max(), rel=0)


@pytest.mark.parametrize(
    "eigenvalues",
    [[3, -7], [-3, 7], [5, -5], [1, 1, 1], [-1, -2, -3], [0, 0, 0], [0, 0, -4], [2, 0, 0], [5, -5, 5, -5]],
)
def test_power_iteration_is_not_misled_by_magnitude_ties_or_zeros(eigenvalues):
    matrix, _ = with_eigenvalues(np.array(eigenvalues, dtype=float), np.random.default_rng(3))
    w = np.ones(len(eigenvalues))
    for dense in True, False:
        assert sharpness(quadratic(matrix), w, dense=dense) == pytest.approx(max(eigenvalues), abs=1e-5)
        assert sharpness(quadratic(-matrix), w, dense=dense) == pytest.approx(-min(eigenvalues), abs=1e-5)


def test_sharpness_broadcasts():
    loss = SimpleNamespace(gradient=lambda w: w**3 / 3)  # the Hessian at w is diag(w^2)
    w = np.random.default_rng(4).uniform(-2, 2, (3, 4, 2))
    for dense in True, False:
        np.testing.assert_allclose(sharpness(loss, w, dense=dense), (w**2).max(axis=-1), atol=1e-5)


def test_many_parameters_are_not_measured_one_by_one_and_a_failure_is_said():
    calls, diagonal = [], np.linspace(1, 2, DENSE_UP_TO + 1)
    diagonal[-1] = 9
    loss = SimpleNamespace(gradient=lambda w: calls.append(1) or diagonal * w)
    assert sharpness(loss, np.ones(DENSE_UP_TO + 1)) == pytest.approx(9, rel=1e-6)
    assert len(calls) < DENSE_UP_TO
    with pytest.raises(ArithmeticError, match="max_steps=3"):
        sharpness(quadratic(np.diag([1.0, 0.99, 0.5])), np.ones(3), dense=False, max_steps=3)


@pytest.mark.parametrize(
    ("eigenvalues", "number", "stable", "best", "left"),
    [
        ([1, 100], 100, 0.02, 2 / 101, 99 / 101),
        ([4], 1, 0.5, 0.25, 0),
        ([0, 4], np.inf, 0.5, np.nan, 1),
        ([-1, 4], np.inf, 0.5, np.nan, 1),
        ([-3, -1], np.inf, np.inf, np.nan, 1),
        ([0, 0], np.inf, np.inf, np.nan, 1),
    ],
)
def test_rates_from_the_eigenvalues(eigenvalues, number, stable, best, left):
    matrix = np.diag(np.array(eigenvalues, dtype=float))
    for f, expected in ((condition_number, number), (stable_rate, stable), (best_rate, best), (contraction, left)):
        assert f(matrix) == pytest.approx(expected, rel=1e-12, nan_ok=True)
        assert isinstance(f(matrix), float)
        np.testing.assert_allclose(f(np.stack([[matrix] * 3] * 2)), np.full((2, 3), expected), rtol=1e-12)


@pytest.mark.parametrize("k", [1.5, 10, 100, 1000])
def test_the_rates_hold_in_real_descents(k):
    matrix, axes = with_eigenvalues(np.geomspace(1, k, 5), np.random.default_rng(5))
    start, loss = axes.sum(axis=1), quadratic(matrix)
    for times, grows in (0.999, False), (1.001, True):
        run = descend(loss, start, learning_rate=times * stable_rate(matrix), steps=2000)
        assert (abs(run.end @ axes[:, -1]) > 1) == grows
    steps = int(20 * (k + 1))  # by then the coordinates in between have died out
    path = descend(loss, start, learning_rate=best_rate(matrix), steps=steps).path
    distances = np.linalg.norm(path[-2:], axis=-1)
    assert distances[1] / distances[0] == pytest.approx(contraction(matrix), rel=1e-9)
    for factor in 0.5, 0.999, 1.001, 1.5:  # no other rate shrinks the slowest direction as much
        run = descend(loss, start, learning_rate=factor * best_rate(matrix), steps=1)
        assert np.abs(run.end @ axes).max() > contraction(matrix)


@pytest.mark.parametrize(
    ("rate_times_h", "beta"), [(0.5, 0.0), (1.0, 0.5), (0.01, 0.9), (3.5, 0.8), (4.2, 0.6), (-0.1, 0.9)]
)
def test_the_heavy_ball_shrinks_by_its_factor(rate_times_h, beta):
    curved, rate = quadratic(np.sign(rate_times_h) * np.eye(1)), abs(rate_times_h)
    run = descend(curved, [1.0], learning_rate=rate, steps=400, rule=momentum(beta))
    sizes = np.abs(run.path[200:, 0])  # in between it may pass through zero: take the peaks of 20 steps each
    peaks = sizes[:200].reshape(10, 20).max(axis=1)
    assert heavy_ball_factor(rate_times_h, beta) == pytest.approx((peaks[-1] / peaks[0]) ** (1 / 180), rel=0.01)


KINDS = [
    ([1, 2], "minimum", 0),
    ([-1, -2], "maximum", 2),
    ([-1, 2], "saddle", 1),
    ([0, 0], "degenerate", 0),
    ([-1, 0], "degenerate", 1),
    ([1e-7, 1], "degenerate", 0),
    ([-1e-7, 1], "degenerate", 0),
    ([1e-5, 1], "minimum", 0),
    ([-1e-5, 1], "saddle", 1),
]


@pytest.mark.parametrize(("eigenvalues", "kind", "index"), KINDS)
def test_classify(eigenvalues, kind, index):
    matrix, _ = with_eigenvalues(np.array(eigenvalues, dtype=float), np.random.default_rng(6))
    answer = classify(matrix)
    assert (answer.kind, answer.index) == (kind, index)
    assert (type(answer.kind), type(answer.index)) == (str, int)
    np.testing.assert_allclose(answer.eigenvalues, np.sort(eigenvalues), atol=1e-12)


def test_classify_a_stack_and_with_a_tolerance_that_is_absolute():
    stack = np.array([np.diag(np.array(eigenvalues, dtype=float)) for eigenvalues, _, _ in KINDS]).reshape(3, 3, 2, 2)
    answer = classify(stack)
    assert answer.kind.ravel().tolist() == [kind for _, kind, _ in KINDS]
    assert answer.index.ravel().tolist() == [index for _, _, index in KINDS]
    assert answer.eigenvalues.shape == (3, 3, 2)
    assert [classify(1e-3 * np.eye(2), tolerance).kind for tolerance in (1e-6, 1e-3)] == ["minimum", "degenerate"]
