"""Lesson 3: each picture against what it is to show, and what is called a shuffle."""

import math

import numpy as np
import pytest
from matplotlib.lines import Line2D

from gd_helpers import data, losses
from gd_helpers.descent import descend, minibatches
from gd_helpers.exercises.exercise import find_exercise
from gd_helpers.exercises.judging import judge
from gd_helpers.exercises.variants import batch_sizes, riddle_runs
from gd_helpers.figures import variants as figures
from gd_helpers.live import svg

IMAGES = data.digits()
NETWORK = losses.SoftmaxNetwork(IMAGES.train_X, IMAGES.train_y)
PENGUINS = data.penguins()
LINE = losses.LinearRegression(losses.with_intercept(data.standardise(PENGUINS.flipper_mm)), PENGUINS.mass_kg)
xy = Line2D.get_xydata


def training(batch_size, learning_rate, epochs):
    updates, start = math.ceil(1500 / batch_size), NETWORK.initial(np.random.default_rng(0))
    settings = {"learning_rate": learning_rate, "steps": epochs * updates, "record_every": math.ceil(updates / 2)}
    return descend(NETWORK, start, batches=minibatches(1500, batch_size, np.random.default_rng(1)), **settings)


def ready(scene):
    scene.figure.draw_without_rendering()
    scene.figure.stale = False
    return scene


def drawn(scene, title):
    """What moves in the panel of that title: lines in the order in which they were made, then texts."""
    assert not scene.figure.stale, "the background would be drawn anew at each move: slow, and free to jump"
    moving = svg.moving(scene.figure)
    scene.figure.stale = False  # looking for them makes ticks
    return [artist for artist in moving if title in artist.axes.get_title()]


def test_the_noise_leaves_a_dot_for_each_size_and_its_theory_is_the_closed_form():
    alone = np.array([LINE.gradient(np.zeros(2), [i]) for i in range(342)])  # the gradient of each penguin
    scene, single = ready(figures.NoiseScene(alone)), np.linalg.norm(alone.std(axis=0))
    for batch_size in (4, 16, 4):
        assert scene.show(alone, batch_size, False) == pytest.approx(single)
    with_replacement, without, seen, _ = drawn(scene, "RMS error")
    assert xy(with_replacement)[[0, 3, 99], 1] == pytest.approx([single, single / 2, single / 10])
    assert xy(without)[99, 1] == pytest.approx(single / 10 * math.sqrt(242 / 341))
    assert xy(seen) == pytest.approx(np.array([[4, single], [16, single]]))
    assert not with_replacement.get_visible()  # until it is asked for
    scene.show(alone, 4, False, theory=True)
    assert with_replacement.get_visible()


def test_a_full_batch_comes_straight_down_to_the_star():
    scene = ready(figures.WobbleScene(LINE, 300))
    assert scene.show(descend(LINE, [0, 0], learning_rate=0.1, steps=300)).endswith("less than 1e-9 after 300 steps.")
    *_, ball = drawn(scene, "the path")
    assert xy(ball)[0] == pytest.approx(np.polyfit(LINE.X[:, 0], LINE.y, 1))
    (star,) = [xy(line)[0] for line in scene.target.lines if line.get_marker() == "*"]
    assert star == pytest.approx(xy(ball)[0])
    (above,) = drawn(scene, "loss above")
    assert xy(above)[:40, 1] == pytest.approx(xy(above)[0, 1] * (1 - 0.1 * 2) ** (2 * np.arange(40)))
    assert scene.show(descend(LINE, [0, 0], learning_rate=1.1, steps=300)).startswith("Diverged: by step")


def test_the_floor_lies_one_deviation_from_the_best_and_the_band_two():
    scene, guess = ready(figures.FloorScene(4.0, (2, 6), 100)), losses.LinearRegression(np.ones((2, 1)), [3.0, 5.0])
    runs = [descend(guess, [at], learning_rate=0.0, steps=100) for at in (5.0, 4.25)]
    assert scene.show(*runs, 0.1) == pytest.approx([1.0, 0.25])
    *guesses, band = drawn(scene, "the guess")
    assert [xy(line)[-1, 1] for line in guesses] == [5.0, 4.25]
    assert xy(band)[[0, 1, 3, 4], 1] == pytest.approx([4.2, 4.2, 3.8, 3.8])
    assert [xy(line)[:, 1].tolist() for line in drawn(scene, "RMS")] == [[1, 1], [0.25, 0.25], [0.1, 0.1]]


