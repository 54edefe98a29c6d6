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
    *hidden, discs, seen, _ = moved(scene, "RMS error of the gradient")
    assert seen == pytest.approx(np.array([[4, single], [16, single]]))
    assert [len(line) for line in (*hidden, discs)] == [0, 0, 0]  # no theory, and nothing was drawn with replacement
    scene.show(alone, 4, False, True)
    with_replacement, without, *_ = moved(scene, "RMS error of the gradient")
    assert with_replacement[[0, 3, 99], 1] == pytest.approx([single, single / 2, single / 10])
    assert without[99, 1] == pytest.approx(single / 10 * math.sqrt(242 / 341))
    assert moved(scene)[1][:, 0] == pytest.approx(alone.mean(axis=0)[0] + single * np.array([-1, 0, 1]))  # as a length


def test_a_full_batch_comes_straight_down_to_the_star():
    scene = ready(figures.WobbleScene(LINE, 300))
    assert scene.show(descend(LINE, [0, 0], learning_rate=0.1, steps=300)).endswith("less than 1e-9 after 300 steps.")
    (star,), (above, _) = still(scene), moved(scene, "loss above that of the best line")
    road, _, _, ball, _ = moved(scene)
    assert np.concatenate([road, ball]) == pytest.approx(np.stack([[0, 0], star[0], star[0]]))
    assert star[0] == pytest.approx(np.polyfit(LINE.X[:, 0], LINE.y, 1))
    assert above[:40, 1] == pytest.approx(above[0, 1] * (1 - 0.1 * 2) ** (2 * np.arange(40)))
    assert scene.show(descend(LINE, [0, 0], learning_rate=1.1, steps=300)).startswith("Diverged: by step")


def test_the_three_budgets_count_what_they_say():
    runs = {size: descend(LINE, [0.0, 0.0], learning_rate=0.01, steps=200, record_every=5) for size in (1, 100, 342)}
    scene = ready(figures.BudgetScene(runs, 342))
    ends = {"updates": (200, 200, 200), "epochs": (200 / 342, 50, 200), "gradient evaluations": (200, 17100, 68400)}
    for budget, spent in ends.items():  # 100 samples a batch: four updates an epoch, the last of them short
        reached, curves, shares = scene.show(budget), moved(scene), np.divide(spent, scene.marks[budget])
        assert [line[-1, 0] for line in curves] == pytest.approx(np.minimum(shares, 1))
        assert np.stack([line[0] for line in curves]) == pytest.approx(np.tile([0, LINE.value(np.zeros(2))], (3, 1)))
        near = runs[100].losses[np.abs(np.linspace(0, shares[1], 41) - 1) < 0.1 + 1e-6].mean()
        assert [reached[100], curves[1][-1, 1]] == pytest.approx([near, near])
        assert np.isnan(reached[1]) == (budget != "updates")  # 200 updates are less than five epochs


def test_each_card_shows_a_digit_what_it_is_read_as_and_whether_that_is_wrong():
    scene, start = ready(figures.DigitsScene(NETWORK, IMAGES)), NETWORK.initial(np.random.default_rng(0))
    batches = minibatches(1500, 16, np.random.default_rng(1))
    run = descend(NETWORK, start, learning_rate=0.3, steps=470, batches=batches, record_every=47)
    answers = NETWORK.predict(run.end, IMAGES.test_X)
    scene.show(run, 94)
    cards = panel(scene, "what it reads: digits on which it never trains")
    ink, wrong = (image.get_array() for image in cards.images)
    for k, i in enumerate([*(IMAGES.test_y.tolist().index(digit) for digit in range(10)), *scene.HARD]):
        top, left = 15 * (k // 5) + 1, 11 * (k % 5) + 1
        np.testing.assert_array_equal(ink[top : top + 8, left : left + 8], IMAGES.test_X[i].reshape(8, 8))
        words = "\u2713" if wrong.mask[top - 1, left - 1] else f"not {IMAGES.test_y[i]} \u2717"
        assert cards.texts[k + 1].get_text() == f"{answers[i]}{' ' if answers[i] == IMAGES.test_y[i] else ', '}{words}"
    (loss,), (right,) = moved(scene, "training loss"), moved(scene, "test accuracy")
    assert loss[-1] == pytest.approx([5, NETWORK.value(run.end)])
    assert right[-1] == pytest.approx([5, (answers == IMAGES.test_y).mean()])
    assert panel(scene, "test accuracy").texts[0].get_text() == f"reads {297 * right[-1, 1]:.0f} of 297"
    assert still(scene, "training loss")[0][0, 1] == pytest.approx(NETWORK.value(np.zeros(NETWORK.d)))  # guessing
    assert "worse than guessing" in scene.show(descend(NETWORK, start, learning_rate=1000, steps=1), 24)


def test_the_riddle_is_read_as_its_solution_says():
    jumps = [np.diff(run.losses).max() for run in riddle_runs(LINE, 0.2, 200)]
    assert [list(batch_sizes().values())[i] for i in np.argsort(jumps)] == [342, 16, 1]
