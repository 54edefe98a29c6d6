"""Lesson 1's scenes draw what is so, and the values that the lessons name are on their sliders."""

import re

import numpy as np
import pytest
from test_repository import BOOKS

from gd_helpers import data, landscapes, live, losses
from gd_helpers.descent import descend
from gd_helpers.figures import intuition as figures
from gd_helpers.live import svg
from gd_helpers.live.verdicts import describe_slope, describe_step


def points(axes, place):
    """The points of the ``place``-th line that moves in the panel, of shape (n, 2)."""
    lines = [line for line in axes.lines if line in svg.moving(axes.figure)]
    return np.array(lines[place].get_data(), dtype=float).T


def still(axes):
    """The points of the last line that does not move, of shape (n, 2)."""
    return np.transpose([line.get_data() for line in axes.lines if line not in svg.moving(axes.figure)][-1])


def test_in_the_fog_the_line_points_downhill_and_shows_the_slope():
    scene, place = figures.FogScene(landscapes.terrain), np.array([3.0, 2.5])
    gradient = landscapes.terrain.gradient(place)
    assert scene.show(place).tolist() == gradient.tolist()
    (start, tip), steepness = points(scene.target, 2), np.linalg.norm(gradient)
    assert start.tolist() == place.tolist()
    assert np.dot(tip - start, gradient) == pytest.approx(-np.linalg.norm(tip - start) * steepness)
    assert points(scene.figure.axes[1], 0)[0] == pytest.approx([1, steepness])


def test_the_fog_hides_the_map_until_it_is_lifted_and_the_stars_are_level():
    scene = figures.FogScene(landscapes.terrain)
    assert scene.remembers  # so that no place is tried ahead of the hand
    for lifted in (False, True):
        scene.show([0.0, 0.0], lifted)
        assert scene.target.images[0].get_visible() != lifted
    assert len(still(scene.target)) == 3
    np.testing.assert_allclose(landscapes.terrain.gradient(still(scene.target)), 0, atol=1e-6)


def test_every_place_within_four_pixels_of_a_minimum_is_level_and_no_slope_elsewhere():
    terrain, scene = landscapes.terrain, figures.FogScene(landscapes.terrain)
    scene.figure.canvas.draw()
    pixel = np.diff(terrain.extent)[:, 0] / scene.target.bbox.size * scene.figure.dpi / svg.CSS_DPI
    turns = np.linspace(0, 2 * np.pi, 60)
    circle = 4 * pixel * np.column_stack([np.cos(turns), np.sin(turns)])
    assert all("level" in describe_slope(terrain.gradient(place)) for low in terrain.minima for place in low + circle)
    grid = np.stack(np.meshgrid(np.linspace(-4, 4, 81), np.linspace(-4.5, 4.5, 91)), axis=-1)
    assert np.mean(["level" in describe_slope(gradient) for gradient in terrain.gradient(grid.reshape(-1, 2))]) < 0.03


def test_from_the_side_the_dashed_line_is_the_tangent_and_the_bar_is_the_step():
    curve, scene = landscapes.curve, figures.CurveScene(landscapes.curve)
    w = np.array([2.6])
    after = descend(curve, w, learning_rate=0.3, steps=1).end
    scene.show(w, after)
    (tangent, bar, _, circle, ball) = (points(scene.target, place) for place in range(5))
    run, rise = np.diff(tangent, axis=0)[0]
    assert rise / run == pytest.approx((curve.value(w + 1e-6) - curve.value(w - 1e-6)) / 2e-6)
    assert tangent.mean(axis=0) == pytest.approx([w[0], curve.value(w)])
    assert bar[:, 0] == pytest.approx([w[0], after[0]])
    assert circle[0] == pytest.approx([after[0], curve.value(after)])
    assert ball[0] == pytest.approx([w[0], curve.value(w)])
    assert "-0.00" not in describe_step([-1e-9], 0.3, [-1e-9])  # on level ground


def test_the_path_and_the_line_are_those_of_the_run():
    scene, ravine = figures.DescentScene(landscapes.ravine), landscapes.ravine
    scene.show(run := descend(ravine, [1, 1], learning_rate=0.05, steps=9))
    np.testing.assert_array_equal(points(scene.target, 0), run.path)
    assert still(scene.target).tolist() == [[0, 0]]
    flipper = data.standardise(data.penguins().flipper_mm)
    loss = losses.LinearRegression(losses.with_intercept(flipper), data.penguins().mass_kg)
    run, fit = descend(loss, [0.0, 0.0], learning_rate=0.05, steps=9), figures.LineFitScene(loss, flipper, loss.y)
    fit.show(run)
    line = points(fit.figure.axes[0], 0)
    np.testing.assert_allclose(line[:, 1], np.polyval(run.end, line[:, 0]))
    best, dotted = np.polyfit(flipper, loss.y, 1), still(fit.figure.axes[0])
    np.testing.assert_allclose(still(fit.target), [best])
    np.testing.assert_allclose(dotted[:, 1], np.polyval(best, dotted[:, 0]))


@pytest.mark.parametrize(
    ("lesson", "before", "values"),
    [
        ("01_intuition", "\nrates = ", (0.05, 0.15, 0.19, 0.21)),
        ("01_intuition", "fit_rates = ", (0.05, 0.5, 1)),
        ("02_learning_rate", "\nrates = ", (0.05, 0.1, 0.15, 0.19, 0.21)),
        ("02_learning_rate", "three_rates = ", (0.00002, 0.001, 0.5)),
        ("02_learning_rate", "flat_rates = ", (0.01, 0.1, 1)),
        ("02_learning_rate", "product_rates = ", (0.01, 0.1, 0.3, 0.5)),
        ("02_learning_rate", "shares = ", (1, 2)),
        ("03_variants", "\nrates = ", (0.6,)),
        ("03_variants", "@live(floor_scene, learning_rate=", (0.02,)),
        ("04_refinements", "rates_times=", (0.1, 1, 2)),
        ("04_refinements", "marked = ", (0.02, 0.04)),
        ("04_refinements", " beta=", (0, 0.9, 0.99)),
        ("04_refinements", "@live(per_axis, start=point(-2.5, 1.5), learning_rate=", (0.01, 1)),
        ("04_refinements", "point(-0.5, 2.5), decay=", (1,)),
        ("05_minima_and_saddles", "@live(basins, rule=choice(list(RULES)), learning_rate=", (0.018,)),
    ],
)
def test_the_values_that_a_lesson_names_are_places_on_their_slider(lesson, before, values):
    code = "\n".join(cell.source for cell in BOOKS[lesson].cells if cell.cell_type == "code")
    (made,) = re.findall(re.escape(before) + r"(\w*slider\([^()]*\))", code)
    assert set(values) <= set(eval(made, vars(live).copy()).numbers)
