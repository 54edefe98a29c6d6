"""Curvature: Hessians, their extreme eigenvalues, the rates they allow, and kinds of critical points.

Each is held against a closed form or against NumPy's own solver, and the rates against what ``descend`` does.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gd_helpers.curvature import (
    DENSE_UP_TO,
    best_rate,
    classify,
    condition_number,
    contraction,
    hessian,
    hessian_vector,
    largest_eigenvalue,
    sharpness,
    smallest_eigenvalue,
    stable_rate,
)
from gd_helpers.descent import descend


def quadratic(matrix):
    """Return the loss w' H w / 2, without a Hessian of its own."""
    matrix = np.asarray(matrix, dtype=float)
    return SimpleNamespace(value=lambda w: ((w @ matrix) * w).sum(axis=-1) / 2, gradient=lambda w: w @ matrix)


def with_eigenvalues(eigenvalues, rng):
    """Return a symmetric matrix with these eigenvalues, and its eigenvectors as columns."""
    axes, _ = np.linalg.qr(rng.standard_normal((len(eigenvalues),) * 2))
    return (axes * eigenvalues) @ axes.T, axes


def random_symmetric(d, rng):
    a = rng.standard_normal((d, d))
    return (a + a.T) / 2


# Each gradient with its Hessian, worked out by hand; both broadcast over points (..., 2).
CLOSED_FORMS = {
    "quadratic": (
        lambda w: w @ np.array([[3.0, 1.0], [1.0, -2.0]]),
        lambda x, y: [[3 + 0 * x, 1 + 0 * x], [1 + 0 * x, -2 + 0 * x]],
    ),
    "monkey saddle x^3 - 3 x y^2": (
        lambda w: np.stack([3 * w[..., 0] ** 2 - 3 * w[..., 1] ** 2, -6 * w[..., 0] * w[..., 1]], axis=-1),
        lambda x, y: [[6 * x, -6 * y], [-6 * y, -6 * x]],
    ),
    "product valley (1 - x y)^2 / 2": (
        lambda w: -(1 - w[..., :1] * w[..., 1:]) * w[..., ::-1],
        lambda x, y: [[y**2, 2 * x * y - 1], [2 * x * y - 1, x**2]],
    ),
    "sin x exp y": (
        lambda w: np.exp(w[..., 1:]) * np.stack([np.cos(w[..., 0]), np.sin(w[..., 0])], axis=-1),
        lambda x, y: np.exp(y) * np.array([[-np.sin(x), np.cos(x)], [np.cos(x), np.sin(x)]]),
    ),
}


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_differences_agree_with_the_closed_form(name):
    gradient, closed_form = CLOSED_FORMS[name]
    loss = SimpleNamespace(gradient=gradient)
    rng = np.random.default_rng(1)
    w, v = rng.uniform(-2, 2, (2, 7, 5, 2))
    expected = np.moveaxis(np.array(closed_form(w[..., 0], w[..., 1])), (0, 1), (-2, -1))
    measured = hessian(loss, w)
    np.testing.assert_allclose(measured, expected, atol=1e-8)
    assert (measured == measured.swapaxes(-1, -2)).all()
    product = (expected @ v[..., None])[..., 0]
    np.testing.assert_allclose(hessian_vector(loss, w, v), product, atol=1e-8)


def test_a_loss_of_known_curvature_is_asked_rather_than_measured():
    loss = SimpleNamespace(hessian=lambda w: np.full((1, 1), 5.0))
    assert hessian(loss, [3.0]).tolist() == [[5.0]]


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_hessian_vector_is_linear_in_the_length_of_the_vector(scale):
    gradient, closed_form = CLOSED_FORMS["monkey saddle x^3 - 3 x y^2"]
    v = np.array([0.6, -0.8])
    measured = hessian_vector(SimpleNamespace(gradient=gradient), [1.0, 2.0], scale * v)
    np.testing.assert_allclose(measured / scale, np.array(closed_form(1.0, 2.0)) @ v, rtol=1e-8)


def test_hessian_times_nothing_is_nothing():
    assert hessian_vector(quadratic(np.eye(2)), [1.0, 2.0], [0.0, 0.0]).tolist() == [0.0, 0.0]


