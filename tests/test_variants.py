"""Lesson 3: its numbers against theory, its live figures moved from code, quick moves, and training in pieces."""

import asyncio
import gc
import math
import tracemalloc

import numpy as np
import pytest

from gd_helpers import data, losses
from gd_helpers.descent import descend, descend_in_pieces, minibatches
from gd_helpers.exercises.variants import HIDDEN, batch_sizes
from gd_helpers.figures import variants as figures
from gd_helpers.live import live, log_slider
from gd_helpers.live.controls import powers_of_two


@pytest.fixture(scope="module")
def images():
    return data.digits()


@pytest.fixture(scope="module")
def network(images):
    return losses.SoftmaxNetwork(images.train_X, images.train_y)


@pytest.fixture(scope="module")
def line():
    """The loss of a line through the penguins."""
    penguins = data.penguins()
    return losses.LinearRegression(losses.with_intercept(data.standardise(penguins.flipper_mm)), penguins.mass_kg)


@pytest.fixture(scope="module")
def guess():
    """The loss of a single guess for the mass of any penguin: a quadratic of curvature 2."""
    mass = data.penguins().mass_kg
    return losses.LinearRegression(np.ones((len(mass), 1)), mass)


def train(network, batch_size, learning_rate, epochs=5):
    """Train the digits network as the lesson does; returns the run, with its start and its end alone."""
    steps = epochs * math.ceil(1500 / batch_size)
    batches = minibatches(1500, batch_size, np.random.default_rng(1))
    start = network.initial(np.random.default_rng(0))
    return descend(network, start, learning_rate=learning_rate, steps=steps, batches=batches, record_every=steps)


# --- the digits ---------------------------------------------------------------------------------------------
def test_the_default_setting_reads_at_least_95_in_100_and_does_so_again_from_the_same_seed(network, images):
    one, two = train(network, 16, 0.3), train(network, 16, 0.3)
    assert network.accuracy(one.end, images.test_X, images.test_y) >= 0.95
    np.testing.assert_array_equal(one.end, two.end)
    assert one.loss == pytest.approx(0.106, abs=0.005)  # the reference run, whatever the machine
    assert train(network, 16, 0.3).steps[-1] == 470


def test_at_equal_gradient_evaluations_small_batches_are_a_plateau_and_the_full_batch_a_cliff(network):
    best = {size: min(float(train(network, size, rate).loss) for rate in (0.1, 0.3, 1.0)) for size in (4, 16, 1500)}
    assert best[4] == pytest.approx(best[16], rel=0.5)
    assert best[1500] > 10 * best[16]


@pytest.mark.parametrize(("batch_size", "piece"), [(16, 400), (100, 7), (1500, 1), (1500, 400)])
def test_training_in_pieces_is_training_in_one_go(network, batch_size, piece):
    steps, start = 2 * math.ceil(1500 / batch_size), network.initial(np.random.default_rng(0))

    def settings():
        batches = minibatches(1500, batch_size, np.random.default_rng(1))
        return {"learning_rate": lambda t: 0.3 / (1 + t), "steps": steps, "batches": batches, "record_every": 5}

    *_, pieces = descend_in_pieces(network, start, piece=piece, **settings())
    whole = descend(network, start, **settings())
    for name in "path", "losses", "steps", "diverged_at":
        np.testing.assert_array_equal(getattr(pieces, name), getattr(whole, name))


def test_pieces_see_divergence_where_the_whole_does_and_take_no_steps_too(guess):
    *_, run = descend_in_pieces(guess, [0.0], learning_rate=3.0, steps=40, batches=None, piece=7)
    assert run.diverged_at == descend(guess, [0.0], learning_rate=3.0, steps=40).diverged_at is not None
    (run,) = descend_in_pieces(guess, [0.0], learning_rate=0.1, steps=0, batches=None)
    assert run.path.tolist() == [[0.0]]


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("piece", 0, "piece must be a whole number, 1 or more, but got 0"),
        ("record_every", 1.5, "record_every must be a whole number, 1 or more, but got 1.5"),
        ("steps", -1, "steps must be a whole number, 0 or more, but got -1"),
        ("learning_rate", -0.1, "learning_rate"),
    ],
)
def test_pieces_that_make_no_sense(guess, argument, value, message):
    settings = {"learning_rate": 0.1, "steps": 3, "batches": None} | {argument: value}
    with pytest.raises(ValueError, match=message):
        list(descend_in_pieces(guess, [0.0], **settings))


