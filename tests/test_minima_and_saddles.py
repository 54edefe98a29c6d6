"""Lesson 5 holds what it says: its theorems and counter-examples, what its pictures draw, and its exercises."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from scenes import moved, panel, ready, still

from gd_helpers import critical_points as critical
from gd_helpers import landscapes, losses
from gd_helpers.descent import descend
from gd_helpers.exercises.minima_and_saddles import just_enough_noise, noisy_descent
from gd_helpers.figures import minima_and_saddles as figures
from gd_helpers.rules import momentum, sgd
from gd_helpers.small_networks import LinearNetwork, Neuron, contradictions

SADDLE, HIMMELBLAU = landscapes.saddle, landscapes.himmelblau


def test_matching_undoes_the_order_and_signs_of_hidden_units_and_changes_nothing_else():
    rng = np.random.default_rng(0)
    network = losses.SoftmaxNetwork(rng.normal(size=(20, 4)), rng.integers(2, size=20), hidden=3, classes=2)
    w = rng.normal(size=network.d)
    W1, b1, W2, b2 = np.split(w, np.cumsum([4 * 3, 3, 3 * 2]))
    signs, order = np.array([1, -1, 1]), [2, 0, 1]
    parts = W1.reshape(4, 3)[:, order] * signs, b1[order] * signs, W2.reshape(3, 2)[order] * signs[:, None], b2
    moved = np.hstack([part.ravel() for part in parts])
    np.testing.assert_array_equal(network.matched(moved, to=w), w)
    for other, same in (moved, w), (network.matched(moved[::-1], to=w), moved[::-1]):
        assert network.value(other) == pytest.approx(network.value(same), rel=1e-12)


@pytest.mark.parametrize("hidden", [[1], [2], [3], [4], [2, 3], [3, 1]])
def test_a_linear_networks_levels_are_its_losses_where_some_directions_are_learned_and_the_others_not_at_all(hidden):
    targets = np.array([3.0, 2.0, 1.0])
    loss, values = LinearNetwork(np.eye(3), np.diag(targets), hidden), []
    for learned in itertools.chain(*(itertools.combinations(range(3), size) for size in range(min(3, *hidden) + 1))):
        first, last = np.zeros((3, hidden[0])), np.zeros((hidden[-1], 3))
        first[learned, range(len(learned))], last[range(len(learned)), learned] = 1, targets[[*learned]]
        between = [np.eye(*shape).ravel() for shape in itertools.pairwise(hidden)]
        w = np.concatenate([first.ravel(), *between, last.ravel()])
        np.testing.assert_array_equal(loss.gradient(w), 0)
        values.append(loss.value(w))
    np.testing.assert_allclose(loss.levels(), sorted(values, reverse=True), atol=1e-12)


def test_a_linear_network_that_has_room_comes_down_to_least_squares():
    rng = np.random.default_rng(4)
    loss = LinearNetwork(rng.normal(size=(40, 4)), rng.normal(size=(40, 3)), [3])
    _, rest, _, _ = np.linalg.lstsq(loss.X, loss.Y)
    assert loss.levels()[-1] == pytest.approx(rest.sum() / 40)


@pytest.mark.parametrize("place", [(-0.95, 0.05), (0.03, -0.02)])  # a minimum and a saddle
def test_arrows_point_in_along_upward_curvature_and_out_along_downward_and_each_cut_shows_the_ground(place):
    landscape, scene = landscapes.double_well, ready(figures.LevelGroundScene())
    assert scene.place(landscape, (0.5, 0.5)).tolist() == [0.5, 0.5]
    place = scene.place(landscape, place)
    scene.show(landscape, place, run := descend(landscape, place, learning_rate=0.1, steps=10))
    _, known, (low_a, a, _, low_b, b, _), path, end, up, down, here = moved(scene)
    for drawn, there in (known, landscape.minima), (path, run.path), (end, [run.end]), (here, [place]):
        np.testing.assert_array_equal(drawn, there)
    eigenvalues = np.linalg.eigvalsh(landscape.hessian(place))
    for letter, way, h in zip("AB", ((a - low_a) / 3, (b - low_b) / 3), eigenvalues, strict=True):
        tangent, (*_, (along, top)), bent_up, bent_down, _ = moved(scene, letter)
        assert top == landscape.value(place + along * way) - landscape.value(place)
        bent, none = (bent_up, bent_down) if h > 0 else (bent_down, bent_up)
        np.testing.assert_allclose((bent - tangent)[:, 1], h * bent[:, 0] ** 2 / 2, atol=1e-12)
        assert np.isnan(none[:, 1]).all()
        assert panel(scene, letter).texts[0].get_text().endswith(f" {h:.2f}".replace("-", "\u2212"))
        arrows = (up if h > 0 else down) - place
        along = np.abs(arrows @ way)[np.abs(arrows @ [-way[1], way[0]]) < 1e-9]
        assert np.isclose(along, along.min() if h > 0 else along.max()).sum() == 4  # two tips, passed twice
    assert np.isnan(down).all() == (eigenvalues[0] > 0)


def test_the_basin_map_has_each_minimums_colour_where_it_lies_and_only_there_where_a_rate_is_stable():
    scene = ready(figures.BasinScene(HIMMELBLAU))
    image = scene.target.images[-1]
    stable = 2 / np.linalg.eigvalsh(HIMMELBLAU.hessian(HIMMELBLAU.minima))[:, -1] > 0.018
    two, none = np.arange(4) < 2, np.full(4, False)  # at 0.022 some runs pass minimum 3 in the end
    for rate, settle in (0.01, np.full(4, True)), (0.018, stable), (0.022, two), (0.3, none):
        run = descend(HIMMELBLAU, scene.starts, learning_rate=rate, steps=160, record_every=160)
        shares = scene.show(run.end)
        assert (shares[:4] > 0.2).tolist() == settle.tolist()
        assert (shares[:4][~settle] < 0.001).all()
        for minimum, color in zip(HIMMELBLAU.minima[settle], np.array(scene.COLORS)[settle], strict=True):
            here = np.linalg.norm(scene.starts - minimum, axis=-1).argmin()
            np.testing.assert_allclose(image.get_array().reshape(-1, 3)[here] / 255, to_rgb(color), atol=0.01)
    assert shares[5] > 0.9  # diverged


def test_each_rules_mark_stands_where_it_left_the_saddle():
    scene = ready(figures.OffSaddleScene(SADDLE, ["plain", "momentum"], 100))
    rules = sgd(), momentum(0.9)
    paths = [descend(SADDLE, [1, 0.01], learning_rate=0.1, steps=100, rule=rule).path for rule in rules]
    assert scene.show(paths) == [43, 16]
    curves = moved(scene, "|y|, the distance from the ridge")
    for path, curve, mark, left in zip(paths, curves[1::3], curves[2::3], (43, 16), strict=True):
        np.testing.assert_array_equal(curve[:, 1], np.abs(path[: left + 40, 1]))
        assert mark.tolist() == [[left, abs(path[left, 1])]]


def test_the_field_and_the_trap_mark_minima_as_minima():
    found = critical.critical_points(HIMMELBLAU, np.random.default_rng(0).uniform(-5, 5, (300, 2)))
    scene = ready(figures.FieldScene())
    scene.show(found)
    others, minima = moved(scene)
    np.testing.assert_array_equal(minima[:, 0], found.values[:4])
    np.testing.assert_array_equal(others[:, 0], found.values[4:])
    np.testing.assert_allclose(np.concatenate([minima, others])[:, 1], 100 * found.curvature.index / 2, atol=3)
    trap = figures.BadMinimumScene(Neuron(*contradictions(2)), (-1.0, 3.0), steps=10)
    assert np.unique(trap.found.curvature.kind, return_counts=True)[1].tolist() == [1, 4, 4]  # maximum, minima, saddles
    assert [len(points) for points in still(trap)] == [4, 4, 1]
    bottoms = trap.found.values[trap.found.curvature.kind == "minimum"]
    assert [line[0, 1] for line in still(trap, "loss, step by step")] == bottoms[[0, 1, 3]].tolist()


def test_just_enough_noise_spreads_y_to_one_half_where_the_ridge_goes_on_for_ever():
    scale, rng = just_enough_noise(0.1, 60), np.random.default_rng(0)
    y = noisy_descent(lambda y: -y, np.zeros(20_000), 0.1, 60, scale, rng)
    assert y.std() == pytest.approx(0.5, rel=0.02)
