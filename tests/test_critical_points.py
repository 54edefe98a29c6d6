"""Critical points: the known ones are found and rightly named; random landscapes keep to theory."""

from types import SimpleNamespace

import numpy as np
import pytest

from gd_helpers.critical_points import (
    GOE_EXACT,
    RandomField,
    critical_points,
    goe_asymptote,
    kac_rice,
    positive_definite_fraction,
    random_symmetric,
)
from gd_helpers.curvature import hessian


def surface(value, gradient, second):
    """Make a loss on (..., 2) out of functions of x and y: a value, two slopes, and xx, xy, yy."""

    def of_points(f):
        return lambda w: np.stack(np.broadcast_arrays(*f(w[..., 0], w[..., 1])), axis=-1)

    def matrix(w):
        xx, xy, yy = np.moveaxis(of_points(second)(w), -1, 0)
        return np.stack([xx, xy, xy, yy], axis=-1).reshape(*xx.shape, 2, 2)

    return SimpleNamespace(value=lambda w: value(w[..., 0], w[..., 1]), gradient=of_points(gradient), hessian=matrix)


HIMMELBLAU = surface(
    lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    lambda x, y: (4 * x * (x**2 + y - 11) + 2 * (x + y**2 - 7), 2 * (x**2 + y - 11) + 4 * y * (x + y**2 - 7)),
    lambda x, y: (12 * x**2 + 4 * y - 42, 4 * x + 4 * y, 12 * y**2 + 4 * x - 26),
)
MONKEY = surface(
    lambda x, y: x**3 - 3 * x * y**2,
    lambda x, y: (3 * x**2 - 3 * y**2, -6 * x * y),
    lambda x, y: (6 * x, -6 * y, -6 * x),
)
DOUBLE_WELL = surface(
    lambda x, y: (x**2 - 1) ** 2 / 4 + y**2 / 2, lambda x, y: (x**3 - x, y), lambda x, y: (3 * x**2 - 1, 0.0, 1.0)
)
GRID = np.stack(np.meshgrid(np.linspace(-5, 5, 21), np.linspace(-5, 5, 21)), axis=-1)


def test_all_nine_of_himmelblau():
    found = critical_points(HIMMELBLAU, GRID)
    # Roots of the two cubic equations gradient = 0, to three decimals.
    expected = {
        "minimum": [(-3.779, -3.283), (-2.805, 3.131), (3.0, 2.0), (3.584, -1.848)],
        "saddle": [(-3.073, -0.081), (-0.128, -1.954), (0.087, 2.884), (3.385, 0.074)],
        "maximum": [(-0.271, -0.923)],
    }
    for kind, points in expected.items():
        here = found.points[found.curvature.kind == kind]
        assert sorted(map(tuple, here.round(3).tolist())) == points
    assert len(found.points) == 9
    assert (np.diff(found.values) >= 0).all()
    assert found.curvature.index.tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 2]
    # The four minima are zeros of both squares, (3, 2) of whole numbers.
    np.testing.assert_allclose(found.values[:4], 0, atol=1e-15)
    assert np.linalg.norm(found.points[:4] - [3, 2], axis=-1).min() < 1e-12


@pytest.mark.parametrize("loss", [HIMMELBLAU, MONKEY, DOUBLE_WELL], ids=["himmelblau", "monkey", "double well"])
def test_what_the_search_reports_is_level_and_every_start_is_accounted_for(loss):
    found = critical_points(loss, GRID, gradient_tolerance=1e-9)
    assert (found.gradient_norms <= 1e-9).all()
    np.testing.assert_array_equal(found.gradient_norms, np.linalg.norm(loss.gradient(found.points), axis=-1))
    np.testing.assert_array_equal(found.values, loss.value(found.points))
    assert found.reached.min() > 0
    assert found.reached.sum() + found.failed == GRID[..., 0].size
    gaps = np.linalg.norm(found.points[:, None] - found.points, axis=-1)
    assert gaps[~np.eye(len(gaps), dtype=bool)].min(initial=1) > 1e-3


