"""Lesson 6: trials that differ in nothing but their settings, and pictures that stand where theory puts them."""

import numpy as np
import pytest
from scenes import moved, panel, ready, still

from gd_helpers import data, landscapes
from gd_helpers.descent import Run, descend
from gd_helpers.experiments import DigitsTrials
from gd_helpers.figures import flat_and_sharp as figures

IMAGES = data.digits()


def test_a_trial_has_its_own_digits_tests_on_the_others_and_has_as_many_wrong_labels_as_asked():
    trials, wrong = DigitsTrials(IMAGES, [1, 2]), DigitsTrials(IMAGES, [1], wrong_labels=40)
    one, other = trials.networks
    assert one.X.shape == (200, 64)
    together, everything = [*one.X, *trials.tests[0][0]], [*IMAGES.train_X, *IMAGES.test_X]
    assert sorted(map(tuple, together)) == sorted(map(tuple, everything))
    assert not np.array_equal(one.X, other.X)
    assert not np.array_equal(*trials.start)
    np.testing.assert_array_equal(one.X, wrong.networks[0].X)
    np.testing.assert_array_equal(trials.tests[0][1], wrong.tests[0][1])
    assert (one.y != wrong.networks[0].y).sum() == 40


def test_trials_side_by_side_are_trained_as_each_alone_and_twice_in_the_same_batches():
    trials, alone = DigitsTrials(IMAGES, [3, 0]), DigitsTrials(IMAGES, [0])
    for size, rho in ((20, 0.0), (20, 0.3), (200, 0.0)):
        run = trials.train(size, 0.1, 3, rho=rho)
        np.testing.assert_allclose(run.path[:, 1], alone.train(size, 0.1, 3, rho=rho).path[:, 0], atol=1e-12)
        assert run.steps.tolist() == [k * 200 // size for k in range(4)]  # a point an epoch
        np.testing.assert_allclose(trials.measure(run.end).accuracy[1], alone.measure(run.end[1:]).accuracy[0])
    by_hand = descend(alone.networks[0], alone.start[0], learning_rate=0.1, steps=3)
    np.testing.assert_allclose(run.path[:, 1], by_hand.path, atol=1e-12)


def test_a_training_stops_at_the_level_on_the_way_of_the_step_that_first_comes_so_far_down():
    trials, levels = DigitsTrials(IMAGES, [0, 1]), np.array([1.0, 0.7])
    w, steps = trials.until(levels, 200, 0.5)
    np.testing.assert_allclose(trials.loss.value(w), levels, rtol=1e-3)
    path = trials.train(200, 0.5, int(steps.max())).path
    for k, step in enumerate(steps.astype(int)):
        losses = trials.networks[k].value(path[:, k])
        assert (losses <= levels[k]).argmax() == step
        assert np.linalg.norm(w[k] - path[step, k]) < np.linalg.norm(path[step - 1, k] - path[step, k])
    w, steps = trials.until(1e-9, 200, 0.5, epochs=3)
    assert np.isnan(w).all()
    assert np.isinf(steps).all()


def test_a_training_is_marked_on_its_curves_where_its_loss_first_comes_to_the_level():
    trials = DigitsTrials(IMAGES, [0, 1])
    scene = figures.AgainstPlainScene(trials, trials.train(20, 0.5, 10), level=1.0, epochs=12)
    run = trials.train(20, 0.3, 12)
    epoch, accuracy = ready(scene).show(run)
    losses = run.losses.mean(axis=1)
    assert losses[epoch] <= 1.0 < losses[epoch - 1]
    assert accuracy == trials.accuracy(run.path[epoch]).mean()
    assert moved(scene)[1].tolist() == [[epoch, losses[epoch]]]
    curve, mark = moved(scene, "test accuracy")
    assert mark.tolist()[0] in curve.tolist()
    assert scene.show(trials.train(20, 0.001, 10)) is None


def test_each_run_lies_on_the_ground_where_it_is_at_the_step_and_the_share_is_of_those_beyond_the_pass():
    run = Run(np.array([[[-1.0], [-0.65], [0.0], [1.0]], [[-1.0], [-1.0], [-0.7], [1.0]]]), None, np.arange(2), None)
    scene = ready(figures.TwoWellsScene(landscapes.flat_and_sharp, landscapes.PASS, 1))
    assert [scene.show(run, step) for step in (1, 0)] == [0.25, 0.5]
    (balls,) = moved(scene)
    assert sorted(balls[:, 0]) == [-1.0, -0.65, 0.0, 1.0]
    assert all(0 <= up < 1.2 for up in balls[:, 1] - landscapes.flat_and_sharp.value(balls[:, :1]))  # in its lane
    assert moved(scene, "share of the runs in the flat well")[0].tolist() == [[0, 0.5]]


def test_the_scatter_has_means_with_their_errors_trials_by_sharpness_and_what_a_correlation_of_minus_one_would_be():
    endings = {"a": np.array([[0, 0], [4, 1], [0.9, 0.92]]), "b": np.array([[0, 0], [1, 4], [0.8, 1.0]])}
    scene = figures.ScatterScene(endings, sharp=(0.1, 9), accuracy=(0.7, 1))
    (error,) = panel(scene).collections[0].get_segments()  # 0.9 and 0.92: 0.91, give or take 0.01
    assert error[:, 1].tolist() == pytest.approx([0.90, 0.92])
    *trials, falling = still(scene)[:3]
    assert np.array(trials).tolist() == [[[1, 0.8], [4, 0.9]], [[1, 0.92], [4, 1]]]
    np.testing.assert_allclose(falling, [[0.5, 0.905 + 0.0906], [8, 0.905 - 0.0906]], rtol=1e-3)  # two deviations away


def test_rescaling_moves_the_point_and_not_the_function():
    scene = ready(figures.RescaleScene(landscapes.product, reach=4))
    assert scene.show(2.0, 0.5) == pytest.approx(4.25)
    (low, high), point = moved(scene)
    assert [*point[0], *(high - low)] == pytest.approx([2, 0.5, 1 / 4.25**0.5, 4 / 4.25**0.5])  # across u v = 1
    np.testing.assert_allclose(moved(scene, "what it computes: u v x"), [[[-1, -1], [1, 1]]])
    (across,) = moved(scene, "the loss across")  # a parabola at the bottom, as sharp as that
    assert across[41, 1] == pytest.approx(4.25 * across[41, 0] ** 2 / 2, rel=0.1)