def test_a_network_measured_whole_and_along_a_vector_agree():
    rng = np.random.default_rng(2)
    inputs, targets = rng.standard_normal((40, 6)), rng.standard_normal((40, 1))

    def gradient(w):  # a tanh network 6-20-1 without biases, least squares, one point at a time
        first, second = w[:120].reshape(6, 20), w[120:].reshape(20, 1)
        hidden = np.tanh(inputs @ first)
        error = (hidden @ second - targets) / len(inputs)
        back = error @ second.T * (1 - hidden**2)
        return np.concatenate([(inputs.T @ back).ravel(), (hidden.T @ error).ravel()])

    loss = SimpleNamespace(gradient=gradient)
    w, v = rng.standard_normal((2, 140))
    h = hessian(loss, w)
    np.testing.assert_allclose(hessian_vector(loss, w, v), h @ v, atol=1e-7)
    extremes = np.linalg.eigvalsh(h)[[0, -1]]
    measured = [f(loss, w, dense=False) for f in (smallest_eigenvalue, largest_eigenvalue)]
    np.testing.assert_allclose(measured, extremes, atol=1e-6 * np.abs(extremes).max())


@pytest.mark.parametrize("shift", [0.0, 8.0, -8.0, 30.0, -30.0], ids=lambda shift: f"shift {shift:g}")
@pytest.mark.parametrize("d", [1, 2, 60])
def test_power_iteration_finds_the_algebraic_extremes(d, shift):
    rng = np.random.default_rng(d)
    matrix = random_symmetric(d, rng) + shift * np.eye(d)
    exact = np.linalg.eigvalsh(matrix)
    measured = [
        f(quadratic(matrix), rng.standard_normal(d), dense=False, rng=rng)
        for f in (smallest_eigenvalue, largest_eigenvalue)
    ]
    np.testing.assert_allclose(measured, exact[[0, -1]], atol=1e-6 * np.abs(exact).max(), rtol=0)


@pytest.mark.parametrize(
    "eigenvalues",
    [[3, -7], [-3, 7], [5, -5], [1, 1, 1], [-1, -2, -3], [0, 0, 0], [0, 0, -4], [2, 0, 0], [5, -5, 5, -5]],
)
def test_power_iteration_is_not_misled_by_magnitude_ties_or_zeros(eigenvalues):
    matrix, _ = with_eigenvalues(np.array(eigenvalues, dtype=float), np.random.default_rng(3))
    w = np.ones(len(eigenvalues))
    for dense in True, False:
        assert largest_eigenvalue(quadratic(matrix), w, dense=dense) == pytest.approx(max(eigenvalues), abs=1e-5)
        assert smallest_eigenvalue(quadratic(matrix), w, dense=dense) == pytest.approx(min(eigenvalues), abs=1e-5)


@pytest.mark.parametrize("dense", [True, False])
def test_extreme_eigenvalues_broadcast(dense):
    loss = SimpleNamespace(gradient=lambda w: w**3 / 3)  # the Hessian at w is diag(w^2)
    w = np.random.default_rng(4).uniform(-2, 2, (3, 4, 2))
    np.testing.assert_allclose(largest_eigenvalue(loss, w, dense=dense), (w**2).max(axis=-1), atol=1e-5)
    np.testing.assert_allclose(smallest_eigenvalue(loss, w, dense=dense), (w**2).min(axis=-1), atol=1e-5)


def test_many_parameters_are_not_measured_one_by_one():
    calls = []
    diagonal = np.linspace(1, 2, DENSE_UP_TO + 1)
    diagonal[-1] = 9
    loss = SimpleNamespace(gradient=lambda w: calls.append(1) or diagonal * w)
    assert sharpness(loss, np.ones(DENSE_UP_TO + 1)) == pytest.approx(9, rel=1e-6)
    assert len(calls) < DENSE_UP_TO


def test_power_iteration_says_when_it_has_not_arrived():
    with pytest.raises(ArithmeticError, match="max_steps=3"):
        largest_eigenvalue(quadratic(np.diag([1.0, 0.99, 0.5])), np.ones(3), dense=False, max_steps=3)


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