def test_the_monkey_saddle_is_degenerate():
    found = critical_points(MONKEY, GRID)
    assert len(found.points) == 1
    assert np.abs(found.points).max() < 1e-7
    assert found.curvature.kind.tolist() == ["degenerate"]
    assert (found.reached.tolist(), found.failed) == ([GRID[..., 0].size], 0)


def test_the_monkey_saddle_is_approached_by_halves():
    # A simple root would be reached in a handful of steps; here each halves the distance.
    assert critical_points(MONKEY, [[1.0, 0.5]], max_steps=20).failed == 1
    assert critical_points(MONKEY, [[1.0, 0.5]], max_steps=30).failed == 0


def test_the_double_well():
    found = critical_points(DOUBLE_WELL, GRID)
    assert found.points[np.argsort(found.points[:, 0])].round(9).tolist() == [[-1, 0], [0, 0], [1, 0]]
    assert found.curvature.kind.tolist() == ["minimum", "minimum", "saddle"]


def test_points_that_lie_close_together_are_three_and_not_one():
    close = surface(
        lambda x, y: (x**2 - 4e-4) ** 2 / 4 + y**2 / 2,
        lambda x, y: (x**3 - 4e-4 * x, y),
        lambda x, y: (3 * x**2 - 4e-4, 0.0, 1.0),
    )
    found = critical_points(close, GRID)
    np.testing.assert_allclose(np.sort(found.points[:, 0]), [-0.02, 0, 0.02], atol=1e-6)
    assert found.curvature.kind.tolist() == ["minimum", "minimum", "saddle"]


def test_a_loss_without_a_hessian_is_searched_by_differences():
    bare = SimpleNamespace(value=HIMMELBLAU.value, gradient=HIMMELBLAU.gradient)
    measured, exact = critical_points(bare, GRID), critical_points(HIMMELBLAU, GRID)
    np.testing.assert_allclose(
        measured.points[np.lexsort(measured.points.T)], exact.points[np.lexsort(exact.points.T)], atol=1e-9
    )


def test_where_nothing_is_level_every_start_fails():
    slope = surface(lambda x, y: x, lambda x, y: (1 + 0 * x, 0 * y), lambda x, y: (0 * x, 0 * x, 0 * x))
    vanishing = surface(lambda x, y: np.exp(-x), lambda x, y: (-np.exp(-x), y), lambda x, y: (np.exp(-x), 0.0, 1.0))
    for loss in slope, vanishing:
        found = critical_points(loss, GRID)
        assert (found.points.shape, found.failed) == ((0, 2), GRID[..., 0].size)


def test_random_symmetric_keeps_its_convention():
    matrices = random_symmetric(4, 20_000, np.random.default_rng(0))
    assert (matrices == matrices.swapaxes(-1, -2)).all()
    np.testing.assert_allclose(matrices.mean(axis=0), 0, atol=0.04)
    np.testing.assert_allclose(matrices.var(axis=0), 1 + np.eye(4), atol=0.08)


@pytest.mark.parametrize("n", GOE_EXACT)
def test_goe_fraction_is_within_three_standard_errors_of_the_exact_one(n):
    samples, exact = 100_000, GOE_EXACT[n]
    standard_error = np.sqrt(exact * (1 - exact) / samples)
    grown = positive_definite_fraction(n, samples, np.random.default_rng(0))
    whole = (np.linalg.eigvalsh(random_symmetric(n, samples, np.random.default_rng(1))) > 0).all(axis=-1).mean()
    assert abs(grown - exact) < 3 * standard_error
    assert abs(whole - exact) < 3 * standard_error


