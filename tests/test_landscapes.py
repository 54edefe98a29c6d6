"""Landscapes: the three formulas agree with each other, and critical points are what their lists claim."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gd_helpers.descent import descend
from gd_helpers.landscapes import ALL, Landscape, bowl, by_name, himmelblau, plateau, terrain, wavy_bowl

pytestmark = pytest.mark.filterwarnings("error")

# Every landscape in every dimension that is worth a try.
CASES = [
    (landscape, d) for landscape in ALL.values() for d in ([landscape.dimension] if landscape.dimension else [1, 2, 3])
]
CASES += [(bowl(2.5), 1), (bowl(1.0, 4.0, 9.0), 3)]
each_case = pytest.mark.parametrize(("landscape", "d"), CASES, ids=[f"{case[0].name}-{case[1]}d" for case in CASES])
each_landscape = pytest.mark.parametrize("landscape", ALL.values(), ids=ALL)

# Critical points where the Hessian is singular, so that its eigenvalues say nothing about their kind.
DEGENERATE = {"monkey_saddle"}


def points_on(landscape, *shape, d=None):
    low, high = np.transpose(landscape.extent)
    if d not in (None, len(low)):
        low, high = np.full(d, low[0]), np.full(d, high[0])
    return np.random.default_rng(7).uniform(low, high, (*shape, len(low)))


def slope_of(function, w, h=1e-5):
    """Central differences of ``function`` along each coordinate of ``w``, on a new last axis."""
    steps = h * np.eye(w.shape[-1])
    return np.stack([(function(w + step) - function(w - step)) / (2 * h) for step in steps], axis=-1)


@each_case
def test_gradient_and_hessian_agree_with_central_differences(landscape, d):
    w = points_on(landscape, 50, d=d)
    np.testing.assert_allclose(landscape.gradient(w), slope_of(landscape.value, w), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(landscape.hessian(w), slope_of(landscape.gradient, w), rtol=1e-6, atol=1e-6)


@each_case
def test_leading_axes_broadcast(landscape, d):
    w = points_on(landscape, 2, 3, 5, d=d)
    for formula, shape in ((landscape.value, ()), (landscape.gradient, (d,)), (landscape.hessian, (d, d))):
        together = formula(w)
        one_by_one = np.array([formula(point) for point in w.reshape(-1, d)]).reshape(2, 3, 5, *shape)
        assert together.shape == one_by_one.shape
        np.testing.assert_allclose(together, one_by_one, rtol=1e-12, atol=1e-12)
    hessian = landscape.hessian(w)
    np.testing.assert_array_equal(hessian, np.swapaxes(hessian, -1, -2))


@pytest.mark.parametrize(
    ("name", "w", "value"),
    [
        ("bowl", (3.0, 4.0), 12.5),
        ("curve", (3.0,), (243 + 54 - 162 + 40) / 48),
        ("ravine", (-2.5, 1.5), 14.375),
        ("double_well", (2.0, 1.0), 2.75),
        ("double_well_1d", (2.0,), 2.25),
        ("saddle", (1.0, 2.0), 2.5),
        ("monkey_saddle", (1.0, 1.0), -2.0),
        ("rosenbrock", (-1.2, 1.0), 24.2),
        ("himmelblau", (0.0, 0.0), 170.0),
        ("beale", (0.0, 0.0), 1.5**2 + 2.25**2 + 2.625**2),
        ("plateau", (1e3, -1e3), 1.0),
        ("wavy_bowl", (np.pi / 3, 0.0), np.pi**2 / 90 + 2 / 3),
        ("terrain", (np.pi / 2, 0.0), 6 + np.pi**2 / 8),
        ("flat_and_sharp", (-1.5,), 5.0),
        ("flat_and_sharp", (3.0,), 4.0),
    ],
)
def test_height_at_a_point_worked_out_by_hand(name, w, value):
    assert by_name(name).value(w) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("name", "heights"),
    [
        ("bowl", [0]),
        ("curve", [0, 343 / 768]),
        ("ravine", [0]),
        ("double_well", [0, 0]),
        ("double_well_1d", [0, 0]),
        ("saddle", [-1 / 4, -1 / 4]),
        ("monkey_saddle", []),
        ("rosenbrock", [0]),
        ("himmelblau", [0, 0, 0, 0]),
        ("beale", [0]),
        ("plateau", [0]),
        ("terrain", [0.908393, 2.19565, 3.77507]),
        ("flat_and_sharp", [0, 0]),
    ],
)
def test_heights_of_the_minima(name, heights):
    landscape = by_name(name)
    np.testing.assert_allclose(landscape.value(landscape.minima), heights, rtol=1e-5, atol=1e-15)


@each_landscape
def test_critical_points_are_level_and_of_the_kind_they_are_listed_as(landscape):
    for points in (landscape.minima, landscape.saddles, landscape.maxima):
        assert points.shape == (len(points), len(landscape.extent))
        np.testing.assert_allclose(landscape.gradient(points), 0, atol=1e-12)
    assert (np.linalg.eigvalsh(landscape.hessian(landscape.minima)) > 0.1).all()
    assert (np.linalg.eigvalsh(landscape.hessian(landscape.maxima)) < -0.1).all()
    at_saddles = np.linalg.eigvalsh(landscape.hessian(landscape.saddles))
    if landscape.name in DEGENERATE:
        assert (at_saddles == 0).all()
    else:
        assert (at_saddles.min(axis=-1, initial=-1) < -0.1).all()
        assert (at_saddles.max(axis=-1, initial=1) > 0.1).all()


def test_around_the_monkey_saddle_there_are_three_ways_up_and_three_ways_down():
    angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    up = by_name("monkey_saddle").value(np.stack([np.cos(angle + 0.1), np.sin(angle + 0.1)], axis=-1)) > 0
    assert (up != np.roll(up, 1)).sum() == 6


@each_landscape
def test_no_critical_point_in_the_picture_is_missing(landscape):
    low, high = np.transpose(landscape.extent)
    w = points_on(landscape, 1000)
    for _ in range(60):  # Newton's method, with short steps so that it does not leave the picture for ever
        newton = np.linalg.pinv(landscape.hessian(w)) @ landscape.gradient(w)[..., np.newaxis]
        w = np.clip(w - np.clip(newton[..., 0], -0.5, 0.5), low - 1, high + 1)
    inside = ((low <= w) & (w <= high)).all(axis=-1)
    found = w[inside & (np.abs(landscape.gradient(w)) < 1e-9).all(axis=-1)]
    listed = np.concatenate([landscape.minima, landscape.saddles, landscape.maxima])
    listed = listed[((low <= listed) & (listed <= high)).all(axis=-1)]
    apart = np.linalg.norm(found[:, np.newaxis] - listed, axis=-1)
    assert (apart.min(axis=1) < 1e-4).all(), "Newton's method found a critical point that is not listed"
    assert (apart.min(axis=0) < 1e-4).all(), "Newton's method did not find a critical point that is listed"


@each_landscape
def test_what_a_picture_needs(landscape):
    assert ALL[landscape.name] is landscape
    assert landscape.description.endswith(".")
    assert "\n" not in landscape.description
    assert repr(landscape) == f"<landscape {landscape.name}: {landscape.description}>"
    low, high = np.transpose(landscape.extent)
    assert (low < high).all()
    for points in (landscape.minima, np.array([landscape.start])):
        assert ((low < points) & (points < high)).all()
    assert np.linalg.norm(landscape.gradient(landscape.start)) > 1e-3
    with pytest.raises(ValueError, match="read-only"):
        landscape.minima[...] = 0


@pytest.mark.parametrize(
    ("landscape", "minima", "saddles", "maxima"), [(himmelblau, 4, 4, 1), (wavy_bowl, 25, 40, 16), (terrain, 3, 2, 0)]
)
def test_number_of_critical_points(landscape, minima, saddles, maxima):
    assert (len(landscape.minima), len(landscape.saddles), len(landscape.maxima)) == (minima, saddles, maxima)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_bowl_is_the_quadratic_form_of_its_curvatures(curvatures, seed):
    w = np.random.default_rng(seed).normal(size=(4, len(curvatures)))
    h = np.diag(curvatures)
    surface = bowl(*curvatures)
    np.testing.assert_allclose(surface.value(w), np.einsum("ni,ij,nj->n", w, h, w) / 2, rtol=1e-12)
    np.testing.assert_allclose(surface.gradient(w), w @ h, rtol=1e-12)
    np.testing.assert_array_equal(surface.hessian(w), np.broadcast_to(h, (4, *h.shape)))
    assert surface.dimension == len(surface.extent) == len(surface.start) == len(curvatures)


def test_on_the_plateau_the_number_of_steps_grows_like_one_over_the_rate():
    steps = []
    for rate in (0.1, 0.01):
        path = descend(plateau, [3.0], learning_rate=rate, steps=10_000).path[:, 0]
        steps.append(np.argmax(path < 1))
    assert steps[1] / steps[0] == pytest.approx(10, rel=0.02)


@each_landscape
def test_by_name(landscape):
    assert isinstance(landscape, Landscape)
    assert by_name(landscape.name) is landscape


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("ravin", "ravine"), ("Himmelblau", "himmelblau"), ("wavy bowl", "wavy_bowl"), ("rosen", "rosenbrock")],
)
def test_unknown_name_lists_the_known_ones_and_suggests_the_nearest(name, nearest):
    with pytest.raises(
        ValueError, match=rf"^name must be one of .* but got '{name}': did you mean '{nearest}'"
    ) as caught:
        by_name(name)
    assert all(known in str(caught.value) for known in ALL)
