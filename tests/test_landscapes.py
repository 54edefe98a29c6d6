"""Landscapes: the three formulas agree with each other, and the listed critical points are what they are listed as."""

import numpy as np
import pytest

from gd_helpers.curvature import classify
from gd_helpers.landscapes import ALL, bowl, by_name, terrain

pytestmark = pytest.mark.filterwarnings("error")

# Every landscape in every dimension that is worth a try, and what may be done to one.
CASES = [
    (landscape, d) for landscape in ALL.values() for d in ([landscape.dimension] if landscape.dimension else [1, 3])
]
MOVED = terrain.turned(30).shifted(0.5, -1.0)
CASES += [(bowl(2.5), 1), (bowl(1.0, 4.0, 9.0), 3), (MOVED, 2)]


def slope_of(function, w, h=1e-5):
    """Central differences of ``function`` along each coordinate of ``w``, on a new last axis."""
    return np.stack([(function(w + step) - function(w - step)) / (2 * h) for step in h * np.eye(w.shape[-1])], axis=-1)


@pytest.mark.parametrize(("landscape", "d"), CASES, ids=[f"{case[0].name}-{case[1]}d" for case in CASES])
def test_formulas_agree_with_central_differences_and_take_many_points(landscape, d):
    low, high = landscape.extent[0]
    w = np.random.default_rng(7).uniform(low, high, (2, 3, 5, d))
    np.testing.assert_allclose(landscape.gradient(w), slope_of(landscape.value, w), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(landscape.hessian(w), slope_of(landscape.gradient, w), rtol=1e-6, atol=1e-6)
    for formula in landscape.value, landscape.gradient, landscape.hessian:
        np.testing.assert_allclose(formula(w)[1, 2, 3], formula(w[1, 2, 3]), rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(landscape.hessian(w), np.swapaxes(landscape.hessian(w), -1, -2))


@pytest.mark.parametrize(
    ("name", "w", "value"),
    [
        ("bowl", (3.0, 4.0), 12.5), ("curve", (3.0,), (243 + 54 - 162 + 40) / 48), ("ravine", (-2.5, 1.5), 14.375),
        ("double_well", (2.0, 1.0), 2.75), ("saddle", (1.0, 2.0), 2.5), ("monkey_saddle", (1.0, 1.0), -2.0),
        ("rosenbrock", (-1.2, 1.0), 24.2), ("himmelblau", (0.0, 0.0), 170.0),
        ("beale", (0.0, 0.0), 1.5**2 + 2.25**2 + 2.625**2), ("plateau", (1e3, -1e3), 1.0),
        ("terrain", (np.pi / 2, 0.0), 6 + np.pi**2 / 8),
        ("flat_and_sharp", (-1.5,), 5.0), ("flat_and_sharp", (3.0,), 4.0),
    ],
)  # fmt: skip
def test_height_at_a_point_worked_out_by_hand(name, w, value):
    assert by_name(name).value(w) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize("landscape", [*ALL.values(), MOVED], ids=[*ALL, "moved"])
def test_critical_points_are_level_and_of_the_kind_they_are_listed_as(landscape):
    for kind, listed in ("minimum", landscape.minima), ("saddle", landscape.saddles), ("maximum", landscape.maxima):
        np.testing.assert_allclose(landscape.gradient(listed), 0, atol=1e-12)
        seen = "degenerate" if landscape.name == "monkey_saddle" else kind  # its Hessian is zero there
        assert set(classify(landscape.hessian(listed), tolerance=0.1).kind) <= {seen}


@pytest.mark.parametrize("landscape", [*ALL.values(), MOVED], ids=[*ALL, "moved"])
def test_what_a_picture_needs(landscape):
    assert landscape.description.endswith(".")
    low, high = np.transpose(landscape.extent)
    for points in landscape.minima, np.array([landscape.start]):
        assert ((low < points) & (points < high)).all()
    assert np.linalg.norm(landscape.gradient(landscape.start)) > 1e-3
    with pytest.raises(ValueError, match="read-only"):
        landscape.minima[...] = 0
