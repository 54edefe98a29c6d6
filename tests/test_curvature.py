"""Curvature, held against closed forms and NumPy's own solver: Hessians, eigenvalues, the rates they allow, kinds."""

from types import SimpleNamespace

import numpy as np
import pytest

from gd_helpers import curvature


def quadratic(matrix):
    """Return the loss w' H w / 2, without a Hessian of its own."""
    return SimpleNamespace(value=lambda w: ((w @ matrix) * w).sum(axis=-1) / 2, gradient=lambda w: w @ matrix)


def with_eigenvalues(eigenvalues, rng):
    """Return a symmetric matrix with these eigenvalues, its axes turned at random."""
    axes, _ = np.linalg.qr(rng.standard_normal((len(eigenvalues),) * 2))
    return (axes * eigenvalues) @ axes.T


# Ties, zeros, wrong ones that are larger in magnitude; then many, shifted so that one sign prevails or not.
SPECTRA = [[3e6, -7e6], [-3, 7], [5, -5], [1, 1, 1], [-1, -2, -3], [0, 0, 0], [0, 0, -4], [2, 0, 0], [5, -5, 5, -5]]
SPECTRA += [[4]] + [np.linspace(-10, 10, 60) + shift for shift in (0, 8, -8, 30, -30)]


@pytest.mark.parametrize("eigenvalues", SPECTRA)
@pytest.mark.parametrize("dense", [True, False])
def test_the_algebraic_extremes_are_found(eigenvalues, dense, monkeypatch):
    monkeypatch.setattr(curvature, "DENSE_UP_TO", 1000 * dense)
    monkeypatch.setattr(curvature, "MOST_PRODUCTS", 10_000)
    matrix = with_eigenvalues(np.array(eigenvalues, dtype=float), np.random.default_rng(3))
    measured = [curvature.sharpness(quadratic(sign * matrix), np.ones(len(matrix))) for sign in (-1, 1)]
    error = 1e-6 * max(np.abs(eigenvalues).max(), 1)
    np.testing.assert_allclose(measured, [-min(eigenvalues), max(eigenvalues)], atol=error, rtol=0)


@pytest.mark.parametrize("dense", [True, False])
def test_sharpness_broadcasts_and_is_as_exact_far_out(dense, monkeypatch):
    monkeypatch.setattr(curvature, "DENSE_UP_TO", 1000 * dense)
    loss = SimpleNamespace(gradient=lambda w: w**3 / 3)  # the Hessian at w is diag(w^2)
    for reach in 2, 1e6:
        w = np.random.default_rng(4).uniform(-reach, reach, (3, 4, 2))
        np.testing.assert_allclose(curvature.sharpness(loss, w), (w**2).max(axis=-1), atol=1e-5, rtol=1e-6)


def test_many_parameters_are_not_measured_one_by_one_and_a_failure_is_said(monkeypatch):
    calls, diagonal = [], np.linspace(1, 2, curvature.DENSE_UP_TO + 1)
    diagonal[-1] = 9
    loss = SimpleNamespace(gradient=lambda w: calls.append(1) or diagonal * w)
    assert curvature.sharpness(loss, np.ones(curvature.DENSE_UP_TO + 1)) == pytest.approx(9, rel=1e-6)
    assert len(calls) < curvature.DENSE_UP_TO
    monkeypatch.setattr(curvature, "MOST_PRODUCTS", 3)
    with pytest.raises(ArithmeticError, match="after 3 products"):
        curvature.sharpness(loss, np.ones(curvature.DENSE_UP_TO + 1))


RATES = curvature.condition_number, curvature.stable_rate, curvature.best_rate


@pytest.mark.parametrize(("eigenvalues", "expected"), [
    ([1, 100], (100, 0.02, 2 / 101)), ([4], (1, 0.5, 0.25)), ([0, 4], (np.inf, 0.5, np.nan)),
    ([-3, -1], (np.inf, np.inf, np.nan)), ([0, 0], (np.inf, np.inf, np.nan)),
])  # fmt: skip
def test_rates_from_the_eigenvalues(eigenvalues, expected):
    matrix = np.diag(np.array(eigenvalues, dtype=float))
    one, many = [rate(matrix) for rate in RATES], [rate([[matrix] * 3] * 2) for rate in RATES]
    assert [type(number) for number in one] == [float] * 3
    np.testing.assert_allclose(one, expected, rtol=1e-12)
    np.testing.assert_array_equal(many, np.broadcast_to(np.reshape(one, (3, 1, 1)), (3, 2, 3)))


# Each row: a matrix's eigenvalues, its kind and its index; those of 1e-6 and less count as zero, whatever the others.
KINDS = [
    ([1, 2], "minimum", 0), ([-2, -1], "maximum", 2), ([-1, 2], "saddle", 1), ([0, 0], "degenerate", 0),
    ([-1, 0], "degenerate", 1), ([1e-7, 1], "degenerate", 0), ([-1e-7, 1], "degenerate", 0),
    ([1e-5, 1], "minimum", 0), ([-1e-5, 1], "saddle", 1), ([1e-5, 1e-5], "minimum", 0),
]  # fmt: skip


def test_classify_a_stack():
    eigenvalues, kinds, indices = zip(*KINDS, strict=True)
    rng = np.random.default_rng(6)
    answer = curvature.classify(np.reshape([with_eigenvalues(row, rng) for row in eigenvalues], (2, 5, 2, 2)))
    assert (answer.kind.ravel().tolist(), answer.index.ravel().tolist()) == (list(kinds), list(indices))
    np.testing.assert_allclose(answer.eigenvalues, np.reshape(eigenvalues, (2, 5, 2)), atol=1e-12)