# --- one line of code, three names ----------------------------------------------------------------------------
@pytest.mark.parametrize("batch_size", [342, 16, 1])
def test_batch_stochastic_and_mini_batch_steps_are_one_line_with_other_batches(line, batch_size):
    batches = minibatches(342, batch_size, np.random.default_rng(0))
    run = descend(line, [0.0, 0.0], learning_rate=0.05, steps=30, batches=batches)
    w, batches = np.zeros(2), minibatches(342, batch_size, np.random.default_rng(0))
    for _ in range(30):
        rows = next(batches)
        w = w - 0.05 * 2 / len(rows) * line.X[rows].T @ (line.X[rows] @ w - line.y[rows])
    np.testing.assert_allclose(run.end, w, rtol=1e-12)


# --- noise --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("with_replacement", [True, False])
@pytest.mark.parametrize("batch_size", [1, 4, 16, 64, 256])
def test_the_noise_of_a_gradient_is_what_theory_says(line, batch_size, with_replacement):
    """To 5 %, from 4,000 batches: their RMS error is itself known to about 1.5 %."""
    place, rng = np.zeros(2), np.random.default_rng(2)
    scene = figures.NoiseScene(np.array([line.gradient(place, [i]) for i in range(342)]))
    np.testing.assert_allclose(scene.true, line.gradient(place), rtol=1e-12)
    fresh = (minibatches(342, batch_size, rng, replace=with_replacement) for _ in range(4000))
    scene.show(np.array([line.gradient(place, next(batches)) for batches in fresh]), batch_size)
    assert scene.error == pytest.approx(scene.expected(batch_size, with_replacement), rel=0.05)


def test_the_noise_halves_when_the_batch_is_four_times_larger_and_a_batch_of_all_has_none(line):
    scene = figures.NoiseScene(np.array([line.gradient(np.zeros(2), [i]) for i in range(342)]))
    assert scene.expected(64, True) == pytest.approx(scene.expected(16, True) / 2)
    assert scene.expected(342, False) == 0
    assert scene.expected(100, False) == pytest.approx(scene.expected(100, True) * math.sqrt(242 / 341))


@pytest.mark.parametrize(("learning_rate", "batch_size"), [(0.25, 1), (0.5, 1), (0.25, 4), (0.75, 16)])
def test_the_stationary_variance_is_that_of_the_formula(guess, learning_rate, batch_size):
    """To 3 %: of 60,000 correlated points it is known to 1 % or better."""
    batches = minibatches(342, batch_size, np.random.default_rng(0), replace=True)
    run = descend(guess, [4.2], learning_rate=learning_rate, steps=60_000, batches=batches)
    s2, h = 4 * guess.y.var(), 2.0
    expected = learning_rate * s2 / (batch_size * h * (2 - learning_rate * h))
    assert run.path[100:].var() == pytest.approx(expected, rel=0.03)


def test_a_decaying_rate_sinks_through_the_floor_and_a_constant_one_does_not(guess):
    def distance(rate):
        batches = minibatches(342, 1, np.random.default_rng(0), replace=True)
        run = descend(guess, [2.7], learning_rate=rate, steps=8000, batches=batches)
        away = (run.path - guess.y.mean()) ** 2
        return np.sqrt(away[1000:2000].mean()), np.sqrt(away[-1000:].mean())

    early, late = distance(0.2)
    assert late == pytest.approx(early, rel=0.2)
    early, late = distance(lambda t: 0.2 / (1 + t / 50))
    assert late < 0.7 * early


@pytest.mark.parametrize("batch_size", [4, 16, 64])
def test_reshuffling_has_a_lower_floor_than_drawing_with_replacement(line, batch_size):
    best, floors = line.least_squares(), []
    for replace in (True, False):
        batches = minibatches(342, batch_size, np.random.default_rng(0), replace=replace)
        run = descend(line, best, learning_rate=0.02, steps=8000, batches=batches)
        floors.append((run.losses[1000:] - line.value(best)).mean())
    s2 = (np.array([line.gradient(best, [i]) for i in range(342)]) ** 2).sum(axis=1).mean()
    assert floors[0] == pytest.approx(0.02 * s2 / (batch_size * 2 * (2 - 0.04)), rel=0.2)
    assert floors[1] < 0.75 * floors[0]


def test_one_sample_at_a_time_explodes_at_rates_where_the_full_batch_converges(line):
    def run(batch_size):
        batches = minibatches(342, batch_size, np.random.default_rng(0))
        return descend(line, [0.0, 0.0], learning_rate=0.6, steps=300, batches=batches)

    assert run(342).loss == pytest.approx(line.value(line.least_squares()))
    assert run(1).diverged_at is not None


