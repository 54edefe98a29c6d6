"""Critical points: the known ones are found and rightly named; random landscapes keep to theory."""

from types import SimpleNamespace

import numpy as np
import pytest

from gd_helpers import critical_points as critical
from gd_helpers.critical_points import RandomField, critical_points, positive_definite_fraction, random_symmetric
from gd_helpers.curvature import classify
from gd_helpers.landscapes import ALL, terrain

MOVED = terrain.turned(30).shifted(0.5, -1.0)


@pytest.mark.parametrize("landscape", [*ALL.values(), MOVED], ids=[*ALL, "moved"])
def test_a_landscape_has_the_critical_points_that_it_lists_and_no_others(landscape):
    low, high = np.transpose(landscape.extent)
    for kind, listed in ("minimum", landscape.minima), ("saddle", landscape.saddles), ("maximum", landscape.maxima):
        np.testing.assert_allclose(landscape.gradient(listed), 0, atol=1e-12)
        seen = "degenerate" if landscape.name == "monkey_saddle" else kind  # its Hessian is zero there
        assert set(classify(landscape.hessian(listed).round(6)).kind) <= {seen}

    def inside(points):
        return points[((low <= points) & (points <= high)).all(axis=-1)]

    starts = np.random.default_rng(7).uniform(low, high, (1000, len(low)))
    found = critical_points(landscape, starts, longest_step=0.5)
    np.testing.assert_array_equal(found.values, landscape.value(found.points))
    in_order = [(round(value, 9), *point.round(6)) for value, point in zip(found.values, found.points, strict=True)]
    assert in_order == sorted(in_order)  # equal heights by their place, not by the last bit
    found, listed = inside(found.points), inside(np.vstack([landscape.minima, landscape.saddles, landscape.maxima]))
    assert len(found) == len(listed)
    for point in listed:
        assert np.linalg.norm(found - point, axis=-1).min() < 1e-6
    assert len(inside(np.array([landscape.start, *landscape.minima]))) == 1 + len(landscape.minima)  # in the picture
    assert np.linalg.norm(landscape.gradient(landscape.start)) > 1e-3


def test_heights_worked_out_by_hand():
    assert terrain.value([np.pi / 2, 0.0]) == pytest.approx(6 + 0.175 * np.pi**2)
    for name in ALL.keys() - {"terrain", "monkey_saddle"}:  # the latter has no minimum
        deepest = -1 / 4 if name == "saddle" else 0
        assert ALL[name].value(ALL[name].minima).min() == pytest.approx(deepest, abs=1e-14)


def test_points_that_lie_close_together_are_three_and_not_one():
    close = SimpleNamespace(value=lambda w: (w[0] ** 2 - 4e-4) ** 2 / 4, gradient=lambda w: w**3 - 4e-4 * w)
    found = critical_points(close, [[-1.0], [0.001], [1.0]])
    np.testing.assert_allclose(np.sort(found.points[:, 0]), [-0.02, 0, 0.02], atol=1e-6)
    assert found.curvature.kind.tolist() == ["minimum", "minimum", "maximum"]


def test_where_nothing_is_level_nothing_is_found():
    slope = SimpleNamespace(value=lambda w: w[0], gradient=lambda w: np.array([1.0, 0.0]))
    vanishing = SimpleNamespace(value=lambda w: np.exp(-w[0]), gradient=lambda w: np.array([-np.exp(-w[0]), w[1]]))
    for loss in slope, vanishing:
        found = critical_points(loss, np.random.default_rng(0).uniform(-5, 5, (6, 6, 2)))
        assert (found.points.shape, found.values.shape, found.curvature.kind.shape) == ((0, 2), (0,), (0,))


@pytest.mark.parametrize(("n", "exact"), [*critical.GOE_EXACT.items(), (4, 0.00248)])  # for 4: what both ways agree on
def test_goe_fraction_is_within_three_standard_errors_of_the_exact_one(n, exact):
    samples = 100_000
    grown = positive_definite_fraction(n, samples, np.random.default_rng(0))
    whole = (np.linalg.eigvalsh(random_symmetric(n, samples, np.random.default_rng(1))) > 0).all(axis=-1).mean()
    np.testing.assert_allclose([grown, whole], exact, atol=3 * np.sqrt(exact * (1 - exact) / samples), rtol=0)
    assert critical.goe_asymptote(n) == pytest.approx(3 ** (-(n**2) / 4))


def test_the_share_in_many_dimensions_costs_nothing():
    assert positive_definite_fraction(10**6, 100_000, np.random.default_rng(0)) == 0


def test_field_has_the_stated_mean_and_covariance_and_follows_its_seed():
    rng, pairs = np.random.default_rng(0), np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    heights = np.array([RandomField(3, rng).value(pairs) for _ in range(5000)])
    np.testing.assert_allclose(heights.mean(axis=0), 0, atol=0.05)
    np.testing.assert_allclose(np.cov(heights.T), [[1, np.exp(-0.5)], [np.exp(-0.5), 1]], atol=0.07)
    values = [RandomField(2, np.random.default_rng(seed)).value(np.ones(2)) for seed in (7, 7, 8)]
    assert values[0] == values[1] != values[2]


@pytest.mark.parametrize("d", [2, 5, 10])
def test_the_average_over_all_critical_points_is_that_of_the_kac_rice_formula_taken_literally(d):
    """At height f the Hessian is a GOE matrix less f on the diagonal; level points are as dense as its determinant."""
    rng = np.random.default_rng(0)
    height = rng.standard_normal(20_000)
    eigenvalues = np.linalg.eigvalsh(random_symmetric(d, 20_000, rng)) - height[:, None]
    density, index = np.abs(eigenvalues.prod(axis=-1)), (eigenvalues < 0).sum(axis=-1)
    (of_index, both), (_, of_height) = np.cov(index, height, aweights=density)
    correlation, minima = both / np.sqrt(of_index * of_height), density[index == 0].sum() / density.sum()
    assert critical.kac_rice(d, 4000, rng) == pytest.approx((correlation, minima), rel=0.05, abs=0.01)
