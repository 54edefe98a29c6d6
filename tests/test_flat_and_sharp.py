"""Lesson 6: trials that differ in nothing but their settings, and pictures that stand where theory puts them."""

import numpy as np
import pytest
from scenes import moved, panel, ready

from gd_helpers import data, losses
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
    np.testing.assert_allclose(moved(scene, "what it computes: u v x"), [[[-1, -1], [1, 1]]])
    (across,) = moved(scene, "the loss across")  # a parabola at the bottom, as sharp as that
    assert across[41, 1] == pytest.approx(4.25 * across[41, 0] ** 2 / 2, rel=0.1)
