"""Lesson 3: each picture against what it is to show."""

import math

import numpy as np
import pytest
from scenes import moved, panel, ready, still

from gd_helpers import data, losses
from gd_helpers.descent import descend, minibatches
from gd_helpers.exercises.variants import batch_sizes, riddle_runs
from gd_helpers.figures import variants as figures

IMAGES = data.digits()
NETWORK = losses.SoftmaxNetwork(IMAGES.train_X, IMAGES.train_y)
PENGUINS = data.penguins()
LINE = losses.LinearRegression(losses.with_intercept(data.standardise(PENGUINS.flipper_mm)), PENGUINS.mass_kg)


def test_the_noise_leaves_a_dot_for_each_size_and_its_theory_is_the_closed_form():
    alone = np.array([LINE.gradient(np.zeros(2), [i]) for i in range(342)])  # the gradient of each penguin
    scene, single = ready(figures.NoiseScene(alone)), np.linalg.norm(alone.std(axis=0))
    for batch_size in (4, 16, 4):
        assert scene.show(alone, batch_size, False, False) == f"RMS error of the gradient: {single:.3f}."
    assert "no error" in scene.show(alone[:1], 342, False, False)
    with_replacement, without, discs, seen, _ = moved(scene, "RMS error of the gradient")
    assert with_replacement[[0, 3, 99], 1] == pytest.approx([single, single / 2, single / 10])
    assert without[99, 1] == pytest.approx(single / 10 * math.sqrt(242 / 341))
    assert seen == pytest.approx(np.array([[4, single], [16, single]]))
    assert len(discs) == 0  # nothing was drawn with replacement
    for theory in (False, True):
        scene.show(alone, 4, False, theory)
        assert panel(scene, "RMS error of the gradient").lines[0].get_visible() == theory


def test_a_full_batch_comes_straight_down_to_the_star():
    scene = ready(figures.WobbleScene(LINE, 300))
    assert scene.show(descend(LINE, [0, 0], learning_rate=0.1, steps=300)).endswith("less than 1e-9 after 300 steps.")
    (star,), (above,) = still(scene), moved(scene, "loss above that of the best line")
    assert moved(scene)[2] == pytest.approx(star)
    assert star[0] == pytest.approx(np.polyfit(LINE.X[:, 0], LINE.y, 1))
    assert above[:40, 1] == pytest.approx(above[0, 1] * (1 - 0.1 * 2) ** (2 * np.arange(40)))
    assert scene.show(descend(LINE, [0, 0], learning_rate=1.1, steps=300)).startswith("Diverged: by step")


def test_the_three_budgets_count_what_they_say():
    runs = {size: descend(LINE, [0.0, 0.0], learning_rate=0.01, steps=200, record_every=5) for size in (1, 100, 342)}
    scene = figures.BudgetScene(runs, 342)
    ends = {"updates": (200, 200, 200), "epochs": (200 / 342, 50, 200), "gradient evaluations": (200, 17100, 68400)}
    for budget, spent in ends.items():  # 100 samples a batch: four updates an epoch, the last of them short
        reached = scene.show(budget)
        *curves, edges = moved(ready(scene))
        assert [line[-1, 0] for line in curves] == pytest.approx(spent)
        (low, *_, high), (x, losses) = edges[:, 0], curves[1].T
        assert reached[100] == pytest.approx(losses[(low <= x) & (x <= high)].mean())
        assert np.isnan(reached[1]) == (budget != "updates")  # 200 updates are less than five epochs


def test_the_row_shows_the_digits_that_are_read_wrongly():
    scene, start = ready(figures.DigitsScene(NETWORK, IMAGES)), NETWORK.initial(np.random.default_rng(0))
    batches = minibatches(1500, 16, np.random.default_rng(1))
    run = descend(NETWORK, start, learning_rate=0.3, steps=470, batches=batches, record_every=47)
    answers = NETWORK.predict(run.end, IMAGES.test_X)
    wrong = np.flatnonzero(answers != IMAGES.test_y)
    scene.show(run, 94)
    drawn = panel(scene, "the first test digits that it gets wrong: what they are, and as what it reads them")
    row = drawn.images[0].get_array()
    for k, i in enumerate(wrong):
        np.testing.assert_array_equal(row[:, 9 * k : 9 * k + 8], IMAGES.test_X[i].reshape(8, 8))
        assert drawn.texts[k].get_text() == f"{IMAGES.test_y[i]} as {answers[i]}"
    assert row.mask[:, 9 * len(wrong) :].all()
    (loss,), (right,) = moved(scene), moved(scene, "test accuracy")
    assert loss[-1] == pytest.approx([5, NETWORK.value(run.end)])
    assert right[-1] == pytest.approx([5, 1 - len(wrong) / 297])
    assert still(scene)[0][0, 1] == pytest.approx(NETWORK.value(np.zeros(NETWORK.d)))  # guessing
    assert "worse than guessing" in scene.show(descend(NETWORK, start, learning_rate=1000, steps=1), 24)


def test_the_riddle_is_read_as_its_solution_says():
    jumps = [np.diff(run.losses).max() for run in riddle_runs(LINE, 0.2, 200)]
    assert [list(batch_sizes().values())[i] for i in np.argsort(jumps)] == [342, 16, 1]
