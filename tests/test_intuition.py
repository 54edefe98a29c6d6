"""Lesson 1's scenes draw what is so."""

import numpy as np
import pytest
from scenes import moved, panel, ready, still

from gd_helpers import data, landscapes, losses
from gd_helpers.descent import descend
from gd_helpers.figures import base
from gd_helpers.figures import intuition as figures
from gd_helpers.live import svg
from gd_helpers.live.verdicts import describe_slope, describe_step

TERRAIN, EXTENT = landscapes.terrain.turned(90), ((-5.9, 4.9), (-2.95, 2.85))  # as in the lesson
FLIPPER = data.standardise(data.penguins().flipper_mm)


def test_in_the_fog_the_arrow_points_downhill_as_the_words_say_and_the_ground_is_seen_only_near_it():
    scene, place = ready(figures.FogScene(TERRAIN, EXTENT)), np.array([-2.5, -1.5])
    for lifted in (True, False):
        assert scene.show(place, lifted).tolist() == TERRAIN.gradient(place).tolist()
        assert scene.target.images[-1].get_visible() != lifted
    trail, _, (start, tip, *_), _ = moved(scene)
    assert trail.tolist() == [place.tolist()]  # tried once
    assert tip - start == pytest.approx(-0.18 * TERRAIN.gradient(place))
    across, up = np.diff(scene.target.transData.transform([start, tip]), axis=0)[0]
    assert 0 < 0.5 * up < across < 2 * up
    assert "north-east" in describe_slope(TERRAIN.gradient(place))
    fog = scene.target.images[-1].get_array()[..., 3]
    y, x = (np.linspace(*ends, n) for ends, n in zip(EXTENT[::-1], fog.shape, strict=True))
    away = np.hypot(x - place[0], y[:, None] - place[1])
    assert fog[away < 0.3].max() < 20 < 255 == fog[away > 1.8].min()
    np.testing.assert_allclose(TERRAIN.gradient(still(scene)[0]), np.zeros((3, 2)), atol=1e-6)  # the stars


def test_every_place_within_four_pixels_of_a_minimum_is_level_and_none_but_minima_and_passes_are():
    scene = figures.FogScene(TERRAIN, EXTENT)
    scene.figure.canvas.draw()
    pixel = np.diff(EXTENT)[:, 0] / scene.target.bbox.size * scene.figure.dpi / svg.CSS_DPI
    circle = [4 * pixel * (np.cos(turn), np.sin(turn)) for turn in np.linspace(0, 2 * np.pi, 60)]
    assert all("level" in describe_slope(TERRAIN.gradient(place)) for low in TERRAIN.minima for place in low + circle)
    places = base.grid(*(np.arange(low, high, 0.1) for low, high in EXTENT)).reshape(-1, 2)
    level = [place for place in places if "level" in describe_slope(TERRAIN.gradient(place))]
    known = np.vstack([TERRAIN.minima, TERRAIN.saddles])
    assert all(np.linalg.norm(known - place, axis=1).min() < 0.45 for place in level)


def test_from_the_side_the_dashed_line_is_the_tangent_and_the_bar_is_the_step():
    curve, scene, w = landscapes.curve, ready(figures.CurveScene(landscapes.curve)), np.array([2.6])
    after = descend(curve, w, learning_rate=0.3, steps=1).end
    scene.show(w, after)
    tangent, bar, _, circle, ball = moved(scene)
    run, rise = np.diff(tangent, axis=0)[0]
    assert rise / run == pytest.approx((curve.value(w + 1e-6) - curve.value(w - 1e-6)) / 2e-6)
    assert tangent.mean(axis=0) == pytest.approx([w[0], curve.value(w)])
    assert bar[:, 0] == pytest.approx([w[0], after[0]])
    np.testing.assert_allclose([*circle, *ball], [[*after, curve.value(after)], [*w, curve.value(w)]])
    assert "-0.00" not in describe_step([-1e-9], 0.3, [-1e-9])  # on level ground
    assert describe_step([-0.0049], 0.3, [0.0037]).endswith("0.00 - 0.3 x (+0.00) = 0.00.")  # not -0.01


def test_the_largest_drop_is_against_the_gradient_and_not_towards_the_minimum():
    turns, place, ravine = np.radians(np.arange(0, 360, 5)), np.array([-2.5, 1.0]), landscapes.ravine
    compass = np.column_stack([np.cos(turns), np.sin(turns)])
    scene = ready(figures.CompassScene(ravine, compass))
    drops = ravine.value(place) - ravine.value(place + 1e-3 * compass)
    assert scene.show(place, drops) == "The largest drop is at 285 degrees; the star is at 338."
    _, to_star, (start, tip, *_), _ = moved(scene)
    assert to_star.tolist() == [place.tolist(), [0, 0]]
    assert (tip - start) @ ravine.gradient(place) == pytest.approx(-np.linalg.norm(ravine.gradient(place)), rel=2e-3)
    assert scene.show(np.zeros(2), -ravine.value(1e-3 * compass)) == "Every way leads up from here."  # at the star
    assert {*moved(scene)[2].ravel(), *(text.get_text().strip() for text in panel(scene).texts)} == {0, ""}


def test_a_run_that_leaves_the_picture_is_marked_where_it_crosses_the_rim_of_each_panel():
    scene = ready(figures.DescentScene(landscapes.ravine, steps=9))
    for rate, outside in ((0.05, False), (3.0, True)):
        scene.show(run := descend(landscapes.ravine, [-2.5, 1.5], learning_rate=rate, steps=9))
        rims = [moved(scene, title)[-1] for title in (None, "Loss, step by step")]
        top, logs = scene.figure.axes[1].get_ylim()[1], np.log(run.losses[:2])
        crossed = [[[-2.5 + 7.5 * 3.5 / 45, -2]], [[(np.log(top) - logs[0]) / np.diff(logs)[0], top]]]
        np.testing.assert_allclose(rims, crossed if outside else np.empty((2, 0, 2)))


def test_the_path_and_the_line_are_those_of_the_run():
    scene, ravine = ready(figures.DescentScene(landscapes.ravine)), landscapes.ravine
    scene.show(run := descend(ravine, [1, 1], learning_rate=0.05, steps=9))
    np.testing.assert_array_equal(moved(scene)[0], run.path)
    assert still(scene)[0].tolist() == [[0, 0]]
    loss = losses.LinearRegression(losses.with_intercept(FLIPPER), data.penguins().mass_kg)
    run, fit = descend(loss, [0.0, 0.0], learning_rate=0.05, steps=9), figures.LineFitScene(loss, FLIPPER, loss.y)
    ready(fit).show(run)
    best, ((_, dotted), (line,)) = np.polyfit(FLIPPER, loss.y, 1), (still(fit), moved(fit))
    np.testing.assert_allclose([line[:, 1], dotted[:, 1]], [np.polyval(w, line[:, 0]) for w in (run.end, best)])
    np.testing.assert_allclose(still(fit, "... is a point on the loss surface")[0], [best])
    fit.show(descend(loss, [0.0, 0.0], learning_rate=1.1, steps=30))
    assert panel(fit).texts[-1].get_text() == "the line is out of sight"
