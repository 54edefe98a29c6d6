"""Lesson 1's scenes draw what is so, its sentences say it, and the values that its text names are on its sliders."""

import re

import numpy as np
import pytest
from test_repository import BOOKS

from gd_helpers import data, landscapes, live, losses
from gd_helpers.descent import descend
from gd_helpers.figures import intuition as figures
from gd_helpers.live import svg
from gd_helpers.live.verdicts import describe_slope, describe_step


def points(scene, place):
    """The points of the ``place``-th line that moves in the scene's ``target``, of shape (n, 2)."""
    lines = [artist for artist in scene.target.lines if artist in svg.moving(scene.figure)]
    return np.array(lines[place].get_data(), dtype=float).T


def test_in_the_fog_the_line_points_downhill_and_shows_the_slope():
    scene, place = figures.FogScene(landscapes.terrain), np.array([3.0, 2.5])
    gradient = landscapes.terrain.gradient(place)
    assert scene.show(place).tolist() == gradient.tolist()
    start, tip = points(scene, 2)
    assert start.tolist() == place.tolist()
    assert np.dot(tip - start, gradient) == pytest.approx(-np.linalg.norm(tip - start) * np.linalg.norm(gradient))
    assert scene.figure.axes[1].lines[0].get_ydata() == pytest.approx([np.linalg.norm(gradient)])


def test_the_fog_hides_the_map_until_it_is_lifted():
    scene = figures.FogScene(landscapes.terrain)
    for lifted in (False, True):
        scene.show([0.0, 0.0], lifted)
        assert scene.target.images[0].get_visible() != lifted


def test_every_place_within_four_pixels_of_a_minimum_is_level_and_no_slope_elsewhere():
    terrain, scene = landscapes.terrain, figures.FogScene(landscapes.terrain)
    scene.figure.canvas.draw()
    pixel = np.diff(terrain.extent)[:, 0] / scene.target.bbox.size * scene.figure.dpi / svg.CSS_DPI
    circle = np.exp(1j * np.linspace(0, 2 * np.pi, 60))
    for minimum in terrain.minima:
        for around in minimum + 4 * pixel * np.column_stack([circle.real, circle.imag]):
            assert "level" in describe_slope(terrain.gradient(around))
    grid = np.stack(np.meshgrid(np.linspace(-4, 4, 81), np.linspace(-4.5, 4.5, 91)), axis=-1)
    assert np.mean(["level" in describe_slope(gradient) for gradient in terrain.gradient(grid.reshape(-1, 2))]) < 0.03


def test_from_the_side_the_dashed_line_is_the_tangent_and_the_bar_is_the_step():
    curve, scene = landscapes.curve, figures.CurveScene(landscapes.curve)
    w, rate = np.array([2.6]), 0.3
    after = descend(curve, w, learning_rate=rate, steps=1).end
    scene.show(w, after)
    (tangent, bar, _, circle, ball) = (points(scene, place) for place in range(5))
    run, rise = np.diff(tangent, axis=0)[0]
    assert rise / run == pytest.approx((curve.value(w + 1e-6) - curve.value(w - 1e-6)) / 2e-6)
    assert tangent.mean(axis=0) == pytest.approx([w[0], curve.value(w)])
    assert bar[:, 0] == pytest.approx([w[0], after[0]])
    assert circle[0] == pytest.approx([after[0], curve.value(after)])
    assert ball[0] == pytest.approx([w[0], curve.value(w)])


def test_a_step_from_level_ground_has_no_minus_zeros():
    assert "-0.00" not in describe_step([-1e-9], 0.3, [-1e-9])


def test_the_path_and_the_line_are_those_of_the_run():
    run = descend(landscapes.ravine, [-2.5, 1.5], learning_rate=0.05, steps=9)
    scene = figures.DescentScene(landscapes.ravine)
    scene.show(run)
    np.testing.assert_array_equal(points(scene, 0), run.path)

    penguins = data.penguins()
    flipper = data.standardise(penguins.flipper_mm)
    loss = losses.LinearRegression(losses.with_intercept(flipper), penguins.mass_kg)
    run, fit = descend(loss, [0.0, 0.0], learning_rate=0.05, steps=9), figures.LineFitScene(loss, flipper, loss.y)
    fit.show(run)
    (line,) = [line for line in fit.figure.axes[0].lines if line in svg.moving(fit.figure)]
    np.testing.assert_allclose(line.get_ydata(), np.polyval(run.end, line.get_xdata()))
    star = next(line for line in fit.target.lines if line.get_marker() == "*")
    np.testing.assert_allclose(np.ravel(star.get_data()), np.polyfit(flipper, loss.y, 1))


@pytest.mark.parametrize(("name", "values"), [("rates", (0.05, 0.15, 0.19, 0.21)), ("fit_rates", (0.05, 0.5, 1))])
def test_the_values_that_the_text_names_are_places_on_their_slider(name, values):
    code = "\n".join(cell.source for cell in BOOKS["01_intuition"].cells if cell.cell_type == "code")
    (made,) = re.findall(rf"^{name} = (.+)$", code, flags=re.M)
    assert set(values) <= set(eval(made, vars(live).copy()).numbers)
