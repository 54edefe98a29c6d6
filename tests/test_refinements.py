"""Lesson 4: what its text says of the rules, and its scenes, where theory puts what they draw."""

import numpy as np
import pytest
from scenes import moved, panel, ready, still

from gd_helpers import landscapes, rules
from gd_helpers.descent import descend
from gd_helpers.figures import refinements as figures

RAVINE = landscapes.bowl(1, 100, extent=((-3, 3), (-2, 2)))
START = np.array([-2.5, 1.5])


def race(surface=RAVINE, start=START, **settings):
    return descend(surface, start, learning_rate=0.01, steps=50, **settings)


def test_rmsprop_hops_to_and_fro_with_steps_as_long_as_its_rate():
    path = descend(RAVINE, START, learning_rate=0.0141, steps=3000, rule=rules.rmsprop(0.9)).path
    np.testing.assert_allclose(np.abs(np.diff(path[-20:], axis=0)), 0.0141, rtol=1e-4)
    np.testing.assert_allclose(path[-1], path[-3], rtol=1e-4)


def test_a_race_draws_each_run_in_the_look_of_its_rule_and_one_run_of_all_in_the_same_way():
    assert len({look[1:] for look in figures.RULE_LOOKS.values()}) == len(figures.RULE_LOOKS)  # not by colour alone
    names, three = ["plain", "momentum", "Adam"], [rules.sgd(), rules.momentum(), rules.adam()]
    together, apart = (ready(figures.RaceScene(RAVINE, names, 50, every=4)) for _ in range(2))
    run = race(start=[START] * 3, rule=rules.side_by_side(*three))
    together.show(run)
    apart.show(*(race(rule=rule) for rule in three))
    for title in ("the paths, seen from above", "loss, every 4 steps"):
        for one, other in zip(moved(together, title), moved(apart, title), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-10)
    assert [text.get_text().strip() for text in panel(together, title).texts] == names
    start, *paths = moved(together)
    assert start.tolist() == [START.tolist()]
    looks = [(line.get_color(), line.get_linestyle()) for line in panel(together).lines[-6::2]]
    for i, name in enumerate(names):
        np.testing.assert_array_equal(paths[2 * i], run.path[:, i])
        assert looks[i] == figures.RULE_LOOKS[name][:2]
    curve = moved(together, "loss, every 4 steps")[4]
    np.testing.assert_array_equal(curve.T, [[*range(0, 50, 4), 50], [*run.losses[:50:4, 2], run.loss[2]]])


def test_the_plane_of_momentum_marks_where_theory_is_best():
    scene, title = ready(figures.MomentumScene(RAVINE, (0.001, 0.1))), "what a step leaves of the distance"
    scene.show(race(), race(rule=rules.momentum()), 0.02, 0.7)
    assert [mark.tolist() for mark in moved(scene, title)] == [[[0.02, 0.7]]]
    for rate, beta in (0.005, 0.0), (0.01, 0.5), (0.0001, 0.9), (0.035, 0.8), (0.036, 0.8), (0.042, 0.6):
        roots = [np.roots([1, rate * h - 1 - beta, beta]) for h in (1, 100)]
        assert scene._leaves(rate, beta) == pytest.approx(np.abs(roots).max(), rel=1e-12)
    oldest, middle, newest, _ = moved(scene, "plain and momentum: the last 15 steps")[-4:]
    tail = np.vstack([oldest[:-1], middle[:-1], newest])
    np.testing.assert_array_equal(tail, race(rule=rules.momentum()).path[-16:])
    ((star,), (square,)), shapes = still(scene, title), panel(scene, title).collections
    (red,) = [shape for shape in shapes if shape.levels.max() > 1]
    rates, betas = np.vstack([path.vertices for path in red.get_paths()]).T
    on_border = (rates < 0.09) & (betas > 0) & (betas < 0.98)
    np.testing.assert_allclose(rates[on_border], (2 + 2 * betas[on_border]) / 100, rtol=0.04)
    assert star == pytest.approx([4 / 121, (9 / 11) ** 2])  # Polyak's, for k = 100
    assert square[0] == pytest.approx(2 / 101)


def test_the_lines_of_the_condition_number_have_slopes_one_and_a_half():
    plain, _, heavy, _ = still(figures.ConditionScene([10, 100], [69, 691], [27, 93]))
    for line, slope, last in ((plain, 1, 691), (heavy, 1 / 2, 93)):
        (x0, y0), (x1, y1) = np.log(line)
        assert ((y1 - y0) / (x1 - x0), y1) == pytest.approx((slope, np.log(last)))


def test_decay_ends_on_the_road_of_theory():
    surface = landscapes.ravine.shifted(2, 1)
    scene = figures.PullScene(surface, 500, (1e-3, 1e2))
    road = still(scene)[-1]
    np.testing.assert_allclose(road[[0, -1]], [[2, 1], [0, 0]], atol=3e-3)
    for decay in (0.1, 1.0, 10.0):
        run = descend(surface, START, learning_rate=0.05, steps=500, rule=rules.weight_decay(decay))
        np.testing.assert_allclose(run.end, scene.theory(decay), rtol=1e-9)
        assert np.linalg.norm(road - run.end, axis=1).min() < 0.03


def test_the_fair_scene_marks_the_nearest_rate_and_the_usable_ones():
    rates = np.array([0.01, 0.1, 1.0])
    results = {"plain": np.array([[3.0, 1.0, np.inf]] * 3), "Adam": np.array([[2, 3, 4], [1, 2, 3], [0.6, 0.7, 0.8]])}
    usable = {"plain": np.array([False, True, False]), "Adam": np.array([True, True, False])}
    scene = ready(figures.FairScene(rates, results, usable, (0.5, 5)))
    assert scene.show(0.4) == {"plain": np.inf, "Adam": 3.0}  # nearer to 1 than to 0.1: by its logarithm
    assert moved(scene, "Adam")[0][1].tolist() == [1.0, 3.0]
    axes = panel(scene, "Adam")
    assert {(0.1, 3.0), (0.1, 0.7)} <= {*map(tuple, axes.collections[0].get_paths()[0].vertices.tolist())}
    *_, median, bar, _ = axes.lines
    assert median.get_ydata().tolist() == [1, 2, 3]
    assert bar.get_xdata().tolist() == [0.01, 0.1]
