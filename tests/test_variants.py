"""Lesson 3: training in pieces, each picture against what it is to show, quick hands, and what is called a shuffle."""

import asyncio
import math
import re

import numpy as np
import pytest
from matplotlib.lines import Line2D
from test_repository import BOOKS

from gd_helpers import data, losses
from gd_helpers.descent import descend, descend_in_pieces, minibatches
from gd_helpers.exercises.exercise import find_exercise
from gd_helpers.exercises.judging import judge
from gd_helpers.exercises.variants import batch_sizes, riddle_runs
from gd_helpers.figures import variants as figures
from gd_helpers.live import live, log_slider, powers_of_two, svg

IMAGES = data.digits()
NETWORK = losses.SoftmaxNetwork(IMAGES.train_X, IMAGES.train_y)
PENGUINS = data.penguins()
LINE = losses.LinearRegression(losses.with_intercept(data.standardise(PENGUINS.flipper_mm)), PENGUINS.mass_kg)
xy = Line2D.get_xydata
ALONE = np.array([LINE.gradient(np.zeros(2), [i]) for i in range(342)])  # the gradient of each penguin


def training(batch_size, learning_rate, epochs=5, piece=100):
    updates, start = math.ceil(1500 / batch_size), NETWORK.initial(np.random.default_rng(0))
    settings = {"learning_rate": learning_rate, "steps": epochs * updates, "record_every": math.ceil(updates / 2)}
    batches = minibatches(1500, batch_size, np.random.default_rng(1))
    return descend_in_pieces(NETWORK, start, batches=batches, piece=piece, **settings)


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


@pytest.mark.parametrize(("rate", "piece"), [(0.1, 7), (lambda t: 0.3 / (1 + t), 400), (1e9, 7)])
def test_pieces_are_the_whole_and_diverge_where_it_does(rate, piece):
    *_, whole = training(100, rate, epochs=1, piece=None)
    *_, pieces = training(100, rate, epochs=1, piece=piece)
    assert (whole.diverged_at is None) == (rate != 1e9)
    for name in "path", "losses", "steps", "diverged_at":
        np.testing.assert_array_equal(getattr(pieces, name), getattr(whole, name))


@pytest.mark.parametrize("with_replacement", [True, False])
@pytest.mark.parametrize("batch_size", [1, 16, 256])
def test_the_noise_is_what_theory_says(batch_size, with_replacement):
    scene, rng = ready(figures.NoiseScene(ALONE)), np.random.default_rng(2)
    batches = [next(minibatches(342, batch_size, rng, replace=with_replacement)) for _ in range(4000)]
    gradients = np.array([LINE.gradient(np.zeros(2), batch) for batch in batches])
    error = np.sqrt(((gradients - LINE.gradient(np.zeros(2))) ** 2).sum(axis=1).mean())
    assert scene.show(gradients, batch_size, with_replacement) == pytest.approx(error)
    theory = drawn(scene, "RMS error")[0 if with_replacement else 1]
    assert not theory.get_visible()  # until it is asked for
    assert xy(theory)[batch_size - 1] == pytest.approx([batch_size, error], rel=0.05)
    scene.show(gradients, batch_size, with_replacement, theory=True)
    assert theory.get_visible()


def test_the_noise_leaves_a_dot_for_each_size_and_its_theory_is_the_closed_form():
    scene, single = ready(figures.NoiseScene(ALONE)), np.linalg.norm(ALONE.std(axis=0))
    for batch_size in (4, 16, 4):
        scene.show(ALONE, batch_size, False)
    with_replacement, without, seen, _ = drawn(scene, "RMS error")
    assert xy(with_replacement)[[0, 3, 99], 1] == pytest.approx([single, single / 2, single / 10])
    assert xy(without)[99, 1] == pytest.approx(single / 10 * math.sqrt(242 / 341))
    assert xy(seen) == pytest.approx(np.array([[4, single], [16, single]]))


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
    scene, run = ready(figures.DigitsScene(NETWORK, IMAGES)), list(training(16, 0.3))[-1]
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
    assert "worse than guessing" in scene.show(list(training(64, 3.0))[-1], 24)


def test_the_riddle_is_read_as_its_solution_says():
    jumps = [np.diff(run.losses).max() for run in riddle_runs(LINE, 0.2, 200)]
    assert [list(batch_sizes().values())[i] for i in np.argsort(jumps)] == [342, 16, 1]
    scene, runs = ready(figures.RiddleScene(200)), riddle_runs(LINE, 0.2, 200)
    scene.show(runs)
    for name, run in zip("ABC", runs, strict=True):
        np.testing.assert_array_equal(xy(*drawn(scene, name)).T, [run.steps, run.losses])


def test_quick_moves_drop_what_they_began_and_end_on_the_last_setting():
    scene, words = figures.DigitsScene(NETWORK, IMAGES), []

    @live(scene, batch_size=powers_of_two(1500, 64))
    def read_digits(batch_size):
        for run in training(batch_size, 0.3):
            words.append(scene.show(run, math.ceil(1500 / batch_size)))
            yield words[-1]

    size = read_digits.controls["batch_size"]

    async def hand():
        for value in [2, 4, 8, 16, 32] * 9 + [1]:
            size.value = value
            await asyncio.sleep(0)  # some of the training begins
        while not read_digits.verdict.startswith("Epoch 1,"):
            await asyncio.sleep(0.001)  # a small batch is seen on its way
        words.clear()
        size.value = 256
        await read_digits.task

    asyncio.run(hand())
    assert [told.split(":")[0] for told in words] == ["Epoch 5, step 30"]  # nothing of the others came after it


def test_values_that_the_lesson_names_are_places_on_its_sliders():
    for function, number in (("descend_on_few", 0.6), ("settle_down", 0.02)):
        (cell,) = [cell.source for cell in BOOKS["03_variants"].cells if f"def {function}(" in cell.source]
        (made,) = re.findall(r"log_slider\(.*?\)", cell)
        assert number in eval(made, {"log_slider": log_slider}).numbers, function


ORDERS = {  # for exercise 3.1
    "rolled": lambda n, rng: np.roll(np.arange(n)[:: rng.choice([-1, 1])], rng.integers(n)),
    "halves": lambda n, rng: np.concatenate([rng.permutation(n // 2), n // 2 + rng.permutation(n - n // 2)]),
    "decimal": lambda n, rng: rng.permutation(n) / 1,
    "right: sorted by chance": lambda n, rng: np.argsort(rng.random(n)),
}


@pytest.mark.parametrize("name", ORDERS)
def test_only_a_shuffle_is_called_one(name):
    def answer(n, batch_size, rng):
        return np.split(ORDERS[name](n, rng), range(batch_size, n, batch_size))

    assert judge(find_exercise("3.1"), answer).status == ("right" if name.startswith("right") else "not yet")