def test_the_line_of_the_largest_stable_rate_stands_where_the_scaled_rate_reaches_it():
    scene = ready(figures.LinearScalingScene([1, 16, 256], limit=0.5))
    scene.show([1, 2, 3], [4, 5, 6], rate_per_sample=0.01)
    same, scaled, edge, _ = drawn(scene, "loss above")
    assert [xy(same)[:, 1].tolist(), xy(scaled)[:, 1].tolist()] == [[1, 2, 3], [4, 5, 6]]
    assert xy(edge)[:, 0] == pytest.approx([50, 50])
    assert edge.get_visible()
    scene.show([1, 2, 3], [4, 5, 6], rate_per_sample=0.001)
    assert not edge.get_visible()


def test_the_three_budgets_count_what_they_say():
    runs = {size: descend(LINE, [0.0, 0.0], learning_rate=0.01, steps=200, record_every=5) for size in (1, 100, 342)}
    scene = figures.BudgetScene(runs, 342)
    ends = {"updates": (200, 200, 200), "epochs": (200 / 342, 50, 200), "gradient evaluations": (200, 17100, 68400)}
    for budget, spent in ends.items():  # 100 samples a batch: four updates an epoch, the last of them short
        reached = scene.show(budget)
        *curves, mark = drawn(ready(scene), "three runs")
        assert [xy(line)[-1, 0] for line in curves] == pytest.approx(spent)
        assert reached[100] == pytest.approx(np.interp(xy(mark)[0, 0], *xy(curves[1]).T))
        assert np.isnan(reached[1]) == (budget != "updates")  # 200 updates are less than five epochs


def test_the_clock_stands_at_its_milliseconds():
    scene = ready(figures.ClockScene(342))
    scene.show(16, 0.002)
    scene.show(1, 0.03)
    times, here, _ = drawn(scene, "time for one epoch")
    assert (xy(times).tolist(), xy(here).tolist()) == ([[1, 30], [16, 2]], [[1, 30]])


def test_the_row_shows_the_digits_that_are_read_wrongly():
    scene, run = ready(figures.DigitsScene(NETWORK, IMAGES)), training(16, 0.3, 5)
    answers = NETWORK.predict(run.end, IMAGES.test_X)
    wrong = np.flatnonzero(answers != IMAGES.test_y)
    assert f"{297 - len(wrong)} of 297 test digits" in scene.show(run, 94)
    row, *names = drawn(scene, "it gets wrong")
    for k, i in enumerate(wrong):
        np.testing.assert_array_equal(row.get_array()[:, 9 * k : 9 * k + 8], IMAGES.test_X[i].reshape(8, 8))
        assert names[k].get_text() == f"{IMAGES.test_y[i]} as {answers[i]}"
    assert row.get_array().mask[:, 9 * len(wrong) :].all()
    (loss,) = drawn(scene, "loss on")
    assert xy(loss)[-1] == pytest.approx([5, NETWORK.value(run.end)])
    (guessing,) = [line for line in loss.axes.lines if not line.get_animated()]
    assert guessing.get_ydata()[0] == pytest.approx(NETWORK.value(np.zeros(NETWORK.d)))
    assert xy(drawn(scene, "share")[0])[-1] == pytest.approx([5, 1 - len(wrong) / 297])
    assert "worse than guessing" in scene.show(training(64, 3.0, 5), 24)


def test_the_riddle_is_read_as_its_solution_says():
    jumps = [np.diff(run.losses).max() for run in riddle_runs(LINE, 0.2, 200)]
    assert [list(batch_sizes().values())[i] for i in np.argsort(jumps)] == [342, 16, 1]
    scene, runs = ready(figures.RiddleScene(200)), riddle_runs(LINE, 0.2, 200)
    scene.show(runs)
    for name, run in zip("ABC", runs, strict=True):
        np.testing.assert_array_equal(xy(*drawn(scene, name)).T, [run.steps, run.losses])


@pytest.mark.parametrize(
    "order",
    [
        lambda n, rng: np.roll(np.arange(n)[:: rng.choice([-1, 1])], rng.integers(n)),
        lambda n, rng: np.concatenate([rng.permutation(n // 2), n // 2 + rng.permutation(n - n // 2)]),
    ],
    ids=["begun anywhere, either way round", "each half by itself"],
)
def test_what_leaves_neighbours_together_is_no_shuffle(order):
    def answer(n, batch_size, rng):
        return np.split(order(n, rng), range(batch_size, n, batch_size))

    assert judge(find_exercise("3.1"), answer).status == "not yet"