# --- linear scaling -----------------------------------------------------------------------------------------
def first_epoch(n, batch_size, seed=0, skip_short=False):
    """The loss after one epoch at rate 0.002 B on least squares with 20 inputs, and the lowest loss there is."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 20))
    fit = losses.LinearRegression(X, X @ rng.normal(size=20) + 0.5 * rng.normal(size=n))
    steps = n // batch_size if skip_short else math.ceil(n / batch_size)
    batches = minibatches(n, batch_size, np.random.default_rng(seed + 10))
    run = descend(fit, np.zeros(20), learning_rate=0.002 * batch_size, steps=steps, batches=batches)
    return float(run.loss), float(fit.value(fit.least_squares()))


@pytest.mark.parametrize("seed", range(3))
def test_linear_scaling_keeps_the_first_epoch_and_breaks(seed):
    """As in the plan: .2547, .2548, .2552 for 1, 4, 16, a little more at 64 and 256, and 1000 diverges."""
    loss = {size: first_epoch(2000, size, seed)[0] for size in (1, 4, 16, 64, 256, 1000)}
    assert loss[4] == pytest.approx(loss[1], rel=0.005)
    assert loss[16] == pytest.approx(loss[1], rel=0.005)
    assert loss[1] < loss[64] < 1.2 * loss[1]
    assert loss[1] < loss[256] < 1.2 * loss[1]
    assert loss[1000] > 100


def test_a_short_last_batch_at_the_full_rate_is_noise():
    above = {}
    for skip_short in (False, True):
        runs = [first_epoch(2000, 64, seed, skip_short) for seed in range(10)]
        above[skip_short] = np.mean([loss - lowest for loss, lowest in runs])
    assert above[False] > 1.5 * above[True]


# --- the figures --------------------------------------------------------------------------------------------
@pytest.fixture
def reader(network, images):
    """The lesson's first live figure."""
    scene = figures.DigitsScene(network, images)
    start = network.initial(np.random.default_rng(0))

    @live(scene, learning_rate=log_slider(0.01, 3.0, 0.3), batch_size=powers_of_two(1500, 64))
    def read_digits(learning_rate, batch_size):
        updates = math.ceil(1500 / batch_size)
        batches = minibatches(1500, batch_size, np.random.default_rng(1))
        every = math.ceil(updates / 2)
        runs = descend_in_pieces(
            network, start, learning_rate=learning_rate, steps=5 * updates, batches=batches, record_every=every
        )
        for run in runs:
            yield scene.show(run, updates)

    yield read_digits
    read_digits.close()


def test_the_row_shows_the_digits_that_are_read_wrongly(network, images):
    scene = figures.DigitsScene(network, images)
    run = train(network, 16, 0.3)
    words = scene.show(run, 94)
    answers = network.predict(run.end, images.test_X)
    wrong = np.flatnonzero(answers != images.test_y)
    assert f"{297 - len(wrong)} of 297" in words
    assert 1 <= len(wrong) <= scene.SHOWN
    row = scene._row.get_array()
    for k, i in enumerate(wrong):
        np.testing.assert_array_equal(row[:, 9 * k : 9 * k + 8], images.test_X[i].reshape(8, 8))
        assert scene._names[k].get_text() == f"{images.test_y[i]} as {answers[i]}"
    assert row.mask[:, 9 * len(wrong) :].all()
    assert scene._names[-1].get_text() == ""


def test_a_rate_that_is_too_large_reads_worse_than_guessing_and_says_so(reader):
    reader.set(learning_rate=3.0, batch_size=64)
    assert "worse than guessing" in reader.verdict
    reader.set(learning_rate=0.3)
    assert "worse" not in reader.verdict


def test_fifty_quick_moves_of_either_slider_end_on_the_last_setting(reader):
    """A hand on the sliders: each move drops the training before it, and nothing queues up."""

    async def hand(name, values):
        for value in values:
            reader._controls[name].value = value
            await asyncio.sleep(0)  # some of the training begins
        await reader._task

    sizes = [2**k for k in range(1, 11)]
    asyncio.run(hand("batch_size", [*(sizes * 5)[:49], 256]))
    quick = reader.verdict
    assert "Epoch 5, step 30:" in quick
    rates = reader._controls["learning_rate"].numbers
    asyncio.run(hand("learning_rate", [*rates[:49], 0.3]))
    assert reader.value == {"learning_rate": 0.3, "batch_size": 256}
    assert reader.verdict == quick  # so it is the same training


