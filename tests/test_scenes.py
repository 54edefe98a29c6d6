"""Scenes that draw what they are given: the points of the lines that move in one of their panels, after some calls."""

import numpy as np
import pytest
from scenes import moved, ready

from gd_helpers.descent import Run
from gd_helpers.experiments import Ending
from gd_helpers.figures import flat_and_sharp, learning_rate, minima_and_saddles, refinements, variants
from gd_helpers.losses import ProductLoss

STEPS, ENDING = np.arange(2), Ending(0.02, 0.4, 0.91)
RUNS = [Run(np.zeros((2, 1)), np.array([4.0, k]), STEPS, None) for k in (3.0, 2.0, 1.0)]
FOUR = Run(np.zeros((2, 4, 1)), np.array([[5.0, 6, 7, 8], [1, 2, 3, 4]]), STEPS, np.full(4, -1))
MEANS = [np.ones((2, 2)), np.array([[1.0, 1.0], [0.4, 0.6]])]


@pytest.mark.parametrize(
    ("make", "title", "calls", "drawn"),
    [
        (lambda: learning_rate.RangeTestScene([0.1, 1, 10], losses=(0.1, 10), border=3), None,
         [([0.1, 1], [5, 2])], [[[0.1, 5], [1, 2]], [[1, 2]]]),
        (lambda: variants.ClockScene(342), None, [(16, 0.002), (1, 0.03)], [[[1, 30], [16, 2]], [[1, 30]]]),
        (lambda: variants.LinearScalingScene([1, 16], limit=0.5), None, [([1, 2], [4, 5], 0.01)],
         [[[1, 1], [16, 2]], [[1, 4], [16, 5]], [[50, 1e-3], [50, 1e5]]]),
        (lambda: variants.RiddleScene(200), "B", [(RUNS,)], [[[0, 4], [1, 2]]]),
        (lambda: refinements.ConditionScene([10, 100], [69, 691], [27, 93]), None, [(50, 350, 66)],
         [[[50, 350], [50, 66]]]),
        (lambda: refinements.DecayScene(["L2", "AdamW"], 1), "AdamW", [(MEANS, [1, 0.5])],
         [[[0, 1], [1, 0.5]], [[0, 1], [1, 0.4]], [[0, 1], [1, 0.6]]]),
        (lambda: minima_and_saddles.LineScene(np.array([0, 0.5, 1]), (0.1, 10), "a", "b"), None,
         [(np.array([1, 5, 2]), np.array([2, 3, 4]))],
         [[[0, 1], [0.5, 5], [1, 2]], [[0, 2], [0.5, 3], [1, 4]], [[0, 1], [1, 2], [0, 2], [1, 4]]]),
        (lambda: minima_and_saddles.SpectrumScene(4, limit=5, tolerance=1e-6), None,
         [(np.array([-1, -1e-9, 1e-3, 2]),)], [[[0, -1]], [[1, -1e-9]], [[2, 1e-3], [3, 2]]]),
        (lambda: minima_and_saddles.StaircaseScene([3, 1, 0.1], 100), None, [(FOUR,)],
         [[[0, 5], [1, 1]], [[0, 6], [1, 2]], [[0, 7], [1, 3]], [[0, 8], [1, 4]]]),
        (lambda: flat_and_sharp.ScatterScene({"one": [ENDING] * 2}, sharp=(0.1, 2), read=(0.8, 1)), None,
         [("a", ENDING), ("b", Ending(0.02, 0.8, 0.93)), ("c", None), ("a", ENDING)],
         [[[0.8, 0.93], [0.4, 0.91]], [[0.4, 0.91]]]),
        (lambda: flat_and_sharp.RescaleScene(ProductLoss(), reach=4), "what it computes: u v x", [(2.0, 0.5)],
         [[[-1, -1], [1, 1]]]),
    ],
)  # fmt: skip
def test_a_scene_draws_what_it_is_given(make, title, calls, drawn):
    scene = ready(make())
    for call in calls:
        scene.show(*call)
    assert [points.tolist() for points in moved(scene, title)] == drawn