def test_goe_fraction_grown_and_taken_whole_agree_where_no_exact_value_is_known():
    samples = 100_000
    grown = positive_definite_fraction(4, samples, np.random.default_rng(0))
    eigenvalues = np.linalg.eigvalsh(random_symmetric(4, samples, np.random.default_rng(1)))
    whole = (eigenvalues > 0).all(axis=-1).mean()
    assert abs(grown - whole) < 3 * np.sqrt(2 * whole / samples)
    assert 0.002 < grown < 0.003


def test_the_asymptote_overshoots_at_small_n():
    for n, exact in GOE_EXACT.items():
        assert goe_asymptote(n) > 1.5 * exact
    assert goe_asymptote(2) == pytest.approx(1 / 3)  # exp(-ln 3)


def test_goe_fraction_at_the_largest_setting_draws_little():
    assert positive_definite_fraction(10, 100_000, np.random.default_rng(0)) == 0


@pytest.mark.parametrize("d", [1, 3])
def test_field_slopes_agree_with_differences(d):
    field = RandomField(d, np.random.default_rng(d))
    w = np.random.default_rng(0).uniform(-3, 3, (4, 2, d))
    step = 1e-5
    slopes = [(field.value(w + step * e) - field.value(w - step * e)) / (2 * step) for e in np.eye(d)]
    np.testing.assert_allclose(field.gradient(w), np.stack(slopes, axis=-1), atol=1e-8)
    np.testing.assert_allclose(field.hessian(w), hessian(SimpleNamespace(gradient=field.gradient), w), atol=1e-8)


def test_field_has_the_stated_mean_and_covariance():
    rng = np.random.default_rng(0)
    pairs = np.zeros((2, 3))
    pairs[1, 0] = 1.0
    heights = np.array([RandomField(3, rng, waves=100).value(pairs) for _ in range(5000)])
    np.testing.assert_allclose(heights.mean(axis=0), 0, atol=0.05)
    np.testing.assert_allclose(np.cov(heights.T), [[1, np.exp(-0.5)], [np.exp(-0.5), 1]], atol=0.07)


def test_field_is_fixed_by_its_seed():
    values = [RandomField(2, np.random.default_rng(seed)).value(np.ones(2)) for seed in (7, 7, 8)]
    assert values[0] == values[1] != values[2]


def expected_at_critical_points(d, samples, rng):
    """Return the correlation of index and height, and the share of minima, over all points of such a field.

    By the Kac-Rice formula: at height f the Hessian of this Gaussian field is a GOE matrix less f on the
    diagonal, and level points are as dense as the gradient is quick to change, which is the magnitude of the
    determinant.
    """
    height = rng.standard_normal(samples)
    eigenvalues = np.linalg.eigvalsh(random_symmetric(d, samples, rng)) - height[:, None]
    density = np.abs(eigenvalues.prod(axis=-1))
    index = (eigenvalues < 0).sum(axis=-1)
    covariance = np.cov(index, height, aweights=density)
    correlation = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    return correlation, density[index == 0].sum() / density.sum()


@pytest.mark.parametrize("d", [2, 5, 10])
def test_higher_critical_points_have_more_ways_down(d):
    rng = np.random.default_rng(0)
    field = RandomField(d, rng)
    found = critical_points(field, rng.uniform(-30, 30, (400, d)), max_steps=40, longest_step=0.5)
    correlation = np.corrcoef(found.curvature.index, found.values)[0, 1]
    minima = (found.curvature.kind == "minimum").mean()
    exact_correlation, exact_minima = expected_at_critical_points(d, 20_000, rng)
    assert kac_rice(d, 4000, rng) == pytest.approx((exact_correlation, exact_minima), rel=0.2, abs=0.01)
    assert len(found.points) > 200
    assert found.gradient_norms.max() < 1e-9
    # Newton's sample is biased, so this is closeness and not equality.
    assert correlation == pytest.approx(exact_correlation, abs=0.05)
    assert minima == pytest.approx(exact_minima, abs=0.05)
