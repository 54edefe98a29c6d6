"""Lesson 6: trials that differ in nothing but their settings, and pictures that stand where theory puts them."""

import numpy as np
import pytest
from scenes import moved, panel, ready

from gd_helpers import data, landscapes, losses
from gd_helpers.curvature import sharpness
from gd_helpers.descent import descend
from gd_helpers.experiments import DigitsTrial, Ending
from gd_helpers.figures import flat_and_sharp as figures

IMAGES = data.digits()


def test_a_trial_has_its_own_digits_tests_on_the_others_and_has_as_many_wrong_labels_as_asked():
    trial, other, wrong = DigitsTrial(IMAGES, 1), DigitsTrial(IMAGES, 2), DigitsTrial(IMAGES, 1, wrong_labels=40)
    assert trial.network.X.shape == (200, 64)
    together, everything = [*trial.network.X, *trial.test_X], [*IMAGES.train_X, *IMAGES.test_X]
    assert sorted(map(tuple, together)) == sorted(map(tuple, everything))
    assert not np.array_equal(trial.network.X, other.network.X)
    assert not np.array_equal(trial.start, other.start)
    np.testing.assert_array_equal(trial.network.X, wrong.network.X)
    np.testing.assert_array_equal(trial.test_y, wrong.test_y)
    assert (trial.network.y != wrong.network.y).sum() == 40


def test_two_trainings_of_one_trial_see_the_same_batches():
    trial = DigitsTrial(IMAGES, 0)
    plain, again = trial.train(20, 0.1, 3), trial.train(20, 0.1, 3, rho=0.0)
    np.testing.assert_array_equal(plain.path, again.path)
    assert plain.steps.tolist() == [0, 10, 20, 30]  # a point an epoch
    full = trial.train(200, 0.5, 4)
    by_hand = descend(trial.network, trial.start, learning_rate=0.5, steps=4)
    np.testing.assert_array_equal(full.path, by_hand.path)


def test_until_stops_at_the_first_point_at_the_level_or_says_that_there_is_none():
    trial = DigitsTrial(IMAGES, 0)
    run = trial.until(0.5, 20, 0.5)
    *_, whole = trial.training(20, 0.5, epochs=20, points=10)
    ends = [0, int((whole.losses <= 0.5).argmax())]
    assert ends[1] > 1
    for part in ("steps", "path", "losses"):
        np.testing.assert_array_equal(getattr(run, part), getattr(whole, part)[ends])
    assert trial.until(0.5, 20, 0.5, epochs=1) is None


def test_runs_are_drawn_where_they_are_and_the_share_is_counted_beyond_the_pass():
    scene = ready(figures.EscapeScene(landscapes.flat_and_sharp, landscapes.PASS, steps=10))
    starts = np.array([[-1.0], [-1.0], [-0.7], [1.0]])
    assert scene.show(descend(landscapes.flat_and_sharp, starts, learning_rate=0.01, steps=10)) == 0.25
    (runs,), (share,) = moved(scene), moved(scene, "share of the runs in the flat well")
    assert share[[0, -1]].tolist() == [[0, 0.25], [10, 0.25]]
    assert runs[runs[:, 1].argmax(), 0] == pytest.approx(-1, abs=0.1)  # where most of them are


def test_the_edge_is_drawn_at_two_over_the_rate():
    loss = losses.TanhNetwork(np.linspace(-1, 1, 5), np.ones(5), hidden=2)
    scene = ready(figures.EdgeScene(loss, steps=40))
    run = descend(loss, loss.initial(np.random.default_rng(0)), learning_rate=0.5, steps=40)
    sharp = scene.show(run, 0.5)
    measured, edge = moved(scene, "sharpness")
    assert edge[:, 1].tolist() == [4, 4]
    np.testing.assert_allclose(measured, np.transpose([run.steps[::10], sharp]))
    assert sharp[2] == pytest.approx(sharpness(loss, run.path[20]))


def test_a_training_is_marked_where_its_loss_first_comes_to_the_level():
    trial = DigitsTrial(IMAGES, 0)
    scene, run = figures.AgainstPlainScene(trial, trial.train(20, 0.5, 10), level=1.0), trial.train(20, 0.3, 10)
    epoch, read = ready(scene).show(run)
    assert run.losses[epoch] <= 1.0 < run.losses[epoch - 1]
    assert read == trial.accuracy(run.path[epoch])
    assert moved(scene)[1].tolist() == [[epoch, run.losses[epoch]]]
    assert scene.show(trial.train(20, 0.001, 10)) is None


def test_the_scatter_has_each_mean_with_its_error():
    group = {"one": [Ending(0.02, 0.5, 0.9), Ending(0.02, 0.6, 0.92)]}
    scene = ready(figures.ScatterScene(group, sharp=(0.1, 2), read=(0.8, 1)))
    assert "does not come down" in scene.show("a", None)
    (error,) = panel(scene).collections[0].get_segments()  # 0.9 and 0.92: 0.91, give or take 0.01
    assert error[:, 1].tolist() == pytest.approx([0.90, 0.92])


def test_rescaling_moves_the_point_and_not_the_function():
    scene = ready(figures.RescaleScene(losses.ProductLoss(), reach=4))
    assert scene.show(2.0, 0.5) == pytest.approx(4.25)
    assert moved(scene)[0].tolist() == [[2.0, 0.5]]
    (across,) = moved(scene, "the loss across")  # a parabola at the bottom, as sharp as that
    assert across[41, 1] == pytest.approx(4.25 * across[41, 0] ** 2 / 2, rel=0.1)
