"""Lesson 2's scenes draw what is so, and its words for a learning rate are true."""

import numpy as np
import pytest
from scenes import moved, panel, ready, still

from gd_helpers.descent import descend
from gd_helpers.figures import learning_rate as figures
from gd_helpers.landscapes import bowl, product
from gd_helpers.live.verdicts import regime

PAIRS = figures.rate_grid((0, 1.2), (0, 1.2), 101)
WHOLE = descend(product, [2.0, -1.0], learning_rate=PAIRS, steps=200)


def border(u):
    return (4 - u) / (4 + 3 * u)


def test_the_rulers_stand_where_the_regimes_change_and_each_picture_shows_its_descent():
    assert regime(0.1, 10).endswith(": one step lands at the bottom. A step leaves none of the distance.")
    assert ": it bounces for ever. A step leaves all of the distance" in regime(0.2, 10)
    title = "too long a step ends higher up on the other side"
    scene = ready(figures.RegimesScene(bowl(10, extent=((-2.0, 2.0),)), curvature=10, rates=(0.01, 0.3)))
    run = descend(bowl(10), [1.6], learning_rate=0.24, steps=40)
    scene.show(run, 0.18)
    assert [name.get_visible() for name in panel(scene, "learning rate").texts] == [True, True, False]
    zones = [(0.01, 0.1), (0.1, 0.2), (0.2, 0.3), (0.18, 0.3), (0.18,)]  # what is not yet found lies over them
    assert [tuple(line[:, 0]) for line in still(scene, "learning rate") + moved(scene, "learning rate")] == zones
    zoom = np.abs(run.path).max() * 1.06 / 2  # all is in sight, in the same bowl, which has other numbers under it
    (path, *_), numbers = moved(scene, title), panel(scene, title).texts[:4]
    np.testing.assert_allclose(path * [zoom, zoom**2], np.column_stack([run.path, run.losses]))
    said = [float(text.get_text().replace(",", "").replace("\u2212", "-")) for text in numbers]
    np.testing.assert_allclose(said, [zoom * text.get_position()[0] for text in numbers])

    scene, valley = ready(figures.EllipseScene(steps=9)), bowl(1, 25)
    scene.show(descend(valley, [1.0, 1.0], learning_rate=0.06, steps=9), 25, 0.06)
    rings = np.reshape(moved(scene)[:3], (6, -1, 2))[:, :-1]
    np.testing.assert_allclose(np.ptp(valley.value(rings), axis=1), 0, atol=1e-9)  # each of equal loss
    along, mark = moved(scene, "what a step leaves of the distance")
    np.testing.assert_allclose(along, [(0, 1), (2.4, 1 - 2.4 / 25), (2.4, 1 - 2.4 / 25)])
    np.testing.assert_allclose(mark, [(1.5, -1), (1.5, 1 - 0.06), (1.5, 0.06 * 25 - 1)])  # along, and across

    runs, curvatures = [descend(bowl(h), [1.0], learning_rate=0.1, steps=9) for h in (1, 15)], {"flat": 1, "steep": 15}
    scene = ready(figures.SideBySideScene(curvatures, 9, rates=(0.01, 3), losses=(1e-3, 10), best=0.2))
    scene.show(runs, 0.1)
    edges = np.array([(0.01, 1), (1, 2), (2, 3), (0.01, 1 / 15), (1 / 15, 2 / 15), (2 / 15, 3)])
    np.testing.assert_allclose([line[:, 0] for line in still(scene, "learning rate")], edges)
    assert moved(scene, "learning rate")[0].tolist() == [[0.1, 0], [0.1, 1]]
    np.testing.assert_allclose([moved(scene, name)[0][:, 1] for name in curvatures], [run.losses for run in runs])
    assert {height for name in curvatures for height in still(scene, name)[0][:, 1]} == {0.2}