@settings(derandomize=True, deadline=None, max_examples=20)
@given(seed=st.integers(0, 10**6), d=st.integers(1, 6))
def test_descent_diverges_exactly_beyond_two_over_the_largest_eigenvalue(seed, d):
    rng = np.random.default_rng(seed)
    matrix, axes = with_eigenvalues(np.sort(rng.uniform(0.1, 50, d)), rng)
    loss, stiffest, start = quadratic(matrix), axes[:, -1], axes.sum(axis=1)
    # In the stiff coordinate a step multiplies by 1 - rate * lambda_max, so a few steps tell growth from
    # decay as well as many do; the whole distance would need about 1e6 steps for six digits.
    calm, wild = 0.0, 20.0 / matrix.trace() * d
    while wild - calm > 1e-8 * wild:
        rate = (calm + wild) / 2
        run = descend(loss, start, learning_rate=rate, steps=10)
        grows = abs(run.end @ stiffest) > abs(start @ stiffest)
        calm, wild = (calm, rate) if grows else (rate, wild)
    assert calm == pytest.approx(stable_rate(matrix), rel=1e-6)
    assert calm == pytest.approx(2 / sharpness(loss, start), rel=1e-6)


@pytest.mark.parametrize("k", [1.5, 2, 10, 100, 1000])
def test_the_best_rate_contracts_by_k_minus_1_over_k_plus_1(k):
    rng = np.random.default_rng(5)
    matrix, axes = with_eigenvalues(np.geomspace(1, k, 5), rng)
    start = axes.sum(axis=1)
    steps = int(20 * (k + 1))  # by then the coordinates in between have died out

    path = descend(quadratic(matrix), start, learning_rate=best_rate(matrix), steps=steps).path
    distances = np.linalg.norm(path[-2:], axis=-1)
    assert distances[1] / distances[0] == pytest.approx((k - 1) / (k + 1), rel=1e-9)
    assert contraction(matrix) == pytest.approx((k - 1) / (k + 1), rel=1e-9)


@pytest.mark.parametrize("factor", [0.5, 0.999, 1.001, 1.5])
def test_no_other_rate_shrinks_the_slowest_direction_as_much(factor):
    matrix, axes = with_eigenvalues(np.geomspace(1, 30, 4), np.random.default_rng(6))
    run = descend(quadratic(matrix), axes.sum(axis=1), learning_rate=factor * best_rate(matrix), steps=1)
    assert np.abs(run.end @ axes).max() > contraction(matrix)


@pytest.mark.parametrize(("factor", "end"), [(0.99, 2.83e-18), (1.0, 1.0), (1.01, 1.59e17)])
def test_below_at_and_above_the_stable_rate(factor, end):
    matrix = np.diag([1.0, 100.0])
    rate = factor * stable_rate(matrix)
    run = descend(quadratic(matrix), [1.0, 1.0], learning_rate=rate, steps=2000)
    assert abs(run.end[1]) == pytest.approx(end, rel=0.01)
    if factor == 1:
        assert run.end[1] == 1  # exactly: it bounces between 1 and -1 for ever


@pytest.mark.parametrize(("rate", "expected"), [(1 / 100, 1341), (2 / 101, 691)], ids=["1/L", "best"])
def test_steps_until_a_millionth_of_the_distance_is_left(rate, expected):
    # From (1, 1), until the Euclidean distance is a millionth of what it was.
    run = descend(quadratic(np.diag([1.0, 100.0])), [1.0, 1.0], learning_rate=rate, steps=1500)
    distances = np.linalg.norm(run.path, axis=-1)
    assert int(np.argmax(distances <= 1e-6 * distances[0])) == expected


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
    assert type(answer.kind) is str
    assert type(answer.index) is int
    np.testing.assert_allclose(answer.eigenvalues, np.sort(eigenvalues), atol=1e-12)


def test_classify_a_stack():
    stack = np.array([np.diag(np.array(eigenvalues, dtype=float)) for eigenvalues, _, _ in KINDS]).reshape(3, 3, 2, 2)
    answer = classify(stack)
    assert answer.kind.ravel().tolist() == [kind for _, kind, _ in KINDS]
    assert answer.index.ravel().tolist() == [index for _, _, index in KINDS]
    assert answer.eigenvalues.shape == (3, 3, 2)


def test_the_tolerance_of_classify_is_absolute():
    matrix = 1e-3 * np.diag([1.0, 2.0])
    assert classify(matrix).kind == "minimum"
    assert classify(matrix, tolerance=1e-2).kind == "degenerate"


BOWL = quadratic(np.eye(2))
