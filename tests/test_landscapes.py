"""Landscapes: the three formulas agree with each other; test_critical_points.py holds their lists of points to them."""

import numpy as np
import pytest

from gd_helpers.landscapes import ALL, bowl, by_name, himmelblau, terrain

pytestmark = pytest.mark.filterwarnings("error")

# Every landscape in every dimension that is worth a try, and what may be done to one.
CASES = [
    (landscape, d) for landscape in ALL.values() for d in ([landscape.dimension] if landscape.dimension else [1, 3])
]
CASES += [(bowl(2.5), 1), (bowl(1.0, 4.0, 9.0), 3), (terrain.turned(30).shifted(0.5, -1.0), 2)]
each_landscape = pytest.mark.parametrize("landscape", ALL.values(), ids=ALL)


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
        ("bowl", (3.0, 4.0), 12.5),
        ("curve", (3.0,), (243 + 54 - 162 + 40) / 48),
        ("ravine", (-2.5, 1.5), 14.375),
        ("double_well", (2.0, 1.0), 2.75),
        ("saddle", (1.0, 2.0), 2.5),
        ("monkey_saddle", (1.0, 1.0), -2.0),
        ("rosenbrock", (-1.2, 1.0), 24.2),
        ("himmelblau", (0.0, 0.0), 170.0),
        ("beale", (0.0, 0.0), 1.5**2 + 2.25**2 + 2.625**2),
        ("plateau", (1e3, -1e3), 1.0),
        ("terrain", (np.pi / 2, 0.0), 6 + np.pi**2 / 8),
        ("flat_and_sharp", (-1.5,), 5.0),
        ("flat_and_sharp", (3.0,), 4.0),
    ],
)
def test_height_at_a_point_worked_out_by_hand(name, w, value):
    assert by_name(name).value(w) == pytest.approx(value, rel=1e-14)


@each_landscape
def test_critical_points_are_level_and_of_the_kind_they_are_listed_as(landscape):
    points = [landscape.minima, landscape.saddles, landscape.maxima]
    for listed in points:
        np.testing.assert_allclose(landscape.gradient(listed), 0, atol=1e-12)
    minima, saddles, maxima = (np.linalg.eigvalsh(landscape.hessian(listed)) for listed in points)
    assert (minima > 0.1).all()
    assert (maxima < -0.1).all()
    if landscape.name == "monkey_saddle":
        assert (saddles == 0).all()  # there eigenvalues say nothing; instead: three ways up and three ways down
        angle = np.linspace(0.1, 2 * np.pi + 0.1, 12, endpoint=False)
        up = landscape.value(np.stack([np.cos(angle), np.sin(angle)], axis=-1)) > 0
        assert (up != np.roll(up, 1)).sum() == 6
    else:
        assert (saddles[:, :1] < -0.1).all()
        assert (saddles[:, -1:] > 0.1).all()


def test_heights_and_numbers_of_critical_points():
    np.testing.assert_allclose(terrain.value(terrain.minima), [0.908393, 2.19565, 3.77507], rtol=1e-5)
    np.testing.assert_allclose(himmelblau.value(himmelblau.minima), 0, atol=1e-15)
    for landscape, counts in (himmelblau, (4, 4, 1)), (terrain, (3, 2, 0)):
        assert (len(landscape.minima), len(landscape.saddles), len(landscape.maxima)) == counts


@each_landscape
def test_what_a_picture_needs(landscape):
    assert by_name(landscape.name) is landscape
    assert landscape.description.endswith(".")
    assert repr(landscape) == f"<landscape {landscape.name}: {landscape.description}>"
    low, high = np.transpose(landscape.extent)
    for points in landscape.minima, np.array([landscape.start]):
        assert ((low < points) & (points < high)).all()
    assert np.linalg.norm(landscape.gradient(landscape.start)) > 1e-3
    with pytest.raises(ValueError, match="read-only"):
        landscape.minima[...] = 0


def test_unknown_name_lists_the_known_ones_and_suggests_the_nearest():
    for name, nearest in ("ravin", "ravine"), ("Himmelblau", "himmelblau"), ("double well", "double_well"):
        with pytest.raises(
            ValueError, match=f"^name must be one of .* but got '{name}': did you mean '{nearest}'"
        ) as caught:
            by_name(name)
        assert all(known in str(caught.value) for known in ALL)
