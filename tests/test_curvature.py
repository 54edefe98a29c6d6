"""Curvature: Hessians, their extreme eigenvalues, the rates they allow, and kinds of critical points.

Each is held against a closed form or against NumPy's own solver.
"""

from types import SimpleNamespace

import numpy as np
import pytest

from gd_helpers import curvature
from gd_helpers.curvature import classify, hessian, sharpness
from gd_helpers.landscapes import ALL
from gd_helpers.losses import SoftmaxNetwork


def quadratic(matrix):
    """Return the loss w' H w / 2, without a Hessian of its own."""
    return SimpleNamespace(value=lambda w: ((w @ matrix) * w).sum(axis=-1) / 2, gradient=lambda w: w @ matrix)


def with_eigenvalues(eigenvalues, rng):
    """Return a symmetric matrix with these eigenvalues, its axes turned at random."""
    axes, _ = np.linalg.qr(rng.standard_normal((len(eigenvalues),) * 2))
    return (axes * eigenvalues) @ axes.T


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


# Ties, zeros, wrong ones that are larger in magnitude; then many, shifted so that one sign prevails or not.
SPECTRA = [[3e6, -7e6], [-3, 7], [5, -5], [1, 1, 1], [-1, -2, -3], [0, 0, 0], [0, 0, -4], [2, 0, 0], [5, -5, 5, -5]]
SPECTRA += [[4]] + [np.linspace(-10, 10, 60) + shift for shift in (0, 8, -8, 30, -30)]


@pytest.mark.parametrize("eigenvalues", SPECTRA)
@pytest.mark.parametrize("dense", [True, False])
def test_the_algebraic_extremes_are_found(eigenvalues, dense):
    matrix = with_eigenvalues(np.array(eigenvalues, dtype=float), np.random.default_rng(3))
    w, settings = np.ones(len(matrix)), {"dense": dense, "max_steps": 10_000}
    measured = [sharpness(quadratic(sign * matrix), w, **settings) for sign in (-1, 1)]
    error = 1e-6 * max(np.abs(eigenvalues).max(), 1)
    np.testing.assert_allclose(measured, [-min(eigenvalues), max(eigenvalues)], atol=error, rtol=0)


def test_sharpness_broadcasts():
    loss = SimpleNamespace(gradient=lambda w: w**3 / 3)  # the Hessian at w is diag(w^2)
    w = np.random.default_rng(4).uniform(-2, 2, (3, 4, 2))
    for dense in True, False:
        np.testing.assert_allclose(sharpness(loss, w, dense=dense), (w**2).max(axis=-1), atol=1e-5)


def test_many_parameters_are_not_measured_one_by_one_and_a_failure_is_said():
    calls, diagonal = [], np.linspace(1, 2, curvature.DENSE_UP_TO + 1)
    diagonal[-1] = 9
    loss = SimpleNamespace(gradient=lambda w: calls.append(1) or diagonal * w)
    assert sharpness(loss, np.ones(curvature.DENSE_UP_TO + 1)) == pytest.approx(9, rel=1e-6)
    assert len(calls) < curvature.DENSE_UP_TO
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
    functions = curvature.condition_number, curvature.stable_rate, curvature.best_rate, curvature.contraction
    for f, expected in zip(functions, (number, stable, best, left), strict=True):
        assert f(matrix) == pytest.approx(expected, rel=1e-12, nan_ok=True)
        assert isinstance(f(matrix), float)
        np.testing.assert_allclose(f(np.stack([[matrix] * 3] * 2)), np.full((2, 3), expected), rtol=1e-12)


@pytest.mark.parametrize(
    ("rate_times_h", "beta"), [(0.5, 0.0), (1.0, 0.5), (0.01, 0.9), (3.5, 0.8), (3.6, 0.8), (4.2, 0.6), (-0.1, 0.9)]
)
def test_the_heavy_ball_shrinks_by_the_larger_root(rate_times_h, beta):
    roots = np.roots([1, rate_times_h - 1 - beta, beta])
    assert curvature.heavy_ball_factor(rate_times_h, beta) == pytest.approx(abs(roots).max(), rel=1e-12)


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


def test_classify_a_stack():
    eigenvalues, kinds, indices = zip(*KINDS, strict=True)
    eigenvalues, rng = np.sort(eigenvalues), np.random.default_rng(6)
    answer = classify(np.reshape([with_eigenvalues(row, rng) for row in eigenvalues], (3, 3, 2, 2)))
    assert answer.kind.ravel().tolist() == list(kinds)
    assert answer.index.ravel().tolist() == list(indices)
    np.testing.assert_allclose(answer.eigenvalues, eigenvalues.reshape(3, 3, 2), atol=1e-12)


def test_the_tolerance_of_classify_is_absolute():
    assert [classify(1e-3 * np.eye(2), tolerance).kind for tolerance in (1e-6, 1e-3)] == ["minimum", "degenerate"]