def test_a_small_batch_shows_its_progress_and_is_dropped_when_the_slider_moves_on(reader):
    seen = []
    reader._picture.observe(lambda change: seen.append(change["new"]), "words")

    async def hand():
        reader._controls["batch_size"].value = 1
        while len(seen) < 3:
            await asyncio.sleep(0.001)
        reader._controls["batch_size"].value = 512
        await reader._task

    asyncio.run(hand())
    assert [words.split(":")[0] for words in seen[:3]] == [
        "Epoch 0.5, step 750",
        "Epoch 1, step 1500",
        "Epoch 1.5, step 2250",
    ]
    assert reader.verdict.startswith("Epoch 5, step 15:")
    assert len(seen) <= 5


def test_many_moves_leave_memory_where_it_was(reader):
    def moves(count):
        for k in range(count):
            reader.set(batch_size=(256, 512, 1024, 1500)[k % 4], learning_rate=(0.1, 0.3)[k % 2])
        gc.collect()

    tracemalloc.start()
    try:
        moves(8)
        before = tracemalloc.get_traced_memory()[0]
        moves(50)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 1e6


def test_no_figure_redraws_its_background_when_it_moves(line, guess, network, images):
    """A picture that went stale would be drawn anew at each move: slow, and free to jump."""
    run = descend(line, [0.0, 0.0], learning_rate=0.1, steps=300)
    still = descend(guess, [2.7], learning_rate=0.1, steps=100)
    gradients = np.array([line.gradient(np.zeros(2), [i]) for i in range(342)])
    moves = {
        figures.WobbleScene(line, 300): lambda scene: scene.show(run, 0.01),
        figures.NoiseScene(gradients): lambda scene: scene.show(gradients, 1),
        figures.BudgetScene({1: run, 16: run, 342: run}, 342): lambda scene: scene.show("updates"),
        figures.LinearScalingScene([1, 2, 4], 0.8, (1e-3, 1e3)): lambda scene: scene.show([1, 2, 3], [1, 2, 3], 0.5),
        figures.ClockScene(342): lambda scene: scene.show(16, 0.01),
        figures.FloorScene(4.2, (2, 6), 100): lambda scene: scene.show(still, still, 0.1),
        figures.RiddleScene("ABC", 300, (0.1, 3)): lambda scene: scene.show([run] * 3),
        figures.DigitsScene(network, images): lambda scene: scene.show(train(network, 750, 0.1, 1), 2),
    }
    for scene, move in moves.items():
        scene.figure.draw_without_rendering()
        scene.figure.stale = False
        move(scene)
        assert not scene.figure.stale, type(scene).__name__


def test_the_three_budgets_count_what_they_say(line):
    runs = {size: descend(line, [0.0, 0.0], learning_rate=0.01, steps=200, record_every=20) for size in (1, 100, 342)}
    scene = figures.BudgetScene(runs, 342)
    assert scene.spent(1, "updates")[-1] == 200
    assert scene.spent(342, "epochs")[-1] == 200
    assert scene.spent(100, "epochs")[-1] == 50  # four updates an epoch, the last of them short
    assert scene.spent(342, "gradient evaluations")[-1] == 200 * 342
    assert scene.spent(1, "gradient evaluations")[-1] == 200
    at_100 = scene.show("updates")
    assert at_100[1] == at_100[342] == pytest.approx(runs[1].losses[5])
    assert np.isnan(scene.show("epochs")[1])  # 200 updates are less than five epochs


def test_the_floor_figure_measures_the_distance_from_the_best(guess):
    scene = figures.FloorScene(4.0, (2, 6), 100)
    runs = [descend(guess, [start], learning_rate=0.0, steps=100) for start in (5.0, 4.25)]
    assert scene.show(*runs, 0.1) == pytest.approx([1.0, 0.25])


def test_the_riddle_has_the_answer_of_its_exercise():
    assert batch_sizes() == HIDDEN


# --- the control --------------------------------------------------------------------------------------------
def test_powers_of_two_end_on_the_whole_data_set():
    assert powers_of_two(1500, 16).options == (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1500)
    assert powers_of_two(16, 16).options == (1, 2, 4, 8, 16)
    with pytest.raises(ValueError, match="value must be between 1 and 16, but got 32"):
        powers_of_two(16, 32)


def test_a_batch_size_that_is_not_on_the_slider_is_named(reader):
    with pytest.raises(ValueError, match=r"batch_size must be one of .*, but got 17"):
        reader.set(batch_size=17)
