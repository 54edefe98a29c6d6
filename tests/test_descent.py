"""The loop and its contract: closed forms, broadcasting, schedules, divergence, batches."""

import itertools

import numpy as np
import pytest

from gd_helpers.descent import FAR, descend, descend_in_pieces, minibatches
from gd_helpers.landscapes import beale, bowl, himmelblau
from gd_helpers.losses import LinearRegression

# A run that diverges must not warn; what other tests' kernels have left open is not ours.
OPEN = "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
pytestmark = pytest.mark.filterwarnings("error", *OPEN)

LINEAR = LinearRegression(np.random.default_rng(3).normal(size=(7, 2)), np.arange(7.0))


@pytest.mark.parametrize("lr", [0.0, 0.05, 0.2, 0.3])
def test_on_a_quadratic_each_coordinate_shrinks_by_its_own_factor(lr):
    h, start, t = np.array([1.0, 4.0, 10.0]), np.array([2.0, -1.0, 0.5]), np.arange(31)
    expected = (1 - lr * h) ** t[:, np.newaxis] * start
    run = descend(bowl(*h), start, learning_rate=lr, steps=30)
    start[:] = 9.0  # the run has its own
    np.testing.assert_allclose(run.path, expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(run.losses, (h * expected**2).sum(axis=-1) / 2, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(run.steps, t)
    assert (run.end == run.path[-1]).all()
    assert run.loss == run.losses[-1]


@pytest.mark.parametrize("rate", [0.01, lambda t: 0.3 / (1 + t), 1e9])
@pytest.mark.parametrize(("steps", "every", "piece", "recorded", "ends"), [
    (10, 4, 3, [0, 4, 8, 10], [4, 8, 10]), (10, 4, 9, [0, 4, 8, 10], [8, 10]), (10, 4, None, [0, 4, 8, 10], [10]),
    (9, 3, 3, [0, 3, 6, 9], [3, 6, 9]), (2, 5, 1, [0, 2], [2]), (0, 5, 1, [0], [0]), (2, 1, 1, [0, 1, 2], [1, 2]),
])  # fmt: skip
def test_what_is_recorded_and_in_which_pieces_changes_nothing_else(steps, every, piece, recorded, ends, rate):
    def settings():
        batches = minibatches(7, 3, np.random.default_rng(0))
        return {"learning_rate": rate, "steps": steps, "batches": batches}

    full = descend(LINEAR, [0.0, 0.0], **settings())
    runs = list(descend_in_pieces(LINEAR, [0.0, 0.0], **settings(), record_every=every, piece=piece))
    assert [run.steps[-1] for run in runs] == ends
    assert runs[-1].steps.tolist() == recorded
    np.testing.assert_array_equal(runs[-1].path, full.path[recorded])
    np.testing.assert_allclose(runs[-1].losses, full.losses[recorded], rtol=1e-14)
    assert runs[-1].diverged_at == full.diverged_at == (1 if steps and rate == 1e9 else None)


# Every start with every rate, a rate for each coordinate, a map of rate pairs, a rate of its own for the only run.
SHAPES = [((4, 1, 2), (3, 1)), ((5, 2), (2,)), ((2,), (4, 3, 2)), ((2,), (1,))]


@pytest.mark.parametrize(("of_starts", "of_rates"), SHAPES)
def test_many_runs_at_once_are_many_single_runs(of_starts, of_rates):
    rng = np.random.default_rng(5)
    starts, rates = rng.uniform(-2, 2, of_starts), rng.uniform(0.001, 0.01, of_rates)
    run = descend(himmelblau, starts, learning_rate=rates, steps=10)
    starts, rates = np.broadcast_arrays(starts, rates)
    assert (run.path.shape, run.losses.shape) == ((11, *starts.shape), (11, *starts.shape[:-1]))
    for i in np.ndindex(starts.shape[:-1]):
        single = descend(himmelblau, starts[i], learning_rate=rates[i], steps=10)
        np.testing.assert_allclose(run.path[:, *i], single.path, rtol=1e-10)
        np.testing.assert_allclose(run.losses[:, *i], single.losses, rtol=1e-10, atol=1e-15)


def test_a_schedule_gives_step_t_its_own_rate_or_rates():
    rates, left = [0.2, 0.1, 0.0, 0.4], iter([0.2, 0.1, 0.0, 0.4])
    for schedule in rates.__getitem__, lambda t: next(left):  # each step asks once
        run = descend(bowl(2.0), [1.0], learning_rate=schedule, steps=4)
        np.testing.assert_allclose(run.path[:, 0], np.cumprod([1.0] + [1 - 2 * rate for rate in rates]), rtol=1e-14)
    run = descend(bowl(1.0), [1.0], learning_rate=lambda t: np.array([[0.1], [0.2]]) / (t + 1), steps=2)
    np.testing.assert_allclose(run.end, [[0.9 * 0.95], [0.8 * 0.9]], rtol=1e-14)


def test_divergence_is_recorded_for_each_run_at_its_step_whichever_points_are_kept():
    def diverged_at(rate, steps=25, start=1.0, **options):
        return descend(bowl(1.0), [start], learning_rate=rate, steps=steps, **options).diverged_at

    assert 2**19 < FAR < 2**20  # rate 3 multiplies by -2
    assert (diverged_at(3.0), type(diverged_at(3.0))) == (20, int)
    assert diverged_at(3.0, steps=19) is None
    assert diverged_at(3.0, record_every=100) == 20
    assert diverged_at(np.array([[3.0], [0.1], [5.0]]), record_every=7).tolist() == [20, -1, 10]
    assert diverged_at(lambda t: [1e9, 1.0][t], steps=2, record_every=2) == 1  # though it comes back
    assert diverged_at(0.1, start=2 * FAR) == 0
    assert diverged_at(0.1, start=FAR) is None
    assert diverged_at(np.array([[[0.1], [3.0]], [[5.0], [2.0]]])).tolist() == [[-1, 20], [10, -1]]


@pytest.mark.parametrize("loss", [beale, bowl(1.0, 10.0)])  # to nan, and to infinity
def test_numbers_that_overflow_neither_warn_nor_raise(loss):
    run = descend(loss, [-1.2, 1.0], learning_rate=1.0, steps=2000)
    assert not np.isfinite([run.end[1], run.loss]).any()
    assert 0 < run.diverged_at < 10


@pytest.mark.parametrize("batch_size", [7, 1, 3])
def test_full_stochastic_and_mini_batch_runs_are_one_call_with_other_batches(batch_size):
    batches = list(itertools.islice(minibatches(7, batch_size, np.random.default_rng(0)), 30))
    left, w = iter(batches), np.zeros(2)
    run = descend(LINEAR, w, learning_rate=0.1, steps=20, batches=left)
    assert len(list(left)) == 10  # one is taken for each step
    for batch in batches[:20]:
        w = w - 0.1 * LINEAR.gradient(w, batch)
    np.testing.assert_allclose(run.end, w, rtol=1e-13)
    np.testing.assert_allclose(run.losses, LINEAR.value(run.path), rtol=1e-14)  # the loss on all samples
    full = descend(LINEAR, [0.0, 0.0], learning_rate=0.1, steps=20)
    assert np.allclose(full.path, run.path, rtol=1e-12) == (batch_size == 7)


def test_every_epoch_uses_every_sample_once_in_an_order_of_its_own_and_a_seed_repeats_them():
    def first_epochs(seed):
        batches = minibatches(50, 8, np.random.default_rng(seed))
        return [np.concatenate([next(batches) for _ in range(7)]).tolist() for _ in range(3)]

    one, two, three = first_epochs(0)
    assert one != two != three != one
    assert [sorted(epoch) for epoch in (one, two, three)] == [list(range(50))] * 3
    assert list(range(50)) not in (one, two, three)
    assert first_epochs(0) == [one, two, three] != first_epochs(1)
    assert next(minibatches(1, 1, np.random.default_rng(0))).tolist() == [0]


def test_with_replacement_every_sample_is_as_likely_in_every_draw():
    batches = np.array(list(itertools.islice(minibatches(5, 4, np.random.default_rng(0), replace=True), 10_000)))
    np.testing.assert_allclose(np.bincount(batches.ravel()) / 40_000, 1 / 5, atol=0.008)  # four standard errors
    distinct = np.mean([len(set(batch)) == 4 for batch in batches.tolist()])
    assert distinct == pytest.approx(4 / 5 * 3 / 5 * 2 / 5, abs=0.016)