def test_the_minima_are_at_uv_1_the_line_at_2_over_the_rate_and_the_sharpness_is_that_of_the_path():
    scene, rate = ready(figures.ValleyScene(product, steps=30)), 0.25
    run = descend(product, [3.0, 0.1], learning_rate=rate, steps=30)
    scene.show(run, rate)
    solid = moved(scene)[0]
    np.testing.assert_allclose(np.concatenate([still(scene)[0], solid]).prod(axis=1), 1)
    assert (solid[[0, -1]] ** 2).sum(axis=1) == pytest.approx(2 / rate)
    limit, sharpness, _ = moved(scene, "sharpness")
    assert set(limit[:, 1]) == {2 / rate}
    np.testing.assert_allclose(sharpness[:, 1], np.linalg.eigvalsh(product.hessian(run.path))[:, -1])
    assert "nan" not in scene.show(descend(product, [4.0, 3.0], learning_rate=0.5, steps=30), 0.5)


def test_a_place_on_the_map_has_the_colour_of_what_its_rates_do():
    (image,) = figures.RateMapScene(WHOLE, 1.2, border).target.images
    assert (image.origin, *image.get_extent()) == ("lower", 0, 1.2, 0, 1.2)

    def red_green_blue(u, v):
        run = descend(product, [2.0, -1.0], learning_rate=[u, v], steps=200)
        return run, image.get_array()[int(v / 1.2 * 101), int(u / 1.2 * 101), :3]

    (below, blue), (above, yellow) = red_green_blue(1.0, 0.1), red_green_blue(0.1, 0.3)
    assert below.end[0] < 0 < above.end[0]
    assert (blue.argmax(), yellow.argmin()) == (2, 2)
    assert red_green_blue(0.1, 0.05)[1].sum() < yellow.sum()  # it arrives later
    (sooner, dark), (later, light) = red_green_blue(1.1, 1.1), red_green_blue(0.6, 0.62)
    assert sooner.diverged_at < later.diverged_at
    assert dark.sum() < light.sum()
    grey = np.array([figures.DARK, figures.BRIGHT])[:, ::-1] @ [0.299, 0.587, 0.114]  # exploded, u < 0, u > 0
    assert (np.diff(grey.T.ravel()) > 0).all()


def test_what_is_magnified_stays_on_the_map_and_the_formula_parts_what_explodes_from_the_rest_on_both():
    assert ((PAIRS[..., 1] > border(PAIRS[..., 0])) == (WHOLE.diverged_at >= 0)).all()
    scene = ready(figures.RateMapScene(WHOLE, 1.2, border))
    window = scene.window((1.2, 0.0), 4)
    np.testing.assert_allclose(window, [(0.9, 1.2), (0.0, 0.3)])
    scene.show(WHOLE, window)
    (line, box, *_), magnified = moved(scene), scene.targets[1].images[0]
    assert not line.size
    np.testing.assert_allclose([np.nanmin(box, axis=0), np.nanmax(box, axis=0)], np.transpose(window))
    np.testing.assert_allclose(scene.to_place(scene.targets[1], 0.5, 0.1), (1.05, 0.03))
    assert (magnified.get_extent(), scene.key_step) == ([0, 1, 0, 1], pytest.approx(1 / 4))
    np.testing.assert_array_equal(magnified.get_array(), figures.outcome_colours(WHOLE))
    scene.show(WHOLE, scene.window((0.6, 0.6), 2), formula=True)
    (u, v), (x, y) = moved(scene)[0].T, moved(scene, "the square, magnified")[0].T
    np.testing.assert_allclose(u + 4 * v + 3 * u * v, 4)
    np.testing.assert_allclose(border(0.3 + 0.6 * x), 0.3 + 0.6 * y)


def test_an_arrow_is_said_to_lie_along_the_change_of_slopes_in_the_valleys_own_directions_alone():
    askew, said = bowl(1, 10).turned(30), []
    scene = ready(figures.ArrowScene(askew))
    for degrees in (0, 30, 120):
        step = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
        said.append(scene.show(step, askew.gradient(step)).split("), ")[1])
        assert moved(scene)[0][1] == pytest.approx(step)
    assert said == ["50 degrees beside the step.", "along the step, times 1.00.", "along the step, times 10.00."]
