"""Scenes that draw what they are given: what they return, and the lines that move in one of their panels."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba_array
from scenes import moved, panel, ready, still

from gd_helpers import landscapes
from gd_helpers.descent import Run
from gd_helpers.figures import base, flat_and_sharp, learning_rate, minima_and_saddles, refinements, variants

STEPS, NAN, NONE = np.arange(2), np.nan, np.empty((0, 2))
RUNS = [Run(np.zeros((2, 2)), np.array([4.0, k]), STEPS, None) for k in (3.0, 2.0, 1.0)]
STANDING = Run(np.tile([[5.0], [4.25]], (401, 1, 1)), None, np.arange(401), None)
OFF = "Over the last 200 steps off by 1.000 kg at the constant rate (formula: 0.100 kg), by 0.250 kg at the other."
FOUR = Run(np.zeros((2, 4, 1)), np.array([[5.0, 6, 7, 8], [1, 2, 3, 4]]), STEPS, np.full(4, -1))
MEANS, RATES = [np.ones((2, 2)), np.array([[1.0, 1.0], [0.4, 0.6]])], np.array([[0.02, 0.02], [0.02, 0.01]])
VALLEY = Run(np.tile([2.0, 0.5], (11, 1)), np.zeros(11), np.arange(0, 22, 2), None)
LOSSES = np.array([[3.0, 1.0], [2.0, 4.0], [6.0, 5.0]])
COST = "loss on new data"
SHIFTED = "Loss on new data: 0.800 in the sharp well (40 x (-0.2)² / 2), 0.040 in the flat well (2 x (-0.2)² / 2)."


def rates_of(rule, limits, **options):
    return refinements.RatesScene(landscapes.ravine, ["plain", rule], 50, limits, **options)


@pytest.mark.parametrize(
    ("make", "title", "calls", "returned", "drawn"),
    [
        (lambda: learning_rate.RangeTestScene([0.1, 1, 10], losses=(0.1, 10), border=3), None,
         [([0.1, 1], [5, 2])], None, [[[0.1, 5], [1, 2]], [[1, 2]]]),
        (lambda: variants.ClockScene(342), None, [(16, 0.002), (1, 0.03)], None,
         [[[1, 30], [16, 30 / 16], [NAN, NAN], [1, 2], [16, 2]], [[1, 30], [16, 2]], [[1, 30]]]),
        (lambda: variants.LinearScalingScene([1, 16], limit=0.5), None, [([1, 2], [4, 5], 0.01)], None,
         [[[1, 1], [16, 2]], [[1, 4], [16, 5]], [[50, 1e-3], [50, 1e5]]]),
        (lambda: variants.RiddleScene(200), "B", [(RUNS,)], None, [[[0, 4], [1, 2]]]),
        (lambda: variants.FloorScene(4, (2, 6), 400), "RMS distance from the best (kg)", [(STANDING, 0.1)], OFF,
         [[[100, 1], [300, 1]], [[100, 0.25], [300, 0.25]], [[0, 0.1], [400, 0.1]]]),
        (lambda: refinements.ConditionScene([10, 100], [69, 691], [27, 93]), None, [(50, 350, 66)], None,
         [[[50, 350], [50, 66]]]),
        (lambda: rates_of("Adam", (1e-5, 10), of_coordinates=True), "the rate of each coordinate",
         [(RATES, *RUNS[:2])], None, [[[0, 0.02], [1, 0.02]], [[1, 0.02]], [[0, 0.02], [1, 0.01]], [[1, 0.01]]]),
        (lambda: refinements.DecayScene(["L2", "AdamW"], 1), "AdamW", [(MEANS, [1, 0.5])], None,
         [[[0, 1], [1, 0.5]], [[0, 1], [1, 0.4]], [[0, 1], [1, 0.6]]]),
        (lambda: minima_and_saddles.DimensionScene([0.5, 0.146], 1000), None, [(2, np.array([0, 1, 1, 2]))], None,
         [[[0, 0], [0, 25], [0, NAN], [50, 0], [50, 50], [50, NAN], [100, 0], [100, 25], [100, NAN]],
          [[0, 25]], [[100, 25]]]),
        (lambda: minima_and_saddles.DimensionScene([0.5, 0.146], 1000), "share of minima", [(1, np.array([0]))], None,
         [[[1, 0.5]]]),  # of the second dimension not yet
        (lambda: minima_and_saddles.LineScene(np.array([0, 0.5, 1]), (0.1, 10), "01", "a", "b"), None,
         [(np.array([1, 5, 2]), np.array([2, 3, 4]))], None,
         [[[0, 1], [0.5, 5], [1, 2]], [[0, 2], [0.5, 3], [1, 4]], [[0, 1], [1, 2], [0, 2], [1, 4]]]),
        (lambda: minima_and_saddles.SpectrumScene(4, limit=5, tolerance=1e-6), None,
         [(np.array([-1, -1e-9, 1e-3, 2]),)], [1, 1, 2], [[[0, -1]], [[1, -1e-9]], [[2, 1e-3], [3, 2]]]),
        (lambda: minima_and_saddles.StaircaseScene([3, 1, 0.1], [2, 0.9], 100), None, [(FOUR,)], None,
         [[[0, 5], [1, 1]], [[0, 6], [1, 2]], [[0, 7], [1, 3]], [[0, 8], [1, 4]]]),
        (lambda: flat_and_sharp.ShiftScene(landscapes.flat_and_sharp, reach=0.35), COST, [(-0.2,)],
         SHIFTED, [[[-0.2, 0.8]], [[-0.2, 0.04]]]),
        (lambda: flat_and_sharp.ScatterScene({"one": np.full((3, 2), 0.9)}, sharp=(0.1, 2), accuracy=(0.8, 1)), None,
         [((5, 1, 0), 0.4, 0.91), ((5, 2, 0), 0.8, 0.93), ((5, 1, 0), 0.4, 0.91)],
         "Sharpness 0.40, test accuracy 0.910.", [[[0.9, 0.9]], [[0.8, 0.93], [0.4, 0.91]], [[0.4, 0.91]], NONE]),
        (lambda: flat_and_sharp.CutScene(np.arange(3), LOSSES, LOSSES[::-1]), None, [(0,), (1,)], 2,
         [[[0, 1], [1, 4], [2, 5]], [[0, 1]], [[0, 5], [1, 4], [2, 1]], [[2, 1]]]),
        (lambda: flat_and_sharp.EdgeScene(landscapes.product, steps=30), "sharpness", [(VALLEY, 0.5)], [4.25, 4.25],
         [[[NAN, NAN]], [[0, 4.25], [20, 4.25]], [[0, 4], [30, 4]]]),
    ],
)  # fmt: skip
def test_a_scene_draws_what_it_is_given(make, title, calls, returned, drawn):
    scene = ready(make())
    *_, said = [scene.show(*call) for call in calls]
    assert said == (returned if isinstance(returned, str) else pytest.approx(returned))
    for points, there in zip(moved(scene, title), drawn, strict=True):
        np.testing.assert_allclose(points, there, rtol=1e-12)


def test_the_band_lies_two_deviations_around_the_best_and_the_cost_of_a_shift_is_half_the_curvature_times_its_square():
    floor = ready(variants.FloorScene(4, (2, 6), 400))
    floor.show(STANDING, 0.1)
    *runs, band = moved(floor)
    assert [run[-1].tolist() for run in runs] == [[400, 5.0], [400, 4.25]]
    assert band[[0, 1, 3, 4], 1] == pytest.approx([4.2, 4.2, 3.8, 3.8])
    for cost, h in zip(still(flat_and_sharp.ShiftScene(landscapes.flat_and_sharp, 0.35), COST), (40, 2), strict=True):
        assert cost[:, 1] == pytest.approx(h * cost[:, 0] ** 2 / 2)


def lightness(colors):
    """Relative luminance, of colours of shape (n, 4), as WCAG defines it."""
    parts = np.asarray(colors)[:, :3]
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]


def test_in_grey_the_ground_is_lighter_the_higher_it_is_and_no_two_curves_differ_by_colour_alone():
    assert (np.diff(lightness(base.GROUND(np.linspace(0, 1, 50)))) > 0).all()
    lines = [base.ORANGE, base.SKY, base.GREEN, base.BLUE, base.PURPLE, base.GREY, base.HERE]
    contrast = (lightness(to_rgba_array(base.PAPER)) + 0.05) / (lightness(to_rgba_array(lines)) + 0.05)  # as WCAG says
    assert min(contrast) > 3
    assert min(contrast[-2:]) > 4.5  # of the last two there are words, too
    for looks in (base.LOOKS, base.RULE_LOOKS.values()):
        assert len({tuple(part for part in look if not part.startswith("#")) for look in looks}) == len(looks)


def test_rates_may_be_negative_where_they_are_not_of_coordinates():
    scene = rates_of("with a schedule", (-0.001, 0.03))
    assert panel(scene, "the rate at each step").get_yscale() == "linear"


def test_the_limit_of_the_scaled_rate_is_drawn_where_it_is_reached():
    for rate, seen in ((0.5 / 15, True), (0.5 / 16, False)):
        scene = variants.LinearScalingScene([1, 16], limit=0.5)
        scene.show([1, 2], [4, 5], rate)
        assert panel(scene).lines[2].get_visible() == panel(scene).texts[2].get_visible() == seen
